"""Recurrent cells as loops over single numbers, written from their formulas and nothing else."""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


FUNCTIONS: dict[str, Any] = {
    "tanh": math.tanh,
    "sigmoid": sigmoid,
    "relu": lambda x: max(x, 0.0),
    "linear": lambda x: x,
    "softsign": lambda x: x / (1 + abs(x)),
}


def total(vector: Any, matrix: Any, column: int) -> float:
    return math.fsum(float(vector[row]) * float(matrix[row][column]) for row in range(len(vector)))


def simple_rnn(x, kernel, recurrent_kernel, bias, h, activation):
    """One sequence x (T, C), from the state h (U,); gives every h."""
    steps = []
    for vector in x:
        h = [
            FUNCTIONS[activation](
                total(vector, kernel, u) + total(h, recurrent_kernel, u) + float(bias[u])
            )
            for u in range(len(h))
        ]
        steps.append(h)
    return {"h": np.array(steps)}


def lstm(x, kernel, recurrent_kernel, bias, h, c, activation, recurrent_activation):
    """Gates in the order i, f, g, o."""
    U = len(h)
    outer, gate = FUNCTIONS[activation], FUNCTIONS[recurrent_activation]
    kept: dict[str, list[Any]] = {name: [] for name in "ifgoch"}
    for vector in x:

        def part(number: int, u: int, vector: Any = vector, h: Any = h) -> float:
            column = number * U + u
            return (
                total(vector, kernel, column)
                + total(h, recurrent_kernel, column)
                + float(bias[column])
            )

        i = [gate(part(0, u)) for u in range(U)]
        f = [gate(part(1, u)) for u in range(U)]
        g = [outer(part(2, u)) for u in range(U)]
        o = [gate(part(3, u)) for u in range(U)]
        c = [f[u] * float(c[u]) + i[u] * g[u] for u in range(U)]
        h = [o[u] * outer(c[u]) for u in range(U)]
        for name, values in zip("ifgoch", (i, f, g, o, c, h), strict=True):
            kept[name].append(values)
    return {name: np.array(values) for name, values in kept.items()}


def gru(
    x, kernel, recurrent_kernel, bias, recurrent_bias, h, reset_after, activation,
    recurrent_activation,
):  # fmt: skip
    """Gates in the order z, r, candidate."""
    U = len(h)
    outer, gate = FUNCTIONS[activation], FUNCTIONS[recurrent_activation]
    kept: dict[str, list[Any]] = {name: [] for name in ("z", "r", "g", "recurrent", "h")}
    for vector in x:

        def inputs(column: int, vector: Any = vector) -> float:
            return total(vector, kernel, column) + float(bias[column])

        def states(column: int, h: Any = h) -> float:
            return total(h, recurrent_kernel, column) + float(recurrent_bias[column])

        z = [gate(inputs(u) + states(u)) for u in range(U)]
        r = [gate(inputs(U + u) + states(U + u)) for u in range(U)]
        if reset_after:
            m = [states(2 * U + u) for u in range(U)]
            g = [outer(inputs(2 * U + u) + r[u] * m[u]) for u in range(U)]
        else:
            reset = [r[u] * float(h[u]) for u in range(U)]
            m = [states(2 * U + u, reset) for u in range(U)]
            g = [outer(inputs(2 * U + u) + m[u]) for u in range(U)]
        h = [z[u] * float(h[u]) + (1 - z[u]) * g[u] for u in range(U)]
        for name, values in zip(kept, (z, r, g, m, h), strict=True):
            kept[name].append(values)
    return {name: np.array(values) for name, values in kept.items()}
