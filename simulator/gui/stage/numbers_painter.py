"""Numbers in cells: laid out once for each text, then only drawn."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QStaticText, QTransform

from simulator.gui import fonts, metrics


@lru_cache(maxsize=16)
def cell_font(size: int, weight: int = metrics.REGULAR) -> QFont:
    """Return the font of numbers in cells, in whole pixels."""
    return fonts.mono(size, weight)


@lru_cache(maxsize=16)
def _metrics(size: int, weight: int) -> QFontMetricsF:
    return QFontMetricsF(cell_font(size, weight))


@lru_cache(maxsize=8192)
def _laid_out(text: str, size: int, weight: int) -> tuple[QStaticText, float, float]:
    laid = QStaticText(text)
    laid.setTextFormat(Qt.TextFormat.PlainText)
    laid.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
    laid.prepare(QTransform(), cell_font(size, weight))
    extent = laid.size()
    return laid, extent.width(), extent.height()


def text_width(text: str, size: int, weight: int = metrics.REGULAR) -> float:
    """Return how wide a text of the monospaced font is."""
    return _metrics(size, weight).horizontalAdvance("0") * len(text)


def fitting_size(longest: int, cell: float, *, largest: int = 14) -> int | None:
    """Return the font size at which ``longest`` signs fit a cell, or None if none can be read."""
    for size in range(min(largest, max(11, int(cell * 0.36))), 10, -1):
        margin = 1.5 if size == 11 else 8
        if _metrics(size, metrics.REGULAR).horizontalAdvance("0") * longest <= cell - margin:
            return size
    return None


def draw_centred(
    painter: QPainter,
    rect: QRectF,
    text: str,
    colour: QColor,
    *,
    size: int,
    weight: int = metrics.REGULAR,
) -> None:
    """Draw a text in the middle of a rectangle."""
    laid, width, height = _laid_out(text, size, weight)
    painter.setFont(cell_font(size, weight))
    painter.setPen(colour)
    centre = rect.center()
    painter.drawStaticText(QPointF(centre.x() - width / 2, centre.y() - height / 2), laid)
