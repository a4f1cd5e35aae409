"""Paints two layers of units and the links between them."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from simulator.gui import fonts, metrics, theme
from simulator.gui.stage.colours import colour_table
from simulator.gui.widgets.painting import text
from simulator.lessons.frame import ScaleKind
from simulator.lessons.unit_graph import UnitGraph, UnitRow

WORDS = 16.0
APART = 4.0
"""Between a layer's name and the ring around a unit of it."""
RING = 3.0
LARGEST_RADIUS = 8.0
THICKEST = 3.0


def paint_graph(painter: QPainter, area: QRectF, graph: UnitGraph) -> None:
    """Paint a graph: the hidden layer above, the visible one below."""
    painter.setPen(QPen(theme.colour("hairline"), metrics.HAIRLINE))
    painter.drawLine(QLineF(area.topLeft(), area.topRight()))
    title = QRectF(area.left(), area.top() + 8, area.width(), 20)
    font = fonts.ui(metrics.TITLE, metrics.SEMIBOLD)
    text(painter, title, str(graph.title), font=font, ink="ink1")
    room = area.adjusted(4, 28, -4, 2)
    rows = {}
    for name, row in (("upper", graph.upper), ("lower", graph.lower)):
        pitch = room.width() / max(len(row.values), 1)
        radius = max(min(pitch / 2 - 0.5, LARGEST_RADIUS), 1.0)
        beside = WORDS + APART + RING + radius
        y = room.top() + beside if name == "upper" else room.bottom() - beside
        across = min(pitch, 4 * LARGEST_RADIUS)
        left = room.center().x() - across * (len(row.values) - 1) / 2
        points = [QPointF(left + at * across, y) for at in range(len(row.values))]
        rows[name] = points, radius
        top = room.top() if name == "upper" else room.bottom() - WORDS
        words = QRectF(room.left(), top, room.width(), WORDS)
        painter.setFont(fonts.ui(metrics.CAPTION))
        painter.setPen(theme.colour("ink3"))
        painter.drawText(words, int(Qt.AlignmentFlag.AlignHCenter), str(row.title))
    signed = theme.current().map_signed
    for link in sorted(graph.links, key=lambda one: (one.current, abs(one.weight))):
        colour = QColor(signed[3] if link.weight >= 0 else signed[1])
        width = 0.4 + (THICKEST - 0.4) * min(abs(link.weight) / graph.limit, 1.0)
        if link.current:
            painter.setPen(QPen(theme.colour("weights"), width + 2))
            painter.drawLine(rows["lower"][0][link.lower], rows["upper"][0][link.upper])
        painter.setPen(QPen(colour, width))
        painter.drawLine(rows["lower"][0][link.lower], rows["upper"][0][link.upper])
    _paint_units(painter, graph.upper, *rows["upper"], role="writes")
    _paint_units(painter, graph.lower, *rows["lower"], role="reads")


def _paint_units(
    painter: QPainter, row: UnitRow, points: list[QPointF], radius: float, *, role: str
) -> None:
    table = colour_table(theme.current(), ScaleKind.FROM_ZERO)
    for at, (value, point) in enumerate(zip(row.values, points, strict=True)):
        if value is None:
            painter.setBrush(theme.colour("stage"))
            painter.setPen(QPen(theme.colour("ghost"), 1, Qt.PenStyle.DotLine))
        else:
            share = min(max(value, 0.0), 1.0)
            painter.setBrush(QColor(int(table[round(share * (len(table) - 1))])))
            painter.setPen(QPen(theme.colour("border"), 1))
        painter.drawEllipse(point, radius, radius)
        if at == row.lit:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour(role), 2))
            painter.drawEllipse(point, radius + 2, radius + 2)
