"""Convolution on the CPU: the loops around the tiles of `cpu_tiles`."""

from __future__ import annotations

import numpy as np

from simulator.engine.backends.cpu_compile import Array, kernel
from simulator.engine.backends.cpu_plan import LinePlan, TapPlan
from simulator.engine.backends.cpu_tiles import sweep


@kernel
def correlate(
    source: Array, weights: Array, initial: Array, target: Array, rows: LinePlan, columns: LinePlan
) -> None:
    """target[b, i, j, f] = initial[f] + Σ source[b, row, column, c] · weights[r, q, c, f].

    source (B, SH, SW, C), weights (kh, kw, C, F), initial (F,) or empty, target (B, TH, TW, F).
    The plans say which source answers which tap: the forward plans make this a convolution, the
    backward plans its input gradient.
    """
    batch, source_height, source_width, channels = source.shape
    kernel_width = weights.shape[1]
    _, height, width, filters = target.shape
    flat_source, flat_weights, flat_target = source.ravel(), weights.ravel(), target.ravel()
    source_row_step = rows.source_tap_step * source_width * channels
    source_column_step = columns.source_tap_step * channels
    weight_row_step = rows.tap_step * kernel_width * channels * filters
    weight_column_step = columns.tap_step * channels * filters
    # Taps side by side in the source and in the kernel make one long row with their channels.
    side_by_side = columns.source_tap_step == 1 and columns.tap_step == 1
    for sample in range(batch):
        for row in range(height):
            row_tap, row_taps, source_row = rows.lines[row]
            source_line = (sample * source_height + source_row) * source_width
            target_line = (sample * height + row) * width
            for run in range(columns.runs.shape[0]):
                column, length, tap, taps, source_column = columns.runs[run]
                counts = (row_taps, taps, channels)
                if side_by_side:
                    counts = (row_taps, 1, taps * channels)
                source_start = (source_line + source_column) * channels
                weight_start = (row_tap * kernel_width + tap) * channels * filters
                sweep(
                    length,
                    flat_source,
                    (
                        source_start,
                        columns.source_step * channels,
                        source_row_step,
                        source_column_step,
                        1,
                    ),
                    flat_weights,
                    (weight_start, weight_row_step, weight_column_step, filters),
                    counts,
                    initial,
                    (0, 0, initial.size),
                    flat_target,
                    ((target_line + column) * filters, columns.target_step * filters),
                    filters,
                )


@kernel
def accumulate_kernel_gradient(
    x: Array, output_gradient: Array, gradient: Array, rows: TapPlan, columns: TapPlan
) -> None:
    """gradient[r, q, c, f] += Σ x[b, row, column, c] · output_gradient[b, i, j, f].

    x (B, H, W, C), output_gradient (B, OH, OW, F), gradient (kh, kw, C, F). Each output row is
    summed by itself and then added, so that float32 keeps its precision over a large image.
    """
    batch, height, width, channels = x.shape
    _, output_height, output_width, filters = output_gradient.shape
    kernel_height, kernel_width, _, _ = gradient.shape
    flat_x, flat_output, flat_gradient = x.ravel(), output_gradient.ravel(), gradient.ravel()
    for r in range(kernel_height):
        first_row, row_count, source_row = rows.taps[r]
        for sample in range(batch):
            for i in range(row_count):
                x_line = (sample * height + source_row + i * rows.stride) * width
                output_line = (sample * output_height + first_row + i) * output_width
                for q in range(kernel_width):
                    first_column, column_count, source_column = columns.taps[q]
                    x_start = (x_line + source_column) * channels
                    output_start = (output_line + first_column) * filters
                    start = (r * kernel_width + q) * channels * filters
                    sweep(
                        channels,
                        flat_x,
                        (x_start, 1, 0, 0, columns.stride * channels),
                        flat_output,
                        (output_start, 0, 0, filters),
                        (1, 1, column_count),
                        flat_gradient,
                        (start, filters, 1),
                        flat_gradient,
                        (start, filters),
                        filters,
                    )


@kernel
def accumulate_bias_gradient(output_gradient: Array, gradient: Array) -> None:
    """gradient[f] += Σ output_gradient[b, i, j, f], line by line; (B, OH, OW, F) and (F,)."""
    batch, height, width, filters = output_gradient.shape
    line = np.empty_like(gradient)
    for sample in range(batch):
        for row in range(height):
            line[:] = 0
            for column in range(width):
                for f in range(filters):
                    line[f] += output_gradient[sample, row, column, f]
            for f in range(filters):
                gradient[f] += line[f]
