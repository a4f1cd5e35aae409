"""Paints the gradient of the weights, once the way back is done, and what clipping leaves of it."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from simulator.gui import fonts, metrics, theme
from simulator.gui.stage import numbers_painter
from simulator.gui.stage.strands import paint_strand
from simulator.gui.widgets.painting import text
from simulator.lessons.back_frame import BackWeights
from simulator.lessons.cell_frame import Strand

MOST_WEIGHT, WEIGHT_ROW = 64.0, 22.0
"""The width of a number of the weights' gradient at most, and the height of a row of them."""
NAMES, HEAD, GAP, MARGIN = 24.0, 84.0, 28.0, 14.0
"""The width of the states' numbers, the height above the first row, and between two tables."""


def closing_strands(box: QRectF, closing: BackWeights) -> list[tuple[Strand, QRectF]]:
    """Return every row of the weights' gradient and where it stands."""
    found = []
    for table, area in zip(closing.tables, _areas(box, closing), strict=True):
        for at, strand in enumerate(table.rows):
            top = area.top() + at * WEIGHT_ROW
            found.append((strand, QRectF(area.left(), top, area.width(), WEIGHT_ROW)))
    return found


def closing_rest(box: QRectF, closing: BackWeights) -> QRectF:
    """Return the room at the right of the tables."""
    left = _areas(box, closing)[-1].right() + GAP
    return QRectF(left, box.top() + 32, box.right() - MARGIN - left, box.height() - 36)


def _areas(box: QRectF, closing: BackWeights) -> list[QRectF]:
    """Return where the cells of each table stand, side by side."""
    total, columns = len(closing.tables), len(closing.units)
    room = box.width() - 2 * MARGIN - total * NAMES - (total - 1) * GAP
    width = min(MOST_WEIGHT, room / total / columns) * columns
    height = WEIGHT_ROW * len(closing.states)
    return [
        QRectF(
            box.left() + MARGIN + NAMES + at * (width + NAMES + GAP),
            box.top() + HEAD,
            width,
            height,
        )
        for at in range(total)
    ]


def paint_closing(painter: QPainter, box: QRectF, closing: BackWeights) -> None:
    """Paint the gradient of the weights, and beside it what clipping leaves of it."""
    head = QRectF(box.left() + MARGIN, box.top() + 10, box.width() - 2 * MARGIN, 20)
    semibold = fonts.ui(metrics.TITLE, metrics.SEMIBOLD)
    text(painter, head, str(closing.title), font=semibold, ink="ink1")
    note = head.adjusted(numbers_painter.text_width(str(closing.title), 12) + 4, 0, 0, 0)
    text(painter, note, str(closing.note), font=fonts.ui(metrics.CONTROL), ink="ink3")
    for at, (table, area) in enumerate(zip(closing.tables, _areas(box, closing), strict=True)):
        line = QRectF(area.left(), area.top() - 46, max(area.width(), 220.0), 20)
        words = str(closing.figures[at]) if at < len(closing.figures) else table.words
        text(painter, line, words, font=fonts.mono(12), ink="gradient")
        _paint_names(painter, area, closing)
    for strand, rect in closing_strands(box, closing):
        paint_strand(painter, strand, rect)


def _paint_names(painter: QPainter, area: QRectF, closing: BackWeights) -> None:
    """Paint the numbers of the states beside the rows, and those of the units over the columns."""
    ink = theme.colour("ink3")
    across = area.width() / len(closing.units)
    for at, unit in enumerate(closing.units):
        box = QRectF(area.left() + at * across, area.top() - 18, across, 16)
        numbers_painter.draw_centred(painter, box, str(unit + 1), ink, size=11)
    for at, state in enumerate(closing.states):
        box = QRectF(area.left() - NAMES, area.top() + at * WEIGHT_ROW, NAMES - 4, WEIGHT_ROW)
        numbers_painter.draw_centred(painter, box, str(state + 1), ink, size=11)
