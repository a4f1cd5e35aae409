"""Formulas as pictures: LaTeX set in STIX Two Math, in the colours of the theme.

Setting one takes 20 milliseconds and more, so each is kept by its text, in colours that stand for
those of any theme. What changes from step to step is never set anew: it is painted as text beside
the symbols.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from threading import Lock

from PySide6.QtCore import QByteArray, QRectF, QSizeF
from PySide6.QtGui import QPainter
from PySide6.QtSvg import QSvgRenderer

from simulator.gui import theme

SIZE = 15.0
_ROLES = ("reads", "weights", "writes")
_STAND_INS = {"reads": "#0000f1", "weights": "#0000f2", "writes": "#0000f3", "ink": "#0000f4"}
"""Colours that a formula is set in; those of the theme take their place."""


def coloured(latex: str, colours: Mapping[str, str]) -> str:
    r"""Return ``latex`` with its role marks, such as ``\reads{x}``, turned into colours."""
    for role in _ROLES:
        latex = latex.replace(rf"\{role}{{", rf"{{\color{{{colours[role]}}} ")
    return latex


_setting = Lock()


def prepare(latex: str) -> None:
    """Set a formula, so that it can be shown at once later. Any thread may do so."""
    with _setting:
        _set(latex, SIZE)


@lru_cache(maxsize=256)
def _set(latex: str, size: float) -> str:
    """Return a formula as SVG in the colours of ``_STAND_INS``; by one thread at a time."""
    # Its fonts take a tenth of a second to load: not before a formula is shown.
    from ziamath.config import config  # noqa: PLC0415
    from ziamath.zmath import Latex  # noqa: PLC0415

    config.svg2 = False  # QtSvg knows no symbol elements
    svg: str = Latex(coloured(latex, _STAND_INS), size=size, color=_STAND_INS["ink"]).svg()
    return svg


@lru_cache(maxsize=128)
def _renderer(latex: str, colours: tuple[str, ...], size: float) -> QSvgRenderer:
    with _setting:
        svg = _set(latex, size)
    for stand_in, colour in zip(_STAND_INS.values(), colours, strict=True):
        svg = svg.replace(stand_in, colour)
    return QSvgRenderer(QByteArray(svg.encode()))


def formula(latex: str, *, size: float = SIZE, ink: str = "ink1") -> QSvgRenderer:
    """Return the drawing of a formula in the current theme's colours."""
    colours = tuple(theme.colour(token).name() for token in (*_ROLES, ink))
    return _renderer(latex, colours, size)


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
