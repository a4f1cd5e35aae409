"""Data sets: generated from a seed, bundled, and read from the learner's own files.

``DATASETS`` lists them, ``preview`` describes one, ``make`` gives its arrays and ``remake`` gives
them again from a recipe. Whatever cannot be had raises ``DataError`` with one line for the learner.
"""

from simulator.data.datasets.catalogue import (
    DATASETS,
    entry,
    estimate,
    make,
    preview,
    recipe,
    remake,
)
from simulator.data.datasets.dataset import (
    MOST_BYTES,
    Column,
    Dataset,
    Preview,
    Recipe,
    Task,
    View,
    one_hot,
)
from simulator.data.datasets.entry import DatasetEntry
from simulator.data.datasets.errors import DataError
from simulator.data.datasets.splitting import preview_of

__all__ = [
    "DATASETS",
    "MOST_BYTES",
    "Column",
    "DataError",
    "Dataset",
    "DatasetEntry",
    "Preview",
    "Recipe",
    "Task",
    "View",
    "entry",
    "estimate",
    "make",
    "one_hot",
    "preview",
    "preview_of",
    "recipe",
    "remake",
]
