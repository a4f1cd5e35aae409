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
