"""What a data set is: arrays to train and to validate with, what is in them, and a recipe."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from simulator.data.datasets.errors import DataError, shown
from simulator.data.datasets.settings import Json, Settings

Values: TypeAlias = npt.NDArray[Any]
"""float32 for numbers, int64 for classes and for characters or words by number."""
Labels: TypeAlias = npt.NDArray[np.int64]

Task: TypeAlias = Literal["binary", "classification", "regression", "autoencoder"]
"""What is learned: one of two classes, one of several, numbers, or the input itself."""
View: TypeAlias = Literal["points2d", "image", "sequence", "text", "table"]
"""How a sample is looked at."""

MOST_BYTES = 2**30
"""No data set is made or read that takes more than this (1 GiB)."""
LARGEST_SEED = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Column:
    """One of the things that an input or a target tells; ``role`` says which of the two."""

    name: str
    kind: Literal["number", "class", "picture", "series", "characters", "words"]
    role: Literal["input", "target"] = "input"
    told: str = ""  # range, unit, or what the values mean


@dataclass(frozen=True, slots=True)
class Recipe:
    """What makes a data set again, to the last bit: its id, all of its settings, and the seed."""

    id: str
    settings: Settings
    seed: int

    def to_json(self) -> dict[str, Json]:
        """Return what ``json.dump`` can write."""
        return {"dataset": self.id, "settings": dict(self.settings), "seed": self.seed}

    @staticmethod
    def from_json(stored: Json) -> Recipe:
        """Return the recipe that ``to_json`` wrote; the settings are checked when it is made.

        Raises:
            DataError: it is no recipe; the message names the part that is wrong.
        """
        if not isinstance(stored, Mapping):
            raise DataError(f"The recipe of the data is {shown(stored)}, but must be an object.")
        identity, settings, seed = (stored.get(key) for key in ("dataset", "settings", "seed"))
        if not isinstance(identity, str):
            raise DataError(f"The recipe's dataset is {shown(identity)}, but must be a name.")
        if not isinstance(settings, Mapping) or not all(isinstance(key, str) for key in settings):
            raise DataError(f"The recipe's settings are {shown(settings)}, but must be an object.")
        return Recipe(identity, dict(settings), checked_seed(seed))


def checked_seed(seed: Json) -> int:
    """Return a seed that random numbers can be started from. Raises DataError."""
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= LARGEST_SEED:
        raise DataError(
            f"The seed is {shown(seed)}: choose a whole number from 0 to {LARGEST_SEED}.",
            setting="seed",
        )
    return seed


@dataclass(frozen=True, slots=True, eq=False)
class Rescaling:
    """What is done to numbers by what the training part shows of them, once it is chosen."""

    kind: Literal["standard", "range"]  # mean 0 and deviation 1, or from 0 to 1
    columns: Labels | None = None  # which of the inputs' last axis; None: all of them together
    inputs: bool = True
    targets: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Further:
    """One more input of every sample, for networks with several."""

    name: str
    x: Values  # (N, *its shape)


@dataclass(frozen=True, slots=True, eq=False)
class FurtherTarget:
    """One more target of every sample, for networks with several outputs."""

    name: str
    y: Values  # as in ``Samples``: classes are int64, numbers float32
    classes: tuple[str, ...] | None = None  # None: numbers


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """What a family makes or reads, before it is split: N samples and what is to be told of them.

    With the task "autoencoder" ``y`` is ``x``, or ``x`` without its noise, and ``labels`` still
    tell the classes. With ``per_step`` there is a target for each time step.
    """

    x: Values  # (N, *input shape)
    y: Values  # classes: (N,) or (N, T) int64; numbers: (N, D) or (N, T, D) float32
    task: Task
    view: View
    columns: tuple[Column, ...]
    scaling: str
    classes: tuple[str, ...] | None = None
    labels: Labels | None = None  # (N,)
    per_step: bool = False
    notices: tuple[str, ...] = ()
    held_back: Values | None = None  # (N,) truth values: a split that the source prescribes
    in_order: bool = False  # the first to train, the last to validate: they overlap in time
    skipped_between: int = 0  # with in_order, so many samples belong to neither part
    rescaling: tuple[Rescaling, ...] = ()
    further: tuple[Further, ...] = ()  # what is told in ``columns`` after the first input
    further_y: tuple[FurtherTarget, ...] = ()  # and after the first target
    vocabulary: tuple[str, ...] = ()  # of texts: characters or words, in the order of their numbers


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """A data set, ready to be trained with. All arrays are read-only.

    Class targets are whole numbers (N,), or (N, T) with one for each time step; ``one_hot`` makes
    rows of zeros and a one of them. With the task "autoencoder" ``y`` is ``x``, or ``x`` without
    its noise, and ``labels`` still tell the classes where there are any.
    """

    title: str
    recipe: Recipe
    x: Values  # (N, *input_shape)
    y: Values  # (N, *target_shape)
    x_val: Values
    y_val: Values
    task: Task
    view: View
    classes: tuple[str, ...] | None
    labels: Labels | None  # (N,) class of each sample, whatever the task
    labels_val: Labels | None
    per_step: bool
    columns: tuple[Column, ...]
    scaling: str
    split: str
    notices: tuple[str, ...] = field(default=())
    further: tuple[Further, ...] = ()
    further_val: tuple[Further, ...] = ()
    further_y: tuple[FurtherTarget, ...] = ()
    further_y_val: tuple[FurtherTarget, ...] = ()
    vocabulary: tuple[str, ...] = ()

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of one sample."""
        return self.x.shape[1:]

    @property
    def target_shape(self) -> tuple[int, ...]:
        """The shape of one target: () for a class."""
        return self.y.shape[1:]

    @property
    def nbytes(self) -> int:
        """What the arrays take."""
        arrays = [self.x, self.x_val]
        if self.y is not self.x:
            arrays += [self.y, self.y_val]
        arrays += [each.x for each in (*self.further, *self.further_val)]
        arrays += [each.y for each in (*self.further_y, *self.further_y_val)]
        return sum(array.nbytes for array in arrays)


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """What is shown of a data set before it is used; ``counts`` are samples of each class."""

    title: str
    recipe: Recipe
    task: Task
    view: View
    input_shape: tuple[int, ...]
    target_shape: tuple[int, ...]
    train: int
    validation: int
    classes: tuple[str, ...] | None
    counts: tuple[int, ...] | None
    columns: tuple[Column, ...]
    scaling: str
    split: str
    nbytes: int
    notices: tuple[str, ...]
    x: Values  # a few samples, of every class where that can be
    y: Values
    labels: Labels | None
    vocabulary: tuple[str, ...] = ()


def one_hot(labels: npt.NDArray[Any], classes: int) -> npt.NDArray[np.float32]:
    """Return (..., classes) zeros with a one at each label.

    Raises:
        DataError: a label is not a whole number from 0 to ``classes`` − 1.
    """
    if labels.dtype.kind not in "iu" or (
        labels.size and not 0 <= labels.min() <= labels.max() < classes
    ):
        raise DataError(f"One-hot rows need class numbers from 0 to {classes - 1}.")
    rows = np.zeros((*labels.shape, classes), np.float32)
    np.put_along_axis(rows, labels[..., np.newaxis], 1, axis=-1)
    return rows


def refuse_large(nbytes: int, what: str, to_do: str, *, setting: str | None = None) -> None:
    """Raise DataError if so many bytes are above the limit; told before any is taken."""
    if nbytes > MOST_BYTES:
        raise DataError(
            f"{what} would take {size(nbytes)} of memory, and at most {size(MOST_BYTES)} may be "
            f"taken: {to_do}",
            setting=setting,
        )


def size(nbytes: int) -> str:
    """Return a number of bytes for people."""
    for unit, factor in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if nbytes >= factor:
            return f"{nbytes / factor:,.1f} {unit}"
    return f"{nbytes} bytes"


def canonical(recipe: Recipe) -> str:
    """Return the recipe as one line of JSON that is the same for the same recipe."""
    return json.dumps(recipe.to_json(), sort_keys=True, ensure_ascii=False, allow_nan=False)
