"""Pooling and its way back for a vector of channels at a time.

Written as LLVM instructions: of loops over a few channels most of the time would go into deciding
whether and how to use vectors.
"""
# ruff: noqa: ARG001 - Numba reads the names of an intrinsic's arguments, Python reads none.
# mypy: disable-error-code="no-untyped-call, untyped-decorator"

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import extending, types
from numba.core import cgutils

from simulator.engine.backends.cpu_compile import Array, inlined
from simulator.engine.backends.cpu_vectors import INT8, INT32, VECTOR_BYTES, Vectors, integers

intrinsic: Any = extending.intrinsic


@intrinsic
def _largest(
    typing_context: Any,
    source: Any,
    start: Any,
    steps: Any,
    counts: Any,
    y: Any,
    choice: Any,
    at: Any,
    width: Any,
) -> Any:
    number = types.int64
    signature = types.void(source, number, integers(4), integers(3), y, choice, number, number)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        v = Vectors(context, builder, source.dtype)
        mask = v.first_lanes(arguments[7])
        steps, counts = (cgutils.unpack_tuple(builder, each) for each in arguments[2:4])
        first = v.moved(v.data(source, arguments[0]), arguments[1])
        target = v.moved(v.data(y, arguments[4]), arguments[6])
        place = v.moved(v.data(choice, arguments[5]), arguments[6], scalar=INT8)
        numbers = ir.VectorType(INT32, v.lanes)
        best, chosen = cgutils.alloca_once(builder, v.vector), cgutils.alloca_once(builder, numbers)
        cell = cgutils.alloca_once(builder, INT32)
        with cgutils.for_range(builder, counts[2]) as window:
            corner = v.moved(first, window.index, steps[2])
            builder.store(v.load(corner, mask), best)
            builder.store(v.zeros(numbers), chosen)
            builder.store(INT32(0), cell)
            with cgutils.for_range(builder, counts[0]) as down:
                line = v.moved(corner, down.index, steps[0])
                with cgutils.for_range(builder, counts[1]) as across:
                    value = v.load(v.moved(line, across.index, steps[1]), mask)
                    before = builder.load(best, typ=v.vector)
                    larger = builder.fcmp_ordered(">", value, before)
                    # The first of all that is no number wins, and makes the loss none.
                    better = builder.or_(larger, builder.fcmp_unordered("uno", value, value))
                    builder.store(builder.select(better, value, before), best)
                    own = v.repeated(builder.load(cell, typ=INT32), INT32)
                    others = builder.load(chosen, typ=numbers)
                    builder.store(builder.select(better, own, others), chosen)
                    builder.store(builder.add(builder.load(cell, typ=INT32), INT32(1)), cell)
            v.store(builder.load(best, typ=v.vector), v.moved(target, window.index, steps[3]), mask)
            small = builder.trunc(builder.load(chosen, typ=numbers), ir.VectorType(INT8, v.lanes))
            v.store(small, v.moved(place, window.index, steps[3], INT8), mask)
        return context.get_dummy_value()

    return signature, generate


@intrinsic
def _spread(
    typing_context: Any,
    slopes: Any,
    choice: Any,
    at: Any,
    y: Any,
    start: Any,
    steps: Any,
    counts: Any,
    width: Any,
) -> Any:
    number = types.int64
    signature = types.void(slopes, choice, number, y, number, integers(4), integers(3), number)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        v = Vectors(context, builder, slopes.dtype)
        mask = v.first_lanes(arguments[7])
        steps, counts = (cgutils.unpack_tuple(builder, each) for each in arguments[5:7])
        source = v.moved(v.data(slopes, arguments[0]), arguments[2])
        place = v.moved(v.data(choice, arguments[1]), arguments[2], scalar=INT8)
        first = v.moved(v.data(y, arguments[3]), arguments[4])
        cell = cgutils.alloca_once(builder, INT8)
        with cgutils.for_range(builder, counts[2]) as window:
            slope = v.load(v.moved(source, window.index, steps[3]), mask)
            numbers = v.moved(place, window.index, steps[3], INT8)
            chosen = v.load(numbers, mask, ir.VectorType(INT8, v.lanes))
            corner = v.moved(first, window.index, steps[2])
            builder.store(INT8(0), cell)
            with cgutils.for_range(builder, counts[0]) as down:
                line = v.moved(corner, down.index, steps[0])
                with cgutils.for_range(builder, counts[1]) as across:
                    own = v.repeated(builder.load(cell, typ=INT8), INT8)
                    here = builder.select(builder.icmp_signed("==", chosen, own), slope, v.zeros())
                    v.store(here, v.moved(line, across.index, steps[1]), mask)
                    builder.store(builder.add(builder.load(cell, typ=INT8), INT8(1)), cell)
        return context.get_dummy_value()

    return signature, generate


@intrinsic
def _add_up(
    typing_context: Any,
    lines: Any,
    start: Any,
    step: Any,
    count: Any,
    y: Any,
    at: Any,
    width: Any,
) -> Any:
    number = types.int64
    signature = types.void(lines, number, number, number, y, number, number)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        v = Vectors(context, builder, lines.dtype)
        mask = v.first_lanes(arguments[6])
        source = v.moved(v.data(lines, arguments[0]), arguments[1])
        target = v.moved(v.data(y, arguments[4]), arguments[5])
        total = cgutils.alloca_once_value(builder, v.load(target, mask))
        with cgutils.for_range(builder, arguments[3]) as loop:
            line = v.load(v.moved(source, loop.index, arguments[2]), mask)
            builder.store(builder.fadd(builder.load(total, typ=v.vector), line), total)
        v.store(builder.load(total, typ=v.vector), target, mask)
        return context.get_dummy_value()

    return signature, generate


@inlined
def add_up(
    lines: Array, start: int, step: int, count: int, y: Array, at: int, channels: int
) -> None:
    """y[at : at + channels] += the sum of so many lines, in their order."""
    lanes = VECTOR_BYTES // y.itemsize
    for c in range(0, channels, lanes):
        width = min(lanes, channels - c)
        _add_up(lines, start + c, step, count, y, at + c, width)


@inlined
def largest(
    source: Array,
    start: int,
    steps: tuple[int, int, int, int],
    counts: tuple[int, int, int],
    y: Array,
    choice: Array,
    at: int,
    channels: int,
) -> None:
    """Of each of counts[2] windows of counts[0] × counts[1] cells the largest value of each
    channel, and the number of the first cell that has it; NaN before all.

    Steps lead to the next row of a window, the next cell, the next window, and the next result.
    """
    lanes = VECTOR_BYTES // y.itemsize
    for c in range(0, channels, lanes):
        width = min(lanes, channels - c)
        _largest(source, start + c, steps, counts, y, choice, at + c, width)


@inlined
def spread(
    slopes: Array,
    choice: Array,
    at: int,
    y: Array,
    start: int,
    steps: tuple[int, int, int, int],
    counts: tuple[int, int, int],
    channels: int,
) -> None:
    """The way back: to each cell of a window the slopes of the channels that chose it, else 0."""
    lanes = VECTOR_BYTES // y.itemsize
    for c in range(0, channels, lanes):
        width = min(lanes, channels - c)
        _spread(slopes, choice, at + c, y, start + c, steps, counts, width)
