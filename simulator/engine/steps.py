"""One step of training or evaluation on one batch: forward, loss, backward, update."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.engine import memory
from simulator.engine.ahead import Ahead
from simulator.engine.arrays import aligned
from simulator.engine.compilation import Goal
from simulator.engine.compiled import Programs
from simulator.engine.data import Data
from simulator.engine.graph import Pass, Slopes, activity_loss
from simulator.engine.layers.base import Array, Context, Gradients, Layer

if TYPE_CHECKING:
    from simulator.engine.network import Network
    from simulator.engine.optimizers import Optimizer

UPDATES = "updates:"

quiet = np.errstate(all="ignore")
"""Decorates a pass: infinities and NaN take their course, and are looked for afterwards."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a batch came to."""

    loss: float  # with everything that regularizers add
    output_losses: tuple[float, ...]
    outputs: tuple[Array, ...]
    masks: tuple[Array | None, ...] = ()  # (B, T) of the outputs' steps, where there is one


@dataclass(frozen=True, slots=True)
class Chunk:
    """What several batches of one size came to."""

    losses: tuple[float, ...]
    output_losses: tuple[tuple[float, ...], ...]
    outputs: tuple[Array, ...]  # of all batches, one after another
    found: Break | None  # what ended it early, in the batch after those
    masks: tuple[Array | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Break:
    """Where the values stopped being finite."""

    layer: str
    what: str  # "weights", "output" or "loss"


def losses_of(
    goals: tuple[Goal, ...], outputs: tuple[Array, ...], weights: Sequence[Array | None], data: Data
) -> list[float]:
    """Each output's own loss, before its weight in the sum."""
    found = []
    for goal, output, y, weight in zip(goals, outputs, data.y, weights, strict=True):
        found.append(0.0 if goal.loss is None else float(goal.loss(y, output, weight)))
    return found


def weights_of(
    model: Network, goals: tuple[Goal, ...], data: Data, run: Pass
) -> list[Array | None]:
    """What each sample counts at each output, or each of its steps where they carry a mask: steps
    that are filling count nothing, and with a mean the others so much more, as in Keras.
    """
    found: list[Array | None] = []
    numbers = model.graph.output_numbers
    for number, goal, weight in zip(numbers, goals, data.weight, strict=True):
        mask = run.masks.get(number)
        if mask is None or goal.loss is None:
            found.append(weight)
            continue
        own = mask.astype(run.values[number].dtype)
        if goal.loss.reduction in ("mean", "sum_over_batch_size"):
            own *= own.dtype.type(mask.size / max(1, int(np.count_nonzero(mask))))
        found.append(own if weight is None else own * weight.reshape(len(weight), -1))
    return found


def penalty(layers: tuple[Layer, ...]) -> float:
    """What the regularizers of all trained weights add to the loss."""
    return sum(
        float(regularizer.value(layer.weights[name]))
        for outer in layers
        for _, layer in outer.walk()
        if layer.trainable
        for name, regularizer in layer.regularizers.items()
    )


def run_forward(
    model: Network, goals: tuple[Goal, ...], data: Data, context: Context
) -> tuple[Result, Pass]:
    """The outputs and the loss of a batch, and what the way back needs."""
    graph = model.graph
    run = graph.forward(data.x, context)
    outputs = tuple(run.values[number] for number in graph.output_numbers)
    result = result_of(model, goals, data, outputs, weights_of(model, goals, data, run))
    masks = tuple(run.masks.get(number) for number in graph.output_numbers)
    return replace(result, loss=result.loss + activity_loss(run), masks=masks), run


def result_of(
    model: Network,
    goals: tuple[Goal, ...],
    data: Data,
    outputs: tuple[Array, ...],
    weights: Sequence[Array | None],
) -> Result:
    """What the outputs for a batch cost, without what activity regularizers add."""
    own = losses_of(goals, outputs, weights, data)
    loss = sum(goal.loss_weight * each for goal, each in zip(goals, own, strict=True))
    loss += penalty(model.graph.layers)
    return Result(loss, tuple(own), outputs)


def run_backward(
    model: Network,
    goals: tuple[Goal, ...],
    data: Data,
    run: Pass,
    context: Context,
    *,
    everything: bool = False,
    penalties: bool = True,
) -> Slopes:
    """The gradients of the loss, those of regularizers added if `penalties` says so."""
    graph = model.graph
    slopes: dict[int, Array] = {}
    before: set[int] = set()
    weights = weights_of(model, goals, data, run)
    for number, goal, y, weight in zip(graph.output_numbers, goals, data.y, weights, strict=True):
        if goal.loss is None:
            continue
        output = run.values[number]
        gradient = None
        step = graph.writer(number)
        if step is not None and graph.consumers(number) == 1 and not everything:
            activation = step.layer.last_activation
            if activation is not None and step.layer.activity_regularizer is None:
                gradient = goal.loss.gradient_through(activation, y, output, weight)
        if gradient is not None:
            before.add(number)
        else:
            gradient = goal.loss.gradient(y, output, weight)
        if goal.loss_weight != 1:
            gradient = gradient * gradient.dtype.type(goal.loss_weight)
        slopes[number] = slopes[number] + gradient if number in slopes else gradient
    found = graph.backward(
        run, slopes, context, before_activation=frozenset(before), everything=everything
    )
    if penalties:
        add_penalties(found.weights, graph.layers)
    return found


def add_penalties(gradients: Gradients, layers: tuple[Layer, ...]) -> None:
    """Add the slopes of the regularizers to the gradients of the weights that they watch."""
    for outer in layers:
        for prefix, layer in outer.walk(f"{outer.name}/"):
            if layer.trainable:
                for name, regularizer in layer.regularizers.items():
                    key = prefix + name
                    slope = regularizer.gradient(layer.weights[name])
                    gradients[key] = gradients[key] + slope if key in gradients else slope


def updates_of(model: Network, run: Pass) -> list[tuple[Array, Array]]:
    """The weights that no gradient trains, and their new values: moving statistics."""
    found = []
    for step, cache in zip(model.graph.steps, run.caches, strict=True):
        for name, value in cache.items():
            path, _, last = name.rpartition(UPDATES)
            if path or name.startswith(UPDATES):
                found.append((step.layer.weights[path + last], value))
    return found


def find_break(model: Network, run: Pass) -> Break:
    """The first layer whose weights or output are not finite; else it is the loss."""
    for step in model.graph.steps:
        if not all(np.isfinite(weight).all() for weight in step.layer.weights.values()):
            return Break(step.layer.name, "weights")
        if not all(np.isfinite(run.values[number]).all() for number in step.outputs):
            return Break(step.layer.name, "output")
    last = model.graph.writer(model.graph.output_numbers[0])
    return Break(last.layer.name if last else "", "loss")


class Trainer:
    """Changes a model's weights, one batch at a time, and keeps the last good ones."""

    def __init__(self, model: Network, goals: tuple[Goal, ...], optimizer: Optimizer) -> None:
        self.model = model
        self.goals = goals
        self.optimizer = optimizer
        self.trained = model.trainable_names
        """What was trainable when it was made: after a change another is needed."""
        self.parameters: dict[str, Array] = {}
        self._same: dict[str, str] = {}  # other names of weights that several layers share
        names: dict[int, str] = {}
        for layer in model.graph.layers:
            weights = layer.weights
            for name in layer.trainable_names:
                key = f"{layer.name}/{name}"
                first = names.setdefault(id(weights[name]), key)
                if first == key:
                    self.parameters[key] = weights[name]
                else:
                    self._same[key] = first
        moving = {
            id(layer.weights[name]): layer.weights[name]
            for outer in model.graph.layers
            for _, layer in outer.walk()
            for name in layer.non_trainable
        }
        self.changing = [*self.parameters.values(), *moving.values()]
        """All arrays that a step changes."""
        self._good: list[Array] | None = None
        self._programs = Programs(self)
        self.ahead = Ahead(self, self._programs)
        self._fitting = 0  # the largest batch that was found to fit in memory

    @property
    def shares_weights(self) -> bool:
        """Whether several layers have some weights in common."""
        return bool(self._same)

    def program_size(self, batch: int, *, weighted: bool) -> int | None:
        """The bytes that a program for such batches takes; None where there is none."""
        return self._programs.size(batch, self.model.backend, weighted=weighted)

    def refuse_if_too_large(self, batch: int) -> None:
        """Raises NetworkTooLarge if a step with so many samples does not fit in memory."""
        if batch > self._fitting:
            memory.refuse_step(self, batch)
            self._fitting = batch

    def kept(self, name: str) -> Array:
        """Where these weights are kept as they were before the last update."""
        if self._good is None:
            self._good = [aligned(weight) for weight in self.changing]
        return self._good[list(self.parameters).index(name)]

    def advance(self, data: Data, order: Array, context: Context) -> Chunk:
        """An update for each row of `order` (steps, B), the numbers of that batch's samples: by a
        compiled program where there is one for this network, else layer by layer.

        Where a loss is not finite it ends there, as in `step`.
        """
        losses: list[float] = []
        parts: list[tuple[Array, ...]] = []
        found: Break | None = None
        done = self._programs.run(data, order, context)
        if done is not None:
            values, outputs, broke = done
            if outputs.size:
                parts.append((outputs.reshape(-1, *outputs.shape[2:]),))
            losses = values
            if broke:
                found = self._examine(data[order[len(losses)]], context)
            return Chunk(tuple(losses), ((),) * len(losses), _joined(parts), found)
        own: list[tuple[float, ...]] = []
        masks: list[tuple[Array | None, ...]] = []
        for chosen in order:
            result, found = self.step(data[chosen], context)
            if found is not None:
                break
            losses.append(result.loss)
            own.append(result.output_losses)
            parts.append(result.outputs)
            masks.append(result.masks)
        return Chunk(tuple(losses), tuple(own), _joined(parts), found, _joined(masks))

    @quiet
    def _examine(self, batch: Data, context: Context) -> Break:
        """What broke in the batch at which a program stopped; puts the last good weights back."""
        _, run = run_forward(self.model, self.goals, batch, context)
        found = find_break(self.model, run)
        self.put_back()
        return found

    @quiet
    def step(self, data: Data, context: Context) -> tuple[Result, Break | None]:
        """One update. Where the loss is not finite there is none, and the weights of the last
        batch with a finite loss are put back.
        """
        with context.backend.flushing_denormals():
            return self._step(data, context)

    def _step(self, data: Data, context: Context) -> tuple[Result, Break | None]:
        result, run = run_forward(self.model, self.goals, data, context)
        if not np.isfinite(result.loss):
            found = find_break(self.model, run)
            self.put_back()
            return result, found
        gradients = run_backward(self.model, self.goals, data, run, context).weights
        for name, first in self._same.items():
            if name in gradients:
                gradient = gradients.pop(name)
                gradients[first] = gradients[first] + gradient if first in gradients else gradient
        self._keep()
        known = {name: gradients[name] for name in self.parameters if name in gradients}
        if known:
            self.optimizer.step(self.parameters, known)
        for weight, value in updates_of(self.model, run):
            weight[...] = value
        return result, None

    @quiet
    def broken(self) -> Break | None:
        """The first layer with weights that are not finite; then the last good ones are put back.

        A break shows in the next batch's loss, and after the last batch here.
        """
        if self.finite:
            return None
        for layer in self.model.graph.layers:
            if not all(np.isfinite(weight).all() for weight in layer.weights.values()):
                self.put_back()
                return Break(layer.name, "weights")
        return None

    @property
    def finite(self) -> bool:
        """Whether all weights are numbers."""
        return all(np.isfinite(weight).all() for weight in self.changing)

    @property
    def arrays(self) -> list[Array]:
        """All weights that a step changes, and where they are kept as they were before it."""
        return [*self.changing, *(self._good or ())]

    def put_back(self) -> None:
        """The weights as they were before the last update."""
        if self._good is not None:
            for weight, good in zip(self.changing, self._good, strict=True):
                weight[...] = good

    def _keep(self) -> None:
        if self._good is None:
            self._good = [aligned(weight) for weight in self.changing]
        else:
            for weight, good in zip(self.changing, self._good, strict=True):
                np.copyto(good, weight)

    @property
    def before(self) -> dict[str, Array]:
        """The trained weights as they were before the last step; empty if there was none."""
        return dict(zip(self.parameters, self._good or (), strict=False))


def _joined(parts: Sequence[tuple[Any, ...]]) -> tuple[Any, ...]:
    """The outputs of several batches, one after another; None stays None."""
    if len(parts) <= 1:
        return parts[0] if parts else ()
    columns = zip(*parts, strict=True)
    return tuple(None if each[0] is None else np.concatenate(each) for each in columns)
