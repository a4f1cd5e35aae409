"""Paints the chain of time steps."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from simulator.gui import fonts, metrics, theme
from simulator.gui.stage import numbers_painter
from simulator.gui.stage.cell_plan import CARD, LABEL, STATE, CellPlan
from simulator.gui.stage.strands import fills, symbol_part
from simulator.gui.widgets.painting import text
from simulator.gui.widgets.parts import Part, around, call
from simulator.lessons.cell_frame import CellFrame, ChainStep, Strand
from simulator.traces.formula import TermState
from simulator.traces.numbers import count

SQUARE = 11.0


def state_rect(plan: CellPlan, number: int, state: int, units: int) -> QRectF:
    """Return where a state of a step's card has its cells."""
    card = plan.step(number)
    side = min(SQUARE, (CARD - 12) / units)
    width = side * units
    top = card.top() + 3 + state * STATE + (STATE - min(SQUARE, side + 3)) / 2
    return QRectF(card.center().x() - width / 2, top, width, min(SQUARE, max(side, 8.0)))


def reads_rect(plan: CellPlan, number: int) -> QRectF:
    """Return where a step's card has what it reads."""
    card = plan.step(number)
    return QRectF(card.center().x() - 20, card.bottom() + 5, 40, 19)


def chain_parts(frame: CellFrame, plan: CellPlan) -> dict[str, Part]:
    """Return the steps with their states, and the lines that hand the states on."""
    chain = frame.chain
    left = plan.chain.left() - 10
    found: dict[str, Part] = {}
    for state, letter in enumerate(chain.letters):
        at = QPointF(left, _line_height(plan, state) + 5)
        found[f"letter {letter}"] = symbol_part(at, letter, "", ink="ink2", size=15)
    at = QPointF(left, reads_rect(plan, 0).center().y() + 5)
    found["letter x"] = symbol_part(at, "x", "", ink="ink2", size=15)
    found |= _line_parts(frame, plan)
    for number, step in enumerate(chain.steps):
        looks = tuple(strand.look for strand in step.states)
        found[f"step {number}"] = Part(
            plan.step(number).adjusted(0, 0, 0, LABEL - 6),
            (step.state, step.label, step.marked, looks),
            partial(_paint_step, plan=plan, number=number, step=step),
        )
    if len(chain.steps) < chain.total:
        first, last = chain.steps[0].time + 1, chain.steps[-1].time + 1
        words = f"time steps {count(first)}–{count(last)} of {count(chain.total)}"
        box = QRectF(plan.chain.right() - 260, plan.chain.top() - 22, 260, 18)
        right = Qt.AlignmentFlag.AlignRight
        font = fonts.ui(metrics.CAPTION)
        found["page"] = call(box, text, rect=box, words=words, font=font, ink="ink3", align=right)
    return found


def _line_height(plan: CellPlan, state: int) -> float:
    return plan.chain.top() + 3 + (state + 0.5) * STATE


def _line_parts(frame: CellFrame, plan: CellPlan) -> dict[str, Part]:
    """Return the lines of all states in each gap between two steps, and at the ends."""
    steps = frame.chain.steps
    top, bottom = _line_height(plan, 0), _line_height(plan, len(frame.chain.letters) - 1)
    ends = [
        (plan.step(number).right(), plan.step(number + 1).left(), step.state is TermState.DONE)
        for number, step in enumerate(steps[:-1])
    ]
    if steps[0].time > 0:
        first = plan.step(0).left()
        ends.append((first - 6, first, True))
    if steps[-1].time + 1 < frame.chain.total:
        last = plan.step(len(steps) - 1).right()
        ends.append((last, last + 10, False))
    heights = [_line_height(plan, state) for state in range(len(frame.chain.letters))]
    return {
        f"line {start:g}": call(
            QRectF(start, top, end - start, bottom - top),
            _paint_lines,
            lines=[QLineF(start, y, end, y) for y in heights],
            ink="ink2" if done else "hairline",
        )
        for start, end, done in ends
    }


def _paint_lines(painter: QPainter, lines: list[QLineF], ink: str) -> None:
    painter.setPen(QPen(theme.colour(ink), 1.5))
    painter.drawLines(lines)


def _paint_step(painter: QPainter, plan: CellPlan, number: int, step: ChainStep) -> None:
    card = plan.step(number)
    current = step.state is TermState.CURRENT
    pending = step.state is TermState.PENDING
    pen = QPen(theme.colour("ink1" if current else "border"), 2 if current else 1)
    if pending:
        pen.setStyle(Qt.PenStyle.DashLine)
    painter.setPen(pen)
    painter.setBrush(theme.colour("stage" if pending else "panel"))
    painter.drawRoundedRect(card, 7, 7)
    for at, strand in enumerate(step.states):
        paint_squares(painter, state_rect(plan, number, at, len(strand.written)), strand)
    box = reads_rect(plan, number)
    ink = theme.colour("ink3" if pending else "ink1")
    if step.marked:
        painter.setPen(QPen(ink, 1.25 if pending else 1.5))
        painter.setBrush(theme.colour("panel"))
        painter.drawRoundedRect(box, 8, 8)
    weight = metrics.SEMIBOLD if step.marked else metrics.REGULAR
    numbers_painter.draw_centred(painter, box, step.label, ink, size=12, weight=weight)


def paint_squares(painter: QPainter, rect: QRectF, strand: Strand) -> None:
    """Paint a state as small squares, empty ones for cells that are yet to come."""
    side = rect.width() / len(strand.written)
    gap = 1.5 if side > 6 else 0.5
    painter.setPen(Qt.PenStyle.NoPen)
    empty = []
    for at, pixel in enumerate(fills(strand)):
        square = QRectF(rect.left() + at * side, rect.top(), side, rect.height())
        square.adjust(gap / 2, 0, -gap / 2, 0)
        if strand.written[at]:
            painter.setBrush(QColor.fromRgb(pixel))
            painter.drawRoundedRect(square, 2, 2)
        else:
            empty.append(square.adjusted(0.5, 0.5, -0.5, -0.5))
    if empty and side > 5:
        painter.setPen(QPen(theme.colour("border"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for square in empty:
            painter.drawRoundedRect(square, 2, 2)


def fan_part(frame: CellFrame, plan: CellPlan) -> Part:
    """Return the fan from the current step down to the cell that is opened."""
    card = plan.step(frame.chain.current)
    top = card.bottom() + LABEL - 4
    opened = plan.opened
    points = [
        QPointF(card.left() + 4, top),
        QPointF(card.right() - 4, top),
        QPointF(opened.right() - 10, opened.top() + 1),
        QPointF(opened.left() + 10, opened.top() + 1),
    ]
    return call(around(points, 0), _paint_fan, points=points)


def _paint_fan(painter: QPainter, points: list[QPointF]) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("hover"))
    painter.drawPolygon(QPolygonF(points))
