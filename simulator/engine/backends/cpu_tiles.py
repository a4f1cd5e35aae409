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
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from simulator.engine.backends.cpu_compile import Array, given, inlined

VECTOR_BYTES = 64

_many_registers = bool(llvmlite.binding.get_host_cpu_features().get("avx512f"))
LARGE_TILE = 12 if _many_registers else 6
"""Rows of a full tile: as many sums as fit the registers, beside one vector and one number."""
SMALL_TILE = LARGE_TILE // 3

_int64 = ir.IntType(64)
_int32 = ir.IntType(32)


def tile_of(rows: int) -> Any:
    """Make the compiled form of this loop, for a fixed number of rows.

    for row in range(first, first + rows):
        total = 0
        for i, j, k in product(range(counts[0]), range(counts[1]), range(counts[2])):
            number = a[a_walk · (1, row, i, j, k)]
            total += number * b[b_walk · (1, i, j, k) : + lanes]
        at = y_walk · (1, row)
        y[at : at + width] = (initial[initial_walk · (1, row) : + lanes] + total)[:width]

    Arrays are flat, and a walk holds a start and steps, counted in elements. A vector has
    VECTOR_BYTES / itemsize lanes: `b` and `initial` are read in whole vectors, of `y` the first
    `width` lanes are written. A sum runs in the same order whatever the number of rows, so how an
    image is cut into tiles never shows in the result.
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
            *(initial, integers(2), y, integers(2), types.int64),
        )

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            _Tile(context, builder, signature, arguments, rows).generate()
            return context.get_dummy_value()

        return signature, generate

    return tile


class _Tile:
    """Writes the instructions of one tile."""

    def __init__(
        self, context: Any, builder: Any, signature: Any, arguments: Any, rows: int
    ) -> None:
        self.builder = builder
        self.rows = range(rows)
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

    def generate(self) -> None:
        builder = self.builder
        totals = [cgutils.alloca_once(builder, self.vector) for _ in self.rows]
        for total in totals:
            builder.store(ir.Constant(self.vector, [0.0] * self.lanes), total)
        start, row_step, *steps = self.a_walk
        a = self.moved(self.moved(self.a, start), self.first, row_step)
        self.add_products(totals, a, steps, self.moved(self.b, self.b_walk[0]), self.b_walk[1:])

        numbers = ir.Constant(ir.VectorType(_int64, self.lanes), list(range(self.lanes)))
        written = builder.icmp_signed("<", numbers, self.repeated(self.width, _int64))
        masked_store = self.vector_function(
            "llvm.masked.store",
            ir.VoidType(),
            [self.vector, self.vector.as_pointer(), _int32, written.type],
            suffix=".p0",
        )
        for row, total in zip(self.rows, totals, strict=True):
            row_number = builder.add(self.first, _int64(row))
            before = self.load_vector(self.line(self.initial, self.initial_walk, row_number))
            after = builder.fadd(before, builder.load(total, typ=self.vector))
            target = self.line(self.y, self.y_walk, row_number)
            target = builder.bitcast(target, self.vector.as_pointer())
            builder.call(masked_store, [after, target, _int32(self.itemsize), written])

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
        weights = self.load_vector(b)
        for row, total in zip(self.rows, totals, strict=True):
            pointer = self.moved(a, _int64(row), self.a_walk[1])
            number = builder.load(pointer, align=self.itemsize, typ=self.scalar)
            before = builder.load(total, typ=self.vector)
            numbers = self.repeated(number, self.scalar)
            builder.store(builder.call(multiply_add, [numbers, weights, before]), total)

    def moved(self, pointer: Any, count: Any, step: Any = None) -> Any:
        offset = count if step is None else self.builder.mul(count, step)
        return self.builder.gep(pointer, [offset], source_etype=self.scalar)

    def line(self, data: Any, walk: Any, row: Any) -> Any:
        return self.moved(self.moved(data, walk[0]), row, walk[1])

    def load_vector(self, pointer: Any) -> Any:
        cast = self.builder.bitcast(pointer, self.vector.as_pointer())
        return self.builder.load(cast, align=self.itemsize, typ=self.vector)

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


large_tile = tile_of(LARGE_TILE)
small_tile = tile_of(SMALL_TILE)
single = tile_of(1)


def whole_vectors(array: Array) -> Array:
    """The array with its last axis filled up with zeros to whole vectors."""
    missing = -array.shape[-1] % (VECTOR_BYTES // array.itemsize)
    if missing:
        padded = np.zeros((*array.shape[:-1], array.shape[-1] + missing), array.dtype)
        padded[..., :-missing] = array
        array = padded
    return given(array)


@inlined
def sweep(
    rows: int,
    a: Array,
    a_walk: tuple[int, int, int, int, int],
    b: Array,
    b_walk: tuple[int, int, int, int],
    counts: tuple[int, int, int],
    initial: Array,
    initial_walk: tuple[int, int],
    y: Array,
    y_walk: tuple[int, int],
    width: int,
) -> None:
    """Any number of rows of `tile_of`'s loop, in tiles as large as they go."""
    row = 0
    while row + LARGE_TILE <= rows:
        large_tile(row, a, a_walk, b, b_walk, counts, initial, initial_walk, y, y_walk, width)
        row += LARGE_TILE
    while row + SMALL_TILE <= rows:
        small_tile(row, a, a_walk, b, b_walk, counts, initial, initial_walk, y, y_walk, width)
        row += SMALL_TILE
    while row < rows:
        single(row, a, a_walk, b, b_walk, counts, initial, initial_walk, y, y_walk, width)
        row += 1
