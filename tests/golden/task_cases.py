"""Losses, optimizers and metrics that are compared with Keras's; see `layer_cases`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.golden.draws import numbers, whole_numbers


@dataclass(frozen=True)
class LossCase:
    """One loss on one batch: values for each sample, the weighted mean, and its slope."""

    name: str
    make: Callable[[Any], Any]
    targets: str  # "numbers", "binary", "signs", "probabilities", "one_hot", "classes"
    outputs: str  # "numbers", "probabilities", "sums" (of 1 over the last axis), "edges"
    shape: tuple[int, ...] = (5, 4)

    def arrays(self) -> tuple[Any, Any, Any]:
        """Targets, outputs and sample weights."""
        seed, shape = self.name, self.shape
        raw = numbers(f"{seed}/outputs", shape, -3, 3)
        outputs = {
            "numbers": raw,
            "probabilities": numbers(f"{seed}/outputs", shape, 0.02, 0.98),
            "sums": _power_of_two_shares(seed, shape),
            "edges": np.tile([0.0, 1.0, 0.5, 1.0], (*shape[:-1], 1)),
        }[self.outputs]
        classes = whole_numbers(f"{seed}/targets", shape[:-1], shape[-1])
        targets = {
            "numbers": numbers(f"{seed}/targets", shape, -3, 3),
            "binary": whole_numbers(f"{seed}/targets", shape, 2),
            "signs": whole_numbers(f"{seed}/targets", shape, 2) * 2 - 1,
            "probabilities": _power_of_two_shares(f"{seed}/targets", shape),
            "one_hot": np.eye(shape[-1])[classes],
            "classes": classes,
        }[self.targets]
        return targets, outputs, numbers(f"{seed}/weights", shape[:-1], 0.5, 2)


def _power_of_two_shares(seed: str, shape: tuple[int, ...]) -> Any:
    """Probabilities that add up to 1 exactly, in every type: quarters, with some moved about."""
    moved = whole_numbers(f"{seed}/moved", shape[:-1], 200) / 1024
    shares = np.full(shape, 1 / shape[-1])
    shares[..., 0] += moved
    shares[..., -1] -= moved
    return shares


LOSSES = [
    LossCase("mse", lambda k: k.MeanSquaredError(), "numbers", "numbers"),
    LossCase("mae", lambda k: k.MeanAbsoluteError(), "numbers", "numbers"),
    LossCase("huber", lambda k: k.Huber(), "numbers", "numbers"),
    LossCase("huber_delta", lambda k: k.Huber(delta=0.4), "numbers", "numbers"),
    LossCase("hinge", lambda k: k.Hinge(), "signs", "numbers"),
    LossCase("hinge_binary", lambda k: k.Hinge(), "binary", "numbers"),
    LossCase("kl", lambda k: k.KLDivergence(), "probabilities", "sums"),
    LossCase("binary", lambda k: k.BinaryCrossentropy(), "binary", "probabilities"),
    LossCase("binary_logits", lambda k: k.BinaryCrossentropy(from_logits=True), "binary",
             "numbers"),
    LossCase("binary_smooth", lambda k: k.BinaryCrossentropy(label_smoothing=0.2), "binary",
             "probabilities"),
    LossCase("binary_edges", lambda k: k.BinaryCrossentropy(), "binary", "edges"),
    LossCase("categorical", lambda k: k.CategoricalCrossentropy(), "one_hot", "sums"),
    LossCase("categorical_unscaled", lambda k: k.CategoricalCrossentropy(), "one_hot",
             "probabilities"),
    LossCase("categorical_soft", lambda k: k.CategoricalCrossentropy(), "probabilities", "sums"),
    LossCase("categorical_logits", lambda k: k.CategoricalCrossentropy(from_logits=True),
             "one_hot", "numbers"),
    LossCase("categorical_smooth",
             lambda k: k.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1),
             "one_hot", "numbers"),
    LossCase("sparse", lambda k: k.SparseCategoricalCrossentropy(), "classes", "sums"),
    LossCase("sparse_unscaled", lambda k: k.SparseCategoricalCrossentropy(), "classes",
             "probabilities"),
    LossCase("sparse_logits", lambda k: k.SparseCategoricalCrossentropy(from_logits=True),
             "classes", "numbers"),
    LossCase("sparse_places", lambda k: k.SparseCategoricalCrossentropy(from_logits=True),
             "classes", "numbers", (3, 2, 4)),
    LossCase("mse_places", lambda k: k.MeanSquaredError(), "numbers", "numbers", (3, 2, 4)),
    LossCase("mse_sum", lambda k: k.MeanSquaredError(reduction="sum"), "numbers", "numbers"),
]  # fmt: skip


@dataclass(frozen=True)
class OptimizerCase:
    """Twenty steps on given gradients."""

    name: str
    make: Callable[[Any, Any], Any]  # takes the optimizers and the schedules

    def parameters(self) -> dict[str, Any]:
        return {
            "kernel": numbers(f"{self.name}/kernel", (3, 2)),
            "bias": numbers(f"{self.name}/bias", (2,)),
        }

    def gradients(self, step: int) -> dict[str, Any]:
        """They differ in size from step to step, so that clipping has something to do."""
        size = 0.05 * 3 ** (step % 4)
        return {
            "kernel": numbers(f"{self.name}/{step}/kernel", (3, 2), -size, size),
            "bias": numbers(f"{self.name}/{step}/bias", (2,), -size, size),
        }


OPTIMIZERS = [
    OptimizerCase("sgd", lambda k, s: k.SGD(0.1)),
    OptimizerCase("sgd_default", lambda k, s: k.SGD()),
    OptimizerCase("sgd_momentum", lambda k, s: k.SGD(0.1, momentum=0.9)),
    OptimizerCase("sgd_nesterov", lambda k, s: k.SGD(0.1, momentum=0.9, nesterov=True)),
    OptimizerCase("sgd_decay", lambda k, s: k.SGD(0.1, weight_decay=0.05)),
    OptimizerCase("sgd_clipnorm", lambda k, s: k.SGD(0.1, clipnorm=0.3)),
    OptimizerCase("sgd_global_clipnorm", lambda k, s: k.SGD(0.1, global_clipnorm=0.3)),
    OptimizerCase("sgd_clipvalue", lambda k, s: k.SGD(0.1, clipvalue=0.2)),
    OptimizerCase("rmsprop", lambda k, s: k.RMSprop()),
    OptimizerCase("rmsprop_momentum", lambda k, s: k.RMSprop(0.01, rho=0.8, momentum=0.5)),
    OptimizerCase("rmsprop_centered", lambda k, s: k.RMSprop(0.01, centered=True)),
    OptimizerCase("adagrad", lambda k, s: k.Adagrad(0.1)),
    OptimizerCase("adam", lambda k, s: k.Adam()),
    OptimizerCase("adam_betas", lambda k, s: k.Adam(0.01, beta_1=0.8, beta_2=0.95, epsilon=1e-3)),
    OptimizerCase("adam_amsgrad", lambda k, s: k.Adam(0.01, amsgrad=True)),
    OptimizerCase("adam_decay", lambda k, s: k.Adam(0.01, weight_decay=0.1)),
    OptimizerCase("adamw", lambda k, s: k.AdamW()),
    OptimizerCase("adamw_decay", lambda k, s: k.AdamW(0.02, weight_decay=0.1)),
    OptimizerCase("nadam", lambda k, s: k.Nadam(0.01)),
    OptimizerCase("exponential", lambda k, s: k.SGD(s.ExponentialDecay(0.1, 5, 0.5))),
    OptimizerCase("staircase", lambda k, s: k.SGD(s.ExponentialDecay(0.1, 5, 0.5, staircase=True))),
    OptimizerCase("piecewise",
                  lambda k, s: k.SGD(s.PiecewiseConstantDecay([5, 12], [0.1, 0.05, 0.01]))),
    OptimizerCase("polynomial", lambda k, s: k.SGD(s.PolynomialDecay(0.1, 15, 0.01, power=2.0))),
    OptimizerCase("inverse_time", lambda k, s: k.SGD(s.InverseTimeDecay(0.1, 5, 0.5))),
    OptimizerCase("cosine", lambda k, s: k.Adam(s.CosineDecay(0.1, 15))),
    OptimizerCase("cosine_warmup",
                  lambda k, s: k.SGD(s.CosineDecay(0.0, 8, 0.1, warmup_target=0.1,
                                                   warmup_steps=5))),
    OptimizerCase("cosine_restarts",
                  lambda k, s: k.SGD(s.CosineDecayRestarts(0.1, 4, t_mul=1.5, m_mul=0.8,
                                                           alpha=0.05))),
]  # fmt: skip


@dataclass(frozen=True)
class MetricCase:
    """Two batches, weighted, one after the other."""

    name: str
    make: Callable[[Any], Any]
    targets: str
    outputs: str
    shape: tuple[int, ...] = (6, 4)

    def batches(self) -> list[tuple[Any, Any, Any]]:
        make = self.make
        return [
            LossCase(f"{self.name}/{n}", make, self.targets, self.outputs, self.shape).arrays()
            for n in range(2)
        ]


METRICS = [
    MetricCase("binary_accuracy", lambda k: k.BinaryAccuracy(), "binary", "probabilities"),
    MetricCase("binary_accuracy_threshold", lambda k: k.BinaryAccuracy(threshold=0.3), "binary",
               "probabilities", (6, 1)),
    MetricCase("categorical_accuracy", lambda k: k.CategoricalAccuracy(), "one_hot",
               "probabilities"),
    MetricCase("sparse_accuracy", lambda k: k.SparseCategoricalAccuracy(), "classes",
               "probabilities"),
    MetricCase("top_k", lambda k: k.TopKCategoricalAccuracy(k=2), "one_hot", "probabilities"),
    MetricCase("sparse_top_k", lambda k: k.SparseTopKCategoricalAccuracy(k=2), "classes",
               "probabilities"),
    MetricCase("mae_metric", lambda k: k.MeanAbsoluteError(), "numbers", "numbers"),
    MetricCase("mse_metric", lambda k: k.MeanSquaredError(), "numbers", "numbers"),
    MetricCase("rmse_metric", lambda k: k.RootMeanSquaredError(), "numbers", "numbers"),
    MetricCase("kl_metric", lambda k: k.KLDivergence(), "probabilities", "sums"),
    MetricCase("hinge_metric", lambda k: k.Hinge(), "signs", "numbers"),
    MetricCase("binary_loss_metric", lambda k: k.BinaryCrossentropy(), "binary", "probabilities"),
    MetricCase("sparse_loss_metric", lambda k: k.SparseCategoricalCrossentropy(), "classes",
               "sums"),
    MetricCase("recall_top_k", lambda k: k.Recall(top_k=2), "one_hot", "probabilities"),
    MetricCase("precision_class", lambda k: k.Precision(class_id=1), "binary", "probabilities"),
    MetricCase("precision", lambda k: k.Precision(), "binary", "probabilities"),
    MetricCase("recall", lambda k: k.Recall(), "binary", "probabilities"),
    MetricCase("precision_threshold", lambda k: k.Precision(thresholds=0.7), "binary",
               "probabilities"),
]  # fmt: skip
