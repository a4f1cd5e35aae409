"""LSTM as the machine runs it; the formulas are in `base_recurrent`.

GATES are i, f, g and o, (T, 4, B, U). C is (T + 1, B, U), and ACTIVATED is φ(c), (T, B, U).
"""
# ruff: noqa: ARG001 - All handlers take the same.

from __future__ import annotations

from typing import Any

from simulator.engine.backends.cpu_activate import activate, slope_at
from simulator.engine.backends.cpu_intrinsics import array_at
from simulator.engine.backends.cpu_machine import arguments_of, handler
from simulator.engine.backends.cpu_recurrent_steps import (
    ACTIVATED,
    ACTIVATION,
    GATES,
    RECURRENT,
    RECURRENT_ACTIVATION,
    RECURRENT_TURNED,
    TO_X,
    C,
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
    activation, recurrent_activation = row[ACTIVATION], row[RECURRENT_ACTIVATION]
    kernel = array_at(row[RECURRENT], 4 * U * U, like)
    gates = array_at(row[GATES], T * 4 * B * U, like)
    c, h = array_at(row[C], (T + 1) * B * U, like), array_at(row[H], (T + 1) * B * U, like)
    activated = array_at(row[ACTIVATED], T * B * U, like)
    size, gate = rows * U, B * U
    turn(row, part, 4, like)
    for number in range(4):
        project(row, part, number, 4, gates, number * gate, 4 * gate)
    for t in range(T):
        at, start = (t * B + first) * U, (t * 4 * B + first) * U
        i = gates[start : start + size]
        f = gates[start + gate : start + gate + size]
        g = gates[start + 2 * gate : start + 2 * gate + size]
        o = gates[start + 3 * gate : start + 3 * gate + size]
        if t:
            for number in range(4):
                add_product(h, at, kernel, number * U, 4 * U, rows, U, gates, start + number * gate)
        activate(i, recurrent_activation)
        activate(f, recurrent_activation)
        activate(g, activation)
        activate(o, recurrent_activation)
        before, after = c[at : at + size], c[at + gate : at + gate + size]
        shown, hidden = activated[at : at + size], h[at + gate : at + gate + size]
        for n in range(size):
            after[n] = f[n] * before[n] + i[n] * g[n]
            shown[n] = after[n]
        activate(shown, activation)
        for n in range(size):
            hidden[n] = o[n] * shown[n]
    give(row, part, like)
    return 0


@handler
def backward(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """All steps of some samples back to the gates' slopes, and to x if that is wanted."""
    row = arguments_of(operation)
    B, T, _, U, first, rows = sizes_of(row, part)
    activation, recurrent_activation = row[ACTIVATION], row[RECURRENT_ACTIVATION]
    turned = array_at(row[RECURRENT_TURNED], 4 * U * U, like)
    gates = array_at(row[GATES], T * 4 * B * U, like)
    c, activated = (
        array_at(row[C], (T + 1) * B * U, like),
        array_at(row[ACTIVATED], T * B * U, like),
    )
    size, gate = rows * U, B * U
    space = array_at(scratch, 3 * size, like)
    to_h, to_c, given = space[:size], space[size : 2 * size], space[2 * size :]
    for n in range(size):
        to_c[n] = 0
    take(row, part, T - 1, to_h)
    for t in range(T - 1, -1, -1):
        at, start = (t * B + first) * U, (t * 4 * B + first) * U
        i = gates[start : start + size]
        f = gates[start + gate : start + gate + size]
        g = gates[start + 2 * gate : start + 2 * gate + size]
        o = gates[start + 3 * gate : start + 3 * gate + size]
        before, shown = c[at : at + size], activated[at : at + size]
        for n in range(size):
            to_cell = to_c[n] + to_h[n] * o[n] * slope_at(shown[n], activation)
            to_c[n] = to_cell * f[n]
            to_i = to_cell * g[n] * slope_at(i[n], recurrent_activation)
            to_f = to_cell * before[n] * slope_at(f[n], recurrent_activation)
            to_g = to_cell * i[n] * slope_at(g[n], activation)
            o[n] = to_h[n] * shown[n] * slope_at(o[n], recurrent_activation)
            i[n], f[n], g[n] = to_i, to_f, to_g
        if t:
            carry(gates, start, 4, gate, turned, 0, rows, U, to_h, (0, 0, 0), to_h)
            add_given(row, part, t - 1, given, to_h)
    if row[TO_X]:
        give_back(row, part, gates, 0, 4, gate, 4 * gate, 0, False)
        undo_activation(row, part, like)
    return 0
