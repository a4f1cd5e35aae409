"""The fully connected layer."""

from __future__ import annotations

from typing import Any

from simulator.engine.arguments import count
from simulator.engine.layers.base import Array, Cache, Context, Gradients, Shape
from simulator.engine.layers.kernel import KernelLayer


class Dense(KernelLayer):
    """y = activation(x · kernel + bias); x (B, …, D) gives (B, …, U). Kernel (D, U), bias (U,)."""

    masking = "kept"

    def __init__(self, units: int, activation: Any = None, **options: Any) -> None:
        super().__init__(activation=activation, **options)
        self.units = count(units, owner="Dense", argument="units")

    def output_shape(self, input_shape: Any) -> Shape:
        """The input's, with the units in place of the last axis."""
        if (
            not input_shape
            or not isinstance(input_shape, tuple)
            or isinstance(input_shape[0], tuple)
        ):
            raise self.misfit(input_shape, "at least one axis besides the batch")
        if input_shape[-1] is None:
            raise self.misfit(input_shape, "a last axis of known length")
        if self.built and input_shape[-1] != self.kernel.shape[0]:
            raise self.misfit(
                input_shape,
                f"{self.kernel.shape[0]} values on the last axis, for which its kernel was made",
            )
        return (*input_shape[:-1], self.units)

    def weight_shapes(self, input_shape: Any) -> dict[str, tuple[int, ...]]:
        """Kernel (D, U), bias (U,)."""
        return self._shapes((input_shape[-1], self.units), self.units)

    def forward(self, x: Array, context: Context) -> tuple[Array, Cache]:
        """The cache holds "pre_activation" (B, …, U) besides."""
        return self._activated(x, context.backend.dense(x, self.kernel, self.bias))

    def backward_from(
        self, slopes: Array, cache: Cache, context: Context
    ) -> tuple[Array, Gradients]:
        """Input gradient (B, …, D), kernel and bias gradients, from slopes (B, …, U)."""
        backend = context.backend
        gradients = self._gradients(
            backend.dense_kernel_gradient(cache["input"], slopes),
            backend.dense_bias_gradient(slopes),
        )
        if not context.input_gradient:
            return cache["input"], gradients
        return backend.dense_input_gradient(slopes, self.kernel), gradients
