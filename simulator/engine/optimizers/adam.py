"""Adam and its relatives: a mean of the gradients, divided by how large they have been."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from simulator.engine import arguments
from simulator.engine.arrays import FloatArray
from simulator.engine.optimizers.base import CommonOptions, Optimizer, Options, Rate

_NADAM_DECAY = 0.96


class _Moments(Optimizer):
    """m ← β₁ m + (1 − β₁) g and v ← β₂ v + (1 − β₂) g²."""

    def __init__(
        self,
        learning_rate: Rate,
        beta_1: float,
        beta_2: float,
        epsilon: float,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        for name, beta in (("beta_1", beta_1), ("beta_2", beta_2)):
            arguments.number(beta, owner=self.name, argument=name, minimum=0, below=1)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = arguments.number(epsilon, owner=self.name, argument="epsilon", minimum=0)

    def _moments(
        self, name: str, weights: FloatArray, gradient: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        mean = self.slot("momentum", name, weights)
        mean *= self.beta_1
        mean += (1 - self.beta_1) * gradient
        square = self.slot("velocity", name, weights)
        square *= self.beta_2
        square += (1 - self.beta_2) * np.square(gradient)
        return mean, square


class Adam(_Moments):
    """w ← w − α m / (√v + ε), with α = η √(1 − β₂ᵗ) / (1 − β₁ᵗ) (Kingma & Ba 2015, end of
    section 2, whose ε̂ is this ε); amsgrad: with the largest v so far (Reddi, Kale & Kumar 2018).
    """

    def __init__(
        self,
        learning_rate: Rate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **options: Unpack[Options],
    ) -> None:
        """Raises ValueError for betas that are not at least 0 and less than 1."""
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **options)
        self.amsgrad = arguments.truth(amsgrad, owner=self.name, argument="amsgrad")

    def _update(self, name: str, weights: FloatArray, gradient: FloatArray, rate: Any, /) -> None:
        number = weights.dtype.type
        step = number(self._updates() + 1)
        # In the weights' own type, as in Keras: 1 − β₂ᵗ differs by 1e-5 from float64's at first.
        alpha = rate * np.sqrt(1 - number(self.beta_2) ** step) / (1 - number(self.beta_1) ** step)
        mean, square = self._moments(name, weights, gradient)
        if self.amsgrad:
            largest = self.slot("velocity_hat", name, weights)
            square = np.maximum(largest, square, out=largest)
        weights -= mean * alpha / (np.sqrt(square) + self.epsilon)


class AdamW(Adam):
    """Adam with weight decay (Loshchilov & Hutter 2019)."""

    def __init__(
        self,
        learning_rate: Rate = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **options: Unpack[CommonOptions],
    ) -> None:
        """Raises ValueError for betas that are not at least 0 and less than 1."""
        super().__init__(
            learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay=weight_decay, **options
        )


class Nadam(_Moments):
    """Adam with Nesterov's momentum, whose β₁ grows with the steps (Dozat 2016)."""

    def __init__(
        self,
        learning_rate: Rate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **options: Unpack[Options],
    ) -> None:
        """Raises ValueError for betas that are not at least 0 and less than 1."""
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **options)

    def _begin(self, number: type[Any], /) -> None:
        product = self.state.get("u_product", np.array(1, number))
        self.state["u_product"] = np.array(
            product * self._momentum(number(self._updates() + 1)), number
        )

    def _momentum(self, step: Any) -> Any:
        """β₁ (1 − ½ 0.96ᵗ), in the step's type."""
        number = type(step)
        return number(self.beta_1) * (1 - number(0.5) * number(_NADAM_DECAY) ** step)

    def _update(self, name: str, weights: FloatArray, gradient: FloatArray, rate: Any, /) -> None:
        number = weights.dtype.type
        step = number(self._updates() + 1)
        now, after = self._momentum(step), self._momentum(step + 1)
        product = number(self.state["u_product"])
        mean, square = self._moments(name, weights, gradient)
        ahead = mean * after / (1 - product * after) + gradient * (1 - now) / (1 - product)
        size = square / (1 - number(self.beta_2) ** step)
        weights -= ahead * rate / (np.sqrt(size) + self.epsilon)
