"""Zooming into a grid: the part of it that is shown instead of its own view."""

from __future__ import annotations

from PySide6.QtCore import QPointF

from simulator.gui.stage.grid_painter import CellSpace
from simulator.lessons.frame import Box, Grid

FACTOR = 1.3
FEWEST_CELLS = 3.0


class Zooms:
    """The zoomed views of a stage, by the key of their grid."""

    def __init__(self) -> None:
        """Zoom into nothing."""
        self.boxes: dict[str, Box] = {}

    def clear(self) -> None:
        """Zoom out of everything."""
        self.boxes.clear()

    def is_zoomed(self, grid: Grid) -> bool:
        """Return whether a grid is zoomed into."""
        return grid.key in self.boxes

    def reset(self, grid: Grid) -> None:
        """Zoom out of a grid."""
        self.boxes.pop(grid.key, None)

    def zoom(self, grid: Grid, space: CellSpace, at: QPointF, notches: int) -> bool:
        """Zoom in (positive) or out around a point; return whether anything changed.

        Only grids that are shown whole can be zoomed into: the others follow their window.
        """
        if "overview" not in grid.key:
            return False
        view, whole = space.view, grid.view
        factor = FACTOR**-notches
        height = min(max(view.height * factor, min(FEWEST_CELLS, whole.height)), whole.height)
        width = height * whole.width / whole.height
        if height >= whole.height:
            return self.boxes.pop(grid.key, None) is not None
        across = (at.x() - space.rect.left()) / space.rect.width()
        down = (at.y() - space.rect.top()) / space.rect.height()
        top = view.top + (view.height - height) * down
        left = view.left + (view.width - width) * across
        self.boxes[grid.key] = _within(Box(top, left, height, width), whole)
        return True

    def drag(self, grid: Grid, space: CellSpace, moved: QPointF) -> None:
        """Move what is seen of a zoomed grid along with the mouse."""
        view = self.boxes[grid.key]
        top = view.top - moved.y() / space.down
        left = view.left - moved.x() / space.across
        self.boxes[grid.key] = _within(Box(top, left, view.height, view.width), grid.view)


def _within(box: Box, whole: Box) -> Box:
    return Box(
        min(max(box.top, whole.top), whole.top + whole.height - box.height),
        min(max(box.left, whole.left), whole.left + whole.width - box.width),
        box.height,
        box.width,
    )
