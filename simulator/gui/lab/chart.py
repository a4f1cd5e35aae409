"""A chart that follows a training: what has grown is drawn, and what was there is kept."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from simulator.gui import metrics, theme
from simulator.gui.lab import chart_ground, inks
from simulator.gui.widgets.painting import painting, text_width
from simulator.lab.presenting.pictures import Array, ChartPicture, Curve

_END_LINE = 16
_DOT = 3.0
_DOT_ROOM = _DOT + metrics.HALO
_FAINT, _LEAST_FAINT = 0.45, 0.75
"""How much of its colour a faint curve has, and at most."""
_MOST_POINTS = 2000
_SAME_PLACE = 1e-6
"""Of the width: by so much the place of a batch may differ, for it is computed anew each time."""


@dataclass(frozen=True, slots=True)
class _End:
    """Where a curve ends, in pixels of the screen, so that no more than those makes a difference.

    ``tail`` goes from the last point that stays to the last one that there is, which may still
    move.
    """

    branch: int
    tail: tuple[int, int, int, int] | None = None
    dot: tuple[int, int] | None = None
    label: tuple[int, int, int] | None = None  # left, middle, width
    words: str = ""


class Chart(QWidget):
    """Title, axes, curves, and at each curve's end its last value.

    While curves only grow, thirty times a second, their new ends alone are painted.
    """

    def __init__(self, picture: ChartPicture, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = picture
        self._settled: QPixmap | None = None  # the ground, and curves but for their last points
        self._drawn: list[int] = []  # how many points of each curve are in it
        self._cursor: int | None = None
        self._ends: tuple[_End, ...] = ()
        self._area = QRectF()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(picture.title)
        self._begin_anew()

    def picture(self) -> ChartPicture:
        """Return what is on view."""
        return self._picture

    def set_picture(self, picture: ChartPicture) -> None:
        """Show other curves, or the same ones grown longer."""
        before, self._picture = self._picture, picture
        if _goes_on(before, picture):
            self._go_on()
        else:
            if picture.title != before.title:
                self.setAccessibleName(picture.title)
            self._begin_anew()

    def area(self) -> QRectF:
        """Return where in the widget the curves are drawn."""
        return QRectF(self._area)

    def place(self, x: float, y: float) -> QPointF:
        """Return where in the widget a point of the chart lies."""
        area, picture = self._area, self._picture
        across = (x - picture.x_range[0]) / (picture.x_range[1] - picture.x_range[0])
        up = (y - picture.y_range[0]) / (picture.y_range[1] - picture.y_range[0])
        return QPointF(area.x() + across * area.width(), area.bottom() - up * area.height())

    def sizeHint(self) -> QSize:
        return QSize(290, 210)

    def minimumSizeHint(self) -> QSize:
        return QSize(180, 120)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._begin_anew()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._settled = None

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        with painting(self) as painter:
            # The painter leaves out what is not to be painted anew: most of the picture.
            painter.drawPixmap(QPointF(0, 0), self._up_to_date())
            self._paint_ends(painter)

    # What is kept

    def _begin_anew(self) -> None:
        """Draw everything: another scale, other words, or a curve that is not the same grown."""
        self._settled = None
        self._area = chart_ground.area(self._picture, self.size())
        self._cursor, self._ends = self._over()
        self.update()

    def _go_on(self) -> None:
        """Have painted what came to the curves, if that is a pixel or more."""
        before = self._cursor, self._ends
        after = self._over()
        if before == after:
            return
        room = self._room_of_ends().united(self._room_of_news())
        self._cursor, self._ends = after
        room = room.united(self._room_of_ends())
        self.update(room.toAlignedRect().adjusted(-1, -1, 1, 1))

    def _up_to_date(self) -> QPixmap:
        """Return the ground with all that stays of the curves, drawn as far as it was not yet."""
        ratio = self.devicePixelRatioF()
        kept, curves = self._settled, self._picture.curves
        if kept is None or kept.devicePixelRatio() != ratio:
            kept = QPixmap(self.size() * ratio)
            kept.setDevicePixelRatio(ratio)
            kept.fill(theme.colour("stage"))
            with painting(kept) as painter:
                chart_ground.paint(painter, self._picture, self._area, self.size())
            self._drawn = [0] * len(curves)
            self._settled = kept
        new = [
            (index, curve, drawn)
            for index, (curve, drawn) in enumerate(zip(curves, self._drawn, strict=True))
            if len(curve.xs) - 1 > max(drawn, 1)
        ]
        if new:
            with painting(kept) as painter:
                painter.setClipRect(self._area)
                for index, curve, drawn in new:
                    painter.setPen(_pen(curve, self.devicePixelRatioF()))
                    painter.drawLines(self._lines(curve, max(drawn - 1, 0), len(curve.xs) - 1))
                    self._drawn[index] = len(curve.xs) - 1
        return kept

    def _lines(self, curve: Curve, first: int, stop: int) -> list[QLineF]:
        """Return the lines between points, but for those to and from what is no number.

        As lines of their own, for a wide path that goes to and fro is outlined as a whole, which
        takes fifty times as long.
        """
        xs, ys = self._pixels(curve.xs[first:stop], curve.ys[first:stop])
        whole = np.isfinite(xs) & np.isfinite(ys)
        kept = np.flatnonzero(whole[:-1] & whole[1:])
        corners = np.stack([xs[kept], ys[kept], xs[kept + 1], ys[kept + 1]], axis=-1)
        return [QLineF(*corner) for corner in corners.tolist()]

    def _pixels(self, xs: Array, ys: Array) -> tuple[Array, Array]:
        """Return where in the widget points of the chart lie."""
        area, picture = self._area, self._picture
        left, right = picture.x_range
        low, high = picture.y_range
        across = area.x() + (xs - left) * (area.width() / (right - left))
        return across, area.bottom() - (ys - low) * (area.height() / (high - low))

    # What lies over it: the moment on view, and the curves' ends

    def _over(self) -> tuple[int | None, tuple[_End, ...]]:
        """Return where the cursor and the ends of the curves are now."""
        picture, area = self._picture, self._area
        cursor = None
        if picture.cursor is not None:
            cursor = round(self.place(picture.cursor, picture.y_range[0]).x())
        ends = []
        for curve in picture.curves:
            if not len(curve.xs):
                continue
            xs, ys = self._pixels(curve.xs[-2:], curve.ys[-2:])
            if not (np.isfinite(xs[-1]) and np.isfinite(ys[-1])):
                continue
            xs, ys = np.rint(xs), np.rint(np.clip(ys, -1e6, 1e6))
            tail = None
            if len(xs) == 2 and np.isfinite(ys[0]):
                tail = int(xs[0]), int(ys[0]), int(xs[1]), int(ys[1])
            last = int(xs[-1]), int(ys[-1])
            inside = area.adjusted(-1, -1, 1, 1).contains(QPointF(*last))
            dot = last if curve.end and inside else None
            ends.append((curve, tail, dot, last))
        heights = [float(last[1]) for curve, _, _, last in ends if curve.end]
        rows = iter(_apart(heights, area.top(), area.bottom()))
        return cursor, tuple(
            _End(
                curve.branch,
                tail,
                dot,
                self._label(curve.end, last[0], next(rows), cursor) if curve.end else None,
                curve.end,
            )
            for curve, tail, dot, last in ends
        )

    def _label(self, words: str, x: int, row: float, cursor: int | None) -> tuple[int, int, int]:
        wide = text_width(chart_ground.end_font(), words)
        left = x + 8.0
        if cursor is not None and x - 4 <= cursor <= left + wide:
            left = cursor + 8  # the line of the moment must not cross the number
        return round(min(left, self.width() - wide - 2)), round(row), round(wide)

    def _room_of_cursor(self, x: int) -> QRectF:
        area = self._area
        return QRectF(x, area.y() - 6, metrics.HAIRLINE, area.height() + 6)

    def _room_of_ends(self) -> QRectF:
        """Return what the cursor and the ends take up."""
        room, area = QRectF(), self._area
        if self._cursor is not None:
            room = self._room_of_cursor(self._cursor)
        for end in self._ends:
            if end.tail is not None:
                x, y, to_x, to_y = end.tail
                line = QRectF(QPointF(x, y), QPointF(to_x, to_y)).normalized()
                room = room.united(line.adjusted(-2, -2, 2, 2).intersected(area))
            if end.dot is not None:
                middle = QPointF(*end.dot)
                spread = QPointF(_DOT_ROOM, _DOT_ROOM)
                room = room.united(QRectF(middle - spread, middle + spread))
            if end.label is not None:
                room = room.united(_ground_of(end.label))
        return room

    def _room_of_news(self) -> QRectF:
        """Return what those points take up that stay, and are not drawn yet."""
        room = QRectF()
        for curve, drawn in zip(self._picture.curves, self._drawn, strict=False):
            xs, ys = self._pixels(curve.xs[max(drawn - 1, 0) :], curve.ys[max(drawn - 1, 0) :])
            ys = ys[np.isfinite(ys)]
            if len(ys):
                corners = QPointF(xs[0], ys.min()), QPointF(xs[-1], ys.max())
                room = room.united(QRectF(*corners).adjusted(-2, -2, 2, 2).intersected(self._area))
        return room

    def _paint_ends(self, painter: QPainter) -> None:
        area = self._area
        painter.setClipRect(area)
        curves = iter(self._picture.curves)
        for end in self._ends:
            curve = next(each for each in curves if _has_end(each))
            if end.tail is not None:
                painter.setPen(_pen(curve, self.devicePixelRatioF()))
                painter.drawLine(QLineF(*end.tail))
        painter.setClipping(False)
        if self._cursor is not None:
            painter.fillRect(self._room_of_cursor(self._cursor), theme.colour("ink1"))
        for end in self._ends:
            if end.dot is not None:
                painter.setPen(QPen(theme.colour("stage"), metrics.HALO))
                painter.setBrush(inks.branch(end.branch))
                painter.drawEllipse(QPointF(*end.dot), _DOT, _DOT)
        painter.setFont(chart_ground.end_font())
        for end in self._ends:
            if end.label is not None:
                painter.fillRect(_ground_of(end.label), theme.colour("stage"))
                painter.setPen(inks.branch(end.branch))
                painter.drawText(QPointF(end.label[0], end.label[1] + 4), end.words)


def _has_end(curve: Curve) -> bool:
    return bool(len(curve.xs) and np.isfinite(curve.xs[-1]) and np.isfinite(curve.ys[-1]))


def _ground_of(label: tuple[int, int, int]) -> QRectF:
    left, row, wide = label
    return QRectF(left - 2, row - _END_LINE / 2, wide + 4, _END_LINE)


def _goes_on(before: ChartPicture, after: ChartPicture) -> bool:
    """Return whether a picture is another one whose curves have grown, and nothing else."""
    return (
        len(before.curves) == len(after.curves)
        and chart_ground.key(before) == chart_ground.key(after)
        and all(
            _has_grown(old, new, _SAME_PLACE * (after.x_range[1] - after.x_range[0]))
            for old, new in zip(before.curves, after.curves, strict=True)
        )
    )


def _has_grown(old: Curve, new: Curve, tolerance: float) -> bool:
    """Return whether a curve is the other with more points; the last one may have moved."""
    settled = max(len(old.xs) - 1, 0)
    if (
        len(new.xs) < len(old.xs)
        or (old.branch, old.faint) != (new.branch, new.faint)
        or _is_wide(old) != _is_wide(new)
    ):
        return False
    moved = np.abs(new.xs[:settled] - old.xs[:settled]) > tolerance
    return not moved.any() and np.array_equal(new.ys[:settled], old.ys[:settled], equal_nan=True)


def _apart(wanted: list[float], top: float, bottom: float) -> list[float]:
    """Return heights near those wanted at which lines of text don't touch one another."""
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    rows = [min(max(wanted[index], top), bottom) for index in order]
    for before, after in pairwise(range(len(rows))):
        rows[after] = max(rows[after], rows[before] + _END_LINE)
    if rows and rows[-1] > bottom:
        rows[-1] = bottom  # those above give way, as many as have to
        for after, before in pairwise(reversed(range(len(rows)))):
            rows[before] = min(rows[before], rows[after] - _END_LINE)
    placed = dict(zip(order, rows, strict=True))
    return [placed[index] for index in range(len(wanted))]


def _is_wide(curve: Curve) -> bool:
    # Wide lines cost much more than thin ones: only short ones are drawn so.
    return not curve.faint and len(curve.xs) <= _MOST_POINTS


def _pen(curve: Curve, ratio: float) -> QPen:
    """Return the pen of a curve on a screen with so many pixels to a logical one."""
    colour = QColor(inks.branch(curve.branch))
    if curve.faint:  # a hair is thinner on such a screen
        colour.setAlphaF(min(_FAINT * ratio, _LEAST_FAINT))
    pen = QPen(colour, 1.6 * ratio if _is_wide(curve) else 1)
    pen.setCosmetic(True)
    return pen
