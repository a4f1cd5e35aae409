"""Formulas, and how they are told: as symbols, with the numbers put in, and as a value."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence for the learner with its values apart, so that it can be translated.

    A value may be a message too: "The sum so far is {sum}", with "about 0.667" for the sum.
    """

    template: str
    values: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def joined(cls, messages: Iterable[Message]) -> Message:
        """Return several sentences as one message, a space between two."""
        values = {f"sentence_{number}": message for number, message in enumerate(messages)}
        return cls(" ".join(f"{{{name}}}" for name in values), values)

    def __str__(self) -> str:
        return self.template.format(**self.values)


class Tone(StrEnum):
    """The colour that a piece of arithmetic is painted in; the first three are roles.

    The gates are those of a recurrent cell: forget, input, candidate and output, or what takes
    their part in another cell.
    """

    READS = "reads"
    WEIGHTS = "weights"
    WRITES = "writes"
    PLAIN = "plain"
    QUIET = "quiet"
    GATE_F = "gate_f"
    GATE_I = "gate_i"
    GATE_G = "gate_g"
    GATE_O = "gate_o"
    GRADIENT = "gradient"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text in one tone; a space lies before it, unless it is ``glued`` to the last."""

    text: str
    tone: Tone = Tone.PLAIN
    glued: bool = False


class TermState(StrEnum):
    """Whether a term has had its step."""

    DONE = "done"
    CURRENT = "current"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a sum, product or comparison with its numbers put in."""

    pieces: tuple[Piece, ...]
    state: TermState = TermState.DONE


@dataclass(frozen=True, slots=True)
class Listed:
    """One of the equations that are worked through one after the other, as LaTeX."""

    symbols: str
    state: TermState


@dataclass(frozen=True, slots=True)
class Formula(ABC):
    r"""The relation between what a step reads and what it writes.

    ``symbols`` is LaTeX in which ``\reads{..}``, ``\weights{..}`` and ``\writes{..}`` mark roles;
    ``\gatef{..}``, ``\gatei{..}``, ``\gateg{..}`` and ``\gateo{..}`` gates, and ``\gradient{..}``
    gradients.
    """

    symbols: str

    @abstractmethod
    def value(self, *operands: Array) -> Array:
        """Return the value from the values of the sources, in the order of the sources."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """The arithmetic of one step, ready to be painted.

    ``columns`` is the number of terms in a row; ``elided`` counts the terms left out before and
    after those in ``terms``. ``separator`` stands between terms. ``relation`` stands between the
    terms and ``result``, such as "=", "÷ 9 =", and "≈" where one of the figures on view is rounded.
    ``equations`` are those that the step's is one of; where there are any, they are told in the
    place of ``symbols``.
    """

    headline: tuple[Piece, ...]
    sentence: Message
    symbols: str
    where: tuple[Piece, ...] = ()
    terms: tuple[Term, ...] = ()
    columns: int = 3
    separator: str = "+"
    elided: tuple[int, int] = (0, 0)
    caption: Message = Message("")
    relation: str = "="
    result: Piece = Piece("", Tone.WRITES)
    equations: tuple[Listed, ...] = ()
    progress: tuple[int, int] = (0, 0)
    progress_caption: Message = Message("")


@dataclass(frozen=True, slots=True)
class Fact:
    r"""A relation that holds for the whole lesson, as LaTeX with its numbers, and a remark.

    ``\\`` ends a line of the LaTeX.
    """

    title: str
    latex: str
    remark: Message = Message("")

    @property
    def lines(self) -> list[str]:
        """Return the LaTeX of each line."""
        return self.latex.split(r"\\")
