"""Steps of a sequence that are filling, and no data."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.engine import arguments
from simulator.engine.layers.base import Array, Cache, Context, Gradients, Layer, Shape, cache_of


class Masking(Layer):
    """Calls the steps filling at which every value is `mask_value`; x (B, T, C) gives the same with
    zeros there. Recurrent layers pass over such steps, and losses of every step leave them out.
    """

    def __init__(self, mask_value: float = 0.0, **options: Any) -> None:
        """Raises ValueError for a value that is no number."""
        super().__init__(**options)
        self.mask_value = arguments.number(mask_value, owner="Masking", argument="mask_value")

    def output_shape(self, input_shape: Any) -> Shape:
        """The input's."""
        if not isinstance(input_shape, tuple) or len(input_shape) != 2:
            raise self.misfit(input_shape, "steps × values: a sequence of vectors")
        return input_shape

    def masks_output(self, *, masked: bool) -> bool:
        """Yes."""
        del masked
        return True

    def output_mask(self, x: Array, mask: Array | None) -> Array:
        """(B, T): the steps with another value than that; an earlier mask is forgotten."""
        del mask
        found: Array = np.any(x != x.dtype.type(self.mask_value), axis=-1)
        return found

    def forward(self, x: Array, context: Context) -> tuple[Array, Cache]:
        """The cache holds the "mask" (B, T)."""
        del context
        mask = self.output_mask(x, None)
        y = np.where(mask[..., np.newaxis], x, x.dtype.type(0))
        return y, cache_of(x, y, mask=mask)

    def backward(
        self, output_gradient: Array, cache: Cache, context: Context
    ) -> tuple[Array, Gradients]:
        """That of the steps that were let through."""
        del context
        zero = output_gradient.dtype.type(0)
        return np.where(cache["mask"][..., np.newaxis], output_gradient, zero), {}
