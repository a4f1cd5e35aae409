"""How the frames of each kind of scene are laid out and painted."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from simulator.gui.stage.grid_painter import CellSpace
from simulator.gui.widgets.parts import Parts
from simulator.lessons.frame import AnyFrame, Box, Grid, Room


@dataclass(frozen=True, slots=True)
class DragTarget:
    """What can be dragged, by its key, and the values (x, y) that a place of the stage means."""

    key: str
    values: Callable[[QPointF], tuple[float, float]]


class StagePicture(ABC):
    """Lays out and paints the frames of one kind of scene.

    It is laid out before anything is asked of it. ``zooms`` are the parts of grids that are shown
    instead of their own views, by the grids' keys.
    """

    @abstractmethod
    def lay_out(self, width: float, height: float, extents: Hashable) -> None:
        """Find everything its place on a stage of this size."""

    @property
    @abstractmethod
    def room(self) -> Room:
        """How many cells there is room for."""

    @property
    @abstractmethod
    def foot(self) -> float:
        """Where the grids and their labels end: a card that covers none of them stands below."""

    def bare(self, frame: AnyFrame) -> QRectF | None:
        """Return where there is nothing below the grids as yet: the best place for a card."""
        del frame
        return None

    @abstractmethod
    def spaces(self, frame: AnyFrame, zooms: Mapping[str, Box]) -> list[tuple[Grid, CellSpace]]:
        """Return where each grid of a frame is painted; later ones lie on top."""

    @abstractmethod
    def parts(self, frame: AnyFrame, zooms: Mapping[str, Box]) -> Parts:
        """Return what the picture of a frame is made of, each part at its place."""

    def paint(self, painter: QPainter, frame: AnyFrame, zooms: Mapping[str, Box]) -> None:
        """Paint all of a frame on a painter whose origin is the stage's."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for part in self.parts(frame, zooms).values():
            part.paint(painter)

    def drag_target(self, frame: AnyFrame, point: QPointF) -> DragTarget | None:
        """Return what can be dragged at a point, if anything."""
        del frame, point
        return None

    def pick_at(self, frame: AnyFrame, point: QPointF) -> tuple[str, int] | None:
        """Return what a click at a point picks, and which of it, besides a frame's choices."""
        del frame, point
        return None

    @abstractmethod
    def clear(self) -> None:
        """Forget what was kept, as for another theme."""
