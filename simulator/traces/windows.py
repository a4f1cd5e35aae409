"""How windows lie on an input: what the formulas and the values of sliding windows share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.geometry import Pair, WindowGeometry

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Windows:
    """Which positions of a region of the input each output cell of a run reads.

    ``outputs`` counts output cells along each axis and ``window`` the cells of a window; ``steps``
    lies between two windows and ``gaps`` between two cells of a window, in positions of the
    region. The region starts at the input's cell ``origin``, and its positions are ``spacing``
    input cells apart.
    """

    outputs: Pair
    window: Pair
    steps: Pair
    gaps: Pair
    origin: Pair
    spacing: Pair
    input_size: Pair

    @classmethod
    def every(cls, geometry: WindowGeometry) -> Windows:
        """Return how all windows lie on the region that they cover together."""
        return cls(
            geometry.output_size,
            geometry.kernel_size,
            geometry.stride,
            geometry.dilation,
            (geometry.window_rows(0).start, geometry.window_columns(0).start),
            (1, 1),
            geometry.input_size,
        )

    @classmethod
    def one(cls, geometry: WindowGeometry, row: int, column: int) -> Windows:
        """Return how one window lies on the region of exactly its cells."""
        return cls(
            (1, 1),
            geometry.kernel_size,
            (1, 1),
            (1, 1),
            (geometry.window_rows(row).start, geometry.window_columns(column).start),
            geometry.dilation,
            geometry.input_size,
        )

    @classmethod
    def cell(cls, geometry: WindowGeometry, row: int, column: int) -> Windows:
        """Return a window of the single input cell (row, column)."""
        one = (1, 1)
        return cls(one, one, one, one, (row, column), one, geometry.input_size)

    def of(self, values: Array) -> Array:
        """Return the windows (OH, OW, kh, kw, C) of a region's values (rows, columns, C)."""
        rows, columns = self._offsets(0), self._offsets(1)
        windows: Array = values[rows[:, None, :, None], columns[None, :, None, :]]
        return windows

    def real(self) -> NDArray[np.bool_]:
        """Return which cells (OH, OW, kh, kw) of the windows are input and not padding."""
        rows, columns = self._inside(0), self._inside(1)
        return rows[:, None, :, None] & columns[None, :, None, :]

    def _inside(self, axis: int) -> NDArray[np.bool_]:
        positions = self.origin[axis] + self._offsets(axis) * self.spacing[axis]
        return (positions >= 0) & (positions < self.input_size[axis])

    def _offsets(self, axis: int) -> NDArray[np.intp]:
        """Return the positions (outputs, window) within the region along one axis."""
        outputs = np.arange(self.outputs[axis], dtype=np.intp)[:, None] * self.steps[axis]
        return outputs + np.arange(self.window[axis], dtype=np.intp) * self.gaps[axis]


class WindowInput:
    """An input (H, W, C) as the windows of a geometry see it."""

    def __init__(self, x: Array, geometry: WindowGeometry) -> None:
        self.x = x
        self.geometry = geometry

    @cached_property
    def _positions(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The input rows (OH, kh) and columns (OW, kw) of every window, padding included."""
        rows, columns = self.geometry.output_size
        return (
            np.array([self.geometry.window_rows(row) for row in range(rows)], dtype=np.intp),
            np.array([self.geometry.window_columns(c) for c in range(columns)], dtype=np.intp),
        )

    def read(
        self, rows: Array, columns: Array, channels: Array, down: Array, across: Array
    ) -> tuple[Array, NDArray[np.bool_]]:
        """Return values as float64, with 0 for padding, and which of them are no padding.

        ``rows`` and ``columns`` count output cells, ``down`` and ``across`` cells of the window.
        The index arrays are broadcast against each other.
        """
        window_rows, window_columns = self._positions
        input_rows, input_columns = window_rows[rows, down], window_columns[columns, across]
        height, width = self.geometry.input_size
        real = (
            (input_rows >= 0)
            & (input_rows < height)
            & (input_columns >= 0)
            & (input_columns < width)
        )
        values = self.x[
            np.clip(input_rows, 0, height - 1), np.clip(input_columns, 0, width - 1), channels
        ]
        return np.where(real, values, 0.0).astype(np.float64), np.broadcast_to(real, values.shape)


class TermValues(ABC):
    """The terms of every output cell and what they add up to, computed where they are looked at.

    Their axes are (map, row, column, channel, kernel row, kernel column). They are float64, so that
    no digit on view is lost on the way. The running values of the cell looked at last are kept:
    walking through a window of 50,000 cells must not add them up at every step.
    """

    def __init__(self, x: Array, geometry: WindowGeometry, *, maps: int, depth: int) -> None:
        """Take the input (H, W, C), the number of maps and the channels under one window."""
        self.input = WindowInput(x, geometry)
        self.term_shape = (depth, *geometry.kernel_size)
        self.shape = (maps, *geometry.output_size, *self.term_shape)
        self._last: tuple[tuple[int, int, int], Array] | None = None

    @abstractmethod
    def terms(
        self, maps: Array, rows: Array, columns: Array, channels: Array, down: Array, across: Array
    ) -> Array:
        """Return the terms where the index arrays, broadcast against each other, point."""

    @abstractmethod
    def accumulate(self, terms: Array, maps: Array) -> Array:
        """Return the running values of terms (maps, rows, columns, n), in their shape."""

    def running(
        self, maps: Array, rows: Array, columns: Array, channels: Array, down: Array, across: Array
    ) -> Array:
        """Return the running values where open index arrays (see ``numpy.ix_``) cross."""
        _, height, width = self.term_shape
        numbers = ((channels * height + down) * width + across)[0, 0, 0]
        if maps.size == rows.size == columns.size == 1:
            cell = self.running_of_cell(maps.item(), rows.item(), columns.item())
            found: Array = cell[numbers][None, None, None]
        else:
            found = self._running_of(maps, rows, columns)[..., numbers]
        return found

    def running_of_cell(self, map_index: int, row: int, column: int) -> Array:
        """Return all running values (n,) of one output cell."""
        key = (map_index, row, column)
        last = self._last
        if last is None or last[0] != key:
            values = self._running_of(*np.ix_(*((index,) for index in key), *((0,),) * 3)[:3])
            last = self._last = (key, values[0, 0, 0])
        return last[1]

    def _running_of(self, maps: Array, rows: Array, columns: Array) -> Array:
        """Return the running values (maps, rows, columns, n) of cells, from open index arrays."""
        window = (
            axis.reshape((1, 1, 1, *axis.shape))
            for axis in np.ix_(*(range(length) for length in self.term_shape))
        )
        terms = self.terms(maps, rows, columns, *window)
        return self.accumulate(terms.reshape(*terms.shape[:3], prod(self.term_shape)), maps)
