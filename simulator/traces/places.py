"""The order in which a sliding window's terms are gone through, and where a step of it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finest step stands: the output cell, and the term within it."""

    map: int
    row: int
    column: int
    channel: int
    kernel_row: int
    kernel_column: int
    number: int  # of the term within its output cell, from 0


class StepOrder:
    """The finest steps: maps, in each the output cells row by row, in each cell its terms."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        """Take the lengths of (map, row, column, channel, kernel row, kernel column)."""
        self.term_shape = shape[3:]
        self.terms_per_cell = prod(self.term_shape)
        self.strides = tuple(prod(shape[axis + 1 :]) for axis in range(len(shape)))
        self.total = prod(shape)

    def place(self, finest: int) -> Place:
        """Return the output cell and the term of a finest step."""
        indices = []
        rest = finest
        for stride in self.strides:
            index, rest = divmod(rest, stride)
            indices.append(index)
        map_index, row, column, channel, kernel_row, kernel_column = indices
        number = finest % self.terms_per_cell
        return Place(map_index, row, column, channel, kernel_row, kernel_column, number)

    def term_of(self, cell: Place, number: int) -> Place:
        """Return the place of another term of the same output cell, by its number."""
        _, height, width = self.term_shape
        channel, rest = divmod(number, height * width)
        kernel_row, kernel_column = divmod(rest, width)
        return Place(cell.map, cell.row, cell.column, channel, kernel_row, kernel_column, number)

    def finest_of(self, place: Sequence[int]) -> int:
        """Return the finest step at some indices; those left out at the end count as 0."""
        return sum(
            index * stride for index, stride in zip(place, self.strides[: len(place)], strict=True)
        )

    def finest_finishing(self, places: tuple[Array, ...]) -> NDArray[np.int64]:
        """Return the finest step that does the last term of each place, from open index arrays."""
        last = self.strides[len(places) - 1] - 1
        finest = np.full((1,) * len(places), last, dtype=np.int64)
        for place, stride in zip(places, self.strides[: len(places)], strict=True):
            finest = finest + place.astype(np.int64) * stride
        return finest

    def indices_of(self, numbers: range) -> tuple[NDArray[np.intp], ...]:
        """Return channel, row and column within the window of terms, by their numbers."""
        return np.unravel_index(np.asarray(numbers, dtype=np.intp), self.term_shape)
