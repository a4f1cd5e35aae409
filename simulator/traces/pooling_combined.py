"""Pooling whose terms need one input cell each; and the first of its kind, the maximum."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.geometry import WindowGeometry
from simulator.traces.formula import Message, Piece, Tone
from simulator.traces.model import Write
from simulator.traces.numbers import count, exact, number
from simulator.traces.places import Place
from simulator.traces.pooling_formulas import Finish, Pooled, RunningCombination, Terms
from simulator.traces.pooling_rules import Maximum, PoolingRule
from simulator.traces.pooling_trace import PAD, PoolingTrace, Told, cell_in_window
from simulator.traces.pooling_values import PoolingValues
from simulator.traces.region import Region
from simulator.traces.symbols import pooled_input, pooled_output
from simulator.traces.told_terms import ToldTerm
from simulator.traces.windows import Windows
from simulator.traces.wording import SceneWords

Array = NDArray[Any]

_FEW = 4
"""As many compared values as are all told."""


class CombinedPoolingTrace(PoolingTrace):
    """Pooling whose every term needs one input cell alone.

    ``symbols_of_term``, ``symbols_so_far`` and ``symbols_of_last`` are the LaTeX of a term, of the
    terms combined so far with one more, and of the output from all of them.
    """

    rule: PoolingRule
    symbols_of_term = r"\reads{x}"
    symbols_so_far = r"\Sigma + \reads{x}"
    symbols_of_last = r"\Sigma"

    def __init__(
        self, x: Array, output: Array, *, geometry: WindowGeometry, rule: PoolingRule
    ) -> None:
        """Take the input (H, W, C), the engine's output (OH, OW, C) and the rule between them."""
        values = PoolingValues(x, geometry, rule)
        super().__init__(x, output, geometry=geometry, rule=rule, values=values)

    # Steps

    def _writes_of_term(self, place: Place) -> tuple[Write, ...]:
        x = self.input_cell(place, place.map)
        row, column, _ = x.first()
        writes = [
            Write(
                self.term(place, self.term_array),
                (x,),
                Terms(self.symbols_of_term, self.rule, Windows.cell(self.geometry, row, column)),
            ),
            self._write_of_running(place, self.symbols_so_far),
        ]
        if self._is_last(place):
            writes.append(
                Write(
                    Region.cell("output", place.row, place.column, place.map),
                    (self.term(place, self.running_array),),
                    Finish(self.symbols_of_last, self.rule, self.real_window(place).size),
                )
            )
        return tuple(writes)

    def _writes_of_run(self, maps: range, rows: range, columns: range) -> tuple[Write, ...]:
        x, windows = self._input_of_run(maps, rows, columns)
        return (
            Write(
                Region("output", (rows, columns, maps)),
                (x,),
                Pooled(self.symbols, self.rule, windows),
            ),
            Write(
                self.terms(self.term_array, maps, rows, columns),
                (x,),
                Terms(self.symbols_of_term, self.rule, windows),
            ),
            Write(
                self.terms(self.running_array, maps, rows, columns),
                (x,),
                RunningCombination(self.symbols_so_far, self.rule, windows),
            ),
        )

    # Telling

    def _tell_terms(self, cell: Place, numbers: range) -> list[ToldTerm]:
        values, real = self._input_values(cell, numbers)
        return [
            self._told_term(value) if is_real else ToldTerm((PAD,), exact=True)
            for value, is_real in zip(values.tolist(), real.tolist(), strict=True)
        ]

    def _told_term(self, value: float) -> ToldTerm:
        text = number(value)
        return ToldTerm((Piece(text, Tone.READS),), exact(value, text))


class MaxPoolingTrace(CombinedPoolingTrace):
    """The largest value under the window."""

    scene_words = SceneWords(
        sign="max",
        rule=Message("Only the largest value under the window goes on."),
        terms=Message("Values"),
        running=Message("Largest so far"),
        accumulates=False,
        terms_are_inputs=True,
    )

    separator = ","
    symbols_so_far = r"\max(m, \reads{x})"
    symbols_of_last = r"m"

    def __init__(self, x: Array, output: Array, choice: Array, *, geometry: WindowGeometry) -> None:
        """Take the input (H, W, C), the engine's output and its choice, both (OH, OW, C)."""
        super().__init__(x, output, geometry=geometry, rule=Maximum())
        self._choice = choice
        self.symbols = rf"{pooled_output(geometry)} = \max_{{i,j}}\, {pooled_input(geometry)}"

    def chosen(self, row: int, column: int, channel: int) -> tuple[int, int, int]:
        """Return the input cell that won; of equal ones the first."""
        winner = int(self._choice[row, column, channel])
        return (*cell_in_window(self.geometry, row, column, winner), channel)

    def _tell_term(self, place: Place) -> Told:
        so_far, largest = self.running_before(place), self.running_after(place)
        compared = []
        if so_far is not None and so_far > -np.inf:
            compared.append(Piece(number(so_far), Tone.WRITES, glued=True))
        padding = self.is_padding(place)
        value = PAD.text if padding else number(self.input_value(place))
        compared.append(Piece(value, Tone.QUIET if padding else Tone.READS, glued=True))
        sentences = [self._term_message(place, padding="{term} is padding, which never wins.")]
        if largest > -np.inf:
            template = (
                "The largest is {number}."
                if self._is_last(place)
                else ("The largest so far is {number}.")
            )
            sentences.append(Message(template, {"number": number(largest)}))
        return _maximum(compared, largest), sentences

    def _tell_whole(self, place: Place) -> Told:
        largest = self.value_at(place)
        window = self.real_window(place)
        cells = window.size
        told = range(cells) if cells <= _FEW else (0, 1, None, cells - 1)
        compared = [
            Piece("…", Tone.QUIET, glued=True)
            if cell is None
            else Piece(number(self._value_in(window, cell)), Tone.READS, glued=True)
            for cell in told
        ]
        row, column, _ = self.chosen(place.row, place.column, place.map)
        sentence = Message(
            "For {cell}, the largest of {cells} values is {largest}, from input cell ({row}, "
            "{column})."
            if cells > 1
            else "For {cell}, the only value is {largest}, from input cell ({row}, {column}).",
            {
                "cell": self.cell_name(place),
                "cells": count(cells),
                "largest": number(largest),
                "row": row,
                "column": column,
            },
        )
        return _maximum(compared, largest), [sentence]

    def _value_in(self, window: Region, cell: int) -> float:
        """Return a value of the input cells under a window, by its number among them."""
        rows, columns, (channel,) = window.axes
        down, across = divmod(cell, len(columns))
        return float(self.read(Region.cell("input", rows[down], columns[across], channel)).item())


def _maximum(compared: list[Piece], largest: float) -> tuple[Piece, ...]:
    """Return ``max(a, b) = c``; the result is one of the figures, so it agrees with them."""
    pieces = [Piece("max(")]
    for piece in compared:
        if len(pieces) > 1:
            pieces.append(Piece(", ", glued=True))
        pieces.append(piece)
    return (*pieces, Piece(")", glued=True), Piece("="), Piece(number(largest), Tone.WRITES))
