"""The formulas of losses: what one output adds to the cost of an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.losses.base import EPSILON
from simulator.traces.formula import Formula

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class NegativeLogarithm(Formula):
    """−log p; p is kept off 0 and 1, as the engine keeps it."""

    def value(self, *operands: Array) -> Array:
        """Return it for probabilities of any shape."""
        found: Array = -np.log(np.clip(operands[0], EPSILON, 1 - EPSILON))
        return found


@dataclass(frozen=True, slots=True)
class WeighedLogarithm(Formula):
    """−t log p, of shares that are divided by their sum."""

    def value(self, *operands: Array) -> Array:
        """Return it for probabilities and targets."""
        share, target = operands
        found: Array = -target * np.log(np.clip(share, EPSILON, 1 - EPSILON))
        return found


@dataclass(frozen=True, slots=True)
class BinarySurprise(Formula):
    """−(t log p + (1 − t) log(1 − p))."""

    def value(self, *operands: Array) -> Array:
        """Return it for probabilities and targets."""
        share, target = operands
        p = np.clip(share, EPSILON, 1 - EPSILON)
        found: Array = -(target * np.log(p) + (1 - target) * np.log1p(-p))
        return found


@dataclass(frozen=True, slots=True)
class AbsoluteError(Formula):
    """How far two values are apart."""

    def value(self, *operands: Array) -> Array:
        """Return |a − b|."""
        first, second = operands
        found: Array = np.abs(first - second)
        return found
