"""Random rows of layers, trained by compiled programs, against the reference layer by layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine import Input, Sequential, layers
from simulator.engine.backends.base import Backend
from simulator.engine.backends.cpu import CpuBackend
from simulator.engine.backends.program import Chain, Program
from tests.engine.architectures import F64, windows
from tests.engine.geometries import examples, seeds

activations = st.sampled_from(["linear", "tanh", "sigmoid", "relu"])
LOSSES = ["mse", "mae", "binary_crossentropy", "sparse_categorical_crossentropy"]
OPTIMIZERS = ["sgd", "rmsprop", "adam"]


class Counting(CpuBackend):
    """Counts the programs that it made."""

    made = 0

    def program(self, chain: Chain) -> Program:
        program = super().program(chain)
        self.made += 1
        return program


def image_layer(draw: Any, shape: tuple[int, ...], *, first: bool) -> layers.Layer:
    """One that is trained at first: what stands on it has slopes to hand on."""
    kinds = ["convolution", "dilated", "max", "average", "flat"]
    kind = draw(st.sampled_from(kinds[:2] if first else kinds))
    size, options = draw(windows(shape[:2]))
    filters = draw(st.sampled_from([1, 3, 17, 33]))
    if kind == "dilated":
        options = {"padding": "same", "dilation_rate": 2}
    if kind in ("convolution", "dilated"):
        return layers.Conv2D(filters, size, activation=draw(activations), **options, **F64)
    if kind == "flat":
        return layers.Flatten(**F64)
    pooling = layers.MaxPooling2D if kind == "max" else layers.AveragePooling2D
    return pooling(size, **options, **F64)


def sequence_layer(draw: Any, shape: tuple[int, ...], *, first: bool) -> layers.Layer:
    kind = draw(st.sampled_from([layers.SimpleRNN, layers.LSTM, layers.GRU]))
    options = {"reset_after": draw(st.booleans())} if kind is layers.GRU else {}
    return kind(
        draw(st.integers(1, 9)),
        activation=draw(st.sampled_from(["tanh", "sigmoid"])),
        return_sequences=draw(st.booleans()),
        go_backwards=draw(st.booleans()),
        **options,
        **F64,
    )


def vector_layer(draw: Any, shape: tuple[int, ...], *, first: bool) -> layers.Layer:
    """A dense layer, or another shape for the numbers of the one before."""
    size = shape[0]
    kinds = ["dense", "sequence", "image", "dropout"]
    kind = draw(st.sampled_from(kinds[:3] if first else kinds))
    if kind == "dropout":
        return layers.Dropout(0.3, seed=5, **F64)
    if kind == "sequence" and size > 1:
        return layers.Reshape((-1, 1 if size % 2 else 2), **F64)
    if kind == "image" and size % 4 == 0:
        return layers.Reshape((2, -1, 2), **F64)
    return layers.Dense(draw(st.sampled_from([1, 4, 12, 37])), activation=draw(activations), **F64)


@st.composite
def chains(draw: Any, lengths: int) -> tuple[list[layers.Layer], tuple[int, ...], str]:
    """Layers, the shape of a sample with so many axes beside its channels, and a loss."""
    shape = (*(draw(st.integers(2, 7)) for _ in range(lengths)), draw(st.sampled_from([1, 2, 3])))
    made: list[layers.Layer] = []
    own = shape
    for _ in range(draw(st.integers(2, 4))):
        table = {1: vector_layer, 2: sequence_layer, 3: image_layer}
        layer = table[len(own)](draw, own, first=not made)
        made.append(layer)
        own = layer.output_shape(own)
    if len(own) > 1:
        made.append(layers.Flatten(**F64))
    loss = draw(st.sampled_from(LOSSES))
    last = {"binary_crossentropy": "sigmoid", "sparse_categorical_crossentropy": "softmax"}
    made.append(layers.Dense(3, activation=last.get(loss, "linear"), **F64))
    return made, shape, loss


@pytest.mark.parametrize("lengths", [0, 1, 2], ids=["vectors", "sequences", "images"])
@examples(40)
@given(
    data=st.data(),
    optimizer=st.sampled_from(OPTIMIZERS),
    threads=st.sampled_from([1, 2]),
    batch_size=st.sampled_from([4, 8]),  # with 8 a vector can be full of samples
    seed=seeds,
)
def test_a_program_follows_the_reference(
    lengths: int,
    data: st.DataObject,
    optimizer: str,
    threads: int,
    batch_size: int,
    seed: int,
) -> None:
    made, shape, loss = data.draw(chains(lengths))
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(11, *shape))
    y = rng.integers(0, 3, 11) if loss.startswith("sparse") else rng.integers(0, 2, (11, 3))
    counting = Counting(threads)
    model = Sequential([Input(shape, dtype="float64"), *made], seed=seed, backend="numpy")
    model.compile(optimizer, loss)
    start = model.snapshot()
    found = []
    for backend in (Backend(), counting):
        model.backend = backend
        model.restore(start)
        history = model.fit(x, y, batch_size=batch_size, epochs=3, verbose=0, seed=seed)
        found.append([np.array(history.history["loss"]), *model.get_weights(), model.predict(x)])
        model.compile(optimizer, loss)
    # Of training whole batches and a rest, and of predicting all.
    assert counting.made == 3
    for slow, fast in zip(*found, strict=True):
        np.testing.assert_allclose(fast, slow, rtol=1e-6, atol=1e-7)
