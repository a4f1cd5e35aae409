"""A dense layer that reads the kernel of another one backwards. Keras has no such layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.engine import activations, initializers
from simulator.engine.layers.base import (
    Array,
    Cache,
    Context,
    Gradients,
    Layer,
    Shape,
    cache_of,
    known_size,
)
from simulator.engine.layers.dense import Dense


class TiedDense(Layer):
    """y = activation(x · kernelᵀ + bias), with the very kernel (D, U) of a dense layer before it.

    x (B, U) gives (B, D): what that layer made of D values is turned back into as many. Both
    layers train one array: its gradient is the sum of what flows through either use of it. The
    bias (D,) is this layer's own. (Vincent and others 2010, section 2.2: tied weights.)
    """

    def __init__(self, source: Dense, activation: Any = None, **options: Any) -> None:
        """Take the layer to share the kernel with: it has to come first in the network."""
        super().__init__(**{"dtype": source.dtype, **options})
        self.source = source
        self.activation = activations.get(activation)
        self.initializers["bias"] = initializers.get("zeros")

    @property
    def weights(self) -> dict[str, Array]:
        """The shared kernel (D, U), the same array object as the other layer's, and the bias."""
        shared = {"kernel": self.source.kernel} if self.source.built else {}
        return {**shared, **super().weights}

    @property
    def trainable_names(self) -> tuple[str, ...]:
        """The bias, and the kernel unless the other layer keeps it as it is."""
        shared = [name for name in ("kernel",) if name in self.source.trainable_names]
        return (*shared, *super().trainable_names) if self.trainable else ()

    def output_shape(self, input_shape: Any) -> Shape:
        """As many values as go into the other layer.

        Raises ValueError while nobody knows how many, and ShapeError for other inputs than what
        that layer gives.
        """
        source = self.source
        known = source.input_shape if source.built else getattr(source.input, "sample_shape", None)
        if known is None:
            raise ValueError(
                f"{self.described} shares the kernel of {source.described}, whose input is not "
                "known yet: put that layer into the network first, and say what goes into it."
            )
        if len(known) != 1:
            raise source.misfit(known, "a single axis where its kernel is shared")
        if input_shape != (source.units,):
            raise self.misfit(input_shape, f"the {source.units} values of {source.described}")
        return (known[0],)

    def weight_shapes(self, input_shape: Any) -> dict[str, tuple[int, ...]]:
        """The bias (D,) alone: the kernel is there already."""
        return {"bias": tuple(size or 0 for size in self.output_shape(input_shape))}

    def count_params(self) -> int:
        """Those of the bias: the kernel is counted where it was made."""
        return super().count_params() - int(self.source.kernel.size)

    def cached_values(self, input_shape: Any) -> int:
        """What goes into the activation."""
        return known_size(self.output_shape(input_shape))

    def _turned(self) -> Array:
        return np.ascontiguousarray(self.source.kernel.T)

    def forward(self, x: Array, context: Context) -> tuple[Array, Cache]:
        """The cache holds "pre_activation" (B, D) besides."""
        total = context.backend.dense(x, self._turned(), self._weights["bias"])
        y = self.activation.value(total)
        return y, cache_of(x, y, pre_activation=total)

    @property
    def last_activation(self) -> activations.Activation | None:
        """Its activation."""
        return self.activation

    def backward(
        self, output_gradient: Array, cache: Cache, context: Context
    ) -> tuple[Array, Gradients]:
        """The gradients of the input, the shared kernel through this use of it, and the bias."""
        slopes = self.activation.gradient(cache["pre_activation"], cache["output"], output_gradient)
        return self.backward_from(slopes, cache, context)

    def backward_from(
        self, slopes: Array, cache: Cache, context: Context
    ) -> tuple[Array, Gradients]:
        """Input gradient (B, U), kernel (D, U) and bias (D,) gradients, from slopes (B, D)."""
        backend = context.backend
        turned = backend.dense_kernel_gradient(cache["input"], slopes)
        gradients = {
            "kernel": np.ascontiguousarray(turned.T),
            "bias": backend.dense_bias_gradient(slopes),
        }
        if not context.input_gradient:
            return cache["input"], gradients
        return backend.dense_input_gradient(slopes, self._turned()), gradients
