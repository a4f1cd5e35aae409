"""Optimizers as the machine runs them: one pass over weights, their gradient and their slots.

A row says where an array's weights are, where they are kept before each change (what is put back
after a divergence), where the optimizer's slots are, and where the table of numbers is that change
from step to step. The formulas stand in `simulator.engine.optimizers`; here they are computed in
the same order. What a regularizer or a limit does to a gradient before stands in
`cpu_gradient_steps`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.engine.backends.cpu_compile import Array, inlined
from simulator.engine.backends.cpu_intrinsics import array_at, call_compiled, size_of
from simulator.engine.backends.cpu_machine import Handler, handler

WIDTH = 16
FUNCTION, WEIGHTS, KEPT, FIRST, SECOND, NUMBERS, DECAYS = range(7)
OPTIMIZER, PENALTY, LIMITED, GATHERED = range(7, 11)
"""Places in a row. The last four are for `cpu_gradient_steps`, whose function comes before the
optimizer's.
"""

COLUMNS = 8
RATE, DECAY, A, B, REST_A, REST_B, C, LIMIT = range(COLUMNS)
"""Numbers of a step: the learning rate, weight decay times the rate, the optimizer's own, and the
limit of gradients.
"""


@inlined
def update(row_at: int, start: int, count: int, gradient: Array, step: int, like: float) -> None:
    """Change `count` weights from `start` on by their gradient, which is flat."""
    row = array_at(row_at, WIDTH, np.int64(0))
    call_compiled(row[FUNCTION], (row_at, start, count, gradient.ctypes.data, step), like)


@inlined
def slice_of(base: int, start: int, count: int, like: Any) -> Any:
    """So many numbers of the array at an address, from one on."""
    return array_at(base + start * size_of(like), count, like)


@inlined
def numbers_at(row: Array, step: int, like: Any) -> Any:
    """The numbers of a step."""
    return array_at(row[NUMBERS] + step * COLUMNS * size_of(like), COLUMNS, like)


@inlined
def _weights(row: Array, start: int, count: int, numbers: Array, like: Any) -> Any:
    """The weights, kept and then decayed."""
    weights = slice_of(row[WEIGHTS], start, count, like)
    kept = slice_of(row[KEPT], start, count, like)
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
    numbers, gradient = numbers_at(row, step, like), array_at(gradient_at, count, like)
    weights = _weights(row, start, count, numbers, like)
    for i in range(count):
        weights[i] -= numbers[RATE] * gradient[i]
    return 0


@handler
def momentum(row_at: int, start: int, count: int, gradient_at: int, step: int, like: Any) -> int:
    """m ← μ m − η g; w ← w + m. A is μ."""
    row = array_at(row_at, WIDTH, np.int64(0))
    numbers, gradient = numbers_at(row, step, like), array_at(gradient_at, count, like)
    weights = _weights(row, start, count, numbers, like)
    moved = slice_of(row[FIRST], start, count, like)
    for i in range(count):
        moved[i] = moved[i] * numbers[A] - numbers[RATE] * gradient[i]
        weights[i] += moved[i]
    return 0


@handler
def nesterov(row_at: int, start: int, count: int, gradient_at: int, step: int, like: Any) -> int:
    """m ← μ m − η g; w ← w − η g + μ m. A is μ."""
    row = array_at(row_at, WIDTH, np.int64(0))
    numbers, gradient = numbers_at(row, step, like), array_at(gradient_at, count, like)
    weights = _weights(row, start, count, numbers, like)
    moved = slice_of(row[FIRST], start, count, like)
    for i in range(count):
        moved[i] = moved[i] * numbers[A] - numbers[RATE] * gradient[i]
        weights[i] = weights[i] - numbers[RATE] * gradient[i] + numbers[A] * moved[i]
    return 0


@handler
def rmsprop(row_at: int, start: int, count: int, gradient_at: int, step: int, like: Any) -> int:
    """v ← ρ v + (1 − ρ) g²; w ← w − η g / √(v + ε). A is ρ, B is ε."""
    row = array_at(row_at, WIDTH, np.int64(0))
    numbers, gradient = numbers_at(row, step, like), array_at(gradient_at, count, like)
    weights = _weights(row, start, count, numbers, like)
    velocity = slice_of(row[FIRST], start, count, like)
    for i in range(count):
        velocity[i] = velocity[i] * numbers[A] + numbers[REST_A] * (gradient[i] * gradient[i])
        weights[i] -= numbers[RATE] * gradient[i] / np.sqrt(velocity[i] + numbers[B])
    return 0


@handler
def adagrad(row_at: int, start: int, count: int, gradient_at: int, step: int, like: Any) -> int:
    """a ← a + g²; w ← w − η g / √(a + ε). B is ε."""
    row = array_at(row_at, WIDTH, np.int64(0))
    numbers, gradient = numbers_at(row, step, like), array_at(gradient_at, count, like)
    weights = _weights(row, start, count, numbers, like)
    sums = slice_of(row[FIRST], start, count, like)
    for i in range(count):
        sums[i] += gradient[i] * gradient[i]
        weights[i] -= numbers[RATE] * gradient[i] / np.sqrt(sums[i] + numbers[B])
    return 0


@handler
def adam(row_at: int, start: int, count: int, gradient_at: int, step: int, like: Any) -> int:
    """Adam. RATE is α of that step, A is β₁, B is β₂, C is ε."""
    row = array_at(row_at, WIDTH, np.int64(0))
    numbers, gradient = numbers_at(row, step, like), array_at(gradient_at, count, like)
    weights = _weights(row, start, count, numbers, like)
    mean = slice_of(row[FIRST], start, count, like)
    square = slice_of(row[SECOND], start, count, like)
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
