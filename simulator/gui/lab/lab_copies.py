"""Copies of what is open in the lab, kept against a crash and offered after one.

A copy is put together in the thread that trains, and written while the training goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import platformdirs
from PySide6.QtCore import QObject, QTimer

from simulator import APPLICATION
from simulator.formats import project_file
from simulator.formats.project import Project, ProjectError
from simulator.formats.project_autosave import Autosave, LeftBehind, left_behind
from simulator.gui.lab.lab_document import LabDocument
from simulator.gui.lab.training_news import Told

AUTOSAVE_MS = 60_000


def autosave_folder() -> Path:
    """Return where what is open is kept against a crash."""
    return platformdirs.user_data_path(APPLICATION, appauthor=False) / "autosave"


class Files(Protocol):
    """What makes projects of what is open, and opens others in its place."""

    @property
    def path(self) -> Path | None:
        """Return the open project's file."""
        ...

    def twins_step(self) -> int:
        """Return how far twins were trained; 0 where there are none."""
        ...

    def untrained(self) -> Project | None:
        """Return what is to be kept where there is no training; None where there is one."""
        ...

    def have_made(self, use: Callable[[Project], None], refused: Callable[[str], None]) -> None:
        """Have something done with the open project, in the training's thread."""
        ...

    def open_whole(self, project: Project, name: str, lost: tuple[str, ...], said: str) -> bool:
        """Put what is whole of a project in the place of what is open; whether that could be
        begun. ``said`` is told once it is there.
        """
        ...


class LabCopies(QObject):
    """Keeps a copy from time to time while there is something new; what can't be written is told
    once, and tried again.
    """

    def __init__(self, document: LabDocument, files: Files) -> None:
        """For the project of a document, which ``files`` makes."""
        super().__init__(document)
        self._document = document
        self._files = files
        self._first = document.state
        self._kept: tuple[object, ...] = ()
        self._copies: Autosave | None = None
        self._missed = ""  # what was in the way of the last copy; told already
        self._left: LeftBehind | None = None  # until there is a copy of what came of it
        self._opened = False
        self._timer = QTimer(self)
        self._timer.setInterval(AUTOSAVE_MS)
        self._timer.timeout.connect(self.keep)
        self._timer.start()
        document.snapshot_changed.connect(self._take_over)

    def keep(self) -> None:
        """Keep what there is against a crash, if it is new."""
        document = self._document
        state, snapshot, twins = document.state, document.snapshot, self._files.twins_step()
        trained = snapshot is not None and snapshot.step > 0
        if not trained and not twins and state == self._first:
            return
        place = None if snapshot is None else (snapshot.branch, snapshot.step)
        now = (state, place, twins)
        if (now == self._kept and not self._missed) or state.program is None:
            return
        self._kept = now
        original = self._files.path
        try:
            copies = self._copies = self._copies or Autosave(autosave_folder())
            untrained = self._files.untrained()
            if untrained is not None:
                copies.save(untrained, original)
                self._let_go()
                return
        except (ProjectError, MemoryError) as error:
            self._refused(str(error))
            return

        def use(project: Project) -> None:
            copies.save_aside(
                project, original, failed=lambda error: self._refused(str(error)), done=self._let_go
            )

        self._files.have_made(use, self._refused)

    def wait(self) -> None:
        """Wait for a copy that is being written."""
        if self._copies is not None:
            self._copies.wait()

    def stop(self) -> None:
        """Keep no more copies from now on."""
        self._timer.stop()

    def forget(self) -> None:
        """Let go of what was kept: the lab was closed as it should be."""
        self.stop()
        if self._copies is not None:
            self._copies.close()
            self._copies = None
        self._let_go()

    def offer(self) -> None:
        """Open what was left behind by a crash, if there is something, undoably. It is let go of
        once a copy of what came of it is kept.
        """
        for left in left_behind(autosave_folder())[:1]:
            name = (left.original or left.path).name
            try:
                project, lost = project_file.salvage(left.path)
            except ProjectError as error:
                words = self.tr(
                    "The lab was not closed as it should have been, and the copy of what it had is "
                    "damaged. {0}"
                )
                self._document.told.emit(words.format(error), True, -1)
                left.discard()
                return
            said = self.tr(
                "The lab was not closed as it should have been. This is what it had; undo leads "
                "back."
            )
            if self._files.open_whole(project, name, lost, said):
                self._left = left
            else:
                left.discard()

    def _refused(self, why: str) -> None:
        """Say once that no copy can be kept; whichever thread finds that out."""
        told, self._missed = self._missed, why
        if not told:
            words = self.tr(
                "No copy can be kept against a crash: {0} It is tried again; save the project "
                "yourself meanwhile."
            )
            self._document.loop.tell(Told(words.format(why), error=True))

    def _take_over(self) -> None:
        """Keep a copy of our own of what was left behind, as soon as it is open."""
        if self._left is not None and not self._opened:
            self._opened = True
            self.keep()

    def _let_go(self) -> None:
        """Let go of what was left behind: there is a copy of it, or nobody needs one."""
        left, self._left, self._missed = self._left, None, ""
        if left is not None:
            left.discard()
