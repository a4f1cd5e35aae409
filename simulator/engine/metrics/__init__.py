"""How well a network does, counted over many batches, under Keras's names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from simulator.engine import losses, names, registry
from simulator.engine.losses import (
    Loss,
    LossFunction,
    binary_crossentropy,
    categorical_crossentropy,
    hinge,
    huber,
    kl_divergence,
    mean_absolute_error,
    mean_squared_error,
    sparse_categorical_crossentropy,
)
from simulator.engine.metrics.accuracy import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
    sparse_top_k_categorical_accuracy,
    top_k_categorical_accuracy,
)
from simulator.engine.metrics.auc import AUC
from simulator.engine.metrics.base import Averaged, Mean, MeanMetricWrapper, Metric
from simulator.engine.metrics.confusion import ConfusionMatrix, Precision, Recall, confusion_matrix
from simulator.engine.metrics.of_losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    Hinge,
    KLDivergence,
    MeanAbsoluteError,
    MeanSquaredError,
    RootMeanSquaredError,
    SparseCategoricalCrossentropy,
)

__all__ = [
    "AUC",
    "Accuracy",
    "Averaged",
    "BinaryAccuracy",
    "BinaryCrossentropy",
    "CategoricalAccuracy",
    "CategoricalCrossentropy",
    "ConfusionMatrix",
    "Hinge",
    "KLDivergence",
    "Mean",
    "MeanAbsoluteError",
    "MeanMetricWrapper",
    "MeanSquaredError",
    "Metric",
    "Precision",
    "Recall",
    "RootMeanSquaredError",
    "SparseCategoricalAccuracy",
    "SparseCategoricalCrossentropy",
    "SparseTopKCategoricalAccuracy",
    "TopKCategoricalAccuracy",
    "binary_accuracy",
    "binary_crossentropy",
    "categorical_accuracy",
    "categorical_crossentropy",
    "confusion_matrix",
    "get",
    "hinge",
    "huber",
    "kl_divergence",
    "mean_absolute_error",
    "mean_squared_error",
    "sparse_categorical_accuracy",
    "sparse_categorical_crossentropy",
    "sparse_top_k_categorical_accuracy",
    "top_k_categorical_accuracy",
]

_MAKERS: Mapping[str, Callable[..., Metric]] = registry.aliases(
    [
        Accuracy,
        BinaryAccuracy,
        CategoricalAccuracy,
        SparseCategoricalAccuracy,
        TopKCategoricalAccuracy,
        SparseTopKCategoricalAccuracy,
        MeanSquaredError,
        RootMeanSquaredError,
        MeanAbsoluteError,
        Precision,
        Recall,
        AUC,
        ConfusionMatrix,
        BinaryCrossentropy,
        CategoricalCrossentropy,
        SparseCategoricalCrossentropy,
        KLDivergence,
        Hinge,
        Mean,
    ],
    mse=MeanSquaredError,
    MSE=MeanSquaredError,
    mae=MeanAbsoluteError,
    MAE=MeanAbsoluteError,
    bce=BinaryCrossentropy,
    BCE=BinaryCrossentropy,
)


def get(
    identifier: Metric | Loss | LossFunction | Callable[..., Any] | str | dict[str, Any],
    loss: Loss | None = None,
    output_shape: Sequence[int | None] | None = None,
    target_shape: Sequence[int | None] | None = None,
) -> Metric:
    """The metric of that name, which it keeps as its own, as in Keras: "acc" stays "acc".

    "accuracy" and "acc" are chosen as in Keras, by the shapes of one sample's output and target:
    binary for an output of one number, sparse for targets that are class numbers, else categorical.
    Without a target's shape, the loss says whether targets are class numbers. A function of targets
    and outputs is averaged over the samples.

    Raises ValueError for an unknown name, TypeError for anything that is no metric.
    """
    if isinstance(identifier, str) and identifier.lower() in ("accuracy", "acc"):
        return _accuracy(identifier, loss, output_shape, target_shape)
    if isinstance(identifier, Loss):
        return MeanMetricWrapper(identifier.value, name=identifier.name)
    if callable(identifier) and not isinstance(identifier, (Metric, type)):
        name = getattr(identifier, "__name__", names.snake_case(type(identifier).__name__))
        return MeanMetricWrapper(identifier, name=name)
    metric = registry.find("metric", Metric, _MAKERS, identifier)
    if isinstance(identifier, str):
        metric.name = identifier
    return metric


def _accuracy(
    name: str,
    loss: Loss | None,
    output_shape: Sequence[int | None] | None,
    target_shape: Sequence[int | None] | None,
) -> Metric:
    if output_shape is None:
        raise ValueError(
            f"{name!r} is chosen by the shape of the output, which is not known yet: name "
            "binary_accuracy, categorical_accuracy or sparse_categorical_accuracy."
        )
    if losses.is_binary(output_shape):
        return BinaryAccuracy(name=name)
    sparse = isinstance(loss, losses.SparseCategoricalCrossentropy)
    if target_shape is not None:
        sparse = losses.is_sparse(output_shape, target_shape)
    return SparseCategoricalAccuracy(name=name) if sparse else CategoricalAccuracy(name=name)
