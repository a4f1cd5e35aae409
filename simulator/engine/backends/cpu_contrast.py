"""Contrastive divergence on the CPU, many batches in one call; called by `cpu_boltzmann`.

The parameters lie in one array, the kernel (V, H), the hidden bias and the visible bias one after
the other: the hidden bias is the kernel's row for a unit that is always on. Chains' ends and data
are rows of one matrix with that unit in its last column; their hidden probabilities, times each
row's share in the step, are rows of another. The product of both is the step of all these weights.

Arrays are flat. `sizes` are V, H, the number of chains P, and k.
"""

from __future__ import annotations

import numpy as np

from simulator.engine.backends.cpu_compile import Array, inlined, kernel
from simulator.engine.backends.cpu_functions import sigmoid
from simulator.engine.backends.cpu_tiles import sweep
from simulator.engine.backends.cpu_transpose import transpose

Sizes = tuple[int, int, int, int]


@kernel
def descend(
    data: Array,
    order: Array,
    draws: Array,
    rates: Array,
    momentum: float,
    nesterov: bool,
    weight_decay: float,
    sizes: Sizes,
    parameters: Array,
    velocity: Array,
    particles: Array,
    start: Array,
    hidden_probabilities: Array,
    hidden: Array,
    visible_probabilities: Array,
    visible: Array,
    of_data: Array,
    of_end: Array,
    losses: Array,
) -> tuple[int, int]:
    """Train with a batch for each rate. Gives how many of them left all parameters finite, and the
    place of the first parameter that the next one broke, or −1.

    `velocity` is empty where there is no momentum, `particles` where chains start at the data.
    """
    V, H, chains, k = sizes
    persistent = particles.size > 0
    size = parameters.size
    weights, transposed = parameters[: V * H], np.empty(V * H, data.dtype)
    hidden_bias, visible_bias = parameters[V * H : (V + 1) * H], parameters[(V + 1) * H :]
    good, good_velocity = np.empty_like(parameters), np.empty_like(velocity)
    made = np.empty(chains * V, data.dtype)
    samples = np.ones(2 * chains * (V + 1), data.dtype)
    shares, scaled = np.empty(2 * chains, data.dtype), np.empty(2 * chains * H, data.dtype)
    errors = np.empty(V, data.dtype)
    drawn = 0
    for batch in range(rates.size):
        first = batch * chains
        rows = min(chains, order.size - first)
        walkers = chains if persistent else rows
        transpose(weights, (0, H), V, H, transposed, (0, V))

        known = samples[walkers * (V + 1) :]
        for row in range(rows):
            copy(data[order[first + row] * V :], V, known[row * (V + 1) :])
        probabilities(known, V + 1, rows, weights, hidden_bias, (V, H), of_data)
        if persistent:
            copy(particles, chains * V, start)
        else:
            for row in range(rows):
                copy(known[row * (V + 1) :], V, start[row * V :])

        before = start
        for step in range(k):
            p, h = hidden_probabilities[step * chains * H :], hidden[step * chains * H :]
            q, v = visible_probabilities[step * chains * V :], visible[step * chains * V :]
            if step or persistent:
                probabilities(before, V, walkers, weights, hidden_bias, (V, H), p)
            else:
                copy(of_data, rows * H, p)
            draw(p, draws[drawn : drawn + walkers * H], h)
            drawn += walkers * H
            probabilities(h, H, walkers, transposed, visible_bias, (H, V), q)
            draw(q, draws[drawn : drawn + walkers * V], v)
            drawn += walkers * V
            before = v
        probabilities(before, V, walkers, weights, hidden_bias, (V, H), of_end)
        for row in range(walkers):
            copy(before[row * V :], V, samples[row * (V + 1) :])
        if persistent:
            probabilities(of_data, H, rows, transposed, visible_bias, (H, V), made)
        else:
            copy(visible_probabilities, rows * V, made)
        losses[batch] = error(made, known, rows, V, errors)

        rate = rates[batch]
        for row in range(walkers + rows):
            end = row < walkers
            share = -rate / data.dtype.type(walkers) if end else rate / data.dtype.type(rows)
            source = of_end[row * H :] if end else of_data[(row - walkers) * H :]
            shares[row] = share
            scale(source, share, H, scaled[row * H :])
        copy(parameters, size, good)
        copy(velocity, velocity.size, good_velocity)
        if weight_decay:
            for i in range(size):
                parameters[i] -= parameters[i] * weight_decay * rate
        if velocity.size:
            scale(velocity, momentum, size, velocity)
            climb(velocity, samples, scaled, shares, walkers + rows, sizes)
        if nesterov or not velocity.size:
            climb(parameters, samples, scaled, shares, walkers + rows, sizes)
        if velocity.size:
            share = momentum if nesterov else data.dtype.type(1)
            for i in range(size):
                parameters[i] += share * velocity[i]
        if not finite(parameters):
            place = 0
            while finite(parameters[: place + 1]):
                place += 1
            copy(good, size, parameters)
            copy(good_velocity, velocity.size, velocity)
            return batch, place
        if persistent:
            copy(before, chains * V, particles)
    return rates.size, -1


@inlined
def probabilities(
    units: Array,
    step: int,
    rows: int,
    weights: Array,
    bias: Array,
    shape: tuple[int, int],
    y: Array,
) -> None:
    """y[n] = σ(bias + units[n] · weights), for rows of units that lie a step apart."""
    depth, columns = shape
    sweep(
        rows, units, (0, step, 0, 0, 1), weights, (0, 0, 0, columns), (1, 1, depth),
        bias, (0, 0, 1), y, (0, columns), columns,
    )  # fmt: skip
    for i in range(rows * columns):
        y[i] = sigmoid(y[i])


@inlined
def draw(p: Array, draws: Array, y: Array) -> None:
    """A unit is on where its draw is less than its probability."""
    one = p.dtype.type(1)
    for i in range(draws.size):
        y[i] = one if draws[i] < p[i] else one - one


@inlined
def error(made: Array, known: Array, rows: int, units: int, errors: Array) -> float:
    """The mean squared error; `known` has one more column. Summed for each unit, then over them."""
    errors[:] = 0
    for row in range(rows):
        values, targets = made[row * units :], known[row * (units + 1) :]
        for v in range(units):
            difference = values[v] - targets[v]
            errors[v] += difference * difference
    total = 0.0
    for v in range(units):
        total += errors[v]
    return total / (rows * units)


@inlined
def climb(
    target: Array, samples: Array, scaled: Array, shares: Array, rows: int, sizes: Sizes
) -> None:
    """Add the step of all parameters."""
    V, H = sizes[:2]
    sweep(
        V + 1, samples, (0, 1, 0, 0, V + 1), scaled, (0, 0, 0, H), (1, 1, rows),
        target, (0, H, 1), target, (0, H), H,
    )  # fmt: skip
    bias = (V + 1) * H
    sweep(
        1, shares, (0, 0, 0, 0, 1), samples, (0, 0, 0, V + 1), (1, 1, rows),
        target, (bias, 0, 1), target, (bias, 0), V,
    )  # fmt: skip


@inlined
def finite(x: Array) -> bool:
    """Whether no number is infinite or NaN."""
    infinity = x.dtype.type(np.inf)
    found = True
    for i in range(x.size):
        found &= abs(x[i]) < infinity
    return found


@inlined
def scale(source: Array, factor: float, count: int, target: Array) -> None:
    """target = factor · source, of so many numbers."""
    for i in range(count):
        target[i] = factor * source[i]


@inlined
def copy(source: Array, count: int, target: Array) -> None:
    """target = source, of so many numbers."""
    for i in range(count):
        target[i] = source[i]
