"""The bar under the stage that plays, steps and seeks; it never folds away."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSignalBlocker, QSize, Signal
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from simulator.gui import metrics, theme
from simulator.gui.widgets import position, scrub_bar
from simulator.gui.widgets.choice import Choice
from simulator.gui.widgets.icon_button import IconButton
from simulator.gui.widgets.painting import painting
from simulator.gui.widgets.play_button import DIAMETER, PlayButton
from simulator.gui.widgets.position import Position
from simulator.gui.widgets.scrub_bar import ScrubBar
from simulator.gui.widgets.segmented import Segmented
from simulator.gui.widgets.speed_choice import SpeedChoice

_EDGE = 20
"""From the bar's edge to the track, and to the last button."""
_SCRUB_MIDDLE = 22
_MIDDLE = 63
"""Where the buttons' middle lies, from the top."""
_FIRST_LEFT = 16
_STEP_PITCH = 34
_PLAY_GAP = 4
_POSITION_GAP = 38
_GAP = 8
_LEAST_GAP = 12


class Transport(QWidget):
    """First, back, play, forward, last; where the lesson is; level, speed and loop.

    It knows no timeline: setters show a state, silently, and signals tell what the learner asks
    for. Steps are counted from 0 and shown counted from 1. Where it is narrow, captions shorten
    and the levels become a list; nothing disappears.
    """

    first = Signal()
    back = Signal()
    toggled = Signal()
    forward = Signal()
    last = Signal()
    sought = Signal(int)
    level_chosen = Signal(str)
    speed_chosen = Signal(float)
    loop_chosen = Signal(bool)

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Player"))
        self.setFixedHeight(metrics.TRANSPORT)
        self.setMinimumWidth(metrics.TRANSPORT_LEAST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._scrub = ScrubBar(parent=self)
        side = metrics.ICON_TRANSPORT
        self._first = IconButton("skip-back", self.tr("First step"), "Home", side=side, parent=self)
        self._back = IconButton("step-back", self.tr("Step back"), "Left", side=side, parent=self)
        self._play = PlayButton(parent=self)
        self._forward = IconButton(
            "step-forward", self.tr("Step forward"), "Right", side=side, parent=self
        )
        self._last = IconButton("skip-forward", self.tr("Last step"), "End", side=side, parent=self)
        self._position = Position(parent=self)
        unknown = [("", "")]
        self._levels = Segmented(self.tr("Level"), unknown, parent=self)
        self._level_list = Choice(self.tr("Level"), [("", "", None)], parent=self)
        self._speed = SpeedChoice(parent=self)
        self._loop = IconButton("repeat", self.tr("Repeat"), "L", framed=True, parent=self)
        self._loop.setCheckable(True)
        self._connect()

    def set_length(self, length: int) -> None:
        """Change the number of steps; a step beyond the new end becomes the last."""
        if length != self._scrub.length():
            self._scrub.set_length(length)
            self._position.set_length(length)
            self._arrange()

    def set_step(self, step: int) -> None:
        """Show a step; raise ValueError if there is no such step."""
        self._scrub.set_step(step)
        self._position.set_step(step)

    def set_ticks(self, steps: Sequence[int]) -> None:
        """Mark steps on the scrub bar."""
        self._scrub.set_ticks(steps)

    def set_playing(self, playing: bool) -> None:
        """Offer to pause, or to play."""
        self._play.set_playing(playing)

    def set_levels(self, levels: Sequence[tuple[str, str]], level: str | None = None) -> None:
        """Offer levels, pairs of a key and its words; ``level`` or else the first is chosen."""
        self._levels.set_options(levels, level)
        with QSignalBlocker(self._level_list):
            self._level_list.set_options([(key, words, None) for key, words in levels], level)
        self._arrange()

    def set_level(self, level: str) -> None:
        """Show a level; raise ValueError if it is not offered."""
        with QSignalBlocker(self._levels), QSignalBlocker(self._level_list):
            self._levels.set_value(level)
            self._level_list.set_value(level)

    def set_speed(self, speed: float) -> None:
        """Show a speed; raise ValueError if no timeline has it."""
        self._speed.set_speed(speed)

    def set_loop(self, loop: bool) -> None:
        """Show whether it starts over at the end."""
        self._loop.setChecked(loop)

    def set_pips(self, done: int, total: int, caption: str) -> None:
        """Show the ``done``-th of ``total`` parts of a greater step, such as "product 6 of 9"."""
        before = self._position.sizeHint()
        self._position.set_pips(done, total, caption)
        if self._position.sizeHint() != before:
            self._arrange()

    def sizeHint(self) -> QSize:
        return QSize(metrics.STAGE_LEAST[0], metrics.TRANSPORT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        with painting(self) as painter:
            painter.fillRect(self.rect(), theme.colour("panel"))
            line = QRectF(0, 0, self.width(), metrics.HAIRLINE)
            painter.fillRect(line, theme.colour("hairline"))

    def _connect(self) -> None:
        for button, signal in (
            (self._first, self.first),
            (self._back, self.back),
            (self._play, self.toggled),
            (self._forward, self.forward),
            (self._last, self.last),
        ):
            button.clicked.connect(lambda _=False, signal=signal: signal.emit())
        self._scrub.sought.connect(self._position.set_step)
        self._scrub.sought.connect(self.sought)
        for levels in (self._levels, self._level_list):
            levels.value_changed.connect(self._choose_level)
        self._speed.speed_changed.connect(self.speed_chosen)
        self._loop.clicked.connect(self.loop_chosen)

    def _choose_level(self, level: str) -> None:
        self.set_level(level)
        self.level_chosen.emit(level)

    def _arrange(self) -> None:
        """Place everything, with as much in words as there is room for."""
        beyond = _EDGE - scrub_bar.MARGIN
        height = self._scrub.sizeHint().height()
        self._scrub.setGeometry(
            beyond, _SCRUB_MIDDLE - height // 2, self.width() - 2 * beyond, height
        )
        left = self._arrange_buttons()
        for detail, as_list, gap in (
            (position.FULL, False, _POSITION_GAP),
            (position.FULL, False, _LEAST_GAP),
            (position.SHORT, False, _LEAST_GAP),
            (position.TIGHT, False, _LEAST_GAP),
            (position.SHORT, True, _LEAST_GAP),
            (position.TIGHT, True, _LEAST_GAP),
            (position.NUMBERS, True, _LEAST_GAP),
        ):
            self._speed.set_compact(detail == position.NUMBERS)
            levels = self._level_list if as_list else self._levels
            right = levels.sizeHint().width() + self._speed.sizeHint().width() + metrics.ROW
            needed = left + gap + self._position.width_at(detail) + _LEAST_GAP + right + 2 * _GAP
            if needed + _EDGE <= self.width():
                break
        self._levels.setVisible(not as_list)
        self._level_list.setVisible(as_list)
        self._position.set_detail(detail)
        size = self._position.sizeHint()
        # The two lines of text lie around the buttons' middle.
        self._position.setGeometry(left + gap, _MIDDLE + 1 - size.height() // 2, *size.toTuple())
        end = self.width() - _EDGE
        for widget in (self._loop, self._speed, levels):
            width = widget.sizeHint().width()
            widget.setGeometry(end - width, _MIDDLE - metrics.ROW // 2, width, metrics.ROW)
            end -= width + _GAP

    def _arrange_buttons(self) -> int:
        """Place the five buttons; return where they end."""
        side = metrics.ROW
        top = _MIDDLE - side // 2
        x = _FIRST_LEFT
        for button in (self._first, self._back):
            button.setGeometry(x, top, side, side)
            x += _STEP_PITCH
        x += side - _STEP_PITCH + _PLAY_GAP
        self._play.setGeometry(x, _MIDDLE - DIAMETER // 2, DIAMETER, DIAMETER)
        x += DIAMETER + _PLAY_GAP
        for button in (self._forward, self._last):
            button.setGeometry(x, top, side, side)
            x += _STEP_PITCH
        return x - _STEP_PITCH + side
