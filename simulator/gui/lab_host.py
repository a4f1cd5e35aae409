"""The training lab in the window: opened when the loader is done, kept while lessons are open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QUndoStack
from PySide6.QtWidgets import QMenu

from simulator.gui import icons

if TYPE_CHECKING:
    from simulator.engine.backends.base import Backend
    from simulator.gui.lab.lab_document import LabDocument
    from simulator.gui.lab.lab_page import LabPage
    from simulator.gui.lab.twin_document import TwinDocument
    from simulator.gui.loader import Loader
    from simulator.gui.main_window import MainWindow

TITLE = "Training lab"
GROUP = "Train"
ICON = "flask-conical"
RAIL_BELOW = 1500
"""The lab needs more room than a lesson: below so many pixels the list becomes a rail."""


class LabHost(QObject):
    """Makes the lab's page when it is first wanted, and puts it on view or away.

    ``openable`` tells that it can be opened if it could not before.
    """

    openable = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._name = ""
        self._loader: Loader | None = None
        self._backend: Backend | None = None  # the fast one
        self._imported = False
        self._preparing = ""
        self.page: LabPage | None = None
        self.shown = False

    @property
    def document(self) -> LabDocument | None:
        """Return the lab's document while it is on view."""
        return self.page.document if self.page is not None and self.shown else None

    @property
    def driven(self) -> LabDocument | TwinDocument | None:
        """Return what the keys drive while the lab is on view: its training, or twins."""
        return self.page.driven if self.page is not None and self.shown else None

    @property
    def undo_stack(self) -> QUndoStack | None:
        """Return the edits of the lab while it is on view; beside twins nothing is edited."""
        if self.page is None or not self.shown or self.page.twins is not None:
            return None
        return self.page.document.undo_stack

    def close_twins(self) -> bool:
        """Put twins away; whether there were any."""
        if self.page is None or not self.shown or self.page.twins is None:
            return False
        self.page.close_twins()
        return True

    def show(self, backend: Backend) -> None:
        """Put the lab on view; it is as it was left. While kernels are still being compiled it
        begins without them.
        """
        from simulator.engine.backends.base import Backend as Plain  # noqa: PLC0415 - it is there

        if self._loader is not None and self._loader.busy:
            backend = Plain()
        self.shown = True
        page = self.page or self._make(backend)
        page.show()
        page.setFocus(Qt.FocusReason.OtherFocusReason)
        self.show_name()
        page.show_status()

    def follow(self, loader: Loader) -> None:
        """Be openable as soon as a loader allows, and take its backend once all is compiled."""
        self._loader = loader
        loader.lab_ready.connect(self._take_imports)
        loader.preparing.connect(self._say_preparing)
        loader.backend_ready.connect(self._take_backend)
        loader.finished.connect(self._finish)

    def may_open(self) -> bool:
        """Return whether nothing else is being imported any more, or that doesn't matter."""
        return self._imported or self._loader is None or not self._loader.busy

    def _take_imports(self) -> None:
        self._imported = True
        self.openable.emit()

    def _say_preparing(self, what: str) -> None:
        """Say which kernels are being prepared; nothing once all are there."""
        self._preparing = what
        if self.page is not None:
            self.page.set_preparing(what)

    def _take_backend(self, backend: Backend) -> None:
        """Keep a backend until all of it is compiled: training needs more than lessons do."""
        self._backend = backend
        if self._loader is None or not self._loader.busy:
            self._finish()

    def _finish(self) -> None:
        self._say_preparing("")
        if self.page is not None and self._backend is not None:
            self.page.use_backend(self._backend)
        self.openable.emit()

    def hide(self) -> None:
        """Put it away; what it learned stays, and it trains no further."""
        if self.shown:
            self.shown = False
            self._window.bar.set_status("")
            if self.page is not None:
                self.page.pause()
                self.page.hide()

    def close(self) -> None:
        """End its thread, for good."""
        if self.page is not None:
            self.page.close_lab()

    def show_name(self) -> None:
        """Say in the bar what is open."""
        self._window.bar.set_breadcrumb(TITLE, self._name or self.tr("a network"))

    def show_menu(self) -> None:
        """Offer what can be done with files."""
        page, window = self.page, self._window
        if page is None:
            return
        menu = QMenu(window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for words, icon, keys, run in (
            (self.tr("Open a project…"), "folder-open", "Ctrl+O", page.files.open),
            (self.tr("Import an ONNX network…"), "folder-open", "", page.files.import_onnx),
            (self.tr("Save the project"), "save", "Ctrl+S", page.files.save),
            (self.tr("Save the project as…"), "save", "", page.files.save_as),
            (self.tr("Save the Keras source…"), "download", "", page.files.exports.ask_source),
            (
                self.tr("Export for Keras, with weights…"),
                "download",
                "",
                lambda: page.files.exports.ask("keras"),
            ),
            (
                self.tr("Export for PyTorch, with weights…"),
                "download",
                "",
                lambda: page.files.exports.ask("pytorch"),
            ),
            (
                self.tr("Export as ONNX, with weights…"),
                "download",
                "",
                lambda: page.files.exports.ask("onnx"),
            ),
        ):
            action = QAction(icons.icon(icon), f"{words}\t{keys}" if keys else words, menu)
            action.triggered.connect(run)
            menu.addAction(action)
        menu.popup(window.bar.menu_corner(menu.sizeHint().width()))

    def _make(self, backend: Backend) -> LabPage:
        # Heavy, and imported by nobody else meanwhile: the loader is done.
        from simulator.gui.lab.lab_page import LabPage  # noqa: PLC0415

        page = LabPage(backend, self._window)
        self.page = page
        self._window.take_page(page)
        page.set_preparing(self._preparing)
        page.status_changed.connect(self._show_status)
        page.document.undo_stack.indexChanged.connect(self._window.show_undo)
        page.twins_changed.connect(self._window.show_undo)
        page.document.lesson_wanted.connect(self._window.open_state)
        page.files.named.connect(self._take_name)
        page.document.program_changed.connect(self._show_program)
        self._show_program()
        page.files.copies.offer()
        return page

    def _show_status(self, words: str, colour: int) -> None:
        if self.shown:
            self._window.bar.set_status(words, colour)

    def _show_program(self) -> None:
        """Until it has a file, a project is called by its preset or by its network."""
        page = self.page
        if page is not None and not page.files.has_name:
            program, title = page.document.program, page.document.state.title
            self._name = title or ("" if program is None else program.network.name)
            if self.shown:
                self.show_name()

    def _take_name(self, name: str) -> None:
        if name:
            self._name = name
            self.show_name()
        else:
            self._show_program()
