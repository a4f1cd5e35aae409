"""The picture of a recurrent cell: the chain, the cell opened, and one unit over time."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping

from PySide6.QtCore import QPointF, QRectF

from simulator.gui.stage import (
    chain_painter,
    gru_painter,
    lstm_painter,
    rnn_painter,
    rows_painter,
)
from simulator.gui.stage.cell_plan import CellPlan, cell_plan
from simulator.gui.stage.grid_painter import CellSpace
from simulator.gui.stage.mark_painter import marks_parts
from simulator.gui.stage.picture import StagePicture
from simulator.gui.stage.stage_painter import head_part
from simulator.gui.stage.strands import space_of
from simulator.gui.widgets.parts import KeptParts, Parts
from simulator.lessons.cell_frame import CellExtents, CellFrame, Strand
from simulator.lessons.frame import AnyFrame, Box, Grid, Room


class CellPicture(StagePicture):
    """Lays out and paints a ``CellFrame``."""

    def __init__(self) -> None:
        """Lay out nothing yet."""
        self._kept = KeptParts()
        self._plan: CellPlan | None = None
        self._asked: tuple[float, float, CellExtents] | None = None

    def lay_out(self, width: float, height: float, extents: Hashable) -> None:
        """Find everything its place on a stage of this size."""
        assert isinstance(extents, CellExtents)
        asked = (width, height, extents)
        if asked != self._asked:
            self._asked, self._plan = asked, cell_plan(width, height, extents)
            self._kept.clear()

    @property
    def _laid_out(self) -> CellPlan:
        assert self._plan is not None, "a picture is laid out first"
        return self._plan

    @property
    def room(self) -> Room:
        """How many units and time steps there is room for."""
        return self._laid_out.room

    @property
    def foot(self) -> float:
        """Where the cells end that a card must not cover."""
        return self._laid_out.foot

    def bare(self, frame: AnyFrame) -> QRectF | None:
        """Return the rows over time after the step that is gone through."""
        assert isinstance(frame, CellFrame)
        rows = self._laid_out.rows
        if rows is None:
            return None
        left = self._laid_out.step(frame.chain.current).right() + 20
        return QRectF(left, rows.top(), rows.right() - left, rows.height())

    def clear(self) -> None:
        """Forget what was kept, as for another theme."""
        self._kept.clear()

    def spaces(self, frame: AnyFrame, zooms: Mapping[str, Box]) -> list[tuple[Grid, CellSpace]]:
        """Return where each run of cells of a frame is painted."""
        del zooms  # everything is seen in full
        assert isinstance(frame, CellFrame)
        return [(strand.grid, space_of(strand, rect)) for strand, rect in self._placed(frame)]

    def _placed(self, frame: CellFrame, *, marked: bool = False) -> Iterator[tuple[Strand, QRectF]]:
        """Yield each run of cells with its rectangle; or those with marks over them alone."""
        plan = self._laid_out
        for number, step in enumerate(frame.chain.steps):
            units = len(step.states[0].written)
            for at, strand in enumerate(step.states):
                if strand.grid.marks or not marked:
                    yield strand, chain_painter.state_rect(plan, number, at, units)
            if step.reads.grid.marks or not marked:
                yield step.reads, chain_painter.reads_rect(plan, number)
        if plan.rows is not None:
            for number, row in enumerate(frame.rows):
                rect = rows_painter.row_rect(plan, number)
                steps = len(frame.chain.steps)
                rect.setWidth(steps * (plan.step(1).left() - plan.step(0).left()))
                if row.values.grid.marks or not marked:
                    yield row.values, rect
            if frame.map is not None and (frame.map.grid.marks or not marked):
                yield frame.map, rows_painter.map_rect(plan, frame.map)
        for strand, rect in self._opened(frame):
            if strand.grid.marks or not marked:
                yield strand, rect

    def _opened(self, frame: CellFrame) -> list[tuple[Strand, QRectF]]:
        plan, opened = self._laid_out, frame.opened
        units = len(opened.units)
        if opened.kind == "lstm":
            return lstm_painter.lstm_strands(opened, lstm_painter.lstm_places(plan, units))
        if opened.kind == "rnn":
            return rnn_painter.rnn_strands(opened, rnn_painter.rnn_places(plan, opened))
        return gru_painter.gru_strands(opened, gru_painter.gru_places(plan, opened))

    def pick_at(self, frame: AnyFrame, point: QPointF) -> tuple[str, int] | None:
        """Return the unit that a click beside the title of the rows goes to."""
        assert isinstance(frame, CellFrame)
        for rect, unit in rows_painter.unit_pickers(self._laid_out, frame):
            if rect.contains(point):
                return "map", unit
        return None

    def parts(self, frame: AnyFrame, zooms: Mapping[str, Box]) -> Parts:
        """Return what the picture of a frame is made of."""
        del zooms
        assert isinstance(frame, CellFrame)
        plan, opened, kept = self._laid_out, frame.opened, self._kept
        found = {"head": head_part(plan.head, frame.explanation)}
        found["fan"] = chain_painter.fan_part(frame, plan)
        found |= chain_painter.chain_parts(frame, plan)
        found["box"] = lstm_painter.box_part(plan.opened)
        if opened.kind == "lstm":
            places = lstm_painter.lstm_places(plan, len(opened.units))
            found |= lstm_painter.lstm_parts(opened, places, plan.opened, kept)
        elif opened.kind == "rnn":
            found |= rnn_painter.rnn_parts(opened, rnn_painter.rnn_places(plan, opened))
            line = QRectF(plan.opened.left(), plan.opened.top() + 8, plan.opened.width() - 14, 20)
            found |= rows_painter.answer_parts(frame, line)
        else:
            places = gru_painter.gru_places(plan, opened)
            found |= gru_painter.gru_parts(opened, places, plan.opened, kept)
        found |= rows_painter.rows_parts(frame, plan, kept)
        for strand, rect in self._placed(frame, marked=True):
            found |= marks_parts(strand.grid, space_of(strand, rect))
        return found
