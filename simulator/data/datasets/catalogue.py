"""All data sets by their ids, and how one is made or looked at before it is used."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType

import numpy as np

from simulator.data.datasets import (
    handwriting,
    memory_tasks,
    own_arrays,
    own_idx,
    own_pictures,
    own_tables,
    points,
    shapes,
    texts,
    typed,
    waves,
)
from simulator.data.datasets.dataset import (
    Dataset,
    Preview,
    Recipe,
    checked_seed,
    refuse_large,
)
from simulator.data.datasets.entry import DatasetEntry
from simulator.data.datasets.errors import DataError, shown
from simulator.data.datasets.settings import Json, Settings, checked
from simulator.data.datasets.splitting import divide, preview_of

DATASETS: Mapping[str, DatasetEntry] = MappingProxyType(
    {
        entry.id: entry
        for entry in (
            *points.ENTRIES,
            *handwriting.ENTRIES,
            *typed.ENTRIES,
            *shapes.ENTRIES,
            *waves.ENTRIES,
            *memory_tasks.ENTRIES,
            *texts.ENTRIES,
            *own_pictures.ENTRIES,
            *own_tables.ENTRIES,
            *own_arrays.ENTRIES,
            *own_idx.ENTRIES,
        )
    }
)
"""Every data set by its id, in the order in which a list shows them."""


def entry(identity: str) -> DatasetEntry:
    """Return the line of the catalogue with this id. Raises DataError if there is none."""
    if identity in DATASETS:
        return DATASETS[identity]
    near = get_close_matches(identity, DATASETS, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise DataError(
        f"There is no data set {shown(identity)}: choose one of {', '.join(DATASETS)}.{hint}"
    )


def recipe(identity: str, settings: Settings | None = None, seed: int = 0) -> Recipe:
    """Return a recipe with every setting filled in and checked.

    Raises:
        DataError: there is no such data set or setting, or a value is out of bounds.
    """
    return Recipe(identity, checked(entry(identity).settings, settings or {}), checked_seed(seed))


def estimate(made_of: Recipe) -> int:
    """Return the bytes that the arrays will take, or 0 if only reading the file can tell."""
    filled = recipe(made_of.id, made_of.settings, made_of.seed)
    return entry(filled.id).nbytes(filled.settings)


def make(identity: str, settings: Settings | None = None, seed: int = 0) -> Dataset:
    """Return a data set; settings that are left out have their defaults.

    The same id, settings and seed give the same arrays, bit for bit.

    Raises:
        DataError: a setting is out of bounds, the data would take more than ``MOST_BYTES``, or a
            file of the learner's cannot be used. The message is one line.
    """
    made_of = recipe(identity, settings, seed)
    line = entry(identity)
    refuse_large(
        line.nbytes(made_of.settings), line.title, "make fewer samples, or shorter or smaller ones."
    )
    generator = np.random.default_rng(np.random.SeedSequence(made_of.seed, spawn_key=(0,)))
    return divide(
        line.make(made_of.settings, generator),
        title=line.title,
        recipe=made_of,
        train_share=made_of.settings["train_share"],
    )


def remake(stored: Recipe | Json) -> Dataset:
    """Return the data set of a recipe, or of what ``Recipe.to_json`` gave. Raises DataError."""
    made_of = stored if isinstance(stored, Recipe) else Recipe.from_json(stored)
    return make(made_of.id, made_of.settings, made_of.seed)


def preview(identity: str, settings: Settings | None = None, seed: int = 0) -> Preview:
    """Return what a data set holds and a few of its samples. Raises DataError, as ``make``."""
    return preview_of(make(identity, settings, seed))
