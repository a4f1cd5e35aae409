"""Paints runs of arithmetic in the colours of their roles."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QPainter

from simulator.gui import fonts, metrics, theme
from simulator.gui.stage.numbers_painter import draw_centred, text_width
from simulator.gui.widgets.painting import text_width as width_in
from simulator.traces.formula import Piece, Tone

_INKS = {
    Tone.READS: "reads",
    Tone.WEIGHTS: "weights",
    Tone.WRITES: "writes",
    Tone.PLAIN: "ink1",
    Tone.QUIET: "ink3",
    Tone.GATE_F: "gate_f_text",
    Tone.GATE_I: "gate_i_text",
    Tone.GATE_G: "gate_g_text",
    Tone.GATE_O: "gate_o_text",
    Tone.GRADIENT: "gradient",
}


def tone_colour(tone: Tone) -> QColor:
    """Return the colour of a tone in the current theme."""
    return theme.colour(_INKS[tone])


def draw_pieces(
    painter: QPainter,
    origin: QPointF,
    pieces: tuple[Piece, ...],
    font: QFont,
    *,
    gap: float,
    plain: QColor | None = None,
) -> float:
    """Draw pieces from a point of the baseline on; return where they end.

    ``gap`` lies between two pieces, unless they are glued.
    """
    painter.setFont(font)
    x = origin.x()
    for at, piece in enumerate(pieces):
        if at and not piece.glued:
            x += gap
        painter.setPen(plain or tone_colour(piece.tone))
        painter.drawText(QPointF(x, origin.y()), piece.text)
        x += width_in(font, piece.text)
    return x


def pieces_width(pieces: tuple[Piece, ...], font: QFont, *, gap: float) -> float:
    """Return how wide ``draw_pieces`` draws."""
    gaps = sum(not piece.glued for piece in pieces[1:])
    return sum(width_in(font, piece.text) for piece in pieces) + gap * gaps


def draw_pieces_centred(
    painter: QPainter,
    rect: QRectF,
    pieces: tuple[Piece, ...],
    *,
    size: int,
    weight: int = metrics.REGULAR,
    quiet: bool = False,
) -> None:
    """Draw pieces side by side in the middle of a rectangle, in small type."""
    widths = [text_width(piece.text, size, weight) for piece in pieces]
    x = rect.center().x() - sum(widths) / 2
    for piece, width in zip(pieces, widths, strict=True):
        colour = theme.colour("ink3") if quiet else tone_colour(piece.tone)
        box = QRectF(x, rect.top(), width, rect.height())
        draw_centred(painter, box, piece.text, colour, size=size, weight=weight)
        x += width


def headline_font() -> QFont:
    """Return the font of the headline's arithmetic."""
    return fonts.mono(metrics.HEADLINE, metrics.MEDIUM)
