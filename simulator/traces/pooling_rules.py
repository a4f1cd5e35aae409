"""How each kind of pooling makes a window one number: its terms, and what becomes of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Mask = NDArray[np.bool_]


class TermRule(ABC):
    """What the terms of a window are, and how they are combined one after the other.

    ``padding`` is what is read outside the input: a term that changes nothing.
    """

    padding: ClassVar[float] = 0.0
    combine: ClassVar[np.ufunc] = np.add

    @abstractmethod
    def terms(self, values: Array, real: Mask) -> Array:
        """Return the terms of windows (.., kh, kw), whose ``real`` cells are no padding."""


class PoolingRule(TermRule):
    """A rule whose output follows from the terms combined."""

    def finish(self, total: Array, cells: Array | int) -> Array:  # noqa: ARG002
        """Return the output from the terms combined and the number of cells without padding."""
        return total


class Maximum(PoolingRule):
    """The largest value: padding is −∞ and never wins."""

    padding = -np.inf
    combine = np.maximum

    def terms(self, values: Array, real: Mask) -> Array:
        """Return the values themselves."""
        return np.where(real, values, self.padding)


class Mean(PoolingRule):
    """The mean of the cells, padding not counted."""

    def terms(self, values: Array, real: Mask) -> Array:
        """Return the values themselves."""
        return np.where(real, values, self.padding)

    def finish(self, total: Array, cells: Array | int) -> Array:
        """Return the sum divided by the number of cells."""
        mean: Array = total / cells
        return mean


@dataclass(frozen=True, slots=True)
class Norm(PoolingRule):
    """The p-norm, with p the order."""

    order: float

    def terms(self, values: Array, real: Mask) -> Array:
        """Return |x|^p."""
        return np.where(real, np.abs(values) ** self.order, self.padding)

    def finish(self, total: Array, cells: Array | int) -> Array:  # noqa: ARG002
        """Return the p-th root of the sum."""
        root: Array = total ** (1 / self.order)
        return root


class Probability(TermRule):
    """The probability with which stochastic pooling draws each cell (Zeiler and Fergus 2013, 4)."""

    def terms(self, values: Array, real: Mask) -> Array:
        """Return max(x, 0) / Σ max(x, 0); with no positive cell, all are equally likely."""
        weights = np.where(real, np.maximum(values, 0), 0)
        total = weights.sum(axis=(-2, -1), keepdims=True)
        weights = np.where(total > 0, weights, real)
        probabilities: Array = weights / weights.sum(axis=(-2, -1), keepdims=True)
        return probabilities


class Expectation(PoolingRule):
    """The mean of the values, weighted with their probabilities (Zeiler and Fergus 2013, 6)."""

    def terms(self, values: Array, real: Mask) -> Array:
        """Return each value times its probability."""
        weighted: Array = Probability().terms(values, real) * np.where(real, values, self.padding)
        return weighted
