"""The fonts of the interface: Inter for words, JetBrains Mono for numbers, STIX for formulas.

Why a half pixel is not simply asked for: ``QFont.setPixelSize`` takes whole numbers, and a size in
points is turned into pixels by ``points × dots per inch / 72`` and then rounded as well, so that
12.5 px comes out as 13 px on every screen and only the arithmetic differs between them. Here the
glyphs get the next whole pixel size up, set in pixels so that the dots per inch play no part, and
the *advance* is scaled down to the size asked for. A line set at 12.5 px is then exactly as wide as
a true one, and its glyphs, drawn at a whole size, are crisper.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil

from PySide6.QtGui import QFont, QFontDatabase

from simulator import resources
from simulator.gui import metrics

UI_FAMILIES = ("Inter", "DejaVu Sans")
MONO_FAMILIES = ("JetBrains Mono", "DejaVu Sans Mono")
MATH_FAMILIES = ("STIX Two Text", "STIX Two Math", "DejaVu Sans")


@lru_cache(maxsize=1)
def load() -> tuple[str, ...]:
    """Register the bundled fonts with Qt, once; return their families.

    Needs a ``QGuiApplication``. A font that cannot be read is left out: the families above name
    others to fall back on, and text in another font is better than no window.
    """
    families: dict[str, None] = {}
    for file in sorted(resources.path("fonts").glob("*.ttf")):
        number = QFontDatabase.addApplicationFont(str(file))
        families.update(dict.fromkeys(QFontDatabase.applicationFontFamilies(number)))
    return tuple(families)


def ui(size: float, weight: int = metrics.REGULAR) -> QFont:
    """Return the interface's font, ``size`` pixels, digits all of one width."""
    return _font(UI_FAMILIES, size, weight)


def mono(size: float, weight: int = metrics.REGULAR) -> QFont:
    """Return the font of numbers and code, ``size`` pixels."""
    return _font(MONO_FAMILIES, size, weight)


def math(size: float, *, italic: bool = False) -> QFont:
    """Return the font of symbols, ``size`` pixels."""
    return _font(MATH_FAMILIES, size, metrics.REGULAR, italic=italic)


@lru_cache(maxsize=128)
def _font(families: tuple[str, ...], size: float, weight: int, *, italic: bool = False) -> QFont:
    if size < metrics.TEXT_LEAST:
        raise ValueError(f"text of {size:g} px cannot be read: {metrics.TEXT_LEAST:g} is the least")
    load()
    pixels = ceil(size)
    font = QFont(list(families))
    font.setPixelSize(pixels)
    font.setWeight(QFont.Weight(weight))
    font.setItalic(italic)
    font.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
    font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 100 * size / pixels)
    font.setFeature(QFont.Tag("tnum"), 1)
    if families is MONO_FAMILIES:
        font.setFeature(QFont.Tag("calt"), 0)  # "->" is two signs, in code as on a cell
    return font
