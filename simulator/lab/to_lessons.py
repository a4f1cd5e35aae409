"""From a layer of a trained network to the lesson on its arithmetic: these weights, this sample."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np

from simulator.engine.layers.base import Array
from simulator.formats.arguments import LAYERS
from simulator.formats.json_values import Json
from simulator.formats.network import LayerSpec, base_name
from simulator.lab.autoencoders import autoencoder_lesson, learned_instead
from simulator.lab.broken import refuse_broken
from simulator.lab.dense_layers import dense_lesson, is_dense
from simulator.lab.errors import LabError
from simulator.lab.experiment import Experiment
from simulator.lab.layers_at_work import layer_lesson
from simulator.lab.nested_layers import Placed, layers_within, placed
from simulator.lab.recurrent_lessons import (
    RecurrentPart,
    Way,
    back_lesson,
    recurrent_lesson,
    recurrent_parts,
)
from simulator.lab.snapshot import SamplePass, Wanted
from simulator.lab.stacked import Given, stack_lesson, stack_with
from simulator.lessons.catalogue import lesson
from simulator.lessons.channels import MOST_MAPS
from simulator.lessons.controls import ControlError
from simulator.lessons.lesson import FROM_LAB, LessonState, Opened

POOLING = {"MaxPooling2D": "max", "AveragePooling2D": "average"}
WINDOWS = ("Conv2D", *POOLING)
"""Layers with lessons of their own; others are shown at work one by one."""


def lesson_on(
    experiment: Experiment, layer: str, sample: int, way: Way = Way.THERE
) -> tuple[str, LessonState]:
    """Return the lesson's id and the state that shows the layer at work on a held-out sample.

    Of a layer that holds recurrent ones it is the first of them that is shown, of a Bidirectional
    one both directions, or the one that a path such as "bidirectional/backward_lstm" names. The
    ``way`` back shows what that sample's loss sends through a recurrent layer, that of a stack the
    recurrent layers below and above it too.

    Raises LabError where the lesson can't show such a layer; the message says what it can.
    """
    network, name = experiment.program.network, layer.partition("/")[0]
    if name not in {each.name for each in network.layers}:
        raise LabError(f"{name!r} is what goes in, and computes nothing: choose a layer after it.")
    spec = network.layer(name)
    parts = {part.path: part for part in recurrent_parts(spec)}
    if parts:
        part = parts.get(layer) if "/" in layer else next(iter(parts.values()))
        if part is None:
            raise LabError(f"There is no recurrent layer {layer!r}: there are {', '.join(parts)}.")
        if way is Way.BACK and part.directions:
            raise LabError(f"{part.path!r} reads both ways: go back through one of its directions.")
        shown: tuple[RecurrentPart, ...] = (part,)
        if way is Way.STACK:
            shown = stack_with(network, part.path) or shown
        return _on_recurrent(experiment, shown, sample, way)
    refuse_broken(experiment, f"{name}/")
    passed = experiment.snapshot(Wanted(frozenset({"sample"}), sample=sample)).sample
    at = placed(network, name)
    within = {each.path: each for each in layers_within(at)}
    if within:
        chosen = within.get(layer) if "/" in layer else next(iter(within.values()))
        if chosen is None:
            raise LabError(f"There is no layer {layer!r}: there are {', '.join(within)}.")
        return _on_any(experiment, chosen, sample, passed)
    if learned_instead(experiment, passed) is None:
        with suppress(LabError):  # each of its layers has a lesson of its own
            return autoencoder_lesson(experiment, layer, sample)
    if is_dense(spec):
        return dense_lesson(experiment, name, sample, passed)
    return _on_any(experiment, at, sample, passed)


def _on_any(
    experiment: Experiment, at: Placed, sample: int, passed: SamplePass | None
) -> tuple[str, LessonState]:
    """Return the lesson on a convolution or a pooling, or the one that shows a layer at work."""
    if at.spec.kind in WINDOWS:
        # What slides otherwise than their own lessons show is shown at work.
        with suppress(ControlError, LabError):
            return _on_window(experiment, at, sample, passed)
    return layer_lesson(experiment, at, sample, passed)


def _on_window(
    experiment: Experiment, at: Placed, sample: int, passed: SamplePass | None
) -> tuple[str, LessonState]:
    """Return the lesson on a convolution or a pooling. Raises ControlError or LabError."""
    layer, spec, start = at.path, at.spec, at.start
    source = base_name(at.sources[0])
    x = None if passed is None else passed.outputs.get(source)
    is_input = source in {each.name for each in experiment.program.network.inputs}
    if passed is not None and x is None and is_input:
        x = passed.x
    if x is None:
        raise LabError(f"What goes into {layer!r} is not known for this sample.")
    names = tuple(each for each in experiment.model.weights if each.startswith(start))
    snapshot = experiment.snapshot(Wanted(frozenset(), arrays=names))
    weights = {each.removeprefix(start): array for each, array in snapshot.arrays.items()}
    read = f"Lab, sample {sample + 1}"
    if spec.kind == "Conv2D":
        return "convolution", _convolution(spec, x, weights, read, maps=not is_input)
    return "pooling", _pooling(spec, x, read, maps=not is_input)


def _on_recurrent(
    experiment: Experiment, parts: tuple[RecurrentPart, ...], sample: int, way: Way
) -> tuple[str, LessonState]:
    """Return the lesson on a recurrent layer, or on several that stand on each other.

    They may lie within others.
    """
    starts = [_weights_start(experiment, part) for part in parts]
    for start in starts:
        refuse_broken(experiment, start)
    names = tuple(name for name in experiment.model.weights if name.startswith(tuple(starts)))
    wanted = Wanted(frozenset({"sample"}), sample=sample, arrays=names)
    snapshot = experiment.snapshot(wanted)
    passed, part = snapshot.sample, parts[0]
    x, *_ = inputs = _inputs(passed, part)
    reader = part.directions[0] if part.directions else part
    mask = None if passed is None else passed.arrays.get(f"{reader.path}/mask")
    if mask is not None:  # in the order of reading; steps that are filling change nothing
        x = x[mask[::-1] if reader.turned else mask]
        if not len(x):
            raise LabError(f"This sample is nothing but filling to {part.path!r}: choose another.")
    given = [
        Given(
            _inputs(passed, each)[1:],
            {
                name.removeprefix(start): array
                for name, array in snapshot.arrays.items()
                if name.startswith(start)
            },
        )
        for each, start in zip(parts, starts, strict=True)
    ]
    try:
        if way is Way.STACK or part.directions:
            return stack_lesson(parts, x, given)
        read, weights = (x, *inputs[1:]), given[0].weights
        if way is Way.BACK:
            above = experiment.arriving(sample)[part.path]
            return back_lesson(part, read, weights, _at_real_steps(above, mask))
        return recurrent_lesson(part, read, weights)
    except ControlError as error:
        words = f"{part.kind} {part.path!r} is more than its lesson shows. {error}"
        raise LabError(words) from error


def _weights_start(experiment: Experiment, part: RecurrentPart) -> str:
    """Return what the names of a layer's weights begin with: those of a call are its layer's."""
    first, *rest = part.path.split("/")
    owner = experiment.program.network.layer(first).shared_with or first
    return "/".join((owner, *rest, ""))


def _inputs(passed: SamplePass | None, part: RecurrentPart) -> tuple[Array, ...]:
    """Return the sequence that a layer reads, and its initial states, if any."""
    found = []
    for source in part.sources:
        array = None if passed is None else _output(passed, source)
        if array is None:
            raise LabError(f"What goes into {part.path!r} is not known for this sample.")
        found.append(array)
    return tuple(found)


def _at_real_steps(above: tuple[Array, ...], mask: Array | None) -> tuple[Array, ...]:
    """Return what arrives from above without the steps that are filling.

    There the state stays as it was: what arrives is that of the last real step before.
    """
    if mask is None:
        return above
    to_hidden, *others = above
    last = np.cumsum(mask) - 1
    found = np.zeros((int(mask.sum()), to_hidden.shape[1]), to_hidden.dtype)
    np.add.at(found, last[last >= 0], to_hidden[last >= 0])
    return found, *others


def _output(passed: SamplePass, source: str) -> Array | None:
    """Return an output by its name, "lstm#1" for a layer's second; None if it is not known."""
    name, _, place = source.partition("#")
    several = passed.arrays.get(f"{name}/output:{place or 0}")
    return passed.outputs.get(name) if several is None else several


def _convolution(
    spec: LayerSpec, x: Array, weights: Mapping[str, Array], title: str, *, maps: bool
) -> LessonState:
    kernel = weights["kernel"]
    if kernel.shape[0] != kernel.shape[1]:
        raise LabError("The lesson on convolution shows square kernels.")
    if _value(spec, "groups") != 1:
        raise LabError("The lesson on convolution shows filters that read all channels.")
    settings = {
        **_picture(x, "convolution"),
        "kernel_size": kernel.shape[0],
        "filters": kernel.shape[3],
        "preset": (FROM_LAB,) * kernel.shape[3],
        "stride": _one(spec, "strides"),
        "dilation": _one(spec, "dilation_rate"),
        "padding": _value(spec, "padding"),
    }
    bias = weights.get("bias", np.zeros(kernel.shape[3], kernel.dtype))
    arrays = {"input": x, "kernel": kernel, "bias": bias}
    return _state("convolution", settings, Opened(arrays, title, maps=maps))


def _pooling(spec: LayerSpec, x: Array, title: str, *, maps: bool) -> LessonState:
    window = _one(spec, "pool_size")
    stride = _value(spec, "strides")
    settings = {
        **_picture(x, "pooling"),
        "kind": POOLING[spec.kind],
        "window": window,
        "stride": window if stride is None else _one(spec, "strides"),
        "padding": _value(spec, "padding"),
    }
    return _state("pooling", settings, Opened({"input": x}, title, maps=maps))


def _picture(x: Array, of: str) -> dict[str, Any]:
    """Return the settings of a picture of this shape."""
    if x.ndim != 3 or x.shape[0] != x.shape[1]:
        raise LabError(f"The lesson on {of} shows square pictures.")
    if x.shape[2] > MOST_MAPS:
        raise LabError(
            f"The lesson on {of} shows up to {MOST_MAPS} channels, and this layer reads "
            f"{x.shape[2]}."
        )
    settings: dict[str, Any] = {"picture": FROM_LAB, "size": x.shape[0], "range": "1"}
    if x.shape[2] in {1, 3}:  # as many as another picture can have in its place
        settings["channels"] = str(x.shape[2])
    return settings


def _state(identity: str, settings: Mapping[str, Any], opened: Opened) -> LessonState:
    """Return a lesson's beginning with these settings, each checked, and what is opened."""
    chosen = lesson(identity)
    state = chosen.initial_state()
    for name, value in settings.items():
        state = chosen.change(state, name, value)
    return replace(state, opened=opened)


def _value(spec: LayerSpec, argument: str) -> Json:
    return spec.arguments.get(argument, LAYERS[spec.kind].argument(argument).default)


def _one(spec: LayerSpec, argument: str) -> int:
    """Return an argument that is the same along both axes."""
    value = _value(spec, argument)
    parts = set(value) if isinstance(value, tuple) else {value}
    if len(parts) > 1:
        raise LabError(f"The lesson shows {argument} that are equal along both axes.")
    return int(parts.pop())
