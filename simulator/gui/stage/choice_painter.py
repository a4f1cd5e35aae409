"""Paints a choice of small pictures: where they stand, and what they are called."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from simulator.gui import fonts, metrics, theme
from simulator.gui.stage.numbers_painter import draw_centred
from simulator.gui.widgets.painting import CENTRE, text
from simulator.gui.widgets.parts import Part
from simulator.lessons.frame import Choice

THUMBNAIL_GAP = 22
LABEL = 16
MOST_ROWS = 6
MOST_ADDED = 16
"""Of so many summands the signs between them are drawn; among more they would leave no room."""
LABELLED_FROM = 46.0
"""Pictures so wide have their name below; of smaller ones the title names the chosen."""


def thumbnail_rects(choice: Choice, area: QRectF) -> list[QRectF]:
    """Return where the pictures of a choice stand in its area: as large as they fit."""
    return _placed(choice, area)[0]


def _added(choice: Choice) -> bool:
    """Return whether plus signs stand between the pictures of a choice."""
    return bool(choice.sum_of) and len(choice.grids) <= MOST_ADDED


def _placed(choice: Choice, area: QRectF) -> tuple[list[QRectF], bool]:
    """Return where the pictures stand, and whether there is room for the name of each below it."""
    if not choice.grids:
        return [], False
    space = area.adjusted(0, 32, 0, 0)
    labelled = _thumbnails(choice, space, LABEL)
    if labelled[0].width() >= LABELLED_FROM:
        return labelled, True
    return _thumbnails(choice, space, 0), False


def _thumbnails(choice: Choice, space: QRectF, label: float) -> list[QRectF]:
    """Return a rectangle for each picture, in cells of one size: that of the largest of them."""
    total = len(choice.grids)
    aspect = max(grid.columns / max(grid.rows, grid.columns) for grid in choice.grids)
    below = 6.0 if total <= MOST_ADDED else 4.0
    gap = float(THUMBNAIL_GAP) if _added(choice) else below
    best: tuple[float, int] = (1.0, 1)
    for rows in range(1, MOST_ROWS + 1):
        across = -(-total // rows)
        side = min(
            (space.width() - gap * (across - 1)) / across,
            (space.height() - below * (rows - 1)) / rows - label,
        )
        if side > best[0]:
            best = (side, rows)
    side, rows = float(int(min(best[0], 84))), best[1]
    across = -(-total // rows)
    width = side * aspect
    height = side * max(grid.rows / max(grid.rows, grid.columns) for grid in choice.grids)
    rects = []
    for at, grid in enumerate(choice.grids):
        scale = side / max(grid.rows, grid.columns)
        rect = QRectF(0, 0, max(1.0, grid.columns * scale), max(1.0, grid.rows * scale))
        rect.moveLeft(space.left() + (at % across) * (width + gap) + (width - rect.width()) / 2)
        top = space.top() + at // across * (height + below + label)
        rect.moveTop(top + (height - rect.height()) / 2)
        rects.append(rect)
    return rects


def choice_part(choice: Choice, area: QRectF) -> Part:
    """Return the part with the names of a choice; its pictures are grids of their own."""
    first = (choice.grids[0].rows, choice.grids[0].columns)
    names = tuple(str(name) for name in choice.names)
    key = (str(choice.title), names, choice.current, first)
    paint = partial(_paint_choice, area=area, choice=choice)
    return Part(area.adjusted(-12, -2, 12, 2), key, paint)


def _paint_choice(painter: QPainter, area: QRectF, choice: Choice) -> None:
    painter.setPen(QPen(theme.colour("hairline"), metrics.HAIRLINE))
    painter.drawLine(QLineF(area.topLeft(), area.topRight()))
    text(
        painter,
        QRectF(area.left(), area.top() + 8, area.width(), 20),
        str(choice.title),
        font=fonts.ui(metrics.TITLE, metrics.SEMIBOLD),
        ink="ink1",
    )
    rects, labelled = _placed(choice, area)
    if not labelled:
        title_width = QFontMetricsF(fonts.ui(metrics.TITLE, metrics.SEMIBOLD)).horizontalAdvance(
            str(choice.title)
        )
        text(
            painter,
            QRectF(area.left() + title_width + 6, area.top() + 8, area.width(), 20),
            str(choice.names[choice.current]),
            font=fonts.ui(metrics.TITLE),
            ink="ink3",
        )
    for at, rect in enumerate(rects):
        chosen = at == choice.current
        lowest = max(other.bottom() for other in rects if other.top() < rect.bottom())
        if labelled:
            box = QRectF(rect.left() - 10, lowest + 2, rect.width() + 20, 16)
            painter.setFont(
                fonts.ui(metrics.CAPTION, metrics.SEMIBOLD if chosen else metrics.REGULAR)
            )
            painter.setPen(theme.colour("ink1" if chosen else "ink3"))
            painter.drawText(box, CENTRE, str(choice.names[at]))
        if _added(choice) and at + 1 < len(rects):
            plus = QRectF(rect.right(), rect.top(), THUMBNAIL_GAP, rect.height())
            draw_centred(painter, plus, "+", theme.colour("ink2"), size=14)
