"""The formulas of cells that are made of many terms: of one step, of one unit, or of all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from simulator.traces.formula import Formula

if TYPE_CHECKING:
    from simulator.traces.fold_part import FoldPart

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Terms(Formula):
    """The terms of one step, of one unit, or of all."""

    combine: Formula
    part: FoldPart
    whole: bool = False
    at: bool = False

    def value(self, *operands: Array) -> Array:
        """Return them with the axes of the units and those of the terms."""
        shape = self.part.shape
        if self.whole:
            gathered = [
                operand.gathered(read, shape)
                for operand, read in zip(self.part.reading, operands, strict=True)
            ]
            return self.combine.value(*gathered).reshape(*shape, *self.part.term_shape)
        found = self.combine.value(
            *(
                operand.in_order(read) if not self.at else read.reshape(-1)
                for operand, read in zip(self.part.reading, operands, strict=True)
            )
        )
        lying = (1, 1) if self.at else self.part.term_shape
        return found.reshape(*(1,) * len(shape), *lying)


@dataclass(frozen=True, slots=True)
class Running(Formula):
    """What the terms of one unit, or of all, come to one after the other."""

    part: FoldPart
    whole: bool

    def value(self, *operands: Array) -> Array:
        """Return it in the terms' shape."""
        *begun, terms = operands
        start, shape = self.part.start, terms.shape[: len(self.part.shape)]
        found: Array | None = None
        if start is not None:
            (read,) = begun
            found = start.gathered(read, shape) if self.whole else read.reshape(-1)
        flat = terms.reshape(*shape, -1)
        return self.part.fold.running(flat, found).reshape(terms.shape)


@dataclass(frozen=True, slots=True)
class Last(Formula):
    """What all terms come to, divided."""

    divisor: float

    def value(self, *operands: Array) -> Array:
        """Return it without the axes of the terms."""
        last = operands[0][..., 0, 0]
        made: Array = last / last.dtype.type(self.divisor)
        return made
