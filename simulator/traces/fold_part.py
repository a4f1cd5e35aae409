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
from simulator.traces.fold_formulas import Last, Running, Terms
from simulator.traces.fold_telling import tell_fold
from simulator.traces.folds import ADDED, Fold, Next
from simulator.traces.formula import Explanation, Formula, Message, Piece
from simulator.traces.model import Role, TraceArray, Write
from simulator.traces.operands import Operand
from simulator.traces.part import MapsPart, PartView, Shown, Span
from simulator.traces.region import Axis, Region, one

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
        self.start = None if start is None else start[0]
        self.term_shape = term_shape
        self.combine = combine
        self.told = told
        self.symbols = symbols
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
        return self.reading if self.start is None else (*self.reading, self.start)

    @property
    def padding(self) -> float | None:
        """What is read outside of the input."""
        return self.reading[0].padding

    def unit_name(self, unit: int) -> Message:
        """Return how a unit is called."""
        return cell_name(self.index_of(unit))

    # Steps

    def term(self, name: str, unit: int, term: int) -> Region:
        """Return the cell of one term in the terms, or in what they come to so far."""
        return self.cell(name, unit, *divmod(term, self.term_shape[1]))

    def _inner(self, name: str, cells: tuple[Axis, ...]) -> Region:
        return Region(name, (*cells, *(range(length) for length in self.term_shape)))

    def begun(self, unit: int) -> tuple[Region, ...]:
        """Return the cell that a unit begins with, if any."""
        return () if self.start is None else (self.start.region(self.index_of(unit)),)

    def writes(self, unit: int, at: int) -> tuple[Write, ...]:
        """Return a term and what they come to so far, or what the unit comes to."""
        if at == self.count:
            return (self._closing(tuple(one(each) for each in self.index_of(unit))),)
        index, names = self.index_of(unit), self.names
        term, running = self.term(names.terms, unit, at), self.term(names.running, unit, at)
        cells = tuple(
            Region.cell(operand.name, *operand.cell(index, at)) for operand in self.reading
        )
        before = (self.term(names.running, unit, at - 1),) if at else self.begun(unit)
        symbols = self.fold.symbols if before else r"\writes{s} = t"
        return (
            Write(term, cells, Terms(self.combine.symbols, self.combine, self, at=True)),
            Write(running, (*before, term), Next(symbols, self.fold)),
        )

    def writes_of_unit(self, unit: int) -> tuple[Write, ...]:
        """Return all terms of a unit, and what they come to."""
        index = self.index_of(unit)
        sources = tuple(operand.region(index) for operand in self.reading)
        cells = tuple(one(each) for each in index)
        return self._assigned(cells, sources, self.begun(unit), whole=False)

    def writes_of_all(self) -> tuple[Write, ...]:
        """Return all terms of all units, and what they come to."""
        sources = tuple(Region.whole(each.name, each.shape) for each in self.reading)
        start = self.start
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
        made = Terms(self.combine.symbols, self.combine, self, whole=whole)
        running = Running(self.fold.symbols, self, whole=whole)
        return (
            Write(terms, sources, made),
            Write(self._inner(names.running, cells), (*begun, terms), running),
            self._closing(cells),
        )

    def _closing(self, cells: tuple[Axis, ...]) -> Write:
        down, across = (length - 1 for length in self.term_shape)
        last = Region(self.names.running, (*cells, one(down), one(across)))
        return Write(Region(self.names.output, cells), (last,), Last(self.symbols, self.divisor))

    def finest_writing(self, name: str, *positions: Array) -> NDArray[np.int64]:
        """Return the finest step of this part that writes each cell."""
        cells = positions[: len(self.shape)]
        units = self.unit_of(*cells) * self.steps_per_unit
        if name == self.names.output:
            return units + self.count
        down, across = positions[len(self.shape) :]
        found: NDArray[np.int64] = units + down * self.term_shape[1] + across
        return found

    def result(self, unit: int, at: int) -> Region:
        """Return what the terms come to so far, or what the unit does."""
        if at == self.count:
            return self.cell(self.names.output, unit)
        return self.term(self.names.running, unit, at)

    # Provenance

    def sources(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return what a term is made of, or a unit."""
        cells = index[: len(self.shape)]
        if name == self.names.terms:
            down, across = index[len(self.shape) :]
            at = down * self.term_shape[1] + across
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

    def values_of(self, unit: int, numbers: range) -> list[list[float]]:
        """Return the values of the operands of some terms."""
        index = self.index_of(unit)
        read = [operand.in_order(self.read(operand.region(index))) for operand in self.reading]
        return [[float(each[at if len(each) > 1 else 0]) for each in read] for at in numbers]

    def told_terms(self, unit: int, numbers: range) -> list[tuple[Piece, ...]]:
        """Return some of the terms, with their numbers put in."""
        found = []
        for values in self.values_of(unit, numbers):
            pieces = self.told(values)
            found.append(tuple(Piece(piece.text, piece.tone, glued=True) for piece in pieces))
        return found

    def explain(self, unit: int, at: int, *, whole: bool) -> Explanation:
        """Return the arithmetic of one term, or of the unit."""
        return tell_fold(self, unit, at, whole=whole)

    def view(self, unit: int, at: int, *, whole: bool) -> PartView:
        """Return what is read, its weights if there are any, the terms and the output."""
        index, ended = self.index_of(unit), whole or at == self.count
        term = 0 if ended else at
        x, *others = self.reading
        cell = x.cell(index, term)
        # One number for all terms isn't shown as weights of theirs: the formula has it.
        second = next((each for each in others if each.count == self.count), None)
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
            terms_cell=None if ended else divmod(term, self.term_shape[1]),
            output_cell=(index[0], index[1]),
            running=self.names.running if self.fold is ADDED else "",
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
