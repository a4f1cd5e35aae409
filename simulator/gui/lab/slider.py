"""A number on a line between two bounds, changed while a training runs."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from simulator.gui import fonts, metrics, theme
from simulator.gui.widgets import focus
from simulator.gui.widgets.control import ControlState
from simulator.gui.widgets.painting import painting, panel, text, text_width
from simulator.gui.widgets.wheel import Notches
from simulator.traces.numbers import written

Key = Qt.Key
_HEIGHT = 44
_FOOT = 14
"""How far above the lower edge the track lies."""
_NAME_LINE = 16
"""Height of a further line of the name."""
_VALUE = 44
"""Width of the value, with its distance from the name."""
_TRACK = 4
_HANDLE = 12
_EDGE = 7
_MOVES = {
    Key.Key_Left: -1,
    Key.Key_Down: -1,
    Key.Key_Minus: -1,
    Key.Key_Right: 1,
    Key.Key_Up: 1,
    Key.Key_Plus: 1,
}
SLIDER_KEYS = (*_MOVES, Key.Key_Home, Key.Key_End)


class Slider(ControlState, QSlider):
    """A label, the value, and below them a handle on one of the given ``stops``.

    ``held`` tells that the handle is taken hold of, ``value_changed(value)`` of each stop that the
    learner comes to, ``let_go(value)`` that the handle is let go, or was moved by a key or the
    wheel; setters are silent. A value between two stops is shown as it is.
    """

    held = Signal()
    value_changed = Signal(float)
    let_go = Signal(float)

    def __init__(
        self, name: str, stops: Sequence[float], *, value: float, parent: QWidget | None = None
    ) -> None:
        """``stops`` are the values that the handle can take, rising.

        Raises ``ValueError`` for fewer than two, or where they don't rise.
        """
        super().__init__(Qt.Orientation.Horizontal, parent)
        if len(stops) < 2 or list(stops) != sorted(set(stops)):
            raise ValueError(f"a slider needs two stops or more that rise, not {list(stops)}")
        self._name = name
        self._stops = tuple(stops)
        self._value = value
        self._notches = Notches()
        self._dragging = False
        self.setRange(0, len(stops) - 1)
        self.setAccessibleName(name)
        self.setAccessibleDescription(written(value))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._watch = focus.watch(self, around=None, keys=SLIDER_KEYS)
        self.set_number(value)

    def number(self) -> float:
        """Return the value on view."""
        return self._value

    def set_number(self, value: float) -> None:
        """Show another value, silently."""
        after = min(bisect_left(self._stops, value), len(self._stops) - 1)
        before = max(after - 1, 0)
        lower = abs(self._stops[before] - value) <= abs(self._stops[after] - value)
        nearest = before if lower else after
        if (value, nearest) == (self._value, self.value()):
            return
        self._value = value
        blocked = self.blockSignals(True)
        self.setValue(nearest)
        self.blockSignals(blocked)
        self.setAccessibleDescription(written(value))
        self.update()

    def x_of(self, stop: int) -> float:
        """Return where along the widget a stop lies."""
        return _EDGE + (self.width() - 2 * _EDGE) * stop / self.maximum()

    def sizeHint(self) -> QSize:
        return QSize(200, self._tall())

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self._tall())

    def lines(self) -> tuple[str, ...]:
        """Return the name as it is shown: what stands before a colon has a line of its own where
        there is no room for all of it beside the value.
        """
        owner, colon, words = self._name.partition(": ")
        wide = text_width(fonts.ui(metrics.CONTROL), self._name)
        fits = not colon or wide <= self.width() - _VALUE
        return (self._name,) if fits else (f"{owner}:", words)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometry()

    def _tall(self) -> int:
        return _HEIGHT + _NAME_LINE * (len(self.lines()) - 1)

    def _line(self) -> int:
        """Return how far below the upper edge the track lies."""
        return self.height() - _FOOT

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and event.position().y() > self._line() - 12:
            self._dragging = True
            self.held.emit()
            self._seek_to(event.position().x())
            event.accept()
        else:
            event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragging:
            self._seek_to(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._dragging and event.button() == Qt.MouseButton.LeftButton:
            self._dragging = False
            self.let_go.emit(self._value)
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Key(event.key())
        ends = {Key.Key_Home: 0, Key.Key_End: self.maximum()}
        if key not in _MOVES and key not in ends:
            event.ignore()
            return
        self._seek(ends[key] if key in ends else self.value() + _MOVES[key])
        self.let_go.emit(self._value)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.hasFocus():
            event.ignore()
            return
        notches = self._notches.turned(event)
        if notches:
            self._seek(self.value() + notches)
            self.let_go.emit(self._value)
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        enabled = self.isEnabled()
        head = QRectF(0, 0, self.width(), 20)
        shown = written(self._value)
        with painting(self) as painter:
            ink = "ink2" if enabled else "ghost"
            name = head.adjusted(0, 0, -_VALUE, 0)
            for words in self.lines():
                text(painter, name, words, font=fonts.ui(metrics.CONTROL), ink=ink)
                name.translate(0, _NAME_LINE)
            mono = fonts.mono(metrics.CONTROL)
            right = Qt.AlignmentFlag.AlignRight
            ink = "ink1" if enabled else "ghost"
            text(painter, head, shown, font=mono, ink=ink, align=right)
            track = QRectF(0, self._line() - _TRACK / 2, self.width(), _TRACK)
            panel(painter, track, fill="well", radius=_TRACK / 2)
            at = self.x_of(self.value())
            if self.value():
                done = QRectF(0, track.y(), at, _TRACK)
                panel(painter, done, fill="ink2" if enabled else "ghost", radius=_TRACK / 2)
            lit = enabled and (self._dragging or self.underMouse())
            painter.setBrush(theme.colour("hover" if lit else self.frame_fill()))
            painter.setPen(QPen(theme.colour("ink1" if enabled else "ghost"), 2))
            centre = QPointF(at, self._line())
            painter.drawEllipse(centre, _HANDLE / 2, _HANDLE / 2)
            if self._watch.visible:
                radius = _HANDLE / 2 + 1 + metrics.FOCUS_GAP + metrics.FOCUS_RING / 2
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(theme.colour("reads"), metrics.FOCUS_RING))
                painter.drawEllipse(centre, radius, radius)

    def _seek_to(self, x: float) -> None:
        fraction = (x - _EDGE) / max(self.width() - 2 * _EDGE, 1)
        self._seek(round(fraction * self.maximum()))

    def _seek(self, stop: int) -> None:
        stop = min(max(stop, 0), self.maximum())
        value = self._stops[stop]
        if value != self._value:
            self.set_number(value)
            self.value_changed.emit(value)
