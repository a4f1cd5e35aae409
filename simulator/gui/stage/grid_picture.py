"""The picture of a grid of recurrent cells, in order of computation."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from simulator.gui import fonts, metrics, theme
from simulator.gui.stage import numbers_painter
from simulator.gui.stage.cell_plan import HEAD
from simulator.gui.stage.chain_painter import paint_squares
from simulator.gui.stage.grid_painter import CellSpace
from simulator.gui.stage.grid_side import (
    SidePlan,
    pickers_of,
    side_parts,
    side_plan,
    side_strands,
)
from simulator.gui.stage.mark_painter import marks_parts
from simulator.gui.stage.picture import StagePicture
from simulator.gui.stage.stage_painter import head_part
from simulator.gui.stage.strands import link_part, space_of
from simulator.gui.stage.unit_pickers import picked
from simulator.gui.widgets.parts import Part, Parts, call, text_part
from simulator.lessons.cell_frame import Strand
from simulator.lessons.deep_frame import DeepExtents, DeepFrame, GridCell, GridRow
from simulator.lessons.frame import AnyFrame, Box, Grid, Room
from simulator.traces.formula import TermState
from simulator.traces.numbers import count

SIDE = 168.0
"""Width of the column of inputs and weights at the right."""
PITCH, MOST_PITCH = 54.0, 116.0
CARD = 42.0
"""Width of a cell where they stand closest together."""
NUMBER = 14.0
"""Height of a cell's number."""
TITLE = 20.0
FOOT = 26.0
"""Below the cells: which time steps are on view."""
LEAST_ROW, MOST_ROW = 36.0, 110.0
MOST_UNITS = 8
MOST_SQUARE = 24.0
"""The largest side of a state's number."""
LEAST_INPUT = 15.0
"""Height of a number of what is read, where they stand closest together."""


@dataclass(frozen=True, slots=True)
class GridPlan:
    """Every rectangle of the stage."""

    head: QRectF
    area: QRectF
    first: float
    pitch: float
    steps: int
    row: float
    rows: int
    side: SidePlan
    units: int
    numbered: bool
    inputs: int

    def card(self, row: int, number: int) -> QRectF:
        """Return the card of a cell: rows count from the input's, which is 0, upwards."""
        bottom = self.area.bottom() - row * (self.row + TITLE)
        width = CARD * self.pitch / PITCH
        return QRectF(self.first + number * self.pitch, bottom - self.row, width, self.row)


def grid_plan(width: float, height: float, extents: DeepExtents) -> GridPlan:
    """Return the plan of a stage ``width`` by ``height``."""
    margin = float(metrics.STAGE_MARGIN) if width > 640 else 16.0
    area = QRectF(margin, HEAD + 4, width - 2 * margin - SIDE - 20, height - HEAD - 4 - FOOT)
    first = area.left() + 4
    steps = max(1, int((area.right() - first + PITCH - CARD) / PITCH))
    pitch = PITCH
    if extents.steps <= steps:  # what room a short sequence leaves, its steps share
        pitch = max(PITCH, min(MOST_PITCH, (area.right() - first) / extents.steps))
    rows = extents.rows + 1
    row = min(MOST_ROW, max(22.0, area.height() / rows - TITLE))
    used = rows * (row + TITLE)
    spare = max(0.0, (area.height() - used) / 2)
    area.setBottom(area.bottom() - spare)
    side = QRectF(width - margin - SIDE, HEAD + 4, SIDE, height - HEAD - 20)
    inside = side_plan(side, extents.gates)
    return GridPlan(
        head=QRectF(margin, 22, width - 2 * margin, HEAD - 22),
        area=area,
        first=first,
        pitch=pitch,
        steps=min(steps, extents.steps),
        row=row,
        rows=rows,
        side=inside,
        # Two layers' states below, the cell's own, and two biases.
        inputs=max(1, min(MOST_UNITS, int((inside.inputs.height() / LEAST_INPUT - 2) / 3))),
        units=max(1, min(MOST_UNITS, extents.units)),
        numbered=row >= NUMBER + 14 * extents.states,
    )


class GridPicture(StagePicture):
    """Lays out and paints a ``DeepFrame``."""

    def __init__(self) -> None:
        """Lay out nothing yet."""
        self._plan: GridPlan | None = None

    def lay_out(self, width: float, height: float, extents: Hashable) -> None:
        """Find everything its place on a stage of this size."""
        assert isinstance(extents, DeepExtents)
        self._plan = grid_plan(width, height, extents)

    @property
    def _laid_out(self) -> GridPlan:
        assert self._plan is not None, "a picture is laid out first"
        return self._plan

    @property
    def room(self) -> Room:
        """How many units, time steps and values there is room for."""
        plan = self._laid_out
        return Room((plan.units, plan.steps), (plan.inputs, 0))

    @property
    def foot(self) -> float:
        """Where the cells end that a card must not cover."""
        return self._laid_out.area.bottom()

    def clear(self) -> None:
        """Forget nothing: a plan has no colours."""

    def spaces(self, frame: AnyFrame, zooms: Mapping[str, Box]) -> list[tuple[Grid, CellSpace]]:
        """Return where each run of cells of a frame is painted."""
        del zooms  # everything is seen in full
        assert isinstance(frame, DeepFrame)
        return [(strand.grid, space_of(strand, rect)) for strand, rect in self._placed(frame)]

    def _placed(self, frame: DeepFrame) -> list[tuple[Strand, QRectF]]:
        plan, found = self._laid_out, []
        for number, strand in enumerate(frame.inputs):
            found.append((strand, _input_rect(plan, number)))
        for at, row in enumerate(frame.rows, start=1):
            for number, cell in enumerate(row.cells):
                rects = _squares(plan.card(at, number), cell, numbered=plan.numbered)
                found += zip(cell.values, rects, strict=True)
        return found + side_strands(plan.side, frame)

    def pick_at(self, frame: AnyFrame, point: QPointF) -> tuple[str, int] | None:
        """Return the unit that a click beside the title goes to, or that the cell is opened."""
        assert isinstance(frame, DeepFrame)
        side = self._laid_out.side
        if side.lead.contains(point):
            return "cell", 0
        unit = picked(pickers_of(side, frame), point)
        return None if unit is None else ("map", unit)

    def parts(self, frame: AnyFrame, zooms: Mapping[str, Box]) -> Parts:
        """Return what the picture of a frame is made of."""
        assert isinstance(frame, DeepFrame)
        plan = self._laid_out
        found = {"head": head_part(plan.head, frame.explanation)}
        found |= _upward_parts(plan, frame)
        for at, row in enumerate(frame.rows, start=1):
            found |= _row_parts(plan, at, row)
        found |= _inputs_parts(plan, frame)
        found |= side_parts(plan.side, frame)
        for grid, space in self.spaces(frame, zooms):
            if grid.marks:
                found |= marks_parts(grid, space)
        return found


def _row_parts(plan: GridPlan, at: int, row: GridRow) -> dict[str, Part]:
    """Return the cells of a layer, and the arrows along which they hand on their states."""
    title = plan.card(at, 0)
    box = QRectF(title.left(), title.top() - TITLE + 2, 200, 16)
    caption = fonts.ui(metrics.CAPTION)
    found = {f"row {at}": text_part(box, str(row.title), font=caption, ink="ink3")}
    for number, cell in enumerate(row.cells):
        card = plan.card(at, number)
        looks = tuple(strand.look for strand in cell.values)
        paint = partial(_paint_cell, card=card, cell=cell, numbered=plan.numbered)
        key = (cell.state, cell.order, cell.reads, plan.numbered, looks)
        found[f"cell {at} {number}"] = Part(card, key, paint)
    if not row.way:
        return found
    for number, (first, second) in enumerate(pairwise(row.cells)):
        card, after = plan.card(at, number), plan.card(at, number + 1)
        giver = first if row.way > 0 else second
        ends = [
            QPointF(card.right() + 1, card.center().y()),
            QPointF(after.left() - 1, card.center().y()),
        ]
        ink = "ink2" if all(all(strand.written) for strand in giver.values) else "border"
        points = ends if row.way > 0 else ends[::-1]
        found[f"on {at} {number}"] = link_part(points, ink, width=1.5, arrow=True)
    return found


def _input_rect(plan: GridPlan, number: int) -> QRectF:
    card = plan.card(0, number)
    return QRectF(card.left() + 3, card.top() + 2, card.width() - 6, 20)


def _squares(card: QRectF, cell: GridCell, *, numbered: bool) -> list[QRectF]:
    """Return where the states of a cell stand, one above the other."""
    units, states = len(cell.values[0].written), len(cell.values)
    head = NUMBER if numbered else 0.0
    side = min(MOST_SQUARE, (card.width() - 8) / units)
    height = min(MOST_SQUARE, (card.height() - head - 6) / states - 3)
    left, pitch = card.center().x() - side * units / 2, height + 3
    top = card.top() + head / 2 + (card.height() - states * pitch) / 2 + 1.5
    return [QRectF(left, top + at * pitch, side * units, height) for at in range(states)]


def _paint_cell(painter: QPainter, card: QRectF, cell: GridCell, *, numbered: bool) -> None:
    current = cell.state is TermState.CURRENT
    pending = cell.state is TermState.PENDING
    token = "ink1" if current else "reads" if cell.reads else "border"
    pen = QPen(theme.colour(token), 2 if current or cell.reads else 1)
    if pending:
        pen.setStyle(Qt.PenStyle.DashLine)
    painter.setPen(pen)
    painter.setBrush(theme.colour("stage" if pending else "panel"))
    painter.drawRoundedRect(card.adjusted(1, 1, -1, -1), 6, 6)
    for rect, strand in zip(_squares(card, cell, numbered=numbered), cell.values, strict=True):
        paint_squares(painter, rect, strand)
    if numbered:
        corner = QRectF(card.left() + 4, card.top() + 3, card.width() - 8, 12)
        ink = theme.colour("ink1" if current else "ink3")
        painter.setFont(fonts.mono(metrics.TEXT_LEAST))
        painter.setPen(ink)
        painter.drawText(corner, int(Qt.AlignmentFlag.AlignLeft), str(cell.order))


def _upward_parts(plan: GridPlan, frame: DeepFrame) -> dict[str, Part]:
    """Return the lines from each layer to the one above it."""
    layers = [0, *(row.layer for row in frame.rows)]
    found = {}
    for number in range(len(frame.inputs)):
        for at in range(1, len(layers)):
            lower, upper = plan.card(at - 1, number), plan.card(at, number)
            x = upper.center().x()
            points = [QPointF(x, upper.bottom()), QPointF(x, lower.top())]
            found[f"up {at} {number}"] = link_part(points, "hairline", width=1.5)
    return found


def _inputs_parts(plan: GridPlan, frame: DeepFrame) -> dict[str, Part]:
    """Return what is read at each time step, and which of them are on view."""
    found = {}
    for number, (label, marked) in enumerate(frame.labels):
        box = _input_rect(plan, number)
        time = f"t={frame.times[number] + 1}"
        covered = box.adjusted(-12, -1, 12, 16)
        found[f"input {number}"] = call(
            covered, _paint_input, box=box, label=label, marked=marked, time=time
        )
    if len(frame.times) < frame.total:
        words = f"time steps {count(frame.times.start + 1)}–{count(frame.times.stop)}"
        words += f" of {count(frame.total)}"
        box = QRectF(plan.area.right() - 240, plan.area.bottom() + 2, 240, 16)
        right = Qt.AlignmentFlag.AlignRight
        caption = fonts.ui(metrics.CAPTION)
        found["page"] = text_part(box, words, font=caption, ink="ink3", align=right)
    return found


def _paint_input(painter: QPainter, box: QRectF, label: str, time: str, *, marked: bool) -> None:
    if marked:
        painter.setPen(QPen(theme.colour("ink1"), 1.5))
        painter.setBrush(theme.colour("panel"))
        painter.drawRoundedRect(box, 8, 8)
    numbers_painter.draw_centred(painter, box, label, theme.colour("ink1"), size=12)
    below = QRectF(box.left(), box.bottom() + 1, box.width(), 14)
    numbers_painter.draw_centred(painter, below, time, theme.colour("ink3"), size=11)
