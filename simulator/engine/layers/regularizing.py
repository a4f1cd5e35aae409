"""Layers that disturb training and do nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.engine import arguments
from simulator.engine.layers.base import (
    Array,
    Cache,
    Context,
    Gradients,
    Layer,
    Shape,
    cache_of,
    several,
)


class _Disturbing(Layer):
    """A layer that hands its input on, except in training."""

    masking = "kept"

    def __init__(self, *, seed: int | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.seed = arguments.seed(seed, owner=type(self).__name__)

    def output_shape(self, input_shape: Any) -> Shape:
        """The input's."""
        if several(input_shape):
            raise self.misfit(input_shape, "a single input")
        shape: Shape = input_shape
        return shape


class Dropout(_Disturbing):
    """In training sets a part `rate` of the values to 0, and scales the others by 1 / (1 − rate)
    (Srivastava et al. 2014). `noise_shape` has 1 on axes that share their draws.
    """

    def __init__(self, rate: float, noise_shape: Any = None, **options: Any) -> None:
        super().__init__(**options)
        self.rate = arguments.number(rate, owner="Dropout", argument="rate", minimum=0, maximum=1)
        self.noise_shape: tuple[int | None, ...] | None = None
        if noise_shape is not None:
            listed = noise_shape if isinstance(noise_shape, list | tuple) else (noise_shape,)
            self.noise_shape = tuple(
                None if size is None
                else arguments.count(size, owner="Dropout", argument="noise_shape")
                for size in listed
            )  # fmt: skip

    def output_shape(self, input_shape: Any) -> Shape:
        """The input's. Raises ShapeError where `noise_shape` does not fit it."""
        shape = super().output_shape(input_shape)
        if self.noise_shape is not None:
            pairs = zip(self.noise_shape[1:], shape, strict=False)
            fits = all(size in (None, 1, own) or own is None for size, own in pairs)
            if len(self.noise_shape) != len(shape) + 1 or not fits:
                raise self.misfit(
                    shape, f"one that its noise_shape {self.noise_shape} fits, the batch first"
                )
        return shape

    def forward(self, x: Array, context: Context) -> tuple[Array, Cache]:
        """In training, the cache holds "mask" besides: 0, or what the value was multiplied by."""
        if not context.training or self.rate == 0:
            return x, cache_of(x, x)
        shape = x.shape
        if self.noise_shape is not None:
            pairs = zip(self.noise_shape, x.shape, strict=True)
            shape = tuple(own if size is None else size for size, own in pairs)
        mask = self.draw(shape, x.dtype, context)
        y = x * mask
        return y, cache_of(x, y, mask=mask)

    def draw(self, shape: tuple[int, ...], dtype: Any, context: Context) -> Array:
        """A new mask: 0 for what is left out, and what the others are multiplied by."""
        kept = context.rng.random(shape, dtype) >= self.rate
        scale = 1 / (1 - self.rate) if self.rate < 1 else 0
        mask: Array = kept.astype(dtype) * np.dtype(dtype).type(scale)
        return mask

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
        self.stddev = arguments.number(stddev, owner="GaussianNoise", argument="stddev", minimum=0)

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
