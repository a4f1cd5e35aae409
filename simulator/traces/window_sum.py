"""A row of a convolution as one equation: at each row, each cell is a sum over its window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from simulator.traces.equations import SumEquation, Values
from simulator.traces.formula import Formula
from simulator.traces.model import Computed, Role, TraceArray, Write
from simulator.traces.recurrence_formulas import Accumulation, LastSum, RunningSums, assignment
from simulator.traces.region import Region, one

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class WindowProducts(Formula):
    """Each cell of each window times its weight."""

    size: tuple[int, int]

    def value(self, *operands: Array) -> Array:
        """Return the products (T, U, kh · kw) of a picture's rows and a kernel (kh, kw)."""
        x, kernel = operands
        if self.size == (1, 1):  # one product
            return np.asarray(x * kernel).reshape(1, 1, 1)
        windows = sliding_window_view(x, kernel.shape)
        return np.asarray((windows * kernel).reshape(*windows.shape[:2], -1))


@dataclass(frozen=True, kw_only=True)
class WindowSum(SumEquation):
    """y[t, u] = b + Σ x[t + i, u + j] · k[i, j], without padding: ``name`` (T, U).

    ``x`` (H, W), ``kernel`` (kh, kw) and ``bias`` (1, 1) name arrays.
    """

    x: str
    kernel: str
    bias: str
    size: tuple[int, int]

    @property
    def terms(self) -> int:
        """Return the number of products of each unit."""
        return self.size[0] * self.size[1]

    @property
    def filled(self) -> tuple[str, ...]:
        """Return the names of the arrays (T, units) that ``compute`` fills."""
        return (self.name,)

    def arrays(self, values: Values, times: int) -> list[TraceArray]:
        """Return the arrays that it fills."""
        shape = (times, self.units, self.terms)

        def products(rows: Array, units: Array, terms: Array) -> Array:
            found = WindowProducts("", self.size).value(values[self.x], values[self.kernel])
            chosen = found[np.ix_(rows.reshape(-1), units.reshape(-1))]
            return np.asarray(chosen[:, :, terms.reshape(-1)])

        def sums(rows: Array, units: Array, terms: Array) -> Array:
            every = np.arange(self.terms).reshape(1, 1, -1)
            found = products(rows, units, every).cumsum(axis=-1) + values[self.bias][0, 0]
            return np.asarray(found[:, :, terms.reshape(-1)])

        axes = ("time", "unit", "term")
        return [
            TraceArray(self.products, axes, Role.WRITES, Computed(shape, products)),
            TraceArray(self.sums, axes, Role.WRITES, Computed(shape, sums)),
            TraceArray(self.name, axes[:2], Role.WRITES, values[self.name]),
        ]

    def move_writing(self, name: str) -> int | None:
        """Return which move writes an array; -1 where each move writes a cell; None if none."""
        if name in (self.products, self.sums):
            return -1
        return self.terms if name == self.name else None

    def factors(self, time: int, unit: int, term: int) -> tuple[Region, Region]:
        """Return the two cells that one product is made of: of the picture, and its weight."""
        row, column = divmod(term, self.size[1])
        return (
            Region.cell(self.x, time + row, unit + column),
            Region.cell(self.kernel, row, column),
        )

    def _bias(self) -> Region:
        return Region.cell(self.bias, 0, 0)

    def window(self, times: range, units: range) -> Region:
        """Return the part of the picture that a run of cells reads."""
        height, width = self.size
        rows = range(times.start, times.stop - 1 + height)
        return Region(self.x, (rows, range(units.start, units.stop - 1 + width)))

    def write_move(self, time: int, unit: int, move: int) -> tuple[Write, ...]:
        """Return what one finest step assigns."""
        symbols = self.wording.symbols
        if move == self.terms:
            return (self._last(one(time), one(unit)),)
        product = Region.cell(self.products, time, unit, move)
        before = Region.cell(self.sums, time, unit, move - 1) if move else self._bias()
        factors = self.factors(time, unit, move)
        return (
            Write(product, factors, WindowProducts(symbols, (1, 1))),
            Write(
                Region.cell(self.sums, time, unit, move), (before, product), Accumulation(symbols)
            ),
        )

    def writes(self, times: range, units: range) -> Iterator[Write]:
        """Yield what the equation assigns, for a run of rows and columns."""
        symbols, terms = self.wording.symbols, range(self.terms)
        products = Region(self.products, (times, units, terms))
        kernel = Region.whole(self.kernel, self.size)
        windows = WindowProducts(symbols, self.size)
        yield assignment(products, windows, [(self.window(times, units),), (kernel,)])
        # One bias for every column: `RunningSums` adds it to each.
        sums = Region(self.sums, (times, units, terms))
        yield assignment(sums, RunningSums(symbols), [(self._bias(),), (products,)])
        yield self._last(times, units)

    def _last(self, times: range, units: range) -> Write:
        last = Region(self.sums, (times, units, one(self.terms - 1)))
        target = self._target(self.name, times, units)
        return assignment(target, LastSum(self.wording.symbols), [(last,)])

    @property
    def reads(self) -> tuple[str, ...]:
        """Return the arrays with a row for each time step that ``compute`` reads."""
        return (self.x,)

    def compute(self, values: dict[str, Array], time: int | None) -> None:
        """Fill the row of a time step; of None all rows at once."""
        rows = values[self.x]
        if time is not None:
            rows = rows[time : time + self.size[0]]
        products = WindowProducts("", self.size).value(rows, values[self.kernel])
        sums = products.sum(axis=-1) + values[self.bias][0, 0]
        values[self.name][self._at(time)] = sums if time is None else sums[0]

    def direct(self, time: int, unit: int) -> tuple[Region, ...]:
        """Return the cells that one cell of ``name`` is made from."""
        kernel = Region.whole(self.kernel, self.size)
        return (self.window(one(time), one(unit)), kernel, self._bias())

    def readers(self, name: str, index: tuple[int, ...], times: int) -> tuple[Region, ...]:
        """Return the cells of ``name`` that a cell of an array has a direct part in."""
        every = Region.whole(self.name, (times, self.units))
        if name in (self.kernel, self.bias):
            return (every,)
        if name != self.x:
            return ()
        height, width = self.size
        rows = range(max(0, index[0] - height + 1), min(times, index[0] + 1))
        columns = range(max(0, index[1] - width + 1), min(self.units, index[1] + 1))
        return (Region(self.name, (rows, columns)),)
