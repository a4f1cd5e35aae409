"""Controls as data: what a learner can set, within which bounds, and how it is read from text."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeGuard

from simulator.traces.numbers import MINUS, number

Value = int | float | str | tuple[str, ...]
Settings = Mapping[str, Value]

MOST_SHOWN = 40
"""So many signs of a refused value are repeated: a message is one line."""


class ControlError(ValueError):
    """A value that a control can't take; ``control`` is the control's name."""

    def __init__(self, message: str, *, control: str) -> None:
        """Take a message that says what was wrong, what is possible and what to do."""
        super().__init__(message)
        self.control = control


def always(_: Settings) -> bool:
    """Return True: the control has a meaning whatever the settings are."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Control(ABC):
    """One thing to set. ``section`` is the heading it stands under.

    ``causes`` are the parameters of a geometry error that this control is to blame for;
    ``shown`` tells for which settings it has a meaning; ``beside_previous``
    puts it into the row of the control before it, both without a label.

    Each kind of control has a method ``of`` that returns its value from settings, checked and in
    its own type.
    """

    name: str
    label: str
    section: str
    help: str = ""
    causes: tuple[str, ...] = ()
    shown: Callable[[Settings], bool] = always
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
        """Return in words what is possible, as it goes on after "choose"."""

    def _refusal(self, value: object, hint: str = "") -> ControlError:
        return ControlError(
            f"{self.label} is {_shown(value)}: choose {self.bounds()}.{hint}", control=self.name
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegerControl(Control):
    """A whole number within bounds."""

    default: int
    minimum: int
    maximum: int

    @property
    def initial(self) -> int:
        """Return the default."""
        return self.default

    def check(self, value: object) -> int:
        """Return a whole number within the bounds."""
        if _is_whole(value) and self.minimum <= value <= self.maximum:
            return value
        raise self._refusal(value)

    def parse(self, text: str) -> int:
        """Return the whole number written as ``text``."""
        value = _whole(text)
        return self.check(text if value is None else value)

    def bounds(self) -> str:
        """Return the bounds."""
        return f"a whole number from {self.minimum} to {self.maximum}"

    def of(self, settings: Settings) -> int:
        """Return the value among settings."""
        return self.check(settings[self.name])


@dataclass(frozen=True, slots=True, kw_only=True)
class RealControl(Control):
    """A number within bounds; with ``stops``, rising, a slider goes from one to the next."""

    default: float
    minimum: float
    maximum: float
    stops: tuple[float, ...] = ()

    @property
    def initial(self) -> float:
        """Return the default."""
        return self.default

    def check(self, value: object) -> float:
        """Return a number within the bounds; none is infinite or NaN."""
        if not isinstance(value, float) and not _is_whole(value):
            raise self._refusal(value)
        # A whole number of any length can be compared, but not always be made a float.
        if not self.minimum <= value <= self.maximum:
            raise self._refusal(value)
        return float(value)

    def parse(self, text: str) -> float:
        """Return the number written as ``text``."""
        try:
            value = float(_plain(text))
        except ValueError:
            raise self._refusal(text) from None
        return self.check(value)

    def bounds(self) -> str:
        """Return the bounds."""
        return f"a number from {number(self.minimum)} to {number(self.maximum)}"

    def of(self, settings: Settings) -> float:
        """Return the value among settings."""
        return self.check(settings[self.name])


@dataclass(frozen=True, slots=True)
class Option:
    """One of a few possible values.

    One that is ``opened`` stands for numbers that came with the lesson from elsewhere: nobody can
    ask for it, and it is offered only while it is chosen.
    """

    value: str
    label: str
    opened: bool = False


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
    def initial(self) -> str | tuple[str, ...]:
        """Return the default."""
        return (self.default,) if self.each_of else self.default

    def check(self, value: object) -> str | tuple[str, ...]:
        """Return one of the options, or a tuple of them."""
        return self._several(value) if self.each_of else self._one(value)

    def parse(self, text: str) -> str | tuple[str, ...]:
        """Return the option written as ``text``; several are separated by commas."""
        parts = tuple(part.strip() for part in text.split(","))
        for part in parts if self.each_of else (text.strip(),):
            if any(option.opened and option.value == part for option in self.options):
                raise self._refusal(part)
        return self.check(parts if self.each_of else text.strip())

    def bounds(self) -> str:
        """Return the possible values."""
        listed = ", ".join(option.value for option in self.offered())
        return f"some of {listed}" if self.each_of else f"one of {listed}"

    def offered(self, chosen: str = "") -> tuple[Option, ...]:
        """Return what can be chosen while ``chosen`` is."""
        return tuple(each for each in self.options if not each.opened or each.value == chosen)

    def of(self, settings: Settings) -> str:
        """Return the value among settings, of a control without ``each_of``."""
        return self._one(settings[self.name])

    def each(self, settings: Settings, total: int) -> tuple[str, ...]:
        """Return the choice for each of ``total`` items, of a control with ``each_of``."""
        return self.following(self._several(settings[self.name]), total)

    def following(self, chosen: tuple[str, ...], total: int) -> tuple[str, ...]:
        """Return ``total`` choices: those chosen, then the options that come after the last."""
        values = [option.value for option in self.offered()]
        after = values.index(chosen[-1]) + 1 if chosen[-1] in values else 0
        more = max(0, total - len(chosen))
        return (
            *chosen[:total],
            *(values[(after + number) % len(values)] for number in range(more)),
        )

    def label_of(self, value: str) -> str:
        """Return the label of an option, which must be one."""
        return next(option.label for option in self.options if option.value == value)

    def _several(self, value: object) -> tuple[str, ...]:
        if not isinstance(value, tuple) or not value:
            raise self._refusal(value)
        return tuple(self._one(item) for item in value)

    def _one(self, value: object) -> str:
        if not isinstance(value, str):
            raise self._refusal(value)
        values = [option.value for option in self.options]
        if value in values:
            return value
        possible = [option.value for option in self.offered()]
        near = get_close_matches(value[:MOST_SHOWN], possible, n=1)
        raise self._refusal(value, f" Did you mean '{near[0]}'?" if near else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaddingControl(Control):
    """A number of cells on every side, or the words "valid" and "same"."""

    default: str | int = "valid"
    maximum: int

    @property
    def initial(self) -> str | int:
        """Return the default."""
        return self.default

    def check(self, value: object) -> str | int:
        """Return "valid", "same" or a whole number from 0."""
        if isinstance(value, str) and value in ("valid", "same"):
            return value
        if _is_whole(value) and 0 <= value <= self.maximum:
            return value
        raise self._refusal(value)

    def parse(self, text: str) -> str | int:
        """Return the padding written as ``text``."""
        value = _whole(text)
        return self.check(text.strip() if value is None else value)

    def bounds(self) -> str:
        """Return the possible values."""
        return f"valid, same, or a whole number from 0 to {self.maximum}"

    def of(self, settings: Settings) -> str | int:
        """Return the value among settings."""
        return self.check(settings[self.name])


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _plain(text: str) -> str:
    """Return the text of a number as Python reads it, which would let "1_0" pass for ten."""
    return text.strip().replace(MINUS, "-").replace("_", "?")


def _whole(text: str) -> int | None:
    """Return the whole number that ``text`` is, if it is one that anybody could mean."""
    return int(found[0]) if (found := re.fullmatch(r"[+-]?\d{1,18}", _plain(text))) else None


def _shown(value: object) -> str:
    """Return a refused value in one line."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # a number of thousands of digits, lists without end
        return "beyond all bounds"
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 1]}…"
