"""The trace: what every lesson, player, highlight, hover card and test reads.

A trace has named arrays and a number of steps. A step is made on demand, in constant time and
memory, and says which cells are read, which are written, and the formula between them. Steps come
in levels: a step of a coarser level does the work of a run of the finest steps.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from simulator.traces.formula import Explanation, Fact, Formula, Message
from simulator.traces.region import Axis, Region

Array = NDArray[Any]


class Role(StrEnum):
    """What an array is to a step. Every picture gives each role one colour."""

    READS = "reads"
    WEIGHTS = "weights"
    WRITES = "writes"


@dataclass(frozen=True, slots=True)
class Computed:
    """Values too many to keep: computed where they are looked at.

    ``function`` takes one index array per axis (open, as ``numpy.ix_`` makes them) and returns the
    values where they cross.
    """

    shape: tuple[int, ...]
    function: Callable[..., Array]

    def __getitem__(self, positions: tuple[Array, ...]) -> Array:
        return self.function(*positions)


@dataclass(frozen=True, slots=True)
class TraceArray:
    """A named array of a trace.

    ``given`` arrays are there before the first step; every other cell is written exactly once.
    ``padding`` is the value that is read outside the array; ``None`` forbids reading there.
    """

    name: str
    axes: tuple[str, ...]
    role: Role
    values: Array | Computed
    given: bool = False
    padding: float | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the length of each axis."""
        return self.values.shape

    def read(self, region: Region) -> Array:
        """Return the values of a region, in its shape.

        Raises:
            IndexError: a cell lies outside an array that has no padding.
        """
        if all(map(_reaches_only_inside, region.axes, self.shape)):
            if isinstance(self.values, np.ndarray) and all(map(_is_run, region.axes)):
                # As good as always: a slice, where index arrays would take ten times as long.
                return np.array(self.values[tuple(map(_slice, region.axes))])
            return np.asarray(self.values[region.positions()])
        positions = region.positions()
        outside = self.outside(region)
        if not outside.any():
            return np.asarray(self.values[positions])
        if self.padding is None:
            raise IndexError(f"{region} reaches outside {self.name} of shape {self.shape}")
        clipped = tuple(
            np.clip(axis, 0, length - 1) for axis, length in zip(positions, self.shape, strict=True)
        )
        return np.where(outside, self.padding, self.values[clipped])

    def outside(self, region: Region) -> NDArray[np.bool_]:
        """Return which cells of a region lie outside the array, in the region's shape."""
        beyond = np.zeros((1,) * len(self.shape), dtype=np.bool_)
        for axis, length in zip(region.positions(), self.shape, strict=True):
            beyond = beyond | (axis < 0) | (axis >= length)
        return beyond


def _reaches_only_inside(axis: Axis, length: int) -> bool:
    """Return whether all positions lie on an axis of this length."""
    if isinstance(axis, range):
        return not axis or (min(axis[0], axis[-1]) >= 0 and max(axis[0], axis[-1]) < length)
    return all(0 <= position < length for position in axis)


def _is_run(axis: Axis) -> bool:
    return isinstance(axis, range) and axis.step == 1


def _slice(axis: Axis) -> slice:
    return slice(axis[0], axis[-1] + 1) if axis else slice(0, 0)


def given(
    name: str, axes: tuple[str, ...], role: Role, values: Array, padding: float | None = None
) -> TraceArray:
    """Return an array that is there before the first step."""
    return TraceArray(name, axes, role, values, given=True, padding=padding)


@dataclass(frozen=True, slots=True)
class Write:
    """One assignment of a step: ``target = formula(*sources)``."""

    target: Region
    sources: tuple[Region, ...]
    formula: Formula


@dataclass(frozen=True, slots=True)
class Step:
    """One step: a title and its assignments, the one that it is named for first."""

    index: int
    title: Message
    writes: tuple[Write, ...]

    @property
    def formula(self) -> Formula:
        """Return the formula of the first assignment."""
        return self.writes[0].formula

    @property
    def targets(self) -> tuple[Region, ...]:
        """Return the regions that this step writes."""
        return tuple(write.target for write in self.writes)

    @property
    def reads(self) -> tuple[Region, ...]:
        """Return the regions that this step reads, each once."""
        return tuple(dict.fromkeys(source for write in self.writes for source in write.sources))


@dataclass(frozen=True, slots=True)
class Level:
    """A grain of stepping: each step does ``stride`` of the finest steps."""

    name: str
    label: str
    stride: int

    def steps(self, total: int) -> int:
        """Return how many steps do ``total`` of the finest ones."""
        return total // self.stride

    def last_finest(self, step: int) -> int:
        """Return the last of the finest steps that ``step`` does."""
        return (step + 1) * self.stride - 1

    def containing(self, finest: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the step that does each of these finest steps."""
        return finest // self.stride


@dataclass(frozen=True, slots=True)
class UnevenLevel(Level):
    """A grain whose steps do more or fewer of the finest steps, as layers of other sizes do.

    ``ends`` holds the number of finest steps that are done once each step is; ``stride`` is 0.
    """

    ends: NDArray[np.int64]

    def steps(self, total: int) -> int:  # noqa: ARG002 - the ends say it
        """Return how many steps there are."""
        return len(self.ends)

    def last_finest(self, step: int) -> int:
        """Return the last of the finest steps that ``step`` does."""
        return int(self.ends[step]) - 1

    def containing(self, finest: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the step that does each of these finest steps."""
        return np.searchsorted(self.ends, finest, side="right").astype(np.int64)


class Trace(ABC):
    """Named arrays, and the steps that fill them, at one of several levels."""

    def __init__(self, arrays: Sequence[TraceArray], levels: Sequence[Level], total: int) -> None:
        """Take the arrays, the levels from finest to coarsest, and the number of finest steps."""
        self.arrays: Mapping[str, TraceArray] = {array.name: array for array in arrays}
        self.levels: Mapping[str, Level] = {level.name: level for level in levels}
        self.total = total
        self.grain = levels[0]

    @property
    def level(self) -> str:
        """Return the name of the level that steps are counted in."""
        return self.grain.name

    def at(self, level: str) -> Self:
        """Return this trace, sharing all arrays, with its steps counted in another level."""
        other = copy(self)
        other.grain = self.levels[level]
        return other

    def __len__(self) -> int:
        return self.grain.steps(self.total)

    def last_finest(self, step: int) -> int:
        """Return the last of the finest steps that ``step`` does."""
        return self.grain.last_finest(step)

    def containing(self, finest: int) -> int:
        """Return the step that does this finest step."""
        return int(self.grain.containing(np.asarray(finest, dtype=np.int64)))

    def read(self, region: Region) -> Array:
        """Return the values of a region, in its shape."""
        return self.arrays[region.array].read(region)

    def written_at(self, region: Region) -> NDArray[np.int64]:
        """Return the step that writes each cell of a region; -1 where it is given."""
        if self.arrays[region.array].given:
            return np.full(region.shape, -1, dtype=np.int64)
        return self.grain.containing(self._finest_writing(region.array, *region.positions()))

    def written(self, region: Region, step: int) -> NDArray[np.bool_]:
        """Return which cells of a region exist once ``step`` is done; no step is replayed."""
        if self.arrays[region.array].given:
            return np.ones(region.shape, dtype=np.bool_)
        if step < 0:
            return np.zeros(region.shape, dtype=np.bool_)
        # The same as asking for each cell's step, for steps do the finest ones in their order.
        done = self.last_finest(min(step, len(self) - 1))
        return self._finest_writing(region.array, *region.positions()) <= done

    def step(self, index: int) -> Step:
        """Return a step, made on demand in constant time.

        Raises:
            IndexError: there is no such step.
        """
        if not 0 <= index < len(self):
            raise IndexError(f"step {index} of a trace with {len(self)} steps")
        return self._step(index)

    @abstractmethod
    def _step(self, index: int) -> Step:
        """Return a step that exists."""

    @abstractmethod
    def _finest_writing(self, name: str, *positions: Array) -> NDArray[np.int64]:
        """Return the finest step that writes each cell of an array that is not given."""

    @abstractmethod
    def explain(self, index: int) -> Explanation:
        """Return the arithmetic of a step with its numbers put in."""

    @abstractmethod
    def told_cell(self, index: int) -> Region:
        """Return the cell whose value is the result that ``explain`` tells of a step."""

    @abstractmethod
    def sources(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the cells that light up as those that one cell was computed from.

        They are the given cells where one step leads from them to the output; in a recurrence,
        where everything depends on all that came before, the cells that it reads directly.
        """

    @abstractmethod
    def dependants(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the cells that one cell has a part in, as ``sources`` would name it."""

    @abstractmethod
    def size_fact(self) -> Fact:
        """Return the relation that holds for the whole lesson, with its numbers."""
