"""Which cells of an array the units of a part read, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.traces.formula import Message
from simulator.traces.region import Axis, Region

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Along:
    """Which positions along one axis of an array a unit reads: ``length`` of them.

    They are offset + stride · u + dilation · j for j from 0, where u is the unit's position along
    its own ``axis``, divided by ``per`` and then taken modulo ``modulo``; 0 where ``axis`` is None.
    """

    axis: int | None = None
    length: int = 1
    stride: int = 1
    offset: int = 0
    dilation: int = 1
    per: int = 1
    modulo: int | None = None

    @classmethod
    def whole(cls, length: int) -> Along:
        """Return what reads a whole axis of this length."""
        return cls(length=length)

    def first(self, units: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the first position that units at these positions of theirs read."""
        at = units // self.per
        if self.modulo is not None:
            at = at % self.modulo
        found: NDArray[np.int64] = self.offset + self.stride * at
        return found

    def positions(self, index: Sequence[int]) -> range:
        """Return the positions that the unit of this index reads."""
        at = 0 if self.axis is None else index[self.axis]
        start = int(self.first(np.asarray(at)))
        return range(start, start + self.dilation * (self.length - 1) + 1, self.dilation)


class Operand:
    """An array that each unit of a part reads some cells of: one for each term, or one for all.

    ``axes`` says what is read along each axis. The terms go through the cells with the last axis
    fastest, or in the ``order`` of the axes that is given. Beyond the array is ``padding``, if any.
    """

    def __init__(
        self,
        name: str,
        title: Message,
        shape: Sequence[int],
        axes: Sequence[Along],
        *,
        order: Sequence[int] | None = None,
        padding: float | None = None,
    ) -> None:
        """Take what the array is called, its shape, and what is read of it."""
        self.name = name
        self.title = title
        self.shape = tuple(shape)
        self.axes = tuple(axes)
        self.order = tuple(range(len(self.axes))) if order is None else tuple(order)
        self.padding = padding
        self.count = prod(axis.length for axis in self.axes)

    def region(self, index: Sequence[int]) -> Region:
        """Return what the unit of this index reads; it may lie on padding."""
        return Region(self.name, tuple(axis.positions(index) for axis in self.axes))

    def inside(self, index: Sequence[int]) -> Region:
        """Return what the unit of this index reads within the array."""
        return self.region(index).inside(self.shape)

    def cell(self, index: Sequence[int], term: int) -> tuple[int, ...]:
        """Return the cell that one term of a unit reads."""
        if self.count == 1:
            return self.region(index).first()
        lengths = [self.axes[axis].length for axis in self.order]
        places = dict(zip(self.order, np.unravel_index(term, lengths), strict=True))
        return tuple(
            axis.positions(index)[int(places[number])] for number, axis in enumerate(self.axes)
        )

    def term_of(self, index: Sequence[int], cell: Sequence[int]) -> int:
        """Return the term of a unit that reads a cell, which it does read."""
        found = [axis.positions(index).index(at) for axis, at in zip(self.axes, cell, strict=True)]
        lengths = [self.axes[axis].length for axis in self.order]
        return int(np.ravel_multi_index([found[axis] for axis in self.order], lengths))

    def in_order(self, read: Array) -> Array:
        """Return what was read of a unit's region as its terms, in their order."""
        return read.transpose(self.order).reshape(-1)

    def gathered(self, values: Array, shape: Sequence[int]) -> Array:
        """Return what all units of a part of this shape read, (*shape, terms)."""
        units, terms = len(shape), len(self.axes)
        places: list[NDArray[np.int64]] = []
        beyond: NDArray[np.bool_] = np.zeros((1,) * (units + terms), dtype=np.bool_)
        for number, (axis, length) in enumerate(zip(self.axes, self.shape, strict=True)):
            lying = [1] * (units + terms)
            if axis.axis is None:
                first = np.full(lying, axis.offset)
            else:
                lying[axis.axis] = shape[axis.axis]
                first = axis.first(np.arange(shape[axis.axis])).reshape(lying)
            along = [1] * (units + terms)
            along[units + self.order.index(number)] = axis.length
            place = first + axis.dilation * np.arange(axis.length).reshape(along)
            beyond = beyond | (place < 0) | (place >= length)
            places.append(np.clip(place, 0, length - 1))
        found = values[tuple(places)]
        if beyond.any():
            assert self.padding is not None
            found = np.where(beyond, values.dtype.type(self.padding), found)
        lengths = [self.axes[axis].length for axis in self.order]
        return np.broadcast_to(found, (*shape, *lengths)).reshape(*shape, self.count)

    def readers(self, cell: Sequence[int], shape: Sequence[int]) -> tuple[Axis, ...] | None:
        """Return the units, of a part of this shape, that read a cell; None where none does."""
        found: list[Axis] = [range(length) for length in shape]
        for axis, at in zip(self.axes, cell, strict=True):
            if axis.axis is None:
                if at not in axis.positions(()):
                    return None
                continue
            index = [0] * len(shape)
            reading = []
            for unit in found[axis.axis]:
                index[axis.axis] = unit
                if at in axis.positions(index):
                    reading.append(unit)
            found[axis.axis] = tuple(reading)
        return tuple(found) if all(found) else None

    def reach(self, shape: Sequence[int]) -> tuple[int, int, int, int]:
        """Return how far units read beyond the array: above, left, below and right."""
        first = self.region([0] * len(shape)).axes
        last = self.region([length - 1 for length in shape]).axes
        (above, below), (left, right) = (
            (max(0, -first[axis][0]), max(0, last[axis][-1] + 1 - self.shape[axis]))
            for axis in (0, 1)
        )
        return above, left, below, right
