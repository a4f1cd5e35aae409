"""Batches and masks as the machine takes them."""
# ruff: noqa: ARG001 - All handlers take the same.

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.engine.backends.cpu_activate import multiply_by_slope
from simulator.engine.backends.cpu_intrinsics import array_at, copy_bytes, size_of
from simulator.engine.backends.cpu_machine import FIRST, arguments_of, handler
from simulator.engine.backends.cpu_transpose import transpose


@handler
def gather(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """Copy some of a batch's samples, of any type, out of all of them.

    Arguments: source, its samples' size in bytes, order (steps, B) of int64, target; B, samples
    of a part.
    """
    source, size, order_at, target, batch, count = arguments_of(operation)[FIRST : FIRST + 6]
    order = array_at(order_at + step * batch * 8, batch, np.int64(0))
    for b in range(part * count, min(batch, (part + 1) * count)):
        copy_bytes(target + b * size, source + order[b] * size, size)
    return 0


@handler
def mask(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """Multiply by a mask that was drawn for each step.

    Arguments: x, masks (steps, n), y, n.
    """
    x_at, masks_at, y_at, count = arguments_of(operation)[FIRST : FIRST + 4]
    x, y = array_at(x_at, count, like), array_at(y_at, count, like)
    factors = array_at(masks_at + step * count * size_of(like), count, like)
    for i in range(count):
        y[i] = x[i] * factors[i]
    return 0


@handler
def mask_backward(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """The slopes times the mask, and times the slope of what made x.

    Arguments: x, masks (steps, n), slopes, to_x, n; activation that made x.
    """
    x_at, masks_at, slopes_at, to_x_at, size, activation = arguments_of(operation)[
        FIRST : FIRST + 6
    ]
    x, slopes = array_at(x_at, size, like), array_at(slopes_at, size, like)
    to_x = array_at(to_x_at, size, like)
    factors = array_at(masks_at + step * size * size_of(like), size, like)
    for i in range(size):
        to_x[i] = slopes[i] * factors[i]
    multiply_by_slope(x, to_x, activation)
    return 0


@handler
def turn(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """Write a matrix with its rows as columns.

    Arguments: source (m, n), target (n, m); m, n.
    """
    source_at, target_at, rows, columns = arguments_of(operation)[FIRST : FIRST + 4]
    source = array_at(source_at, rows * columns, like)
    target = array_at(target_at, rows * columns, like)
    transpose(source, (0, columns), rows, columns, target, (0, rows))
    return 0


@handler
def panels(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """Write some rows of a matrix as panels, each of so many columns, one after another.

    Rows of a wide matrix lie a power of two apart, and the cache has few places for such addresses.

    Arguments: source (m, n), target (n / width, m, width) with the last panel filled in part; m, n,
    width, rows of a part.
    """
    source_at, target_at, rows, columns, width, count = arguments_of(operation)[FIRST : FIRST + 6]
    size = size_of(like)
    for row in range(part * count, min(rows, (part + 1) * count)):
        for column in range(0, columns, width):
            copy_bytes(
                target_at + (column * rows + row * width) * size,
                source_at + (row * columns + column) * size,
                min(width, columns - column) * size,
            )
    return 0
