"""What the CPU kernels need of LLVM and the processor, and Numba does not offer."""
# ruff: noqa: ARG001 - Numba reads the names of an intrinsic's arguments, Python reads none.
# An intrinsic is called with the first argument left out, so callers see it as Any.
# mypy: disable-error-code="no-untyped-call, untyped-decorator, no-any-return"

from __future__ import annotations

import sys
from typing import Any

from llvmlite import ir
from numba import extending, types
from numba.core import cgutils
from numba.np.arrayobj import populate_array

from simulator.engine.backends.cpu_compile import inlined
from simulator.engine.backends.cpu_target import ARM, X86

intrinsic: Any = extending.intrinsic

_int64, _int32 = ir.IntType(64), ir.IntType(32)
_X86_FLUSH = 0x8040  # results to zero, and operands as zero (Intel's manual, MXCSR)
_ARM_FLUSH = 1 << 24  # FPCR.FZ, which does both


def _call(builder: Any, name: str, result: Any, arguments: Any) -> Any:
    """Call one of LLVM's functions, or the system's."""
    function_type = ir.FunctionType(result, [argument.type for argument in arguments])
    function = cgutils.get_or_insert_function(builder.module, function_type, name)
    return builder.call(function, arguments)


@intrinsic
def multiply_add(typing_context: Any, a: Any, b: Any, c: Any) -> Any:
    """a · b + c, rounded once where the processor can."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = context.get_value_type(signature.return_type)
        return _call(builder, f"llvm.fmuladd.f{a.bitwidth}", kind, arguments)

    return a(a, a, a), generate


@intrinsic
def choose(typing_context: Any, condition: Any, a: Any, b: Any) -> Any:
    """a where the condition holds, else b; both are computed, so that loops stay free of jumps."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.select(*arguments)

    return a(types.boolean, a, a), generate


@intrinsic
def float_of(typing_context: Any, bits: Any) -> Any:
    """The float32 whose bits are those of an int32."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.FloatType())

    return types.float32(types.int32), generate


@intrinsic
def bits_of(typing_context: Any, number: Any) -> Any:
    """The int32 whose bits are those of a float32."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], _int32)

    return types.int32(types.float32), generate


@intrinsic
def array_at(typing_context: Any, address: Any, size: Any, like: Any) -> Any:
    """The array of so many numbers, of the type of `like`, at an address; nothing holds it."""
    result = types.Array(like, 1, "C")

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        where, count, _ = arguments
        array = context.make_array(result)(context, builder)
        itemsize = context.get_constant(
            types.intp, context.get_abi_sizeof(context.get_data_type(like))
        )
        data = builder.inttoptr(where, context.get_data_type(like).as_pointer())
        populate_array(
            array,
            data=data,
            shape=[count],
            strides=[itemsize],
            itemsize=itemsize,
            meminfo=None,
        )
        return array._getvalue()

    return result(types.int64, types.int64, like), generate


@intrinsic
def call_compiled(typing_context: Any, address: Any, numbers: Any, like: Any) -> Any:
    """Call the compiled function at an address, with whole numbers and a number that tells the
    type of all others; see `cpu_machine.Handler`.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        where, given, last = arguments
        unpacked = cgutils.unpack_tuple(builder, given)
        takes = [_int64] * len(unpacked) + [context.get_value_type(like)]
        function = builder.inttoptr(where, ir.FunctionType(_int64, takes).as_pointer())
        return builder.call(function, [*unpacked, last])

    return types.int64(types.int64, numbers, like), generate


@intrinsic
def copy_bytes(typing_context: Any, target: Any, source: Any, size: Any) -> Any:
    """Copy so many bytes from one address to another; they do not overlap."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = ir.IntType(8).as_pointer()
        to, of = (builder.inttoptr(each, pointer) for each in arguments[:2])
        cgutils.raw_memcpy(builder, to, of, arguments[2], 1)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), generate


@intrinsic
def atomic_add(typing_context: Any, numbers: Any, index: Any, value: Any) -> Any:
    """numbers[index] += value for every thread to see; returns what was there before."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _place(context, builder, signature, arguments)
        return builder.atomic_rmw("add", place, arguments[2], "seq_cst")

    return types.int64(numbers, types.int64, types.int64), generate


@intrinsic
def atomic_load(typing_context: Any, numbers: Any, index: Any) -> Any:
    """numbers[index], with all that was written before it was."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _place(context, builder, signature, arguments)
        return builder.load_atomic(place, "acquire", 8, typ=_int64)

    return types.int64(numbers, types.int64), generate


@intrinsic
def atomic_store(typing_context: Any, numbers: Any, index: Any, value: Any) -> Any:
    """numbers[index] = value, after all that was written before it."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _place(context, builder, signature, arguments)
        builder.store_atomic(arguments[2], place, "release", 8)
        return context.get_dummy_value()

    return types.void(numbers, types.int64, types.int64), generate


@intrinsic
def atomic_exchange(
    typing_context: Any, numbers: Any, index: Any, expected: Any, value: Any
) -> Any:
    """numbers[index] = value if it is the expected one; returns what was there before."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _place(context, builder, signature, arguments)
        found = builder.cmpxchg(place, arguments[2], arguments[3], "seq_cst", "seq_cst")
        return builder.extract_value(found, 0)

    return types.int64(numbers, types.int64, types.int64, types.int64), generate


def _place(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    return builder.gep(array.data, [arguments[1]], source_etype=_int64)


@intrinsic
def give_way(typing_context: Any) -> Any:
    """Let another thread have this processor, if one is ready."""
    name = "SwitchToThread" if sys.platform == "win32" else "sched_yield"

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        _call(builder, name, _int32, [])
        return context.get_dummy_value()

    return types.void(), generate


@intrinsic
def _control(typing_context: Any) -> Any:
    """The register that says how numbers are rounded and flushed."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if X86:
            place = cgutils.alloca_once(builder, _int32)
            pointer = builder.bitcast(place, ir.IntType(8).as_pointer())
            _call(builder, "llvm.x86.sse.stmxcsr", ir.VoidType(), [pointer])
            return builder.zext(builder.load(place, typ=_int32), _int64)
        if ARM:
            return _call(builder, "llvm.aarch64.get.fpcr", _int64, [])
        return _int64(0)

    return types.int64(), generate


@intrinsic
def _set_control(typing_context: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if X86:
            place = cgutils.alloca_once(builder, _int32)
            builder.store(builder.trunc(arguments[0], _int32), place)
            pointer = builder.bitcast(place, ir.IntType(8).as_pointer())
            _call(builder, "llvm.x86.sse.ldmxcsr", ir.VoidType(), [pointer])
        elif ARM:
            _call(builder, "llvm.aarch64.set.fpcr", ir.VoidType(), arguments)
        return context.get_dummy_value()

    return types.void(types.int64), generate


@inlined
def flush_denormals() -> int:
    """Take numbers below 10⁻³⁸ as 0 on this thread, where they would cost a hundredfold; returns
    what `restore_denormals` needs to end that.
    """
    before = _control()
    _set_control(before | (_X86_FLUSH if X86 else _ARM_FLUSH))
    return before


@inlined
def restore_denormals(before: int) -> None:
    """End what `flush_denormals` began."""
    _set_control(before)


@inlined
def size_of(like: Any) -> int:
    """The bytes that a number of that type takes."""
    return array_at(0, 0, like).itemsize
