"""Gradients divided by how large they have been: RMSprop and Adagrad."""

from __future__ import annotations

from typing import Any, Unpack, final

import numpy as np

from simulator.engine import arguments
from simulator.engine.arrays import FloatArray
from simulator.engine.optimizers.base import Optimizer, Options, Rate


@final
class RMSprop(Optimizer):
    """v ← ρ v + (1 − ρ) g² and w ← w − η g / √(v + ε) (Hinton, Srivastava & Swersky 2012).

    Centered, it divides by the root of the gradients' variance instead, v − (their mean)² + ε.
    """

    def __init__(
        self,
        learning_rate: Rate = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.rho = arguments.number(rho, owner=self.name, argument="rho", minimum=0, maximum=1)
        self.momentum = arguments.number(
            momentum, owner=self.name, argument="momentum", minimum=0, maximum=1
        )
        self.epsilon = arguments.number(epsilon, owner=self.name, argument="epsilon", minimum=0)
        self.centered = arguments.truth(centered, owner=self.name, argument="centered")

    def _update(self, name: str, weights: FloatArray, gradient: FloatArray, rate: Any, /) -> None:
        velocity = self.slot("velocity", name, weights)
        velocity *= self.rho
        velocity += (1 - self.rho) * np.square(gradient)
        variance = velocity + self.epsilon
        if self.centered:
            mean = self.slot("average_gradient", name, weights)
            mean *= self.rho
            mean += (1 - self.rho) * gradient
            variance -= np.square(mean)
        increment = rate * gradient / np.sqrt(variance)
        if self.momentum > 0:
            moved = self.slot("momentum", name, weights)
            moved *= self.momentum
            moved += increment
            increment = moved
        weights -= increment


@final
class Adagrad(Optimizer):
    """a ← a + g² and w ← w − η g / √(a + ε) (Duchi, Hazan & Singer 2011)."""

    def __init__(
        self,
        learning_rate: Rate = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.initial_accumulator_value = arguments.number(
            initial_accumulator_value,
            owner=self.name,
            argument="initial_accumulator_value",
            minimum=0,
        )
        self.epsilon = arguments.number(epsilon, owner=self.name, argument="epsilon", minimum=0)

    def _update(self, name: str, weights: FloatArray, gradient: FloatArray, rate: Any, /) -> None:
        accumulator = self.slot("accumulator", name, weights, self.initial_accumulator_value)
        accumulator += np.square(gradient)
        weights -= rate * gradient / np.sqrt(accumulator + self.epsilon)
