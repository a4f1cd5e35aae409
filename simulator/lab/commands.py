"""What a learner changes in a run, recorded with its step so that a replay repeats it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, final

import numpy as np

from simulator.formats.json_values import shown
from simulator.lab.controls import Controls
from simulator.lab.errors import LabError


@dataclass(frozen=True, slots=True)
class Command(ABC):
    """A change between two batches. The same command on the same state makes the same bits."""

    kind: ClassVar[str]

    @abstractmethod
    def carry_out(self, controls: Controls) -> None:
        """Raises LabError, and changes nothing, where it cannot be done."""

    @property
    @abstractmethod
    def label(self) -> str:
        """A few words: what a branch that begins with it is called."""

    def replaced_by(self, later: Command) -> bool:
        """Whether nothing of this is left after a later command at the same step."""
        return self._target is not None and self._target == later._target

    @property
    def _target(self) -> tuple[Any, ...] | None:
        """What it sets, if that is one thing alone."""
        return None

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {"kind": self.kind} | {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in values.items()
        }


@final
@dataclass(frozen=True, slots=True)
class SetLearningRate(Command):
    """From the next batch on."""

    kind = "learning_rate"
    value: float

    def carry_out(self, controls: Controls) -> None:
        """Set it."""
        controls.set_learning_rate(self.value)

    @property
    def _target(self) -> tuple[Any, ...]:
        return (self.kind,)

    @property
    def label(self) -> str:
        """As "lr 0.3"."""
        return f"lr {self.value:g}"


@final
@dataclass(frozen=True, slots=True)
class SetBatchSize(Command):
    """From the next batch on; the rest of the epoch is divided anew."""

    kind = "batch_size"
    value: int

    def carry_out(self, controls: Controls) -> None:
        """Set it."""
        controls.set_batch_size(self.value)

    @property
    def _target(self) -> tuple[Any, ...]:
        return (self.kind,)

    @property
    def label(self) -> str:
        """As "batch size 64"."""
        return f"batch size {self.value}"


@final
@dataclass(frozen=True, slots=True)
class SetOptimizerArgument(Command):
    """The optimizer's weight decay, momentum or clipping; see `Controls.optimizer_arguments`."""

    kind = "optimizer"
    argument: str
    value: float

    def carry_out(self, controls: Controls) -> None:
        """Set it."""
        controls.set_optimizer_argument(self.argument, self.value)

    @property
    def _target(self) -> tuple[Any, ...]:
        return self.kind, self.argument

    @property
    def label(self) -> str:
        """As "weight decay 0.01"."""
        return f"{self.argument.replace('_', ' ')} {self.value:g}"


@final
@dataclass(frozen=True, slots=True)
class SetArgument(Command):
    """A dropout rate, or the strength of a regularizer; see `Controls.adjustable`."""

    kind = "argument"
    layer: str
    argument: str
    value: float

    def carry_out(self, controls: Controls) -> None:
        """Set it."""
        controls.set_argument(self.layer, self.argument, self.value)

    @property
    def _target(self) -> tuple[Any, ...]:
        return self.kind, self.layer, self.argument

    @property
    def label(self) -> str:
        """As "dropout rate 0.5"."""
        return f"{self.layer} {self.argument} {self.value:g}"


@final
@dataclass(frozen=True, slots=True)
class Freeze(Command):
    """Take a layer out of training, or (`frozen` false) back in."""

    kind = "freeze"
    layer: str
    frozen: bool = True

    def carry_out(self, controls: Controls) -> None:
        """Set it."""
        controls.freeze(self.layer, self.frozen)

    @property
    def _target(self) -> tuple[Any, ...]:
        return self.kind, self.layer

    @property
    def label(self) -> str:
        """As "dense frozen"."""
        return f"{self.layer} {'frozen' if self.frozen else 'trained'}"


@final
@dataclass(frozen=True, slots=True)
class SetWeight(Command):
    """One number of a weight, as `SetWeight("dense/kernel", (0, 3), 0.5)`."""

    kind = "weight"
    weight: str
    index: tuple[int, ...]
    value: float

    def carry_out(self, controls: Controls) -> None:
        """Write it."""
        weights = controls.model.weights
        if self.weight not in weights:
            raise LabError(f"There is no weight {self.weight!r}: there are {', '.join(weights)}.")
        array = weights[self.weight]
        inside = len(self.index) == array.ndim and all(
            0 <= each < length for each, length in zip(self.index, array.shape, strict=True)
        )
        if not inside:
            raise LabError(
                f"{self.weight} has the shape {array.shape}: there is no number {self.index}."
            )
        if not abs(self.value) < np.finfo(array.dtype).max:
            raise LabError(f"{self.weight}: {self.value} is no number that a weight can be.")
        array[self.index] = self.value

    @property
    def _target(self) -> tuple[Any, ...]:
        return self.kind, self.weight, self.index

    @property
    def label(self) -> str:
        """As "dense/kernel[0, 3] 0.5"."""
        return f"{self.weight}[{', '.join(map(str, self.index))}] {self.value:g}"


@final
@dataclass(frozen=True, slots=True)
class Reseed(Command):
    """Other chance from here on: the order of the samples from the next epoch, dropout at once."""

    kind = "seed"
    seed: int

    def carry_out(self, controls: Controls) -> None:
        """Start the model's generator from the seed."""
        if self.seed < 0:
            raise LabError(f"The seed is {self.seed}: it must be 0 or more.")
        fresh = np.random.default_rng(self.seed)
        controls.model.rng.bit_generator.state = fresh.bit_generator.state

    @property
    def label(self) -> str:
        """As "seed 7"."""
        return f"seed {self.seed}"


@final
@dataclass(frozen=True, slots=True)
class AverageWeights(Command):
    """Put the optimizer's moving averages (`use_ema`) in the place of the weights."""

    kind = "average"

    def carry_out(self, controls: Controls) -> None:
        """Copy them."""
        controls.model.optimizer.finalize_variable_values(controls.run.trainer.parameters)

    @property
    def label(self) -> str:
        """What was done."""
        return "averaged weights"


KINDS: Mapping[str, type[Command]] = {
    each.kind: each
    for each in (
        SetLearningRate,
        SetBatchSize,
        SetOptimizerArgument,
        SetArgument,
        Freeze,
        SetWeight,
        Reseed,
        AverageWeights,
    )
}


@dataclass(frozen=True, slots=True)
class Recorded:
    """A command and the step after which it was carried out."""

    step: int
    command: Command


def from_json(stored: Any) -> Command:
    """The command that `to_json` wrote. Raises LabError that names the part that is wrong."""
    kind = stored.get("kind") if isinstance(stored, Mapping) else None
    if not isinstance(kind, str) or kind not in KINDS:
        raise LabError(f"A command of the kind {shown(kind)} is not known: {', '.join(KINDS)} are.")
    given = {name: value for name, value in stored.items() if name != "kind"}
    types = {each.name: str(each.type) for each in fields(KINDS[kind])}
    if set(given) - set(types):
        raise LabError(
            f"The command {kind!r} has {', '.join(given)}, but needs {', '.join(types)}."
        )
    read: dict[str, Any] = {}
    for name, declared in types.items():
        if name not in given or not _fits(given[name], declared):
            raise LabError(
                f"The command {kind!r} has {name} {shown(given.get(name))}: it must be "
                f"{_WORDS.get(declared, 'a list of whole numbers')}."
            )
        value = given[name]
        read[name] = tuple(value) if declared.startswith("tuple") else value
    return KINDS[kind](**read)


_WORDS = {
    "float": "a number", "int": "a whole number", "bool": "true or false", "str": "a text"
}  # fmt: skip


def _fits(value: Any, declared: str) -> bool:
    match declared:
        case "float":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "int":
            return isinstance(value, int) and not isinstance(value, bool)
        case "bool":
            return isinstance(value, bool)
        case "str":
            return isinstance(value, str)
        case _:
            return isinstance(value, list | tuple) and all(type(each) is int for each in value)
