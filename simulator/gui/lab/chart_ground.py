"""What lies under the curves of a chart: the title, the grid, and the numbers of the axes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPen

from simulator.gui import fonts, metrics, theme
from simulator.gui.lab import inks
from simulator.gui.widgets.painting import text, text_width
from simulator.lab.presenting.pictures import ChartPicture

_HEAD = 28
_LEGEND = 18
_FOOT = 22
_LEFT = 28
_ENDS = 58
"""Width of the column for what is written at the ends of the curves."""
_DASH, _APART = 16, 12
"""Width of a branch's dash in the legend, with the space to its name, and between two branches."""
_NAME = 150
"""Pixels of a name in the legend at most."""
_CAPTION_GAP = 10


def end_font() -> QFont:
    """Return the font of the numbers at the ends of the curves."""
    return fonts.mono(metrics.CAPTION, metrics.SEMIBOLD)


def key(picture: ChartPicture) -> tuple[object, ...]:
    """Return what the ground is drawn from: equal for pictures on the same ground."""
    return (
        *(picture.title, picture.caption, picture.x_range, picture.y_range, picture.x_unit),
        *(picture.x_ticks, picture.y_ticks, legend(picture), _current(picture)),
    )


def area(picture: ChartPicture, size: QSize) -> QRectF:
    """Return where in a widget of this size the curves are drawn.

    The numbers of the upright axis take what room they need.
    """
    font = fonts.mono(metrics.TEXT_LEAST)
    widest = max((text_width(font, each) for each in picture.y_ticks.values()), default=0)
    left = max(float(_LEFT), round(widest) + 8.0)
    head = _HEAD + (_LEGEND if legend(picture) else 0)
    width, height = size.width() - left - _ENDS, size.height() - head - _FOOT
    return QRectF(left, head, max(width, 1), max(height, 1))


def legend(picture: ChartPicture) -> tuple[tuple[str, int], ...]:
    """Return the names and colours of the branches, where there is more than one."""
    named = {curve.branch: curve.name for curve in picture.curves if curve.name}
    return tuple((named[each], each) for each in sorted(named)) if len(named) > 1 else ()


def _current(picture: ChartPicture) -> int | None:
    """Return the branch on view, the only one with thin curves; None where none are drawn."""
    return next((curve.branch for curve in picture.curves if curve.faint), None)


def named(picture: ChartPicture, width: float) -> tuple[tuple[str, int], ...]:
    """Return those of the legend for which there is room; the branch on view is among them."""
    entries = legend(picture)
    if _long(entries) <= width:
        return entries
    current = _current(picture)
    ordered = sorted(entries, key=lambda entry: entry[1] != current)
    count = len(ordered) - 1
    rest = text_width(_legend_font(), f"+{len(ordered)}") + _APART
    while count > 1 and _long(ordered[:count]) + rest > width:
        count -= 1
    return tuple(ordered[:count])


def _long(entries: Sequence[tuple[str, int]]) -> float:
    widths = [_DASH + min(text_width(_legend_font(), name), _NAME) for name, _ in entries]
    return sum(widths) + _APART * max(len(widths) - 1, 0)


def _legend_font() -> QFont:
    return fonts.ui(metrics.CAPTION)


def paint(painter: QPainter, picture: ChartPicture, area: QRectF, size: QSize) -> None:
    """Draw it, with the curves' own place at ``area``."""
    title = fonts.ui(metrics.TITLE, metrics.SEMIBOLD)
    mono = fonts.mono(metrics.TEXT_LEAST)
    right = Qt.AlignmentFlag.AlignRight
    middle = Qt.AlignmentFlag.AlignHCenter
    text(painter, QRectF(0, 0, size.width(), 18), picture.title, font=title, ink="ink1")
    left = text_width(title, picture.title) + _CAPTION_GAP
    room = QRectF(left, 0, size.width() - left, 18)
    text(painter, room, picture.caption, font=fonts.ui(metrics.CAPTION), ink="ink3")
    _paint_legend(painter, picture, size.width())
    low, high = picture.y_range
    for y, words in picture.y_ticks.items():
        at = round(area.bottom() - (y - low) / (high - low) * area.height())
        line = QRectF(area.x(), at, area.width(), metrics.HAIRLINE)
        painter.fillRect(line, theme.colour("hairline"))
        spot = QRectF(0, at - 8, area.x() - 6, 16)
        text(painter, spot, words, font=mono, ink="ink3", align=right)
    first, last = picture.x_range
    for x, words in picture.x_ticks.items():
        at = round(area.x() + (x - first) / (last - first) * area.width())
        spot = QRectF(at - 24, area.bottom() + 4, 48, 16)
        text(painter, spot, words, font=mono, ink="ink3", align=middle)
    unit = QRectF(area.right() + 14, area.bottom() + 4, _ENDS, 16)
    text(painter, unit, picture.x_unit, font=mono, ink="ink3")


def _paint_legend(painter: QPainter, picture: ChartPicture, width: float) -> None:
    """Name the branches, as many as there is room for."""
    font = _legend_font()
    left, row = 0.0, QRectF(0, 18, width, _LEGEND)
    shown = named(picture, width)
    for name, colour in shown:
        wide = min(text_width(font, name), _NAME)
        painter.setPen(QPen(inks.branch(colour), 2))
        y = row.center().y()
        painter.drawLine(QPointF(left, y), QPointF(left + _DASH - 5, y))
        spot = QRectF(left + _DASH, row.y(), min(wide, row.width() - left - _DASH), _LEGEND)
        text(painter, spot, name, font=font, ink="ink2")
        left += _DASH + wide + _APART
    left_out = len(legend(picture)) - len(shown)
    if left_out:
        text(painter, row.adjusted(left, 0, 0, 0), f"+{left_out}", font=font, ink="ink3")
