"""How it is told what becomes of single cells: moved, bent by an activation, normalized."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

from simulator.traces.formula import Message, Piece, Tone
from simulator.traces.numbers import exact, factor, number, stated

Told = tuple[tuple[Piece, ...], Message]
"""A headline, whose last two pieces are a sign and the result, and a sentence."""


class CellTelling(ABC):
    """How the steps of a part are told whose cells each take one other cell."""

    node: str
    rule: Message

    @abstractmethod
    def told(
        self,
        index: tuple[int, ...],
        origin: tuple[int, ...] | None,
        *,
        taken: float,
        result: float,
        statistics: Sequence[float] | None,
    ) -> Told:
        """Return headline and sentence of the cell at ``index``, which took that at ``origin``."""


def _place(index: tuple[int, ...]) -> Message:
    row, column, *maps = index
    template = "({row}, {column}) of map {map}" if maps else "({row}, {column})"
    return Message(template, {"row": row, "column": column, "map": maps[0] + 1 if maps else 0})


class Moving(CellTelling):
    """Numbers go elsewhere and stay as they are."""

    node = "="

    def __init__(self, rule: Message, nothing: Message) -> None:
        """Take a sentence on what goes where, and one for a cell to which nothing goes."""
        self.rule = rule
        self._nothing = nothing

    def told(
        self,
        index: tuple[int, ...],
        origin: tuple[int, ...] | None,
        *,
        taken: float,
        result: float,
        statistics: Sequence[float] | None,
    ) -> Told:
        """Return from where the number comes, and where it goes."""
        del statistics
        if origin is None:
            headline = (Piece("nothing"), Piece("→"), Piece("0", Tone.WRITES))
            return headline, self._nothing
        headline = (
            Piece(number(taken), Tone.READS),
            Piece("→"),
            Piece(number(result), Tone.WRITES),
        )
        return headline, Message(
            "Cell {source} goes on, as it is, as cell {target}.",
            {"source": _place(origin), "target": _place(index)},
        )


class Bending(CellTelling):
    """An activation as a layer of its own."""

    def __init__(self, function: str) -> None:
        """Take what the activation is called: "relu", "σ"."""
        self.node = function
        self.rule = Message("{function} of each number by itself.", {"function": function})

    def told(
        self,
        index: tuple[int, ...],
        origin: tuple[int, ...] | None,
        *,
        taken: float,
        result: float,
        statistics: Sequence[float] | None,
    ) -> Told:
        """Return the number and what the activation makes of it."""
        del origin, statistics
        texts = number(taken), number(result)
        headline = (
            Piece(f"{self.node}("),
            Piece(texts[0], Tone.READS, glued=True),
            Piece(")", glued=True),
            Piece("=" if exact(taken, texts[0]) and exact(result, texts[1]) else "≈"),
            Piece(texts[1], Tone.WRITES),
        )
        return headline, Message(
            "Cell {cell}: {function} makes {result} of {taken}.",
            {
                "cell": _place(index),
                "function": self.node,
                "result": stated(result),
                "taken": stated(taken),
            },
        )


class _Statistics(NamedTuple):
    mean: float
    variance: float
    gamma: float
    beta: float


class Normalizing(CellTelling):
    """A batch normalization, outside of training: with the means that training has left."""

    node = "norm"
    rule = Message("")

    def __init__(self, *, epsilon: float, scaled: bool, centred: bool) -> None:
        """Take ε, and whether there are γ and β."""
        self._epsilon = epsilon
        self._scaled = scaled
        self._centred = centred

    def told(
        self,
        index: tuple[int, ...],
        origin: tuple[int, ...] | None,
        *,
        taken: float,
        result: float,
        statistics: Sequence[float] | None,
    ) -> Told:
        """Return the number, less the mean, divided by the deviation, scaled and shifted."""
        del origin
        assert statistics is not None
        rest = list(statistics[2:])
        gamma = rest.pop(0) if self._scaled else 1.0
        beta = rest.pop(0) if self._centred else 0.0
        found = _Statistics(statistics[0], statistics[1], gamma, beta)
        deviation = (found.variance + self._epsilon) ** 0.5
        pieces = [
            Piece("("),
            Piece(number(taken), Tone.READS, glued=True),
            Piece("−"),
            Piece(factor(found.mean), Tone.WEIGHTS),
            Piece(")", glued=True),
            Piece("÷"),
            Piece(number(deviation), Tone.WEIGHTS),
        ]
        if self._scaled:
            pieces += [Piece("×"), Piece(factor(found.gamma), Tone.WEIGHTS)]
        if self._centred:
            pieces += [Piece("+"), Piece(factor(found.beta), Tone.WEIGHTS)]
        headline = (*pieces, Piece("≈"), Piece(number(result), Tone.WRITES))
        return headline, Message(
            "Cell {cell}: the mean {mean} that training found is taken away, and what is left is "
            "divided by the deviation {deviation}.",
            {"cell": _place(index), "mean": stated(found.mean), "deviation": stated(deviation)},
        )
