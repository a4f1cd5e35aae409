"""What lies under the curves of a chart: the title, the grid, and the numbers of the axes."""

from __future__ import annotations

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
_DASH = 18
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
        *(picture.x_ticks, picture.y_ticks, legend(picture)),
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
    _paint_legend(painter, legend(picture), size.width())
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


def _paint_legend(painter: QPainter, entries: tuple[tuple[str, int], ...], width: float) -> None:
    """Name the branches, as many as there is room for."""
    font = fonts.ui(metrics.CAPTION)
    left, row = 0.0, QRectF(0, 18, width, _LEGEND)
    for number, (name, colour) in enumerate(entries):
        wide = min(text_width(font, name), _NAME)
        left_out = len(entries) - number
        rest = text_width(font, f"+{left_out}") if left_out > 1 else 0.0
        if left + _DASH + wide + rest + 12 > row.width() and number:
            text(painter, row.adjusted(left, 0, 0, 0), f"+{left_out}", font=font, ink="ink3")
            return
        painter.setPen(QPen(inks.branch(colour), 2))
        y = row.center().y()
        painter.drawLine(QPointF(left, y), QPointF(left + _DASH - 6, y))
        spot = QRectF(left + _DASH, row.y(), min(wide, row.width() - left - _DASH), _LEGEND)
        text(painter, spot, name, font=font, ink="ink2")
        left += _DASH + wide + 14
