"""Ranges of axes, and the round numbers that stand on them."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil, floor, log10

import numpy as np

from simulator.lab.presenting.pictures import Array
from simulator.traces.numbers import written

_STEPS = (1, 2, 5, 10)
_AHEAD = 1.25
_LARGE = 1e5


def step_for(width: float, most: int, *, whole: bool = False) -> float:
    """Return the least of 1, 2, 5, 10, 20… that divides ``width`` into ``most`` parts or fewer."""
    if width <= 0:
        return 1.0
    power = 10.0 ** floor(log10(width / most))
    for each in _STEPS:
        step = each * power
        if whole and step < 1:
            continue
        if width / step <= most * (1 + 1e-9):
            return step
    return 10 * power if not whole or power >= 1 else 1.0


def ticks(low: float, high: float, most: int = 4, *, whole: bool = False) -> dict[float, str]:
    """Return round numbers from ``low`` to ``high``, and how they are written."""
    step = step_for(high - low, most, whole=whole)
    decimals = max(0, -floor(log10(step) + 1e-9))
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return {
        place * step: _whole(place * step, step) if step >= 1 else written(place * step, decimals)
        for place in range(first, last + 1)
    }


def _whole(value: float, step: float) -> str:
    """Return a whole number; of large ones with its power of ten, or it would be too wide."""
    if step < _LARGE or not value:
        return f"{value:,.0f}"
    mantissa, power = f"{value:.3e}".split("e")
    return written(float(mantissa)) + f"e{int(power)}"


def round_up(value: float, most: int = 4) -> float:
    """Return the least multiple of a round step that is not below ``value``."""
    if not value > 0:
        return 1.0
    step = step_for(value, most)
    return ceil(value / step - 1e-9) * step


def ahead(planned: float, reached: float) -> float:
    """Return how far an axis goes on which something moves on from 0: to its end as it is planned,
    and beyond that so far ahead that it seldom grows.
    """
    while planned < reached:
        planned *= _AHEAD
    return planned


def top_of(curves: Iterable[Array], *, spared: float = 1.0) -> float:
    """Return the largest finite value of some curves, or with ``spared`` below 1 that quantile."""
    tops = []
    for values in curves:
        finite = values[np.isfinite(values)]
        if finite.size:
            place = int(spared * (finite.size - 1))  # the value there: a mean would be slower
            tops.append(float(np.partition(finite, place)[place]))
    return max(tops, default=0.0)
