"""Cells that take over one cell of several arrays: arrays side by side, rows looked up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.traces.folds import Itself
from simulator.traces.formula import Formula, Message, Piece, Tone
from simulator.traces.numbers import number
from simulator.traces.operands import Along, Operand
from simulator.traces.part import PartView
from simulator.traces.point_part import PointPart
from simulator.traces.region import Region, one

Array = NDArray[Any]

TAKEN = r"\writes{y} = \reads{x}"
LOOKED_UP = r"\writes{y_{t,u}} = \weights{E}_{\reads{x_t},\,u}"


def _moved(values: Sequence[float], result: float) -> tuple[tuple[Piece, ...], Message]:
    headline = (
        Piece(number(values[-1]), Tone.READS),
        Piece("→"),
        Piece(number(result), Tone.WRITES),
    )
    return headline, Message("The number goes on as it is.")


class JoinPart(PointPart):
    """Arrays side by side along an axis: each cell takes over one cell of one of them."""

    def __init__(
        self,
        name: str,
        title: Message,
        *,
        sources: Sequence[tuple[str, Message, tuple[int, ...]]],
        axis: int,
        output: tuple[str, Message],
        values: Array,
    ) -> None:
        """Take the arrays' names, titles and shapes, and the axis along which they lie."""
        self._axis = axis
        self._starts = [0]
        operands = []
        for source, source_title, shape in sources:
            along = [Along(each) for each in range(len(shape))]
            along[axis] = Along(axis, offset=-self._starts[-1])
            operands.append(Operand(source, source_title, shape, along))
            self._starts.append(self._starts[-1] + shape[axis])
        super().__init__(
            name,
            title,
            reading=operands,
            output=output,
            values=values,
            formula=Itself(TAKEN),
            telling=_moved,
            node="⧺",
            rule=Message("Side by side: the numbers go on as they are."),
        )

    def _source_of(self, index: Sequence[int]) -> int:
        return int(np.searchsorted(self._starts, index[self._axis], side="right")) - 1

    def read_of(self, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the cell that a unit takes over."""
        return (self.reading[self._source_of(index)].region(index),)

    def formula_of_all(self) -> Formula:
        """Return what lays whole arrays side by side."""
        return _Joined(TAKEN, self._axis)

    def view(self, unit: int, at: int, *, whole: bool) -> PartView:
        """Return the first array, and another: that which is read, if it isn't the first."""
        del at, whole
        index = self.index_of(unit)
        source = self._source_of(index)
        first, second = self.reading[0], self.reading[max(1, source)]
        reads = source == 0, source > 0
        clipped = (
            tuple(np.clip(each.cell(index, 0), 0, np.asarray(each.shape) - 1).tolist())
            for each in (first, second)
        )
        here, there = clipped
        return self.paired(index, (first, here), (second, there), reads=reads)


class LookupPart(PointPart):
    """Rows of a table (V, U): row x_t of the indices (T, 1) becomes row t of the output (T, U)."""

    def __init__(
        self,
        name: str,
        title: Message,
        *,
        indices: tuple[str, Message, Array],
        table: tuple[str, Message, tuple[int, ...]],
        output: tuple[str, Message],
        values: Array,
    ) -> None:
        """Take names and titles, the indices, the table's shape, and the engine's values."""
        self._rows = indices[2][:, 0].astype(np.int64)
        super().__init__(
            name,
            title,
            reading=(
                Operand(indices[0], indices[1], indices[2].shape, (Along(0), Along())),
                Operand(*table, (Along.whole(table[2][0]), Along(1))),
            ),
            output=output,
            values=values,
            formula=_Entry(LOOKED_UP),
            telling=_looked_up,
            node="row",
            rule=Message("The number names a row of the table: that row goes on."),
        )

    def read_of(self, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the number and the entry of the row that it names."""
        indices, table = self.reading
        row = int(self._rows[index[0]])
        return indices.region(index), Region(table.name, (one(row), one(index[1])))

    def formula_of_all(self) -> Formula:
        """Return what looks all rows up."""
        return _Rows(LOOKED_UP)

    def readers(self, name: str, index: tuple[int, ...]) -> list[Region]:
        """Return the cells that read a number, or an entry of the table."""
        if name == self.reading[0].name:
            return [Region(self.output, (one(index[0]), range(self.shape[1])))]
        steps = tuple(int(at) for at in np.flatnonzero(self._rows == index[0]))
        return [Region(self.output, (steps, one(index[1])))] if steps else []

    def view(self, unit: int, at: int, *, whole: bool) -> PartView:
        """Return the numbers, the table and the output."""
        del at, whole
        index = self.index_of(unit)
        indices, table = self.reading
        row = int(self._rows[index[0]])
        return self.paired(index, (indices, (index[0], 0)), (table, (row, index[1])))


def _looked_up(values: Sequence[float], result: float) -> tuple[tuple[Piece, ...], Message]:
    row = int(values[0])
    headline = (
        Piece(str(row), Tone.READS),
        Piece("→"),
        Piece(number(result), Tone.WRITES),
    )
    return headline, Message(
        "the number {row} names row {row} of the table, and its entry goes on.", {"row": row}
    )


@dataclass(frozen=True, slots=True)
class _Joined(Formula):
    """Arrays side by side."""

    axis: int

    def value(self, *operands: Array) -> Array:
        """Return them as one."""
        return np.concatenate(operands, axis=self.axis)


@dataclass(frozen=True, slots=True)
class _Entry(Formula):
    """An entry of the row that a number names."""

    def value(self, *operands: Array) -> Array:
        """Return the entry."""
        return operands[1]


@dataclass(frozen=True, slots=True)
class _Rows(Formula):
    """The rows that numbers name."""

    def value(self, *operands: Array) -> Array:
        """Return the rows of the table (V, U) that the indices (T, 1) name."""
        indices, table = operands
        found: Array = table[indices[:, 0].astype(np.int64)]
        return found
