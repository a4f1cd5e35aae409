"""The place of a file or a folder: typed, or chosen in a dialog."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from simulator.data.datasets.settings import Place
from simulator.gui import metrics
from simulator.gui.file_dialogs import FileDialogs
from simulator.gui.lab.text_field import TextField
from simulator.gui.widgets.control import ControlState
from simulator.gui.widgets.icon_button import IconButton


class PathField(ControlState, QWidget):
    """``value_changed(path)`` follows a choice or what was typed; ``set_value`` is silent."""

    value_changed = Signal(str)

    def __init__(self, setting: Place, dialogs: FileDialogs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._setting = setting
        self._dialogs = dialogs
        self.setAccessibleName(setting.label)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.field = TextField(setting.label, parent=self)
        self.button = IconButton("folder-open", self.tr("Choose another"), "", parent=self)
        self.setFocusProxy(self.field)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(metrics.GRID)
        row.addWidget(self.field, 1)
        row.addWidget(self.button)
        self.field.value_changed.connect(self.value_changed)
        self.button.clicked.connect(self.browse)

    def value(self) -> str:
        """Return the path on view."""
        return self.field.value()

    def set_value(self, path: str) -> None:
        """Show another path; its end is on view, where its name stands."""
        self.field.set_value(path)
        self.field.setCursorPosition(len(path))
        self.field.setToolTip(path)

    def set_error(self, error: bool) -> None:
        """Mark the path, or no longer, as the cause of an error."""
        super().set_error(error)
        self.field.set_error(error)

    def browse(self) -> None:
        """Ask for another file or folder."""
        ask_for(self._setting, self._dialogs, self.value_changed.emit)


def ask_for(setting: Place, dialogs: FileDialogs, use: Callable[[str], None]) -> None:
    """Ask for what a setting is the place of; ``use`` is called with the path."""
    if setting.folder:
        dialogs.open_folder(dialogs.tr("Choose a folder"), use)
    else:
        endings = " ".join(f"*{ending} *{ending.upper()}" for ending in setting.endings)
        dialogs.open_file(
            dialogs.tr("Choose a file"), [f"{setting.kind.split(' (')[0]} ({endings})"], use
        )
