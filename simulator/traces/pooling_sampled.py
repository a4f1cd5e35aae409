"""Stochastic pooling in training: a value is drawn with its probability."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.engine.geometry import WindowGeometry
from simulator.traces.formula import Message, Piece, Tone
from simulator.traces.model import Role, Write, given
from simulator.traces.numbers import apart, equation_sign, exact, number, relation, stated
from simulator.traces.places import Place
from simulator.traces.pooling_formulas import (
    RunningCombination,
    Sampled,
    Terms,
)
from simulator.traces.pooling_rules import Probability
from simulator.traces.pooling_stochastic import PROBABILITY, StochasticPoolingTrace
from simulator.traces.pooling_trace import AXES, PAD, Told, cell_in_window
from simulator.traces.pooling_values import ProbabilityValues
from simulator.traces.region import Region, one
from simulator.traces.symbols import pooled_output
from simulator.traces.told_terms import ToldTerm
from simulator.traces.windows import Windows
from simulator.traces.wording import SceneWords

Array = NDArray[Any]

PROBABILITIES_SO_FAR = r"\Sigma + p"


class SampledPoolingTrace(StochasticPoolingTrace):
    """Stochastic pooling in training: the draw picks a cell by the probabilities added up.

    The terms are ``probabilities``, and ``draws`` (OH, OW, C), each from [0, 1), are given.
    """

    scene_words = SceneWords(
        sign="draw",
        finishes=True,
        rule=Message("The cell is picked at which the probabilities so far first exceed a draw."),
        terms=Message("Probabilities"),
        running=Message("Added up"),
    )

    term_array = "probabilities"

    def __init__(
        self,
        x: Array,
        output: Array,
        choice: Array,
        draws: Array,
        *,
        geometry: WindowGeometry,
        backend: Backend,
    ) -> None:
        """Take the input (H, W, C), the engine's output and choice, and its draws (OH, OW, C)."""
        values = ProbabilityValues(x, geometry, backend=backend, weighted=False)
        super().__init__(
            x,
            output,
            geometry=geometry,
            rule=Probability(),
            values=values,
            more=(given("draws", AXES, Role.WEIGHTS, draws),),
        )
        self._choice = choice
        self._draws = draws
        self.symbols = (
            rf"{pooled_output(geometry)} = \reads{{x_k}}, \quad "
            r"k = \min \{n : p_0 + \dots + p_n > \weights{u}\}"
        )

    def chosen(self, row: int, column: int, channel: int) -> tuple[int, int, int]:
        """Return the input cell that the draw picked."""
        winner = int(self._choice[row, column, channel])
        return (*cell_in_window(self.geometry, row, column, winner), channel)

    # Steps

    def _writes_of_term(self, place: Place) -> tuple[Write, ...]:
        writes = [
            self._write_of_probability(place),
            self._write_of_running(place, PROBABILITIES_SO_FAR),
        ]
        if self._is_last(place):
            writes.append(
                Write(
                    Region.cell("output", place.row, place.column, place.map),
                    (
                        self.window(place.row, place.column, one(place.map)),
                        Region.cell("draws", place.row, place.column, place.map),
                    ),
                    Sampled(self.symbols, Windows.one(self.geometry, place.row, place.column)),
                )
            )
        return tuple(writes)

    def _writes_of_run(self, maps: range, rows: range, columns: range) -> tuple[Write, ...]:
        x, windows = self._input_of_run(maps, rows, columns)
        return (
            Write(
                Region("output", (rows, columns, maps)),
                (x, Region("draws", (rows, columns, maps))),
                Sampled(self.symbols, windows),
            ),
            Write(
                self.terms(self.term_array, maps, rows, columns),
                (x,),
                Terms(PROBABILITY, Probability(), windows),
            ),
            Write(
                self.terms(self.running_array, maps, rows, columns),
                (x,),
                RunningCombination(PROBABILITIES_SO_FAR, Probability(), windows),
            ),
        )

    def sources(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the input cells and the draw that one cell was computed from."""
        regions = super().sources(name, index)
        return (*regions, Region.cell("draws", *index)) if name == "output" else regions

    def dependants(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the output cells that one cell has a part in."""
        if name == "draws":
            return (Region.cell("output", *index),)
        return super().dependants(name, index)

    # Telling

    def _tell_terms(self, cell: Place, numbers: range) -> list[ToldTerm]:
        _, real = self._input_values(cell, numbers)
        return [
            ToldTerm(
                (Piece(number(probability), Tone.READS),), exact(probability, number(probability))
            )
            if is_real
            else ToldTerm((PAD,), exact=True)
            for probability, is_real in zip(
                self._probabilities(cell, numbers), real.tolist(), strict=True
            )
        ]

    def _draw(self, place: Place) -> float:
        return float(self._draws[place.row, place.column, place.map])

    def _tell_term(self, place: Place) -> Told:
        so_far, total = self.running_before(place) or 0.0, self.running_after(place)
        probability = self._probability(place)
        texts = number(so_far), number(probability), number(total)
        headline = (
            Piece(texts[0], Tone.WRITES),
            Piece("+"),
            PAD if self.is_padding(place) else Piece(texts[1], Tone.READS),
            Piece(equation_sign(texts[0], "+", texts[1], texts[2])),
            Piece(texts[2], Tone.WRITES),
        )
        first = Message(
            "{term} is padding, which is never drawn."
            if self.is_padding(place)
            else "{term} has probability {probability}.",
            {"term": self.term_name(place), "probability": stated(probability)},
        )
        return headline, [first, self._compare_with_draw(place)]

    def _compare_with_draw(self, place: Place) -> Message:
        """Return whether the probabilities so far exceed the draw, and so choose this value."""
        chosen = int(self._choice[place.row, place.column, place.map])
        total, draw = apart(self.running_after(place), self._draw(place))
        if place.number < chosen:
            template = (
                "The probabilities so far add up to {total}, which doesn't exceed the draw {draw}."
            )
        elif place.number == chosen:
            template = (
                "The probabilities so far add up to {total}, which exceeds the draw {draw}: this "
                "value is chosen."
            )
        else:
            template = "Value {chosen} is already chosen."
        return Message(template, {"total": total, "draw": draw, "chosen": chosen + 1})

    def _tell_whole(self, place: Place) -> Told:
        draw, value = self._draw(place), self.value_at(place)
        headline = (
            Piece("u"),
            Piece(relation((draw, number(draw)))),
            Piece(number(draw), Tone.WEIGHTS),
            Piece("→"),
            Piece(number(value), Tone.WRITES),
        )
        row, column, _ = self.chosen(place.row, place.column, place.map)
        sentence = Message(
            "For {cell}, the draw {draw} falls on value {chosen} of {total}: {value}, from input "
            "cell ({row}, {column}).",
            {
                "cell": self.cell_name(place),
                "draw": number(draw),
                "chosen": int(self._choice[place.row, place.column, place.map]) + 1,
                "total": self.terms_per_cell,
                "value": number(value),
                "row": row,
                "column": column,
            },
        )
        return headline, [sentence]

    def _caption(self, place: Place) -> Message:
        draw = self._draw(place)
        return Message(
            "{values}, u {relation} {draw}",
            {
                "values": super()._caption(place),
                "relation": relation((draw, number(draw))),
                "draw": number(draw),
            },
        )

    def _last_relation(self, place: Place, sign: str) -> str:  # noqa: ARG002
        return "→"
