"""From a layer of the lab to the lesson that shows one layer of any kind at work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np

from simulator.engine.layers.base import Array
from simulator.formats.json_values import Json
from simulator.formats.network import LayerSpec, NetworkSpec
from simulator.lab.errors import LabError
from simulator.lab.experiment import Experiment
from simulator.lab.nested_layers import Placed
from simulator.lab.snapshot import SamplePass, Wanted
from simulator.lessons.catalogue import lesson
from simulator.lessons.layer_at_work import INPUTS, MOST_INPUTS, WEIGHT
from simulator.lessons.layer_examples import FAMILIES, made_layer, told_layer
from simulator.lessons.lesson import FROM_LAB, LessonState, Opened
from simulator.traces.numbers import count
from simulator.traces.work import MOST_NUMBERS

LESSON = "layer-at-work"
MOST_WEIGHTS = 2**25
"""A layer of more weights would take long to open, and nobody goes through so many."""
COMPUTES = frozenset(
    {
        *("filters", "kernel_size", "strides", "padding", "dilation_rate", "groups"),
        *("depth_multiplier", "pool_size", "order", "keepdims", "size", "target_shape", "dims"),
        *("n", "activation", "axis", "epsilon", "center", "scale", "max_value", "negative_slope"),
        *("alpha", "threshold", "rate", "stddev", "noise_shape", "mask_value"),
        *("input_dim", "output_dim", "mask_zero", "interpolation"),
        *("num_heads", "key_dim", "value_dim", "output_shape"),
    }
)
"""The arguments of layers that say what they compute; a bias that is left out is one of zeros."""


def layer_lesson(
    experiment: Experiment, at: Placed, sample: int, passed: SamplePass | None
) -> tuple[str, LessonState]:
    """Return the lesson's id and the state that shows a layer at work.

    Of a layer that is applied at every time step it is the first step. Raises LabError where the
    layer can't be shown; the message says why.
    """
    name = at.path
    kind, arguments, within = _inner(at.spec)
    if kind not in FAMILIES:
        raise LabError(f"There is no lesson on {kind}. {_nearest(kind)}")
    if arguments.get("use_causal_mask"):
        raise LabError(
            f"{name!r} lets no place see those after it: attention is shown where all see all."
        )
    inputs = [_read(experiment, passed, name, source) for source in at.sources]
    if within:
        inputs = [x[0] for x in inputs]
    inputs = _without_filling(passed, name, kind, inputs)
    start = f"{at.start}{within}"
    names = tuple(each for each in experiment.model.weights if each.startswith(start))
    _refuse_large(name, kind, inputs, sum(experiment.model.weights[each].size for each in names))
    snapshot = experiment.snapshot(Wanted(frozenset(), arrays=names))
    told = told_layer(kind, {key: each for key, each in arguments.items() if key in COMPUTES})
    try:
        layer = made_layer(told, tuple(tuple(x.shape) for x in inputs))
    except (TypeError, ValueError) as error:
        raise LabError(f"{kind} {name!r} can't be shown. {error}") from error
    arrays: dict[str, Array] = {
        "layer": np.array(told),
        **dict(zip(INPUTS, inputs, strict=False)),
        **{
            f"{WEIGHT}{key.removeprefix(start)}": array
            for key, array in snapshot.arrays.items()
            if key.removeprefix(start) in layer.weights
        },
    }
    chosen = lesson(LESSON)
    state = chosen.change(chosen.initial_state(), "layer", FROM_LAB)
    step = ", first step" if within else ""
    state = replace(state, opened=Opened(arrays, f"Lab, sample {sample + 1}{step}"))
    _try(state, kind, name)
    return LESSON, state


def _try(state: LessonState, kind: str, name: str) -> None:
    """Refuse what the lesson itself would."""
    chosen = lesson(LESSON)
    try:
        chosen.arrays(state)
    except ValueError as error:
        raise LabError(f"{kind} {name!r} can't be shown. {error}") from error


def _inner(spec: LayerSpec) -> tuple[str, Mapping[str, Json], str]:
    """Return a layer's kind and arguments, of one applied at each step those of the one within.

    The last is what the names of the inner layer's weights begin with, after the outer one's.
    """
    inner: Any = spec.arguments.get("layer") if spec.kind == "TimeDistributed" else None
    if not isinstance(inner, Mapping):
        return spec.kind, spec.arguments, ""
    return str(inner["kind"]), inner.get("arguments", {}), f"{inner['name']}/"


def _nearest(kind: str) -> str:
    """Return what there is instead, in words."""
    if kind in ("Dense", "TimeDistributed"):
        return "Within a network within the network, other layers are shown: open one of those."
    return "The lesson “A layer at work” shows other kinds of layers one by one."


def _read(experiment: Experiment, passed: SamplePass | None, name: str, source: str) -> Array:
    """Return an output that a layer reads, "lstm#1" for a layer's second, or what goes in."""
    network: NetworkSpec = experiment.program.network
    base, _, place = source.partition("#")
    found: Array | None = None
    if passed is not None:
        several = passed.arrays.get(f"{base}/output:{place or 0}")
        found = passed.outputs.get(base) if several is None else several
        if found is None and base in {each.name for each in network.inputs}:
            found = passed.x
    if found is None:
        raise LabError(f"What goes into {name!r} is not known for this sample.")
    return found


def _without_filling(
    passed: SamplePass | None, name: str, kind: str, inputs: list[Array]
) -> list[Array]:
    """Return what goes in without steps that are filling, where the layer leaves these out."""
    shares = None if passed is None else passed.arrays.get(f"{name}/shares")
    if kind != "GlobalAveragePooling1D" or shares is None:
        return inputs
    real = shares.reshape(-1) > 0
    if not real.any():
        raise LabError(f"This sample is nothing but filling to {name!r}: choose another.")
    return [inputs[0][real]]


def _refuse_large(name: str, kind: str, inputs: Sequence[Array], weights: int) -> None:
    if len(inputs) > MOST_INPUTS:
        raise LabError(f"{name!r} reads {len(inputs)} layers: up to {MOST_INPUTS} are shown.")
    if weights > MOST_WEIGHTS:
        raise LabError(
            f"{kind} {name!r} has {count(weights)} weights: a layer at work is shown with up to "
            f"{count(MOST_WEIGHTS)}."
        )
    numbers = sum(prod(x.shape) for x in inputs)
    if numbers > MOST_NUMBERS:
        raise LabError(
            f"{kind} {name!r} reads {count(numbers)} numbers: a layer at work is shown with up to "
            f"{count(MOST_NUMBERS)}."
        )
