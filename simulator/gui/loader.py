"""Brings the heavy modules in, one after another, in one background thread.

Importing from two threads at once is not safe with all of them, so after the window is up nothing
else imports until this is done.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QThread, Signal


class _Work(QThread):
    lessons_ready = Signal()
    backend_ready = Signal(object)
    status = Signal(str)
    failed = Signal(str)

    def run(self) -> None:
        try:
            self.status.emit(self.tr("Loading the lessons"))
            import ziamath  # noqa: F401 - the first formula would wait for it

            import simulator.gui.lesson_page  # noqa: F401
            import simulator.lessons.catalogue  # noqa: F401

            self.lessons_ready.emit()
            self.status.emit(self.tr("Loading kernels"))
            from simulator.engine.backends import select

            backend = select.create("auto")
            if self.isInterruptionRequested():
                return
            self.status.emit(self.tr("Compiling kernels"))
            select.warm_up(backend)
            self.backend_ready.emit(backend)
        except Exception as error:  # whatever it is, the learner is told and the window lives on
            self.failed.emit(f"{type(error).__name__}: {error}")


class Loader(QObject):
    """Loads lessons, then the fast backend, and tells when each is there."""

    lessons_ready = Signal()
    backend_ready = Signal(object)
    status = Signal(str)
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        """Load nothing yet."""
        super().__init__(parent)
        self._work = _Work(self)
        self._work.lessons_ready.connect(self.lessons_ready)
        self._work.backend_ready.connect(self.backend_ready)
        self._work.status.connect(self.status)
        self._work.failed.connect(self.failed)

    def start(self) -> None:
        """Begin."""
        self._work.start(QThread.Priority.LowPriority)

    def stop(self) -> None:
        """Wait for the end of what can't be cut short. Called as the window closes."""
        self._work.requestInterruption()
        self._work.wait()
