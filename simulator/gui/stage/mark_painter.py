"""Paints the marks over a grid: windows, the cell that is written, what is pointed at."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from simulator.gui import icons, metrics, theme
from simulator.gui.stage import numbers_painter
from simulator.gui.stage.grid_painter import GRID_FROM, CellSpace
from simulator.gui.widgets.parts import Part
from simulator.lessons.frame import Grid, Mark, MarkKind

LEAST_MARK = 9.0
"""A mark over cells of a few pixels is drawn at least so large, or it could not be seen."""
MARK_REACH = 10.0
"""How far a mark may reach beyond the cells it stands over."""


def marks_parts(grid: Grid, space: CellSpace) -> dict[str, Part]:
    """Return the outlines over a grid, a part each, the most important on top.

    They may reach over its edge, but not beyond its cells.
    """
    found = {}
    marks = sorted(grid.marks, key=lambda mark: _ORDER.index(mark.kind)) if grid.marks else ()
    for number_of, mark in enumerate(marks):
        rect = space.box(mark.box)
        if not rect.intersects(space.rect.adjusted(1, 1, -1, -1)):
            continue
        told = ""
        sides = MARK_REACH
        if mark.kind is MarkKind.CELL and grid.key == "output":
            told = _result_of(mark, grid)
            sides += _result_width(told, 14)
        covered = rect.adjusted(-sides, -MARK_REACH, sides, MARK_REACH)
        if mark.kind is not MarkKind.CELL:
            covered &= space.rect.adjusted(-MARK_REACH, -MARK_REACH, MARK_REACH, MARK_REACH)
        paint = partial(_paint_one, rect=rect, mark=mark, space=space, grid=grid)
        look = (mark, space.rect, space.view, told)
        found[f"mark {grid.key} {number_of}"] = Part(covered, look, paint)
    return found


def _paint_one(painter: QPainter, rect: QRectF, mark: Mark, space: CellSpace, grid: Grid) -> None:
    overview = min(space.across, space.down) < GRID_FROM
    inside, around = space.rect.adjusted(-1, -1, 1, 1), space.rect.adjusted(-6, -6, 6, 6)
    painter.save()
    # An outline along the grid's edge may reach over it. Of one that goes on outside, only
    # the part within the grid is drawn.
    if mark.kind is not MarkKind.CELL or not inside.contains(rect):
        painter.setClipRect(
            around if inside.contains(rect) else space.rect, Qt.ClipOperation.IntersectClip
        )
    if overview and mark.kind is not MarkKind.VIEW:
        _paint_small_mark(painter, rect, mark)
    else:
        _paint_mark(painter, rect, mark, grid)
    painter.restore()


_ORDER = (
    MarkKind.VIEW,
    MarkKind.SOURCE,
    MarkKind.WINDOW,
    MarkKind.CELL,
    MarkKind.HOVER,
    MarkKind.PIN,
)


def outline(
    painter: QPainter, rect: QRectF, colour: QColor, width: float, *, halo: bool = True
) -> None:
    """Draw a rounded outline around ``rect``, set off from the data by a halo."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    radius = metrics.RADIUS_HIGHLIGHT
    if halo:
        painter.setPen(QPen(theme.colour("stage"), width + 2 * metrics.HALO))
        painter.drawRoundedRect(rect, radius, radius)
    painter.setPen(QPen(colour, width))
    painter.drawRoundedRect(rect, radius, radius)


def _paint_mark(painter: QPainter, rect: QRectF, mark: Mark, grid: Grid) -> None:
    role = theme.colour(mark.role.value)
    if mark.kind is MarkKind.VIEW:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.colour("stage"), 3))
        painter.drawRect(rect)
        painter.setPen(QPen(theme.colour("ink2"), 1))
        painter.drawRect(rect)
    elif mark.kind is MarkKind.WINDOW:
        outline(painter, rect, role, metrics.ROLE_OUTLINE)
    elif mark.kind is MarkKind.SOURCE:
        outline(painter, rect.adjusted(1, 1, -1, -1), role, 1.5)
    elif mark.kind is MarkKind.CELL:
        if grid.key == "output":
            _paint_result(painter, rect, mark, grid)
        else:
            wide = grid.key == "terms"
            width = metrics.ROLE_OUTLINE if wide else metrics.CURRENT_OUTLINE
            inset = 0 if wide else 3.5
            outline(painter, rect.adjusted(inset, inset, -inset, -inset), role, width)
    else:
        outline(painter, rect, theme.colour("ink1"), 2)
        if mark.kind is MarkKind.PIN:
            badge = QRectF(0, 0, 16, 16)
            badge.moveCenter(rect.topRight())
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("ink1"))
            painter.drawEllipse(badge)
            icons.paint(painter, "pin", badge.adjusted(3, 3, -3, -3), "panel")


def _result_of(mark: Mark, grid: Grid) -> str:
    """Return what stands in the cell that is being written."""
    row, column = round(mark.box.top), round(mark.box.left)
    text = grid.result_text
    if not text and grid.holds(row, column) and grid.is_written(row, column):
        text = grid.text(row, column)
    return text


def _paint_result(painter: QPainter, rect: QRectF, mark: Mark, grid: Grid) -> None:
    """Paint the cell that is being written: its wash, and its number once it is there.

    The number of this one cell is always shown: where it doesn't fit, the cell is drawn wider.
    """
    role = theme.colour(mark.role.value)
    text = _result_of(mark, grid)
    size = 14
    while size > 11 and _result_width(text, size) > rect.width():
        size -= 1
    wider = max(0.0, _result_width(text, size) - rect.width()) / 2
    rect = rect.adjusted(-wider, 0, wider, 0)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour(f"{mark.role.value}_wash"))
    painter.drawRoundedRect(rect, metrics.RADIUS_HIGHLIGHT, metrics.RADIUS_HIGHLIGHT)
    outline(painter, rect, role, metrics.ROLE_OUTLINE)
    if text:
        numbers_painter.draw_centred(painter, rect, text, role, size=size, weight=metrics.SEMIBOLD)


def _result_width(text: str, size: int) -> float:
    return numbers_painter.text_width(text, size, metrics.SEMIBOLD) + 4 if text else 0.0


def _paint_small_mark(painter: QPainter, rect: QRectF, mark: Mark) -> None:
    grown = QRectF(rect)
    if grown.width() < LEAST_MARK or grown.height() < LEAST_MARK:
        centre = grown.center()
        grown = QRectF(0, 0, max(grown.width(), LEAST_MARK), max(grown.height(), LEAST_MARK))
        grown.moveCenter(centre)
    tones = {MarkKind.HOVER: "ink1", MarkKind.PIN: "ink1"}
    colour = theme.colour(tones.get(mark.kind, mark.role.value))
    outline(painter, grown, colour, 1.5 if mark.kind is MarkKind.SOURCE else 2)
