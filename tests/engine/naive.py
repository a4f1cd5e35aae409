"""Every operation as loops over single numbers, written from the formulas and from nothing else.

Slow on purpose: what the backends are measured against must be plain to see. Arrays may be of any
float type; sums run in Python's float64. A window is given by its numbers, not by the engine's own
idea of where it lies.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np


def window_cells(g: Any, i: int, j: int) -> Iterator[tuple[int, int, int, int]]:
    """For output (i, j), the window's cells (r, q) on the input cells (row, column)."""
    (top, _), (left, _) = g.padding
    for r in range(g.kernel_size[0]):
        for q in range(g.kernel_size[1]):
            row = i * g.stride[0] - top + r * g.dilation[0]
            column = j * g.stride[1] - left + q * g.dilation[1]
            if 0 <= row < g.input_size[0] and 0 <= column < g.input_size[1]:
                yield r, q, row, column


def output_shape(g: Any) -> tuple[int, int]:
    """Counts the places for a window, one after another, until one sticks out."""
    sizes = []
    for axis in (0, 1):
        end = g.input_size[axis] + sum(g.padding[axis])
        places, start = 0, 0
        while start + (g.kernel_size[axis] - 1) * g.dilation[axis] < end:
            places += 1
            start += g.stride[axis]
        sizes.append(places)
    return sizes[0], sizes[1]


def outputs(g: Any, batch: int, channels: int) -> Iterator[tuple[int, int, int, int]]:
    height, width = output_shape(g)
    for b in range(batch):
        for i in range(height):
            for j in range(width):
                for c in range(channels):
                    yield b, i, j, c


def convolution2d(x, kernel, bias, g):
    channels, filters = kernel.shape[2:]
    y = np.zeros((len(x), *output_shape(g), filters))
    for b, i, j, f in outputs(g, len(x), filters):
        y[b, i, j, f] = bias[f] + math.fsum(
            float(x[b, row, column, c]) * float(kernel[r, q, c, f])
            for r, q, row, column in window_cells(g, i, j)
            for c in range(channels)
        )
    return y


def convolution2d_gradients(x, kernel, output_gradient, g):
    """The gradients of the kernel, of the input and of the bias."""
    kernel_gradient, input_gradient = np.zeros(kernel.shape), np.zeros(x.shape)
    bias_gradient = np.zeros(kernel.shape[3])
    for b, i, j, f in outputs(g, len(x), kernel.shape[3]):
        slope = float(output_gradient[b, i, j, f])
        bias_gradient[f] += slope
        for r, q, row, column in window_cells(g, i, j):
            for c in range(kernel.shape[2]):
                kernel_gradient[r, q, c, f] += float(x[b, row, column, c]) * slope
                input_gradient[b, row, column, c] += float(kernel[r, q, c, f]) * slope
    return kernel_gradient, input_gradient, bias_gradient


def max_pooling2d(x, g):
    y = np.zeros((len(x), *output_shape(g), x.shape[3]))
    choice = np.zeros(y.shape, int)
    for b, i, j, c in outputs(g, len(x), x.shape[3]):
        best = None
        for r, q, row, column in window_cells(g, i, j):
            value = float(x[b, row, column, c])
            if best is None or value > best or (math.isnan(value) and not math.isnan(best)):
                best = value
                choice[b, i, j, c] = r * g.kernel_size[1] + q
        y[b, i, j, c] = best
    return y, choice


def routed_gradient(x, choice, output_gradient, g):
    gradient = np.zeros(x.shape)
    for b, i, j, c in outputs(g, len(x), x.shape[3]):
        for r, q, row, column in window_cells(g, i, j):
            if choice[b, i, j, c] == r * g.kernel_size[1] + q:
                gradient[b, row, column, c] += float(output_gradient[b, i, j, c])
    return gradient


def each_window(x, g, function):
    """A pooling: the function of each window's values."""
    y = np.zeros((len(x), *output_shape(g), x.shape[3]))
    for b, i, j, c in outputs(g, len(x), x.shape[3]):
        y[b, i, j, c] = function(
            [float(x[b, row, column, c]) for _, _, row, column in window_cells(g, i, j)]
        )
    return y


def each_window_gradient(x, output_gradient, g, slopes):
    """A pooling's gradient: the function gives a window's values' slopes."""
    gradient = np.zeros(x.shape)
    for b, i, j, c in outputs(g, len(x), x.shape[3]):
        cells = list(window_cells(g, i, j))
        values = [float(x[b, row, column, c]) for _, _, row, column in cells]
        for (_, _, row, column), slope in zip(cells, slopes(values), strict=True):
            gradient[b, row, column, c] += slope * float(output_gradient[b, i, j, c])
    return gradient


def mean(values):
    return math.fsum(values) / len(values)


def mean_slopes(values):
    return [1 / len(values)] * len(values)


def norm(order):
    return lambda values: math.fsum(abs(value) ** order for value in values) ** (1 / order)


def norm_slopes(order):
    def slopes(values):
        length = norm(order)(values)
        return [
            math.copysign((abs(value) / length) ** (order - 1), value) if value else 0.0
            for value in values
        ]

    return slopes


def probabilities(values):
    positive = [max(value, 0.0) for value in values]
    total = math.fsum(positive)
    if total == 0:
        return [1 / len(values)] * len(values)
    return [value / total for value in positive]


def expectation(values):
    return math.fsum(p * value for p, value in zip(probabilities(values), values, strict=True))


def window_probabilities(x, g):
    cells = g.kernel_size[0] * g.kernel_size[1]
    result = np.zeros((len(x), *output_shape(g), x.shape[3], cells))
    for b, i, j, c in outputs(g, len(x), x.shape[3]):
        window = list(window_cells(g, i, j))
        shares = probabilities([float(x[b, row, column, c]) for _, _, row, column in window])
        for (r, q, _, _), share in zip(window, shares, strict=True):
            result[b, i, j, c, r * g.kernel_size[1] + q] = share
    return result


def finite_differences(function, x, weights, step=1e-6):
    """∂(Σ weights · function(x)) / ∂x by central differences, one number of x at a time."""
    gradient = np.zeros(x.shape)
    for index in np.ndindex(*x.shape):
        sums = []
        for moved in (x[index] + step, x[index] - step):
            shifted = x.copy()
            shifted[index] = moved
            sums.append(float(np.sum(weights * function(shifted))))
        gradient[index] = (sums[0] - sums[1]) / (2 * step)
    return gradient
