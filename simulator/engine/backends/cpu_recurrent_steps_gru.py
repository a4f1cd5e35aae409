"""GRU as the machine runs it; the formulas are in `base_recurrent`.

GATES are z, r, m and g, (T, 4, B, U). With the reset after the product m is h · R_g + b_g, which r
multiplies, and after the way back its slopes: z, r and m are what the recurrent kernel made, and z,
r and g what the kernel made. With the reset before the product m is r ∗ h, and stays so.
"""
# ruff: noqa: ARG001 - All handlers take the same.

from __future__ import annotations

from typing import Any

from simulator.engine.backends.cpu_activate import activate, slope_at
from simulator.engine.backends.cpu_compile import Array, inlined
from simulator.engine.backends.cpu_intrinsics import array_at, size_of
from simulator.engine.backends.cpu_machine import arguments_of, handler
from simulator.engine.backends.cpu_recurrent_steps import (
    ACTIVATION,
    BIAS,
    GATES,
    INPUTS,
    RECURRENT,
    RECURRENT_ACTIVATION,
    RECURRENT_TURNED,
    TO_X,
    UNITS,
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
def reset_after_forward(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """All steps of some samples, the reset after the product; the arguments are a cell's."""
    row = arguments_of(operation)
    B, T, _, U, first, rows = sizes_of(row, part)
    activation, recurrent_activation = row[ACTIVATION], row[RECURRENT_ACTIVATION]
    kernel = array_at(row[RECURRENT], 3 * U * U, like)
    gates, h = array_at(row[GATES], T * 4 * B * U, like), array_at(row[H], (T + 1) * B * U, like)
    size, gate = rows * U, B * U
    turn(row, part, 3, like)
    _project(row, part, gates, gate)
    for t in range(T):
        at, start = (t * B + first) * U, (t * 4 * B + first) * U
        z = gates[start : start + size]
        r = gates[start + gate : start + gate + size]
        m = gates[start + 2 * gate : start + 2 * gate + size]
        g = gates[start + 3 * gate : start + 3 * gate + size]
        for n in range(size):
            m[n] = 0
        if row[BIAS]:
            bias = array_at(row[BIAS] + 3 * U * size_of(like), 3 * U, like)
            _add_bias(bias, 0, U, z)
            _add_bias(bias, U, U, r)
            _add_bias(bias, 2 * U, U, m)
        if t:
            for number in range(3):
                add_product(h, at, kernel, number * U, 3 * U, rows, U, gates, start + number * gate)
        activate(z, recurrent_activation)
        activate(r, recurrent_activation)
        for n in range(size):
            g[n] += r[n] * m[n]
        activate(g, activation)
        _mix(z, g, h[at : at + size], h[at + gate : at + gate + size])
    give(row, part, like)
    return 0


@handler
def reset_before_forward(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """All steps of some samples, the reset before the product; the arguments are a cell's."""
    row = arguments_of(operation)
    B, T, _, U, first, rows = sizes_of(row, part)
    activation, recurrent_activation = row[ACTIVATION], row[RECURRENT_ACTIVATION]
    kernel = array_at(row[RECURRENT], 3 * U * U, like)
    gates, h = array_at(row[GATES], T * 4 * B * U, like), array_at(row[H], (T + 1) * B * U, like)
    size, gate = rows * U, B * U
    turn(row, part, 3, like)
    _project(row, part, gates, gate)
    for t in range(T):
        at, start = (t * B + first) * U, (t * 4 * B + first) * U
        z = gates[start : start + size]
        r = gates[start + gate : start + gate + size]
        m = gates[start + 2 * gate : start + 2 * gate + size]
        g = gates[start + 3 * gate : start + 3 * gate + size]
        before = h[at : at + size]
        if t:
            for number in range(2):
                add_product(h, at, kernel, number * U, 3 * U, rows, U, gates, start + number * gate)
        activate(z, recurrent_activation)
        activate(r, recurrent_activation)
        for n in range(size):
            m[n] = r[n] * before[n]
        if t:
            add_product(
                gates, start + 2 * gate, kernel, 2 * U, 3 * U, rows, U, gates, start + 3 * gate
            )
        activate(g, activation)
        _mix(z, g, before, h[at + gate : at + gate + size])
    give(row, part, like)
    return 0


@handler
def reset_after_backward(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """All steps of some samples back to the gates' slopes, and to x if that is wanted."""
    row = arguments_of(operation)
    B, T, _, U, first, rows = sizes_of(row, part)
    activation, recurrent_activation = row[ACTIVATION], row[RECURRENT_ACTIVATION]
    turned = array_at(row[RECURRENT_TURNED], 3 * U * U, like)
    gates, h = array_at(row[GATES], T * 4 * B * U, like), array_at(row[H], (T + 1) * B * U, like)
    size, gate = rows * U, B * U
    space = array_at(scratch, 2 * size, like)
    to_h, given = space[:size], space[size:]
    take(row, part, T - 1, to_h)
    for t in range(T - 1, -1, -1):
        at, start = (t * B + first) * U, (t * 4 * B + first) * U
        z = gates[start : start + size]
        r = gates[start + gate : start + gate + size]
        m = gates[start + 2 * gate : start + 2 * gate + size]
        g = gates[start + 3 * gate : start + 3 * gate + size]
        _unmix(z, g, h[at : at + size], to_h, activation, recurrent_activation)
        for n in range(size):
            to_r = g[n] * m[n] * slope_at(r[n], recurrent_activation)
            m[n] = g[n] * r[n]
            r[n] = to_r
        if t:
            carry(gates, start, 3, gate, turned, 0, rows, U, to_h, (0, U, 1), to_h)
            add_given(row, part, t - 1, given, to_h)
    if row[TO_X]:
        _give_back(row, part, gates, gate)
    return 0


@handler
def reset_before_backward(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """All steps of some samples back to the gates' slopes, and to x if that is wanted."""
    row = arguments_of(operation)
    B, T, _, U, first, rows = sizes_of(row, part)
    activation, recurrent_activation = row[ACTIVATION], row[RECURRENT_ACTIVATION]
    turned = array_at(row[RECURRENT_TURNED], 3 * U * U, like)
    gates, h = array_at(row[GATES], T * 4 * B * U, like), array_at(row[H], (T + 1) * B * U, like)
    size, gate = rows * U, B * U
    space = array_at(scratch, 2 * size, like)
    to_h, given = space[:size], space[size:]
    take(row, part, T - 1, to_h)
    for t in range(T - 1, -1, -1):
        at, start = (t * B + first) * U, (t * 4 * B + first) * U
        z = gates[start : start + size]
        r = gates[start + gate : start + gate + size]
        g = gates[start + 3 * gate : start + 3 * gate + size]
        before = h[at : at + size]
        _unmix(z, g, before, to_h, activation, recurrent_activation)
        if t:
            to_m = given
            carry(
                gates, start + 3 * gate, 1, 0, turned, 2 * U * U, rows, U, to_m, (0, 0, 0), to_m
            )  # fmt: skip
            for n in range(size):
                to_h[n] += to_m[n] * r[n]
                r[n] = to_m[n] * before[n] * slope_at(r[n], recurrent_activation)
            carry(gates, start, 2, gate, turned, 0, rows, U, to_h, (0, U, 1), to_h)
            add_given(row, part, t - 1, given, to_h)
        else:
            for n in range(size):
                r[n] = 0
    if row[TO_X]:
        _give_back(row, part, gates, gate)
    return 0


@inlined
def _project(row: Array, part: int, gates: Array, gate: int) -> None:
    project(row, part, 0, 3, gates, 0, 4 * gate)
    project(row, part, 1, 3, gates, gate, 4 * gate)
    project(row, part, 2, 3, gates, 3 * gate, 4 * gate)


@inlined
def _give_back(row: Array, part: int, gates: Array, gate: int) -> None:
    units, inputs = row[UNITS], row[INPUTS]
    give_back(row, part, gates, 0, 2, gate, 4 * gate, 0, False)
    give_back(row, part, gates, 3 * gate, 1, 0, 4 * gate, 2 * units * inputs, True)
    undo_activation(row, part, gates[0])


@inlined
def _add_bias(bias: Array, start: int, units: int, y: Array) -> None:
    """Add one gate's bias for each sample."""
    own = bias[start : start + units]
    for at in range(0, y.size, units):
        line = y[at : at + units]
        for u in range(units):
            line[u] += own[u]


@inlined
def _mix(z: Array, g: Array, before: Array, after: Array) -> None:
    """h = z ∗ h + (1 − z) ∗ g."""
    one = z.dtype.type(1)
    for n in range(z.size):
        after[n] = z[n] * before[n] + (one - z[n]) * g[n]


@inlined
def _unmix(
    z: Array, g: Array, before: Array, to_h: Array, activation: int, recurrent_activation: int
) -> None:
    """The slopes of z and g in their places, and of the state before, as far as it goes through z
    itself, in place of that after.
    """
    one = z.dtype.type(1)
    for n in range(z.size):
        to_z = to_h[n] * (before[n] - g[n]) * slope_at(z[n], recurrent_activation)
        g[n] = to_h[n] * (one - z[n]) * slope_at(g[n], activation)
        to_h[n] *= z[n]
        z[n] = to_z
