"""The formulas between the arrays of a recurrence, from one product to the whole sequence.

Arrays have time first: T time steps, U units, N terms of a sum.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.activations import Activation
from simulator.traces.formula import Formula
from simulator.traces.model import Write
from simulator.traces.region import Region

Array = NDArray[Any]


def assignment(target: Region, formula: Formula, operands: Sequence[tuple[Region, ...]]) -> Write:
    """Return ``target = formula(*operands)``; an operand may consist of several regions.

    A state before each step is one: that before the first step is an array of its own.
    """
    sources = tuple(region for regions in operands for region in regions)
    counts = tuple(len(regions) for regions in operands)
    whole = all(count == 1 for count in counts)
    return Write(target, sources, formula if whole else Joined(formula.symbols, formula, counts))


@dataclass(frozen=True, slots=True)
class Joined(Formula):
    """A formula of operands that are joined along time first; ``counts`` regions make each."""

    formula: Formula
    counts: tuple[int, ...]

    def value(self, *operands: Array) -> Array:
        """Return the formula's value of the joined operands."""
        ends = np.cumsum((0, *self.counts))
        return self.formula.value(
            *(np.concatenate(operands[start:end]) for start, end in pairwise(ends))
        )


@dataclass(frozen=True, slots=True)
class Products(Formula):
    """Each value of a time step times the weight of each unit.

    ``transposed`` tells for each pair of operands, values (T, n) and weights (n, U), whether the
    weights are (U, n) instead.
    """

    transposed: tuple[bool, ...]

    def value(self, *operands: Array) -> Array:
        """Return the products (T, U, N) of values and weights in turn."""
        parts = [
            values[:, None, :] * (weights if across else weights.T)[None]
            for values, weights, across in zip(
                operands[::2], operands[1::2], self.transposed, strict=True
            )
        ]
        return np.concatenate(parts, axis=-1)


@dataclass(frozen=True, slots=True)
class RunningSums(Formula):
    """The biases and the products so far, after each product."""

    def value(self, *operands: Array) -> Array:
        """Return the sums (T, U, N) of biases (U,) and, as the last operand, products (T, U, N)."""
        *biases, products = operands
        sums: Array = products.cumsum(axis=-1)
        for bias in biases:
            sums = sums + bias.reshape(1, -1, 1)
        return sums


@dataclass(frozen=True, slots=True)
class Accumulation(Formula):
    """The sum so far, here a bias or the last sum, and one more product."""

    def value(self, *operands: Array) -> Array:
        """Return the sum (1, 1, 1) of one product (1, 1, 1) and what there was before."""
        *before, product = operands
        total: Array = sum((value.reshape(1, 1, 1) for value in before), start=product)
        return total


@dataclass(frozen=True, slots=True)
class LastSum(Formula):
    """The sum of all products, and what else is added to it."""

    def value(self, *operands: Array) -> Array:
        """Return (T, U): the last sums (T, U, 1), and the product of the operands after it."""
        sums, *factors = operands
        total: Array = sums[..., 0]
        return total + np.prod(factors, axis=0) if factors else total


@dataclass(frozen=True, slots=True)
class Activated(Formula):
    """An activation of a sum; where a value is held, that value."""

    activation: Activation

    def value(self, *operands: Array) -> Array:
        """Return (T, U) of sums (T, U) and, as a second operand, held values or NaN (T, U)."""
        value: Array = self.activation.value(operands[0])
        if len(operands) == 1:
            return value
        return np.where(np.isnan(operands[1]), value, operands[1])


@dataclass(frozen=True, slots=True)
class Elementwise(Formula):
    """Any function of the same cell of each operand."""

    function: Callable[..., Array]

    def value(self, *operands: Array) -> Array:
        """Return (T, U) of operands (T, U)."""
        return self.function(*operands)


@dataclass(frozen=True, slots=True)
class Norm(Formula):
    """The Euclidean length of a row, of one part or several."""

    def value(self, *operands: Array) -> Array:
        """Return (T, 1) of the parts (T, U) of rows."""
        row = np.concatenate(operands, axis=-1)
        return np.asarray(np.sqrt(np.square(row).sum(axis=-1, keepdims=True)))


@dataclass(frozen=True, slots=True)
class Recurrence(Formula):
    """The whole recurrence at once: one of its arrays from everything that is given."""

    names: tuple[str, ...]
    run: Callable[[Mapping[str, Array]], Mapping[str, Array]]
    result: str

    def value(self, *operands: Array) -> Array:
        """Return the array ``result`` of the given arrays, which are named by ``names``."""
        return self.run(dict(zip(self.names, operands, strict=True)))[self.result]
