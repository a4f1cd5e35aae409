"""Paints runs of cells, meters, and the lines and signs between them."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen, QPolygonF

from simulator.gui import fonts, metrics, theme
from simulator.gui.stage import numbers_painter
from simulator.gui.stage.colours import colour_table, pixels
from simulator.gui.stage.grid_painter import CELL_LINES, CellSpace, ink_on
from simulator.gui.widgets.painting import CENTRE, text_width
from simulator.gui.widgets.parts import Part, around, call
from simulator.lessons.cell_frame import Strand
from simulator.lessons.frame import ScaleKind
from simulator.traces.formula import Tone

NODE = 25.0
NUMBER_FROM = 30.0
"""Cells so wide have their numbers in them."""

_FILLS = {
    Tone.GATE_F: "gate_f",
    Tone.GATE_I: "gate_i",
    Tone.GATE_G: "gate_g",
    Tone.GATE_O: "gate_o",
    Tone.GRADIENT: "gradient",
}


def fill_of(tone: Tone) -> str:
    """Return the token of the colour that fills the meters of a tone; texts have their own."""
    return _FILLS.get(tone, "writes" if tone is Tone.WRITES else "reads")


def space_of(strand: Strand, rect: QRectF) -> CellSpace:
    """Return the mapping of a run's cells to a rectangle."""
    return CellSpace(rect, strand.grid.view)


def fills(strand: Strand, limit: float | None = None) -> list[int]:
    """Return the pixel of each cell of a run, by the colours of its array."""
    view = strand.grid.view
    top, left = int(view.top), int(view.left)
    values = strand.grid.plane.values[top : top + int(view.height), left : left + int(view.width)]
    scale = strand.grid.plane.scale
    if limit is not None:
        scale = type(scale)(ScaleKind.SIGNED, limit)
    return [int(pixel) for pixel in pixels(theme.current(), scale, values).reshape(-1)]


def paint_strand(
    painter: QPainter, strand: Strand, rect: QRectF, *, limit: float | None = None
) -> None:
    """Paint the cells of a run with their numbers; a dot for each that is yet to come."""
    total = len(strand.written)
    across = strand.across
    width = rect.width() / total if across else rect.width()
    height = rect.height() if across else rect.height() / total
    numbered = width >= NUMBER_FROM and height >= 14
    edited = strand.grid.edited
    for at, pixel in enumerate(fills(strand, limit)):
        cell = QRectF(
            rect.left() + (at * width if across else 0),
            rect.top() + (0 if across else at * height),
            width,
            height,
        )
        if not strand.written[at]:
            painter.fillRect(cell, theme.colour("stage"))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("ghost"))
            painter.drawEllipse(cell.center(), 1.6, 1.6)
            continue
        painter.fillRect(cell, QColor.fromRgb(pixel))
        if numbered:
            text = strand.text(at)
            size = 12 if len(text) * 7.3 < width - 3 else 11
            if numbers_painter.text_width(text, size) < width:
                numbers_painter.draw_centred(painter, cell, text, ink_on(pixel), size=size)
        if strand.cell(at) in edited:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("ink1"))
            corner = cell.topRight()
            painter.drawPolygon([corner, corner + QPointF(-6, 0), corner + QPointF(0, 6)])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(theme.colour("stage", CELL_LINES), 1))
    for at in range(1, total):
        if across:
            x = rect.left() + at * width
            painter.drawLine(QLineF(x, rect.top(), x, rect.bottom()))
        else:
            y = rect.top() + at * height
            painter.drawLine(QLineF(rect.left(), y, rect.right(), y))
    painter.setPen(QPen(theme.colour("border"), metrics.HAIRLINE))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(rect)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)


def strand_part(strand: Strand, rect: QRectF, *, limit: float | None = None) -> Part:
    """Return the part that ``paint_strand`` draws."""
    paint = partial(paint_strand, strand=strand, rect=rect, limit=limit)
    return Part(rect, (strand.look, limit), paint)


def meter(
    painter: QPainter, rect: QRectF, value: float, colour: QColor, *, signed: bool, limit: float
) -> None:
    """Paint how far a value reaches: from the left, or from the middle if it is signed."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("well"))
    painter.drawRoundedRect(rect, 2, 2)
    share = max(-1.0, min(1.0, value / limit))
    painter.setBrush(colour)
    if not signed:
        painter.drawRoundedRect(
            QRectF(rect.left(), rect.top(), max(0.0, share) * rect.width(), rect.height()), 2, 2
        )
        return
    middle, half = rect.center().x(), rect.width() / 2
    bar = QRectF(middle, rect.top(), share * half, rect.height()).normalized()
    painter.drawRect(bar)
    painter.fillRect(
        QRectF(middle - 0.5, rect.top() - 1, 1, rect.height() + 2), theme.colour("ink3")
    )


def node(painter: QPainter, centre: QPointF, sign: str, *, lit: bool, colour: str = "ink1") -> None:
    """Paint the round sign of an operation."""
    rect = QRectF(0, 0, NODE, NODE)
    rect.moveCenter(centre)
    token = colour if lit else "ink3"
    painter.setPen(QPen(theme.colour(token), metrics.LINK if lit else 1.5))
    painter.setBrush(theme.colour("panel"))
    painter.drawEllipse(rect)
    painter.setPen(QPen(theme.colour(token), 2 if lit else 1.5))
    arm = 4.5
    x, y = centre.x(), centre.y()
    if sign == "+":
        painter.drawLine(QLineF(x - arm, y, x + arm, y))
        painter.drawLine(QLineF(x, y - arm, x, y + arm))
    elif sign == "×":
        arm = 3.8
        painter.drawLine(QLineF(x - arm, y - arm, x + arm, y + arm))
        painter.drawLine(QLineF(x - arm, y + arm, x + arm, y - arm))
    else:
        font = fonts.math(13)
        painter.setFont(font)
        painter.drawText(rect, CENTRE, sign)


def node_part(centre: QPointF, sign: str, *, lit: bool, colour: str = "ink1") -> Part:
    """Return the part that ``node`` draws."""
    rect = around([centre], NODE / 2 + 2)
    return call(rect, node, centre=centre, sign=sign, lit=lit, colour=colour)


def pill(painter: QPainter, centre: QPointF, words: str, *, lit: bool) -> QRectF:
    """Paint a function's name in a small frame; return the frame."""
    font = fonts.math(12)
    rect = QRectF(0, 0, text_width(font, words) + 16, 17)
    rect.moveCenter(centre)
    painter.setPen(QPen(theme.colour("ink1" if lit else "border"), 1.5 if lit else 1))
    painter.setBrush(theme.colour("panel"))
    painter.drawRoundedRect(rect, 8.5, 8.5)
    painter.setFont(font)
    painter.setPen(theme.colour("ink1" if lit else "ink3"))
    painter.drawText(rect, CENTRE, words)
    return rect


def pill_part(centre: QPointF, words: str, *, lit: bool) -> Part:
    """Return the part that ``pill`` draws."""
    rect = around([centre], 10 + text_width(fonts.math(12), words) / 2)
    return call(rect, pill, centre=centre, words=words, lit=lit)


def link(
    painter: QPainter,
    points: list[QPointF],
    ink: str,
    *,
    width: float = metrics.LINK,
    arrow: bool = False,
    dashed: bool = False,
) -> None:
    """Draw a line along some points, round at its corners, with a tip if it is an arrow."""
    colour = theme.colour(ink)
    style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
    pen = QPen(colour, width, style)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    path = QPainterPath(points[0])
    for before, at, after in zip(points, points[1:], points[2:], strict=False):
        radius = 6.0
        path.lineTo(_towards(at, before, radius))
        path.quadTo(at, _towards(at, after, radius))
    path.lineTo(points[-1])
    painter.drawPath(path)
    if arrow:
        tip, before = points[-1], points[-2]
        along = _towards(QPointF(0, 0), before - tip, 5.0)
        side = QPointF(along.y(), -along.x())
        painter.setPen(QPen(colour, width))
        painter.drawPolyline(QPolygonF([tip + along + side, tip, tip + along - side]))


def link_part(
    points: list[QPointF],
    ink: str,
    *,
    width: float = metrics.LINK,
    arrow: bool = False,
    dashed: bool = False,
) -> Part:
    """Return the part that ``link`` draws."""
    rect = around(points, width + (5 if arrow else 0))
    return call(rect, link, points=points, ink=ink, width=width, arrow=arrow, dashed=dashed)


def _towards(start: QPointF, end: QPointF, length: float) -> QPointF:
    line = QLineF(start, end)
    if line.length() <= length:
        return QPointF(end)
    line.setLength(length)
    return line.p2()


def symbol(
    painter: QPainter, at: QPointF, letter: str, below: str, *, ink: str, size: int = 18
) -> float:
    """Write a letter in italics with what stands below it; return where it ends."""
    font = fonts.math(size, italic=True)
    painter.setFont(font)
    painter.setPen(theme.colour(ink))
    painter.drawText(at, letter)
    if below:
        x = at.x() + text_width(font, letter)
        painter.setFont(_small(size))
        painter.drawText(QPointF(x + 0.5, at.y() + size * 0.2), below)
    return at.x() + symbol_width(letter, below, size)


def symbol_part(at: QPointF, letter: str, below: str, *, ink: str, size: int = 18) -> Part:
    """Return the part that ``symbol`` draws."""
    rect = QRectF(at.x() - 2, at.y() - size, symbol_width(letter, below, size) + 6, 1.5 * size)
    return call(rect, symbol, at=at, letter=letter, below=below, ink=ink, size=size)


def symbol_width(letter: str, below: str, size: int) -> float:
    """Return how wide ``symbol`` draws."""
    width = text_width(fonts.math(size, italic=True), letter)
    return width + (text_width(_small(size), below) if below else 0.0)


def _small(size: int) -> QFont:
    return fonts.math(max(11, round(size * 0.66)))


def map_colour(value: float, limit: float) -> QColor:
    """Return the colour of a signed value."""
    table = colour_table(theme.current(), ScaleKind.SIGNED)
    share = max(-1.0, min(1.0, value / limit)) if limit else 0.0
    return QColor.fromRgb(int(table[round((share + 1) / 2 * (len(table) - 1))]))
