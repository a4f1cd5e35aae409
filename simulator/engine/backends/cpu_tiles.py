"""The inner loop of convolution: a tile of sums that stays in the processor's vector registers.

Written as LLVM instructions, because a loop over arrays would keep the sums in memory and spend its
time loading and storing them.
"""
# ruff: noqa: ARG001 - Numba reads the names of an intrinsic's arguments, Python reads none.
# mypy: disable-error-code="no-untyped-call, untyped-decorator"

from __future__ import annotations

from typing import Any

from numba import types
from numba.core import cgutils

from simulator.engine.backends import cpu_target
from simulator.engine.backends.cpu_compile import Array, inlined
from simulator.engine.backends.cpu_intrinsics import array_at, intrinsic
from simulator.engine.backends.cpu_shared import shared
from simulator.engine.backends.cpu_vectors import INT64, VECTOR_BYTES, Vectors, integers

WIDE, ROWS, FEW = cpu_target.TILES.wide, cpu_target.TILES.rows, cpu_target.TILES.few


def tile_of(rows: int, vectors: int, *, listed: bool) -> Any:
    """Make the compiled form of this loop, for a number of rows that `count` does not exceed.

    for row in range(first, first + count):
        total = 0
        for i, j, k in product(range(counts[0]), range(counts[1]), range(counts[2])):
            number = a[a_walk · (1, row, i, j, k)]
            total += number * b[b_walk · (1, i, j, k) : + width]
        start = initial[initial_walk · (1, row) : + width] if initial_walk[2] else 0
        y[y_walk · (1, row) : + width] = start + total

    Arrays are flat, and a walk holds a start and steps, counted in elements. The tile is as wide as
    `vectors` vectors of VECTOR_BYTES / itemsize lanes, of which the last may be a part: `width` is
    more than all vectors but one hold. Nothing beyond the width is read or written. A sum runs in
    the same order whatever the number of rows and vectors, so how an array is cut into tiles never
    shows in the result.

    The rows of a `listed` tile lie anywhere in a: a_walk[1] is the address of a list of int64, with
    the place of each row, in elements, where else it would be row · a_walk[1].
    """

    @intrinsic
    def tile(
        typing_context: Any,
        first: Any,
        count: Any,
        a: Any,
        a_walk: Any,
        b: Any,
        b_walk: Any,
        counts: Any,
        initial: Any,
        initial_walk: Any,
        y: Any,
        y_walk: Any,
        width: Any,
    ) -> Any:
        signature = types.void(
            *(types.int64, types.int64),
            *(a, integers(5), b, integers(4), integers(3)),
            *(initial, integers(3), y, integers(2), types.int64),
        )

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            _Tile(context, builder, signature, arguments, (rows, vectors)).generate(listed)
            return context.get_dummy_value()

        return signature, generate

    return tile


class _Tile(Vectors):
    """Writes the instructions of one tile."""

    def __init__(
        self, context: Any, builder: Any, signature: Any, arguments: Any, size: tuple[int, int]
    ) -> None:
        super().__init__(context, builder, signature.args[2].dtype)
        self.rows = range(size[0])
        (
            self.first,
            self.count,
            _,
            a_walk,
            _,
            b_walk,
            self.counts,
            _,
            initial_walk,
            _,
            y_walk,
            width,
        ) = arguments
        self.a, self.b, self.initial, self.y = (
            self.data(signature.args[position], arguments[position]) for position in (2, 4, 7, 9)
        )
        self.a_walk, self.b_walk, self.initial_walk, self.y_walk = (
            cgutils.unpack_tuple(builder, walk) for walk in (a_walk, b_walk, initial_walk, y_walk)
        )
        self.shifts = [INT64(column * self.lanes) for column in range(size[1])]
        last = self.first_lanes(builder.sub(width, self.shifts[-1]))
        self.masks = [None] * (size[1] - 1) + [last]
        present = self.repeated(self.initial_walk[2], INT64)
        self.present = builder.icmp_signed("!=", present, self.zeros(present.type))

    def generate(self, listed: bool) -> None:
        builder = self.builder
        totals = [
            [cgutils.alloca_once(builder, self.vector) for _ in self.shifts] for _ in self.rows
        ]
        for line in totals:
            for total in line:
                builder.store(self.zeros(), total)
        start, rows_at, *steps = self.a_walk
        a = self.moved(self.a, start)
        # Rows that are not there compute what the last one does, and write nothing.
        last = builder.sub(self.count, INT64(1))
        self.offsets = []
        for row in self.rows:
            number = builder.select(builder.icmp_signed("<", INT64(row), last), INT64(row), last)
            number = builder.add(self.first, number)
            if listed:
                places = builder.inttoptr(rows_at, INT64.as_pointer())
                offset = builder.load(self.moved(places, number, scalar=INT64), typ=INT64)
            else:
                offset = builder.mul(number, rows_at)
            self.offsets.append(offset)
        self.add_products(totals, a, steps, self.moved(self.b, self.b_walk[0]), self.b_walk[1:])
        for row, line in zip(self.rows, totals, strict=True):
            with builder.if_then(builder.icmp_signed("<", INT64(row), self.count)):
                self.finish_row(row, line)

    def finish_row(self, row: int, line: Any) -> None:
        """Add a row's sums to what they start from."""
        builder = self.builder
        row_number = builder.add(self.first, INT64(row))
        before = self.line(self.initial, self.initial_walk, row_number)
        target = self.line(self.y, self.y_walk, row_number)
        for shift, mask, total in zip(self.shifts, self.masks, line, strict=True):
            readable = self.present if mask is None else builder.and_(self.present, mask)
            start_at = self.load(self.moved(before, shift), readable)
            after = builder.fadd(start_at, builder.load(total, typ=self.vector))
            self.store(after, self.moved(target, shift), mask)

    def add_products(self, totals: Any, a: Any, a_steps: Any, b: Any, b_steps: Any) -> None:
        """The loops over i, j and k, one inside the other, and the products inside them."""
        builder = self.builder
        if a_steps:
            depth = 3 - len(a_steps)
            count = builder.extract_value(self.counts, depth)
            with cgutils.for_range(builder, count) as loop:
                a_here = self.moved(a, loop.index, a_steps[0])
                b_here = self.moved(b, loop.index, b_steps[0])
                self.add_products(totals, a_here, a_steps[1:], b_here, b_steps[1:])
            return
        weights = [
            self.load(self.moved(b, shift), mask)
            for shift, mask in zip(self.shifts, self.masks, strict=True)
        ]
        for row, line in zip(self.rows, totals, strict=True):
            pointer = self.moved(a, self.offsets[row])
            number = builder.load(pointer, align=self.itemsize, typ=self.scalar)
            numbers = self.repeated(number)
            for weight, total in zip(weights, line, strict=True):
                before = builder.load(total, typ=self.vector)
                builder.store(self.multiply_add(numbers, weight, before), total)

    def line(self, data: Any, walk: Any, row: Any) -> Any:
        return self.moved(self.moved(data, walk[0]), row, walk[1])


def _tiles_of(*, listed: bool) -> tuple[Any, ...]:
    """Tiles of many rows and of few, of full width; and the same of one vector's width."""
    return tuple(
        tile_of(rows, vectors, listed=listed) for vectors in (WIDE, 1) for rows in (ROWS, FEW)
    )


def _sweep_of(*, listed: bool) -> Any:
    wide, few_wide, narrow, few_narrow = _tiles_of(listed=listed)

    @inlined
    def sweep(
        rows: int,
        a: Array,
        a_walk: tuple[int, int, int, int, int],
        b: Array,
        b_walk: tuple[int, int, int, int],
        counts: tuple[int, int, int],
        initial: Array,
        initial_walk: tuple[int, int, int],
        y: Array,
        y_walk: tuple[int, int],
        width: int,
    ) -> None:
        lanes = VECTOR_BYTES // b.itemsize
        column = 0
        while column < width:
            b_here = (b_walk[0] + column, b_walk[1], b_walk[2], b_walk[3])
            start = (initial_walk[0] + column, initial_walk[1], initial_walk[2])
            y_here = (y_walk[0] + column, y_walk[1])
            left = width - column
            row = 0
            if WIDE > 1 and left > (WIDE - 1) * lanes:
                left = min(left, WIDE * lanes)
                while row + FEW < rows:
                    n = min(ROWS, rows - row)
                    wide(row, n, a, a_walk, b, b_here, counts, initial, start, y, y_here, left)
                    row += n
                if row < rows:
                    n = rows - row
                    few_wide(row, n, a, a_walk, b, b_here, counts, initial, start, y, y_here, left)
            else:
                left = min(left, lanes)
                while row + FEW < rows:
                    n = min(ROWS, rows - row)
                    narrow(row, n, a, a_walk, b, b_here, counts, initial, start, y, y_here, left)
                    row += n
                if row < rows:
                    n = rows - row
                    few_narrow(
                        row, n, a, a_walk, b, b_here, counts, initial, start, y, y_here, left
                    )
            column += left

    return sweep


sweep_listed = _sweep_of(listed=True)
"""Any number of rows, anywhere, of `tile_of`'s loop, of any width, in tiles as large as they go."""
_sweep = _sweep_of(listed=False)


def _sweep_at(
    rows: int,
    a_at: int, a_0: int, a_1: int, a_2: int, a_3: int, a_4: int,
    b_at: int, b_0: int, b_1: int, b_2: int, b_3: int,
    count_0: int, count_1: int, count_2: int,
    initial_at: int, initial_0: int, initial_1: int, initial_2: int,
    y_at: int, y_0: int, y_1: int,
    width: int,
    like: Any,
) -> int:  # fmt: skip
    """`sweep` with addresses for arrays, and walks number by number."""
    a, b = array_at(a_at, 0, like), array_at(b_at, 0, like)
    initial, y = array_at(initial_at, 0, like), array_at(y_at, 0, like)
    a_walk, b_walk = (a_0, a_1, a_2, a_3, a_4), (b_0, b_1, b_2, b_3)
    counts, initial_walk = (count_0, count_1, count_2), (initial_0, initial_1, initial_2)
    _sweep(rows, a, a_walk, b, b_walk, counts, initial, initial_walk, y, (y_0, y_1), width)
    return 0


_call_sweep = shared(_sweep_at)


@intrinsic
def sweep(
    typing_context: Any,
    rows: Any,
    a: Any,
    a_walk: Any,
    b: Any,
    b_walk: Any,
    counts: Any,
    initial: Any,
    initial_walk: Any,
    y: Any,
    y_walk: Any,
    width: Any,
) -> Any:
    """Any number of rows of `tile_of`'s loop, of any width, in tiles as large as they go.

    Every kernel calls the same machine code: made a part of each, it took most of their compilation
    (and ran no faster).
    """
    signature = types.void(
        types.int64,
        *(a, integers(5), b, integers(4), integers(3)),
        *(initial, integers(3), y, integers(2), types.int64),
    )

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        numbers = []
        for kind, argument in zip(signature.args, arguments, strict=True):
            if isinstance(kind, types.Array):
                data = context.make_array(kind)(context, builder, argument).data
                numbers.append(builder.ptrtoint(data, INT64))
            elif isinstance(kind, types.UniTuple):
                numbers += cgutils.unpack_tuple(builder, argument)
            else:
                numbers.append(argument)
        _call_sweep(context, builder, numbers, b.dtype)
        return context.get_dummy_value()

    return signature, generate


_eight, _four, _two, _one = (tile_of(1, vectors, listed=False) for vectors in (8, 4, 2, 1))


@inlined
def sweep_line(
    a: Array,
    a_start: int,
    b: Array,
    b_walk: tuple[int, int],
    count: int,
    initial: Array,
    initial_walk: tuple[int, int],
    y: Array,
    y_start: int,
    width: int,
) -> None:
    """y[y_start : + width] = initial + Σₖ a[a_start + k] · b[b_start + k · step : + width].

    One row alone waits for b, which comes fastest in whole lines: the tiles are as wide as they go.
    initial_walk is a start, and 0 where there is nothing to start from.
    """
    lanes = VECTOR_BYTES // b.itemsize
    walk, counts = (a_start, 0, 0, 0, 1), (1, 1, count)
    column = 0
    while column < width:
        left = width - column
        here = (b_walk[0] + column, 0, 0, b_walk[1])
        start, to = (initial_walk[0] + column, 0, initial_walk[1]), (y_start + column, 0)
        if left > 7 * lanes:
            left = min(left, 8 * lanes)
            _eight(0, 1, a, walk, b, here, counts, initial, start, y, to, left)
        elif left > 3 * lanes:
            left = min(left, 4 * lanes)
            _four(0, 1, a, walk, b, here, counts, initial, start, y, to, left)
        elif left > lanes:
            left = min(left, 2 * lanes)
            _two(0, 1, a, walk, b, here, counts, initial, start, y, to, left)
        else:
            _one(0, 1, a, walk, b, here, counts, initial, start, y, to, left)
        column += left
