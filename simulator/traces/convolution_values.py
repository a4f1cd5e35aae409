"""The values on the way to a convolution's output, computed where they are looked at."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.engine.geometry import WindowGeometry
from simulator.traces.windows import TermValues

Array = NDArray[Any]


class ConvolutionValues(TermValues):
    """The products of a convolution and their running sums, which start from the bias."""

    def __init__(self, x: Array, kernel: Array, bias: Array, geometry: WindowGeometry) -> None:
        """Take x (H, W, C), kernel (kh, kw, C, F) and bias (F,)."""
        super().__init__(x, geometry, maps=kernel.shape[3], depth=kernel.shape[2])
        self._kernel = kernel
        self._bias = bias

    def terms(
        self, maps: Array, rows: Array, columns: Array, channels: Array, down: Array, across: Array
    ) -> Array:
        """Return the products: of float32 numbers they are exact."""
        x, _ = self.input.read(rows, columns, channels, down, across)
        products: Array = x * self._kernel[down, across, channels, maps]
        return products

    def accumulate(self, terms: Array, maps: Array) -> Array:
        """Return the running sums of products (maps, rows, columns, n), from the bias on."""
        from_bias = terms.copy()
        from_bias[..., 0] += self._bias[maps].reshape(-1, 1, 1)
        sums: Array = from_bias.cumsum(axis=-1)
        return sums


class ChannelMaps:
    """What each channel adds to each feature map: the same convolution of that channel alone.

    The maps of the filters looked at last are kept.
    """

    KEPT = 2

    def __init__(
        self, x: Array, kernel: Array, *, geometry: WindowGeometry, backend: Backend
    ) -> None:
        """Take x (H, W, C) and kernel (kh, kw, C, F)."""
        self._x = x
        self._kernel = kernel
        self._geometry = geometry
        self._backend = backend
        self._of_filter: OrderedDict[int, Array] = OrderedDict()
        self.shape = (*geometry.output_size, kernel.shape[3], kernel.shape[2])

    def values(self, rows: Array, columns: Array, filters: Array, channels: Array) -> Array:
        """Return the values where open index arrays (see ``numpy.ix_``) cross."""
        found = np.empty((rows.size, columns.size, filters.size, channels.size), self._x.dtype)
        for number, filter_index in enumerate(filters.flat):
            found[:, :, number] = self._maps(int(filter_index))[
                rows[:, :, 0], columns[:, :, 0], channels[:, :, 0]
            ]
        return found

    def _maps(self, filter_index: int) -> Array:
        """Return the maps (OH, OW, C) of one filter."""
        maps = self._of_filter.pop(filter_index, None)
        if maps is None:
            maps = self._compute(filter_index)
        self._of_filter[filter_index] = maps
        if len(self._of_filter) > self.KEPT:
            self._of_filter.popitem(last=False)
        return maps

    def _compute(self, filter_index: int) -> Array:
        maps = [
            self._backend.convolution2d(
                np.ascontiguousarray(self._x[None, ..., channel, None]),
                np.ascontiguousarray(self._kernel[..., channel, filter_index, None, None]),
                None,
                geometry=self._geometry,
            )[0, ..., 0]
            for channel in range(self._x.shape[2])
        ]
        return np.stack(maps, axis=-1)
