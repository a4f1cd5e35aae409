"""What is compared with Keras: every case builds the same thing from Keras's names and from ours.

A case's `make` takes a module of layers (or losses, optimizers, metrics): `keras.layers` when the
values are made, `simulator.engine.layers` when they are compared. Numbers are drawn from the case's
name, so that both sides see the same ones and only results need to be kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.golden.draws import ACTIVATIONS, numbers, whole_numbers


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
    case("conv1d_groups", lambda k: k.Conv1D(4, 2, groups=2, activation="tanh"), (5, 6)),
    case("conv2d_groups", lambda k: k.Conv2D(6, (2, 3), groups=3, padding="same"), (4, 5, 3)),
    case("conv2d_groups_no_bias",
         lambda k: k.Conv2D(4, 3, strides=2, groups=2, use_bias=False), (5, 6, 4)),
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
    # PyTorch's own, which has whole windows alone; see LpPooling2D in make_golden.py.
    case("lp_pooling2d", lambda k: k.LpPooling2D(2), (5, 4, 2)),
    case("lp_pooling2d_order", lambda k: k.LpPooling2D((2, 3), strides=(1, 2), order=3),
         (4, 7, 2), low=0.1),
    case("global_max1d", lambda k: k.GlobalMaxPooling1D(), (5, 3)),
    case("global_average1d", lambda k: k.GlobalAveragePooling1D(), (5, 3)),
    case("global_max2d", lambda k: k.GlobalMaxPooling2D(), (3, 4, 3)),
    case("global_average2d", lambda k: k.GlobalAveragePooling2D(), (3, 4, 3)),
    case("global_keepdims", lambda k: k.GlobalAveragePooling2D(keepdims=True), (3, 4, 3)),
    case("flatten", lambda k: k.Flatten(), (2, 3, 2)),
    case("reshape", lambda k: k.Reshape((3, -1)), (2, 3, 2)),
    # Numbers so few that some of them are 0.
    case("masking", lambda k: k.Masking(), (6, 1), batch=4, high=5 / 2**14, low=0),
    case("masking_value", lambda k: k.Masking(mask_value=2 / 2**14), (6, 1), batch=4,
         high=5 / 2**14, low=0),
    case("permute", lambda k: k.Permute((3, 1, 2)), (2, 3, 4)),
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
