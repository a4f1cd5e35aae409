"""Paints the inside of a simple recurrent cell: products, their sum, and its activation."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPolygonF

from simulator.gui import fonts, metrics, theme
from simulator.gui.stage import numbers_painter
from simulator.gui.stage.cell_plan import CellPlan
from simulator.gui.stage.gate_painter import NAME, VALUE, input_rects, inputs_parts
from simulator.gui.stage.lstm_painter import inputs_title
from simulator.gui.stage.strands import (
    link_part,
    map_colour,
    meter,
    node_part,
    strand_part,
    symbol,
)
from simulator.gui.widgets.painting import text
from simulator.gui.widgets.parts import Part, call
from simulator.lessons.cell_frame import ActivationCurve, Opened, Strand
from simulator.traces.numbers import number

TITLE = 40.0
FOLDED = 44.0
"""The height that the folded network takes below the table, where there is room for it."""
LEAST_CURVE = 80.0


@dataclass(frozen=True, slots=True)
class RnnPlaces:
    """Where the parts of a simple cell stand in its box."""

    inputs: QRectF
    rects: list[tuple[QRectF, QRectF]]
    products: QRectF
    sum: QPointF
    curve: QRectF | None
    hidden: QRectF
    meters: QRectF
    folded: QRectF | None


def rnn_places(plan: CellPlan, opened: Opened) -> RnnPlaces:
    """Return the places of a simple cell's parts."""
    box = plan.opened
    inputs = QRectF(box.left() + 14, box.top() + TITLE, NAME + 2 * VALUE + 3, box.height() - 56)
    rects = input_rects(inputs, opened.inputs, row=26.0)
    used = rects[-1][0].bottom() - inputs.top()
    shift = max(0.0, (inputs.height() - used) / 2)
    folded = None
    if box.height() - TITLE - used >= FOLDED:
        shift = min(shift, max(0.0, box.height() - TITLE - used - FOLDED) / 2)
        folded = QRectF(box.left() + 26, box.bottom() - 32, box.width() - 60, 20)
    inputs.translate(0, shift)
    rects = [(a.translated(0, shift), b.translated(0, shift)) for a, b in rects]
    middle = (rects[0][0].top() + rects[-1][0].bottom()) / 2
    products = QRectF(
        inputs.right() + 22, rects[0][0].top(), 120, rects[-1][0].bottom() - rects[0][0].top()
    )
    total = QPointF(products.right() + 34, middle)
    shown = len(opened.after.written)
    right = QRectF(box.right() - 152, 0, 138, min(box.height() - 64, 26.0 * shown))
    right.moveTop(middle - right.height() / 2)
    room = right.left() - 34 - (total.x() + 58)
    side = min(150.0, room, box.height() - 90)
    curve = QRectF(0, 0, side, side * 0.8)
    curve.moveCenter(QPointF((total.x() + 40 + right.left()) / 2, middle))
    hidden = QRectF(right.left(), right.top(), 50, right.height())
    meters = QRectF(hidden.right() + 6, right.top(), right.width() - 56, right.height())
    drawn = curve if side >= LEAST_CURVE and opened.activation is not None else None
    return RnnPlaces(inputs, rects, products, total, drawn, hidden, meters, folded)


def rnn_strands(opened: Opened, places: RnnPlaces) -> list[tuple[Strand, QRectF]]:
    """Return the runs of cells and their rectangles."""
    found: list[tuple[Strand, QRectF]] = []
    for part, (values, weights) in zip(opened.inputs, places.rects, strict=True):
        if part.values is not None:
            found.append((part.values, values))
        if part.weights is not None:
            found.append((part.weights, weights))
    return [*found, (opened.after, places.hidden)]


def rnn_parts(opened: Opened, places: RnnPlaces) -> dict[str, Part]:
    """Return the parts of the cell in its box."""
    top = places.rects[0][0].top()
    head = QPointF(places.inputs.left() + 10, top - 12)
    found = {"inputs": inputs_title(head, opened)}
    found |= inputs_parts(places.inputs, opened.inputs, places.rects)
    caption = QRectF(places.products.left(), top - 26, places.products.width(), 18)
    small = fonts.ui(metrics.CAPTION)
    found["products"] = call(caption, text, rect=caption, words="products", font=small, ink="ink3")
    found |= _product_parts(opened, places)
    found |= _sum_parts(opened, places)
    label = QPointF(places.hidden.left(), places.hidden.top() - 12)
    covered = QRectF(label.x() - 2, label.y() - 20, 150, 30)
    found["label"] = call(covered, _paint_label, at=label, answers=opened.answers)
    if places.folded is not None:
        line = places.folded
        around_it = line.adjusted(-14, -10, 14, 4)
        found["folded"] = call(around_it, _paint_folded, line=line)
    found["after"] = strand_part(opened.after, places.hidden, limit=1.0)
    if not opened.answers:
        found |= _meter_parts(opened, places)
    return found


def _paint_label(painter: QPainter, at: QPointF, *, answers: bool) -> None:
    end = symbol(painter, at, "y" if answers else "h", "t", ink="ink1", size=17)
    box = QRectF(end + 8, at.y() - 15, 110, 20)
    words = "answer" if answers else "hidden state"
    text(painter, box, words, font=fonts.ui(metrics.CONTROL), ink="ink3")


def _sum_parts(opened: Opened, places: RnnPlaces) -> dict[str, Part]:
    """Return the way from the products over their sum and its activation to the state."""
    curve, lit = opened.activation, opened.current is not None or opened.answers
    there = all(opened.after.written) if curve is None else curve.at is not None
    start = QPointF(places.products.right() + 4, places.sum.y())
    found = {"to sum": link_part([start, places.sum], "writes" if lit else "border")}
    after, drawn = places.sum, "writes" if there else "border"
    if places.curve is not None:
        end = QPointF(places.curve.left() - 4, places.sum.y())
        found["to curve"] = link_part([places.sum, end], drawn, arrow=True)
        after = QPointF(places.curve.right() + 4, places.sum.y())
    target = QPointF(places.hidden.left() - 24, places.sum.y())
    found["to state"] = link_part([after, target], drawn, arrow=True)
    found["sum"] = node_part(places.sum, "Σ", lit=lit, colour="writes")
    if curve is None:
        return found
    if places.curve is not None:
        covered = places.curve.adjusted(-26, -10, 8, 10)
        found["curve"] = call(covered, _paint_curve, rect=places.curve, curve=curve)
    if curve.at is not None:
        words = number(curve.at[0], 3)
        box = QRectF(places.sum.x() - 30, places.sum.y() - 36, 60, 16)
        found["total"] = call(box, _paint_number, rect=box, words=words, ink="ink1", size=12)
    return found


def _paint_number(painter: QPainter, rect: QRectF, words: str, ink: str, size: int) -> None:
    numbers_painter.draw_centred(painter, rect, words, theme.colour(ink), size=size)


def _paint_folded(painter: QPainter, line: QRectF) -> None:
    """Paint the network as it is written: one cell, whose state comes back to it."""
    cell = QRectF(line.left(), line.top(), 30, 20)
    loop = QPainterPath(QPointF(cell.right(), cell.center().y()))
    right, top = cell.right() + 10, cell.top() - 7
    for x, y in ((right, cell.center().y()), (right, top), (cell.left() - 10, top)):
        loop.lineTo(x, y)
    loop.lineTo(cell.left() - 10, cell.center().y())
    loop.lineTo(cell.left() - 1, cell.center().y())
    painter.setPen(QPen(theme.colour("ink3"), 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(loop)
    painter.setPen(QPen(theme.colour("ink2"), 1.5))
    painter.setBrush(theme.colour("panel"))
    painter.drawRoundedRect(cell, 4, 4)
    symbol(painter, QPointF(cell.center().x() - 5, cell.bottom() - 5), "h", "", ink="ink1", size=15)
    words = QRectF(right + 8, cell.top() - 1, line.right() - right, 20)
    told = "one cell with one set of weights: unrolled above, a step for each input"
    text(painter, words, told, font=fonts.ui(metrics.CAPTION), ink="ink3")


def _product_parts(opened: Opened, places: RnnPlaces) -> dict[str, Part]:
    """Return the products, each with its meter."""
    known = [
        abs(product) for part in opened.inputs for product in part.products if product is not None
    ]
    limit = max(known, default=1.0) or 1.0
    found = {}
    for number_of, (part, (values, _)) in enumerate(zip(opened.inputs, places.rects, strict=True)):
        pitch = values.height() / len(part.names)
        for at, product in enumerate(part.products):
            y = values.top() + at * pitch
            row = QRectF(places.products.left(), y, places.products.width(), pitch)
            found[f"product {number_of} {at}"] = call(
                row, _paint_product, row=row, product=product, limit=limit
            )
    x = places.products.right() + 2
    ends = QLineF(x, places.products.top(), x, places.products.bottom())
    rect = QRectF(ends.p1(), ends.p2())
    found["products line"] = call(rect, _paint_line, line=ends)
    return found


def _paint_product(painter: QPainter, row: QRectF, product: float | None, limit: float) -> None:
    bar = QRectF(row.left(), row.center().y() - 5, row.width() - 58, 10)
    words = QRectF(row.right() - 54, row.top(), 54, row.height())
    if product is None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("ghost"))
        painter.drawEllipse(words.center(), 1.6, 1.6)
        return
    colour = map_colour(product, limit)
    meter(painter, bar, product, colour, signed=True, limit=limit)
    text_ = number(product, 3)
    numbers_painter.draw_centred(painter, words, text_, theme.colour("ink1"), size=12)


def _paint_line(painter: QPainter, line: QLineF) -> None:
    painter.setPen(QPen(theme.colour("hairline"), 1))
    painter.drawLine(line)


def _paint_curve(painter: QPainter, rect: QRectF, curve: ActivationCurve) -> None:
    xs = [x for x, _ in curve.points]
    ys = [y for _, y in curve.points]
    low, high = min(-1.0, *ys), max(1.0, *ys)

    def at(x: float, y: float) -> QPointF:
        share = (min(max(x, xs[0]), xs[-1]) - xs[0]) / (xs[-1] - xs[0])
        rise = (min(max(y, low), high) - low) / (high - low)
        return QPointF(rect.left() + share * rect.width(), rect.bottom() - rise * rect.height())

    painter.setPen(QPen(theme.colour("hairline"), 1))
    painter.setBrush(theme.colour("stage"))
    painter.drawRoundedRect(rect.adjusted(-4, -6, 4, 6), 4, 4)
    painter.drawLine(QLineF(at(xs[0], 0), at(xs[-1], 0)))
    painter.drawLine(QLineF(at(0, low), at(0, high)))
    painter.setPen(QPen(theme.colour("ink2"), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF([at(x, y) for x, y in curve.points]))
    painter.setFont(fonts.math(13))
    painter.setPen(theme.colour("ink2"))
    painter.drawText(QPointF(rect.left() + 2, rect.top() + 8), curve.sign or "linear")
    for words, y in (("1", 1.0), ("−1", -1.0)):
        box = QRectF(at(0, y).x() - 24, at(0, y).y() - 8, 20, 16)
        numbers_painter.draw_centred(painter, box, words, theme.colour("ink3"), size=11)
    if curve.at is None:
        return
    point = at(*curve.at)
    painter.setPen(QPen(theme.colour("writes"), 1.25, Qt.PenStyle.DashLine))
    painter.drawLine(QLineF(QPointF(point.x(), at(0, 0).y()), point))
    painter.drawLine(QLineF(point, QPointF(rect.right() + 4, point.y())))
    painter.setPen(QPen(theme.colour("panel"), 1.5))
    painter.setBrush(theme.colour("writes"))
    painter.drawEllipse(point, 5, 5)


def _meter_parts(opened: Opened, places: RnnPlaces) -> dict[str, Part]:
    """Return the meter of each unit beside its value, and the unit's number."""
    total = len(opened.units)
    pitch = places.meters.height() / total
    found = {}
    for at in range(total):
        unit = opened.units.start + at
        y = places.meters.top() + (at + 0.5) * pitch
        bar = QRectF(places.meters.left() + 2, y - 5, places.meters.width() - 2, 10)
        label = QRectF(places.hidden.left() - 22, y - 8, 18, 16)
        ink = "writes" if unit == opened.unit else "ink3"
        name = str(unit + 1)
        found[f"unit {at}"] = call(label, _paint_number, rect=label, words=name, ink=ink, size=11)
        value = opened.after.value(at) if opened.after.written[at] else 0.0
        found[f"meter {at}"] = call(bar, _paint_meter, rect=bar, value=value)
    return found


def _paint_meter(painter: QPainter, rect: QRectF, value: float) -> None:
    meter(painter, rect, value, map_colour(value, 1.0), signed=True, limit=1.0)
