"""Views of the cells under a window: what the NumPy reference is written in."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np

from simulator.engine.arrays import FloatArray
from simulator.engine.geometry import Overlap, WindowGeometry

AnyArray = TypeVar("AnyArray", bound=np.ndarray[Any, Any])

ieee_arithmetic = np.errstate(over="ignore", invalid="ignore", under="ignore")
"""Decorates an operation: infinities and NaN take their course, and NumPy warns of neither."""


def input_cells(x: FloatArray, cell: Overlap) -> FloatArray:
    """A view of the input cells (B, i, j, C) that one cell of the window meets."""
    return x[:, cell.input_rows, cell.input_columns]


def output_cells(y: AnyArray, cell: Overlap) -> AnyArray:
    """A view of the output cells for which that cell of the window lies on the input."""
    view: AnyArray = y[:, cell.output_rows, cell.output_columns]  # type: ignore[assignment]
    return view


def cell_index(cell: Overlap, geometry: WindowGeometry) -> int:
    """The cell's number within the window, counted row by row."""
    return cell.row * geometry.kernel_size[1] + cell.column


def window_cell(windows: FloatArray, cell: Overlap, geometry: WindowGeometry) -> FloatArray:
    """A view of the values (B, i, j, C) that (B, OH, OW, C, kh·kw) holds for one cell."""
    return output_cells(windows, cell)[..., cell_index(cell, geometry)]


def window_cells(geometry: WindowGeometry) -> int:
    """How many cells a window has, padding included: kh·kw."""
    return geometry.kernel_size[0] * geometry.kernel_size[1]


def zeros_like_input(output_gradient: FloatArray, geometry: WindowGeometry) -> FloatArray:
    """An empty gradient (B, H, W, C) for an output's (B, OH, OW, C)."""
    batch, _, _, channels = output_gradient.shape
    return np.zeros((batch, *geometry.input_size, channels), output_gradient.dtype)


def real_cells(geometry: WindowGeometry, dtype: np.dtype[Any]) -> FloatArray:
    """How many cells of each window are input and not padding: (OH, OW, 1)."""
    count = np.zeros((*geometry.output_size, 1), dtype)
    for cell in geometry.overlaps():
        count[cell.output_rows, cell.output_columns] += 1
    return count
