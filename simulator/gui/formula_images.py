"""Formulas as pictures: LaTeX set in STIX Two Math, in the colours of the theme.

Setting one takes some 20 milliseconds, so each is kept by its text. What changes from step to step
is never set anew: it is painted as text beside the symbols.
"""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSizeF
from PySide6.QtGui import QPainter
from PySide6.QtSvg import QSvgRenderer

from simulator.gui import theme

SIZE = 15.0
_ROLES = ("reads", "weights", "writes")


def coloured(latex: str, colours: dict[str, str]) -> str:
    r"""Return ``latex`` with its role marks, such as ``\reads{x}``, turned into colours."""
    for role, colour in colours.items():
        latex = latex.replace(rf"\{role}{{", rf"{{\color{{{colour}}} ")
    return latex


@lru_cache(maxsize=128)
def _renderer(latex: str, ink: str, roles: tuple[str, ...], size: float) -> QSvgRenderer:
    # Its fonts take a tenth of a second to load: not before a formula is shown.
    from ziamath.config import config  # noqa: PLC0415
    from ziamath.zmath import Latex  # noqa: PLC0415

    config.svg2 = False  # QtSvg knows no symbol elements
    source = coloured(latex, dict(zip(_ROLES, roles, strict=True)))
    svg = Latex(source, size=size, color=ink).svg()
    return QSvgRenderer(QByteArray(svg.encode()))


def formula(latex: str, *, size: float = SIZE, ink: str = "ink1") -> QSvgRenderer:
    """Return the drawing of a formula in the current theme's colours."""
    taken = theme.current()
    roles = tuple(getattr(taken, role) for role in _ROLES)
    return _renderer(latex, theme.colour(ink).name(), roles, size)


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
