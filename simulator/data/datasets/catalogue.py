"""All data sets by their ids, and how one is made or looked at before it is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
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
from simulator.data.datasets.entry import DatasetEntry, Part, Role
from simulator.data.datasets.errors import DataError, shown
from simulator.data.datasets.files import called, failures
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


def parts(made_of: Recipe) -> tuple[Part, ...]:
    """Return the columns or arrays in a file of the learner's, with what each is used for; none
    where their use can't be chosen. Raises DataError if the file is none of its kind.
    """
    line = entry(made_of.id)
    return () if line.parts is None else line.parts.listed(made_of.settings)


def with_role(made_of: Recipe, listed: Sequence[Part], name: str, role: Role) -> Recipe:
    """Return a recipe in which a part of the file is used for something else.

    Raises:
        DataError: nothing to learn from would be left, or nothing to be told.
    """
    line = entry(made_of.id)
    if line.parts is None:
        raise DataError(f"{line.title} has no parts whose use could be chosen.")
    settings = line.parts.assigned(made_of.settings, listed, name, role)
    return recipe(made_of.id, settings, made_of.seed)


def for_file(path: Path) -> Recipe:
    """Return a recipe for a file or a folder of the learner's, by what it is.

    Raises:
        DataError: it is none of those that can be learned from.
    """
    with failures(path):
        path.stat()
    return recipe(_kind_of(path), {"path": str(path)})


def _kind_of(path: Path) -> str:
    name = path.name.lower()
    if path.is_dir():
        return "own-mnist" if own_idx.holds_pictures(path) else "own-pictures"
    if name.endswith(own_arrays.ENDINGS):
        return "own-arrays"
    if "idx" in name or "ubyte" in name:
        return "own-mnist"
    if name.removesuffix(".gz").endswith(own_tables.ENDINGS):
        return "own-table"
    raise DataError(
        f"{called(path)} is nothing to learn from: choose a CSV file, an NPZ file, a file of "
        "MNIST’s, or a folder with a folder of pictures for each class.",
        setting="path",
    )
