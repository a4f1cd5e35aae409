"""Convolution on a CUDA device: a thread for each cell that is written.

Images are (B, H, W, C), kernels (kh, kw, C, F) and outputs (B, OH, OW, F), as in the reference.
Neighbouring threads write neighbouring channels, so that they read neighbouring weights.
"""

from __future__ import annotations

from numba import cuda

from simulator.engine.backends.cuda_device import Array, kernel
from simulator.engine.backends.cuda_window import Line


@kernel
def correlate(y: Array, x: Array, weights: Array, bias: Array, rows: Line, columns: Line) -> None:
    """Writes bias + Σ x · weights over each window."""
    _, _, channels, filters = weights.shape
    for index in range(cuda.grid(1), y.size, cuda.gridsize(1)):
        place, f = divmod(index, filters)
        place, j = divmod(place, columns.outputs)
        sample, i = divmod(place, rows.outputs)
        total = bias[f]
        for r in range(rows.taps):
            row = i * rows.stride - rows.padding + r * rows.dilation
            if 0 <= row < rows.inputs:
                for q in range(columns.taps):
                    column = j * columns.stride - columns.padding + q * columns.dilation
                    if 0 <= column < columns.inputs:
                        for c in range(channels):
                            total += x[sample, row, column, c] * weights[r, q, c, f]
        y[sample, i, j, f] = total


@kernel
def correlate_back(
    gradient: Array, output_gradient: Array, turned: Array, rows: Line, columns: Line
) -> None:
    """Writes, for each input cell, Σ output gradient · weights over the windows that read it.

    The weights come with their last two axes exchanged, (kh, kw, F, C).
    """
    _, _, filters, channels = turned.shape
    for index in range(cuda.grid(1), gradient.size, cuda.gridsize(1)):
        place, c = divmod(index, channels)
        place, column = divmod(place, columns.inputs)
        sample, row = divmod(place, rows.inputs)
        below, right = row + rows.padding, column + columns.padding
        first_i = max(0, -((rows.reach - below) // rows.stride))
        first_j = max(0, -((columns.reach - right) // columns.stride))
        total = gradient.dtype.type(0)
        for i in range(first_i, min(rows.outputs - 1, below // rows.stride) + 1):
            r, skipped = divmod(below - i * rows.stride, rows.dilation)
            if skipped == 0:
                for j in range(first_j, min(columns.outputs - 1, right // columns.stride) + 1):
                    q, skipped = divmod(right - j * columns.stride, columns.dilation)
                    if skipped == 0:
                        for f in range(filters):
                            total += output_gradient[sample, i, j, f] * turned[r, q, f, c]
        gradient[sample, row, column, c] = total


@kernel
def kernel_gradient_parts(
    parts: Array, x: Array, output_gradient: Array, rows: Line, columns: Line
) -> None:
    """Writes each part's Σ x · output gradient, parts (P, kh, kw, C, F).

    A part is a run of output lines, that is, of rows of all samples; `add_parts` adds them up.
    Each line is summed on its own first: short sums lose fewer bits than one long sum.
    """
    count, _, _, channels, filters = parts.shape
    lines = x.shape[0] * rows.outputs
    for index in range(cuda.grid(1), parts.size, cuda.gridsize(1)):
        place, f = divmod(index, filters)
        place, c = divmod(place, channels)
        place, q = divmod(place, columns.taps)
        part, r = divmod(place, rows.taps)
        total = parts.dtype.type(0)
        for line in range(part * lines // count, (part + 1) * lines // count):
            sample, i = divmod(line, rows.outputs)
            row = i * rows.stride - rows.padding + r * rows.dilation
            if 0 <= row < rows.inputs:
                along = parts.dtype.type(0)
                for j in range(columns.outputs):
                    column = j * columns.stride - columns.padding + q * columns.dilation
                    if 0 <= column < columns.inputs:
                        along += x[sample, row, column, c] * output_gradient[sample, i, j, f]
                total += along
        parts[part, r, q, c, f] = total


@kernel
def sum_parts(parts: Array, values: Array) -> None:
    """Writes each part's sum of values (lines, width, C) over lines and width; parts (P, C)."""
    count, channels = parts.shape
    lines, width, _ = values.shape
    for index in range(cuda.grid(1), parts.size, cuda.gridsize(1)):
        part, c = divmod(index, channels)
        total = parts.dtype.type(0)
        for line in range(part * lines // count, (part + 1) * lines // count):
            along = parts.dtype.type(0)
            for j in range(width):
                along += values[line, j, c]
            total += along
        parts[part, c] = total


@kernel
def add_parts(total: Array, parts: Array) -> None:
    """Writes the sum of the parts (P, N), one after another; total (N,)."""
    for index in range(cuda.grid(1), total.size, cuda.gridsize(1)):
        added = total.dtype.type(0)
        for part in range(parts.shape[0]):
            added += parts[part, index]
        total[index] = added
