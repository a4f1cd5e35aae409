"""The layers, by the names that Keras gives them."""

from __future__ import annotations

from typing import Any

from simulator.engine.layers.activation import Activation, LeakyReLU, ReLU, Softmax
from simulator.engine.layers.attention import MultiHeadAttention
from simulator.engine.layers.base import Context, Layer, ShapeError
from simulator.engine.layers.convolution import Conv1D, Conv2D, Conv2DTranspose, DepthwiseConv2D
from simulator.engine.layers.dense import Dense
from simulator.engine.layers.embedding import Embedding
from simulator.engine.layers.inputs import Input, InputLayer
from simulator.engine.layers.masking import Masking
from simulator.engine.layers.merging import (
    Add,
    Average,
    Concatenate,
    Maximum,
    Minimum,
    Multiply,
    Subtract,
)
from simulator.engine.layers.normalization import BatchNormalization, LayerNormalization
from simulator.engine.layers.pooling import (
    AveragePooling1D,
    AveragePooling2D,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    LpPooling2D,
    MaxPooling1D,
    MaxPooling2D,
    StochasticPooling2D,
)
from simulator.engine.layers.recurrent_cells import GRU, LSTM, SimpleRNN
from simulator.engine.layers.regularizing import Dropout, GaussianNoise
from simulator.engine.layers.shaping import (
    Flatten,
    Permute,
    RepeatVector,
    Reshape,
    UpSampling2D,
    ZeroPadding2D,
)
from simulator.engine.layers.tensors import Tensor
from simulator.engine.layers.wrappers import Bidirectional, TimeDistributed

Convolution1D = Conv1D
Convolution2D = Conv2D
Convolution2DTranspose = Conv2DTranspose
MaxPool1D = MaxPooling1D
MaxPool2D = MaxPooling2D
AvgPool1D = AveragePooling1D
AvgPool2D = AveragePooling2D
GlobalMaxPool1D = GlobalMaxPooling1D
GlobalMaxPool2D = GlobalMaxPooling2D
GlobalAvgPool1D = GlobalAveragePooling1D
GlobalAvgPool2D = GlobalAveragePooling2D


def add(inputs: list[Tensor], **options: Any) -> Any:
    """`Add()(inputs)`."""
    return Add(**options)(inputs)


def subtract(inputs: list[Tensor], **options: Any) -> Any:
    """`Subtract()(inputs)`."""
    return Subtract(**options)(inputs)


def multiply(inputs: list[Tensor], **options: Any) -> Any:
    """`Multiply()(inputs)`."""
    return Multiply(**options)(inputs)


def average(inputs: list[Tensor], **options: Any) -> Any:
    """`Average()(inputs)`."""
    return Average(**options)(inputs)


def maximum(inputs: list[Tensor], **options: Any) -> Any:
    """`Maximum()(inputs)`."""
    return Maximum(**options)(inputs)


def minimum(inputs: list[Tensor], **options: Any) -> Any:
    """`Minimum()(inputs)`."""
    return Minimum(**options)(inputs)


def concatenate(inputs: list[Tensor], axis: int = -1, **options: Any) -> Any:
    """`Concatenate(axis)(inputs)`."""
    return Concatenate(axis, **options)(inputs)


__all__ = [
    "GRU",
    "LSTM",
    "Activation",
    "Add",
    "Average",
    "AveragePooling1D",
    "AveragePooling2D",
    "AvgPool1D",
    "AvgPool2D",
    "BatchNormalization",
    "Bidirectional",
    "Concatenate",
    "Context",
    "Conv1D",
    "Conv2D",
    "Conv2DTranspose",
    "Convolution1D",
    "Convolution2D",
    "Convolution2DTranspose",
    "Dense",
    "DepthwiseConv2D",
    "Dropout",
    "Embedding",
    "Flatten",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAvgPool1D",
    "GlobalAvgPool2D",
    "GlobalMaxPool1D",
    "GlobalMaxPool2D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "Input",
    "InputLayer",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "LpPooling2D",
    "Masking",
    "MaxPool1D",
    "MaxPool2D",
    "MaxPooling1D",
    "MaxPooling2D",
    "Maximum",
    "Minimum",
    "MultiHeadAttention",
    "Multiply",
    "Permute",
    "ReLU",
    "RepeatVector",
    "Reshape",
    "ShapeError",
    "SimpleRNN",
    "Softmax",
    "StochasticPooling2D",
    "Subtract",
    "Tensor",
    "TimeDistributed",
    "UpSampling2D",
    "ZeroPadding2D",
    "add",
    "average",
    "concatenate",
    "maximum",
    "minimum",
    "multiply",
    "subtract",
]
