"""Paints what stands on a board besides grids: maps of points, curves, captions and words."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import ceil, floor, log10

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from simulator.gui import fonts, metrics, theme
from simulator.gui.stage import numbers_painter
from simulator.gui.stage.board_plan import gallery_rects
from simulator.gui.stage.kept_pictures import KeptPictures
from simulator.gui.stage.mark_painter import outline
from simulator.gui.stage.point_painter import paint_points
from simulator.gui.widgets.painting import CENTRE, MIDDLE_LEFT, MIDDLE_RIGHT, text, text_width
from simulator.gui.widgets.parts import Part, around, call
from simulator.lessons.board import CurvePlot, Gallery, Handle, PointMap, Table, Words
from simulator.traces.numbers import number

AXIS = 22.0
"""For the numbers along an axis."""
HANDLE = 11.0
LARGEST_LINE, SMALL_LINE = 24.0, 19.0
"""Of a table. With lines lower than the second, or signs narrower than ``SIGN``, it is small."""
SIGN, WIDEST_SIGN = 7.5, 15.0
SHORTEST = 5
"""No column is narrower than for so many signs: it would move with a minus that comes and goes."""
WIDEST_LINE = 340.0
WORDS_SLACK = 6.0
"""So far beyond its panel a last line may reach."""


def map_area(rect: QRectF) -> QRectF:
    """Return the ground of a map within its panel's rectangle, and of curves."""
    return rect.adjusted(AXIS, 0, 0, -AXIS)


def map_point(panel: PointMap, rect: QRectF, x: float, y: float) -> QPointF:
    """Return where a point of a map is painted."""
    area, (left, right, low, high) = map_area(rect), panel.bounds
    return QPointF(
        area.left() + (x - left) / (right - left) * area.width(),
        area.bottom() - (y - low) / (high - low) * area.height(),
    )


def handle_point(panel: PointMap, rect: QRectF, handle: Handle) -> QPointF:
    """Return where a handle is painted: at the edge, if it lies beyond."""
    left, right, low, high = panel.bounds
    x, y = min(max(handle.x, left), right), min(max(handle.y, low), high)
    return map_point(panel, rect, x, y)


def map_values(panel: PointMap, rect: QRectF, at: QPointF) -> tuple[float, float]:
    """Return the point of a map under a place of the stage, within its bounds."""
    area, (left, right, low, high) = map_area(rect), panel.bounds
    across = min(max((at.x() - area.left()) / area.width(), 0.0), 1.0)
    up = min(max((area.bottom() - at.y()) / area.height(), 0.0), 1.0)
    return left + across * (right - left), low + up * (high - low)


def map_parts(panel: PointMap, rect: QRectF, kept: KeptPictures) -> dict[str, Part]:
    """Return the parts of a map: its points with the names of classes, and what can be dragged."""
    look = (theme.current().name, panel.identity, panel.bounds, panel.lit)
    covered = rect.adjusted(-8, 0, 16, 0)  # the numbers at its corners stand out
    points = partial(_paint_points, panel=panel, rect=rect)
    paint = partial(_paint_kept, kept=kept, name=panel.key, look=look, rect=covered, points=points)
    found = {"points": Part(covered, look, paint)}
    if panel.way:
        way = [map_point(panel, rect, *point) for point in panel.way]
        found["way"] = call(around(way, 6), _paint_way, points=way)
    # A ring lies under the letter that it goes around, and any other strong handle on top.
    for handle in sorted(panel.handles, key=lambda one: (not _over(panel, one), one.strong)):
        at, ring = handle_point(panel, rect, handle), bool(_over(panel, handle))
        found[f"handle {handle.key} {ring}"] = call(
            around([at], HANDLE + 8), _paint_handle, at=at, handle=handle, ring=ring
        )
    return found


def _paint_kept(
    painter: QPainter,
    kept: KeptPictures,
    name: str,
    look: object,
    rect: QRectF,
    points: Callable[[QPainter], None],
) -> None:
    """Paint the points, or copy them where something else moves over the same ones."""
    kept.draw(painter, name, look, rect, points, theme.colour("stage"))


def _paint_way(painter: QPainter, points: list[QPointF]) -> None:
    painter.setPen(QPen(theme.colour("stage"), 4.5))
    painter.drawPolyline(QPolygonF(points))
    painter.setPen(QPen(theme.colour("ink1"), 1.5))
    painter.drawPolyline(QPolygonF(points))
    painter.setBrush(theme.colour("card"))
    for point in points[1:-1]:
        painter.drawEllipse(point, 3.2, 3.2)


def _over(panel: PointMap, handle: Handle) -> list[Handle]:
    """Return the other handles at the place of a strong one: they lie on top, and it is a ring."""
    return [
        each
        for each in panel.handles
        if handle.strong and each is not handle and (each.x, each.y) == (handle.x, handle.y)
    ]


def held_handle(panel: PointMap, rect: QRectF, at: QPointF) -> Handle:
    """Return the handle under a place of the stage, or else the strongest one.

    Where a letter lies on the strong one, the letter is held, and around it the strong one.
    """
    near = []
    for handle in panel.handles:
        away = handle_point(panel, rect, handle) - at
        reach = HANDLE + (0 if any(handle in _over(panel, one) for one in panel.handles) else 3)
        if away.x() ** 2 + away.y() ** 2 <= reach**2:
            near.append(handle)
    for handle in near:
        if handle.strong and not any(each in near for each in _over(panel, handle)):
            return handle
    letters = [handle for handle in near if not handle.strong]
    return (letters or sorted(panel.handles, key=lambda one: not one.strong))[0]


def _paint_points(painter: QPainter, panel: PointMap, rect: QRectF) -> None:
    area = map_area(rect)
    painter.fillRect(area, theme.colour("card"))
    _paint_axes(painter, panel.bounds, area, rect)
    paint_points(painter, panel, area)
    painter.setFont(fonts.ui(17, metrics.SEMIBOLD))
    for name, *middle in panel.names:
        at = map_point(panel, rect, *middle)
        box = QRectF(0, 0, 80, 24)
        box.moveCenter(at)
        for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1)):
            painter.setPen(theme.colour("card"))
            painter.drawText(box.translated(dx, dy), CENTRE, name)
        painter.setPen(theme.colour("ink1"))
        painter.drawText(box, CENTRE, name)


def ticks(low: float, high: float, most: int = 8) -> list[float]:
    """Return round values between two, no more than so many."""
    span = high - low
    if not span > 0:
        return [low]
    step = 10.0 ** floor(log10(span / most))
    while span / step > most:
        step *= 2 if f"{step:e}"[0] in "15" else 2.5
    first = ceil(low / step - 1e-9)
    return [round(at * step, 10) for at in range(first, floor(high / step + 1e-9) + 1)]


def _paint_axes(
    painter: QPainter, bounds: tuple[float, float, float, float], area: QRectF, rect: QRectF
) -> None:
    left, right, low, high = bounds
    ink = theme.colour("ink3")
    lines = []
    for at in ticks(left, right):
        x = area.left() + (at - left) / (right - left) * area.width()
        lines.append(QLineF(x, area.top(), x, area.bottom()))
        box = QRectF(x - 20, area.bottom() + 3, 40, 16)
        numbers_painter.draw_centred(painter, box, number(at), ink, size=11)
    for at in ticks(low, high):
        y = area.bottom() - (at - low) / (high - low) * area.height()
        lines.append(QLineF(area.left(), y, area.right(), y))
        box = QRectF(rect.left() - 8, y - 8, AXIS + 4, 16)
        numbers_painter.draw_centred(painter, box, number(at), ink, size=11)
    painter.setPen(QPen(theme.colour("hairline"), metrics.HAIRLINE))
    painter.drawLines(lines)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.colour("border"), metrics.HAIRLINE))
    painter.drawRect(area)


def _paint_handle(painter: QPainter, at: QPointF, handle: Handle, *, ring: bool) -> None:
    painter.setPen(QPen(theme.colour("stage"), 2))
    if ring:
        painter.setBrush(theme.colour("card"))
        painter.drawEllipse(at, HANDLE + 5, HANDLE + 5)
        painter.setPen(QPen(theme.colour("writes"), 4))
        painter.drawEllipse(at, HANDLE + 3, HANDLE + 3)
        return
    if handle.strong:
        painter.setBrush(theme.colour("card"))
        painter.drawEllipse(at, HANDLE, HANDLE)
        painter.setPen(QPen(theme.colour("writes"), 2))
        painter.drawEllipse(at, HANDLE, HANDLE)
        painter.setBrush(theme.colour("writes"))
        painter.drawEllipse(at, HANDLE - 4, HANDLE - 4)
        return
    painter.setBrush(theme.colour("ink1"))
    painter.drawEllipse(at, HANDLE - 1, HANDLE - 1)
    painter.setFont(fonts.ui(metrics.CAPTION, metrics.SEMIBOLD))
    painter.setPen(theme.colour("panel"))
    box = QRectF(at.x() - 12, at.y() - 10, 24, 20)
    painter.drawText(box, CENTRE, handle.label)


def paint_curves(painter: QPainter, panel: CurvePlot, rect: QRectF) -> None:
    """Paint curves over a scale with 0 on it, with their names, and where each stands now."""
    area = map_area(rect).adjusted(14, 4, -8, 0)
    every = [value for curve in panel.curves for value in curve.y if np.isfinite(value)]
    # The first steps of a training may be far off: they would flatten all the rest.
    high = 1.3 * max(float(np.quantile(every, 0.98)), panel.reach) if every else 1.0
    low = min(0.0, 1.1 * float(np.quantile(every, 0.02))) if every else 0.0
    high = high if high > low else low + 1.0
    end = max(panel.end, 1.0)

    def at(x: float, y: float) -> QPointF:
        up = (min(max(y, low), high) - low) / (high - low)
        return QPointF(area.left() + x / end * area.width(), area.bottom() - up * area.height())

    ink = theme.colour("ink3")
    painter.setPen(QPen(theme.colour("hairline"), metrics.HAIRLINE))
    for value in ticks(low, high, 4):
        painter.setPen(QPen(theme.colour("hairline"), metrics.HAIRLINE))
        painter.drawLine(at(0, value), at(end, value))
        box = QRectF(area.left() - 42, at(0, value).y() - 8, 38, 16)
        numbers_painter.draw_centred(painter, box, number(value), ink, size=11)
    for value in ticks(0.0, end, 5):
        box = QRectF(at(value, low).x() - 24, area.bottom() + 3, 48, 16)
        numbers_painter.draw_centred(painter, box, number(value), ink, size=11)
    painter.setPen(QPen(theme.colour("border"), metrics.HAIRLINE))
    painter.drawLine(area.bottomLeft(), area.bottomRight())
    branches = theme.current().branches
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for curve in panel.curves:
        colour = QColor(branches[curve.place % len(branches)])
        points = [
            at(x, value) for x, value in zip(curve.x, curve.y, strict=True) if np.isfinite(value)
        ]
        painter.setPen(QPen(colour, 1.5))
        painter.drawPolyline(QPolygonF(points))
        here = [value for x, value in zip(curve.x, curve.y, strict=True) if x <= panel.now]
        if here and np.isfinite(here[-1]):
            painter.setPen(QPen(theme.colour("stage"), 2))
            painter.setBrush(colour)
            painter.drawEllipse(at(panel.now, here[-1]), 4.5, 4.5)
            painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.colour("ghost"), metrics.HAIRLINE, Qt.PenStyle.DotLine))
    painter.drawLine(at(panel.now, low), at(panel.now, high))
    _paint_curve_names(painter, panel, area)


def _paint_curve_names(painter: QPainter, panel: CurvePlot, area: QRectF) -> None:
    """Write what the curves are called, so that one that passes below can be told from its name."""
    font = fonts.ui(metrics.CAPTION)
    ground = theme.colour("stage", 0.8)
    y = area.top()
    for curve in panel.curves:
        words = str(curve.name)
        if not words:
            continue
        width = text_width(font, words) + 4
        box = QRectF(area.right() - 4 - width, y, width, 16)
        painter.fillRect(box, ground)
        painter.setFont(font)
        painter.setPen(
            QColor(theme.current().branches[curve.place % len(theme.current().branches)])
        )
        painter.drawText(box, int(Qt.AlignmentFlag.AlignRight), words)
        y += 15


def gallery_part(panel: Gallery, rect: QRectF) -> Part:
    """Return the part that ``paint_gallery`` draws."""
    views = [[(grid.view.width, grid.view.height) for grid in row] for row in panel.rows]
    look = (views, panel.row_names, panel.captions, panel.current)
    paint = partial(paint_gallery, panel=panel, rect=rect)
    return Part(rect.adjusted(-44, -4, 44, 8), look, paint)


def paint_gallery(painter: QPainter, panel: Gallery, rect: QRectF) -> None:
    """Paint the names and captions of a gallery, and the frame of the chosen column."""
    rects = gallery_rects(panel, rect)
    for name, line in zip(panel.row_names, rects, strict=True):
        if str(name):
            middle = line[0].center().y()
            box = QRectF(rect.left(), middle - 10, line[0].left() - rect.left() - 6, 20)
            text(painter, box, str(name), font=fonts.ui(metrics.CONTROL), ink="ink2")
    last = rects[-1]
    bottom = max(cell.bottom() for cell in last)
    for at, caption in enumerate(panel.captions):
        if at >= len(last):
            break
        chosen = at == panel.current
        box = QRectF(last[at].center().x() - 40, bottom + 3, 80, 16)
        weight = metrics.SEMIBOLD if chosen else metrics.REGULAR
        plain = caption[:1].isalpha()
        painter.setFont(
            fonts.ui(metrics.CAPTION, metrics.SEMIBOLD)
            if plain
            else fonts.mono(metrics.CAPTION, weight)
        )
        painter.setPen(theme.colour("writes" if chosen else "ink1" if plain else "ink3"))
        painter.drawText(box, CENTRE, caption)
    if panel.current is not None:
        for line in rects:
            if panel.current < len(line):
                cell = line[panel.current].adjusted(-1, -1, 1, 1)
                outline(painter, cell, theme.colour("writes"), metrics.ROLE_OUTLINE)


def paint_words(painter: QPainter, panel: Words, rect: QRectF) -> None:
    """Paint lines of a name and a value, as many as there is room for."""
    y = rect.top()
    for name, value in panel.lines:
        if y + 20 > rect.bottom() + WORDS_SLACK:
            return
        # A value far from its name could be that of the line above.
        width = min(rect.width(), WIDEST_LINE) if str(name) else rect.width()
        box = QRectF(rect.left(), y, width, 20)
        mono = fonts.mono(metrics.CONTROL)
        left = box.adjusted(0, 0, -text_width(mono, value) - 6, 0)
        text(painter, left, str(name), font=fonts.ui(metrics.CONTROL), ink="ink2")
        painter.setFont(mono)
        painter.setPen(theme.colour("ink1"))
        # What has no name is a text of its own.
        painter.drawText(box, MIDDLE_RIGHT if str(name) else MIDDLE_LEFT, value)
        y += 24


def paint_table(painter: QPainter, panel: Table, rect: QRectF) -> None:
    """Paint numbers under their heads, a hairline between; columns are as wide as they need."""
    lines = (panel.heads, *panel.rows)
    longest = [max(map(len, column)) for column in zip(*lines, strict=True)]
    signs = [longest[0] + 1, *(max(each, SHORTEST) + 1 for each in longest[1:])]
    sign = min(rect.width() / sum(signs), WIDEST_SIGN)
    height = min(rect.height() / len(lines), LARGEST_LINE)
    small = height < SMALL_LINE or sign < SIGN
    painter.setFont(fonts.mono(metrics.CAPTION if small else metrics.CONTROL))
    for line, cells in enumerate(lines):
        y, x = rect.top() + line * height, rect.left()
        for column, cell in enumerate(cells):
            painter.setPen(theme.colour("ink1" if line and column else "ink3"))
            box = QRectF(x, y, signs[column] * sign, height)
            painter.drawText(box, MIDDLE_RIGHT if column else MIDDLE_LEFT, cell)
            x += box.width()
    painter.setPen(QPen(theme.colour("hairline"), metrics.HAIRLINE))
    y = rect.top() + height
    painter.drawLine(QLineF(rect.left(), y, rect.left() + sum(signs) * sign, y))
