"""Helpers that Keras programs use around their models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from simulator.engine import names
from simulator.engine.arguments import LARGEST, count
from simulator.engine.layers.base import Array
from simulator.engine.seeds import set_random_seed

__all__ = ["clear_session", "pad_sequences", "set_random_seed", "to_categorical"]


def clear_session() -> None:
    """Number the names of layers from the start again."""
    names.reset()


def pad_sequences(
    sequences: Sequence[Sequence[float]],
    maxlen: int | None = None,
    dtype: npt.DTypeLike = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: float = 0.0,
) -> Array:
    """Sequences of different lengths as rows (B, T) of one: shorter ones are filled with `value`,
    longer ones are cut, before or after. T is `maxlen`, or the length of the longest.

    Raises ValueError for sequences that hold anything but numbers.
    """
    for argument, where in (("padding", padding), ("truncating", truncating)):
        names.one_of("pad_sequences", argument, where, ("pre", "post"))
    try:
        rows = [np.asarray(each, np.float64) for each in sequences]
    except (TypeError, ValueError):
        raise ValueError("pad_sequences: every sequence must be a list of numbers.") from None
    if any(row.ndim != 1 for row in rows):
        raise ValueError("pad_sequences: every sequence must be a list of numbers.")
    longest = max((len(row) for row in rows), default=0)
    length = longest
    if maxlen is not None:
        length = count(maxlen, owner="pad_sequences", argument="maxlen")
    found: Array = np.full((len(rows), length), value, dtype)
    for row, given in zip(found, rows, strict=True):
        kept = given[max(0, len(given) - length) :] if truncating == "pre" else given[:length]
        if len(kept):
            row[slice(length - len(kept), None) if padding == "pre" else slice(len(kept))] = kept
    return found


def to_categorical(x: npt.ArrayLike, num_classes: int | None = None) -> Array:
    """Class numbers as rows of zeros with a single 1; (B,) or (B, 1) gives (B, num_classes) in
    float64, as in Keras.

    Raises ValueError for anything but whole numbers from 0 to num_classes − 1.
    """
    wrong = ValueError("to_categorical: the classes must be whole numbers of 0 or more.")
    try:
        labels: npt.NDArray[Any] = np.asarray(x)
    except ValueError:
        raise wrong from None
    if labels.dtype.kind not in "fiub" or not labels.size:
        raise wrong
    if labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    if (
        not np.array_equal(labels, np.floor(labels))
        or not 0 <= labels.min() <= labels.max() < LARGEST
    ):
        raise wrong
    labels = labels.astype(np.int64)
    classes = int(labels.max()) + 1
    if num_classes is not None:
        classes = count(num_classes, owner="to_categorical", argument="num_classes")
    if labels.max() >= classes:
        raise ValueError(
            f"to_categorical: there is a class {labels.max()}, but num_classes is {classes}: the "
            f"classes run from 0 to {classes - 1}."
        )
    rows: Array = np.eye(classes)[labels]
    return rows
