"""Stochastic pooling on the CPU; arrays and plans as in `cpu_pooling`.

The probabilities of a window are weights divided by their total. Weights are max(x, 0), divided by
the largest of them, so that their sum cannot overflow.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from simulator.engine.backends.cpu_compile import Array, inlined, kernel
from simulator.engine.backends.cpu_plan import LinePlan


class Window(NamedTuple):
    """One channel of one window: where it lies on the input."""

    sample: int
    channel: int
    row: int
    rows: int
    row_step: int
    column: int
    columns: int
    column_step: int


@inlined
def value_at(x: Array, window: Window, r: int, q: int) -> float:
    """The value of a window's cell."""
    row, column = window.row + r * window.row_step, window.column + q * window.column_step
    value: float = x[window.sample, row, column, window.channel]
    return value


@inlined
def weight_of(value: float, largest: float, one: float) -> float:
    """A cell's share of the probability, not yet divided by the total."""
    if largest == 0:
        return one
    if largest == math.inf:
        return one if value == largest else one - one
    return max(value, one - one) / largest


@inlined
def weigh(x: Array, window: Window) -> tuple[float, float]:
    """The largest positive value of a window, 0 without one, and the sum of its weights."""
    zero, one = x.dtype.type(0), x.dtype.type(1)
    largest, total = zero, zero
    for r in range(window.rows):
        for q in range(window.columns):
            value = value_at(x, window, r, q)
            if value > largest or math.isnan(value):
                largest = value
    for r in range(window.rows):
        for q in range(window.columns):
            total += weight_of(value_at(x, window, r, q), largest, one)
    return largest, total


@kernel
def draw(
    x: Array,
    uniform: Array,
    y: Array,
    choice: Array,
    rows: LinePlan,
    columns: LinePlan,
    window_width: int,
) -> None:
    """Writes a cell of each window, drawn by its probability, into y, its index into choice."""
    batch, height, width, channels = y.shape
    zero, one = x.dtype.type(0), x.dtype.type(1)
    for sample in range(batch):
        for i in range(height):
            row_tap, row_taps, row = rows.lines[i]
            for j in range(width):
                column_tap, column_taps, column = columns.lines[j]
                for c in range(channels):
                    window = Window(
                        *(sample, c, row, row_taps, rows.source_tap_step),
                        *(column, column_taps, columns.source_tap_step),
                    )
                    largest, total = weigh(x, window)
                    threshold = uniform[sample, i, j, c] * total
                    added, found = zero, False
                    for r in range(row_taps):
                        for q in range(column_taps):
                            value = value_at(x, window, r, q)
                            added += weight_of(value, largest, one)
                            if not found and (added > threshold or math.isnan(value)):
                                y[sample, i, j, c] = value
                                index = (row_tap + r) * window_width + column_tap + q
                                choice[sample, i, j, c] = index
                                found = True


@kernel
def probabilities_of(
    x: Array, probabilities: Array, rows: LinePlan, columns: LinePlan, window_width: int
) -> None:
    """Writes each window's probabilities into (B, OH, OW, C, kh·kw), which starts as zeros."""
    batch, height, width, channels, _ = probabilities.shape
    one = x.dtype.type(1)
    for sample in range(batch):
        for i in range(height):
            row_tap, row_taps, row = rows.lines[i]
            for j in range(width):
                column_tap, column_taps, column = columns.lines[j]
                for c in range(channels):
                    window = Window(
                        *(sample, c, row, row_taps, rows.source_tap_step),
                        *(column, column_taps, columns.source_tap_step),
                    )
                    largest, total = weigh(x, window)
                    for r in range(row_taps):
                        for q in range(column_taps):
                            weight = weight_of(value_at(x, window, r, q), largest, one)
                            index = (row_tap + r) * window_width + column_tap + q
                            probabilities[sample, i, j, c, index] = weight / total


@kernel
def expect(x: Array, y: Array, rows: LinePlan, columns: LinePlan) -> None:
    """Writes the mean of each window, weighted by the probabilities, into y."""
    batch, height, width, channels = y.shape
    zero, one = x.dtype.type(0), x.dtype.type(1)
    for sample in range(batch):
        for i in range(height):
            _, row_taps, row = rows.lines[i]
            for j in range(width):
                _, column_taps, column = columns.lines[j]
                for c in range(channels):
                    window = Window(
                        *(sample, c, row, row_taps, rows.source_tap_step),
                        *(column, column_taps, columns.source_tap_step),
                    )
                    largest, total = weigh(x, window)
                    mean = zero
                    for r in range(row_taps):
                        for q in range(column_taps):
                            value = value_at(x, window, r, q)
                            weight = weight_of(value, largest, one)
                            if weight != 0:
                                mean += weight / total * value
                    y[sample, i, j, c] = mean


@kernel
def expect_gradient(
    x: Array,
    y: Array,
    output_gradient: Array,
    gradient: Array,
    rows: LinePlan,
    columns: LinePlan,
) -> None:
    """Adds ∂y/∂x times each output's gradient, y from `expect`; gradient starts as zeros."""
    batch, height, width, channels = y.shape
    zero, one = x.dtype.type(0), x.dtype.type(1)
    for sample in range(batch):
        for i in range(height):
            _, row_taps, first_row = rows.lines[i]
            for j in range(width):
                _, column_taps, first_column = columns.lines[j]
                for c in range(channels):
                    window = Window(
                        *(sample, c, first_row, row_taps, rows.source_tap_step),
                        *(first_column, column_taps, columns.source_tap_step),
                    )
                    largest, total = weigh(x, window)
                    scaled = y[sample, i, j, c] / (one if largest == 0 else largest)
                    for r in range(row_taps):
                        row = first_row + r * rows.source_tap_step
                        for q in range(column_taps):
                            column = first_column + q * columns.source_tap_step
                            value = x[sample, row, column, c]
                            weight = weight_of(value, largest, one)
                            slope = zero if value <= 0 else weight + weight - scaled
                            if largest == 0:
                                slope = one
                            gradient[sample, row, column, c] += (
                                slope / total * output_gradient[sample, i, j, c]
                            )
