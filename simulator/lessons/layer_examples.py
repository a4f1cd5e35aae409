"""Layers with small numbers to read, for the lesson that shows one layer at work."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine import layers as kinds
from simulator.engine.layers import Layer
from simulator.formats.json_values import Json

Array = NDArray[Any]
Shape = tuple[int, ...]

WORDS = 8
"""So many rows has the table of the example that looks rows up."""


@dataclass(frozen=True, slots=True)
class Example:
    """A kind of layer, its arguments, the shapes of what goes in, and what family it is told by."""

    kind: str
    family: str
    shapes: tuple[Shape, ...]
    arguments: Mapping[str, Json] = field(default_factory=dict)

    @property
    def told(self) -> str:
        """The layer as JSON."""
        return told_layer(self.kind, self.arguments)

    def inputs(self, seed: int) -> list[Array]:
        """Return what goes in: halves from −2 to 2, or for a table whole numbers."""
        rng = np.random.default_rng(seed)
        if self.kind == "Embedding":
            return [rng.integers(0, WORDS, self.shapes[0]).astype(np.float32)]
        found = [(rng.integers(-4, 5, shape) / 2).astype(np.float32) for shape in self.shapes]
        if self.kind == "Masking":
            found[0][-2:] = 0
        return found


SEQUENCE, PICTURE = (6, 3), (5, 5, 2)
EXAMPLES = (
    Example("Conv1D", "along_time", (SEQUENCE,), {"filters": 2, "kernel_size": 3}),
    Example("MaxPooling1D", "pooling", (SEQUENCE,)),
    Example("AveragePooling1D", "pooling", (SEQUENCE,)),
    Example("GlobalMaxPooling1D", "global", (SEQUENCE,)),
    Example("GlobalAveragePooling1D", "global", (SEQUENCE,)),
    Example("GlobalMaxPooling2D", "global", (PICTURE,)),
    Example("GlobalAveragePooling2D", "global", (PICTURE,)),
    Example(
        "Conv2D",
        "groups",
        ((5, 5, 4),),
        {"filters": 4, "kernel_size": (1, 3), "groups": 2},
    ),
    Example("DepthwiseConv2D", "depthwise", (PICTURE,), {"kernel_size": 3}),
    Example(
        "Conv2DTranspose",
        "transposed",
        ((3, 3, 1),),
        {"filters": 1, "kernel_size": 3, "strides": 2, "padding": "same"},
    ),
    Example("Embedding", "embedding", ((6,),), {"input_dim": WORDS, "output_dim": 4}),
    Example("MultiHeadAttention", "attention", ((4, 3), (4, 3)), {"num_heads": 2, "key_dim": 2}),
    Example("BatchNormalization", "batch_normalization", ((4, 3),)),
    Example("LayerNormalization", "layer_normalization", ((4, 3),)),
    Example("Activation", "activation", ((4, 4),), {"activation": "tanh"}),
    Example("ReLU", "activation", ((4, 4),)),
    Example("LeakyReLU", "activation", ((4, 4),)),
    Example("Softmax", "softmax", ((3, 4),)),
    Example("Add", "merging", ((4, 3), (4, 3))),
    Example("Subtract", "merging", ((4, 3), (4, 3))),
    Example("Multiply", "merging", ((4, 3), (4, 3))),
    Example("Average", "merging", ((4, 3), (4, 3))),
    Example("Maximum", "merging", ((4, 3), (4, 3))),
    Example("Minimum", "merging", ((4, 3), (4, 3))),
    Example("Concatenate", "joining", ((4, 3), (4, 2))),
    Example("Flatten", "moving", ((3, 3, 2),)),
    Example("Reshape", "moving", ((3, 4),), {"target_shape": (2, 6)}),
    Example("Permute", "moving", ((3, 4),), {"dims": (2, 1)}),
    Example("RepeatVector", "moving", ((4,),), {"n": 3}),
    Example("UpSampling2D", "moving", ((3, 3, 1),)),
    Example("ZeroPadding2D", "moving", ((3, 3, 1),)),
    Example("Dropout", "dropout", ((4, 3),), {"rate": 0.5}),
    Example("GaussianNoise", "dropout", ((4, 3),), {"stddev": 0.5}),
    Example("Masking", "masking", ((5, 3),)),
    Example("LpPooling2D", "pooling", ((4, 4, 1),)),
    Example("StochasticPooling2D", "pooling", ((4, 4, 1),)),
)
"""The kinds of layers that are shown, in the order in which they can be chosen."""
BY_KIND: Mapping[str, Example] = {each.kind: each for each in EXAMPLES}
FAMILIES: Mapping[str, str] = {
    **{each.kind: each.family for each in EXAMPLES},
    **dict.fromkeys(("MaxPooling2D", "AveragePooling2D"), "pooling"),
}
"""What family a kind is told by: also kinds that come from the lab alone."""


def told_layer(kind: str, arguments: Mapping[str, Json]) -> str:
    """Return a layer as JSON."""
    return json.dumps([kind, dict(arguments)], default=dict)


def made_layer(told: str, shapes: tuple[Shape, ...]) -> Layer:
    """Return the layer that is told as JSON, built for inputs of these shapes.

    Raises ValueError where it doesn't fit them.
    """
    kind, arguments = json.loads(told)
    layer: Layer = getattr(kinds, kind)(name="layer", **arguments)
    layer.build(shapes if len(shapes) > 1 else shapes[0], np.random.default_rng(0))
    return layer


def drawn_weights(layer: Layer, seed: int) -> dict[str, Array]:
    """Return weights for a layer: quarters from −1 to 1 but 0; variances are above 0."""
    rng = np.random.default_rng([seed, 1])
    found = {}
    for name, weight in layer.weights.items():
        drawn = rng.integers(1, 5, prod(weight.shape)) / 4
        if "variance" not in name:
            drawn *= rng.choice([-1, 1], drawn.shape)
        found[name] = drawn.reshape(weight.shape).astype(weight.dtype)
    return found
