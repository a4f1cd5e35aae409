"""Planes of a trace's arrays: made once, with the colours' scale and the digits that suit them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from math import floor, log10
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.lessons.frame import Plane, Scale, ScaleKind
from simulator.traces.model import Trace
from simulator.traces.numbers import number
from simulator.traces.region import Region, one

Array = NDArray[Any]

MOST_PLANES = 96
MOST_DECIMALS = 12
_EXPONENT_FROM = 9_999_999.5
"""From here on ``number`` takes an exponent, whatever the decimals."""
_SAMPLE = 64
"""So many values mostly show already that not all are whole."""
_traces = count()


def nice_limit(largest: float) -> float:
    """Return ``largest`` rounded up to one significant digit; 1 for nothing but zeros."""
    if not 0 < largest < np.inf:
        return 1.0
    unit = 10.0 ** floor(log10(largest))
    # So near above a digit it is that digit, shown in fewer bits.
    return float(np.ceil(round(largest / unit, 6)) * unit)


def signed_scale(values: Array) -> Scale:
    """Return a scale for values around zero, or from zero where none is negative."""
    least, most = ends(finite(values))
    kind = ScaleKind.SIGNED if least < 0 else ScaleKind.FROM_ZERO
    return Scale(kind, nice_limit(max(-least, most)))


def common_scale(scales: Sequence[Scale]) -> Scale:
    """Return the scale in which the values of several scales, none a picture's, can be compared."""
    signed = any(scale.kind is ScaleKind.SIGNED for scale in scales)
    kind = ScaleKind.SIGNED if signed else ScaleKind.FROM_ZERO
    return Scale(kind, max(scale.limit for scale in scales))


def plane_decimals(values: Array) -> int:
    """Return the decimals that suit every cell of a plane: about three digits, five signs."""
    known = finite(values)
    if _whole(known.reshape(-1)[:_SAMPLE]) and _whole(known):
        return 0
    least, most = ends(known)
    largest = max(-least, most)
    if largest >= 1000:
        return 0
    if largest >= 10:
        return 1
    if largest >= 0.1:
        return 2
    return 3 if largest >= 0.001 else min(1 - floor(log10(largest)), MOST_DECIMALS)


def longest_number(values: Array, decimals: int) -> int:
    """Return how long the longest number is among values that are shown with so many decimals."""
    known = finite(values)
    extremes = ends(known)
    longest = 0
    if max(map(abs, extremes)) >= _EXPONENT_FROM:
        longest = max(len(f"{end:.1e}".replace("e+", "e")) for end in extremes)
        extremes = ends(known[np.abs(known) < _EXPONENT_FROM])
    longest = max(longest, *(len(number(end, decimals)) for end in extremes))
    if known.size < values.size:
        longest = max(longest, *(len(number(odd)) for odd in (np.nan, -np.inf)))
    return longest


def any_rounded(values: Array, decimals: int) -> bool:
    """Return whether one of the values has more digits than so many decimals show."""
    known = finite(values)
    off = np.abs(np.round(known, decimals) - known)
    return bool(np.any(off > np.minimum(1e-6 * np.abs(known), 0.01)))


def finite(values: Array) -> Array:
    """Return the values that are neither infinite nor NaN."""
    known = np.isfinite(values)
    return values if known.all() else values[known]


def ends(values: Array) -> tuple[float, float]:
    """Return the least and the largest value; zeros where there is none."""
    return (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)


def _whole(values: Array) -> bool:
    return np.array_equal(values, np.floor(values))


class Planes:
    """The planes of one trace, kept while they are in use."""

    def __init__(self, trace: Trace) -> None:
        """Take the trace whose arrays are shown."""
        self._trace = trace
        self._serial = next(_traces)  # identities of planes of different traces must differ
        self._kept: OrderedDict[tuple[object, ...], Plane] = OrderedDict()

    def plane(
        self,
        array: str,
        fixed: Mapping[int, int],
        *,
        axes: tuple[int, int] = (0, 1),
        colour_axis: int | None = None,
        scale: Callable[[Array], Scale] = signed_scale,
    ) -> Plane:
        """Return the plane of ``array`` that ``axes`` (row, column) span at ``fixed``.

        All of ``colour_axis``, one of the axes that are fixed, is shown: a picture in colour.
        """
        identity = (self._serial, array, axes, colour_axis, *sorted(fixed.items()))
        if (kept := self._kept.get(identity)) is not None:
            self._kept.move_to_end(identity)
            return kept
        alone = frozenset(fixed) - {colour_axis}
        region = Region(
            array,
            tuple(
                one(fixed[axis]) if axis in alone else range(length)
                for axis, length in enumerate(self._trace.arrays[array].shape)
            ),
        )
        values = self._values(region, alone)
        decimals = plane_decimals(values)
        made = Plane(
            region=region,
            values=values,
            scale=scale(values),
            decimals=decimals,
            longest=longest_number(values, decimals),
            row_axis=axes[0],
            column_axis=axes[1],
            fixed=dict(fixed),
            identity=identity,
        )
        self._kept[identity] = made
        if len(self._kept) > MOST_PLANES:
            self._kept.popitem(last=False)
        return made

    def _values(self, region: Region, alone: frozenset[int]) -> Array:
        """Return the values of a region without the axes on which it has one position alone."""
        stored = self._trace.arrays[region.array].values
        if not isinstance(stored, np.ndarray):
            return stored[region.positions()].squeeze(tuple(alone))
        cut = tuple(
            axis[0] if number in alone else slice(None) for number, axis in enumerate(region.axes)
        )
        return np.ascontiguousarray(stored[cut])
