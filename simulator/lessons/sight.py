"""What a frame looks at: what the makers of its grids are given."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.lessons.window_planes import WindowPlanes
from simulator.lessons.window_views import ViewFinder, Views
from simulator.lessons.written import WrittenCells
from simulator.traces.places import Place
from simulator.traces.window import WindowTrace

FINE_LEVELS = ("product", "cell")
"""Levels at which a step is part of one output cell, or one of them."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A trace at its level, the place in it that is looked at, and how.

    ``place.channel`` is the channel of the terms on view and ``channel`` that of the input.
    ``arrived`` is the step that is done. The views may be on their way between two places.
    """

    trace: WindowTrace
    planes: WindowPlanes
    written: WrittenCells
    finder: ViewFinder
    views: Views
    place: Place
    channel: int
    arrived: int
    enlarges_input: bool
    enlarges_output: bool

    @property
    def fine(self) -> bool:
        """Return whether a step is part of one output cell."""
        return self.trace.level in FINE_LEVELS

    @property
    def single(self) -> bool:
        """Return whether a step is one term."""
        return self.trace.level == FINE_LEVELS[0]
