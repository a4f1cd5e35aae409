"""Experiments as projects, which a file keeps, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from simulator.data.datasets import Dataset, remake
from simulator.formats.program import ProgramSpec
from simulator.formats.project import Project
from simulator.lab.binding import Arrays, made_up
from simulator.lab.errors import LabError
from simulator.lab.experiment import Experiment
from simulator.lab.saving import MOST_BYTES, Saved
from simulator.lab.start import Start
from simulator.lab.twin_saving import KeptTwins, kept_from_json


def project_of(
    experiment: Experiment,
    *,
    source: str = "",
    view: Mapping[str, Any] | None = None,
    most_bytes: int = MOST_BYTES,
    twins: KeptTwins | None = None,
) -> Project:
    """All of an experiment: program, recipe of the data, weights, history; and twins, if they are
    its own.
    """
    saved = experiment.saved(most_bytes=most_bytes)
    dataset = experiment.dataset
    recipe = None if dataset is None else dataset.recipe.to_json()
    if twins is not None and twins.found_in(experiment.program, recipe) is None:
        twins = None
    return Project(
        experiment.program,
        source,
        recipe,
        {name: weight.copy() for name, weight in experiment.model.weights.items()},
        saved.values,
        saved.arrays,
        dict(view or {}),
        None if twins is None else twins.to_json(),
        {} if twins is None else twins.saved.arrays,
    )


def twins_of(project: Project) -> KeptTwins | None:
    """The twins that a project holds, if there are any. Raises LabError."""
    if project.twins is None:
        return None
    return kept_from_json(project.twins, project.twins_arrays)


def experiment_of(
    project: Project,
    *,
    make: Callable[[Any], Dataset] = remake,
    budget: int | None = None,
    **options: Any,
) -> Experiment:
    """The experiment of a project, where it was left; without a history at its beginning, with the
    project's weights. The options are those of `Experiment`.

    Raises LabError, SpecError, DataError or NetworkTooLarge, all of them ValueErrors but the last.
    """
    if project.history is None and project.weights:
        options["start"] = Start(project.weights, own=True)
    if project.recipe is not None:
        experiment = Experiment(project.program, make(project.recipe), budget=budget, **options)
    else:
        arrays = own_data(project.program)
        if arrays is None:
            raise LabError("The project has no data: choose a data set.")
        experiment = Experiment(project.program, arrays=arrays, budget=budget, **options)
    if project.history is not None:
        experiment.resume(Saved(dict(project.history), dict(project.history_arrays)))
    return experiment


def own_data(program: ProgramSpec) -> Arrays | None:
    """What a program makes up for itself; None where it needs a data set."""
    if program.data is None or not program.data.made_up:
        return None
    return made_up(program.data, program.seed)
