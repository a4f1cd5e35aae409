"""The other inner loop: a sum of few lines, picked from anywhere, that stays in registers.

Behind a max-pooling most slopes of a convolution are zero: of each window one cell counts, and of
rectified ones half. What `cpu_tiles` does would multiply all the zeros; this goes through a list.
"""
# ruff: noqa: ARG001 - Numba reads the names of an intrinsic's arguments, Python reads none.
# mypy: disable-error-code="no-untyped-call, untyped-decorator"

from __future__ import annotations

from typing import Any

from numba import extending, types
from numba.core import cgutils

from simulator.engine.backends.cpu_compile import Array, inlined
from simulator.engine.backends.cpu_vectors import INT64, VECTOR_BYTES, Vectors


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
            writer = _Lines(context, builder, y.dtype)
            plain = [
                writer.data(kind, argument) if isinstance(kind, types.Array) else argument
                for kind, argument in zip(signature.args, arguments, strict=True)
            ]
            writer.generate(vectors, *plain)
            return context.get_dummy_value()

        return signature, generate

    return add_lines


class _Lines(Vectors):
    """Writes the instructions."""

    def generate(
        self,
        vectors: int,
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
        shifts = [INT64(number * self.lanes) for number in range(vectors)]
        masks = [None] * (vectors - 1) + [self.first_lanes(builder.sub(width, shifts[-1]))]
        target = self.moved(y, start)
        totals = [cgutils.alloca_once(builder, self.vector) for _ in shifts]
        for shift, mask, total in zip(shifts, masks, totals, strict=True):
            builder.store(self.load(self.moved(target, shift), mask), total)
        source = self.moved(lines, origin)
        with cgutils.for_range(builder, count) as loop:
            at = builder.add(first, loop.index)
            place = builder.load(self.moved(places, at, scalar=INT64), typ=INT64)
            factor = builder.load(self.moved(factors, at), align=self.itemsize, typ=self.scalar)
            line, factor = self.moved(source, place), self.repeated(factor)
            for shift, mask, total in zip(shifts, masks, totals, strict=True):
                before = builder.load(total, typ=self.vector)
                numbers = self.load(self.moved(line, shift), mask)
                builder.store(self.multiply_add(factor, numbers, before), total)
        for shift, mask, total in zip(shifts, masks, totals, strict=True):
            self.store(builder.load(total, typ=self.vector), self.moved(target, shift), mask)


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
