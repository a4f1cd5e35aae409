"""How fast a lesson plays."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QWidget

from simulator.gui import fonts, metrics
from simulator.gui.widgets.choice import Choice
from simulator.traces.timeline import SPEEDS

_FRACTIONS = {Fraction(1, 4): "¼", Fraction(1, 2): "½"}


def speed_words(speed: float) -> str:
    """Return a speed as it is written: ``×½``, ``×16``."""
    return "×" + _FRACTIONS.get(Fraction(speed), f"{speed:g}")


class SpeedChoice(Choice):
    """The speeds that a timeline knows, ``×1`` at first."""

    speed_changed = Signal(float)

    _compact = False
    _chevron_gap = 1

    def __init__(self, *, speeds: Sequence[float] = SPEEDS, parent: QWidget | None = None) -> None:
        options = [(repr(speed), speed_words(speed), None) for speed in speeds]
        super().__init__("", options, value=repr(1.0), parent=parent)
        self.setAccessibleName(self.tr("Speed"))
        self.value_changed.connect(lambda key: self.speed_changed.emit(float(key)))

    def speed(self) -> float:
        """Return how many times faster than normal."""
        return float(self.value())

    def set_speed(self, speed: float) -> None:
        """Show a speed, silently; raise ValueError if the timeline does not know it."""
        with QSignalBlocker(self):
            self.set_value(repr(float(speed)))
        self.update()

    def set_compact(self, compact: bool) -> None:
        """Leave the icon out, where there is little room."""
        if compact != self._compact:
            self._compact = compact
            self.updateGeometry()
            self.update()

    def text_font(self, words: str) -> QFont:
        # The tiny digits of a fraction can be read in the interface's font only.
        if any(sign in words for sign in _FRACTIONS.values()):
            return fonts.ui(metrics.BODY, metrics.MEDIUM)
        return fonts.mono(metrics.NOTE, metrics.MEDIUM)

    def icon_side(self) -> int:
        return metrics.ICON

    def closed_icon(self) -> str:
        return "" if self._compact else "gauge"
