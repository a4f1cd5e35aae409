"""One layer at work: what its trace is put together of, as its parts are made one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.engine.layers import Layer
from simulator.traces.formula import Message
from simulator.traces.model import Role, TraceArray, given
from simulator.traces.numbers import count
from simulator.traces.part import Part
from simulator.traces.staged import layout_of

Array = NDArray[Any]

INPUT = "input"
OUTPUT = "output_1", Message("Output")
Named = tuple[str, Message]
"""The name of an array, and its title."""
AXES = ("row", "column", "channel", "filter")
MOST_AXES = 3
MOST_NUMBERS = 4_000_000
"""As many numbers as a layer may give, or terms that its cells are made of where these are kept."""


@dataclass(slots=True)
class Work:
    """What is known of a layer at work, and what of its trace is made already.

    ``inputs`` and ``output`` are laid out as (R, C) or (R, C, maps); ``cache`` is that of the
    engine's pass, without the axis of the batch.
    """

    layer: Layer
    title: Message
    inputs: tuple[Array, ...]
    sample_shapes: tuple[tuple[int, ...], ...]  # of the inputs, before they are laid out
    output: Array
    output_shape: tuple[int, ...]  # before it is laid out
    weights: Mapping[str, Array]  # as they are shown
    cache: Mapping[str, Array]
    backend: Backend
    given: list[TraceArray] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    titles: dict[str, Message] = field(default_factory=dict)
    stations: list[tuple[str, Message]] = field(default_factory=list)

    def input_name(self, number: int) -> tuple[str, Message]:
        """Return the name and title of an input, counted from 0."""
        if len(self.inputs) == 1:
            return INPUT, Message("Input")
        title = Message("Input {number}", {"number": number + 1})
        return (INPUT if number == 0 else f"{INPUT}_{number + 1}"), title

    def give(self, name: str, title: Message, values: Array, role: Role = Role.WEIGHTS) -> None:
        """Add an array that is there before the first step."""
        self.given.append(given(name, AXES[: values.ndim], role, values))
        self.titles[name] = title

    def refuse_terms(self, units: int, terms: int) -> None:
        """Refuse cells that are made of too many terms to be kept. Raises ValueError."""
        if units * terms > MOST_NUMBERS:
            raise ValueError(
                f"It adds up {count(units * terms)} terms in all: up to {count(MOST_NUMBERS)} can "
                "be shown. Take smaller pictures, shorter sequences or fewer channels."
            )

    def add(self, part: Part, *, station: Message | None = None, **titles: Message) -> None:
        """Add a part, the titles of the arrays that it writes, and its output as a station."""
        self.parts.append(part)
        self.titles |= titles
        if station is not None:
            self.stations.append((part.output, station))

    def padded(self, name: str, padding: float | None) -> None:
        """Let a given array be read beyond its border."""
        self.given = [
            replace(each, padding=padding) if each.name == name else each for each in self.given
        ]


def laid_shape(shape: Sequence[int]) -> tuple[int, ...]:
    """Return how the numbers of this shape are laid out: as a plane, or as several maps of one.

    A row of numbers is laid out as near to a square as can be. Raises ValueError for more axes.
    """
    known = tuple(int(length) for length in shape)
    if len(known) == 1:
        return layout_of(known[0])
    if len(known) == MOST_AXES and known[2] == 1:
        return known[:2]
    if len(known) in (2, MOST_AXES):
        return known
    told = " × ".join(map(str, known))
    raise ValueError(
        f"It reads or gives {told} numbers: up to three axes can be shown, such as rows, columns "
        "and channels."
    )


def laid(values: Array) -> Array:
    """Return an array laid out to be shown."""
    return np.ascontiguousarray(values.reshape(laid_shape(values.shape)))
