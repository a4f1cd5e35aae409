"""The gradient of a convolution's kernel where the lanes of vectors are samples.

Written as LLVM instructions, because the sums of several weights have to stay in registers.
"""
# ruff: noqa: ARG001 - Numba reads the names of an intrinsic's arguments, Python reads none.
# mypy: disable-error-code="no-untyped-call, untyped-decorator"

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from llvmlite import ir
from numba import extending, types
from numba.core import cgutils

from simulator.engine.backends import cpu_target
from simulator.engine.backends.cpu_compile import Array, inlined
from simulator.engine.backends.cpu_vectors import INT8, INT64, Vectors, integers

intrinsic: Any = extending.intrinsic

TAPS, FILTERS = (9, 2) if cpu_target.TILES is cpu_target.AVX512 else (3, 1)
"""Weights whose sums fit the registers together, beside the slopes of as many filters."""


@intrinsic
def _add_windows(
    typing_context: Any,
    x: Any,
    x_walk: Any,
    taps: Any,
    cells: Any,
    slopes: Any,
    choice: Any,
    slopes_walk: Any,
    counts: Any,
    first: Any,
    ends: Any,
    y: Any,
) -> Any:
    """The sums of TAPS taps from first[0] on for FILTERS filters from first[1] on."""
    signature = types.void(
        *(x, integers(4), taps, cells, slopes, choice, integers(5), integers(4)),
        *(integers(2), integers(2), y),
    )

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        v = Vectors(context, builder, x.dtype)
        plain = [
            v.data(kind, argument)
            if isinstance(kind, types.Array)
            else cgutils.unpack_tuple(builder, argument)
            for kind, argument in zip(signature.args, arguments, strict=True)
        ]
        x_at, x_walk, taps, cells, slopes_at, choice_at, slopes_walk, counts, first, ends, y = plain

        def numbers(size: int, axis: int) -> list[Any]:
            """Weights that are not there compute what the last one does."""
            last = builder.sub(ends[axis], INT64(1))
            found = [builder.add(first[axis], INT64(number)) for number in range(size)]
            return [
                builder.select(builder.icmp_signed("<", each, last), each, last) for each in found
            ]

        def listed(places: Any, number: Any) -> Any:
            return builder.load(v.moved(places, number, scalar=INT64), typ=INT64)

        own_taps, own_filters = numbers(TAPS, 0), numbers(FILTERS, 1)
        shifts = [listed(taps, number) for number in own_taps]
        zero = v.zeros()
        sums = [[cgutils.alloca_once_value(builder, zero) for _ in own_filters] for _ in own_taps]
        x_here = v.moved(x_at, x_walk[0])
        slopes_here = v.moved(slopes_at, slopes_walk[0])
        choice_here = v.moved(choice_at, slopes_walk[0], scalar=INT8)
        with ExitStack() as loops:
            for depth in (1, 2, 3):
                at = loops.enter_context(cgutils.for_range(builder, counts[depth - 1])).index
                x_here = v.moved(x_here, at, x_walk[depth])
                slopes_here = v.moved(slopes_here, at, slopes_walk[depth])
                choice_here = v.moved(choice_here, at, slopes_walk[depth], INT8)
            slopes, chosen = [], []
            for number in own_filters:
                slopes.append(v.load(v.moved(slopes_here, number, slopes_walk[4])))
                place = v.moved(choice_here, number, slopes_walk[4], INT8)
                chosen.append(v.load(place, kind=ir.VectorType(INT8, v.lanes)))
            cell = loops.enter_context(cgutils.for_range(builder, counts[3])).index
            corner = v.moved(x_here, listed(cells, cell))
            this = v.repeated(builder.trunc(cell, INT8), INT8)
            factors = [
                builder.select(builder.icmp_signed("==", each, this), slope, zero)
                for each, slope in zip(chosen, slopes, strict=True)
            ]
            for shift, line in zip(shifts, sums, strict=True):
                value = v.load(v.moved(corner, shift))
                for factor, total in zip(factors, line, strict=True):
                    before = builder.load(total, typ=v.vector)
                    builder.store(v.multiply_add(value, factor, before), total)
        for tap, line in zip(own_taps, sums, strict=True):
            for number, total in zip(own_filters, line, strict=True):
                row = builder.add(builder.mul(tap, ends[1]), number)
                target = v.moved(y, row, INT64(v.lanes))
                v.store(builder.load(total, typ=v.vector), target)
        return context.get_dummy_value()

    return signature, generate


@inlined
def add_windows(
    x: Array,
    x_walk: tuple[int, int, int, int],
    taps: Array,
    cells: Array,
    slopes: Array,
    choice: Array,
    slopes_walk: tuple[int, int, int, int, int],
    counts: tuple[int, int, int],
    filters: int,
    y: Array,
) -> None:
    """The sum of a filter's slopes times what a tap sees of each window, for every lane.

    For each tap t, filter f and lane:

    y[t, f] = 0
    for i, j, k in product(range(counts[0]), range(counts[1]), range(counts[2])):
        at = slopes_walk · (1, i, j, k, f)
        y[t, f] += slopes[at] · x[x_walk · (1, i, j, k) + cells[choice[at]] + taps[t]]

    All arrays are flat, and all places those of a line of lanes.
    """
    for f in range(0, filters, FILTERS):
        for t in range(0, taps.size, TAPS):
            _add_windows(
                x, x_walk, taps, cells, slopes, choice, slopes_walk,
                (counts[0], counts[1], counts[2], cells.size), (t, f), (taps.size, filters), y,
            )  # fmt: skip
