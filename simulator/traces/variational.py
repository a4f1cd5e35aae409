"""A trace of a variational autoencoder in training, with what is drawn for each code."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

from numpy.typing import NDArray

from simulator.engine.variational import divergence, sampled
from simulator.traces.course import DECODE, PICTURES, CourseTrace, Decoded, Learner
from simulator.traces.formula import Fact, Formula
from simulator.traces.model import Role, Write, given
from simulator.traces.recurrence_formulas import Elementwise
from simulator.traces.region import Region

Array = NDArray[Any]


class DrawingLearner(Learner, Protocol):
    """A learner whose encoder gives the mean of a code, and the logarithm of its variance."""

    def log_variance(self, state: int, x: Array) -> Array:
        """Return log σ² (S, h, w) of the codes of pictures (S, R, C)."""


@dataclass(frozen=True, slots=True)
class LogVariance(Formula):
    """The encoder of one state, as far as it tells of the variance."""

    learner: DrawingLearner
    state: int

    def value(self, *operands: Array) -> Array:
        """Return log σ² (1, S, h, w) of pictures (S, R, C)."""
        return self.learner.log_variance(self.state, operands[0])[None]


class VariationalTrace(CourseTrace):
    """Training of a variational autoencoder, with what is drawn for some pictures and of nothing.

    ``noise`` (S, h, w) are normal draws for the pictures (S, R, C), the same at every step, so that
    a step backwards shows the same draw; ``dreams`` (N, h, w) are draws that are decoded as codes.
    """

    def __init__(
        self,
        learner: DrawingLearner,
        pictures: Array,
        point: Array,
        *,
        noise: Array,
        dreams: Array,
        fact: Fact,
    ) -> None:
        """Take what learns, the pictures and the draws."""
        self._draws = learner
        self._noise, self._dreams = noise, dreams
        super().__init__(learner, pictures, pictures, point, fact=fact)
        codes, shape = noise.shape, pictures.shape[1:]
        more = (
            given("noise", PICTURES, Role.READS, noise),
            given("dreams", PICTURES, Role.READS, dreams),
            self._computed("log_variance", codes),
            self._computed("sampled", codes),
            self._computed("divergence", codes),
            self._computed("sampled_picture", (len(noise), *shape)),
            self._computed("dreamed", (len(dreams), *shape)),
        )
        self.arrays = {**self.arrays, **{array.name: array for array in more}}

    def _make(self, name: str, state: int) -> Array:
        if name == "log_variance":
            return self._draws.log_variance(state, self._x)
        if name == "sampled":
            mean, spread = self._state("code", state), self._state("log_variance", state)
            return sampled(mean, spread, self._noise)
        if name == "divergence":
            return divergence(self._state("code", state), self._state("log_variance", state))
        if name == "sampled_picture":
            return self.learner.decoded(state, self._state("sampled", state))
        if name == "dreamed":
            return self.learner.decoded(state, self._dreams)
        return super()._make(name, state)

    def _writes(self, state: int) -> tuple[Write, ...]:
        at = self._at
        decode = Decoded(DECODE, self.learner, state)
        return (
            *super()._writes(state),
            Write(
                at("log_variance", state),
                (self._whole("original"),),
                LogVariance(r"\writes{\log\sigma^2}", self._draws, state),
            ),
            Write(
                at("sampled", state),
                (at("code", state), at("log_variance", state), self._whole("noise")),
                Elementwise(r"\writes{z} = \mu + \sigma\varepsilon", sampled),
            ),
            Write(
                at("divergence", state),
                (at("code", state), at("log_variance", state)),
                Elementwise(
                    r"\writes{\mathrm{KL}} = \frac{1}{2}(\mu^2+\sigma^2-1-\log\sigma^2)",
                    divergence,
                ),
            ),
            Write(at("sampled_picture", state), (at("sampled", state),), decode),
            Write(
                at("dreamed", state),
                (self._whole("dreams"),),
                replace(decode, are_given=True),
            ),
        )

    def sources(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the draws that a cell was computed from, or the pictures."""
        if name == "dreamed":
            shape = self.arrays["dreams"].shape[1:]
            sample = range(index[1], index[1] + 1)
            return (Region("dreams", (sample, *(range(length) for length in shape))),)
        if name == "sampled":
            return (Region.cell("noise", *index[1:]), *super().sources(name, index))
        return super().sources(name, index)
