"""NumPy's random numbers on the CPU, the same bits in half the time.

PCG64 (O'Neill 2014; NumPy's default generator) is a recurrence s ← M·s + c modulo 2¹²⁸ whose
outputs take longer to wait for than to compute. Two recurrences of every second state,
s ← M²·s + (M + 1)·c, run side by side here.
"""
# ruff: noqa: ARG001 - Numba reads the names of an intrinsic's arguments, Python reads none.
# mypy: disable-error-code="no-untyped-call, untyped-decorator, no-any-return"

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import extending
from numba.core import cgutils

from simulator.engine.arrays import FloatArray
from simulator.engine.backends.cpu_compile import Array, inlined, kernel

intrinsic: Any = extending.intrinsic

_MULTIPLIER = 0x2360ED051FC65DA44385DF649FCCF645
_FEW = 2**14
"""Fewer draws are as quickly made by NumPy."""
_int64, _int128 = ir.IntType(64), ir.IntType(128)


def single_uniform(rng: np.random.Generator, count: int) -> FloatArray:
    """What `rng.random(count, np.float32)` gives, and the same state after it.

    Two numbers come from each output, the lower half first, each from the upper 24 of its 32 bits;
    a half that is left over is kept for the next number. NumPy draws the first number, if its half
    was kept, and the last ones, and so leaves the state that it would.
    """
    generator = rng.bit_generator
    if count < _FEW or not isinstance(generator, np.random.PCG64):
        return rng.random(count, np.float32)
    draws = np.empty(count, np.float32)
    kept = generator.state["has_uint32"]
    draws[:kept] = rng.random(kept, np.float32)
    outputs = (count - kept) // 2 - 1
    inner: Any = generator.state["state"]
    state, increment = inner["state"], inner["inc"]
    first = state * _MULTIPLIER + increment
    second = first * _MULTIPLIER + increment
    numbers = (first, second, _MULTIPLIER**2, (_MULTIPLIER + 1) * increment)
    words = [each >> 64 * half & 0xFFFFFFFFFFFFFFFF for each in numbers for half in (1, 0)]
    fill(np.array(words, np.uint64), draws[kept : kept + 2 * outputs])
    generator.advance(outputs)
    rest = draws[kept + 2 * outputs :]
    rest[...] = rng.random(len(rest), np.float32)
    return draws


@kernel
def fill(words: Array, draws: Array) -> None:
    """Two draws from each state; words are the first and second state, factor and addend."""
    outputs = draws.view(np.uint64)
    a, b = (words[0], words[1]), (words[2], words[3])
    factor, addend = (words[4], words[5]), (words[6], words[7])
    for i in range(0, outputs.size - 1, 2):
        outputs[i], outputs[i + 1] = output(a), output(b)
        a, b = following(a, factor, addend), following(b, factor, addend)
    if outputs.size % 2:
        outputs[outputs.size - 1] = output(a)
    halves = draws.view(np.int32)
    for i in range(draws.size):
        draws[i] = np.float32((halves[i] >> 8) & 0xFFFFFF) * np.float32(2**-24)


@inlined
def output(state: tuple[Any, Any]) -> Any:
    """The state's halves mixed, and turned by its upper six bits."""
    high, low = state
    mixed, turn = high ^ low, high >> np.uint64(58)
    return (mixed >> turn) | (mixed << (np.uint64(64) - turn & np.uint64(63)))


@intrinsic
def following(typing_context: Any, state: Any, factor: Any, addend: Any) -> Any:
    """state · factor + addend modulo 2¹²⁸, each as its upper and its lower half."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        def whole(pair: Any) -> Any:
            high, low = (
                builder.zext(builder.extract_value(pair, half), _int128) for half in range(2)
            )
            return builder.or_(builder.shl(high, _int128(64)), low)

        value, by, added = map(whole, arguments)
        value = builder.add(builder.mul(value, by), added)
        high = builder.trunc(builder.lshr(value, _int128(64)), _int64)
        return cgutils.pack_array(builder, [high, builder.trunc(value, _int64)])

    return state(state, factor, addend), generate
