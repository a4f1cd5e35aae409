"""From a dense layer of a network in the lab to the lesson on these, through what follows it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import numpy as np

from simulator.engine import losses
from simulator.engine.layers.base import Array
from simulator.formats.json_values import Json
from simulator.formats.network import LayerSpec, NetworkSpec, base_name
from simulator.lab.autoencoders import KEPT, PASSING
from simulator.lab.broken import refuse_broken
from simulator.lab.errors import LabError
from simulator.lab.experiment import Experiment
from simulator.lab.snapshot import SamplePass, View, Wanted
from simulator.lessons.catalogue import lesson
from simulator.lessons.dense import MOST_STEPS
from simulator.lessons.lesson import FROM_LAB, LessonState, Opened
from simulator.lessons.own_network import MOST_LAYERS, OwnLayer
from simulator.traces.staged import layout_of

LESSON = "dense"
MOST_WEIGHTS = 2**25
"""A layer of more weights would take long to open, and nobody goes through so many."""
SAME = ("Flatten", "Reshape")
"""Layers that leave a row of numbers as it is."""
BENDING = ("Activation", "ReLU", "LeakyReLU", "Softmax")
FOLLOWING = ("Dense", "BatchNormalization", *BENDING, *PASSING)
"""Layers that are gone through after the one that was opened."""
ELEMENTWISE = (*PASSING, "BatchNormalization", "Activation", "ReLU", "LeakyReLU")
"""Layers that leave numbers in their places."""


@dataclass(frozen=True, slots=True)
class _Loss:
    """A loss that the lesson shows, told as JSON, and whether it tells classes apart."""

    told: str
    classes: bool


def is_dense(spec: LayerSpec) -> bool:
    """Return whether a layer is dense, or is a dense one at every time step."""
    return spec.kind == "Dense" or _inner(spec) is not None


def dense_lesson(
    experiment: Experiment, name: str, sample: int, passed: SamplePass | None
) -> tuple[str, LessonState]:
    """Return the lesson's id and the state that shows the dense layer of this name at work.

    What follows it is gone through with it, to the loss, as far as it is dense layers, activations
    and normalizations in a row. Raises LabError where the layer can't be shown; it says why.
    """
    network = experiment.program.network
    source = network.layer(name).inputs[0]
    x = None if passed is None else _read(passed, source)
    if passed is None or x is None:
        raise LabError(f"What goes into {name!r} is not known for this sample.")
    chain, end = _chain(network, name, experiment.model.weights, row=x.ndim == 1)
    starts = [_start(network, each) for each in chain]
    for start in starts:
        refuse_broken(experiment, start)
    names = tuple(each for each in experiment.model.weights if each.startswith(tuple(starts)))
    outputs = [base_name(each) for each in network.outputs]
    number = outputs.index(end) if end in outputs else None
    views: frozenset[View] = frozenset({"sample"} if number else ())  # its target isn't known yet
    wanted = Wanted(views, sample=sample, arrays=names, output=number or 0)
    snapshot = experiment.snapshot(wanted)
    goals = passed if snapshot.sample is None else snapshot.sample
    places = prod(x.shape[:-1])
    if places > MOST_STEPS:
        raise LabError(
            f"{name!r} is applied at {places:,} places: the lesson on dense layers goes to one of "
            f"{MOST_STEPS:,} at most."
        )
    order, shape = _laid(network, passed, source, x)
    arrays: dict[str, Array] = {
        "x": x.reshape(places, -1)[:, order].reshape(places, *shape),
        "is_picture": np.array(_is_picture(network, source, x)),
        "classes": np.array((), dtype=str),
    }
    told = []
    for at, (spec, start) in enumerate(zip(chain, starts, strict=True)):
        own = _own_layer(spec)
        told.append(str(own))
        for key, array in snapshot.arrays.items():
            if key.startswith(start):
                inner = key.rpartition("/")[2]
                first = at == 0 and inner == "kernel"
                arrays[f"{own.name}/{inner}"] = array[order] if first else array
    arrays["layers"] = np.array(told)
    shown = None if number is None else _loss(experiment, number)
    target = None if shown is None else _targets(goals.target, places)
    if shown is not None and number is not None and target is not None:
        arrays |= {"loss": np.array(shown.told), "target": target}
        if shown.classes:
            arrays["classes"] = np.array(experiment.classes_of(number), dtype=str)
    chosen = lesson(LESSON)
    state = chosen.initial_state()
    for setting, value in (("picture", FROM_LAB), ("steps", places)):
        state = chosen.change(state, setting, value)
    return LESSON, replace(state, opened=Opened(arrays, f"Lab, sample {sample + 1}"))


# Which layers


def _chain(
    network: NetworkSpec, name: str, weights: Mapping[str, Array], *, row: bool
) -> tuple[list[LayerSpec], str]:
    """Return a layer and those after it that are gone through, and where that ends.

    An activation after a linear layer is made that layer's own. ``row`` is whether it reads one row
    of numbers, not one at each time step.
    """
    at = _called(network, network.layer(name))
    _refuse_size(network, at, weights)
    found = [at]
    outputs = {base_name(each) for each in network.outputs}
    while at.name not in outputs and len(found) < MOST_LAYERS:
        after = network.consumers(at.name)
        if len(after) != 1 or len(after[0].inputs) != 1:
            break
        following = _called(network, after[0])
        if not _follows(following, network, weights, row=row):
            break
        at = following
        bends = at.kind == "Activation" and isinstance(at.arguments.get("activation"), str)
        if at.kind in (*PASSING, *SAME):
            continue
        if bends and _is_linear(found[-1]):
            found[-1] = _with_activation(found[-1], at.arguments["activation"])
        else:
            found.append(at)
    return found, at.name


def _called(network: NetworkSpec, spec: LayerSpec) -> LayerSpec:
    """Return a call of a layer with that layer's own arguments."""
    owner = network.layer(spec.shared_with) if spec.shared_with else spec
    return replace(spec, arguments=owner.arguments)


def _follows(
    spec: LayerSpec, network: NetworkSpec, weights: Mapping[str, Array], *, row: bool
) -> bool:
    """Return whether a layer can be gone through after a dense one."""
    if spec.kind in SAME:  # numbers that come out in another shape are the same ones
        outputs = {base_name(each) for each in network.outputs}
        return row and (spec.kind == "Flatten" or spec.name in outputs)
    if spec.kind in ("BatchNormalization", "Softmax"):
        return bool(spec.arguments.get("axis", -1) == -1)
    if is_dense(spec):
        return _size(network, spec, weights) <= MOST_WEIGHTS
    return spec.kind in FOLLOWING


def _size(network: NetworkSpec, spec: LayerSpec, weights: Mapping[str, Array]) -> int:
    kernel = weights.get(f"{_start(network, spec)}kernel")
    return 0 if kernel is None else kernel.size


def _refuse_size(network: NetworkSpec, spec: LayerSpec, weights: Mapping[str, Array]) -> None:
    size = _size(network, spec, weights)
    if size > MOST_WEIGHTS:
        raise LabError(
            f"{spec.name!r} has {size:,} weights: the lesson on dense layers shows layers of up to "
            f"{MOST_WEIGHTS:,}."
        )


def _inner(spec: LayerSpec) -> Mapping[str, Any] | None:
    """Return the dense layer that a TimeDistributed one applies at every step, if it is one."""
    inner = spec.arguments.get("layer") if spec.kind == "TimeDistributed" else None
    return inner if isinstance(inner, Mapping) and inner.get("kind") == "Dense" else None


def _arguments(spec: LayerSpec) -> Mapping[str, Json]:
    inner = _inner(spec)
    return spec.arguments if inner is None else inner.get("arguments", {})


def _is_linear(spec: LayerSpec) -> bool:
    return is_dense(spec) and _arguments(spec).get("activation") in (None, "linear")


def _with_activation(spec: LayerSpec, activation: Json) -> LayerSpec:
    return LayerSpec("Dense", spec.name, {**_arguments(spec), "activation": activation},
                     spec.inputs, spec.shared_with)  # fmt: skip


def _start(network: NetworkSpec, spec: LayerSpec) -> str:
    """Return what the names of a layer's weights begin with: those of a call are its layer's."""
    owner = spec.shared_with or spec.name
    inner = _inner(network.layer(owner))
    return f"{owner}/" if inner is None else f"{owner}/{inner['name']}/"


def _own_layer(spec: LayerSpec) -> OwnLayer:
    """Return a layer as the lesson takes it."""
    kind = "Dense" if is_dense(spec) else spec.kind
    kept = {key: value for key, value in _arguments(spec).items() if key in KEPT}
    if kind == "Dense":
        kept["kernel_initializer"] = "zeros"  # its weights are known: none has to be drawn
    return OwnLayer(kind, spec.name, kept)


# What goes in


def _read(passed: SamplePass, source: str) -> Array | None:
    """Return what a layer reads, by its name, "lstm#1" for a layer's second output."""
    name, _, place = source.partition("#")
    several = passed.arrays.get(f"{name}/output:{place or 0}")
    return passed.outputs.get(name) if several is None else several


def _laid(
    network: NetworkSpec, passed: SamplePass, source: str, x: Array
) -> tuple[Array, tuple[int, int]]:
    """Return in which order a layer's inputs are laid out, and their rows and columns.

    What was flattened stands as it stood before: a sequence with its time steps as rows, maps side
    by side.
    """
    every = np.arange(x.shape[-1])
    before = _flattened(network, passed, source) if x.ndim == 1 else None
    if before is None or prod(before) != len(every):
        return every, layout_of(len(every))
    if len(before) == 2:
        return every, (before[0], before[1])
    if len(before) != 3:
        return every, layout_of(len(every))
    rows, columns, maps = before
    down, across = layout_of(maps)
    tiles = every.reshape(rows, columns, down, across).transpose(2, 0, 3, 1)
    return tiles.reshape(-1), (down * rows, across * columns)


def _flattened(network: NetworkSpec, passed: SamplePass, source: str) -> tuple[int, ...] | None:
    """Return the shape of what was flattened to what is read, if it was."""
    layers = {each.name: each for each in network.layers}
    spec = layers.get(base_name(source))
    while spec is not None and spec.kind in ELEMENTWISE:
        spec = layers.get(base_name(spec.inputs[0]))
    if spec is None or spec.kind != "Flatten":
        return None
    before = _read(passed, spec.inputs[0])
    return None if before is None else before.shape


def _is_picture(network: NetworkSpec, source: str, x: Array) -> bool:
    """Return whether the numbers are brightness: a picture that goes in as it is."""
    layers = {each.name: each for each in network.layers}
    spec = layers.get(base_name(source))
    while spec is not None and spec.kind in (*PASSING, *SAME):
        spec = layers.get(base_name(spec.inputs[0]))
    return spec is None and x.size > MOST_FEATURES and bool(x.min() >= 0 and x.max() <= 1)


MOST_FEATURES = 15
"""Rows of so many numbers are no pictures."""


# What it is measured by


def _loss(experiment: Experiment, number: int) -> _Loss | None:
    """Return the loss of an output as the lesson takes it; None for one that it doesn't show."""
    loss = experiment.timeline.run.trainer.goals[number].loss
    if isinstance(loss, losses.MeanSquaredError | losses.MeanAbsoluteError):
        return _Loss(_told(loss, ()), classes=False)
    if not isinstance(
        loss,
        losses.BinaryCrossentropy
        | losses.CategoricalCrossentropy
        | losses.SparseCategoricalCrossentropy,
    ) or loss.axis not in (-1, len(experiment.model.ports[1][number].shape)):
        return None
    sparse = isinstance(loss, losses.SparseCategoricalCrossentropy)
    own = ("from_logits", "ignore_class" if sparse else "label_smoothing")
    return _Loss(_told(loss, own), classes=not isinstance(loss, losses.BinaryCrossentropy))


def _told(loss: losses.Loss, arguments: Sequence[str]) -> str:
    config = {each: getattr(loss, each) for each in arguments}
    return json.dumps({"class_name": type(loss).__name__, "config": config})


def _targets(target: Array, places: int) -> Array | None:
    """Return the target of each place, (places, …)."""
    if target.size % places or (places > 1 and target.size < places):
        return None
    return target.reshape(places, -1)
