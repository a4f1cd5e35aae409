"""Exponential, sigmoid and hyperbolic tangent as the CPU kernels compute them.

For float32 they are written without branches, so that LLVM turns a loop over them into vector
instructions: within 2.5 units in the last place, where the C library's are within 1 and take 7 to
25 times as long. For float64, which only tests and comparisons use, the C library's are called.
"""
# ruff: noqa: PLW0108 - Numba compiles what an overload returns, and takes only Python functions.

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import types
from numba.extending import overload

from simulator.engine.backends.cpu_compile import inlined
from simulator.engine.backends.cpu_intrinsics import bits_of, choose, float_of, multiply_add

_FLOOR, _CEILING = np.float32(-87.3), np.float32(88.7)
"""Where exp(x) leaves float32's normal numbers."""
_PER_LN2 = np.float32(1 / math.log(2))
_LN2_HIGH = np.float32(0.693359375)  # ln 2 in 9 bits, so that its multiples are exact,
_LN2_LOW = np.float32(math.log(2) - 0.693359375)  # and what is missing
_ROUNDER = np.float32(1.5 * 2**23)  # added and taken off again, it rounds to a whole number
# (exp(r) − 1 − r) / r² over |r| ≤ ½ ln 2: a minimax polynomial, constant first.
_SERIES = tuple(
    np.float32(c) for c in (0.5, 0.16666653, 0.041665796, 0.008334365, 0.0013930436, 0.00019875691)
)
_0, _1, _2, _3, _4, _5 = _SERIES
_ONE, _TWO, _ZERO = np.float32(1), np.float32(2), np.float32(0)
_INFINITY = np.float32(np.inf)
_FRACTION_BITS, _BITS_OF_1 = np.int32(23), np.int32(127 << 23)


@inlined
def _reduced(x: Any) -> tuple[Any, Any]:
    """exp(x) = exp(r) 2ⁿ, with n the nearest whole number to x / ln 2: exp(r), and n + _ROUNDER,
    which has n in its lowest bits.
    """
    rounded = multiply_add(x, _PER_LN2, _ROUNDER)
    n = rounded - _ROUNDER
    r = multiply_add(n, -_LN2_HIGH, x)
    r = multiply_add(n, -_LN2_LOW, r)
    p = multiply_add(_5, r, _4)
    p = multiply_add(p, r, _3)
    p = multiply_add(p, r, _2)
    p = multiply_add(p, r, _1)
    p = multiply_add(p, r, _0)
    return multiply_add(p, r * r, r) + _ONE, rounded


@inlined
def _exponential(x: Any) -> Any:
    # The power of two is put into the exponent's bits; n = 128 would not fit, so half of it is put
    # in twice.
    p, rounded = _reduced(min(max(x, _FLOOR), _CEILING))
    whole = np.int32(rounded - _ROUNDER)
    half = whole >> np.int32(1)
    y = p * float_of((half << _FRACTION_BITS) + _BITS_OF_1)
    y *= float_of((whole - half << _FRACTION_BITS) + _BITS_OF_1)
    y = choose(x < _FLOOR, _ZERO, y)
    y = choose(x > _CEILING, _INFINITY, y)
    return choose(x != x, x, y)  # noqa: PLR0124 - NaN stays NaN


@inlined
def _exponential_below(x: Any) -> Any:
    """The same where x is 0 or less, or NaN."""
    p, rounded = _reduced(choose(x < _FLOOR, _FLOOR, x))
    y = p * float_of((bits_of(rounded) << _FRACTION_BITS) + _BITS_OF_1)
    return choose(x < _FLOOR, _ZERO, y)


@inlined
def _sigmoid(x: Any) -> Any:
    small = _exponential_below(-abs(x))
    return choose(x < _ZERO, small, _ONE) / (_ONE + small)


@inlined
def _hyperbolic_tangent(x: Any) -> Any:
    # Near 0 by its own series, where 1 − 2 / (e²ˣ + 1) would lose its last digits.
    size = abs(x)
    small = _exponential_below(-(size + size))
    far = (_ONE - small) / (_ONE + small)
    square = x * x
    p = multiply_add(np.float32(-0.0057049), square, np.float32(0.0206390))
    p = multiply_add(p, square, np.float32(-0.0537397))
    p = multiply_add(p, square, np.float32(0.1333144))
    p = multiply_add(p, square, np.float32(-0.3333328))
    near = multiply_add(p * square, size, size)
    return math.copysign(choose(size < np.float32(0.625), near, far), x)


def exponential(x: Any) -> Any:
    """eˣ for a number, in kernels."""
    raise NotImplementedError("Only kernels call this.")


def sigmoid(x: Any) -> Any:
    """1 / (1 + e⁻ˣ) for a number, in kernels."""
    raise NotImplementedError("Only kernels call this.")


def hyperbolic_tangent(x: Any) -> Any:
    """tanh x for a number, in kernels."""
    raise NotImplementedError("Only kernels call this.")


def _single_only(x: Any) -> bool:
    return isinstance(x, types.Float) and x.bitwidth == 32


@overload(exponential, strict=False)
def _exponential_of(x: Any) -> Callable[[Any], Any]:
    if _single_only(x):
        return lambda x: _exponential(x)
    return lambda x: math.exp(x)


@overload(sigmoid, strict=False)
def _sigmoid_of(x: Any) -> Callable[[Any], Any]:
    if _single_only(x):
        return lambda x: _sigmoid(x)

    def double(x: Any) -> Any:
        small = math.exp(-abs(x))
        return (small if x < 0 else 1.0) / (1.0 + small)

    return double


@overload(hyperbolic_tangent, strict=False)
def _hyperbolic_tangent_of(x: Any) -> Callable[[Any], Any]:
    if _single_only(x):
        return lambda x: _hyperbolic_tangent(x)
    return lambda x: math.tanh(x)
