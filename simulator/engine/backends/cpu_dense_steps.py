"""Dense layers as the machine runs them.

The way back goes by rows of the kernel. Weights that one processor has changed are slow to come to
another: so where a kernel has more rows than columns forward goes by rows as well, each part with
sums of its own that are put together afterwards, and the same processor mostly gets the same rows.
Going both ways by columns was slower still: neighbours' columns share cache lines, and what a
processor fetches ahead is its neighbour's.

The way back does everything to some weights while they are in the cache: their share of the input's
gradient, then their own gradient and their update.

B batch, D inputs, U units.
"""
# ruff: noqa: ARG001 - All handlers take the same.

from __future__ import annotations

from typing import Any

from simulator.engine.backends.cpu_activate import LINEAR, activate, multiply_by_slope
from simulator.engine.backends.cpu_intrinsics import array_at, size_of
from simulator.engine.backends.cpu_machine import FIRST, arguments_of, handler
from simulator.engine.backends.cpu_tiles import sweep, sweep_line
from simulator.engine.backends.cpu_transpose import transpose
from simulator.engine.backends.cpu_update_steps import update
from simulator.engine.backends.cpu_windows import add_up

AT_ONCE = 16384
"""Numbers of a kernel that are gone through at once: they fit the cache."""
FEW = 8
"""Samples up to which memory and not arithmetic takes the time."""
AT_ONCE_OF_MANY = 64
"""Rows that go through many samples at once: a tile's columns of them fit the nearest cache."""


@handler
def forward(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """y = activation(x · kernel + bias) for some of the units.

    Arguments: x (B, D), kernel (D, U), bias (U,) or 0, y (B, U); B, D, U, units of a part,
    activation.
    """
    x_at, kernel_at, bias_at, y_at, batch, depth, units, width, activation = arguments_of(
        operation
    )[FIRST : FIRST + 9]
    x = array_at(x_at, batch * depth, like)
    kernel = array_at(kernel_at, depth * units, like)
    bias = array_at(bias_at, units, like)
    y = array_at(y_at, batch * units, like)
    start = part * width
    width = min(width, units - start)
    chunk = max(16, AT_ONCE // width)
    for at in range(0, depth, chunk):
        initial, walk = (bias, (start, 0, bias_at)) if at == 0 else (y, (start, units, 1))
        sweep(
            batch,
            x,
            (at, depth, 0, 0, 1),
            kernel,
            (at * units + start, 0, 0, units),
            (1, 1, min(chunk, depth - at)),
            initial,
            walk,
            y,
            (start, units),
            width,
        )
    for b in range(batch):
        activate(y[b * units + start : b * units + start + width], activation)
    return 0


@handler
def forward_by_rows(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """What some rows of the kernel give to every unit.

    A few samples have to wait for the kernel, which comes fastest in whole rows.

    Arguments: x (B, D), kernel (D, U), sums (parts, B, U); B, D, U, rows of a part.
    """
    x_at, kernel_at, sums_at, batch, depth, units, rows = arguments_of(operation)[FIRST : FIRST + 7]
    x = array_at(x_at, batch * depth, like)
    kernel = array_at(kernel_at, depth * units, like)
    sums = array_at(sums_at, (part + 1) * batch * units, like)
    first, end = part * rows, min(depth, (part + 1) * rows)
    to = part * batch * units
    chunk = AT_ONCE_OF_MANY if batch >= FEW else max(8, AT_ONCE // units)
    for at in range(first, end, chunk):
        count = min(chunk, end - at)
        if batch >= FEW:
            sweep(
                batch, x, (at, depth, 0, 0, 1), kernel, (at * units, 0, 0, units), (1, 1, count),
                sums, (to, units, at - first), sums, (to, units), units,
            )  # fmt: skip
            continue
        for b in range(batch):
            here = to + b * units
            sweep_line(
                x, b * depth + at, kernel, (at * units, units), count,
                sums, (here, at - first), sums, here, units,
            )  # fmt: skip
    return 0


@handler
def join(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """y = activation(bias + the sums of all shares, in their order), for some samples.

    Arguments: sums (shares, B, U), bias (U,) or 0, y (B, U); shares, B, U, samples of a part,
    activation.
    """
    sums_at, bias_at, y_at, shares, batch, units, count, activation = arguments_of(operation)[
        FIRST : FIRST + 8
    ]
    first = part * count
    count = min(count, batch - first)
    y = array_at(y_at + first * units * size_of(like), count * units, like)
    bias = array_at(bias_at, units, like)
    for b in range(count):
        line = y[b * units : (b + 1) * units]
        if bias_at:
            line[:] = bias
        else:
            line[:] = 0
    for share in range(shares):
        start = (share * batch + first) * units
        own = array_at(sums_at + start * size_of(like), y.size, like)
        for n in range(y.size):
            y[n] += own[n]
    activate(y, activation)
    return 0


@handler
def backward(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """For some rows of the kernel ∂L/∂x, then ∂L/∂kernel and the update; with part 0 the bias's.

    Arguments: x (B, D), kernel (D, U), slopes (B, U), slopes turned (U, B); ∂L/∂x times the slope
    of what made x (B, D) or 0, the same turned (D, B) or 0; the rows of the updates of kernel and
    bias or 0; B, D, U, rows of a part, activation that made x.
    """
    given = arguments_of(operation)
    x_at, kernel_at, slopes_at, turned_at = given[FIRST : FIRST + 4]
    to_x_at, to_x_turned_at, kernel_update, bias_update = given[FIRST + 4 : FIRST + 8]
    batch, depth, units, rows, activation = given[FIRST + 8 : FIRST + 13]
    start = part * rows
    rows = min(rows, depth - start)
    x = array_at(x_at, batch * depth, like)
    slopes = array_at(slopes_at, batch * units, like)
    space = array_at(scratch, max(rows * max(units, batch), units), like)
    if to_x_at:
        kernel = array_at(kernel_at, depth * units, like)
        turned = array_at(turned_at, units * batch, like)
        sweep(
            rows,
            kernel,
            (start * units, units, 0, 0, 1),
            turned,
            (0, 0, 0, batch),
            (1, 1, units),
            space,
            (0, 0, 0),
            space,
            (0, batch),
            batch,
        )
        to_x = array_at(to_x_at, batch * depth, like)
        transpose(space, (0, batch), rows, batch, to_x, (start, depth))
        if activation != LINEAR:
            for b in range(batch):
                at = b * depth + start
                multiply_by_slope(x[at : at + rows], to_x[at : at + rows], activation)
        if to_x_turned_at:
            to_x_turned = array_at(to_x_turned_at, depth * batch, like)
            transpose(to_x, (start, depth), batch, rows, to_x_turned, (start * batch, batch))
    if kernel_update:
        sweep(
            rows,
            x,
            (start, 1, 0, 0, depth),
            slopes,
            (0, 0, 0, units),
            (1, 1, batch),
            space,
            (0, 0, 0),
            space,
            (0, units),
            units,
        )
        update(kernel_update, start * units, rows * units, space, step, like)
    if bias_update and part == 0:
        space[:units] = 0
        add_up(slopes, 0, units, batch, space, 0, units)
        update(bias_update, 0, units, space, step, like)
    return 0
