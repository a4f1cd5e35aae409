"""Signs on the lanes of the bar of time."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

_CLOTH = 7.0
"""Height of what flies."""


def paint_flag(painter: QPainter, room: QRectF, pole: float, colour: QColor) -> None:
    """Put up a flag that fills ``room``; its pole stands at the edge at ``pole``."""
    top, tip = QPointF(pole, room.y()), room.right() if pole <= room.x() else room.x()
    painter.setPen(QPen(colour, 1.5))
    painter.setBrush(colour)
    painter.drawLine(QPointF(pole, room.bottom()), top)
    cloth = (top, QPointF(tip, room.y() + _CLOTH / 2), QPointF(pole, room.y() + _CLOTH))
    painter.drawPolygon(QPolygonF(cloth))
