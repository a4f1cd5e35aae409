"""The three turns of Winograd's F(2×2, 3×3), for a vector of channels at a time.

Two outputs of a window of three take four products in place of six: Y = Aᵀ [(G g) ⊙ (Bᵀ d)], and
in two dimensions 16 in place of 36 (Lavin and Gray 2016, "Fast Algorithms for Convolutional Neural
Networks", section 4.1). Bᵀ has only 0 and ±1, so the sums are about as exact as the plain ones.
"""
# ruff: noqa: ARG001 - Numba reads the names of an intrinsic's arguments, Python reads none.
# mypy: disable-error-code="no-untyped-call, untyped-decorator"

from __future__ import annotations

from itertools import chain
from typing import Any

from llvmlite import ir
from numba import extending, types
from numba.core import cgutils

from simulator.engine.backends.cpu_compile import Array, inlined
from simulator.engine.backends.cpu_vectors import INT64, VECTOR_BYTES, Vectors, integers

intrinsic: Any = extending.intrinsic
_INT = types.int64


def _both_ways(cells: list[list[Any]], turn: Any) -> list[list[Any]]:
    """A turn of all columns, then of all rows."""
    columns = [turn(list(column)) for column in zip(*cells, strict=True)]
    return [turn(list(row)) for row in zip(*columns, strict=True)]


def _turned(size: int, turn: Any) -> Any:
    """Make the compiled form of: read size × size vectors, turn them, write the 16 results."""

    @intrinsic
    def turned(
        typing_context: Any, x: Any, start: Any, steps: Any, y: Any, at: Any, step: Any, width: Any
    ) -> Any:
        signature = types.void(x, _INT, integers(2), y, _INT, _INT, _INT)

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            v = Vectors(context, builder, x.dtype)
            mask = v.first_lanes(arguments[6])
            down, across = cgutils.unpack_tuple(builder, arguments[2])
            corner = v.moved(v.data(x, arguments[0]), arguments[1])
            target = v.moved(v.data(y, arguments[3]), arguments[4])
            lines = [v.moved(corner, INT64(i), down) for i in range(size)]
            cells = [
                [v.load(v.moved(line, INT64(j), across), mask) for j in range(size)]
                for line in lines
            ]
            found = _both_ways(cells, lambda values: turn(v, values))
            for number, value in enumerate(chain(*found)):
                v.store(value, v.moved(target, INT64(number), arguments[5]), mask)
            return context.get_dummy_value()

        return signature, generate

    return turned


def _of_inputs(v: Vectors, d: list[Any]) -> list[Any]:
    """Bᵀ d."""
    b = v.builder
    return [b.fsub(d[0], d[2]), b.fadd(d[1], d[2]), b.fsub(d[2], d[1]), b.fsub(d[1], d[3])]


def _of_kernel(v: Vectors, g: list[Any]) -> list[Any]:
    """G g."""
    half = ir.Constant(v.vector, [0.5] * v.lanes)
    outer = v.builder.fmul(v.builder.fadd(g[0], g[2]), half)
    inner = v.builder.fmul(g[1], half)
    return [g[0], v.builder.fadd(outer, inner), v.builder.fsub(outer, inner), g[2]]


_inputs = _turned(4, _of_inputs)
_kernel = _turned(3, _of_kernel)


@intrinsic
def _outputs(
    typing_context: Any,
    x: Any,
    start: Any,
    step: Any,
    bias: Any,
    bias_walk: Any,
    y: Any,
    at: Any,
    steps: Any,
    counts: Any,
    width: Any,
) -> Any:
    signature = types.void(
        x, _INT, _INT, bias, integers(2), y, _INT, integers(2), integers(2), _INT
    )

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        v = Vectors(context, builder, x.dtype)
        mask = v.first_lanes(arguments[9])
        source = v.moved(v.data(x, arguments[0]), arguments[1])
        cells = [
            [v.load(v.moved(source, INT64(4 * i + j), arguments[2])) for j in range(4)]
            for i in range(4)
        ]
        bias_at, present = cgutils.unpack_tuple(builder, arguments[4])
        given = v.repeated(present, INT64)
        readable = builder.and_(mask, builder.icmp_signed("!=", given, v.zeros(given.type)))
        added = v.load(v.moved(v.data(bias, arguments[3]), bias_at), readable)

        def turn(m: list[Any]) -> list[Any]:
            return [
                builder.fadd(builder.fadd(m[0], m[1]), m[2]),
                builder.fsub(builder.fsub(m[1], m[2]), m[3]),
            ]

        found = [[builder.fadd(value, added) for value in row] for row in _both_ways(cells, turn)]
        target = v.moved(v.data(y, arguments[5]), arguments[6])
        down, across = cgutils.unpack_tuple(builder, arguments[7])
        rows, columns = cgutils.unpack_tuple(builder, arguments[8])
        pooled = builder.icmp_signed("==", rows, INT64(0))
        with builder.if_else(pooled) as (then, otherwise):
            with then:
                best = found[0][0]
                for value in (found[0][1], *found[1]):
                    larger = builder.fcmp_ordered(">", value, best)
                    # The first of all that is no number wins, and makes the loss none.
                    better = builder.or_(larger, builder.fcmp_unordered("uno", value, value))
                    best = builder.select(better, value, best)
                v.store(best, target, mask)
            with otherwise:
                for i in range(2):
                    for j in range(2):
                        inside = builder.and_(
                            builder.icmp_signed("<", INT64(i), rows),
                            builder.icmp_signed("<", INT64(j), columns),
                        )
                        with builder.if_then(inside):
                            place = v.moved(v.moved(target, INT64(i), down), INT64(j), across)
                            v.store(found[i][j], place, mask)
        return context.get_dummy_value()

    return signature, generate


@inlined
def turn_inputs(
    x: Array, start: int, steps: tuple[int, int], y: Array, at: int, step: int, channels: int
) -> None:
    """Bᵀ d B of a tile of 4 × 4 cells. Steps lead to x's next row and next cell; the 16 results lie
    a step apart.
    """
    lanes = VECTOR_BYTES // y.itemsize
    for c in range(0, channels, lanes):
        _inputs(x, start + c, steps, y, at + c, step, min(lanes, channels - c))


@inlined
def turn_kernel(
    x: Array, start: int, steps: tuple[int, int], y: Array, at: int, step: int, filters: int
) -> None:
    """G g Gᵀ of a kernel of 3 × 3 weights, for some filters; as `turn_inputs`."""
    lanes = VECTOR_BYTES // y.itemsize
    for f in range(0, filters, lanes):
        _kernel(x, start + f, steps, y, at + f, step, min(lanes, filters - f))


@inlined
def turn_outputs(
    x: Array,
    start: int,
    step: int,
    bias: Array,
    bias_walk: tuple[int, int],
    y: Array,
    at: int,
    steps: tuple[int, int],
    counts: tuple[int, int],
    filters: int,
) -> None:
    """Aᵀ m A + bias: 2 × 2 outputs, of which counts says how many rows and columns there are; with
    (0, 0) the largest of the four. bias_walk is a start, and 0 where there is no bias.
    """
    lanes = VECTOR_BYTES // y.itemsize
    for f in range(0, filters, lanes):
        walk = (bias_walk[0] + f, bias_walk[1])
        _outputs(x, start + f, step, bias, walk, y, at + f, steps, counts, min(lanes, filters - f))
