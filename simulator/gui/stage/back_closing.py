"""The gradient of the weights, once the way back is done, and what clipping leaves of it."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from simulator.gui import fonts, metrics, theme
from simulator.gui.stage import numbers_painter
from simulator.gui.stage.strands import strand_part
from simulator.gui.widgets.parts import Part, call, text_part
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


def closing_parts(box: QRectF, closing: BackWeights) -> dict[str, Part]:
    """Return the gradient of the weights, and beside it what clipping leaves of it."""
    head = QRectF(box.left() + MARGIN, box.top() + 10, box.width() - 2 * MARGIN, 20)
    semibold, control = fonts.ui(metrics.TITLE, metrics.SEMIBOLD), fonts.ui(metrics.CONTROL)
    title, mono = str(closing.title), fonts.mono(12)
    note = head.adjusted(numbers_painter.text_width(title, 12) + 4, 0, 0, 0)
    found = {
        "closing": text_part(head, title, font=semibold, ink="ink1"),
        "closing note": text_part(note, str(closing.note), font=control, ink="ink3"),
    }
    for at, (table, area) in enumerate(zip(closing.tables, _areas(box, closing), strict=True)):
        line = QRectF(area.left(), area.top() - 46, max(area.width(), 220.0), 20)
        words = str(closing.figures[at]) if at < len(closing.figures) else table.words
        found[f"figure {at}"] = text_part(line, words, font=mono, ink="gradient")
        covered = area.adjusted(-NAMES - 4, -18, 4, 0)
        found[f"table {at}"] = call(
            covered, _paint_names, area=area, units=closing.units, states=closing.states
        )
    for at, (strand, rect) in enumerate(closing_strands(box, closing)):
        found[f"closing row {at}"] = strand_part(strand, rect)
    return found


def _paint_names(painter: QPainter, area: QRectF, units: range, states: range) -> None:
    """Paint the numbers of the states beside the rows, and those of the units over the columns."""
    ink = theme.colour("ink3")
    across = area.width() / len(units)
    for at, unit in enumerate(units):
        box = QRectF(area.left() + at * across, area.top() - 18, across, 16)
        numbers_painter.draw_centred(painter, box, str(unit + 1), ink, size=11)
    for at, state in enumerate(states):
        box = QRectF(area.left() - NAMES, area.top() + at * WEIGHT_ROW, NAMES - 4, WEIGHT_ROW)
        numbers_painter.draw_centred(painter, box, str(state + 1), ink, size=11)
