"""Paints the gradient of the weights, once the way back is done, and what clipping leaves of it."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from simulator.gui import fonts, metrics
from simulator.gui.stage import numbers_painter
from simulator.gui.stage.strands import paint_strand
from simulator.gui.widgets.painting import text
from simulator.lessons.back_frame import BackWeights

WEIGHT, WEIGHT_ROW = 42.0, 28.0
"""The size of a number of the weights' gradient."""


def closing_rects(box: QRectF, closing: BackWeights) -> list[QRectF]:
    """Return where each run of the weights' gradient stands, one under the other."""
    left = box.left() + 84
    found = []
    for at, (_, strand) in enumerate(closing.rows):
        total = len(strand.written)
        width = min(WEIGHT, (box.right() - 14 - left) / total)
        found.append(
            QRectF(left, box.top() + 46 + at * (WEIGHT_ROW + 12), width * total, WEIGHT_ROW)
        )
    return found


def paint_closing(painter: QPainter, box: QRectF, closing: BackWeights) -> None:
    """Paint the gradient of the weights, and under it what clipping leaves of it."""
    head = QRectF(box.left() + 14, box.top() + 10, box.width() - 28, 20)
    semibold = fonts.ui(metrics.TITLE, metrics.SEMIBOLD)
    text(painter, head, str(closing.title), font=semibold, ink="ink1")
    note = head.adjusted(numbers_painter.text_width(str(closing.title), 12) + 4, 0, 0, 0)
    text(painter, note, str(closing.note), font=fonts.ui(metrics.CONTROL), ink="ink3")
    rects = closing_rects(box, closing)
    for (words, strand), rect in zip(closing.rows, rects, strict=True):
        name = QRectF(box.left() + 14, rect.top() + 4, 68, 20)
        text(painter, name, words, font=fonts.ui(metrics.CONTROL), ink="gradient")
        paint_strand(painter, strand, rect)
    top = rects[-1].bottom() + 14
    for number, message in enumerate(closing.figures):
        line = QRectF(box.left() + 84 + 220 * number, top, 220, 20)
        text(painter, line, str(message), font=fonts.mono(13), ink="gradient")
