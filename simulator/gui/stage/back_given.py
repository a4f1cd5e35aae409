"""What a step of the way back was made from, and the arrows to other units."""

from __future__ import annotations

from PySide6.QtCore import QRectF

from simulator.gui import fonts, metrics
from simulator.gui.stage.strands import strand_part
from simulator.gui.stage.unit_pickers import Picker, pickers_parts, unit_pickers
from simulator.gui.widgets.painting import text_width
from simulator.gui.widgets.parts import Part, text_part
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


def unit_parts(box: QRectF, frame: BackFrame) -> dict[str, Part]:
    """Return which unit is on view, and the arrows to others."""
    words = _unit_words(frame)
    width = _name_width(words)
    head = QRectF(box.left() + MARGIN, box.top() + 6, width, 18)
    pickers = pickers_of(box, frame)
    left = pickers[-1].rect.right() if pickers else head.left() + width
    before = QRectF(left + 12, head.top(), 140, head.height())
    caption = fonts.ui(metrics.CAPTION)
    return {
        "unit": text_part(head, words, font=fonts.ui(metrics.CONTROL), ink="ink1"),
        **pickers_parts(pickers),
        "to before": text_part(before, "← to the step before", font=caption, ink="ink3"),
    }


def given_parts(box: QRectF, frame: BackFrame) -> dict[str, Part]:
    """Return what the step was made from."""
    found = {}
    control = fonts.ui(metrics.CONTROL)
    for at, (given, name, rect) in enumerate(given_places(box, frame)):
        found[f"name {at}"] = text_part(name, str(given.title), font=control, ink=given.ink)
        found[f"given {at}"] = strand_part(given.values, rect)
    return found


def _name_width(words: str) -> float:
    return text_width(fonts.ui(metrics.CONTROL), words) + 8


def _unit_words(frame: BackFrame) -> str:
    return f"Unit {frame.unit + 1} of {count(frame.of_units)}"
