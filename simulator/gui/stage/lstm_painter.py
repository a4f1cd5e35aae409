"""Paints the inside of an LSTM cell: the memory as a conveyor, and the gates that act on it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QPainter, QPen

from simulator.gui import fonts, metrics, theme
from simulator.gui.stage import numbers_painter
from simulator.gui.stage.cell_plan import ABOVE_GATES, CellPlan
from simulator.gui.stage.gate_painter import (
    gate_height,
    input_rects,
    paint_inputs,
    paint_kept_gate,
    values_rect,
)
from simulator.gui.stage.kept_pictures import KeptPictures
from simulator.gui.stage.strands import NODE, fill_of, link, node, paint_strand, pill, symbol
from simulator.gui.widgets.painting import text
from simulator.lessons.cell_frame import Gate, Opened, Strand
from simulator.traces.formula import TermState

INPUTS = 158.0
CELL = 42.0
STRAND = 30.0
BELT = 56.0
"""From the top of the box to the conveyor."""
GAP = 8.0
ORDER = "figo"
"""Left to right: forget first, for it acts on the memory first."""


@dataclass(frozen=True, slots=True)
class GatedPlaces:
    """Where the parts of a gated cell stand in its box."""

    cards: dict[str, QRectF]
    inputs: QRectF
    before: QRectF
    after: QRectF
    belt: float
    lower: float
    bus: float


def lstm_places(plan: CellPlan, units: int) -> GatedPlaces:
    """Return the places of an LSTM's parts."""
    box = plan.opened
    cards = card_rects(box, ORDER, units)
    belt = box.top() + BELT
    plus = (cards["i"].center().x() + cards["g"].center().x()) / 2
    before_room = cards["f"].center().x() - NODE / 2 - 10 - (box.left() + 11)
    cell = min(CELL, before_room / units)
    before = QRectF(box.left() + 11, belt - STRAND / 2, cell * units, STRAND)
    after_left = plus + 48
    cell = min(CELL, (cards["o"].center().x() - after_left) / units)
    after = QRectF(after_left, belt - STRAND / 2, cell * units, STRAND)
    return GatedPlaces(
        cards=cards,
        inputs=inputs_rect(box),
        before=before,
        after=after,
        belt=belt,
        lower=box.top() + 106,
        bus=min(cards["f"].bottom() + 14, box.bottom() - 10),
    )


def card_rects(
    box: QRectF, order: str | tuple[str, ...], units: int, gaps: dict[str, float] | None = None
) -> dict[str, QRectF]:
    """Return the cards of gates side by side; ``gaps`` widens the gap before some of them."""
    left = box.left() + INPUTS
    wider = gaps or {}
    spaces = sum(wider.get(name, GAP) for name in order[1:])
    width = (box.right() - 14 - left - spaces) / len(order)
    cards = {}
    for number, name in enumerate(order):
        if number:
            left += wider.get(name, GAP)
        cards[name] = QRectF(left, box.top() + ABOVE_GATES, width, gate_height(units))
        left += width
    return cards


def inputs_rect(box: QRectF) -> QRectF:
    """Return the place of what goes into the sums."""
    return QRectF(box.left() + 8, box.top() + 118, INPUTS - 24, box.height() - 128)


def lstm_strands(opened: Opened, places: GatedPlaces) -> list[tuple[Strand, QRectF]]:
    """Return the runs of cells and their rectangles."""
    found = gated_strands(opened, places)
    return [*found, (opened.before, places.before), (opened.after, places.after)]


def gated_strands(opened: Opened, places: GatedPlaces) -> list[tuple[Strand, QRectF]]:
    """Return the runs of inputs, weights and gates with their rectangles."""
    found = [
        (gate.values, values_rect(places.cards[gate.name], len(opened.units)))
        for gate in opened.gates
    ]
    rects = input_rects(places.inputs, opened.inputs)
    for part, (values, weights) in zip(opened.inputs, rects, strict=True):
        if part.values is not None:
            found.append((part.values, values))
        if part.weights is not None:
            found.append((part.weights, weights))
    return found


def paint_lstm(
    painter: QPainter, opened: Opened, places: GatedPlaces, box: QRectF, kept: KeptPictures
) -> None:
    """Paint the cell in its box."""
    gates = {gate.name: gate for gate in opened.gates}
    belt = places.belt
    forget = QPointF(places.cards["f"].center().x(), belt)
    plus_x = (places.cards["i"].center().x() + places.cards["g"].center().x()) / 2
    plus, let_in = QPointF(plus_x, belt), QPointF(plus_x, places.lower)
    shown = QPointF(places.cards["o"].center().x(), places.lower)
    on_c, on_h = opened.active in ("c", ""), opened.active in ("h", "")
    paint_belt(painter, box, belt)
    paint_bus(painter, places, opened, box)
    dark = theme.colour("ink2")
    link(painter, [QPointF(box.left(), belt), QPointF(plus_x, belt)], dark)
    done = all(opened.after.written)
    if done:
        link(painter, [QPointF(plus_x, belt), QPointF(box.right(), belt)], dark)
    paint_gate_line(painter, gates["f"], [places.cards["f"], forget], lit=on_c)
    for name in "ig":
        paint_gate_line(painter, gates[name], [places.cards[name], let_in], lit=on_c)
    link(painter, [let_in, plus], theme.colour("ink1" if on_c else "border"))
    out = theme.colour("ink1" if on_h else "border")
    tanh = QPointF(shown.x(), places.after.bottom() + 14)
    if abs(places.after.right() - shown.x()) > 0.5:
        link(painter, [QPointF(shown.x(), belt), tanh], out, width=1.5)
    link(painter, [tanh, shown], out, width=1.5)
    paint_gate_line(painter, gates["o"], [places.cards["o"], shown], lit=on_h)
    link(painter, [shown, QPointF(box.right(), shown.y())], out, width=1.5)
    symbol(painter, QPointF(box.right() - 24, shown.y() - 6), "h", "t", ink="ink2", size=15)
    if opened.active == "c":
        start, end = QPointF(plus_x + NODE / 2, belt), QPointF(places.after.left() - 3, belt)
        link(painter, [start, end], theme.colour("writes"), width=2.5, arrow=True)
    paint_strand(painter, opened.before, places.before)
    paint_strand(painter, opened.after, places.after)
    node(painter, forget, "×", lit=on_c)
    node(painter, plus, "+", lit=on_c)
    node(painter, let_in, "×", lit=on_c)
    pill(painter, tanh, gates["g"].sign or "φ", lit=on_h)
    node(painter, shown, "×", lit=on_h)
    paint_amounts(painter, opened, forget, QPointF(plus_x, (belt + places.lower) / 2))
    label(painter, places.before, "c", "t−1", "memory before")
    label(painter, places.after, "c", "t", "memory after")
    for gate in opened.gates:
        paint_kept_gate(painter, places.cards[gate.name], gate, opened.units, kept)
    head = QPointF(box.left() + 14, places.inputs.top() - 9)
    paint_inputs_title(painter, head, opened)
    rects = input_rects(places.inputs, opened.inputs)
    paint_inputs(painter, places.inputs, opened.inputs, rects)


def paint_belt(painter: QPainter, box: QRectF, y: float) -> None:
    """Paint the ground of the conveyor."""
    painter.fillRect(QRectF(box.left(), y - 4, box.width(), 8), theme.colour("hairline"))


def paint_bus(painter: QPainter, places: GatedPlaces, opened: Opened, box: QRectF) -> None:
    """Paint the line that brings the inputs to every gate."""
    del box
    colour = theme.colour("border")
    cards = list(places.cards.values())
    rects = input_rects(places.inputs, opened.inputs)
    start = QPointF(rects[0][1].right() + 2, rects[0][0].center().y())
    if not any(part.weights for part in opened.inputs):
        start.setX(rects[0][0].right() + 2)
    turn = cards[0].left() - 8
    last = max(card.center().x() for card in cards)
    points = [
        start,
        QPointF(turn, start.y()),
        QPointF(turn, places.bus),
        QPointF(last, places.bus),
    ]
    link(painter, points, colour, width=1.5)
    for card in cards:
        x = card.center().x()
        foot, top = QPointF(x, places.bus), QPointF(x, card.bottom() + 3)
        link(painter, [foot, top], colour, width=1.5, arrow=True)


def paint_gate_line(
    painter: QPainter, gate: Gate, ends: list[QRectF | QPointF], *, lit: bool
) -> None:
    """Draw the line from a gate's card up to where it acts."""
    card, target = ends
    assert isinstance(card, QRectF)
    assert isinstance(target, QPointF)
    written = gate.state is not TermState.PENDING
    colour = theme.colour(fill_of(gate.tone) if lit and written else "border")
    start = QPointF(card.center().x(), card.top())
    points = [start, target]
    if abs(start.x() - target.x()) > 1:
        points = [start, QPointF(start.x(), target.y()), target]
    link(painter, points, colour)


def paint_amounts(painter: QPainter, opened: Opened, kept: QPointF, added: QPointF) -> None:
    """Write what is kept and what is added beside the signs that make them."""
    for at, words in ((kept, opened.amounts[0]), (added, opened.amounts[1])):
        if words:
            width = numbers_painter.text_width(words, 11) + 2
            above = at is kept
            left = at.x() + (NODE / 2 + 5 if above else 7)
            rect = QRectF(left, at.y() - (20 if above else 8), width, 16)
            numbers_painter.draw_centred(painter, rect, words, theme.colour("ink2"), size=11)


def label(painter: QPainter, rect: QRectF, letter: str, below: str, words: str) -> None:
    """Write the name of a state above its cells."""
    end = symbol(painter, QPointF(rect.left(), rect.top() - 9), letter, below, ink="ink1", size=17)
    box = QRectF(end + 6, rect.top() - 24, 140, 20)
    text(painter, box, words, font=fonts.ui(metrics.CONTROL), ink="ink3")


def paint_inputs_title(painter: QPainter, at: QPointF, opened: Opened) -> None:
    """Write what the column of inputs is, and that of weights beside it."""
    if opened.answers:
        end = symbol(painter, at, "h", "t", ink="ink1", size=15)
    else:
        end = symbol(painter, at, "x", "t", ink="ink1", size=15)
        end = symbol(painter, QPointF(end, at.y()), ", h", "t−1", ink="ink1", size=15)
    if any(part.weights for part in opened.inputs):
        box = QRectF(end + 8, at.y() - 14, 70, 18)
        text(painter, box, "weights", font=fonts.ui(metrics.CAPTION), ink="weights")


def paint_box(painter: QPainter, box: QRectF) -> None:
    """Paint the frame of the opened cell."""
    painter.setPen(QPen(theme.colour("border"), 1))
    painter.setBrush(theme.colour("panel"))
    painter.drawRoundedRect(box, metrics.RADIUS_CARD, metrics.RADIUS_CARD)


def line(painter: QPainter, first: QPointF, second: QPointF) -> None:
    """Draw a thin quiet line."""
    painter.setPen(QPen(theme.colour("hairline"), 1))
    painter.drawLine(QLineF(first, second))
