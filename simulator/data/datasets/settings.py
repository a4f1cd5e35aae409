"""Settings of a data set as data: their names, bounds and defaults, and how they are checked.

Values are what JSON can hold, so that a recipe is the settings and a seed.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeAlias

from simulator.data.datasets.errors import DataError, shown

Json: TypeAlias = Any
"""None, a truth value, a number, a text, or a list or mapping of these."""
Settings: TypeAlias = Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting(ABC):
    """One thing to set; ``name`` is its key in a recipe, ``label`` and ``help`` are for people."""

    name: str
    label: str
    help: str = ""

    @property
    @abstractmethod
    def initial(self) -> Json:
        """The value that counts where none is given."""

    @abstractmethod
    def check(self, value: Json) -> Json:
        """Return the value in its own type. Raises DataError if it is out of bounds."""

    @abstractmethod
    def parse(self, text: str) -> Json:
        """Return the value written as ``text``. Raises DataError if it is none."""

    @abstractmethod
    def bounds(self) -> str:
        """Return in words what is possible, as it goes on after "choose"."""

    def refusal(self, value: Json, hint: str = "") -> DataError:
        """The error for a value that cannot be taken."""
        told = f"{self.label} is {shown(value)}: choose {self.bounds()}.{hint}"
        return DataError(told, setting=self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole(Setting):
    """A whole number within bounds."""

    default: int
    minimum: int
    maximum: int

    @property
    def initial(self) -> int:
        """The default."""
        return self.default

    def check(self, value: Json) -> int:
        """Return a whole number within the bounds."""
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not whole or not self.minimum <= value <= self.maximum:
            raise self.refusal(value)
        return int(value)

    def parse(self, text: str) -> int:
        """Return the whole number written as ``text``."""
        found = re.fullmatch(r"[+-]?\d{1,18}", text.strip())
        return self.check(int(found[0]) if found else text)

    def bounds(self) -> str:
        """The bounds."""
        return f"a whole number from {self.minimum:,} to {self.maximum:,}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Real(Setting):
    """A number within bounds."""

    default: float
    minimum: float
    maximum: float

    @property
    def initial(self) -> float:
        """The default."""
        return self.default

    def check(self, value: Json) -> float:
        """Return a number within the bounds; none is infinite or NaN."""
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not self.minimum <= value <= self.maximum:
            raise self.refusal(value)
        return float(value)

    def parse(self, text: str) -> float:
        """Return the number written as ``text``."""
        try:
            value = float(text.strip().replace("_", "?"))
        except ValueError:
            raise self.refusal(text) from None
        return self.check(value)

    def bounds(self) -> str:
        """The bounds."""
        return f"a number from {self.minimum:g} to {self.maximum:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Setting):
    """One of a few values, each with a label for people."""

    options: tuple[tuple[str, str], ...]
    default: str

    @property
    def initial(self) -> str:
        """The default."""
        return self.default

    @property
    def values(self) -> tuple[str, ...]:
        """What can be chosen."""
        return tuple(value for value, _ in self.options)

    def label_of(self, value: str) -> str:
        """Return the label of an option, which must be one."""
        return dict(self.options)[value]

    def check(self, value: Json) -> str:
        """Return one of the options."""
        if isinstance(value, str) and value in self.values:
            return value
        near = get_close_matches(value, self.values, n=1) if isinstance(value, str) else []
        raise self.refusal(value, f" Did you mean {near[0]}?" if near else "")

    def parse(self, text: str) -> str:
        """Return the option written as ``text``."""
        return self.check(text.strip())

    def bounds(self) -> str:
        """The options."""
        return f"one of {', '.join(self.values)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words(Setting):
    """A text of the learner's: a path, the name of a column, some lines."""

    default: str = ""
    longest: int = 4096
    needed: bool = False
    what: str = "a text"

    @property
    def initial(self) -> str:
        """The default."""
        return self.default

    def check(self, value: Json) -> str:
        """Return a text that is not too long, and not empty if it is needed."""
        if not isinstance(value, str) or len(value) > self.longest or "\0" in value:
            raise self.refusal(value)
        if self.needed and not value.strip():
            raise DataError(f"{self.label} is missing: choose {self.bounds()}.", setting=self.name)
        return value

    def parse(self, text: str) -> str:
        """Return the text."""
        return self.check(text)

    def bounds(self) -> str:
        """What the text is, and how long it may be."""
        return f"{self.what} of at most {self.longest:,} characters"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place(Words):
    """Where a file or a folder of the learner's is; ``endings`` are those of its files' names."""

    needed: bool = True
    folder: bool = False
    endings: tuple[str, ...] = ()
    kind: str = ""
    """What files of that kind are called in a dialog."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Points(Setting):
    """Points with a class, drawn by the learner: rows of x, y and the number of the class."""

    default: tuple[tuple[float, float, int], ...]
    furthest: float
    most: int
    classes: int

    @property
    def initial(self) -> list[list[float | int]]:
        """The default, as JSON has it."""
        return [list(point) for point in self.default]

    def check(self, value: Json) -> list[list[float | int]]:
        """Return the rows as lists. Raises DataError that names the first bad point."""
        if not isinstance(value, list | tuple) or len(value) > self.most:
            raise self.refusal(f"{len(value):,} points" if isinstance(value, list) else value)
        rows = []
        for place, row in enumerate(value, start=1):
            if not self._is_point(row):
                raise DataError(
                    f"{self.label}: point {place} is {shown(row)}, but needs x, y "
                    f"(each from -{self.furthest:g} to {self.furthest:g}) and a class from 0 to "
                    f"{self.classes - 1}. Draw it again.",
                    setting=self.name,
                )
            rows.append([float(row[0]), float(row[1]), int(row[2])])
        return rows

    def _is_point(self, row: Json) -> bool:
        if not isinstance(row, list | tuple) or len(row) != 3:
            return False
        if any(isinstance(cell, bool) or not isinstance(cell, int | float) for cell in row):
            return False
        x, y, label = row
        inside = abs(x) <= self.furthest and abs(y) <= self.furthest
        return inside and label in range(self.classes)

    def parse(self, text: str) -> list[list[float | int]]:
        """Return points written as "x y class; x y class"."""
        rows: list[list[float | int]] = []
        for place, part in enumerate((p for p in text.split(";") if p.strip()), start=1):
            try:
                x, y, label = part.split()
                rows.append([float(x), float(y), int(label)])
            except ValueError:
                raise DataError(
                    f"{self.label}: point {place} is “{shown(part.strip())}”: write x y class, "
                    "with ; between points.",
                    setting=self.name,
                ) from None
        return self.check(rows)

    def bounds(self) -> str:
        """How many points, and where."""
        return (
            f"at most {self.most:,} points x y class, x and y from -{self.furthest:g} to "
            f"{self.furthest:g}, class from 0 to {self.classes - 1}"
        )


def checked(settings: Sequence[Setting], given: Settings) -> dict[str, Json]:
    """Return a value for every setting: the given one, checked, or the default.

    Raises:
        DataError: a value is out of bounds, or there is no such setting.
    """
    names = [setting.name for setting in settings]
    for name in given:
        if name not in names:
            near = get_close_matches(str(name), names, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise DataError(
                f"There is no setting {shown(name)}: choose among {', '.join(names)}.{hint}",
                setting=str(name),
            )
    return {
        setting.name: setting.check(given[setting.name])
        if setting.name in given
        else setting.initial
        if not isinstance(setting, Words)
        else setting.check(setting.initial)
        for setting in settings
    }


def samples(default: int, *, maximum: int = 20_000, minimum: int = 10) -> Whole:
    """How many samples are made."""
    return Whole(
        name="samples",
        label="Samples",
        help="How many are made, for training and validation together.",
        default=default,
        minimum=minimum,
        maximum=maximum,
    )


TRAIN_SHARE = Real(
    name="train_share",
    label="Training share",
    help="The rest is held back for validation.",
    default=0.8,
    minimum=0.1,
    maximum=0.95,
)


def length(default: int, *, minimum: int = 2, maximum: int = 500) -> Whole:
    """How many time steps a sequence has."""
    return Whole(
        name="length",
        label="Length",
        help="Time steps of every sequence.",
        default=default,
        minimum=minimum,
        maximum=maximum,
    )


TARGETS = Choice(
    name="targets",
    label="Targets",
    help="One for the whole sequence, or one at each step.",
    options=(("next", "What follows the last step"), ("each", "At each step, what follows")),
    default="next",
)
