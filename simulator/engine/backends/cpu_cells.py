"""The cells of recurrent layers on the CPU, step by step; called by `cpu_recurrent`.

The products run in tiles, all gates at once; then one sweep over the batch does the rest of a step.
`weights` is the right factor of each step's product, and `initial` what its sums start from (empty
where that is nothing). Activations come as numbers. What stands last is written.
"""

from __future__ import annotations

import math

import numpy as np

from simulator.engine.backends.cpu_compile import Array, inlined, kernel
from simulator.engine.backends.cpu_dense import multiply

LINEAR, RELU, SIGMOID, TANH = range(4)
"""The numbers of the activations."""


@inlined
def value(number: int, x: float, one: float) -> float:
    """φ(x) for the activation with that number; `one` is a 1 of x's type."""
    if number == RELU:
        return x if not x <= 0 else one - one
    if number == SIGMOID:
        small = math.exp(-abs(x))
        return (small if x < 0 else one) / (one + small)
    if number == TANH:
        return math.tanh(x)
    return x


@inlined
def slope(number: int, x: float, y: float, to_y: float, one: float) -> float:
    """∂L/∂x from ∂L/∂y."""
    if number == RELU:
        return to_y if x > 0 else to_y * (one - one)
    if number == SIGMOID:
        return to_y * (y * (one - y))
    if number == TANH:
        return to_y * (one - y * y)
    return to_y


@kernel
def simple_rnn(
    projected: Array,
    hidden: Array,
    weights: Array,
    initial: Array,
    activation: int,
    before: Array,
    h: Array,
) -> None:
    """h = φ(projected + h₋ · weights); (B, T, U), hidden (B, U)."""
    batch, steps, units = projected.shape
    one = projected.dtype.type(1)
    state, product = hidden.copy(), np.empty_like(hidden)
    for t in range(steps):
        multiply(state, weights, initial, product)
        for b in range(batch):
            for u in range(units):
                before[b, t, u] = projected[b, t, u] + product[b, u]
                state[b, u] = value(activation, before[b, t, u], one)
                h[b, t, u] = state[b, u]


@kernel
def simple_rnn_gradient(
    output_gradient: Array,
    before: Array,
    h: Array,
    weights: Array,
    initial: Array,
    activation: int,
    slopes: Array,
    carried: Array,
) -> None:
    """Slopes (B, T, U); `carried` (B, U) comes in as 0 and goes out as the first state's slope."""
    batch, steps, units = h.shape
    one = h.dtype.type(1)
    step = np.empty_like(carried)
    for t in range(steps - 1, -1, -1):
        for b in range(batch):
            for u in range(units):
                to_h = output_gradient[b, t, u] + carried[b, u]
                step[b, u] = slope(activation, before[b, t, u], h[b, t, u], to_h, one)
                slopes[b, t, u] = step[b, u]
        multiply(step, weights, initial, carried)


@kernel
def lstm(
    projected: Array,
    hidden: Array,
    cell: Array,
    weights: Array,
    initial: Array,
    activation: int,
    recurrent_activation: int,
    i: Array,
    f: Array,
    g: Array,
    o: Array,
    c: Array,
    activated: Array,
    h: Array,
    before: Array,
) -> None:
    """All gates of all steps; projected (B, T, 4U), states (B, U), the others (B, T, U)."""
    batch, steps, units = h.shape
    one = projected.dtype.type(1)
    state, memory = hidden.copy(), cell.copy()
    product = np.empty((batch, 4 * units), projected.dtype)
    for t in range(steps):
        multiply(state, weights, initial, product)
        for b in range(batch):
            for k in range(4 * units):
                before[b, t, k] = projected[b, t, k] + product[b, k]
            for u in range(units):
                i[b, t, u] = value(recurrent_activation, before[b, t, u], one)
                f[b, t, u] = value(recurrent_activation, before[b, t, units + u], one)
                g[b, t, u] = value(activation, before[b, t, 2 * units + u], one)
                o[b, t, u] = value(recurrent_activation, before[b, t, 3 * units + u], one)
                memory[b, u] = f[b, t, u] * memory[b, u] + i[b, t, u] * g[b, t, u]
                c[b, t, u] = memory[b, u]
                activated[b, t, u] = value(activation, memory[b, u], one)
                state[b, u] = o[b, t, u] * activated[b, t, u]
                h[b, t, u] = state[b, u]


@kernel
def lstm_gradient(
    output_gradient: Array,
    cell: Array,
    i: Array,
    f: Array,
    g: Array,
    o: Array,
    c: Array,
    activated: Array,
    before: Array,
    weights: Array,
    initial: Array,
    activation: int,
    recurrent_activation: int,
    slopes: Array,
    carried: Array,
    to_cell: Array,
) -> None:
    """Slopes (B, T, 4U); `carried` (B, U) starts as 0, `to_cell` as the end state's slope."""
    batch, steps, units = i.shape
    one = i.dtype.type(1)
    step = np.empty((batch, 4 * units), i.dtype)
    for t in range(steps - 1, -1, -1):
        for b in range(batch):
            for u in range(units):
                to_h = output_gradient[b, t, u] + carried[b, u]
                to_c = to_cell[b, u] + slope(
                    activation, c[b, t, u], activated[b, t, u], to_h * o[b, t, u], one
                )
                previous = c[b, t - 1, u] if t else cell[b, u]
                step[b, u] = slope(
                    recurrent_activation, before[b, t, u], i[b, t, u], to_c * g[b, t, u], one
                )
                step[b, units + u] = slope(
                    recurrent_activation, before[b, t, units + u], f[b, t, u], to_c * previous, one
                )
                step[b, 2 * units + u] = slope(
                    activation, before[b, t, 2 * units + u], g[b, t, u], to_c * i[b, t, u], one
                )
                step[b, 3 * units + u] = slope(
                    recurrent_activation,
                    before[b, t, 3 * units + u],
                    o[b, t, u],
                    to_h * activated[b, t, u],
                    one,
                )
                to_cell[b, u] = to_c * f[b, t, u]
            for k in range(4 * units):
                slopes[b, t, k] = step[b, k]
        multiply(step, weights, initial, carried)


@kernel
def gru(
    projected: Array,
    hidden: Array,
    weights: Array,
    initial: Array,
    activation: int,
    recurrent_activation: int,
    z: Array,
    r: Array,
    g: Array,
    m: Array,
    h: Array,
    before: Array,
) -> None:
    """Reset after the product, which starts from the recurrent bias; projected (B, T, 3U)."""
    batch, steps, units = h.shape
    one = projected.dtype.type(1)
    state = hidden.copy()
    product = np.empty((batch, 3 * units), projected.dtype)
    for t in range(steps):
        multiply(state, weights, initial, product)
        for b in range(batch):
            for k in range(2 * units):
                before[b, t, k] = projected[b, t, k] + product[b, k]
            for u in range(units):
                z[b, t, u] = value(recurrent_activation, before[b, t, u], one)
                r[b, t, u] = value(recurrent_activation, before[b, t, units + u], one)
                m[b, t, u] = product[b, 2 * units + u]
                k = 2 * units + u
                before[b, t, k] = projected[b, t, k] + r[b, t, u] * m[b, t, u]
                g[b, t, u] = value(activation, before[b, t, k], one)
                state[b, u] = z[b, t, u] * state[b, u] + (one - z[b, t, u]) * g[b, t, u]
                h[b, t, u] = state[b, u]


@kernel
def gru_gradient(
    output_gradient: Array,
    hidden: Array,
    z: Array,
    r: Array,
    g: Array,
    m: Array,
    h: Array,
    before: Array,
    weights: Array,
    initial: Array,
    activation: int,
    recurrent_activation: int,
    slopes: Array,
    inner: Array,
    carried: Array,
) -> None:
    """Slopes and inner slopes (B, T, 3U); `carried` (B, U) comes in as 0."""
    batch, steps, units = h.shape
    one = h.dtype.type(1)
    step = np.empty((batch, 3 * units), h.dtype)
    product, direct = np.empty_like(carried), np.empty_like(carried)
    for t in range(steps - 1, -1, -1):
        for b in range(batch):
            for u in range(units):
                last = 2 * units + u
                previous = h[b, t - 1, u] if t else hidden[b, u]
                to_h = output_gradient[b, t, u] + carried[b, u]
                to_g = slope(
                    activation, before[b, t, last], g[b, t, u], to_h * (one - z[b, t, u]), one
                )
                step[b, u] = slope(
                    recurrent_activation,
                    before[b, t, u],
                    z[b, t, u],
                    to_h * (previous - g[b, t, u]),
                    one,
                )
                step[b, units + u] = slope(
                    recurrent_activation,
                    before[b, t, units + u],
                    r[b, t, u],
                    to_g * m[b, t, u],
                    one,
                )
                step[b, last] = to_g * r[b, t, u]
                slopes[b, t, last] = to_g
                direct[b, u] = to_h * z[b, t, u]
            for k in range(3 * units):
                inner[b, t, k] = step[b, k]
                if k < 2 * units:
                    slopes[b, t, k] = step[b, k]
        multiply(step, weights, initial, product)
        for b in range(batch):
            for u in range(units):
                carried[b, u] = direct[b, u] + product[b, u]
