"""What convolution and pooling share: a window slides over an input, one output cell at a time.

The finest steps go through the maps (filters or channels), in each map through the output cells
row by row, and in each cell through its terms in the order of the trace's ``term_shape``.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.geometry import WindowGeometry
from simulator.traces.formula import Explanation, Message, Piece, Term, Tone
from simulator.traces.model import Level, Step, Trace, TraceArray, Write
from simulator.traces.numbers import count, exact, number
from simulator.traces.places import Place, StepOrder
from simulator.traces.region import Region, one
from simulator.traces.told_terms import ToldTerm, state_of, terms_around
from simulator.traces.windows import TermValues, Windows
from simulator.traces.wording import SceneWords, Wording

__all__ = ["Block", "Place", "WindowTrace"]

Array = NDArray[Any]

Block = tuple[range, range, range]
"""Cells of a window: channels, rows and columns, counted within the window."""


class WindowTrace(Trace):
    """A trace in which a window slides over ``input`` and fills ``output``.

    ``input`` is (H, W, C) and ``output`` (OH, OW, maps). The array named by ``term_array`` holds
    the terms, and that named by ``running_array`` what they come to one after the other; both have
    axes (map, row, column, channel, kernel row, kernel column).
    """

    term_array: str
    running_array: str
    wording: Wording
    scene_words: SceneWords

    def __init__(
        self, arrays: Sequence[TraceArray], *, geometry: WindowGeometry, values: TermValues
    ) -> None:
        """Take the arrays, and the values of the terms, whose shape gives the order of steps."""
        self.geometry = geometry
        self.maps = values.shape[0]
        self.order = StepOrder(values.shape)
        self.term_shape = values.term_shape
        self.terms_per_cell = self.order.terms_per_cell
        self._values = values
        cells_per_map = prod(geometry.output_size)
        levels = (
            Level("product", self.wording.finest, 1),
            Level("cell", "Cell", self.terms_per_cell),
            Level("map", "Map", self.terms_per_cell * cells_per_map),
            Level("layer", "Layer", self.terms_per_cell * cells_per_map * self.maps),
        )
        super().__init__(arrays, levels, levels[-1].stride)

    # Where a step stands

    def place(self, finest: int) -> Place:
        """Return the output cell and the term of a finest step."""
        return self.order.place(finest)

    def finest_of(self, place: Sequence[int]) -> int:
        """Return the finest step at (map, row, column, channel, kernel row, kernel column).

        Trailing indices may be left out and count as 0.
        """
        return self.order.finest_of(place)

    def step_computing(self, index: tuple[int, ...]) -> int:
        """Return the step that finishes the output cell (row, column, map)."""
        row, column, map_index = index
        return self.containing(self.finest_of((map_index, row, column)) + self.terms_per_cell - 1)

    def focus(self, index: int) -> Place:
        """Return the place that a picture of a step looks at.

        A step of the coarse levels writes whole maps; the cell in the middle stands for them.
        """
        if self.level in ("product", "cell"):
            return self.place(self.last_finest(index))
        rows, columns = self.geometry.output_size
        middle = (index if self.level == "map" else 0, rows // 2, columns // 2)
        return self.place(self.finest_of(middle) + self.terms_per_cell - 1)

    def told_cell(self, index: int) -> Region:
        """Return the output cell that a step tells of, or its running value up to then."""
        place = self.focus(index)
        if place.number == self.terms_per_cell - 1:
            return Region.cell("output", place.row, place.column, place.map)
        return self.term(place, self.running_array)

    def _finest_writing(self, name: str, *positions: Array) -> NDArray[np.int64]:
        return self.order.finest_finishing(self._in_order(name, positions))

    def _in_order(self, name: str, positions: tuple[Array, ...]) -> tuple[Array, ...]:
        """Return the positions along an array's axes in the order that the steps go through."""
        if name != "output":
            return positions
        rows, columns, maps = positions
        return maps, rows, columns

    # Regions

    def window(self, row: int, column: int, channels: range) -> Region:
        """Return the input cells that output cell (row, column) reads, padding included."""
        return Region(
            "input",
            (self.geometry.window_rows(row), self.geometry.window_columns(column), channels),
        )

    def covered_input(self, channels: range) -> Region:
        """Return every input cell that any window reaches, padding included."""
        rows, columns = self.geometry.output_size
        last_row = self.geometry.window_rows(rows - 1)
        last_column = self.geometry.window_columns(columns - 1)
        return Region(
            "input",
            (
                range(self.geometry.window_rows(0).start, last_row[-1] + 1),
                range(self.geometry.window_columns(0).start, last_column[-1] + 1),
                channels,
            ),
        )

    def input_cell(self, place: Place, channel: int) -> Region:
        """Return the input cell that a term reads; it may be padding."""
        return Region.cell(
            "input",
            self.geometry.window_rows(place.row)[place.kernel_row],
            self.geometry.window_columns(place.column)[place.kernel_column],
            channel,
        )

    def term(self, place: Place, name: str) -> Region:
        """Return the cell of ``name`` (the terms or the running value) at a place."""
        return Region.cell(
            name,
            place.map,
            place.row,
            place.column,
            place.channel,
            place.kernel_row,
            place.kernel_column,
        )

    def terms(
        self, name: str, maps: range, rows: range, columns: range, channels: range | None = None
    ) -> Region:
        """Return all terms of a run of output cells, or those of some channels."""
        depth, height, width = self.term_shape
        kept = range(depth) if channels is None else channels
        return Region(name, (maps, rows, columns, kept, range(height), range(width)))

    def outputs_reading(self, row: int, column: int, maps: range) -> Region:
        """Return the output cells of some maps whose window reads input cell (row, column)."""
        return Region(
            "output",
            (self.geometry.rows_reading(row), self.geometry.columns_reading(column), maps),
        )

    def part_of_window(self, row: int, column: int, block: Block) -> Region:
        """Return the input cells that a block of an output cell's window reads."""
        channels, down, across = block
        rows, columns = self.geometry.window_rows(row), self.geometry.window_columns(column)
        return Region(
            "input", (rows[down.start : down.stop], columns[across.start : across.stop], channels)
        )

    def whole_block(self) -> Block:
        """Return the block of all cells of a window."""
        depth, height, width = self.term_shape
        return range(depth), range(height), range(width)

    def blocks_up_to(self, channel: int, down: int, across: int) -> list[Block]:
        """Return the blocks of the window's cells up to and with one of them."""
        _, height, width = self.term_shape
        blocks = [
            (range(channel), range(height), range(width)),
            (one(channel), range(down), range(width)),
            (one(channel), one(down), range(across + 1)),
        ]
        return [block for block in blocks if all(block)]

    def chosen(self, row: int, column: int, channel: int) -> tuple[int, int, int] | None:  # noqa: ARG002
        """Return the input cell whose value an output cell has; None if it has none's alone."""
        return None

    def _input_of_run(self, channels: range, rows: range, columns: range) -> tuple[Region, Windows]:
        """Return the part of the input that a run of output cells reads, and how.

        A run is one output cell or all of a map.
        """
        if len(rows) * len(columns) == 1:
            return (
                self.window(rows[0], columns[0], channels),
                Windows.one(self.geometry, rows[0], columns[0]),
            )
        return self.covered_input(channels), Windows.every(self.geometry)

    # Steps

    def _step(self, index: int) -> Step:
        if self.level == "product":
            place = self.place(index)
            return Step(index, self.term_name(place), self._writes_of_term(place))
        if self.level == "cell":
            place = self.place(self.last_finest(index))
            writes = self._writes_of_run(one(place.map), one(place.row), one(place.column))
            return Step(index, self.terms_name(place), writes)
        rows, columns = (range(length) for length in self.geometry.output_size)
        if self.level == "map":
            writes = self._writes_of_run(one(index), rows, columns)
            return Step(index, self.map_name(index), writes)
        return Step(
            index, Message("The whole layer"), self._writes_of_run(range(self.maps), rows, columns)
        )

    @abstractmethod
    def _writes_of_term(self, place: Place) -> tuple[Write, ...]:
        """Return what the finest step at a place assigns."""

    @abstractmethod
    def _writes_of_run(self, maps: range, rows: range, columns: range) -> tuple[Write, ...]:
        """Return what a step that does a run of output cells, one or all of a map, assigns."""

    # Telling

    def cell_name(self, place: Place) -> Message:
        """Return how an output cell is called: with its filter or channel if there are several."""
        return self.wording.name_of_cell(place, maps=self.maps)

    def term_name(self, place: Place) -> Message:
        """Return how a term is called: by its number, which counts from 1, and its cell."""
        return self.wording.name_of_term(place, terms=self.terms_per_cell, maps=self.maps)

    def terms_name(self, place: Place) -> Message:
        """Return how all terms of a cell are called."""
        return self.wording.name_of_terms(place, terms=self.terms_per_cell, maps=self.maps)

    def map_name(self, index: int) -> Message:
        """Return how a map is called."""
        return self.wording.name_of_map(index, maps=self.maps)

    @abstractmethod
    def _explain_cell(self, place: Place, *, whole: bool) -> Explanation:
        """Return the arithmetic of the cell at ``place``: up to its term, or the whole of it."""

    @abstractmethod
    def _tell_terms(self, cell: Place, numbers: range) -> list[ToldTerm]:
        """Return some terms of a cell's arithmetic, by their numbers."""

    def told_terms(self, cell: Place, numbers: range) -> list[tuple[Piece, ...]]:
        """Return some terms of a cell's arithmetic, by their numbers, with the numbers put in."""
        return [told.pieces for told in self._tell_terms(cell, numbers)]

    def explain(self, index: int) -> Explanation:
        """Return the arithmetic of a step with its numbers put in."""
        told = self._explain_cell(self.focus(index), whole=self.level != "product")
        if self.level in ("product", "cell"):
            return told
        return self._explain_map(told, index) if self.level == "map" else self._explain_layer(told)

    def _explain_map(self, told: Explanation, index: int) -> Explanation:
        height, width = self.geometry.input_size
        rows, columns = self.geometry.output_size
        return replace(
            told,
            headline=(
                Piece(f"{height} × {width}", Tone.READS),
                Piece("→"),
                Piece(f"{rows} × {columns}", Tone.WRITES),
            ),
            sentence=Message(
                "{map}: {cells} output cells with {terms} terms each."
                if min(rows * columns, self.terms_per_cell) > 1
                else "{map}. Output cells: {cells}. Terms in each: {terms}.",
                {
                    "map": self.map_name(index),
                    "cells": count(rows * columns),
                    "terms": count(self.terms_per_cell),
                },
            ),
            progress=(index + 1, self.maps),
            progress_caption=Message(
                "map {done} of {total}", {"done": index + 1, "total": self.maps}
            ),
        )

    def _explain_layer(self, told: Explanation) -> Explanation:
        height, width = self.geometry.input_size
        rows, columns = self.geometry.output_size
        return replace(
            told,
            headline=(
                Piece(f"{height} × {width} × {self.arrays['input'].shape[2]}", Tone.READS),
                Piece("→"),
                Piece(f"{rows} × {columns} × {self.maps}", Tone.WRITES),
            ),
            sentence=Message(
                "The whole layer: {cells} output cells from {terms} terms."
                if rows * columns * self.maps > 1
                else "The whole layer: one output cell. Terms: {terms}.",
                {"cells": count(rows * columns * self.maps), "terms": count(self.total)},
            ),
            progress=(1, 1),
            progress_caption=Message("the whole layer"),
        )

    def _explanation(
        self,
        place: Place,
        *,
        whole: bool,
        headline: tuple[Piece, ...],
        sentence: Message,
        symbols: str,
        caption: Message,
        separator: str = "+",
    ) -> Explanation:
        """Return what is told of a cell: what its kind says of it, and what every kind does."""
        current = 0 if whole else place.number
        numbers, columns = terms_around(current, self.terms_per_cell, width=self.term_shape[2])
        told = self._tell_terms(place, numbers)
        done = self.terms_per_cell if whole else current + 1
        result = self.value_at(place)
        figures_exact = exact(result, number(result)) and all(
            term.exact for term in told[: max(0, done - numbers.start)]
        )
        sign = "=" if figures_exact else "≈"
        progress, progress_caption = self._progress(place, whole=whole)
        return Explanation(
            headline=headline,
            sentence=sentence,
            symbols=symbols,
            where=self._where(place, whole=whole),
            terms=tuple(
                Term(term.pieces, state_of(index, current, whole=whole))
                for index, term in zip(numbers, told, strict=True)
            ),
            columns=columns,
            separator=separator,
            elided=(numbers.start, self.terms_per_cell - numbers.stop),
            caption=caption,
            relation=self._last_relation(place, sign) if done == self.terms_per_cell else sign,
            result=Piece(number(result), Tone.WRITES),
            progress=progress,
            progress_caption=progress_caption,
        )

    def _last_relation(self, place: Place, sign: str) -> str:  # noqa: ARG002
        """Return what stands between all terms and the result, given "=" or "≈"."""
        return sign

    def value_at(self, place: Place) -> float:
        """Return what the cell has come to with a term: the output, once that was the last."""
        if place.number == self.terms_per_cell - 1:
            output = self.read(Region.cell("output", place.row, place.column, place.map))
            return float(output.item())
        cell = self._values.running_of_cell(place.map, place.row, place.column)
        return float(cell[place.number])

    def _where(self, place: Place, *, whole: bool) -> tuple[Piece, ...]:
        """Return the values of the formula's indices, which count from 0."""
        indices = [("r", place.row, Tone.WRITES), ("c", place.column, Tone.WRITES)]
        if self.maps > 1:
            indices.append((self.wording.map_index, place.map, Tone.WRITES))
        if not whole:
            if self.term_shape[0] > 1:
                indices.append(("d", place.channel, Tone.READS))
            indices.append(("i", place.kernel_row, Tone.WEIGHTS))
            indices.append(("j", place.kernel_column, Tone.WEIGHTS))
        return tuple(Piece(f"{letter} = {index}", tone) for letter, index, tone in indices)

    def _progress(self, place: Place, *, whole: bool) -> tuple[tuple[int, int], Message]:
        """Return how far the cell, or its row of cells, has come."""
        if not whole:
            done, total = place.number + 1, self.terms_per_cell
            return (done, total), Message(
                self.wording.term_progress, {"done": done, "total": total}
            )
        done, total = place.column + 1, self.geometry.output_size[1]
        return (done, total), Message(
            "cell {done} of {total} in row {row}",
            {"done": done, "total": total, "row": place.row},
        )
