"""Activations over arrays."""

from __future__ import annotations

from typing import Any

from simulator.engine.backends.cpu_compile import Array, inlined
from simulator.engine.backends.cpu_functions import hyperbolic_tangent, sigmoid
from simulator.engine.backends.cpu_intrinsics import choose

LINEAR, RELU, SIGMOID, TANH = range(4)
"""The numbers of the activations."""


@inlined
def activate(y: Array, activation: int) -> None:
    """φ(y) in y's place, for a flat array."""
    zero = y.dtype.type(0)
    if activation == RELU:
        for i in range(y.size):
            y[i] = choose(y[i] <= zero, zero, y[i])
    elif activation == SIGMOID:
        for i in range(y.size):
            y[i] = sigmoid(y[i])
    elif activation == TANH:
        for i in range(y.size):
            y[i] = hyperbolic_tangent(y[i])


@inlined
def multiply_by_slope(y: Array, slopes: Array, activation: int) -> None:
    """slopes · φ'(x) in the slopes' place, where y = φ(x); for flat arrays."""
    zero, one = y.dtype.type(0), y.dtype.type(1)
    if activation == RELU:
        for i in range(y.size):
            slopes[i] *= choose(y[i] > zero, one, zero)
    elif activation == SIGMOID:
        for i in range(y.size):
            slopes[i] *= y[i] * (one - y[i])
    elif activation == TANH:
        for i in range(y.size):
            slopes[i] *= one - y[i] * y[i]


@inlined
def slope_at(y: Any, activation: int) -> Any:
    """φ'(x) where φ(x) is y, without a jump, so that a loop can do many at once."""
    one = type(y)(1)
    zero = one - one
    found = choose(activation == RELU, choose(y > zero, one, zero), one)
    found = choose(activation == TANH, one - y * y, found)
    return choose(activation == SIGMOID, y * (one - y), found)
