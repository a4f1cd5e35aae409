"""Makes trainings, in their thread, and keeps the last ones: undo brings them back as they were."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from simulator.data import datasets
from simulator.data.datasets import DataError, Dataset, Part, Preview, Recipe
from simulator.engine.backends.base import Backend
from simulator.formats.building import NetworkFacts, facts
from simulator.formats.network import NetworkSpec
from simulator.formats.project import Arrays, Project
from simulator.gui.lab.lab_state import LabState
from simulator.lab import Experiment
from simulator.lab.checkpoints import default_budget
from simulator.lab.controls import Adjustable
from simulator.lab.projects import own_data
from simulator.lab.saving import Saved

MOST_KEPT = 3
MOST_STARTS = 100
LARGEST_START = 2**20
"""Bytes of weights that a training goes on with, so that undo and redo begin with the same."""
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
    weights: tuple[str, ...]


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
    """Belongs to the thread that trains. ``known`` may be read by any: it is put there whole."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], Experiment] = OrderedDict()
        self.known: KnownData | None = None
        self._saved: dict[tuple[object, ...], Saved] = {}
        self._last: Experiment | None = None
        self._going_on: set[tuple[object, ...]] = set()
        self._starts: OrderedDict[tuple[object, ...], Arrays] = OrderedDict()
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
        """Let the training of a state begin with the weights of the one before it, or not."""
        if wanted:
            self._going_on.add(state.key)
        else:
            self._going_on.discard(state.key)

    def experiment(self, state: LabState, backend: Backend) -> Experiment:
        """Return the training of a state, as it was left or else at its beginning.

        Raises SpecError, LabError, DataError or NetworkTooLarge, all of them ValueErrors.
        """
        assert state.program is not None
        for key, other in self._kept.items():
            if key != state.key:
                other.timeline.checkpoints.limit(SHELVED)
        if state.key in self._kept:
            self._kept.move_to_end(state.key)
            kept = self._kept[state.key]
            if kept.timeline.checkpoints.budget == SHELVED:
                kept.timeline.checkpoints.limit(default_budget())
            self._last = kept
            return kept
        arrays = own_data(state.program)
        dataset = self._dataset(state.recipe) if arrays is None else None
        weights = self._start(state)
        made = Experiment(state.program, dataset, arrays=arrays, backend=backend, weights=weights)
        if (saved := self._saved.get(state.key)) is not None:
            made.resume(saved)
            del self._saved[state.key]
        self._kept[state.key] = self._last = made
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return made

    def _start(self, state: LabState) -> Arrays | None:
        """Return the weights to begin with, the same each time: those of the training before, those
        that came with the network, or None for those of the seed.
        """
        key = state.key
        if key in self._going_on and key not in self._starts and self._last is not None:
            weights = {name: each.copy() for name, each in self._last.model.weights.items()}
            if sum(each.nbytes for each in weights.values()) <= LARGEST_START:
                self._starts[key] = weights
                while len(self._starts) > MOST_STARTS:
                    self._starts.popitem(last=False)
        if key in self._going_on:
            return self._starts.get(key)
        return self._given.get(_on_any_data(state))

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
        tuple(experiment.model.weights),
    )
