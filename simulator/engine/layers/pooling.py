"""Pooling layers. One axis is pooled as an image of one row."""

from __future__ import annotations

from abc import abstractmethod
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np

from simulator.engine import arguments, names
from simulator.engine.arguments import channels_last, counts
from simulator.engine.backends import checks
from simulator.engine.backends.base import Backend
from simulator.engine.geometry import GeometryError, WindowGeometry
from simulator.engine.layers.base import Array, Cache, Context, Gradients, Layer, Shape, cache_of
from simulator.engine.layers.convolution import as_rows


class Pooling(Layer):
    """What the pooling layers with a window share."""

    rank: ClassVar[int]

    def __init__(
        self,
        pool_size: Any = 2,
        strides: Any = None,
        padding: str = "valid",
        *,
        data_format: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        owner = type(self).__name__
        self.pool_size = counts(pool_size, self.rank, owner=owner, argument="pool_size")
        self.strides = counts(
            self.pool_size if strides is None else strides, self.rank, owner=owner,
            argument="strides",
        )  # fmt: skip
        self.padding = names.one_of(owner, "padding", padding, ("valid", "same"))
        channels_last(data_format, owner=owner)

    def geometry(self, size: tuple[int, ...]) -> WindowGeometry:
        """Where the windows lie on an input of this size. Raises GeometryError if none fits."""
        return _pooling_geometry(
            as_rows(size), as_rows(self.pool_size), as_rows(self.strides), self.padding
        )

    def output_shape(self, input_shape: Any) -> Shape:
        """The number of windows along each axis, and the channels."""
        size = _checked(self, self.rank, input_shape)[:-1]
        known = tuple(10**6 if length is None else length for length in size)
        try:
            sizes = self.geometry(known).output_size[2 - self.rank :]
        except GeometryError as error:
            raise self.misfit(
                input_shape, f"one that its windows fit. {error.of_layer}".rstrip(".")
            ) from error
        return (
            *(None if length is None else n for length, n in zip(size, sizes, strict=True)),
            input_shape[-1],
        )

    def forward(self, x: Array, context: Context) -> tuple[Array, Cache]:
        """Max and stochastic pooling also cache "choice" (int32), the cell that was chosen."""
        y, own = self._pool(_image(x), self.geometry(x.shape[1:-1]), context)
        y = y if x.ndim == 4 else y[:, 0]
        return y, cache_of(x, y, **own)

    def backward(
        self, output_gradient: Array, cache: Cache, context: Context
    ) -> tuple[Array, Gradients]:
        """The input's gradient; there are no weights."""
        x = cache["input"]
        geometry = self.geometry(x.shape[1:-1])
        gradient = self._pool_gradient(_image(output_gradient), cache, geometry, context.backend)
        return gradient.reshape(x.shape), {}

    @abstractmethod
    def _pool(
        self, x: Array, geometry: WindowGeometry, context: Context
    ) -> tuple[Array, dict[str, Array]]:
        """Pool an image (B, H, W, C), and what else belongs in the cache."""

    @abstractmethod
    def _pool_gradient(
        self, slopes: Array, cache: Cache, geometry: WindowGeometry, backend: Backend
    ) -> Array:
        """The gradient of the image for the output's (B, OH, OW, C)."""


class _Max(Pooling):
    def _pool(
        self, x: Array, geometry: WindowGeometry, context: Context
    ) -> tuple[Array, dict[str, Array]]:
        y, choice = context.backend.max_pooling2d(x, geometry=geometry)
        return y, {"choice": choice}

    def _pool_gradient(
        self, slopes: Array, cache: Cache, geometry: WindowGeometry, backend: Backend
    ) -> Array:
        return backend.max_pooling2d_gradient(slopes, cache["choice"], geometry=geometry)


class _Average(Pooling):
    def _pool(
        self, x: Array, geometry: WindowGeometry, context: Context
    ) -> tuple[Array, dict[str, Array]]:
        return context.backend.average_pooling2d(x, geometry=geometry), {}

    def _pool_gradient(
        self, slopes: Array, cache: Cache, geometry: WindowGeometry, backend: Backend
    ) -> Array:
        del cache
        return backend.average_pooling2d_gradient(slopes, geometry=geometry)


class MaxPooling1D(_Max):
    """The largest value of each window; x (B, T, C) gives (B, OT, C)."""

    rank = 1


class MaxPooling2D(_Max):
    """The largest value of each window; x (B, H, W, C) gives (B, OH, OW, C)."""

    rank = 2


class AveragePooling1D(_Average):
    """The mean of each window, padding not counted; x (B, T, C) gives (B, OT, C)."""

    rank = 1


class AveragePooling2D(_Average):
    """The mean of each window, padding not counted; x (B, H, W, C) gives (B, OH, OW, C)."""

    rank = 2


class LpPooling2D(Pooling):
    """y = (Σ |x|^p)^(1/p) over each window, p the order; x (B, H, W, C). Not in Keras."""

    rank = 2

    def __init__(
        self,
        pool_size: Any = 2,
        strides: Any = None,
        padding: str = "valid",
        *,
        order: float = 2,
        **options: Any,
    ) -> None:
        super().__init__(pool_size, strides, padding, **options)
        self.order = checks.order(order)

    def _pool(
        self, x: Array, geometry: WindowGeometry, context: Context
    ) -> tuple[Array, dict[str, Array]]:
        return context.backend.lp_pooling2d(x, order=self.order, geometry=geometry), {}

    def _pool_gradient(
        self, slopes: Array, cache: Cache, geometry: WindowGeometry, backend: Backend
    ) -> Array:
        return backend.lp_pooling2d_gradient(
            cache["input"], cache["output"], slopes, order=self.order, geometry=geometry
        )


class StochasticPooling2D(Pooling):
    """In training a cell of each window, drawn with a probability in proportion to its positive
    value; else the expected value (Zeiler & Fergus 2013); x (B, H, W, C). Not in Keras.
    """

    rank = 2

    def __init__(
        self,
        pool_size: Any = 2,
        strides: Any = None,
        padding: str = "valid",
        *,
        seed: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__(pool_size, strides, padding, **options)
        self.seed = arguments.seed(seed, owner=type(self).__name__)

    def _pool(
        self, x: Array, geometry: WindowGeometry, context: Context
    ) -> tuple[Array, dict[str, Array]]:
        if not context.training:
            return context.backend.stochastic_pooling2d_expected(x, geometry=geometry), {}
        shape = (x.shape[0], *geometry.output_size, x.shape[3])
        uniform = context.rng.random(shape, x.dtype)
        y, choice = context.backend.stochastic_pooling2d(x, uniform, geometry=geometry)
        return y, {"choice": choice}

    def _pool_gradient(
        self, slopes: Array, cache: Cache, geometry: WindowGeometry, backend: Backend
    ) -> Array:
        if "choice" in cache:
            return backend.stochastic_pooling2d_gradient(slopes, cache["choice"], geometry=geometry)
        return backend.stochastic_pooling2d_expected_gradient(
            cache["input"], slopes, geometry=geometry
        )


class GlobalPooling(Layer):
    """One window, the whole input; (B, …, C) gives (B, C), or (B, 1, …, C) with `keepdims`."""

    rank: ClassVar[int]

    def __init__(
        self, *, keepdims: bool = False, data_format: str | None = None, **options: Any
    ) -> None:
        super().__init__(**options)
        self.keepdims = arguments.truth(keepdims, owner=type(self).__name__, argument="keepdims")
        channels_last(data_format, owner=type(self).__name__)

    def output_shape(self, input_shape: Any) -> Shape:
        """The channels, and an axis of length 1 for each that was pooled with `keepdims`."""
        shape = _checked(self, self.rank, input_shape)
        return (*((1,) * self.rank * self.keepdims), shape[-1])

    def forward(self, x: Array, context: Context) -> tuple[Array, Cache]:
        """Max pooling also caches "choice" (B, C), the position of each channel's largest value."""
        y, own = self._pool(_image(x), context.backend)
        if self.keepdims:
            y = y.reshape(y.shape[0], *(1,) * self.rank, y.shape[1])
        return y, cache_of(x, y, **own)

    def backward(
        self, output_gradient: Array, cache: Cache, context: Context
    ) -> tuple[Array, Gradients]:
        """The input's gradient; there are no weights."""
        x = cache["input"]
        slopes = output_gradient.reshape(x.shape[0], x.shape[-1])
        height, width = as_rows(x.shape[1:-1])
        gradient = self._pool_gradient(slopes, cache, (height, width), context.backend)
        return gradient.reshape(x.shape), {}

    @abstractmethod
    def _pool(self, x: Array, backend: Backend) -> tuple[Array, dict[str, Array]]:
        """Pool an image (B, H, W, C) to (B, C), and what else belongs in the cache."""

    @abstractmethod
    def _pool_gradient(
        self, slopes: Array, cache: Cache, size: tuple[int, int], backend: Backend
    ) -> Array:
        """The gradient of the image (B, H, W, C) for the output's (B, C)."""


class _GlobalMax(GlobalPooling):
    def _pool(self, x: Array, backend: Backend) -> tuple[Array, dict[str, Array]]:
        y, choice = backend.global_max_pooling2d(x)
        return y, {"choice": choice}

    def _pool_gradient(
        self, slopes: Array, cache: Cache, size: tuple[int, int], backend: Backend
    ) -> Array:
        return backend.global_max_pooling2d_gradient(slopes, cache["choice"], input_size=size)


class _GlobalAverage(GlobalPooling):
    def _pool(self, x: Array, backend: Backend) -> tuple[Array, dict[str, Array]]:
        return backend.global_average_pooling2d(x), {}

    def _pool_gradient(
        self, slopes: Array, cache: Cache, size: tuple[int, int], backend: Backend
    ) -> Array:
        del cache
        return backend.global_average_pooling2d_gradient(slopes, input_size=size)


class GlobalMaxPooling1D(_GlobalMax):
    """The largest value of each channel; x (B, T, C) gives (B, C)."""

    rank = 1


class GlobalMaxPooling2D(_GlobalMax):
    """The largest value of each channel; x (B, H, W, C) gives (B, C)."""

    rank = 2


class GlobalAveragePooling1D(_GlobalAverage):
    """The mean of each channel; x (B, T, C) gives (B, C). Of steps with a mask those count that are
    no filling; where all are, the mean is 0 (and NaN in Keras).
    """

    rank = 1

    def forward(self, x: Array, context: Context) -> tuple[Array, Cache]:
        """The cache holds the "shares" (B, T, 1) of the steps in the mean, if they differ."""
        if context.mask is None:
            return super().forward(x, context)
        mask = context.mask[..., np.newaxis]
        counts = np.maximum(np.count_nonzero(mask, axis=1, keepdims=True), 1)
        shares = (mask / counts).astype(x.dtype)
        y: Array = np.sum(np.where(mask, x, x.dtype.type(0)) * shares, axis=1)
        y = y[:, np.newaxis] if self.keepdims else y
        return y, cache_of(x, y, shares=shares)

    def backward(
        self, output_gradient: Array, cache: Cache, context: Context
    ) -> tuple[Array, Gradients]:
        """Each step gets its share."""
        if "shares" not in cache:
            return super().backward(output_gradient, cache, context)
        slopes = output_gradient.reshape(len(output_gradient), 1, -1)
        return slopes * cache["shares"], {}


class GlobalAveragePooling2D(_GlobalAverage):
    """The mean of each channel; x (B, H, W, C) gives (B, C)."""

    rank = 2


def _image(x: Array) -> Array:
    return x if x.ndim == 4 else x[:, np.newaxis]


def _checked(layer: Layer, rank: int, input_shape: Any) -> Shape:
    single = isinstance(input_shape, tuple) and not isinstance((*input_shape, 0)[0], tuple)
    if not single or len(input_shape) != rank + 1:
        axes = "(batch, time, channels)" if rank == 1 else "(batch, height, width, channels)"
        raise layer.misfit(input_shape, f"{rank + 2} axes, {axes}")
    shape: Shape = input_shape
    return shape


@lru_cache(maxsize=1024)
def _pooling_geometry(
    size: tuple[int, int], window: tuple[int, int], strides: tuple[int, int], padding: str
) -> WindowGeometry:
    return WindowGeometry.pooling(size, window=window, stride=strides, padding=padding)
