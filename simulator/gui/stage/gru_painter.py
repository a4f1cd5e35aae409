"""Paints the inside of a GRU cell: one state, kept or filled anew, and what the candidate sees."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from simulator.gui import theme
from simulator.gui.stage.cell_plan import CellPlan
from simulator.gui.stage.gate_painter import input_rects, paint_inputs, paint_kept_gate
from simulator.gui.stage.kept_pictures import KeptPictures
from simulator.gui.stage.lstm_painter import (
    BELT,
    CELL,
    STRAND,
    GatedPlaces,
    card_rects,
    gated_strands,
    inputs_rect,
    label,
    paint_amounts,
    paint_belt,
    paint_bus,
    paint_gate_line,
    paint_inputs_title,
)
from simulator.gui.stage.strands import NODE, link, node, paint_strand, pill, symbol
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


def paint_gru(
    painter: QPainter, opened: Opened, places: GatedPlaces, box: QRectF, kept: KeptPictures
) -> None:
    """Paint the cell in its box."""
    gates = {gate.name: gate for gate in opened.gates}
    belt, lower = places.belt, places.lower
    keep = QPointF(places.cards["z"].center().x(), belt)
    plus_x = places.cards["g"].center().x()
    plus, let_in = QPointF(plus_x, belt), QPointF(plus_x, lower)
    on_h = opened.active in ("h", "")
    on_g = opened.active in ("g", "reset_h", "recurrent", "")
    paint_belt(painter, box, belt)
    paint_bus(painter, places, opened, box)
    dark = theme.colour("ink2")
    link(painter, [QPointF(box.left(), belt), plus], dark)
    if all(opened.after.written):
        link(painter, [plus, QPointF(box.right(), belt)], dark)
    one_minus = QPointF((keep.x() + plus_x) / 2, lower)
    corner = QPointF(keep.x(), lower)
    turned = theme.colour("gate_f" if on_h and all(gates["z"].values.written) else "border")
    link(painter, [corner, let_in], turned)
    paint_gate_line(painter, gates["z"], [places.cards["z"], keep], lit=on_h)
    paint_gate_line(painter, gates["g"], [places.cards["g"], let_in], lit=on_h)
    link(painter, [let_in, plus], theme.colour("ink1" if on_h else "border"))
    if opened.active == "h":
        start, end = QPointF(plus_x + NODE / 2, belt), QPointF(places.after.left() - 3, belt)
        link(painter, [start, end], theme.colour("writes"), width=2.5, arrow=True)
    _paint_reset(painter, opened, places, lit=on_g)
    paint_strand(painter, opened.before, places.before)
    paint_strand(painter, opened.after, places.after)
    node(painter, keep, "×", lit=on_h)
    node(painter, plus, "+", lit=on_h)
    node(painter, let_in, "×", lit=on_h)
    pill(painter, one_minus, "1 −", lit=on_h)
    paint_amounts(painter, opened, keep, QPointF(plus_x, (belt + lower) / 2))
    label(painter, places.before, "h", "t−1", "state before")
    label(painter, places.after, "h", "t", "state after")
    for gate in opened.gates:
        paint_kept_gate(painter, places.cards[gate.name], gate, opened.units, kept)
    head = QPointF(box.left() + 14, places.inputs.top() - 9)
    paint_inputs_title(painter, head, opened)
    rects = input_rects(places.inputs, opened.inputs)
    paint_inputs(painter, places.inputs, opened.inputs, rects)


def _paint_reset(painter: QPainter, opened: Opened, places: GatedPlaces, *, lit: bool) -> None:
    """Paint how the reset gate acts: on what the old state gives, or on the old state itself."""
    cards = places.cards
    g, m, r = cards["g"], cards["recurrent"], cards["r"]
    y = g.center().y()
    colour = theme.colour("gate_o" if lit else "border")
    plain = theme.colour("ink1" if lit else "border")
    if opened.kind == "gru":
        at = QPointF((g.right() + m.left()) / 2, y)
        over = places.cards["r"].top() - 16
        points = [
            QPointF(r.center().x(), r.top()),
            QPointF(r.center().x(), over),
            QPointF(at.x(), over),
            at,
        ]
        link(painter, points, colour)
        link(painter, [QPointF(m.left(), y), QPointF(g.right() + 2, y)], plain, arrow=True)
    else:
        at = QPointF((m.right() + r.left()) / 2, y)
        over = m.top() - 16
        link(painter, [QPointF(r.left(), y), at], colour)
        points = [QPointF(at.x(), over), QPointF(at.x(), y - NODE / 2)]
        link(painter, points, plain, arrow=True)
        symbol_at = QPointF(at.x() + 5, over + 6)
        painter.setPen(theme.colour("ink2"))
        symbol(painter, symbol_at, "h", "t−1", ink="ink2", size=13)
        link(painter, [at, QPointF(m.right() + 2, y)], plain, arrow=True)
        link(painter, [QPointF(m.left(), y), QPointF(g.right() + 2, y)], plain, arrow=True)
    node(painter, at, "×", lit=lit)
