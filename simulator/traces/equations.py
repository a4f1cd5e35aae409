"""The equations that a recurrent cell works through at each time step, one unit after the other.

An equation fills one array (T, units), its ``name``; on the way it may fill others. Its finest
steps, ``moves`` for each unit, are a product, an activation, one elementwise operation.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.traces.formula import Message
from simulator.traces.model import TraceArray, Write
from simulator.traces.region import Axis, Region, one

Array = NDArray[Any]
Values = Mapping[str, Array]


@dataclass(frozen=True, slots=True)
class Source:
    """The cells of an array at a time step, or ``shift`` steps after it.

    ``edge`` names the array (1, U) that stands for the step before the first or after the last.
    A ``single`` array has one number for all units.
    """

    array: str
    shift: int = 0
    edge: str = ""
    single: bool = False

    def regions(self, times: range, units: Axis, length: int) -> tuple[Region, ...]:
        """Return the cells of a run of time steps, of an array of ``length`` of them."""
        units = one(0) if self.single else units
        first, last = times.start + self.shift, times.stop + self.shift
        found = []
        if first < 0:
            found.append(Region(self.edge, (range(1), units)))
        inside = range(max(first, 0), min(last, length))
        if inside:
            found.append(Region(self.array, (inside, units)))
        if last > length:
            found.append(Region(self.edge, (range(1), units)))
        return tuple(found)

    def cell(self, time: int, unit: int, length: int) -> Region:
        """Return one cell at a time step."""
        return self.regions(one(time), one(unit), length)[0]

    def row(self, values: Values, time: int | None, length: int) -> Array:
        """Return the row (U,) at a time step; of None those of all time steps (T, U)."""
        if time is None:
            return self.rows(values, np.arange(length), length)
        at = time + self.shift
        if self.edge and not 0 <= at < length:
            edge: Array = values[self.edge][0]
            return edge
        row: Array = values[self.array][min(max(at, 0), length - 1)]
        return row

    def rows(self, values: Values, times: Array, length: int) -> Array:
        """Return the rows (len(times), U) at some time steps."""
        at = times + self.shift
        rows: Array = values[self.array][np.clip(at, 0, length - 1)]
        if self.edge:
            rows = np.where(((at < 0) | (at >= length))[:, None], values[self.edge], rows)
        return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What is said of an equation: ``name`` goes on after "the", ``symbols`` is its LaTeX.

    ``letter`` is how the array it fills is written, ``tells`` what it is good for, and ``cell``
    what one of its values belongs to.
    """

    name: str
    letter: str
    symbols: str
    tells: Message
    cell: str = "unit"


@dataclass(frozen=True, kw_only=True)
class Equation(ABC):
    """One equation of a cell; ``length`` is the number of time steps of what it reads."""

    name: str
    units: int
    length: int
    wording: Wording

    @property
    @abstractmethod
    def moves(self) -> int:
        """Return the number of finest steps of each unit."""

    @property
    @abstractmethod
    def filled(self) -> tuple[str, ...]:
        """Return the names of the arrays (T, units) that ``compute`` fills."""

    @abstractmethod
    def arrays(self, values: Values, times: int) -> list[TraceArray]:
        """Return the arrays that it fills, for so many time steps, from the values of all."""

    @abstractmethod
    def move_writing(self, name: str) -> int | None:
        """Return which move writes an array; -1 where each move writes a cell; None if none."""

    @abstractmethod
    def write_move(self, time: int, unit: int, move: int) -> tuple[Write, ...]:
        """Return what one finest step assigns."""

    @abstractmethod
    def writes(self, times: range, units: range) -> Iterator[Write]:
        """Yield what the equation assigns, for a run of time steps and units."""

    @property
    @abstractmethod
    def reads(self) -> tuple[str, ...]:
        """Return the arrays with a row for each time step that ``compute`` reads."""

    @abstractmethod
    def compute(self, values: dict[str, Array], time: int | None) -> None:
        """Fill the row of a time step in the arrays of ``values``; of None all rows at once.

        All at once needs every array that is read to be whole.
        """

    @abstractmethod
    def direct(self, time: int, unit: int) -> tuple[Region, ...]:
        """Return the cells that one cell of ``name`` is made from, past what is on the way."""

    @abstractmethod
    def readers(self, name: str, index: tuple[int, ...], times: int) -> tuple[Region, ...]:
        """Return the cells of ``self.name`` that a cell of an array has a direct part in."""

    @staticmethod
    def _at(time: int | None) -> int | slice:
        return slice(None) if time is None else time

    def _target(self, name: str, times: range, units: Axis) -> Region:
        return Region(name, (times, units))


@dataclass(frozen=True, kw_only=True)
class SumEquation(Equation):
    """A sum of products: ``products`` and ``sums`` (T, units, terms), the last move closes it."""

    @property
    @abstractmethod
    def terms(self) -> int:
        """Return the number of products of each unit."""

    @property
    def products(self) -> str:
        """Return the name of the array of products."""
        return f"{self.name}_products"

    @property
    def sums(self) -> str:
        """Return the name of the array of running sums."""
        return f"{self.name}_sums"

    @property
    def moves(self) -> int:
        """Return the number of finest steps of each unit."""
        return self.terms + 1

    @abstractmethod
    def factors(self, time: int, unit: int, term: int) -> tuple[Region, Region]:
        """Return the two cells that one product is made of: read, and weighed with."""


def times_reading(
    source: Source, name: str, index: tuple[int, ...], times: int, length: int
) -> Iterator[range]:
    """Yield the time steps, one at most, at which a source reads a cell (time, unit)."""
    if name == source.array:
        when = index[0] - source.shift
        if 0 <= when < times:
            yield one(when)
    elif name == source.edge and source.edge:
        when = -1 - source.shift if source.shift < 0 else length - source.shift
        if 0 <= when < times:
            yield one(when)
