"""The picture of the way back through time: the chain, the step opened, the gradient's length."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from simulator.gui import fonts, metrics, theme
from simulator.gui.stage import numbers_painter
from simulator.gui.stage.back_closing import closing_rest, closing_strands, paint_closing
from simulator.gui.stage.back_given import (
    GIVEN_ROW,
    LEAST_GIVEN,
    given_places,
    paint_given,
    paint_unit,
    pickers_of,
)
from simulator.gui.stage.cell_plan import CARD, HEAD, MOST_PITCH, PITCH
from simulator.gui.stage.chain_painter import paint_squares
from simulator.gui.stage.gate_painter import gate_height, paint_kept_gate, values_rect
from simulator.gui.stage.grid_painter import CellSpace
from simulator.gui.stage.kept_pictures import KeptPictures
from simulator.gui.stage.lstm_painter import paint_box
from simulator.gui.stage.mark_painter import paint_marks
from simulator.gui.stage.picture import StagePicture
from simulator.gui.stage.stage_painter import paint_head
from simulator.gui.stage.strands import link, paint_strand, space_of, symbol
from simulator.gui.stage.unit_pickers import picked
from simulator.gui.widgets.painting import text
from simulator.gui.widgets.parts import Part, Parts
from simulator.lessons.back_frame import BackExtents, BackFrame, BackStep
from simulator.lessons.cell_frame import Strand
from simulator.lessons.frame import AnyFrame, Box, Grid, Room
from simulator.traces.formula import TermState
from simulator.traces.numbers import count

ROW = 24.0
LEAST_CHART = 110.0
GIVEN_ROOM = 44 + 2 * GIVEN_ROW
CHART_HEAD = 28.0
FIGURES = 56.0
"""Under the bars: length, factor and product."""
ARRIVING = 64.0
MOST_UNITS = 8
CROWDED = 8
"""So many cards stand closer together."""


@dataclass(frozen=True, slots=True)
class BackPlan:
    """Every rectangle of the stage."""

    head: QRectF
    chain: QRectF
    first: float
    pitch: float
    steps: int
    opened: QRectF
    chart: QRectF
    units: int
    folded: bool
    shown_units: int
    shown_values: int

    def card(self, number: int) -> QRectF:
        """Return the card of a time step, counted from the first on view."""
        return QRectF(self.first + number * self.pitch, self.chain.top(), CARD, 2 * ROW + 4)


def back_plan(width: float, height: float, extents: BackExtents) -> BackPlan:
    """Return the plan of a stage ``width`` by ``height``."""
    margin = float(metrics.STAGE_MARGIN) if width > 640 else 16.0
    available = width - 2 * margin
    top = HEAD + 12.0
    chain = QRectF(margin, top, available, 2 * ROW + 4)
    first = margin + 12
    steps = max(1, int((width - margin - first + PITCH - CARD) / PITCH))
    pitch = PITCH
    if extents.steps <= steps:  # what room a short sequence leaves, its steps share
        pitch = max(PITCH, min(MOST_PITCH, (width - margin - first - CARD) / extents.steps))
    opened_top = chain.bottom() + 44
    below = height - opened_top - 12
    chart_height = max(150.0, below * 0.42)
    least = gate_height(1) + GIVEN_ROOM
    if below - chart_height - 12 < least:  # what the step was made from comes before a high chart
        chart_height = max(LEAST_CHART, below - 12 - least)
    opened_height = below - chart_height - 12
    units = max(1, min(MOST_UNITS, extents.units, int((opened_height - least) / 20) + 1))
    folded = opened_height < least
    opened_height = min(opened_height, gate_height(units) + (44 if folded else GIVEN_ROOM))
    opened = QRectF(margin, opened_top, available, opened_height)
    chart = QRectF(margin, opened.bottom() + 12, available, height - opened.bottom() - 24)
    chart.setHeight(min(chart.height(), 520.0))
    return BackPlan(
        head=QRectF(margin, 22, available, HEAD - 22),
        chain=chain,
        first=first,
        pitch=pitch,
        steps=min(steps, extents.steps),
        opened=opened,
        chart=chart,
        units=units,
        # Three states side by side, and twice as many values as are read, with two biases.
        folded=folded,
        shown_units=max(1, min(units, int((available - 350) / (3 * LEAST_GIVEN)))),
        shown_values=max(1, min(8, int(((available - 210) / LEAST_GIVEN - 2) / 2))),
    )


class BackPicture(StagePicture):
    """Lays out and paints a ``BackFrame``."""

    def __init__(self) -> None:
        """Lay out nothing yet."""
        self._size = (0.0, 0.0)
        self._kept = KeptPictures()
        self._plan: BackPlan | None = None

    def lay_out(self, width: float, height: float, extents: Hashable) -> None:
        """Find everything its place on a stage of this size."""
        assert isinstance(extents, BackExtents)
        self._plan = back_plan(width, height, extents)
        self._size = (width, height)

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
        top = plan.chart.top() + CHART_HEAD
        right = plan.card(frame.current).left()
        return QRectF(plan.chart.left(), top, right - plan.chart.left(), plan.chart.bottom() - top)

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
            found.append((step.forward, _squares(card, 0, len(step.forward.written))))
            found.append((step.gradient, _squares(card, 1, len(step.gradient.written))))
        if frame.closing is not None:
            return found + closing_strands(plan.opened, frame.closing)
        cards = _cards(plan, len(frame.cards), len(frame.units))
        for gate, rect in zip(frame.cards, cards, strict=True):
            found.append((gate.values, values_rect(rect, len(frame.units))))
        found.append((frame.arriving, _arriving(plan, len(frame.units))))
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
        """Return what the picture of a frame is made of: one part, which is always another."""
        paint = partial(self._paint_all, frame=frame, zooms=zooms)
        return {"all": Part(QRectF(0, 0, *self._size), object(), paint)}

    def _paint_all(self, painter: QPainter, frame: AnyFrame, zooms: Mapping[str, Box]) -> None:
        assert isinstance(frame, BackFrame)
        plan = self._laid_out
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_head(painter, plan.head, frame.explanation)
        _paint_chain(painter, plan, frame, self._kept)
        paint_box(painter, plan.opened)
        if frame.closing is not None:
            paint_closing(painter, plan.opened, frame.closing)
        else:
            _paint_opened(painter, plan, frame, self._kept)
        _paint_chart(painter, plan, frame)
        for grid, space in self.spaces(frame, zooms):
            paint_marks(painter, space, grid)


def _squares(card: QRectF, row: int, units: int) -> QRectF:
    side = min(11.0, (CARD - 12) / units)
    top = card.top() + 2 + row * ROW + (ROW - min(11.0, max(side, 8.0))) / 2
    return QRectF(
        card.center().x() - side * units / 2, top, side * units, min(11.0, max(side, 8.0))
    )


def _cards(plan: BackPlan, total: int, units: int) -> list[QRectF]:
    """Return the cards of a step's gradients, from right to left."""
    box = plan.opened
    left, right = box.left() + 14, box.right() - ARRIVING - 34
    gap = 18.0 if total < CROWDED else 12.0 if right - left > 560 else 8.0
    width = min(280.0, (right - left - gap * (total - 1)) / total)
    top = box.top() + 30
    return [
        QRectF(right - (at + 1) * width - at * gap, top, width, gate_height(units))
        for at in range(total)
    ]


def _arriving(plan: BackPlan, units: int) -> QRectF:
    box = plan.opened
    top = box.top() + 30 + 32
    return QRectF(box.right() - ARRIVING - 4, top, ARRIVING - 10, units * 20.0)


def _paint_chain(painter: QPainter, plan: BackPlan, frame: BackFrame, kept: KeptPictures) -> None:
    left = plan.chain.left() - 10
    symbol(painter, QPointF(left, plan.chain.top() + 2 + ROW / 2 + 5), "h", "", ink="ink3", size=15)
    y = plan.chain.top() + 2 + ROW * 1.5
    symbol(painter, QPointF(left, y + 5), "∂", "", ink="gradient", size=15)
    gradient, quiet = "gradient", "hairline"
    for number, step in enumerate(frame.steps):
        if number + 1 < len(frame.steps):
            start, end = plan.card(number + 1).left(), plan.card(number).right()
            done = all(step.gradient.written)
            forward = plan.chain.top() + 2 + ROW / 2
            painter.setPen(QPen(theme.colour(quiet), 1.5))
            painter.drawLine(QLineF(end, forward, start, forward))
            colour = gradient if done else quiet
            if step.cut:
                _paint_cut(painter, QPointF((start + end) / 2, y))
            else:
                points = [QPointF(start, y), QPointF(end, y)]
                link(painter, points, colour, width=1.5, arrow=done, dashed=False)
        card = plan.card(number)
        key = (theme.current().name, step.state, step.forward.look, step.gradient.look)
        paint = partial(_paint_step, card=card, step=step)
        around = card.adjusted(0, 0, 0, 22)
        kept.draw(painter, f"step {number}", key, around, paint, theme.colour("stage"))
    if len(frame.steps) == frame.total:
        return
    first, last = frame.steps[0].time + 1, frame.steps[-1].time + 1
    words = f"time steps {count(first)}–{count(last)} of {count(frame.total)}"
    box = QRectF(plan.chain.right() - 260, plan.chain.top() - 22, 260, 18)
    right = Qt.AlignmentFlag.AlignRight
    text(painter, box, words, font=fonts.ui(metrics.CAPTION), ink="ink3", align=right)


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
    paint_squares(painter, _squares(card, 0, units), step.forward)
    painter.setOpacity(1.0)
    paint_squares(painter, _squares(card, 1, units), step.gradient)
    box = QRectF(card.left() - 8, card.bottom() + 4, card.width() + 16, 18)
    ink = theme.colour("ink1" if current else "ink3")
    weight = metrics.SEMIBOLD if current else metrics.REGULAR
    label = f"t = {step.time + 1}"
    numbers_painter.draw_centred(painter, box, label, ink, size=11, weight=weight)


def _paint_opened(painter: QPainter, plan: BackPlan, frame: BackFrame, kept: KeptPictures) -> None:
    box, units = plan.opened, len(frame.units)
    cards = _cards(plan, len(frame.cards), units)
    arriving = _arriving(plan, units)
    y = cards[0].center().y()
    gradient, quiet = "gradient", "border"
    starts = [arriving.left() - 2, *(card.left() - 2 for card in cards)]
    ends = [*(card.right() + 3 for card in cards), box.left()]
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        done = number == 0 or all(frame.cards[number - 1].values.written)
        points = [QPointF(start, y), QPointF(end, y)]
        link(painter, points, gradient if done else quiet, width=1.75, arrow=True, dashed=True)
    head = QRectF(box.left() + 14, box.top() + 6, box.width() - 28, 18)
    caption = fonts.ui(metrics.CAPTION)
    paint_unit(painter, box, frame)
    if not plan.folded:
        paint_given(painter, box, frame)
    right = Qt.AlignmentFlag.AlignRight
    text(painter, head, "from the answer and the step after", font=caption, ink="ink3", align=right)
    for gate, card in zip(frame.cards, cards, strict=True):
        paint_kept_gate(painter, card, gate, frame.units, kept)
    label = QRectF(arriving.left() - 6, arriving.top() - 26, arriving.width() + 16, 18)
    text(painter, label, "δ answer", font=caption, ink="ink2")
    paint_strand(painter, frame.arriving, arriving)


def _paint_chart(painter: QPainter, plan: BackPlan, frame: BackFrame) -> None:
    area = plan.chart
    title = QRectF(area.left(), area.top(), area.width(), 20)
    semibold = fonts.ui(metrics.TITLE, metrics.SEMIBOLD)
    text(painter, title, str(frame.rows_title), font=semibold, ink="ink1")
    note = title.adjusted(numbers_painter.text_width(str(frame.rows_title), 12) + 4, 0, 0, 0)
    text(painter, note, str(frame.rows_note), font=fonts.ui(metrics.CONTROL), ink="ink3")
    bars = QRectF(area.left(), area.top() + CHART_HEAD, area.width(), 0)
    bars.setBottom(area.bottom() - FIGURES)
    _paint_lines(painter, bars, frame)
    gradient = theme.colour("gradient")
    for number, step in enumerate(frame.steps):
        card = plan.card(number)
        if step.share is None:
            continue
        current = step.state is TermState.CURRENT
        height = max(2.0, step.share * bars.height())
        bar = QRectF(card.center().x() - 11, bars.bottom() - height, 22, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(gradient)
        painter.setOpacity(1.0 if current else 0.62)
        painter.drawRect(bar)
        painter.setOpacity(1.0)
        weight = metrics.SEMIBOLD if current else metrics.REGULAR
        for row, words in enumerate((step.norm, step.factor, step.product)):
            box = QRectF(card.left() - 8, bars.bottom() + 4 + row * 17, card.width() + 16, 16)
            ink = theme.colour(("gradient", "ink2", "ink3")[row])
            numbers_painter.draw_centred(painter, box, words, ink, size=11, weight=weight)
    _paint_lanes(painter, plan, bars, frame)
    names = ("‖∂‖", "step", "all")
    for row, words in enumerate(names):
        box = QRectF(area.left() - 26, bars.bottom() + 4 + row * 17, 36, 16)
        text(painter, box, words, font=fonts.ui(metrics.TEXT_LEAST), ink="ink3")


def _paint_lanes(painter: QPainter, plan: BackPlan, bars: QRectF, frame: BackFrame) -> None:
    """Paint a line for each cell that is compared, and their lengths at the current step."""
    right = plan.chart.right()
    for lane in reversed(frame.lanes):
        colour = QColor(theme.current().branches[lane.place])
        points = [
            QPointF(plan.card(at).center().x(), bars.bottom() - share * bars.height())
            for at, share in enumerate(lane.shares)
            if share is not None
        ]
        painter.setPen(QPen(colour, 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(points)
        painter.setBrush(colour)
        painter.setPen(QPen(theme.colour("stage"), 1.5))
        for point in points:
            painter.drawEllipse(point, 4, 4)
        words = f"{lane.name} {lane.length}".strip()
        font = fonts.mono(12, metrics.SEMIBOLD)
        painter.setFont(font)
        width = painter.fontMetrics().horizontalAdvance(words) + 2
        painter.setPen(colour)
        box = QRectF(right - width, plan.chart.top(), width, 20)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), words)
        right -= width + 16


def _paint_lines(painter: QPainter, bars: QRectF, frame: BackFrame) -> None:
    """Paint the lines of the scale, from its least to its greatest power of ten."""
    low, high = (int(end.removeprefix("1e")) for end in frame.ends)
    every = max(1, -(-(high - low) // 8))
    for power in range(low, high + 1, every):
        share = (power - low) / (high - low)
        y = bars.bottom() - share * bars.height()
        painter.setPen(QPen(theme.colour("border" if power == 0 else "hairline"), 1))
        painter.drawLine(QLineF(bars.left() + 10, y, bars.right(), y))
        box = QRectF(bars.left() - 28, y - 8, 34, 14)
        right = Qt.AlignmentFlag.AlignRight
        words = "1" if power == 0 else f"1e{power}".replace("-", "−")
        text(painter, box, words, font=fonts.mono(metrics.TEXT_LEAST), ink="ink3", align=right)
