"""From a layer of an autoencoder that was trained in the lab to the lesson on these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from simulator.engine.backends.base import Backend
from simulator.engine.layers.base import Array
from simulator.formats.network import LayerSpec
from simulator.lab.errors import LabError
from simulator.lab.experiment import Experiment
from simulator.lab.snapshot import SamplePass, Wanted
from simulator.lessons.catalogue import lesson
from simulator.lessons.lesson import FROM_LAB, LessonState
from simulator.lessons.own_network import (
    MOST_LAYERS,
    OwnLayer,
    OwnNetwork,
    network,
)
from simulator.traces.laid_layers import LaidLayer, code_of, lay_out
from simulator.traces.staged import layout_of

LESSON = "autoencoder"
PASSING = ("Dropout", "GaussianNoise")
"""Layers that leave the numbers of a sample as they are, outside of training."""
LEARNED = {"binary": "a class", "classification": "a class", "regression": "other numbers"}
KEPT = (
    *("units", "filters", "kernel_size", "strides", "padding", "dilation_rate", "groups"),
    *("pool_size", "size", "target_shape", "dims", "activation"),
    *("axis", "epsilon", "center", "scale", "max_value", "negative_slope", "alpha", "threshold"),
)
"""The arguments of layers that say what they compute; a bias that is left out is one of zeros."""


def learned_instead(experiment: Experiment, passed: SamplePass | None) -> str | None:
    """Return what a network learns, in words, where it isn't its own input; None where it is."""
    learned = None if experiment.dataset is None else LEARNED.get(experiment.dataset.task)
    if learned is None and passed is not None and passed.target.size != passed.x.size:
        learned = "other numbers"  # of data that the program made up itself
    return learned


def autoencoder_lesson(experiment: Experiment, name: str, sample: int) -> tuple[str, LessonState]:
    """Return the lesson's id and the state that shows a sample's pass, at the layer of this name.

    Raises LabError where this is no autoencoder that the lesson can go through; it says why.
    """
    every = tuple(experiment.model.weights)
    snapshot = experiment.snapshot(Wanted(frozenset({"sample"}), sample=sample, arrays=every))
    passed, weights = snapshot.sample, snapshot.arrays
    if passed is None:
        raise LabError(f"What goes into {name!r} is not known for this sample.")
    specs = _row(experiment)
    flat = bool(specs) and specs[0].kind in ("Dense", "Flatten")
    x = _picture(passed.x, flat=flat)
    shape = (x.size,) if flat else (*x.shape, 1)
    layers = [
        OwnLayer(
            spec.kind,
            spec.name,
            {key: value for key, value in spec.arguments.items() if key in KEPT},
        )
        for spec in specs
    ]
    told = tuple(map(str, layers))
    try:
        model = network(told, shape, backend=Backend())
        laid = lay_out(model, (int(x.shape[0]), int(x.shape[1])))
    except ValueError as error:
        raise LabError(f"The lesson on autoencoders can't show this network. {error}") from error
    _refuse(laid, x)
    # A bias that there is none of is one of zeros.
    own = {key: weights.get(key, np.zeros_like(weight)) for key, weight in model.weights.items()}
    target = passed.target.reshape(x.shape)
    found = OwnNetwork(
        told,
        shape,
        own,
        code_of(laid),
        _opened(experiment, laid, name),
        x,
        x if np.array_equal(target, x) else target,
    )
    chosen = lesson(LESSON)
    state = replace(chosen.initial_state(), own_network=found)
    return LESSON, chosen.change(state, "network", FROM_LAB)


def _row(experiment: Experiment) -> list[LayerSpec]:
    """Return the layers that compute or move something, in their row.

    An activation after a linear layer is made that layer's own; what only gives a row of numbers
    another shape, before the first dense layer and after the last, is left out.
    """
    described = experiment.program.network
    before = described.inputs[0].name
    found: list[LayerSpec] = []
    for spec in described.layers:
        if spec.inputs != (before,) or spec.shared_with:
            raise LabError(
                f"The lesson on autoencoders shows layers that follow one another, and "
                f"{spec.name!r} reads another than the one before it, or shares its weights."
            )
        before = spec.name
        if spec.kind in PASSING:
            continue
        bends = spec.kind == "Activation" and isinstance(spec.arguments.get("activation"), str)
        if bends and found and _is_linear(found[-1]):
            found[-1] = found[-1].with_argument("activation", spec.arguments["activation"])
            continue
        found.append(spec)
    if found and found[0].kind == "Flatten" and len(found) > 1 and found[1].kind == "Dense":
        found = found[1:]
    while len(found) > 1 and found[-1].kind in ("Flatten", "Reshape"):
        found.pop()
    return found


def _is_linear(spec: LayerSpec) -> bool:
    linear = spec.arguments.get("activation") in (None, "linear")
    return linear and spec.kind in ("Dense", "Conv2D", "Conv2DTranspose")


def _refuse(laid: Sequence[LaidLayer], x: Array) -> None:
    """Refuse what isn't an encoder and a decoder that give back as many numbers as they take."""
    if not 2 <= len(laid) <= MOST_LAYERS:
        raise LabError(
            f"The lesson on autoencoders shows 2 to {MOST_LAYERS} layers, an encoder and a "
            f"decoder, and this network has {len(laid)}."
        )
    given = int(np.prod(laid[-1].shape))
    if given != x.size:
        raise LabError(
            f"The last layer gives {given} numbers for the {x.size} of a sample: the lesson on "
            "autoencoders shows networks that give back as many as they are given."
        )


def _opened(experiment: Experiment, laid: Sequence[LaidLayer], name: str) -> int:
    """Return the number of the layer that is gone through for the one of this name.

    Where that is none itself, it is the one after it, or else the last.
    """
    described = experiment.program.network
    order = [spec.name for spec in described.layers]
    numbers = {each.layer.name: each.number for each in laid}
    at = order.index(name)
    # An activation may have become part of the layer before it.
    bends = described.layer(name).kind == "Activation"
    near = [*([name, order[at - 1]] if bends and at else []), *order[at:]]
    return next((numbers[each] for each in near if each in numbers), len(laid))


def _picture(x: Array, *, flat: bool) -> Array:
    """Return a sample as rows and columns; a ``flat`` network takes any in one row."""
    if x.ndim == 3 and x.shape[2] == 1:
        return x[:, :, 0]
    if x.ndim == 2:
        return x
    if not flat:
        raise LabError(
            "The lesson on autoencoders shows pictures of one channel, and these samples have the "
            f"shape {x.shape}: choose grey pictures."
        )
    return x.reshape(layout_of(x.size))
