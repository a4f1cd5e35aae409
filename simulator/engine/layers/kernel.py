"""What layers with one kernel share: Dense and the convolutions."""

from __future__ import annotations

from typing import Any

from simulator.engine import activations, arguments, initializers
from simulator.engine.activations import Activation
from simulator.engine.layers.base import (
    Array,
    Cache,
    Context,
    Gradients,
    Layer,
    cache_of,
    known_size,
)


class KernelLayer(Layer):
    """A layer that computes activation(kernel with x + bias)."""

    def __init__(
        self,
        *,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.activation = activations.get(activation)
        self.use_bias = arguments.truth(use_bias, owner=type(self).__name__, argument="use_bias")
        self.initializers["kernel"] = initializers.get(kernel_initializer)
        self.regularize("kernel", kernel_regularizer)
        if self.use_bias:
            self.initializers["bias"] = initializers.get(bias_initializer)
            self.regularize("bias", bias_regularizer)

    @property
    def kernel(self) -> Array:
        """The weight that multiplies the input."""
        return self._weights["kernel"]

    @property
    def bias(self) -> Array | None:
        """The weight that is added, if there is one."""
        return self._weights.get("bias")

    def _shapes(self, kernel: tuple[int, ...], outputs: int) -> dict[str, tuple[int, ...]]:
        shapes: dict[str, tuple[int, ...]] = {"kernel": kernel}
        if self.use_bias:
            shapes["bias"] = (outputs,)
        return shapes

    def _activated(self, x: Array, total: Array) -> tuple[Array, Cache]:
        """The output for what the kernel gave, and the cache with both."""
        y = self.activation.value(total)
        return y, cache_of(x, y, pre_activation=total)

    def cached_values(self, input_shape: Any) -> int:
        """What goes into the activation."""
        return known_size(self.output_shape(input_shape))

    @property
    def last_activation(self) -> Activation | None:
        """Its activation."""
        return self.activation

    def backward(
        self, output_gradient: Array, cache: Cache, context: Context
    ) -> tuple[Array, Gradients]:
        """The gradients of the input, the kernel and the bias."""
        slopes = self.activation.gradient(cache["pre_activation"], cache["output"], output_gradient)
        return self.backward_from(slopes, cache, context)

    def _gradients(self, kernel: Array, bias: Array) -> Gradients:
        gradients = {"kernel": kernel}
        if self.use_bias:
            gradients["bias"] = bias
        return gradients
