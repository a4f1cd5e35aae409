"""Pictures made of parts: only those that became others are painted again.

From one frame to the next most of a picture stays as it is. So a picture says what it is made of,
each part with a key that is equal for equal looks, and is kept as a sheet of pixels. Around the
parts that differ it is painted again: all parts that reach into there, in their order. The pixels
are those that painting everything would give.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from math import ceil, floor
from typing import Any, NamedTuple

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPixmap, QPolygonF, QRegion

from simulator.gui.widgets.painting import text

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
_Cover = tuple[int, int, int, int]
"""Left, top, right and bottom of a rectangle of whole pixels, which ends before the latter two."""


def call(covered: QRectF, paint: Callable[..., Any], /, **arguments: Any) -> Part:
    """Return the part that ``paint(painter, **arguments)`` draws, told by its arguments."""
    return Part(covered, arguments, partial(paint, **arguments))


def text_part(
    rect: QRectF,
    words: str,
    *,
    font: QFont,
    ink: str,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> Part:
    """Return the part that ``text`` draws: one line within a rectangle."""
    return call(rect, text, rect=rect, words=words, font=font, ink=ink, align=align)


def around(points: Sequence[QPointF], margin: float) -> QRectF:
    """Return the rectangle around some points, and a margin."""
    return QPolygonF(points).boundingRect().adjusted(-margin, -margin, margin, margin)


class Sheet:
    """The pixels of a picture made of parts."""

    def __init__(self) -> None:
        """Show nothing yet."""
        self._parts: Parts = {}
        self._covers: dict[str, _Cover] = {}
        self._pixels = QPixmap()

    def clear(self) -> None:
        """Forget the picture: the next one is painted whole."""
        self._parts = {}
        self._covers = {}
        self._pixels = QPixmap()

    def show(self, parts: Parts, size: QSize, ratio: float, ground: QColor) -> QRegion:
        """Take the parts of a new picture; return the region in which it is another.

        ``size`` is in logical pixels, each of which is ``ratio`` pixels wide and high; ``ground``
        lies below all parts.
        """
        if size.isEmpty():  # as of a splitter's side that is closed: no pixels to paint on
            self.clear()
            return QRegion()
        covers, found = self._changes(parts)
        self._parts, self._covers = parts, covers
        across, down = ceil(size.width() * ratio), ceil(size.height() * ratio)
        same = self._pixels.size() == QSize(across, down)
        if not same or self._pixels.devicePixelRatio() != ratio:
            self._pixels = QPixmap(across, down)
            self._pixels.setDevicePixelRatio(ratio)
            covered = [(0, 0, size.width(), size.height())]
        else:
            grid = _whole_pixels(ratio)
            covered = _gathered(found if grid == 1 else [_widened(each, grid) for each in found])
        if not covered:
            return QRegion()
        region = QRegion()
        painter = QPainter(self._pixels)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        try:
            for left, top, right, bottom in covered:
                rect = QRect(left, top, right - left, bottom - top)
                painter.setClipRect(rect)
                painter.fillRect(rect, ground)
                for name, (x, y, x_end, y_end) in covers.items():
                    if x < right and y < bottom and left < x_end and top < y_end:
                        parts[name].paint(painter)
                region += rect
        finally:
            painter.end()
        return region

    def _changes(self, parts: Parts) -> tuple[dict[str, _Cover], list[_Cover]]:
        """Return what each part of a new picture covers, and where it is another than this one."""
        before, known = self._parts, self._covers
        covers: dict[str, _Cover] = {}
        found: list[_Cover] = []
        for name, part in parts.items():
            old = before.get(name)
            if old is None:
                cover = _cover(part.rect)
                found.append(cover)
            else:
                cover = known[name]
                if old is not part:
                    if old.rect != part.rect:
                        found.append(cover)
                        cover = _cover(part.rect)
                        found.append(cover)
                    elif old.key != part.key:
                        found.append(cover)
            covers[name] = cover
        found += [cover for name, cover in known.items() if name not in covers]
        if not _same_order(before, parts):
            found += covers.values()
        return covers, found

    def paint(self, painter: QPainter, region: QRegion) -> None:
        """Put the pixels within a region on a painter, from its origin on.

        Each rectangle has a clip of its own: under one of many rectangles Qt would divide the
        copying among threads, and wait for them.
        """
        for rect in region:  # type: ignore[attr-defined]  # the stubs leave it out
            painter.setClipRect(rect)
            painter.drawPixmap(0, 0, self._pixels)


def _cover(rect: QRectF) -> _Cover:
    """Return where a part paints: left, top, right and bottom, the latter two beyond it."""
    x, y, width, height = rect.x(), rect.y(), rect.width(), rect.height()
    right, bottom = ceil(x + width) + EDGE, ceil(y + height) + EDGE
    return floor(x) - EDGE, floor(y) - EDGE, right, bottom


@lru_cache(maxsize=8)
def _whole_pixels(ratio: float) -> int:
    """Return so many logical pixels as are a whole number of pixels, where a few are."""
    for count in range(1, 33):
        if abs(count * ratio - round(count * ratio)) < 1e-6:
            return count
    return 1


def _widened(cover: _Cover, grid: int) -> _Cover:
    """Return a rectangle that ends at multiples of ``grid``: between two pixels, not in one."""
    left, top, right, bottom = cover
    right, bottom = -(-right // grid) * grid, -(-bottom // grid) * grid
    return left // grid * grid, top // grid * grid, right, bottom


def _gathered(covers: list[_Cover]) -> list[_Cover]:
    """Return fewer rectangles that cover the same, those near each other in one."""
    found: list[tuple[int, int, int, int, int]] = []  # left, top, right, bottom, area
    for cover in covers:
        left, top, right, bottom = cover
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
    return [(left, top, right, bottom) for left, top, right, bottom, _ in found]


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
