"""The inner loop of convolution: a tile of sums that stays in the processor's vector registers.

Written as LLVM instructions, because a loop over arrays would keep the sums in memory and spend its
time loading and storing them. LLVM fits the 64-byte vectors to the machine: one AVX-512 register,
two of AVX2, four of SSE or NEON.
"""
# ruff: noqa: ARG001 - Numba reads the names of an intrinsic's arguments, Python reads none.
# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

from typing import Any

import llvmlite.binding
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from simulator.engine.backends.cpu_compile import Array, inlined

VECTOR_BYTES = 64

_many_registers = bool(llvmlite.binding.get_host_cpu_features().get("avx512f"))
WIDE = 2 if _many_registers else 1
"""Vectors of a full tile, side by side."""
ROWS = (8, 4, 1) if _many_registers else (6, 2, 1)
"""Rows of tiles: the first as many as fit the registers, beside a row's vectors and one number."""

_int64 = ir.IntType(64)
_int32 = ir.IntType(32)


def tile_of(rows: int, vectors: int) -> Any:
    """Make the compiled form of this loop, for a fixed number of rows.

    for row in range(first, first + rows):
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
    """

    @intrinsic
    def tile(
        typing_context: Any,
        first: Any,
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
        def integers(count: int) -> Any:
            return types.UniTuple(types.int64, count)

        signature = types.void(
            types.int64,
            *(a, integers(5), b, integers(4), integers(3)),
            *(initial, integers(3), y, integers(2), types.int64),
        )

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            _Tile(context, builder, signature, arguments, (rows, vectors)).generate()
            return context.get_dummy_value()

        return signature, generate

    return tile


class _Tile:
    """Writes the instructions of one tile."""

    def __init__(
        self, context: Any, builder: Any, signature: Any, arguments: Any, size: tuple[int, int]
    ) -> None:
        self.builder = builder
        self.rows, self.columns = map(range, size)
        self.scalar = context.get_value_type(signature.args[1].dtype)
        self.itemsize = context.get_abi_sizeof(self.scalar)
        self.lanes = VECTOR_BYTES // self.itemsize
        self.vector = ir.VectorType(self.scalar, self.lanes)
        self.first, _, a_walk, _, b_walk, self.counts, _, initial_walk, _, y_walk, self.width = (
            arguments
        )
        self.a, self.b, self.initial, self.y = (
            context.make_array(signature.args[position])(context, builder, arguments[position]).data
            for position in (1, 3, 6, 8)
        )
        self.a_walk, self.b_walk, self.initial_walk, self.y_walk = (
            cgutils.unpack_tuple(builder, walk) for walk in (a_walk, b_walk, initial_walk, y_walk)
        )
        numbers = ir.Constant(ir.VectorType(_int64, self.lanes), list(range(self.lanes)))
        last = builder.sub(self.width, _int64(self.columns[-1] * self.lanes))
        self.part = builder.icmp_signed("<", numbers, self.repeated(last, _int64))
        nothing = ir.Constant(ir.VectorType(_int64, self.lanes), [0] * self.lanes)
        present = self.repeated(self.initial_walk[2], _int64)
        self.present = builder.icmp_signed("!=", present, nothing)

    def generate(self) -> None:
        builder = self.builder
        totals = [
            [cgutils.alloca_once(builder, self.vector) for _ in self.columns] for _ in self.rows
        ]
        for line in totals:
            for total in line:
                builder.store(ir.Constant(self.vector, [0.0] * self.lanes), total)
        start, row_step, *steps = self.a_walk
        a = self.moved(self.moved(self.a, start), self.first, row_step)
        self.add_products(totals, a, steps, self.moved(self.b, self.b_walk[0]), self.b_walk[1:])
        for row, line in zip(self.rows, totals, strict=True):
            row_number = builder.add(self.first, _int64(row))
            before = self.line(self.initial, self.initial_walk, row_number)
            target = self.line(self.y, self.y_walk, row_number)
            for column, total in zip(self.columns, line, strict=True):
                shift = _int64(column * self.lanes)
                mask = (
                    builder.and_(self.present, self.part) if self.is_last(column) else self.present
                )
                start_at = self.masked_load(self.moved(before, shift), mask)
                after = builder.fadd(start_at, builder.load(total, typ=self.vector))
                self.store(after, self.moved(target, shift), column)

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
        multiply_add = self.vector_function("llvm.fmuladd", self.vector, [self.vector] * 3)
        weights = [self.load(self.moved(b, _int64(c * self.lanes)), c) for c in self.columns]
        for row, line in zip(self.rows, totals, strict=True):
            pointer = self.moved(a, _int64(row), self.a_walk[1])
            number = builder.load(pointer, align=self.itemsize, typ=self.scalar)
            numbers = self.repeated(number, self.scalar)
            for weight, total in zip(weights, line, strict=True):
                before = builder.load(total, typ=self.vector)
                builder.store(builder.call(multiply_add, [numbers, weight, before]), total)

    def is_last(self, column: int) -> bool:
        return column == self.columns[-1]

    def moved(self, pointer: Any, count: Any, step: Any = None) -> Any:
        offset = count if step is None else self.builder.mul(count, step)
        return self.builder.gep(pointer, [offset], source_etype=self.scalar)

    def line(self, data: Any, walk: Any, row: Any) -> Any:
        return self.moved(self.moved(data, walk[0]), row, walk[1])

    def load(self, pointer: Any, column: int) -> Any:
        """A vector; of the last column what is within the width, and zeros."""
        if self.is_last(column):
            return self.masked_load(pointer, self.part)
        cast = self.builder.bitcast(pointer, self.vector.as_pointer())
        return self.builder.load(cast, align=self.itemsize, typ=self.vector)

    def masked_load(self, pointer: Any, mask: Any) -> Any:
        load = self.vector_function(
            "llvm.masked.load",
            self.vector,
            [self.vector.as_pointer(), _int32, mask.type, self.vector],
            suffix=".p0",
        )
        cast = self.builder.bitcast(pointer, self.vector.as_pointer())
        zeros = ir.Constant(self.vector, [0.0] * self.lanes)
        return self.builder.call(load, [cast, _int32(self.itemsize), mask, zeros])

    def store(self, value: Any, pointer: Any, column: int) -> None:
        cast = self.builder.bitcast(pointer, self.vector.as_pointer())
        if not self.is_last(column):
            self.builder.store(value, cast, align=self.itemsize)
            return
        store = self.vector_function(
            "llvm.masked.store",
            ir.VoidType(),
            [self.vector, self.vector.as_pointer(), _int32, self.part.type],
            suffix=".p0",
        )
        self.builder.call(store, [value, cast, _int32(self.itemsize), self.part])

    def repeated(self, value: Any, element: Any) -> Any:
        """A vector with one number in every lane."""
        nothing = ir.Constant(ir.VectorType(element, self.lanes), ir.Undefined)
        once = self.builder.insert_element(nothing, value, _int32(0))
        zeros = ir.Constant(ir.VectorType(_int32, self.lanes), [0] * self.lanes)
        return self.builder.shuffle_vector(once, nothing, zeros)

    def vector_function(self, name: str, result: Any, takes: Any, suffix: str = "") -> Any:
        """One of LLVM's own functions, in its form for this vector."""
        full_name = f"{name}.v{self.lanes}f{8 * self.itemsize}{suffix}"
        function_type = ir.FunctionType(result, takes)
        return cgutils.get_or_insert_function(self.builder.module, function_type, full_name)


_large_wide, _small_wide, _single_wide = (tile_of(rows, WIDE) for rows in ROWS)
_large, _small, _single = (tile_of(rows, 1) for rows in ROWS)
_LARGE, _SMALL, _ = ROWS


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
    """Any number of rows of `tile_of`'s loop, of any width, in tiles as large as they go."""
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
            while row + _LARGE <= rows:
                _large_wide(row, a, a_walk, b, b_here, counts, initial, start, y, y_here, left)
                row += _LARGE
            while row + _SMALL <= rows:
                _small_wide(row, a, a_walk, b, b_here, counts, initial, start, y, y_here, left)
                row += _SMALL
            while row < rows:
                _single_wide(row, a, a_walk, b, b_here, counts, initial, start, y, y_here, left)
                row += 1
        else:
            left = min(left, lanes)
            while row + _LARGE <= rows:
                _large(row, a, a_walk, b, b_here, counts, initial, start, y, y_here, left)
                row += _LARGE
            while row + _SMALL <= rows:
                _small(row, a, a_walk, b, b_here, counts, initial, start, y, y_here, left)
                row += _SMALL
            while row < rows:
                _single(row, a, a_walk, b, b_here, counts, initial, start, y, y_here, left)
                row += 1
        column += left
