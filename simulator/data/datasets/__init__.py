"""Data sets: generated from a seed, bundled, and read from the learner's own files.

``DATASETS`` lists them, ``preview`` describes one, ``make`` gives its arrays and ``remake`` gives
them again from a recipe. Whatever cannot be had raises ``DataError`` with one line for the learner.
"""

from simulator.data.datasets.catalogue import (
    DATASETS,
    entry,
    estimate,
    for_file,
    make,
    parts,
    preview,
    recipe,
    remake,
    with_role,
)
from simulator.data.datasets.dataset import (
    MOST_BYTES,
    Column,
    Dataset,
    Further,
    FurtherTarget,
    Preview,
    Recipe,
    Task,
    View,
    one_hot,
)
from simulator.data.datasets.entry import DatasetEntry, Part, Role
from simulator.data.datasets.errors import DataError
from simulator.data.datasets.splitting import preview_of

__all__ = [
    "DATASETS",
    "MOST_BYTES",
    "Column",
    "DataError",
    "Dataset",
    "DatasetEntry",
    "Further",
    "FurtherTarget",
    "Part",
    "Preview",
    "Recipe",
    "Role",
    "Task",
    "View",
    "entry",
    "estimate",
    "for_file",
    "make",
    "one_hot",
    "parts",
    "preview",
    "preview_of",
    "recipe",
    "remake",
    "with_role",
]
