"""Helpers that Keras programs use around their models."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from simulator.engine import names
from simulator.engine.arguments import LARGEST, count
from simulator.engine.layers.base import Array
from simulator.engine.seeds import set_random_seed

__all__ = ["clear_session", "set_random_seed", "to_categorical"]


def clear_session() -> None:
    """Number the names of layers from the start again."""
    names.reset()


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
