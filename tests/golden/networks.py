"""Whole networks, trained for a few epochs: the same program for Keras and for the engine.

`library` is either module: `Sequential`, `Model`, `Input`, `layers`, `optimizers` and
`regularizers` are all that is used of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

NAMES = ("pictures", "branches", "autoencoder", "sequence", "attention", "words")


def train(library: Any, name: str, dtype: str) -> dict[str, Any]:
    """The history, the evaluation, the predictions and the weights after three epochs."""
    model = {
        "pictures": _pictures,
        "branches": _branches,
        "autoencoder": _autoencoder,
        "sequence": _sequence,
        "attention": _attention,
        "words": _words,
    }[name](library, dtype)
    rng = np.random.default_rng(5)
    shapes = [np.shape(weight) for weight in model.get_weights()]
    model.set_weights([0.3 * np.abs(rng.normal(size=s)) * rng.choice([-1, 1], s) for s in shapes])
    # Moving variances cannot be negative.
    for layer in model.layers:
        if "batch_normalization" in layer.name:
            *rest, variance = layer.get_weights()
            layer.set_weights([*rest, np.abs(variance)])
    x, y, compiled, fitted = _task(library, model, name, dtype)
    model.compile(**compiled)
    history = model.fit(x, y, epochs=3, batch_size=16, shuffle=False, verbose=0, **fitted)
    found = {f"history/{key}": np.array(values) for key, values in history.history.items()}
    found["evaluation"] = np.atleast_1d(np.array(model.evaluate(x, y, verbose=0)))
    predictions = model.predict(x, verbose=0)
    predictions = predictions if isinstance(predictions, list | tuple) else [predictions]
    for index, values in enumerate(predictions):
        found[f"prediction/{index}"] = np.asarray(values)
    for index, weight in enumerate(model.get_weights()):
        found[f"weight/{index:02d}"] = np.asarray(weight)
    return found


def _task(library: Any, model: Any, name: str, dtype: str) -> Any:
    rng = np.random.default_rng(1)
    count = 40
    # Keras keeps data, learning rates and sample weights in float32 even where layers are float64:
    # all are numbers that float32 holds exactly.
    x = rng.normal(size=(count, *model.inputs[0].shape[1:])).astype("float32").astype(dtype)
    if name == "pictures":
        y: Any = rng.integers(0, 5, count)
        optimizer = library.optimizers.SGD(1 / 16, momentum=0.75, nesterov=True)
        loss = "sparse_categorical_crossentropy"
        compiled = {"optimizer": optimizer, "loss": loss, "metrics": ["accuracy"]}
        return x, y, compiled, {"class_weight": {0: 2.0, 1: 0.5}, "validation_split": 0.25}
    if name == "branches":
        kinds = np.eye(3)[rng.integers(0, 3, count)]
        compiled = {
            "optimizer": library.optimizers.Adam(1 / 64, global_clipnorm=1.0),
            "loss": ["mse", "categorical_crossentropy"],
            "loss_weights": [0.5, 2],
            "metrics": [["mae"], ["accuracy"]],
        }
        weights = [np.arange(count) / 32, 2 - np.arange(count) / 64]
        return (
            x,
            [rng.normal(size=(count, 1)).astype("float32"), kinds],
            compiled,
            {"sample_weight": weights},
        )
    if name == "words":  # a class for each word; 0 is filling
        x = rng.integers(0, 5, (count, 6))
        x[:, 4] = 0
        x[3] = 0
        compiled = {
            "optimizer": library.optimizers.Adam(1 / 64),
            "loss": "sparse_categorical_crossentropy",
            "metrics": ["accuracy"],
            "weighted_metrics": ["sparse_categorical_crossentropy"],
        }
        return x, rng.integers(0, 3, (count, 6)), compiled, {}
    if name == "attention":
        y = rng.normal(size=(count, 2)).astype("float32").astype(dtype)
        # Not Adam: the slope of the keys' bias is 0 but for rounding, and Adam would make full
        # steps of it.
        compiled = {"optimizer": library.optimizers.SGD(1 / 16, momentum=0.75), "loss": "huber"}
        return x, y, compiled, {}
    if name == "autoencoder":
        return (
            x,
            x,
            {"optimizer": library.optimizers.Adam(1 / 1024), "loss": "mse"},
            {"validation_split": 0.25},
        )
    compiled = {
        "optimizer": library.optimizers.RMSprop(1 / 1024),
        "loss": "binary_crossentropy",
        "metrics": ["accuracy"],
    }
    return x, rng.integers(0, 2, count), compiled, {"class_weight": {0: 2.0, 1: 0.5},
                                                    "validation_split": 0.25}  # fmt: skip


def _pictures(library: Any, dtype: str) -> Any:
    layers, own = library.layers, {"dtype": dtype}
    l2 = library.regularizers.L2(0.01)
    stack = [
        layers.Conv2D(4, 3, activation="relu", padding="same", kernel_regularizer=l2, **own),
        layers.BatchNormalization(**own),
        layers.MaxPooling2D(**own),
        layers.DepthwiseConv2D(2, depth_multiplier=2, **own),
        layers.Conv2DTranspose(3, 3, strides=2, padding="same", **own),
        layers.AveragePooling2D(2, padding="same", **own),
        layers.ZeroPadding2D(1, **own),
        layers.UpSampling2D(2, **own),
        layers.LeakyReLU(**own),
        layers.Flatten(**own),
        layers.Dense(5, activation="softmax", **own),
    ]
    return library.Sequential([library.Input((8, 8, 3), dtype=dtype), *stack])


def _branches(library: Any, dtype: str) -> Any:
    layers, own = library.layers, {"dtype": dtype}
    given = library.Input((6,), dtype=dtype)
    shared = layers.Dense(6, activation="tanh", **own)
    once = shared(given)
    joined = layers.Concatenate(**own)([once, shared(once), given])
    linked = layers.Add(**own)([layers.Dense(18, **own)(joined), joined])
    normal = layers.LayerNormalization(**own)(linked)
    number = layers.Dense(1, name="number", **own)(normal)
    squared = layers.Multiply(**own)([normal, normal])
    kind = layers.Dense(3, activation="softmax", name="kind", **own)(squared)
    return library.Model(given, [number, kind])


def _autoencoder(library: Any, dtype: str) -> Any:
    layers, own = library.layers, {"dtype": dtype}
    given = library.Input((5,), dtype=dtype)
    sparse = library.regularizers.L1(0.01)
    hidden = layers.Dense(2, activation="relu", activity_regularizer=sparse, **own)(given)
    encoder = library.Model(given, hidden)
    decoder = library.Sequential(
        [library.Input((2,), dtype=dtype), layers.Dense(5, activation="sigmoid", **own)]
    )
    picture = library.Input((5,), dtype=dtype)
    return library.Model(picture, decoder(encoder(picture)))


def _attention(library: Any, dtype: str) -> Any:
    """Attention with a residual link, and every way of merging."""
    layers, own = library.layers, {"dtype": dtype}
    given = library.Input((5, 4), dtype=dtype)
    seen = layers.MultiHeadAttention(2, 3, **own)(given, given)
    linked = layers.LayerNormalization(**own)(layers.Add(**own)([given, seen]))
    turned = layers.Permute((2, 1), **own)(layers.Dense(5, activation="gelu", **own)(linked))
    parts = [
        layers.GlobalAveragePooling1D(**own)(turned),
        layers.GlobalMaxPooling1D(**own)(turned),
        layers.SimpleRNN(5, **own)(linked),
    ]
    merged = [
        layers.Average(**own)(parts),
        layers.Maximum(**own)(parts),
        layers.Minimum(**own)(parts),
        layers.Multiply(**own)(parts[:2]),
        layers.Subtract(**own)(parts[1:]),
    ]
    return library.Model(given, layers.Dense(2, **own)(layers.Concatenate(**own)(merged)))


def _words(library: Any, dtype: str) -> Any:
    """A mask that goes through recurrent layers to the loss of every word."""
    layers, own = library.layers, {"dtype": dtype}
    stack = [
        layers.Embedding(5, 3, mask_zero=True, **own),
        layers.Bidirectional(layers.GRU(3, return_sequences=True, **own), **own),
        layers.Dropout(0.0, **own),
        layers.LSTM(4, return_sequences=True, **own),
        layers.SimpleRNN(4, return_sequences=True, go_backwards=True, **own),
        layers.TimeDistributed(layers.Dense(3, activation="softmax", **own), **own),
    ]
    return library.Sequential([library.Input((6,)), *stack])


def _sequence(library: Any, dtype: str) -> Any:
    layers, own = library.layers, {"dtype": dtype}
    stack = [
        layers.Conv1D(4, 3, padding="causal", dilation_rate=2, activation="relu", **own),
        layers.MaxPooling1D(2, **own),
        layers.Bidirectional(layers.LSTM(3, return_sequences=True, **own), **own),
        layers.GRU(4, **own),
        layers.RepeatVector(3, **own),
        layers.TimeDistributed(layers.Dense(2, **own), **own),
        layers.GlobalAveragePooling1D(**own),
        layers.Dense(1, activation="sigmoid", **own),
    ]
    return library.Sequential([library.Input((7, 3), dtype=dtype), *stack])
