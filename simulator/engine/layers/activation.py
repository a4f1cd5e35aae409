"""Activations as layers of their own."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.engine import activations, arguments
from simulator.engine.layers.base import Array, Cache, Context, Gradients, Layer, Shape, cache_of


class _Pointwise(Layer):
    """A layer whose output has its input's shape."""

    def output_shape(self, input_shape: Any) -> Shape:
        """The input's."""
        shape: Shape = input_shape
        return shape


class _Activating(_Pointwise):
    """A layer that is nothing but its `activation`, which its constructor sets."""

    masking = "kept"

    activation: activations.Activation

    def forward(self, x: Array, context: Context) -> tuple[Array, Cache]:
        """The activation of every value (softmax: of every row)."""
        del context
        y = self.activation.value(x)
        return y, cache_of(x, y)

    @property
    def last_activation(self) -> activations.Activation | None:
        """The activation."""
        return self.activation

    def backward_from(
        self, slopes: Array, cache: Cache, context: Context
    ) -> tuple[Array, Gradients]:
        """The slopes, as they are."""
        del cache, context
        return slopes, {}

    def backward(
        self, output_gradient: Array, cache: Cache, context: Context
    ) -> tuple[Array, Gradients]:
        """The activation's gradient."""
        del context
        return self.activation.gradient(cache["input"], cache["output"], output_gradient), {}


class Activation(_Activating):
    """y = activation(x), by name or callable: `Activation("tanh")`."""

    def __init__(self, activation: Any, **options: Any) -> None:
        super().__init__(**options)
        self.activation = activations.get(activation)


class Softmax(_Pointwise):
    """y = exp(x) / Σ exp(x) along an axis."""

    masking = "refused"

    def __init__(self, axis: int = -1, **options: Any) -> None:
        super().__init__(**options)
        self.axis = arguments.axis(axis, owner="Softmax")
        self.activation = activations.get("softmax")

    def output_shape(self, input_shape: Any) -> Shape:
        """The input's."""
        if not -len(input_shape) <= self.axis <= len(input_shape) or self.axis == 0:
            raise self.misfit(input_shape, f"an axis {self.axis} besides the batch")
        return super().output_shape(input_shape)

    def forward(self, x: Array, context: Context) -> tuple[Array, Cache]:
        """Positive numbers that add up to 1 along the axis."""
        del context
        y = self._back(self.activation.value(self._last(x)))
        return y, cache_of(x, y)

    def backward(
        self, output_gradient: Array, cache: Cache, context: Context
    ) -> tuple[Array, Gradients]:
        """∂L/∂x = y · (∂L/∂y − Σ y · ∂L/∂y)."""
        del context
        gradient = self.activation.gradient(
            self._last(cache["input"]), self._last(cache["output"]), self._last(output_gradient)
        )
        return self._back(gradient), {}

    def _last(self, x: Array) -> Array:
        return np.ascontiguousarray(np.moveaxis(x, self.axis, -1))

    def _back(self, x: Array) -> Array:
        return np.ascontiguousarray(np.moveaxis(x, -1, self.axis))


class ReLU(_Activating):
    """y = x from `threshold` on, at most `max_value`; below it negative_slope · (x − threshold)."""

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        **options: Any,
    ) -> None:
        rectifier = activations.Relu(
            negative_slope=negative_slope, max_value=max_value, threshold=threshold
        )
        super().__init__(**options)
        self.activation = rectifier


class LeakyReLU(_Activating):
    """y = x above 0, negative_slope · x below."""

    def __init__(
        self, negative_slope: float = 0.3, *, alpha: float | None = None, **options: Any
    ) -> None:
        """`alpha` is what older versions of Keras call the slope."""
        slope = negative_slope if alpha is None else alpha
        super().__init__(**options)
        self.activation = activations.Relu(negative_slope=slope)
