"""Where the learner's own data come in: a button with the kinds of files, and dialogs for them."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from simulator.data.datasets import DATASETS, DatasetEntry
from simulator.data.datasets.settings import Place
from simulator.gui import icons, metrics
from simulator.gui.file_dialogs import FileDialogs
from simulator.gui.lab.path_field import ask_for
from simulator.gui.widgets.button import Button


def place_of(entry: DatasetEntry) -> Place | None:
    """Return the setting that tells where a data set's file is, or None where it has none."""
    return next((each for each in entry.settings if isinstance(each, Place)), None)


class OwnData(Button):
    """``chosen(id, path)`` is a file of the learner's, with the data set that reads it."""

    chosen = Signal(str, str)

    def __init__(self, dialogs: FileDialogs, parent: QWidget | None = None) -> None:
        super().__init__("", icon="folder-open", parent=parent)
        self.setText(self.tr("Open your own data…"))
        self.setAccessibleName(self.text())
        self.setToolTip(self.tr("Or drop a file or a folder anywhere on the lab."))
        self._dialogs = dialogs
        self.clicked.connect(self._offer)

    def menu_of_kinds(self) -> QMenu:
        """Return the kinds of files that can be opened."""
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        for entry in DATASETS.values():
            place = place_of(entry)
            if place is not None:
                icon = icons.icon("folder-open" if place.folder else "download")
                action = menu.addAction(icon, f"{self.tr(place.kind)}…")
                action.setToolTip(entry.summary)
                action.triggered.connect(lambda _=False, one=entry.id: self.ask(one))
        return menu

    def ask(self, identity: str) -> None:
        """Ask for the file or folder of a data set."""
        place = place_of(DATASETS[identity])
        if place is not None:
            ask_for(place, self._dialogs, lambda path: self.chosen.emit(identity, path))

    def _offer(self) -> None:
        menu = self.menu_of_kinds()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.mapToGlobal(QPoint(0, self.height() + metrics.GRID)))
