"""Controls as data: what a learner can set, within which bounds, and how it is read from text."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from math import isfinite

Value = int | float | str | tuple[str, ...]
Settings = Mapping[str, Value]


class ControlError(ValueError):
    """A value that a control can't take; ``control`` is the control's name."""

    def __init__(self, message: str, *, control: str) -> None:
        """Take a message that says what was wrong, what is possible and what to do."""
        super().__init__(message)
        self.control = control


def _always(settings: Settings) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Control(ABC):
    """One thing to set. ``section`` is the heading it stands under.

    ``causes`` are the parameters of a geometry error that this control is to blame for;
    ``shown`` tells for which settings it has a meaning; ``beside_previous``
    puts it into the row of the control before it, both without a label.
    """

    name: str
    label: str
    section: str
    help: str = ""
    causes: tuple[str, ...] = ()
    shown: Callable[[Settings], bool] = _always
    beside_previous: bool = False

    @property
    @abstractmethod
    def initial(self) -> Value:
        """Return the value before the learner touches it."""

    @abstractmethod
    def check(self, value: object) -> Value:
        """Return the value if the control can take it.

        Raises:
            ControlError: it can't.
        """

    @abstractmethod
    def parse(self, text: str) -> Value:
        """Return the value written as ``text``.

        Raises:
            ControlError: it is none of this control's.
        """

    @abstractmethod
    def bounds(self) -> str:
        """Return in words what is possible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegerControl(Control):
    """A whole number within bounds."""

    default: int
    minimum: int
    maximum: int

    @property
    def initial(self) -> Value:
        """Return the default."""
        return self.default

    def check(self, value: object) -> Value:
        """Return a whole number within the bounds."""
        if isinstance(value, bool) or not isinstance(value, int):
            raise ControlError(
                f"{self.label} is {value!r}: give a whole number, {self.bounds()}.",
                control=self.name,
            )
        if not self.minimum <= value <= self.maximum:
            raise ControlError(
                f"{self.label} is {value}: choose a number {self.bounds()}.", control=self.name
            )
        return value

    def parse(self, text: str) -> Value:
        """Return the whole number written as ``text``."""
        try:
            value = int(text)
        except ValueError:
            raise ControlError(
                f"{self.label} is '{text}': give a whole number, {self.bounds()}.",
                control=self.name,
            ) from None
        return self.check(value)

    def bounds(self) -> str:
        """Return the bounds."""
        return f"{self.minimum} to {self.maximum}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RealControl(Control):
    """A number within bounds."""

    default: float
    minimum: float
    maximum: float

    @property
    def initial(self) -> Value:
        """Return the default."""
        return self.default

    def check(self, value: object) -> Value:
        """Return a finite number within the bounds."""
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            raise ControlError(
                f"{self.label} is {value!r}: give a number, {self.bounds()}.", control=self.name
            )
        if not self.minimum <= value <= self.maximum:
            raise ControlError(
                f"{self.label} is {value:g}: choose a number {self.bounds()}.", control=self.name
            )
        return float(value)

    def parse(self, text: str) -> Value:
        """Return the number written as ``text``."""
        try:
            value = float(text)
        except ValueError:
            raise ControlError(
                f"{self.label} is '{text}': give a number, {self.bounds()}.", control=self.name
            ) from None
        return self.check(value)

    def bounds(self) -> str:
        """Return the bounds."""
        return f"{self.minimum:g} to {self.maximum:g}"


@dataclass(frozen=True, slots=True)
class Option:
    """One of a few possible values."""

    value: str
    label: str
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceControl(Control):
    """One of a few values; ``segmented`` ones are few enough to stand side by side.

    With ``each_of`` the value is a tuple with one choice for each item of that setting's count
    (each filter its preset); where the tuple is too short, ``following`` gives the next.
    """

    options: tuple[Option, ...]
    default: str
    segmented: bool = False
    each_of: str = ""

    @property
    def initial(self) -> Value:
        """Return the default."""
        return (self.default,) if self.each_of else self.default

    def check(self, value: object) -> Value:
        """Return one of the options, or a tuple of them."""
        if self.each_of:
            if isinstance(value, tuple) and value:
                return tuple(self._one(item) for item in value)
            raise ControlError(
                f"{self.label} is {value!r}: choose {self.bounds()}.", control=self.name
            )
        return self._one(value)

    def _one(self, value: object) -> str:
        values = [option.value for option in self.options]
        if value in values:
            return str(value)
        near = get_close_matches(str(value), values, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise ControlError(
            f"{self.label} is '{value}': choose {self.bounds()}.{hint}", control=self.name
        )

    def parse(self, text: str) -> Value:
        """Return the option written as ``text``; several are separated by commas."""
        if self.each_of:
            return self.check(tuple(part.strip() for part in text.split(",")))
        return self.check(text)

    def bounds(self) -> str:
        """Return the possible values."""
        listed = ", ".join(option.value for option in self.options)
        return f"some of {listed}" if self.each_of else f"one of {listed}"

    def label_of(self, value: str) -> str:
        """Return the label of an option."""
        return next(option.label for option in self.options if option.value == value)

    def following(self, chosen: tuple[str, ...], count: int) -> tuple[str, ...]:
        """Return ``count`` choices: those chosen, then the options that come after the last."""
        values = [option.value for option in self.options]
        filled = list(chosen[:count])
        while len(filled) < count:
            filled.append(values[(values.index(filled[-1]) + 1) % len(values)])
        return tuple(filled)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaddingControl(Control):
    """"valid", "same", or a number of cells on every side."""

    default: str | int = "valid"
    maximum: int

    @property
    def initial(self) -> Value:
        """Return the default."""
        return self.default

    def check(self, value: object) -> Value:
        """Return "valid", "same" or a whole number from 0."""
        if value in ("valid", "same"):
            return str(value)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= self.maximum:
            return value
        raise ControlError(
            f"{self.label} is '{value}': choose {self.bounds()}.", control=self.name
        )

    def parse(self, text: str) -> Value:
        """Return the padding written as ``text``."""
        return self.check(int(text) if text.strip().lstrip("+-").isdigit() else text)

    def bounds(self) -> str:
        """Return the possible values."""
        return f"valid, same, or a number from 0 to {self.maximum}"
