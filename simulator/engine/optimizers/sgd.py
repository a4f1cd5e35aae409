"""Stochastic gradient descent."""

from __future__ import annotations

from typing import Any, Unpack, final

from simulator.engine import arguments
from simulator.engine.arrays import FloatArray
from simulator.engine.optimizers.base import Optimizer, Options, Rate


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
