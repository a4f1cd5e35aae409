"""The picture of a recurrent cell: the chain, the cell opened, and one unit over time."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from simulator.gui.stage import chain_painter, gru_painter, lstm_painter, rnn_painter
from simulator.gui.stage.cell_plan import CellPlan, cell_plan
from simulator.gui.stage.grid_painter import CellSpace, paint_marks
from simulator.gui.stage.kept_pictures import KeptPictures
from simulator.gui.stage.picture import StagePicture
from simulator.gui.stage.stage_painter import paint_head
from simulator.gui.stage.strands import space_of
from simulator.lessons.cell_frame import CellExtents, CellFrame, Strand
from simulator.lessons.frame import AnyFrame, Box, Grid, Room


class CellPicture(StagePicture):
    """Lays out and paints a ``CellFrame``."""

    def __init__(self) -> None:
        """Lay out nothing yet."""
        self._kept = KeptPictures()
        self._plan: CellPlan | None = None

    def lay_out(self, width: float, height: float, extents: Hashable) -> None:
        """Find everything its place on a stage of this size."""
        assert isinstance(extents, CellExtents)
        self._plan = cell_plan(width, height, extents)

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

    def clear(self) -> None:
        """Forget what was kept, as for another theme."""
        self._kept.clear()

    def spaces(self, frame: AnyFrame, zooms: Mapping[str, Box]) -> list[tuple[Grid, CellSpace]]:
        """Return where each run of cells of a frame is painted."""
        del zooms  # everything is seen in full
        assert isinstance(frame, CellFrame)
        return [(strand.grid, space_of(strand, rect)) for strand, rect in self._placed(frame)]

    def _placed(self, frame: CellFrame) -> list[tuple[Strand, QRectF]]:
        plan, found = self._laid_out, []
        for number, step in enumerate(frame.chain.steps):
            units = len(step.states[0].written)
            for at, strand in enumerate(step.states):
                found.append((strand, chain_painter.state_rect(plan, number, at, units)))
            found.append((step.reads, chain_painter.reads_rect(plan, number)))
        if plan.rows is not None:
            for number, row in enumerate(frame.rows):
                rect = chain_painter.row_rect(plan, number)
                steps = len(frame.chain.steps)
                rect.setWidth(steps * (plan.step(1).left() - plan.step(0).left()))
                found.append((row.values, rect))
            if frame.map is not None:
                found.append((frame.map, chain_painter.map_rect(plan, frame.map)))
        return found + self._opened(frame)

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
        for rect, unit in chain_painter.unit_pickers(self._laid_out, frame):
            if rect.contains(point):
                return "map", unit
        return None

    def paint(self, painter: QPainter, frame: AnyFrame, zooms: Mapping[str, Box]) -> None:
        """Paint a frame on a painter whose origin is the stage's."""
        assert isinstance(frame, CellFrame)
        plan, opened = self._laid_out, frame.opened
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_head(painter, plan.head, frame.explanation)
        chain_painter.paint_fan(painter, frame, plan)
        chain_painter.paint_chain(painter, frame, plan, self._kept)
        lstm_painter.paint_box(painter, plan.opened)
        units = len(opened.units)
        if opened.kind == "lstm":
            places = lstm_painter.lstm_places(plan, units)
            lstm_painter.paint_lstm(painter, opened, places, plan.opened, self._kept)
        elif opened.kind == "rnn":
            rnn_painter.paint_rnn(painter, opened, rnn_painter.rnn_places(plan, opened))
            line = QRectF(plan.opened.left(), plan.opened.top() + 8, plan.opened.width() - 14, 20)
            chain_painter.paint_answer(painter, frame, line)
        else:
            places = gru_painter.gru_places(plan, opened)
            gru_painter.paint_gru(painter, opened, places, plan.opened, self._kept)
        chain_painter.paint_rows(painter, frame, plan, self._kept)
        for grid, space in self.spaces(frame, zooms):
            paint_marks(painter, space, grid)
