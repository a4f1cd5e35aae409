"""What every backend refuses before it computes: wrong types, and shapes that do not fit.

One function for each kind of operation, so that all backends refuse the same with the same words.
Wrong types raise TypeError, shapes GeometryError, indices and draws out of range ValueError.
"""

from __future__ import annotations

from functools import lru_cache
from numbers import Real

import numpy as np

from simulator.engine.arrays import FloatArray, IndexArray
from simulator.engine.geometry import GeometryError, WindowGeometry

_GRADIENT = "The output gradient"


def convolution(
    x: FloatArray, kernel: FloatArray, bias: FloatArray | None, geometry: WindowGeometry
) -> None:
    """Input (B, H, W, C), kernel (kh, kw, C, F), bias (F,) or None."""
    _floats(x=x, kernel=kernel, bias=bias)
    _image(x, geometry)
    _kernel(kernel, geometry)
    if x.shape[3] != kernel.shape[2]:
        raise GeometryError(
            f"The input has {_count(x.shape[3], 'channel')}, but the kernel was made for "
            f"{kernel.shape[2]}: choose a kernel for {_count(x.shape[3], 'channel')}.",
            parameter="channels",
        )
    if bias is not None:
        if bias.ndim != 1:
            raise GeometryError(
                f"The bias has the shape {_shape(bias.shape)}: it must be one number for each "
                "filter.",
                parameter="filters",
            )
        _filters("The bias", bias.shape[0], kernel)


def kernel_gradient(x: FloatArray, output_gradient: FloatArray, geometry: WindowGeometry) -> None:
    """Input (B, H, W, C), output gradient (B, OH, OW, F)."""
    _floats(x=x, output_gradient=output_gradient)
    _image(x, geometry)
    _output(_GRADIENT, output_gradient, geometry)
    if output_gradient.shape[0] != x.shape[0]:
        raise GeometryError(
            f"{_GRADIENT} has {_count(output_gradient.shape[0], 'sample')}, but the input has "
            f"{x.shape[0]}: give both the same number.",
            parameter="input",
        )


def input_gradient(
    output_gradient: FloatArray, kernel: FloatArray, geometry: WindowGeometry
) -> None:
    """Output gradient (B, OH, OW, F), kernel (kh, kw, C, F)."""
    _floats(output_gradient=output_gradient, kernel=kernel)
    _output(_GRADIENT, output_gradient, geometry)
    _kernel(kernel, geometry)
    _filters(_GRADIENT, output_gradient.shape[3], kernel)


def depthwise(
    x: FloatArray, kernel: FloatArray, bias: FloatArray | None, geometry: WindowGeometry
) -> None:
    """Input (B, H, W, C), kernel (kh, kw, C, M), bias (C·M,) or None."""
    _floats(x=x, kernel=kernel, bias=bias)
    _image(x, geometry)
    _kernel(kernel, geometry)
    _fits("The input", "channel", x.shape[3], kernel.shape[2])
    if bias is not None:
        _same_shape("The bias", bias, (kernel.shape[2] * kernel.shape[3],))


def depthwise_kernel_gradient(
    x: FloatArray, output_gradient: FloatArray, geometry: WindowGeometry
) -> None:
    """Input (B, H, W, C), output gradient (B, OH, OW, C·M)."""
    kernel_gradient(x, output_gradient, geometry)
    if output_gradient.shape[3] % x.shape[3]:
        raise GeometryError(
            f"{_GRADIENT} has {output_gradient.shape[3]} channels: it must have a multiple of the "
            f"input's {x.shape[3]}.",
            parameter="channels",
        )


def depthwise_input_gradient(
    output_gradient: FloatArray, kernel: FloatArray, geometry: WindowGeometry
) -> None:
    """Output gradient (B, OH, OW, C·M), kernel (kh, kw, C, M)."""
    _floats(output_gradient=output_gradient, kernel=kernel)
    _output(_GRADIENT, output_gradient, geometry)
    _kernel(kernel, geometry)
    _fits(_GRADIENT, "channel", output_gradient.shape[3], kernel.shape[2] * kernel.shape[3])


def dense(x: FloatArray, kernel: FloatArray, bias: FloatArray | None) -> None:
    """Input (…, D), kernel (D, U), bias (U,) or None."""
    _floats(x=x, kernel=kernel, bias=bias)
    _vectors("The input", x)
    _matrix("The kernel", kernel)
    _fits("The input", "value", x.shape[-1], kernel.shape[0])
    if bias is not None:
        _same_shape("The bias", bias, (kernel.shape[1],))


def dense_kernel_gradient(x: FloatArray, output_gradient: FloatArray) -> None:
    """Input (…, D), output gradient (…, U), with the same leading axes."""
    _floats(x=x, output_gradient=output_gradient)
    _vectors("The input", x)
    _same_shape(_GRADIENT, output_gradient, (*x.shape[:-1], *output_gradient.shape[-1:]))


def dense_input_gradient(output_gradient: FloatArray, kernel: FloatArray) -> None:
    """Output gradient (…, U), kernel (D, U)."""
    _floats(output_gradient=output_gradient, kernel=kernel)
    _vectors(_GRADIENT, output_gradient)
    _matrix("The kernel", kernel)
    _fits(_GRADIENT, "value", output_gradient.shape[-1], kernel.shape[1])


def vectors(name: str, x: FloatArray) -> None:
    """Any (…, D)."""
    _floats(array=x)
    _vectors(name, x)


def matmul(a: FloatArray, b: FloatArray) -> None:
    """Matrices (…, M, K) and (…, K, N), with the same leading axes."""
    _floats(a=a, b=b)
    if min(a.ndim, b.ndim) < 2 or a.shape[:-2] != b.shape[:-2] or a.shape[-1] != b.shape[-2]:
        raise GeometryError(
            f"Matrices of the shapes {_shape(a.shape)} and {_shape(b.shape)} cannot be multiplied: "
            "the first needs as many columns as the second has rows, and both the same leading "
            "axes.",
            parameter="input",
        )


def image(name: str, x: FloatArray) -> None:
    """Any (B, H, W, C) with cells in it."""
    _floats(**{name: x})
    _channels_last(f"The {name.replace('_', ' ')}", x)


def pooling(x: FloatArray, geometry: WindowGeometry) -> None:
    """Input (B, H, W, C), and a geometry whose windows all see some of it."""
    _floats(x=x)
    _image(x, geometry)
    _every_window_sees_input(geometry)


def pooling_gradient(output_gradient: FloatArray, geometry: WindowGeometry) -> None:
    """Output gradient (B, OH, OW, C), where nothing else is needed."""
    _floats(output_gradient=output_gradient)
    _output(_GRADIENT, output_gradient, geometry)
    _every_window_sees_input(geometry)


def routing(output_gradient: FloatArray, choice: IndexArray, geometry: WindowGeometry) -> None:
    """Output gradient and choice (B, OH, OW, C); choices int32 and within the window."""
    pooling_gradient(output_gradient, geometry)
    if np.asarray(choice).dtype != np.int32:
        raise TypeError(f"choice holds {np.asarray(choice).dtype}: it must be int32.")
    _same_shape("The choice", choice, output_gradient.shape)
    cells = geometry.kernel_size[0] * geometry.kernel_size[1]
    if choice.size and not 0 <= choice.min() <= choice.max() < cells:
        raise ValueError(
            f"choice runs from {choice.min()} to {choice.max()}: a window of {cells} cells needs "
            f"0 to {cells - 1}."
        )


def pooling_gradient_at(
    x: FloatArray,
    output_gradient: FloatArray,
    geometry: WindowGeometry,
    *,
    y: FloatArray | None = None,
) -> None:
    """Input (B, H, W, C); output gradient and, if needed, the pooled output (B, OH, OW, C)."""
    _floats(x=x, y=y, output_gradient=output_gradient)
    _image(x, geometry)
    _every_window_sees_input(geometry)
    pooled = (x.shape[0], *geometry.output_size, x.shape[3])
    _same_shape(_GRADIENT, output_gradient, pooled)
    if y is not None:
        _same_shape("The pooled output", y, pooled)


def draws(x: FloatArray, uniform: FloatArray, geometry: WindowGeometry) -> None:
    """Input (B, H, W, C); draws (B, OH, OW, C) from [0, 1)."""
    pooling(x, geometry)
    _floats(x=x, uniform=uniform)
    _same_shape("uniform", uniform, (x.shape[0], *geometry.output_size, x.shape[3]))
    if uniform.size and not (uniform.min() >= 0 and uniform.max() < 1):
        raise ValueError(
            f"uniform runs from {uniform.min()} to {uniform.max()}: draws lie in [0, 1), as "
            "numpy.random.Generator.random gives them."
        )


def order(value: float) -> float:
    """The order of an Lp pooling, a finite number of at least 1."""
    number: object = value
    if isinstance(number, bool) or not isinstance(number, Real):
        raise GeometryError(
            f"The order is {value!r}: it must be a number of 1 or more.", parameter="order"
        )
    if not 1 <= float(value) < np.inf:
        raise GeometryError(
            f"The order is {value}: it must be 1 or more (1 sums, 2 is the Euclidean length, and "
            "a large order comes close to the maximum).",
            parameter="order",
        )
    return float(value)


def _floats(**arrays: FloatArray | None) -> None:
    given = {name: array for name, array in arrays.items() if array is not None}
    for name, array in given.items():
        if not isinstance(array, np.ndarray):
            raise TypeError(f"{name} is a {type(array).__name__}, not a NumPy array.")
        if array.dtype not in (np.float32, np.float64):
            raise TypeError(f"{name} holds {array.dtype}: the engine takes float32 or float64.")
    if len({array.dtype for array in given.values()}) > 1:
        listed = ", ".join(f"{name} {array.dtype}" for name, array in given.items())
        raise TypeError(f"The arrays must have one type, all float32 or all float64: {listed}.")


def _channels_last(name: str, x: FloatArray) -> None:
    if x.ndim != 4:
        raise GeometryError(
            f"{name} has the shape {_shape(x.shape)}: it must have four axes, "
            "batch × height × width × channels.",
            parameter="input",
        )
    if 0 in x.shape[1:3]:
        raise GeometryError(
            f"{name} is {_shape(x.shape[1:3])}: it must have at least one cell.", parameter="input"
        )
    if x.shape[3] == 0:
        raise GeometryError(f"{name} has 0 channels: it must have 1 or more.", parameter="channels")


def _image(x: FloatArray, geometry: WindowGeometry) -> None:
    _channels_last("The input", x)
    if x.shape[1:3] != geometry.input_size:
        raise GeometryError(
            f"The input is {_shape(x.shape[1:3])}, but the geometry was made for "
            f"{_shape(geometry.input_size)}: make it for this input.",
            parameter="input",
        )


def _output(name: str, array: FloatArray, geometry: WindowGeometry) -> None:
    if array.ndim != 4 or array.shape[1:3] != geometry.output_size or array.shape[3] == 0:
        raise GeometryError(
            f"{name} has the shape {_shape(array.shape)}: this geometry needs "
            f"batch × {_shape(geometry.output_size)} × channels.",
            parameter="input",
        )


def _kernel(array: FloatArray, geometry: WindowGeometry) -> None:
    if array.ndim != 4 or array.shape[:2] != geometry.kernel_size:
        raise GeometryError(
            f"The kernel has the shape {_shape(array.shape)}: this geometry needs "
            f"{_shape(geometry.kernel_size)} × channels × filters.",
            parameter="kernel_size",
        )
    for count, noun in zip(array.shape[2:], ("channels", "filters"), strict=True):
        if count == 0:
            raise GeometryError(f"The kernel has 0 {noun}: it must have 1 or more.", parameter=noun)


def _filters(name: str, filters: int, kernel: FloatArray) -> None:
    if filters != kernel.shape[3]:
        raise GeometryError(
            f"{name} has {_count(filters, 'filter')}, but the kernel has {kernel.shape[3]}: "
            "give both the same number.",
            parameter="filters",
        )


def _vectors(name: str, x: FloatArray) -> None:
    if x.ndim < 1 or x.shape[-1] == 0:
        raise GeometryError(
            f"{name} has the shape {_shape(x.shape)}: its last axis must hold 1 or more values.",
            parameter="input",
        )


def _matrix(name: str, x: FloatArray) -> None:
    if x.ndim != 2 or 0 in x.shape:
        raise GeometryError(
            f"{name} has the shape {_shape(x.shape)}: it must be inputs × units.",
            parameter="input",
        )


def _fits(name: str, noun: str, got: int, needed: int) -> None:
    if got != needed:
        raise GeometryError(
            f"{name} has {_count(got, noun)}, but the kernel was made for {needed}.",
            parameter="channels",
        )


def _same_shape(name: str, array: FloatArray | IndexArray, expected: tuple[int, ...]) -> None:
    if array.shape != expected:
        raise GeometryError(
            f"{name} has the shape {_shape(array.shape)}: it must be {_shape(expected)}.",
            parameter="input",
        )


@lru_cache(maxsize=256)
def _every_window_sees_input(geometry: WindowGeometry) -> None:
    """Pooling nothing but padding has no result: there is nothing to choose from or to average."""
    for axis, length in enumerate(geometry.input_size):
        window = geometry.window_rows if axis == 0 else geometry.window_columns
        for output in range(geometry.output_size[axis]):
            if not any(0 <= position < length for position in window(output)):
                raise GeometryError(
                    f"The pooling window at output {('row', 'column')[axis]} {output} holds "
                    "nothing but padding: choose less padding or a larger window.",
                    parameter="padding",
                )


def _shape(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape)) if shape else "()"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
