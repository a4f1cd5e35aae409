"""A sum over cells as a part of a trace: a loss, or an energy, term by term."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.traces.formula import Explanation, Formula, Message, Piece, Term, Tone
from simulator.traces.model import Role, TraceArray, Write
from simulator.traces.numbers import number, stated
from simulator.traces.part import Part, PartView, Shown
from simulator.traces.region import Region
from simulator.traces.staged_formulas import Alone, NextSum
from simulator.traces.told_terms import state_of, terms_around

Array = NDArray[Any]

AXES = ("row", "column")
TERM_AXES = ("row", "column", "term row", "term column")

Told = Callable[[Sequence[float]], tuple[Piece, ...]]
"""Makes the pieces of a term of the values of its operands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SumNames:
    """What a sum's arrays are called: ``terms`` of ``sources``, ``running`` and the ``total``.

    ``start`` names the array of one cell that the sum begins with; None stands for 0. ``common``
    names an array of one cell that every term is made of besides its own cells.
    """

    sources: tuple[str, ...]
    titles: tuple[Message, ...]
    terms: str
    terms_title: Message
    running: str
    total: str
    total_title: Message
    start: str | None = None
    common: str | None = None
    symbols: str
    term_word: Message
    node: str = "Σ"


class SumPart(Part):
    """One unit that adds up a term for each cell of its sources, and divides in the end.

    The sources are (R, C), all of one shape; ``total`` is (1, 1). The terms keep the shape of the
    sources, so that a picture of them shows where the sum comes from.
    """

    def __init__(
        self,
        name: str,
        title: Message,
        *,
        names: SumNames,
        terms: Array,
        total: float,
        formula: Formula,
        told: Told,
        divisor: int = 1,
        begun: float = 0.0,
    ) -> None:
        """Take the terms (R, C), what the engine says they come to, and how a term is told.

        ``begun`` is the value that the sum starts with.
        """
        self.names = names
        self.formula = formula
        self.divisor = divisor
        self._told = told
        self.term_shape = (int(terms.shape[0]), int(terms.shape[1]))
        self.count = int(terms.size)
        running = terms.ravel().cumsum().reshape(terms.shape) + terms.dtype.type(begun)
        super().__init__(
            name,
            title,
            shape=(1, 1),
            steps_per_unit=self.count + 1,
            arrays=(
                TraceArray(names.terms, TERM_AXES, Role.WRITES, terms[None, None]),
                TraceArray(names.running, TERM_AXES, Role.WRITES, running[None, None]),
                TraceArray(
                    names.total, AXES, Role.WRITES, np.full((1, 1), total, dtype=terms.dtype)
                ),
            ),
            output=names.total,
            operands=(*names.sources, *(each for each in (names.start, names.common) if each)),
        )

    def _cell_of(self, term: int) -> tuple[int, int]:
        return divmod(term, self.term_shape[1])

    def _term(self, name: str, term: int) -> Region:
        return Region.cell(name, 0, 0, *self._cell_of(term))

    def _terms(self, name: str) -> Region:
        return Region.whole(name, (1, 1, *self.term_shape))

    def _start(self) -> Region | None:
        return None if self.names.start is None else Region.cell(self.names.start, 0, 0)

    def _common(self) -> tuple[Region, ...]:
        return () if self.names.common is None else (Region.cell(self.names.common, 0, 0),)

    def writes(self, unit: int, at: int) -> tuple[Write, ...]:
        """Return a term and the sum so far, or what the sum comes to."""
        del unit
        names = self.names
        if at == self.count:
            return (self._closing(),)
        term, running = self._term(names.terms, at), self._term(names.running, at)
        own = tuple(Region.cell(source, *self._cell_of(at)) for source in names.sources)
        sources = (*own, *self._common())
        so_far = self._term(names.running, at - 1) if at else self._start()
        added = (
            Write(running, (term,), Alone(r"\writes{s} = t"))
            if so_far is None
            else Write(running, (so_far, term), NextSum(r"\writes{s} = s + t"))
        )
        return Write(term, sources, _InTerms(self.formula.symbols, self.formula)), added

    def _closing(self) -> Write:
        names = self.names
        last = self._term(names.running, self.count - 1)
        return Write(Region.cell(names.total, 0, 0), (last,), _Total(names.symbols, self.divisor))

    def writes_of_unit(self, unit: int) -> tuple[Write, ...]:
        """Return all terms and what they come to."""
        del unit
        return self.writes_of_all()

    def writes_of_all(self) -> tuple[Write, ...]:
        """Return all terms and what they come to."""
        names = self.names
        whole = tuple(Region.whole(source, self.term_shape) for source in names.sources)
        sources = (*whole, *self._common())
        terms, start = self._terms(names.terms), self._start()
        running = (terms,) if start is None else (start, terms)
        return (
            Write(terms, sources, _InTerms(self.formula.symbols, self.formula)),
            Write(self._terms(names.running), running, _Running(r"\writes{s}")),
            self._closing(),
        )

    def finest_writing(self, name: str, *positions: Array) -> NDArray[np.int64]:
        """Return the finest step of this part that writes each cell."""
        if name == self.names.total:
            return np.full(np.broadcast_shapes(*(p.shape for p in positions)), self.count)
        down, across = positions[2:]
        at: NDArray[np.int64] = (
            (positions[0] + positions[1]) * 0 + down * self.term_shape[1] + across
        )
        return at

    def result(self, unit: int, at: int) -> Region:
        """Return the sum so far, or what it comes to."""
        del unit
        if at == self.count:
            return Region.cell(self.names.total, 0, 0)
        return self._term(self.names.running, at)

    def sources(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return what a term is made of, or everything."""
        if name == self.names.terms:
            own = tuple(Region.cell(source, *index[2:]) for source in self.names.sources)
            return (*own, *self._common())
        start = self._start()
        whole = tuple(Region.whole(source, self.term_shape) for source in self.names.sources)
        every = (*whole, *self._common())
        return every if start is None else (*every, start)

    def dependants(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the total, in which everything has a part."""
        del index
        return () if name == self.names.total else (Region.cell(self.names.total, 0, 0),)

    def step_of(self, name: str, index: tuple[int, ...], unit: int) -> tuple[int, int] | None:
        """Return the term that a cell has a part in."""
        del unit
        if name in (self.names.start, self.names.common):
            return 0, 0
        return 0, index[0] * self.term_shape[1] + index[1]

    def unit_name(self, unit: int) -> Message:
        """Return what the sum is called."""
        del unit
        return self.names.total_title

    def step_title(self, unit: int, at: int) -> Message:
        """Return how a step is called."""
        del unit
        if at == self.count:
            return self.names.total_title
        return Message(
            "{term} {number} of {total}",
            {"term": self.names.term_word, "number": at + 1, "total": self.count},
        )

    def _values(self, term: int) -> list[float]:
        cell = self._cell_of(term)
        cells = (Region.cell(source, *cell) for source in self.names.sources)
        return [float(self.read(each).item()) for each in (*cells, *self._common())]

    def told_terms(self, unit: int, numbers: range) -> list[tuple[Piece, ...]]:
        """Return some of the terms, with their numbers put in."""
        del unit
        return [_glued(self._told(self._values(at))) for at in numbers]

    def explain(self, unit: int, at: int, *, whole: bool) -> Explanation:
        """Return the arithmetic of one term, or of the sum."""
        ends = whole or at == self.count
        current = self.count - 1 if ends else at
        numbers, columns = terms_around(
            0 if whole else current, self.count, width=self.term_shape[1]
        )
        columns = min(columns, 3)
        result = float(self.read(self.result(unit, self.count if ends else at)).item())
        so_far = float(self.read(self._term(self.names.running, current)).item())
        term = float(self.read(self._term(self.names.terms, current)).item())
        if ends:
            headline = (
                Piece(number(so_far), Tone.READS),
                *((Piece("÷"), Piece(str(self.divisor))) if self.divisor > 1 else ()),
                Piece("≈" if self.divisor > 1 else "="),
                Piece(number(result), Tone.WRITES),
            )
            sentence = Message(
                "All {count} terms add up to {sum}; {total} is their mean."
                if self.divisor > 1
                else "All {count} terms add up to {sum}.",
                {"count": self.count, "sum": stated(so_far), "total": self.names.total_title},
            )
        else:
            headline = (*self._told(self._values(at)), Piece("≈"), Piece(number(term)))
            sentence = Message(
                "{step}. The sum so far is {sum}.",
                {"step": self.step_title(unit, at), "sum": stated(so_far)},
            )
        return Explanation(
            headline=headline,
            sentence=sentence,
            symbols=self.names.symbols,
            where=(Piece(f"i = {current}", Tone.READS),) if not ends else (),
            terms=tuple(
                Term(pieces, state_of(at, current, whole=ends))
                for at, pieces in zip(numbers, self.told_terms(unit, numbers), strict=True)
            ),
            columns=columns,
            elided=(numbers.start, self.count - numbers.stop),
            caption=Message("{done} of {total} terms", {"done": current + 1, "total": self.count}),
            relation=f"÷ {self.divisor} =" if ends and self.divisor > 1 else "≈",
            result=Piece(number(result), Tone.WRITES),
            progress=(min(at, self.count) + 1, self.steps_per_unit),
            progress_caption=Message(
                "step {done} of {total}",
                {"done": min(at, self.count) + 1, "total": self.steps_per_unit},
            ),
        )

    def view(self, unit: int, at: int, *, whole: bool) -> PartView:
        """Return both sources, the terms and the total."""
        del unit
        names = self.names
        cell = None if whole or at == self.count else self._cell_of(at)
        others = (*names.sources[1:], *((names.common,) if names.common else ()))
        second = Shown(others[0], names.titles[1]) if others else None
        together = (0, 0) if cell and names.common in others[:1] else cell
        return PartView(
            input=Shown(names.sources[0], names.titles[0]),
            weights=second,
            terms=Shown(names.terms, names.terms_title, (0, 0), first=True),
            output=Shown(names.total, names.total_title),
            node=names.node,
            input_cell=cell,
            weights_cell=together,
            terms_cell=cell,
            output_cell=(0, 0),
            running=names.running,
        )


def _glued(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    return tuple(Piece(piece.text, piece.tone, glued=True) for piece in pieces)


@dataclass(frozen=True, slots=True)
class _InTerms(Formula):
    """A formula of cells whose result has the terms' axes."""

    formula: Formula

    def value(self, *operands: Array) -> Array:
        """Return the formula's value with two axes of length 1 before its own."""
        return self.formula.value(*operands)[None, None]


@dataclass(frozen=True, slots=True)
class _Running(Formula):
    """The sums after each term, from a start or from 0."""

    def value(self, *operands: Array) -> Array:
        """Return the running sums in the terms' shape."""
        *start, terms = operands
        sums = terms.reshape(1, 1, -1).cumsum(axis=-1).reshape(terms.shape)
        total: Array = sums + start[0].reshape(1, 1, 1, 1) if start else sums
        return total


@dataclass(frozen=True, slots=True)
class _Total(Formula):
    """The last running sum, divided by a count."""

    divisor: int

    def value(self, *operands: Array) -> Array:
        """Return it with the axes of the total."""
        last: Array = operands[0].reshape(1, 1) / self.divisor
        return last
