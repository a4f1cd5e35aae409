"""The bar that shows how far a lesson has come, and takes it elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from simulator.gui import metrics, theme
from simulator.gui.widgets import focus
from simulator.gui.widgets.bubble import Bubble
from simulator.gui.widgets.control import ControlState
from simulator.gui.widgets.painting import painting, panel
from simulator.gui.widgets.wheel import Notches

Key = Qt.Key
MARGIN = 8
"""From the widget's edge to the end of the track: half a handle."""
LONGEST = 1_000_000_000
"""Steps at most; Qt's sliders count in 32 bits."""
_HEIGHT = 24
_TRACK = 4
_HANDLE = 14
_RING = 2
_TICK = 9
_TICK_LEAST_GAP = 4
_PAGES = 20
"""Page keys go one of so many parts of the whole."""
_MOVES = {
    Key.Key_Left: -1,
    Key.Key_Down: -1,
    Key.Key_Minus: -1,
    Key.Key_Right: 1,
    Key.Key_Up: 1,
    Key.Key_Plus: 1,
}
SCRUB_KEYS = (*_MOVES, Key.Key_Home, Key.Key_End, Key.Key_PageUp, Key.Key_PageDown)


class ScrubBar(ControlState, QSlider):
    """Steps 0 to ``length − 1``, sought by mouse, keyboard or wheel.

    ``sought(step)`` tells what the learner asks for, once for each new step; setters emit nothing.
    To a screen reader it is a slider.
    """

    sought = Signal(int)

    # On the class, because Qt hides a widget that Python's collector has already emptied.
    _bubble: Bubble | None = None

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._ticks: tuple[int, ...] = ()
        self._grip = 0.0
        self._dragging = False
        self._notches = Notches()
        self.setAccessibleName(self.tr("Position"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._watch = focus.watch(self, around=None, keys=SCRUB_KEYS)
        self.set_length(1)

    def length(self) -> int:
        """Return the number of steps."""
        return self.maximum() + 1

    def set_length(self, length: int) -> None:
        """Change the number of steps; a step beyond the new end becomes the last.

        Raises ``ValueError`` unless it is from 1 to ``LONGEST``.
        """
        if not 1 <= length <= LONGEST:
            raise ValueError(f"a scrub bar has from 1 to {LONGEST} steps, not {length}")
        if length == self.length():
            return
        self.setRange(0, length - 1)
        self.setPageStep(max(1, length // _PAGES))
        self._ticks = tuple(tick for tick in self._ticks if tick < length)
        self.update()

    def step(self) -> int:
        """Return the step on view, counted from 0."""
        return self.value()

    def set_step(self, step: int) -> None:
        """Show a step; raise ValueError if there is no such step."""
        if not 0 <= step <= self.maximum():
            raise ValueError(f"step {step} is not from 0 to {self.maximum()}")
        self.setValue(step)

    def set_ticks(self, steps: Sequence[int]) -> None:
        """Mark steps on the track; marks that would run together are left out in painting."""
        for step in steps:
            if not 0 <= step <= self.maximum():
                raise ValueError(f"tick {step} is not from 0 to {self.maximum()}")
        self._ticks = tuple(sorted(steps))
        self.update()

    def x_of(self, step: int) -> float:
        """Return where along the widget a step lies, in pixels."""
        return MARGIN + self._track_width() * step / max(1, self.maximum())

    def step_at(self, x: float) -> int:
        """Return the step that lies nearest to ``x`` pixels along the widget."""
        fraction = (x - MARGIN) / max(1.0, self._track_width())
        return min(max(round(fraction * self.maximum()), 0), self.maximum())

    def sizeHint(self) -> QSize:
        return QSize(12 * metrics.ROW, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(4 * metrics.ROW, _HEIGHT)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self._dragging = True
        x = event.position().x()
        away = self.x_of(self.step()) - x
        # Taken by its handle it stays put until it is moved; elsewhere it comes to the pointer.
        self._grip = away if abs(away) <= _HANDLE / 2 + _RING else 0.0
        self._seek_to(x + self._grip)
        self.update()
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if self._dragging:
            self._seek_to(x + self._grip)
        self._tell(self.step() if self._dragging else self.step_at(x), x)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._dragging = False
            self.update()
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hush()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._hush()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Key(event.key())
        targets = {
            Key.Key_Home: 0,
            Key.Key_End: self.maximum(),
            Key.Key_PageUp: self.step() + self.pageStep(),
            Key.Key_PageDown: self.step() - self.pageStep(),
        }
        if key in _MOVES:
            self._seek(self.step() + _MOVES[key])
        elif key in targets:
            self._seek(targets[key])
        else:
            event.ignore()

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = self._notches.turned(event)
        if notches:
            self._seek(self.step() + notches)
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        middle = self.height() / 2
        with painting(self) as painter:
            track = QRectF(MARGIN, middle - _TRACK / 2, self._track_width(), _TRACK)
            panel(painter, track, fill="well", radius=_TRACK / 2)
            at = self.x_of(self.step())
            self._paint_ticks(painter, middle)
            if at > MARGIN:
                done = QRectF(MARGIN, track.y(), at - MARGIN, _TRACK)
                ink = "ink2" if self.isEnabled() else "ghost"
                panel(painter, done, fill=ink, radius=_TRACK / 2)
            self._paint_handle(painter, QPointF(at, middle))

    def _paint_ticks(self, painter: QPainter, middle: float) -> None:
        last = -_TICK_LEAST_GAP
        for tick in self._ticks:
            x = round(self.x_of(tick))
            if x - last >= _TICK_LEAST_GAP:
                mark = QRectF(x, round(middle - _TICK / 2), metrics.HAIRLINE, _TICK)
                painter.fillRect(mark, theme.colour("border"))
                last = x

    def _paint_handle(self, painter: QPainter, centre: QPointF) -> None:
        enabled = self.isEnabled()
        lit = enabled and (self._dragging or self.underMouse())
        painter.setBrush(theme.colour("hover" if lit else self.frame_fill()))
        painter.setPen(QPen(theme.colour("ink1" if enabled else "ghost"), _RING))
        painter.drawEllipse(centre, _HANDLE / 2, _HANDLE / 2)
        if self._watch.visible:
            radius = _HANDLE / 2 + _RING / 2 + metrics.FOCUS_GAP + metrics.FOCUS_RING / 2
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour("reads"), metrics.FOCUS_RING))
            painter.drawEllipse(centre, radius, radius)

    def _track_width(self) -> float:
        return float(max(1, self.width() - 2 * MARGIN))

    def _seek_to(self, x: float) -> None:
        self._seek(self.step_at(x))

    def _seek(self, step: int) -> None:
        step = min(max(step, 0), self.maximum())
        if step != self.step():
            self.setValue(step)
            self.sought.emit(step)

    def _tell(self, step: int, x: float) -> None:
        if self._bubble is None:
            self._bubble = Bubble(self.window())
        above = QPoint(round(x), self.height() // 2 - _HANDLE // 2 - _RING)
        place = self.mapTo(self.window(), above)
        self._bubble.tell(self.tr("Step {0:,}").format(step + 1), place)

    def _hush(self) -> None:
        if self._bubble is not None:
            self._bubble.hide()
            self._bubble.deleteLater()
            self._bubble = None
