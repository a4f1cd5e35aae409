"""What makes each cell of two others: a difference, a slope, or every product of two planes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.traces.formula import Explanation, Formula, Message, Piece, Term, TermState, Tone
from simulator.traces.model import Role, TraceArray, Write
from simulator.traces.numbers import number
from simulator.traces.part import Part, PartView, Shown, UnitWords
from simulator.traces.region import Axis, Region, one

Array = NDArray[Any]

Pieces = Callable[[float, float], tuple[Piece, ...]]
"""Makes the pieces of what is done with two numbers."""


@dataclass(frozen=True, slots=True)
class PairTelling:
    """How a step is told: its ``pieces``, the ``sentence`` with {unit} and {result} (and {input}
    where units have one), and the sign of the operation. ``slope`` gives {slope} of the second.
    """

    pieces: Pieces
    sentence: str
    node: str
    slope: Callable[[float], float] = float


class PairPart(Part):
    """Each cell takes a cell of each of two planes, and one step.

    Both planes are (rows, columns), and so is the output: each cell takes those at its own place.
    ``across``, the first is (R, C), the second (rows, columns), and the output (rows, columns, R,
    C) takes every pair: unit after unit, and of each unit one input after the other.
    """

    def __init__(
        self,
        name: str,
        title: Message,
        *,
        first: tuple[str, Message],
        second: tuple[str, Message],
        output: tuple[str, Message],
        values: Array,
        formula: Formula,
        telling: PairTelling,
        words: UnitWords,
        across: bool = False,
    ) -> None:
        """Take names and titles, and the engine's ``values`` of the output."""
        self.words = words
        self._first = first
        self._second = second
        self._target = output
        self._formula = formula
        self._telling = telling
        self._across = across
        inputs = ("input row", "input column") if across else ()
        super().__init__(
            name,
            title,
            shape=values.shape,
            steps_per_unit=1,
            arrays=(TraceArray(output[0], ("row", "column", *inputs), Role.WRITES, values),),
            output=output[0],
            operands=(first[0], second[0]),
        )

    def _sources(self, axes: tuple[Axis, ...]) -> tuple[Region, Region]:
        """Return what some cells of the output take."""
        read = axes[2:] if self._across else axes
        return Region(self._first[0], read), Region(self._second[0], axes[:2])

    # Steps

    def writes(self, unit: int, at: int) -> tuple[Write, ...]:
        """Return the one step of a cell."""
        del at
        return self._write(tuple(map(one, self.index_of(unit))))

    def writes_of_unit(self, unit: int) -> tuple[Write, ...]:
        """Return the one step of a cell."""
        return self.writes(unit, 0)

    def writes_of_all(self) -> tuple[Write, ...]:
        """Return what the whole part assigns."""
        return self._write(tuple(range(length) for length in self.shape))

    def _write(self, axes: tuple[Axis, ...]) -> tuple[Write, ...]:
        return (Write(Region(self.output, axes), self._sources(axes), self._formula),)

    def finest_writing(self, name: str, *positions: Array) -> NDArray[np.int64]:
        """Return the cell's own step."""
        del name
        return self.unit_of(*positions)

    def result(self, unit: int, at: int) -> Region:
        """Return the cell that is written."""
        del at
        return self.cell(self.output, unit)

    # Provenance

    def sources(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the two cells that one was made of."""
        del name
        return self._sources(tuple(map(one, index)))

    def dependants(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the cells that one has a part in."""
        if name == self.output:
            return ()
        if not self._across:
            return (Region.cell(self.output, *index),)
        cell = tuple(map(one, index))
        every = tuple(range(length) for length in self.shape)
        axes = (*every[:2], *cell) if name == self._first[0] else (*cell, *every[2:])
        return (Region(self.output, axes),)

    def step_of(self, name: str, index: tuple[int, ...], unit: int) -> tuple[int, int] | None:
        """Return the cell that one has a part in; across, the one of the unit or input on view."""
        place = index
        if self._across:
            now = self.index_of(unit)
            place = (*now[:2], *index) if name == self._first[0] else (*index, *now[2:])
        return int(self.unit_of(*map(np.asarray, place)).item()), 0

    # Telling

    def _numbers(self, unit: int) -> tuple[int, int]:
        """Return the numbers of the unit and of the input that a cell belongs to."""
        return divmod(unit, int(np.prod(self.shape[2:])))

    def unit_name(self, unit: int) -> Message:
        """Return what a cell is called."""
        own, read = self._numbers(unit)
        assert self.words is not None
        if not self._across:
            return self.words.of(own)
        return Message("input {number}, {unit}", {"number": read, "unit": self.words.of(own)})

    def step_title(self, unit: int, at: int) -> Message:
        """Return how a step is called."""
        del at
        return Message("{part}, {unit}", {"part": self.title, "unit": self.unit_name(unit)})

    def explain(self, unit: int, at: int, *, whole: bool) -> Explanation:
        """Return the arithmetic of a cell."""
        del at
        values = [float(self.read(each).item()) for each in self.sources("", self.index_of(unit))]
        result = float(self.read(self.cell(self.output, unit)).item())
        own, read = self._numbers(unit)
        assert self.words is not None
        pieces = self._telling.pieces(values[0], values[1])
        shown = Piece(number(result), Tone.WRITES)
        where = [Piece(f"j = {own}", Tone.WRITES)]
        if self._across:
            where.append(Piece(f"i = {read}", Tone.READS))
        return Explanation(
            headline=(*pieces, Piece("≈"), shown),
            sentence=Message(
                self._telling.sentence,
                {
                    "unit": self.words.of(own),
                    "input": read,
                    "result": number(result),
                    "slope": number(self._telling.slope(values[1])),
                },
            ),
            symbols=self._formula.symbols,
            where=tuple(where),
            terms=(Term(pieces, TermState.DONE if whole else TermState.CURRENT),),
            columns=1,
            caption=self.title,
            relation="≈",
            result=shown,
            progress=(unit + 1, self.units),
            progress_caption=Message(
                "number {done} of {total}", {"done": unit + 1, "total": self.units}
            ),
        )

    def view(self, unit: int, at: int, *, whole: bool) -> PartView:
        """Return both planes, and the output; across, the part of it that is the unit's."""
        del at, whole
        index = self.index_of(unit)
        place = index[2:] if self._across else index
        fixed = index[:2] if self._across else ()
        return PartView(
            input=Shown(*self._first),
            weights=Shown(*self._second),
            terms=None,
            output=Shown(*self._target, fixed, first=self._across),
            node=self._telling.node,
            input_cell=(place[0], place[1]),
            weights_cell=(index[0], index[1]),
            terms_cell=None,
            output_cell=(place[0], place[1]),
        )
