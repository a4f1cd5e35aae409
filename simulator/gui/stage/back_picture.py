"""The picture of the way back through time: the chain, the step opened, the gradient's length."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import partial

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from simulator.gui import fonts, metrics, theme
from simulator.gui.stage import numbers_painter
from simulator.gui.stage.back_chart import HEAD, chart_parts
from simulator.gui.stage.back_closing import closing_parts, closing_rest, closing_strands
from simulator.gui.stage.back_given import given_parts, given_places, pickers_of, unit_parts
from simulator.gui.stage.back_plan import (
    ROW,
    BackPlan,
    arriving_rect,
    back_plan,
    card_rects,
    squares,
)
from simulator.gui.stage.chain_painter import paint_squares
from simulator.gui.stage.gate_painter import gate_parts, values_rect
from simulator.gui.stage.grid_painter import CellSpace
from simulator.gui.stage.lstm_painter import box_part
from simulator.gui.stage.mark_painter import marks_parts
from simulator.gui.stage.picture import StagePicture
from simulator.gui.stage.stage_painter import head_part
from simulator.gui.stage.strands import link_part, space_of, strand_part, symbol_part
from simulator.gui.stage.unit_pickers import picked
from simulator.gui.widgets.painting import text_width
from simulator.gui.widgets.parts import KeptParts, Part, Parts, around, call, text_part
from simulator.lessons.back_frame import BackExtents, BackFrame, BackStep
from simulator.lessons.cell_frame import Strand
from simulator.lessons.frame import AnyFrame, Box, Grid, Room
from simulator.traces.formula import TermState
from simulator.traces.numbers import count


class BackPicture(StagePicture):
    """Lays out and paints a ``BackFrame``."""

    def __init__(self) -> None:
        """Lay out nothing yet."""
        self._kept = KeptParts()
        self._plan: BackPlan | None = None
        self._asked: tuple[float, float, BackExtents] | None = None

    def lay_out(self, width: float, height: float, extents: Hashable) -> None:
        """Find everything its place on a stage of this size."""
        assert isinstance(extents, BackExtents)
        asked = (width, height, extents)
        if asked != self._asked:
            self._asked, self._plan = asked, back_plan(width, height, extents)
            self._kept.clear()

    @property
    def _laid_out(self) -> BackPlan:
        assert self._plan is not None, "a picture is laid out first"
        return self._plan

    @property
    def room(self) -> Room:
        """How many units and time steps there is room for."""
        plan = self._laid_out
        return Room(input=(plan.units, plan.steps), output=(plan.shown_units, plan.shown_values))

    @property
    def foot(self) -> float:
        """Where the cells end that a card must not cover."""
        return self._laid_out.opened.bottom()

    def bare(self, frame: AnyFrame) -> QRectF | None:
        """Return the chart before the step that is gone through: its bars are yet to come.

        Once all are there, it is the room beside the weights' gradient.
        """
        assert isinstance(frame, BackFrame)
        plan = self._laid_out
        if frame.closing is not None:
            return closing_rest(plan.opened, frame.closing)
        chart = plan.chart
        right = plan.card(frame.current).left()
        return QRectF(chart.left(), chart.top() + HEAD, right - chart.left(), chart.height() - HEAD)

    def clear(self) -> None:
        """Forget what was kept, as for another theme."""
        self._kept.clear()

    def spaces(self, frame: AnyFrame, zooms: Mapping[str, Box]) -> list[tuple[Grid, CellSpace]]:
        """Return where each run of cells of a frame is painted."""
        del zooms  # everything is seen in full
        assert isinstance(frame, BackFrame)
        return [(strand.grid, space_of(strand, rect)) for strand, rect in self._placed(frame)]

    def _placed(self, frame: BackFrame) -> list[tuple[Strand, QRectF]]:
        plan = self._laid_out
        found = []
        for number, step in enumerate(frame.steps):
            card = plan.card(number)
            found.append((step.forward, squares(card, 0, len(step.forward.written))))
            found.append((step.gradient, squares(card, 1, len(step.gradient.written))))
        if frame.closing is not None:
            return found + closing_strands(plan.opened, frame.closing)
        cards = card_rects(plan, len(frame.cards), len(frame.units))
        for gate, rect in zip(frame.cards, cards, strict=True):
            found.append((gate.values, values_rect(rect, len(frame.units))))
        found.append((frame.arriving, arriving_rect(plan, len(frame.units))))
        if not plan.folded:
            found += [(given.values, rect) for given, _, rect in given_places(plan.opened, frame)]
        return found

    def pick_at(self, frame: AnyFrame, point: QPointF) -> tuple[str, int] | None:
        """Return the unit that a click on an arrow goes to."""
        assert isinstance(frame, BackFrame)
        if frame.closing is not None:
            return None
        unit = picked(pickers_of(self._laid_out.opened, frame), point)
        return None if unit is None else ("map", unit)

    def parts(self, frame: AnyFrame, zooms: Mapping[str, Box]) -> Parts:
        """Return what the picture of a frame is made of."""
        assert isinstance(frame, BackFrame)
        plan = self._laid_out
        found = {"head": head_part(plan.head, frame.explanation)}
        found |= _chain_parts(plan, frame)
        found["box"] = box_part(plan.opened)
        if frame.closing is not None:
            found |= closing_parts(plan.opened, frame.closing)
        else:
            found |= _opened_parts(plan, frame, self._kept)
        found |= chart_parts(frame, plan)
        for grid, space in self.spaces(frame, zooms):
            if grid.marks:
                found |= marks_parts(grid, space)
        return found


def _chain_parts(plan: BackPlan, frame: BackFrame) -> dict[str, Part]:
    """Return the time steps, and the lines that lead on and back between them."""
    left, top = plan.chain.left() - 10, plan.chain.top() + 2
    forward, back = top + ROW / 2, top + ROW * 1.5
    found = {
        "letter h": symbol_part(QPointF(left, forward + 5), "h", "", ink="ink3", size=15),
        "letter ∂": symbol_part(QPointF(left, back + 5), "∂", "", ink="gradient", size=15),
    }
    for number, step in enumerate(frame.steps):
        card = plan.card(number)
        if number + 1 < len(frame.steps):
            start, end = plan.card(number + 1).left(), card.right()
            found[f"forward {number}"] = link_part(
                [QPointF(end, forward), QPointF(start, forward)], "hairline", width=1.5
            )
            done = all(step.gradient.written)
            if step.cut:
                at = QPointF((start + end) / 2, back)
                found[f"cut {number}"] = call(around([at], 9), _paint_cut, at=at)
            else:
                points = [QPointF(start, back), QPointF(end, back)]
                ink = "gradient" if done else "hairline"
                found[f"back {number}"] = link_part(points, ink, width=1.5, arrow=done)
        found[f"step {number}"] = Part(
            card.adjusted(-8, 0, 8, 22),
            (step.time, step.state, step.forward.look, step.gradient.look),
            partial(_paint_step, card=card, step=step),
        )
    if len(frame.steps) == frame.total:
        return found
    first, last = frame.steps[0].time + 1, frame.steps[-1].time + 1
    words = f"time steps {count(first)}–{count(last)} of {count(frame.total)}"
    box = QRectF(plan.chain.right() - 260, plan.chain.top() - 22, 260, 18)
    found["page"] = text_part(
        box, words, font=fonts.ui(metrics.CAPTION), ink="ink3", align=Qt.AlignmentFlag.AlignRight
    )
    return found


def _paint_cut(painter: QPainter, at: QPointF) -> None:
    painter.setPen(QPen(theme.colour("ink1"), 2))
    painter.drawLine(QLineF(at.x() - 3, at.y() - 7, at.x() + 3, at.y() + 7))


def _paint_step(painter: QPainter, card: QRectF, step: BackStep) -> None:
    current = step.state is TermState.CURRENT
    pen = QPen(theme.colour("ink1" if current else "border"), 2 if current else 1)
    painter.setPen(pen)
    painter.setBrush(theme.colour("panel"))
    painter.drawRoundedRect(card, 7, 7)
    units = len(step.forward.written)
    painter.setOpacity(0.45)
    paint_squares(painter, squares(card, 0, units), step.forward)
    painter.setOpacity(1.0)
    paint_squares(painter, squares(card, 1, units), step.gradient)
    box = QRectF(card.left() - 8, card.bottom() + 4, card.width() + 16, 18)
    ink = theme.colour("ink1" if current else "ink3")
    weight = metrics.SEMIBOLD if current else metrics.REGULAR
    label = f"t = {step.time + 1}"
    numbers_painter.draw_centred(painter, box, label, ink, size=11, weight=weight)


def _opened_parts(plan: BackPlan, frame: BackFrame, kept: KeptParts) -> dict[str, Part]:
    """Return the step that is gone through: gradients and derivatives, and what made them."""
    box, units = plan.opened, len(frame.units)
    cards = card_rects(plan, len(frame.cards), units)
    arriving = arriving_rect(plan, units)
    y = cards[0].center().y()
    starts = [arriving.left() - 2, *(card.left() - 2 for card in cards)]
    ends = [*(card.right() + 3 for card in cards), box.left()]
    found = {}
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        done = number == 0 or all(frame.cards[number - 1].values.written)
        points = [QPointF(start, y), QPointF(end, y)]
        ink = "gradient" if done else "border"
        found[f"way {number}"] = link_part(points, ink, width=1.75, arrow=True, dashed=True)
    found |= unit_parts(box, frame)
    if not plan.folded:
        found |= given_parts(box, frame)
    caption = fonts.ui(metrics.CAPTION)
    words = "from the answer and the step after"
    width = text_width(caption, words) + 2
    head = QRectF(box.right() - 14 - width, box.top() + 6, width, 18)
    right = Qt.AlignmentFlag.AlignRight
    found["from"] = text_part(head, words, font=caption, ink="ink3", align=right)
    for gate, card in zip(frame.cards, cards, strict=True):
        found |= gate_parts(card, gate, frame.units, kept)
    label = QRectF(arriving.left() - 6, arriving.top() - 26, arriving.width() + 16, 18)
    found["answer"] = text_part(label, "δ answer", font=caption, ink="ink2")
    found["arriving"] = strand_part(frame.arriving, arriving)
    return found
