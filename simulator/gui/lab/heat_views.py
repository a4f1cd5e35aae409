"""Views of the training that are grids of colours: confusion, a boundary in the plane, maps."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QWidget

from simulator.gui import fonts, metrics, theme
from simulator.gui.lab import inks
from simulator.gui.lab.mosaic import Mosaic, best_columns, outline
from simulator.gui.lab.titled_view import HEAD, TitledView, paint_pixels, paint_values
from simulator.gui.stage.colours import pixels
from simulator.gui.stage.grid_painter import ink_on
from simulator.gui.widgets.painting import painting, text, text_width
from simulator.lab.presenting import sequences
from simulator.lab.presenting.pictures import Array, PlanePicture
from simulator.lessons.frame import Scale, ScaleKind
from simulator.traces.numbers import written

_LABELS = 22
_LEGEND = 22
_BAR = 96
"""Width of the colours of a scale."""
_CELL_LEAST = 14.0
"""Pixels of a cell of a single map at least, where there is room."""
_NAMES_APART = 6.0
"""Pixels between the names of two columns."""
_SHORT = 20.0
"""Pixels of a letter or a number of two or three digits."""
_NAMES_MOST = 72.0
"""Length of a name that stands upright."""
_CELL_GOOD = 64.0
"""The same of a few."""
_WIDER = 1.6
"""How much wider than high cells over upright names are."""
_CELL_NAMED = 12.0
"""Height of a row whose class is named."""
_READABLE = 17.0
"""Pixels of a cell from which on its number can be read."""


class ConfusionView(TitledView):
    """How often each class was taken for which: rows are the truth, columns what was said."""

    def __init__(self, title: str, *, parent: QWidget | None = None) -> None:
        super().__init__(title, parent=parent)
        self._counts: Array = np.zeros((0, 0), np.int64)
        self._labels: tuple[str, ...] = ()
        self._longest = 0.0  # pixels of the longest label
        self._coloured = False

    def set_counts(self, counts: Array, labels: Sequence[str], *, coloured: bool = False) -> None:
        """Show counts (K, K) and the classes' names, with ``coloured`` beside their colours; raise
        ValueError where they don't fit.
        """
        if counts.shape != (len(labels), len(labels)):
            raise ValueError(f"{len(labels)} labels don't fit counts of {counts.shape}")
        before, self._labels = self._labels, tuple(map(sequences.sign, labels))
        self._counts, self._coloured = counts, coloured
        if self._labels != before:
            mono = fonts.mono(metrics.TEXT_LEAST)
            self._longest = max((text_width(mono, label) for label in self._labels), default=0.0)
            self.updateGeometry()
        self.update()

    def counts(self) -> Array:
        """Return the counts on view."""
        return self._counts

    def labels(self) -> tuple[str, ...]:
        """Return the classes as they are named."""
        return self._labels

    def minimumSizeHint(self) -> QSize:
        least = super().minimumSizeHint()
        cells = len(self._labels) * _CELL_NAMED if self._upright() else 0.0
        return QSize(least.width(), max(least.height(), ceil(HEAD + cells + self._foot())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def paint_content(self, painter: QPainter) -> None:
        count = len(self._labels)
        if not count:
            return
        room = self._cells()
        side = min(room.width(), room.height()) / count
        across = side if self._coloured else max(side, self._across(side))
        now = theme.current()
        scale = Scale(ScaleKind.FROM_ZERO, float(max(self._counts.max(), 1)))
        whole = QRectF(room.topLeft(), QSizeF(across * count, side * count))
        paint_values(painter, whole, self._counts, scale)
        self._paint_names(painter, whole)
        if min(side, across) < _READABLE:
            return
        coloured = pixels(now, scale, self._counts)
        for row_index, column_index in np.argwhere(self._counts):
            corner = QPointF(room.x() + column_index * across, room.y() + row_index * side)
            place = QRectF(corner, QSizeF(across, side))
            ink = ink_on(int(coloured[row_index, column_index]))
            words = str(self._counts[row_index, column_index])
            painter.setFont(fonts.mono(metrics.TEXT_LEAST))
            painter.setPen(ink)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_names(self, painter: QPainter, cells: QRectF) -> None:
        """Name the classes at the left and below, some of them where there are many."""
        mono, count = fonts.mono(metrics.TEXT_LEAST), len(self._labels)
        side, across = cells.height() / count, cells.width() / count
        left, upright, below = self._left(), self._upright(), self._foot()
        marks = inks.SWATCH + 5 if self._coloured else 0.0
        right, middle = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignHCenter
        step = max(1, round(12 / side)) if side < 12 else 1
        for index, label in enumerate(self._labels):
            if index % step:
                continue
            row = QRectF(0, cells.y() + index * side, left - 6 - marks, side)
            text(painter, row, label, font=mono, ink="ink3", align=right)
            centre, foot = cells.x() + (index + 0.5) * across, cells.bottom() + 2
            if self._coloured:
                inks.swatch(painter, left - 4 - inks.SWATCH, row.center().y(), index)
                inks.swatch(painter, centre - inks.SWATCH / 2, foot + 8, index)
            elif upright:
                painter.save()
                painter.translate(centre, foot)
                painter.rotate(-90)
                name = QRectF(-below + 4, -8, below - 6, 16)
                text(painter, name, label, font=mono, ink="ink3", align=right)
                painter.restore()
            else:
                column = QRectF(centre - across * step / 2, foot, across * step, 16)
                text(painter, column, label, font=mono, ink="ink3", align=middle)

    def _left(self) -> float:
        """Return the room of the names at the left."""
        marks = inks.SWATCH + 5 if self._coloured else 0.0
        return min(max(self._longest + 8 + marks, _LABELS), self.room().width() / 3)

    def _upright(self) -> bool:
        """Return whether names below the cells stand upright, because they would not fit there."""
        # Of letters and numbers, which have an order, some may be left out; of names none.
        if self._coloured or self._longest <= _SHORT:
            return False
        wide = (self.room().width() - self._left()) / len(self._labels)
        return wide < self._longest + _NAMES_APART

    def _foot(self) -> float:
        """Return the room of the names below."""
        return min(self._longest, _NAMES_MOST) + 8 if self._upright() else float(_LABELS)

    def _cells(self) -> QRectF:
        return self.room().adjusted(self._left(), 0, 0, -self._foot())

    def _across(self, side: float) -> float:
        """Return how wide a cell is at least, so that the names below can be read."""
        wanted = _WIDER * side if self._upright() else self._longest + _NAMES_APART
        return min(wanted, self._cells().width() / len(self._labels))


class PlaneView(TitledView):
    """The decision boundary, or a regression surface, with the samples on it."""

    def __init__(self, title: str, *, parent: QWidget | None = None) -> None:
        super().__init__(title, parent=parent)
        self._picture: PlanePicture | None = None
        self._kept_points: tuple[tuple[object, ...], QPixmap] | None = None

    def set_picture(self, picture: PlanePicture | None) -> None:
        """Show another surface, or none."""
        self._picture = picture
        self.update()

    def square(self) -> QRectF:
        """Return where the plane is drawn."""
        room = self.room()
        side = min(room.width(), room.height() - (_LEGEND if self._has_foot() else 0))
        return QRectF(room.x(), room.y(), side, side)

    def useful_width(self, height: int) -> int:
        """Return how wide the view may be at most in so much height: its plane is a square."""
        head = round(self.room().y())
        return max(height - head - _LEGEND, self.minimumSizeHint().width())

    def _has_foot(self) -> bool:
        return bool(self._legend()) or self._scale() is not None

    def _scale(self) -> Scale | None:
        """Return what the colours mean, where they are not those of classes."""
        picture = self._picture
        plain = picture is not None and picture.said is None and picture.classes is None
        return picture.scale if plain and picture is not None else None

    def _legend(self) -> tuple[str, ...]:
        return () if self._picture is None else self._picture.names

    def place(self, x: float, y: float) -> QPointF:
        """Return where in the widget a point of the plane lies."""
        ((across, down),) = self._places(np.array([[x, y]])).tolist()
        return QPointF(across, down)

    def _places(self, points: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float64]:
        """Return the same for many points (N, 2): a border has hundreds."""
        assert self._picture is not None
        left, right, bottom, top = self._picture.extent
        square = self.square()
        shares = (points - (left, bottom)) / (right - left, top - bottom)
        across, up = shares[:, 0] * square.width(), shares[:, 1] * square.height()
        return np.stack([square.x() + across, square.bottom() - up], 1)

    def at(self, spot: QPointF) -> tuple[float, float]:
        """Return which point of the plane lies at a place in the widget."""
        assert self._picture is not None
        left, right, bottom, top = self._picture.extent
        square = self.square()
        across = (spot.x() - square.x()) / square.width()
        up = (square.bottom() - spot.y()) / square.height()
        return left + across * (right - left), bottom + up * (top - bottom)

    def paint_content(self, painter: QPainter) -> None:
        picture = self._picture
        if picture is None:
            return
        square = self.square()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if picture.said is None:
            paint_values(painter, square, picture.values[::-1], picture.scale)
        else:
            coloured = inks.class_pixels(picture.said[::-1], picture.values[::-1])
            paint_pixels(painter, square, coloured)
        painter.setPen(QPen(theme.colour("border"), metrics.HAIRLINE))
        outline(painter, square)
        if picture.border is not None:
            painter.setClipRect(square)
            painter.setPen(QPen(theme.colour("ink1"), 1))
            ends = self._places(picture.border.reshape(-1, 2)).reshape(-1, 4)
            painter.drawLines([QLineF(*each) for each in ends.tolist()])
            painter.setClipping(False)
        painter.drawPixmap(QPointF(0, 0), self._points_of(picture))
        self._paint_legend(painter, square)
        self._paint_scale(painter, square)

    def _paint_scale(self, painter: QPainter, square: QRectF) -> None:
        """Tell below the plane which number has which colour."""
        scale = self._scale()
        if scale is None:
            return
        low = -scale.limit if scale.kind is ScaleKind.SIGNED else 0.0
        mono, row = fonts.mono(metrics.TEXT_LEAST), QRectF(square.x(), square.bottom() + 4, 0, 18)
        for value in (low, scale.limit):
            words = written(value, 2)
            row.setWidth(text_width(mono, words) + 1)
            text(painter, row, words, font=mono, ink="ink2")
            row.moveLeft(round(row.right()) + 7)
            if value == low:
                bar = QRectF(row.x(), round(row.center().y()) - 4, _BAR, 8)
                paint_values(painter, bar, np.linspace(low, scale.limit, _BAR)[None], scale)
                row.moveLeft(bar.right() + 7)

    def _paint_legend(self, painter: QPainter, square: QRectF) -> None:
        """Name the classes below the plane, as many as there is room for."""
        font = fonts.ui(metrics.CAPTION)
        left, row = square.x(), QRectF(square.x(), square.bottom() + 4, self.width(), 18)
        names = self._legend()
        for index, name in enumerate(names):
            wide = text_width(font, name)
            rest = text_width(font, f"+{len(names) - index}") if index + 1 < len(names) else 0.0
            if left + inks.SWATCH + 5 + wide + 12 + rest > self.width() and index:
                spot = row.adjusted(left, 0, 0, 0)
                text(painter, spot, f"+{len(names) - index}", font=font, ink="ink3")
                return
            inks.swatch(painter, left, row.center().y(), index)
            spot = QRectF(left + inks.SWATCH + 5, row.y(), wide + 1, row.height())
            text(painter, spot, name, font=font, ink="ink2")
            left = spot.right() + 12

    def _points_of(self, picture: PlanePicture) -> QPixmap:
        """Return the samples as a picture to lay over the plane: they stay while it changes."""
        now, ratio = theme.current(), self.devicePixelRatioF()
        key = (
            *(now.name, self.size().toTuple(), ratio, picture.scale, picture.extent),
            *(picture.points.tobytes(), picture.point_values.tobytes()),
            None if picture.classes is None else picture.classes.tobytes(),
        )
        if self._kept_points is not None and self._kept_points[0] == key:
            return self._kept_points[1]
        laid = QPixmap(self.size() * ratio)
        laid.setDevicePixelRatio(ratio)
        laid.fill(Qt.GlobalColor.transparent)
        with painting(laid) as painter:
            painter.setClipRect(self.square())
            # A value about zero has the colour of the plane: its ring tells where it is.
            ring = "panel" if picture.classes is not None else "ink2"
            painter.setPen(QPen(theme.colour(ring), 1))
            for (x, y), fill in zip(picture.points, _fills(picture), strict=True):
                painter.setBrush(fill)
                painter.drawEllipse(self.place(float(x), float(y)), 2.75, 2.75)
        self._kept_points = key, laid
        return laid


def _fills(picture: PlanePicture) -> list[QColor]:
    """Return the colour of each point."""
    if picture.classes is not None:
        return [inks.of_class(int(each)) for each in picture.classes]
    coloured = pixels(theme.current(), picture.scale, picture.point_values[None, :])[0]
    return [QColor.fromRgba(int(each)) for each in coloured]


def _alone(room: QRectF, shape: tuple[int, int]) -> QRectF:
    """Return where a single map stands: its cells are square, but where they would be too small to
    be seen in one direction.
    """
    rows, across = shape
    side = min(room.width() / across, room.height() / rows)
    # Of few, cells are longer than wide: there is room for them, and they are clicked at.
    wide, high = (
        max(side, _CELL_LEAST, min(_CELL_GOOD, length / count))
        for length, count in ((room.width(), across), (room.height(), rows))
    )
    width, height = min(wide * across, room.width()), min(high * rows, room.height())
    return QRectF(room.x(), room.y(), width, height)


class MapsView(TitledView):
    """Many maps of one shape: filters, hidden states, each neuron's boundary.

    ``cell_chosen(map, row, column)`` follows a click.
    """

    cell_chosen = Signal(int, int, int)

    def __init__(self, title: str, *, parent: QWidget | None = None) -> None:
        super().__init__(title, parent=parent)
        self._mosaic: Mosaic | None = None
        self._places: list[QRectF] = []

    def places(self) -> tuple[QRectF, ...]:
        """Return where the maps stand that were painted last."""
        return tuple(self._places)

    def set_maps(self, maps: Array | None, scale: Scale | None) -> None:
        """Show maps (N, H, W), or none."""
        known = maps is not None and scale is not None and maps.size
        self._mosaic = Mosaic(maps, scale) if known and maps is not None and scale else None
        self.update()

    def paint_content(self, painter: QPainter) -> None:
        room = self.room()
        if self._mosaic is not None and len(self._mosaic) == 1:
            place = _alone(room, self._mosaic.shape)
            painter.drawImage(place, self._mosaic.image())
            painter.setPen(QPen(theme.colour("border"), metrics.HAIRLINE))
            outline(painter, place)
            self._places = [place]
        elif self._mosaic is not None:
            columns = best_columns(len(self._mosaic), room.size(), self._mosaic.shape)
            self._places = self._mosaic.paint(painter, room, columns)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        spot = event.position()
        for index, place in enumerate(self._places if self._mosaic is not None else ()):
            if place.contains(spot) and self._mosaic is not None:
                rows, columns = self._mosaic.shape
                row = min(int((spot.y() - place.y()) / place.height() * rows), rows - 1)
                column = min(int((spot.x() - place.x()) / place.width() * columns), columns - 1)
                self.cell_chosen.emit(index, row, column)
                return
        event.ignore()
