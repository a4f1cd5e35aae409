"""The simple recurrent layer as the machine runs it; the formulas are in `base_recurrent`.

GATES are nothing there, and the way back writes the slopes, (T, B, U).
"""
# ruff: noqa: ARG001 - All handlers take the same.

from __future__ import annotations

from typing import Any

from simulator.engine.backends.cpu_activate import activate, slope_at
from simulator.engine.backends.cpu_intrinsics import array_at
from simulator.engine.backends.cpu_machine import arguments_of, handler
from simulator.engine.backends.cpu_recurrent_steps import (
    ACTIVATION,
    GATES,
    RECURRENT,
    RECURRENT_TURNED,
    TO_X,
    H,
    add_given,
    add_product,
    carry,
    give,
    give_back,
    project,
    sizes_of,
    take,
    turn,
    undo_activation,
)


@handler
def forward(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """All steps of some samples; the arguments are a cell's."""
    row = arguments_of(operation)
    B, T, _, U, first, rows = sizes_of(row, part)
    kernel, h = array_at(row[RECURRENT], U * U, like), array_at(row[H], (T + 1) * B * U, like)
    turn(row, part, 1, like)
    project(row, part, 0, 1, h, B * U, B * U)
    for t in range(T):
        at = (t * B + first) * U
        if t:
            add_product(h, at, kernel, 0, U, rows, U, h, at + B * U)
        activate(h[at + B * U : at + B * U + rows * U], row[ACTIVATION])
    give(row, part, like)
    return 0


@handler
def backward(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """All steps of some samples back to the slopes, and to x if that is wanted."""
    row = arguments_of(operation)
    B, T, _, U, first, rows = sizes_of(row, part)
    turned = array_at(row[RECURRENT_TURNED], U * U, like)
    slopes, h = array_at(row[GATES], T * B * U, like), array_at(row[H], (T + 1) * B * U, like)
    activation, size = row[ACTIVATION], rows * U
    space = array_at(scratch, 2 * size, like)
    to_h, given = space[:size], space[size:]
    take(row, part, T - 1, to_h)
    for t in range(T - 1, -1, -1):
        at = (t * B + first) * U
        after, own = h[at + B * U : at + B * U + size], slopes[at : at + size]
        for n in range(size):
            own[n] = to_h[n] * slope_at(after[n], activation)
        if t:
            carry(slopes, at, 1, 0, turned, 0, rows, U, to_h, (0, 0, 0), to_h)
            add_given(row, part, t - 1, given, to_h)
    if row[TO_X]:
        give_back(row, part, slopes, 0, 1, 0, B * U, 0, False)
        undo_activation(row, part, like)
    return 0
