"""The formulas of a two-dimensional convolution, from one product to the whole layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.traces.formula import Formula
from simulator.traces.windows import Windows

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Products(Formula):
    """Each input cell times its weight."""

    windows: Windows

    def value(self, *operands: Array) -> Array:
        """Return the products (F, OH, OW, C, kh, kw) of an input (rows, columns, C) and kernels."""
        x, kernel = operands
        products: Array = np.einsum("rcijd,ijdf->frcdij", self.windows.of(x), kernel)
        return products


@dataclass(frozen=True, slots=True)
class Accumulation(Formula):
    """The sum so far and one more product."""

    def value(self, *operands: Array) -> Array:
        """Return the sum so far, here a bias (1,) or an earlier sum, plus the product."""
        so_far, product = operands
        total: Array = so_far.reshape((1,) * product.ndim) + product
        return total


@dataclass(frozen=True, slots=True)
class RunningSums(Formula):
    """The bias and the products so far, after each product of each cell."""

    windows: Windows

    def value(self, *operands: Array) -> Array:
        """Return the running sums (F, OH, OW, C, kh, kw)."""
        x, kernel, bias = operands
        products = np.einsum("rcijd,ijdf->frcdij", self.windows.of(x), kernel)
        sums = products.reshape(*products.shape[:3], -1).cumsum(axis=-1)
        total: Array = (sums + bias[:, None, None, None]).reshape(products.shape)
        return total


@dataclass(frozen=True, slots=True)
class SumOfProducts(Formula):
    """The products of one channel of one cell, added."""

    def value(self, *operands: Array) -> Array:
        """Return the channel's sum (1, 1, 1, 1) of products (1, 1, 1, 1, kh, kw)."""
        total: Array = operands[0].sum(axis=(4, 5))
        return total


@dataclass(frozen=True, slots=True)
class ChannelSums(Formula):
    """The products added within each channel."""

    windows: Windows

    def value(self, *operands: Array) -> Array:
        """Return the sums (OH, OW, F, C)."""
        x, kernel = operands
        sums: Array = np.einsum("rcijd,ijdf->rcfd", self.windows.of(x), kernel)
        return sums


@dataclass(frozen=True, slots=True)
class SumOfChannels(Formula):
    """The channels' sums and the bias, added."""

    def value(self, *operands: Array) -> Array:
        """Return the output cell (1, 1, 1) of channel sums (1, 1, 1, C) and a bias (1,)."""
        channel_sums, bias = operands
        total: Array = channel_sums.sum(axis=-1) + bias
        return total


@dataclass(frozen=True, slots=True)
class Convolved(Formula):
    """The convolution itself."""

    windows: Windows

    def value(self, *operands: Array) -> Array:
        """Return the output (OH, OW, F)."""
        x, kernel, bias = operands
        output: Array = np.einsum("rcijd,ijdf->rcf", self.windows.of(x), kernel) + bias
        return output
