"""Products of matrices on a CUDA device: a block of threads for each square tile of the product."""

from __future__ import annotations

from numba import cuda

from simulator.engine.backends.cuda_device import Array, kernel


@kernel
def multiply(
    y: Array, left: Array, right: Array, initial: Array, left_turned: bool, right_turned: bool
) -> None:
    """Writes initial + left · right for each of the matrices; y (N, rows, columns).

    left (N, rows, depth), or (N, depth, rows) if it is turned; right (N, depth, columns), or
    (N, columns, depth); initial (columns,). Every value that a block needs is read once into its
    shared memory and used as often as the tile is wide. Threads beyond the product's edge load and
    wait with the others, and write nothing.
    """
    tile = cuda.blockDim.x
    # The left and the right tile, one after the other. A row takes one cell more than it has, so
    # that the cells of a column lie in different banks.
    shared = cuda.shared.array(0, y.dtype)
    line = tile + 1
    right_start = tile * line
    nothing = y.dtype.type(0)
    count, rows, columns = y.shape
    depth = left.shape[1] if left_turned else left.shape[2]
    down, across = cuda.threadIdx.y, cuda.threadIdx.x
    tiles_across = (columns + tile - 1) // tile
    tiles_down = (rows + tile - 1) // tile
    for number in range(cuda.blockIdx.x, count * tiles_down * tiles_across, cuda.gridDim.x):
        place, tile_column = divmod(number, tiles_across)
        matrix, tile_row = divmod(place, tiles_down)
        first_row, first_column = tile_row * tile, tile_column * tile
        row, column = first_row + down, first_column + across
        total = initial[column] if column < columns else nothing
        for first in range(0, depth, tile):
            # Neighbouring threads read neighbouring cells, whichever way the matrix lies.
            if left_turned:
                k, m = first + down, first_row + across
                inside = k < depth and m < rows
                shared[across * line + down] = left[matrix, k, m] if inside else nothing
            else:
                k = first + across
                inside = k < depth and row < rows
                shared[down * line + across] = left[matrix, row, k] if inside else nothing
            if right_turned:
                k, n = first + across, first_column + down
                inside = k < depth and n < columns
                cell = right_start + across * line + down
                shared[cell] = right[matrix, n, k] if inside else nothing
            else:
                k = first + down
                inside = k < depth and column < columns
                cell = right_start + down * line + across
                shared[cell] = right[matrix, k, column] if inside else nothing
            cuda.syncthreads()
            for k in range(min(tile, depth - first)):
                total += shared[down * line + k] * shared[right_start + k * line + across]
            cuda.syncthreads()
        if row < rows and column < columns:
            y[matrix, row, column] = total
