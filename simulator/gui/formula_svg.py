"""Formulas as SVG: LaTeX set in STIX Two Math. This module knows no Qt, so any thread may use it.

Setting one takes 20 milliseconds and more, so each is kept by its text, in colours that stand for
those of any theme. What changes from step to step is never set anew: it is painted as text beside
the symbols.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from threading import Lock

SIZE = 15.0
LISTED = 14.0
"""The size of one of several equations below each other."""
COLOURS = {
    "reads": "reads",
    "weights": "weights",
    "writes": "writes",
    "gatef": "gate_f_text",
    "gatei": "gate_i_text",
    "gateg": "gate_g_text",
    "gateo": "gate_o_text",
    "gradient": "gradient",
}
"""The colours that a part of a formula may have: their names in LaTeX, and the theme's tokens."""
_STAND_INS = tuple(f"#0000f{number}" for number in range(1, len(COLOURS) + 2))
"""For these colours, and that of everything else."""

_setting = Lock()


def formula(latex: str, size: float = SIZE) -> str:
    r"""Return a formula as SVG, in colours that ``coloured`` replaces.

    ``\reads{..}`` and the other names of ``COLOURS`` mark what has a colour of its own.
    """
    with _setting:
        return _set(latex, size)


def coloured(svg: str, colours: Sequence[str]) -> str:
    """Return an SVG of ``formula`` in these colours: those of ``COLOURS``, and the ink."""
    for stand_in, colour in zip(_STAND_INS, colours, strict=True):
        svg = svg.replace(stand_in, colour)
    return svg


@lru_cache(maxsize=256)
def _set(latex: str, size: float) -> str:
    # Its fonts take a tenth of a second to load: not before a formula is asked for.
    from ziamath.config import config  # noqa: PLC0415
    from ziamath.zmath import Latex  # noqa: PLC0415

    config.svg2 = False  # QtSvg knows no symbol elements
    for name, colour in zip(COLOURS, _STAND_INS, strict=False):
        latex = latex.replace(rf"\{name}{{", rf"{{\color{{{colour}}} ")
    svg: str = Latex(latex, size=size, color=_STAND_INS[-1]).svg()
    return svg.replace('fill="black"', f'fill="{_STAND_INS[-1]}"')  # it leaves overlines black
