"""The weights of a layer at work, as they are shown and as the engine has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.layers import (
    BatchNormalization,
    Conv1D,
    Conv2D,
    DepthwiseConv2D,
    Layer,
    LayerNormalization,
)
from simulator.traces.work import laid_shape

Array = NDArray[Any]

SHOWN = {
    "kernel": "kernel_1",
    "bias": "bias_1",
    "moving_mean": "mean_1",
    "moving_variance": "variance_1",
    "gamma": "gamma_1",
    "beta": "beta_1",
    "embeddings": "table_1",
}
"""The names of weights in a trace, by those that the engine has for them."""


def shown_weights(layer: Layer, sample: Sequence[int]) -> dict[str, Array]:
    """Return the weights of a layer that reads such a sample, by their names in its trace.

    A bias that there is none of is one of zeros, where the layer could have one.
    """
    found = {
        SHOWN[name]: weight.reshape(_shape(layer, name, weight, sample))
        for name, weight in layer.weights.items()
        if name in SHOWN
    }
    if isinstance(layer, Conv1D | Conv2D | DepthwiseConv2D) and "bias_1" not in found:
        filters = layer.output_shape(tuple(sample))[-1]
        bias = np.zeros(int(filters or 0), layer.dtype)
        found["bias_1"] = bias.reshape(_shape(layer, "bias", bias, sample))
    return found


def take_shown(layer: Layer, given: Mapping[str, Array]) -> None:
    """Put weights as they are shown into a layer."""
    for name, weight in layer.weights.items():
        if SHOWN.get(name) in given:
            weight[...] = given[SHOWN[name]].reshape(weight.shape)


def _shape(layer: Layer, name: str, weight: Array, sample: Sequence[int]) -> tuple[int, ...]:
    shape = weight.shape
    if isinstance(layer, BatchNormalization | LayerNormalization) and weight.ndim == 1:
        return laid_shape(shape) if len(sample) == 1 else (1, *shape)
    one_by_one = isinstance(layer, DepthwiseConv2D) or getattr(layer, "groups", 1) > 1
    if name == "bias" and one_by_one:
        return (1, *shape)
    if name == "kernel" and isinstance(layer, Conv1D) and not one_by_one:
        return (*shape[:2], 1, shape[2])
    return shape
