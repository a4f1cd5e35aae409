"""What a model is trained for: its losses and metrics, one set for each output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.engine import arguments, losses, metrics
from simulator.engine.data import Data, Port
from simulator.engine.layers.base import Array, Layer
from simulator.engine.metrics import Averaged, Metric
from simulator.engine.optimizers import Optimizer

if TYPE_CHECKING:
    from simulator.engine.steps import Result


@dataclass(slots=True)
class Mean:
    """A mean of losses, each weighted by its number of samples."""

    total: float = 0.0
    count: int = 0

    def add(self, values: Sequence[float], count: int) -> None:
        """Take in those of batches of so many samples each."""
        total = self.total
        for value in values:
            total += value * count
        self.total = total
        self.count += count * len(values)

    @property
    def value(self) -> float:
        """The mean so far."""
        return self.total / self.count if self.count else 0.0


@dataclass(slots=True)
class Goal:
    """One output's loss and metrics."""

    port: Port
    loss: losses.Loss | None
    loss_weight: float
    metrics: dict[str, Metric]
    weighted: dict[str, Metric]  # those that heed sample weights

    @property
    def every_metric(self) -> dict[str, Metric]:
        """Both kinds by their names in a history."""
        return self.metrics | self.weighted


@dataclass(slots=True)
class Scores:
    """The running loss and metrics of an epoch, by the names that a history shows."""

    goals: tuple[Goal, ...]
    loss: Mean = field(default_factory=Mean)
    output_losses: tuple[Mean, ...] = ()

    def reset(self) -> None:
        """Start anew."""
        self.loss = Mean()
        self.output_losses = tuple(Mean() for _ in self.goals) if len(self.goals) > 1 else ()
        for goal in self.goals:
            for metric in goal.every_metric.values():
                metric.reset()

    @property
    def reads_outputs(self) -> bool:
        """Whether there are metrics, which look at outputs and targets."""
        return any(goal.every_metric for goal in self.goals)

    def add_losses(
        self, losses: Sequence[float], output_losses: Sequence[Sequence[float]], count: int
    ) -> None:
        """Take in what batches of so many samples each cost."""
        self.loss.add(losses, count)
        for number, mean in enumerate(self.output_losses):
            mean.add([own[number] for own in output_losses if own], count)

    def add_outputs(
        self, outputs: Sequence[Array], data: Data, masks: Sequence[Array | None] = ()
    ) -> None:
        """Let the metrics see the outputs of one batch or of several.

        Means leave out the steps that a mask (B, T) calls filling; other metrics count them, as
        Keras's do.
        """
        for number, (goal, output, y) in enumerate(zip(self.goals, outputs, data.y, strict=True)):
            mask = masks[number] if masks else None
            weight = data.weight[number] if data.weight else None
            for metric in goal.metrics.values():
                metric.update(y, output, _seen(metric, None, mask))
            for metric in goal.weighted.values():
                metric.update(y, output, _seen(metric, weight, mask))

    def add(self, result: Result, data: Data) -> None:
        """Take in one batch."""
        self.add_losses([result.loss], [result.output_losses], len(data))
        self.add_outputs(result.outputs, data, result.masks)

    def of_each(
        self,
        losses: Sequence[Sequence[float]],
        size: int,
        output: Array,
        data: Data,
        prefix: str = "",
    ) -> list[dict[str, float]]:
        """What `result` gives for each of several sets of samples that lie one after another, as
        many in each, if it is reset before and they are taken in by batches of that size, the last
        one smaller where there is a rest. For a single output; what was counted before stays.
        """
        (goal,) = self.goals
        whole = len(output) // len(losses) // size
        rest = len(output) // len(losses) % size
        found: list[dict[str, float]] = []
        for own in losses:
            mean = Mean()
            mean.add(own[:whole], size)
            mean.add(own[whole:], rest)
            found.append({f"{prefix}loss": mean.value})
        for name, metric in goal.every_metric.items():
            weight = data.weight[0] if name in goal.weighted else None
            values = metric.of_each(len(losses), data.y[0], output, weight)
            for logs, value in zip(found, values, strict=True):
                logs[prefix + name] = float(value) if np.ndim(value) == 0 else value
        return found

    def result(self, prefix: str = "") -> dict[str, float]:
        """The means so far: "loss", the outputs' losses if there are several, the metrics.

        In Keras's order: as given, but by their names where there are several outputs.
        """
        result = {f"{prefix}loss": self.loss.value}
        for goal, mean in zip(self.goals, self.output_losses, strict=False):
            result[f"{prefix}{goal.port.name}_loss"] = mean.value
        several = len(self.goals) > 1
        own = {
            f"{goal.port.name}_{name}" if several else name: metric.result()
            for goal in self.goals
            for name, metric in goal.every_metric.items()
        }
        for name in sorted(own) if several else own:
            value = own[name]
            result[prefix + name] = float(value) if np.ndim(value) == 0 else value
        return result


@dataclass(frozen=True, slots=True)
class Compilation:
    """What `compile` was given."""

    optimizer: Optimizer
    loss: Any
    metrics: Any
    loss_weights: Any
    weighted_metrics: Any = None

    def check(self) -> None:
        """Raises ValueError for names that nobody knows, before there is any data."""
        for name in _leaves(self.loss):
            if name not in ("crossentropy", "ce"):
                losses.get(name)
        for name in [*_leaves(self.metrics), *_leaves(self.weighted_metrics)]:
            metrics.get(name, None, (1,))

    def goals(self, ports: Sequence[Port], targets: Sequence[Array]) -> tuple[Goal, ...]:
        """The losses and metrics, now that the targets' shapes are known.

        Raises ValueError for unknown names, for lists that do not fit the outputs, and for targets
        that the losses cannot take.
        """
        own_losses = _by_port(self.loss, ports, "loss", many=False)
        own_weights = _by_port(self.loss_weights, ports, "loss_weights", many=False)
        own_metrics = _by_port(self.metrics, ports, "metrics", many=True)
        own_weighted = _by_port(self.weighted_metrics, ports, "weighted_metrics", many=True)
        goals = []
        for port, target, loss_name, weight, names, weighted_names in zip(
            ports, targets, own_losses, own_weights, own_metrics, own_weighted, strict=True
        ):
            shape, target_shape = port.shape, target.shape[1:]
            loss = None if loss_name is None else losses.get(loss_name, shape, target_shape)
            if loss is not None and loss.reduction in (None, "none"):
                raise ValueError(
                    f"compile: the loss {loss.name} has reduction={loss.reduction!r}, which gives "
                    "many numbers, and training needs one: leave it out."
                )
            if loss is not None:
                _refuse_targets(loss, target, port)
            found: dict[str, Metric] = {}
            for name in names:
                metric = metrics.get(name, loss, shape, target_shape)
                found[_free(metric.name, found)] = metric
            weighted: dict[str, Metric] = {}
            for name in weighted_names:
                metric = metrics.get(name, loss, shape, target_shape)
                own = f"weighted_{metric.name}" if metric.name in found else metric.name
                weighted[_free(own, weighted)] = metric
            share = 1.0
            if weight is not None:
                share = arguments.number(weight, owner="compile", argument="loss_weights")
            goals.append(Goal(port, loss, share, found, weighted))
        return tuple(goals)


def refuse_aimless(goals: Sequence[Goal], layers: Sequence[Layer], *, model: str) -> None:
    """Raises ValueError where there is nothing that training could make smaller."""
    if all(goal.loss is None for goal in goals) and not any(
        layer.regularizers or layer.activity_regularizer
        for outer in layers
        for _, layer in outer.walk()
    ):
        raise ValueError(
            f"{model} has no loss to make smaller: give compile a loss, such as loss='mse'."
        )


def _refuse_targets(loss: losses.Loss, target: Array, port: Port) -> None:
    """Let the loss meet the targets before training does: one for its shape, all class numbers for
    their range. Raises what the loss raises.
    """
    shape = tuple(length for length in port.shape if length is not None)
    if len(shape) < len(port.shape):
        return  # lengths that vary are compared batch by batch
    every = isinstance(loss, losses.SparseCategoricalCrossentropy)
    if every and target.dtype.kind == "f" and not np.array_equal(target, np.floor(target)):
        broken = target[target != np.floor(target)]
        raise ValueError(
            f"{loss.name}: the target {broken[0]:g} is no class: classes are whole numbers, 0 for "
            "the first."
        )
    for start in range(0, len(target) if every else 1, 4096):
        some = target[start : start + 4096] if every else target[:1]
        output = np.broadcast_to(np.ones((), port.dtype), (len(some), *shape))
        with np.errstate(all="ignore"):
            loss.value(some, output)


def _seen(metric: Metric, weight: Array | None, mask: Array | None) -> Array | None:
    """What a metric is given as the samples' weights."""
    if mask is None or not isinstance(metric, Averaged):
        return weight
    own = mask.astype(np.float64)
    return own if weight is None else own * weight.reshape(len(weight), -1)


def _by_port(given: Any, ports: Sequence[Port], argument: str, *, many: bool) -> list[Any]:
    """One entry for each output: of a metric list if `many`, else of single values."""
    if isinstance(given, Mapping) and "class_name" not in given:
        names = [port.name for port in ports]
        unknown = [name for name in given if name not in names]
        if unknown:
            raise ValueError(
                f"compile: {argument} names the output {unknown[0]!r}; the outputs are "
                f"{', '.join(names)}."
            )
        entries = [given.get(name) for name in names]
    elif many:
        listed = list(given) if isinstance(given, list | tuple) else [given]
        if given is None:
            listed = []
        nested = any(isinstance(each, list | tuple) for each in listed)
        if len(ports) == 1:
            entries = [listed[0] if nested else listed]
        elif nested or len(listed) == len(ports):
            entries = listed
        elif not listed:
            entries = [None] * len(ports)
        else:
            raise ValueError(
                f"compile: {argument} holds {len(listed)} entries, but the model has {len(ports)} "
                "outputs: give a list of metrics for each."
            )
    elif isinstance(given, list | tuple):
        entries = list(given)
    else:
        # A loss for all outputs, as in Keras; nothing at all stays nothing.
        entries = [given] * len(ports)
    if len(entries) != len(ports):
        raise ValueError(
            f"compile: {argument} holds {len(entries)} entries, but the model has {len(ports)} "
            f"{'output' if len(ports) == 1 else 'outputs'}."
        )
    if many:
        return [
            [] if each is None else list(each) if isinstance(each, list | tuple) else [each]
            for each in entries
        ]
    return entries


def _leaves(given: Any) -> list[Any]:
    if given is None:
        return []
    if isinstance(given, Mapping) and "class_name" not in given:
        given = list(given.values())
    if isinstance(given, list | tuple):
        return [leaf for each in given for leaf in _leaves(each)]
    return [given]


def _free(name: str, taken: Mapping[str, Any]) -> str:
    if name not in taken:
        return name
    number = 1
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"
