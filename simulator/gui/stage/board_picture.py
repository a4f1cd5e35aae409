"""The picture of a board: panels in rows under the headline."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import partial

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from simulator.gui import fonts, metrics, theme
from simulator.gui.stage.board_painters import (
    WORDS_SLACK,
    gallery_part,
    held_handle,
    map_area,
    map_parts,
    map_values,
    paint_curves,
    paint_table,
    paint_words,
)
from simulator.gui.stage.board_plan import Placed, gallery_rects, grid_rect, place, turning
from simulator.gui.stage.grid_painter import CellSpace, kept_cells
from simulator.gui.stage.kept_pictures import KeptPictures
from simulator.gui.stage.mark_painter import marks_parts, outline
from simulator.gui.stage.picture import DragTarget, StagePicture
from simulator.gui.stage.plane_images import PlaneImages
from simulator.gui.stage.stage_painter import head_part
from simulator.gui.stage.unit_pickers import picked, pickers_parts
from simulator.gui.widgets.painting import text, text_width
from simulator.gui.widgets.parts import Part, Parts, call
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
SLACK = 20.0
"""So far a title may reach into the gap after its panel."""


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

    def parts(self, frame: AnyFrame, zooms: Mapping[str, Box]) -> Parts:
        """Return what the picture of a frame is made of."""
        assert isinstance(frame, BoardFrame)
        head = QRectF(28, 22, self._size[0] - 56, 64)
        found = {"head": head_part(head, frame.explanation)}
        spaces = self.spaces(frame, zooms)
        for grid, space in spaces:
            found[f"cells {grid.key}"] = kept_cells(space, grid, self._images, self._kept)
        for number, placed in enumerate(self._placed(frame)):
            for name, part in self._panel_parts(placed).items():
                found[f"{number} {name}"] = part
        for grid, space in spaces:
            found |= marks_parts(grid, space)
        return found

    def _panel_parts(self, placed: Placed) -> dict[str, Part]:
        """Return the parts of a panel, but for the cells of its grids."""
        panel, rect = placed.panel, placed.rect
        if isinstance(panel, GridPanel):
            pickers, note = turning(panel, rect), str(panel.grid.note)
            if pickers and rect.left() + _title_width(panel) > pickers[0].rect.left():
                note = ""
            found = {"title": _title_part(rect, str(panel.grid.title), note)}
            found |= pickers_parts(pickers)
            if panel.outlined:
                around = grid_rect(panel, rect)
                found["outline"] = call(around.adjusted(-4, -4, 4, 4), _paint_written, rect=around)
            return found
        note = "" if isinstance(panel, Words) else str(panel.note)
        found = {"title": _title_part(rect, str(panel.title), note)}
        if isinstance(panel, PointMap):
            return found | map_parts(panel, rect, self._kept)
        if isinstance(panel, CurvePlot):
            around = rect.adjusted(-24, -6, 8, 0)  # the numbers along the axis stand out
            found["curves"] = call(around, paint_curves, panel=panel, rect=rect)
        elif isinstance(panel, Gallery):
            found["gallery"] = gallery_part(panel, rect)
        elif isinstance(panel, Table):
            around = rect.adjusted(-4, -2, 24, 4)
            found["table"] = call(around, paint_table, panel=panel, rect=rect)
        else:
            around = rect.adjusted(0, 0, 0, WORDS_SLACK)
            found["words"] = call(around, paint_words, panel=panel, rect=rect)
        return found

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
        """Return what a click on a gallery picks, or on an arrow beside a title."""
        assert isinstance(frame, BoardFrame)
        for placed in self._placed(frame):
            panel = placed.panel
            if isinstance(panel, GridPanel):
                unit = picked(turning(panel, placed.rect), point)
                if unit is not None:
                    return "map", unit
            if isinstance(panel, Gallery) and panel.picks:
                for rects in gallery_rects(panel, placed.rect):
                    for at, rect in enumerate(rects):
                        if rect.adjusted(-3, -3, 3, 3).contains(point):
                            return panel.picks, at
        return None


def _paint_written(painter: QPainter, rect: QRectF) -> None:
    outline(painter, rect, theme.colour("writes"), metrics.ROLE_OUTLINE)


def _title_part(rect: QRectF, title: str, note: str) -> Part:
    left, top = rect.left() - 2, rect.top() - 26
    covered = QRectF(left, top, 12 + _words_width(title, note), 24)
    return call(covered, _paint_title, rect=rect, title=title, note=note)


def _words_width(title: str, note: str) -> float:
    return sum(
        text_width(fonts.ui(metrics.TITLE, weight), words)
        for weight, words in ((metrics.SEMIBOLD, title), (metrics.REGULAR, note))
    )


def _title_width(panel: GridPanel) -> float:
    return 12 + _words_width(str(panel.grid.title), str(panel.grid.note))


def _paint_title(painter: QPainter, rect: QRectF, title: str, note: str) -> None:
    font = fonts.ui(metrics.TITLE, metrics.SEMIBOLD)
    line = QRectF(rect.left(), rect.top() - 24, rect.width() + SLACK, 20)
    text(painter, line, title, font=font, ink="ink1")
    rest = line.adjusted(text_width(font, title) + 6, 0, 0, 0)
    text(painter, rest, note, font=fonts.ui(metrics.TITLE), ink="ink3")
