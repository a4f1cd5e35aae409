"""Traces of an autoencoder as a whole: through its training, and along a line through its code."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.traces.formula import Explanation, Fact, Formula, Message, Piece, Term, Tone
from simulator.traces.model import (
    Computed,
    Level,
    Role,
    Step,
    Trace,
    TraceArray,
    UnevenLevel,
    Write,
    given,
)
from simulator.traces.numbers import count, number
from simulator.traces.region import Region
from simulator.traces.staged_formulas import SquaredError

Array = NDArray[Any]

PICTURES = ("sample", "row", "column")
DECODE = r"\writes{\hat{x}} = \mathrm{decode}(\reads{z})"


class Learner(Protocol):
    """An autoencoder in training: its states are counted from 0, which is before any update."""

    @property
    def states(self) -> int:
        """How many states there are."""

    @property
    def states_per_epoch(self) -> int:
        """How many of them an epoch has."""

    @property
    def updates_per_state(self) -> int:
        """How many updates lie between two of them."""

    def code(self, state: int, x: Array) -> Array:
        """Return the codes (S, h, w) of pictures (S, R, C)."""

    def decoded(self, state: int, code: Array) -> Array:
        """Return the pictures (S, R, C) of codes (S, h, w)."""


@dataclass(frozen=True, slots=True)
class Encoded(Formula):
    """The encoder of one state of the training."""

    learner: Learner
    state: int

    def value(self, *operands: Array) -> Array:
        """Return the codes (1, S, h, w) of pictures (S, R, C)."""
        return self.learner.code(self.state, operands[0])[None]


@dataclass(frozen=True, slots=True)
class Decoded(Formula):
    """The decoder of one state of the training, on codes that each step makes or that are given."""

    learner: Learner
    state: int
    are_given: bool = False

    def value(self, *operands: Array) -> Array:
        """Return pictures (1, …, R, C) of codes (1, …, h, w), or (…, h, w) if they are given."""
        codes = operands[0]
        made = self.learner.decoded(self.state, codes.reshape(-1, *codes.shape[-2:]))
        several = (1, *codes.shape[:-2]) if self.are_given else codes.shape[:-2]
        return made.reshape(*several, *made.shape[1:])


@dataclass(frozen=True, slots=True)
class MeanError(Formula):
    """The mean of all squared errors."""

    def value(self, *operands: Array) -> Array:
        """Return the mean (1,)."""
        mean: Array = operands[0].mean(axis=(1, 2, 3))
        return mean


class CourseTrace(Trace):
    """Training, state by state: what the network makes of some pictures, and of one code.

    ``original`` (S, R, C) goes in and ``target`` (S, R, C) is what should come out: the same,
    unless the network is to take noise away. ``point`` (h, w) is a code that is decoded as well.
    """

    def __init__(
        self, learner: Learner, original: Array, target: Array, point: Array, *, fact: Fact
    ) -> None:
        """Take what learns, the pictures, and the code that is looked at."""
        self.learner = learner
        self._fact = fact
        self._x = original
        self._target = target
        self._point = point
        states, samples = learner.states, int(original.shape[0])
        height, width = (int(length) for length in point.shape)
        rows, columns = (int(length) for length in original.shape[1:])
        self._told: tuple[tuple[str, int], Explanation] | None = None
        self._kept: dict[tuple[str, int], Array] = {}
        arrays = (
            given("original", PICTURES, Role.READS, original),
            given("target", PICTURES, Role.WEIGHTS, target),
            given("point", ("row", "column"), Role.READS, point),
            self._computed("code", (samples, height, width)),
            self._computed("reconstruction", (samples, rows, columns)),
            self._computed("error", (samples, rows, columns)),
            self._computed("decoded", (rows, columns)),
            self._computed("loss", ()),
        )
        self.samples = samples
        ends = np.arange(1, states + learner.states_per_epoch, learner.states_per_epoch)
        ends = np.unique(np.minimum(ends, states)).astype(np.int64)
        levels = (
            Level("batch", "Batch", 1),
            UnevenLevel("epoch", "Epoch", 0, ends),
        )
        super().__init__(arrays, levels, states)

    def _computed(self, name: str, shape: tuple[int, ...]) -> TraceArray:
        def values(states: Array, *positions: Array) -> Array:
            every = np.stack([self._state(name, int(state)) for state in np.ravel(states)])
            order = np.arange(len(every)).reshape(-1, *([1] * len(positions)))
            found: Array = every[(order, *positions)]
            return found

        axes = ("step", *PICTURES[3 - len(shape) :]) if shape else ("step",)
        whole = (self.learner.states, *shape)
        return TraceArray(name, axes, Role.WRITES, Computed(whole, values))

    def _state(self, name: str, state: int) -> Array:
        """Return an array of one state; those looked at last are kept."""
        key = (name, state)
        if key not in self._kept:
            if len(self._kept) > 64:
                self._kept.clear()
            self._kept[key] = self._make(name, state)
        return self._kept[key]

    def _make(self, name: str, state: int) -> Array:
        made: Array
        if name == "code":
            return self.learner.code(state, self._x)
        if name == "reconstruction":
            return self.learner.decoded(state, self._state("code", state))
        if name == "error":
            made = np.square(self._state("reconstruction", state) - self._target)
            return made
        if name == "decoded":
            made = self.learner.decoded(state, self._point[None])[0]
            return made
        return np.asarray(self._state("error", state).mean())

    def loss(self, state: int) -> float:
        """Return the mean squared error of the pictures on view at a state."""
        return float(self._state("loss", state))

    def state_of(self, step: int) -> int:
        """Return the state that a step of the present level ends with."""
        return self.last_finest(step)

    def epoch_of(self, state: int) -> tuple[int, int]:
        """Return the epoch, from 1, that a state is in or ends, and its number there, from 1.

        The state before the first update counts with the one after it.
        """
        each = self.learner.states_per_epoch
        epoch = max(state - 1, 0) // each
        return epoch + 1, max(state - epoch * each, 1)

    # Steps

    def _step(self, index: int) -> Step:
        states = range(self.last_finest(index - 1) + 1 if index else 0, self.last_finest(index) + 1)
        writes = tuple(write for state in states for write in self._writes(state))
        return Step(index, self._title(states[-1]), writes)

    def _at(self, name: str, state: int) -> Region:
        """Return an array at a state."""
        shape = self.arrays[name].shape
        return Region(name, (range(state, state + 1), *(range(n) for n in shape[1:])))

    def _whole(self, name: str) -> Region:
        """Return all of an array."""
        return Region.whole(name, self.arrays[name].shape)

    def _writes(self, state: int) -> tuple[Write, ...]:
        at = self._at
        encode = Encoded(r"\writes{z} = \mathrm{encode}(\reads{x})", self.learner, state)
        decode = Decoded(DECODE, self.learner, state)
        return (
            Write(at("code", state), (self._whole("original"),), encode),
            Write(at("reconstruction", state), (at("code", state),), decode),
            Write(
                at("error", state),
                (at("reconstruction", state), self._whole("target")),
                SquaredError(r"\writes{e} = (\reads{\hat{x}} - \weights{x})^2"),
            ),
            Write(
                at("loss", state),
                (at("error", state),),
                MeanError(r"\writes{L} = \overline{\reads{e}}"),
            ),
            Write(
                at("decoded", state),
                (self._whole("point"),),
                replace(decode, are_given=True),
            ),
        )

    def _title(self, state: int) -> Message:
        return Message("After {updates} updates", {"updates": count(self.updates(state))})

    def updates(self, state: int) -> int:
        """Return how many updates come before a state."""
        return state * self.learner.updates_per_state

    def _finest_writing(self, name: str, *positions: Array) -> NDArray[np.int64]:
        del name
        shape = np.broadcast_shapes(*(position.shape for position in positions))
        return np.broadcast_to(positions[0], shape).astype(np.int64)

    def told_cell(self, index: int) -> Region:
        """Return the mean squared error of the state that a step ends with."""
        return Region.cell("loss", self.state_of(index))

    def sources(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the pictures that a cell was computed from."""
        if self.arrays[name].given or name == "loss":
            return ()
        if name == "decoded":
            return (Region.whole("point", self.arrays["point"].shape),)
        pictures = self.arrays["original"].shape[1:]
        sample = range(index[1], index[1] + 1)
        return (Region("original", (sample, *(range(length) for length in pictures))),)

    def dependants(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return none: every later state follows from every picture."""
        del name, index
        return ()

    def explain(self, index: int) -> Explanation:
        """Return how far the reconstructions are off after a step."""
        if self._told is None or self._told[0] != (self.level, index):
            self._told = ((self.level, index), self._explain(index))
        return self._told[1]

    def _explain(self, index: int) -> Explanation:
        state = self.state_of(index)
        loss = self.loss(state)
        each = self._state("error", state).mean(axis=(1, 2))
        epoch, done = self.epoch_of(state)
        whole = done == self.learner.states_per_epoch
        updates = self.updates(state)
        return Explanation(
            headline=(
                Piece(f"{count(updates)} updates", Tone.READS),
                Piece("→"),
                Piece(number(loss), Tone.WRITES),
            ),
            sentence=Message(
                "The mean squared error of these {samples} pictures after {epochs} epochs."
                if whole
                else "The mean squared error of these {samples} pictures in epoch {epoch}.",
                {"samples": self.samples, "epochs": epoch, "epoch": epoch},
            )
            if state
            else Message("Before the first update the network knows nothing of these pictures."),
            symbols=(
                rf"\writes{{L}} = \frac{{1}}{{{self.samples}}}\sum_{{i=1}}^{{{self.samples}}} "
                r"\overline{(\reads{\hat{x}_i} - \weights{x_i})^2}"
            ),
            terms=tuple(Term((Piece(number(float(value)), Tone.READS),)) for value in each),
            columns=3,
            caption=Message("one error a picture"),
            relation=f"÷ {self.samples} ≈",
            result=Piece(number(loss), Tone.WRITES),
            progress=(done, self.learner.states_per_epoch),
            progress_caption=Message("epoch {epoch}", {"epoch": epoch}),
        )

    def size_fact(self) -> Fact:
        """Return how much smaller the code is than the input."""
        return self._fact
