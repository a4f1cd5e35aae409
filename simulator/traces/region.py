"""Regions: explicit cells of a named array."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np
from numpy.typing import NDArray

Axis = range | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Region:
    """The cells of one array where some positions along each axis cross.

    The positions are explicit and may lie outside the array: a window that hangs over the border
    reads padding there. A dilated window has gaps between its positions.
    """

    array: str
    axes: tuple[Axis, ...]

    @classmethod
    def cell(cls, array: str, *index: int) -> Region:
        """Return the region of one cell."""
        return cls(array, tuple(one(position) for position in index))

    @classmethod
    def whole(cls, array: str, shape: Sequence[int]) -> Region:
        """Return the region of every cell of an array of this shape."""
        return cls(array, tuple(range(length) for length in shape))

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the number of positions along each axis."""
        return tuple(len(axis) for axis in self.axes)

    @property
    def size(self) -> int:
        """Return the number of cells."""
        return prod(self.shape)

    def first(self) -> tuple[int, ...]:
        """Return the index of the first cell. The region must not be empty."""
        return tuple(axis[0] for axis in self.axes)

    def cells(self) -> Iterator[tuple[int, ...]]:
        """Yield the index of every cell, the last axis fastest."""
        return product(*self.axes)

    def positions(self) -> tuple[NDArray[np.intp], ...]:
        """Return one open index array per axis, as ``numpy.ix_`` makes them."""
        return np.ix_(*(np.asarray(axis, dtype=np.intp) for axis in self.axes))

    def __contains__(self, index: object) -> bool:
        return (
            isinstance(index, tuple)
            and len(index) == len(self.axes)
            and all(position in axis for position, axis in zip(index, self.axes, strict=True))
        )

    def inside(self, shape: Sequence[int]) -> Region:
        """Return the part of this region that lies in an array of ``shape``."""
        return Region(
            self.array,
            tuple(_inside(axis, length) for axis, length in zip(self.axes, shape, strict=True)),
        )


def one(position: int) -> range:
    """Return an axis of a single position."""
    return range(position, position + 1)


def _inside(axis: Axis, length: int) -> Axis:
    if isinstance(axis, tuple) or axis.step < 0:
        return tuple(position for position in axis if 0 <= position < length)
    skipped = max(0, -(axis.start // axis.step))
    return range(axis.start + skipped * axis.step, min(axis.stop, length), axis.step)
