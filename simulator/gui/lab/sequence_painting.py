"""How sequences are drawn: small plots of their lines, or the characters of a text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from simulator.gui import fonts, metrics, theme
from simulator.gui.lab.mosaic import outline
from simulator.gui.widgets.painting import text, text_width
from simulator.lab.presenting.pictures import SequenceLine, SequencePicture

WIDE, HIGH = 118, 52
"""Pixels of a plot."""
_INSET = 4.0
_DOT = 2.75
_LETTER_LINE, _WORD_LINE = 16, 14.5


def paint_given(painter: QPainter, place: QRectF, picture: SequencePicture) -> None:
    """Draw the frame, what goes in, and what is right."""
    painter.setPen(QPen(theme.colour("border"), metrics.HAIRLINE))
    outline(painter, place)
    if picture.now is not None:
        x = round(_inner(place).x() + picture.now * _inner(place).width()) + 0.5
        painter.setPen(QPen(theme.colour("hairline"), metrics.HAIRLINE))
        painter.drawLine(QLineF(x, place.top() + 1, x, place.bottom() - 1))
    paint_lines(painter, place, picture.given)
    if picture.text:
        _paint_text(painter, place, picture.text, picture.filling)


def paint_lines(
    painter: QPainter,
    place: QRectF,
    lines: Sequence[SequenceLine],
    colour: QColor | None = None,
) -> None:
    """Draw lines into a plot, in a colour of theirs or in the one that is given."""
    inner = _inner(place)
    for line in lines:
        ink = colour or theme.colour(line.ink)
        xs = inner.x() + line.xs * inner.width()
        ys = inner.bottom() - line.ys * inner.height()
        if line.dotted:
            painter.setPen(QPen(theme.colour("stage"), 1))
            painter.setBrush(ink)
            for x, y in zip(xs.tolist(), ys.tolist(), strict=True):
                if np.isfinite(y):
                    painter.drawEllipse(QPointF(x, y), _DOT, _DOT)
            continue
        painter.setPen(QPen(ink, 1.25))
        painter.drawLines(_steps(xs, ys) if line.stepped else _pieces(xs, ys))


def _inner(place: QRectF) -> QRectF:
    return place.adjusted(_INSET, _INSET, -_INSET, -_INSET)


def _pieces(xs: np.ndarray, ys: np.ndarray) -> list[QLineF]:
    whole = np.isfinite(ys)
    kept = np.flatnonzero(whole[:-1] & whole[1:])
    corners = np.stack([xs[kept], ys[kept], xs[kept + 1], ys[kept + 1]], axis=-1)
    return [QLineF(*each) for each in corners.tolist()]


def _steps(xs: np.ndarray, ys: np.ndarray) -> list[QLineF]:
    """Level for each step, halfway to its neighbours on both sides."""
    middles = (xs[:-1] + xs[1:]) / 2
    edges = np.concatenate([xs[:1], middles, xs[-1:]])
    return _pieces(np.repeat(edges, 2)[1:-1], np.repeat(ys, 2))


def _paint_text(painter: QPainter, place: QRectF, words: str, filling: int) -> None:
    """Draw characters in lines as long as fit; the last ones, for the next follows them. The first
    ones that only fill it up are faint, and stand above.
    """
    inner = _inner(place)
    if " " in words:  # of words: a space between characters has a sign of its own
        _paint_words(painter, inner, words.split(" "))
        return
    mono = fonts.mono(metrics.CAPTION)
    across = max(int(inner.width() / text_width(mono, "m")), 1)
    lines = max(int(inner.height() / _LETTER_LINE), 1)
    letters = words[filling:]
    if len(letters) > across * lines:
        letters = "…" + letters[1 - across * lines :]
    rows = [(letters[at : at + across], "ink1") for at in range(0, len(letters), across)]
    if filling and len(rows) < lines:
        rows.insert(0, (words[:filling][:across], "ghost"))
    for number, (row, ink) in enumerate(rows):
        top = inner.y() + number * _LETTER_LINE
        spot = QRectF(inner.x(), top, inner.width() + _INSET, _LETTER_LINE)
        text(painter, spot, row, font=mono, ink=ink, align=Qt.AlignmentFlag.AlignLeft)


def _paint_words(painter: QPainter, inner: QRectF, words: Sequence[str]) -> None:
    lines = max(int(inner.height() / _WORD_LINE), 1)
    for number, row in enumerate(word_rows(words, inner.width(), lines)):
        spot = QRectF(inner.x(), inner.y() + number * _WORD_LINE, inner.width(), _WORD_LINE)
        text(painter, spot, row, font=_word_font(), ink="ink1", align=Qt.AlignmentFlag.AlignLeft)


def word_rows(words: Sequence[str], width: float, lines: int) -> list[str]:
    """Return whole words in rows of that width; of too many the last ones, which decide."""
    kept = list(words)
    rows = _rows(kept, width)
    while len(rows) > lines and len(kept) > 1:
        kept.pop(0)
        rows = _rows(["…", *kept], width)
    return rows


def _rows(words: Sequence[str], width: float) -> list[str]:
    rows: list[str] = []
    for word in words:
        longer = f"{rows[-1]} {word}" if rows else word
        if rows and text_width(_word_font(), longer) <= width:
            rows[-1] = longer
        else:
            rows.append(word)
    return rows


def _word_font() -> QFont:
    return fonts.ui(metrics.CAPTION)
