"""Makes trainings, in their thread, and keeps the last ones: undo brings them back as they were."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from simulator.data import datasets
from simulator.data.datasets import Dataset, Preview, Recipe
from simulator.engine.backends.base import Backend
from simulator.formats.building import NetworkFacts, facts
from simulator.formats.network import NetworkSpec
from simulator.gui.lab.lab_state import LabState
from simulator.lab import Experiment
from simulator.lab.checkpoints import default_budget
from simulator.lab.controls import Adjustable
from simulator.lab.projects import own_data
from simulator.lab.saving import Saved

MOST_KEPT = 3
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


class Shelf:
    """Belongs to the thread that trains."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], Experiment] = OrderedDict()
        self._data: tuple[str, Dataset] | None = None
        self._saved: dict[tuple[object, ...], Saved] = {}

    def expect(self, state: LabState, saved: Saved) -> None:
        """Let the training of a state begin where it stood when it was saved."""
        self._saved[state.key] = saved

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
            return kept
        arrays = own_data(state.program)
        made = Experiment(
            state.program,
            self._dataset(state.recipe) if arrays is None else None,
            arrays=arrays,
            backend=backend,
        )
        if (saved := self._saved.get(state.key)) is not None:
            made.resume(saved)
            del self._saved[state.key]
        self._kept[state.key] = made
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return made

    def _dataset(self, recipe: Recipe) -> Dataset:
        key = str(recipe.to_json())
        if self._data is None or self._data[0] != key:
            self._data = key, datasets.remake(recipe)
        return self._data[1]


def describe(experiment: Experiment) -> Opened:
    """Return what the window has to know of a training; in the thread, like all that asks it."""
    network = experiment.program.network
    return Opened(
        network,
        facts(network),
        experiment.dataset,
        None if experiment.dataset is None else datasets.preview_of(experiment.dataset),
        experiment.timeline.run.batches,
        experiment.told,
        experiment.timeline.controls.adjustable(),
        tuple(experiment.timeline.controls.optimizer_arguments),
        tuple(experiment.model.weights),
    )
