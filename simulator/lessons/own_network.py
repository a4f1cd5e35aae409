"""An autoencoder that was trained elsewhere, in the lab, as the lesson on autoencoders takes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]

TRAINED_HERE, FROM_LAB = "here", "lab"
"""The values of a control that says which network is gone through."""
MOST_LAYERS = 12


@dataclass(frozen=True, slots=True, eq=False)
class OwnLayer:
    """A dense layer: y = activation(x · kernel + bias), of D values and U units."""

    kernel: Array  # (D, U)
    bias: Array  # (U,)
    activation: str


@dataclass(frozen=True, slots=True, eq=False)
class OwnNetwork:
    """Dense layers, up to ``MOST_LAYERS``, and a sample that goes through them.

    ``code`` counts the layers, from 1, up to the one whose output is the code, and ``opened`` up to
    the one that is looked at first. ``target`` is what should come out.
    """

    layers: tuple[OwnLayer, ...]
    code: int
    opened: int
    picture: Array  # (R, C)
    target: Array  # (R, C)

    @property
    def units(self) -> tuple[int, ...]:
        """The units of each layer."""
        return tuple(int(layer.bias.size) for layer in self.layers)
