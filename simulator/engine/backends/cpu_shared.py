"""Functions that kernels call where they lie: compiled once, and no part of each caller.

A caller knows such a function by a name, which the linker looks up when the caller's machine code
is loaded. So the function is compiled, or fetched from the kept machine code, when the module that
defines it is imported: no caller can be loaded before.
"""
# mypy: disable-error-code="no-untyped-call, untyped-decorator"

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import llvmlite.binding
from llvmlite import ir
from numba import cfunc, types
from numba.core import cgutils

from simulator.engine.backends.cpu_vectors import INT64

Call: TypeAlias = Callable[[Any, Any, list[Any], Any], Any]
"""Writes the instructions of a call: takes the context, the builder, the whole numbers and the type
of number.
"""

_kept: list[Any] = []
"""What was compiled, as long as the process lasts: callers hold addresses alone."""


def shared(function: Callable[..., int]) -> Call:
    """Compile a function of whole numbers and a last number, which tells the type of all others,
    for float32 and float64. It returns a whole number.
    """
    count = function.__code__.co_argcount - 1
    for number in (types.float32, types.float64):
        signature = types.int64(*(types.int64,) * count, number)
        compiled = cfunc(signature, cache=True, error_model="numpy")(function)
        _kept.append(compiled)
        llvmlite.binding.add_symbol(_name(function, number), compiled.address)

    def call(context: Any, builder: Any, numbers: list[Any], number: Any) -> Any:
        kind = context.get_value_type(number)
        takes = ir.FunctionType(INT64, [INT64] * count + [kind])
        target = cgutils.get_or_insert_function(builder.module, takes, _name(function, number))
        return builder.call(target, [*numbers, ir.Constant(kind, 0.0)])

    return call


def _name(function: Callable[..., int], number: Any) -> str:
    return f"{function.__module__}.{function.__qualname__}.{number}"
