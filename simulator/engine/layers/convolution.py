"""Convolution layers. One axis is computed as an image of one row."""

from __future__ import annotations

from abc import abstractmethod
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np

from simulator.engine import initializers, names
from simulator.engine.arguments import channels_last, count, counts
from simulator.engine.geometry import GeometryError, WindowGeometry
from simulator.engine.layers.base import Array, Cache, Context, Gradients, Shape
from simulator.engine.layers.kernel import KernelLayer


class Convolution(KernelLayer):
    """What the convolutions share: a window over `rank` axes, channels last."""

    rank: ClassVar[int]
    paddings: ClassVar[tuple[str, ...]] = ("valid", "same")

    def __init__(
        self,
        kernel_size: Any,
        strides: Any,
        padding: str,
        *,
        dilation_rate: Any = 1,
        data_format: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        owner = type(self).__name__
        self.kernel_size = counts(kernel_size, self.rank, owner=owner, argument="kernel_size")
        self.strides = counts(strides, self.rank, owner=owner, argument="strides")
        self.padding = names.one_of(owner, "padding", padding, self.paddings)
        self.dilation_rate = counts(dilation_rate, self.rank, owner=owner, argument="dilation_rate")
        channels_last(data_format, owner=owner)

    def geometry(self, size: tuple[int, ...]) -> WindowGeometry:
        """Where the windows lie on an input of this size. Raises GeometryError if none fits."""
        padding: Any = self.padding
        if padding == "causal":
            padding = ((0, 0), ((self.kernel_size[0] - 1) * self.dilation_rate[0], 0))
        return convolution_geometry(
            as_rows(size), as_rows(self.kernel_size), as_rows(self.strides), padding,
            as_rows(self.dilation_rate),
        )  # fmt: skip

    @abstractmethod
    def _outputs(self, channels: int) -> int:
        """How many channels come out."""

    def _checked(self, input_shape: Any) -> int:
        """The number of input channels. Raises ShapeError for a shape that is not an image's."""
        axes = "(batch, time, channels)" if self.rank == 1 else "(batch, height, width, channels)"
        single = isinstance(input_shape, tuple) and not isinstance((*input_shape, 0)[0], tuple)
        if not single or len(input_shape) != self.rank + 1 or input_shape[-1] is None:
            raise self.misfit(input_shape, f"{self.rank + 2} axes, {axes}")
        channels = int(input_shape[-1])
        if self.built and channels != self.input_shape[-1]:
            raise self.misfit(
                input_shape, f"{self.input_shape[-1]} channels, for which its kernel was made"
            )
        return channels

    def output_shape(self, input_shape: Any) -> Shape:
        """The number of windows along each axis, and the channels that come out."""
        channels = self._checked(input_shape)
        sizes = self._sizes(tuple(input_shape[:-1]), input_shape)
        return (*sizes, self._outputs(channels))

    def _sizes(self, size: Shape, input_shape: Any) -> Shape:
        # An unknown length is stood for by one that every window fits.
        known = tuple(10**6 if length is None else length for length in size)
        try:
            sizes = self.geometry(known).output_size[2 - self.rank :]
        except GeometryError as error:
            raise self.misfit(
                input_shape, f"one that its windows fit. {error.of_layer}".rstrip(".")
            ) from error
        return tuple(
            None if length is None else output for length, output in zip(size, sizes, strict=True)
        )

    def _image(self, x: Array) -> Array:
        return x if self.rank == 2 else x[:, None]

    def _back(self, y: Array) -> Array:
        return y if self.rank == 2 else y[:, 0]

    def _four_axes(self, kernel: Array) -> Array:
        return kernel if self.rank == 2 else kernel[None]


class _Filters(Convolution):
    """Convolutions with a number of filters that each see several channels."""

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        **options: Any,
    ) -> None:
        super().__init__(kernel_size, strides, padding, **options)
        self.filters = count(filters, owner=type(self).__name__, argument="filters")

    def _outputs(self, channels: int) -> int:
        del channels
        return self.filters


class Conv(_Filters):
    """Conv1D and Conv2D. With `groups`, channels and filters are parted into as many, and every
    filter sees the channels of its own group alone (Krizhevsky et al. 2012, section 3.2).
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        *,
        groups: int = 1,
        **options: Any,
    ) -> None:
        """Raises ValueError for `groups` that do not divide the filters."""
        super().__init__(filters, kernel_size, strides, padding, **options)
        owner = type(self).__name__
        self.groups = count(groups, owner=owner, argument="groups")
        if self.filters % self.groups:
            raise ValueError(
                f"{owner}: groups is {self.groups}, which does not divide the {self.filters} "
                "filters."
            )

    def _checked(self, input_shape: Any) -> int:
        channels = super()._checked(input_shape)
        if channels % self.groups:
            raise self.misfit(input_shape, f"channels that its {self.groups} groups divide evenly")
        return channels

    def weight_shapes(self, input_shape: Any) -> dict[str, tuple[int, ...]]:
        """Kernel (kh, kw, C / groups, F) or (k, C / groups, F), bias (F,)."""
        channels = input_shape[-1] // self.groups
        return self._shapes((*self.kernel_size, channels, self.filters), self.filters)

    def forward(self, x: Array, context: Context) -> tuple[Array, Cache]:
        """The cache holds "pre_activation", shaped as the output, besides."""
        geometry = self.geometry(x.shape[1:-1])
        if self.groups == 1:
            total = context.backend.convolution2d(
                self._image(x), self._four_axes(self.kernel), self.bias, geometry=geometry
            )
            return self._activated(x, self._back(total))
        biases = self._parted(self.bias) if self.bias is not None else [None] * self.groups
        parts = [
            context.backend.convolution2d(seen, kernel, bias, geometry=geometry)
            for seen, kernel, bias in zip(
                self._parted(self._image(x)),
                self._parted(self._four_axes(self.kernel)),
                biases,
                strict=True,
            )
        ]
        return self._activated(x, self._back(np.concatenate(parts, axis=-1)))

    def backward_from(
        self, slopes: Array, cache: Cache, context: Context
    ) -> tuple[Array, Gradients]:
        """The gradients of the input, the kernel and the bias."""
        backend, x = context.backend, cache["input"]
        slopes = self._image(slopes)
        geometry = self.geometry(x.shape[1:-1])
        if self.groups > 1:
            return self._grouped_gradients(slopes, x, geometry, context)
        kernel = backend.convolution2d_kernel_gradient(self._image(x), slopes, geometry=geometry)
        gradients = self._gradients(
            kernel.reshape(self.kernel.shape), backend.convolution2d_bias_gradient(slopes)
        )
        if not context.input_gradient:
            return x, gradients
        input_gradient = backend.convolution2d_input_gradient(
            slopes, self._four_axes(self.kernel), geometry=geometry
        )
        return self._back(input_gradient), gradients

    def _grouped_gradients(
        self, slopes: Array, x: Array, geometry: WindowGeometry, context: Context
    ) -> tuple[Array, Gradients]:
        backend, by_group = context.backend, self._parted(slopes)
        kernels = [
            backend.convolution2d_kernel_gradient(seen, each, geometry=geometry)
            for seen, each in zip(self._parted(self._image(x)), by_group, strict=True)
        ]
        gradients = self._gradients(
            np.concatenate(kernels, axis=-1).reshape(self.kernel.shape),
            backend.convolution2d_bias_gradient(slopes),
        )
        if not context.input_gradient:
            return x, gradients
        parts = [
            backend.convolution2d_input_gradient(each, kernel, geometry=geometry)
            for each, kernel in zip(
                by_group, self._parted(self._four_axes(self.kernel)), strict=True
            )
        ]
        return self._back(np.concatenate(parts, axis=-1)), gradients

    def _parted(self, array: Array) -> list[Array]:
        """One part of the last axis for each group."""
        return [np.ascontiguousarray(part) for part in np.split(array, self.groups, axis=-1)]


class Conv1D(Conv):
    """Convolution along time; x (B, T, C) gives (B, OT, F). Kernel (k, C, F).

    Padding "causal" fills up the past alone, so that no output sees what comes after it.
    """

    rank = 1
    paddings = ("valid", "same", "causal")


class Conv2D(Conv):
    """Convolution of images; x (B, H, W, C) gives (B, OH, OW, F). Kernel (kh, kw, C, F)."""

    rank = 2


class DepthwiseConv2D(Convolution):
    """Convolution of each channel by itself; x (B, H, W, C) gives (B, OH, OW, C·M).

    Kernel (kh, kw, C, M), with M the depth multiplier.
    """

    rank = 2

    def __init__(
        self,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        depth_multiplier: int = 1,
        *,
        depthwise_initializer: Any = "glorot_uniform",
        depthwise_regularizer: Any = None,
        **options: Any,
    ) -> None:
        super().__init__(kernel_size, strides, padding, **options)
        owner = type(self).__name__
        self.depth_multiplier = count(depth_multiplier, owner=owner, argument="depth_multiplier")
        self.initializers["kernel"] = initializers.get(depthwise_initializer)
        self.regularize("kernel", depthwise_regularizer)

    def _outputs(self, channels: int) -> int:
        return channels * self.depth_multiplier

    def weight_shapes(self, input_shape: Any) -> dict[str, tuple[int, ...]]:
        """Kernel (kh, kw, C, M), bias (C·M,)."""
        channels = input_shape[-1]
        return self._shapes(
            (*self.kernel_size, channels, self.depth_multiplier), self._outputs(channels)
        )

    def forward(self, x: Array, context: Context) -> tuple[Array, Cache]:
        """The cache holds "pre_activation", shaped as the output, besides."""
        total = context.backend.depthwise_convolution2d(
            x, self.kernel, self.bias, geometry=self.geometry(x.shape[1:-1])
        )
        return self._activated(x, total)

    def backward_from(
        self, slopes: Array, cache: Cache, context: Context
    ) -> tuple[Array, Gradients]:
        """The gradients of the input, the kernel and the bias."""
        backend, x = context.backend, cache["input"]
        geometry = self.geometry(x.shape[1:-1])
        gradients = self._gradients(
            backend.depthwise_convolution2d_kernel_gradient(x, slopes, geometry=geometry),
            backend.convolution2d_bias_gradient(slopes),
        )
        if not context.input_gradient:
            return x, gradients
        input_gradient = backend.depthwise_convolution2d_input_gradient(
            slopes, self.kernel, geometry=geometry
        )
        return input_gradient, gradients


class Conv2DTranspose(_Filters):
    """The convolution turned round: what a Conv2D does to gradients; x (B, H, W, C) gives
    (B, OH, OW, F). Kernel (kh, kw, F, C).

    With stride s an axis of length n becomes n·s + max(k − s, 0) long (k the kernel's span), or
    n·s with padding "same", as in Keras.
    """

    rank = 2

    def _spread(self, size: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(
            length * stride + (max((kernel - 1) * dilation + 1 - stride, 0) * self._grows)
            for length, stride, kernel, dilation in zip(
                size, self.strides, self.kernel_size, self.dilation_rate, strict=True
            )
        )

    @property
    def _grows(self) -> bool:
        return self.padding == "valid"

    def _sizes(self, size: Shape, input_shape: Any) -> Shape:
        del input_shape
        sizes = self._spread(tuple(1 if length is None else length for length in size))
        return tuple(
            None if length is None else output for length, output in zip(size, sizes, strict=True)
        )

    def weight_shapes(self, input_shape: Any) -> dict[str, tuple[int, ...]]:
        """Kernel (kh, kw, F, C), bias (F,)."""
        return self._shapes((*self.kernel_size, self.filters, input_shape[-1]), self.filters)

    def forward(self, x: Array, context: Context) -> tuple[Array, Cache]:
        """The cache holds "pre_activation", shaped as the output, besides."""
        geometry = self.geometry(self._spread(x.shape[1:-1]))
        total = context.backend.convolution2d_input_gradient(x, self.kernel, geometry=geometry)
        if self.bias is not None:
            total += self.bias
        return self._activated(x, total)

    def backward_from(
        self, slopes: Array, cache: Cache, context: Context
    ) -> tuple[Array, Gradients]:
        """The gradients of the input, the kernel and the bias."""
        backend, x = context.backend, cache["input"]
        geometry = self.geometry(slopes.shape[1:-1])
        gradients = self._gradients(
            backend.convolution2d_kernel_gradient(slopes, x, geometry=geometry),
            backend.convolution2d_bias_gradient(slopes),
        )
        if not context.input_gradient:
            return x, gradients
        return backend.convolution2d(slopes, self.kernel, None, geometry=geometry), gradients


def as_rows(size: tuple[int, ...]) -> tuple[int, int]:
    """Two axes, the first of length 1 where only one was given."""
    return (size[0], size[1]) if len(size) == 2 else (1, size[0])


@lru_cache(maxsize=1024)
def convolution_geometry(
    size: tuple[int, int],
    kernel_size: tuple[int, int],
    strides: tuple[int, int],
    padding: Any,
    dilation: tuple[int, int],
) -> WindowGeometry:
    """`WindowGeometry.convolution`, remembered."""
    return WindowGeometry.convolution(
        size, kernel_size=kernel_size, stride=strides, padding=padding, dilation=dilation
    )
