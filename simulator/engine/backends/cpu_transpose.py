"""Matrices turned round on the CPU, a square of one vector's lanes at a time.

A loop over the cells would write one number at a time. A square is read in whole rows, its vectors
exchange halves, then quarters, and so on down to single lanes, and are written as whole columns
(Eklundh 1972, "A fast computer method for matrix transposing").
"""
# ruff: noqa: ARG001 - Numba reads the names of an intrinsic's arguments, Python reads none.
# mypy: disable-error-code="no-untyped-call, untyped-decorator, no-any-return"

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import extending, types

from simulator.engine.backends.cpu_compile import Array, inlined
from simulator.engine.backends.cpu_vectors import VECTOR_BYTES

intrinsic: Any = extending.intrinsic

_int32 = ir.IntType(32)


@intrinsic
def _square(
    typing_context: Any, x: Any, x_start: Any, x_step: Any, y: Any, y_start: Any, y_step: Any
) -> Any:
    """y[y_start + j · y_step + i] = x[x_start + i · x_step + j] for all lanes i, j of a vector."""
    integer = types.int64
    signature = types.void(x, integer, integer, y, integer, integer)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        scalar = context.get_value_type(signature.args[0].dtype)
        itemsize = context.get_abi_sizeof(scalar)
        lanes = VECTOR_BYTES // itemsize
        vector = ir.VectorType(scalar, lanes)

        def line(position: int, number: int) -> Any:
            array = context.make_array(signature.args[position])(
                context, builder, arguments[position]
            )
            start, step = arguments[position + 1 : position + 3]
            offset = builder.add(start, builder.mul(step, step.type(number)))
            pointer = builder.gep(array.data, [offset], source_etype=scalar)
            return builder.bitcast(pointer, vector.as_pointer())

        rows = [builder.load(line(0, i), align=itemsize, typ=vector) for i in range(lanes)]
        half = lanes // 2
        while half:
            # Lane numbers from `lanes` on are the second row's.
            upper = [j if not j & half else lanes + j - half for j in range(lanes)]
            lower = [j + half if not j & half else lanes + j for j in range(lanes)]
            masks = [ir.Constant(ir.VectorType(_int32, lanes), each) for each in (upper, lower)]
            for i in range(lanes):
                if not i & half:
                    pair = rows[i], rows[i + half]
                    rows[i], rows[i + half] = (
                        builder.shuffle_vector(*pair, mask) for mask in masks
                    )
            half //= 2
        for i, row in enumerate(rows):
            builder.store(row, line(3, i), align=itemsize)
        return context.get_dummy_value()

    return signature, generate


@inlined
def transpose(
    x: Array,
    x_walk: tuple[int, int],
    rows: int,
    columns: int,
    y: Array,
    y_walk: tuple[int, int],
) -> None:
    """y[j, i] = x[i, j] for so many rows i and columns j of x.

    Arrays are flat; a walk holds where a matrix begins and what leads to its next row.
    """
    lanes = VECTOR_BYTES // x.itemsize
    (x_start, x_step), (y_start, y_step) = x_walk, y_walk
    whole_rows, whole_columns = rows // lanes * lanes, columns // lanes * lanes
    for i in range(0, whole_rows, lanes):
        for j in range(0, whole_columns, lanes):
            _square(x, x_start + i * x_step + j, x_step, y, y_start + j * y_step + i, y_step)
        for j in range(whole_columns, columns):
            for k in range(i, i + lanes):
                y[y_start + j * y_step + k] = x[x_start + k * x_step + j]
    for i in range(whole_rows, rows):
        for j in range(columns):
            y[y_start + j * y_step + i] = x[x_start + i * x_step + j]
