"""What is done cell by cell as a part of a trace: coin flips, and the moving of weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.traces.formula import Explanation, Formula, Message, Piece, Term, TermState, Tone
from simulator.traces.model import Role, TraceArray, Write
from simulator.traces.numbers import number
from simulator.traces.part import Part, PartView, Shown, capitalised
from simulator.traces.region import Region

Array = NDArray[Any]

AXES = ("row", "column")
PAIR_AXES = ("hidden row", "hidden column", "row", "column")

Telling = Callable[[Sequence[float], float], tuple[tuple[Piece, ...], Message]]
"""Makes headline and sentence of the values of the operands and of the result."""


class CellwisePart(Part):
    """Each cell of the output from the same cell of the operands: one step.

    All have the same axes: rows and columns, or those of two layers of units, the hidden ones
    first.
    """

    def __init__(
        self,
        name: str,
        title: Message,
        *,
        sources: Sequence[tuple[str, Message]],
        output: tuple[str, Message],
        values: Array,
        formula: Formula,
        telling: Telling,
        node: str,
        rule: Message,
    ) -> None:
        """Take the operands' names and titles, and the values that the engine has for the output.

        The first two operands are on view.
        """
        self._sources = tuple(sources)
        self._target = output
        self.formula = formula
        self._telling = telling
        self._node = node
        self._rule = rule
        super().__init__(
            name,
            title,
            shape=values.shape,
            steps_per_unit=1,
            arrays=(
                TraceArray(output[0], AXES if values.ndim == 2 else PAIR_AXES, Role.WRITES, values),
            ),
            output=output[0],
            operands=[source for source, _ in sources],
        )

    def writes(self, unit: int, at: int) -> tuple[Write, ...]:
        """Return the one assignment of a unit."""
        del at
        return self.writes_of_unit(unit)

    def writes_of_unit(self, unit: int) -> tuple[Write, ...]:
        """Return the one assignment of a unit."""
        sources = self.sources(self.output, self.index_of(unit))
        return (Write(self.cell(self.output, unit), sources, self.formula),)

    def writes_of_all(self) -> tuple[Write, ...]:
        """Return the assignment of every cell."""
        sources = tuple(
            Region.whole(source, self.trace.arrays[source].shape) for source in self.operands
        )
        return (Write(Region.whole(self.output, self.shape), sources, self.formula),)

    def finest_writing(self, name: str, *positions: Array) -> NDArray[np.int64]:
        """Return the unit of each cell: it has one step."""
        del name
        return self.unit_of(*positions)

    def result(self, unit: int, at: int) -> Region:
        """Return the cell that is written."""
        del at
        return self.cell(self.output, unit)

    def sources(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the same cell of each operand."""
        del name
        return tuple(Region.cell(source, *index) for source in self.operands)

    def dependants(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the same cell of the output."""
        return () if name == self.output else (Region.cell(self.output, *index),)

    def step_of(self, name: str, index: tuple[int, ...], unit: int) -> tuple[int, int] | None:
        """Return the unit of the same cell."""
        del name, unit
        return int(np.ravel_multi_index(index, self.shape)), 0

    def step_title(self, unit: int, at: int) -> Message:
        """Return how a step is called."""
        del at
        return Message("{part}, {unit}", {"part": self.title, "unit": self.unit_name(unit)})

    def explain(self, unit: int, at: int, *, whole: bool) -> Explanation:
        """Return the arithmetic of a cell."""
        del at
        sources = self.sources(self.output, self.index_of(unit))
        values = [float(self.read(source).item()) for source in sources]
        result = float(self.read(self.cell(self.output, unit)).item())
        headline, sentence = self._telling(values, result)
        pieces = tuple(Piece(piece.text, piece.tone) for piece in headline[:-2])
        return Explanation(
            headline=headline,
            sentence=Message(
                "{unit}: {told}", {"unit": capitalised(self.unit_name(unit)), "told": sentence}
            ),
            symbols=self.formula.symbols,
            where=(Piece(f"i = {unit}", Tone.WRITES),),
            terms=(Term(pieces, TermState.DONE if whole else TermState.CURRENT),),
            columns=1,
            caption=self.title,
            relation=headline[-2].text,
            result=Piece(number(result), Tone.WRITES),
            progress=(unit + 1, self.units),
            progress_caption=Message(
                "unit {done} of {total}", {"done": unit + 1, "total": self.units}
            ),
        )

    def view(self, unit: int, at: int, *, whole: bool) -> PartView:
        """Return the first two operands, and the output."""
        del at, whole
        *others, row, column = self.index_of(unit)
        cell, (first, second) = (row, column), self._sources[:2]
        return PartView(
            input=Shown(*first, tuple(others), first=True),
            weights=Shown(*second, tuple(others), first=True),
            terms=None,
            output=Shown(*self._target, tuple(others), first=True),
            node=self._node,
            input_cell=cell,
            weights_cell=cell,
            terms_cell=None,
            output_cell=cell,
            rule=self._rule,
        )


class OuterPart(CellwisePart):
    """Each hidden unit times each visible one: an outer product, cell by cell.

    The first operand is the visible units (rows, columns), the second the hidden ones, and the
    output has the axes of both, the hidden ones first.
    """

    def sources(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the visible unit and the hidden one."""
        del name
        visible, hidden = self.operands
        return Region.cell(visible, *index[2:]), Region.cell(hidden, *index[:2])

    def dependants(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the products that a unit has a part in."""
        if name == self.output:
            return ()
        every = tuple(range(length) for length in self.shape)
        cell = tuple(range(at, at + 1) for at in index)
        axes = (*every[:2], *cell) if name == self.operands[0] else (*cell, *every[2:])
        return (Region(self.output, axes),)

    def step_of(self, name: str, index: tuple[int, ...], unit: int) -> tuple[int, int] | None:
        """Return the product of a unit with the other one that is looked at."""
        now = self.index_of(unit)
        pair = (*now[:2], *index) if name == self.operands[0] else (*index, *now[2:])
        return int(np.ravel_multi_index(pair, self.shape)), 0

    def view(self, unit: int, at: int, *, whole: bool) -> PartView:
        """Return both layers of units, and the products with the hidden unit."""
        del at, whole
        hidden_row, hidden_column, row, column = self.index_of(unit)
        first, second = self._sources
        return PartView(
            input=Shown(*first),
            weights=Shown(*second),
            terms=None,
            output=Shown(*self._target, (hidden_row, hidden_column), first=True),
            node=self._node,
            input_cell=(row, column),
            weights_cell=(hidden_row, hidden_column),
            terms_cell=None,
            output_cell=(row, column),
            rule=self._rule,
        )
