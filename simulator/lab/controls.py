"""What can be changed of a network while it is trained, beside its weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from simulator.engine.layers.base import Layer
from simulator.engine.model import Model
from simulator.engine.regularizers import L1L2
from simulator.engine.steps import Trainer
from simulator.engine.training import TrainingRun
from simulator.lab.errors import LabError

Place: TypeAlias = tuple[str, str]
"""A layer's path ("lstm", or "bidirectional/forward_lstm") and an argument's name."""

LARGEST_BATCH = 2**20
OPTIMIZER_ARGUMENTS = {
    "weight_decay": 100.0,
    "momentum": 0.999,
    "clipnorm": 1e6,
    "clipvalue": 1e6,
    "global_clipnorm": 1e6,
}
"""What can be changed of an optimizer, beside its learning rate, and the largest value of each; for
all but the momentum 0 says that there is none.
"""
RATES = ("rate", "dropout", "recurrent_dropout", "stddev")
"""Arguments of layers that are shares or strengths of chance."""
REGULARIZER = "_regularizer"


@dataclass(frozen=True, slots=True)
class Adjustable:
    """An argument of a layer that can be changed while it runs."""

    layer: str
    argument: str  # "rate", "kernel_regularizer.l2"…
    value: float
    lowest: float
    highest: float


@dataclass(frozen=True, slots=True)
class ControlValues:
    """The values of all controls at one time; nothing that a snapshot of the model holds."""

    batch_size: int
    optimizer: Mapping[str, float] = field(default_factory=dict)
    frozen: frozenset[str] = frozenset()
    arguments: Mapping[Place, float] = field(default_factory=dict)


class Controls:
    """Reads and sets what can be changed of a run. Made once for a model and its run."""

    def __init__(self, model: Model, run: TrainingRun) -> None:
        self.model = model
        self.run = run
        self._layers = {
            prefix.removesuffix("/"): layer
            for outer in model.graph.layers
            for prefix, layer in outer.walk(f"{outer.name}/")
        }

    @property
    def learning_rate(self) -> float:
        """The next step's."""
        return float(self.model.optimizer.learning_rate)

    @property
    def learning_rate_follows_a_schedule(self) -> bool:
        """Whether it cannot be set."""
        return "learning_rate" not in self.model.optimizer.state

    def set_learning_rate(self, value: float) -> None:
        """Raises LabError for a number below 0, and where a schedule sets it."""
        if self.learning_rate_follows_a_schedule:
            raise LabError(
                "The learning rate follows a schedule: give the optimizer a number in its place "
                "to set it by hand."
            )
        if not 0 <= value < float("inf"):
            raise LabError(f"The learning rate is {value}: it must be a number of 0 or more.")
        self.model.optimizer.learning_rate = value

    def set_batch_size(self, value: int) -> None:
        """From the next batch on. Raises LabError for what is no size."""
        if not 1 <= value <= LARGEST_BATCH:
            raise LabError(
                f"The batch size is {value}: it must be a whole number from 1 to {LARGEST_BATCH:,}."
            )
        self.run.batch_size = value

    @property
    def optimizer_arguments(self) -> dict[str, float]:
        """What can be set of this optimizer, by name."""
        optimizer = self.model.optimizer
        return {
            name: float(getattr(optimizer, name) or 0.0)
            for name in OPTIMIZER_ARGUMENTS
            if hasattr(optimizer, name)
        }

    def set_optimizer_argument(self, name: str, value: float) -> None:
        """Raises LabError for an argument that it has not, or a value out of its bounds."""
        known = self.optimizer_arguments
        if name not in known:
            raise LabError(
                f"{type(self.model.optimizer).__name__} has no {name!r} that can be changed: "
                f"{', '.join(known)} can."
            )
        highest = OPTIMIZER_ARGUMENTS[name]
        if not 0 <= value <= highest:
            raise LabError(f"{name} is {value}: it must lie between 0 and {highest:g}.")
        clips = [each for each in known if each.startswith(("clip", "global_clip"))]
        others = [each for each in clips if each != name and known[each]]
        if name in clips and value and others:
            raise LabError(f"{name}: gradients are already clipped by {others[0]}: set that to 0.")
        plain = value if value or name == "momentum" else None
        setattr(self.model.optimizer, name, plain)

    def layer(self, path: str) -> Layer:
        """A layer by its path. Raises LabError if there is none."""
        if path not in self._layers:
            raise LabError(f"There is no layer {path!r}: there are {', '.join(self._layers)}.")
        return self._layers[path]

    def is_frozen(self, path: str) -> bool:
        """Whether training leaves the layer as it is."""
        return not self.layer(path).trainable

    def freeze(self, path: str, frozen: bool) -> None:
        """Take the layer out of training, or back in."""
        layer = self.layer(path)
        if layer.trainable is not frozen:
            return
        layer.trainable = not frozen
        # What is trained is settled when a trainer is made; what it counts stays the same.
        self.run.trainer = Trainer(self.model, self.run.trainer.goals, self.model.optimizer)

    def adjustable(self) -> tuple[Adjustable, ...]:
        """All arguments of layers that can be changed now, with their bounds."""
        found = []
        for path, layer in self._layers.items():
            for name in RATES:
                value = getattr(layer, name, None)
                if isinstance(value, float):
                    highest = 100.0 if name == "stddev" else 1.0
                    found.append(Adjustable(path, name, value, 0.0, highest))
            for weight, regularizer in layer.regularizers.items():
                if isinstance(regularizer, L1L2):
                    for norm, value in (("l1", regularizer.l1), ("l2", regularizer.l2)):
                        argument = f"{weight}{REGULARIZER}.{norm}"
                        found.append(Adjustable(path, argument, value, 0.0, 100.0))
        return tuple(found)

    def set_argument(self, path: str, argument: str, value: float) -> None:
        """Raises LabError for an argument that cannot be changed, or a value out of its bounds.

        A regularizer can be set on any weight, also where there was none: the argument is
        "kernel_regularizer.l2" and the like.
        """
        layer = self.layer(path)
        weight, sign, norm = argument.partition(f"{REGULARIZER}.")
        if sign and norm in ("l1", "l2") and weight in layer.weights:
            if not 0 <= value <= 100:
                raise LabError(f"{path}: {argument} is {value}: it must lie between 0 and 100.")
            old = layer.regularizers.get(weight, L1L2())
            if not isinstance(old, L1L2):
                raise LabError(f"{path}: {argument} cannot be changed: it is of a kind of its own.")
            norms = {"l1": old.l1, "l2": old.l2, norm: float(value)}
            layer.regularizers[weight] = L1L2(norms["l1"], norms["l2"])
            return
        for each in self.adjustable():
            if (each.layer, each.argument) == (path, argument):
                if not each.lowest <= value <= each.highest:
                    raise LabError(
                        f"{path}: {argument} is {value}: it must lie between {each.lowest:g} and "
                        f"{each.highest:g}."
                    )
                setattr(layer, argument, float(value))
                return
        raise LabError(f"{path}: {argument} cannot be changed while the network is trained.")

    @property
    def values(self) -> ControlValues:
        """All values as they are now."""
        return ControlValues(
            self.run.batch_size,
            self.optimizer_arguments,
            frozenset(path for path, layer in self._layers.items() if not layer.trainable),
            {(each.layer, each.argument): each.value for each in self.adjustable()},
        )

    def put_back(self, values: ControlValues) -> None:
        """Make everything as it was when these values were read."""
        if self.values == values:
            return
        self.run.batch_size = values.batch_size
        present = self.optimizer_arguments
        # Those that are taken away first: gradients are clipped in one way at most.
        for name, value in sorted(values.optimizer.items(), key=lambda item: item[1]):
            if present[name] != value:
                self.set_optimizer_argument(name, value)
        for path in self._layers:  # an outer layer before those inside it
            self.freeze(path, path in values.frozen)
        for each in self.adjustable():
            if (each.layer, each.argument) not in values.arguments:  # a regularizer came later
                weight = each.argument.partition(REGULARIZER)[0]
                self.layer(each.layer).regularizers.pop(weight, None)
        for place, value in values.arguments.items():  # one that came before may be gone
            self.set_argument(*place, value)
