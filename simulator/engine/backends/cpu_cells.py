"""The cells of recurrent layers on the CPU, step by step; called by `cpu_recurrent`.

The products run in tiles, all gates at once; then one sweep over the batch does the rest of a step.
`weights` is the right factor of each step's product, and `initial` what its sums start from (empty
where that is nothing). Activations come as numbers. What stands last is written.
"""

from __future__ import annotations

import numpy as np

from simulator.engine.backends.cpu_activate import activate, slope_at
from simulator.engine.backends.cpu_compile import Array, inlined, kernel
from simulator.engine.backends.cpu_dense import multiply


@inlined
def copy(source: Array, target: Array) -> None:
    """target = source, for flat arrays."""
    for n in range(target.size):
        target[n] = source[n]


@inlined
def total(a: Array, b: Array, y: Array) -> None:
    """y = a + b, for flat arrays."""
    for n in range(y.size):
        y[n] = a[n] + b[n]


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
    batch, steps, _ = projected.shape
    state, product = hidden.copy(), np.empty_like(hidden)
    for t in range(steps):
        multiply(state, weights, initial, product)
        for b in range(batch):
            total(projected[b, t], product[b], before[b, t])
            copy(before[b, t], state[b])
            activate(state[b], activation)
            copy(state[b], h[b, t])


@kernel
def simple_rnn_gradient(
    output_gradient: Array,
    h: Array,
    weights: Array,
    initial: Array,
    activation: int,
    slopes: Array,
    carried: Array,
) -> None:
    """Slopes (B, T, U); `carried` (B, U) comes in as 0 and goes out as the first state's slope."""
    batch, steps, units = h.shape
    step = np.empty_like(carried)
    for t in range(steps - 1, -1, -1):
        for b in range(batch):
            for u in range(units):
                to_h = output_gradient[b, t, u] + carried[b, u]
                step[b, u] = to_h * slope_at(h[b, t, u], activation)
            copy(step[b], slopes[b, t])
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
    state, memory = hidden.copy(), cell.copy()
    product = np.empty((batch, 4 * units), projected.dtype)
    for t in range(steps):
        multiply(state, weights, initial, product)
        for b in range(batch):
            line = before[b, t]
            total(projected[b, t], product[b], line)
            copy(line, i[b, t])
            copy(line[units:], f[b, t])
            copy(line[2 * units :], g[b, t])
            copy(line[3 * units :], o[b, t])
            activate(i[b, t], recurrent_activation)
            activate(f[b, t], recurrent_activation)
            activate(g[b, t], activation)
            activate(o[b, t], recurrent_activation)
            for u in range(units):
                memory[b, u] = f[b, t, u] * memory[b, u] + i[b, t, u] * g[b, t, u]
            copy(memory[b], c[b, t])
            copy(memory[b], activated[b, t])
            activate(activated[b, t], activation)
            for u in range(units):
                state[b, u] = o[b, t, u] * activated[b, t, u]
            copy(state[b], h[b, t])


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
    step = np.empty((batch, 4 * units), i.dtype)
    for t in range(steps - 1, -1, -1):
        for b in range(batch):
            for u in range(units):
                to_h = output_gradient[b, t, u] + carried[b, u]
                shown = activated[b, t, u]
                to_c = to_cell[b, u] + to_h * o[b, t, u] * slope_at(shown, activation)
                previous = c[b, t - 1, u] if t else cell[b, u]
                own = step[b]
                own[u] = to_c * g[b, t, u] * slope_at(i[b, t, u], recurrent_activation)
                own[units + u] = to_c * previous * slope_at(f[b, t, u], recurrent_activation)
                own[2 * units + u] = to_c * i[b, t, u] * slope_at(g[b, t, u], activation)
                own[3 * units + u] = to_h * shown * slope_at(o[b, t, u], recurrent_activation)
                to_cell[b, u] = to_c * f[b, t, u]
            copy(step[b], slopes[b, t])
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
            line, own = before[b, t], product[b]
            total(projected[b, t], own, line)
            copy(line, z[b, t])
            copy(line[units:], r[b, t])
            copy(own[2 * units :], m[b, t])
            activate(z[b, t], recurrent_activation)
            activate(r[b, t], recurrent_activation)
            for u in range(units):
                k = 2 * units + u
                line[k] = projected[b, t, k] + r[b, t, u] * m[b, t, u]
            copy(line[2 * units :], g[b, t])
            activate(g[b, t], activation)
            for u in range(units):
                state[b, u] = z[b, t, u] * state[b, u] + (one - z[b, t, u]) * g[b, t, u]
            copy(state[b], h[b, t])


@kernel
def gru_gradient(
    output_gradient: Array,
    hidden: Array,
    z: Array,
    r: Array,
    g: Array,
    m: Array,
    h: Array,
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
                to_g = to_h * (one - z[b, t, u]) * slope_at(g[b, t, u], activation)
                to_z = to_h * (previous - g[b, t, u])
                step[b, u] = to_z * slope_at(z[b, t, u], recurrent_activation)
                to_r = to_g * m[b, t, u]
                step[b, units + u] = to_r * slope_at(r[b, t, u], recurrent_activation)
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
