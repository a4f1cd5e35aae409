"""The whole of a training on one bar: every branch a lane, and a handle that goes back in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QWidget

from simulator.gui import fonts, metrics, theme
from simulator.gui.lab import inks
from simulator.gui.lab.lane_marks import left_of, paint_cross, paint_flag
from simulator.gui.lab.name_field import NameField
from simulator.gui.lab.text_field import TextField
from simulator.gui.widgets.painting import painting, panel, text, text_width
from simulator.gui.widgets.scrub_bar import MARGIN, ScrubBar
from simulator.lab.presenting.pictures import Lane

_HEIGHT = 140
_TOP = 42
"""From the widget's upper edge to the first lane: the moment on view stands above it."""
_FOOT = 24
_LEFT = 44
"""Where the first batch lies: the axis's unit stands left of it."""
_PITCH = 30
_LEAST_PITCH = 11
_CAPTIONED_PITCH = 26
"""From so much room for a lane on, it tells where it came from."""
_TRACK = 3.0
_BEND = 14.0
_JUNCTION = 4.5
_HANDLE = 7.0
_FLAG = 18
_FLAG_PADDING = 7
_FLAG_WIDE = 9
"""Width of the flag at the best point."""


class TrainingBar(ScrubBar):
    """Batches along it, branches below one another.

    ``sought(batch)`` and ``branch_sought(lane)`` tell what the learner asks for; setters are
    silent. The handle goes no farther than the lane that it is on has been trained.
    """

    branch_sought = Signal(int)
    renamed = Signal(int, str)
    """A lane, and the name that was typed."""
    menu_wanted = Signal(int, QPoint)
    """Of a lane, at a place on the screen."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._lanes: tuple[Lane, ...] = (Lane("", 0, 0),)
        self._lane = 0
        self._axis: dict[int, str] = {}
        self._unit = ""
        self._moment = ""
        self._name_spots: dict[int, QRectF] = {}  # lanes whose names are on view
        self._name: TextField | None = None
        self._axis_picture: tuple[tuple[object, ...], QPixmap] | None = None
        self.setAccessibleName(self.tr("Training"))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def lanes(self) -> tuple[Lane, ...]:
        """Return the branches on view."""
        return self._lanes

    def lane(self) -> int:
        """Return which branch the handle is on."""
        return self._lane

    def set_lanes(self, lanes: Sequence[Lane], lane: int, batch: int, moment: str) -> None:
        """Show branches, with the handle on one of them at a batch that ``moment`` names.

        Raises ``ValueError`` if there is no such lane or the batch lies beyond its end.
        """
        if not 0 <= lane < len(lanes):
            raise ValueError(f"there is no lane {lane} among {len(lanes)}")
        if not 0 <= batch <= lanes[lane].end:
            raise ValueError(f"batch {batch} is not from 0 to {lanes[lane].end}")
        self._lanes = tuple(lanes)
        self._lane = lane
        self._moment = moment
        longest = max(max(each.end, each.planned) for each in lanes)
        if longest > self.maximum():
            self.set_length(longest + 1)
        self.set_step(batch)
        self.update()

    def set_axis(self, batches: int, marks: Mapping[int, str], unit: str) -> None:
        """Let the bar be as long as so many batches; ``marks`` are words below some of them."""
        self._axis, self._unit = dict(marks), unit
        self.set_length(max(batches, *(max(lane.end, lane.planned) for lane in self._lanes)) + 1)

    def x_of(self, step: int) -> float:
        return _LEFT + self._track_width() * step / max(1, self.maximum())

    def step_at(self, x: float) -> int:
        fraction = (x - _LEFT) / max(1.0, self._track_width())
        return min(max(round(fraction * self.maximum()), 0), self.maximum())

    def y_of(self, lane: int) -> float:
        """Return how far below the widget's upper edge a lane lies, in pixels."""
        return _TOP + lane * self._pitch()

    def sizeHint(self) -> QSize:
        return QSize(640, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(220, _HEIGHT)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        lane = self._lane_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and lane != self._lane:
            self._lane = lane
            self.branch_sought.emit(lane)
            self.update()
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        lane = self._named_at(event.position())
        if lane is None:
            super().mouseDoubleClickEvent(event)
        else:
            self.edit_name(lane)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        spot = QPointF(event.pos())
        named = self._named_at(spot)
        keyboard = event.reason() == QContextMenuEvent.Reason.Keyboard
        lane = self._lane if keyboard else named if named is not None else self._lane_at(spot)
        self.menu_wanted.emit(lane, event.globalPos())

    def edit_name(self, lane: int) -> None:
        """Let a branch's name be typed, where it stands."""
        self._end_edit()
        spot = self._name_spots.get(lane, QRectF(_LEFT, self.y_of(lane) - 14, 100, 14))
        field = NameField(self.tr("Name of the branch"), value=self._lanes[lane].name, parent=self)
        wide = max(round(spot.width()) + 40, 130)
        left = min(max(round(spot.x()) - 8, 0), self.width() - wide)
        top = min(max(round(spot.center().y()) - metrics.ROW // 2, 0), self.height() - metrics.ROW)
        field.setGeometry(left, top, wide, metrics.ROW)
        field.value_changed.connect(lambda name: self.renamed.emit(lane, name))
        # Queued: the field is in the midst of telling of it.
        field.done.connect(self._end_edit, Qt.ConnectionType.QueuedConnection)
        self._name = field
        field.show()
        field.setFocus(Qt.FocusReason.OtherFocusReason)
        field.selectAll()

    def name_spots(self) -> dict[int, QRectF]:
        """Return where the names of lanes stand, as far as they are on view."""
        return dict(self._name_spots)

    def name_field(self) -> TextField | None:
        """Return where a name is being typed, if one is."""
        return self._name

    def _end_edit(self) -> None:
        field, self._name = self._name, None
        if field is not None:
            field.hide()
            field.deleteLater()

    def _named_at(self, position: QPointF) -> int | None:
        """Return the lane whose name is at a place."""
        for lane, spot in self._name_spots.items():
            if spot.adjusted(-4, -3, 4, 3).contains(position):
                return lane
        return None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        turn = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if turn is None or len(self._lanes) == 1:
            super().keyPressEvent(event)
            return
        lane = min(max(self._lane + turn, 0), len(self._lanes) - 1)
        if lane != self._lane:
            self._lane = lane
            self.branch_sought.emit(lane)
            self._seek(self.step())
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        self._name_spots = {}
        with painting(self) as painter:
            painter.drawPixmap(QPointF(0, 0), self._ground())
            for index in range(len(self._lanes)):
                self._paint_lane(painter, index)
            for index, lane in enumerate(self._lanes):
                if lane.parent is not None:
                    self._paint_junction(painter, index, lane.parent)
                if lane.best is not None:
                    self._paint_best(painter, index, lane.best)
            self._paint_moment(painter)

    def _track_width(self) -> float:
        return float(max(1, self.width() - _LEFT - MARGIN))

    def _pitch(self) -> float:
        room = self.height() - _TOP - _FOOT - 8
        return max(min(_PITCH, room / max(len(self._lanes) - 1, 1)), _LEAST_PITCH)

    def _ground(self) -> QPixmap:
        """Return the axis on its ground, which seldom changes while a training goes on."""
        ratio = self.devicePixelRatioF()
        key = (
            *(theme.current().name, ratio, self.size().toTuple(), self.maximum()),
            *(self._unit, tuple(self._axis.items())),
        )
        if self._axis_picture is None or self._axis_picture[0] != key:
            picture = QPixmap(self.size() * ratio)
            picture.setDevicePixelRatio(ratio)
            picture.fill(theme.colour("panel"))
            with painting(picture) as painter:
                self._paint_axis(painter)
            self._axis_picture = key, picture
        return self._axis_picture[1]

    def _paint_axis(self, painter: QPainter) -> None:
        font = fonts.mono(metrics.TEXT_LEAST)
        foot = self.height() - _FOOT
        unit = QRectF(0, foot + 4, _LEFT - 8, 16)
        text(painter, unit, self._unit, font=font, ink="ink3", align=Qt.AlignmentFlag.AlignRight)
        for batch, words in self._axis.items():
            if batch > self.maximum():
                continue
            x = round(self.x_of(batch))
            painter.fillRect(
                QRectF(x, _TOP - 12, metrics.HAIRLINE, foot - _TOP + 12), theme.colour("hairline")
            )
            wide = text_width(font, words)
            left = min(x - wide / 2, self.width() - wide)  # the last mark stands near the edge
            text(painter, QRectF(left, foot + 4, wide, 16), words, font=font, ink="ink3")

    def _paint_lane(self, painter: QPainter, index: int) -> None:
        lane, y = self._lanes[index], self.y_of(index)
        colour = inks.branch(lane.colour)
        start, end = self.x_of(lane.start), self.x_of(lane.end)
        pen = QPen(colour, _TRACK)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if lane.planned > lane.end:
            painter.setPen(QPen(colour, 2, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(end + 4, y), QPointF(self.x_of(lane.planned), y))
        painter.setPen(pen)
        if lane.parent is None:
            painter.drawLine(QPointF(start, y), QPointF(end, y))
        else:
            above = self.y_of(lane.parent)
            bend = min(_BEND, max(end - start, 0.0))
            path = QPainterPath(QPointF(start, above))
            path.cubicTo(
                QPointF(start + bend / 2, above), QPointF(start, y), QPointF(start + bend, y)
            )
            path.lineTo(QPointF(max(end, start + bend), y))
            painter.drawPath(path)
        self._paint_end(painter, lane, QPointF(end, y), index)
        self._paint_name(painter, index, QPointF(start, y))

    def _paint_end(self, painter: QPainter, lane: Lane, end: QPointF, index: int) -> None:
        colour = inks.branch(lane.colour)
        painter.setPen(QPen(colour, 2))
        if lane.outcome:
            paint_cross(painter, end)
        elif index != self._lane:
            painter.drawLine(end - QPointF(0, 5), end + QPointF(0, 5))
        words = lane.outcome or (lane.name if lane.parent is None else "")
        if not words:
            return
        font = fonts.ui(metrics.CAPTION, metrics.SEMIBOLD)
        wide = text_width(font, words)
        left, down = end.x() + 11, 4
        under_handle = self.step() == lane.end
        moment = self.x_of(self.step())
        crossed = index != self._lane and left - 3 <= moment <= left + wide + 3
        if under_handle or crossed or left + wide > self.width():  # above its own line
            left, down = end.x() - 11 - wide, -7
            if lane.best is not None:
                flag = self.flag_room(index, lane.best)
                left = left_of(QRectF(left, 0, wide, 0), [flag]).x()
            if left < _LEFT:
                left = end.x() + 11
        elif lane.planned > lane.end:  # on its own line, which must not go through the words
            ground = QRectF(left - 3, end.y() - 7, wide + 6, 14)
            painter.fillRect(ground, theme.colour("panel"))
        painter.setFont(font)
        painter.setPen(colour)
        painter.drawText(QPointF(left, end.y() + down), words)
        if words == lane.name:
            self._name_spots[index] = QRectF(left, end.y() + down - 12, wide, 16)

    def _paint_name(self, painter: QPainter, index: int, start: QPointF) -> None:
        """Tell a branch's name and origin at the left of where it leaves."""
        lane = self._lanes[index]
        if lane.parent is None:
            return
        origin = "" if lane.origin == lane.name else lane.origin
        strong, plain = fonts.ui(metrics.CAPTION, metrics.SEMIBOLD), fonts.ui(metrics.TEXT_LEAST)
        wide = max(text_width(strong, lane.name), text_width(plain, origin))
        left = start.x() - 12 - wide
        painter.setFont(strong)
        painter.setPen(inks.branch(lane.colour))
        wide_name = text_width(strong, lane.name)
        if left < 2:  # no room: at its end, on its own line, which must not go through it
            end = self.x_of(lane.end) + (_HANDLE + 8 if lane.end == self.step() else 11)
            spot = QRectF(end, start.y() - 8, wide_name, 16)
            moment = self.x_of(self.step())
            crossed = lane.end != self.step() and end - 3 <= moment <= spot.right() + 3
            if crossed or spot.right() > self.width():  # above its own line
                spot.moveTopRight(QPointF(self.x_of(lane.end) - _HANDLE - 4, start.y() - 20))
                taken = [] if lane.best is None else [self.flag_room(index, lane.best)]
                spot = left_of(spot, [QRectF(moment, 0, 0, 0), *taken])
            else:
                painter.fillRect(spot.adjusted(-3, 0, 3, 0), theme.colour("panel"))
            painter.drawText(QPointF(spot.x(), spot.y() + 12), lane.name)
            self._name_spots[index] = spot
            return
        captioned = self._pitch() >= _CAPTIONED_PITCH and bool(origin)
        up = 15 if captioned else 8
        spot = QRectF(left + wide - wide_name, start.y() - up, wide_name, 16)
        painter.drawText(QPointF(spot.x(), start.y() - up + 12), lane.name)
        self._name_spots[index] = spot
        if captioned:
            below = QRectF(left, start.y() + 1, wide, 14)
            right = Qt.AlignmentFlag.AlignRight
            text(painter, below, origin, font=plain, ink="ink3", align=right)

    def _paint_junction(self, painter: QPainter, index: int, parent: int) -> None:
        lane = self._lanes[index]
        painter.setPen(QPen(inks.branch(lane.colour), 2))
        painter.setBrush(theme.colour("panel"))
        spot = QPointF(self.x_of(lane.start), self.y_of(parent))
        painter.drawEllipse(spot, _JUNCTION, _JUNCTION)

    def _paint_best(self, painter: QPainter, index: int, batch: int) -> None:
        """Put up a flag where a branch was best."""
        colour = inks.branch(self._lanes[index].colour)
        paint_flag(painter, self.flag_room(index, batch), self.x_of(batch), colour)

    def flag_room(self, index: int, batch: int) -> QRectF:
        """Return what a flag takes up: it flies to the left near the handle or the edge."""
        x, top = self.x_of(batch), self.y_of(index) - 15
        away = self.x_of(self.step()) - x
        left = (index == self._lane and 0 <= away < 2 * _FLAG_WIDE) or x + _FLAG_WIDE > self.width()
        return QRectF(x - _FLAG_WIDE if left else x, top, _FLAG_WIDE, 15)

    def _paint_moment(self, painter: QPainter) -> None:
        x, y = self.x_of(self.step()), self.y_of(self._lane)
        ink = "ink1" if self.isEnabled() else "ghost"
        line = QRectF(round(x) - 1, _FLAG, 2, self.height() - _FOOT - _FLAG)
        painter.fillRect(line, theme.colour(ink))
        font = fonts.ui(metrics.CAPTION, metrics.SEMIBOLD)
        width = text_width(font, self._moment) + 2 * _FLAG_PADDING
        left = min(max(x - width / 2, 0.0), self.width() - width)
        flag = QRectF(left, 0, width, _FLAG)
        panel(painter, flag, fill=ink, radius=metrics.RADIUS_HIGHLIGHT)
        middle = Qt.AlignmentFlag.AlignHCenter
        text(painter, flag, self._moment, font=font, ink="panel", align=middle)
        painter.setPen(QPen(theme.colour(ink), 2))
        painter.setBrush(theme.colour("panel"))
        painter.drawEllipse(QPointF(x, y), _HANDLE, _HANDLE)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(inks.branch(self._lanes[self._lane].colour))
        painter.drawEllipse(QPointF(x, y), _HANDLE / 2, _HANDLE / 2)
        if self._watch.visible:
            radius = _HANDLE + 1 + metrics.FOCUS_GAP + metrics.FOCUS_RING / 2
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour("reads"), metrics.FOCUS_RING))
            painter.drawEllipse(QPointF(x, y), radius, radius)

    def _lane_at(self, position: QPointF) -> int:
        """Return the lane nearest to a place, among those that came so far; else the present."""
        x, y = position.x(), position.y()
        near = [
            (abs(self.y_of(index) - y), index)
            for index, lane in enumerate(self._lanes)
            if self.x_of(lane.start) - MARGIN <= x <= self.x_of(lane.end) + MARGIN
        ]
        away, lane = min(near, default=(self._pitch(), self._lane))
        return lane if away <= self._pitch() / 2 else self._lane

    def _seek(self, step: int) -> None:
        super()._seek(min(step, self._lanes[self._lane].end))

    def _tell(self, step: int, x: float) -> None:
        """Say nothing beside the pointer: the flag tells the moment."""
        del step, x
