"""What is compared with Keras: every case builds the same thing from Keras's names and from ours.

A case's `make` takes a module of layers (or losses, optimizers, metrics): `keras.layers` when the
values are made, `simulator.engine.layers` when they are compared. Numbers are drawn from the case's
name, so that both sides see the same ones and only results need to be kept.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


def numbers(name: str, shape: tuple[int, ...], low: float = -1.0, high: float = 1.0) -> Any:
    """Uniform numbers that depend on the name alone, float64 and exact in float32 too.

    Taken from raw bits, whose sequence NumPy guarantees for all its versions.
    """
    count = int(np.prod(shape, dtype=int))
    bits = np.random.PCG64(zlib.crc32(name.encode())).random_raw(count)
    fractions = (np.asarray(bits).reshape(shape) >> np.uint64(48)).astype(np.float64) / 2**16
    return np.round((low + (high - low) * fractions) * 2**14) / 2**14


def whole_numbers(name: str, shape: tuple[int, ...], below: int) -> Any:
    return np.floor(numbers(name, shape, 0, 1) * below).clip(0, below - 1).astype(np.int64)


def weight(case: str, index: int, name: str, shape: tuple[int, ...]) -> Any:
    """A weight by its place and name: large enough to matter, small enough for stable training."""
    seed = f"{case}/weight/{index}"
    if "variance" in name:
        return numbers(seed, shape, 0.5, 1.5)
    if "gamma" in name:
        return numbers(seed, shape, 0.7, 1.3)
    if len(shape) < 2 or "bias" in name:
        return numbers(seed, shape, -0.3, 0.3)
    fans = int(np.prod(shape[:-2], dtype=int)) * (shape[-2] + shape[-1])
    size = min(1.0, float(np.sqrt(6 / fans)))
    return numbers(seed, shape, -size, size)


@dataclass(frozen=True)
class LayerCase:
    """One layer on one input, forwards and backwards."""

    name: str
    make: Callable[[Any], Any]
    inputs: tuple[tuple[int, ...], ...]  # shapes without the batch
    batch: int = 2
    training: bool = False
    below: int | None = None  # whole numbers below this, instead of others
    call: Callable[[Any, list[Any]], Any] = lambda layer, inputs: layer(inputs[0])
    low: float = -1.0
    high: float = 1.0

    def arrays(self) -> list[Any]:
        shapes = [(self.batch, *shape) for shape in self.inputs]
        if self.below is not None:
            return [
                whole_numbers(f"{self.name}/input/{n}", shape, self.below)
                for n, shape in enumerate(shapes)
            ]
        return [
            numbers(f"{self.name}/input/{n}", shape, self.low, self.high)
            for n, shape in enumerate(shapes)
        ]

    def slopes(self, index: int, shape: tuple[int, ...]) -> Any:
        """∂L/∂output of the loss that the gradients belong to."""
        return numbers(f"{self.name}/slopes/{index}", shape)


def case(name: str, make: Callable[[Any], Any], *inputs: tuple[int, ...], **more: Any) -> LayerCase:
    return LayerCase(name, make, inputs, **more)


def together(layer: Any, inputs: list[Any]) -> Any:
    return layer(inputs)


def with_states(layer: Any, inputs: list[Any]) -> Any:
    return layer(inputs[0], initial_state=inputs[1:])


def one_by_one(layer: Any, inputs: list[Any]) -> Any:
    return layer(*inputs)


ACTIVATIONS = (
    "linear", "relu", "leaky_relu", "elu", "selu", "gelu", "sigmoid", "tanh", "softplus",
    "softsign", "swish", "softmax",
)  # fmt: skip

SEQUENCE = (4, 3)  # T, C

LAYERS = [
    case("dense", lambda k: k.Dense(4), (3,)),
    case("dense_no_bias", lambda k: k.Dense(4, use_bias=False), (3,)),
    case("dense_time", lambda k: k.Dense(4, activation="tanh"), (2, 3)),
    *(
        case(f"dense_{name}", lambda k, name=name: k.Dense(5, activation=name), (3,))
        for name in ("relu", "sigmoid", "softmax")
    ),
    case("conv1d", lambda k: k.Conv1D(3, 3), (6, 2)),
    case("conv1d_same", lambda k: k.Conv1D(3, 4, padding="same", strides=2), (7, 2)),
    case("conv1d_causal", lambda k: k.Conv1D(3, 2, padding="causal", dilation_rate=2), (6, 2)),
    case("conv2d", lambda k: k.Conv2D(3, 3, activation="relu"), (5, 6, 2)),
    case("conv2d_same", lambda k: k.Conv2D(3, (2, 3), padding="same"), (5, 4, 2)),
    case("conv2d_same_strides", lambda k: k.Conv2D(2, 3, strides=2, padding="same"), (6, 5, 2)),
    case("conv2d_strides", lambda k: k.Conv2D(2, 2, strides=(2, 3), use_bias=False), (5, 7, 2)),
    case("conv2d_dilation", lambda k: k.Conv2D(2, 2, dilation_rate=2), (5, 6, 2)),
    case("conv2d_dilation_same",
         lambda k: k.Conv2D(2, 3, dilation_rate=2, padding="same"), (5, 6, 2)),
    case("depthwise", lambda k: k.DepthwiseConv2D(2), (4, 5, 3)),
    case("depthwise_multiplier",
         lambda k: k.DepthwiseConv2D(3, depth_multiplier=2, padding="same"), (4, 5, 2)),
    case("depthwise_strides", lambda k: k.DepthwiseConv2D(3, strides=2, padding="same"), (6, 6, 2)),
    case("transpose", lambda k: k.Conv2DTranspose(3, 3), (3, 4, 2)),
    case("transpose_strides", lambda k: k.Conv2DTranspose(2, 3, strides=2), (3, 4, 2)),
    case("transpose_same",
         lambda k: k.Conv2DTranspose(2, 3, strides=2, padding="same"), (3, 4, 2)),
    case("transpose_wide_strides", lambda k: k.Conv2DTranspose(2, 2, strides=3), (3, 2, 2)),
    case("max_pooling1d", lambda k: k.MaxPooling1D(2), (7, 2)),
    case("max_pooling1d_same", lambda k: k.MaxPooling1D(3, strides=2, padding="same"), (6, 2)),
    case("average_pooling1d", lambda k: k.AveragePooling1D(3, strides=1), (6, 2)),
    # Where "same" pads one side only, Keras on PyTorch counts copies of the edge into the mean, and
    # on TensorFlow nothing. The engine counts nothing, so here both sides are padded alike.
    case("average_pooling1d_same",
         lambda k: k.AveragePooling1D(3, strides=2, padding="same"), (7, 2)),
    case("max_pooling2d", lambda k: k.MaxPooling2D(2), (5, 4, 2)),
    case("max_pooling2d_same",
         lambda k: k.MaxPooling2D(3, strides=2, padding="same"), (5, 6, 2)),
    case("average_pooling2d", lambda k: k.AveragePooling2D((2, 3), strides=(1, 2)), (4, 7, 2)),
    case("average_pooling2d_same",
         lambda k: k.AveragePooling2D(3, strides=2, padding="same"), (5, 7, 2)),
    case("global_max1d", lambda k: k.GlobalMaxPooling1D(), (5, 3)),
    case("global_average1d", lambda k: k.GlobalAveragePooling1D(), (5, 3)),
    case("global_max2d", lambda k: k.GlobalMaxPooling2D(), (3, 4, 3)),
    case("global_average2d", lambda k: k.GlobalAveragePooling2D(), (3, 4, 3)),
    case("global_keepdims", lambda k: k.GlobalAveragePooling2D(keepdims=True), (3, 4, 3)),
    case("flatten", lambda k: k.Flatten(), (2, 3, 2)),
    case("reshape", lambda k: k.Reshape((3, -1)), (2, 3, 2)),
    case("zero_padding", lambda k: k.ZeroPadding2D(((1, 2), (0, 1))), (3, 2, 2)),
    case("up_sampling", lambda k: k.UpSampling2D((2, 3)), (2, 3, 2)),
    case("repeat_vector", lambda k: k.RepeatVector(3), (4,)),
    *(
        case(f"activation_{name}", lambda k, name=name: k.Activation(name), (24,), low=-5, high=5)
        for name in ACTIVATIONS
    ),
    case("relu_layer",
         lambda k: k.ReLU(max_value=2.0, negative_slope=0.1, threshold=0.5), (24,), low=-4, high=4),
    case("leaky_relu_layer", lambda k: k.LeakyReLU(negative_slope=0.3), (24,), low=-4, high=4),
    case("leaky_relu_default", lambda k: k.LeakyReLU(), (24,), low=-4, high=4),
    case("softmax_layer", lambda k: k.Softmax(), (3, 5), low=-4, high=4),
    case("softmax_axis", lambda k: k.Softmax(axis=1), (3, 5), low=-4, high=4),
    case("dropout_inference", lambda k: k.Dropout(0.5), (6,)),
    case("noise_inference", lambda k: k.GaussianNoise(0.5), (6,)),
    case("batch_normalization_inference", lambda k: k.BatchNormalization(), (4, 3)),
    case("batch_normalization", lambda k: k.BatchNormalization(), (4,), batch=6, training=True),
    case("batch_normalization_image",
         lambda k: k.BatchNormalization(momentum=0.8, epsilon=1e-4), (3, 4, 2), training=True),
    case("batch_normalization_plain",
         lambda k: k.BatchNormalization(center=False, scale=False), (3, 4), training=True),
    case("layer_normalization", lambda k: k.LayerNormalization(), (3, 4)),
    case("layer_normalization_plain",
         lambda k: k.LayerNormalization(center=False, scale=False, epsilon=1e-5), (5,)),
    *(
        case(name.lower(), lambda k, name=name: getattr(k, name)(), (3, 2), (3, 2), (3, 2),
             call=together)
        for name in ("Add", "Multiply", "Average", "Maximum", "Minimum")
    ),
    case("subtract", lambda k: k.Subtract(), (3, 2), (3, 2), call=together),
    case("concatenate", lambda k: k.Concatenate(), (3, 2), (3, 4), call=together),
    case("concatenate_axis", lambda k: k.Concatenate(axis=1), (3, 2), (1, 2), call=together),
    case("embedding", lambda k: k.Embedding(7, 3), (5,), batch=3, below=7),
    case("simple_rnn", lambda k: k.SimpleRNN(3), SEQUENCE),
    case("simple_rnn_relu", lambda k: k.SimpleRNN(3, "relu", return_sequences=True), SEQUENCE),
    case("simple_rnn_backwards",
         lambda k: k.SimpleRNN(3, go_backwards=True, return_sequences=True, return_state=True),
         SEQUENCE),
    case("simple_rnn_no_bias", lambda k: k.SimpleRNN(3, use_bias=False), SEQUENCE),
    case("simple_rnn_states", lambda k: k.SimpleRNN(2, return_state=True), SEQUENCE, (2,),
         call=with_states),
    case("simple_rnn_softmax", lambda k: k.SimpleRNN(3, "softmax"), SEQUENCE),
    case("lstm", lambda k: k.LSTM(3), SEQUENCE),
    case("lstm_sequences", lambda k: k.LSTM(3, return_sequences=True), SEQUENCE),
    case("lstm_relu", lambda k: k.LSTM(3, activation="relu", return_state=True), SEQUENCE),
    case("lstm_other_gates",
         lambda k: k.LSTM(3, activation="softsign", recurrent_activation="tanh",
                          return_sequences=True), SEQUENCE),
    case("lstm_no_bias", lambda k: k.LSTM(3, use_bias=False), SEQUENCE),
    case("lstm_backwards",
         lambda k: k.LSTM(3, return_sequences=True, return_state=True, go_backwards=True),
         SEQUENCE),
    case("lstm_states", lambda k: k.LSTM(2, return_sequences=True, return_state=True), SEQUENCE,
         (2,), (2,), call=with_states),
    case("gru", lambda k: k.GRU(3), SEQUENCE),
    case("gru_sequences", lambda k: k.GRU(3, return_sequences=True, return_state=True), SEQUENCE),
    case("gru_reset_before", lambda k: k.GRU(3, reset_after=False), SEQUENCE),
    case("gru_reset_before_sequences",
         lambda k: k.GRU(3, activation="elu", reset_after=False, return_sequences=True,
                         go_backwards=True), SEQUENCE),
    case("gru_no_bias", lambda k: k.GRU(3, use_bias=False), SEQUENCE),
    case("gru_reset_before_no_bias",
         lambda k: k.GRU(3, use_bias=False, reset_after=False), SEQUENCE),
    case("gru_states", lambda k: k.GRU(2, return_sequences=True), SEQUENCE, (2,),
         call=with_states),
    *(
        case(f"bidirectional_{mode}_{kind.lower()}",
             lambda k, mode=mode, kind=kind: k.Bidirectional(
                 getattr(k, kind)(2, return_sequences=True), merge_mode=mode), SEQUENCE)
        for mode, kind in (
            ("concat", "LSTM"), ("sum", "GRU"), ("mul", "SimpleRNN"), ("ave", "LSTM"),
            (None, "GRU"),
        )
    ),
    case("bidirectional_last", lambda k: k.Bidirectional(k.LSTM(2)), SEQUENCE),
    case("bidirectional_mul_last",
         lambda k: k.Bidirectional(k.SimpleRNN(2), merge_mode="mul"), SEQUENCE),
    case("bidirectional_state",
         lambda k: k.Bidirectional(k.LSTM(2, return_sequences=True, return_state=True)), SEQUENCE),
    case("bidirectional_none_state",
         lambda k: k.Bidirectional(k.GRU(2, return_state=True), merge_mode=None), SEQUENCE),
    case("bidirectional_states", lambda k: k.Bidirectional(k.GRU(2)), SEQUENCE, (2,), (2,),
         call=with_states),
    case("time_distributed_dense",
         lambda k: k.TimeDistributed(k.Dense(2, activation="relu")), SEQUENCE),
    case("time_distributed_conv", lambda k: k.TimeDistributed(k.Conv2D(2, 2)), (2, 4, 4, 2)),
    case("attention", lambda k: k.MultiHeadAttention(2, 3), (4, 5), (3, 5), call=one_by_one),
    case("attention_key", lambda k: k.MultiHeadAttention(2, 3, value_dim=4, output_shape=3),
         (4, 5), (3, 2), (3, 6), call=one_by_one),
    case("attention_no_bias", lambda k: k.MultiHeadAttention(2, 3, use_bias=False), (4, 5), (4, 5),
         call=one_by_one),
    case("attention_causal", lambda k: k.MultiHeadAttention(2, 3), (4, 5), (4, 5),
         call=lambda layer, inputs: layer(*inputs, use_causal_mask=True)),
    case("attention_scores", lambda k: k.MultiHeadAttention(2, 3), (4, 5), (3, 5),
         call=lambda layer, inputs: layer(*inputs, return_attention_scores=True)),
]  # fmt: skip


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


STEPS = 20


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
    MetricCase("precision", lambda k: k.Precision(), "binary", "probabilities"),
    MetricCase("recall", lambda k: k.Recall(), "binary", "probabilities"),
    MetricCase("precision_threshold", lambda k: k.Precision(thresholds=0.7), "binary",
               "probabilities"),
]  # fmt: skip


@dataclass(frozen=True)
class CurveCase:
    """Twenty steps of training from given weights, on four batches in turn."""

    name: str
    layers: Callable[[Any], list[Any]]
    input_shape: tuple[int, ...]
    loss: str
    targets: str  # "numbers", "binary", "one_hot", "classes"
    outputs: int
    batch: int = 8
    optimizer: Callable[[Any], Any] = lambda k: k.Adam(0.01)
    below: int | None = None
    metrics: tuple[str, ...] = ()

    def batches(self) -> list[tuple[Any, Any]]:
        shape = (self.batch, *self.input_shape)
        return [
            (
                numbers(f"{self.name}/x/{n}", shape)
                if self.below is None
                else whole_numbers(f"{self.name}/x/{n}", shape, self.below),
                self._targets(f"{self.name}/y/{n}"),
            )
            for n in range(4)
        ]

    def _targets(self, seed: str) -> Any:
        if self.targets == "numbers":
            return numbers(seed, (self.batch, self.outputs))
        if self.targets == "binary":
            return whole_numbers(seed, (self.batch, self.outputs), 2).astype(np.float64)
        classes = whole_numbers(seed, (self.batch,), self.outputs)
        return np.eye(self.outputs)[classes] if self.targets == "one_hot" else classes


MSE, SPARSE = "mean_squared_error", "sparse_categorical_crossentropy"

COURSE = [
    CurveCase("course_lstm_relu",
              lambda k: [k.LSTM(50, activation="relu"), k.Dense(1)],
              (10, 1), MSE, "numbers", 1, optimizer=lambda k: k.Adam()),
    CurveCase("course_cnn64",
              lambda k: [k.Conv2D(32, (3, 3), activation="relu"), k.MaxPooling2D((2, 2)),
                         k.Conv2D(64, (3, 3), activation="relu"), k.MaxPooling2D((2, 2)),
                         k.Flatten(), k.Dense(128, activation="relu"),
                         k.Dense(10, activation="softmax")],
              (64, 64, 3), SPARSE, "classes", 10, batch=2, optimizer=lambda k: k.Adam(),
              metrics=("accuracy",)),
    CurveCase("course_simple_rnn",
              lambda k: [k.SimpleRNN(32, activation="tanh"), k.Dense(1, activation="sigmoid")],
              (10, 8), "binary_crossentropy", "binary", 1, batch=16, optimizer=lambda k: k.Adam(),
              metrics=("accuracy",)),
    CurveCase("course_cnn28",
              lambda k: [k.Conv2D(32, (3, 3), activation="relu"), k.MaxPooling2D((2, 2)),
                         k.Flatten(), k.Dense(128, activation="relu"),
                         k.Dense(10, activation="softmax")],
              (28, 28, 1), "categorical_crossentropy", "one_hot", 10, batch=4,
              optimizer=lambda k: k.Adam(), metrics=("accuracy",)),
    CurveCase("course_lstm",
              lambda k: [k.LSTM(128), k.Dense(1, activation="sigmoid")],
              (10, 1), "binary_crossentropy", "binary", 1, optimizer=lambda k: k.Adam(),
              metrics=("accuracy",)),
    CurveCase("course_cnn128",
              lambda k: [k.Conv2D(16, (2, 2), activation="relu"),
                         k.MaxPooling2D(pool_size=(2, 2), strides=2),
                         k.Conv2D(32, (2, 2), activation="relu"), k.MaxPooling2D((2, 2)),
                         k.Flatten(), k.Dense(100, activation="relu"),
                         k.Dense(5, activation="softmax")],
              (128, 128, 3), SPARSE, "classes", 5, batch=1, optimizer=lambda k: k.Adam()),
]  # fmt: skip


def vgg16(k: Any) -> list[Any]:
    """VGG16 without its top, and the course's own top."""
    layers = []
    for filters, count in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        layers += [
            k.Conv2D(filters, 3, padding="same", activation="relu", trainable=False)
            for _ in range(count)
        ]
        layers.append(k.MaxPooling2D(2))
    top = [k.Dense(1024, activation="relu"), k.Dense(256, activation="relu")]
    return [*layers, k.Flatten(), *top, k.Dense(10, activation="softmax")]


def _small(k: Any) -> list[Any]:
    return [k.Dense(8, activation="tanh"), k.Dense(3, activation="softmax")]


CURVES = [
    *COURSE,
    *(
        CurveCase(f"optimizer_{name}", _small, (4,), "categorical_crossentropy", "one_hot", 3,
                  optimizer=make)
        for name, make in (
            ("sgd", lambda k: k.SGD(0.1)),
            ("momentum", lambda k: k.SGD(0.1, momentum=0.9)),
            ("nesterov", lambda k: k.SGD(0.1, momentum=0.9, nesterov=True)),
            ("rmsprop", lambda k: k.RMSprop(0.01)),
            ("adagrad", lambda k: k.Adagrad(0.1)),
            ("adam", lambda k: k.Adam(0.01)),
            ("adamw", lambda k: k.AdamW(0.01, weight_decay=0.05)),
            ("nadam", lambda k: k.Nadam(0.01)),
            ("clipnorm", lambda k: k.SGD(0.5, clipnorm=0.1)),
            ("global_clipnorm", lambda k: k.SGD(0.5, global_clipnorm=0.1)),
            ("clipvalue", lambda k: k.SGD(0.5, clipvalue=0.02)),
        )
    ),
    *(
        CurveCase(f"loss_{loss}", lambda k, last=last: [k.Dense(6, "tanh"), k.Dense(3, last)],
                  (4,), loss, targets, 3)
        for loss, last, targets in (
            ("mean_squared_error", None, "numbers"),
            ("mean_absolute_error", None, "numbers"),
            ("huber", None, "numbers"),
            ("hinge", "tanh", "binary"),
            ("kl_divergence", "softmax", "one_hot"),
            ("binary_crossentropy", "sigmoid", "binary"),
            (SPARSE, "softmax", "classes"),
        )
    ),
    *(
        CurveCase(f"activation_curve_{name}",
                  lambda k, name=name: [k.Dense(8, activation=name), k.Dense(2)], (4,), MSE,
                  "numbers", 2)
        for name in ACTIVATIONS
    ),
    *(
        CurveCase(f"curve_{name}", layers, shape, loss, targets, outputs, **more)
        for name, layers, shape, loss, targets, outputs, more in (
            ("conv1d",
             lambda k: [k.Conv1D(4, 3, padding="causal", activation="relu"), k.MaxPooling1D(2),
                        k.Conv1D(3, 2), k.GlobalAveragePooling1D(), k.Dense(2)],
             (9, 3), MSE, "numbers", 2, {}),
            ("depthwise",
             lambda k: [k.DepthwiseConv2D(3, padding="same"), k.LeakyReLU(),
                        k.AveragePooling2D(2), k.Flatten(), k.Dense(3, activation="softmax")],
             (6, 6, 2), SPARSE, "classes", 3, {}),
            ("transpose",
             lambda k: [k.Conv2D(3, 3, strides=2, padding="same", activation="relu"),
                        k.Conv2DTranspose(2, 3, strides=2, padding="same", activation="elu"),
                        k.GlobalMaxPooling2D(), k.Dense(2)],
             (6, 6, 1), MSE, "numbers", 2, {}),
            ("up_sampling",
             lambda k: [k.ZeroPadding2D(1), k.Conv2D(2, 3, activation="softplus"),
                        k.UpSampling2D(2), k.AveragePooling2D(3, padding="same"),
                        k.Reshape((-1, 2)), k.GlobalMaxPooling1D(), k.Dense(2)],
             (5, 5, 1), MSE, "numbers", 2, {}),
            ("batch_normalization",
             lambda k: [k.Conv2D(3, 2), k.BatchNormalization(), k.ReLU(), k.Flatten(),
                        k.Dense(2), k.BatchNormalization()],
             # Not Adam: the slope of a bias before a normalization is 0 but for rounding, and Adam
             # would make full steps of it.
             (4, 4, 2), MSE, "numbers", 2, {"optimizer": lambda k: k.SGD(0.05, momentum=0.9)}),
            ("layer_normalization",
             lambda k: [k.Dense(6), k.LayerNormalization(), k.Activation("gelu"), k.Dense(2)],
             (4,), MSE, "numbers", 2, {}),
            ("embedding",
             lambda k: [k.Embedding(11, 4), k.GRU(5), k.Dense(1, activation="sigmoid")],
             (6,), "binary_crossentropy", "binary", 1, {"below": 11}),
            ("simple_rnn", lambda k: [k.SimpleRNN(5, return_sequences=True), k.SimpleRNN(4),
                                      k.Dense(2)], (6, 3), MSE, "numbers", 2, {}),
            ("lstm", lambda k: [k.LSTM(5, return_sequences=True), k.LSTM(4), k.Dense(2)],
             (6, 3), MSE, "numbers", 2, {}),
            ("gru", lambda k: [k.GRU(5, return_sequences=True), k.GRU(4, reset_after=False),
                               k.Dense(2)], (6, 3), MSE, "numbers", 2, {}),
            ("bidirectional",
             lambda k: [k.Bidirectional(k.LSTM(3, return_sequences=True)),
                        k.Bidirectional(k.GRU(3), merge_mode="sum"), k.Dense(2)],
             (6, 3), MSE, "numbers", 2, {}),
            ("encoder_decoder",
             lambda k: [k.LSTM(5), k.RepeatVector(3), k.LSTM(4, return_sequences=True),
                        k.TimeDistributed(k.Dense(2)), k.Flatten()],
             (6, 3), MSE, "numbers", 6, {}),
            ("regularized",
             lambda k: [k.Dense(6, activation="relu", kernel_regularizer="l2",
                                bias_regularizer="l1"), k.Dense(2, kernel_regularizer="L1L2")],
             (4,), MSE, "numbers", 2, {}),
            ("regularized_wrappers",
             lambda k: [k.Bidirectional(k.LSTM(3, return_sequences=True, kernel_regularizer="l2",
                                               recurrent_regularizer="l1",
                                               activity_regularizer="l2")),
                        k.TimeDistributed(k.Dense(2, bias_regularizer="l2")), k.GRU(2)],
             (5, 3), MSE, "numbers", 2, {}),
            # Not SimpleRNN's: Keras 3.15 loses the regularizer on the way to the layer.
            ("regularized_activity",
             lambda k: [k.Dense(6, activation="relu", activity_regularizer="l2"),
                        k.Dense(2, activity_regularizer="l1")],
             (4,), MSE, "numbers", 2, {}),
            ("regularized_embedding",
             lambda k: [k.Embedding(7, 3, embeddings_regularizer="l2"),
                        k.GRU(3, activity_regularizer="l2"), k.Dense(2)],
             (5,), MSE, "numbers", 2, {"below": 7}),
        )
    ),
]  # fmt: skip
