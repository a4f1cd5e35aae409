"""Products of matrices on the CPU: the loops around the tiles of `cpu_tiles`.

Every sum runs over its products in their order, so the tiles do not show in the result. `initial`
is what the sums start from, or empty where that is nothing.
"""

from __future__ import annotations

from simulator.engine.backends.cpu_compile import Array, inlined, kernel
from simulator.engine.backends.cpu_tiles import sweep


@kernel
def multiply(x: Array, weights: Array, initial: Array, y: Array) -> None:
    """y[n, u] = initial[u] + Σ x[n, d] · weights[d, u]; x (N, D), weights (D, U), y (N, U)."""
    rows, depth = x.shape
    units = y.shape[1]
    _product(
        x.ravel(), (0, depth, 1), depth, weights.ravel(), (0, units), initial, y.ravel(), 0,
        rows, units,
    )  # fmt: skip


@kernel
def multiply_transposed(x: Array, slopes: Array, initial: Array, y: Array) -> None:
    """y[d, u] = initial[u] + Σ x[n, d] · slopes[n, u]; x (N, D), slopes (N, U), y (D, U)."""
    rows, depth = x.shape
    units = y.shape[1]
    _product(
        x.ravel(), (0, 1, depth), rows, slopes.ravel(), (0, units), initial, y.ravel(), 0,
        depth, units,
    )  # fmt: skip


@kernel
def multiply_each(a: Array, b: Array, initial: Array, y: Array) -> None:
    """y[s] = initial + a[s] · b[s]; a (S, M, K), b (S, K, N), y (S, M, N)."""
    count, rows, depth = a.shape
    columns = y.shape[2]
    flat_a, flat_b, flat_y = a.ravel(), b.ravel(), y.ravel()
    for s in range(count):
        _product(
            flat_a, (s * rows * depth, depth, 1), depth, flat_b, (s * depth * columns, columns),
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
    sweep(
        rows,
        a,
        (a_walk[0], a_walk[1], 0, 0, a_walk[2]),
        b,
        (b_walk[0], 0, 0, b_walk[1]),
        (1, 1, depth),
        initial,
        (0, 0, initial.size),
        y,
        (y_start, columns),
        columns,
    )
