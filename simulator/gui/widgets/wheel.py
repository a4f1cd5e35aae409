"""Wheels and touch pads, counted in whole notches."""

from __future__ import annotations

from PySide6.QtGui import QWheelEvent

_NOTCH = 120
"""Eighths of a degree in one notch."""


class Notches:
    """Adds up a wheel's movement until it makes whole notches; fine wheels send parts of one."""

    def __init__(self) -> None:
        self._rest = 0

    def turned(self, event: QWheelEvent) -> int:
        """Return by how many notches the wheel has turned; up, or to the right, is positive."""
        turn = event.angleDelta().y() or -event.angleDelta().x()
        if turn * self._rest < 0:
            self._rest = 0
        self._rest += turn
        notches = int(self._rest / _NOTCH)
        self._rest -= notches * _NOTCH
        return notches
