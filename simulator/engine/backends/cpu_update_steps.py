"""Optimizers as the machine runs them: one pass over weights, their gradient and their slots.

A row says where an array's weights are, where they are kept before each change (what is put back
after a divergence), where the optimizer's slots are, and where the table of numbers is that change
from step to step. The formulas stand in `simulator.engine.optimizers`; here they are computed in
the same order.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.engine.backends.cpu_compile import Array, inlined
from simulator.engine.backends.cpu_intrinsics import array_at, call_compiled, size_of
from simulator.engine.backends.cpu_machine import Handler, handler

WIDTH = 8
FUNCTION, WEIGHTS, KEPT, FIRST, SECOND, NUMBERS, DECAYS = range(7)
"""Places in a row."""

COLUMNS = 7
RATE, DECAY, A, B, REST_A, REST_B, C = range(COLUMNS)
"""Numbers of a step: the learning rate, weight decay times the rate, and the optimizer's own."""


@inlined
def update(row_at: int, start: int, count: int, gradient: Array, step: int, like: float) -> None:
    """Change `count` weights from `start` on by their gradient, which is flat."""
    row = array_at(row_at, WIDTH, np.int64(0))
    call_compiled(row[FUNCTION], (row_at, start, count, gradient.ctypes.data, step), like)


@inlined
def _slice(base: int, start: int, count: int, like: Any) -> Any:
    return array_at(base + start * size_of(like), count, like)


@inlined
def _numbers(row: Array, step: int, like: Any) -> Any:
    return array_at(row[NUMBERS] + step * COLUMNS * size_of(like), COLUMNS, like)


@inlined
def _weights(row: Array, start: int, count: int, numbers: Array, like: Any) -> Any:
    """The weights, kept and then decayed."""
    weights = _slice(row[WEIGHTS], start, count, like)
    kept = _slice(row[KEPT], start, count, like)
    for i in range(count):
        kept[i] = weights[i]
    if row[DECAYS]:
        for i in range(count):
            weights[i] -= weights[i] * numbers[DECAY]
    return weights


@handler
def sgd(row_at: int, start: int, count: int, gradient_at: int, step: int, like: Any) -> int:
    """w ← w − η g."""
    row = array_at(row_at, WIDTH, np.int64(0))
    numbers, gradient = _numbers(row, step, like), array_at(gradient_at, count, like)
    weights = _weights(row, start, count, numbers, like)
    for i in range(count):
        weights[i] -= numbers[RATE] * gradient[i]
    return 0


@handler
def momentum(row_at: int, start: int, count: int, gradient_at: int, step: int, like: Any) -> int:
    """m ← μ m − η g; w ← w + m. A is μ."""
    row = array_at(row_at, WIDTH, np.int64(0))
    numbers, gradient = _numbers(row, step, like), array_at(gradient_at, count, like)
    weights = _weights(row, start, count, numbers, like)
    moved = _slice(row[FIRST], start, count, like)
    for i in range(count):
        moved[i] = moved[i] * numbers[A] - numbers[RATE] * gradient[i]
        weights[i] += moved[i]
    return 0


@handler
def nesterov(row_at: int, start: int, count: int, gradient_at: int, step: int, like: Any) -> int:
    """m ← μ m − η g; w ← w − η g + μ m. A is μ."""
    row = array_at(row_at, WIDTH, np.int64(0))
    numbers, gradient = _numbers(row, step, like), array_at(gradient_at, count, like)
    weights = _weights(row, start, count, numbers, like)
    moved = _slice(row[FIRST], start, count, like)
    for i in range(count):
        moved[i] = moved[i] * numbers[A] - numbers[RATE] * gradient[i]
        weights[i] = weights[i] - numbers[RATE] * gradient[i] + numbers[A] * moved[i]
    return 0


@handler
def rmsprop(row_at: int, start: int, count: int, gradient_at: int, step: int, like: Any) -> int:
    """v ← ρ v + (1 − ρ) g²; w ← w − η g / √(v + ε). A is ρ, B is ε."""
    row = array_at(row_at, WIDTH, np.int64(0))
    numbers, gradient = _numbers(row, step, like), array_at(gradient_at, count, like)
    weights = _weights(row, start, count, numbers, like)
    velocity = _slice(row[FIRST], start, count, like)
    for i in range(count):
        velocity[i] = velocity[i] * numbers[A] + numbers[REST_A] * (gradient[i] * gradient[i])
        weights[i] -= numbers[RATE] * gradient[i] / np.sqrt(velocity[i] + numbers[B])
    return 0


@handler
def adagrad(row_at: int, start: int, count: int, gradient_at: int, step: int, like: Any) -> int:
    """a ← a + g²; w ← w − η g / √(a + ε). B is ε."""
    row = array_at(row_at, WIDTH, np.int64(0))
    numbers, gradient = _numbers(row, step, like), array_at(gradient_at, count, like)
    weights = _weights(row, start, count, numbers, like)
    sums = _slice(row[FIRST], start, count, like)
    for i in range(count):
        sums[i] += gradient[i] * gradient[i]
        weights[i] -= numbers[RATE] * gradient[i] / np.sqrt(sums[i] + numbers[B])
    return 0


@handler
def adam(row_at: int, start: int, count: int, gradient_at: int, step: int, like: Any) -> int:
    """Adam. RATE is α of that step, A is β₁, B is β₂, C is ε."""
    row = array_at(row_at, WIDTH, np.int64(0))
    numbers, gradient = _numbers(row, step, like), array_at(gradient_at, count, like)
    weights = _weights(row, start, count, numbers, like)
    mean = _slice(row[FIRST], start, count, like)
    square = _slice(row[SECOND], start, count, like)
    rate, a, b, rest_a = numbers[RATE], numbers[A], numbers[B], numbers[REST_A]
    rest_b, epsilon = numbers[REST_B], numbers[C]
    for i in range(count):
        m = mean[i] * a + rest_a * gradient[i]
        v = square[i] * b + rest_b * (gradient[i] * gradient[i])
        mean[i] = m
        square[i] = v
        weights[i] -= m * rate / (np.sqrt(v) + epsilon)
    return 0


FUNCTIONS: dict[str, Handler] = {
    "sgd": sgd,
    "momentum": momentum,
    "nesterov": nesterov,
    "rmsprop": rmsprop,
    "adagrad": adagrad,
    "adam": adam,
}
"""By the names that `Rule.kind` gives them."""
