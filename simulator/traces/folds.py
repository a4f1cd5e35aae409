"""How terms come to one number: added up, multiplied, or the largest or smallest of them kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.traces.formula import Formula

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Fold:
    """What is done with one term after the other.

    ``sign`` stands between two terms and ``node`` for the whole; ``step`` tells, with {sum}, what
    has come of the terms so far, and ``whole``, with {count} and {sum}, of all of them.
    """

    function: np.ufunc
    sign: str
    node: str
    symbols: str
    step: str
    whole: str

    def running(self, terms: Array, start: Array | None = None) -> Array:
        """Return what terms (…, T) come to, one after the other, from a start (…, 1) on."""
        made: Array = self.function.accumulate(terms, axis=-1, dtype=terms.dtype)
        return made if start is None else self.function(start, made)


ADDED = Fold(
    np.add,
    "+",
    "Σ",
    r"\writes{s} = s + t",
    "The sum so far is {sum}.",
    "all {count} terms add up to {sum}.",
)
LARGEST = Fold(
    np.maximum,
    ",",
    "max",
    r"\writes{m} = \max(m, t)",
    "The largest so far is {sum}.",
    "the largest of {count} is {sum}.",
)


@dataclass(frozen=True, slots=True)
class Next(Formula):
    """What has come of the terms so far, or the start, and one more term."""

    fold: Fold

    def value(self, *operands: Array) -> Array:
        """Return it in the term's shape; the term itself where there is nothing before it."""
        *before, term = operands
        if not before:
            return term
        made: Array = self.fold.function(before[0].reshape((1,) * term.ndim), term)
        return made


@dataclass(frozen=True, slots=True)
class Share(Formula):
    """What part of a sum of powers of e one of them is."""

    def value(self, *operands: Array) -> Array:
        """Return exp(a − m) / S of a, S and m."""
        number, total, largest = operands
        made: Array = np.exp(number - largest) / total
        return made


@dataclass(frozen=True, slots=True)
class Product(Formula):
    """Numbers multiplied."""

    def value(self, *operands: Array) -> Array:
        """Return a · b."""
        first, second = operands
        made: Array = first * second
        return made


@dataclass(frozen=True, slots=True)
class Itself(Formula):
    """A number as it is."""

    def value(self, *operands: Array) -> Array:
        """Return it."""
        return operands[0]


@dataclass(frozen=True, slots=True)
class SquaredDistance(Formula):
    """How far a number is from another, squared."""

    def value(self, *operands: Array) -> Array:
        """Return (a − b)²."""
        first, second = operands
        made: Array = np.square(first - second)
        return made


@dataclass(frozen=True, slots=True)
class Exponential(Formula):
    """e to the power of how far a number is from another."""

    def value(self, *operands: Array) -> Array:
        """Return exp(a − b)."""
        first, second = operands
        made: Array = np.exp(first - second)
        return made


@dataclass(frozen=True, slots=True)
class Merged(Formula):
    """What a function of two numbers makes of several, from the first to the last."""

    function: np.ufunc
    divisor: int = 1

    def value(self, *operands: Array) -> Array:
        """Return f(f(a, b), c) …, divided by the divisor."""
        made: Array = operands[0]
        for other in operands[1:]:
            made = self.function(made, other)
        return made if self.divisor == 1 else made / made.dtype.type(self.divisor)


@dataclass(frozen=True, slots=True)
class Standardized(Formula):
    """(x − μ) / √(σ² + ε)."""

    epsilon: float

    def value(self, *operands: Array) -> Array:
        """Return it for a number, a mean and a variance."""
        x, mean, variance = operands
        made: Array = (x - mean) / np.sqrt(variance + variance.dtype.type(self.epsilon))
        return made


@dataclass(frozen=True, slots=True)
class ScaledAndShifted(Formula):
    """γ · x + β, of which one may be missing."""

    scaled: bool
    shifted: bool

    def value(self, *operands: Array) -> Array:
        """Return it for a number, and then γ and β."""
        made, *rest = operands
        if self.scaled:
            made = made * rest[0]
        return made + rest[-1] if self.shifted else made
