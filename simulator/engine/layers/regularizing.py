"""Layers that disturb training and do nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.engine.layers.base import Array, Cache, Context, Gradients, Layer, Shape, cache_of


class _Disturbing(Layer):
    """A layer that hands its input on, except in training."""

    def __init__(self, *, seed: int | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.seed = seed

    def output_shape(self, input_shape: Any) -> Shape:
        """The input's."""
        shape: Shape = input_shape
        return shape


class Dropout(_Disturbing):
    """In training sets a part `rate` of the values to 0, and scales the others by 1 / (1 − rate)
    (Srivastava et al. 2014). `noise_shape` has 1 on axes that share their draws.
    """

    def __init__(self, rate: float, noise_shape: Any = None, **options: Any) -> None:
        super().__init__(**options)
        if not 0 <= rate <= 1:
            raise ValueError(f"Dropout: rate is {rate!r}: it must lie between 0 and 1.")
        self.rate = float(rate)
        self.noise_shape = None if noise_shape is None else tuple(noise_shape)

    def forward(self, x: Array, context: Context) -> tuple[Array, Cache]:
        """In training, the cache holds "mask" besides: 0, or what the value was multiplied by."""
        if not context.training or self.rate == 0:
            return x, cache_of(x, x)
        shape = x.shape
        if self.noise_shape is not None:
            pairs = zip(self.noise_shape, x.shape, strict=True)
            shape = tuple(own if size is None else size for size, own in pairs)
        kept = context.rng.random(shape, x.dtype) >= self.rate
        scale = 1 / (1 - self.rate) if self.rate < 1 else 0
        mask = kept.astype(x.dtype) * x.dtype.type(scale)
        y = x * mask
        return y, cache_of(x, y, mask=mask)

    def backward(
        self, output_gradient: Array, cache: Cache, context: Context
    ) -> tuple[Array, Gradients]:
        """The gradient, with the same mask."""
        del context
        return (output_gradient * cache["mask"] if "mask" in cache else output_gradient), {}


class GaussianNoise(_Disturbing):
    """In training adds normal noise of mean 0 and standard deviation `stddev`."""

    def __init__(self, stddev: float, **options: Any) -> None:
        super().__init__(**options)
        if not stddev >= 0:
            raise ValueError(f"GaussianNoise: stddev is {stddev!r}: it must be 0 or more.")
        self.stddev = float(stddev)

    def forward(self, x: Array, context: Context) -> tuple[Array, Cache]:
        """In training, the cache holds "noise" besides."""
        if not context.training or self.stddev == 0:
            return x, cache_of(x, x)
        noise = context.rng.standard_normal(x.shape, x.dtype) * x.dtype.type(self.stddev)
        y = x + noise
        return y, cache_of(x, y, noise=np.asarray(noise))

    def backward(
        self, output_gradient: Array, cache: Cache, context: Context
    ) -> tuple[Array, Gradients]:
        """The gradient, as it is."""
        del cache, context
        return output_gradient, {}
