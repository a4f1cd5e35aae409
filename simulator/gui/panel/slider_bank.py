"""Many numbers between the same two bounds: a small upright slider for each."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from simulator.gui import fonts, metrics, theme
from simulator.gui.widgets import focus
from simulator.gui.widgets.control import ControlState
from simulator.gui.widgets.painting import painting, panel, text
from simulator.gui.widgets.wheel import Notches
from simulator.traces.numbers import number

Key = Qt.Key
MOST_ACROSS = 16
_HEAD = 22
_HEIGHT = 76
_GAP = 10
_TRACK = 3
_HANDLE = 5
_CHANGES = {
    Key.Key_Down: -1,
    Key.Key_Minus: -1,
    Key.Key_Up: 1,
    Key.Key_Plus: 1,
    Key.Key_PageDown: -10,
    Key.Key_PageUp: 10,
}
_WALKS = {Key.Key_Left: -1, Key.Key_Right: 1}
BANK_KEYS = (*_CHANGES, *_WALKS, Key.Key_Home, Key.Key_End)


class SliderBank(ControlState, QWidget):
    """Upright sliders in rows; the name and value of the one that is pointed at stand above.

    ``value_changed(index, value)`` tells of each of the ``stops`` that the learner comes to;
    setters are silent. Arrows to the sides walk from slider to slider, up and down change one.
    """

    value_changed = Signal(int, float)

    def __init__(self, name: str, stops: Sequence[float], *, parent: QWidget | None = None) -> None:
        """``stops`` are the values that a handle can take, rising."""
        super().__init__(parent)
        self._stops = tuple(stops)
        self._names: tuple[str, ...] = ()
        self._values: tuple[float, ...] = ()
        self._at = 0
        self._dragging = False
        self._notches = Notches()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._watch = focus.watch(self, around=None, keys=BANK_KEYS)

    def set_values(self, names: Sequence[str], values: Sequence[float]) -> None:
        """Show these numbers, silently."""
        now = tuple(names), tuple(values)
        if now == (self._names, self._values):
            return
        resized = len(names) != len(self._names)
        self._names, self._values = now
        self._at = min(self._at, len(self._names) - 1)
        self._describe()
        if resized:
            self.setFixedHeight(self.sizeHint().height())
            self.updateGeometry()
        self.update()

    def values(self) -> tuple[float, ...]:
        """Return the numbers on view."""
        return self._values

    def slot(self, index: int) -> QRectF:
        """Return the rectangle of a slider."""
        across = self._across
        row, column = divmod(index, across)
        wide = self.width() / across
        return QRectF(column * wide, _HEAD + row * (_HEIGHT + _GAP), wide, _HEIGHT)

    def handle(self, index: int) -> QPointF:
        """Return the middle of a slider's handle."""
        slot, (low, high) = self.slot(index), (self._stops[0], self._stops[-1])
        share = min(max((self._values[index] - low) / (high - low), 0.0), 1.0)
        return QPointF(
            slot.center().x(), slot.bottom() - _HANDLE - share * (slot.height() - 2 * _HANDLE)
        )

    def sizeHint(self) -> QSize:
        rows = -(-len(self._names) // self._across)
        return QSize(200, _HEAD + rows * (_HEIGHT + _GAP))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @property
    def _across(self) -> int:
        """How many sliders stand in a row: as many in each as can be."""
        rows = max(-(-len(self._names) // MOST_ACROSS), 1)
        return max(-(-len(self._names) // rows), 1)

    def _index_at(self, point: QPointF) -> int | None:
        slots = (at for at in range(len(self._names)) if self.slot(at).contains(point))
        return next(slots, None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self._index_at(event.position())
        if event.button() != Qt.MouseButton.LeftButton or found is None:
            event.ignore()
            return
        self._dragging = True
        self._point_at(found)
        self._seek_to(event.position().y())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragging:
            self._seek_to(event.position().y())
        elif (found := self._index_at(event.position())) is not None:
            self._point_at(found)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._dragging = False
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Key(event.key())
        if key in _WALKS:
            self._point_at(min(max(self._at + _WALKS[key], 0), len(self._names) - 1))
        elif key in _CHANGES:
            self._seek(self._nearest + _CHANGES[key])
        elif key in (Key.Key_Home, Key.Key_End):
            self._seek(0 if key == Key.Key_Home else len(self._stops) - 1)
        else:
            event.ignore()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.hasFocus():
            event.ignore()  # the panel scrolls
            return
        if notches := self._notches.turned(event):
            self._seek(self._nearest + notches)
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        if not self._names:
            return
        with painting(self) as painter:
            head = QRectF(0, 0, self.width(), _HEAD - 4)
            text(painter, head, self._names[self._at], font=fonts.ui(metrics.CONTROL), ink="ink2")
            text(
                painter,
                head,
                number(self._values[self._at]),
                font=fonts.mono(metrics.CONTROL),
                ink="ink1",
                align=Qt.AlignmentFlag.AlignRight,
            )
            for at in range(len(self._names)):
                slot, handle = self.slot(at), self.handle(at)
                if at == self._at:
                    lit = slot.adjusted(1, -2, -1, 2)
                    border = "reads" if self._watch.visible else None
                    panel(painter, lit, fill="hover", border=border, radius=4)
                track = QRectF(handle.x() - _TRACK / 2, slot.top(), _TRACK, slot.height())
                panel(painter, track, fill="well" if at != self._at else "hairline", radius=1.5)
                middle = slot.center().y()
                top, bottom = sorted((middle, handle.y()))
                panel(painter, QRectF(track.x(), top, _TRACK, bottom - top), fill="ink3", radius=1)
                painter.fillRect(
                    QRectF(slot.left() + 3, middle - 0.5, slot.width() - 6, 1),
                    theme.colour("border"),
                )
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.colour("ink1"))
                painter.drawEllipse(handle, _HANDLE, _HANDLE)

    def _point_at(self, index: int) -> None:
        if index != self._at:
            self._at = index
            self._describe()
            self.update()

    def _describe(self) -> None:
        if self._names:
            told = f"{self._names[self._at]} = {number(self._values[self._at])}"
            self.setAccessibleDescription(told)

    @property
    def _nearest(self) -> int:
        """The stop that is nearest to the value pointed at."""
        value = self._values[self._at]
        after = min(bisect_left(self._stops, value), len(self._stops) - 1)
        before = max(after - 1, 0)
        lower = abs(self._stops[before] - value) <= abs(self._stops[after] - value)
        return before if lower else after

    def _seek_to(self, y: float) -> None:
        slot = self.slot(self._at)
        share = (slot.bottom() - _HANDLE - y) / (slot.height() - 2 * _HANDLE)
        self._seek(round(share * (len(self._stops) - 1)))

    def _seek(self, stop: int) -> None:
        value = self._stops[min(max(stop, 0), len(self._stops) - 1)]
        if value != self._values[self._at]:
            self._values = (*self._values[: self._at], value, *self._values[self._at + 1 :])
            self._describe()
            self.update()
            self.value_changed.emit(self._at, value)
