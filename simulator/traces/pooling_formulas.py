"""The formulas of pooling, from one term to the whole layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.traces.formula import Formula
from simulator.traces.pooling_rules import PoolingRule, Probability, TermRule
from simulator.traces.windows import Windows

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Terms(Formula):
    """The terms of windows: of all their cells, or of one."""

    rule: TermRule
    windows: Windows
    only: tuple[int, int] | None = None

    def value(self, *operands: Array) -> Array:
        """Return the terms (C, OH, OW, 1, kh, kw) of a region of the input (rows, columns, C)."""
        terms = _terms(self.rule, self.windows, operands[0])[:, :, :, None]
        if self.only is None:
            return terms
        down, across = self.only
        return terms[..., down : down + 1, across : across + 1]


@dataclass(frozen=True, slots=True)
class Weighted(Formula):
    """A value times its probability."""

    def value(self, *operands: Array) -> Array:
        """Return the product (1, 1, 1, 1, 1, 1) of a probability so shaped and x (1, 1, 1)."""
        probability, x = operands
        product: Array = probability * x.reshape(probability.shape)
        return product


@dataclass(frozen=True, slots=True)
class Combination(Formula):
    """What the terms have come to, with one more of them."""

    rule: TermRule

    def value(self, *operands: Array) -> Array:
        """Return the first term alone, or the value so far combined with a term."""
        if len(operands) == 1:
            return operands[0]
        so_far, term = operands
        combined: Array = self.rule.combine(so_far, term)
        return combined


@dataclass(frozen=True, slots=True)
class RunningCombination(Formula):
    """What the terms of each cell have come to after each of them."""

    rule: TermRule
    windows: Windows

    def value(self, *operands: Array) -> Array:
        """Return the running values (C, OH, OW, 1, kh, kw) of a region of the input."""
        terms = _terms(self.rule, self.windows, operands[0])
        flat = terms.reshape(*terms.shape[:3], -1)
        running: Array = self.rule.combine.accumulate(flat, axis=-1)
        return running.reshape(terms.shape)[:, :, :, None]


@dataclass(frozen=True, slots=True)
class Finish(Formula):
    """The output from the last of a cell's running values."""

    rule: PoolingRule
    cells: int

    def value(self, *operands: Array) -> Array:
        """Return the output cell (1, 1, 1) of a running value (1, 1, 1, 1, 1, 1)."""
        return self.rule.finish(operands[0].reshape(1, 1, 1), self.cells)


@dataclass(frozen=True, slots=True)
class Pooled(Formula):
    """The pooling itself."""

    rule: PoolingRule
    windows: Windows

    def value(self, *operands: Array) -> Array:
        """Return the output (OH, OW, C) of a region of the input."""
        terms = _terms(self.rule, self.windows, operands[0])
        total = self.rule.combine.reduce(terms, axis=(-2, -1))
        cells = self.windows.real().sum(axis=(-2, -1))
        return np.moveaxis(self.rule.finish(total, cells), 0, -1)


@dataclass(frozen=True, slots=True)
class Sampled(Formula):
    """The value of the first cell at which the probabilities added up exceed the draw."""

    windows: Windows

    def value(self, *operands: Array) -> Array:
        """Return the output (OH, OW, C) of a region of the input and draws (OH, OW, C)."""
        x, draws = operands
        terms = _terms(Probability(), self.windows, x)
        channels, rows, columns = terms.shape[:3]
        running = terms.reshape(channels, rows, columns, -1).cumsum(axis=-1)
        # The draw is below 1; rounding must not leave the last sum below the draw.
        whole = running >= running[..., -1:]
        exceeding = whole | (running > np.moveaxis(draws, -1, 0)[..., None])
        values = np.moveaxis(self.windows.of(x), -1, 0).reshape(running.shape)
        chosen = exceeding.argmax(axis=-1)[..., None]
        return np.moveaxis(np.take_along_axis(values, chosen, axis=-1)[..., 0], 0, -1)


def _terms(rule: TermRule, windows: Windows, x: Array) -> Array:
    """Return the terms (C, OH, OW, kh, kw)."""
    return rule.terms(np.moveaxis(windows.of(x), -1, 0), windows.real())
