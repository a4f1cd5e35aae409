"""Paints the inside of an LSTM cell: the memory as a conveyor, and the gates that act on it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPen

from simulator.gui import fonts, metrics, theme
from simulator.gui.stage import numbers_painter
from simulator.gui.stage.cell_plan import ABOVE_GATES, CellPlan
from simulator.gui.stage.gate_painter import (
    gate_height,
    gate_parts,
    input_rects,
    inputs_parts,
    values_rect,
)
from simulator.gui.stage.strands import (
    NODE,
    fill_of,
    link_part,
    node_part,
    pill_part,
    strand_part,
    symbol,
    symbol_part,
)
from simulator.gui.widgets.painting import text
from simulator.gui.widgets.parts import KeptParts, Part, call
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


def lstm_parts(
    opened: Opened, places: GatedPlaces, box: QRectF, kept: KeptParts
) -> dict[str, Part]:
    """Return the parts of the cell in its box."""
    gates = {gate.name: gate for gate in opened.gates}
    belt = places.belt
    forget = QPointF(places.cards["f"].center().x(), belt)
    plus_x = (places.cards["i"].center().x() + places.cards["g"].center().x()) / 2
    plus, let_in = QPointF(plus_x, belt), QPointF(plus_x, places.lower)
    shown = QPointF(places.cards["o"].center().x(), places.lower)
    on_c, on_h = opened.active in ("c", ""), opened.active in ("h", "")
    found = {"belt": belt_part(box, belt), **bus_parts(places, opened)}
    found["line in"] = link_part([QPointF(box.left(), belt), QPointF(plus_x, belt)], "ink2")
    if all(opened.after.written):
        found["line out"] = link_part([QPointF(plus_x, belt), QPointF(box.right(), belt)], "ink2")
    found["line f"] = gate_line(gates["f"], places.cards["f"], forget, lit=on_c)
    for name in "ig":
        found[f"line {name}"] = gate_line(gates[name], places.cards[name], let_in, lit=on_c)
    found["let in"] = link_part([let_in, plus], "ink1" if on_c else "border")
    out = "ink1" if on_h else "border"
    tanh = QPointF(shown.x(), places.after.bottom() + 14)
    if abs(places.after.right() - shown.x()) > 0.5:
        found["to tanh"] = link_part([QPointF(shown.x(), belt), tanh], out, width=1.5)
    found["from tanh"] = link_part([tanh, shown], out, width=1.5)
    found["line o"] = gate_line(gates["o"], places.cards["o"], shown, lit=on_h)
    found["shown"] = link_part([shown, QPointF(box.right(), shown.y())], out, width=1.5)
    at = QPointF(box.right() - 24, shown.y() - 6)
    found["h"] = symbol_part(at, "h", "t", ink="ink2", size=15)
    if opened.active == "c":
        start, end = QPointF(plus_x + NODE / 2, belt), QPointF(places.after.left() - 3, belt)
        found["arrow"] = link_part([start, end], "writes", width=2.5, arrow=True)
    found["before"] = strand_part(opened.before, places.before)
    found["after"] = strand_part(opened.after, places.after)
    found["forget"] = node_part(forget, "×", lit=on_c)
    found["plus"] = node_part(plus, "+", lit=on_c)
    found["new"] = node_part(let_in, "×", lit=on_c)
    found["tanh"] = pill_part(tanh, gates["g"].sign or "φ", lit=on_h)
    found["times o"] = node_part(shown, "×", lit=on_h)
    found |= amounts_parts(opened, forget, QPointF(plus_x, (belt + places.lower) / 2))
    found["label before"] = label_part(places.before, "c", "t−1", "memory before")
    found["label after"] = label_part(places.after, "c", "t", "memory after")
    for gate in opened.gates:
        found |= gate_parts(places.cards[gate.name], gate, opened.units, kept)
    head = QPointF(box.left() + 14, places.inputs.top() - 9)
    found["inputs"] = inputs_title(head, opened)
    rects = input_rects(places.inputs, opened.inputs)
    return found | inputs_parts(places.inputs, opened.inputs, rects)


def belt_part(box: QRectF, y: float) -> Part:
    """Return the ground of the conveyor."""
    belt = QRectF(box.left(), y - 4, box.width(), 8)
    return call(belt, _paint_belt, belt=belt)


def _paint_belt(painter: QPainter, belt: QRectF) -> None:
    painter.fillRect(belt, theme.colour("hairline"))


def bus_parts(places: GatedPlaces, opened: Opened) -> dict[str, Part]:
    """Return the line that brings the inputs to every gate: its way along the cards, and up."""
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
    found = {"bus": link_part(points, "border", width=1.5)}
    for number, card in enumerate(cards):
        x = card.center().x()
        foot, top = QPointF(x, places.bus), QPointF(x, card.bottom() + 3)
        found[f"foot {number}"] = link_part([foot, top], "border", width=1.5, arrow=True)
    return found


def gate_line(gate: Gate, card: QRectF, target: QPointF, *, lit: bool) -> Part:
    """Return the line from a gate's card up to where it acts."""
    written = gate.state is not TermState.PENDING
    start = QPointF(card.center().x(), card.top())
    points = [start, target]
    if abs(start.x() - target.x()) > 1:
        points = [start, QPointF(start.x(), target.y()), target]
    return link_part(points, fill_of(gate.tone) if lit and written else "border")


def amounts_parts(opened: Opened, kept: QPointF, added: QPointF) -> dict[str, Part]:
    """Return what is kept and what is added, beside the signs that make them."""
    found = {}
    for at, words in ((kept, opened.amounts[0]), (added, opened.amounts[1])):
        if words:
            width = numbers_painter.text_width(words, 11) + 2
            above = at is kept
            left = at.x() + (NODE / 2 + 5 if above else 7)
            rect = QRectF(left, at.y() - (20 if above else 8), width, 16)
            name = "amount kept" if above else "amount added"
            found[name] = call(rect, _paint_amount, rect=rect, words=words)
    return found


def _paint_amount(painter: QPainter, rect: QRectF, words: str) -> None:
    numbers_painter.draw_centred(painter, rect, words, theme.colour("ink2"), size=11)


def label_part(rect: QRectF, letter: str, below: str, words: str) -> Part:
    """Return the name of a state above its cells."""
    at = QPointF(rect.left(), rect.top() - 9)
    covered = QRectF(rect.left() - 2, rect.top() - 28, 200, 28)
    return call(covered, _paint_label, at=at, letter=letter, below=below, words=words)


def _paint_label(painter: QPainter, at: QPointF, letter: str, below: str, words: str) -> None:
    end = symbol(painter, at, letter, below, ink="ink1", size=17)
    box = QRectF(end + 6, at.y() - 15, 140, 20)
    text(painter, box, words, font=fonts.ui(metrics.CONTROL), ink="ink3")


def inputs_title(at: QPointF, opened: Opened) -> Part:
    """Return what the column of inputs is, and that of weights beside it."""
    weights = any(part.weights for part in opened.inputs)
    covered = QRectF(at.x() - 2, at.y() - 18, 180, 26)
    return call(covered, _paint_inputs_title, at=at, answers=opened.answers, weights=weights)


def _paint_inputs_title(painter: QPainter, at: QPointF, *, answers: bool, weights: bool) -> None:
    if answers:
        end = symbol(painter, at, "h", "t", ink="ink1", size=15)
    else:
        end = symbol(painter, at, "x", "t", ink="ink1", size=15)
        end = symbol(painter, QPointF(end, at.y()), ", h", "t−1", ink="ink1", size=15)
    if weights:
        box = QRectF(end + 8, at.y() - 14, 70, 18)
        text(painter, box, "weights", font=fonts.ui(metrics.CAPTION), ink="weights")


def box_part(box: QRectF) -> Part:
    """Return the frame of the opened cell."""
    return call(box, paint_box, box=box)


def paint_box(painter: QPainter, box: QRectF) -> None:
    """Paint the frame of the opened cell."""
    painter.setPen(QPen(theme.colour("border"), 1))
    painter.setBrush(theme.colour("panel"))
    painter.drawRoundedRect(box, metrics.RADIUS_CARD, metrics.RADIUS_CARD)
