"""Paints what a step of the way back was made from, and the arrows to other units."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetricsF, QPainter

from simulator.gui import fonts, metrics
from simulator.gui.stage.strands import paint_strand
from simulator.gui.stage.unit_pickers import Picker, paint_pickers, unit_pickers
from simulator.gui.widgets.painting import text
from simulator.lessons.back_frame import BackFrame, BackGiven
from simulator.traces.numbers import count

GIVEN_ROW = 30.0
LEAST_GIVEN, MOST_GIVEN = 38.0, 46.0
"""The height of a line of what the step was made from, and the width of a cell of it."""
MARGIN, GAP = 14.0, 14.0


def given_places(box: QRectF, frame: BackFrame) -> list[tuple[BackGiven, QRectF, QRectF]]:
    """Return what the step was made from, where its name stands and where its cells do."""
    found = []
    for line, givens in enumerate(frame.given):
        top = box.bottom() - (len(frame.given) - line) * GIVEN_ROW - 2
        names = [_name_width(str(given.title)) for given in givens]
        cells = sum(len(given.values.written) for given in givens)
        room = box.width() - 2 * MARGIN - sum(names) - GAP * (len(givens) - 1)
        cell, left = min(MOST_GIVEN, room / cells), box.left() + MARGIN
        for given, name in zip(givens, names, strict=True):
            width = cell * len(given.values.written)
            title = QRectF(left, top + 2, name, 20)
            found.append((given, title, QRectF(title.right(), top, width, GIVEN_ROW - 6)))
            left = title.right() + width + GAP
    return found


def pickers_of(box: QRectF, frame: BackFrame) -> list[Picker]:
    """Return the arrows beside the number of the unit on view."""
    left = box.left() + MARGIN + _name_width(_unit_words(frame))
    units = len(frame.units)
    return unit_pickers(left, box.top() + 5, unit=frame.unit, total=frame.of_units, page=units)


def paint_unit(painter: QPainter, box: QRectF, frame: BackFrame) -> None:
    """Paint which unit is on view, and the arrows to others."""
    control = fonts.ui(metrics.CONTROL)
    head = QRectF(box.left() + MARGIN, box.top() + 6, box.width() - 2 * MARGIN, 18)
    text(painter, head, _unit_words(frame), font=control, ink="ink1")
    pickers = pickers_of(box, frame)
    paint_pickers(painter, pickers)
    left = pickers[-1].rect.right() if pickers else head.left() + _name_width(_unit_words(frame))
    before = QRectF(left + 12, head.top(), 140, head.height())
    text(painter, before, "← to the step before", font=fonts.ui(metrics.CAPTION), ink="ink3")


def paint_given(painter: QPainter, box: QRectF, frame: BackFrame) -> None:
    """Paint what the step was made from."""
    for given, name, rect in given_places(box, frame):
        text(painter, name, str(given.title), font=fonts.ui(metrics.CONTROL), ink=given.ink)
        paint_strand(painter, given.values, rect)


def _name_width(words: str) -> float:
    font = fonts.ui(metrics.CONTROL)
    return QFontMetricsF(font).horizontalAdvance(words) + 8


def _unit_words(frame: BackFrame) -> str:
    return f"Unit {frame.unit + 1} of {count(frame.of_units)}"
