"""One part of a staged trace: a layer, the flips of its coins, a loss; and what is shown of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulator.traces.formula import Explanation, Message, Piece
from simulator.traces.model import TraceArray, Write
from simulator.traces.region import Region

if TYPE_CHECKING:
    from simulator.traces.staged import StagedTrace

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """A plane of an array that a picture of a part shows: what the other axes are fixed at."""

    array: str
    title: Message
    fixed: tuple[int, ...] = ()  # positions along the axes that aren't shown
    first: bool = False  # whether the fixed axes come before those that are shown


@dataclass(frozen=True, slots=True)
class Span:
    """A rectangle of cells; it may lie outside of an array, on its padding."""

    row: int
    column: int
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class PartView:
    """What a picture of a part shows at one of its units.

    ``terms`` is None where a step pairs one cell of ``input`` with one of ``weights``. ``node`` is
    the sign that stands for the operation. ``cell`` is where the current term stands in the input
    and ``result`` what the picture ends in. ``window`` is the part of the input that one unit
    reads, all of it if None, and ``reach`` how far windows hang over it: above, left, below, right.
    ``weighing`` is the part of the weights that belongs to the unit, all of them if None.
    """

    input: Shown
    weights: Shown | None
    terms: Shown | None
    output: Shown
    node: str
    input_cell: tuple[int, int] | None
    weights_cell: tuple[int, int] | None
    terms_cell: tuple[int, int] | None
    output_cell: tuple[int, int]
    running: str = ""  # the array, with the axes of the terms', of what they come to so far
    rule: Message = field(default_factory=lambda: Message(""))
    window: Span | None = None
    reach: tuple[int, int, int, int] = (0, 0, 0, 0)
    weighing: Span | None = None


@dataclass(frozen=True, slots=True)
class UnitWords:
    """How the units of a layer are called where they are a row: by number, and by class if any."""

    classes: tuple[str, ...] = ()

    def of(self, unit: int) -> Message:
        """Return what a unit is called."""
        if unit < len(self.classes):
            return Message("unit {number} (“{word}”)", {"number": unit, "word": self.classes[unit]})
        return Message("unit {number}", {"number": unit})


class Part(ABC):
    """One operation of a trace.

    ``shape`` (rows, columns) is how its units are laid out, and ``arrays`` what it writes;
    ``output`` names the array that the last step of each unit writes, with one cell a unit at the
    end of its axes. ``operands`` names the arrays it reads that it doesn't write. ``words`` call
    its units otherwise than by their row and column.
    """

    words: UnitWords | None = None

    def __init__(
        self,
        name: str,
        title: Message,
        *,
        shape: tuple[int, ...],
        steps_per_unit: int,
        arrays: Sequence[TraceArray],
        output: str,
        operands: Sequence[str],
    ) -> None:
        """Take what every part has."""
        self.name = name
        self.title = title
        self.shape = shape
        self.units = int(np.prod(shape))
        self.steps_per_unit = steps_per_unit
        self.arrays = tuple(arrays)
        self.output = output
        self.operands = tuple(operands)
        self.trace: StagedTrace  # set by the trace it belongs to

    def index_of(self, unit: int) -> tuple[int, ...]:
        """Return the index of a unit along the axes of ``shape``."""
        return tuple(int(at) for at in np.unravel_index(unit, self.shape))

    def unit_of(self, *positions: Array) -> NDArray[np.int64]:
        """Return the unit at positions along the axes of ``shape``."""
        unit = np.zeros((1,) * len(self.shape), dtype=np.int64)
        for at, length in zip(positions, self.shape, strict=True):
            unit = unit * length + at
        return unit

    @property
    def middle(self) -> int:
        """The unit in the middle of the rows, columns and maps."""
        return int(self.unit_of(*(np.asarray(length // 2) for length in self.shape)).item())

    @property
    def maps(self) -> int:
        """How many maps of rows and columns its units make."""
        return self.shape[2] if len(self.shape) == 3 else 1

    def map_of(self, unit: int) -> int:
        """Return which map a unit belongs to."""
        return self.index_of(unit)[2] if self.maps > 1 else 0

    def on_map(self, unit: int, map_index: int) -> int:
        """Return the unit at the same row and column of another map, or of the last there is."""
        if self.maps == 1:
            return unit
        row, column, _ = self.index_of(unit)
        index = (row, column, min(max(map_index, 0), self.maps - 1))
        return int(self.unit_of(*map(np.asarray, index)).item())

    def cell(self, name: str, unit: int, *after: int) -> Region:
        """Return the cell of an array whose first axes are the units'."""
        return Region.cell(name, *self.index_of(unit), *after)

    def read(self, region: Region) -> Array:
        """Return the values of a region of the trace."""
        return self.trace.read(region)

    @abstractmethod
    def writes(self, unit: int, at: int) -> tuple[Write, ...]:
        """Return what one of a unit's steps assigns."""

    @abstractmethod
    def writes_of_unit(self, unit: int) -> tuple[Write, ...]:
        """Return what all steps of a unit assign."""

    @abstractmethod
    def writes_of_all(self) -> tuple[Write, ...]:
        """Return what the whole part assigns."""

    @abstractmethod
    def finest_writing(self, name: str, *positions: Array) -> NDArray[np.int64]:
        """Return the finest step of this part that writes each cell of one of its arrays."""

    @abstractmethod
    def result(self, unit: int, at: int) -> Region:
        """Return the cell whose value a step is told to come to."""

    @abstractmethod
    def sources(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the operands' cells that a cell of this part's arrays was computed from."""

    @abstractmethod
    def dependants(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the cells of ``output`` in which a cell has a part, here."""

    @abstractmethod
    def explain(self, unit: int, at: int, *, whole: bool) -> Explanation:
        """Return the arithmetic of a step, or of the whole of its unit."""

    @abstractmethod
    def view(self, unit: int, at: int, *, whole: bool) -> PartView:
        """Return what a picture shows at a step, or at the whole of its unit."""

    @abstractmethod
    def step_title(self, unit: int, at: int) -> Message:
        """Return how a step is called."""

    @abstractmethod
    def step_of(self, name: str, index: tuple[int, ...], unit: int) -> tuple[int, int] | None:
        """Return the unit and its step in which an operand's cell has a part, at a unit if it can.

        None where the cell has no part here.
        """

    def told_terms(self, unit: int, numbers: range) -> list[tuple[Piece, ...]]:
        """Return some of the terms that a unit adds up, with their numbers put in."""
        del unit, numbers
        return []

    def unit_name(self, unit: int) -> Message:
        """Return how a unit is called."""
        if self.words is not None:
            return self.words.of(unit)
        index = self.index_of(unit)
        if len(index) == 2 and index[0] == 0 and self.shape[0] == 1:
            return Message("unit {number}", {"number": index[1]})
        return Message("unit ({index})", {"index": ", ".join(map(str, index[-2:]))})


class MapsPart(Part):
    """A part whose units go cell by cell and map by map, while the maps' axis comes last.

    ``shape`` is (rows, columns), or (rows, columns, maps) where there are several maps.
    """

    def index_of(self, unit: int) -> tuple[int, ...]:
        """Return the row and column of a unit's cell, and its map where there are several."""
        number, cell = divmod(unit, self.shape[0] * self.shape[1])
        row, column = divmod(cell, self.shape[1])
        return (row, column, number) if len(self.shape) == 3 else (row, column)

    def unit_of(self, *positions: Array) -> NDArray[np.int64]:
        """Return the units at rows and columns, and maps where there are several."""
        rows, columns, *maps = positions
        cells = rows * self.shape[1] + columns
        found: NDArray[np.int64] = (
            maps[0] * (self.shape[0] * self.shape[1]) + cells if maps else cells
        )
        return found


def capitalised(name: Message) -> Message:
    """Return a name as a sentence begins with it."""
    return Message(name.template[:1].upper() + name.template[1:], name.values)
