"""What the learner has made in the lab: a program with its source, data, and how it was begun."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.data.datasets import Recipe
from simulator.formats.program import ProgramSpec


@dataclass(frozen=True, slots=True)
class LabState:
    """One state, as undo keeps it. ``program`` is the last that could be read, so that cards and
    drawing stay while the source is being typed. ``run`` counts how often it was begun anew.
    """

    source: str
    program: ProgramSpec | None
    recipe: Recipe
    run: int = 0
    title: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """What is equal for states that are one and the same training."""
        return self.program, str(self.recipe.to_json()), self.run
