"""Trains what an open lesson watches, ahead of the learner, on a thread of its own."""

from __future__ import annotations

from time import monotonic

from PySide6.QtCore import QObject, QThread, Signal

from simulator.gui import garbage, handing_over
from simulator.lessons.training_courses import Course

SLICE = 0.004
"""Seconds of training after which the window gets its turn."""
REST_MILLISECONDS = 4
"""And so long it rests: both hold Python's lock, and the window is to stay smooth."""
TOLD_EVERY = 1 / 20
"""Seconds between two signals at least: one part of the picture follows each of them."""


class CourseWorker(QThread):
    """Trains courses up to their states, by turns. ``advanced`` tells, now and then, of more."""

    advanced = Signal()

    def __init__(
        self, courses: tuple[tuple[Course, int], ...], parent: QObject | None = None
    ) -> None:
        """Train each course up to its state once it is started."""
        super().__init__(parent)
        self.courses = courses
        self._attends = False

    def begin(self) -> None:
        """Start: from now on whoever looks at a course takes what there is."""
        self._attends = True
        for course, _ in self.courses:
            course.attend()
        self.start()

    def run(self) -> None:
        with garbage.kept(), handing_over.sooner():
            told = monotonic()
            going = list(self.courses)
            while going and not self.isInterruptionRequested():
                going = [
                    (course, state) for course, state in going if course.reach(state, seconds=SLICE)
                ]
                self.msleep(REST_MILLISECONDS)
                if monotonic() - told > TOLD_EVERY:
                    told = monotonic()
                    self.advanced.emit()
            self._leave()
            self.advanced.emit()

    def _leave(self) -> None:
        if self._attends:
            self._attends = False
            for course, _ in self.courses:
                course.leave()

    def stop(self) -> None:
        """Stop and wait until it has."""
        self.requestInterruption()
        self.wait()
        self._leave()
