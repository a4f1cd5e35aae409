"""Formulas as pictures, in the colours of the theme; each is kept by its text."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSizeF
from PySide6.QtGui import QPainter
from PySide6.QtSvg import QSvgRenderer

from simulator.gui import formula_svg, theme
from simulator.gui.formula_svg import COLOURS, SIZE


@lru_cache(maxsize=128)
def _renderer(latex: str, colours: tuple[str, ...], size: float) -> QSvgRenderer:
    svg = formula_svg.coloured(formula_svg.formula(latex, size), colours)
    return QSvgRenderer(QByteArray(svg.encode()))


def formula(latex: str, *, size: float = SIZE, ink: str = "ink1") -> QSvgRenderer:
    """Return the drawing of a formula in the current theme's colours."""
    return _renderer(latex, _colours(theme.current().name, ink), size)


@lru_cache(maxsize=32)
def _colours(name: str, ink: str) -> tuple[str, ...]:
    """Return the colours of a formula in the current theme, which has this name."""
    del name
    return tuple(theme.colour(token).name() for token in (*COLOURS.values(), ink))


def formula_size(latex: str, *, size: float = SIZE) -> QSizeF:
    """Return how much room a formula takes, in logical pixels."""
    return formula(latex, size=size).viewBoxF().size()


def paint_formula(
    painter: QPainter, left: float, top: float, latex: str, *, widest: float, size: float = SIZE
) -> float:
    """Paint a formula, smaller where it would be wider than ``widest``; return its height."""
    drawing = formula(latex, size=size)
    extent = drawing.viewBoxF().size()
    scale = min(1.0, widest / extent.width())
    drawing.render(painter, QRectF(left, top, extent.width() * scale, extent.height() * scale))
    return extent.height() * scale
