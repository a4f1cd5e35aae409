"""A softmax as parts of a trace: the largest score, the exponentials and their sum, the shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.traces.cell_part import TAKEN, CellPart, Same
from simulator.traces.cell_telling import CellTelling, Told
from simulator.traces.formula import Formula, Message, Piece, Tone
from simulator.traces.laid_layers import LayerNames
from simulator.traces.model import Write
from simulator.traces.numbers import exact, factor, number, stated
from simulator.traces.part import Part, UnitWords, capitalised
from simulator.traces.region import Region, one
from simulator.traces.sum_part import SumNames, SumPart

Array = NDArray[Any]

LARGEST = r"\writes{m} = \max_j \reads{z_j}"
EXPONENTIAL = r"\writes{e_j} = \exp(\reads{z_j} - \weights{m})"
TOTAL = r"\writes{S} = \sum_j \exp(\reads{z_j} - \weights{m})"
SHARE = r"\writes{p_j} = \frac{\reads{e_j}}{\weights{S}}"


def softmax_parts(
    name: str,
    title: Message,
    *,
    names: LayerNames,
    source: tuple[str, Message],
    scores: Array,
    output: Message,
    shares: Array,
    words: UnitWords,
) -> list[Part]:
    """Return the parts that make ``shares`` (R, C), as the engine has them, of ``scores`` (R, C).

    The largest score is subtracted from all before their exponentials are taken, as the engine
    does it: that changes no share, and no exponential can overflow (Goodfellow, Bengio and
    Courville 2016, "Deep Learning", section 4.1).
    """
    largest = LargestPart(
        name,
        Message("{layer}: the largest score", {"layer": title}),
        source=source,
        scores=scores,
        taken=names.taken,
        output=(names.largest, Message("Largest score")),
        words=words,
    )
    m = scores.reshape(-1).max()
    terms = np.exp(scores - m)
    exponentials = SumPart(
        f"{name}_exponentials",
        Message("{layer}: exponentials", {"layer": title}),
        names=SumNames(
            sources=(source[0],),
            titles=(source[1], Message("Largest score")),
            common=names.largest,
            terms=names.exponentials,
            terms_title=Message("Exponentials"),
            running=names.so_far,
            total=names.total,
            total_title=Message("Sum of the exponentials"),
            symbols=TOTAL,
            term_word=Message("Exponential"),
        ),
        terms=terms,
        total=float(np.sum(terms.reshape(1, -1), axis=-1)[0]),
        formula=Exponential(EXPONENTIAL),
        told=_told_exponential,
    )
    shared = CellPart(
        f"{name}_shares",
        Message("{layer}: shares", {"layer": title}),
        source=(names.exponentials, Message("Exponentials")),
        source_shape=(1, 1, *scores.shape),
        origins=np.arange(scores.size),
        taken=names.moved,
        output=(names.output, output),
        values=shares,
        formula=Share(SHARE),
        telling=Sharing(words, scores.shape[1]),
        statistics=(names.total, Message("Their sum")),
    )
    shared.words = words
    return [largest, exponentials, shared]


class LargestPart(CellPart):
    """The largest of some scores (R, C), in one step that reads them all."""

    def __init__(
        self,
        name: str,
        title: Message,
        *,
        source: tuple[str, Message],
        scores: Array,
        taken: str,
        output: tuple[str, Message],
        words: UnitWords,
    ) -> None:
        """Take the scores and the names of what is read and written."""
        at = int(np.argmax(scores))
        super().__init__(
            name,
            title,
            source=source,
            source_shape=scores.shape,
            origins=np.array([at]),
            taken=taken,
            output=output,
            values=scores.reshape(-1)[at].reshape(1, 1),
            formula=Same(LARGEST),
            telling=_Greatest(words.of(at)),
        )

    def _all(self) -> Region:
        return Region.whole(self._source[0], self._source_shape)

    def unit_name(self, unit: int) -> Message:
        """Return what the only unit is called."""
        del unit
        return Message("the largest score")

    def writes_of_unit(self, unit: int) -> tuple[Write, ...]:
        """Return what all of them come to."""
        del unit
        return self.writes_of_all()

    def writes_of_all(self) -> tuple[Write, ...]:
        """Return what all of them come to."""
        taken = Region.cell(self._taken, 0, 0, 0, 0)
        return (
            Write(taken, (self._all(),), Greatest(TAKEN)),
            self._made((one(0), one(0)), taken),
        )

    def sources(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return all scores."""
        del name, index
        return (self._all(),)

    def dependants(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the largest, for which each of them counts."""
        del index
        return () if name == self.output else (Region.cell(self.output, 0, 0),)

    def step_of(self, name: str, index: tuple[int, ...], unit: int) -> tuple[int, int] | None:
        """Return the only step."""
        del name, index, unit
        return 0, 0


class _Greatest(CellTelling):
    """The largest of all numbers."""

    node = "max"
    rule = Message("")

    def __init__(self, unit: Message) -> None:
        """Take what the unit that has it is called."""
        self._unit = unit

    def told(
        self,
        index: tuple[int, ...],
        origin: tuple[int, ...] | None,
        *,
        taken: float,
        result: float,
        statistics: Sequence[float] | None,
    ) -> Told:
        """Return the number, and what it is for."""
        del index, origin, statistics
        headline = (
            Piece("max"),
            Piece("=" if exact(taken, number(taken)) else "≈"),
            Piece(number(result), Tone.WRITES),
        )
        return headline, Message(
            "{unit} has the largest score, {score}. All lose as much before they become "
            "exponentials.",
            {"score": stated(result), "unit": capitalised(self._unit)},
        )


class Sharing(CellTelling):
    """What part of a sum each number is."""

    node = "÷"

    def __init__(self, words: UnitWords, columns: int) -> None:
        """Take what the units are called, and how many there are in a row."""
        self.rule = Message(
            "Each exponential is divided by the sum of all: the shares add up to 1."
        )
        self._words = words
        self._columns = columns

    def told(
        self,
        index: tuple[int, ...],
        origin: tuple[int, ...] | None,
        *,
        taken: float,
        result: float,
        statistics: Sequence[float] | None,
    ) -> Told:
        """Return the number divided by the sum."""
        del origin
        assert statistics is not None
        headline = (
            Piece(number(taken), Tone.READS),
            Piece("÷"),
            Piece(factor(statistics[0]), Tone.WEIGHTS),
            Piece("≈"),
            Piece(number(result), Tone.WRITES),
        )
        return headline, Message(
            "{unit} has {percent} % of the sum: so sure is the network of it.",
            {
                "unit": capitalised(self._words.of(index[0] * self._columns + index[1])),
                "percent": number(100 * result, 1),
            },
        )


def _told_exponential(values: Sequence[float]) -> tuple[Piece, ...]:
    score, largest = values
    return (
        Piece("exp("),
        Piece(number(score), Tone.READS, glued=True),
        Piece("−"),
        Piece(factor(largest), Tone.WEIGHTS),
        Piece(")", glued=True),
    )


@dataclass(frozen=True, slots=True)
class Greatest(Formula):
    """The largest of all numbers."""

    def value(self, *operands: Array) -> Array:
        """Return it with four axes of length 1."""
        return np.asarray(operands[0].max()).reshape(1, 1, 1, 1)


@dataclass(frozen=True, slots=True)
class Exponential(Formula):
    """exp(z − m)."""

    def value(self, *operands: Array) -> Array:
        """Return it for scores (R, C) and the largest of them (1, 1)."""
        scores, largest = operands
        powers: Array = np.exp(scores - largest)
        return powers


@dataclass(frozen=True, slots=True)
class Share(Formula):
    """A part of a sum."""

    def value(self, *operands: Array) -> Array:
        """Return numbers divided by a sum (1, 1)."""
        taken, total = operands
        share: Array = taken / total
        return share
