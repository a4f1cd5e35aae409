"""What every optimizer does: clip gradients, decay weights, count steps, average if asked to."""

from __future__ import annotations

import copy
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, TypeAlias, TypedDict

import numpy as np
import numpy.typing as npt

from simulator.engine import arguments, names, registry
from simulator.engine.arrays import FloatArray, aligned
from simulator.engine.backends.windows import ieee_arithmetic
from simulator.engine.schedules import LearningRateSchedule

Rate: TypeAlias = float | LearningRateSchedule | Callable[[], float]
"""A learning rate: a number, one for each step, or a function that is asked at each step."""


class CommonOptions(TypedDict, total=False):
    """What every optimizer takes, beside what is its own."""

    clipnorm: float | None
    clipvalue: float | None
    global_clipnorm: float | None
    use_ema: bool
    ema_momentum: float
    ema_overwrite_frequency: int | None
    gradient_accumulation_steps: int | None
    name: str | None


class Options(CommonOptions, total=False):
    """The same, for optimizers where weight decay stands among them."""

    weight_decay: float | None


class Optimizer(registry.Configurable, ABC):
    """A subclass says in `_update` how one array of weights follows its gradient.

    All that changes from step to step is in `state`, named arrays: "iterations", "learning_rate"
    (unless that is a schedule) and the optimizer's own, "momentum/<weights>" and the like. Whoever
    copies it out and puts it back goes on as if nothing had been in between.
    """

    default_name: ClassVar[str]

    def __init__(
        self,
        learning_rate: Rate,
        *,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
    ) -> None:
        """Clips at most one way: each array's norm, each value, or the norm of all together.

        `weight_decay` takes that share, times the learning rate, off the weights before each step.
        `use_ema` keeps a moving average of the weights, which replaces them every
        `ema_overwrite_frequency` steps and in `finalize_variable_values`.
        `gradient_accumulation_steps` changes the weights only every so many steps, by the mean
        gradient. Raises ValueError for values that make no sense.
        """
        kind = names.snake_case(type(self).__name__)
        self.name = kind if name is None else arguments.text(name, owner=kind, argument="name")
        clips = {"clipnorm": clipnorm, "clipvalue": clipvalue, "global_clipnorm": global_clipnorm}
        given = [f"{each}={value}" for each, value in clips.items() if value is not None]
        if len(given) > 1:
            raise ValueError(
                f"{self.name}: only one of clipnorm, clipvalue and global_clipnorm can be set, but "
                f"there are {' and '.join(given)}."
            )
        for each, value in {**clips, "weight_decay": weight_decay}.items():
            if value is not None:
                arguments.number(value, owner=self.name, argument=each, minimum=0)
        use_ema = arguments.truth(use_ema, owner=self.name, argument="use_ema")
        arguments.number(
            ema_momentum, owner=self.name, argument="ema_momentum", minimum=0, maximum=1
        )
        every = {
            "ema_overwrite_frequency": (ema_overwrite_frequency, 1),
            "gradient_accumulation_steps": (gradient_accumulation_steps, 2),
        }
        for each, (steps, least) in every.items():
            if steps is not None:
                arguments.count(steps, owner=self.name, argument=each, minimum=least)
        self.weight_decay = weight_decay
        self.clipnorm = clipnorm
        self.clipvalue = clipvalue
        self.global_clipnorm = global_clipnorm
        self.use_ema = use_ema
        self.ema_momentum = ema_momentum
        self.ema_overwrite_frequency = ema_overwrite_frequency
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self.state: dict[str, Any] = {"iterations": np.array(0, np.int64)}
        self._schedule: LearningRateSchedule | Callable[[], float] | None = None
        self._not_decayed: re.Pattern[str] | None = None
        self.learning_rate = learning_rate

    @property
    def iterations(self) -> int:
        """How many steps there were."""
        return int(self.state["iterations"])

    @property
    def learning_rate(self) -> Any:
        """The learning rate of the next step, a number. Can be set to a number, or to a schedule.

        Raises TypeError if a schedule is to be replaced by a number, as Keras does.
        """
        if isinstance(self._schedule, LearningRateSchedule):
            return float(self._schedule(self.iterations))
        if self._schedule is not None:
            return self._asked(self._schedule)
        return float(self.state["learning_rate"])

    @learning_rate.setter
    def learning_rate(self, rate: Any) -> None:
        if callable(rate):
            self._schedule = rate
            self.state.pop("learning_rate", None)
            return
        if self._schedule is not None:
            raise TypeError(
                f"{self.name}: the learning rate follows a schedule and cannot be set: make the "
                "optimizer with a number instead."
            )
        if isinstance(rate, str | list | tuple | Mapping | bool) or rate is None:
            raise ValueError(
                f"{self.name}: learning_rate is {arguments.shown(rate)}: it must be a number, a "
                "LearningRateSchedule, or a function that gives a number."
            )
        self.state["learning_rate"] = np.array(
            arguments.number(rate, owner=self.name, argument="learning_rate")
        )

    def _asked(self, function: Callable[[], float]) -> float:
        return arguments.number(function(), owner=self.name, argument="learning_rate")

    def exclude_from_weight_decay(self, var_names: Iterable[str]) -> None:
        """Leave weights alone whose name contains one of these (regular expressions)."""
        patterns = sorted(set(var_names))
        self._not_decayed = re.compile("|".join(patterns)) if patterns else None

    def decays(self, name: str) -> bool:
        """Whether weight decay takes something off these weights."""
        spared = self._not_decayed is not None and self._not_decayed.search(name) is not None
        return bool(self.weight_decay) and not spared

    @property
    def asks_at_each_step(self) -> bool:
        """Whether the learning rate is a function, whose answer may change with each step."""
        return self._schedule is not None and not isinstance(self._schedule, LearningRateSchedule)

    def learning_rates(self, steps: int) -> npt.NDArray[np.float64]:
        """The learning rates of so many steps from now on."""
        if isinstance(self._schedule, LearningRateSchedule):
            first = self.iterations
            return np.array([float(self._schedule(first + step)) for step in range(steps)])
        if self._schedule is not None:
            return np.array([self._asked(self._schedule) for _ in range(steps)])
        return np.full(steps, self.learning_rate)

    def count_steps(self, steps: int) -> None:
        """Take note of steps that a compiled program has made."""
        self.state["iterations"] = self.state["iterations"] + steps

    def restore(self, state: Mapping[str, Any], names_now: Mapping[str, str]) -> None:
        """Put a copy of `state` back; weights may have other names now.

        Arrays that are there already are filled, not replaced: programs know them by their
        addresses.
        """
        before = dict(self.state)
        self.state.clear()
        for key, value in state.items():
            slot, _, name = key.partition("/")
            full = f"{slot}/{names_now.get(name, name)}" if name else slot
            kept = before.get(full)
            if name and kept is not None and kept.shape == value.shape:
                kept[...] = value
                self.state[full] = kept
            else:
                self.state[full] = value

    @ieee_arithmetic
    def step(
        self, parameters: Mapping[str, FloatArray], gradients: Mapping[str, FloatArray | None]
    ) -> None:
        """Change the weights in place, by one step. Weights without a gradient stay as they are.

        Raises KeyError for a gradient of unknown weights, and ValueError where shapes differ.
        """
        known = {name: each for name, each in gradients.items() if each is not None}
        for name, gradient in known.items():
            if name not in parameters:
                raise KeyError(f"{self.name}: there are no weights {name!r} for this gradient.")
            if gradient.shape != parameters[name].shape:
                raise ValueError(
                    f"{self.name}: the gradient of {name} has the shape {gradient.shape}, but the "
                    f"weights {parameters[name].shape}."
                )
        chosen = {name: parameters[name] for name in known}
        ready = self._accumulated(known)
        if ready:
            self._apply(chosen, self._clipped(ready))
        if self.use_ema:
            self._average(chosen)
        self.count_steps(1)

    def finalize_variable_values(self, parameters: Mapping[str, FloatArray]) -> None:
        """Put the moving averages in the place of the weights, at the end of a training."""
        if self.use_ema:
            for name, weights in parameters.items():
                if f"average/{name}" in self.state:
                    weights[...] = self.state[f"average/{name}"]

    def _apply(
        self, parameters: Mapping[str, FloatArray], gradients: Mapping[str, FloatArray]
    ) -> None:
        rate = self.learning_rate
        for name, weights in parameters.items():
            if self.decays(name):
                number = weights.dtype.type
                np.subtract(
                    weights, weights * number(self.weight_decay) * number(rate), out=weights
                )
        self._begin(next(iter(parameters.values())).dtype.type)
        for name, weights in parameters.items():
            self._update(name, weights, gradients[name], weights.dtype.type(rate))

    def _begin(self, number: type[Any], /) -> None:
        """What is done once for each step, in the weights' type of number."""

    @abstractmethod
    def _update(self, name: str, weights: FloatArray, gradient: FloatArray, rate: Any, /) -> None:
        """Change these weights in place. The rate has their type."""

    def _updates(self) -> int:
        """How often the weights were changed before: the steps, unless gradients accumulate."""
        return self.iterations // (self.gradient_accumulation_steps or 1)

    def slot(self, slot: str, name: str, like: FloatArray, fill: float = 0.0) -> FloatArray:
        """An array of the weights' shape that is kept from step to step."""
        key = f"{slot}/{name}"
        if key not in self.state:
            self.state[key] = aligned(np.full_like(like, fill))
        kept: FloatArray = self.state[key]
        return kept

    @property
    def slots(self) -> int:
        """How many arrays of the weights' shape it keeps for each of them: those that a twin makes
        for a single number until it is changed.
        """
        twin = copy.copy(self)
        twin._schedule = None
        twin.state = {"iterations": np.array(0, np.int64), "learning_rate": np.array(0.0)}
        for _ in range(self.gradient_accumulation_steps or 1):
            twin.step({"w": np.ones(1)}, {"w": np.ones(1)})
        return sum("/" in key for key in twin.state)

    def _accumulated(self, gradients: dict[str, FloatArray]) -> dict[str, FloatArray]:
        """The gradients that are due: these, the mean of the last few, or none yet."""
        every = self.gradient_accumulation_steps
        if every is None:
            return gradients
        sums = {
            name: self.slot("gradient_accumulator", name, each) for name, each in gradients.items()
        }
        if (self.iterations + 1) % every:
            for name, each in gradients.items():
                sums[name] += each
            return {}
        due: dict[str, FloatArray] = {
            name: (each + sums[name]) / every for name, each in gradients.items()
        }
        for each in sums.values():
            each[...] = 0
        return due

    def _clipped(self, gradients: dict[str, FloatArray]) -> dict[str, FloatArray]:
        if self.clipnorm:
            return {name: _clip_norm(each, self.clipnorm) for name, each in gradients.items()}
        if self.global_clipnorm:
            return _clip_global_norm(gradients, self.global_clipnorm)
        if self.clipvalue:
            limit = self.clipvalue
            return {name: np.clip(each, -limit, limit) for name, each in gradients.items()}
        return gradients

    def _average(self, parameters: Mapping[str, FloatArray]) -> None:
        share = self.ema_momentum if self._updates() else 0.0
        for name, weights in parameters.items():
            average = self.slot("average", name, weights)
            average *= share
            average += (1 - share) * weights
            if self.ema_overwrite_frequency and not (
                (self._updates() + 1) % self.ema_overwrite_frequency
            ):
                weights[...] = average


def _clip_norm(gradient: FloatArray, limit: float) -> FloatArray:
    norm = np.sqrt(np.sum(np.square(gradient)))
    clipped: FloatArray = gradient * limit / np.maximum(norm, gradient.dtype.type(limit))
    return clipped


def _clip_global_norm(gradients: dict[str, FloatArray], limit: float) -> dict[str, FloatArray]:
    norm = np.sqrt(sum(np.sum(np.square(each)) for each in gradients.values()))
    # An infinite norm makes all gradients NaN, so that the run is seen to have diverged.
    scale = limit / max(norm, type(norm)(limit)) if np.isfinite(norm) else norm - norm
    return {name: each * each.dtype.type(scale) for name, each in gradients.items()}
