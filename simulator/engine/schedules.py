"""Learning rates that change with the step, under Keras's names: `schedule(step)` is a number.

Steps count from 0, and one is one batch.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, cos, floor, log, pi
from typing import final

from simulator.engine import arguments, registry


class LearningRateSchedule(registry.Configurable, ABC):
    """A learning rate for each step."""

    @abstractmethod
    def __call__(self, step: int, /) -> float:
        """The learning rate of that step."""


@final
@dataclass(frozen=True)
class ExponentialDecay(LearningRateSchedule):
    """rate · decay_rate^(step / decay_steps), in whole powers if it is a staircase."""

    initial_learning_rate: float
    decay_steps: int
    decay_rate: float
    staircase: bool = False
    name: str = "ExponentialDecay"

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_steps(self, "decay_steps", self.decay_steps)
        arguments.number(
            self.decay_rate, owner="ExponentialDecay", argument="decay_rate", minimum=0
        )

    def __call__(self, step: int) -> float:
        """The learning rate of that step."""
        return self.initial_learning_rate * math.pow(self.decay_rate, _passed(self, step))


@final
@dataclass(frozen=True)
class InverseTimeDecay(LearningRateSchedule):
    """rate / (1 + decay_rate · step / decay_steps), in whole parts if it is a staircase."""

    initial_learning_rate: float
    decay_steps: int
    decay_rate: float
    staircase: bool = False
    name: str = "InverseTimeDecay"

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_steps(self, "decay_steps", self.decay_steps)

    def __call__(self, step: int) -> float:
        """The learning rate of that step."""
        return self.initial_learning_rate / (1 + self.decay_rate * _passed(self, step))


@final
@dataclass(frozen=True)
class PiecewiseConstantDecay(LearningRateSchedule):
    """values[0] up to and including step boundaries[0], values[1] up to boundaries[1], and on."""

    boundaries: Sequence[float]
    values: Sequence[float]
    name: str = "PiecewiseConstant"

    def __post_init__(self) -> None:
        super().__post_init__()
        for argument in ("boundaries", "values"):
            listed = getattr(self, argument)
            if not isinstance(listed, list | tuple):
                raise ValueError(
                    f"PiecewiseConstantDecay: {argument} is {arguments.shown(listed)}: it must be "
                    "a list of numbers."
                )
            for each in listed:
                arguments.number(each, owner="PiecewiseConstantDecay", argument=argument)
        if len(self.boundaries) != len(self.values) - 1:
            raise ValueError(
                f"PiecewiseConstantDecay: {len(self.boundaries)} boundaries part "
                f"{len(self.boundaries) + 1} values, but there are {len(self.values)}."
            )
        if list(self.boundaries) != sorted(self.boundaries):
            raise ValueError(
                f"PiecewiseConstantDecay: the boundaries {list(self.boundaries)} must rise."
            )

    def __call__(self, step: int) -> float:
        """The learning rate of that step."""
        return self.values[sum(step > boundary for boundary in self.boundaries)]


@final
@dataclass(frozen=True)
class PolynomialDecay(LearningRateSchedule):
    """(rate − end) · (1 − step / decay_steps)^power + end, and then the end; or, in a cycle, with
    decay_steps grown to the next multiple that reaches the step.
    """

    initial_learning_rate: float
    decay_steps: int
    end_learning_rate: float = 0.0001
    power: float = 1.0
    cycle: bool = False
    name: str = "PolynomialDecay"

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_steps(self, "decay_steps", self.decay_steps)

    def __call__(self, step: int) -> float:
        """The learning rate of that step."""
        whole: float = self.decay_steps
        if self.cycle:
            whole *= ceil(step / self.decay_steps) if step else 1
        left = 1 - min(step, whole) / whole
        span = self.initial_learning_rate - self.end_learning_rate
        return span * math.pow(left, self.power) + self.end_learning_rate


@final
@dataclass(frozen=True)
class CosineDecay(LearningRateSchedule):
    """Half a cosine wave from the rate down to α times it (Loshchilov & Hutter 2017), after
    warmup_steps on a straight line up to warmup_target if that is given.
    """

    initial_learning_rate: float
    decay_steps: int
    alpha: float = 0.0
    name: str = "CosineDecay"
    warmup_target: float | None = None
    warmup_steps: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_steps(self, "decay_steps", self.decay_steps)

    def __call__(self, step: int) -> float:
        """The learning rate of that step."""
        if self.warmup_target is None:
            return self._decayed(step, self.initial_learning_rate)
        if step < self.warmup_steps:
            rise = self.warmup_target - self.initial_learning_rate
            return rise * step / self.warmup_steps + self.initial_learning_rate
        return self._decayed(step - self.warmup_steps, self.warmup_target)

    def _decayed(self, step: int, rate: float) -> float:
        wave = 0.5 * (1 + cos(pi * min(step, self.decay_steps) / self.decay_steps))
        return rate * ((1 - self.alpha) * wave + self.alpha)


@final
@dataclass(frozen=True)
class CosineDecayRestarts(LearningRateSchedule):
    """Half cosine waves, each t_mul times as long and m_mul times as high as the one before
    (Loshchilov & Hutter 2017).
    """

    initial_learning_rate: float
    first_decay_steps: int
    t_mul: float = 2.0
    m_mul: float = 1.0
    alpha: float = 0.0
    name: str = "SGDRDecay"

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_steps(self, "first_decay_steps", self.first_decay_steps)
        arguments.number(self.t_mul, owner="CosineDecayRestarts", argument="t_mul", minimum=1)

    def __call__(self, step: int) -> float:
        """The learning rate of that step."""
        passed = step / self.first_decay_steps
        if self.t_mul == 1:
            restarts = floor(passed)
            within = passed - restarts
        else:
            restarts = floor(log(1 - passed * (1 - self.t_mul)) / log(self.t_mul))
            before = (1 - self.t_mul**restarts) / (1 - self.t_mul)
            within = (passed - before) / self.t_mul**restarts
        wave = 0.5 * self.m_mul**restarts * (1 + cos(pi * within))
        return self.initial_learning_rate * ((1 - self.alpha) * wave + self.alpha)


def _check_steps(owner: LearningRateSchedule, argument: str, steps: float) -> None:
    if not steps > 0:
        raise ValueError(f"{type(owner).__name__}: {argument} is {steps}: it must be more than 0.")


def _passed(schedule: ExponentialDecay | InverseTimeDecay, step: int) -> float:
    passed = step / schedule.decay_steps
    return floor(passed) if schedule.staircase else passed
