"""Makes trainings, in their thread, and keeps the last ones: undo brings them back as they were."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from simulator.data import datasets
from simulator.data.datasets import DATASETS, DataError, Dataset, Part, Preview, Recipe
from simulator.engine.backends.base import Backend
from simulator.formats.building import NetworkFacts, facts
from simulator.formats.json_values import SpecError
from simulator.formats.network import NetworkSpec
from simulator.formats.project import Arrays, Project
from simulator.gui.lab.lab_state import LabState
from simulator.lab import Experiment, Goal
from simulator.lab.checkpoints import default_budget
from simulator.lab.controls import Adjustable
from simulator.lab.errors import LabError
from simulator.lab.projects import own_data
from simulator.lab.saving import Saved
from simulator.lab.start import Start
from simulator.lab.suggesting import Suggestion, suggested

MOST_KEPT = 3
STARTS = 64 * 2**20
"""Bytes of what trainings go on with, so that undo and redo begin with the same; the last one is
kept whatever it takes.
"""
SHELVED = 64 * 2**20
"""Bytes that the past of a training takes at most while another is on view."""


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """What is known of a training from its beginning on."""

    network: NetworkSpec
    facts: NetworkFacts
    dataset: Dataset | None
    preview: Preview | None
    batches_per_epoch: int
    told: tuple[str, ...]
    adjustable: tuple[Adjustable, ...]
    optimizer_arguments: tuple[str, ...]
    weights: Mapping[str, tuple[int, ...]]
    """The shapes of the weights, by their names."""
    outputs: tuple[str, ...]
    classes: tuple[tuple[str, ...], ...]
    """For each output the names of what it tells apart, as far as there are any."""


@dataclass(frozen=True, slots=True, eq=False)
class KnownData:
    """What is known of data, whether or not the network takes them: what is in the file, and the
    data set, or why there is none.
    """

    recipe: Recipe
    parts: tuple[Part, ...]
    dataset: Dataset | None
    preview: Preview | None
    problem: DataError | None


class Shelf:
    """Belongs to the thread that trains. ``known`` and ``suggestion`` may be read by any: they are
    put there whole.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], Experiment] = OrderedDict()
        self.known: KnownData | None = None
        self.suggestion: Suggestion | None = None
        """Built-in data that the network would take, where it can't take those that it is given."""
        self._saved: dict[tuple[object, ...], Saved] = {}
        self._last: Experiment | None = None
        self._going_on: set[tuple[object, ...]] = set()
        self._starts: OrderedDict[tuple[object, ...], Start] = OrderedDict()
        self._given: OrderedDict[tuple[object, ...], Arrays] = OrderedDict()

    def expect(self, state: LabState, project: Project) -> None:
        """Let the training of a state begin where it stood when it was saved; without a history
        with the project's weights, on whatever data.
        """
        if project.history is not None:
            self._saved[state.key] = Saved(dict(project.history), dict(project.history_arrays))
        elif project.weights:
            self._given[_on_any_data(state)] = project.weights
            if len(self._given) > MOST_KEPT:
                self._given.popitem(last=False)

    def go_on(self, state: LabState, wanted: bool) -> None:
        """Let the training of a state begin where the one before it stands, or not."""
        if wanted:
            self._going_on.add(state.key)
        else:
            self._going_on.discard(state.key)

    def experiment(self, state: LabState, backend: Backend) -> Experiment:
        """Return the training of a state, as it was left or else at its beginning.

        Raises SpecError, LabError, DataError or NetworkTooLarge, all of them ValueErrors.
        """
        assert state.program is not None
        self.suggestion = None
        for key, other in self._kept.items():
            if key != state.key:
                other.timeline.checkpoints.limit(SHELVED)
        if state.key in self._kept:
            self._kept.move_to_end(state.key)
            kept = self._kept[state.key]
            if kept.timeline.checkpoints.budget == SHELVED:
                kept.timeline.checkpoints.limit(default_budget())
            kept.goal = Goal(state.program.fit.epochs)  # as it is shown from now on
            self._last = kept
            return kept
        arrays = own_data(state.program)
        dataset = self._dataset(state.recipe) if arrays is None else None
        start = self._start(state)
        try:
            made = Experiment(state.program, dataset, arrays=arrays, backend=backend, start=start)
        except (LabError, SpecError):
            if dataset is not None and DATASETS[dataset.recipe.id].group != "Your own":
                found = suggested(state.program)
                if found is not None and found.recipe != dataset.recipe:
                    self.suggestion = found
            raise
        if (saved := self._saved.get(state.key)) is not None:
            made.resume(saved)
            del self._saved[state.key]
        self._kept[state.key] = self._last = made
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return made

    def _start(self, state: LabState) -> Start | None:
        """Return what to begin with, the same each time: where the training before stood, what came
        with the network, or None for the seed's weights.
        """
        key = state.key
        if key in self._going_on:
            if key not in self._starts and self._last is not None:
                self._starts[key] = Start.where(self._last)
                while (
                    sum(each.nbytes for each in self._starts.values()) > STARTS
                    and len(self._starts) > 1
                ):
                    self._starts.popitem(last=False)
            return self._starts.get(key)
        given = self._given.get(_on_any_data(state))
        return None if given is None else Start(given, own=True)

    def _dataset(self, recipe: Recipe) -> Dataset:
        if self.known is None or self.known.recipe != recipe or self.known.dataset is None:
            self.known = _looked_at(recipe)
        if self.known.problem is not None:
            raise self.known.problem
        assert self.known.dataset is not None
        return self.known.dataset


def _looked_at(recipe: Recipe) -> KnownData:
    """Make the data set; where that can't be, what is in the file is known all the same."""
    parts: tuple[Part, ...] = ()
    try:
        parts = datasets.parts(recipe)
        dataset = datasets.remake(recipe)
    except DataError as error:
        return KnownData(recipe, parts, None, None, error)
    return KnownData(recipe, parts, dataset, datasets.preview_of(dataset), None)


def _on_any_data(state: LabState) -> tuple[object, ...]:
    return state.program, state.run


def describe(experiment: Experiment) -> Opened:
    """Return what the window has to know of a training; in the thread, like all that asks it."""
    network = experiment.program.network
    dataset = None if experiment.stood_in else experiment.dataset
    return Opened(
        network,
        facts(network),
        dataset,
        None if dataset is None else datasets.preview_of(dataset),
        experiment.timeline.run.batches,
        experiment.told,
        experiment.timeline.controls.adjustable(),
        tuple(experiment.timeline.controls.optimizer_arguments),
        {name: weight.shape for name, weight in experiment.model.weights.items()},
        tuple(port.name for port in experiment.model.ports[1]),
        tuple(
            tuple(experiment.classes_of(number)) for number in range(len(experiment.model.ports[1]))
        ),
    )
