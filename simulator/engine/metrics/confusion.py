"""What is taken for what: precision, recall and the confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

import numpy as np
import numpy.typing as npt

from simulator.engine import arguments
from simulator.engine.metrics.base import Counts, Metric, fitted, weights_for

_NEVER = -1e10
"""Below every output: the threshold where only the k largest outputs count as "yes"."""


class _Counted(Metric):
    """Hits and misses of "yes or no" at one threshold or several."""

    missed: str
    """What is counted beside the true positives: "false_positives" or "false_negatives"."""

    def __init__(
        self,
        thresholds: float | Sequence[float] | None = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        """An output above the threshold (½) is a "yes". With `top_k`, so are the k largest of each
        sample (above the threshold, if one is given); with `class_id`, only that class counts.

        Raises ValueError for thresholds that are not between 0 and 1.
        """
        default = 0.5 if top_k is None else _NEVER
        listed = thresholds if isinstance(thresholds, list | tuple) else [thresholds]
        given = [default]
        if thresholds is not None:
            given = [
                arguments.number(
                    each, owner=type(self).__name__, argument="thresholds", minimum=0, maximum=1
                )
                for each in listed
            ]
        kind = type(self).__name__
        self.thresholds = given
        self.top_k = None if top_k is None else arguments.count(top_k, owner=kind, argument="top_k")
        self.class_id = class_id if class_id is None else arguments.count(
            class_id, owner=kind, argument="class_id", minimum=0
        )  # fmt: skip
        super().__init__(name, dtype)

    def reset(self) -> None:
        """Forget all batches."""
        count = len(self.thresholds)
        self.state = {"true_positives": np.zeros(count), self.missed: np.zeros(count)}

    def update(
        self,
        y_true: npt.ArrayLike,
        y_pred: npt.ArrayLike,
        sample_weight: npt.ArrayLike | None = None,
    ) -> None:
        """Count targets, where all but 0 is a "yes", and outputs, all (B, …, C), weights (B, …)."""
        target, output = fitted(self.name, y_true, y_pred)
        weight = weights_for(self.name, output, sample_weight)
        if self.top_k is not None:
            output = _only_largest(output, self.top_k)
        if self.class_id is not None:
            if output.ndim < 2 or not 0 <= self.class_id < output.shape[-1]:
                raise ValueError(
                    f"{self.name}: class_id {self.class_id} is none of the classes that outputs of "
                    f"the shape {output.shape} stand for."
                )
            target, output, weight = (each[..., self.class_id] for each in (target, output, weight))
        true = target != 0
        for index, threshold in enumerate(self.thresholds):
            # A plain number is compared in the outputs' own type.
            said = output > threshold
            missed = ~true & said if self.missed == "false_positives" else true & ~said
            self.state["true_positives"][index] += weight[true & said].sum()
            self.state[self.missed][index] += weight[missed].sum()

    def result(self) -> Any:
        """One number, or one for each threshold; 0 where nothing was counted."""
        hits = self.state["true_positives"]
        total = hits + self.state[self.missed]
        shares = np.divide(hits, total, out=np.zeros_like(hits), where=total != 0)
        return float(shares[0]) if len(shares) == 1 else shares


@final
class Precision(_Counted):
    """How many of those that were said to be "yes" are."""

    missed = "false_positives"


@final
class Recall(_Counted):
    """How many of those that are "yes" were said to be."""

    missed = "false_negatives"


@final
class ConfusionMatrix(Metric):
    """How often each true class (row) was taken for each class (column); not among Keras's.

    Outputs are one number for each class, or one number that says "yes" (class 1) above the
    threshold. Targets are class numbers or one-hot.
    """

    def __init__(
        self,
        num_classes: int | None = None,
        threshold: float = 0.5,
        name: str | None = "confusion_matrix",
        dtype: str | None = None,
    ) -> None:
        """Without `num_classes` there are as many as there are outputs: two for one output."""
        self.num_classes = num_classes if num_classes is None else arguments.count(
            num_classes, owner="ConfusionMatrix", argument="num_classes", maximum=10_000
        )  # fmt: skip
        self.threshold = arguments.number(threshold, owner="ConfusionMatrix", argument="threshold")
        super().__init__(name, dtype)

    def reset(self) -> None:
        """Forget all batches."""
        count = self.num_classes or 0
        self.state = {"matrix": np.zeros((count, count))}

    def update(
        self,
        y_true: npt.ArrayLike,
        y_pred: npt.ArrayLike,
        sample_weight: npt.ArrayLike | None = None,
    ) -> None:
        """Count targets (B, …), (B, …, 1) or (B, …, C), and outputs (B, …, C)."""
        target, output = np.asarray(y_true), np.asarray(y_pred)
        if output.ndim < 2 or output.shape[-1] == 1:
            target, output = fitted(self.name, target, output)
            predicted, classes = (output > self.threshold).astype(np.int64), 2
        else:
            predicted, classes = np.argmax(output, -1), output.shape[-1]
            if target.shape == output.shape:
                target = np.argmax(target, -1)
            target, predicted = fitted(self.name, target, predicted)
        if not self.state["matrix"].size:
            self.state["matrix"] = np.zeros((classes, classes))
        self.state["matrix"] = self.state["matrix"] + confusion_matrix(
            target.ravel(),
            predicted.ravel(),
            len(self.state["matrix"]),
            None if sample_weight is None else np.ravel(sample_weight),
        )

    def result(self) -> Counts:
        """(true classes, predicted classes); without weights, whole numbers."""
        return self.state["matrix"].copy()


def confusion_matrix(
    labels: npt.ArrayLike,
    predictions: npt.ArrayLike,
    num_classes: int | None = None,
    weights: npt.ArrayLike | None = None,
) -> Counts:
    """How often each class of `labels` (row) meets each class of `predictions` (column): (C, C).

    Raises ValueError for lists of different lengths, and for classes that are not 0 to C − 1.
    """
    true, predicted = np.asarray(labels), np.asarray(predictions)
    if true.shape != predicted.shape or true.ndim != 1:
        raise ValueError(
            f"There are labels of the shape {true.shape} and predictions of {predicted.shape}: "
            "both must be lists of the same length."
        )
    largest = int(max(true.max(initial=0), predicted.max(initial=0)))
    count = largest + 1 if num_classes is None else num_classes
    smallest = int(min(true.min(initial=0), predicted.min(initial=0)))
    if smallest < 0 or largest >= count:
        raise ValueError(
            f"The classes run from {smallest} to {largest}, but there are {count}: they must be "
            f"0 to {count - 1}."
        )
    matrix = np.zeros((count, count))
    added = 1.0 if weights is None else np.asarray(weights, np.float64)
    np.add.at(matrix, (true.astype(np.int64), predicted.astype(np.int64)), added)
    return matrix


def _only_largest(output: npt.NDArray[Any], k: int) -> npt.NDArray[Any]:
    """The k largest along the last axis as they are (the first of equal ones), the rest −1e10."""
    order = np.argsort(-output, axis=-1, kind="stable")[..., :k]
    kept = np.full_like(output, _NEVER)
    np.put_along_axis(kept, order, np.take_along_axis(output, order, -1), -1)
    return kept
