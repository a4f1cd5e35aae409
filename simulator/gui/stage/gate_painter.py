"""Paints the cards of gates, and the column of what goes into them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from simulator.gui import fonts, metrics, theme
from simulator.gui.stage import numbers_painter
from simulator.gui.stage.cell_plan import GATE_HEAD, INPUT_ROW, UNIT_ROW
from simulator.gui.stage.strands import fill_of, meter, strand_part, symbol
from simulator.gui.widgets.painting import MIDDLE_RIGHT, text
from simulator.gui.widgets.parts import KeptParts, Part, call
from simulator.lessons.cell_frame import Gate, InputPart
from simulator.traces.formula import TermState

VALUE = 46.0
"""Width of the column of values, and of that of weights."""
NAME = 44.0
LONG = 6
"""Longer numbers are written smaller."""
LEAST_TITLE = 40.0
LEAST_LABELLED = 66.0
"""Narrower cards leave out what doesn't fit."""


def gate_height(units: int) -> float:
    """Return how high the card of a gate is."""
    return GATE_HEAD + units * UNIT_ROW + 4


def unit_rects(card: QRectF, units: int) -> list[QRectF]:
    """Return the row of each unit in a card."""
    return [
        QRectF(card.left() + 6, card.top() + GATE_HEAD + at * UNIT_ROW, card.width() - 12, UNIT_ROW)
        for at in range(units)
    ]


def values_rect(card: QRectF, units: int) -> QRectF:
    """Return where the values of a gate stand, one above the other."""
    return QRectF(card.left() + 6, card.top() + GATE_HEAD, card.width() - 12, units * UNIT_ROW)


def gate_parts(card: QRectF, gate: Gate, units: range, kept: KeptParts) -> dict[str, Part]:
    """Return a gate's card, and a part of it for each unit."""
    limit = _limit(gate)
    look = (gate.letter, gate.title, gate.sign, gate.tone, gate.signed, gate.state)
    values = gate.values
    key = (look[:-1], values.grid.plane.identity, values.grid.view, gate.held, limit, card)
    made = kept.under(f"gate {gate.name}", key)
    head = QRectF(card.left() + 4, card.top() + 4, card.width() - 8, GATE_HEAD - 6)
    found = {
        f"gate {gate.name}": Part(card, look, partial(_paint_card, card=card, gate=gate)),
        f"head {gate.name}": Part(head, look, partial(_paint_head, card=card, gate=gate)),
    }
    rows: list[QRectF] = []
    for at, there in enumerate(values.written):
        current = gate.current == units.start + at
        part = made.get((at, there, current))
        if part is None:
            rows = rows or unit_rects(card, len(units))
            paint = partial(_paint_unit, row=rows[at], gate=gate, at=at, units=units, limit=limit)
            rect = rows[at].adjusted(-4, 0, 4, 0)
            part = made[at, there, current] = Part(rect, (key, there, current), paint)
        found[f"gate {gate.name} {at}"] = part
    return found


def _limit(gate: Gate) -> float:
    """Return what fills a meter: 1, unless no activation holds the values within it."""
    if gate.sign:
        return 1.0
    there = [at for at, written in enumerate(gate.values.written) if written]
    return max((abs(gate.values.value(at)) for at in there), default=1.0) or 1.0


def _paint_card(painter: QPainter, card: QRectF, gate: Gate) -> None:
    """Paint a gate's card, empty."""
    fill = theme.colour(fill_of(gate.tone))
    quiet = gate.state is TermState.PENDING
    painter.setPen(QPen(theme.colour("border") if quiet else fill, 1 if quiet else 1.5))
    painter.setBrush(theme.colour("panel"))
    painter.drawRoundedRect(card, 4, 4)
    painter.fillRect(QRectF(card.left() + 0.5, card.top() - 1, card.width() - 1, 3), fill)


def _paint_head(painter: QPainter, card: QRectF, gate: Gate) -> None:
    """Paint the name of a gate and the sign of its activation."""
    ink = _ink(gate)
    end = symbol(
        painter, QPointF(card.left() + 9, card.top() + 22), gate.letter, "t", ink=ink, size=16
    )
    title = QRectF(end + 6, card.top() + 7, card.right() - end - (34 if gate.sign else 12), 20)
    if title.width() >= LEAST_TITLE:
        semibold = fonts.ui(metrics.TITLE, metrics.SEMIBOLD)
        text(painter, title, str(gate.title), font=semibold, ink="ink1")
    painter.setFont(fonts.math(12))
    painter.setPen(theme.colour("ink3"))
    corner = QRectF(card.right() - 40, card.top() + 7, 32, 20)
    painter.drawText(corner, MIDDLE_RIGHT, gate.sign)


def _ink(gate: Gate) -> str:
    token = fill_of(gate.tone)
    return {"gradient": token}.get(token, f"{token}_text" if "gate" in token else "ink1")


def _paint_unit(
    painter: QPainter, row: QRectF, gate: Gate, at: int, units: range, limit: float
) -> None:
    """Paint a unit's number, meter and value."""
    name = units.start + at + 1
    current = gate.current == name - 1
    if current:
        token = fill_of(gate.tone)
        wash = f"{token}_wash"
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(wash))
        painter.drawRoundedRect(row.adjusted(0, 0.5, 0, -0.5), 3, 3)
    digits = len(str(name)) if row.width() >= LEAST_LABELLED else 0
    label = QRectF(row.left() + 3, row.top(), 7.0 * digits + 4, row.height())
    if digits:
        numbers_painter.draw_centred(painter, label, str(name), theme.colour("ink3"), size=11)
    left = max(row.right() - 42, row.left() - 4)  # in a narrow card the margins give way
    number = QRectF(left, row.top(), min(40.0, row.right() + 4 - left), row.height())
    bar = QRectF(label.right() + 4, row.center().y() - 5, number.left() - label.right() - 8, 10)
    if not gate.values.written[at]:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("well"))
        painter.drawRoundedRect(bar, 2, 2)
        numbers_painter.draw_centred(painter, number, "·", theme.colour("ghost"), size=12)
        return
    value = gate.values.value(at)
    colour = theme.colour(fill_of(gate.tone))
    if bar.width() > 12:
        meter(painter, bar, value, colour, signed=gate.signed, limit=limit)
    weight = metrics.SEMIBOLD if current else metrics.REGULAR
    ink = theme.colour("ink1" if current else "ink2")
    words = gate.values.text(at)
    size = 12 if len(words) <= LONG and number.width() > 38 else 11
    numbers_painter.draw_centred(painter, number, words, ink, size=size, weight=weight)
    if gate.held[at]:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("ink1"))
        corner = row.topRight()
        painter.drawPolygon([corner, corner + QPointF(-6, 0), corner + QPointF(0, 6)])


def input_rects(
    area: QRectF, parts: Sequence[InputPart], *, row: float = INPUT_ROW
) -> list[tuple[QRectF, QRectF]]:
    """Return where the values and the weights of each part stand, one part under the other."""
    rows = sum(len(part.names) for part in parts)
    pitch = min(row, area.height() / max(rows, 1))
    found, top = [], area.top()
    for part in parts:
        height = pitch * len(part.names)
        values = QRectF(area.left() + NAME, top, VALUE, height)
        found.append((values, values.translated(VALUE + 3, 0)))
        top += height
    return found


def inputs_parts(
    area: QRectF, parts: Sequence[InputPart], rects: list[tuple[QRectF, QRectF]]
) -> dict[str, Part]:
    """Return the names, values and weights of what goes into a cell's sums."""
    found = {}
    for number, (part, (values, weights)) in enumerate(zip(parts, rects, strict=True)):
        left = area.left() - 6
        around = QRectF(left, values.top(), NAME, values.height())
        found[f"names {number}"] = call(around, _paint_names, area=around, names=part.names)
        if part.values is not None:
            found[f"values {number}"] = strand_part(part.values, values)
        else:
            pitch = values.height() / len(part.names)
            found[f"values {number}"] = call(values, _paint_bias, rect=values, pitch=pitch)
        if part.weights is not None:
            found[f"weights {number}"] = strand_part(part.weights, weights)
    return found


def _paint_names(painter: QPainter, area: QRectF, names: tuple[str, ...]) -> None:
    pitch = area.height() / len(names)
    right = Qt.AlignmentFlag.AlignRight
    for at, name in enumerate(names):
        box = QRectF(area.left(), area.top() + at * pitch, NAME, pitch)
        text(painter, box, name, font=fonts.mono(11), ink="ink3", align=right)


def _paint_bias(painter: QPainter, rect: QRectF, pitch: float) -> None:
    painter.setPen(QPen(theme.colour("hairline"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(rect)
    box = QRectF(rect.left(), rect.top(), rect.width(), pitch)
    numbers_painter.draw_centred(painter, box, "bias", theme.colour("ink3"), size=11)
