"""Where the panels of a board stand. Rectangles are in logical pixels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QRectF

from simulator.gui import metrics
from simulator.gui.stage.plan import HEAD, TITLE
from simulator.gui.stage.unit_pickers import PITCH, Picker, unit_pickers
from simulator.lessons.board import BoardFrame, Column, Gallery, GridPanel, Panel

GAP = 28.0
ROW_GAP = 14.0
LARGEST_CELL = 64.0
ROW_NAME = 84.0
CAPTION = 18.0
PICTURE_GAP = 6.0
LARGEST_PICTURE = 128.0


@dataclass(frozen=True, slots=True)
class Placed:
    """A panel and the rectangle of its contents, under its title."""

    panel: Panel
    rect: QRectF


def place(frame: BoardFrame, width: float, height: float) -> list[Placed]:
    """Return where each panel of a frame stands on a stage of this size."""
    margin = float(metrics.STAGE_MARGIN) if width > 640 else 16.0
    top, bottom = float(HEAD), height - 14
    total = sum(row.height for row in frame.rows)
    room = bottom - top - ROW_GAP * (len(frame.rows) - 1)
    found: list[Placed] = []
    y = top
    for row in frame.rows:
        row_height = room * row.height / total
        shares = sum(share for share, _ in row.panels)
        across = width - 2 * margin - GAP * (len(row.panels) - 1)
        x = margin
        for share, part in row.panels:
            panel_width = across * share / shares
            around = QRectF(x, y, panel_width, row_height)
            if isinstance(part, Column):
                found += _column(part, around)
            else:
                found.append(Placed(part, around.adjusted(0, TITLE, 0, 0)))
            x += panel_width + GAP
        y += row_height + ROW_GAP
    return found


def _column(column: Column, around: QRectF) -> list[Placed]:
    total = sum(share for share, _ in column.panels)
    room = around.height() - ROW_GAP * (len(column.panels) - 1)
    found, y = [], around.top()
    for share, panel in column.panels:
        height = room * share / total
        rect = QRectF(around.left(), y + TITLE, around.width(), height - TITLE)
        found.append(Placed(panel, rect))
        y += height + ROW_GAP
    return found


def grid_rect(panel: GridPanel, rect: QRectF) -> QRectF:
    """Return the rectangle of a panel's grid: whole cells, at the top left."""
    view = panel.grid.view
    cell = min(rect.width() / view.width, rect.height() / view.height, LARGEST_CELL)
    if cell >= 4:
        cell = float(int(cell))
    return QRectF(rect.left(), rect.top(), view.width * cell, view.height * cell)


def turning(panel: GridPanel, rect: QRectF) -> list[Picker]:
    """Return the arrows at the right end of a panel's title, if it has any."""
    turns = panel.turns
    if turns is None:
        return []
    made = partial(unit_pickers, unit=turns.unit, total=turns.total, page=turns.page)
    width = PITCH * len(made(0.0, 0.0))
    return made(rect.right() - width, rect.top() - 25)


def gallery_rects(panel: Gallery, rect: QRectF) -> list[list[QRectF]]:
    """Return the rectangles of a gallery's pictures, row by row, as large as they fit."""
    rows, columns = len(panel.rows), max(len(row) for row in panel.rows)
    named = ROW_NAME if any(str(name) for name in panel.row_names) else 0.0
    captioned = CAPTION if any(panel.captions) else 0.0
    side = min(
        (rect.width() - named - PICTURE_GAP * (columns - 1)) / columns,
        (rect.height() - captioned - PICTURE_GAP * (rows - 1)) / rows,
        LARGEST_PICTURE,
    )
    side = float(max(int(side), 4))
    found = []
    for at, row in enumerate(panel.rows):
        line = []
        for number, grid in enumerate(row):
            longest = max(grid.view.width, grid.view.height)
            width, height = side * grid.view.width / longest, side * grid.view.height / longest
            slot = QRectF(
                rect.left() + named + number * (side + PICTURE_GAP),
                rect.top() + at * (side + PICTURE_GAP),
                side,
                side,
            )
            cell = QRectF(0, 0, width, height)
            cell.moveCenter(slot.center())
            line.append(cell)
        found.append(line)
    return found
