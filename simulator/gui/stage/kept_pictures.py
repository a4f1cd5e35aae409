"""Pictures of what stays the same from one frame to the next: painted once, then only copied."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, floor

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPaintEngine, QPainter, QPixmap, QTransform

MOST_PICTURES = 96
EDGE = 2
"""Pixels around a rectangle that its border and its corners may reach into."""


@dataclass(slots=True)
class _Kept:
    key: object
    picture: QPixmap | None = None
    corner: QPointF | None = None


class KeptPictures:
    """Keeps a picture of each named part of a drawing while the part stays the same.

    A part that changes with every frame is never kept, and a drawing in vectors or in another
    scale gets the part itself and no picture of it.
    """

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    def clear(self) -> None:
        """Forget every picture."""
        self._kept.clear()

    def draw(
        self,
        painter: QPainter,
        name: str,
        key: object,
        rect: QRectF,
        paint: Callable[[QPainter], None],
        ground: QColor,
    ) -> None:
        """Draw what ``paint`` draws within ``rect``, where nothing is yet but ``ground``.

        ``key`` is equal for equal drawings of the part ``name``: where it is the same as in the
        last frame, a picture takes the place of ``paint``. It looks the same, to the rounding of
        smooth edges, and covers all of ``rect`` and ``EDGE`` pixels around it.
        """
        if not _is_plain(painter):
            paint(painter)
            return
        ratio = painter.device().devicePixelRatio()
        key = (key, rect, ratio)
        kept = self._kept.get(name)
        if kept is None or kept.key != key:
            self._kept[name] = _Kept(key)
            self._kept.move_to_end(name)
            if len(self._kept) > MOST_PICTURES:
                self._kept.popitem(last=False)
            paint(painter)
            return
        if kept.picture is None or kept.corner is None:
            kept.picture, kept.corner = _picture(rect, ratio, paint, ground)
        painter.drawPixmap(kept.corner, kept.picture)


def _is_plain(painter: QPainter) -> bool:
    """Return whether a painter puts pixels down, and one for one."""
    if painter.paintEngine().type() != QPaintEngine.Type.Raster:
        return False
    kinds = QTransform.TransformationType
    return painter.worldTransform().type() in (kinds.TxNone, kinds.TxTranslate)


def _picture(
    rect: QRectF, ratio: float, paint: Callable[[QPainter], None], ground: QColor
) -> tuple[QPixmap, QPointF]:
    """Return a picture of a part, and the place of its corner."""
    left, top = floor(rect.left() * ratio) - EDGE, floor(rect.top() * ratio) - EDGE
    right, bottom = ceil(rect.right() * ratio) + EDGE, ceil(rect.bottom() * ratio) + EDGE
    picture = QPixmap(right - left, bottom - top)
    picture.setDevicePixelRatio(ratio)
    picture.fill(ground)
    corner = QPointF(left / ratio, top / ratio)
    painter = QPainter(picture)
    try:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(-corner)
        paint(painter)
    finally:
        painter.end()
    return picture, corner
