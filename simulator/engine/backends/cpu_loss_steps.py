"""Losses as the machine runs them: the last activation's output, the loss, and its slopes.

The formulas stand in `simulator.engine.losses`. The slopes are those before the last activation,
where the two are one formula that divides by nothing.
"""
# ruff: noqa: ARG001 - All handlers take the same.

from __future__ import annotations

import math
from typing import Any

import numpy as np

from simulator.engine.backends.cpu_activate import SIGMOID, multiply_by_slope
from simulator.engine.backends.cpu_compile import Array, inlined
from simulator.engine.backends.cpu_functions import exponential
from simulator.engine.backends.cpu_intrinsics import array_at, choose, copy_bytes, size_of
from simulator.engine.backends.cpu_machine import FIRST, arguments_of, handler
from simulator.engine.backends.cpu_transpose import transpose

SQUARED, ABSOLUTE, BINARY, CATEGORICAL, SPARSE = range(5)
"""The kinds of loss."""
EPSILON = 1e-7  # see simulator.engine.losses.base


@handler
def rows(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """Each sample's loss, and ∂L/∂z, for some of the samples. For the cross-entropies over classes
    y comes in as z, and goes out as softmax(z); else y = φ(z) already.

    Arguments: y (B, C), targets (B, C), or (B,) of int64 for the sparse one; weights (B,) or 0;
    slopes (B, C), slopes turned (C, B) or 0, values (B,), outputs of all steps (steps, B, C) or 0;
    B, C, samples of a part, kind, activation.
    """
    given = arguments_of(operation)
    y_at, target_at, weight_at, slopes_at, turned_at = given[FIRST : FIRST + 5]
    values_at, outputs_at, batch, classes, count, kind, activation = given[FIRST + 5 : FIRST + 12]
    size = size_of(like)
    values = array_at(values_at, batch, like)
    number = values.dtype.type
    start, stop = part * count, min(batch, (part + 1) * count)
    if kind >= CATEGORICAL:  # over classes
        softmax(array_at(y_at + start * classes * size, (stop - start) * classes, like), classes)
    for b in range(start, stop):
        y = array_at(y_at + b * classes * size, classes, like)
        slopes = array_at(slopes_at + b * classes * size, classes, like)
        share = number(1)
        if weight_at:
            share = array_at(weight_at, batch, like)[b]
        target = array_at(target_at + b * classes * size, classes, like)
        if kind == SPARSE:
            chosen = array_at(target_at, batch, np.int64(0))[b]
            value = _sparse(y, chosen, slopes)
        elif kind == CATEGORICAL:
            value = _categorical(y, target, slopes)
        elif kind == BINARY:
            value = _binary(y, target, slopes, activation)
        elif kind == ABSOLUTE:
            value = _absolute(y, target, slopes, activation)
        else:
            value = _squared(y, target, slopes, activation)
        values[b] = value * share
        factor = share / number(batch)
        for c in range(classes):
            slopes[c] *= factor
        if outputs_at:
            copy_bytes(
                outputs_at + (step * batch + b) * classes * size,
                y_at + b * classes * size,
                classes * size,
            )
    if turned_at:
        slopes = array_at(slopes_at, batch * classes, like)
        turned = array_at(turned_at, classes * batch, like)
        walk = (start * classes, classes)
        transpose(slopes, walk, stop - start, classes, turned, (start, batch))
    return 0


@handler
def total(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """The batch's loss, the mean of its samples'; stops where it is no finite number.

    Arguments: values (B,), losses (steps,) of float64, B; penalty (1,) of float64, or 0.
    """
    values_at, losses_at, batch, penalty_at = arguments_of(operation)[FIRST : FIRST + 4]
    values = array_at(values_at, batch, like)
    sum_of_all = values.dtype.type(0)
    for b in range(batch):
        sum_of_all += values[b]
    loss = np.float64(sum_of_all / values.dtype.type(batch))
    if penalty_at:
        loss += array_at(penalty_at, 1, np.float64(0))[0]
    array_at(losses_at, step + 1, np.float64(0))[step] = loss
    return 0 if math.isfinite(loss) else 1


@handler
def record(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """Keep a step's outputs.

    Arguments: y (B, C), outputs of all steps (steps, B, C); B, C, whether y goes through softmax.
    """
    y_at, outputs_at, batch, classes, through_softmax = arguments_of(operation)[FIRST : FIRST + 5]
    y = array_at(y_at, batch * classes, like)
    if through_softmax:
        softmax(y, classes)
    size = batch * classes * size_of(like)
    copy_bytes(outputs_at + step * size, y_at, size)
    return 0


@inlined
def softmax(y: Array, classes: int) -> None:
    """exp(y) / Σ exp(y), in y's place, for each sample's classes."""
    for start in range(0, y.size, classes):
        own = y[start : start + classes]
        largest = own[0]
        for c in range(classes):
            largest = max(largest, own[c])
        for c in range(classes):
            own[c] -= largest
    for n in range(y.size):  # of all samples at once: few classes would fill no vector
        y[n] = exponential(y[n])
    for start in range(0, y.size, classes):
        own = y[start : start + classes]
        sum_of_all = y.dtype.type(0)
        for c in range(classes):
            sum_of_all += own[c]
        for c in range(classes):
            own[c] /= sum_of_all


@inlined
def _bounded(y: Array, c: int) -> Any:
    """y[c] within the bounds of a logarithm; NaN stays NaN."""
    low, high = y.dtype.type(EPSILON), y.dtype.type(1 - EPSILON)
    return choose(y[c] < low, low, choose(y[c] > high, high, y[c]))


@inlined
def _sparse(y: Array, chosen: int, slopes: Array) -> Any:
    zero, one = y.dtype.type(0), y.dtype.type(1)
    p = _bounded(y, chosen)
    inside = choose(p == y[chosen], one, zero)
    for c in range(y.size):
        slopes[c] = y[c] * inside
    slopes[chosen] -= inside
    return -np.log(p)


@inlined
def _categorical(y: Array, target: Array, slopes: Array) -> Any:
    zero = y.dtype.type(0)
    value, weight = zero, zero
    for c in range(y.size):
        p = _bounded(y, c)
        value -= target[c] * np.log(p)
        slopes[c] = choose(p == y[c], target[c], zero)
        weight += slopes[c]
    for c in range(y.size):
        slopes[c] = y[c] * weight - slopes[c]
    return value


@inlined
def _binary(y: Array, target: Array, slopes: Array, activation: int) -> Any:
    zero, one = y.dtype.type(0), y.dtype.type(1)
    classes = y.dtype.type(y.size)
    for c in range(y.size):
        p = _bounded(y, c)
        slopes[c] = -(target[c] * np.log(p) + (one - target[c]) * np.log1p(-p))
    value = sum_of(slopes)
    for c in range(y.size):
        p = _bounded(y, c)
        inside = choose(p == y[c], one, zero)
        slopes[c] = inside * (p - target[c]) / classes
        if activation != SIGMOID:
            slopes[c] /= p * (one - p)
    if activation != SIGMOID:
        multiply_by_slope(y, slopes, activation)
    return value / classes


@inlined
def _squared(y: Array, target: Array, slopes: Array, activation: int) -> Any:
    classes = y.dtype.type(y.size)
    two = y.dtype.type(2)
    for c in range(y.size):
        error = y[c] - target[c]
        slopes[c] = error * error
    value = sum_of(slopes)
    for c in range(y.size):
        slopes[c] = two * (y[c] - target[c]) / classes
    multiply_by_slope(y, slopes, activation)
    return value / classes


@inlined
def _absolute(y: Array, target: Array, slopes: Array, activation: int) -> Any:
    classes = y.dtype.type(y.size)
    for c in range(y.size):
        slopes[c] = abs(y[c] - target[c])
    value = sum_of(slopes)
    for c in range(y.size):
        slopes[c] = np.sign(y[c] - target[c]) / classes
    multiply_by_slope(y, slopes, activation)
    return value / classes


@inlined
def sum_of(numbers: Array) -> Any:
    """The sum in eight strands, as one addition would have to wait for the one before it."""
    zero = numbers.dtype.type(0)
    a, b, c, d, e, f, g, h = zero, zero, zero, zero, zero, zero, zero, zero
    whole = numbers.size // 8 * 8
    for i in range(0, whole, 8):
        a += numbers[i]
        b += numbers[i + 1]
        c += numbers[i + 2]
        d += numbers[i + 3]
        e += numbers[i + 4]
        f += numbers[i + 5]
        g += numbers[i + 6]
        h += numbers[i + 7]
    for i in range(whole, numbers.size):
        a += numbers[i]
    return ((a + b) + (c + d)) + ((e + f) + (g + h))
