"""The picture of a board: panels in rows under the headline."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import partial

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetricsF, QPainter

from simulator.gui import fonts, metrics, theme
from simulator.gui.stage.board_painters import (
    held_handle,
    map_area,
    map_values,
    paint_curves,
    paint_gallery,
    paint_map,
    paint_table,
    paint_words,
)
from simulator.gui.stage.board_plan import Placed, gallery_rects, grid_rect, place
from simulator.gui.stage.grid_painter import (
    CellSpace,
    cells_key,
    outline,
    paint_cells,
    paint_marks,
)
from simulator.gui.stage.kept_pictures import KeptPictures
from simulator.gui.stage.picture import DragTarget, StagePicture
from simulator.gui.stage.plane_images import PlaneImages
from simulator.gui.stage.stage_painter import paint_head
from simulator.lessons.board import (
    BoardFrame,
    CurvePlot,
    Gallery,
    GridPanel,
    PointMap,
    Table,
    Words,
)
from simulator.lessons.frame import AnyFrame, Box, Grid, Room

EVERYTHING = Room((256, 256), (256, 256))
"""Grids of a board are always shown whole."""


class BoardPicture(StagePicture):
    """Lays out and paints a ``BoardFrame``."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._images = PlaneImages()
        self._kept = KeptPictures()
        self._size = (0.0, 0.0)

    def lay_out(self, width: float, height: float, extents: Hashable) -> None:
        """Take the size of the stage: the frame says what stands on it."""
        del extents
        self._size = (width, height)

    @property
    def room(self) -> Room:
        """How many cells there is room for: all."""
        return EVERYTHING

    @property
    def foot(self) -> float:
        """Where the grids end: the cards stand wherever there is room."""
        return self._size[1] - 20

    def clear(self) -> None:
        """Forget what was kept, as for another theme."""
        self._images.clear()
        self._kept.clear()

    def _placed(self, frame: BoardFrame) -> list[Placed]:
        return place(frame, *self._size)

    def spaces(self, frame: AnyFrame, zooms: Mapping[str, Box]) -> list[tuple[Grid, CellSpace]]:
        """Return where each grid of a frame is painted."""
        del zooms
        assert isinstance(frame, BoardFrame)
        found: list[tuple[Grid, CellSpace]] = []
        for placed in self._placed(frame):
            panel = placed.panel
            if isinstance(panel, GridPanel):
                rect = grid_rect(panel, placed.rect)
                found.append((panel.grid, CellSpace(rect, panel.grid.view)))
            elif isinstance(panel, Gallery):
                for row, rects in zip(panel.rows, gallery_rects(panel, placed.rect), strict=True):
                    found += [
                        (grid, CellSpace(rect, grid.view))
                        for grid, rect in zip(row, rects, strict=True)
                    ]
        return found

    def paint(self, painter: QPainter, frame: AnyFrame, zooms: Mapping[str, Box]) -> None:
        """Paint a frame on a painter whose origin is the stage's."""
        assert isinstance(frame, BoardFrame)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_head(painter, QRectF(28, 22, self._size[0] - 56, 64), frame.explanation)
        ground = theme.colour("stage")
        spaces = self.spaces(frame, zooms)
        for grid, space in spaces:
            cells = partial(paint_cells, space=space, grid=grid, images=self._images)
            key = cells_key(space, grid)
            self._kept.draw(painter, f"cells {grid.key}", key, space.rect, cells, ground)
        for placed in self._placed(frame):
            self._paint_panel(painter, placed)
        for grid, space in spaces:
            paint_marks(painter, space, grid)

    def _paint_panel(self, painter: QPainter, placed: Placed) -> None:
        panel, rect = placed.panel, placed.rect
        if isinstance(panel, GridPanel):
            _paint_title(painter, rect, str(panel.grid.title), str(panel.grid.note))
            if panel.outlined:
                around = grid_rect(panel, rect)
                outline(painter, around, theme.colour("writes"), metrics.ROLE_OUTLINE)
            return
        note = "" if isinstance(panel, Words) else str(panel.note)
        _paint_title(painter, rect, str(panel.title), note)
        if isinstance(panel, PointMap):
            paint_map(painter, panel, rect, self._kept)
        elif isinstance(panel, CurvePlot):
            paint_curves(painter, panel, rect, self._kept)
        elif isinstance(panel, Gallery):
            paint_gallery(painter, panel, rect)
        elif isinstance(panel, Table):
            paint_table(painter, panel, rect)
        else:
            paint_words(painter, panel, rect)

    # What can be dragged or picked

    def drag_target(self, frame: AnyFrame, point: QPointF) -> DragTarget | None:
        """Return the handle of a map under a point, or its strongest anywhere else on the map."""
        assert isinstance(frame, BoardFrame)
        for placed in self._placed(frame):
            panel = placed.panel
            if not isinstance(panel, PointMap) or not panel.handles:
                continue
            if not map_area(placed.rect).adjusted(-8, -8, 8, 8).contains(point):
                continue
            values = partial(map_values, panel, placed.rect)
            return DragTarget(held_handle(panel, placed.rect, point).key, values)
        return None

    def pick_at(self, frame: AnyFrame, point: QPointF) -> tuple[str, int] | None:
        """Return what a click on a gallery picks."""
        assert isinstance(frame, BoardFrame)
        for placed in self._placed(frame):
            panel = placed.panel
            if isinstance(panel, Gallery) and panel.picks:
                for rects in gallery_rects(panel, placed.rect):
                    for at, rect in enumerate(rects):
                        if rect.adjusted(-3, -3, 3, 3).contains(point):
                            return panel.picks, at
        return None


def _paint_title(painter: QPainter, rect: QRectF, title: str, note: str) -> None:
    font = fonts.ui(metrics.TITLE, metrics.SEMIBOLD)
    baseline = rect.top() - 9
    painter.setFont(font)
    painter.setPen(theme.colour("ink1"))
    painter.drawText(QPointF(rect.left(), baseline), title)
    left = rect.left() + QFontMetricsF(font).horizontalAdvance(title) + 6
    painter.setFont(fonts.ui(metrics.TITLE))
    painter.setPen(theme.colour("ink3"))
    painter.drawText(QPointF(left, baseline), note)
