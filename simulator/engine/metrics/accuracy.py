"""How many answers are right."""

from __future__ import annotations

from typing import Any, final

import numpy as np
import numpy.typing as npt

from simulator.engine import arguments
from simulator.engine.metrics.base import MeanMetricWrapper, fitted

Hits = npt.NDArray[np.bool_]


@final
class Accuracy(MeanMetricWrapper):
    """How many outputs are exactly the targets."""

    def __init__(self, name: str | None = "accuracy", dtype: str | None = None) -> None:
        super().__init__(accuracy, name, dtype)


@final
class BinaryAccuracy(MeanMetricWrapper):
    """How many outputs are above the threshold where the target is 1, and not where it is 0."""

    def __init__(
        self,
        name: str | None = "binary_accuracy",
        dtype: str | None = None,
        threshold: float = 0.5,
    ) -> None:
        threshold = arguments.number(threshold, owner="BinaryAccuracy", argument="threshold")
        super().__init__(binary_accuracy, name, dtype, threshold=threshold)
        self.threshold = threshold


@final
class CategoricalAccuracy(MeanMetricWrapper):
    """How often the largest output (B, …, C) is that of the class with the largest target."""

    def __init__(self, name: str | None = "categorical_accuracy", dtype: str | None = None) -> None:
        super().__init__(categorical_accuracy, name, dtype)


@final
class SparseCategoricalAccuracy(MeanMetricWrapper):
    """How often the largest output (B, …, C) is that of the target's class number."""

    def __init__(
        self, name: str | None = "sparse_categorical_accuracy", dtype: str | None = None
    ) -> None:
        super().__init__(sparse_categorical_accuracy, name, dtype)


@final
class TopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the true class is among the k largest outputs, for one-hot targets."""

    def __init__(
        self,
        k: int = 5,
        name: str | None = "top_k_categorical_accuracy",
        dtype: str | None = None,
    ) -> None:
        k = arguments.count(k, owner="TopKCategoricalAccuracy", argument="k")
        super().__init__(top_k_categorical_accuracy, name, dtype, k=k)
        self.k = k


@final
class SparseTopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the true class is among the k largest outputs, for class numbers."""

    def __init__(
        self,
        k: int = 5,
        name: str | None = "sparse_top_k_categorical_accuracy",
        dtype: str | None = None,
        from_sorted_ids: bool = False,
    ) -> None:
        """With `from_sorted_ids` the outputs are class numbers themselves, best first."""
        k = arguments.count(k, owner="SparseTopKCategoricalAccuracy", argument="k")
        super().__init__(
            sparse_top_k_categorical_accuracy, name, dtype, k=k, from_sorted_ids=from_sorted_ids
        )
        self.k = k
        self.from_sorted_ids = from_sorted_ids


def accuracy(y_true: npt.ArrayLike, y_pred: npt.ArrayLike) -> Hits:
    """Where outputs are the targets."""
    target, output = fitted("accuracy", y_true, y_pred)
    return np.asarray(target.astype(output.dtype, copy=False) == output)


def binary_accuracy(y_true: npt.ArrayLike, y_pred: npt.ArrayLike, threshold: float = 0.5) -> Hits:
    """Where outputs are on their target's side of the threshold."""
    target, output = fitted("binary_accuracy", y_true, y_pred)
    return np.asarray(target == (output > threshold))


def categorical_accuracy(y_true: npt.ArrayLike, y_pred: npt.ArrayLike) -> Hits:
    """(B, …) for one-hot targets and outputs (B, …, C); of equal outputs the first is chosen."""
    target, output = fitted("categorical_accuracy", y_true, y_pred)
    return np.asarray(np.argmax(target, -1) == np.argmax(output, -1))


def sparse_categorical_accuracy(y_true: npt.ArrayLike, y_pred: npt.ArrayLike) -> Hits:
    """(B, …) for class numbers (B, …) or (B, …, 1) and outputs (B, …, C)."""
    classes, output = _classes("sparse_categorical_accuracy", y_true, y_pred)
    return np.asarray(classes == np.argmax(output, -1))


def top_k_categorical_accuracy(y_true: npt.ArrayLike, y_pred: npt.ArrayLike, k: int = 5) -> Hits:
    """(B, …) for one-hot targets and outputs (B, …, C)."""
    target, output = fitted("top_k_categorical_accuracy", y_true, y_pred)
    return _among_largest(np.argmax(target, -1), output, k)


def sparse_top_k_categorical_accuracy(
    y_true: npt.ArrayLike, y_pred: npt.ArrayLike, k: int = 5, from_sorted_ids: bool = False
) -> Hits:
    """(B, …) for class numbers (B, …) or (B, …, 1) and outputs (B, …, C)."""
    classes, output = _classes("sparse_top_k_categorical_accuracy", y_true, y_pred)
    if from_sorted_ids:
        return np.asarray(np.any(classes[..., np.newaxis] == output[..., :k], -1))
    return _among_largest(classes.astype(np.int64), output, k)


def _among_largest(classes: npt.NDArray[np.int64], output: npt.NDArray[Any], k: int) -> Hits:
    """Whether fewer than k outputs are larger: among equal ones all count, as in Keras."""
    count = output.shape[-1]
    if k < 1:
        raise ValueError(f"k is {k}: it must be 1 or more.")
    if classes.size and not (classes.min() >= 0 and classes.max() < count):
        raise ValueError(
            f"The targets run from {classes.min()} to {classes.max()}, but {count} outputs stand "
            f"for the classes 0 to {count - 1}."
        )
    true = np.take_along_axis(output, classes[..., np.newaxis], -1)
    larger = np.sum(output > true, -1)
    return np.asarray((larger < k) & np.isfinite(true[..., 0]))


def _classes(
    owner: str, y_true: npt.ArrayLike, y_pred: npt.ArrayLike
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Class numbers (B, …) and outputs (B, …, C)."""
    target = arguments.array(y_true, owner=owner, what="the targets")
    output = arguments.array(y_pred, owner=owner, what="the outputs")
    if target.ndim == output.ndim and target.ndim and target.shape[-1] == 1:
        target = target[..., 0]
    if target.shape != output.shape[:-1] or not output.ndim:
        raise ValueError(
            f"{owner}: the targets have the shape {target.shape}, but outputs of the shape "
            f"{output.shape} need class numbers of the shape {output.shape[:-1]}."
        )
    return target, output
