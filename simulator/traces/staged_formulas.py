"""The formulas of the parts of a network: from one product to a whole layer, draw or update."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.activations import Activation, log_one_plus_exp
from simulator.traces.formula import Formula

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class WeightedInput(Formula):
    """Every input times its weight, for every unit.

    ``backwards`` is whether the weights lie with the units' axes first, as of a layer that is gone
    through from its output to its input.
    """

    backwards: bool

    def value(self, *operands: Array) -> Array:
        """Return the products (units' axes, inputs' axes)."""
        x, kernel = operands
        lying = kernel if self.backwards else np.moveaxis(kernel, (0, 1), (-2, -1))
        products: Array = lying * x
        return products


@dataclass(frozen=True, slots=True)
class NextSum(Formula):
    """The sum so far and one more term."""

    def value(self, *operands: Array) -> Array:
        """Return the sum so far, of any axes of length 1, plus the term."""
        so_far, term = operands
        total: Array = so_far.reshape((1,) * term.ndim) + term
        return total


@dataclass(frozen=True, slots=True)
class Alone(Formula):
    """A sum of one term."""

    def value(self, *operands: Array) -> Array:
        """Return the term."""
        return operands[0]


@dataclass(frozen=True, slots=True)
class SumsFrom(Formula):
    """The sums so far after each term, from a start on, or from 0; the terms' last two axes are
    added up.
    """

    def value(self, *operands: Array) -> Array:
        """Return the running sums in the terms' shape, from starts of its first axes."""
        *start, terms = operands
        sums = terms.reshape(*terms.shape[:-2], -1).cumsum(axis=-1)
        if start:
            sums = sums + start[0].reshape(*terms.shape[:-2], 1)
        total: Array = sums.reshape(terms.shape)
        return total


@dataclass(frozen=True, slots=True)
class LastSum(Formula):
    """What the last of some running sums comes to, divided by a count."""

    divisor: int = 1

    def value(self, *operands: Array) -> Array:
        """Return the last running sum of each unit, without the axes of its terms."""
        last: Array = operands[0][..., -1, -1] / self.divisor
        return last


@dataclass(frozen=True, slots=True)
class WeightedSum(Formula):
    """A dense layer's sums: b + x · W, or without a bias."""

    backwards: bool

    def value(self, *operands: Array) -> Array:
        """Return the sums in the units' shape."""
        x, kernel, *bias = operands
        sums = (
            np.tensordot(kernel, x, axes=2) if self.backwards else np.tensordot(x, kernel, axes=2)
        )
        total: Array = sums + bias[0] if bias else sums
        return total


@dataclass(frozen=True, slots=True)
class Activated(Formula):
    """The activation of each sum."""

    activation: Activation

    def value(self, *operands: Array) -> Array:
        """Return f(z)."""
        return self.activation.value(operands[0])


@dataclass(frozen=True, slots=True)
class Flipped(Formula):
    """1 where the draw is less than the probability, else 0."""

    def value(self, *operands: Array) -> Array:
        """Return the states of probabilities and draws."""
        probabilities, draws = operands
        states: Array = (draws < probabilities).astype(probabilities.dtype)
        return states


@dataclass(frozen=True, slots=True)
class SquaredError(Formula):
    """How far two values are apart, squared."""

    def value(self, *operands: Array) -> Array:
        """Return (a − b)²."""
        first, second = operands
        squared: Array = np.square(first - second)
        return squared


@dataclass(frozen=True, slots=True)
class NegativeProduct(Formula):
    """Minus a product."""

    def value(self, *operands: Array) -> Array:
        """Return −a · b."""
        first, second = operands
        product: Array = -(first * second)
        return product


@dataclass(frozen=True, slots=True)
class NegativeSoftplus(Formula):
    """Minus the softplus."""

    def value(self, *operands: Array) -> Array:
        """Return −log(1 + exp(a))."""
        softplus: Array = -log_one_plus_exp(operands[0])
        return softplus


@dataclass(frozen=True, slots=True)
class OuterProduct(Formula):
    """Every hidden unit times every visible one."""

    def value(self, *operands: Array) -> Array:
        """Return h v (hidden axes, visible axes)."""
        visible, hidden = operands
        product: Array = np.multiply.outer(hidden, visible)
        return product


@dataclass(frozen=True, slots=True)
class Moved(Formula):
    """A weight moved by the rate times the difference of what data and chain say."""

    rate: float

    def value(self, *operands: Array) -> Array:
        """Return w + rate · (a − b), from a, b and w."""
        data, chain, weight = operands
        moved: Array = weight + weight.dtype.type(self.rate) * (data - chain)
        return moved


@dataclass(frozen=True, slots=True)
class OfPlanes(Formula):
    """A formula of arrays with channels, where some have but one and no axis for it."""

    formula: Formula
    flat: tuple[bool, ...]
    made_flat: bool

    def value(self, *operands: Array) -> Array:
        """Return the formula's value, without the axis if ``made_flat``."""
        deep = (
            operand[..., None] if flat else operand
            for operand, flat in zip(operands, self.flat, strict=True)
        )
        found = self.formula.value(*deep)
        return found[..., 0] if self.made_flat else found
