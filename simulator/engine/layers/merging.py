"""Layers that make one out of several inputs."""

from __future__ import annotations

from abc import abstractmethod
from functools import reduce
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


class _Merge(Layer):
    """Value by value; an axis of length 1 meets every length."""

    masking = "refused"

    inputs: int | None = None  # how many it takes, if not any number

    def output_shape(self, input_shape: Any) -> Shape:
        """The inputs' common shape."""
        shapes = _shapes(self, input_shape)
        if self.inputs is not None and len(shapes) != self.inputs:
            raise self.misfit(input_shape, f"exactly {self.inputs} inputs")
        if len({len(shape) for shape in shapes}) > 1:
            raise self.misfit(input_shape, "inputs with the same number of axes")
        common: list[int | None] = []
        for lengths in zip(*shapes, strict=True):
            known = {length for length in lengths if length not in (None, 1)}
            if len(known) > 1:
                raise self.misfit(input_shape, "inputs of the same shape (or 1 along an axis)")
            common.append(known.pop() if known else (None if None in lengths else 1))
        return tuple(common)

    def forward(self, x: tuple[Array, ...], context: Context) -> tuple[Array, Cache]:
        """The merged values."""
        del context
        y = self._merged(x)
        return y, cache_of(x, y)

    def backward(
        self, output_gradient: Array, cache: Cache, context: Context
    ) -> tuple[tuple[Array, ...], Gradients]:
        """A gradient for each input."""
        del context
        x = _inputs(cache)
        slopes = self._slopes(x, cache["output"], output_gradient)
        pairs = zip(slopes, x, strict=True)
        return tuple(_narrowed(slope, array.shape) for slope, array in pairs), {}

    @abstractmethod
    def _merged(self, x: tuple[Array, ...]) -> Array:
        """One out of several."""

    @abstractmethod
    def _slopes(self, x: tuple[Array, ...], y: Array, output_gradient: Array) -> list[Array]:
        """The gradient for each input, in the output's shape."""


class Add(_Merge):
    """y = x₁ + x₂ + …."""

    def _merged(self, x: tuple[Array, ...]) -> Array:
        return reduce(np.add, x)

    def _slopes(self, x: tuple[Array, ...], y: Array, output_gradient: Array) -> list[Array]:
        del y
        return [output_gradient] * len(x)


class Average(_Merge):
    """y = (x₁ + x₂ + …) / n."""

    def _merged(self, x: tuple[Array, ...]) -> Array:
        total: Array = reduce(np.add, x)
        return np.asarray(total / total.dtype.type(len(x)))

    def _slopes(self, x: tuple[Array, ...], y: Array, output_gradient: Array) -> list[Array]:
        return [output_gradient / y.dtype.type(len(x))] * len(x)


class Subtract(_Merge):
    """y = x₁ − x₂."""

    inputs = 2

    def _merged(self, x: tuple[Array, ...]) -> Array:
        return reduce(np.subtract, x)

    def _slopes(self, x: tuple[Array, ...], y: Array, output_gradient: Array) -> list[Array]:
        del x, y
        return [output_gradient, -output_gradient]


class Multiply(_Merge):
    """y = x₁ · x₂ · …."""

    def _merged(self, x: tuple[Array, ...]) -> Array:
        return reduce(np.multiply, x)

    def _slopes(self, x: tuple[Array, ...], y: Array, output_gradient: Array) -> list[Array]:
        del y
        # All the others multiplied, and not the output divided by one: that may be 0.
        others = (x[:index] + x[index + 1 :] for index in range(len(x)))
        return [reduce(np.multiply, rest, output_gradient) for rest in others]


class _Extreme(_Merge):
    """The chosen input gets the gradient; inputs that are equal share it evenly."""

    def _slopes(self, x: tuple[Array, ...], y: Array, output_gradient: Array) -> list[Array]:
        chosen = [np.asarray(array == y) for array in x]
        share = output_gradient / np.maximum(sum(chosen), 1).astype(y.dtype)
        return [share * each for each in chosen]


class Maximum(_Extreme):
    """The largest of the inputs, value by value."""

    def _merged(self, x: tuple[Array, ...]) -> Array:
        return reduce(np.maximum, x)


class Minimum(_Extreme):
    """The smallest of the inputs, value by value."""

    def _merged(self, x: tuple[Array, ...]) -> Array:
        return reduce(np.minimum, x)


class Concatenate(Layer):
    """The inputs side by side along an axis."""

    masking = "refused"

    def __init__(self, axis: int = -1, **options: Any) -> None:
        super().__init__(**options)
        self.axis = arguments.axis(axis, owner="Concatenate")

    def output_shape(self, input_shape: Any) -> Shape:
        """The lengths along the axis added up."""
        shapes = _shapes(self, input_shape)
        rank = len(shapes[0]) + 1
        if not -rank < self.axis < rank or self.axis % rank == 0:
            raise self.misfit(input_shape, f"an axis {self.axis} besides the batch")
        axis = self.axis % rank - 1
        rest = {(*shape[:axis], *shape[axis + 1 :]) for shape in shapes}
        if len({len(shape) for shape in shapes}) > 1 or len(rest) > 1:
            raise self.misfit(input_shape, f"inputs that differ along axis {self.axis} alone")
        total: int | None = 0
        for shape in shapes:
            length = shape[axis]
            total = None if total is None or length is None else total + length
        return (*shapes[0][:axis], total, *shapes[0][axis + 1 :])

    def forward(self, x: tuple[Array, ...], context: Context) -> tuple[Array, Cache]:
        """The inputs side by side."""
        del context
        y = np.concatenate(x, axis=self.axis)
        return y, cache_of(x, y)

    def backward(
        self, output_gradient: Array, cache: Cache, context: Context
    ) -> tuple[tuple[Array, ...], Gradients]:
        """Each input's part of the gradient."""
        del context
        borders = np.cumsum([array.shape[self.axis] for array in _inputs(cache)])[:-1]
        parts = np.split(output_gradient, borders, axis=self.axis)
        return tuple(np.ascontiguousarray(part) for part in parts), {}


def _shapes(layer: Layer, input_shape: Any) -> tuple[Shape, ...]:
    if not several(input_shape) or len(input_shape) < 2:
        raise layer.misfit(input_shape, "at least two inputs, as a list")
    shapes: tuple[Shape, ...] = input_shape
    return shapes


def _inputs(cache: Cache) -> tuple[Array, ...]:
    return tuple(array for name, array in cache.items() if name.startswith("input:"))


def _narrowed(gradient: Array, shape: tuple[int, ...]) -> Array:
    """The gradient summed over the axes along which a value met several."""
    axes = tuple(axis for axis in range(gradient.ndim) if shape[axis] < gradient.shape[axis])
    return gradient.sum(axis=axes, keepdims=True) if axes else gradient
