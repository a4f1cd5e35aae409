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


def at_held(held, name, t, values):
    """The values (U,) of a gate, those in their place that are held and not NaN."""
    if name not in held:
        return values
    given = [float(value) for value in held[name][t]]
    return [own if math.isnan(kept) else kept for own, kept in zip(values, given, strict=True)]


def lstm(x, kernel, recurrent_kernel, bias, h, c, activation, recurrent_activation, held=None):
    """Gates in the order i, f, g, o; ``held`` as the layers take it, of one sequence."""
    held = held or {}
    U = len(h)
    outer, gate = FUNCTIONS[activation], FUNCTIONS[recurrent_activation]
    kept: dict[str, list[Any]] = {name: [] for name in "ifgoch"}
    for t, vector in enumerate(x):

        def part(number: int, u: int, vector: Any = vector, h: Any = h) -> float:
            column = number * U + u
            return (
                total(vector, kernel, column)
                + total(h, recurrent_kernel, column)
                + float(bias[column])
            )

        i = at_held(held, "i", t, [gate(part(0, u)) for u in range(U)])
        f = at_held(held, "f", t, [gate(part(1, u)) for u in range(U)])
        g = at_held(held, "g", t, [outer(part(2, u)) for u in range(U)])
        o = at_held(held, "o", t, [gate(part(3, u)) for u in range(U)])
        c = [f[u] * float(c[u]) + i[u] * g[u] for u in range(U)]
        h = [o[u] * outer(c[u]) for u in range(U)]
        for name, values in zip("ifgoch", (i, f, g, o, c, h), strict=True):
            kept[name].append(values)
    return {name: np.array(values) for name, values in kept.items()}


def gru(
    x, kernel, recurrent_kernel, bias, recurrent_bias, h, reset_after, activation,
    recurrent_activation, held=None,
):  # fmt: skip
    """Gates in the order z, r, candidate; ``held`` as the layers take it, of one sequence."""
    held = held or {}
    U = len(h)
    outer, gate = FUNCTIONS[activation], FUNCTIONS[recurrent_activation]
    kept: dict[str, list[Any]] = {name: [] for name in ("z", "r", "g", "recurrent", "h")}
    for t, vector in enumerate(x):

        def inputs(column: int, vector: Any = vector) -> float:
            return total(vector, kernel, column) + float(bias[column])

        def states(column: int, h: Any = h) -> float:
            return total(h, recurrent_kernel, column) + float(recurrent_bias[column])

        z = at_held(held, "z", t, [gate(inputs(u) + states(u)) for u in range(U)])
        r = at_held(held, "r", t, [gate(inputs(U + u) + states(U + u)) for u in range(U)])
        if reset_after:
            m = [states(2 * U + u) for u in range(U)]
            g = [outer(inputs(2 * U + u) + r[u] * m[u]) for u in range(U)]
        else:
            reset = [r[u] * float(h[u]) for u in range(U)]
            m = [states(2 * U + u, reset) for u in range(U)]
            g = [outer(inputs(2 * U + u) + m[u]) for u in range(U)]
        g = at_held(held, "g", t, g)
        h = [z[u] * float(h[u]) + (1 - z[u]) * g[u] for u in range(U)]
        for name, values in zip(kept, (z, r, g, m, h), strict=True):
            kept[name].append(values)
    return {name: np.array(values) for name, values in kept.items()}
