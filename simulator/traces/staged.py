"""Traces that go part by part: a layer after the other, each unit after the other.

Each part is one operation, such as a dense layer, the flips of its units' coins, or a loss. The
finest steps go through the parts, in each part through its units row by row, and in each unit
through the part's steps.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.traces.formula import Explanation, Fact, Message, Piece, Tone
from simulator.traces.model import Level, Step, Trace, TraceArray, UnevenLevel, Write
from simulator.traces.numbers import count
from simulator.traces.region import Region

Array = NDArray[Any]

FINEST_LEVELS = ("product", "unit")
"""Levels at which a step is part of one unit, or one of them."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a finest step stands: its part, its unit there, and which of the unit's steps it is."""

    part: int
    unit: int
    at: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A plane of an array that a picture of a part shows: what the other axes are fixed at."""

    array: str
    title: Message
    fixed: tuple[int, ...] = ()  # positions along the axes that aren't shown
    first: bool = False  # whether the fixed axes come before those that are shown


@dataclass(frozen=True, slots=True)
class PartView:
    """What a picture of a part shows at one of its units.

    ``terms`` is None where a step pairs one cell of ``input`` with one of ``weights``. ``node`` is
    the sign that stands for the operation. ``cell`` is where the current term stands in the input
    and ``result`` what the picture ends in.
    """

    input: Shown
    weights: Shown | None
    terms: Shown | None
    output: Shown
    node: str
    input_cell: tuple[int, int] | None
    weights_cell: tuple[int, int] | None
    terms_cell: tuple[int, int] | None
    output_cell: tuple[int, int]
    rule: Message = field(default_factory=lambda: Message(""))


class Part(ABC):
    """One operation of a trace.

    ``shape`` (rows, columns) is how its units are laid out, and ``arrays`` what it writes;
    ``output`` names the array that the last step of each unit writes, with one cell a unit at the
    end of its axes. ``operands`` names the arrays it reads that it doesn't write.
    """

    def __init__(
        self,
        name: str,
        title: Message,
        *,
        shape: tuple[int, ...],
        steps_per_unit: int,
        arrays: Sequence[TraceArray],
        output: str,
        operands: Sequence[str],
    ) -> None:
        """Take what every part has."""
        self.name = name
        self.title = title
        self.shape = shape
        self.units = int(np.prod(shape))
        self.steps_per_unit = steps_per_unit
        self.arrays = tuple(arrays)
        self.output = output
        self.operands = tuple(operands)
        self.trace: StagedTrace  # set by the trace it belongs to

    def index_of(self, unit: int) -> tuple[int, ...]:
        """Return the index of a unit along the axes of ``shape``."""
        return tuple(int(at) for at in np.unravel_index(unit, self.shape))

    def unit_of(self, *positions: Array) -> NDArray[np.int64]:
        """Return the unit at positions along the axes of ``shape``."""
        unit = np.zeros((1,) * len(self.shape), dtype=np.int64)
        for at, length in zip(positions, self.shape, strict=True):
            unit = unit * length + at
        return unit

    def cell(self, name: str, unit: int, *after: int) -> Region:
        """Return the cell of an array whose first axes are the units'."""
        return Region.cell(name, *self.index_of(unit), *after)

    def read(self, region: Region) -> Array:
        """Return the values of a region of the trace."""
        return self.trace.read(region)

    @abstractmethod
    def writes(self, unit: int, at: int) -> tuple[Write, ...]:
        """Return what one of a unit's steps assigns."""

    @abstractmethod
    def writes_of_unit(self, unit: int) -> tuple[Write, ...]:
        """Return what all steps of a unit assign."""

    @abstractmethod
    def writes_of_all(self) -> tuple[Write, ...]:
        """Return what the whole part assigns."""

    @abstractmethod
    def finest_writing(self, name: str, *positions: Array) -> NDArray[np.int64]:
        """Return the finest step of this part that writes each cell of one of its arrays."""

    @abstractmethod
    def result(self, unit: int, at: int) -> Region:
        """Return the cell whose value a step is told to come to."""

    @abstractmethod
    def sources(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the operands' cells that a cell of this part's arrays was computed from."""

    @abstractmethod
    def dependants(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the cells of ``output`` in which a cell has a part, here."""

    @abstractmethod
    def explain(self, unit: int, at: int, *, whole: bool) -> Explanation:
        """Return the arithmetic of a step, or of the whole of its unit."""

    @abstractmethod
    def view(self, unit: int, at: int, *, whole: bool) -> PartView:
        """Return what a picture shows at a step, or at the whole of its unit."""

    @abstractmethod
    def step_title(self, unit: int, at: int) -> Message:
        """Return how a step is called."""

    @abstractmethod
    def step_of(self, name: str, index: tuple[int, ...], unit: int) -> tuple[int, int] | None:
        """Return the unit and its step in which an operand's cell has a part, at a unit if it can.

        None where the cell has no part here.
        """

    def unit_name(self, unit: int) -> Message:
        """Return how a unit is called."""
        index = self.index_of(unit)
        if len(index) == 2 and index[0] == 0 and self.shape[0] == 1:
            return Message("unit {number}", {"number": index[1]})
        return Message("unit ({index})", {"index": ", ".join(map(str, index[-2:]))})


class StagedTrace(Trace):
    """A trace made of parts.

    ``titles`` is what its arrays are called.
    """

    def __init__(
        self,
        given: Iterable[TraceArray],
        parts: Sequence[Part],
        *,
        titles: Mapping[str, Message],
        finest: str,
        fact: Fact,
        closing: tuple[tuple[Piece, ...], Message],
    ) -> None:
        """Take the given arrays and the parts in their order.

        ``finest`` is the label of the finest level, ``fact`` the relation that holds for the
        whole, and ``closing`` the headline and the sentence of the step that does everything.
        """
        self.parts = tuple(parts)
        for part in self.parts:
            part.trace = self
        self.titles = dict(titles)
        self._fact = fact
        self._closing = closing
        self._starts = [
            0,
            *accumulate(part.units * part.steps_per_unit for part in self.parts),
        ]
        self._writer = {
            array.name: number for number, part in enumerate(self.parts) for array in part.arrays
        }
        every = np.concatenate(
            [
                start + part.steps_per_unit * np.arange(1, part.units + 1, dtype=np.int64)
                for start, part in zip(self._starts, self.parts, strict=False)
            ]
        )
        total = self._starts[-1]
        ends = np.array(self._starts[1:], dtype=np.int64)
        levels = (
            Level("product", finest, 1),
            UnevenLevel("unit", "Unit", 0, every),
            UnevenLevel("layer", "Layer", 0, ends),
            UnevenLevel("whole", "Whole", 0, ends[-1:]),
        )
        arrays = [*given, *(array for part in self.parts for array in part.arrays)]
        super().__init__(arrays, levels, total)

    # Where a step stands

    def spot(self, finest: int) -> Spot:
        """Return where a finest step stands."""
        part = int(np.searchsorted(self._starts, finest, side="right")) - 1
        unit, at = divmod(finest - self._starts[part], self.parts[part].steps_per_unit)
        return Spot(part, unit, at)

    def finest_of(self, spot: Spot) -> int:
        """Return the finest step at a spot."""
        steps = self.parts[spot.part].steps_per_unit
        return self._starts[spot.part] + spot.unit * steps + spot.at

    def focus(self, index: int) -> Spot:
        """Return the spot that a picture of a step looks at.

        The coarse levels do whole parts; the unit in the middle stands for them, of the last part
        where a step does all.
        """
        spot = self.spot(self.last_finest(index))
        if self.level in FINEST_LEVELS:
            return spot
        part = self.parts[spot.part]
        middle = tuple(length // 2 for length in part.shape)
        unit = int(np.ravel_multi_index(middle, part.shape))
        return Spot(spot.part, unit, part.steps_per_unit - 1)

    @property
    def whole_units(self) -> bool:
        """Whether a step does at least a whole unit."""
        return self.level != "product"

    def _finest_writing(self, name: str, *positions: Array) -> NDArray[np.int64]:
        number = self._writer[name]
        return self._starts[number] + self.parts[number].finest_writing(name, *positions)

    # Steps

    def _step(self, index: int) -> Step:
        spot = self.spot(self.last_finest(index))
        part = self.parts[spot.part]
        if self.level == "product":
            title = part.step_title(spot.unit, spot.at)
            return Step(index, title, part.writes(spot.unit, spot.at))
        if self.level == "unit":
            title = Message(
                "{part}, {unit}", {"part": part.title, "unit": part.unit_name(spot.unit)}
            )
            return Step(index, title, part.writes_of_unit(spot.unit))
        if self.level == "layer":
            return Step(index, part.title, part.writes_of_all())
        writes = tuple(write for each in self.parts for write in each.writes_of_all())
        return Step(index, Message("Everything"), writes)

    # Provenance: direct, for a deep network's output was computed from everything

    def sources(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the cells that the part which writes a cell computed it from."""
        number = self._writer.get(name)
        return () if number is None else self.parts[number].sources(name, index)

    def dependants(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the cells that the parts which read a cell compute with it."""
        return tuple(
            dict.fromkeys(
                region
                for number, part in enumerate(self.parts)
                if name in part.operands or self._writer.get(name) == number
                for region in part.dependants(name, index)
            )
        )

    def told_cell(self, index: int) -> Region:
        """Return the cell whose value the explanation of a step comes to."""
        spot = self.focus(index)
        part = self.parts[spot.part]
        return part.result(spot.unit, part.steps_per_unit - 1 if self.whole_units else spot.at)

    # Telling

    def explain(self, index: int) -> Explanation:
        """Return the arithmetic of a step with its numbers put in."""
        return self.explain_at(index, self.focus(index))

    def explain_at(self, index: int, spot: Spot) -> Explanation:
        """Return the arithmetic of a step, told of a spot that it does."""
        del index
        part = self.parts[spot.part]
        told = part.explain(spot.unit, spot.at, whole=self.whole_units)
        if self.level == "product":
            return told
        if self.level == "unit":
            done = spot.unit + 1
            return replace(
                told,
                progress=(done, part.units),
                progress_caption=Message(
                    "{done} of {total}", {"done": count(done), "total": count(part.units)}
                ),
            )
        if self.level == "layer":
            return replace(
                told,
                headline=self._part_headline(part),
                sentence=Message(
                    "{part}: {units} with {steps} each."
                    if part.units > 1
                    else "{part}: {units} with {steps}.",
                    {
                        "part": part.title,
                        "units": _counted(part.units, one="1 unit", many="{count} units"),
                        "steps": _counted(part.steps_per_unit, one="1 step", many="{count} steps"),
                    },
                ),
                progress=(spot.part + 1, len(self.parts)),
                progress_caption=part.title,
            )
        headline, sentence = self._closing
        return replace(
            told,
            headline=headline,
            sentence=sentence,
            progress=(1, 1),
            progress_caption=Message("everything"),
        )

    def _part_headline(self, part: Part) -> tuple[Piece, ...]:
        source = self.arrays[part.operands[0]]
        return (
            Piece(" × ".join(map(str, source.shape)), Tone.READS),
            Piece("→"),
            Piece(" × ".join(map(str, self.arrays[part.output].shape)), Tone.WRITES),
        )

    def size_fact(self) -> Fact:
        """Return the relation that holds for the whole lesson, with its numbers."""
        return self._fact


def _counted(number: int, *, one: str, many: str) -> Message:
    return Message(one if number == 1 else many, {"count": count(number)})


def capitalised(name: Message) -> Message:
    """Return a name as a sentence begins with it."""
    return Message(name.template[:1].upper() + name.template[1:], name.values)


def layout_of(units: int) -> tuple[int, int]:
    """Return the rows and columns, as near to a square as can be, that units are laid out in."""
    rows = int(np.sqrt(units))
    while units % rows:
        rows -= 1
    # A long thin layout, as of a prime number of units, stays one row: it reads as a vector.
    return rows, units // rows
