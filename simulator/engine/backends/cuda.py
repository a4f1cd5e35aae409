"""The backend for NVIDIA GPUs: dense, convolution and pooling as kernels, the rest as inherited.

Each operation copies its arrays to the device and its result back, so that every caller keeps its
NumPy arrays. Up to the size of these copies, nothing here depends on the device's model: the same
sums run in the same order on each.
"""
# ruff: noqa: D102 - What each operation computes is written in the reference, and only there.

from __future__ import annotations

from math import prod

import numpy as np

from simulator.engine.arrays import FloatArray, IndexArray
from simulator.engine.backends import checks, cuda_convolution, cuda_dense, cuda_pooling
from simulator.engine.backends.base import Backend
from simulator.engine.backends.cuda_device import Array, Device, Kernel
from simulator.engine.backends.cuda_window import lines
from simulator.engine.backends.windows import real_cells
from simulator.engine.geometry import WindowGeometry

MOST_PARTS = 256
"""A long sum is cut into this many parts at most, which are summed at the same time."""

THREADS = 2**17
"""About how many threads keep a large device at work: no more parts than give so many."""


class CudaBackend(Backend):
    """The operations of `Backend` on the current CUDA device."""

    name = "cuda"

    def __init__(self, *, block_size: int = 256, most_blocks: int = 65_535) -> None:
        """Threads of a block, a square number, and blocks of a grid; they change no result."""
        self._device = Device(block_size, most_blocks)

    def convolution2d(
        self,
        x: FloatArray,
        kernel: FloatArray,
        bias: FloatArray | None,
        *,
        geometry: WindowGeometry,
    ) -> FloatArray:
        checks.convolution(x, kernel, bias, geometry)
        filters = kernel.shape[3]
        initial = np.zeros(filters, x.dtype) if bias is None else bias
        shape = (x.shape[0], *geometry.output_size, filters)
        with self._device as device:
            y = device.each(
                cuda_convolution.correlate, shape, x.dtype, x, kernel, initial, *lines(geometry)
            )
            return device.fetch(y)

    def convolution2d_kernel_gradient(
        self, x: FloatArray, output_gradient: FloatArray, *, geometry: WindowGeometry
    ) -> FloatArray:
        checks.kernel_gradient(x, output_gradient, geometry)
        shape = (*geometry.kernel_size, x.shape[3], output_gradient.shape[3])
        count = _parts(x.shape[0] * geometry.output_size[0], prod(shape))
        with self._device as device:
            parts = device.each(
                cuda_convolution.kernel_gradient_parts,
                (count, *shape),
                x.dtype,
                x,
                output_gradient,
                *lines(geometry),
            )
            return _added(device, parts.reshape(count, prod(shape))).reshape(shape)

    def convolution2d_input_gradient(
        self, output_gradient: FloatArray, kernel: FloatArray, *, geometry: WindowGeometry
    ) -> FloatArray:
        checks.input_gradient(output_gradient, kernel, geometry)
        shape = (output_gradient.shape[0], *geometry.input_size, kernel.shape[2])
        turned = kernel.transpose(0, 1, 3, 2)
        with self._device as device:
            gradient = device.each(
                cuda_convolution.correlate_back,
                shape,
                kernel.dtype,
                output_gradient,
                turned,
                *lines(geometry),
            )
            return device.fetch(gradient)

    def convolution2d_bias_gradient(self, output_gradient: FloatArray) -> FloatArray:
        checks.image("output_gradient", output_gradient)
        batch, height, width, filters = output_gradient.shape
        return self._sum(output_gradient.reshape(batch * height, width, filters))

    def dense(self, x: FloatArray, kernel: FloatArray, bias: FloatArray | None) -> FloatArray:
        checks.dense(x, kernel, bias)
        y = self._product(_rows(x)[np.newaxis], kernel[np.newaxis], bias)
        return y.reshape(*x.shape[:-1], kernel.shape[1])

    def dense_kernel_gradient(self, x: FloatArray, output_gradient: FloatArray) -> FloatArray:
        checks.dense_kernel_gradient(x, output_gradient)
        left, right = _rows(x)[np.newaxis], _rows(output_gradient)[np.newaxis]
        gradient = self._product(left, right, None, left_turned=True)
        return gradient.reshape(gradient.shape[1:])

    def dense_input_gradient(self, output_gradient: FloatArray, kernel: FloatArray) -> FloatArray:
        checks.dense_input_gradient(output_gradient, kernel)
        left, right = _rows(output_gradient)[np.newaxis], kernel[np.newaxis]
        gradient = self._product(left, right, None, right_turned=True)
        return gradient.reshape(*output_gradient.shape[:-1], kernel.shape[0])

    def dense_bias_gradient(self, output_gradient: FloatArray) -> FloatArray:
        checks.vectors("The output gradient", output_gradient)
        return self._sum(_rows(output_gradient)[:, np.newaxis])

    def matmul(self, a: FloatArray, b: FloatArray) -> FloatArray:
        checks.matmul(a, b)
        count = prod(a.shape[:-2])
        y = self._product(a.reshape(count, *a.shape[-2:]), b.reshape(count, *b.shape[-2:]), None)
        return y.reshape(*a.shape[:-1], b.shape[-1])

    def max_pooling2d(
        self, x: FloatArray, *, geometry: WindowGeometry
    ) -> tuple[FloatArray, IndexArray]:
        checks.pooling(x, geometry)
        shape = (x.shape[0], *geometry.output_size, x.shape[3])
        with self._device as device:
            choice = device.empty(shape, np.int32)
            y = device.each(cuda_pooling.max_pool, shape, x.dtype, choice, x, *lines(geometry))
            return device.fetch(y), device.fetch(choice)

    def max_pooling2d_gradient(
        self, output_gradient: FloatArray, choice: IndexArray, *, geometry: WindowGeometry
    ) -> FloatArray:
        checks.routing(output_gradient, choice, geometry)
        return self._pooling_gradient(cuda_pooling.route, output_gradient, choice, geometry)

    def average_pooling2d(self, x: FloatArray, *, geometry: WindowGeometry) -> FloatArray:
        checks.pooling(x, geometry)
        shape = (x.shape[0], *geometry.output_size, x.shape[3])
        cells = real_cells(geometry, x.dtype)
        with self._device as device:
            y = device.each(cuda_pooling.average_pool, shape, x.dtype, x, cells, *lines(geometry))
            return device.fetch(y)

    def average_pooling2d_gradient(
        self, output_gradient: FloatArray, *, geometry: WindowGeometry
    ) -> FloatArray:
        checks.pooling_gradient(output_gradient, geometry)
        cells = real_cells(geometry, output_gradient.dtype)
        return self._pooling_gradient(
            cuda_pooling.average_pool_back, output_gradient, cells, geometry
        )

    def _pooling_gradient(
        self,
        kernel: Kernel,
        output_gradient: FloatArray,
        other: FloatArray | IndexArray,
        geometry: WindowGeometry,
    ) -> FloatArray:
        batch, _, _, channels = output_gradient.shape
        shape, dtype = (batch, *geometry.input_size, channels), output_gradient.dtype
        with self._device as device:
            return device.fetch(
                device.each(kernel, shape, dtype, output_gradient, other, *lines(geometry))
            )

    def _product(
        self,
        left: FloatArray,
        right: FloatArray,
        initial: FloatArray | None,
        *,
        left_turned: bool = False,
        right_turned: bool = False,
    ) -> FloatArray:
        rows, columns = left.shape[2 if left_turned else 1], right.shape[1 if right_turned else 2]
        if initial is None:
            initial = np.zeros(columns, left.dtype)
        with self._device as device:
            y = device.tiles(
                cuda_dense.multiply,
                (left.shape[0], rows, columns),
                left.dtype,
                left,
                right,
                initial,
                left_turned,
                right_turned,
            )
            return device.fetch(y)

    def _sum(self, values: FloatArray) -> FloatArray:
        """The sum of (lines, width, C) over lines and width: (C,)."""
        count, channels = _parts(values.shape[0], values.shape[2]), values.shape[2]
        with self._device as device:
            parts = device.each(cuda_convolution.sum_parts, (count, channels), values.dtype, values)
            return _added(device, parts)


def _parts(lines: int, cells: int) -> int:
    """Into how many parts sums over so many lines are cut, where so many cells are summed for."""
    return max(1, min(lines, MOST_PARTS, THREADS // cells))


def _added(device: Device, parts: Array) -> FloatArray:
    total = device.each(cuda_convolution.add_parts, parts.shape[1:], parts.dtype, parts)
    return device.fetch(total)


def _rows(x: FloatArray) -> FloatArray:
    """The vectors of (…, D) as one matrix."""
    return x.reshape(prod(x.shape[:-1]), x.shape[-1])
