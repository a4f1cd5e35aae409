"""The player: the only clock. It ticks while there is something to move."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer

from simulator.gui.document import Document

FRAME_MILLISECONDS = 16
LONGEST_TICK = 0.25
"""Seconds. After a hiccup the player goes on from where it was instead of leaping."""


class Player(QObject):
    """Lets time pass for a document."""

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        """Follow ``document``."""
        super().__init__(parent)
        self._document = document
        self._elapsed = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(FRAME_MILLISECONDS)
        self._timer.timeout.connect(self._tick)
        document.play_changed.connect(self._wake)
        document.step_changed.connect(self._wake)

    def stop(self) -> None:
        """Stop the clock for good."""
        self._timer.stop()

    def _wake(self) -> None:
        if self._document.timeline.moving and not self._timer.isActive():
            self._elapsed.start()
            self._timer.start()

    def _tick(self) -> None:
        seconds = min(self._elapsed.restart() / 1000, LONGEST_TICK)
        self._document.tick(seconds)
        if not self._document.timeline.moving:
            self._timer.stop()
