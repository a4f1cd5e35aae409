"""Signs on the lanes of the bar of time, and room for words between them."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

_CLOTH = 7.0
"""Height of what flies."""
_CROSS = 4.0
_APART = 5
"""Pixels between words and what they keep clear of."""


def left_of(words: QRectF, taken: Iterable[QRectF]) -> QRectF:
    """Return words' room moved to the left, so that it is clear of what is taken, wherever that is
    up or down.
    """
    moved = QRectF(words)
    for each in sorted(taken, key=lambda room: -room.right()):
        if each.right() > moved.left() - _APART and each.left() < moved.right() + _APART:
            moved.moveRight(each.left() - _APART)
    return moved


def paint_flag(painter: QPainter, room: QRectF, pole: float, colour: QColor) -> None:
    """Put up a flag that fills ``room``; its pole stands at the edge at ``pole``."""
    top, tip = QPointF(pole, room.y()), room.right() if pole <= room.x() else room.x()
    painter.setPen(QPen(colour, 1.5))
    painter.setBrush(colour)
    painter.drawLine(QPointF(pole, room.bottom()), top)
    cloth = (top, QPointF(tip, room.y() + _CLOTH / 2), QPointF(pole, room.y() + _CLOTH))
    painter.drawPolygon(QPolygonF(cloth))


def paint_cross(painter: QPainter, end: QPointF) -> None:
    """Cross out the end of a lane that came to grief, in the painter's pen."""
    for sign in (1, -1):
        leg = QPointF(_CROSS, sign * _CROSS)
        painter.drawLine(end - leg, end + leg)
