"""From a dense layer of an autoencoder that was trained in the lab to the lesson on these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from simulator.engine.layers import Dense
from simulator.engine.layers.activation import Activation
from simulator.engine.layers.base import Array, Layer
from simulator.engine.layers.regularizing import Dropout, GaussianNoise
from simulator.engine.layers.shaping import Flatten, Reshape
from simulator.lab.errors import LabError
from simulator.lab.experiment import Experiment
from simulator.lab.snapshot import SamplePass
from simulator.lessons.catalogue import lesson
from simulator.lessons.lesson import LessonState
from simulator.lessons.own_network import FROM_LAB, MOST_LAYERS, OwnLayer, OwnNetwork
from simulator.traces.staged import layout_of

LESSON = "autoencoder"
PASSING = (Flatten, Reshape, Dropout, GaussianNoise)
"""Layers that leave the numbers of a sample as they are, outside of training."""
LESSONS_OF_THEIR_OWN = {
    "Conv2D": "convolution",
    "MaxPooling2D": "pooling",
    "AveragePooling2D": "pooling",
}
LEARNED = {"binary": "a class", "classification": "a class", "regression": "other numbers"}


def autoencoder_lesson(
    experiment: Experiment, name: str, passed: SamplePass | None, weights: Mapping[str, Array]
) -> tuple[str, LessonState]:
    """Return the lesson's id and the state that shows a sample's pass, at the layer of this name.

    ``weights`` has those of all layers, as "layer/kernel". Raises LabError where this is no
    autoencoder of dense layers; the message says why.
    """
    learned = None if experiment.dataset is None else LEARNED.get(experiment.dataset.task)
    if learned is None and passed is not None and passed.target.size != passed.x.size:
        learned = "other numbers"  # of data that the program made up itself
    if learned is not None:
        raise LabError(
            f"There is no lesson on Dense but that on autoencoders, and this network is none: it "
            f"learns {learned} for each sample, where an autoencoder learns its own input. Choose "
            "data whose target is the picture itself."
        )
    if passed is None:
        raise LabError(f"What goes into {name!r} is not known for this sample.")
    layers, names = _dense_layers(experiment.model.layers, weights)
    units = [int(layer.bias.size) for layer in layers]
    x = _picture(passed.x)
    if units[-1] != x.size:
        raise LabError(
            f"The last layer gives {units[-1]} numbers for the {x.size} of a sample: the lesson on "
            "autoencoders shows networks that give back as many as they are given."
        )
    code = int(np.argmin(units[:-1])) + 1
    target = passed.target.reshape(x.shape)
    network = OwnNetwork(
        layers, code, names.index(name) + 1, x, x if np.array_equal(target, x) else target
    )
    chosen = lesson(LESSON)
    state = replace(chosen.initial_state(), own_network=network)
    return LESSON, chosen.change(state, "network", FROM_LAB)


def _dense_layers(
    given: list[Layer], weights: Mapping[str, Array]
) -> tuple[tuple[OwnLayer, ...], list[str]]:
    """Return the dense layers of a row, with the activations that follow, and their names."""
    found: list[OwnLayer] = []
    names: list[str] = []
    for layer in given:
        if isinstance(layer, PASSING):
            continue
        if isinstance(layer, Activation) and found and found[-1].activation == "linear":
            found[-1] = replace(found[-1], activation=layer.activation.name)
            continue
        if not isinstance(layer, Dense):
            hint = LESSONS_OF_THEIR_OWN.get(type(layer).__name__)
            raise LabError(
                f"The lesson on autoencoders shows networks of dense layers alone, and this one "
                f"has the layer {layer.name!r} ({type(layer).__name__})"
                + (f": open that one, in the lesson on {hint}." if hint else ".")
            )
        kernel = weights[f"{layer.name}/kernel"]
        bias = weights.get(f"{layer.name}/bias", np.zeros(kernel.shape[1], kernel.dtype))
        found.append(OwnLayer(kernel, bias, layer.activation.name))
        names.append(layer.name)
    if not 2 <= len(found) <= MOST_LAYERS:
        raise LabError(
            f"The lesson on autoencoders shows 2 to {MOST_LAYERS} dense layers, an encoder and a "
            f"decoder, and this network has {len(found)}."
        )
    if any(layer.activation == "softmax" for layer in found):
        raise LabError(
            "The lesson on autoencoders shows activations of one number at a time: softmax takes "
            "all units together."
        )
    return tuple(found), names


def _picture(x: Array) -> Array:
    """Return a sample as rows and columns."""
    if x.ndim == 3 and x.shape[2] == 1:
        return x[:, :, 0]
    if x.ndim == 2:
        return x
    return x.reshape(layout_of(x.size))
