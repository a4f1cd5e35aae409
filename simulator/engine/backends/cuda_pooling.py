"""Maximum and average pooling on a CUDA device: a thread for each cell that is written.

Images are (B, H, W, C) and outputs (B, OH, OW, C), as in the reference. Gradients are gathered by
the input cells: none is added to by two threads.
"""

from __future__ import annotations

from numba import cuda

from simulator.engine.backends.cuda_device import Array, kernel
from simulator.engine.backends.cuda_window import Line


@kernel
def max_pool(y: Array, choice: Array, x: Array, rows: Line, columns: Line) -> None:
    """Writes the largest value of each window into y, and its index in the window into choice."""
    channels = x.shape[3]
    for index in range(cuda.grid(1), y.size, cuda.gridsize(1)):
        place, c = divmod(index, channels)
        place, j = divmod(place, columns.outputs)
        sample, i = divmod(place, rows.outputs)
        best, chosen = y.dtype.type(0), -1
        for r in range(rows.taps):
            row = i * rows.stride - rows.padding + r * rows.dilation
            if 0 <= row < rows.inputs:
                for q in range(columns.taps):
                    column = j * columns.stride - columns.padding + q * columns.dilation
                    if 0 <= column < columns.inputs:
                        value = x[sample, row, column, c]
                        # A number differs from itself when it is NaN.
                        first_nan = value != value and best == best  # noqa: PLR0124
                        if chosen < 0 or value > best or first_nan:
                            best, chosen = value, r * columns.taps + q
        y[sample, i, j, c] = best
        choice[sample, i, j, c] = chosen


@kernel
def route(
    gradient: Array, output_gradient: Array, choice: Array, rows: Line, columns: Line
) -> None:
    """Writes, for each input cell, the sum of the gradients of the windows that chose it."""
    channels = gradient.shape[3]
    for index in range(cuda.grid(1), gradient.size, cuda.gridsize(1)):
        place, c = divmod(index, channels)
        place, column = divmod(place, columns.inputs)
        sample, row = divmod(place, rows.inputs)
        below, right = row + rows.padding, column + columns.padding
        first_i = max(0, -((rows.reach - below) // rows.stride))
        first_j = max(0, -((columns.reach - right) // columns.stride))
        total = gradient.dtype.type(0)
        for i in range(first_i, min(rows.outputs - 1, below // rows.stride) + 1):
            r, row_skipped = divmod(below - i * rows.stride, rows.dilation)
            for j in range(first_j, min(columns.outputs - 1, right // columns.stride) + 1):
                q, column_skipped = divmod(right - j * columns.stride, columns.dilation)
                chosen = choice[sample, i, j, c] == r * columns.taps + q
                if row_skipped == 0 and column_skipped == 0 and chosen:
                    total += output_gradient[sample, i, j, c]
        gradient[sample, row, column, c] = total


@kernel
def average_pool(y: Array, x: Array, cells: Array, rows: Line, columns: Line) -> None:
    """Writes the mean of each window; cells (OH, OW, 1) says how many of it are not padding."""
    channels = x.shape[3]
    for index in range(cuda.grid(1), y.size, cuda.gridsize(1)):
        place, c = divmod(index, channels)
        place, j = divmod(place, columns.outputs)
        sample, i = divmod(place, rows.outputs)
        total = y.dtype.type(0)
        for r in range(rows.taps):
            row = i * rows.stride - rows.padding + r * rows.dilation
            if 0 <= row < rows.inputs:
                for q in range(columns.taps):
                    column = j * columns.stride - columns.padding + q * columns.dilation
                    if 0 <= column < columns.inputs:
                        total += x[sample, row, column, c]
        y[sample, i, j, c] = total / cells[i, j, 0]


@kernel
def average_pool_back(
    gradient: Array, output_gradient: Array, cells: Array, rows: Line, columns: Line
) -> None:
    """Writes, for each input cell, the sum of its shares in the windows that read it."""
    channels = gradient.shape[3]
    for index in range(cuda.grid(1), gradient.size, cuda.gridsize(1)):
        place, c = divmod(index, channels)
        place, column = divmod(place, columns.inputs)
        sample, row = divmod(place, rows.inputs)
        below, right = row + rows.padding, column + columns.padding
        first_i = max(0, -((rows.reach - below) // rows.stride))
        first_j = max(0, -((columns.reach - right) // columns.stride))
        total = gradient.dtype.type(0)
        for i in range(first_i, min(rows.outputs - 1, below // rows.stride) + 1):
            if (below - i * rows.stride) % rows.dilation == 0:
                for j in range(first_j, min(columns.outputs - 1, right // columns.stride) + 1):
                    if (right - j * columns.stride) % columns.dilation == 0:
                        total += output_gradient[sample, i, j, c] / cells[i, j, 0]
        gradient[sample, row, column, c] = total
