"""Vectors in the intermediate language of LLVM, for the loops that are written in it."""
# mypy: disable-error-code="no-untyped-call, no-any-return"

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

VECTOR_BYTES = 64
"""LLVM fits them to the machine: one AVX-512 register, two of AVX2, four of SSE or NEON."""

INT64, INT32, INT8 = ir.IntType(64), ir.IntType(32), ir.IntType(8)


class Vectors:
    """Writes instructions for vectors of one type of number, the last one of a line masked."""

    def __init__(self, context: Any, builder: Any, number: Any) -> None:
        self.context, self.builder = context, builder
        self.scalar = context.get_value_type(number)
        self.itemsize = context.get_abi_sizeof(self.scalar)
        self.lanes = VECTOR_BYTES // self.itemsize
        self.vector = ir.VectorType(self.scalar, self.lanes)

    def data(self, kind: Any, array: Any) -> Any:
        """The pointer to an array's numbers."""
        return self.context.make_array(kind)(self.context, self.builder, array).data

    def zeros(self, kind: Any = None) -> Any:
        """A vector of zeros."""
        kind = self.vector if kind is None else kind
        zero = 0 if isinstance(kind.element, ir.IntType) else 0.0
        return ir.Constant(kind, [zero] * kind.count)

    def moved(self, pointer: Any, count: Any, step: Any = None, scalar: Any = None) -> Any:
        """The pointer so many elements, or so many steps of them, further on."""
        offset = count if step is None else self.builder.mul(count, step)
        return self.builder.gep(pointer, [offset], source_etype=scalar or self.scalar)

    def first_lanes(self, count: Any) -> Any:
        """The mask of so many lanes."""
        numbers = ir.Constant(ir.VectorType(INT64, self.lanes), list(range(self.lanes)))
        return self.builder.icmp_signed("<", numbers, self.repeated(count, INT64))

    def load(self, pointer: Any, mask: Any = None, kind: Any = None) -> Any:
        """A vector; with a mask, zeros where it is false, and nothing read there."""
        kind = self.vector if kind is None else kind
        size = self._size(kind)
        place = self.builder.bitcast(pointer, kind.as_pointer())
        if mask is None:
            return self.builder.load(place, align=size, typ=kind)
        arguments = [place, INT32(size), mask, self.zeros(kind)]
        return self.call("llvm.masked.load", kind, arguments, of=kind, suffix=".p0")

    def store(self, value: Any, pointer: Any, mask: Any = None) -> None:
        """Write a vector; with a mask, only the lanes where it is true."""
        size = self._size(value.type)
        place = self.builder.bitcast(pointer, value.type.as_pointer())
        if mask is None:
            self.builder.store(value, place, align=size)
        else:
            arguments = [value, place, INT32(size), mask]
            self.call("llvm.masked.store", ir.VoidType(), arguments, of=value.type, suffix=".p0")

    def repeated(self, value: Any, element: Any = None) -> Any:
        """A vector with one number in every lane."""
        kind = ir.VectorType(element or self.scalar, self.lanes)
        nothing = ir.Constant(kind, ir.Undefined)
        once = self.builder.insert_element(nothing, value, INT32(0))
        places = ir.Constant(ir.VectorType(INT32, self.lanes), [0] * self.lanes)
        return self.builder.shuffle_vector(once, nothing, places)

    def multiply_add(self, a: Any, b: Any, c: Any) -> Any:
        """a · b + c."""
        return self.call("llvm.fmuladd", self.vector, [a, b, c])

    def call(
        self, name: str, result: Any, arguments: list[Any], *, of: Any = None, suffix: str = ""
    ) -> Any:
        """One of LLVM's own functions, in its form for a kind of vector."""
        kind = self.vector if of is None else of
        letter = "i" if isinstance(kind.element, ir.IntType) else "f"
        full = f"{name}.v{kind.count}{letter}{8 * self._size(kind)}{suffix}"
        function_type = ir.FunctionType(result, [argument.type for argument in arguments])
        function = cgutils.get_or_insert_function(self.builder.module, function_type, full)
        return self.builder.call(function, arguments)

    def _size(self, kind: Any) -> int:
        element = kind.element
        return element.width // 8 if isinstance(element, ir.IntType) else self.itemsize


def integers(count: int) -> Any:
    """The type of a tuple of so many whole numbers."""
    return types.UniTuple(types.int64, count)
