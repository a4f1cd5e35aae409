"""How kernels reach a CUDA device: compiled by Numba, launched one at a time.

Kernels write their sums down in one fixed order and use no atomics, so the same call gives the same
bits every time. They call no functions of their own: Numba cannot compile such a call without a
device, and the tests compile every kernel on machines that have none.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from math import isqrt, prod
from typing import Any, Concatenate, ParamSpec, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
from numba import cuda

Array: TypeAlias = Any
"""An array in the device's memory: indexed as a NumPy array, with `shape`, `size` and `dtype`."""

P = ParamSpec("P")


class Kernel(Protocol):
    """A compiled kernel: `kernel[grid](output, …)`."""

    py_func: Callable[..., None]

    def __getitem__(
        self, configuration: tuple[int, int | tuple[int, int], int, int]
    ) -> Callable[..., None]:
        """The kernel for a grid: blocks, threads of a block, stream, bytes that a block shares."""


def kernel(function: Callable[Concatenate[Array, P], None]) -> Kernel:
    """A function that each thread of a grid runs; its first argument is what it writes.

    Compiled when it is first launched, without relaxed (fastmath) arithmetic.
    """
    compiled: Kernel = cuda.jit(function)
    return compiled


class Device:
    """Memory and launches. Enter it around an operation: one at a time, for all of the process.

    A backend is called from the window's thread and from the trainer's, but arrays and launches of
    different operations must not meet: the CUDA simulator cannot run two kernels at once.
    """

    _free = threading.Lock()

    def __init__(self, block_size: int, most_blocks: int) -> None:
        self.block_size = block_size
        self.tile = isqrt(block_size)
        self.most_blocks = most_blocks

    def __enter__(self) -> Device:
        self._free.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self._free.release()

    def each(
        self, kernel: Kernel, shape: tuple[int, ...], dtype: npt.DTypeLike, *arguments: Any
    ) -> Array:
        """A new array on the device, written by a thread for each of its cells."""
        blocks = -(-prod(shape) // self.block_size)
        return self._launch(kernel, blocks, self.block_size, 0, shape, dtype, arguments)

    def tiles(
        self, kernel: Kernel, shape: tuple[int, ...], dtype: npt.DTypeLike, *arguments: Any
    ) -> Array:
        """A new array (…, rows, columns) on the device, written by a block for each of its tiles,
        `tile` cells high and wide, that shares memory for two tiles with a column more each.
        """
        *leading, rows, columns = shape
        tile = self.tile
        blocks = prod(leading) * -(-rows // tile) * -(-columns // tile)
        shared = 2 * tile * (tile + 1) * np.dtype(dtype).itemsize
        return self._launch(kernel, blocks, (tile, tile), shared, shape, dtype, arguments)

    def empty(self, shape: tuple[int, ...], dtype: npt.DTypeLike) -> Array:
        """Room for an array on the device, whatever it holds."""
        return cuda.device_array(shape, dtype)

    def fetch(self, array: Array) -> npt.NDArray[Any]:
        """The array in the host's memory."""
        copy: npt.NDArray[Any] = array.copy_to_host()
        return copy

    def _launch(
        self,
        kernel: Kernel,
        blocks: int,
        threads: int | tuple[int, int],
        shared: int,
        shape: tuple[int, ...],
        dtype: npt.DTypeLike,
        arguments: tuple[Any, ...],
    ) -> Array:
        output = self.empty(shape, dtype)
        if blocks:  # a device refuses a grid of no blocks
            there = [
                self._put(each) if isinstance(each, np.ndarray) else each for each in arguments
            ]
            kernel[min(blocks, self.most_blocks), threads, 0, shared](output, *there)
        return output

    def _put(self, array: npt.NDArray[Any]) -> Array:
        return cuda.to_device(np.ascontiguousarray(array))
