"""Small drawings that several widgets share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPaintDevice, QPainter, QPen

from simulator.gui import icons, metrics, theme

CHIP_HEIGHT = 17
_CHIP_PADDING = 5
_LIFT = 0.25
"""Text between two whole pixels goes to the upper one: most letters have more above than below."""


@contextmanager
def painting(device: QPaintDevice) -> Iterator[QPainter]:
    """Open a smooth painter on ``device`` and close it whatever happens.

    A painter that an exception leaves open makes every later paint of the widget fail.
    """
    painter = QPainter(device)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    try:
        yield painter
    finally:
        painter.end()


def panel(
    painter: QPainter,
    rect: QRectF,
    *,
    fill: str | None = None,
    border: str | None = None,
    radius: float = metrics.RADIUS_CONTROL,
    width: float = metrics.HAIRLINE,
) -> None:
    """Draw a rounded rectangle whose border lies wholly inside ``rect``, on whole pixels."""
    inset = width / 2 if border else 0.0
    painter.setPen(QPen(theme.colour(border), width) if border else Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour(fill) if fill else Qt.BrushStyle.NoBrush)
    corner = max(0.0, radius - inset)
    painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), corner, corner)


def text(
    painter: QPainter,
    rect: QRectF,
    words: str,
    *,
    font: QFont,
    ink: str,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:
    """Draw one line, vertically centred in ``rect``, with an ellipsis where it is too long."""
    painter.setFont(font)
    painter.setPen(theme.colour(ink))
    sizes = _sizes(font)
    shown, width = words, text_width(font, words)
    if width > rect.width() + 0.5:
        shown = sizes.elidedText(words, Qt.TextElideMode.ElideRight, rect.width() + 0.5)
        width = sizes.horizontalAdvance(shown)
    spare = rect.width() - width
    if align & Qt.AlignmentFlag.AlignRight:
        left = rect.x() + spare
    elif align & Qt.AlignmentFlag.AlignHCenter:
        left = rect.x() + spare / 2
    else:
        left = rect.x()
    ratio = painter.device().devicePixelRatio()
    baseline = rect.center().y() + (sizes.ascent() - sizes.descent()) / 2 - _LIFT
    painter.drawText(QPointF(left, round(baseline * ratio) / ratio), shown)


@lru_cache(maxsize=64)
def _sizes(font: QFont) -> QFontMetricsF:
    return QFontMetricsF(font)


@lru_cache(maxsize=4096)
def text_width(font: QFont, words: str) -> float:
    """Return how wide a line of text is. ``font`` must not be changed afterwards."""
    return _sizes(font).horizontalAdvance(words)


def icon_at(painter: QPainter, name: str, rect: QRectF, *, ink: str, side: int) -> None:
    """Draw an icon, ``side`` wide and high, in the middle of ``rect``."""
    square = QRectF(0, 0, side, side)
    square.moveCenter(rect.center())
    icons.paint(painter, name, square, ink)


def chip_width(font: QFont, words: str) -> float:
    """Return how wide ``chip`` draws ``words``."""
    return round(text_width(font, words)) + 2 * _CHIP_PADDING


def chip(painter: QPainter, rect: QRectF, words: str, *, font: QFont) -> None:
    """Draw the name of a key, framed."""
    panel(painter, rect, fill="panel", border="hairline", radius=metrics.RADIUS_HIGHLIGHT)
    text(painter, rect, words, font=font, ink="ink3", align=Qt.AlignmentFlag.AlignHCenter)
