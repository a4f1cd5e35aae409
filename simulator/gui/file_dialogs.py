"""Dialogs that ask for a file or a folder, and remember where the learner was last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from simulator.gui.settings import Memory


class FileDialogs(QObject):
    """They block the window but not the program, and go when they are done."""

    def __init__(self, window: QWidget, what: str) -> None:
        """``what`` names the things asked for: each has a folder of its own to begin in."""
        super().__init__(window)
        self._window = window
        self._what = what
        self._memory = Memory()

    @property
    def folder(self) -> str:
        """Return where the next dialog begins."""
        remembered = self._memory.folder_of(self._what)
        return remembered if remembered and Path(remembered).is_dir() else str(Path.home())

    def open_file(self, title: str, filters: Sequence[str], use: Callable[[str], None]) -> None:
        """Ask for a file; ``use`` is called with its path, if one is chosen."""
        dialog = QFileDialog(self._window, title, self.folder)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([*filters, self.tr("All files") + " (*)"])
        self._ask(dialog, use)

    def open_folder(self, title: str, use: Callable[[str], None]) -> None:
        """Ask for a folder; ``use`` is called with its path, if one is chosen."""
        dialog = QFileDialog(self._window, title, self.folder)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        self._ask(dialog, use)

    def remember(self, path: str) -> None:
        """Begin the next dialog beside this file or folder."""
        self._memory.keep_folder(self._what, str(Path(path).parent))

    def _ask(self, dialog: QFileDialog, use: Callable[[str], None]) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.remember)
        dialog.fileSelected.connect(use)
        dialog.open()
