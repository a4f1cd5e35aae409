"""Paints what stands beside a grid of cells: the inside of the cell that is computed."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from simulator.gui import fonts, metrics, theme
from simulator.gui.stage import numbers_painter
from simulator.gui.stage.gate_painter import input_rects, paint_inputs
from simulator.gui.stage.strands import fill_of, paint_strand, symbol
from simulator.gui.stage.unit_pickers import Picker, paint_pickers, unit_pickers
from simulator.gui.widgets.painting import text, text_width
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


def paint_side(painter: QPainter, plan: SidePlan, frame: DeepFrame) -> None:
    """Paint what goes into the unit on view, the gates of its cell, and what leads to them."""
    semibold = fonts.ui(metrics.TITLE, metrics.SEMIBOLD)
    words = f"Unit {frame.unit + 1}"
    text(painter, plan.title, words, font=semibold, ink="ink1")
    room = plan.title.adjusted(text_width(semibold, words) + 5, 0, 0, 0)
    of = f"of {frame.of_units}"
    caption, pickers = fonts.ui(metrics.CAPTION), pickers_of(plan, frame)
    if not pickers or room.left() + text_width(caption, of) < pickers[0].rect.left():
        text(painter, room, of, font=caption, ink="ink3")
    paint_pickers(painter, pickers)
    rects = input_rects(plan.inputs, frame.parts)
    if frame.parts:
        for rect, words, ink in (
            (rects[0][0], "read", "reads"),
            (rects[0][1], "weights", "weights"),
        ):
            box = QRectF(rect.left() - 4, plan.inputs.top() - 18, rect.width() + 16, 16)
            text(painter, box, words, font=fonts.ui(metrics.CAPTION), ink=ink)
        paint_inputs(painter, plan.inputs, frame.parts, rects)
    if plan.gates is not None and frame.gates:
        _paint_gates(painter, plan, frame)
    _paint_lead(painter, plan.lead, str(frame.leads))


def _paint_gates(painter: QPainter, plan: SidePlan, frame: DeepFrame) -> None:
    for number, gate in enumerate(frame.gates):
        rect = _gate_rect(plan, frame, number)
        token = fill_of(gate.tone)
        ink = "ink1" if gate.tone in (Tone.READS, Tone.WRITES) else f"{token}_text"
        at = QPointF(plan.title.left() + 2, rect.center().y() + 5)
        symbol(painter, at, gate.letter, gate.below, ink=ink, size=15)
        paint_strand(painter, gate.values, rect)
        if number:
            continue
        across = rect.width() / len(frame.units)
        for place, unit in enumerate(frame.units):
            box = QRectF(rect.left() + place * across, rect.top() - 16, across, 14)
            lit = unit == frame.unit
            colour = theme.colour("ink1" if lit else "ink3")
            if across >= 16 or lit:
                numbers_painter.draw_centred(painter, box, str(unit + 1), colour, size=11)


def _paint_lead(painter: QPainter, rect: QRectF, words: str) -> None:
    """Paint what leads to the lesson on the cell, as a quiet button."""
    painter.setPen(QPen(theme.colour("border"), metrics.HAIRLINE))
    painter.setBrush(theme.colour("panel"))
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), metrics.RADIUS_CONTROL, 6)
    font = fonts.ui(metrics.CONTROL)
    text(painter, rect, words, font=font, ink="ink1", align=Qt.AlignmentFlag.AlignHCenter)
