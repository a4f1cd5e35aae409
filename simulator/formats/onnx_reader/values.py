"""What the values of a graph are while it is read: outputs of layers, constants, lengths."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from typing import Any, TypeAlias

import numpy as np

from simulator.formats.onnx_graph import Array

Shape: TypeAlias = tuple[int | None, ...]

MOST_FLATTENED = 2**26
"""So many values of a picture are flattened at most."""
DIRECTION = -1
"""In a layout: the axis of the two directions of a recurrent layer; our last axis has both, one
behind the other.
"""
Layout: TypeAlias = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Tensor:
    """An output of a layer, or an input of the network.

    `source` is what a layer that reads it names, and `shape` one sample's, channels last. `layout`
    tells for each axis in the file which of ours it is (0 is the batch, 1 the sample's first), or
    None for an axis of length 1 that we do without. Moving axes thus costs nothing: channels first
    are (0, 3, 1, 2).

    `order`, where it is there, says that the file has the values of the only axis in another order
    than we: its k-th is our order[k]-th. That comes of flattened pictures; `flattened` is the node
    that did it. `alone` says that nothing else reads the layer.
    """

    source: str
    shape: Shape
    layout: Layout
    order: Any = None
    flattened: str = ""
    alone: bool = True

    @property
    def rank(self) -> int:
        """The number of our axes, the batch's among them."""
        return len(self.shape) + 1

    def moved(self, layout: Layout) -> Tensor:
        """The same values with their axes elsewhere in the file."""
        return replace(self, layout=layout)

    @property
    def lengths(self) -> tuple[int | None, ...]:
        """The lengths of the axes in the file; None for the batch's and those that vary."""
        whole = (None, *self.shape)
        return tuple(1 if axis is None else whole[axis] for axis in self.layout)

    @property
    def plain(self) -> bool:
        """Whether the axes lie in the file as ours do."""
        return self.layout == tuple(range(self.rank))


@dataclass(frozen=True, slots=True)
class Lengths:
    """Whole numbers that a file computes from a shape: None stands for the batch's length."""

    values: tuple[int | None, ...]
    scalar: bool = False


@dataclass(frozen=True, slots=True)
class Filled:
    """An array of one number, of whatever shape: states to start from."""

    value: float


Value: TypeAlias = Tensor | Lengths | Filled | Array | None
"""None stands for an input that is left out."""


def identity(rank: int) -> Layout:
    """The layout of axes that lie in the file as ours do."""
    return tuple(range(rank))


def channels_first(rank: int) -> Layout:
    """The layout of ONNX's convolutions."""
    return (0, rank - 1, *range(1, rank - 1))


def flat_order(tensor: Tensor) -> Array | None:
    """Where our flattened values stand for each of the file's; None where all stand alike.

    Raises ValueError where a length is not known and would matter, or beyond all bounds.
    """
    axes = [axis for axis in tensor.layout if axis is not None and axis != 0]
    if axes == sorted(axes):
        return None
    lengths = [length for length in tensor.shape if length is not None]
    if len(lengths) < len(tensor.shape):
        raise ValueError("is not known")
    if prod(lengths) > MOST_FLATTENED:
        raise ValueError("is beyond all bounds")
    places = np.arange(prod(lengths)).reshape(lengths)
    order: Array = places.transpose([axis - 1 for axis in axes]).ravel()
    return None if np.array_equal(order, np.arange(order.size)) else order
