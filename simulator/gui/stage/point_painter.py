"""Paints thousands of smooth dots: stamped into one image, or drawn where there are no pixels."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPaintEngine, QPainter, QPen, QPolygonF

from simulator.gui import theme
from simulator.lessons.board import PointMap

Array = NDArray[Any]

DOT = 3.4
LIT = ("reads", "weights")
"""The colours of lit classes."""


def paint_points(painter: QPainter, panel: PointMap, area: QRectF) -> None:
    """Paint the points of a map whose bounds are an area's edges."""
    left, right, low, high = panel.bounds
    x = (panel.x.astype(float) - left) / (right - left) * area.width()
    y = (high - panel.y.astype(float)) / (high - low) * area.height()
    groups = _groups(panel)
    if painter.paintEngine().type() == QPaintEngine.Type.Raster:
        _stamp(painter, area, x, y, groups)
    else:
        _draw(painter, area, x, y, groups)


def _groups(panel: PointMap) -> list[tuple[Array, QColor, float]]:
    """Return which points have one colour, the colour and its strength; lit ones lie on top."""
    found = [(~np.isin(panel.labels, panel.lit), theme.colour("ghost"), 0.6)]
    for label, token in zip(panel.lit, LIT, strict=False):
        found.append((panel.labels == label, theme.colour(token), 0.9))
    return found


def _draw(
    painter: QPainter, area: QRectF, x: Array, y: Array, groups: list[tuple[Array, QColor, float]]
) -> None:
    painter.save()
    painter.setClipRect(area, Qt.ClipOperation.IntersectClip)
    painter.translate(area.topLeft())
    for chosen, colour, strength in groups:
        shade = QColor(colour)
        shade.setAlphaF(strength)
        pen = QPen(shade, DOT)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawPoints(QPolygonF(list(map(QPointF, x[chosen].tolist(), y[chosen].tolist()))))
    painter.restore()


def _stamp(
    painter: QPainter, area: QRectF, x: Array, y: Array, groups: list[tuple[Array, QColor, float]]
) -> None:
    ratio = painter.device().devicePixelRatio()
    width, height = max(1, round(area.width() * ratio)), max(1, round(area.height() * ratio))
    radius = DOT / 2 * ratio
    reach = ceil(radius + 0.5)
    offsets = np.arange(-reach, reach + 1)
    image = np.zeros((height * width, 4), dtype=np.uint8)
    for chosen, colour, strength in groups:
        across, down = x[chosen, None, None] * ratio, y[chosen, None, None] * ratio
        columns = np.floor(across) + offsets[None, None, :]
        rows = np.floor(down) + offsets[None, :, None]
        away = np.hypot(columns + 0.5 - across, rows + 0.5 - down)
        cover = np.clip(radius + 0.5 - away, 0, 1) * strength
        inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height) & (cover > 0)
        place = (rows * width + columns)[inside].astype(np.int64)
        alpha = np.zeros(height * width, dtype=np.float32)
        np.maximum.at(alpha, place, cover[inside].astype(np.float32))
        touched = np.flatnonzero(alpha)
        share = alpha[touched, None]
        ink = np.array([colour.blue(), colour.green(), colour.red(), 255], dtype=np.float32)
        image[touched] = np.round(ink * share + image[touched] * (1 - share)).astype(np.uint8)
    kind = QImage.Format.Format_ARGB32_Premultiplied
    painter.drawImage(area, QImage(image.data, width, height, 4 * width, kind))
