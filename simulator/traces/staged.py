"""Traces that go part by part: a layer after the other, each unit after the other.

Each part is one operation, such as a dense layer, the flips of its units' coins, or a loss. The
finest steps go through the parts, in each part through its units row by row, and in each unit
through the part's steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.traces.formula import Explanation, Fact, Message, Piece, Tone
from simulator.traces.model import Level, Step, Trace, TraceArray, UnevenLevel
from simulator.traces.numbers import count
from simulator.traces.part import Part
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


class StagedTrace(Trace):
    """A trace made of parts.

    ``titles`` is what its arrays are called, ``stations`` those of them, with rows and columns,
    that an overview shows one after the other with their labels, and ``pictures`` those that hold
    brightness from 0 to 1. ``two_sided`` names for each part of a machine of two layers the arrays
    that hold its visible and its hidden units by then.
    """

    def __init__(
        self,
        given: Iterable[TraceArray],
        parts: Sequence[Part],
        *,
        titles: Mapping[str, Message],
        finest: str,
        fact: Fact,
        stations: Sequence[tuple[str, Message]],
        pictures: Iterable[str],
        two_sided: Mapping[str, tuple[str, str]] | None = None,
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
        self.stations = tuple(stations)
        self.pictures = frozenset(pictures)
        self.two_sided = dict(two_sided or {})
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

    def station(self, part: int) -> int:
        """Return the station that a part works on: the last one that is there by its end."""
        there = (self._writer.get(name, -1) <= part for name, _ in self.stations)
        return max(at for at, is_there in enumerate(there) if is_there)

    def part_of_station(self, station: int) -> int:
        """Return the part that writes a station, or for what is given the first."""
        return self._writer.get(self.stations[station][0], 0)

    def part_reading(self, name: str, near: int) -> int | None:
        """Return a part that reads an array: the one near, or else the first."""
        reading = [at for at, part in enumerate(self.parts) if name in part.operands]
        if near in reading:
            return near
        return reading[0] if reading else None

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
        return Spot(spot.part, part.middle, part.steps_per_unit - 1)

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
        source, output = self.arrays[part.operands[0]].shape, self.arrays[part.output].shape
        return (
            Piece(_told_size(source), Tone.READS),
            Piece("→"),
            Piece(_told_size(output), Tone.WRITES),
        )

    def size_fact(self) -> Fact:
        """Return the relation that holds for the whole lesson, with its numbers."""
        return self._fact


def _told_size(shape: tuple[int, ...]) -> str:
    """Return rows and columns; of what belongs to two layers, the units of both."""
    if len(shape) == 4:
        shape = (shape[0] * shape[1], shape[2] * shape[3])
    return " × ".join(map(str, shape))


def _counted(number: int, *, one: str, many: str) -> Message:
    return Message(one if number == 1 else many, {"count": count(number)})


def layout_of(units: int) -> tuple[int, int]:
    """Return the rows and columns, as near to a square as can be, that units are laid out in."""
    rows = int(np.sqrt(units))
    while units % rows:
        rows -= 1
    # A long thin layout, as of a prime number of units, stays one row: it reads as a vector.
    return rows, units // rows
