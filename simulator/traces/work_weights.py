"""The weights of a layer at work, as they are shown and as the engine has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.layers import (
    BatchNormalization,
    Conv1D,
    Conv2DTranspose,
    DepthwiseConv2D,
    Layer,
    LayerNormalization,
    MultiHeadAttention,
)
from simulator.engine.layers.kernel import KernelLayer
from simulator.traces.laid_layers import turned
from simulator.traces.work import laid_shape

Array = NDArray[Any]

PROJECTIONS = ("query", "key", "value")
SHOWN: Mapping[str, str] = {
    "kernel": "kernel_1",
    "bias": "bias_1",
    "moving_mean": "mean_1",
    "moving_variance": "variance_1",
    "gamma": "gamma_1",
    "beta": "beta_1",
    "embeddings": "table_1",
    **{f"{name}/kernel": f"{name}_kernel_1" for name in PROJECTIONS},
    **{f"{name}/bias": f"{name}_bias_1" for name in PROJECTIONS},
    "attention_output/kernel": "closing_kernel_1",
    "attention_output/bias": "closing_bias_1",
}
"""The names of weights in a trace, by those that the engine has for them."""


def shown_weights(layer: Layer, sample: Sequence[int]) -> dict[str, Array]:
    """Return the weights of a layer that reads such a sample, by their names in its trace.

    Those of attention have the heads last but in the bias of the output, and those of a transposed
    convolution are turned round. A bias that there is none of is one of zeros.
    """
    weights = dict(layer.weights)
    if isinstance(layer, KernelLayer) and "bias" not in weights:
        filters = layer.output_shape(tuple(sample))[-1]
        weights["bias"] = np.zeros(int(filters or 0), layer.dtype)
    return {
        SHOWN[name]: _shown(layer, name, weight, sample)
        for name, weight in weights.items()
        if name in SHOWN
    }


def take_shown(layer: Layer, given: Mapping[str, Array]) -> None:
    """Put weights as they are shown into a layer."""
    for name, weight in layer.weights.items():
        shown = given.get(SHOWN.get(name, ""))
        if shown is None:
            continue
        if isinstance(layer, MultiHeadAttention):
            shown = _heads_back(name, shown)
        elif isinstance(layer, Conv2DTranspose) and name == "kernel":
            shown = turned(shown)
        weight[...] = shown.reshape(weight.shape)


def _shown(layer: Layer, name: str, weight: Array, sample: Sequence[int]) -> Array:
    shape = weight.shape
    if isinstance(layer, MultiHeadAttention):
        return np.ascontiguousarray(_heads_last(name, weight))
    if isinstance(layer, Conv2DTranspose) and name == "kernel":
        return turned(weight)
    if isinstance(layer, BatchNormalization | LayerNormalization) and weight.ndim == 1:
        return weight.reshape(laid_shape(shape) if len(sample) == 1 else (1, *shape))
    some = isinstance(layer, DepthwiseConv2D) or getattr(layer, "groups", 1) > 1
    if name == "bias" and some:
        return weight.reshape(1, *shape)
    if name == "kernel" and isinstance(layer, Conv1D) and not some:
        return weight.reshape(*shape[:2], 1, shape[2])
    return weight


def _heads_last(name: str, weight: Array) -> Array:
    if name == "attention_output/kernel":  # (N, V, O)
        return weight.transpose(1, 0, 2)
    if name == "attention_output/bias":
        return weight[None]
    return np.moveaxis(weight, -2, -1)  # (D, N, K), and the bias (N, K)


def _heads_back(name: str, shown: Array) -> Array:
    if name == "attention_output/kernel":
        return shown.transpose(1, 0, 2)
    return shown if name == "attention_output/bias" else np.moveaxis(shown, -1, -2)
