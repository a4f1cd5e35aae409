"""Which classes and methods have Keras's arguments, and how a signature is written down."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

CLASSES = {
    "layers": [
        "Dense", "Conv1D", "Conv2D", "DepthwiseConv2D", "Conv2DTranspose", "MaxPooling1D",
        "MaxPooling2D", "AveragePooling1D", "AveragePooling2D", "GlobalMaxPooling1D",
        "GlobalMaxPooling2D", "GlobalAveragePooling1D", "GlobalAveragePooling2D", "Flatten",
        "Reshape", "ZeroPadding2D", "UpSampling2D", "Activation", "ReLU", "LeakyReLU", "Softmax",
        "Dropout", "BatchNormalization", "LayerNormalization", "GaussianNoise", "Embedding",
        "SimpleRNN", "LSTM", "GRU", "Bidirectional", "RepeatVector", "TimeDistributed", "Add",
        "Multiply", "Concatenate", "Average", "Subtract", "Maximum", "Minimum", "Permute",
        "MultiHeadAttention", "MaxPool1D", "MaxPool2D", "AvgPool1D", "AvgPool2D",
        "GlobalMaxPool1D", "GlobalMaxPool2D", "GlobalAvgPool1D", "GlobalAvgPool2D",
        "Convolution1D", "Convolution2D", "Convolution2DTranspose",
    ],
    "losses": [
        "MeanSquaredError", "MeanAbsoluteError", "Huber", "BinaryCrossentropy",
        "CategoricalCrossentropy", "SparseCategoricalCrossentropy", "KLDivergence", "Hinge",
    ],
    "metrics": [
        "Accuracy", "BinaryAccuracy", "CategoricalAccuracy", "SparseCategoricalAccuracy",
        "TopKCategoricalAccuracy", "SparseTopKCategoricalAccuracy", "MeanAbsoluteError",
        "MeanSquaredError", "RootMeanSquaredError", "Precision", "Recall", "Mean",
        "BinaryCrossentropy", "CategoricalCrossentropy", "SparseCategoricalCrossentropy",
        "KLDivergence", "Hinge",
    ],
    "optimizers": ["SGD", "RMSprop", "Adagrad", "Adam", "AdamW", "Nadam"],
    "optimizers.schedules": [
        "ExponentialDecay", "InverseTimeDecay", "PiecewiseConstantDecay", "PolynomialDecay",
        "CosineDecay", "CosineDecayRestarts",
    ],
    "initializers": [
        "Zeros", "Ones", "Constant", "RandomNormal", "RandomUniform", "TruncatedNormal",
        "VarianceScaling", "GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal",
        "LecunUniform", "LecunNormal", "Orthogonal", "Identity", "zeros", "ones", "constant",
        "random_normal", "random_uniform", "truncated_normal", "variance_scaling",
        "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform",
        "lecun_normal", "orthogonal", "identity",
    ],
    "regularizers": ["L1", "L2", "L1L2", "l1", "l2", "l1_l2"],
    "callbacks": ["EarlyStopping", "ReduceLROnPlateau", "LearningRateScheduler"],
}  # fmt: skip
METHODS = ("compile", "fit", "evaluate", "predict", "train_on_batch", "summary", "get_layer")


def described(parameters: Iterable[inspect.Parameter]) -> list[list[Any]]:
    """Name and default of each argument; "needed" where there is no default."""
    plain = (str, int, float, bool, type(None), list, tuple)
    return [
        [
            each.name,
            "needed"
            if each.default is each.empty
            else each.default
            if isinstance(each.default, plain)
            else "an object",
        ]
        for each in parameters
        if each.kind not in (each.VAR_KEYWORD, each.VAR_POSITIONAL)
    ]
