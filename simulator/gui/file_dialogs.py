"""Dialogs that ask for a file or a folder, and remember where the learner was last: the one way in
which any part of the window asks for one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from simulator.gui.settings import Memory


class FileDialogs(QObject):
    """They block the window but not the program, and go when they are done."""

    def __init__(self, window: QWidget, what: str, *, first: str = "") -> None:
        """``what`` names the things asked for: each has a folder of its own to begin in, at first
        ``first`` or else the learner's home.
        """
        super().__init__(window)
        self._window = window
        self._what = what
        self._first = first
        self._memory = Memory()

    @property
    def folder(self) -> str:
        """Return where the next dialog begins."""
        remembered = self._memory.folder_of(self._what)
        known = (each for each in (remembered, self._first) if each and Path(each).is_dir())
        return next(known, str(Path.home()))

    def open_file(self, title: str, filters: Sequence[str], use: Callable[[str], object]) -> None:
        """Ask for a file; ``use`` is called with its path, if one is chosen."""
        dialog = QFileDialog(self._window, title, self.folder)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([*filters, self.tr("All files") + " (*)"])
        self._ask(dialog, use)

    def open_folder(self, title: str, use: Callable[[str], object]) -> None:
        """Ask for a folder; ``use`` is called with its path, if one is chosen."""
        dialog = QFileDialog(self._window, title, self.folder)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        self._ask(dialog, use)

    def save_file(
        self, title: str, name: str, filters: Sequence[str], use: Callable[[str], object]
    ) -> None:
        """Ask where to save a file, offered as ``name``; ``use`` is called with its path, to which
        the name's ending is added where none was typed.
        """
        dialog = QFileDialog(self._window, title, self.folder)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(Path(name).suffix.removeprefix("."))
        dialog.setNameFilters(list(filters))
        dialog.selectFile(name)
        self._ask(dialog, use)

    def remember(self, path: str) -> None:
        """Begin the next dialog beside this file or folder."""
        self._memory.keep_folder(self._what, str(Path(path).parent))

    def _ask(self, dialog: QFileDialog, use: Callable[[str], object]) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.remember)
        dialog.fileSelected.connect(use)
        dialog.open()
