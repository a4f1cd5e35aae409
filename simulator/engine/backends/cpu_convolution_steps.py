"""Convolutions as the machine runs them, together with the max-pooling that follows.

Forward: some rows of the output at a time, which stay in the cache until bias, pooling and
activation are done; what pooling drops at the edge is not computed. Pooling comes before the
activation, which grows with its argument and so leaves the largest the largest; kept are the pooled
values and which cell of its window each came from. Without pooling, the window is one cell.

The way back knows which cells have a slope at all, and goes through lists of them (`cpu_gather`).
The kernel's gradient goes through tiles where lists do not pay: without pooling, and with so few
channels that a line would not fill the vectors.

x has its padding already. Sizes: B batch; H, W, C the padded input; kh, kw, F the kernel; sh, sw
strides; dh, dw dilations; PH, PW the output, pooled; ph, pw the pooling's window.
"""
# ruff: noqa: ARG001 - All handlers take the same.

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.engine.backends.cpu_activate import activate, multiply_by_slope
from simulator.engine.backends.cpu_gather import add_lines
from simulator.engine.backends.cpu_intrinsics import array_at, copy_bytes, size_of
from simulator.engine.backends.cpu_machine import FIRST, arguments_of, handler
from simulator.engine.backends.cpu_tiles import sweep, sweep_listed
from simulator.engine.backends.cpu_update_steps import update
from simulator.engine.backends.cpu_windows import add_up, largest, spread

SIZES = FIRST
"""Where a row has its sizes: B, H, W, C, kh, kw, F, sh, sw, dh, dw, PH, PW, ph, pw."""
ARRAYS = SIZES + 15
FILTERS = 8
"""Filters of a part of the kernel's gradient, where lists are gone through."""


@handler
def surround(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """Copy some rows of samples into the middle of their padded places.

    Arguments: x, padded x; height and width of x, those of the padded, top, left, C; rows in all,
    rows of a part.
    """
    given = arguments_of(operation)
    x_at, padded_at, height, width, full_height, full_width, top, left, channels = given[
        FIRST : FIRST + 9
    ]
    rows, count = given[FIRST + 9], given[FIRST + 10]
    size = size_of(like) * channels
    for number in range(part * count, min(rows, (part + 1) * count)):
        line = (number // height) * full_height + top + number % height
        copy_bytes(
            padded_at + (line * full_width + left) * size,
            x_at + number * width * size,
            width * size,
        )
    return 0


@handler
def uncover(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """Take the slopes of a sample out of their padded place, times those of what made x.

    Arguments: as for `surround` up to C, with slopes for x's, then x and its activation.
    """
    given = arguments_of(operation)
    slopes_at, padded_at, height, width, full_height, full_width, top, left, channels = given[
        FIRST : FIRST + 9
    ]
    x_at, activation = given[FIRST + 9], given[FIRST + 10]
    line = width * channels
    size = size_of(like)
    for row in range(height):
        to_at = slopes_at + (part * height + row) * line * size
        place = ((part * full_height + top + row) * full_width + left) * channels
        copy_bytes(to_at, padded_at + place * size, line * size)
        x = array_at(x_at + (part * height + row) * line * size, line, like)
        multiply_by_slope(x, array_at(to_at, line, like), activation)
    return 0


@handler
def forward(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """Some rows of the pooled output.

    Arrays: x (B, H, W, C), kernel (kh, kw, C, F), bias (F,) or 0, y (B, PH, PW, F), choice of
    int8, shaped as y, or 0 without pooling; rows of a part, activation, rows at a time, filters of
    a part, whether rows are joined: windows that move by one cell go on from row to row, those that
    hang over the edge are computed in vain, but there is one long sweep instead of many short ones;
    and whether the kernel comes in panels of a part's filters (see `cpu_data_steps.panels`).
    """
    given = arguments_of(operation)
    batch, height, width, channels, kernel_height, kernel_width, filters = given[SIZES : SIZES + 7]
    row_stride, column_stride, row_dilation, column_dilation = given[SIZES + 7 : SIZES + 11]
    rows, columns, pool_height, pool_width = given[SIZES + 11 : SIZES + 15]
    x_at, kernel_at, bias_at, y_at, choice_at = given[ARRAYS : ARRAYS + 5]
    count, activation, most, block, joined, in_panels = given[ARRAYS + 5 : ARRAYS + 11]
    x = array_at(x_at, batch * height * width * channels, like)
    taps = kernel_height * kernel_width * channels
    kernel = array_at(kernel_at, taps * (filters + block), like)
    bias = array_at(bias_at, filters, like)
    y = array_at(y_at, batch * rows * columns * filters, like)
    choice = array_at(choice_at, batch * rows * columns * filters, np.int8(0))
    across = columns * pool_width
    counts = (kernel_height, kernel_width, channels)
    if column_dilation == 1:
        counts = (kernel_height, 1, kernel_width * channels)
    row_parts = (batch * rows + count - 1) // count
    first = part // row_parts * block
    start, across_kernel = (first * taps, block) if in_panels else (first, filters)
    down_kernel = kernel_width * channels * across_kernel
    weights = (start, down_kernel, channels * across_kernel, across_kernel)
    block = min(block, filters - first)
    step_to = block if choice_at else filters
    line = (width if joined else across) * step_to
    space = array_at(scratch, most * pool_height * line, like)
    number = part % row_parts * count
    end = min(batch * rows, number + count)
    while number < end:
        sample, row = number // rows, number % rows
        group = min(most, rows - row, end - number)
        start = number * columns * filters + first
        number += group
        sweeps, length = group * pool_height, across
        if joined:
            sweeps, length = 1, (sweeps - 1) * width + across
        for r in range(sweeps):
            top = (sample * height + (row * pool_height + r) * row_stride) * width * channels
            target, at = (space, r * line) if choice_at else (y, start + r * line)
            sweep(
                length,
                x,
                (
                    top,
                    column_stride * channels,
                    row_dilation * width * channels,
                    column_dilation * channels,
                    1,
                ),
                kernel,
                weights,
                counts,
                bias,
                (first, 0, bias_at),
                target,
                (at, step_to),
                block,
            )
        if choice_at:
            for i in range(group):
                largest(
                    space,
                    i * pool_height * line,
                    (line, block, pool_width * block, filters),
                    (pool_height, pool_width, columns),
                    y,
                    choice,
                    start + i * columns * filters,
                    block,
                )
        if block == filters:
            activate(y[start : start + group * columns * filters], activation)
        else:
            for j in range(group * columns):
                at = start + j * filters
                activate(y[at : at + block], activation)
    return 0


@handler
def backward(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """∂L/∂x of one sample, times the slope of what made x.

    Arrays: turned kernel (F, kh, kw, C), slopes (B, PH, PW, F), choice or 0, to x (B, H, W, C), x,
    activation that made x; for padded x 0 in the place of x, as `uncover` follows.
    """
    given = arguments_of(operation)
    height, width, channels, kernel_height, kernel_width, filters = given[SIZES + 1 : SIZES + 7]
    row_stride, column_stride, row_dilation, column_dilation = given[SIZES + 7 : SIZES + 11]
    rows, columns, pool_height, pool_width = given[SIZES + 11 : SIZES + 15]
    turned_at, slopes_at, choice_at, to_x_at, x_at, activation = given[ARRAYS : ARRAYS + 6]
    taps = kernel_height * kernel_width * channels
    size = height * width * channels
    outputs = rows * columns * filters
    turned = array_at(turned_at, filters * taps, like)
    slopes = array_at(slopes_at + part * outputs * size_of(like), outputs, like)
    choice = array_at(choice_at + part * outputs, outputs, np.int8(0))
    to_x = array_at(to_x_at + part * size * size_of(like), size, like)
    to_x[:] = 0
    cells = pool_height * pool_width
    numbers = array_at(scratch, cells * (filters + 1), np.int64(0))
    factors = array_at(scratch + cells * (filters + 1) * 8, cells * filters, like)
    segment, segments = kernel_width * channels, 1
    if column_dilation != 1:
        segment, segments = channels, kernel_width
    found = numbers[cells * filters :]
    for i in range(rows):
        for j in range(columns):
            found[:] = 0
            at = (i * columns + j) * filters
            for f in range(filters):
                chosen = np.int64(choice[at + f]) if choice_at else np.int64(0)
                place = chosen * filters + found[chosen]
                numbers[place] = f * taps
                factors[place] = slopes[at + f]
                found[chosen] += slopes[at + f] != 0
            for cell in range(cells):
                if found[cell] == 0:
                    continue
                row = (i * pool_height + cell // pool_width) * row_stride
                column = (j * pool_width + cell % pool_width) * column_stride
                for r in range(kernel_height):
                    line = ((row + r * row_dilation) * width + column) * channels
                    for q in range(segments):
                        add_lines(
                            to_x,
                            line + q * column_dilation * channels,
                            turned,
                            r * kernel_width * channels + q * channels,
                            numbers,
                            factors,
                            cell * filters,
                            found[cell],
                            segment,
                        )
    if x_at:
        x = array_at(x_at + part * size * size_of(like), size, like)
        multiply_by_slope(x, to_x, activation)
    return 0


@handler
def kernel_gradient(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """∂L/∂kernel and ∂L/∂bias for some filters, over the whole batch, by lists of slopes.

    Arrays: x (B, H, W, C), slopes (B, PH, PW, F), choice or 0, gradient (kh·kw·C, F), gradient of
    the bias (F,); filters of a part.
    """
    given = arguments_of(operation)
    batch, height, width, channels, kernel_height, kernel_width, filters = given[SIZES : SIZES + 7]
    row_stride, column_stride, row_dilation, column_dilation = given[SIZES + 7 : SIZES + 11]
    rows, columns, pool_height, pool_width = given[SIZES + 11 : SIZES + 15]
    x_at, slopes_at, choice_at, gradient_at, bias_at, count = given[ARRAYS : ARRAYS + 6]
    taps = kernel_height * kernel_width * channels
    outputs = batch * rows * columns * filters
    x = array_at(x_at, batch * height * width * channels, like)
    slopes = array_at(slopes_at, outputs, like)
    choice = array_at(choice_at, outputs, np.int8(0))
    gradient = array_at(gradient_at, taps * filters, like)
    bias = array_at(bias_at, filters, like)
    first, last = part * count, min(filters, (part + 1) * count)
    places = array_at(scratch, columns, np.int64(0))
    of_cells = array_at(scratch + columns * 8, pool_height * pool_width, np.int64(0))
    here = scratch + (columns + of_cells.size) * 8
    factors = array_at(here, columns, like)
    sums = array_at(here + columns * size_of(like), count * taps, like)
    sums[:] = 0
    for cell in range(of_cells.size):  # division is slow, and so done once
        row, column = cell // pool_width, cell % pool_width
        of_cells[cell] = (row * row_stride * width + column * column_stride) * channels
    across = pool_width * column_stride * channels
    bias[first:last] = 0
    segment, segments = kernel_width * channels, 1
    if column_dilation != 1:
        segment, segments = channels, kernel_width
    for number in range(batch * rows):
        sample, i = number // rows, number % rows
        start = number * columns * filters
        top = (sample * height + i * pool_height * row_stride) * width * channels
        for f in range(first, last):
            found = 0
            for j in range(columns):
                at = start + j * filters + f
                chosen = np.int64(choice[at]) if choice_at else np.int64(0)
                places[found] = j * across + of_cells[chosen]
                factors[found] = slopes[at]
                found += slopes[at] != 0
            for n in range(found):
                bias[f] += factors[n]
            for r in range(kernel_height):
                for q in range(segments):
                    add_lines(
                        sums,
                        (f - first) * taps + r * kernel_width * channels + q * channels,
                        x,
                        top + (r * row_dilation * width + q * column_dilation) * channels,
                        places,
                        factors,
                        0,
                        found,
                        segment,
                    )
    for tap in range(taps):
        for f in range(first, last):
            gradient[tap * filters + f] = sums[(f - first) * taps + tap]
    return 0


@handler
def tiled_kernel_gradient(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """The same by tiles: each weight's cells of x times all slopes.

    Arrays: as for `kernel_gradient`; then rows at a time, and samples at a time, which is 1 if not
    all rows of a sample are.
    """
    given = arguments_of(operation)
    batch, height, width, channels, kernel_height, kernel_width, filters = given[SIZES : SIZES + 7]
    row_stride, column_stride, row_dilation, column_dilation = given[SIZES + 7 : SIZES + 11]
    rows, columns, pool_height, pool_width = given[SIZES + 11 : SIZES + 15]
    x_at, slopes_at, choice_at, gradient_at, bias_at, count = given[ARRAYS : ARRAYS + 6]
    most, samples = given[ARRAYS + 6 : ARRAYS + 8]
    taps = kernel_height * kernel_width * channels
    outputs = batch * rows * columns * filters
    x = array_at(x_at, batch * height * width * channels, like)
    slopes = array_at(slopes_at, outputs, like)
    choice = array_at(choice_at, outputs, np.int8(0))
    gradient = array_at(gradient_at, taps * filters, like)
    bias = array_at(bias_at, filters, like)
    first = part * count
    count = min(count, filters - first)
    places = array_at(scratch, taps, np.int64(0))
    for r in range(kernel_height):
        for q in range(kernel_width):
            corner = (r * row_dilation * width + q * column_dilation) * channels
            for c in range(channels):
                places[(r * kernel_width + q) * channels + c] = corner + c
    across = columns * pool_width
    down = rows * pool_height
    sums_at = scratch + taps * 8
    sums = array_at(sums_at, taps * count, like)
    sums[:] = 0
    chosen_at = sums_at + sums.size * size_of(like)
    chosen = array_at(chosen_at, samples * most * pool_height * across * count, like)
    bias[first : first + count] = 0
    number = 0
    while number < batch * rows:
        sample, i = number // rows, number % rows
        group = min(samples * most, batch * rows - number)
        if samples == 1:
            group = min(most, rows - i)
        start = number * columns * filters + first
        number += group
        add_up(slopes, start, filters, group * columns, bias, first, count)
        if choice_at:
            for k in range(group):
                spread(
                    slopes,
                    choice,
                    start + k * columns * filters,
                    chosen,
                    k * pool_height * across * count,
                    (across * count, count, pool_width * count, filters),
                    (pool_height, pool_width, columns),
                    count,
                )
        factors, at, cell = slopes, start, filters
        if choice_at:
            factors, at, cell = chosen, 0, count
        whole = group // rows if samples > 1 else 1
        sweep_listed(
            taps,
            x,
            (
                (sample * height + i * pool_height * row_stride) * width * channels,
                scratch,
                height * width * channels,
                row_stride * width * channels,
                column_stride * channels,
            ),
            factors,
            (at, down * across * cell, across * cell, cell),
            (whole, group * pool_height // whole, across),
            sums,
            (0, count, 1),
            sums,
            (0, count),
            count,
        )
    for tap in range(taps):
        for f in range(count):
            gradient[tap * filters + first + f] = sums[tap * count + f]
    return 0


@handler
def apply(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """Update some of an array's weights by their gradient.

    Arguments: gradient, the row of the update; size, numbers of a part.
    """
    gradient_at, update_at, size, count = arguments_of(operation)[FIRST : FIRST + 4]
    start = part * count
    count = min(count, size - start)
    gradient = array_at(gradient_at + start * size_of(like), count, like)
    update(update_at, start, count, gradient, step, like)
    return 0
