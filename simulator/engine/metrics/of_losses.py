"""Losses as metrics: their mean over the samples, weighted by the samples' weights."""

from __future__ import annotations

from typing import final

import numpy as np
import numpy.typing as npt

from simulator.engine import losses
from simulator.engine.metrics.base import Averaged, MeanMetricWrapper, fitted


@final
class MeanSquaredError(MeanMetricWrapper):
    """The mean squared error."""

    def __init__(self, name: str | None = "mean_squared_error", dtype: str | None = None) -> None:
        super().__init__(losses.mean_squared_error, name, dtype)


@final
class RootMeanSquaredError(Averaged):
    """The root of the mean squared error."""

    def __init__(
        self, name: str | None = "root_mean_squared_error", dtype: str | None = None
    ) -> None:
        super().__init__(name, dtype)

    def update(
        self,
        y_true: npt.ArrayLike,
        y_pred: npt.ArrayLike,
        sample_weight: npt.ArrayLike | None = None,
    ) -> None:
        """Count one batch of targets and outputs."""
        target, output = fitted(self.name, y_true, y_pred)
        self._count(np.square(output.astype(np.float64) - target), sample_weight)

    def result(self) -> float:
        """The root of the mean over all batches."""
        return float(np.sqrt(super().result()))


@final
class MeanAbsoluteError(MeanMetricWrapper):
    """The mean absolute error."""

    def __init__(self, name: str | None = "mean_absolute_error", dtype: str | None = None) -> None:
        super().__init__(losses.mean_absolute_error, name, dtype)


@final
class BinaryCrossentropy(MeanMetricWrapper):
    """The binary cross-entropy."""

    def __init__(
        self,
        name: str | None = "binary_crossentropy",
        dtype: str | None = None,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
    ) -> None:
        loss = losses.BinaryCrossentropy(from_logits, label_smoothing)
        super().__init__(loss.value, name, dtype)


@final
class CategoricalCrossentropy(MeanMetricWrapper):
    """The cross-entropy of one-hot targets."""

    def __init__(
        self,
        name: str | None = "categorical_crossentropy",
        dtype: str | None = None,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
    ) -> None:
        loss = losses.CategoricalCrossentropy(from_logits, label_smoothing, axis)
        super().__init__(loss.value, name, dtype)


@final
class SparseCategoricalCrossentropy(MeanMetricWrapper):
    """The cross-entropy of class numbers."""

    def __init__(
        self,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: str | None = None,
        from_logits: bool = False,
        axis: int = -1,
    ) -> None:
        loss = losses.SparseCategoricalCrossentropy(from_logits, axis=axis)
        super().__init__(loss.value, name, dtype)


@final
class KLDivergence(MeanMetricWrapper):
    """The Kullback–Leibler divergence."""

    def __init__(self, name: str | None = "kl_divergence", dtype: str | None = None) -> None:
        super().__init__(losses.kl_divergence, name, dtype)


@final
class Hinge(MeanMetricWrapper):
    """The hinge loss."""

    def __init__(self, name: str | None = "hinge", dtype: str | None = None) -> None:
        super().__init__(losses.hinge, name, dtype)
