"""The formulas of the way back through dense layers, and how each is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.activations import Activation
from simulator.traces.formula import Formula, Piece, Tone
from simulator.traces.numbers import factor, number
from simulator.traces.pair_part import Pieces

Array = NDArray[Any]

GAP = r"\writes{\delta_j} = \reads{p_j} - \weights{t_j}"
GAPS = r"\writes{\delta_j} = \frac{1}{@}(\reads{p_j} - \weights{t_j})"
SQUARED = r"\writes{\frac{\partial L}{\partial y_j}} = \frac{2}{@}(\reads{y_j} - \weights{t_j})"
SIGN = (
    r"\writes{\frac{\partial L}{\partial y_j}} = "
    r"\frac{1}{@}\mathrm{sign}(\reads{y_j} - \weights{t_j})"
)
PRODUCT = r"\writes{\frac{\partial L}{\partial w_{i,j}}} = \reads{x_i} \cdot \weights{\delta_j}"
BIAS = r"\writes{\frac{\partial L}{\partial b_j}} = \reads{\delta_j}"
BELOW = (
    r"\writes{\frac{\partial L}{\partial x_i}} = "
    r"\sum_{j=0}^{@} \reads{\delta_j} \cdot \weights{w_{i,j}}"
)


def slope_symbols(activation: Activation) -> str:
    """Return the formula of the way back through an activation."""
    name = activation.name
    function = r"\sigma'" if name == "sigmoid" else rf"\mathrm{{{name}}}'"
    return (
        rf"\writes{{\delta_j}} = \reads{{\frac{{\partial L}}{{\partial y_j}}}} \cdot "
        rf"{function}(\weights{{z_j}})"
    )


@dataclass(frozen=True, slots=True)
class Gap(Formula):
    """How far what came out is from the target, times a factor."""

    scale: float = 1.0

    def value(self, *operands: Array) -> Array:
        """Return scale · (y − t)."""
        made, target = operands
        found: Array = (made - target) * made.dtype.type(self.scale)
        return found


@dataclass(frozen=True, slots=True)
class SignOfGap(Formula):
    """Whether what came out is more than the target or less, times a factor."""

    scale: float

    def value(self, *operands: Array) -> Array:
        """Return scale · sign(y − t)."""
        made, target = operands
        found: Array = np.sign(made - target) * made.dtype.type(self.scale)
        return found


@dataclass(frozen=True, slots=True)
class Sloped(Formula):
    """What comes back, times the slope of an activation."""

    activation: Activation

    def value(self, *operands: Array) -> Array:
        """Return d · f'(z) from d and z."""
        arriving, z = operands
        return self.activation.gradient(z, self.activation.value(z), arriving)


@dataclass(frozen=True, slots=True)
class EveryProduct(Formula):
    """Every number of one plane times every number of another."""

    def value(self, *operands: Array) -> Array:
        """Return x δ with the axes of δ first."""
        x, slopes = operands
        product: Array = np.multiply.outer(slopes, x)
        return product


def told_gap(scale: float) -> Pieces:
    """Return how a difference times a factor is told."""

    def told(made: float, target: float) -> tuple[Piece, ...]:
        gap = (Piece(number(made), Tone.READS), Piece("−"), Piece(factor(target), Tone.WEIGHTS))
        if scale == 1:
            return gap
        first = Piece(gap[0].text, Tone.READS, glued=True)
        return (
            Piece(number(scale)),
            Piece("×"),
            Piece("("),
            first,
            *gap[1:],
            Piece(")", glued=True),
        )

    return told


def told_sign(scale: float) -> Pieces:
    """Return how the sign of a difference times a factor is told."""

    def told(made: float, target: float) -> tuple[Piece, ...]:
        return (
            Piece(number(scale)),
            Piece("×"),
            Piece("sign("),
            Piece(number(made), Tone.READS, glued=True),
            Piece("−"),
            Piece(factor(target), Tone.WEIGHTS),
            Piece(")", glued=True),
        )

    return told


def slope_of(activation: Activation) -> Callable[[float], float]:
    """Return the slope of an activation at a sum."""

    def slope(z: float) -> float:
        at = np.array([z])
        return float(activation.gradient(at, activation.value(at), np.ones(1)).item())

    return slope


def told_slope(activation: Activation) -> Pieces:
    """Return how a gradient times the slope of an activation is told."""
    function = {"sigmoid": "σ"}.get(activation.name, activation.name)

    def told(arriving: float, z: float) -> tuple[Piece, ...]:
        return (
            Piece(factor(arriving), Tone.READS),
            Piece("×"),
            Piece(f"{function}\N{PRIME}("),
            Piece(number(z), Tone.WEIGHTS, glued=True),
            Piece(")", glued=True),
        )

    return told


def told_product(x: float, slope: float) -> tuple[Piece, ...]:
    """Return how a product is told."""
    return Piece(factor(x), Tone.READS), Piece("×"), Piece(factor(slope), Tone.WEIGHTS)
