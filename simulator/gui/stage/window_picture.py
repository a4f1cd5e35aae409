"""The picture of a window that slides: input, weights, terms and output."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from simulator.gui.stage.grid_painter import CellSpace
from simulator.gui.stage.picture import StagePicture
from simulator.gui.stage.plan import Plan, plan
from simulator.gui.stage.stage_painter import StagePainter
from simulator.gui.widgets.parts import Parts
from simulator.lessons.frame import AnyFrame, Box, Extents, Frame, Grid, Room


class WindowPicture(StagePicture):
    """Lays out and paints a ``Frame``."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._painter = StagePainter()
        self._plan: Plan | None = None

    def lay_out(self, width: float, height: float, extents: Hashable) -> None:
        """Find everything its place on a stage of this size."""
        assert isinstance(extents, Extents)
        self._plan = plan(width, height, extents)

    @property
    def _laid_out(self) -> Plan:
        assert self._plan is not None, "a picture is laid out first"
        return self._plan

    @property
    def room(self) -> Room:
        """How many cells there is room for."""
        return self._laid_out.room

    @property
    def foot(self) -> float:
        """Where the grids and their labels end."""
        return self._laid_out.foot

    def spaces(self, frame: AnyFrame, zooms: Mapping[str, Box]) -> list[tuple[Grid, CellSpace]]:
        """Return where each grid of a frame is painted; later ones lie on top."""
        assert isinstance(frame, Frame)
        return self._painter.spaces(frame, self._laid_out, zooms)

    def parts(self, frame: AnyFrame, zooms: Mapping[str, Box]) -> Parts:
        """Return what the picture of a frame is made of."""
        assert isinstance(frame, Frame)
        return self._painter.parts(frame, self._laid_out, zooms)

    def clear(self) -> None:
        """Forget what was kept, as for another theme."""
        self._painter.clear()
