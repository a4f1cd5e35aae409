"""The other inner loop: a sum of few lines, picked from anywhere, that stays in registers.

Behind a max-pooling most slopes of a convolution are zero: of each window one cell counts, and of
rectified ones half. What `cpu_tiles` does would multiply all the zeros; this goes through a list.
"""
# ruff: noqa: ARG001 - Numba reads the names of an intrinsic's arguments, Python reads none.
# mypy: disable-error-code="no-untyped-call, untyped-decorator"

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import extending, types
from numba.core import cgutils

from simulator.engine.backends.cpu_compile import Array, inlined
from simulator.engine.backends.cpu_tiles import VECTOR_BYTES

_int64, _int32 = ir.IntType(64), ir.IntType(32)


def lines_of(vectors: int) -> Any:
    """Make the compiled form of this, for a number of vectors of which the last may be a part.

    total = y[start : start + width]
    for n in range(first, first + count):
        total += factors[n] * lines[origin + places[n] : + width]
    y[start : start + width] = total
    """

    @extending.intrinsic
    def add_lines(
        typing_context: Any,
        y: Any,
        start: Any,
        lines: Any,
        origin: Any,
        places: Any,
        factors: Any,
        first: Any,
        count: Any,
        width: Any,
    ) -> Any:
        number = types.int64
        signature = types.void(y, number, lines, number, places, factors, number, number, number)

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            data = [
                context.make_array(signature.args[position])(
                    context, builder, arguments[position]
                ).data
                if isinstance(signature.args[position], types.Array)
                else arguments[position]
                for position in range(9)
            ]
            _Lines(builder, context.get_value_type(y.dtype), vectors).generate(*data)
            return context.get_dummy_value()

        return signature, generate

    return add_lines


class _Lines:
    """Writes the instructions."""

    def __init__(self, builder: Any, scalar: Any, vectors: int) -> None:
        self.builder, self.scalar = builder, scalar
        self.itemsize = 4 if isinstance(scalar, ir.FloatType) else 8
        self.lanes = VECTOR_BYTES // self.itemsize
        self.vector = ir.VectorType(scalar, self.lanes)
        self.vectors = range(vectors)
        self.mask: Any = None

    def generate(
        self,
        y: Any,
        start: Any,
        lines: Any,
        origin: Any,
        places: Any,
        factors: Any,
        first: Any,
        count: Any,
        width: Any,
    ) -> None:
        builder = self.builder
        numbers = ir.Constant(ir.VectorType(_int64, self.lanes), list(range(self.lanes)))
        last = builder.sub(width, _int64(self.vectors[-1] * self.lanes))
        self.mask = builder.icmp_signed("<", numbers, self.repeated(last, _int64))
        target = self.moved(y, start)
        totals = [cgutils.alloca_once(builder, self.vector) for _ in self.vectors]
        for number, total in zip(self.vectors, totals, strict=True):
            builder.store(self.load(target, number), total)
        source = self.moved(lines, origin)
        with cgutils.for_range(builder, count) as loop:
            at = builder.add(first, loop.index)
            place = builder.load(builder.gep(places, [at], source_etype=_int64), typ=_int64)
            factor = builder.load(self.moved(factors, at), align=self.itemsize, typ=self.scalar)
            line = self.moved(source, place)
            wide = self.repeated(factor, self.scalar)
            for number, total in zip(self.vectors, totals, strict=True):
                before = builder.load(total, typ=self.vector)
                product = self.call(
                    "llvm.fmuladd", self.vector, [wide, self.load(line, number), before]
                )
                builder.store(product, total)
        for number, total in zip(self.vectors, totals, strict=True):
            self.store(builder.load(total, typ=self.vector), target, number)

    def moved(self, pointer: Any, count: Any) -> Any:
        return self.builder.gep(pointer, [count], source_etype=self.scalar)

    def place(self, pointer: Any, number: int) -> Any:
        moved = self.moved(pointer, _int64(number * self.lanes))
        return self.builder.bitcast(moved, self.vector.as_pointer())

    def load(self, pointer: Any, number: int) -> Any:
        place = self.place(pointer, number)
        if number != self.vectors[-1]:
            return self.builder.load(place, align=self.itemsize, typ=self.vector)
        zeros = ir.Constant(self.vector, [0.0] * self.lanes)
        arguments = [place, _int32(self.itemsize), self.mask, zeros]
        return self.call("llvm.masked.load", self.vector, arguments, ".p0")

    def store(self, value: Any, pointer: Any, number: int) -> None:
        place = self.place(pointer, number)
        if number != self.vectors[-1]:
            self.builder.store(value, place, align=self.itemsize)
            return
        arguments = [value, place, _int32(self.itemsize), self.mask]
        self.call("llvm.masked.store", ir.VoidType(), arguments, ".p0")

    def repeated(self, value: Any, element: Any) -> Any:
        nothing = ir.Constant(ir.VectorType(element, self.lanes), ir.Undefined)
        once = self.builder.insert_element(nothing, value, _int32(0))
        zeros = ir.Constant(ir.VectorType(_int32, self.lanes), [0] * self.lanes)
        return self.builder.shuffle_vector(once, nothing, zeros)

    def call(self, name: str, result: Any, arguments: list[Any], suffix: str = "") -> Any:
        full = f"{name}.v{self.lanes}f{8 * self.itemsize}{suffix}"
        function_type = ir.FunctionType(result, [argument.type for argument in arguments])
        function = cgutils.get_or_insert_function(self.builder.module, function_type, full)
        return self.builder.call(function, arguments)


_six, _three, _one = lines_of(6), lines_of(3), lines_of(1)


@inlined
def add_lines(
    y: Array,
    start: int,
    lines: Array,
    origin: int,
    places: Array,
    factors: Array,
    first: int,
    count: int,
    width: int,
) -> None:
    """`lines_of`'s loop for any width."""
    lanes = VECTOR_BYTES // y.itemsize
    column = 0
    while column < width:
        left = width - column
        at, here = start + column, origin + column
        if left > 5 * lanes:
            left = min(left, 6 * lanes)
            _six(y, at, lines, here, places, factors, first, count, left)
        elif left > 2 * lanes:
            left = min(left, 3 * lanes)
            _three(y, at, lines, here, places, factors, first, count, left)
        else:
            left = min(left, lanes)
            _one(y, at, lines, here, places, factors, first, count, left)
        column += left
