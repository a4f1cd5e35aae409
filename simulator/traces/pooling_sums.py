"""Pooling that adds up terms, each of one input cell: the mean and the p-norm."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from numpy.typing import NDArray

from simulator.engine.geometry import WindowGeometry
from simulator.traces.formula import Message, Piece, Tone
from simulator.traces.numbers import count, equation_sign, exact, factor, number, relation, stated
from simulator.traces.places import Place
from simulator.traces.pooling_combined import CombinedPoolingTrace
from simulator.traces.pooling_rules import Mean, Norm
from simulator.traces.pooling_trace import PAD, Told
from simulator.traces.symbols import pooled_input, pooled_output, window_sums
from simulator.traces.told_terms import ToldTerm
from simulator.traces.wording import SceneWords

Array = NDArray[Any]

_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class SumPoolingTrace(CombinedPoolingTrace):
    """Pooling that adds its terms up and makes something of the sum."""

    @abstractmethod
    def _sum_sentence(self, place: Place) -> Message:
        """Return what becomes of the sum of all terms."""

    def _sentences(self, place: Place, *, padding: str) -> list[Message]:
        """Return the sentences of one term."""
        if self._is_last(place):
            second = self._sum_sentence(place)
        else:
            second = Message("The sum so far is {sum}.", {"sum": stated(self.running_after(place))})
        return [self._term_message(place, padding=padding), second]


class AveragePoolingTrace(SumPoolingTrace):
    """The mean of the values under the window; padding isn't counted."""

    scene_words = SceneWords(
        sign="mean",
        finishes=True,
        terms_are_inputs=True,
        rule=Message("The values under the window are added up, then divided by their number."),
        terms=Message("Values"),
        running=Message("Running sum"),
    )

    def __init__(self, x: Array, output: Array, *, geometry: WindowGeometry) -> None:
        """Take the input (H, W, C) and the engine's output (OH, OW, C)."""
        super().__init__(x, output, geometry=geometry, rule=Mean())
        height, width = geometry.kernel_size
        cells = "n" if geometry.padding != ((0, 0), (0, 0)) else f"{height * width}"
        self.symbols = (
            rf"{pooled_output(geometry)} = \frac{{1}}{{{cells}}} {window_sums(geometry)} "
            rf"{pooled_input(geometry)}"
        )
        self.symbols_of_last = rf"\frac{{\Sigma}}{{{cells}}}"

    def _tell_term(self, place: Place) -> Told:
        so_far, total = self.running_before(place) or 0.0, self.running_after(place)
        value = 0.0 if self.is_padding(place) else self.input_value(place)
        texts = number(so_far), factor(value), number(total)
        headline = (
            Piece(texts[0], Tone.WRITES),
            Piece("+"),
            PAD if self.is_padding(place) else Piece(texts[1], Tone.READS),
            Piece(equation_sign(texts[0], "+", texts[1], texts[2])),
            Piece(texts[2], Tone.WRITES),
        )
        return headline, self._sentences(place, padding="{term} is padding, which isn't counted.")

    def _sum_sentence(self, place: Place) -> Message:
        return Message(
            "The sum is {sum}; divided by {cells}, that is {mean}.",
            {
                "sum": stated(self.running_after(place)),
                "cells": count(self.real_window(place).size),
                "mean": stated(self.value_at(place)),
            },
        )

    def _tell_whole(self, place: Place) -> Told:
        total, mean = self.running_after(place), self.value_at(place)
        cells = self.real_window(place).size
        texts = number(total), count(cells), number(mean)
        headline = (
            Piece(texts[0], Tone.READS),
            Piece("÷"),
            Piece(texts[1]),
            Piece(equation_sign(texts[0], "÷", texts[1], texts[2])),
            Piece(texts[2], Tone.WRITES),
        )
        sentences = [
            Message(
                "For {cell}, {cells} values add up to {sum}; their mean is {mean}."
                if cells > 1
                else "For {cell}, the only value is its own mean: {mean}.",
                {
                    "cell": self.cell_name(place),
                    "cells": count(cells),
                    "sum": stated(total),
                    "mean": stated(mean),
                },
            )
        ]
        if cells < self.terms_per_cell:
            sentences.append(Message("Padding isn't counted."))
        return headline, sentences

    def _caption(self, place: Place) -> Message:
        return Message(
            "{values}, n = {cells}",
            {"values": super()._caption(place), "cells": count(self.real_window(place).size)},
        )

    def _last_relation(self, place: Place, sign: str) -> str:
        return f"÷ {count(self.real_window(place).size)} {sign}"


class LpPoolingTrace(SumPoolingTrace):
    """The p-norm of the values under the window."""

    scene_words = SceneWords(
        sign="root",
        finishes=True,
        rule=Message("The sizes to the power p are added up; the p-th root of the sum goes on."),
        terms=Message("Sizes to the power p"),
        running=Message("Running sum"),
    )

    rule: Norm

    def __init__(self, x: Array, output: Array, *, geometry: WindowGeometry, order: float) -> None:
        """Take the input (H, W, C), the engine's output (OH, OW, C) and the order p."""
        super().__init__(x, output, geometry=geometry, rule=Norm(order))
        self._power = number(order)
        terms = f"{window_sums(geometry)} |{pooled_input(geometry)}|"
        if order == 1:
            self.symbols = f"{pooled_output(geometry)} = {terms}"
            self.symbols_of_term = r"|\reads{x}|"
            self.symbols_so_far = r"\Sigma + |\reads{x}|"
        else:
            self.symbols = (
                rf"{pooled_output(geometry)} = \left({terms}^{{{self._power}}}"
                rf"\right)^{{1/{self._power}}}"
            )
            self.symbols_of_term = rf"|\reads{{x}}|^{{{self._power}}}"
            self.symbols_so_far = rf"\Sigma + |\reads{{x}}|^{{{self._power}}}"
            self.symbols_of_last = rf"\Sigma^{{1/{self._power}}}"

    def _powered(self, value: float) -> tuple[Piece, ...]:
        power = "" if self.rule.order == 1 else f"^{self._power}"
        if self._power.isdecimal():
            power = power.removeprefix("^").translate(_SUPERSCRIPTS)
        return (
            Piece("|"),
            Piece(number(value), Tone.READS, glued=True),
            Piece(f"|{power}", glued=True),
        )

    def _told_term(self, value: float) -> ToldTerm:
        return ToldTerm(self._powered(value), exact(value, number(value)))

    def _tell_term(self, place: Place) -> Told:
        if self.is_padding(place):
            headline: tuple[Piece, ...] = (PAD, Piece("→"), Piece("0"))
        else:
            value = self.input_value(place)
            power = abs(value) ** self.rule.order
            shown = (value, number(value)), (power, number(power))
            headline = (*self._powered(value), Piece(relation(*shown)), Piece(number(power)))
        return headline, self._sentences(place, padding="{term} is padding, which adds nothing.")

    def _sum_sentence(self, place: Place) -> Message:
        return Message(
            {
                1.0: "The sum is {sum}.",
                2.0: "The sum is {sum}; its square root is {result}.",
            }.get(self.rule.order, "The sum is {sum}; to the power 1/{order}, that is {result}."),
            {
                "sum": stated(self.running_after(place)),
                "order": self._power,
                "result": stated(self.value_at(place)),
            },
        )

    def _tell_whole(self, place: Place) -> Told:
        total, result = self.running_after(place), self.value_at(place)
        figures = (total, number(total)), (result, number(result))
        headline = (
            *self._root(number(total)),
            Piece(relation(*figures)),
            Piece(number(result), Tone.WRITES),
        )
        sentence = Message(
            {
                1.0: "For {cell}, the absolute values add up to {sum}.",
                2.0: "For {cell}, the squares add up to {sum}; the square root is {result}.",
            }.get(
                self.rule.order,
                "For {cell}, the powers add up to {sum}; that to the power 1/{order} is {result}.",
            ),
            {
                "cell": self.cell_name(place),
                "sum": stated(total),
                "order": self._power,
                "result": stated(result),
            },
        )
        return headline, [sentence]

    def _root(self, total: str) -> tuple[Piece, ...]:
        if self.rule.order == 1:
            return (
                Piece("Σ"),
                Piece("|"),
                Piece("x", Tone.READS, glued=True),
                Piece("|", glued=True),
            )
        if self.rule.order == 2:
            return Piece("√"), Piece(total, Tone.READS, glued=True)
        return Piece(total, Tone.READS), Piece(f"^(1/{self._power})", glued=True)

    def _caption(self, place: Place) -> Message:
        return Message(
            "{values}, p = {order}", {"values": super()._caption(place), "order": self._power}
        )

    def _last_relation(self, place: Place, sign: str) -> str:  # noqa: ARG002
        root = {1.0: "", 2.0: "√ "}.get(self.rule.order, f"^(1/{self._power}) ")
        return f"{root}{sign}"
