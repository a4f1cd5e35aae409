"""Kinds of arguments: what each can be, how it is checked, and how it is read from text.

A control is made from one of these, and the reader of source checks values with the same one.
"""

from __future__ import annotations

import ast
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import ClassVar

from simulator.formats.json_values import LARGEST_WHOLE, Json, SpecError, frozen, shown

MISSING = "…"
"""The default of an argument that has to be given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument(ABC):
    """One argument; `name` is Keras's, `label` and `help` are for people.

    `needed` arguments have no default; `start` is the value that a new layer begins with.
    `optional` ones can be None. `more` says that it is seldom changed, `live` that it may be
    changed in the middle of a run.
    """

    name: str
    label: str
    help: str
    default: Json = None
    start: Json = None
    needed: bool = False
    optional: bool = False
    more: bool = False
    live: bool = False

    @property
    def initial(self) -> Json:
        """The value of a new layer."""
        return self.start if self.needed else self.default

    def check(self, value: Json) -> Json:
        """Return the value, frozen. Raises SpecError if the argument cannot be that."""
        if value is None and (self.optional or (not self.needed and self.default is None)):
            return None
        return self._checked(frozen(value, self.name))

    @abstractmethod
    def _checked(self, value: Json) -> Json:
        """The value, which is not None, if it is possible."""

    @abstractmethod
    def bounds(self) -> str:
        """In words what is possible, as it goes on after "choose"."""

    def parse(self, text: str) -> Json:
        """Return the value written as Python writes it, or as a bare word. Raises SpecError."""
        written = text.strip()
        if written.lower() in ("none", ""):
            return self.check(None)
        try:
            value = ast.literal_eval(written) if len(written) < 1000 else written
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            value = written
        try:
            return self.check(value)
        except SpecError:
            raise self.refusal(text.strip()) from None

    def refusal(self, value: object, hint: str = "") -> SpecError:
        """The error for a value that cannot be taken: raise what this returns."""
        return SpecError(
            f"{self.name} is {shown(value)}: choose {self.bounds()}.{hint}", argument=self.name
        )

    @property
    def _or_none(self) -> str:
        return ", or None" if self.optional else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole(Argument):
    """A whole number within bounds."""

    minimum: int = 1
    maximum: int = 1_000_000

    def _checked(self, value: Json) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not is_whole(value) or not self.minimum <= value <= self.maximum:
            raise self.refusal(value)
        return int(value)

    def bounds(self) -> str:
        """The bounds."""
        return f"a whole number from {self.minimum:,} to {self.maximum:,}{self._or_none}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Real(Argument):
    """A number within bounds; `below` excludes the upper one."""

    minimum: float = 0.0
    maximum: float = 1.0
    below: bool = False

    def _checked(self, value: Json) -> float:
        if not is_number(value) or not self.minimum <= value <= self.maximum:
            raise self.refusal(value)
        if self.below and value == self.maximum:
            raise self.refusal(value)
        return float(value)

    def bounds(self) -> str:
        """The bounds."""
        to = "to less than" if self.below else "to"
        return f"a number from {self.minimum:g} {to} {self.maximum:g}{self._or_none}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth(Argument):
    """True or False."""

    def _checked(self, value: Json) -> bool:
        if isinstance(value, bool):
            return value
        if value in (0, 1):
            return bool(value)
        raise self.refusal(value)

    def bounds(self) -> str:
        """Both."""
        return "True or False"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Argument):
    """One of a few words."""

    options: tuple[str, ...]

    def _checked(self, value: Json) -> str:
        if isinstance(value, str):
            for option in self.options:
                if value.lower() == option.lower():
                    return option
        raise self.refusal(value, near(value, self.options))

    def bounds(self) -> str:
        """The options."""
        return f"one of {', '.join(self.options)}{self._or_none}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes(Argument):
    """A number for each axis, or one for all of them."""

    rank: int
    minimum: int = 1
    maximum: int = 1024

    def _checked(self, value: Json) -> Json:
        parts = value if isinstance(value, tuple) else (value,)
        if isinstance(value, tuple) and len(value) != self.rank:
            raise self.refusal(value)
        for part in parts:
            if not is_whole(part) or not self.minimum <= part <= self.maximum:
                raise self.refusal(value)
        return value

    def bounds(self) -> str:
        """How many numbers, and their bounds."""
        each = f"from {self.minimum:,} to {self.maximum:,}"
        if self.rank == 1:
            return f"a whole number {each}{self._or_none}"
        return f"a whole number {each}, or {self.rank} of them{self._or_none}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths(Argument):
    """The lengths of some axes; `unknown` (−1 or None) may stand where it is left open."""

    unknown: ClassVar[tuple[Json, ...]] = (-1, None)
    open: bool = False
    most: int = 8

    def _checked(self, value: Json) -> tuple[int | None, ...]:
        parts = value if isinstance(value, tuple) else (value,)
        if len(parts) > self.most:
            raise self.refusal(value)
        for part in parts:
            if self.open and part in self.unknown:
                continue
            if not is_whole(part) or not 1 <= part <= 10_000_000:
                raise self.refusal(value)
        return parts

    def bounds(self) -> str:
        """How many numbers."""
        left_open = ", −1 for one that follows from the others" if self.open else ""
        return f"whole numbers of 1 or more, as (28, 28, 1){left_open}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Borders(Argument):
    """Rows and columns to add: a number, (rows, columns), or ((above, below), (left, right))."""

    maximum: int = 256

    def _checked(self, value: Json) -> Json:
        parts = value if isinstance(value, tuple) else (value, value)
        if len(parts) != 2:
            raise self.refusal(value)
        for part in parts:
            for each in part if isinstance(part, tuple) and len(part) == 2 else (part,):
                if not is_whole(each) or not 0 <= each <= self.maximum:
                    raise self.refusal(value)
        return value

    def bounds(self) -> str:
        """The three ways to write it."""
        return "one number, two (rows, columns), or ((above, below), (left, right))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named(Argument):
    """A name such as "relu", or an object of that family: {"class_name": …, "config": …}.

    `family` is a module of the engine ("activations", "initializers", "regularizers"), which
    checks the objects.
    """

    family: str
    options: tuple[str, ...]

    def _checked(self, value: Json) -> Json:
        # The engine is loaded when a value has to be checked, and not when the table is read.
        from simulator.engine import activations, initializers, regularizers  # noqa: PLC0415

        getters = {
            "activations": activations.get,
            "initializers": initializers.get,
            "regularizers": regularizers.get,
        }
        if not isinstance(value, str | dict):
            raise self.refusal(value)
        try:
            getters[self.family](value)
        except (ValueError, TypeError) as error:
            hint = f" {error}" if isinstance(value, dict) else near(value, self.options)
            raise self.refusal(
                value if isinstance(value, str) else value.get("class_name"), hint
            ) from error
        return value

    def bounds(self) -> str:
        """The names."""
        return f"one of {', '.join(self.options)}{self._or_none}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers(Argument):
    """Some numbers in a row."""

    most: int = 1000

    def _checked(self, value: Json) -> tuple[float, ...]:
        parts = value if isinstance(value, tuple) else (value,)
        if not 1 <= len(parts) <= self.most or not all(is_number(part) for part in parts):
            raise self.refusal(value)
        return parts

    def bounds(self) -> str:
        """How many."""
        return f"up to {self.most:,} numbers, as (1000, 2000)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Argument):
    """Some words."""

    longest: int = 200

    def _checked(self, value: Json) -> str:
        if not isinstance(value, str) or not 0 < len(value) <= self.longest:
            raise self.refusal(value)
        return value

    def bounds(self) -> str:
        """How long it may be."""
        return f"a text of 1 to {self.longest} characters{self._or_none}"


@dataclass(frozen=True, slots=True, kw_only=True)
class InnerLayer(Argument):
    """A layer inside another: {"kind": …, "name": …, "arguments": …}; `kinds` are those possible,
    or empty for all.
    """

    kinds: tuple[str, ...] = ()

    def _checked(self, value: Json) -> Json:
        from simulator.formats import arguments  # noqa: PLC0415 - which holds this in its table

        if not isinstance(value, dict) or set(value) - {"kind", "name", "arguments"}:
            raise self.refusal(value)
        kind, name = value.get("kind"), value.get("name", "")
        given = value.get("arguments", {})
        if not isinstance(name, str) or not isinstance(given, dict) or not isinstance(kind, str):
            raise self.refusal(value)
        if "/" in name:
            raise self.refusal(name)
        if self.kinds and kind not in self.kinds:
            raise self.refusal(kind, near(kind, self.kinds))
        return {"kind": kind, "name": name, "arguments": arguments.check(kind, given)}

    def bounds(self) -> str:
        """Which layers."""
        return f"a layer of the kind {' or '.join(self.kinds)}" if self.kinds else "a layer"


@dataclass(frozen=True, slots=True, kw_only=True)
class InnerNetwork(Argument):
    """A network inside another, as `serialization` writes it."""

    def _checked(self, value: Json) -> Json:
        from simulator.formats import serialization  # noqa: PLC0415 - which checks with the table

        serialization.network_from_json(value, self.name)
        return value

    def bounds(self) -> str:
        """What it is."""
        return "a network"


def is_whole(value: object) -> bool:
    """Whether this is a whole number and no truth value."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> bool:
    """Whether this is a finite number and no truth value."""
    if isinstance(value, int):
        return not isinstance(value, bool) and abs(value) <= LARGEST_WHOLE
    return isinstance(value, float) and math.isfinite(value)


def near(value: object, options: tuple[str, ...] | list[str] | Mapping[str, object]) -> str:
    """The question whether the nearest of the options was meant, or nothing."""
    if not isinstance(value, str):
        return ""
    lowered = {each.lower(): each for each in reversed(list(options))}
    found = get_close_matches(value[:100].lower(), lowered, n=1, cutoff=0.6)
    return f" Did you mean {lowered[found[0]]!r}?" if found else ""
