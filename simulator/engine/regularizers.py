"""What large weights cost, under Keras's names: L1, L2, and both."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from simulator.engine import arguments, registry
from simulator.engine.arrays import FloatArray


class Regularizer(registry.Configurable, ABC):
    """A penalty that is added to the loss, once for each step."""

    @abstractmethod
    def value(self, w: FloatArray, /) -> float:
        """The penalty for weights of any shape."""

    @abstractmethod
    def gradient(self, w: FloatArray, /) -> FloatArray:
        """The penalty's slope, of the weights' shape and type."""

    def __call__(self, w: FloatArray) -> float:
        """The penalty for weights of any shape."""
        return self.value(w)


@dataclass(frozen=True)
class L1L2(Regularizer):
    """ℓ₁ Σ|w| + ℓ₂ Σw²."""

    l1: float = 0.0
    l2: float = 0.0

    def __post_init__(self) -> None:
        for name, factor in (("l1", self.l1), ("l2", self.l2)):
            arguments.number(factor, owner=type(self).__name__, argument=name, minimum=0)

    @final
    def value(self, w: FloatArray) -> float:
        """The penalty, added up in the weights' type."""
        return float(self.l1 * np.sum(np.abs(w)) + self.l2 * np.sum(np.square(w)))

    @final
    def gradient(self, w: FloatArray) -> FloatArray:
        """ℓ₁ sign(w) + 2 ℓ₂ w; at 0 the slope of |w| is 0."""
        slopes = np.zeros_like(w)
        if self.l1:
            slopes += self.l1 * np.sign(w)
        if self.l2:
            slopes += 2 * self.l2 * w
        return slopes


@final
@dataclass(frozen=True)
class L1(L1L2):
    """ℓ₁ Σ|w|."""

    def __init__(self, l1: float = 0.01) -> None:
        super().__init__(l1=l1)


@final
@dataclass(frozen=True)
class L2(L1L2):
    """ℓ₂ Σw²."""

    def __init__(self, l2: float = 0.01) -> None:
        super().__init__(l2=l2)


l1, l2, l1_l2 = L1, L2, L1L2

_MAKERS: Mapping[str, Callable[..., Regularizer]] = {
    "l1": L1,
    "l2": L2,
    "l1_l2": L1L2,
    "L1": L1,
    "L2": L2,
    "L1L2": L1L2,
    "l1l2": L1L2,
}


def get(identifier: Regularizer | str | dict[str, Any] | None) -> Regularizer | None:
    """The regularizer of that name; None for None.

    Raises ValueError for an unknown name, and TypeError for a function of the caller's own, whose
    derivative nobody can know: that is to be a subclass of Regularizer.
    """
    if identifier is None:
        return None
    return registry.find("regularizer", Regularizer, _MAKERS, identifier)
