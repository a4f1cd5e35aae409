"""Small drawings that several widgets share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPaintDevice, QPainter, QPen

from simulator.gui import icons, metrics, theme

CHIP_HEIGHT = 17
MIDDLE_LEFT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
MIDDLE_RIGHT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
CENTRE = int(Qt.AlignmentFlag.AlignCenter)
"""How ``QPainter.drawText`` places a text; flags are joined in Python, which takes its time."""
_CHIP_PADDING = 5
_LIFT = 0.25
"""Text between two whole pixels goes to the upper one: most letters have more above than below."""
_SHARES = {
    Qt.AlignmentFlag.AlignLeft: 0.0,
    Qt.AlignmentFlag.AlignHCenter: 0.5,
    Qt.AlignmentFlag.AlignRight: 1.0,
}
"""Which share of the spare room is left of a text."""


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
    elided: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> None:
    """Draw one line, vertically centred in ``rect``, with an ellipsis where it is too long."""
    painter.setFont(font)
    painter.setPen(theme.colour(ink))
    x, y, room, height = rect.x(), rect.y(), rect.width(), rect.height()
    width = text_width(font, words)
    if width > room + 0.5:
        words = _sizes(font).elidedText(words, elided, room + 0.5)
        width = text_width(font, words)
    left = x + _SHARES[align] * (room - width)
    ratio = painter.device().devicePixelRatio()
    baseline = y + height / 2 + _middle(font) - _LIFT
    painter.drawText(QPointF(left, round(baseline * ratio) / ratio), words)


@lru_cache(maxsize=64)
def _sizes(font: QFont) -> QFontMetricsF:
    return QFontMetricsF(font)


@lru_cache(maxsize=64)
def _middle(font: QFont) -> float:
    """Return how far above its baseline the middle of a line of text is."""
    sizes = _sizes(font)
    return (sizes.ascent() - sizes.descent()) / 2


@lru_cache(maxsize=64)
def _widths(font: QFont) -> Callable[[str], float]:
    """Return a function that knows the widths of words, without a font for each of them."""
    return lru_cache(maxsize=512)(_sizes(font).horizontalAdvance)


def text_width(font: QFont, words: str) -> float:
    """Return how wide a line of text is. ``font`` must not be changed afterwards."""
    return _widths(font)(words)


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
