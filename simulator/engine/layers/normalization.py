"""Batch and layer normalization."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from simulator.engine import arguments, initializers
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


class _Normalization(Layer):
    """y = gamma · (x − mean) / √(variance + epsilon) + beta."""

    def __init__(
        self,
        axis: int | Sequence[int] = -1,
        *,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        kind = type(self).__name__
        axes = axis if isinstance(axis, list | tuple) and axis else (axis,)
        self.axes = tuple(arguments.axis(each, owner=kind) for each in axes)
        self.epsilon = arguments.number(epsilon, owner=kind, argument="epsilon", above=0)
        self.center = arguments.truth(center, owner=kind, argument="center")
        self.scale = arguments.truth(scale, owner=kind, argument="scale")
        if self.scale:
            self.initializers["gamma"] = initializers.get(gamma_initializer)
            self.regularize("gamma", gamma_regularizer)
        if self.center:
            self.initializers["beta"] = initializers.get(beta_initializer)
            self.regularize("beta", beta_regularizer)

    def output_shape(self, input_shape: Any) -> Shape:
        """The input's."""
        if several(input_shape):
            raise self.misfit(input_shape, "a single input")
        shape: Shape = input_shape
        rank = len(shape) + 1
        for axis in self.axes:
            if not -rank < axis < rank or axis % rank == 0:
                raise self.misfit(shape, f"an axis {axis} besides the batch")
            if shape[axis % rank - 1] is None:
                raise self.misfit(shape, f"a known length along axis {axis}")
        return shape

    def _kept(self, rank: int) -> tuple[int, ...]:
        """The axes of an array that have weights of their own."""
        return tuple(sorted(axis % rank for axis in self.axes))

    def _weight_shape(self, input_shape: Shape) -> tuple[int, ...]:
        lengths = (input_shape[axis - 1] for axis in self._kept(len(input_shape) + 1))
        return tuple(int(length) for length in lengths if length is not None)

    def _spread(self, weight: Array, x: Array) -> Array:
        """A weight shaped so that it meets its axes of x."""
        kept = self._kept(x.ndim)
        return weight.reshape([x.shape[axis] if axis in kept else 1 for axis in range(x.ndim)])

    def _gathered(self, values: Array) -> Array:
        """Summed over all axes without weights."""
        kept = self._kept(values.ndim)
        others = tuple(axis for axis in range(values.ndim) if axis not in kept)
        return np.asarray(values.sum(axis=others))

    def _scaled(self, normalized: Array) -> Array:
        y = normalized
        if self.scale:
            y = y * self._spread(self._weights["gamma"], y)
        if self.center:
            y = y + self._spread(self._weights["beta"], y)
        return y

    def _weight_gradients(self, output_gradient: Array, normalized: Array) -> Gradients:
        gradients = {}
        if self.scale:
            gradients["gamma"] = self._gathered(output_gradient * normalized)
        if self.center:
            gradients["beta"] = self._gathered(output_gradient)
        return gradients

    def _unscaled(self, output_gradient: Array) -> Array:
        """∂L/∂normalized."""
        if not self.scale:
            return output_gradient
        return output_gradient * self._spread(self._weights["gamma"], output_gradient)


class BatchNormalization(_Normalization):
    """Normalizes each channel over batch and positions (Ioffe & Szegedy 2015).

    In training by the batch's own mean and (biased) variance, which also move the moving ones:
    moving ← momentum · moving + (1 − momentum) · own. Otherwise, and while frozen
    (`trainable = False`), by the moving ones.
    """

    masking = "refused"

    non_trainable = frozenset({"moving_mean", "moving_variance"})

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        *,
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        **options: Any,
    ) -> None:
        super().__init__(axis, epsilon=epsilon, **options)
        self.momentum = arguments.number(
            momentum, owner="BatchNormalization", argument="momentum", minimum=0, maximum=1
        )
        self.initializers["moving_mean"] = initializers.get(moving_mean_initializer)
        self.initializers["moving_variance"] = initializers.get(moving_variance_initializer)

    def weight_shapes(self, input_shape: Any) -> dict[str, tuple[int, ...]]:
        """Gamma, beta, moving mean and moving variance, each (C,)."""
        return dict.fromkeys(self.initializers, self._weight_shape(input_shape))

    def forward(self, x: Array, context: Context) -> tuple[Array, Cache]:
        """The cache holds "mean" and "variance", those used, and "normalized" besides."""
        own = context.training and self.trainable
        updates: dict[str, Array] = {}
        if own:
            count = x.size // self._weights["moving_mean"].size
            mean = self._gathered(x) / x.dtype.type(count)
            centred = x - self._spread(mean, x)
            variance = self._gathered(centred * centred) / x.dtype.type(count)
            for name, value in (("moving_mean", mean), ("moving_variance", variance)):
                moving = self._weights[name]
                momentum = moving.dtype.type(self.momentum)
                updates[f"updates:{name}"] = moving * momentum + value * (1 - momentum)
        else:
            mean, variance = self._weights["moving_mean"], self._weights["moving_variance"]
            centred = x - self._spread(mean, x)
        normalized = centred * self._spread(self._inverse(variance), x)
        y = self._scaled(normalized)
        named = {"mean": mean, "variance": variance, "normalized": normalized}
        return y, cache_of(x, y, **named, **updates)

    def backward(
        self, output_gradient: Array, cache: Cache, context: Context
    ) -> tuple[Array, Gradients]:
        """Ioffe & Szegedy 2015, section 3, with the sums over batch and positions taken out."""
        normalized = cache["normalized"]
        gradients = self._weight_gradients(output_gradient, normalized)
        slopes = self._unscaled(output_gradient)
        inverse = self._spread(self._inverse(cache["variance"]), slopes)
        if not (context.training and self.trainable):
            return slopes * inverse, gradients
        count = slopes.dtype.type(slopes.size // cache["mean"].size)
        level = self._spread(self._gathered(slopes), slopes) / count
        lean = self._spread(self._gathered(slopes * normalized), slopes) / count
        return (slopes - level - normalized * lean) * inverse, gradients

    def _inverse(self, variance: Array) -> Array:
        inverse: Array = 1 / np.sqrt(variance + variance.dtype.type(self.epsilon))
        return inverse


class LayerNormalization(_Normalization):
    """Normalizes each sample by itself along an axis (Ba, Kiros & Hinton 2016)."""

    masking = "kept"

    def __init__(
        self, axis: int | Sequence[int] = -1, epsilon: float = 1e-3, **options: Any
    ) -> None:
        super().__init__(axis, epsilon=epsilon, **options)

    def weight_shapes(self, input_shape: Any) -> dict[str, tuple[int, ...]]:
        """Gamma and beta, with the lengths of the axes."""
        return dict.fromkeys(self.initializers, self._weight_shape(input_shape))

    def forward(self, x: Array, context: Context) -> tuple[Array, Cache]:
        """The cache holds "mean" and "variance" (1 along the axes) and "normalized" besides."""
        del context
        kept = self._kept(x.ndim)
        mean = x.mean(axis=kept, keepdims=True)
        centred = x - mean
        variance = (centred * centred).mean(axis=kept, keepdims=True)
        normalized = centred / np.sqrt(variance + x.dtype.type(self.epsilon))
        y = self._scaled(normalized)
        return y, cache_of(x, y, mean=mean, variance=variance, normalized=normalized)

    def backward(
        self, output_gradient: Array, cache: Cache, context: Context
    ) -> tuple[Array, Gradients]:
        """The gradient through each sample's own mean and variance."""
        del context
        normalized = cache["normalized"]
        gradients = self._weight_gradients(output_gradient, normalized)
        slopes = self._unscaled(output_gradient)
        kept = self._kept(slopes.ndim)
        level = slopes.mean(axis=kept, keepdims=True)
        lean = (slopes * normalized).mean(axis=kept, keepdims=True)
        root = np.sqrt(cache["variance"] + slopes.dtype.type(self.epsilon))
        return (slopes - level - normalized * lean) / root, gradients
