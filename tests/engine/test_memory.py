"""What a network will take is known before it is taken."""

import numpy as np
import pytest

from simulator.engine import Input, Model, Sequential, layers, memory
from simulator.engine.memory import NetworkTooLarge

SMALL = 2**20


@pytest.fixture
def little_memory(monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: SMALL)


def cached(model, x):
    """The bytes of every array that one pass keeps, outputs of layers counted once."""
    seen = {}
    for cache in model.trace_forward(x).values():
        for name, array in cache.items():
            if not name.startswith("input"):
                seen[id(array)] = array.nbytes
    return sum(seen.values())


@pytest.mark.parametrize(
    ("shape", "make"),
    [
        ((30, 4), lambda: [layers.LSTM(16), layers.Dense(1)]),
        ((30, 4), lambda: [layers.GRU(16, return_sequences=True), layers.GRU(8)]),
        ((30, 4), lambda: [layers.SimpleRNN(16), layers.Dense(1)]),
        ((30, 4), lambda: [layers.Bidirectional(layers.LSTM(8)), layers.Dense(1)]),
        ((12, 12, 3), lambda: [layers.Conv2D(8, 3, activation="relu"), layers.MaxPooling2D()]),
        ((6, 5, 5, 2), lambda: [layers.TimeDistributed(layers.Conv2D(3, 2))]),
        ((50,), lambda: [layers.Dense(40, activation="tanh"), layers.Dropout(0.5)]),
    ],
)
def test_the_estimate_of_a_pass_is_what_it_keeps(shape, make):
    model = Sequential([Input(shape), *make()], backend="numpy")
    x = np.ones((4, *shape), np.float32)
    kept = cached(model, x)
    estimate = memory.pass_size(model.graph, 4, 4)
    assert 0.5 * kept <= estimate <= 2 * kept


def test_attention_counts_its_scores():
    given = Input((40, 4))
    model = Model(given, layers.MultiHeadAttention(4, 2)(given, given), backend="numpy")
    kept = cached(model, np.ones((2, 40, 4)))
    assert 0.5 * kept <= memory.pass_size(model.graph, 2, 4) <= 2 * kept


def test_batches_that_do_not_fit_are_refused_with_the_estimate(little_memory):
    model = Sequential([Input((400, 1)), layers.LSTM(16), layers.Dense(1)])
    model.compile("sgd", "mse")
    x, y = np.zeros((64, 400, 1), np.float32), np.zeros(64)
    with pytest.raises(NetworkTooLarge, match=r"Training .* with 64 samples .* 1\.0 MiB are free"):
        model.fit(x, y, batch_size=64)
    with pytest.raises(NetworkTooLarge, match=r"Running .* on 64 samples at a time would need"):
        model.predict(x, batch_size=64)
    with pytest.raises(NetworkTooLarge, match="smaller batches"):
        model.evaluate(x, y, batch_size=64)
    assert model.predict(x, batch_size=2).shape == (64, 1)


def test_a_layer_that_blows_up_its_input_is_refused():
    model = Sequential([Input((2, 2, 1)), layers.UpSampling2D(10**6)])
    with pytest.raises(NetworkTooLarge, match="Running"):
        model.predict(np.ones((1, 2, 2, 1)))
