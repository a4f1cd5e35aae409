"""Values that JSON can hold, kept so that nobody changes them, and errors that name their place."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeAlias

Json: TypeAlias = Any
"""None, a truth value, a finite number, a text, or a tuple or dictionary of these."""

DEEPEST = 60
"""So many levels may lie within each other."""
LARGEST_WHOLE = 2**256
"""No whole number is larger: states of generators have 128 bits, and nothing has more."""
MOST_SHOWN = 60
"""So many signs of a refused value are repeated."""


class SpecError(ValueError):
    """A description that cannot be used: one line that says what, where, and what to do.

    ``place`` leads to the part in question, as "network.layers[2].arguments.units"; ``layer`` is
    the name of the layer to blame, where it is one, and ``argument`` that of its argument.
    """

    def __init__(
        self, message: str, *, place: str = "", layer: str = "", argument: str = ""
    ) -> None:
        super().__init__(" ".join(message.split()))
        self.place = place
        self.layer = layer
        self.argument = argument


def frozen(value: object, place: str = "", depth: int = 0) -> Json:
    """Return the value with tuples for lists and new dictionaries for mappings.

    Raises:
        SpecError: it holds something that JSON cannot (NaN and infinity among them).
    """
    if depth > DEEPEST:
        raise SpecError(f"{place} is nested more than {DEEPEST} levels deep.", place=place)
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        if abs(value) > LARGEST_WHOLE:
            raise SpecError(f"{place} is {shown(value)}: give a smaller number.", place=place)
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise SpecError(f"{place} is {value}: give a finite number.", place=place)
        return float(value)
    if isinstance(value, list | tuple):
        return tuple(
            frozen(each, f"{place}[{number}]", depth + 1) for number, each in enumerate(value)
        )
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise SpecError(f"{place} has the key {shown(key)}: keys are texts.", place=place)
        return {
            key: frozen(each, f"{place}.{key}" if place else key, depth + 1)
            for key, each in value.items()
        }
    raise SpecError(
        f"{place} is {shown(value)}: only numbers, texts and lists can be kept.", place=place
    )


def shown(value: object) -> str:
    """Return a value from outside as it may stand in a message: short, one line, printable."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # a number of thousands of digits, lists without end
        return "beyond all bounds"
    line = "".join(c if c.isprintable() else "�" for c in text)
    return line if len(line) <= MOST_SHOWN else f"{line[: MOST_SHOWN - 20]}…{line[-19:]}"


class Stored:
    """One object of a stored description, read key by key; every error names the place.

    Keys that nobody asked for are refused by ``finished``: they would be lost in silence.
    """

    def __init__(self, value: object, place: str, *, known: bool = False) -> None:
        """`known` says that `frozen` made the value, so that what it holds needs no further look.

        Raises SpecError if the value is no object.
        """
        if not isinstance(value, Mapping):
            raise SpecError(f"{place} is {shown(value)}, but must be an object.", place=place)
        self._value = value
        self._asked: set[str] = set()
        self._known = known
        self.place = place

    def at(self, key: str) -> str:
        """The place of a key."""
        return f"{self.place}.{key}" if self.place else key

    def get(self, key: str, default: Json = None) -> Json:
        """Whatever stands there, made of what JSON can hold."""
        self._asked.add(key)
        if key not in self._value:
            return default
        value = self._value[key]
        return value if self._known else frozen(value, self.at(key))

    def text(self, key: str, default: str | None = None) -> str:
        """A text; raises SpecError for anything else."""
        value = self.get(key, default)
        if not isinstance(value, str):
            raise self.error(key, value, "a text")
        return value

    def truth(self, key: str, default: bool) -> bool:
        """True or false; raises SpecError for anything else."""
        value = self.get(key, default)
        if not isinstance(value, bool):
            raise self.error(key, value, "true or false")
        return value

    def whole(self, key: str, default: int | None, *, minimum: int = 0) -> int:
        """A whole number from the minimum on; raises SpecError for anything else."""
        value = self.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < minimum:
            raise self.error(key, value, f"a whole number from {minimum} on")
        return value

    def real(self, key: str, default: float | None) -> float:
        """A number; raises SpecError for anything else."""
        value = self.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error(key, value, "a number")
        return float(value)

    def listed(self, key: str) -> tuple[Json, ...]:
        """A list, empty where there is none; raises SpecError for anything else."""
        value = self.get(key, ())
        if not isinstance(value, tuple):
            raise self.error(key, value, "a list")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; raises SpecError for anything else."""
        value = self.listed(key)
        for number, each in enumerate(value):
            if not isinstance(each, str):
                raise self.error(f"{key}[{number}]", each, "a text")
        return value

    def mapping(self, key: str) -> dict[str, Json]:
        """An object, empty where there is none; raises SpecError for anything else."""
        value = self.get(key, {})
        if not isinstance(value, dict):
            raise self.error(key, value, "an object")
        return value

    def error(self, key: str, value: object, needed: str) -> SpecError:
        """The error for a value that must be something else: raise what this returns."""
        place = self.at(key)
        if value is None:
            return SpecError(f"{place} is missing: it must be {needed}.", place=place)
        return SpecError(f"{place} is {shown(value)}, but must be {needed}.", place=place)

    def finished(self) -> None:
        """Raise SpecError for keys that were not asked for."""
        left = [key for key in self._value if key not in self._asked]
        if left:
            raise SpecError(
                f"{self.place or 'it'} has the unknown key {shown(left[0])}: a newer version of "
                "the simulator may have written it.",
                place=self.at(str(left[0])),
            )
