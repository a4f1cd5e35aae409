"""The products of a dense layer and their running sums, computed where they are looked at."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class DenseValues:
    """Values of x (R, C) times weights, for units (rows, columns).

    ``backwards`` is whether the weights lie with the units' axes first.
    """

    def __init__(self, x: Array, kernel: Array, bias: Array | None, *, backwards: bool) -> None:
        """Take x (R, C), the kernel with the axes of both, and the bias (rows, columns), if any."""
        self.x = x
        self.bias = bias
        self._kernel = kernel
        self._backwards = backwards

    def weights(self, rows: Array, columns: Array, down: Array, across: Array) -> Array:
        """Return the weights from inputs (down, across) to units (rows, columns)."""
        if self._backwards:
            return self._kernel[rows, columns, down, across]
        return self._kernel[down, across, rows, columns]

    def products(self, rows: Array, columns: Array, down: Array, across: Array) -> Array:
        """Return the products where open index arrays cross."""
        products: Array = self.x[down, across] * self.weights(rows, columns, down, across)
        return products

    def running(self, rows: Array, columns: Array, down: Array, across: Array) -> Array:
        """Return the sums of bias and products so far where open index arrays cross."""
        height, width = self.x.shape
        every = np.ix_(np.ravel(rows), np.ravel(columns), np.arange(height), np.arange(width))
        products = self.products(*every)
        sums = products.reshape(*products.shape[:2], -1).cumsum(axis=-1).reshape(products.shape)
        if self.bias is not None:
            sums = sums + self.bias[every[0], every[1]]
        found: Array = sums[:, :, np.ravel(down)][..., np.ravel(across)]
        return found
