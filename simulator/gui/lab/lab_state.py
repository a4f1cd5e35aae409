"""What the learner has made in the lab: a program with its source, data, and how it was begun."""

from __future__ import annotations

from dataclasses import dataclass, replace

from simulator.data.datasets import Recipe, recipe
from simulator.formats.keras_reader import read
from simulator.formats.keras_writer import write
from simulator.formats.presets import Preset
from simulator.formats.program import ProgramSpec
from simulator.formats.project import Project


@dataclass(frozen=True, slots=True)
class LabState:
    """One state, as undo keeps it. ``program`` is the last that could be read, so that cards and
    drawing stay while the source is being typed. ``run`` counts how often it was begun anew, and
    ``preset`` is what it began as.
    """

    source: str
    program: ProgramSpec | None
    recipe: Recipe
    run: int = 0
    preset: Preset | None = None

    @property
    def title(self) -> str:
        """Return the preset's title, as long as the network is the preset's."""
        if self.preset is None or self.program is None:
            return ""
        same = self.program.network == self.preset.program.network
        return self.preset.title if same else ""

    @property
    def key(self) -> tuple[object, ...]:
        """What is equal for states that are one and the same training."""
        return self.program, str(self.recipe.to_json()), self.run


def state_of(preset: Preset) -> LabState:
    """Return what the lab begins with: a preset, with its program as source."""
    data = recipe(preset.dataset, preset.settings, preset.data_seed)
    source = write(preset.program)
    return LabState(source, read(source).program or preset.program, data, preset=preset)


def with_source(state: LabState, source: str) -> tuple[LabState, str]:
    """Return a state with another source, and what damage of copying was repaired in it."""
    reading = read(source)
    repairs = " ".join(each.text for each in reading.notices if each.kind == "repaired")
    text, program = reading.source if repairs else source, reading.program or state.program
    return replace(state, source=text, program=program), repairs


def state_of_project(project: Project, otherwise: Recipe, run: int) -> LabState:
    """Return what a project makes of the lab; without data it has those of ``otherwise``.

    Raises DataError for a recipe that can't be made.
    """
    made = otherwise if project.recipe is None else Recipe.from_json(project.recipe)
    source = project.source or write(project.program)
    return LabState(source, project.program, recipe(made.id, made.settings, made.seed), run)
