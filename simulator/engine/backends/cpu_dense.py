"""Products of matrices on the CPU: the loops around the tiles of `cpu_tiles`.

The right factor comes with its columns filled up with zeros to whole vectors ("padded"). Every sum
runs over its products in their order, so neither tiles nor blocks show in the result.
"""

from __future__ import annotations

import numpy as np

from simulator.engine.backends.cpu_compile import Array, inlined, kernel
from simulator.engine.backends.cpu_tiles import VECTOR_BYTES, sweep


@kernel
def multiply(x: Array, weights: Array, initial: Array, y: Array) -> None:
    """y[n, u] = initial[u] + Σ x[n, d] · weights[d, u].

    x (N, D), weights (D, padded), initial (padded,), y (N, U).
    """
    rows, depth = x.shape
    units, padded = y.shape[1], weights.shape[1]
    _product(
        x.ravel(), (0, depth, 1), depth, weights.ravel(), (0, padded), initial, y.ravel(), 0,
        rows, units,
    )  # fmt: skip


@kernel
def multiply_transposed(x: Array, slopes: Array, y: Array) -> None:
    """y[d, u] = Σ x[n, d] · slopes[n, u]; x (N, D), slopes (N, padded), y (D, U)."""
    rows, depth = x.shape
    units, padded = y.shape[1], slopes.shape[1]
    initial = np.zeros(padded, x.dtype)
    _product(
        x.ravel(), (0, 1, depth), rows, slopes.ravel(), (0, padded), initial, y.ravel(), 0,
        depth, units,
    )  # fmt: skip


@kernel
def multiply_each(a: Array, b: Array, y: Array) -> None:
    """y[s] = a[s] · b[s]; a (S, M, K), b (S, K, padded), y (S, M, N)."""
    count, rows, depth = a.shape
    padded, columns = b.shape[2], y.shape[2]
    initial = np.zeros(padded, a.dtype)
    flat_a, flat_b, flat_y = a.ravel(), b.ravel(), y.ravel()
    for s in range(count):
        _product(
            flat_a, (s * rows * depth, depth, 1), depth, flat_b, (s * depth * padded, padded),
            initial, flat_y, s * rows * columns, rows, columns,
        )  # fmt: skip


@inlined
def _product(
    a: Array,
    a_walk: tuple[int, int, int],
    depth: int,
    b: Array,
    b_walk: tuple[int, int],
    initial: Array,
    y: Array,
    y_start: int,
    rows: int,
    columns: int,
) -> None:
    """One matrix product over flat arrays; walks hold a start and the steps along each axis."""
    lanes = VECTOR_BYTES // a.itemsize
    for block in range(0, columns, lanes):
        sweep(
            rows,
            a,
            (a_walk[0], a_walk[1], 0, 0, a_walk[2]),
            b,
            (b_walk[0] + block, 0, 0, b_walk[1]),
            (1, 1, depth),
            initial,
            (block, 0),
            y,
            (y_start + block, columns),
            min(lanes, columns - block),
        )
