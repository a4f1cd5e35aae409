"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack, final

import numpy as np

from simulator.engine import arguments
from simulator.engine.arrays import FloatArray
from simulator.engine.backends.base_boltzmann import Descent
from simulator.engine.backends.windows import ieee_arithmetic
from simulator.engine.optimizers.base import Optimizer, Options, Rate
from simulator.engine.schedules import LearningRateSchedule


@final
class SGD(Optimizer):
    """w ← w − η g, or with momentum m ← μ m − η g and w ← w + m (Nesterov: w ← w + μ m − η g)."""

    def __init__(
        self,
        learning_rate: Rate = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        **options: Unpack[Options],
    ) -> None:
        """Raises ValueError for a momentum that is not between 0 and 1."""
        super().__init__(learning_rate, **options)
        self.momentum = arguments.number(
            momentum, owner="SGD", argument="momentum", minimum=0, maximum=1
        )
        self.nesterov = arguments.truth(nesterov, owner="SGD", argument="nesterov")

    def _update(self, name: str, weights: FloatArray, gradient: FloatArray, rate: Any, /) -> None:
        if not self.momentum:
            weights -= rate * gradient
            return
        moved = self.slot("momentum", name, weights)
        moved *= self.momentum
        moved -= rate * gradient
        if self.nesterov:
            weights -= rate * gradient
            weights += self.momentum * moved
        else:
            weights += moved

    @ieee_arithmetic
    def plan(self, parameters: Mapping[str, FloatArray], count: int) -> Descent | None:
        """What so many next steps do, for a backend that makes them in one call; what one does if
        the learning rate is a function that is asked at each. None for options that a `Descent`
        does not have.
        """
        if (
            self._not_decayed
            or self.use_ema
            or self.gradient_accumulation_steps
            or any((self.clipnorm, self.clipvalue, self.global_clipnorm))
        ):
            return None
        if isinstance(self._schedule, LearningRateSchedule):
            rates = [self._schedule(self.iterations + step) for step in range(count)]
        else:
            rates = [self.learning_rate] * (count if self._schedule is None else 1)
        dtype = next(iter(parameters.values())).dtype
        velocity = None
        if self.momentum:
            velocity = {
                name: self.slot("momentum", name, each) for name, each in parameters.items()
            }
        return Descent(
            np.array(rates).astype(dtype),
            self.momentum,
            self.nesterov,
            self.weight_decay or 0.0,
            velocity,
        )
