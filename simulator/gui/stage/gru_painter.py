"""Paints the inside of a GRU cell: one state, kept or filled anew, and what the candidate sees."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF

from simulator.gui.stage.cell_plan import CellPlan
from simulator.gui.stage.gate_painter import gate_parts, input_rects, inputs_parts
from simulator.gui.stage.lstm_painter import (
    BELT,
    CELL,
    STRAND,
    GatedPlaces,
    amounts_parts,
    belt_part,
    bus_parts,
    card_rects,
    gate_line,
    gated_strands,
    inputs_rect,
    inputs_title,
    label_part,
)
from simulator.gui.stage.strands import (
    NODE,
    link_part,
    node_part,
    pill_part,
    strand_part,
    symbol_part,
)
from simulator.gui.widgets.parts import KeptParts, Part
from simulator.lessons.cell_frame import Opened, Strand

ORDER = ("z", "g", "recurrent", "r")
"""Left to right: the reset gate acts on what the candidate, to its left, sees of the old state."""
WIDE = 34.0
"""The gap in which a sign stands between two cards."""


def gru_places(plan: CellPlan, opened: Opened) -> GatedPlaces:
    """Return the places of a GRU's parts."""
    box, units = plan.opened, len(opened.units)
    # The reset gate acts after the product with the weights, or on the state before it.
    wide = "recurrent" if opened.kind == "gru" else "r"
    cards = card_rects(box, ORDER, units, {wide: WIDE})
    belt = box.top() + BELT
    room = cards["z"].center().x() - NODE / 2 - 10 - (box.left() + 11)
    before = QRectF(box.left() + 11, belt - STRAND / 2, min(CELL, room / units) * units, STRAND)
    left = cards["g"].center().x() + 60
    room = box.right() - 20 - left
    after = QRectF(left, belt - STRAND / 2, min(CELL, room / units) * units, STRAND)
    return GatedPlaces(
        cards=cards,
        inputs=inputs_rect(box),
        before=before,
        after=after,
        belt=belt,
        lower=box.top() + 106,
        bus=min(cards["z"].bottom() + 14, box.bottom() - 10),
    )


def gru_strands(opened: Opened, places: GatedPlaces) -> list[tuple[Strand, QRectF]]:
    """Return the runs of cells and their rectangles."""
    found = gated_strands(opened, places)
    return [*found, (opened.before, places.before), (opened.after, places.after)]


def gru_parts(opened: Opened, places: GatedPlaces, box: QRectF, kept: KeptParts) -> dict[str, Part]:
    """Return the parts of the cell in its box."""
    gates = {gate.name: gate for gate in opened.gates}
    belt, lower = places.belt, places.lower
    keep = QPointF(places.cards["z"].center().x(), belt)
    plus_x = places.cards["g"].center().x()
    plus, let_in = QPointF(plus_x, belt), QPointF(plus_x, lower)
    on_h = opened.active in ("h", "")
    on_g = opened.active in ("g", "reset_h", "recurrent", "")
    found = {"belt": belt_part(box, belt), **bus_parts(places, opened)}
    found["line in"] = link_part([QPointF(box.left(), belt), plus], "ink2")
    if all(opened.after.written):
        found["line out"] = link_part([plus, QPointF(box.right(), belt)], "ink2")
    one_minus = QPointF((keep.x() + plus_x) / 2, lower)
    corner = QPointF(keep.x(), lower)
    turned = "gate_f" if on_h and all(gates["z"].values.written) else "border"
    found["turned"] = link_part([corner, let_in], turned)
    found["line z"] = gate_line(gates["z"], places.cards["z"], keep, lit=on_h)
    found["line g"] = gate_line(gates["g"], places.cards["g"], let_in, lit=on_h)
    found["let in"] = link_part([let_in, plus], "ink1" if on_h else "border")
    if opened.active == "h":
        start, end = QPointF(plus_x + NODE / 2, belt), QPointF(places.after.left() - 3, belt)
        found["arrow"] = link_part([start, end], "writes", width=2.5, arrow=True)
    found |= _reset_parts(opened, places, lit=on_g)
    found["before"] = strand_part(opened.before, places.before)
    found["after"] = strand_part(opened.after, places.after)
    found["keep"] = node_part(keep, "×", lit=on_h)
    found["plus"] = node_part(plus, "+", lit=on_h)
    found["new"] = node_part(let_in, "×", lit=on_h)
    found["one minus"] = pill_part(one_minus, "1 −", lit=on_h)
    found |= amounts_parts(opened, keep, QPointF(plus_x, (belt + lower) / 2))
    found["label before"] = label_part(places.before, "h", "t−1", "state before")
    found["label after"] = label_part(places.after, "h", "t", "state after")
    for gate in opened.gates:
        found |= gate_parts(places.cards[gate.name], gate, opened.units, kept)
    head = QPointF(box.left() + 14, places.inputs.top() - 9)
    found["inputs"] = inputs_title(head, opened)
    rects = input_rects(places.inputs, opened.inputs)
    return found | inputs_parts(places.inputs, opened.inputs, rects)


def _reset_parts(opened: Opened, places: GatedPlaces, *, lit: bool) -> dict[str, Part]:
    """Return how the reset gate acts: on what the old state gives, or on the old state itself."""
    cards = places.cards
    g, m, r = cards["g"], cards["recurrent"], cards["r"]
    y = g.center().y()
    ink = "gate_o" if lit else "border"
    plain = "ink1" if lit else "border"
    found = {}
    if opened.kind == "gru":
        at = QPointF((g.right() + m.left()) / 2, y)
        over = places.cards["r"].top() - 16
        points = [
            QPointF(r.center().x(), r.top()),
            QPointF(r.center().x(), over),
            QPointF(at.x(), over),
            at,
        ]
        found["line r"] = link_part(points, ink)
    else:
        at = QPointF((m.right() + r.left()) / 2, y)
        over = m.top() - 16
        found["line r"] = link_part([QPointF(r.left(), y), at], ink)
        points = [QPointF(at.x(), over), QPointF(at.x(), y - NODE / 2)]
        found["old state"] = link_part(points, plain, arrow=True)
        symbol_at = QPointF(at.x() + 5, over + 6)
        found["h before"] = symbol_part(symbol_at, "h", "t−1", ink="ink2", size=13)
        found["reset"] = link_part([at, QPointF(m.right() + 2, y)], plain, arrow=True)
    found["to g"] = link_part([QPointF(m.left(), y), QPointF(g.right() + 2, y)], plain, arrow=True)
    found["times r"] = node_part(at, "×", lit=lit)
    return found
