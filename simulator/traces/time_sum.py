"""The gradient of recurrent weights: one product for each time step, added up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.traces.equations import Source, SumEquation, Values
from simulator.traces.formula import Formula
from simulator.traces.model import Computed, Role, TraceArray, Write
from simulator.traces.recurrence_formulas import Accumulation, LastSum, RunningSums, assignment
from simulator.traces.region import Region, one

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class OuterProducts(Formula):
    """Each state times each slope, at each time step."""

    columns: int

    def value(self, *operands: Array) -> Array:
        """Return (1, V · columns, T) of states (T, V) and slopes (T, columns)."""
        states, slopes = operands
        products = states[:, :, None] * slopes[:, None, :]
        return np.asarray(products.reshape(len(states), -1).T[None])


@dataclass(frozen=True, kw_only=True)
class TimeSum(SumEquation):
    """∂L/∂U = Σ over time of h before each step times ∂L/∂a: ``name`` (1, V · columns).

    Cell ``v · columns + u`` belongs to the weight from unit v to unit u.
    """

    states: Source
    slopes: Source
    columns: int

    @property
    def terms(self) -> int:
        """Return the number of products of each unit: one for each time step."""
        return self.length

    @property
    def filled(self) -> tuple[str, ...]:
        """Return the names of the arrays (T, units) that ``compute`` fills."""
        return (self.name,)

    def arrays(self, values: Values, times: int) -> list[TraceArray]:
        """Return the arrays that it fills."""
        del times
        shape = (1, self.units, self.length)

        def products(_: Array, units: Array, terms: Array) -> Array:
            return self._products(values, units.reshape(-1))[:, :, terms.reshape(-1)]

        def sums(_: Array, units: Array, terms: Array) -> Array:
            found = self._products(values, units.reshape(-1)).cumsum(axis=-1)
            return np.asarray(found[:, :, terms.reshape(-1)])

        axes = ("time", "weight", "term")
        return [
            TraceArray(self.products, axes, Role.WRITES, Computed(shape, products)),
            TraceArray(self.sums, axes, Role.WRITES, Computed(shape, sums)),
            TraceArray(self.name, axes[:2], Role.WRITES, values[self.name]),
        ]

    def _products(self, values: Values, units: Array) -> Array:
        times = np.arange(self.length)
        states = self.states.rows(values, times, self.length)[:, units // self.columns]
        slopes = self.slopes.rows(values, times, self.length)[:, units % self.columns]
        return np.asarray((states * slopes).T[None])

    def move_writing(self, name: str) -> int | None:
        """Return which move writes an array; -1 where each move writes a cell; None if none."""
        if name in (self.products, self.sums):
            return -1
        return self.length if name == self.name else None

    def factors(self, time: int, unit: int, term: int) -> tuple[Region, Region]:
        """Return the two cells that one product is made of: a state and a slope."""
        del time
        return (
            self.states.cell(term, unit // self.columns, self.length),
            self.slopes.cell(term, unit % self.columns, self.length),
        )

    def write_move(self, time: int, unit: int, move: int) -> tuple[Write, ...]:
        """Return what one finest step assigns."""
        symbols = self.wording.symbols
        if move == self.length:
            return (self._last(one(unit)),)
        product = Region.cell(self.products, 0, unit, move)
        before = (Region.cell(self.sums, 0, unit, move - 1),) if move else ()
        return (
            Write(product, self.factors(time, unit, move), OuterProducts(symbols, 1)),
            Write(Region.cell(self.sums, 0, unit, move), (*before, product), Accumulation(symbols)),
        )

    def writes(self, times: range, units: range) -> Iterator[Write]:
        """Yield what the equation assigns, for one unit or all of them."""
        del times
        symbols, terms = self.wording.symbols, range(self.length)
        whole = len(units) == self.units
        rows = range(self.units // self.columns) if whole else one(units[0] // self.columns)
        columns = range(self.columns) if whole else one(units[0] % self.columns)
        products = Region(self.products, (range(1), units, terms))
        operands = [
            self.states.regions(terms, rows, self.length),
            self.slopes.regions(terms, columns, self.length),
        ]
        yield assignment(products, OuterProducts(symbols, len(columns)), operands)
        sums = Region(self.sums, (range(1), units, terms))
        yield assignment(sums, RunningSums(symbols), [(products,)])
        yield self._last(units)

    def _last(self, units: range) -> Write:
        last = Region(self.sums, (range(1), units, one(self.length - 1)))
        target = self._target(self.name, range(1), units)
        return assignment(target, LastSum(self.wording.symbols), [(last,)])

    @property
    def reads(self) -> tuple[str, ...]:
        """Return the arrays with a row for each time step that ``compute`` reads."""
        return (self.states.array, self.slopes.array)

    def compute(self, values: dict[str, Array], time: int | None) -> None:
        """Fill the only row."""
        del time
        times = np.arange(self.length)
        states = self.states.rows(values, times, self.length)
        slopes = self.slopes.rows(values, times, self.length)
        values[self.name][0] = (states.T @ slopes).reshape(-1)

    def direct(self, time: int, unit: int) -> tuple[Region, ...]:
        """Return the cells that one cell of ``name`` is made from, past what is on the way."""
        del time
        times = range(self.length)
        row, column = divmod(unit, self.columns)
        return (
            *self.states.regions(times, one(row), self.length),
            *self.slopes.regions(times, one(column), self.length),
        )

    def readers(self, name: str, index: tuple[int, ...], times: int) -> tuple[Region, ...]:
        """Return the cells of ``name`` that a cell of an array has a direct part in."""
        del times
        found = []
        rows = self.units // self.columns
        last = name == self.states.array and index[0] == self.length - 1 and self.states.shift < 0
        if name in (self.states.array, self.states.edge) and not last:
            first = index[1] * self.columns
            found.append(Region(self.name, (range(1), range(first, first + self.columns))))
        if name == self.slopes.array:
            cells = tuple(row * self.columns + index[1] for row in range(rows))
            found.append(Region(self.name, (range(1), cells)))
        return tuple(found)
