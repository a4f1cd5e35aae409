"""The array types that the engine takes and returns."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
"""Numbers of any kind."""

FloatArray: TypeAlias = npt.NDArray[np.floating[Any]]
"""Values: float32 or float64, never mixed within one call."""

IndexArray: TypeAlias = npt.NDArray[np.int32]
"""Positions of cells within a window or an image."""

_LINE = 64
"""Bytes of a cache line, and of the widest vector register."""


def aligned(array: Array) -> Array:
    """A copy that begins with a cache line: vectors of what begins anywhere lie across two."""
    raw = np.empty(array.nbytes + _LINE, np.uint8)
    start = -raw.__array_interface__["data"][0] % _LINE
    copy: Array = raw[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy
