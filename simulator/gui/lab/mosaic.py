"""Many small maps out of one image: an image for each map would take ten times as long."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import ceil, floor
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter, QPen

from simulator.gui import metrics, theme
from simulator.gui.lab import inks
from simulator.gui.stage.colours import pixels
from simulator.gui.theme import Theme
from simulator.lab.presenting.pictures import Array
from simulator.lessons.frame import Scale

GAP = 2
_GAP_COST = 0.8
"""What a grid with a gap in its last row counts for, of one without."""


class Mosaic:
    """Maps (N, H, W), or pictures (N, H, W, 3), coloured once for each theme.

    With ``classes`` each map has the colour of one, as strong as its values from 0 to 1.
    """

    def __init__(self, maps: Array, scale: Scale, classes: Sequence[int] = ()) -> None:
        """Raise ValueError unless there are such axes, none of them empty."""
        if not maps.size or (maps.ndim != 3 and maps.shape[3:] != (3,)):
            raise ValueError(f"maps have three axes of one or more, not {maps.shape}")
        self._maps = maps
        self._scale = scale
        self._classes = tuple(classes)
        self._made: tuple[str, Array, QImage] | None = None

    def __len__(self) -> int:
        return len(self._maps)

    def shows(self, maps: Array, scale: Scale) -> bool:
        """Return whether these are the maps, on that scale."""
        return scale == self._scale and np.array_equal(maps, self._maps)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of each map."""
        return self._maps.shape[1], self._maps.shape[2]

    def image(self) -> QImage:
        """Return all maps below one another, one pixel a cell, in the colours of the theme."""
        now = theme.current()
        if self._made is None or self._made[0] != now.name:
            coloured = np.ascontiguousarray(self._pixels(now))
            # The image only borrows the array's memory, so both are kept together.
            self._made = now.name, coloured, _image(coloured)
        return self._made[2]

    def _pixels(self, now: Theme) -> npt.NDArray[np.uint32]:
        if self._classes:
            _, rows, across = self._maps.shape
            owners = np.array(self._classes).repeat(rows)[:, np.newaxis]
            return inks.class_pixels(owners, self._maps.reshape(-1, across))
        return pixels(now, self._scale, self._maps.reshape(-1, *self._maps.shape[2:]))

    def paint(self, painter: QPainter, rect: QRectF, columns: int) -> list[QRectF]:
        """Draw the maps row by row into ``rect``, each in a hairline; return their places."""
        self.image()
        assert self._made is not None
        ratio = painter.device().devicePixelRatio()
        spread = _spread(rect.getRect(), len(self), columns, self.shape, ratio)
        # One image for all: a hundred small ones would each be scaled, thirty times a second.
        stacked = self._made[1].ravel()
        coloured = np.where(spread.cells < 0, np.uint32(0), stacked[spread.cells])
        picture = _image(coloured)
        picture.setDevicePixelRatio(ratio)
        painter.drawImage(spread.corner, picture)
        painter.setPen(QPen(theme.colour("border"), metrics.HAIRLINE))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        # All in one call: there may be a hundred maps on view, thirty times a second.
        painter.drawRects(spread.frames)
        return spread.places


class _Spread(NamedTuple):
    """For each pixel of a screen its cell, counted through all maps; −1 between two maps."""

    corner: QPointF
    cells: npt.NDArray[np.intp]
    places: list[QRectF]
    frames: list[QRectF]  # just inside their edges


@lru_cache(maxsize=64)
def _spread(
    rect: tuple[float, float, float, float],
    count: int,
    columns: int,
    shape: tuple[int, int],
    ratio: float,
) -> _Spread:
    places = grid(QRectF(*rect), count, columns, shape)
    rows = ceil(count / columns)
    first = places[0]
    left, column, across = _along(first.x(), first.width(), columns, shape[1], ratio)
    top, row, down = _along(first.y(), first.height(), rows, shape[0], ratio)
    number = row[:, None] * columns + column
    cells = (number * shape[0] + down[:, None]) * shape[1] + across
    nothing = (down[:, None] < 0) | (across < 0) | (number >= count)
    half = metrics.HAIRLINE / 2
    frames = [place.adjusted(half, half, -half, -half) for place in places]
    return _Spread(QPointF(left, top), np.where(nothing, -1, cells), places, frames)


def _along(
    start: float, length: float, count: int, cells: int, ratio: float
) -> tuple[float, npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Along one side: where the first pixel begins, and for each the map and its cell, or −1."""
    pitch = length + GAP
    first, end = floor(start * ratio), ceil((start + count * pitch - GAP) * ratio)
    middles = (np.arange(first, max(end, first + 1)) + 0.5) / ratio - start
    numbers = np.clip(middles // pitch, 0, count - 1).astype(np.intp)
    within = (middles - numbers * pitch) / max(length, 1e-9)
    places = np.where((within >= 0) & (within < 1), (within * cells).astype(np.intp), -1)
    return first / ratio, numbers, places


def _image(coloured: npt.NDArray[np.uint32]) -> QImage:
    """Return an image that borrows the memory of pixels (rows, columns), opaque ones or 0."""
    height, width = coloured.shape
    # Such pixels are the same multiplied by their opacity, and are laid down without conversion.
    form = QImage.Format.Format_ARGB32_Premultiplied
    return QImage(coloured.data, width, height, 4 * width, form)


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
    return _best_columns(count, (room.width(), room.height()), shape)


@lru_cache(maxsize=256)
def _best_columns(count: int, size: tuple[float, float], shape: tuple[int, int]) -> int:
    best, most = 1, 0.0
    for columns in range(1, count + 1):
        rows = ceil(count / columns)
        worth = _side(QSizeF(*size), rows, columns, shape) * (
            1.0 if rows * columns == count else _GAP_COST
        )
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
