"""Training that is compared with Keras's, step by step; see `layer_cases`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.golden.draws import ACTIVATIONS, numbers, whole_numbers


@dataclass(frozen=True)
class CurveCase:
    """Twenty steps of training from given weights, on four batches in turn."""

    name: str
    layers: Callable[[Any], Any]
    """A list of layers that follow each other; or a function from the input to the output."""
    input_shape: tuple[int, ...]
    loss: str
    targets: str  # "numbers", "binary", "one_hot", "classes"
    outputs: int
    batch: int = 8
    optimizer: Callable[[Any], Any] = lambda k: k.Adam(0.01)
    below: int | None = None
    metrics: tuple[str, ...] = ()

    def network(self, library: Any, layers: Any, given: Any) -> Any:
        """The model by either library, from its module of layers and an Input."""
        made = self.layers(layers)
        if callable(made):
            return library.Model(given, made(given))
        return library.Sequential([given, *made])

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


def _merged(k: Any, kind: str) -> Callable[[Any], Any]:
    """Two branches that become one; subtraction takes no more than two anyway."""

    def connect(x: Any) -> Any:
        parts = [k.Dense(5, "tanh")(x), k.Dense(5, "softplus")(x)]
        return k.Dense(2)(getattr(k, kind)()(parts))

    return connect


def _attentive(k: Any) -> Callable[[Any], Any]:
    def connect(x: Any) -> Any:
        seen = k.LayerNormalization()(k.Add()([x, k.MultiHeadAttention(2, 3)(x, x)]))
        return k.Dense(2)(k.GlobalAveragePooling1D()(k.Permute((2, 1))(seen)))

    return connect


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
        CurveCase(f"merged_{kind.lower()}", lambda k, kind=kind: _merged(k, kind), (4,), MSE,
                  "numbers", 2)
        for kind in (
            "Add", "Average", "Concatenate", "Maximum", "Minimum", "Multiply", "Subtract",
        )
    ),
    # Not Adam: the slope of the keys' bias is 0 but for rounding, and Adam would make full steps
    # of it.
    CurveCase("attention", _attentive, (5, 4), MSE, "numbers", 2,
              optimizer=lambda k: k.SGD(0.05, momentum=0.9)),
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
            ("groups",
             lambda k: [k.Conv2D(4, 3, groups=2, activation="tanh"), k.Conv2D(6, 2, groups=2),
                        k.GlobalAveragePooling2D(), k.Dense(3), k.Softmax()],
             (6, 6, 2), SPARSE, "classes", 3, {}),
            ("sequence_pooling",
             lambda k: [k.Conv1D(4, 2, activation="tanh"), k.AveragePooling1D(2),
                        k.GlobalMaxPooling1D(), k.Dense(2)],
             (8, 3), MSE, "numbers", 2, {}),
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
            # Of three values none is left after ReLU at every eighth step.
            ("masking",
             lambda k: [k.ReLU(), k.Masking(), k.LSTM(5, return_sequences=True), k.GRU(4),
                        k.Dense(2)],
             (6, 3), MSE, "numbers", 2, {}),
            ("masked_words",
             lambda k: [k.Embedding(4, 3, mask_zero=True),
                        k.Bidirectional(k.LSTM(3, return_sequences=True)), k.LayerNormalization(),
                        k.SimpleRNN(4, go_backwards=True, return_sequences=True),
                        k.GRU(3, reset_after=False), k.Dense(1, activation="sigmoid")],
             (6,), "binary_crossentropy", "binary", 1, {"below": 4}),
            ("masked_mean",
             # So that no text is empty, of which the mean is NaN in Keras.
             lambda k: [k.Embedding(4, 3, mask_zero=True), k.Dense(4, activation="tanh"),
                        k.GlobalAveragePooling1D(), k.Dense(1, activation="sigmoid")],
             (9,), "binary_crossentropy", "binary", 1, {"below": 4}),
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
