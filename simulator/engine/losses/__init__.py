"""What a network's answers cost, and the slope of that cost, under Keras's names.

A class such as `MeanSquaredError()` gives the loss of a whole batch, a function such as
`mean_squared_error(y_true, y_pred)` that of every sample, as in Keras.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from simulator.engine import registry
from simulator.engine.losses.base import Loss, LossFunction
from simulator.engine.losses.crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
)
from simulator.engine.losses.regression import (
    Hinge,
    Huber,
    KLDivergence,
    MeanAbsoluteError,
    MeanSquaredError,
)

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "Hinge",
    "Huber",
    "KLDivergence",
    "Loss",
    "LossFunction",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "SparseCategoricalCrossentropy",
    "binary_crossentropy",
    "categorical_crossentropy",
    "get",
    "hinge",
    "huber",
    "kl_divergence",
    "mean_absolute_error",
    "mean_squared_error",
    "sparse_categorical_crossentropy",
]

mean_squared_error = LossFunction(MeanSquaredError)
mean_absolute_error = LossFunction(MeanAbsoluteError)
huber = LossFunction(Huber)
hinge = LossFunction(Hinge)
kl_divergence = LossFunction(KLDivergence)
binary_crossentropy = LossFunction(BinaryCrossentropy)
categorical_crossentropy = LossFunction(CategoricalCrossentropy)
sparse_categorical_crossentropy = LossFunction(SparseCategoricalCrossentropy)

MAKERS: Mapping[str, Callable[..., Loss]] = registry.aliases(
    [
        MeanSquaredError,
        MeanAbsoluteError,
        Huber,
        BinaryCrossentropy,
        CategoricalCrossentropy,
        SparseCategoricalCrossentropy,
        KLDivergence,
        Hinge,
    ],
    mse=MeanSquaredError,
    MSE=MeanSquaredError,
    mae=MeanAbsoluteError,
    MAE=MeanAbsoluteError,
    bce=BinaryCrossentropy,
    BCE=BinaryCrossentropy,
    kl_divergence=KLDivergence,
    kld=KLDivergence,
    KLD=KLDivergence,
)
"""Each loss under all the names that Keras knows it by."""


def get(
    identifier: Loss | LossFunction | str | dict[str, Any],
    output_shape: Sequence[int | None] | None = None,
    target_shape: Sequence[int | None] | None = None,
) -> Loss:
    """The loss of that name, which it keeps as its own, as in Keras.

    "crossentropy" is chosen by the shapes of one sample's output and target: binary for an output
    of one number, sparse for targets that are class numbers, else categorical.

    Raises ValueError for an unknown name, and TypeError for a function of the caller's own, whose
    derivative nobody can know: that is to be a subclass of Loss.
    """
    if isinstance(identifier, LossFunction):
        return dataclasses.replace(identifier.loss_class(), name=identifier.__name__)
    if isinstance(identifier, str) and identifier.lower() in ("crossentropy", "ce"):
        if output_shape is None or target_shape is None:
            raise ValueError(
                f"{identifier!r} is chosen by the shapes of output and target, which are not known "
                "yet: name binary_crossentropy, categorical_crossentropy or "
                "sparse_categorical_crossentropy."
            )
        return dataclasses.replace(_crossentropy(output_shape, target_shape), name=identifier)
    if callable(identifier) and not isinstance(identifier, (Loss, type)):
        raise TypeError(
            f"{identifier!r} is a function without a derivative: write a subclass of "
            "simulator.engine.losses.Loss, with a value and a gradient."
        )
    loss = registry.find("loss", Loss, MAKERS, identifier)
    if isinstance(identifier, str):
        return dataclasses.replace(loss, name=identifier)
    return loss


def is_binary(output_shape: Sequence[int | None]) -> bool:
    """Whether one sample's output is one number, the probability of "yes"."""
    return len(output_shape) > 0 and output_shape[-1] == 1


def is_sparse(output_shape: Sequence[int | None], target_shape: Sequence[int | None]) -> bool:
    """Whether targets are class numbers, where outputs are one number for each class."""
    return len(target_shape) < len(output_shape) or (
        len(target_shape) > 0 and target_shape[-1] == 1 and output_shape[-1] != 1
    )


def _crossentropy(output_shape: Sequence[int | None], target_shape: Sequence[int | None]) -> Loss:
    if is_binary(output_shape):
        return BinaryCrossentropy()
    if is_sparse(output_shape, target_shape):
        return SparseCategoricalCrossentropy()
    return CategoricalCrossentropy()
