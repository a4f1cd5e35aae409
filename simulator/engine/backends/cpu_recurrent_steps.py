"""What the machine's recurrent layers are made of; the cells stand in `cpu_recurrent_steps_*`.

B batch, T time, D inputs, U units, G gates. All that a cell keeps is laid out by time and then by
gate, (T, G, B, U): a gate's numbers for some samples at one step lie together, and a step is one
loop over them. States have one more step at their head, the zeros that they start from: h is
(T + 1, B, U). What a cell keeps of its gates gives way, on the way back, to their slopes, ∂L/∂(what
went into the gate).

There and back a part is some of the samples, and in a weight's gradient some of its rows. Every sum
belongs to one part and runs over its products in their order, so parts do not show in the result.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.engine.backends.cpu_activate import multiply_by_slope
from simulator.engine.backends.cpu_compile import Array, inlined
from simulator.engine.backends.cpu_intrinsics import array_at
from simulator.engine.backends.cpu_machine import FIRST, arguments_of, handler
from simulator.engine.backends.cpu_tiles import sweep
from simulator.engine.backends.cpu_transpose import transpose
from simulator.engine.backends.cpu_update_steps import update

(
    X, KERNEL, RECURRENT, BIAS, KERNEL_TURNED, RECURRENT_TURNED, GATES, C, ACTIVATED, H, Y, TO_Y,
    TO_X, BATCH, STEPS, INPUTS, UNITS, ROWS, ACTIVATION, RECURRENT_ACTIVATION, SEQUENCES, BACKWARDS,
    X_ACTIVATION,
) = range(FIRST, FIRST + 23)  # fmt: skip
"""Places in a cell's row, the same there and back. Arrays that a cell or a network lacks are 0:
x (B, T, D); kernel (D, G·U), recurrent kernel (U, G·U) and both turned round; bias; what the cell
keeps; y, (B, T, U) with SEQUENCES, and else the last h; ∂L/∂y; ∂L/∂x times the slope of what made
x. ROWS are the samples of a part."""

BLOCK = 32
UPDATE, START, COUNT, OF_PART, TIME, COLUMNS, LINES = range(7)
"""Places in a block of weights, rows with a sum for each gate: the row of their update, the first
weight in it; how many rows, and how many in a part; steps, gates, and then a line for each gate."""
LINE = 6
SOURCE, SOURCE_START, SOURCE_BATCH, SOURCE_TIME, SLOPES, SLOPES_TIME = range(LINE)
"""Places in a gate's line: an array of inputs, or 0 for a bias, where it begins, and what leads to
the next sample and to the next step; the slopes, and what leads to their next step."""


@handler
def gradient(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """Some rows of a layer's weights: their gradient, and the update.

    Arguments: blocks of weights, how many there are; B, U.
    """
    blocks_at, count, B, U = arguments_of(operation)[FIRST : FIRST + 4]
    blocks = array_at(blocks_at, count * BLOCK, np.int64(0))
    at, parts = 0, (blocks[COUNT] + blocks[OF_PART] - 1) // blocks[OF_PART]
    while part >= parts:
        part -= parts
        at += BLOCK
        parts = (blocks[at + COUNT] + blocks[at + OF_PART] - 1) // blocks[at + OF_PART]
    block = blocks[at : at + BLOCK]
    first = part * block[OF_PART]
    rows = min(block[OF_PART], block[COUNT] - first)
    T, gates = block[TIME], block[COLUMNS]
    width = gates * U
    found = array_at(scratch, rows * width, like)
    one = array_at(scratch + found.nbytes, 1, like)
    one[0] = 1
    for gate in range(gates):
        line = block[LINES + gate * LINE : LINES + (gate + 1) * LINE]
        slopes = array_at(line[SLOPES], (T - 1) * line[SLOPES_TIME] + B * U, like)
        inputs, walk = one, (0, 0, 0, 0, 0)
        if line[SOURCE]:
            inputs = array_at(line[SOURCE], 1, like)
            walk = (line[SOURCE_START] + first, 1, 0, line[SOURCE_TIME], line[SOURCE_BATCH])
        sweep(
            rows, inputs, walk, slopes, (0, 0, line[SLOPES_TIME], U), (1, T, B),
            found, (0, 0, 0), found, (gate * U, width), U,
        )  # fmt: skip
    update(block[UPDATE], block[START] + first * width, rows * width, found, step, like)
    return 0


@inlined
def sizes_of(row: Array, part: int) -> tuple[int, int, int, int, int, int]:
    """B, T, D, U; the first of a part's samples, and how many there are."""
    B, first = row[BATCH], part * row[ROWS]
    return B, row[STEPS], row[INPUTS], row[UNITS], first, min(row[ROWS], B - first)


@inlined
def project(row: Array, part: int, gate: int, gates: int, y: Array, start: int, step: int) -> None:
    """What the inputs give to one gate: y[t, b] = bias + x[b, t] · kernel, each step after the
    last; the gate's number is that among the kernel's columns.
    """
    B, T, D, U, first, rows = sizes_of(row, part)
    like = y[0]
    x, kernel = array_at(row[X], B * T * D, like), array_at(row[KERNEL], D * gates * U, like)
    bias = array_at(row[BIAS], gates * U, like)
    for t in range(T):
        seen = T - 1 - t if row[BACKWARDS] else t
        if D == 1 and row[BIAS]:  # a tile of one product takes longer to begin than to compute
            own, initial = kernel[gate * U : (gate + 1) * U], bias[gate * U : (gate + 1) * U]
            for b in range(first, first + rows):
                number, line = x[b * T + seen], y[start + t * step + b * U :]
                for u in range(U):
                    line[u] = initial[u] + number * own[u]
            continue
        sweep(
            rows, x, ((first * T + seen) * D, T * D, 0, 0, 1),
            kernel, (gate * U, 0, 0, gates * U), (1, 1, D),
            bias, (gate * U, 0, row[BIAS]), y, (start + t * step + first * U, U), U,
        )  # fmt: skip


@inlined
def add_product(
    h: Array, h_start: int, kernel: Array, column: int, columns: int, rows: int, U: int, y: Array,
    y_start: int,
) -> None:  # fmt: skip
    """What a state gives to one gate: y += h · kernel, of which the gate has U of the columns."""
    sweep(
        rows, h, (h_start, U, 0, 0, 1), kernel, (column, 0, 0, columns), (1, 1, U),
        y, (y_start, U, 1), y, (y_start, U), U,
    )  # fmt: skip


@inlined
def carry(
    slopes: Array, start: int, gates: int, step: int, turned: Array, turned_start: int, rows: int,
    U: int, initial: Array, initial_walk: tuple[int, int, int], y: Array,
) -> None:  # fmt: skip
    """From the slopes of some gates back to the state: y = initial + Σ slopes · turned kernel."""
    sweep(
        rows, slopes, (start, U, 0, step, 1), turned, (turned_start, 0, U * U, U), (1, gates, U),
        initial, initial_walk, y, (0, U), U,
    )  # fmt: skip


@inlined
def turn(row: Array, part: int, gates: int, like: Any) -> None:
    """A part's share of the kernels turned round, for the way back."""
    D, U = row[INPUTS], row[UNITS]
    parts = (row[BATCH] + row[ROWS] - 1) // row[ROWS]
    share = (U + parts - 1) // parts
    begin, width = part * share, gates * U
    count = min(share, U - begin)
    if count > 0:
        kernel = array_at(row[RECURRENT], U * width, like)
        turned = array_at(row[RECURRENT_TURNED], U * width, like)
        transpose(kernel, (begin * width, width), count, width, turned, (begin, U))
    if row[KERNEL_TURNED] and part == 0:
        kernel = array_at(row[KERNEL], D * width, like)
        turned = array_at(row[KERNEL_TURNED], D * width, like)
        transpose(kernel, (0, width), D, width, turned, (0, D))


@inlined
def give(row: Array, part: int, like: Any) -> None:
    """Copy every h of a part's samples to where the next layer wants them."""
    B, T, _, U, first, rows = sizes_of(row, part)
    if row[SEQUENCES]:
        h, y = array_at(row[H], (T + 1) * B * U, like), array_at(row[Y], B * T * U, like)
        for b in range(first, first + rows):
            for t in range(T):
                source = h[((t + 1) * B + b) * U : ((t + 1) * B + b + 1) * U]
                target = y[(b * T + t) * U : (b * T + t + 1) * U]
                for u in range(U):
                    target[u] = source[u]


@inlined
def take(row: Array, part: int, t: int, y: Array) -> None:
    """The slopes of h at one step as the layers above give them, for a part's samples."""
    B, T, _, U, first, rows = sizes_of(row, part)
    steps = T if row[SEQUENCES] else 1
    to_y = array_at(row[TO_Y], B * steps * U, y[0])
    seen = t if row[SEQUENCES] else 0
    for b in range(rows):
        start = ((first + b) * steps + seen) * U
        source, target = to_y[start : start + U], y[b * U : (b + 1) * U]
        for u in range(U):
            target[u] = source[u]


@inlined
def add_given(row: Array, part: int, t: int, space: Array, y: Array) -> None:
    """Add what the layers above give at one step, if they see every step."""
    if row[SEQUENCES]:
        take(row, part, t, space)
        for n in range(y.size):
            y[n] += space[n]


@inlined
def give_back(
    row: Array, part: int, slopes: Array, start: int, gates: int, step: int, time: int,
    kernel_start: int, again: bool,
) -> None:  # fmt: skip
    """∂L/∂x for a part's samples, from some gates that lie a step apart; `again` adds to it."""
    B, T, D, U, first, rows = sizes_of(row, part)
    like = slopes[0]
    turned = array_at(row[KERNEL_TURNED], 4 * U * D, like)
    to_x = array_at(row[TO_X], B * T * D, like)
    for t in range(T):
        seen = T - 1 - t if row[BACKWARDS] else t
        at = (first * T + seen) * D
        sweep(
            rows, slopes, (start + t * time + first * U, U, 0, step, 1),
            turned, (kernel_start, 0, U * D, D), (1, gates, U),
            to_x, (at, T * D, 1 if again else 0), to_x, (at, T * D), D,
        )  # fmt: skip


@inlined
def undo_activation(row: Array, part: int, like: Any) -> None:
    """Multiply ∂L/∂x by the slope of what made x."""
    B, T, D, _, first, rows = sizes_of(row, part)
    at, end = first * T * D, (first + rows) * T * D
    x, to_x = array_at(row[X], B * T * D, like), array_at(row[TO_X], B * T * D, like)
    multiply_by_slope(x[at:end], to_x[at:end], row[X_ACTIVATION])
