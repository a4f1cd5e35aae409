"""Depthwise convolution on the CPU: plain loops, innermost over the channels."""

from __future__ import annotations

from simulator.engine.backends.cpu_compile import Array, kernel
from simulator.engine.backends.cpu_plan import TapPlan


@kernel
def accumulate(x: Array, weights: Array, y: Array, rows: TapPlan, columns: TapPlan) -> None:
    """y[b, i, j, c·M + m] += Σ x[b, row, column, c] · weights[r, q, c, m].

    x (B, H, W, C), weights (kh, kw, C, M), y (B, OH, OW, C·M).
    """
    kernel_height, kernel_width, channels, multiplier = weights.shape
    for sample in range(x.shape[0]):
        for r in range(kernel_height):
            first_row, row_count, source_row = rows.taps[r]
            for i in range(row_count):
                row = source_row + i * rows.stride
                for q in range(kernel_width):
                    first_column, column_count, source_column = columns.taps[q]
                    for j in range(column_count):
                        column = source_column + j * columns.stride
                        for c in range(channels):
                            value = x[sample, row, column, c]
                            for m in range(multiplier):
                                y[sample, first_row + i, first_column + j, c * multiplier + m] += (
                                    value * weights[r, q, c, m]
                                )


@kernel
def accumulate_kernel_gradient(
    x: Array, output_gradient: Array, gradient: Array, rows: TapPlan, columns: TapPlan
) -> None:
    """gradient[r, q, c, m] += Σ x[b, row, column, c] · output_gradient[b, i, j, c·M + m]."""
    kernel_height, kernel_width, channels, multiplier = gradient.shape
    for sample in range(x.shape[0]):
        for r in range(kernel_height):
            first_row, row_count, source_row = rows.taps[r]
            for i in range(row_count):
                row = source_row + i * rows.stride
                for q in range(kernel_width):
                    first_column, column_count, source_column = columns.taps[q]
                    for j in range(column_count):
                        column = source_column + j * columns.stride
                        for c in range(channels):
                            value = x[sample, row, column, c]
                            for m in range(multiplier):
                                slope = output_gradient[
                                    sample, first_row + i, first_column + j, c * multiplier + m
                                ]
                                gradient[r, q, c, m] += value * slope


@kernel
def accumulate_input_gradient(
    output_gradient: Array, weights: Array, gradient: Array, rows: TapPlan, columns: TapPlan
) -> None:
    """gradient[b, row, column, c] += Σ output_gradient[b, i, j, c·M + m] · weights[r, q, c, m]."""
    kernel_height, kernel_width, channels, multiplier = weights.shape
    for sample in range(gradient.shape[0]):
        for r in range(kernel_height):
            first_row, row_count, source_row = rows.taps[r]
            for i in range(row_count):
                row = source_row + i * rows.stride
                for q in range(kernel_width):
                    first_column, column_count, source_column = columns.taps[q]
                    for j in range(column_count):
                        column = source_column + j * columns.stride
                        for c in range(channels):
                            for m in range(multiplier):
                                slope = output_gradient[
                                    sample, first_row + i, first_column + j, c * multiplier + m
                                ]
                                gradient[sample, row, column, c] += slope * weights[r, q, c, m]
