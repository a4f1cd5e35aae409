"""A trace of two autoencoders in training beside PCA: how near the linear one comes to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.traces.course import PICTURES, CourseTrace, Learner
from simulator.traces.formula import Explanation, Fact, Formula, Message, Piece, Term, Tone
from simulator.traces.model import Role, Write, given
from simulator.traces.numbers import count, number
from simulator.traces.region import Region

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Rebuilt(Formula):
    """The whole autoencoder of one state of the training."""

    learner: Learner
    state: int

    def value(self, *operands: Array) -> Array:
        """Return the pictures (1, S, R, C) made of pictures (S, R, C)."""
        return self.learner.decoded(self.state, self.learner.code(self.state, operands[0]))[None]


@dataclass(frozen=True, slots=True)
class Angle(Formula):
    """The largest angle between the subspace of a state and PCA's."""

    angle: Callable[[int], float]
    state: int

    def value(self, *operands: Array) -> Array:
        """Return the angle in degrees, (1,)."""
        del operands
        return np.array([self.angle(self.state)])


class ComparedTrace(CourseTrace):
    """Training of a linear autoencoder, and of one that isn't, beside PCA with as long a code.

    ``pca`` (S, R, C) is what PCA makes of the pictures (S, R, C), and ``angle`` tells for each
    state the largest angle in degrees between what the linear decoder spans and PCA's components.
    """

    def __init__(
        self,
        linear: Learner,
        other: Learner,
        pictures: Array,
        pca: Array,
        point: Array,
        *,
        angle: Callable[[int], float],
        fact: Fact,
    ) -> None:
        """Take both learners, with as many states each, and what is known of PCA."""
        self.other = other
        self._angle = angle
        super().__init__(linear, pictures, pictures, point, fact=fact)
        shape = tuple(int(length) for length in pictures.shape)
        more = (
            given("pca", PICTURES, Role.READS, pca),
            self._computed("other", shape),
            self._computed("angle", ()),
        )
        self.arrays = {**self.arrays, **{array.name: array for array in more}}

    def _make(self, name: str, state: int) -> Array:
        if name == "other":
            return self.other.decoded(state, self.other.code(state, self._x))
        if name == "angle":
            return np.asarray(self._angle(state))
        return super()._make(name, state)

    def angle(self, state: int) -> float:
        """Return the angle in degrees at a state."""
        return float(self._state("angle", state))

    def _writes(self, state: int) -> tuple[Write, ...]:
        shape = self.arrays["other"].shape
        at = range(state, state + 1)
        return (
            *super()._writes(state),
            Write(
                Region("other", (at, *(range(length) for length in shape[1:]))),
                (Region.whole("original", shape[1:]),),
                Rebuilt(
                    r"\writes{\hat{x}} = \mathrm{decode}(\mathrm{encode}(\reads{x}))",
                    self.other,
                    state,
                ),
            ),
            Write(
                Region("angle", (at,)),
                (Region.whole("original", shape[1:]),),
                Angle(r"\writes{\theta}", self._angle, state),
            ),
        )

    def told_cell(self, index: int) -> Region:
        """Return the angle of the state that a step ends with."""
        return Region.cell("angle", self.state_of(index))

    def _explain(self, index: int) -> Explanation:
        state = self.state_of(index)
        angle, updates = self.angle(state), self.updates(state)
        epoch, done = self.epoch_of(state)
        return Explanation(
            headline=(
                Piece(f"{count(updates)} updates", Tone.READS),
                Piece("→"),
                Piece(f"{number(angle, 1)}°", Tone.WRITES),
            ),
            sentence=Message(
                "The largest angle between what the linear autoencoder can draw and what PCA can."
            ),
            symbols=(
                r"\writes{\theta} = \arccos \sigma_{\min}(\reads{Q_{AE}}^{\top} "
                r"\weights{Q_{PCA}})"
            ),
            terms=(Term((Piece(f"{number(angle, 2)}°", Tone.READS),)),),
            columns=1,
            caption=Message("principal angle"),
            relation="≈",
            result=Piece(number(angle), Tone.WRITES),
            progress=(done, self.learner.states_per_epoch),
            progress_caption=Message("epoch {epoch}", {"epoch": epoch}),
        )
