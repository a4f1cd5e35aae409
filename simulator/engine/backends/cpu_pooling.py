"""Maximum, average and Lp pooling on the CPU.

Images are (B, H, W, C) and outputs (B, OH, OW, C), as in the reference; the plans are
`cpu_plan.forward_plan` of either axis. Channels run innermost, so that many of them are computed at
once.
"""

from __future__ import annotations

import math

from simulator.engine.backends.cpu_compile import Array, kernel
from simulator.engine.backends.cpu_plan import LinePlan


@kernel
def max_pool(
    x: Array, y: Array, choice: Array, rows: LinePlan, columns: LinePlan, window_width: int
) -> None:
    """Writes the largest value of each window into y, and its index in the window into choice."""
    batch, height, width, channels = y.shape
    for sample in range(batch):
        for i in range(height):
            first_row_tap, row_taps, first_row = rows.lines[i]
            for j in range(width):
                first_column_tap, column_taps, first_column = columns.lines[j]
                first = first_row_tap * window_width + first_column_tap
                for c in range(channels):
                    y[sample, i, j, c] = x[sample, first_row, first_column, c]
                    choice[sample, i, j, c] = first
                for r in range(row_taps):
                    row = first_row + r * rows.source_tap_step
                    for q in range(column_taps):
                        column = first_column + q * columns.source_tap_step
                        index = first + r * window_width + q
                        for c in range(channels):
                            value, best = x[sample, row, column, c], y[sample, i, j, c]
                            # A number differs from itself when it is NaN.
                            wins = value > best or (value != value and best == best)  # noqa: PLR0124
                            y[sample, i, j, c] = value if wins else best
                            choice[sample, i, j, c] = index if wins else choice[sample, i, j, c]


@kernel
def route(
    output_gradient: Array,
    choice: Array,
    gradient: Array,
    rows: LinePlan,
    columns: LinePlan,
    window_width: int,
) -> None:
    """Adds each output's gradient to the cell that was chosen; gradient starts as zeros."""
    batch, height, width, channels = output_gradient.shape
    _, input_height, input_width, _ = gradient.shape
    for sample in range(batch):
        for i in range(height):
            first_row_tap, _, first_row = rows.lines[i]
            for j in range(width):
                first_column_tap, _, first_column = columns.lines[j]
                for c in range(channels):
                    row_tap, column_tap = divmod(choice[sample, i, j, c], window_width)
                    row = first_row + (row_tap - first_row_tap) * rows.source_tap_step
                    column_tap -= first_column_tap
                    column = first_column + column_tap * columns.source_tap_step
                    # No pooling chooses a cell of the padding; such a choice goes nowhere.
                    if 0 <= row < input_height and 0 <= column < input_width:
                        gradient[sample, row, column, c] += output_gradient[sample, i, j, c]


@kernel
def average_pool(x: Array, y: Array, rows: LinePlan, columns: LinePlan) -> None:
    """Writes the mean of each window's cells into y, which starts as zeros."""
    batch, height, width, channels = y.shape
    for sample in range(batch):
        for i in range(height):
            _, row_taps, first_row = rows.lines[i]
            for j in range(width):
                _, column_taps, first_column = columns.lines[j]
                for r in range(row_taps):
                    row = first_row + r * rows.source_tap_step
                    for q in range(column_taps):
                        column = first_column + q * columns.source_tap_step
                        for c in range(channels):
                            y[sample, i, j, c] += x[sample, row, column, c]
                cells = y.dtype.type(row_taps * column_taps)
                for c in range(channels):
                    y[sample, i, j, c] /= cells


@kernel
def average_pool_gradient(
    output_gradient: Array, gradient: Array, rows: LinePlan, columns: LinePlan
) -> None:
    """Adds each output's gradient in equal shares to its window; gradient starts as zeros."""
    batch, height, width, channels = output_gradient.shape
    for sample in range(batch):
        for i in range(height):
            _, row_taps, first_row = rows.lines[i]
            for j in range(width):
                _, column_taps, first_column = columns.lines[j]
                cells = gradient.dtype.type(row_taps * column_taps)
                for r in range(row_taps):
                    row = first_row + r * rows.source_tap_step
                    for q in range(column_taps):
                        column = first_column + q * columns.source_tap_step
                        for c in range(channels):
                            share = output_gradient[sample, i, j, c] / cells
                            gradient[sample, row, column, c] += share


@kernel
def lp_pool(x: Array, y: Array, order: float, rows: LinePlan, columns: LinePlan) -> None:
    """Writes (Σ |x|^order)^(1/order) of each window into y, scaled so that nothing overflows."""
    batch, height, width, channels = y.shape
    power = y.dtype.type(order)
    zero, one = y.dtype.type(0), y.dtype.type(1)
    for sample in range(batch):
        for i in range(height):
            _, row_taps, first_row = rows.lines[i]
            for j in range(width):
                _, column_taps, first_column = columns.lines[j]
                for c in range(channels):
                    largest = zero
                    for r in range(row_taps):
                        row = first_row + r * rows.source_tap_step
                        for q in range(column_taps):
                            column = first_column + q * columns.source_tap_step
                            size = abs(x[sample, row, column, c])
                            if size > largest or math.isnan(size):
                                largest = size
                    scale = largest if zero < largest < math.inf else one
                    total = zero
                    for r in range(row_taps):
                        row = first_row + r * rows.source_tap_step
                        for q in range(column_taps):
                            column = first_column + q * columns.source_tap_step
                            ratio = abs(x[sample, row, column, c]) / scale
                            total += ratio * ratio if power == 2 else ratio**power
                    root = math.sqrt(total) if power == 2 else total ** (one / power)
                    y[sample, i, j, c] = scale * root


@kernel
def lp_pool_gradient(
    x: Array,
    y: Array,
    output_gradient: Array,
    gradient: Array,
    order: float,
    rows: LinePlan,
    columns: LinePlan,
) -> None:
    """Adds sign(x) · (|x| / y)^(order − 1) times each output's gradient; starts from zeros."""
    batch, height, width, channels = y.shape
    exponent, one = y.dtype.type(order - 1), y.dtype.type(1)
    for sample in range(batch):
        for i in range(height):
            _, row_taps, first_row = rows.lines[i]
            for j in range(width):
                _, column_taps, first_column = columns.lines[j]
                for r in range(row_taps):
                    row = first_row + r * rows.source_tap_step
                    for q in range(column_taps):
                        column = first_column + q * columns.source_tap_step
                        for c in range(channels):
                            value, norm = x[sample, row, column, c], y[sample, i, j, c]
                            ratio = abs(value) / (norm if norm != 0 else one)
                            sign = one if value > 0 else (-one if value < 0 else value)
                            slope = sign * (ratio if exponent == 1 else ratio**exponent)
                            gradient[sample, row, column, c] += (
                                slope * output_gradient[sample, i, j, c]
                            )
