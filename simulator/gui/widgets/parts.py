"""Pictures made of parts: only those that became others are painted again.

From one frame to the next most of a picture stays as it is. So a picture says what it is made of,
each part with a key that is equal for equal looks, and is kept as a sheet of pixels. Around the
parts that differ it is painted again: all parts that reach into there, in their order. The pixels
are those that painting everything would give.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from math import ceil
from typing import Any, NamedTuple

from PySide6.QtCore import QPointF, QRect, QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPixmap, QPolygonF, QRegion

EDGE = 1
"""Pixels around a part that its lines and smooth edges may reach into."""
WASTE = 6000
"""So many pixels painted in vain cost less than going through the parts once more."""


class Part(NamedTuple):
    """What ``paint`` draws within ``rect`` and ``EDGE`` around it; equal keys look equal.

    It leaves the painter smooth, opaque and without a clip of its own.
    """

    rect: QRectF
    key: object
    paint: Callable[[QPainter], None]


Parts = Mapping[str, Part]
"""The parts of a picture by their names, those that lie below first."""


def call(covered: QRectF, paint: Callable[..., Any], /, **arguments: Any) -> Part:
    """Return the part that ``paint(painter, **arguments)`` draws, told by its arguments."""
    return Part(covered, arguments, partial(paint, **arguments))


def around(points: Sequence[QPointF], margin: float) -> QRectF:
    """Return the rectangle around some points, and a margin."""
    return QPolygonF(points).boundingRect().adjusted(-margin, -margin, margin, margin)


class Sheet:
    """The pixels of a picture made of parts."""

    def __init__(self) -> None:
        """Show nothing yet."""
        self._parts: Parts = {}
        self._pixels = QPixmap()

    def clear(self) -> None:
        """Forget the picture: the next one is painted whole."""
        self._parts = {}
        self._pixels = QPixmap()

    def show(self, parts: Parts, size: QSize, ratio: float, ground: QColor) -> QRegion:
        """Take the parts of a new picture; return the region in which it is another.

        ``size`` is in logical pixels, each of which is ``ratio`` pixels wide and high; ``ground``
        lies below all parts.
        """
        if size.isEmpty():  # as of a splitter's side that is closed: no pixels to paint on
            self.clear()
            return QRegion()
        before, self._parts = self._parts, parts
        across, down = ceil(size.width() * ratio), ceil(size.height() * ratio)
        same = self._pixels.size() == QSize(across, down)
        if not same or self._pixels.devicePixelRatio() != ratio:
            self._pixels = QPixmap(across, down)
            self._pixels.setDevicePixelRatio(ratio)
            rects = [QRect(0, 0, size.width(), size.height())]
        else:
            grid = _whole_pixels(ratio)
            rects = _gathered([_widened(rect, grid) for rect in changed(before, parts)])
        if not rects:
            return QRegion()
        region = QRegion()
        painter = QPainter(self._pixels)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        try:
            placed = [(_covered(part), part.paint) for part in parts.values()]
            for rect in rects:
                painter.setClipRect(rect)
                painter.fillRect(rect, ground)
                for covered, paint in placed:
                    if rect.intersects(covered):
                        paint(painter)
                region += rect
        finally:
            painter.end()
        return region

    def paint(self, painter: QPainter) -> None:
        """Put the pixels on a painter, from its origin on."""
        painter.drawPixmap(0, 0, self._pixels)


def changed(before: Parts, after: Parts) -> list[QRect]:
    """Return where two pictures differ."""
    found = []
    for name, part in after.items():
        old = before.get(name)
        if old is part:
            continue
        if old is None:
            found.append(_covered(part))
        elif old.rect != part.rect:
            found += [_covered(old), _covered(part)]
        elif old.key != part.key:
            found.append(_covered(part))
    found += [_covered(old) for name, old in before.items() if name not in after]
    if not _same_order(before, after):
        found += [_covered(part) for part in after.values()]
    return found


def _covered(part: Part) -> QRect:
    return part.rect.toAlignedRect().adjusted(-EDGE, -EDGE, EDGE, EDGE)


@lru_cache(maxsize=8)
def _whole_pixels(ratio: float) -> int:
    """Return so many logical pixels as are a whole number of pixels, where a few are."""
    for count in range(1, 33):
        if abs(count * ratio - round(count * ratio)) < 1e-6:
            return count
    return 1


def _widened(rect: QRect, grid: int) -> QRect:
    """Return a rectangle that ends at multiples of ``grid``: between two pixels, not in one."""
    if grid == 1:
        return rect
    left, top = rect.left() // grid * grid, rect.top() // grid * grid
    right = -(-(rect.left() + rect.width()) // grid) * grid
    bottom = -(-(rect.top() + rect.height()) // grid) * grid
    return QRect(left, top, right - left, bottom - top)


def _gathered(rects: list[QRect]) -> list[QRect]:
    """Return fewer rectangles that cover the same, those near each other in one."""
    found: list[tuple[int, int, int, int, int]] = []  # left, top, right, bottom, area
    for rect in rects:
        left, top = rect.left(), rect.top()
        right, bottom = left + rect.width(), top + rect.height()
        area = (right - left) * (bottom - top)
        at = 0
        while at < len(found):
            x, y, x_end, y_end, other = found[at]
            x, y = x if x < left else left, y if y < top else top
            x_end = x_end if x_end > right else right
            y_end = y_end if y_end > bottom else bottom
            both = (x_end - x) * (y_end - y)
            if both <= other + area + WASTE:
                left, top, right, bottom, area = x, y, x_end, y_end, both
                del found[at]
                at = 0
            else:
                at += 1
        found.append((left, top, right, bottom, area))
    return [QRect(left, top, right - left, bottom - top) for left, top, right, bottom, _ in found]


def _same_order(before: Parts, after: Parts) -> bool:
    """Return whether the parts that are in both lie in the same order."""
    if list(before) == list(after):
        return True
    return [name for name in before if name in after] == [name for name in after if name in before]


class KeptParts:
    """Parts that are made once, and then taken again while what they are made from is the same."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._kept: dict[str, tuple[object, dict[object, Part]]] = {}

    def clear(self) -> None:
        """Forget all parts, as for another layout."""
        self._kept.clear()

    def under(self, name: str, key: object) -> dict[object, Part]:
        """Return the parts of a group that were made under ``key``: none after another one."""
        kept = self._kept.get(name)
        if kept is None or kept[0] != key:
            kept = self._kept[name] = (key, {})
        return kept[1]
