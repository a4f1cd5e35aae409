"""Paints what stands beside a grid of cells: the inside of the cell that is computed."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from simulator.gui import fonts, metrics, theme
from simulator.gui.stage import numbers_painter
from simulator.gui.stage.gate_painter import input_rects, inputs_parts
from simulator.gui.stage.strands import fill_of, strand_part, symbol_part
from simulator.gui.stage.unit_pickers import Picker, pickers_parts, unit_pickers
from simulator.gui.widgets.painting import text, text_width
from simulator.gui.widgets.parts import Part, call, text_part
from simulator.lessons.cell_frame import Strand
from simulator.lessons.deep_frame import DeepFrame
from simulator.traces.formula import Tone

TITLE = 22.0
HEADS = 20.0
"""Above the columns of what is read and of the weights."""
GATE_ROW = 22.0
LETTER = 28.0
LEAD = 28.0
GAP = 12.0
MOST_CELL = 40.0


@dataclass(frozen=True, slots=True)
class SidePlan:
    """The rectangles beside the grid."""

    title: QRectF
    inputs: QRectF
    gates: QRectF | None
    lead: QRectF


def side_plan(side: QRectF, gates: int) -> SidePlan:
    """Return where everything stands beside the grid, for so many rows of gates."""
    lead = QRectF(side.left(), side.bottom() - LEAD, side.width(), LEAD)
    top = side.top() + TITLE
    table = None
    if gates:
        height = (gates + 1) * GATE_ROW - 4
        table = QRectF(side.left(), top + 4, side.width(), height)
        top = table.bottom() + GAP
    top += HEADS
    bottom = lead.top() - GAP
    return SidePlan(
        title=QRectF(side.left(), side.top(), side.width(), TITLE),
        inputs=QRectF(side.left(), top, side.width(), bottom - top),
        gates=table,
        lead=lead,
    )


def pickers_of(plan: SidePlan, frame: DeepFrame) -> list[Picker]:
    """Return the arrows that go to another unit."""
    units = len(frame.units)
    wide = 1 < units < frame.of_units
    left = plan.title.right() - (88 if wide else 44)
    return unit_pickers(left, plan.title.top(), unit=frame.unit, total=frame.of_units, page=units)


def side_strands(plan: SidePlan, frame: DeepFrame) -> list[tuple[Strand, QRectF]]:
    """Return the runs of cells beside the grid, and where each is painted."""
    found = []
    rects = input_rects(plan.inputs, frame.parts)
    for part, (values, weights) in zip(frame.parts, rects, strict=True):
        if part.values is not None:
            found.append((part.values, values))
        if part.weights is not None:
            found.append((part.weights, weights))
    for number, gate in enumerate(frame.gates):
        found.append((gate.values, _gate_rect(plan, frame, number)))
    return found


def _gate_rect(plan: SidePlan, frame: DeepFrame, number: int) -> QRectF:
    assert plan.gates is not None
    room = plan.gates.width() - LETTER
    width = min(MOST_CELL, room / len(frame.units)) * len(frame.units)
    top = plan.gates.top() + (number + 1) * GATE_ROW - 4
    return QRectF(plan.gates.left() + LETTER, top, width, GATE_ROW - 2)


def side_parts(plan: SidePlan, frame: DeepFrame) -> dict[str, Part]:
    """Return what goes into the unit on view, the gates of its cell, and what leads to them."""
    semibold, caption = fonts.ui(metrics.TITLE, metrics.SEMIBOLD), fonts.ui(metrics.CAPTION)
    words, of = f"Unit {frame.unit + 1}", f"of {frame.of_units}"
    found = {"unit": text_part(plan.title, words, font=semibold, ink="ink1")}
    room = plan.title.adjusted(text_width(semibold, words) + 5, 0, 0, 0)
    pickers = pickers_of(plan, frame)
    if not pickers or room.left() + text_width(caption, of) < pickers[0].rect.left():
        found["of"] = text_part(room, of, font=caption, ink="ink3")
    found |= pickers_parts(pickers)
    if frame.parts:
        rects = input_rects(plan.inputs, frame.parts)
        for rect, words, ink in (
            (rects[0][0], "read", "reads"),
            (rects[0][1], "weights", "weights"),
        ):
            box = QRectF(rect.left() - 4, plan.inputs.top() - 18, rect.width() + 16, 16)
            found[words] = text_part(box, words, font=caption, ink=ink)
        found |= inputs_parts(plan.inputs, frame.parts, rects)
    if plan.gates is not None and frame.gates:
        found |= _gates_parts(plan, frame)
    words = str(frame.leads)
    found["lead"] = call(plan.lead, _paint_lead, rect=plan.lead, words=words)
    return found


def _gates_parts(plan: SidePlan, frame: DeepFrame) -> dict[str, Part]:
    """Return the gates and states of the cell, and the numbers of the units above them."""
    found = {}
    for number, gate in enumerate(frame.gates):
        rect = _gate_rect(plan, frame, number)
        token = fill_of(gate.tone)
        ink = "ink1" if gate.tone in (Tone.READS, Tone.WRITES) else f"{token}_text"
        at = QPointF(plan.title.left() + 2, rect.center().y() + 5)
        found[f"letter {number}"] = symbol_part(at, gate.letter, gate.below, ink=ink, size=15)
        found[f"gate {number}"] = strand_part(gate.values, rect)
    rect = _gate_rect(plan, frame, 0)
    above = QRectF(rect.left() - 8, rect.top() - 16, rect.width() + 16, 14)
    found["units"] = call(above, _paint_units, rect=rect, units=frame.units, unit=frame.unit)
    return found


def _paint_units(painter: QPainter, rect: QRectF, units: range, unit: int) -> None:
    across = rect.width() / len(units)
    for place, each in enumerate(units):
        box = QRectF(rect.left() + place * across, rect.top() - 16, across, 14)
        lit = each == unit
        if across >= 16 or lit:
            colour = theme.colour("ink1" if lit else "ink3")
            numbers_painter.draw_centred(painter, box, str(each + 1), colour, size=11)


def _paint_lead(painter: QPainter, rect: QRectF, words: str) -> None:
    """Paint what leads to the lesson on the cell, as a quiet button."""
    painter.setPen(QPen(theme.colour("border"), metrics.HAIRLINE))
    painter.setBrush(theme.colour("panel"))
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), metrics.RADIUS_CONTROL, 6)
    font = fonts.ui(metrics.CONTROL)
    text(painter, rect, words, font=font, ink="ink1", align=Qt.AlignmentFlag.AlignHCenter)
