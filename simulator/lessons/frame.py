"""What a stage paints at one moment, in cells and words: no pixel and no colour is decided here.

A frame is a pure function of a trace, a moment and what the learner points at; so the window, a
picture written to a file and a test see the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.lessons.toned import Toned
from simulator.lessons.unit_graph import UnitGraph
from simulator.traces.formula import Explanation, Message, Piece, TermState
from simulator.traces.model import Role
from simulator.traces.numbers import brightness, number
from simulator.traces.region import Axis, Region

Array = NDArray[Any]

MOST_SINGLE_BOXES = 256


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in cells of a grid; fractions are a glide between two cells."""

    top: float
    left: float
    height: float
    width: float

    def towards(self, other: Box, blend: float) -> Box:
        """Return the box that is ``blend`` (0 to 1) of the way to ``other``."""
        return Box(
            self.top + (other.top - self.top) * blend,
            self.left + (other.left - self.left) * blend,
            self.height + (other.height - self.height) * blend,
            self.width + (other.width - self.width) * blend,
        )

    def overlaps(self, other: Box) -> bool:
        """Return whether the two have any part of a cell in common."""
        return (
            self.top < other.top + other.height
            and other.top < self.top + self.height
            and self.left < other.left + other.width
            and other.left < self.left + self.width
        )


class MarkKind(StrEnum):
    """How a mark is drawn; sheet "parts and states" shows each."""

    WINDOW = "window"  # outline of a role around several cells
    CELL = "cell"  # the current cell, inside a window or alone
    VIEW = "view"  # the part of an overview that is enlarged
    SOURCE = "source"  # took part in the cell that is pointed at
    HOVER = "hover"
    PIN = "pin"


@dataclass(frozen=True, slots=True)
class Mark:
    """An outline over a grid."""

    kind: MarkKind
    role: Role
    box: Box


class ScaleKind(StrEnum):
    """How values become colours."""

    SIGNED = "signed"
    FROM_ZERO = "from zero"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class Scale:
    """Colours run from -limit (signed) or 0 (the others) to limit."""

    kind: ScaleKind
    limit: float


@dataclass(frozen=True, slots=True)
class Plane:
    """Two axes of an array: the values (rows, columns) or (rows, columns, 3), how they are shown.

    ``region`` is every cell that is shown. ``fixed`` is the index along the other axes, by axis; of
    colours, which are shown together, it is the one that a cell stands for.
    ``longest`` is the length of the longest number that any cell shows; ``compact`` shows those
    from 0 to 1 without the zero before the point.
    ``identity`` is equal for planes of the same values: what a painter may keep a picture by.
    """

    region: Region
    values: Array
    scale: Scale
    decimals: int
    longest: int
    row_axis: int
    column_axis: int
    fixed: Mapping[int, int]
    identity: tuple[object, ...]
    compact: bool = False

    @property
    def array(self) -> str:
        """Return the name of the array."""
        return self.region.array

    def cell_index(self, row: int, column: int) -> tuple[int, ...]:
        """Return the index in the trace's array of a row and column of this plane."""
        found = {**self.fixed, self.row_axis: row, self.column_axis: column}
        return tuple(found[axis] for axis in range(len(found)))

    def position(self, index: tuple[int, ...]) -> tuple[int, int] | None:
        """Return the row and column of a cell of the array, or None if it isn't on this plane."""
        if any(index[axis] not in self.region.axes[axis] for axis in self.fixed):
            return None
        return index[self.row_axis], index[self.column_axis]

    def boxes(self, region: Region) -> tuple[Box, ...]:
        """Return the part of a region of the array on this plane as rectangles of cells.

        Where its cells don't lie side by side, each is a rectangle of its own, unless there are
        so many that only what they span can be told apart.
        """
        if any(_apart(region.axes[axis], self.region.axes[axis]) for axis in self.fixed):
            return ()
        rows, columns = region.axes[self.row_axis], region.axes[self.column_axis]
        if not rows or not columns:
            return ()
        height, width = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
        together = height == len(rows) and width == len(columns)
        if together or len(rows) * len(columns) > MOST_SINGLE_BOXES:
            return (Box(rows[0], columns[0], height, width),)
        return tuple(Box(row, column, 1, 1) for row in rows for column in columns)


def _apart(first: Axis, second: Axis) -> bool:
    return not any(position in first for position in second)


@dataclass(frozen=True, slots=True)
class Grid:
    """A plane on the stage.

    ``view`` is the part that is shown; ``padding`` the cells (top, left, bottom, right) around the
    values that a window may reach, and ``padding_text`` what stands in them. ``written`` is None
    where every cell exists. ``pending`` are texts of cells to come (rows, columns);
    ``result_text`` stands in the cell that is being written, before its value is whole.
    ``state_key`` is what the picture of the cells depends on besides the plane and the view.
    """

    key: str
    plane: Plane
    title: Message
    note: Message
    role: Role
    view: Box
    written: NDArray[np.bool_] | None = None
    marks: tuple[Mark, ...] = ()
    padding: tuple[int, int, int, int] = (0, 0, 0, 0)
    padding_text: str = ""
    pending: tuple[tuple[str, ...], ...] | None = None
    editable: bool = False
    edited: frozenset[tuple[int, int]] = frozenset()
    result_text: str = ""
    state_key: tuple[object, ...] = ()

    @property
    def rows(self) -> int:
        """Return the number of rows of values."""
        return int(self.plane.values.shape[0])

    @property
    def columns(self) -> int:
        """Return the number of columns of values."""
        return int(self.plane.values.shape[1])

    def holds(self, row: int, column: int) -> bool:
        """Return whether (row, column) is a cell with a value of its own."""
        return 0 <= row < self.rows and 0 <= column < self.columns

    def text(self, row: int, column: int) -> str:
        """Return what stands in a cell; colours have no number of their own."""
        if not self.holds(row, column):
            return self.padding_text
        if self.plane.values.ndim > 2:
            return ""
        value = float(self.plane.values[row, column])
        return brightness(value) if self.plane.compact else number(value, self.plane.decimals)

    def is_written(self, row: int, column: int) -> bool:
        """Return whether a cell exists by now."""
        return self.written is None or bool(self.written[row, column])


@dataclass(frozen=True, slots=True)
class Bar:
    """One term of a running value: it goes from ``start`` to ``end``."""

    start: float
    end: float
    label: tuple[Piece, ...]
    state: TermState


@dataclass(frozen=True, slots=True)
class Strip:
    """The running value under the grids: one bar for each term, and where it stands now.

    ``now`` is between ``low`` and ``high``, even where ``result`` is infinite.
    """

    title: Message
    note: Message
    bars: tuple[Bar, ...]
    low: float
    high: float
    now: float
    result: Piece
    caption: Message


@dataclass(frozen=True, slots=True)
class Choice:
    """Which of several maps or channels is on view, and the pictures to pick from.

    ``sum_of`` tells that the grids add up to the map on view.
    """

    key: str
    title: Message
    names: tuple[Message, ...]
    current: int
    grids: tuple[Grid, ...]
    sum_of: bool = False


class AnyFrame(Protocol):
    """One moment of a lesson, whatever its kind of scene."""

    @property
    def explanation(self) -> Explanation:
        """The arithmetic of the step."""

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What there is to pick from."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One moment of a lesson in which a window slides.

    The overviews hold whole arrays where their grids enlarge a part of them. ``node`` is the sign
    between terms and result; ``rule`` is a sentence that stands where no weights do. ``where``
    tells line by line which picture it is and where its window stands. ``strip`` is there where a
    step is part of one output cell. ``graph`` shows the two layers of a machine that has them.
    """

    explanation: Explanation
    input: Grid
    input_overview: Grid | None
    weights: Grid | None
    terms: Grid
    output: Grid
    output_overview: Grid | None
    node: str
    rule: Message
    where: tuple[Toned, ...]
    strip: Strip | None
    choices: tuple[Choice, ...]
    graph: UnitGraph | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """How many rows and columns of cells the enlarged parts may take."""

    input: tuple[int, int]
    output: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Pointer:
    """A cell of an array that the learner points at, or has pinned."""

    array: str
    index: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Attention:
    """What the learner has picked to look at, and the cells that are pointed at."""

    map: int = 0
    channel: int = 0
    hovered: Pointer | None = None
    pinned: Pointer | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """What a hover card says of a cell; ``toned.runs`` gives its lines their colours."""

    title: Message
    value: str
    role: Role
    lines: tuple[Message, ...]
    hint: Message


@dataclass(frozen=True, slots=True)
class Extents:
    """How many rows and columns there are to lay out, padding included.

    ``window`` is the stretch of input cells that one window spans; ``terms`` is the part of a
    window that is on view.
    """

    input: tuple[int, int]
    window: tuple[int, int]
    terms: tuple[int, int]
    output: tuple[int, int]
    has_weights: bool
    has_strip: bool
    channel_maps: int
    maps: int
