"""A trace of a recurrence: at each time step the same equations, one after the other.

The finest steps go through the time steps; in each through the equations; in each through its
units; and in each of those through its moves. They are found by arithmetic alone, so that 500 time
steps of 256 units cost no more than one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.traces.equations import Equation
from simulator.traces.formula import Explanation, Fact, Message
from simulator.traces.model import Level, Step, Trace, TraceArray, Write
from simulator.traces.recurrence_formulas import Recurrence
from simulator.traces.recurrence_told import Teller
from simulator.traces.region import Region, one

Array = NDArray[Any]

LEVELS = ("product", "unit", "gate", "step", "sequence")
_GIVEN_NAMES = {
    "to_output": "Gradient from above",
    "after_c": "Gradient at the last memory",
    "passes": "Cut",
}


@dataclass(frozen=True, slots=True)
class RecurrentPlace:
    """Where a finest step stands. ``order`` counts time steps as they are gone through."""

    segment: int
    order: int
    time: int
    equation: int
    unit: int
    move: int


@dataclass(frozen=True)
class Segment:
    """Time steps that are gone through with the same equations, backwards if ``reverse``.

    ``first`` is the number of finest steps, units, equations and time steps before it.
    """

    equations: tuple[Equation, ...]
    times: int
    reverse: bool
    first: tuple[int, int, int, int]

    def __post_init__(self) -> None:
        moves = [equation.units * equation.moves for equation in self.equations]
        object.__setattr__(self, "starts", (0, *accumulate(moves)))
        units = [equation.units for equation in self.equations]
        object.__setattr__(self, "unit_starts", (0, *accumulate(units)))

    starts: tuple[int, ...] = ()
    unit_starts: tuple[int, ...] = ()

    @property
    def period(self) -> int:
        """Return the number of finest steps in a time step."""
        return self.starts[-1]

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Return the number of finest steps, units and equations in a time step, and one."""
        return (self.period, self.unit_starts[-1], len(self.equations), 1)

    @property
    def end(self) -> tuple[int, int, int, int]:
        """Return the number of finest steps, units, equations and time steps up to its end."""
        finest, units, gates, times = (
            before + self.times * each for before, each in zip(self.first, self.counts, strict=True)
        )
        return finest, units, gates, times

    def time(self, order: Any) -> Any:
        """Return the time step that is gone through as number ``order``, or the other way round."""
        return self.times - 1 - order if self.reverse else order


def segments_of(
    *parts: tuple[Sequence[Equation], int, bool],
) -> tuple[Segment, ...]:
    """Return segments, one after the other, of (equations, time steps, reverse)."""
    made: list[Segment] = []
    before = (0, 0, 0, 0)
    for equations, times, reverse in parts:
        made.append(Segment(tuple(equations), times, reverse, before))
        before = made[-1].end
    return tuple(made)


@dataclass(frozen=True, slots=True)
class RecurrentLevel(Level):
    """A grain of whole units, equations or time steps: number 1, 2 or 3 of a segment's counts."""

    segments: tuple[Segment, ...]
    which: int

    def steps(self, total: int) -> int:  # noqa: ARG002 - the segments say it
        """Return how many steps there are."""
        return self.segments[-1].end[self.which]

    def last_finest(self, step: int) -> int:
        """Return the last of the finest steps that ``step`` does."""
        segment = max(
            (part for part in self.segments if part.first[self.which] <= step),
            key=lambda part: part.first[0],
        )
        rest = step - segment.first[self.which]
        if self.which == 3:
            return segment.first[0] + (rest + 1) * segment.period - 1
        order, rest = divmod(rest, segment.counts[self.which])
        start = segment.first[0] + order * segment.period
        if self.which == 2:
            return start + segment.starts[rest + 1] - 1
        at = int(np.searchsorted(segment.unit_starts, rest, side="right")) - 1
        unit = rest - segment.unit_starts[at]
        return start + segment.starts[at] + (unit + 1) * segment.equations[at].moves - 1

    def containing(self, finest: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the step that does each of these finest steps."""
        found = np.zeros_like(finest)
        for segment in self.segments:
            number = segment.first[self.which] + self._within(segment, finest - segment.first[0])
            found = np.where(finest >= segment.first[0], number, found)
        return found

    def _within(self, segment: Segment, finest: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how many steps of a segment come before those that do some finest steps."""
        order, rest = np.divmod(finest, segment.period)
        if self.which == 3:
            return order
        equation = np.searchsorted(segment.starts, rest, side="right") - 1
        if self.which == 2:
            return order * segment.counts[2] + equation
        moves = np.asarray([each.moves for each in segment.equations])[equation]
        unit = (rest - np.asarray(segment.starts)[equation]) // moves
        before = np.asarray(segment.unit_starts)[equation]
        return np.asarray(order * segment.counts[1] + before + unit)


class RecurrentTrace(Trace):
    """A recurrence, step by step at each of its levels.

    ``states`` are the arrays that go from time step to time step. At the level of the whole
    sequence they are written first, by the recurrence as a whole, and everything else after them.
    ``beside`` are the traces of other cells that are given the same, to be compared with it.
    """

    def __init__(
        self,
        given: Iterable[TraceArray],
        segments: tuple[Segment, ...],
        values: Mapping[str, Array],
        *,
        states: Sequence[str],
        run: Callable[[Mapping[str, Array]], Mapping[str, Array]],
        teller: Teller,
        fact: Fact,
    ) -> None:
        """Take the given arrays, the segments, the values of all, and what computes them all."""
        self._fact = fact
        self.beside: Mapping[str, RecurrentTrace] = {}
        self.segments = segments
        self.states = tuple(states)
        self.values = values
        self._run = run
        self._teller = teller
        self._given = tuple(given)
        self._writers: dict[str, tuple[int, int, int]] = {}
        made: list[TraceArray] = []
        for number, segment in enumerate(segments):
            for at, equation in enumerate(segment.equations):
                for array in equation.arrays(values, segment.times):
                    move = equation.move_writing(array.name)
                    assert move is not None
                    self._writers[array.name] = (number, at, move)
                    made.append(array)
        total = segments[-1].end[0]
        product, *coarser, sequence = zip(LEVELS, teller.level_labels, strict=True)
        levels = [
            Level(*product, 1),
            *(
                RecurrentLevel(name, label, 0, segments, which)
                for which, (name, label) in enumerate(coarser, start=1)
            ),
            Level(*sequence, total),
        ]
        super().__init__([*self._given, *made], levels, total)

    def with_beside(self, others: Mapping[str, RecurrentTrace]) -> RecurrentTrace:
        """Return this trace with those of other cells beside it, by their names."""
        made = copy(self)
        made.beside = dict(others)
        return made

    # Where a step stands

    def place(self, finest: int) -> RecurrentPlace:
        """Return where a finest step stands."""
        number = max(at for at, part in enumerate(self.segments) if part.first[0] <= finest)
        segment = self.segments[number]
        order, rest = divmod(finest - segment.first[0], segment.period)
        at = int(np.searchsorted(segment.starts, rest, side="right")) - 1
        unit, move = divmod(rest - segment.starts[at], segment.equations[at].moves)
        return RecurrentPlace(number, order, segment.time(order), at, unit, move)

    def finest_of(self, place: RecurrentPlace) -> int:
        """Return the finest step at a place."""
        segment = self.segments[place.segment]
        equation = segment.equations[place.equation]
        within = segment.starts[place.equation] + place.unit * equation.moves + place.move
        return segment.first[0] + place.order * segment.period + within

    def equation_at(self, place: RecurrentPlace) -> Equation:
        """Return the equation of a place."""
        return self.segments[place.segment].equations[place.equation]

    def focus(self, index: int) -> RecurrentPlace:
        """Return the place that is looked at once a step is done: its last."""
        return self.place(self.last_finest(index))

    def last_move_of(self, name: str, time: int, unit: int) -> RecurrentPlace:
        """Return the place at which a cell (time, unit) of an array is written."""
        number, at, move = self._writers[name]
        segment = self.segments[number]
        return RecurrentPlace(number, segment.time(time), time, at, unit, max(move, 0))

    def _finest_writing(self, name: str, *positions: Array) -> NDArray[np.int64]:
        number, at, move = self._writers[name]
        segment = self.segments[number]
        times, units, *moves = (axis.astype(np.int64) for axis in positions)
        order = segment.time(times)
        start = segment.first[0] + segment.starts[at]
        found = start + order * segment.period + units * segment.equations[at].moves
        if moves:
            return np.asarray(found + moves[0])
        return np.asarray(found + move)

    # Steps

    def _step(self, index: int) -> Step:
        place = self.focus(index)
        equation = self.equation_at(place)
        title = self._teller.title(self, place, self.level)
        if self.level == "product":
            return Step(index, title, equation.write_move(place.time, place.unit, place.move))
        if self.level == "unit":
            return Step(index, title, tuple(equation.writes(one(place.time), one(place.unit))))
        if self.level == "gate":
            writes = equation.writes(one(place.time), range(equation.units))
            return Step(index, title, tuple(writes))
        if self.level == "step":
            equations = self.segments[place.segment].equations
            return Step(
                index,
                title,
                tuple(
                    write
                    for each in equations
                    for write in each.writes(one(place.time), range(each.units))
                ),
            )
        return Step(index, title, tuple(self._whole()))

    def _whole(self) -> Iterable[Write]:
        given = tuple(Region.whole(array.name, array.shape) for array in self._given)
        names = tuple(array.name for array in self._given)
        symbols = self.segments[0].equations[-1].wording.symbols
        for name in self.states:
            formula = Recurrence(symbols, names, self._run, name)
            yield Write(Region.whole(name, self.arrays[name].shape), given, formula)
        for segment in self.segments:
            for equation in segment.equations:
                for write in equation.writes(range(segment.times), range(equation.units)):
                    if write.target.array not in self.states:
                        yield write

    # Telling

    def explain(self, index: int) -> Explanation:
        """Return the arithmetic of a step with its numbers put in."""
        return self.explain_at(self.focus(index), index)

    def explain_at(self, place: RecurrentPlace, index: int) -> Explanation:
        """Return the arithmetic of a step as it is at another of its places."""
        return self._teller.explain(self, place, index)

    def told_cell(self, index: int) -> Region:
        """Return the cell whose value a step tells."""
        return self._teller.told_cell(self, self.focus(index))

    def title(self, index: int) -> Message:
        """Return what a step is called."""
        return self._teller.title(self, self.focus(index), self.level)

    def name_of(self, array: str) -> str:
        """Return what the equation that fills an array is called, or the array itself."""
        if array not in self._writers:
            return _GIVEN_NAMES.get(array, array)
        number, at, _ = self._writers[array]
        name = self.segments[number].equations[at].wording.name
        return name[0].upper() + name[1:]

    def size_fact(self) -> Fact:
        """Return how many weights the cell has."""
        return self._fact

    # Links

    def sources(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the cells that a cell is made from; of those on the way nothing is said."""
        if name not in self._writers:
            return ()
        number, at, _ = self._writers[name]
        equation = self.segments[number].equations[at]
        if name != equation.name:
            return ()
        return equation.direct(index[0], index[1])

    def dependants(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the cells that are made from a cell."""
        return tuple(
            region
            for segment in self.segments
            for equation in segment.equations
            for region in equation.readers(name, index, segment.times)
            if region.size
        )
