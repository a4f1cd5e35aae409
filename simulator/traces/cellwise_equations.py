"""Equations of a recurrent cell that go cell by cell, or over a row: no weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.traces.equations import Equation, Source, Values, times_reading
from simulator.traces.formula import Formula
from simulator.traces.model import Role, TraceArray, Write
from simulator.traces.recurrence_formulas import (
    Elementwise,
    Norm,
    assignment,
)
from simulator.traces.region import Region, one

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """One elementwise operation: ``name = function(*sources)``, written as ``told``.

    ``told`` is the right side in signs and sources, as it is written with numbers.
    """

    name: str
    sources: tuple[Source, ...]
    function: Callable[..., Array]
    told: tuple[str | Source, ...]


@dataclass(frozen=True, kw_only=True)
class Cellwise(Equation):
    """Elementwise operations, the last of which fills ``name``; ``told`` is all in one line."""

    operations: tuple[Operation, ...]
    told: tuple[str | Source, ...]

    @property
    def moves(self) -> int:
        """Return the number of finest steps of each unit."""
        return len(self.operations)

    @property
    def filled(self) -> tuple[str, ...]:
        """Return the names of the arrays (T, units) that ``compute`` fills."""
        return tuple(operation.name for operation in self.operations)

    def arrays(self, values: Values, times: int) -> list[TraceArray]:
        """Return the arrays that it fills, for so many time steps, from the values of all."""
        del times
        return [
            TraceArray(operation.name, ("time", "unit"), Role.WRITES, values[operation.name])
            for operation in self.operations
        ]

    def move_writing(self, name: str) -> int | None:
        """Return which move writes an array; -1 where each move writes a cell; None if none."""
        names = [operation.name for operation in self.operations]
        return names.index(name) if name in names else None

    def write_move(self, time: int, unit: int, move: int) -> tuple[Write, ...]:
        """Return what one finest step assigns."""
        return (self._write(self.operations[move], one(time), one(unit)),)

    def writes(self, times: range, units: range) -> Iterator[Write]:
        """Yield what the equation assigns, for a run of time steps and units."""
        for operation in self.operations:
            yield self._write(operation, times, units)

    def _write(self, operation: Operation, times: range, units: range) -> Write:
        formula: Formula = Elementwise(self.wording.symbols, operation.function)
        operands = [source.regions(times, units, self.length) for source in operation.sources]
        return assignment(self._target(operation.name, times, units), formula, operands)

    @property
    def reads(self) -> tuple[str, ...]:
        """Return the arrays with a row for each time step that ``compute`` reads."""
        return tuple(source.array for source in self._outer())

    def compute(self, values: dict[str, Array], time: int | None) -> None:
        """Fill the row of a time step in the arrays of ``values``; of None all rows at once."""
        for operation in self.operations:
            rows = (source.row(values, time, self.length) for source in operation.sources)
            values[operation.name][self._at(time)] = operation.function(*rows)

    def _outer(self) -> list[Source]:
        """Return what is read of other equations."""
        own = {operation.name for operation in self.operations}
        sources = [source for operation in self.operations for source in operation.sources]
        return list(dict.fromkeys(s for s in sources if s.array not in own or s.shift))

    def direct(self, time: int, unit: int) -> tuple[Region, ...]:
        """Return the cells that one cell of ``name`` is made from, past what is on the way."""
        return tuple(source.cell(time, unit, self.length) for source in self._outer())

    def readers(self, name: str, index: tuple[int, ...], times: int) -> tuple[Region, ...]:
        """Return the cells of ``self.name`` that a cell of an array has a direct part in."""
        found = [
            Region(self.name, (when, range(self.units) if source.single else one(index[1])))
            for source in self._outer()
            for when in times_reading(source, name, index, times, self.length)
        ]
        return tuple(found)


@dataclass(frozen=True, kw_only=True)
class RowNorm(Equation):
    """The length of a row, one number for each time step: ``name`` (T, 1).

    The row is made of ``size`` cells of each of ``sources``.
    """

    sources: tuple[Source, ...]
    size: int

    @property
    def moves(self) -> int:
        """Return the number of finest steps of each unit."""
        return 1

    @property
    def filled(self) -> tuple[str, ...]:
        """Return the names of the arrays (T, units) that ``compute`` fills."""
        return (self.name,)

    def arrays(self, values: Values, times: int) -> list[TraceArray]:
        """Return the arrays that it fills, for so many time steps, from the values of all."""
        del times
        return [TraceArray(self.name, ("time", "unit"), Role.WRITES, values[self.name])]

    def move_writing(self, name: str) -> int | None:
        """Return which move writes an array; -1 where each move writes a cell; None if none."""
        return 0 if name == self.name else None

    def write_move(self, time: int, unit: int, move: int) -> tuple[Write, ...]:
        """Return what one finest step assigns."""
        del move
        return tuple(self.writes(one(time), one(unit)))

    def writes(self, times: range, units: range) -> Iterator[Write]:
        """Yield what the equation assigns, for a run of time steps and units."""
        rows = [each.regions(times, range(self.size), self.length) for each in self.sources]
        target = self._target(self.name, times, units)
        yield assignment(target, Norm(self.wording.symbols), rows)

    @property
    def reads(self) -> tuple[str, ...]:
        """Return the arrays with a row for each time step that ``compute`` reads."""
        return tuple(source.array for source in self.sources)

    def compute(self, values: dict[str, Array], time: int | None) -> None:
        """Fill the row of a time step in the arrays of ``values``; of None all rows at once."""
        rows = (np.atleast_2d(each.row(values, time, self.length)) for each in self.sources)
        found = Norm("").value(*rows)
        values[self.name][self._at(time)] = found if time is None else found[0]

    def direct(self, time: int, unit: int) -> tuple[Region, ...]:
        """Return the cells that one cell of ``name`` is made from, past what is on the way."""
        del unit
        cells = (each.regions(one(time), range(self.size), self.length) for each in self.sources)
        return tuple(region for regions in cells for region in regions)

    def readers(self, name: str, index: tuple[int, ...], times: int) -> tuple[Region, ...]:
        """Return the cells of ``self.name`` that a cell of an array has a direct part in."""
        return tuple(
            Region(self.name, (when, range(1)))
            for each in self.sources
            for when in times_reading(each, name, index, times, self.length)
        )
