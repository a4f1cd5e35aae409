"""Controls for what is typed or pasted: words, and columns of numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isfinite

from simulator.lessons.controls import Control, ControlError, Settings
from simulator.traces.numbers import MINUS, count

LARGEST_NUMBER = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class TextControl(Control):
    """A line of text of up to ``most`` signs, each one of ``vocabulary``."""

    default: str
    vocabulary: str
    most: int
    signs: str  # the vocabulary in words, as it goes on after "use"

    @property
    def initial(self) -> str:
        """Return the default."""
        return self.default

    def check(self, value: object) -> str:
        """Return the text if every sign of it is known, and there are neither none nor too many."""
        if not isinstance(value, str):
            raise self._refusal(value)
        if not value:
            raise self._wrong("is empty: type at least one sign.")
        for at, sign in enumerate(value):
            if sign not in self.vocabulary:
                raise self._wrong(
                    f"has “{sign}” as its sign {at + 1}, which is not in the vocabulary: "
                    f"use {self.signs}."
                )
        if len(value) > self.most:
            raise self._wrong(
                f"has {count(len(value))} signs: {count(self.most)} are the most. Shorten it."
            )
        return value

    def parse(self, text: str) -> str:
        """Return the text."""
        return self.check(text)

    def bounds(self) -> str:
        """Return what is possible."""
        return f"1 to {self.most} signs of {self.signs}"

    def of(self, settings: Settings) -> str:
        """Return the value among settings."""
        return self.check(settings[self.name])

    def _wrong(self, words: str) -> ControlError:
        return ControlError(f"{self.label} {words}", control=self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumbersControl(Control):
    """A column of numbers as text, such as one column of a CSV file: ``least`` to ``most``.

    Numbers stand in lines of their own, or are separated by spaces, commas or semicolons. A first
    line that is no number is a heading.
    """

    default: str
    least: int = 1
    most: int

    @property
    def initial(self) -> str:
        """Return the default."""
        return self.default

    def check(self, value: object) -> str:
        """Return the text if it is a column of numbers."""
        if not isinstance(value, str):
            raise self._refusal(value)
        self._numbers(value)
        return value

    def parse(self, text: str) -> str:
        """Return the text."""
        return self.check(text)

    def bounds(self) -> str:
        """Return what is possible."""
        return f"{self.least} to {self.most} numbers"

    def of(self, settings: Settings) -> tuple[float, ...]:
        """Return the numbers among settings."""
        return self._numbers(self.check(settings[self.name]))

    def _numbers(self, text: str) -> tuple[float, ...]:
        found: list[float] = []
        lines = [line.strip() for line in text.splitlines()]
        filled = [(at, line) for at, line in enumerate(lines, start=1) if line]
        for at, line in filled:
            words = [word.strip('"') for word in re.split(r"[\s,;]+", line) if word]
            if at == filled[0][0] and len(filled) > 1 and not any(map(_is_number, words)):
                continue
            if len(filled) > 1 and len(words) > 1:
                raise self._wrong(
                    f"line {at} holds {len(words)} values: paste one column, a number a line."
                )
            for word in words:
                place = f"number {len(found) + 1}" if len(filled) == 1 else f"line {at}"
                found.append(self._number(word, place))
        if len(found) < self.least:
            raise self._wrong(
                "no number is there: type some, such as 0.2, 0.9, 0.4."
                if not found
                else f"there is {len(found)} number: give at least {self.least}."
            )
        if len(found) > self.most:
            raise self._wrong(
                f"{count(len(found))} numbers are there: {count(self.most)} are the most. "
                "Leave some out."
            )
        return tuple(found)

    def _number(self, word: str, place: str) -> float:
        where = f"{place}: "
        try:
            value = float(word.replace(MINUS, "-").replace("_", "?"))
        except ValueError:
            raise self._wrong(
                f"{where}“{word[:20]}” is no number: type one such as 0.25."
            ) from None
        if not isfinite(value):
            raise self._wrong(f"{where}“{word[:20]}” stands for no number: put one in its place.")
        if abs(value) > LARGEST_NUMBER:
            raise self._wrong(f"{where}{word[:20]} is too large: give −1,000,000 to 1,000,000.")
        return value

    def _wrong(self, words: str) -> ControlError:
        return ControlError(f"{self.label}: {words}", control=self.name)


def _is_number(word: str) -> bool:
    try:
        float(word.replace(MINUS, "-"))
    except ValueError:
        return False
    return True
