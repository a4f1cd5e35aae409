"""What comes between a gradient and its optimizer: regularizers, and limits of its size.

A limited value is limited where the gradient is made. A limited norm needs the whole gradient, so
that its parts are gathered; when all are there their squares are added up, and the gradient is
scaled and handed to the optimizer. Sums run over blocks, and then over the blocks' sums, in an
order that does not depend on threads. The formulas stand in `simulator.engine.regularizers` and
`simulator.engine.optimizers`.
"""
# ruff: noqa: ARG001 - All handlers take the same.

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.engine.backends.cpu_activate import multiply_by_slope
from simulator.engine.backends.cpu_compile import Array, inlined
from simulator.engine.backends.cpu_intrinsics import array_at, call_compiled, choose, size_of
from simulator.engine.backends.cpu_loss_steps import sum_of
from simulator.engine.backends.cpu_machine import FIRST, arguments_of, handler
from simulator.engine.backends.cpu_update_steps import (
    GATHERED,
    LIMIT,
    LIMITED,
    OPTIMIZER,
    PENALTY,
    WEIGHTS,
    WIDTH,
    numbers_at,
    slice_of,
)

L1, L2 = range(2)
"""Places in a penalty."""
SUMS = 2
"""Of a block of weights: Σ|w| and Σw²."""
TERM = 4
"""Numbers that tell of one array's penalty: its blocks' sums, how many, its ℓ₁ and ℓ₂, and by what
the penalty is divided.
"""


@handler
def prepare(row_at: int, start: int, count: int, gradient_at: int, step: int, like: Any) -> int:
    """g ← g + ℓ₁ sign(w) + 2 ℓ₂ w, then between −limit and limit; then it is gathered, or handed
    to the optimizer.
    """
    row = array_at(row_at, WIDTH, np.int64(0))
    gradient = array_at(gradient_at, count, like)
    number = gradient.dtype.type
    if row[PENALTY]:
        penalty = array_at(row[PENALTY], 2, np.float64(0))
        weights = slice_of(row[WEIGHTS], start, count, like)
        first, second = number(penalty[L1]), number(2 * penalty[L2])
        for i in range(count):
            gradient[i] += first * np.sign(weights[i]) + second * weights[i]
    if row[LIMITED]:
        limit = numbers_at(row, step, like)[LIMIT]
        for i in range(count):
            least = choose(gradient[i] < -limit, -limit, gradient[i])  # NaN stays NaN
            gradient[i] = choose(least > limit, limit, least)
    if row[GATHERED]:
        whole = slice_of(row[GATHERED], start, count, like)
        for i in range(count):
            whole[i] = gradient[i]
    else:
        call_compiled(row[OPTIMIZER], (row_at, start, count, gradient_at, step), like)
    return 0


@handler
def add_squares(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """Σg² of some of a gathered gradient.

    Arguments: gradient, sums (parts,); size, numbers of a part.
    """
    gradient_at, sums_at, size, count = arguments_of(operation)[FIRST : FIRST + 4]
    start = part * count
    gradient = slice_of(gradient_at, start, min(count, size - start), like)
    array_at(sums_at, part + 1, like)[part] = _squares(gradient, scratch, like)
    return 0


@handler
def scale(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """Some of a gathered gradient, scaled so that the norm keeps the limit, to the optimizer.

    With one norm for all arrays g ← g · (limit / max(norm, limit)), with one for each array
    g ← g · limit / max(norm, limit): Keras's formulas, which round in different places.

    Arguments: gradient, the row of the update; size, numbers of a part; sums of squares, how many;
    whether they are those of all arrays.
    """
    gradient_at, row_at, size, count, sums_at, blocks, together = arguments_of(operation)[
        FIRST : FIRST + 7
    ]
    start = part * count
    count = min(count, size - start)
    row = array_at(row_at, WIDTH, np.int64(0))
    gradient = slice_of(gradient_at, start, count, like)
    limit = numbers_at(row, step, like)[LIMIT]
    sums = array_at(sums_at, blocks, like)
    total = sums.dtype.type(0)
    for i in range(blocks):
        total += sums[i]
    norm = np.sqrt(total)
    largest = choose(norm < limit, limit, norm)  # NaN stays NaN
    if together:
        # An infinite norm makes all gradients NaN, so that the run is seen to have diverged.
        factor = choose(np.isfinite(norm), limit / largest, norm - norm)
        for i in range(count):
            gradient[i] *= factor
    else:
        for i in range(count):
            gradient[i] = gradient[i] * limit / largest
    at = gradient_at + start * size_of(like)
    call_compiled(row[OPTIMIZER], (row_at, start, count, at, step), like)
    return 0


@handler
def weigh(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """Σ|w| and Σw² of some weights.

    Arguments: weights, sums (parts, 2); size, numbers of a part.
    """
    weights_at, sums_at, size, count = arguments_of(operation)[FIRST : FIRST + 4]
    start = part * count
    weights = slice_of(weights_at, start, min(count, size - start), like)
    sums = array_at(sums_at, SUMS * (part + 1), like)
    sizes = array_at(scratch, weights.size, like)
    for i in range(weights.size):
        sizes[i] = abs(weights[i])
    sums[SUMS * part] = sum_of(sizes)
    sums[SUMS * part + 1] = _squares(weights, scratch, like)
    return 0


@handler
def penalize(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """What all regularizers add to the loss, ℓ₁ Σ|w| + ℓ₂ Σw² each.

    Arguments: a table (arrays, 4), the number of arrays, where the sum goes (1,) of float64.
    """
    table_at, count, target_at = arguments_of(operation)[FIRST : FIRST + 3]
    table = array_at(table_at, TERM * count, np.int64(0))
    penalties = 0.0
    for term in range(count):
        sums_at, blocks, penalty_at, share = table[TERM * term : TERM * term + 4]
        sums = array_at(sums_at, SUMS * blocks, like)
        penalty = array_at(penalty_at, 2, np.float64(0))
        number = sums.dtype.type
        first, second = number(0), number(0)
        for block in range(blocks):
            first += sums[SUMS * block]
            second += sums[SUMS * block + 1]
        own = number(penalty[L1]) * first + number(penalty[L2]) * second
        penalties += np.float64(own) / share
    array_at(target_at, 1, np.float64(0))[0] = penalties
    return 0


@handler
def restrain(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """The slopes of what a layer gave, with those of its regularizer, times the slope of what made
    it: (∂L/∂y + (ℓ₁ sign(y) + 2 ℓ₂ y) / B) φ'.

    Arguments: y, slopes, to_x, ℓ₁ and ℓ₂; n, B, activation that made y.
    """
    y_at, slopes_at, to_x_at, penalty_at, size, batch, activation = arguments_of(operation)[
        FIRST : FIRST + 7
    ]
    y, slopes = array_at(y_at, size, like), array_at(slopes_at, size, like)
    to_x = array_at(to_x_at, size, like)
    penalty = array_at(penalty_at, 2, np.float64(0))
    number = y.dtype.type
    first, second = number(penalty[L1]), number(2 * penalty[L2])
    for i in range(size):
        to_x[i] = slopes[i] + (first * np.sign(y[i]) + second * y[i]) / number(batch)
    multiply_by_slope(y, to_x, activation)
    return 0


@inlined
def _squares(numbers: Array, scratch: int, like: Any) -> Any:
    squares = array_at(scratch, numbers.size, like)
    for i in range(numbers.size):
        squares[i] = numbers[i] * numbers[i]
    return sum_of(squares)
