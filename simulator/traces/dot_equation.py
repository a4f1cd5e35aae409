"""The weighted sum of a recurrent cell: one product after the other, a bias, an activation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.activations import Activation
from simulator.traces.equations import Source, SumEquation, Values, times_reading
from simulator.traces.model import Computed, Role, TraceArray, Write
from simulator.traces.recurrence_formulas import (
    Accumulation,
    Activated,
    LastSum,
    Products,
    RunningSums,
    assignment,
)
from simulator.traces.region import Axis, Region, one

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class DotInput:
    """A row of values that is multiplied by weights.

    Unit u weighs value n with ``weights[n, column + u]``; ``transposed`` with
    ``weights[u, column + n]``.
    """

    source: Source
    weights: str
    size: int
    column: int = 0
    transposed: bool = False

    def weights_region(self, numbers: Axis, units: Axis) -> Region:
        """Return the weights of some values for some units."""
        shifted = _moved(numbers if self.transposed else units, self.column)
        return Region(self.weights, (units, shifted) if self.transposed else (numbers, shifted))

    def block(self, values: Values, units: int) -> Array:
        """Return the weights (n, U)."""
        weights = values[self.weights]
        if self.transposed:
            return weights[:, self.column : self.column + self.size].T
        return weights[:, self.column : self.column + units]


@dataclass(frozen=True, slots=True)
class Bias:
    """The bias of unit u: ``array[row, column + u]``."""

    array: str
    column: int = 0
    row: int = 0

    def region(self, units: Axis) -> Region:
        """Return the biases of some units."""
        return Region(self.array, (one(self.row), _moved(units, self.column)))

    def of(self, values: Values, units: int) -> Array:
        """Return the biases (U,)."""
        row: Array = values[self.array][self.row]
        return row[self.column : self.column + units]


@dataclass(frozen=True, kw_only=True)
class Dot(SumEquation):
    """A weighted sum of values, then an activation: ``name = φ(Σ value · weight + bias)``.

    Fills ``name_products`` and ``name_sums`` (T, U, N), and with an activation the sum ``a_name``
    (T, U). ``gated`` are one or two arrays whose product is added to the sum. ``held`` names an
    array of values (T, U) that take the place of the activation's, where they are not NaN.
    """

    inputs: tuple[DotInput, ...]
    biases: tuple[Bias, ...] = ()
    activation: Activation | None = None
    gated: tuple[Source, ...] = ()
    held: str = ""
    total: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "total", f"a_{self.name}" if self.activation else self.name)

    @property
    def terms(self) -> int:
        """Return the number of products of each unit."""
        return sum(part.size for part in self.inputs)

    def factors(self, time: int, unit: int, term: int) -> tuple[Region, Region]:
        """Return the two cells that one product is made of: read, and weighed with."""
        part, number = self.input_of(term)
        read = part.source.cell(time, number, self.length)
        return read, part.weights_region(one(number), one(unit))

    @property
    def filled(self) -> tuple[str, ...]:
        """Return the names of the arrays (T, units) that ``compute`` fills."""
        return (self.total, self.name) if self.activation else (self.name,)

    def arrays(self, values: Values, times: int) -> list[TraceArray]:
        """Return the arrays that it fills, for so many time steps, from the values of all."""
        shape = (times, self.units, self.terms)

        def products(rows: Array, units: Array, terms: Array) -> Array:
            # Whole rows of terms, of which those asked for are taken: they are few.
            found = self._row_products(values, rows.reshape(-1), units.reshape(-1))
            return found[:, :, terms.reshape(-1)]

        def sums(rows: Array, units: Array, terms: Array) -> Array:
            found = self._row_products(values, rows.reshape(-1), units.reshape(-1)).cumsum(axis=-1)
            for bias in self.biases:
                found = found + bias.of(values, self.units)[units.reshape(-1)][None, :, None]
            return found[:, :, terms.reshape(-1)]

        axes = ("time", "unit", "term")
        made = [
            TraceArray(self.products, axes, Role.WRITES, Computed(shape, products)),
            TraceArray(self.sums, axes, Role.WRITES, Computed(shape, sums)),
        ]
        if self.activation:
            made.append(TraceArray(self.total, axes[:2], Role.WRITES, values[self.total]))
        return [*made, TraceArray(self.name, axes[:2], Role.WRITES, values[self.name])]

    def _row_products(self, values: Values, times: Array, units: Array) -> Array:
        parts = []
        for part in self.inputs:
            rows = part.source.rows(values, times, self.length)
            parts.append(rows[:, None, :] * part.block(values, self.units)[:, units].T[None])
        return np.concatenate(parts, axis=-1)

    def move_writing(self, name: str) -> int | None:
        """Return which move writes an array; -1 where each move writes a cell; None if none."""
        if name in (self.products, self.sums):
            return -1
        return self.terms if name in (self.total, self.name) else None

    def input_of(self, term: int) -> tuple[DotInput, int]:
        """Return the input that a term belongs to, and its number there."""
        for part in self.inputs:
            if term < part.size:
                return part, term
            term -= part.size
        raise IndexError(term)

    def write_move(self, time: int, unit: int, move: int) -> tuple[Write, ...]:
        """Return what one finest step assigns."""
        if move == self.terms:
            return tuple(self._closing(one(time), one(unit)))
        part, _ = self.input_of(move)
        factors = self.factors(time, unit, move)
        product = Region.cell(self.products, time, unit, move)
        before = (
            (Region.cell(self.sums, time, unit, move - 1),)
            if move
            else tuple(bias.region(one(unit)) for bias in self.biases)
        )
        symbols = self.wording.symbols
        return (
            Write(product, factors, Products(symbols, (part.transposed,))),
            Write(
                Region.cell(self.sums, time, unit, move),
                (*before, product),
                Accumulation(symbols),
            ),
        )

    def writes(self, times: range, units: range) -> Iterator[Write]:
        """Yield what the equation assigns, for a run of time steps and units."""
        symbols = self.wording.symbols
        terms = range(self.terms)
        products = Region(self.products, (times, units, terms))
        operands: list[tuple[Region, ...]] = []
        for part in self.inputs:
            numbers = range(part.size)
            operands.append(part.source.regions(times, numbers, self.length))
            operands.append((part.weights_region(numbers, units),))
        across = tuple(part.transposed for part in self.inputs)
        yield assignment(products, Products(symbols, across), operands)
        biases = [(bias.region(units),) for bias in self.biases]
        sums = Region(self.sums, (times, units, terms))
        yield assignment(sums, RunningSums(symbols), [*biases, (products,)])
        yield from self._closing(times, units)

    def _closing(self, times: range, units: range) -> Iterator[Write]:
        symbols = self.wording.symbols
        last = Region(self.sums, (times, units, one(self.terms - 1)))
        added = [source.regions(times, units, self.length) for source in self.gated]
        total = self._target(self.total, times, units)
        yield assignment(total, LastSum(symbols), [(last,), *added])
        if self.activation:
            held = [(Region(self.held, (times, units)),)] if self.held else []
            yield assignment(
                self._target(self.name, times, units),
                Activated(symbols, self.activation),
                [(total,), *held],
            )

    @property
    def reads(self) -> tuple[str, ...]:
        """Return the arrays with a row for each time step that ``compute`` reads."""
        sources = [*(part.source for part in self.inputs), *self.gated]
        return (*(source.array for source in sources), *([self.held] if self.held else []))

    def compute(self, values: dict[str, Array], time: int | None) -> None:
        """Fill the row of a time step in the arrays of ``values``; of None all rows at once."""
        at = self._at(time)
        total: Array = np.zeros(self.units, values[self.total].dtype)
        for bias in self.biases:
            total = total + bias.of(values, self.units)
        for part in self.inputs:
            row = part.source.row(values, time, self.length)
            total = total + row @ part.block(values, self.units)
        if self.gated:
            rows = (source.row(values, time, self.length) for source in self.gated)
            total = total + np.prod(list(rows), axis=0)
        values[self.total][at] = total
        if self.activation:
            operands = [total, *([values[self.held][at]] if self.held else [])]
            values[self.name][at] = Activated("", self.activation).value(*operands)

    def direct(self, time: int, unit: int) -> tuple[Region, ...]:
        """Return the cells that one cell of ``name`` is made from, past what is on the way."""
        found: list[Region] = []
        for part in self.inputs:
            numbers = range(part.size)
            found += part.source.regions(one(time), numbers, self.length)
            found.append(part.weights_region(numbers, one(unit)))
        found += [bias.region(one(unit)) for bias in self.biases]
        for source in self.gated:
            found += source.regions(one(time), one(unit), self.length)
        if self.held:
            found.append(Region.cell(self.held, time, unit))
        return tuple(found)

    def readers(self, name: str, index: tuple[int, ...], times: int) -> tuple[Region, ...]:
        """Return the cells of ``self.name`` that a cell of an array has a direct part in."""
        every = range(self.units)
        found: list[Region] = []
        for part in self.inputs:
            found += [
                Region(self.name, (when, every))
                for when in times_reading(part.source, name, index, times, self.length)
                if index[1] < part.size
            ]
            if name == part.weights:
                unit, number = index if part.transposed else (index[1], index[0])
                own = unit if part.transposed else unit - part.column
                number -= part.column if part.transposed else 0
                if 0 <= own < self.units and 0 <= number < part.size:
                    found.append(Region(self.name, (range(times), one(own))))
        for bias in self.biases:
            if name != bias.array or index[0] != bias.row:
                continue
            own = index[1] - bias.column
            if 0 <= own < self.units:
                found.append(Region(self.name, (range(times), one(own))))
        for source in self.gated:
            found += [
                Region(self.name, (when, one(index[1])))
                for when in times_reading(source, name, index, times, self.length)
            ]
        if self.held == name and self.held:
            found.append(Region.cell(self.name, *index))
        return tuple(found)


def _moved(axis: Axis, by: int) -> Axis:
    if isinstance(axis, range):
        return range(axis.start + by, axis.stop + by)
    return tuple(at + by for at in axis)
