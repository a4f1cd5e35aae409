"""Points drawn by the mouse: added, erased and cleared, each stroke an edit of its own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from simulator.data.datasets.points import NAMES
from simulator.gui import metrics
from simulator.gui.lab import inks
from simulator.gui.lab.heat_views import PlaneView
from simulator.gui.widgets.button import Button
from simulator.gui.widgets.segmented import Segmented
from simulator.gui.widgets.text import Text
from simulator.gui.widgets.toggle import Toggle
from simulator.lab.presenting import planes, strokes
from simulator.lab.presenting.strokes import Point

_SIDE = 220
_ASIDE = 80
"""Width of the column with the tools beside the plane."""
_SPACING = 9.0
"""Pixels between two points of one stroke."""
_ERASER = 11.0
"""Its radius in pixels."""
_LEFT, _RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


class DrawnPlane(PlaneView):
    """The plane to draw on; ``stroke_ended(points)`` follows where a stroke changed anything."""

    stroke_ended = Signal(tuple)

    def __init__(self, title: str, *, parent: QWidget | None = None) -> None:
        super().__init__(title, parent=parent)
        self.label = 0
        self.erasing = False
        self._points: tuple[Point, ...] = ()
        self._before: tuple[Point, ...] | None = None
        self._last = QPointF()
        self._erases = False
        self.setCursor(Qt.CursorShape.CrossCursor)

    def set_points(self, points: Sequence[Point]) -> None:
        """Show other points, silently; a stroke that has begun is forgotten."""
        self._before = None
        self._put(tuple(points))

    def points(self) -> tuple[Point, ...]:
        """Return the points on view, those of a stroke that has not ended among them."""
        return self._points

    def mousePressEvent(self, event: QMouseEvent) -> None:
        inside = self.square().contains(event.position())
        if event.button() not in {_LEFT, _RIGHT} or not inside or self._before is not None:
            event.ignore()
            return
        self._before = self._points
        self._erases = self.erasing or event.button() == _RIGHT
        self._touch(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._before is None:
            return
        away = event.position() - self._last
        far = self._erases or away.manhattanLength() >= _SPACING
        if far and self.square().contains(event.position()):
            self._touch(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        del event
        before, self._before = self._before, None
        if before is not None and before != self._points:
            self.stroke_ended.emit(self._points)

    def _touch(self, spot: QPointF) -> None:
        self._last = spot
        x, y = self.at(spot)
        if self._erases:
            edge, _ = self.at(spot + QPointF(_ERASER, 0))
            self._put(strokes.erased(self._points, x, y, edge - x))
        else:
            self._put(strokes.added(self._points, x, y, self.label))

    def _put(self, points: tuple[Point, ...]) -> None:
        self._points = points
        self.set_picture(planes.drawn(points))


class PointsEditor(QWidget):
    """The plane with its tools; ``drawn(points)`` is an edit of the learner's."""

    drawn = Signal(tuple)

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Points"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.plane = DrawnPlane("", parent=self)
        self.plane.setAccessibleName(self.tr("Points"))
        self.plane.setFixedHeight(_SIDE)
        options = [(str(number), self.tr(name)) for number, name in enumerate(NAMES)]
        self.classes = Segmented(self.tr("Class to draw"), options, parent=self)
        self.eraser = Toggle(self.tr("Erase"), parent=self)
        self.clear = Button(self.tr("Clear all"), parent=self)
        hint = Text(
            self.tr("Click or drag to add points. The right button erases, too."),
            size=metrics.CAPTION,
            ink="ink3",
            parent=self,
        )
        for index, (number, _) in enumerate(options):
            self.classes.segment(number).set_mark(partial(inks.of_class, index))
        # All tools are beside or above the plane: in a low window, too, they are in view.
        tools = QVBoxLayout()
        tools.setSpacing(8)
        tools.addWidget(self.eraser)
        tools.addWidget(self.clear)
        tools.addWidget(hint)
        tools.addStretch(1)
        for tool in (self.eraser, self.clear, hint):
            tool.setFixedWidth(_ASIDE)
        beside = QHBoxLayout()
        beside.setSpacing(8)
        beside.addWidget(self.plane, 1)
        beside.addLayout(tools)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(8)
        rows.addWidget(self.classes)
        rows.addLayout(beside)
        self.plane.stroke_ended.connect(self.drawn)
        self.classes.value_changed.connect(self._choose)
        self.eraser.value_changed.connect(self._erase)
        self.clear.clicked.connect(self._clear)

    def _choose(self, number: str) -> None:
        self.plane.label = int(number)
        self.eraser.set_value(False)

    def _erase(self, erasing: bool) -> None:
        self.plane.erasing = erasing

    def _clear(self) -> None:
        if self.plane.points():
            self.plane.set_points(())
            self.drawn.emit(())
