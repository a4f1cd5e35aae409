"""What a stage paints of a grid of recurrent cells at one moment."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.lessons.cell_frame import InputPart, Strand
from simulator.lessons.frame import Choice
from simulator.traces.formula import Explanation, Message, TermState, Tone


@dataclass(frozen=True, slots=True)
class GridCell:
    """One cell: a layer, a direction and a time step. ``order`` counts cells as computed.

    ``values`` are its states, one above the other: the memory of an LSTM over the hidden state.
    """

    values: tuple[Strand, ...]
    state: TermState
    order: int
    reads: bool


@dataclass(frozen=True, slots=True)
class GridRow:
    """The cells of one layer and direction, over the time steps on view.

    ``way`` is 1 or −1 for the direction that states are handed on in, 0 where none are.
    """

    title: Message
    letter: str
    way: int
    layer: int
    cells: tuple[GridCell, ...]


@dataclass(frozen=True, slots=True)
class GridGate:
    """One gate or state of the cell on view: a value for each unit on view.

    ``below`` stands below the letter of a state of another time step.
    """

    letter: str
    below: str
    tone: Tone
    values: Strand


@dataclass(frozen=True, slots=True)
class DeepFrame:
    """One moment: the rows from the input up, and what goes into the cell that is computed.

    ``gates`` are those of the cell that is computed, and its states; ``leads`` says which lesson
    its place leads to. ``of_units`` is how many units there are, ``units`` those on view.
    """

    explanation: Explanation
    inputs: tuple[Strand, ...]
    labels: tuple[tuple[str, bool], ...]
    rows: tuple[GridRow, ...]
    times: range
    total: int
    parts: tuple[InputPart, ...]
    unit: int
    units: range
    of_units: int
    gates: tuple[GridGate, ...]
    leads: Message
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class DeepExtents:
    """What the layout of the grid depends on."""

    rows: int
    states: int
    gates: int
    units: int
    steps: int
