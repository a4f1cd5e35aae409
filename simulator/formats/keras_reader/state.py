"""What is known while a source is read, and what is told of it."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from simulator.engine.names import snake_case
from simulator.formats.json_values import Json
from simulator.formats.keras_reader.messages import (
    Assumption,
    Notice,
    Places,
    Problem,
    ReadError,
    Span,
)
from simulator.formats.keras_reader.values import CallValue, LayerValue, ModelValue, Value

MOST_STEPS = 20_000
"""So many expressions are read at most: loops may be long, and a source may be malicious."""
DEEPEST = 60
"""So many expressions may lie within each other."""


@dataclass(slots=True)
class State:
    """Names and their values, the models made so far, and remarks."""

    places: Places
    given: Mapping[str, Json]
    names: dict[str, Value] = field(default_factory=dict)
    models: list[ModelValue] = field(default_factory=list)
    loose: list[LayerValue] = field(default_factory=list)
    """Layers that stand in a line of their own: a fragment of a network."""
    missing_imports: dict[str, Span] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    assumptions: dict[str, Assumption] = field(default_factory=dict)
    saved: ast.AST | None = None
    """Where a model is loaded from a file."""
    star_imported: bool = False
    shapes: dict[CallValue, tuple[tuple[int | None, ...], ...] | None] = field(default_factory=dict)
    """Of what calls of layers put out, as far as it was asked for; None where the data tell it."""
    seed: int | None = None
    draws: int = 0
    calls: int = 0
    steps: int = 0
    depth: int = 0
    _numbers: Counter[str] = field(default_factory=Counter)

    def step(self, node: ast.AST) -> None:
        """Count an expression or statement. Raises ReadError beyond the limit."""
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise ReadError(
                node,
                "The program is too long, or its loops turn too often.",
                "Paste the part that makes and trains the network.",
            )

    def name_for(self, kind: str) -> str:
        """A name as Keras gives it: dense, dense_1, dense_2 and so on."""
        base = snake_case(kind)
        number = self._numbers[base]
        self._numbers[base] += 1
        return f"{base}_{number}" if number else base

    def next_draw(self) -> int:
        """A number for the next array that is drawn at random."""
        self.draws += 1
        return self.draws - 1

    def next_call(self) -> int:
        """A number for the next call of a layer."""
        self.calls += 1
        return self.calls

    def notice(
        self,
        node: ast.AST | Span | None,
        text: str,
        kind: Literal["repaired", "completed", "assumed", "ignored", "data"] = "ignored",
        to_do: str = "",
    ) -> None:
        """Tell something about a place, once."""
        span = node if isinstance(node, Span) else self.places.span(node)
        found = Notice(
            span.line, span.column, span.end_line, span.end_column, text, to_do, kind=kind
        )
        if not any(each.text == text and each.line == found.line for each in self.notices):
            self.notices.append(found)

    def problem(self, error: ReadError, fallback: ast.AST | None = None) -> None:
        """Tell what cannot be read, once for each place."""
        span = self.places.span(error.node if error.node is not None else fallback)
        found = Problem(
            span.line, span.column, span.end_line, span.end_column, error.text, error.to_do
        )
        if found not in self.problems:
            self.problems.append(found)

    def assume(self, name: str, value: Json, node: ast.AST, why: str) -> Json:
        """Take the given value, or this one, for something that the source does not tell."""
        if name in self.given:
            return self.given[name]
        if name not in self.assumptions:
            span = self.places.span(node)
            text = f"{name} is not told: {value!r} is taken, {why}."
            self.assumptions[name] = Assumption(name, value, span, text)
            self.notice(span, text, "assumed", f"Write {name} = … above, or choose another value.")
        return value
