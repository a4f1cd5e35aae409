"""A bar for each class: how sure the network is, what it says, and what is right."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from simulator.gui import fonts, metrics
from simulator.gui.lab import inks
from simulator.gui.lab.network_layout import labels_width
from simulator.gui.widgets.painting import panel, text, text_width
from simulator.lab.presenting.pictures import LayerPicture
from simulator.traces.numbers import written

_GAP = 6
_BAR_LEAST, _BAR_MOST = 3.0, 8.0
_LINE_LEAST = 11.0
"""Pixels below which the names of the classes would run into one another."""


def paint_bars(painter: QPainter, room: QRectF, layer: LayerPicture) -> None:
    """Draw a layer's values, from 0 to 1, below one another; those told of have their number."""
    values = layer.values
    assert values is not None
    line = room.height() / len(values)
    readable = line >= _LINE_LEAST - 2
    plain = fonts.mono(metrics.TEXT_LEAST)
    strong = fonts.mono(metrics.TEXT_LEAST, metrics.SEMIBOLD)
    names = labels_width(layer)
    numbers = text_width(plain, "0.00")
    left = room.x() + names + _GAP
    across = max(room.right() - left - numbers - 4, 8.0)
    bar = min(max(line - 4, _BAR_LEAST), _BAR_MOST, max(line - 1, 1.0))
    told = sorted({each for each in (layer.chosen, layer.truth) if each is not None})
    middles = _apart([room.y() + (each + 0.5) * line for each in told], room)
    spots = dict(zip(told, middles, strict=True))
    for index, value in enumerate(values):
        wrong = index == layer.chosen and layer.truth is not None and index != layer.truth
        middle = room.y() + (index + 0.5) * line
        if layer.labels and (readable or index in spots):
            at = spots.get(index, middle)
            ink = "error" if wrong else "ink1" if index in spots else "ink3"
            words = QRectF(room.x(), at - line / 2, names, line)
            right = Qt.AlignmentFlag.AlignRight
            font = strong if index in spots else plain
            text(painter, words, layer.labels[index], font=font, ink=ink, align=right)
        track = QRectF(left, middle - bar / 2, across, bar)
        panel(painter, track, fill="well", radius=2)
        length = across * min(max(float(value), 0.0), 1.0)
        if length >= 0.5:
            filled = QRectF(left, track.y(), length, bar)
            if layer.classes:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(inks.of_class(layer.classes[index]))
                painter.drawRoundedRect(filled, 2, 2)
            else:
                panel(painter, filled, fill="error" if wrong else "ink2", radius=2)
        if index in spots:
            spot = QRectF(left + across + 4, spots[index] - line / 2, numbers, line)
            text(painter, spot, written(float(value), 2), font=plain, ink="ink1")


def _apart(middles: list[float], room: QRectF) -> list[float]:
    """Return where two lines of words go, so that they can be read: as near as they may be."""
    if len(middles) < 2 or middles[1] - middles[0] >= _LINE_LEAST:
        return middles
    half = _LINE_LEAST / 2
    centre = sum(middles) / 2
    centre = max(min(centre, room.bottom() - _LINE_LEAST), room.y() + _LINE_LEAST)
    return [centre - half, centre + half]
