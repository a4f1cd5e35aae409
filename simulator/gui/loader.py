"""Brings the heavy modules in, one after another, in one background thread.

Two things are not safe: importing from two threads at once, and defining or first using a class of
Qt in any thread but the window's, which ends in a crash one time in twenty. So the thread imports
what knows no Qt. It rests while the window imports its own part, between its events, and opens a
lesson; and nothing else is imported anywhere until all this is done.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSemaphore, QThread, QTimer, Signal

from simulator.gui import garbage

if TYPE_CHECKING:
    from simulator.engine.backends.base import Backend

Lessons = Mapping[str, Mapping[str, object]]
"""The settings that each lesson was left with, by its id."""

LESSON_MODULES = (
    "numpy.ma",
    "ziamath",
    "PIL.Image",
    "PIL.BmpImagePlugin",
    "PIL.GifImagePlugin",
    "PIL.JpegImagePlugin",
    "PIL.PngImagePlugin",
    "PIL.PpmImagePlugin",
    "PIL.WebPImagePlugin",
    "simulator.engine.chains",
    "simulator.gui.preparation",
    "simulator.lessons.catalogue",
    "simulator.lessons.texts",
)
"""What a lesson needs, including what the modules among them would only import when asked to."""

LAB_MODULES = (
    "simulator.formats.keras_reader",
    "simulator.formats.keras_writer",
    "simulator.formats.presets",
    "simulator.lab",
)
"""What the lab needs and knows no Qt: last, because lessons open without it."""

WINDOW_MODULES = (
    "simulator.gui.document",
    "simulator.gui.stage.stage",
    "simulator.gui.panel.lesson_panel",
    "simulator.gui.lesson_page",
    "simulator.gui.picture_loader",
)
"""What shows a lesson: each takes the window some 20 milliseconds to import."""


LAB_WINDOW_MODULES = (
    "simulator.gui.lab.chart",
    "simulator.gui.lab.lab_document",
    "simulator.gui.lab.lab_views",
    "simulator.gui.lab.program_panel",
    "simulator.gui.lab.lab_page",
)
"""What shows the lab: imported ahead only where compiling will take minutes."""


class _Work(QThread):
    lessons_imported = Signal()
    lab_imported = Signal()
    preparing = Signal(str)
    backend_ready = Signal(object)
    status = Signal(str)
    failed = Signal(str)

    def __init__(self, lessons: Lessons, parent: QObject) -> None:
        super().__init__(parent)
        self._lessons = list(lessons.items())
        self.lesson_shown = QSemaphore()
        self.lab_shown = QSemaphore()

    def run(self) -> None:
        with garbage.kept():
            try:
                self._load()
            except Exception as error:  # whatever it is, the learner is told and the app lives on
                self.failed.emit(_told(error))
            gc.freeze()  # what is there by now stays, and no later collection looks at it

    def _load(self) -> None:
        self.status.emit(self.tr("Loading the lessons"))
        for name in LESSON_MODULES:
            if self.isInterruptionRequested():
                return
            import_module(name)
        self._prepare(self._lessons[:1])
        self.lessons_imported.emit()
        self.lesson_shown.acquire()
        if self.isInterruptionRequested():
            return
        cache = import_module("simulator.engine.backends.cache")
        lab_first = not cache.is_complete()
        if lab_first and not self._bring_lab():
            return
        self.status.emit(self.tr("Loading kernels"))
        self.preparing.emit(self.tr("operations"))
        select = import_module("simulator.engine.backends.select")
        backend = select.create("auto")
        if self.isInterruptionRequested():
            return
        self.status.emit(self.tr("Compiling kernels"))
        warm_up = import_module("simulator.engine.backends.warm_up")
        warm_up.operations(backend)
        self.backend_ready.emit(backend)
        if lab_first:
            self._prepare(self._lessons[1:])  # the kernels of training may take a minute
        elif not self._import_lab():
            return
        for name in warm_up.training(backend):
            if self.isInterruptionRequested():
                return
            self.preparing.emit(name)
        cache.note_complete()
        self._prepare(self._lessons, backend)
        if backend.programs_ready:  # by them is trained what a lesson shows from now on
            self.backend_ready.emit(backend)

    def _bring_lab(self) -> bool:
        """Have all of the lab imported and opened, if it is wanted; False if there is to be no
        more.
        """
        if not self._import_lab():
            return False
        self.lab_imported.emit()
        self.lab_shown.acquire()
        return not self.isInterruptionRequested()

    def _import_lab(self) -> bool:
        for name in LAB_MODULES:
            if self.isInterruptionRequested():
                return False
            import_module(name)
        return True

    def _prepare(
        self, lessons: list[tuple[str, Mapping[str, object]]], backend: Backend | None = None
    ) -> None:
        from simulator.gui.preparation import prepare_lesson  # noqa: PLC0415 - loaded above

        for lesson, kept in lessons:
            if not self.isInterruptionRequested():
                prepare_lesson(lesson, kept, backend)


class Loader(QObject):
    """Loads lessons, then the fast backend, and tells when each is there.

    What listens to ``lessons_ready`` opens a lesson, and what listens to ``lab_ready`` the lab.
    ``preparing(what)`` names the kernels that are being compiled or fetched.
    """

    lessons_ready = Signal()
    lab_ready = Signal()
    """The lab can be opened though kernels are still to be compiled; else it can when all is over.
    """
    preparing = Signal(str)
    backend_ready = Signal(object)
    """Its operations are there; and once more when its programs are compiled, too."""
    status = Signal(str)
    failed = Signal(str)
    finished = Signal()
    """All is loaded that ever will be, or could not be."""

    def __init__(self, lessons: Lessons | None = None, parent: QObject | None = None) -> None:
        """Load nothing yet. Of the lessons to prepare, the first is the one that is opened.

        Where the kernels were never compiled to the end, the lab comes before them.
        """
        super().__init__(parent)
        self._to_import = list(WINDOW_MODULES)
        self._of_lab = list(LAB_WINDOW_MODULES)
        self._work = _Work(lessons or {}, self)
        self._work.lessons_imported.connect(self._import_next)
        self._work.lab_imported.connect(self._import_next_of_lab)
        self._work.preparing.connect(self.preparing)
        self._work.backend_ready.connect(self.backend_ready)
        self._work.status.connect(self.status)
        self._work.failed.connect(self.failed)
        self._work.finished.connect(self.finished)

    @property
    def busy(self) -> bool:
        """Return whether it still loads."""
        return self._work.isRunning()

    def start(self) -> None:
        """Begin."""
        self._work.start(QThread.Priority.LowPriority)

    def stop(self) -> None:
        """Begin nothing more, and wait for what can't be cut short, such as a compilation.

        A thread that runs Python is never killed.
        """
        self._work.requestInterruption()
        self._work.lesson_shown.release()
        self._work.lab_shown.release()
        self._work.wait()

    def _import_next(self) -> None:
        if not self._imports_one(self._to_import, self._import_next):
            self.lessons_ready.emit()
            # The lesson is painted before a timer gets its turn, unless it is one of no time.
            QTimer.singleShot(1, self._work.lesson_shown.release)

    def _import_next_of_lab(self) -> None:
        if not self._imports_one(self._of_lab, self._import_next_of_lab):
            self.lab_ready.emit()
            QTimer.singleShot(1, self._work.lab_shown.release)

    def _imports_one(self, left: list[str], go_on: Callable[[], None]) -> bool:
        """Import one of those that are left, and go on soon; False where all are there."""
        if self._work.isInterruptionRequested():
            return True
        if not left:
            return False
        try:
            import_module(left.pop(0))
        except Exception as error:
            self.failed.emit(_told(error))
            self.stop()
        else:
            QTimer.singleShot(0, go_on)
        return True


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
