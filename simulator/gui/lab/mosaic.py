"""Many small maps out of one image: an image for each map would take ten times as long."""

from __future__ import annotations

from math import ceil

import numpy as np
from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter, QPen

from simulator.gui import metrics, theme
from simulator.gui.stage.colours import pixels
from simulator.lab.presenting.pictures import Array
from simulator.lessons.frame import Scale

GAP = 2
_GAP_COST = 0.8
"""What a grid with a gap in its last row counts for, of one without."""


class Mosaic:
    """Maps (N, H, W), or pictures (N, H, W, 3), coloured once for each theme."""

    def __init__(self, maps: Array, scale: Scale) -> None:
        """Raise ValueError unless there are such axes, none of them empty."""
        if not maps.size or (maps.ndim != 3 and maps.shape[3:] != (3,)):
            raise ValueError(f"maps have three axes of one or more, not {maps.shape}")
        self._maps = maps
        self._scale = scale
        self._made: tuple[str, Array, QImage] | None = None

    def __len__(self) -> int:
        return len(self._maps)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of each map."""
        return self._maps.shape[1], self._maps.shape[2]

    def image(self) -> QImage:
        """Return all maps below one another, one pixel a cell, in the colours of the theme."""
        now = theme.current()
        if self._made is None or self._made[0] != now.name:
            stacked = self._maps.reshape(-1, *self._maps.shape[2:])
            coloured = np.ascontiguousarray(pixels(now, self._scale, stacked))
            height, width = coloured.shape
            form = QImage.Format.Format_ARGB32
            # The image only borrows the array's memory, so both are kept together.
            self._made = now.name, coloured, QImage(coloured.data, width, height, 4 * width, form)
        return self._made[2]

    def paint(self, painter: QPainter, rect: QRectF, columns: int) -> list[QRectF]:
        """Draw the maps row by row into ``rect``, each in a hairline; return their places."""
        places = grid(rect, len(self), columns, self.shape)
        rows, across = self.shape
        picture = self.image()
        for index, place in enumerate(places):
            source = QRectF(0, index * rows, across, rows)
            painter.drawImage(place, picture, source)
        painter.setPen(QPen(theme.colour("border"), metrics.HAIRLINE))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        half = metrics.HAIRLINE / 2
        # All in one call: there may be a hundred maps on view, thirty times a second.
        painter.drawRects([place.adjusted(half, half, -half, -half) for place in places])
        return places


def outline(painter: QPainter, place: QRectF) -> None:
    """Draw the frame of a map just inside its edge, in the painter's pen."""
    half = metrics.HAIRLINE / 2
    edge = place.adjusted(half, half, -half, -half)
    painter.drawLine(edge.topLeft(), edge.topRight())
    painter.drawLine(edge.topRight(), edge.bottomRight())
    painter.drawLine(edge.bottomRight(), edge.bottomLeft())
    painter.drawLine(edge.bottomLeft(), edge.topLeft())


def best_columns(count: int, room: QSizeF, shape: tuple[int, int]) -> int:
    """Return in how many columns ``count`` maps of ``shape`` come out large in ``room``.

    A grid that is full is preferred to one with a gap in its last row, where it costs little size.
    """
    best, most = 1, 0.0
    for columns in range(1, count + 1):
        rows = ceil(count / columns)
        worth = _side(room, rows, columns, shape) * (1.0 if rows * columns == count else _GAP_COST)
        if worth > most:
            best, most = columns, worth
    return best


def _side(room: QSizeF, rows: int, columns: int, shape: tuple[int, int]) -> float:
    """Return how many pixels a cell of a map gets."""
    across = (room.width() - (columns - 1) * GAP) / (columns * shape[1])
    down = (room.height() - (rows - 1) * GAP) / (rows * shape[0])
    return min(across, down)


def grid(rect: QRectF, count: int, columns: int, shape: tuple[int, int]) -> list[QRectF]:
    """Return the places of ``count`` maps in ``rect``, as large as fit, in its middle."""
    rows = ceil(count / columns)
    side = max(_side(rect.size(), rows, columns, shape), 0.0)
    width, height = side * shape[1], side * shape[0]
    whole_width = columns * width + (columns - 1) * GAP
    whole_height = rows * height + (rows - 1) * GAP
    left = rect.x() + (rect.width() - whole_width) / 2
    top = rect.y() + (rect.height() - whole_height) / 2
    return [
        QRectF(
            left + index % columns * (width + GAP),
            top + index // columns * (height + GAP),
            width,
            height,
        )
        for index in range(count)
    ]
