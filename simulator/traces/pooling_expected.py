"""Stochastic pooling in inference: the values weighted with their probabilities."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.engine.geometry import WindowGeometry
from simulator.traces.formula import Message, Piece, Tone
from simulator.traces.model import Computed, Role, TraceArray, Write
from simulator.traces.numbers import equation_sign, exact, factor, number, relation, stated
from simulator.traces.places import Place
from simulator.traces.pooling_formulas import (
    Finish,
    Pooled,
    RunningCombination,
    Terms,
    Weighted,
)
from simulator.traces.pooling_rules import Expectation, Probability
from simulator.traces.pooling_stochastic import PROBABILITY, StochasticPoolingTrace
from simulator.traces.pooling_trace import PAD, TERM_AXES, Told
from simulator.traces.pooling_values import ProbabilityValues
from simulator.traces.region import Region
from simulator.traces.symbols import pooled_input, pooled_output, window_sums
from simulator.traces.told_terms import ToldTerm
from simulator.traces.wording import SceneWords

Array = NDArray[Any]

WEIGHTED = r"\weights{p} \cdot \reads{x}"
WEIGHTED_SO_FAR = rf"\Sigma + {WEIGHTED}"


class ExpectedPoolingTrace(StochasticPoolingTrace):
    """Stochastic pooling in inference: the values weighted with their probabilities.

    ``probabilities`` has the axes of ``terms``, which are values times probabilities.
    """

    scene_words = SceneWords(
        sign="Σ",
        rule=Message("Each value counts by its probability."),
        terms=Message("Values times probabilities"),
        running=Message("Running sum"),
    )

    def __init__(
        self, x: Array, output: Array, *, geometry: WindowGeometry, backend: Backend
    ) -> None:
        """Take the input (H, W, C) and the engine's output (OH, OW, C)."""
        values = ProbabilityValues(x, geometry, backend=backend, weighted=True)
        super().__init__(
            x,
            output,
            geometry=geometry,
            rule=Expectation(),
            values=values,
            more=(
                TraceArray(
                    "probabilities",
                    TERM_AXES,
                    Role.WEIGHTS,
                    Computed(values.shape, values.probabilities),
                ),
            ),
        )
        self.symbols = (
            rf"{pooled_output(geometry)} = {window_sums(geometry)} \weights{{p_{{i,j}}}} \cdot "
            rf"{pooled_input(geometry)}"
        )

    # Steps

    def _writes_of_term(self, place: Place) -> tuple[Write, ...]:
        probability = self._write_of_probability(place)
        writes = [
            probability,
            Write(
                self.term(place, self.term_array),
                (probability.target, self.input_cell(place, place.map)),
                Weighted(WEIGHTED),
            ),
            self._write_of_running(place, WEIGHTED_SO_FAR),
        ]
        if self._is_last(place):
            writes.append(
                Write(
                    Region.cell("output", place.row, place.column, place.map),
                    (self.term(place, self.running_array),),
                    Finish(r"\Sigma", Expectation(), self.real_window(place).size),
                )
            )
        return tuple(writes)

    def _writes_of_run(self, maps: range, rows: range, columns: range) -> tuple[Write, ...]:
        x, windows = self._input_of_run(maps, rows, columns)
        return (
            Write(
                Region("output", (rows, columns, maps)),
                (x,),
                Pooled(self.symbols, Expectation(), windows),
            ),
            Write(
                self.terms("probabilities", maps, rows, columns),
                (x,),
                Terms(PROBABILITY, Probability(), windows),
            ),
            Write(
                self.terms(self.term_array, maps, rows, columns),
                (x,),
                Terms(WEIGHTED, Expectation(), windows),
            ),
            Write(
                self.terms(self.running_array, maps, rows, columns),
                (x,),
                RunningCombination(WEIGHTED_SO_FAR, Expectation(), windows),
            ),
        )

    # Telling

    def _tell_terms(self, cell: Place, numbers: range) -> list[ToldTerm]:
        values, real = self._input_values(cell, numbers)
        probabilities = self._probabilities(cell, numbers)
        return [
            self._told_term(probability, value) if is_real else ToldTerm((PAD,), exact=True)
            for probability, value, is_real in zip(
                probabilities, values.tolist(), real.tolist(), strict=True
            )
        ]

    def _told_term(self, probability: float, value: float) -> ToldTerm:
        texts = number(probability), factor(value)
        pieces = (
            Piece(texts[0], Tone.WEIGHTS),
            Piece("·", Tone.QUIET, glued=True),
            Piece(texts[1], Tone.READS, glued=True),
        )
        return ToldTerm(pieces, exact(probability, texts[0]) and exact(value, texts[1]))

    def _tell_term(self, place: Place) -> Told:
        if self.is_padding(place):
            headline: tuple[Piece, ...] = (PAD, Piece("→"), Piece("0"))
        else:
            probability, value = self._probability(place), self.input_value(place)
            weighted = probability * value
            texts = number(probability), factor(value), number(weighted)
            headline = (
                Piece(texts[0], Tone.WEIGHTS),
                Piece("×"),
                Piece(texts[1], Tone.READS),
                Piece(equation_sign(texts[0], "×", texts[1], texts[2])),
                Piece(texts[2]),
            )
        template = "The sum is {sum}." if self._is_last(place) else "The sum so far is {sum}."
        return headline, [
            self._term_message(place, padding="{term} is padding, which has no probability."),
            Message(template, {"sum": stated(self.value_at(place))}),
        ]

    def _tell_whole(self, place: Place) -> Told:
        total = self.value_at(place)
        headline = (
            Piece("Σ"),
            Piece("p", Tone.WEIGHTS),
            Piece("·", Tone.QUIET, glued=True),
            Piece("x", Tone.READS, glued=True),
            Piece(relation((total, number(total)))),
            Piece(number(total), Tone.WRITES),
        )
        sentence = Message(
            "For {cell}, the values times their probabilities add up to {sum}.",
            {"cell": self.cell_name(place), "sum": stated(total)},
        )
        return headline, [sentence]
