"""How the layers of an autoencoder are laid out: as planes, or as maps of several channels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.layers import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Conv2DTranspose,
    Dense,
    Dropout,
    Flatten,
    GaussianNoise,
    Layer,
    LeakyReLU,
    MaxPooling2D,
    Permute,
    ReLU,
    Reshape,
    Softmax,
    UpSampling2D,
    ZeroPadding2D,
)
from simulator.engine.layers.tied import TiedDense
from simulator.engine.model import Model
from simulator.traces.staged import layout_of

Array = NDArray[Any]

PASSING = (Dropout, GaussianNoise)
"""Layers that leave every number as it is, outside of training."""
MOVING = (Flatten, Reshape, Permute, UpSampling2D, ZeroPadding2D)
"""Layers that move numbers and compute none."""
BENDING = (Activation, ReLU, LeakyReLU, Softmax)
"""Activations as layers of their own."""
SHOWN = (
    *(Dense, TiedDense, Conv2D, Conv2DTranspose, MaxPooling2D, AveragePooling2D),
    *(*MOVING, *BENDING, BatchNormalization),
)
STATISTICS = ("moving_mean", "moving_variance", "gamma", "beta")
"""The weights of a batch normalization, in the order of the rows that they are shown as."""


@dataclass(frozen=True, slots=True)
class LayerNames:
    """The names of the given and written arrays of one layer, which count from 1."""

    kernel: str
    bias: str
    sums: str
    output: str
    products: str
    running: str
    channels: str
    taken: str
    spread: str
    moved: str
    statistics: str
    scores: str
    largest: str
    exponentials: str
    so_far: str
    total: str

    @classmethod
    def of(cls, layer: int) -> LayerNames:
        """Return the names of a layer, counted from 1."""
        return cls(
            *(
                f"{kind}_{layer}"
                for kind in (
                    *("kernel", "bias", "sums", "output", "products", "running"),
                    *("channels", "taken", "spread", "moved", "statistics"),
                    *("scores", "largest", "exponentials", "so_far", "total"),
                )
            )
        )

    @property
    def weights(self) -> tuple[str, ...]:
        """The names of those that are given."""
        return self.kernel, self.bias, self.statistics


@dataclass(frozen=True, slots=True)
class LaidLayer:
    """A layer that is gone through, and how its input and its output are laid out.

    Shapes are (rows, columns), or (rows, columns, channels) where there are several channels.
    ``number`` counts the layers that are gone through from 1.
    """

    layer: Layer
    number: int
    source: tuple[int, ...]
    shape: tuple[int, ...]

    @property
    def names(self) -> LayerNames:
        """The names of its arrays."""
        return LayerNames.of(self.number)


def lay_out(model: Model, picture: tuple[int, int], *, in_a_row: int = 0) -> list[LaidLayer]:
    """Return the layers of a model that are gone through for pictures of these rows and columns.

    Those that change nothing (dropout outside of training, a flattening of what is a plane already)
    are left out. Numbers in a row are laid out as near to a square as can be, and as the picture
    if they are as many; up to ``in_a_row`` of them stand in one row.

    Raises:
        ValueError: a layer can't be gone through; the message names it and says why.
    """
    sample = _known(model.graph.inputs[0].sample_shape)
    laid: tuple[int, ...] = picture
    if sample not in ((prod(picture),), (*picture, 1)):
        raise ValueError(f"The network takes {_told(sample)}, and the picture is {_told(picture)}.")
    found: list[LaidLayer] = []
    for layer in model.layers:
        if isinstance(layer, PASSING):
            continue
        _refuse(layer, sample)
        after = _known(layer.output_shape(sample))
        stays = after == sample or (isinstance(layer, Flatten) and len(laid) == 2)
        shape = laid if stays else _laid(after, picture, in_a_row)
        same = shape == laid and isinstance(layer, MOVING)
        if not (same and np.array_equal(origins(layer, sample), np.arange(prod(sample)))):
            found.append(LaidLayer(layer, len(found) + 1, laid, shape))
        sample, laid = after, shape
    return found


def code_of(layers: Sequence[LaidLayer]) -> int:
    """Return the number of the layer that makes the code: the one of the fewest numbers."""
    return 1 + int(np.argmin([prod(each.shape) for each in layers[:-1]]))


def origins(layer: Layer, sample: tuple[int, ...]) -> NDArray[np.int64]:
    """Return for each number that a ``MOVING`` layer gives, row by row, which of its input it is.

    Both count from 0; −1 is a zero that the layer puts there itself.
    """
    numbers = np.arange(1, prod(sample) + 1).reshape(1, *sample)
    moved, _ = layer.forward(numbers, None)  # type: ignore[arg-type]  # it asks for no context
    return np.asarray(moved, dtype=np.int64).reshape(-1) - 1


def laid_weights(layers: Sequence[LaidLayer]) -> dict[str, Array]:
    """Return the weights of layers as they are shown, by their names.

    The kernel of a dense layer has the axes of its input and of its units, that of a transposed
    convolution is turned round, (kh, kw, C, F) as of a convolution, and the rows of a batch
    normalization's are its ``STATISTICS``.
    """
    found: dict[str, Array] = {}
    for each in layers:
        names, layer = each.names, each.layer
        weights = layer.weights
        if isinstance(layer, Dense):
            found[names.kernel] = weights["kernel"].reshape(*each.source, *each.shape)
        elif isinstance(layer, Conv2D):
            found[names.kernel] = weights["kernel"]
        elif isinstance(layer, Conv2DTranspose):
            found[names.kernel] = turned(weights["kernel"])
        elif isinstance(layer, BatchNormalization):
            kept = [weights[name] for name in STATISTICS if name in weights]
            found[names.statistics] = np.stack(kept)
        if isinstance(layer, Dense | TiedDense):
            bias = weights.get("bias", np.zeros(prod(each.shape), layer.dtype))
            found[names.bias] = bias.reshape(each.shape)
        elif isinstance(layer, Conv2D | Conv2DTranspose):
            found[names.bias] = weights.get("bias", np.zeros(layer.filters, layer.dtype))
    return found


def take_weights(layers: Sequence[LaidLayer], given: Mapping[str, Array]) -> None:
    """Put weights as they are shown into the layers."""
    for each in layers:
        names, weights = each.names, each.layer.weights
        if names.kernel in given:
            kernel = given[names.kernel]
            lies_turned = isinstance(each.layer, Conv2DTranspose)
            weights["kernel"][...] = (
                turned(kernel) if lies_turned else kernel.reshape(weights["kernel"].shape)
            )
        if names.bias in given:
            weights["bias"][...] = given[names.bias].reshape(-1)
        if names.statistics in given:
            kept = [name for name in STATISTICS if name in weights]
            for name, row in zip(kept, given[names.statistics], strict=True):
                weights[name][...] = row


def turned(kernel: Array) -> Array:
    """Return a kernel (kh, kw, F, C) turned by 180 degrees, as (kh, kw, C, F); twice is none."""
    return np.ascontiguousarray(kernel[::-1, ::-1].transpose(0, 1, 3, 2))


def _laid(sample: tuple[int, ...], picture: tuple[int, int], in_a_row: int) -> tuple[int, ...]:
    if len(sample) == 1 and sample[0] <= in_a_row:
        return 1, sample[0]
    if len(sample) == 1:
        return picture if sample[0] == prod(picture) else layout_of(sample[0])
    return sample[:2] if len(sample) == 3 and sample[2] == 1 else sample


def _refuse(layer: Layer, sample: tuple[int, ...]) -> None:
    kind = type(layer).__name__
    if not isinstance(layer, SHOWN):
        raise ValueError(f"The layer {layer.name!r} is a {kind}, which is not gone through here.")
    if isinstance(layer, Dense | TiedDense) and len(sample) != 1:
        raise ValueError(
            f"The layer {layer.name!r} reads {_told(sample)} values: a {kind} layer is gone "
            "through where it reads them in one row. Put a Flatten before it."
        )
    if isinstance(layer, Conv2D) and layer.groups != 1:
        raise ValueError(f"The layer {layer.name!r} has groups: its filters don't read all maps.")
    activation = getattr(layer, "activation", None)
    if activation is not None and activation.name == "softmax" and not _takes_a_row(layer, sample):
        raise ValueError(
            f"The layer {layer.name!r} has a softmax over maps: one over a row of numbers is gone "
            "through."
        )
    if isinstance(layer, BatchNormalization) and layer.axes not in ((-1,), (len(sample),)):
        raise ValueError(f"The layer {layer.name!r} normalizes another axis than the last.")
    if len(layer.output_shape(sample)) not in {1, 3} and layer.output_shape(sample)[2:] != ():
        raise ValueError(f"The layer {layer.name!r} gives {_told(layer.output_shape(sample))}.")


def _takes_a_row(layer: Layer, sample: tuple[int, ...]) -> bool:
    return isinstance(layer, Dense | TiedDense | Activation | Softmax) and len(sample) == 1


def _known(shape: Sequence[int | None]) -> tuple[int, ...]:
    return tuple(int(length or 0) for length in shape)


def _told(shape: Sequence[int | None]) -> str:
    return " × ".join(map(str, shape))
