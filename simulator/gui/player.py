"""The player: the only clock. It ticks while there is something to move."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from PySide6.QtCore import QObject, Qt, QTimer

from simulator.gui.document import Document

FRAME_MILLISECONDS = 16
LONGEST_TICK = 0.25
"""Seconds. After a hiccup the player goes on from where it was instead of leaping."""


class Player(QObject):
    """Lets time pass for a document."""

    def __init__(
        self,
        document: Document,
        parent: QObject | None = None,
        *,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Follow ``document``; ``clock`` counts seconds."""
        super().__init__(parent)
        self._document = document
        self._clock = clock
        self._last = 0.0
        self._stopped = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(FRAME_MILLISECONDS)
        self._timer.timeout.connect(self.tick)
        document.play_changed.connect(self._wake)
        document.view_changed.connect(self._wake)

    @property
    def ticking(self) -> bool:
        """Return whether the clock runs."""
        return self._timer.isActive()

    def tick(self) -> None:
        """Let the time pass that has passed since the last tick."""
        now = self._clock()
        self._document.tick(min(now - self._last, LONGEST_TICK))
        self._last = now
        if not self._document.timeline.moving:
            self._timer.stop()

    def stop(self) -> None:
        """Stop the clock for good."""
        self._stopped = True
        self._timer.stop()

    def _wake(self) -> None:
        if self._document.timeline.moving and not self.ticking and not self._stopped:
            self._last = self._clock()
            self._timer.start()
