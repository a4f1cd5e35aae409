"""Convolutions of few filters as the machine runs them: the lanes of a vector are samples.

A vector of filters would be half empty with eight of them. Here a vector holds the same cell of as
many samples as it has lanes, L: a group of samples, whose cells lie in lines of L numbers. What is
copied turned round are pictures and slopes; each is used once for each weight.

Nothing goes back through such a convolution: it is the first that is trained. Max-pooling and
activation are done along with it, as in `cpu_convolution_steps`, whose sizes these are.
"""
# ruff: noqa: ARG001 - All handlers take the same.

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.engine.backends.cpu_activate import activate
from simulator.engine.backends.cpu_convolution_steps import ARRAYS, SIZES
from simulator.engine.backends.cpu_intrinsics import array_at, copy_bytes, size_of
from simulator.engine.backends.cpu_lanes import add_windows
from simulator.engine.backends.cpu_machine import FIRST, arguments_of, handler
from simulator.engine.backends.cpu_tiles import sweep
from simulator.engine.backends.cpu_transpose import transpose
from simulator.engine.backends.cpu_vectors import VECTOR_BYTES
from simulator.engine.backends.cpu_windows import largest


@handler
def turn(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """Write a group of samples with its cells as lines, row by row and in each row channel by
    channel, so that the cells of a row lie side by side.

    Arguments: x (B, rows, columns, C), turned (B / L, rows, C, columns, L); rows, columns, C.
    """
    x_at, turned_at, rows, columns, channels = arguments_of(operation)[FIRST : FIRST + 5]
    size = size_of(like)
    lanes = VECTOR_BYTES // size
    count = rows * columns * channels
    x = array_at(x_at + part * lanes * count * size, lanes * count, like)
    to = turned_at + part * count * VECTOR_BYTES
    lines_at = to if channels == 1 else scratch
    transpose(x, (0, count), lanes, count, array_at(lines_at, count * lanes, like), (0, lanes))
    if channels == 1:
        return 0
    for row in range(rows):
        for column in range(columns):
            for c in range(channels):
                copy_bytes(
                    to + ((row * channels + c) * columns + column) * VECTOR_BYTES,
                    scratch + ((row * columns + column) * channels + c) * VECTOR_BYTES,
                    VECTOR_BYTES,
                )
    return 0


@handler
def forward(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """The pooled output of a group.

    Arrays: x turned (B / L, H, C, W, L), kernel (kh, kw, C, F), bias (F,) or 0, y (B, PH, PW, F),
    choice of int8 (B / L, PH, PW, F, L); rows at a time, activation.
    """
    given = arguments_of(operation)
    height, width, channels, kernel_height, kernel_width, filters = given[SIZES + 1 : SIZES + 7]
    row_dilation, column_dilation = given[SIZES + 9], given[SIZES + 10]
    row_stride = given[SIZES + 7]
    rows, columns, pool_height, pool_width = given[SIZES + 11 : SIZES + 15]
    x_at, kernel_at, bias_at, y_at, choice_at, most, activation = given[ARRAYS : ARRAYS + 7]
    lanes = VECTOR_BYTES // size_of(like)
    line = width * lanes
    x_size, y_size = height * channels * line, rows * columns * filters
    x = array_at(x_at + part * x_size * size_of(like), x_size, like)
    kernel = array_at(kernel_at, kernel_height * kernel_width * channels * filters, like)
    bias = array_at(bias_at, filters, like)
    y = array_at(y_at + part * lanes * y_size * size_of(like), lanes * y_size, like)
    choice = array_at(choice_at + part * lanes * y_size, lanes * y_size, np.int8(0))
    across = columns * pool_width * lanes
    step_to = most * pool_height * across
    before = array_at(scratch, filters * across, like)
    space = array_at(scratch + before.nbytes, filters * step_to, like)
    pooled = array_at(
        scratch + before.nbytes + space.nbytes, most * columns * filters * lanes, like
    )
    if bias_at:
        for f in range(filters):
            before[f * across : (f + 1) * across] = bias[f]
    # What leads to the next weight of a filter in the kernel, and what in x.
    down = kernel_width * channels * filters, row_dilation * channels * line
    next_column, next_tap = (channels * filters, column_dilation * lanes), (filters, line)
    counts = kernel_height, kernel_width, channels
    if channels == 1:  # the innermost loop is the longer one
        next_column, next_tap = next_tap, next_column
        counts = kernel_height, 1, kernel_width
    for row in range(0, rows, most):
        count = min(most, rows - row)
        for r in range(count * pool_height):
            sweep(
                filters,
                kernel,
                (0, 1, down[0], next_column[0], next_tap[0]),
                x,
                (
                    (row * pool_height + r) * row_stride * channels * line,
                    down[1],
                    next_column[1],
                    next_tap[1],
                ),
                counts,
                before,
                (0, across, bias_at),
                space,
                (r * across, step_to),
                across,
            )
        start = row * columns * filters
        for f in range(filters):
            for i in range(count):
                largest(
                    space,
                    f * step_to + i * pool_height * across,
                    (across, lanes, pool_width * lanes, filters * lanes),
                    (pool_height, pool_width, columns),
                    pooled,
                    choice[start * lanes :],
                    (i * columns * filters + f) * lanes,
                    lanes,
                )
        numbers = count * columns * filters
        activate(pooled[: numbers * lanes], activation)
        transpose(pooled, (0, lanes), numbers, lanes, y, (start, y_size))
    return 0


@handler
def kernel_gradient(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """∂L/∂kernel and ∂L/∂bias for some filters, over the whole batch.

    Arrays: x turned (B / L, H, C, W, L), slopes turned (B / L, PH, PW, F, L), choice, gradient
    (kh·kw·C, F), gradient of the bias (F,); filters of a part.
    """
    given = arguments_of(operation)
    batch, height, width, channels, kernel_height, kernel_width, filters = given[SIZES : SIZES + 7]
    row_stride = given[SIZES + 7]
    row_dilation, column_dilation = given[SIZES + 9], given[SIZES + 10]
    rows, columns, pool_height, pool_width = given[SIZES + 11 : SIZES + 15]
    x_at, slopes_at, choice_at, gradient_at, bias_at, count = given[ARRAYS : ARRAYS + 6]
    lanes = VECTOR_BYTES // size_of(like)
    groups, line = batch // lanes, width * lanes
    x_size, y_size = height * channels * line, rows * columns * filters * lanes
    x = array_at(x_at, groups * x_size, like)
    slopes = array_at(slopes_at, groups * y_size, like)
    choice = array_at(choice_at, groups * y_size, np.int8(0))
    gradient = array_at(gradient_at, kernel_height * kernel_width * channels * filters, like)
    bias = array_at(bias_at, filters, like)
    first = part * count
    count = min(count, filters - first)
    taps = array_at(scratch, kernel_height * kernel_width * channels, np.int64(0))
    for r in range(kernel_height):
        for q in range(kernel_width):
            for c in range(channels):
                taps[(r * kernel_width + q) * channels + c] = (
                    r * row_dilation * channels + c
                ) * line + q * column_dilation * lanes
    cells = array_at(scratch + taps.nbytes, pool_height * pool_width, np.int64(0))
    for r in range(pool_height):
        for q in range(pool_width):
            cells[r * pool_width + q] = r * row_stride * channels * line + q * lanes
    rest = scratch + taps.nbytes + cells.nbytes
    weights = taps.size * count
    sums = array_at(rest, (weights + count) * lanes, like)  # the last are those of the bias
    turned = array_at(rest + sums.nbytes, sums.size, like)
    add_windows(
        x,
        (0, x_size, pool_height * row_stride * channels * line, pool_width * lanes),
        taps,
        cells,
        slopes,
        choice,
        (first * lanes, y_size, columns * filters * lanes, filters * lanes, lanes),
        (groups, rows, columns),
        count,
        sums,
    )
    own = sums[weights * lanes :]
    own[:] = 0
    for place in range(groups * rows * columns):
        start = (place * filters + first) * lanes
        here = slopes[start : start + count * lanes]
        for n in range(own.size):
            own[n] += here[n]
    transpose(sums, (0, lanes), weights + count, lanes, turned, (0, weights + count))
    for lane in range(1, lanes):
        for n in range(weights + count):
            turned[n] += turned[lane * (weights + count) + n]
    for tap in range(taps.size):
        for f in range(count):
            gradient[tap * filters + first + f] = turned[tap * count + f]
    for f in range(count):
        bias[first + f] = turned[weights + f]
    return 0
