"""What reading a source gives: the program, and remarks that lead to a place in the source."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from simulator.formats.json_values import Json
from simulator.formats.program import ProgramSpec


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the source: lines from 1, columns from 0 in characters; the end is excluded."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about a part of the source. `text` says what and why, `to_do` what is possible."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str
    to_do: str = ""

    @property
    def span(self) -> Span:
        """The part of the source."""
        return Span(self.line, self.column, self.end_line, self.end_column)

    @property
    def end(self) -> tuple[int, int]:
        """The line and the column behind it."""
        return self.end_line, self.end_column


@dataclass(frozen=True, slots=True)
class Problem(Remark):
    """Something that cannot be read; there is no program while there are problems."""


STANDS_IN = "the data set that you choose stands for them."
"""What is said of the data that a program takes from elsewhere, after their names."""


@dataclass(frozen=True, slots=True)
class Notice(Remark):
    """Something that was mended, completed, assumed, left out, or bound to data."""

    kind: Literal["repaired", "completed", "assumed", "ignored", "data"] = "ignored"


@dataclass(frozen=True, slots=True)
class Assumption:
    """A value that the source uses and does not tell. The learner can give another: `read` takes
    it by the name.
    """

    name: str
    value: Json
    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read. Places in remarks are places in `source`, which is the text that was given
    with its damage repaired. `places` tells where each layer of the network was written.
    """

    source: str
    program: ProgramSpec | None
    notices: tuple[Notice, ...] = ()
    problems: tuple[Problem, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    places: Mapping[str, Span] = field(default_factory=dict)


class ReadError(Exception):
    """What ends the reading of a statement: it becomes a Problem."""

    def __init__(self, node: ast.AST | None, text: str, to_do: str = "") -> None:
        super().__init__(text)
        self.node = node
        self.text = " ".join(text.split())
        self.to_do = to_do


class Places:
    """From the parser's places, which count bytes, to columns in characters."""

    def __init__(self, source: str) -> None:
        self._lines = source.split("\n")

    def span(self, node: ast.AST | None) -> Span:
        """The part of the source that a node stands for; the first line for None."""
        line = getattr(node, "lineno", None)
        if line is None:
            return Span(1, 0, 1, len(self._lines[0]))
        end_line = getattr(node, "end_lineno", None) or line
        end = getattr(node, "end_col_offset", None)
        column = self._column(line, getattr(node, "col_offset", 0))
        end_column = self._column(end_line, end) if end is not None else self.length(end_line)
        return Span(line, column, end_line, end_column)

    def line(self, number: int) -> Span:
        """A whole line, without its indentation."""
        number = min(max(number, 1), len(self._lines))
        text = self._lines[number - 1]
        return Span(number, len(text) - len(text.lstrip()), number, max(len(text), 1))

    def length(self, number: int) -> int:
        """How many characters a line has."""
        return len(self._lines[number - 1]) if 0 < number <= len(self._lines) else 0

    def _column(self, line: int, offset: int) -> int:
        if not 0 < line <= len(self._lines):
            return 0
        return len(self._lines[line - 1].encode()[:offset].decode(errors="ignore"))
