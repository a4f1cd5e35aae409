"""What a stage paints of a recurrent cell at one moment, in cells and words."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.lessons.frame import Choice, Grid
from simulator.traces.formula import Explanation, Message, TermState, Tone
from simulator.traces.numbers import faint, vanishes


@dataclass(frozen=True, slots=True)
class Strand:
    """A run of cells of one array, and which of them exist by now.

    The grid's view is the run: a row, or a column.
    """

    grid: Grid
    written: tuple[bool, ...]

    @property
    def look(self) -> tuple[object, ...]:
        """Return what the run looks the same by, besides the theme."""
        grid = self.grid
        edited = grid.edited and grid.edited & frozenset(map(self.cell, range(len(self.written))))
        return (grid.plane.identity, grid.view, self.written, edited)

    @property
    def across(self) -> bool:
        """Return whether the cells lie side by side."""
        return self.grid.view.height == 1

    def cell(self, number: int) -> tuple[int, int]:
        """Return the row and column in the grid of one cell of the run."""
        top, left = int(self.grid.view.top), int(self.grid.view.left)
        return (top, left + number) if self.across else (top + number, left)

    def value(self, number: int) -> float:
        """Return the value of one cell of the run."""
        return float(self.grid.plane.values[self.cell(number)])

    def text(self, number: int) -> str:
        """Return what stands in one cell of the run: of what its decimals would make a zero, the
        power of ten.
        """
        words, value = self.grid.text(*self.cell(number)), self.value(number)
        return faint(value) if value and vanishes(words) else words

    @property
    def limit(self) -> float:
        """Return the largest size that the array's colours tell apart."""
        return self.grid.plane.scale.limit


@dataclass(frozen=True, slots=True)
class ChainStep:
    """One time step of the chain: its states, one above the other, and what it reads.

    ``label`` is what it reads in a word or number; ``marked`` tells that it stands out.
    """

    time: int
    state: TermState
    states: tuple[Strand, ...]
    reads: Strand
    label: str
    marked: bool
    answer: Strand | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """The time steps on view, of ``total``; ``letters`` name the states."""

    steps: tuple[ChainStep, ...]
    total: int
    letters: tuple[str, ...]

    @property
    def current(self) -> int:
        """Return the number among the steps on view of the one that is gone through."""
        return next(at for at, step in enumerate(self.steps) if step.state is TermState.CURRENT)


@dataclass(frozen=True, slots=True)
class InputPart:
    """Values that go into the sums of a cell, with the weights of the sum on view.

    ``names`` are those of the values. The weights are there while a sum is on view, and
    ``products`` too, None where one is yet to come; of a bias the values are ones.
    """

    values: Strand | None
    weights: Strand | None
    names: tuple[str, ...]
    products: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate or candidate: one value for each unit on view.

    ``sign`` is its activation's; ``signed`` tells that its values go from −1 to 1 and not from 0.
    ``current`` is the unit that is being written, counted among those on view.
    """

    name: str
    letter: str
    title: Message
    sign: str
    tone: Tone
    signed: bool
    values: Strand
    state: TermState
    current: int | None
    held: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class TimeRow:
    """One unit of one array over the time steps on view."""

    letter: str
    tone: Tone
    values: Strand
    signed: bool
    limit: float


@dataclass(frozen=True, slots=True)
class BesideRows:
    """The same unit of another cell that reads the same sequence, over the time steps on view."""

    title: Message
    note: Message
    rows: tuple[TimeRow, ...]


@dataclass(frozen=True, slots=True)
class ActivationCurve:
    """The curve of an activation, and the point on it where a sum stands, once it is there."""

    sign: str
    points: tuple[tuple[float, float], ...]
    at: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Opened:
    """The inside of the cell: its inputs, gates, and states before and after.

    ``kind`` is "rnn", "lstm", "gru" or "gru before" (its reset gate before the product). ``active``
    is the name of the equation that is worked on, ``amounts`` what its two products come to, once
    they are there. ``unit`` is the one that is looked at, ``current`` the one that is written.
    """

    kind: str
    active: str
    inputs: tuple[InputPart, ...]
    gates: tuple[Gate, ...]
    before: Strand
    after: Strand
    hidden_before: Strand
    hidden: Strand
    amounts: tuple[str, str]
    units: range
    unit: int
    current: int | None
    activation: ActivationCurve | None = None
    answers: bool = False


@dataclass(frozen=True, slots=True)
class CellFrame:
    """One moment of a lesson about a recurrent cell that has ``units``."""

    explanation: Explanation
    chain: Chain
    opened: Opened
    rows_title: Message
    rows_note: Message
    rows: tuple[TimeRow, ...]
    map: Strand | None
    answer: Strand | None
    target: str
    units: int
    beside: BesideRows | None = None
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class CellExtents:
    """What the layout of a cell depends on; ``beside`` counts the rows of another cell."""

    kind: str
    units: int
    values: int
    steps: int
    states: int
    has_map: bool
    beside: int = 0
