"""Planes of a trace's arrays: made once, with the colours' scale and the digits that suit them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from itertools import count
from math import floor, log10
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.lessons.frame import Plane, Scale, ScaleKind
from simulator.traces.model import Trace
from simulator.traces.numbers import number
from simulator.traces.region import Region

Array = NDArray[Any]

MOST_PLANES = 96
_serials = count()


def nice_limit(largest: float) -> float:
    """Return ``largest`` rounded up to one significant digit; 1 for nothing but zeros."""
    if not largest > 0 or not np.isfinite(largest):
        return 1.0
    unit = 10.0 ** floor(log10(largest))
    return float(np.ceil(round(largest / unit, 6)) * unit)


def signed_scale(values: Array) -> Scale:
    """Return a scale for values around zero, or from zero where none is negative."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return Scale(ScaleKind.SIGNED, 1.0)
    limit = nice_limit(float(np.abs(finite).max()))
    kind = ScaleKind.SIGNED if finite.min() < 0 else ScaleKind.FROM_ZERO
    return Scale(kind, limit)


def plane_decimals(values: Array) -> int:
    """Return the decimals that suit every cell of a plane: about three digits, five signs."""
    finite = values[np.isfinite(values)]
    if not finite.size or np.array_equal(finite, np.floor(finite)):
        return 0
    largest = float(np.abs(finite).max())
    if largest >= 1000:
        return 0
    if largest >= 10:
        return 1
    return 2 if largest >= 0.1 else 3


class Planes:
    """The planes of one trace, kept while they are in use."""

    def __init__(self, trace: Trace) -> None:
        """Take the trace whose arrays are shown."""
        self._trace = trace
        self._serial = next(_serials)
        self._kept: OrderedDict[tuple[object, ...], Plane] = OrderedDict()

    def plane(
        self,
        array: str,
        *,
        axes: tuple[int, int],
        fixed: Mapping[int, int],
        any_of: frozenset[int] = frozenset(),
        scale: Callable[[Array], Scale] = signed_scale,
    ) -> Plane:
        """Return the plane of ``array`` that ``axes`` (row, column) span at ``fixed``.

        With one axis in ``any_of``, all of it is shown: a picture in colour.
        """
        identity = (self._serial, array, axes, tuple(sorted(fixed.items())), any_of)
        if (kept := self._kept.get(identity)) is not None:
            self._kept.move_to_end(identity)
            return kept
        shape = self._trace.arrays[array].shape
        region = Region(
            array,
            tuple(
                range(fixed[axis], fixed[axis] + 1)
                if axis in fixed and axis not in any_of
                else range(length)
                for axis, length in enumerate(shape)
            ),
        )
        values = self._trace.read(region)
        kept_axes = {*axes, *any_of}
        values = values.squeeze(tuple(axis for axis in range(len(shape)) if axis not in kept_axes))
        decimals = plane_decimals(values)
        edges = (float(values.min()), float(values.max())) if values.size else (0.0,)
        made = Plane(
            array=array,
            values=values,
            scale=scale(values),
            decimals=decimals,
            longest=max(len(number(edge, decimals)) for edge in edges),
            row_axis=axes[0],
            column_axis=axes[1],
            fixed=dict(fixed),
            any_of=any_of,
            identity=identity,
        )
        self._kept[identity] = made
        if len(self._kept) > MOST_PLANES:
            self._kept.popitem(last=False)
        return made
