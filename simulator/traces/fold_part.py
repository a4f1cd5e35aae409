"""Cells that are each made of many terms, as a part of a trace: sums of products, means, maxima.

It serves whatever the sliding windows and dense layers don't: filters of one channel or of a group,
the same layer at every step, the means within a sample, the scores of attention.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.traces.cell_part import cell_name
from simulator.traces.folds import Fold, Next
from simulator.traces.formula import Explanation, Formula, Message, Piece, Term, Tone
from simulator.traces.model import Role, TraceArray, Write
from simulator.traces.numbers import equation_sign, factor, number, relation, stated
from simulator.traces.operands import Operand
from simulator.traces.part import MapsPart, PartView, Shown, Span, capitalised
from simulator.traces.region import Axis, Region, one
from simulator.traces.told_terms import state_of, terms_around

Array = NDArray[Any]

Told = Callable[[Sequence[float]], tuple[Piece, ...]]
"""Makes the pieces of a term of the values of its operands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldNames:
    """What the arrays of a part are called that it writes, and what a term is called."""

    terms: str
    running: str
    output: str
    output_title: Message
    term: Message
    terms_title: Message


class FoldPart(MapsPart):
    """Each cell, map after map, is made of terms, one after the other, and of what it starts with.

    Arrays are (R, C) or (R, C, maps). A unit's terms lie in rows and columns, as its window does.
    """

    def __init__(
        self,
        name: str,
        title: Message,
        *,
        names: FoldNames,
        operands: Sequence[tuple[Operand, Array]],
        term_shape: tuple[int, int],
        combine: Formula,
        told: Told,
        fold: Fold,
        symbols: str,
        values: Array,
        start: tuple[Operand, Array] | None = None,
        divisor: float = 1.0,
        rule: Message | None = None,
    ) -> None:
        """Take the operands with their values, and the engine's ``values`` of the output.

        ``combine`` makes a term of a cell of each operand; the last one may have one cell for all
        terms. ``divisor`` divides what they come to; ``start`` is what that begins with, if any.
        """
        self.names = names
        self.reading = tuple(operand for operand, _ in operands)
        self.fold = fold
        self.divisor = divisor
        self.count = self.reading[0].count
        self._start = None if start is None else start[0]
        self._term_shape = term_shape
        self._combine = combine
        self._told = told
        self._symbols = symbols
        self._rule = rule or Message("")
        shape = values.shape
        gathered = [operand.gathered(array, shape) for operand, array in operands]
        terms = np.asarray(combine.value(*gathered), dtype=values.dtype)
        begun = None if start is None else start[0].gathered(start[1], shape)
        running = fold.running(terms, begun).reshape(*shape, *term_shape)
        axes = ("row", "column", "channel")[: len(shape)]
        inner = (*axes, "term row", "term column")
        super().__init__(
            name,
            title,
            shape=shape,
            steps_per_unit=self.count + 1,
            arrays=(
                TraceArray(names.terms, inner, Role.WRITES, terms.reshape(*shape, *term_shape)),
                TraceArray(names.running, inner, Role.WRITES, running),
                TraceArray(names.output, axes, Role.WRITES, values),
            ),
            output=names.output,
            operands=[operand.name for operand in self._operands],
        )

    @property
    def _operands(self) -> tuple[Operand, ...]:
        return self.reading if self._start is None else (*self.reading, self._start)

    @property
    def padding(self) -> float | None:
        """What is read outside of the input."""
        return self.reading[0].padding

    def unit_name(self, unit: int) -> Message:
        """Return how a unit is called."""
        return cell_name(self.index_of(unit))

    # Steps

    def _term(self, name: str, unit: int, term: int) -> Region:
        return self.cell(name, unit, *divmod(term, self._term_shape[1]))

    def _inner(self, name: str, cells: tuple[Axis, ...]) -> Region:
        return Region(name, (*cells, *(range(length) for length in self._term_shape)))

    def _begun(self, unit: int) -> tuple[Region, ...]:
        return () if self._start is None else (self._start.region(self.index_of(unit)),)

    def writes(self, unit: int, at: int) -> tuple[Write, ...]:
        """Return a term and what they come to so far, or what the unit comes to."""
        if at == self.count:
            return (self._closing(tuple(one(each) for each in self.index_of(unit))),)
        index, names = self.index_of(unit), self.names
        term, running = self._term(names.terms, unit, at), self._term(names.running, unit, at)
        cells = tuple(
            Region.cell(operand.name, *operand.cell(index, at)) for operand in self.reading
        )
        before = (self._term(names.running, unit, at - 1),) if at else self._begun(unit)
        symbols = self.fold.symbols if before else r"\writes{s} = t"
        return (
            Write(term, cells, _Terms(self._combine.symbols, self._combine, self, at=True)),
            Write(running, (*before, term), Next(symbols, self.fold)),
        )

    def writes_of_unit(self, unit: int) -> tuple[Write, ...]:
        """Return all terms of a unit, and what they come to."""
        index = self.index_of(unit)
        sources = tuple(operand.region(index) for operand in self.reading)
        cells = tuple(one(each) for each in index)
        return self._assigned(cells, sources, self._begun(unit), whole=False)

    def writes_of_all(self) -> tuple[Write, ...]:
        """Return all terms of all units, and what they come to."""
        sources = tuple(Region.whole(each.name, each.shape) for each in self.reading)
        start = self._start
        begun = () if start is None else (Region.whole(start.name, start.shape),)
        cells = tuple(range(length) for length in self.shape)
        return self._assigned(cells, sources, begun, whole=True)

    def _assigned(
        self,
        cells: tuple[Axis, ...],
        sources: tuple[Region, ...],
        begun: tuple[Region, ...],
        *,
        whole: bool,
    ) -> tuple[Write, ...]:
        names = self.names
        terms = self._inner(names.terms, cells)
        made = _Terms(self._combine.symbols, self._combine, self, whole=whole)
        running = _Running(self.fold.symbols, self, whole=whole)
        return (
            Write(terms, sources, made),
            Write(self._inner(names.running, cells), (*begun, terms), running),
            self._closing(cells),
        )

    def _closing(self, cells: tuple[Axis, ...]) -> Write:
        down, across = (length - 1 for length in self._term_shape)
        last = Region(self.names.running, (*cells, one(down), one(across)))
        return Write(Region(self.names.output, cells), (last,), _Last(self._symbols, self.divisor))

    def finest_writing(self, name: str, *positions: Array) -> NDArray[np.int64]:
        """Return the finest step of this part that writes each cell."""
        cells = positions[: len(self.shape)]
        units = self.unit_of(*cells) * self.steps_per_unit
        if name == self.names.output:
            return units + self.count
        down, across = positions[len(self.shape) :]
        found: NDArray[np.int64] = units + down * self._term_shape[1] + across
        return found

    def result(self, unit: int, at: int) -> Region:
        """Return what the terms come to so far, or what the unit does."""
        if at == self.count:
            return self.cell(self.names.output, unit)
        return self._term(self.names.running, unit, at)

    # Provenance

    def sources(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return what a term is made of, or a unit."""
        cells = index[: len(self.shape)]
        if name == self.names.terms:
            down, across = index[len(self.shape) :]
            at = down * self._term_shape[1] + across
            read = (
                Region.cell(operand.name, *operand.cell(cells, at)).inside(operand.shape)
                for operand in self.reading
            )
            return tuple(region for region in read if region.size)
        return _distinct(operand.inside(cells) for operand in self._operands)

    def dependants(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the units that a cell has a part in."""
        if name == self.names.output:
            return ()
        if name in (self.names.terms, self.names.running):
            return (Region.cell(self.names.output, *index[: len(self.shape)]),)
        found = (
            operand.readers(index, self.shape) for operand in self._operands if operand.name == name
        )
        return tuple(Region(self.names.output, cells) for cells in found if cells is not None)

    def step_of(self, name: str, index: tuple[int, ...], unit: int) -> tuple[int, int] | None:
        """Return the unit and the term that an operand's cell has a part in, near a unit."""
        operand = next(each for each in self._operands if each.name == name)
        cells = operand.readers(index, self.shape)
        if cells is None:
            return None
        now = self.index_of(unit)
        chosen = tuple(at if at in cell else cell[0] for at, cell in zip(now, cells, strict=True))
        number_there = int(self.unit_of(*map(np.asarray, chosen)).item())
        return number_there, operand.term_of(chosen, index) if operand.count > 1 else 0

    # Telling

    def step_title(self, unit: int, at: int) -> Message:
        """Return how a step is called."""
        if at == self.count:
            return Message("{part}, {unit}", {"part": self.title, "unit": self.unit_name(unit)})
        return Message(
            "{term} {number} of {total} for {unit}",
            {
                "term": self.names.term,
                "number": at + 1,
                "total": self.count,
                "unit": self.unit_name(unit),
            },
        )

    def _values(self, unit: int, numbers: range) -> list[list[float]]:
        """Return the values of the operands of some terms."""
        index = self.index_of(unit)
        read = [operand.in_order(self.read(operand.region(index))) for operand in self.reading]
        return [[float(each[at if len(each) > 1 else 0]) for each in read] for at in numbers]

    def told_terms(self, unit: int, numbers: range) -> list[tuple[Piece, ...]]:
        """Return some of the terms, with their numbers put in."""
        found = []
        for values in self._values(unit, numbers):
            pieces = self._told(values)
            found.append(tuple(Piece(piece.text, piece.tone, glued=True) for piece in pieces))
        return found

    def explain(self, unit: int, at: int, *, whole: bool) -> Explanation:
        """Return the arithmetic of one term, or of the unit."""
        ends = whole or at == self.count
        current = self.count - 1 if ends else at
        width = self._term_shape[1]
        numbers, columns = terms_around(0 if whole else current, self.count, width=width)
        columns = min(columns, 3)
        result = self._number(self.result(unit, self.count if ends else at))
        so_far = self._number(self._term(self.names.running, unit, current))
        index = self.index_of(unit)
        letters = zip(("r", "c", "f"), index, strict=False)
        return Explanation(
            headline=self._ended(so_far, result) if ends else self._headline(unit, at),
            sentence=self._sentence(unit, at, so_far, result, ends=ends),
            symbols=self._symbols,
            where=tuple(Piece(f"{letter} = {each}", Tone.WRITES) for letter, each in letters),
            terms=tuple(
                Term(pieces, state_of(each, current, whole=ends))
                for each, pieces in zip(numbers, self.told_terms(unit, numbers), strict=True)
            ),
            columns=columns,
            separator=self.fold.sign,
            elided=(numbers.start, self.count - numbers.stop),
            caption=self._caption(unit, current),
            relation=self._relation(so_far, result, ends=ends),
            result=Piece(number(result), Tone.WRITES),
            progress=(min(at, self.count) + 1, self.steps_per_unit),
            progress_caption=Message(
                "step {done} of {total}",
                {"done": min(at, self.count) + 1, "total": self.steps_per_unit},
            ),
        )

    def _number(self, region: Region) -> float:
        return float(self.read(region).item())

    @property
    def _divides(self) -> bool:
        return self.divisor != 1

    def _relation(self, so_far: float, result: float, *, ends: bool) -> str:
        if ends and self._divides:
            return f"÷ {number(self.divisor)} ="
        return relation((so_far, number(so_far)), (result, number(result)))

    def _caption(self, unit: int, current: int) -> Message:
        done = {"done": current + 1, "total": self.count}
        if self._start is None:
            return Message("{done} of {total} terms", done)
        (start,) = self._begun(unit)
        begun = self._number(start)
        sign = relation((begun, number(begun)))
        return Message(
            "{done} of {total} terms, b {sign} {bias}",
            {**done, "sign": sign, "bias": number(begun)},
        )

    def _headline(self, unit: int, at: int) -> tuple[Piece, ...]:
        (values,) = self._values(unit, range(at, at + 1))
        term = number(self._number(self._term(self.names.terms, unit, at)))
        return (*self._told(values), Piece("≈"), Piece(term))

    def _ended(self, so_far: float, result: float) -> tuple[Piece, ...]:
        shown = number(so_far), number(result)
        if not self._divides:
            return (Piece(self.fold.node), Piece("="), Piece(shown[1], Tone.WRITES))
        divisor = number(self.divisor)
        return (
            Piece(factor(so_far), Tone.READS),
            Piece("÷"),
            Piece(divisor),
            Piece(equation_sign(shown[0], "÷", divisor, shown[1])),
            Piece(shown[1], Tone.WRITES),
        )

    def _sentence(self, unit: int, at: int, so_far: float, result: float, *, ends: bool) -> Message:
        told = {"count": self.count, "sum": stated(so_far)}
        if not ends:
            step = Message(self.fold.step, told)
            return Message("{step}. {told}", {"step": self.step_title(unit, at), "told": step})
        name = capitalised(self.unit_name(unit))
        sentences = [Message("{unit}:", {"unit": name}), Message(self.fold.whole, told)]
        if self._divides:
            divided = {"divisor": number(self.divisor), "result": stated(result)}
            sentences.append(Message("Divided by {divisor} that is {result}.", divided))
        return Message.joined(sentences)

    def view(self, unit: int, at: int, *, whole: bool) -> PartView:
        """Return what is read, its weights if there are any, the terms and the output."""
        index, ended = self.index_of(unit), whole or at == self.count
        term = 0 if ended else at
        x, *others = self.reading
        cell = x.cell(index, term)
        second = others[0] if others else None
        weight = None if second is None else second.cell(index, term)
        return PartView(
            input=Shown(x.name, x.title, cell[2:]),
            weights=None
            if second is None or weight is None
            else Shown(second.name, second.title, weight[2:]),
            terms=Shown(self.names.terms, self.names.terms_title, index, first=True),
            output=Shown(self.names.output, self.names.output_title, index[2:]),
            node=self.fold.node,
            input_cell=None if ended else (cell[0], cell[1]),
            weights_cell=None if ended or weight is None else (weight[0], weight[1]),
            terms_cell=None if ended else divmod(term, self._term_shape[1]),
            output_cell=(index[0], index[1]),
            running=self.names.running,
            rule=self._rule,
            window=_span(x.region(index)),
            reach=(0, 0, 0, 0) if x.padding is None else x.reach(self.shape),
            weighing=None if second is None else _span(second.region(index)),
        )


def _span(region: Region) -> Span:
    """Return the rectangle of rows and columns that a region spans."""
    rows, columns = region.axes[:2]
    return Span(rows[0], columns[0], rows[-1] + 1 - rows[0], columns[-1] + 1 - columns[0])


def _distinct(regions: Any) -> tuple[Region, ...]:
    return tuple(dict.fromkeys(region for region in regions if region.size))


@dataclass(frozen=True, slots=True)
class _Terms(Formula):
    """The terms of one step, of one unit, or of all."""

    combine: Formula
    part: FoldPart
    whole: bool = False
    at: bool = False

    def value(self, *operands: Array) -> Array:
        """Return them with the axes of the units and those of the terms."""
        shape = self.part.shape
        if self.whole:
            gathered = [
                operand.gathered(read, shape)
                for operand, read in zip(self.part.reading, operands, strict=True)
            ]
            return self.combine.value(*gathered).reshape(*shape, *self.part._term_shape)
        found = self.combine.value(
            *(
                operand.in_order(read) if not self.at else read.reshape(-1)
                for operand, read in zip(self.part.reading, operands, strict=True)
            )
        )
        lying = (1, 1) if self.at else self.part._term_shape
        return found.reshape(*(1,) * len(shape), *lying)


@dataclass(frozen=True, slots=True)
class _Running(Formula):
    """What the terms of one unit, or of all, come to one after the other."""

    part: FoldPart
    whole: bool

    def value(self, *operands: Array) -> Array:
        """Return it in the terms' shape."""
        *begun, terms = operands
        start, shape = self.part._start, terms.shape[: len(self.part.shape)]
        found: Array | None = None
        if start is not None:
            (read,) = begun
            found = start.gathered(read, shape) if self.whole else read.reshape(-1)
        flat = terms.reshape(*shape, -1)
        return self.part.fold.running(flat, found).reshape(terms.shape)


@dataclass(frozen=True, slots=True)
class _Last(Formula):
    """What all terms come to, divided."""

    divisor: float

    def value(self, *operands: Array) -> Array:
        """Return it without the axes of the terms."""
        last = operands[0][..., 0, 0]
        made: Array = last / last.dtype.type(self.divisor)
        return made
