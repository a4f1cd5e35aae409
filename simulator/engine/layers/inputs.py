"""Where data enters a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simulator.engine import arguments, names
from simulator.engine.layers.base import Array, Cache, Context, Gradients, Layer, Shape, cache_of
from simulator.engine.layers.tensors import Node, Tensor


class InputLayer(Layer):
    """Where data enters a model: it hands on what it gets. `Input` makes one."""

    def __init__(self, shape: Any, **options: Any) -> None:
        super().__init__(input_shape=shape, **options)

    def output_shape(self, input_shape: Any) -> Shape:
        """The same."""
        shape: Shape = input_shape
        return shape

    def forward(self, x: Array, context: Context) -> tuple[Array, Cache]:
        """The same."""
        del context
        return x, cache_of(x, x)

    def backward(
        self, output_gradient: Array, cache: Cache, context: Context
    ) -> tuple[Array, Gradients]:
        """The same."""
        del cache, context
        return output_gradient, {}


def Input(  # noqa: N802 - Keras's name
    shape: Sequence[int | None] | None = None,
    batch_size: int | None = None,
    dtype: str | None = None,
    name: str | None = None,
    *,
    batch_shape: Sequence[int | None] | None = None,
    **unknown: Any,
) -> Tensor:
    """Where data enters: a tensor to call layers on. The shape is one sample's, None for lengths
    that vary; `batch_shape` has the batch before it. `batch_size` is taken and not needed; whole
    numbers come as floats too.
    """
    del batch_size
    if unknown:
        raise names.unexpected(
            "Input", unknown, ("shape", "batch_size", "dtype", "name", "batch_shape")
        )
    if shape is None and batch_shape is not None:
        shape = arguments.sample_shape(batch_shape, owner="Input")
    layer = InputLayer(() if shape is None else shape, name=name or names.unique("input_layer"),
        dtype=dtype if dtype == "float64" else None)  # fmt: skip
    return input_tensor(layer)


def input_tensor(layer: InputLayer) -> Tensor:
    """What an input layer hands on."""
    return Tensor(Node(layer, ()), 0, layer.given_input_shape or ())


def tensors_of(given: Any, argument: str) -> list[Tensor]:
    """What a model is made between, as a list. Raises TypeError for anything but tensors, and
    ValueError for none.
    """
    tensors = list(given) if isinstance(given, list | tuple) else [given]
    for tensor in tensors:
        if not isinstance(tensor, Tensor):
            raise TypeError(
                f"Model: {argument} must be an Input or a layer's output, or a list of them, not "
                f"{names.shown(tensor)}."
            )
    if not tensors:
        raise ValueError(f"Model: {argument} is empty.")
    return tensors
