"""Cells that are each made of one cell of every operand, in one step, as a part of a trace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.traces.cell_part import cell_name
from simulator.traces.formula import Explanation, Formula, Message, Piece, Term, TermState, Tone
from simulator.traces.model import Role, TraceArray, Write
from simulator.traces.numbers import number
from simulator.traces.operands import Operand
from simulator.traces.part import MapsPart, PartView, Shown, capitalised
from simulator.traces.region import Region

Array = NDArray[Any]

Telling = Callable[[Sequence[float], float], tuple[tuple[Piece, ...], Message]]
"""Makes headline and sentence of the values of the operands and of the result."""


class PointPart(MapsPart):
    """Each cell of the output (R, C) or (R, C, maps), map after map, from one of each operand.

    The first two operands are on view.
    """

    def __init__(
        self,
        name: str,
        title: Message,
        *,
        reading: Sequence[Operand],
        output: tuple[str, Message],
        values: Array,
        formula: Formula,
        telling: Telling,
        node: str,
        rule: Message | None = None,
    ) -> None:
        """Take the operands, and the engine's ``values`` of the output."""
        self.reading = tuple(reading)
        self._target = output
        self._formula = formula
        self._telling = telling
        self._node = node
        self._rule = rule or Message("")
        super().__init__(
            name,
            title,
            shape=values.shape,
            steps_per_unit=1,
            arrays=(
                TraceArray(
                    output[0], ("row", "column", "channel")[: values.ndim], Role.WRITES, values
                ),
            ),
            output=output[0],
            operands=[operand.name for operand in reading],
        )

    def unit_name(self, unit: int) -> Message:
        """Return how a unit is called."""
        return cell_name(self.index_of(unit))

    def read_of(self, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the cells that the unit of this index reads."""
        return tuple(operand.region(index) for operand in self.reading)

    # Steps

    def writes(self, unit: int, at: int) -> tuple[Write, ...]:
        """Return the one assignment of a unit."""
        del at
        return self.writes_of_unit(unit)

    def writes_of_unit(self, unit: int) -> tuple[Write, ...]:
        """Return the one assignment of a unit."""
        index = self.index_of(unit)
        formula = self.formula_of(index)
        return (Write(self.cell(self.output, unit), self.read_of(index), formula),)

    def formula_of(self, index: tuple[int, ...]) -> Formula:
        """Return the formula of one unit, whose value has the axes of the output."""
        del index
        return _OfCells(self._formula.symbols, self._formula, len(self.shape))

    def writes_of_all(self) -> tuple[Write, ...]:
        """Return the assignment of every cell."""
        sources = tuple(Region.whole(each.name, each.shape) for each in self.reading)
        return (Write(Region.whole(self.output, self.shape), sources, self.formula_of_all()),)

    def formula_of_all(self) -> Formula:
        """Return the formula of all units, from whole operands."""
        return _OfAll(self._formula.symbols, self._formula, self)

    def finest_writing(self, name: str, *positions: Array) -> NDArray[np.int64]:
        """Return the unit of each cell: it has one step."""
        del name
        return self.unit_of(*positions)

    def result(self, unit: int, at: int) -> Region:
        """Return the cell that is written."""
        del at
        return self.cell(self.output, unit)

    # Provenance

    def sources(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the cells that one was made of."""
        del name
        return self.read_of(index)

    def readers(self, name: str, index: tuple[int, ...]) -> list[Region]:
        """Return the cells of the output that read one of an operand."""
        found = (each.readers(index, self.shape) for each in self.reading if each.name == name)
        return [Region(self.output, cells) for cells in found if cells is not None]

    def dependants(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the cells that one has a part in."""
        return () if name == self.output else tuple(dict.fromkeys(self.readers(name, index)))

    def step_of(self, name: str, index: tuple[int, ...], unit: int) -> tuple[int, int] | None:
        """Return the unit that reads a cell: the one on view, if it does."""
        found = self.readers(name, index)
        if not found:
            return None
        now = self.index_of(unit)
        cells = found[0].axes
        chosen = [at if at in cell else cell[0] for at, cell in zip(now, cells, strict=True)]
        return int(self.unit_of(*map(np.asarray, chosen)).item()), 0

    # Telling

    def step_title(self, unit: int, at: int) -> Message:
        """Return how a step is called."""
        del at
        return Message("{part}, {unit}", {"part": self.title, "unit": self.unit_name(unit)})

    def told(self, unit: int) -> tuple[tuple[Piece, ...], Message]:
        """Return headline and sentence of a unit."""
        values = [float(self.read(region).item()) for region in self.read_of(self.index_of(unit))]
        return self._telling(values, float(self.read(self.result(unit, 0)).item()))

    def explain(self, unit: int, at: int, *, whole: bool) -> Explanation:
        """Return the arithmetic of a cell."""
        del at
        headline, sentence = self.told(unit)
        result = float(self.read(self.result(unit, 0)).item())
        pieces = tuple(Piece(piece.text, piece.tone, piece.glued) for piece in headline[:-2])
        letters = zip(("r", "c", "f"), self.index_of(unit), strict=False)
        return Explanation(
            headline=headline,
            sentence=Message(
                "{unit}: {told}", {"unit": capitalised(self.unit_name(unit)), "told": sentence}
            ),
            symbols=self._formula.symbols,
            where=tuple(Piece(f"{letter} = {each}", Tone.WRITES) for letter, each in letters),
            terms=(Term(pieces, TermState.DONE if whole else TermState.CURRENT),),
            columns=1,
            caption=self.title,
            relation=headline[-2].text,
            result=Piece(number(result), Tone.WRITES),
            progress=(unit + 1, self.units),
            progress_caption=Message(
                "cell {done} of {total}", {"done": unit + 1, "total": self.units}
            ),
        )

    def view(self, unit: int, at: int, *, whole: bool) -> PartView:
        """Return the first two operands, and the output."""
        del at, whole
        index = self.index_of(unit)
        first, second = self.reading[:2]
        here, there = first.cell(index, 0), second.cell(index, 0)
        return self.paired(index, (first, here), (second, there))

    def paired(
        self,
        index: tuple[int, ...],
        first: tuple[Operand, tuple[int, ...]],
        second: tuple[Operand, tuple[int, ...]],
        *,
        reads: tuple[bool, bool] = (True, True),
    ) -> PartView:
        """Return the picture of a unit that reads a cell of each of two operands, or of one."""
        (x, here), (other, there) = first, second
        return PartView(
            input=Shown(x.name, x.title, here[2:]),
            weights=Shown(other.name, other.title, there[2:]),
            terms=None,
            output=Shown(*self._target, index[2:]),
            node=self._node,
            input_cell=(here[0], here[1]) if reads[0] else None,
            weights_cell=(there[0], there[1]) if reads[1] else None,
            terms_cell=None,
            output_cell=(index[0], index[1]),
            rule=self._rule,
        )


@dataclass(frozen=True, slots=True)
class _OfCells(Formula):
    """A formula of single cells whose arrays have other axes."""

    formula: Formula
    axes: int

    def value(self, *operands: Array) -> Array:
        """Return the value as an array of these axes, each of length 1."""
        return self.formula.value(*(each.reshape((1,) * self.axes) for each in operands))


@dataclass(frozen=True, slots=True)
class _OfAll(Formula):
    """A formula of all cells at once."""

    formula: Formula
    part: PointPart

    def value(self, *operands: Array) -> Array:
        """Return the values in the output's shape."""
        gathered = (
            operand.gathered(read, self.part.shape)[..., 0]
            for operand, read in zip(self.part.reading, operands, strict=True)
        )
        return self.formula.value(*gathered)
