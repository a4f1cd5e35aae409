"""What the traces of all kinds of pooling share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.geometry import WindowGeometry
from simulator.traces.formula import Explanation, Fact, Message, Piece, Tone
from simulator.traces.model import Computed, Role, TraceArray, Write, given
from simulator.traces.places import Place
from simulator.traces.pooling_formulas import Combination
from simulator.traces.pooling_rules import TermRule
from simulator.traces.region import Region, one
from simulator.traces.sizes import global_size_fact, output_size_fact
from simulator.traces.symbols import covers_all
from simulator.traces.window import WindowTrace
from simulator.traces.windows import TermValues
from simulator.traces.wording import Wording

Array = NDArray[Any]

AXES = ("row", "column", "channel")
TERM_AXES = ("map", "row", "column", "channel", "kernel row", "kernel column")

PAD = Piece("pad", Tone.QUIET)

Told = tuple[tuple[Piece, ...], list[Message]]
"""A headline and sentences."""


class PoolingTrace(WindowTrace):
    """Pooling of one sample, step by step: each channel on its own, so maps are channels.

    Arrays: ``input`` (H, W, C) is given; ``terms`` and ``running``, what the terms come to one
    after the other, have axes (map, row, column, channel, kernel row, kernel column), the channel
    being always 0; ``output`` (OH, OW, C). Some kinds have more.
    """

    term_array = "terms"
    running_array = "running"
    wording = Wording(
        finest="Value",
        term="Value {number} of {total} for {cell}",
        terms="All {total} values for {cell}",
        term_progress="value {done} of {total}",
        cell="output cell ({row}, {column})",
        cell_of_map="output cell ({row}, {column}) of channel {map}",
        map="Channel {map} of {maps}",
        map_index="d",
    )
    separator = "+"
    symbols: str
    rule: TermRule

    def __init__(
        self,
        x: Array,
        output: Array,
        *,
        geometry: WindowGeometry,
        rule: TermRule,
        values: TermValues,
        more: Sequence[TraceArray] = (),
    ) -> None:
        """Take the input (H, W, C), the engine's output (OH, OW, C) and how the terms are made."""
        self.rule = rule
        super().__init__(
            [
                given("input", AXES, Role.READS, x, padding=rule.padding),
                *more,
                TraceArray(
                    self.term_array, TERM_AXES, Role.WRITES, Computed(values.shape, values.terms)
                ),
                TraceArray(
                    self.running_array,
                    TERM_AXES,
                    Role.WRITES,
                    Computed(values.shape, values.running),
                ),
                TraceArray("output", AXES, Role.WRITES, output),
            ],
            geometry=geometry,
            values=values,
        )

    # Where a step stands

    def is_padding(self, place: Place) -> bool:
        """Return whether a term reads padding and no input cell."""
        index = self.input_cell(place, place.map).first()
        return not all(
            0 <= position < length
            for position, length in zip(index, self.arrays["input"].shape, strict=True)
        )

    def real_window(self, place: Place) -> Region:
        """Return the input cells under the window of an output cell, without padding."""
        window = self.window(place.row, place.column, one(place.map))
        return window.inside(self.arrays["input"].shape)

    # Steps

    def _write_of_running(self, place: Place, symbols: str) -> Write:
        term = self.term(place, self.term_array)
        sources: tuple[Region, ...] = (term,)
        if place.number:
            before = self.order.term_of(place, place.number - 1)
            sources = (self.term(before, self.running_array), term)
        return Write(self.term(place, self.running_array), sources, Combination(symbols, self.rule))

    # Provenance

    def sources(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the given cells that one cell was computed from."""
        if name == "output":
            row, column, channel = index
            return (self.window(row, column, one(channel)),)
        if name not in (self.term_array, self.running_array):
            return ()
        channel, row, column, _, down, across = index
        blocks = (
            self.blocks_up_to(0, down, across)
            if name == self.running_array
            else [(one(0), one(down), one(across))]
        )
        return tuple(
            self.part_of_window(row, column, (one(channel), rows, columns))
            for _, rows, columns in blocks
        )

    def dependants(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the output cells that one cell has a part in."""
        if name == "input":
            row, column, channel = index
            return (self.outputs_reading(row, column, one(channel)),)
        if name == "output":
            return ()
        channel, row, column = index[:3]
        return (Region.cell("output", row, column, channel),)

    # Telling

    def size_fact(self) -> Fact:
        """Return how the output's size follows from the input's."""
        if covers_all(self.geometry):
            return global_size_fact(self.geometry)
        return output_size_fact(self.geometry)

    @abstractmethod
    def _tell_term(self, place: Place) -> Told:
        """Return headline and sentences of one term."""

    @abstractmethod
    def _tell_whole(self, place: Place) -> Told:
        """Return headline and sentences of a whole output cell."""

    def _caption(self, place: Place) -> Message:
        """Return what stands under the terms."""
        return Message(
            "{done} of {total} values", {"done": place.number + 1, "total": self.terms_per_cell}
        )

    def _explain_cell(self, place: Place, *, whole: bool) -> Explanation:
        headline, sentences = self._tell_whole(place) if whole else self._tell_term(place)
        return self._explanation(
            place,
            whole=whole,
            headline=headline,
            sentence=Message.joined(sentences),
            symbols=self.symbols,
            caption=self._caption(place),
            separator=self.separator,
        )

    def _term_message(self, place: Place, *, padding: str) -> Message:
        """Return a term's name as a sentence, or ``padding`` with it if the term is padding."""
        template = padding if self.is_padding(place) else "{term}."
        return Message(template, {"term": self.term_name(place)})

    def _input_values(self, cell: Place, numbers: range) -> tuple[Array, NDArray[np.bool_]]:
        """Return what terms of a cell read, 0 for padding, and which of it is no padding."""
        _, down, across = self.order.indices_of(numbers)
        row, column, channel = np.array([[cell.row], [cell.column], [cell.map]])
        return self._values.input.read(row, column, channel, down, across)

    def input_value(self, place: Place) -> float:
        """Return the value of the input cell that a term reads, which must be no padding."""
        return float(self.read(self.input_cell(place, place.map)).item())

    def running_before(self, place: Place) -> float | None:
        """Return what the terms before this one have come to; None before the first."""
        return float(self._running_of(place)[place.number - 1]) if place.number else None

    def running_after(self, place: Place) -> float:
        """Return what the terms have come to with this one."""
        return float(self._running_of(place)[place.number])

    def _running_of(self, place: Place) -> Array:
        return self._values.running_of_cell(place.map, place.row, place.column)

    def _is_last(self, place: Place) -> bool:
        return place.number == self.terms_per_cell - 1


def cell_in_window(geometry: WindowGeometry, row: int, column: int, number: int) -> tuple[int, int]:
    """Return row and column of the input cell that is number so and so of an output's window."""
    down, across = divmod(number, geometry.kernel_size[1])
    return geometry.window_rows(row)[down], geometry.window_columns(column)[across]
