"""What a network will take is known before it is taken."""

import gc
import tracemalloc

import numpy as np
import pytest

from simulator.engine import Input, Model, Sequential, layers, memory, optimizers
from simulator.engine.backends.base import Backend
from simulator.engine.backends.cpu import CpuBackend
from simulator.engine.memory import NetworkTooLarge
from simulator.engine.rbm import BernoulliRBM

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
    with pytest.raises(NetworkTooLarge, match=r"Running .* with 64 samples at a time would need"):
        model.predict(x, batch_size=64)
    with pytest.raises(NetworkTooLarge, match="smaller batches"):
        model.evaluate(x, y, batch_size=64)
    with pytest.raises(NetworkTooLarge, match=r"Training .* with 64 samples"):
        model.train_on_batch(x, y)
    with pytest.raises(NetworkTooLarge, match=r"Finding the gradients of .* with 64 samples"):
        model.gradients(x, y)
    with pytest.raises(NetworkTooLarge, match=r"Running .* with 64 samples"):
        model.trace_forward(x)
    with pytest.raises(NetworkTooLarge, match=r"Running .* with 64 samples"):
        model(x)
    assert model.predict(x, batch_size=2).shape == (64, 1)


def test_weights_are_refused_before_they_are_drawn(little_memory):
    shared = layers.Dense(280)
    given = Input((280,))
    assert Model(given, shared(shared(given))).count_params() == 280 * 281
    model = Sequential([Input((300,)), layers.Dense(400)])
    estimate = r"The 120,400 weights of .* would need about 1\.4 MiB of memory, but only 1\.0 MiB"

    def refused():
        with pytest.raises(NetworkTooLarge, match=estimate):
            model.build()

    assert taken(refused) < 2**18
    with pytest.raises(NetworkTooLarge, match=r"90,600 weights of the Boltzmann machine .* units"):
        BernoulliRBM(300, 300)


def test_a_layer_that_blows_up_its_input_is_refused():
    model = Sequential([Input((2, 2, 1)), layers.UpSampling2D(10**6)])
    with pytest.raises(NetworkTooLarge, match="Running"):
        model.predict(np.ones((1, 2, 2, 1)))


def pooled():
    return [
        layers.Conv2D(32, 3, padding="same", activation="relu"),
        layers.Conv2D(16, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(10, activation="softmax"),
    ]


def frozen():
    options = {"padding": "same", "activation": "relu", "trainable": False}
    return [
        layers.Conv2D(128, 3, **options),
        layers.Conv2D(128, 3, **options),
        layers.Flatten(),
        layers.Dense(10, activation="softmax"),
    ]


def deep():
    return [layers.Dense(900, activation="relu") for _ in range(3)]


NETWORKS = {
    "pictures": ((40, 40, 3), pooled, "sparse_categorical_crossentropy"),
    "Winograd's way": ((16, 16, 32), frozen, "sparse_categorical_crossentropy"),
    "sequences": (
        (40, 8),
        lambda: [layers.LSTM(64, return_sequences=True), layers.GRU(32), layers.Dense(1)],
        "mse",
    ),
    "dense layers": ((900,), deep, "mse"),
    "normalized": (
        (30, 30, 3),
        lambda: [
            layers.Conv2D(32, 3),
            layers.BatchNormalization(),
            layers.MaxPooling2D(4),
            layers.Flatten(),
            layers.Dense(10),
        ],
        "mse",
    ),
}


_PYTHONS = 2**18
"""Bytes of Python's own objects in one call."""


def taken(call):
    """The most bytes that there were at once while something was called, beside those before."""
    gc.collect()
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *((name, "programs") for name in NETWORKS if name != "normalized"),
        *((name, "layers") for name in ("pictures", "dense layers", "normalized")),
        *((name, "reference") for name in ("pictures", "sequences")),
    ],
)
def test_the_estimates_are_what_is_taken(name, kind, monkeypatch):
    shape, make, loss = NETWORKS[name]
    rng = np.random.default_rng(0)
    x = rng.random((30, *shape), np.float32)

    def made():
        model = Sequential([Input(shape), *make()], seed=1)
        model.backend = Backend() if kind == "reference" else CpuBackend(threads=1)
        optimizer = optimizers.Adam(amsgrad=kind == "layers")  # which no program knows
        model.compile(optimizer, loss)
        model.make_ready()
        return model

    outputs = made().predict(x[:1]).shape[1]
    y = rng.integers(0, 10, 30) if loss.startswith("sparse") else rng.random((30, outputs))
    y = y if y.ndim == 1 else y.astype(np.float32)
    calls = {
        "fit": lambda: model.fit(x, y, batch_size=12, epochs=1, verbose=0),
        "predict": lambda: model.predict(x[:12], batch_size=12),
        "step": lambda: model.train_on_batch(x[:12], y[:12]),
        "gradients": lambda: model.gradients(x[:12], y[:12]),
    }
    estimates = []
    refuse = memory.refuse_if_too_large

    def noted(needed, *, what, remedy):
        estimates.append(needed)
        refuse(needed, what=what, remedy=remedy)

    monkeypatch.setattr(memory, "refuse_if_too_large", noted)
    for call in calls.values():  # so that all is compiled
        model = made()
        call()
    for key, call in calls.items():
        model = made()
        estimates.clear()
        most = taken(call)
        compiled = kind == "programs" and key in ("fit", "predict")
        low, high = (0.97, 1.1) if compiled else (0.85, 2.0)
        *lower, estimate = estimates
        assert all(each <= estimate for each in lower)
        assert low * (most - _PYTHONS) < estimate < high * most, (key, most, estimate)


def test_a_program_is_measured_without_taking_memory():
    model = Sequential([Input((600, 600, 3)), *pooled()], seed=1, backend="cpu")
    model.compile("adam", "sparse_categorical_crossentropy")
    model.make_ready()
    model.program_size(1)
    sizes = []
    assert taken(lambda: sizes.append(model.program_size(64))) < 2**20
    assert sizes[0] > 64 * 600 * 600 * 32 * 4


@pytest.mark.parametrize(
    ("optimizer", "slots"),
    [
        (optimizers.SGD(), 0),
        (optimizers.SGD(momentum=0.9, use_ema=True), 2),
        (optimizers.RMSprop(momentum=0.9, centered=True), 3),
        (optimizers.Adagrad(), 1),
        (optimizers.Adam(gradient_accumulation_steps=2), 3),
        (optimizers.Adam(lambda: 0.1, amsgrad=True), 3),
        (optimizers.Nadam(), 2),
    ],
)
def test_an_optimizer_knows_what_it_will_keep(optimizer, slots):
    before = dict(optimizer.state)
    assert optimizer.slots == slots
    assert optimizer.state == before
