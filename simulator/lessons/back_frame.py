"""What a stage paints of the way back through time at one moment, in cells and words."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.lessons.cell_frame import Gate, Strand
from simulator.lessons.frame import Choice
from simulator.traces.formula import Explanation, Message, TermState


@dataclass(frozen=True, slots=True)
class BackStep:
    """One time step: its state, the gradient there, and how long that is.

    ``share`` is where its length stands between the shortest and the longest, on a logarithmic
    scale; ``factor`` what the step multiplied the length by, ``product`` all steps up to it.
    """

    time: int
    state: TermState
    forward: Strand
    gradient: Strand
    norm: str
    share: float | None
    factor: str
    product: str
    cut: bool


@dataclass(frozen=True, slots=True)
class Lane:
    """The length of the gradient in one kind of cell, at the time steps on view.

    ``shares`` are as those of ``BackStep``; ``place`` says which of the stage's line colours it
    has, ``length`` how long the gradient is at the step that is gone through.
    """

    name: str
    place: int
    shares: tuple[float | None, ...]
    length: str


@dataclass(frozen=True, slots=True)
class WeightTable:
    """Numbers of the recurrent weights' gradient under their name, a run for each state."""

    words: str
    rows: tuple[Strand, ...]


@dataclass(frozen=True, slots=True)
class BackWeights:
    """The gradient of the recurrent weights, and what clipping makes of it.

    ``states`` are those that the weights on view weigh, one in each row, ``units`` those that they
    lead into, one in each column; ``figures`` are the lengths.
    """

    title: Message
    note: Message
    tables: tuple[WeightTable, ...]
    states: range
    units: range
    figures: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class BackGiven:
    """Cells that the step was made from and that can be typed over, with their name.

    ``ink`` is the token of the colour that the name is written in.
    """

    title: Message
    ink: str
    values: Strand


@dataclass(frozen=True, slots=True)
class BackFrame:
    """One moment of the lesson about the way back.

    ``cards`` are the gradients and local derivatives within the step, from the one that arrives, on
    the right, to the one that is handed back. ``given`` are two lines of what the step was made
    from: the row of recurrent weights that the gradient goes back through and the first states;
    input, kernel and biases. ``closing`` stands in their place once the first time step is done.
    ``lanes`` are the cells that are compared, the lesson's own among them. ``of_units`` is how many
    units there are, ``units`` those on view.
    """

    explanation: Explanation
    steps: tuple[BackStep, ...]
    total: int
    cards: tuple[Gate, ...]
    units: range
    unit: int
    of_units: int
    given: tuple[tuple[BackGiven, ...], ...]
    arriving: Strand
    rows_title: Message
    rows_note: Message
    ends: tuple[str, str]
    lanes: tuple[Lane, ...]
    closing: BackWeights | None
    choices: tuple[Choice, ...] = ()

    @property
    def current(self) -> int:
        """Return the number among the steps on view of the one that is gone through."""
        states = [step.state for step in self.steps]
        return states.index(TermState.CURRENT)


@dataclass(frozen=True, slots=True)
class BackExtents:
    """What the layout of the way back depends on."""

    cards: int
    units: int
    steps: int
