"""Stochastic gradient descent."""

from __future__ import annotations

from typing import Any, Unpack, final

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
        if not 0 <= momentum <= 1:
            raise ValueError(f"SGD: momentum is {momentum}: it must be between 0 and 1.")
        self.momentum = momentum
        self.nesterov = nesterov

    def _update(self, name: str, weights: FloatArray, gradient: FloatArray, rate: Any, /) -> None:
        if not self.momentum:
            weights -= rate * gradient
            return
        moved = self._slot("momentum", name, weights)
        moved *= self.momentum
        moved -= rate * gradient
        if self.nesterov:
            weights -= rate * gradient
            weights += self.momentum * moved
        else:
            weights += moved
