"""Layers that rearrange values and compute nothing."""

from __future__ import annotations

from math import prod
from numbers import Integral
from typing import Any

import numpy as np

from simulator.engine import names
from simulator.engine.arguments import channels_last, count, counts, shown
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


class _Reshaping(Layer):
    """A layer whose output is its input in another shape."""

    def forward(self, x: Array, context: Context) -> tuple[Array, Cache]:
        """The input in its new shape."""
        del context
        y = x.reshape(x.shape[0], *self._sizes(x.shape[1:]))
        return y, cache_of(x, y)

    def backward(
        self, output_gradient: Array, cache: Cache, context: Context
    ) -> tuple[Array, Gradients]:
        """The gradient in the input's shape."""
        del context
        return output_gradient.reshape(cache["input"].shape), {}

    def _sizes(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        sizes: tuple[int, ...] = self.output_shape(shape)
        return sizes


class Flatten(_Reshaping):
    """All values of a sample in one row, last axis fastest; (B, H, W, C) gives (B, H·W·C)."""

    def __init__(self, *, data_format: str | None = None, **options: Any) -> None:
        super().__init__(**options)
        channels_last(data_format, owner="Flatten")

    def output_shape(self, input_shape: Any) -> Shape:
        """One axis."""
        if several(input_shape) or None in input_shape:
            return (None,) if not several(input_shape) else _single(self, input_shape)
        return (prod(input_shape),)


class Reshape(_Reshaping):
    """The values of a sample in another shape, in the same order; one −1 stands for the rest."""

    def __init__(self, target_shape: Any, **options: Any) -> None:
        super().__init__(**options)
        target = tuple(target_shape) if isinstance(target_shape, list | tuple) else (target_shape,)
        self.target_shape = tuple(
            -1 if _is_rest(size) else count(size, owner="Reshape", argument="target_shape")
            for size in target
        )
        if self.target_shape.count(-1) > 1:
            raise ValueError(f"Reshape: target_shape is {target}: only one axis may be −1.")

    def output_shape(self, input_shape: Any) -> Shape:
        """The target."""
        shape = _single(self, input_shape)
        known = prod(size for size in self.target_shape if size != -1)
        if None in shape:
            return tuple(None if size == -1 else size for size in self.target_shape)
        values = prod(size for size in shape if size is not None)
        if -1 in self.target_shape:
            if values % known:
                raise self.misfit(input_shape, f"a multiple of {known} values, not {values}")
            return tuple(values // known if size == -1 else size for size in self.target_shape)
        if values != known:
            raise self.misfit(
                input_shape, f"{known} values for its target {self.target_shape}, not {values}"
            )
        return self.target_shape


class Permute(Layer):
    """The axes in another order, counted from 1 after the batch; `Permute((2, 1))` swaps two."""

    def __init__(self, dims: Any, **options: Any) -> None:
        super().__init__(**options)
        listed = tuple(dims) if isinstance(dims, list | tuple) else (dims,)
        self.dims = tuple(count(each, owner="Permute", argument="dims") for each in listed)
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise ValueError(
                f"Permute: dims is {self.dims}: it must hold every axis from 1 to "
                f"{len(self.dims)} once."
            )

    def output_shape(self, input_shape: Any) -> Shape:
        """The input's, in the order of `dims`."""
        shape = _single(self, input_shape)
        if len(shape) != len(self.dims):
            raise self.misfit(input_shape, f"{len(self.dims) + 1} axes")
        return tuple(shape[axis - 1] for axis in self.dims)

    def forward(self, x: Array, context: Context) -> tuple[Array, Cache]:
        """The input with its axes moved."""
        del context
        y = np.ascontiguousarray(x.transpose(0, *self.dims))
        return y, cache_of(x, y)

    def backward(
        self, output_gradient: Array, cache: Cache, context: Context
    ) -> tuple[Array, Gradients]:
        """The gradient with its axes moved back."""
        del cache, context
        return np.ascontiguousarray(output_gradient.transpose(np.argsort((0, *self.dims)))), {}


class RepeatVector(Layer):
    """The same vector at each of n steps; (B, C) gives (B, n, C)."""

    def __init__(self, n: int, **options: Any) -> None:
        super().__init__(**options)
        self.n = count(n, owner="RepeatVector", argument="n")

    def output_shape(self, input_shape: Any) -> Shape:
        """(n, C)."""
        shape = _single(self, input_shape)
        if len(shape) != 1:
            raise self.misfit(input_shape, "2 axes, (batch, values)")
        return (self.n, shape[0])

    def forward(self, x: Array, context: Context) -> tuple[Array, Cache]:
        """The input, n times."""
        del context
        y = np.repeat(x[:, np.newaxis], self.n, axis=1)
        return y, cache_of(x, y)

    def backward(
        self, output_gradient: Array, cache: Cache, context: Context
    ) -> tuple[Array, Gradients]:
        """The gradients of all steps added up."""
        del cache, context
        return output_gradient.sum(axis=1), {}


class ZeroPadding2D(Layer):
    """Zeros around an image: a number for every side, (rows, columns), or ((top, bottom),
    (left, right)).
    """

    def __init__(self, padding: Any = 1, *, data_format: str | None = None, **options: Any) -> None:
        super().__init__(**options)
        channels_last(data_format, owner="ZeroPadding2D")
        axes = tuple(padding) if isinstance(padding, list | tuple) else (padding, padding)
        sides = [tuple(s) if isinstance(s, list | tuple) else (s, s) for s in axes]
        try:
            (top, bottom), (left, right) = (
                [count(cells, owner="", argument="", minimum=0) for cells in side] for side in sides
            )
        except ValueError:
            raise ValueError(
                f"ZeroPadding2D: padding is {shown(padding)}: it must be a whole number of 0 or "
                "more, a pair of them, or ((top, bottom), (left, right))."
            ) from None
        self.padding = ((top, bottom), (left, right))

    def output_shape(self, input_shape: Any) -> Shape:
        """The padded image's."""
        shape = _image(self, input_shape)
        sizes = [
            None if length is None else length + sum(sides)
            for length, sides in zip(shape[:2], self.padding, strict=True)
        ]
        return (*sizes, shape[2])

    def forward(self, x: Array, context: Context) -> tuple[Array, Cache]:
        """The padded image."""
        del context
        y = np.pad(x, ((0, 0), *self.padding, (0, 0)))
        return y, cache_of(x, y)

    def backward(
        self, output_gradient: Array, cache: Cache, context: Context
    ) -> tuple[Array, Gradients]:
        """The gradient without its border."""
        del context
        _, height, width, _ = cache["input"].shape
        (top, _), (left, _) = self.padding
        inner = output_gradient[:, top : top + height, left : left + width]
        return np.ascontiguousarray(inner), {}


class UpSampling2D(Layer):
    """Every cell repeated; (B, H, W, C) gives (B, H·rows, W·columns, C)."""

    def __init__(
        self,
        size: Any = 2,
        *,
        data_format: str | None = None,
        interpolation: str = "nearest",
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.size = counts(size, 2, owner="UpSampling2D", argument="size")
        channels_last(data_format, owner="UpSampling2D")
        names.one_of("UpSampling2D", "interpolation", interpolation, ("nearest",))

    def output_shape(self, input_shape: Any) -> Shape:
        """The larger image's."""
        shape = _image(self, input_shape)
        sizes = [
            None if length is None else length * times
            for length, times in zip(shape[:2], self.size, strict=True)
        ]
        return (*sizes, shape[2])

    def forward(self, x: Array, context: Context) -> tuple[Array, Cache]:
        """The larger image."""
        del context
        y = x.repeat(self.size[0], axis=1).repeat(self.size[1], axis=2)
        return y, cache_of(x, y)

    def backward(
        self, output_gradient: Array, cache: Cache, context: Context
    ) -> tuple[Array, Gradients]:
        """For each cell, the gradients of its copies added up."""
        del context
        batch, height, width, channels = cache["input"].shape
        rows, columns = self.size
        blocks = output_gradient.reshape(batch, height, rows, width, columns, channels)
        return blocks.sum(axis=(2, 4)), {}


def _is_rest(size: Any) -> bool:
    return isinstance(size, Integral) and int(size) == -1


def _single(layer: Layer, input_shape: Any) -> Shape:
    if several(input_shape):
        raise layer.misfit(input_shape, "a single input")
    shape: Shape = input_shape
    return shape


def _image(layer: Layer, input_shape: Any) -> Shape:
    shape = _single(layer, input_shape)
    if len(shape) != 3:
        raise layer.misfit(input_shape, "4 axes, (batch, height, width, channels)")
    return shape
