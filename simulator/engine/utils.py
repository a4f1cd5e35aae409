"""Helpers that Keras programs use around their models."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from simulator.engine.layers.base import Array


def to_categorical(x: npt.ArrayLike, num_classes: int | None = None) -> Array:
    """Class numbers as rows of zeros with a single 1; (B,) or (B, 1) gives (B, num_classes) in
    float64, as in Keras.

    Raises ValueError for anything but whole numbers from 0 to num_classes − 1.
    """
    labels: npt.NDArray[Any] = np.asarray(x)
    if labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    if labels.size == 0 or not np.array_equal(labels, np.floor(labels)) or labels.min() < 0:
        raise ValueError("to_categorical: the classes must be whole numbers of 0 or more.")
    labels = labels.astype(np.int64)
    classes = int(labels.max()) + 1 if num_classes is None else int(num_classes)
    if labels.max() >= classes:
        raise ValueError(
            f"to_categorical: there is a class {labels.max()}, but num_classes is {classes}: the "
            f"classes run from 0 to {classes - 1}."
        )
    rows: Array = np.eye(classes)[labels]
    return rows
