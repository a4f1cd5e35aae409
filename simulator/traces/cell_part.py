"""What makes each cell of one other cell: moving numbers, an activation, a normalization."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.activations import Activation
from simulator.traces.cell_telling import CellTelling
from simulator.traces.formula import Explanation, Formula, Message, Piece, Term, TermState, Tone
from simulator.traces.model import Computed, Role, TraceArray, Write
from simulator.traces.numbers import number
from simulator.traces.part import MapsPart, PartView, Shown, Span
from simulator.traces.region import Axis, Region, one

Array = NDArray[Any]

TAKEN = r"\writes{x} = \reads{x_{r,c}}"


class CellPart(MapsPart):
    """Each cell of the output, map after map, takes one cell of the input: one step.

    Arrays are (R, C) or (R, C, channels); the input may be the terms of a sum, (1, 1, R, C).
    ``taken`` holds what each cell takes, and ``output`` what becomes of it.
    """

    def __init__(
        self,
        name: str,
        title: Message,
        *,
        source: tuple[str, Message],
        source_shape: tuple[int, ...],
        origins: NDArray[np.int64],
        taken: str,
        output: tuple[str, Message],
        values: Array,
        formula: Formula,
        telling: CellTelling,
        statistics: tuple[str, Message] | None = None,
    ) -> None:
        """Take names and titles, and the engine's ``values`` of the output.

        ``origins`` are, in the output's shape, which number of the input each cell takes, counted
        row by row; −1 is none, and there the output is 0. ``statistics`` has a column for each
        channel, or for each cell of a plane, that ``formula`` is given besides.
        """
        self.origins = origins.reshape(values.shape)
        self.telling = telling
        self._source = source
        self._source_shape = source_shape
        self._target = output
        self._taken = taken
        self._formula = formula
        self._statistics = statistics
        axes = ("row", "column", "channel")[: values.ndim]
        super().__init__(
            name,
            title,
            shape=values.shape,
            steps_per_unit=1,
            arrays=(
                TraceArray(
                    taken,
                    (*axes, "input row", "input column"),
                    Role.WRITES,
                    Computed((*values.shape, 1, 1), self._read_taken),
                ),
                TraceArray(output[0], axes, Role.WRITES, values),
            ),
            output=output[0],
            operands=[source[0]] + ([] if statistics is None else [statistics[0]]),
        )

    def _read_taken(self, *positions: Array) -> Array:
        *cells, _, _ = positions
        every = tuple(range(length) for length in self._source_shape)
        source = self.read(Region(self._source[0], every)).reshape(-1)
        return _gathered(source, self.origins[tuple(cells)])

    def unit_name(self, unit: int) -> Message:
        """Return how a unit is called."""
        if self.words is not None:
            return self.words.of(unit)
        return cell_name(self.index_of(unit))

    def origin_of(self, unit: int) -> tuple[int, ...] | None:
        """Return the index of the cell that a unit takes; None where it takes none."""
        flat = int(self.origins[self.index_of(unit)])
        if flat < 0:
            return None
        return tuple(int(at) for at in np.unravel_index(flat, self._source_shape))

    # Steps

    def writes(self, unit: int, at: int) -> tuple[Write, ...]:
        """Return the one step of a unit."""
        del at
        return self.writes_of_unit(unit)

    def writes_of_unit(self, unit: int) -> tuple[Write, ...]:
        """Return what a unit takes, and what becomes of it."""
        index, origin = self.index_of(unit), self.origin_of(unit)
        taken = self.cell(self._taken, unit, 0, 0)
        sources = () if origin is None else (Region.cell(self._source[0], *origin),)
        gather = _Gathered(TAKEN, np.zeros((1,) * len(self.shape), np.int64))
        cells = tuple(one(at) for at in index)
        return (Write(taken, sources, gather), self._made(cells, taken))

    def writes_of_all(self) -> tuple[Write, ...]:
        """Return what the whole part assigns."""
        every = tuple(range(length) for length in self.shape)
        taken = Region(self._taken, (*every, one(0), one(0)))
        source = Region.whole(self._source[0], self._source_shape)
        gather = _Gathered(TAKEN, self.origins)
        return (Write(taken, (source,), gather), self._made(every, taken))

    def _made(self, cells: tuple[Axis, ...], taken: Region) -> Write:
        sources = [taken]
        if self._statistics is not None:
            sources.append(self._statistics_of(cells))
        return Write(
            Region(self.output, cells),
            tuple(sources),
            _OfTaken(self._formula.symbols, self._formula),
        )

    def _statistics_of(self, cells: tuple[Axis, ...]) -> Region:
        """Return the columns that belong to some cells: to their maps, or to them."""
        assert self._statistics is not None
        rows = range(self.trace.arrays[self._statistics[0]].shape[0])
        columns = self.trace.arrays[self._statistics[0]].shape[1]
        if len(self.shape) == 3:
            return Region(self._statistics[0], (rows, cells[2]))
        if columns == 1:
            return Region(self._statistics[0], (rows, one(0)))
        if all(len(cell) == 1 for cell in cells):
            column = cells[0][0] * self.shape[1] + cells[1][0]
            return Region(self._statistics[0], (rows, one(column)))
        return Region(self._statistics[0], (rows, range(columns)))

    def finest_writing(self, name: str, *positions: Array) -> NDArray[np.int64]:
        """Return the unit of each cell: it has one step."""
        if name != self._taken:
            return self.unit_of(*positions)
        *cells, down, across = positions
        found: NDArray[np.int64] = self.unit_of(*cells) + 0 * (down + across)
        return found

    def result(self, unit: int, at: int) -> Region:
        """Return the cell that is written."""
        del at
        return self.cell(self.output, unit)

    # Provenance

    def sources(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the cell that was taken, and what was done with it."""
        cells = index[: len(self.shape)]
        unit = int(self.unit_of(*(np.asarray(at) for at in cells)).item())
        origin = self.origin_of(unit)
        found = [] if origin is None else [Region.cell(self._source[0], *origin)]
        if self._statistics is not None and name == self.output:
            found.append(self._statistics_of(tuple(one(at) for at in cells)))
        return tuple(found)

    def dependants(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the cells that take one, or that a column of statistics belongs to."""
        if name == self.output:
            return ()
        if name == self._taken:
            return (Region.cell(self.output, *index[: len(self.shape)]),)
        rows, columns = range(self.shape[0]), range(self.shape[1])
        if name == self._source[0]:
            flat = int(np.ravel_multi_index(index, self._source_shape))
            return tuple(
                Region.cell(self.output, *map(int, cell))
                for cell in np.argwhere(self.origins == flat)
            )
        if len(self.shape) == 3:
            return (Region(self.output, (rows, columns, one(index[1]))),)
        if self.trace.arrays[name].shape[1] == 1:
            return (Region(self.output, (rows, columns)),)
        return (Region.cell(self.output, *divmod(index[1], self.shape[1])),)

    def step_of(self, name: str, index: tuple[int, ...], unit: int) -> tuple[int, int] | None:
        """Return the first unit that takes a cell; of statistics, one of its channel."""
        if name == self._source[0]:
            if self.origin_of(unit) == index:
                return unit, 0
            flat = int(np.ravel_multi_index(index, self._source_shape))
            cells = np.argwhere(self.origins == flat)
            return (int(self.unit_of(*cells[0]).item()), 0) if len(cells) else None
        (region,) = self.dependants(name, index)
        return int(self.unit_of(*(np.asarray(at) for at in region.first())).item()), 0

    # Telling

    def step_title(self, unit: int, at: int) -> Message:
        """Return how a step is called."""
        del at
        return Message("{part}, {unit}", {"part": self.title, "unit": self.unit_name(unit)})

    def told_statistics(self, unit: int) -> list[float]:
        """Return the statistics that a unit is given."""
        cells = tuple(one(at) for at in self.index_of(unit))
        return [float(value) for value in self.read(self._statistics_of(cells)).ravel()]

    def explain(self, unit: int, at: int, *, whole: bool) -> Explanation:
        """Return the arithmetic of a cell."""
        del at
        origin = self.origin_of(unit)
        taken = float(self.read(self.cell(self._taken, unit, 0, 0)).item())
        result = float(self.read(self.cell(self.output, unit)).item())
        given = None if self._statistics is None else self.told_statistics(unit)
        headline, sentence = self.telling.told(
            self.index_of(unit), origin, taken=taken, result=result, statistics=given
        )
        pieces = tuple(Piece(piece.text, piece.tone, piece.glued) for piece in headline[:-2])
        index = self.index_of(unit)
        letters = [*zip(("r", "c", "f"), index, strict=False)]
        if self.words is not None:
            letters = [("j", unit)]
        return Explanation(
            headline=headline,
            sentence=sentence,
            symbols=self._formula.symbols,
            where=tuple(Piece(f"{letter} = {at}", Tone.WRITES) for letter, at in letters),
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
        """Return the input, the number that is taken, and the output."""
        del at, whole
        index, origin = self.index_of(unit), self.origin_of(unit)
        of_sum = len(self._source_shape) == 4
        channel: tuple[int, ...] = (0, 0) if of_sum else ()
        if len(self._source_shape) == 3:
            channel = (0 if origin is None else origin[2],)
        cell = origin if origin is None or not of_sum else origin[2:]
        statistics, weighing = None, None
        if self._statistics is not None:
            statistics = Shown(*self._statistics)
            region = self._statistics_of(tuple(one(each) for each in index))
            weighing = Span(0, region.axes[1][0], len(region.axes[0]), 1)
        return PartView(
            input=Shown(*self._source, channel, first=of_sum),
            weights=statistics,
            terms=Shown(self._taken, Message("Value"), index, first=True),
            output=Shown(*self._target, index[2:]),
            node=self.telling.node,
            input_cell=None if cell is None else (cell[0], cell[1]),
            weights_cell=None,
            terms_cell=(0, 0),
            output_cell=(index[0], index[1]),
            rule=self.telling.rule,
            weighing=weighing,
        )


def cell_name(index: tuple[int, ...]) -> Message:
    """Return how a cell of a plane, or of one of several maps, is called."""
    row, column, *maps = index
    if not maps:
        return Message("cell ({row}, {column})", {"row": row, "column": column})
    return Message(
        "cell ({row}, {column}) of map {map}", {"row": row, "column": column, "map": maps[0] + 1}
    )


def _gathered(source: Array, origins: NDArray[np.int64]) -> Array:
    """Return the numbers at origins, 0 where there is none, with two axes of length 1 more."""
    found = np.where(origins < 0, 0, source[np.maximum(origins, 0)]).astype(source.dtype)
    return found if found.ndim > 3 else found[..., None, None]


@dataclass(frozen=True, slots=True)
class _Gathered(Formula):
    """What cells take of a source: one number each, or 0 where there is nothing to take."""

    origins: NDArray[np.int64]

    def value(self, *operands: Array) -> Array:
        """Return the numbers with the axes of the output and two of length 1."""
        if not operands:
            return np.zeros((*self.origins.shape, 1, 1))
        return _gathered(operands[0].reshape(-1), self.origins)


@dataclass(frozen=True, slots=True)
class _OfTaken(Formula):
    """What becomes of each number that is taken."""

    formula: Formula

    def value(self, *operands: Array) -> Array:
        """Return it without the last two axes of what is taken."""
        taken, *more = operands
        return self.formula.value(taken[..., 0, 0], *more)


@dataclass(frozen=True, slots=True)
class Same(Formula):
    """The number itself."""

    def value(self, *operands: Array) -> Array:
        """Return it."""
        return operands[0]


@dataclass(frozen=True, slots=True)
class Bent(Formula):
    """The activation of each number."""

    activation: Activation

    def value(self, *operands: Array) -> Array:
        """Return f(x)."""
        return self.activation.value(operands[0])


@dataclass(frozen=True, slots=True)
class Normalized(Formula):
    """γ (x − μ) / √(σ² + ε) + β, as of a batch normalization outside of training."""

    epsilon: float
    scaled: bool
    centred: bool

    def value(self, *operands: Array) -> Array:
        """Return it for numbers (R, C[, channels]) and statistics (rows, channels or cells)."""
        x, statistics = operands
        mean, variance, *rest = (
            row if x.ndim == 3 or row.size == 1 else row.reshape(x.shape) for row in statistics
        )
        made: Array = (x - mean) / np.sqrt(variance + variance.dtype.type(self.epsilon))
        if self.scaled:
            made = made * rest[0]
        return made + rest[-1] if self.centred else made
