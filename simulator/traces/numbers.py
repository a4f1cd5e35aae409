"""How numbers are written: the same on every cell, headline, formula and card."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import isfinite, isinf, isnan

from simulator.traces.formula import Message

MINUS = "\N{MINUS SIGN}"
INFINITY = "\N{INFINITY}"
KEPT_TEXTS = 16384
"""The same numbers are written frame after frame, so their texts are kept. Those of a training
are other ones at each look, would fill that in an hour, and are never met again: for them there is
`written`.
"""

_SIGNIFICANT = 4
_LARGE = 10_000_000  # from here on, and
_SMALL = 1e-3  # below here, a number takes an exponent
_MOST_DECIMALS = 12


def written(value: float, decimals: int | None = None) -> str:
    """Return ``value`` with a true minus sign; whole numbers without decimals.

    With ``decimals`` given, exactly so many are shown (never a negative zero). Without, four
    significant digits but no more than four decimals, and no zeros at the end that say nothing.
    Very large and very small values take an exponent.
    """
    value = float(value)
    if isnan(value):
        return "NaN"
    if isinf(value):
        return INFINITY if value > 0 else MINUS + INFINITY
    small = 0 < abs(float(f"{value:.{_SIGNIFICANT - 1}e}")) < _SMALL
    if round(abs(value)) >= _LARGE or (small and decimals is None):
        mantissa, exponent = f"{value:.1e}".split("e")
        power = f"e{int(exponent)}".replace("-", MINUS)
        return _signed(_unpadded(value, mantissa, power) + power)
    if decimals is not None:
        return _signed(f"{value:.{decimals}f}")
    return _signed(_unpadded(value, f"{value:.{_decimals(value)}f}"))


@lru_cache(maxsize=KEPT_TEXTS)
def number(value: float, decimals: int | None = None) -> str:
    """Return what `written` does, and keep it."""
    return written(value, decimals)


@lru_cache(maxsize=KEPT_TEXTS)
def exact(value: float, text: str) -> bool:
    """Return whether ``text`` shows ``value``, to float32's precision, without rounding."""
    return _exact(value, text)


def vanishes(text: str) -> bool:
    """Return whether a written number says zero."""
    return text.strip("0." + MINUS) == ""


@lru_cache(maxsize=KEPT_TEXTS)
def faint(value: float) -> str:
    """Return a number in one digit and its power of ten, as 3e−4, for where there is no room."""
    mantissa, exponent = f"{value:.0e}".split("e")
    return _signed(f"{mantissa}e{int(exponent)}".replace("-", MINUS))


def relation(*shown: tuple[float, str]) -> str:
    """Return "=" where every number is shown whole, and "≈" where one of them is rounded."""
    return "=" if all(exact(value, text) for value, text in shown) else "≈"


def equation_sign(first: str, operator: str, second: str, result: str) -> str:
    """Return "=" where the figures on view agree, as in 0.851 × 2 = 1.702, and "≈" otherwise.

    ``operator`` is "+", "×" or "÷".
    """
    try:
        a, b, c = (Fraction(_plain(text)) for text in (first, second, result))
    except ValueError:  # an infinity or NaN, which nothing is rounded to
        return "="
    agree = {"+": a + b == c, "×": a * b == c, "÷": a == b * c}[operator]
    return "=" if agree else "≈"


def stated(value: float) -> str | Message:
    """Return ``value`` for a sentence, which says so where the figure is rounded."""
    text = number(value)
    return text if exact(value, text) else Message("about {number}", {"number": text})


def apart(first: float, second: float) -> tuple[str, str]:
    """Return two numbers with as many more digits as it takes to tell them apart."""
    texts = number(first), number(second)
    decimals = _SIGNIFICANT
    while texts[0] == texts[1] and first != second and decimals < _MOST_DECIMALS:
        decimals += 1
        texts = number(first, decimals), number(second, decimals)
    return texts


def brightness(value: float) -> str:
    """Return a value from 0 to 1 in three signs, as in a picture's cells: ".07", "0", "1"."""
    text = number(round(value, 2), 2)  # of a hundred values each has been told before
    return {"0.00": "0", "1.00": "1"}.get(text, text.removeprefix("0"))


def factor(value: float, decimals: int | None = None) -> str:
    """Return ``value`` as a factor of a product: a negative one in parentheses."""
    text = number(value, decimals)
    return f"({text})" if text.startswith(MINUS) else text


def count(value: int) -> str:
    """Return a whole number with commas between thousands."""
    return f"{value:,}"


def _exact(value: float, text: str) -> bool:
    shown = float(_plain(text))
    if not (isfinite(value) and isfinite(shown)):
        return shown == value or (isnan(shown) and isnan(value))
    return abs(shown - value) <= min(1e-6 * abs(value), 0.01)


def _plain(text: str) -> str:
    """Return the text of a number or factor as Python reads it."""
    return text.strip("()").replace(MINUS, "-").replace(INFINITY, "inf").replace(",", "")


def _decimals(value: float) -> int:
    """Return how many decimals four significant digits need: at most four."""
    exponent = int(f"{value:.{_SIGNIFICANT - 1}e}".split("e")[1])
    return max(0, _SIGNIFICANT - max(0, exponent + 1))


def _unpadded(value: float, text: str, power: str = "") -> str:
    """Return ``text`` without zeros after the last decimal, unless a rounded value ends in them."""
    shorter = text.rstrip("0").rstrip(".") if "." in text else text
    return shorter if _exact(value, shorter + power) else text


def _signed(text: str) -> str:
    if not text.startswith("-"):
        return text
    mantissa = text[1:].partition("e")[0]
    return MINUS + text[1:] if any(digit in "123456789" for digit in mantissa) else text[1:]
