"""A trace of several networks that are trained side by side: state after state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.traces.formula import Explanation, Fact, Formula, Message, Piece, Term, Tone
from simulator.traces.model import Computed, Level, Role, Step, Trace, TraceArray, Write, given
from simulator.traces.numbers import count, number
from simulator.traces.region import Region

Array = NDArray[Any]


ERROR = r"\writes{E} = \overline{\ell(\reads{\hat{y}}, \weights{y})}"
NORM = r"\left\|\gradient{\frac{\partial \hat{y}_T}{\partial h_t}}\right\|"


class Racers(Protocol):
    """Networks in training, one in each lane."""

    @property
    def names(self) -> tuple[str, ...]:
        """What the networks are called."""

    def error(self, lane: int, state: int, x: Array, truth: Array) -> float:
        """Return the error of a network on sequences."""

    def norms(self, lane: int, state: int, x: Array) -> Array:
        """Return the length of the gradient at each time step of one sequence."""


@dataclass(frozen=True, slots=True)
class Errors(Formula):
    """The error of each network at a state."""

    racers: Racers
    state: int

    def value(self, *operands: Array) -> Array:
        """Return the errors (1, lanes) on sequences (N, T, C) with their answers."""
        x, truth = operands
        lanes = range(len(self.racers.names))
        return np.array([[self.racers.error(lane, self.state, x, truth) for lane in lanes]])


@dataclass(frozen=True, slots=True)
class Norms(Formula):
    """The length of each network's gradient at each time step."""

    racers: Racers
    state: int

    def value(self, *operands: Array) -> Array:
        """Return the lengths (1, lanes, T) for the first of sequences (N, T, C)."""
        lanes = range(len(self.racers.names))
        return np.stack([self.racers.norms(lane, self.state, operands[0][0]) for lane in lanes])[
            None
        ]


class RaceTrace(Trace):
    """Training, state by state: the networks' errors, and how far back their gradients reach.

    ``held`` (N, T, C) are sequences that are not trained on, ``truth`` their answers.
    """

    def __init__(
        self, racers: Racers, held: Array, truth: Array, *, states: int, every: int, fact: Fact
    ) -> None:
        """Take the networks and the sequences; ``every`` updates lie between two states."""
        self.racers = racers
        self.every = every
        self._fact = fact
        self._held, self._truth = held, truth
        self._kept: dict[tuple[str, int], Array] = {}
        lanes, times = len(racers.names), int(held.shape[1])
        answers = tuple(f"answer {axis}" for axis in range(1, truth.ndim))
        arrays = (
            given("held", ("sequence", "time", "value"), Role.READS, held),
            given("truth", ("sequence", *answers), Role.WEIGHTS, truth),
            self._computed("error", states, (lanes,), ("step", "lane")),
            self._computed("norm", states, (lanes, times), ("step", "lane", "time")),
        )
        super().__init__(arrays, (Level("updates", f"{every} updates", 1),), states)

    def _computed(
        self, name: str, states: int, shape: tuple[int, ...], axes: tuple[str, ...]
    ) -> TraceArray:
        def values(at: Array, *positions: Array) -> Array:
            every = np.stack([self.at_state(name, int(state)) for state in np.ravel(at)])
            order = np.arange(len(every)).reshape(-1, *([1] * len(positions)))
            return np.asarray(every[(order, *positions)])

        return TraceArray(name, axes, Role.WRITES, Computed((states, *shape), values))

    def at_state(self, name: str, state: int) -> Array:
        """Return the errors (lanes,) or lengths (lanes, T) of a state; the last are kept."""
        key = (name, state)
        if key not in self._kept:
            if len(self._kept) > 256:
                self._kept.clear()
            formula = self._formula(name, state)
            operands = (self._held, self._truth) if name == "error" else (self._held,)
            self._kept[key] = formula.value(*operands)[0]
        return self._kept[key]

    def _formula(self, name: str, state: int) -> Formula:
        if name == "error":
            return Errors(
                r"\writes{E} = \overline{\ell(\reads{\hat{y}}, \weights{y})}", self.racers, state
            )
        return Norms(NORM, self.racers, state)

    def _step(self, index: int) -> Step:
        def at(name: str) -> Region:
            shape = self.arrays[name].shape
            return Region(name, (range(index, index + 1), *(range(n) for n in shape[1:])))

        held = Region.whole("held", self._held.shape)
        truth = Region.whole("truth", self._truth.shape)
        writes = (
            Write(at("error"), (held, truth), self._formula("error", index)),
            Write(at("norm"), (held,), self._formula("norm", index)),
        )
        return Step(
            index, Message("After {updates} updates", {"updates": self._updates(index)}), writes
        )

    def _updates(self, state: int) -> str:
        return count(state * self.every)

    def _finest_writing(self, name: str, *positions: Array) -> NDArray[np.int64]:
        del name
        shape = np.broadcast_shapes(*(position.shape for position in positions))
        return np.broadcast_to(positions[0], shape).astype(np.int64)

    def told_cell(self, index: int) -> Region:
        """Return the smallest error of a state."""
        return Region.cell("error", index, self.best(index))

    def best(self, index: int) -> int:
        """Return the lane with the smallest error at a state."""
        return int(np.nanargmin(np.nan_to_num(self.at_state("error", index), nan=np.inf)))

    def explain(self, index: int) -> Explanation:
        """Return the errors of a state."""
        errors = self.at_state("error", index)
        best = self.best(index)
        pieces = [Piece(f"{self._updates(index)} updates", Tone.READS), Piece("→")]
        for lane, name in enumerate(self.racers.names):
            pieces += [
                Piece(name, Tone.QUIET),
                Piece(f"{errors[lane]:.3f}", Tone.WRITES if lane == best else Tone.PLAIN),
            ]
        return Explanation(
            headline=tuple(pieces),
            sentence=Message(
                "The errors on sequences that no network was trained on."
                if index
                else "Before the first update: all that follows is learned from here."
            ),
            symbols=self._formula("error", index).symbols,
            terms=tuple(
                Term(
                    (Piece(name, Tone.QUIET), Piece(f" {number(float(errors[lane]))}", glued=True))
                )
                for lane, name in enumerate(self.racers.names)
            ),
            columns=1,
            separator="",
            caption=Message("smallest error"),
            relation="≈",
            result=Piece(number(float(errors[best])), Tone.WRITES),
            progress=(index + 1, self.total),
            progress_caption=Message(
                "state {done} of {total}", {"done": index + 1, "total": self.total}
            ),
        )

    def sources(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the sequences that a number was computed from."""
        del index
        if self.arrays[name].given:
            return ()
        return (Region.whole("held", self._held.shape),)

    def dependants(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return none: every later state follows from every sequence."""
        del name, index
        return ()

    def size_fact(self) -> Fact:
        """Return how many weights the networks have."""
        return self._fact
