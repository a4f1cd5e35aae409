"""Pooling that goes with no convolution, as the machine runs it: one sample a part.

Sizes: H, W, C the input; PH, PW the output; kh, kw the window; sh, sw its strides; top, left the
padding, which counts for nothing.
"""
# ruff: noqa: ARG001 - All handlers take the same.

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.engine.backends.cpu_activate import multiply_by_slope
from simulator.engine.backends.cpu_intrinsics import array_at, size_of
from simulator.engine.backends.cpu_machine import FIRST, arguments_of, handler

SIZES = FIRST
ARRAYS = SIZES + 11
"""After the sizes: H, W, C, PH, PW, kh, kw, sh, sw, top, left."""


@handler
def maximum(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """The largest of each window; the first of equals, and NaN before all.

    Arrays: x (B, H, W, C), y (B, PH, PW, C), choice of int32, shaped as y: the cell's place in x.
    """
    given = arguments_of(operation)
    height, width, channels, rows, columns = given[SIZES : SIZES + 5]
    window_height, window_width, row_stride, column_stride, top, left = given[
        SIZES + 5 : SIZES + 11
    ]
    x_at, y_at, choice_at = given[ARRAYS : ARRAYS + 3]
    inputs, outputs = height * width * channels, rows * columns * channels
    x = array_at(x_at + part * inputs * size_of(like), inputs, like)
    y = array_at(y_at + part * outputs * size_of(like), outputs, like)
    choice = array_at(choice_at + part * outputs * 4, outputs, np.int32(0))
    for i in range(rows):
        first_row = max(0, i * row_stride - top)
        last_row = min(height, i * row_stride - top + window_height)
        for j in range(columns):
            first_column = max(0, j * column_stride - left)
            last_column = min(width, j * column_stride - left + window_width)
            at = (i * columns + j) * channels
            begin = (first_row * width + first_column) * channels
            for c in range(channels):
                y[at + c] = x[begin + c]
                choice[at + c] = begin + c
            for r in range(first_row, last_row):
                for q in range(first_column, last_column):
                    place = (r * width + q) * channels
                    for c in range(channels):
                        value = x[place + c]
                        if value > y[at + c] or value != value:  # noqa: PLR0124 - NaN
                            y[at + c] = value
                            choice[at + c] = place + c
    return 0


@handler
def maximum_backward(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """Each slope to the cell that was chosen, times the slope of what made x.

    Arrays: slopes (B, PH, PW, C), choice, to x (B, H, W, C), x, activation that made x.
    """
    given = arguments_of(operation)
    height, width, channels, rows, columns = given[SIZES : SIZES + 5]
    slopes_at, choice_at, to_x_at, x_at, activation = given[ARRAYS : ARRAYS + 5]
    inputs, outputs = height * width * channels, rows * columns * channels
    slopes = array_at(slopes_at + part * outputs * size_of(like), outputs, like)
    choice = array_at(choice_at + part * outputs * 4, outputs, np.int32(0))
    to_x = array_at(to_x_at + part * inputs * size_of(like), inputs, like)
    to_x[:] = 0
    for n in range(outputs):
        to_x[choice[n]] += slopes[n]
    x = array_at(x_at + part * inputs * size_of(like), inputs, like)
    multiply_by_slope(x, to_x, activation)
    return 0


@handler
def average(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """The mean of each window's cells that lie on the input.

    Arrays: x (B, H, W, C), y (B, PH, PW, C).
    """
    given = arguments_of(operation)
    height, width, channels, rows, columns = given[SIZES : SIZES + 5]
    window_height, window_width, row_stride, column_stride, top, left = given[
        SIZES + 5 : SIZES + 11
    ]
    x_at, y_at = given[ARRAYS : ARRAYS + 2]
    inputs, outputs = height * width * channels, rows * columns * channels
    x = array_at(x_at + part * inputs * size_of(like), inputs, like)
    y = array_at(y_at + part * outputs * size_of(like), outputs, like)
    for i in range(rows):
        first_row = max(0, i * row_stride - top)
        last_row = min(height, i * row_stride - top + window_height)
        for j in range(columns):
            first_column = max(0, j * column_stride - left)
            last_column = min(width, j * column_stride - left + window_width)
            at = (i * columns + j) * channels
            y[at : at + channels] = 0
            for r in range(first_row, last_row):
                for q in range(first_column, last_column):
                    place = (r * width + q) * channels
                    for c in range(channels):
                        y[at + c] += x[place + c]
            count = y.dtype.type((last_row - first_row) * (last_column - first_column))
            for c in range(channels):
                y[at + c] /= count
    return 0


@handler
def average_backward(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """Each slope's share to every cell of its window, times the slope of what made x.

    Arrays: slopes (B, PH, PW, C), to x (B, H, W, C), x, activation that made x.
    """
    given = arguments_of(operation)
    height, width, channels, rows, columns = given[SIZES : SIZES + 5]
    window_height, window_width, row_stride, column_stride, top, left = given[
        SIZES + 5 : SIZES + 11
    ]
    slopes_at, to_x_at, x_at, activation = given[ARRAYS : ARRAYS + 4]
    inputs, outputs = height * width * channels, rows * columns * channels
    slopes = array_at(slopes_at + part * outputs * size_of(like), outputs, like)
    to_x = array_at(to_x_at + part * inputs * size_of(like), inputs, like)
    to_x[:] = 0
    for i in range(rows):
        first_row = max(0, i * row_stride - top)
        last_row = min(height, i * row_stride - top + window_height)
        for j in range(columns):
            first_column = max(0, j * column_stride - left)
            last_column = min(width, j * column_stride - left + window_width)
            at = (i * columns + j) * channels
            count = to_x.dtype.type((last_row - first_row) * (last_column - first_column))
            for r in range(first_row, last_row):
                for q in range(first_column, last_column):
                    place = (r * width + q) * channels
                    for c in range(channels):
                        to_x[place + c] += slopes[at + c] / count
    x = array_at(x_at + part * inputs * size_of(like), inputs, like)
    multiply_by_slope(x, to_x, activation)
    return 0
