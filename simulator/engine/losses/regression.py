"""Losses on numbers: squared and absolute error, Huber; and hinge and Kullback–Leibler."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from simulator.engine import arguments
from simulator.engine.arrays import FloatArray
from simulator.engine.losses.base import EPSILON, Loss


@final
@dataclass(frozen=True)
class MeanSquaredError(Loss):
    """mean (y − t)²."""

    def _values(self, target: FloatArray, output: FloatArray, /) -> FloatArray:
        values: FloatArray = np.mean(np.square(target - output), -1)
        return values

    def _slopes(self, target: FloatArray, output: FloatArray, /) -> FloatArray:
        slopes: FloatArray = 2 * (output - target) / output.shape[-1]
        return slopes


@final
@dataclass(frozen=True)
class MeanAbsoluteError(Loss):
    """mean |y − t|, whose slope at 0 is 0."""

    def _values(self, target: FloatArray, output: FloatArray, /) -> FloatArray:
        values: FloatArray = np.mean(np.abs(target - output), -1)
        return values

    def _slopes(self, target: FloatArray, output: FloatArray, /) -> FloatArray:
        slopes: FloatArray = np.sign(output - target) / output.shape[-1]
        return slopes


@final
@dataclass(frozen=True)
class Huber(Loss):
    """½ e² for an error |e| up to δ, and δ|e| − ½ δ² beyond (Huber 1964)."""

    delta: float = 1.0
    default_name = "huber_loss"

    def __post_init__(self) -> None:
        super().__post_init__()
        arguments.number(self.delta, owner="Huber", argument="delta", above=0)

    def _values(self, target: FloatArray, output: FloatArray, /) -> FloatArray:
        size = np.abs(output - target)
        near = 0.5 * np.square(size)
        far = self.delta * size - 0.5 * self.delta**2
        values: FloatArray = np.mean(np.where(size <= self.delta, near, far), -1)
        return values

    def _slopes(self, target: FloatArray, output: FloatArray, /) -> FloatArray:
        error = np.clip(output - target, -self.delta, self.delta)
        slopes: FloatArray = error / output.shape[-1]
        return slopes


@final
@dataclass(frozen=True)
class Hinge(Loss):
    """mean max(1 − t·y, 0) for targets of −1 and 1; if they are all 0 and 1, 0 stands for −1."""

    def _values(self, target: FloatArray, output: FloatArray, /) -> FloatArray:
        values: FloatArray = np.mean(np.maximum(1 - _signs(target) * output, 0), -1)
        return values

    def _slopes(self, target: FloatArray, output: FloatArray, /) -> FloatArray:
        signs = _signs(target)
        # At the corner itself half the slope, as the frameworks below Keras have it.
        slopes: FloatArray = -signs * np.heaviside(1 - signs * output, 0.5) / output.shape[-1]
        return slopes


@final
@dataclass(frozen=True)
class KLDivergence(Loss):
    """Σ t log(t / y), both first kept within 1e-7 and 1."""

    def _values(self, target: FloatArray, output: FloatArray, /) -> FloatArray:
        true, predicted = np.clip(target, EPSILON, 1), np.clip(output, EPSILON, 1)
        values: FloatArray = np.sum(true * np.log(true / predicted), -1)
        return values

    def _slopes(self, target: FloatArray, output: FloatArray, /) -> FloatArray:
        predicted = np.clip(output, EPSILON, 1)
        slopes: FloatArray = np.where(
            predicted == output, -np.clip(target, EPSILON, 1) / predicted, 0
        )
        return slopes.astype(output.dtype, copy=False)


def _signs(target: FloatArray) -> FloatArray:
    if np.all((target == 0) | (target == 1)):
        return 2 * target - 1
    return target
