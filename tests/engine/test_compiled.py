"""Compiled programs against the same network trained layer by layer, and against themselves."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from simulator.engine import Sequential, layers, optimizers
from simulator.engine.backends import cpu_machine
from simulator.engine.backends.base import Backend
from simulator.engine.backends.cpu import CpuBackend
from simulator.engine.backends.program import Chain, NotCompiled, Program
from simulator.engine.layers import (
    Activation,
    AveragePooling2D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
    ReLU,
    Reshape,
    Softmax,
)
from simulator.engine.regularizers import L1L2, Regularizer
from simulator.engine.training import BatchEnd, Diverged

Net = Callable[[], Sequence[layers.Layer]]

NETWORKS: dict[str, tuple[tuple[int, ...], Net, str, int]] = {
    "tanh": (
        (2,),
        lambda: [Dense(8, activation="tanh"), Dense(8, activation="tanh"), Dense(2), Softmax()],
        "sparse_categorical_crossentropy",
        2,
    ),
    "wide": (
        (70,),
        lambda: [
            Dense(130, activation="relu"),
            Dense(9, activation="sigmoid"),
            Dense(33),
            ReLU(),
            Dense(70, activation="sigmoid"),
        ],
        "mean_squared_error",
        70,
    ),
    "many inputs": (  # so many that kernels go by rows, in several shares
        (300,),
        lambda: [
            Dense(70, activation="relu"),
            Dense(200, activation="tanh"),
            Dense(70),
            Dense(2),
        ],
        "mse",
        2,
    ),
    "dropout": (
        (4, 5),
        lambda: [
            Flatten(),
            Dropout(0.2),
            Dense(30, activation="relu"),
            Dropout(0.3),
            Reshape((5, 6)),
            Flatten(),
            Dense(20, use_bias=False, activation="tanh"),
            Dropout(0.5, seed=4),
            Dense(3),
            Activation("softmax"),
        ],
        "categorical_crossentropy",
        3,
    ),
    "binary": (
        (5,),
        lambda: [Dense(17, activation="relu"), Dense(1, activation="sigmoid")],
        "binary_crossentropy",
        1,
    ),
    "pooled": (
        (12, 13, 2),
        lambda: [
            Conv2D(5, 3, activation="relu"),
            MaxPooling2D(2),
            Conv2D(18, (2, 3), padding="same", activation="tanh"),
            MaxPooling2D((2, 1)),
            Flatten(),
            Dense(3, activation="softmax"),
        ],
        "sparse_categorical_crossentropy",
        3,
    ),
    "wide windows": (
        (11, 9, 17),
        lambda: [
            Conv2D(20, 3, padding="same", activation="relu"),
            MaxPooling2D(2),
            Conv2D(33, 2, activation="relu"),
            MaxPooling2D((2, 3)),
            Flatten(),
            Dense(2),
        ],
        "mse",
        2,
    ),
    "many filters": (
        (6, 7, 2),
        lambda: [
            Conv2D(150, 3, activation="relu"),
            MaxPooling2D(2),
            Conv2D(130, (1, 2), activation="tanh"),
            Flatten(),
            Dense(2),
        ],
        "mse",
        2,
    ),
    "small pictures": (
        (4, 5, 1),
        lambda: [
            Conv2D(3, (2, 3), activation="relu"),
            Conv2D(7, 2, padding="same", activation="relu"),
            MaxPooling2D((3, 1)),
            Flatten(),
            Dense(3, activation="softmax"),
        ],
        "sparse_categorical_crossentropy",
        3,
    ),
    "strides": (
        (15, 14, 3),
        lambda: [
            Conv2D(6, 3, strides=2, padding="same"),
            ReLU(),
            Conv2D(9, 3, dilation_rate=2, activation="relu", use_bias=False),
            AveragePooling2D(2, padding="same"),
            Dropout(0.2),
            Conv2D(4, 1, activation="sigmoid"),
            MaxPooling2D(2, strides=1),
            Flatten(),
            Dense(2),
        ],
        "mse",
        2,
    ),
    "dilated lists": (
        (12, 12, 35),
        lambda: [
            Conv2D(35, 2, activation="relu"),
            Conv2D(9, 2, dilation_rate=2, activation="relu"),
            MaxPooling2D(2),
            Flatten(),
            Dense(2),
        ],
        "mse",
        2,
    ),
    "decoder": (
        (6,),
        lambda: [
            Dense(36, activation="relu"),
            Reshape((3, 4, 3)),
            Conv2D(4, 3, padding="same", activation="relu"),
            Conv2D(1, 3, padding="same", activation="sigmoid"),
            Flatten(),
        ],
        "binary_crossentropy",
        12,
    ),
    "steep": ((3,), lambda: [Dense(4, activation="relu"), Dropout(0.1), Dense(2)], "mse", 2),
    "absolute": ((3,), lambda: [Dense(4, activation="tanh"), Dense(2)], "mae", 2),
    "penalized": (
        (30,),
        lambda: [
            Dense(70, activation="tanh", kernel_regularizer=L1L2(0.001, 0.01)),
            Dense(20, activation="relu", kernel_regularizer="l2", bias_regularizer="l1"),
            Dense(2, bias_regularizer="l2"),
        ],
        "mse",
        2,
    ),
    "penalized activities": (
        (9, 9, 2),
        lambda: [
            Conv2D(4, 2, activation="relu", activity_regularizer="l2"),
            MaxPooling2D(2),
            Flatten(),
            Dense(20, activation="sigmoid", activity_regularizer=L1L2(0.02, 0.01)),
            Dropout(0.2),
            Dense(2, activation="tanh", activity_regularizer="l1"),
        ],
        "mse",
        2,
    ),
    "binary of tanh": (
        (3,),
        lambda: [Dense(4), Dense(1, activation="relu")],
        "binary_crossentropy",
        1,
    ),
}
OPTIMIZERS: dict[str, Callable[[], optimizers.Optimizer]] = {
    "sgd": lambda: optimizers.SGD(0.1),
    "decay": lambda: optimizers.SGD(0.1, weight_decay=0.01),
    "momentum": lambda: optimizers.SGD(0.05, momentum=0.9),
    "nesterov": lambda: optimizers.SGD(0.05, momentum=0.9, nesterov=True),
    "rmsprop": lambda: optimizers.RMSprop(0.01),
    "adagrad": lambda: optimizers.Adagrad(0.1),
    "adam": lambda: optimizers.Adam(0.01),
    "adamw": lambda: optimizers.AdamW(0.01),
    "clipvalue": lambda: optimizers.SGD(0.5, clipvalue=0.0002),
    "clipnorm": lambda: optimizers.SGD(0.5, clipnorm=0.0005, weight_decay=0.01),
    "global_clipnorm": lambda: optimizers.SGD(0.5, momentum=0.9, global_clipnorm=0.001),
    "wide limit": lambda: optimizers.SGD(0.1, clipnorm=1e9),
    "schedule": lambda: optimizers.Adam(optimizers.schedules.ExponentialDecay(0.01, 3, 0.5)),
}


class LayerByLayer(CpuBackend):
    """The same kernels without programs."""

    def program(self, chain: Chain) -> Program:
        raise NotCompiled("anything")


class Counting(CpuBackend):
    """Counts the programs that it made."""

    made = 0

    def program(self, chain: Chain) -> Program:
        program = super().program(chain)
        self.made += 1
        return program


def network(name: str, *, dtype: str, optimizer: str = "adam") -> Sequential:
    shape, net, loss, _ = NETWORKS[name]
    model = Sequential([layers.Input(shape, dtype=dtype), *net()], seed=3)
    for layer in model.layers:
        layer.dtype = dtype
    model.compile(OPTIMIZERS[optimizer](), loss, metrics=["accuracy"])
    model.make_ready()
    return model


def samples(name: str, count: int = 50) -> tuple[Any, Any]:
    shape, _, loss, outputs = NETWORKS[name]
    rng = np.random.default_rng(5)
    x = rng.standard_normal((count, *shape))
    if loss == "sparse_categorical_crossentropy":
        return x, rng.integers(0, outputs, count)
    if loss == "categorical_crossentropy":
        return x, np.eye(outputs)[rng.integers(0, outputs, count)]
    if loss == "binary_crossentropy":
        return x, rng.integers(0, 2, (count, outputs))
    return x, rng.random((count, outputs))


def trained(
    model: Sequential, backend: Backend, data: tuple[Any, Any], **options: Any
) -> tuple[list[float], dict[str, Any], list[Any]]:
    """Losses, last logs and weights after some epochs with a smaller last batch."""
    model.backend = backend
    settings = {"batch_size": 16, "epochs": 4, "seed": 9} | options
    events = [e for e in model.training(*data, **settings) if isinstance(e, BatchEnd)]
    losses = [loss for event in events for loss in event.losses]
    return losses, dict(events[-1].logs), model.get_weights()


def assert_same_course(name: str, optimizer: str, dtype: str, **options: Any) -> None:
    # Float32 sums in another order part by some units in the last place at each step.
    tolerance = {"float64": 1e-9, "float32": 2e-4}[dtype]
    data = samples(name)
    counting = Counting()
    slow = trained(network(name, dtype=dtype, optimizer=optimizer), LayerByLayer(), data, **options)
    fast = trained(
        network(name, dtype=dtype, optimizer=optimizer), counting, data, steps_per_event=3,
        **options,
    )  # fmt: skip
    assert counting.made == 2  # for whole batches and for the last one
    np.testing.assert_allclose(fast[0], slow[0], rtol=tolerance)
    for key, value in slow[1].items():
        np.testing.assert_allclose(fast[1][key], value, rtol=tolerance, err_msg=key)
    for weights, own in zip(slow[2], fast[2], strict=True):
        np.testing.assert_allclose(own, weights, rtol=0, atol=tolerance)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_program_follows_the_layers(name: str, dtype: str) -> None:
    assert_same_course(name, "adam", dtype)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_follows_its_own_formula(optimizer: str) -> None:
    assert_same_course("wide", optimizer, "float64")


@pytest.mark.parametrize("optimizer", ["clipvalue", "clipnorm", "global_clipnorm"])
def test_what_regularizers_add_is_limited_with_the_rest(optimizer: str) -> None:
    assert_same_course("penalized", optimizer, "float64")


@pytest.mark.parametrize("optimizer", ["clipvalue", "clipnorm", "global_clipnorm"])
def test_a_limit_is_felt(optimizer: str) -> None:
    own, free = (OPTIMIZERS[optimizer]() for _ in range(2))
    free.clipvalue = free.clipnorm = free.global_clipnorm = None
    losses = []
    for each in (own, free):
        model = network("wide", dtype="float64")
        model.compile(each, "mse")
        counting = Counting()
        losses.append(trained(model, counting, samples("wide"))[0])
        assert counting.made == 2
    assert losses[0][0] == losses[1][0]
    assert abs(losses[0][-1] / losses[1][-1] - 1) > 1e-4


def test_regularizers_can_change_on_the_way() -> None:
    """Stronger, weaker, where there was none, and gone: the layers and a program do the same."""
    changes = [
        {"kernel": L1L2(0.1, 0.0)},
        {"kernel": L1L2(0.0, 0.2), "bias": L1L2(0.05, 0.0)},
        {},
        {"bias": L1L2(0.0, 0.3)},
    ]
    results = []
    for backend in (LayerByLayer(), Counting()):
        model = network("wide", dtype="float64")
        model.backend = backend
        losses = []
        for event in model.training(*samples("wide"), batch_size=25, epochs=5, seed=1):
            if isinstance(event, BatchEnd):
                losses.append(event.loss)
                model.layers[0].regularizers = dict(changes[event.step % 4])
        results.append((losses, model.get_weights()))
    assert backend.made == 4  # without, with one, with both, with the other
    np.testing.assert_allclose(results[1][0], results[0][0], rtol=1e-9)
    for slow, fast in zip(results[0][1], results[1][1], strict=True):
        np.testing.assert_allclose(fast, slow, rtol=0, atol=1e-9)


def test_a_frozen_layer_is_not_penalized() -> None:
    results = []
    for backend in (LayerByLayer(), Counting()):
        model = network("penalized", dtype="float64")
        model.layers[0].trainable = False
        results.append(trained(model, backend, samples("penalized")))
    np.testing.assert_allclose(results[0][0], results[1][0], rtol=1e-9)


def test_regularizers_of_a_users_own_are_left_to_the_layers() -> None:
    class Cubes(Regularizer):
        def value(self, w: Any) -> float:
            return float(np.sum(np.abs(w) ** 3))

        def gradient(self, w: Any) -> Any:
            return 3 * w * np.abs(w)

    counting = Counting()
    model = network("wide", dtype="float64")
    model.layers[0].regularizers["kernel"] = Cubes()
    losses = trained(model, counting, samples("wide"))[0]
    assert counting.made == 0
    assert losses[0] > trained(network("wide", dtype="float64"), counting, samples("wide"))[0][0]


def test_samples_can_have_weights() -> None:
    weights = np.linspace(0, 2, 50)
    assert_same_course("wide", "adam", "float64", sample_weight=weights)
    assert_same_course("tanh", "adam", "float64", class_weight={0: 1.0, 1: 3.0})


def test_frozen_layers_keep_their_weights() -> None:
    results = []
    for backend in (LayerByLayer(), CpuBackend()):
        model = network("wide", dtype="float64")
        model.layers[-2].trainable = False
        frozen = model.layers[-2].get_weights()
        results.append(trained(model, backend, samples("wide")))
        for before, after in zip(frozen, model.layers[-2].get_weights(), strict=True):
            np.testing.assert_array_equal(before, after)
    np.testing.assert_allclose(results[0][0], results[1][0], rtol=1e-9)


@pytest.mark.parametrize(
    ("name", "optimizer"),
    [("wide", "adam"), ("dropout", "adam"), ("tanh", "adam"), ("penalized", "global_clipnorm")],
)
def test_bits_depend_on_neither_threads_nor_chunks(name: str, optimizer: str) -> None:
    data = samples(name)
    runs = [
        trained(
            network(name, dtype="float32", optimizer=optimizer),
            CpuBackend(threads=threads),
            data,
            steps_per_event=steps,
        )
        for threads, steps in itertools.product((1, 2, 3), (1, 2, 100))
    ]
    for losses, _, weights in runs[1:]:
        assert losses == runs[0][0]
        for each, first in zip(weights, runs[0][2], strict=True):
            np.testing.assert_array_equal(each, first)


def test_a_snapshot_put_back_goes_on_bit_for_bit() -> None:
    model = network("dropout", dtype="float32")
    run = model.training(*samples("dropout"), batch_size=16, epochs=6, seed=2, steps_per_event=2)
    for _ in range(4):
        next(run)
    snapshot = model.snapshot()
    first = [event for event in run if isinstance(event, BatchEnd)]
    weights = model.get_weights()
    model.restore(snapshot)
    second = [event for event in run if isinstance(event, BatchEnd)]
    assert [event.losses for event in first] == [event.losses for event in second]
    for before, after in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)
    # And in a twin, made anew.
    twin = network("dropout", dtype="float32")
    run = twin.training(
        *samples("dropout"), batch_size=16, epochs=6, resume_from=snapshot, steps_per_event=3
    )
    losses = [loss for event in run if isinstance(event, BatchEnd) for loss in event.losses]
    assert losses == [loss for event in first for loss in event.losses]


def test_a_divergence_ends_as_it_does_layer_by_layer() -> None:
    name = "steep"
    found = []
    for backend in (LayerByLayer(), CpuBackend()):
        model = network(name, dtype="float64", optimizer="sgd")
        model.optimizer.learning_rate = 1e30
        model.backend = backend
        run = model.training(*samples(name), batch_size=16, epochs=9, seed=1, steps_per_event=4)
        events = list(run)
        assert isinstance(events[-1], Diverged)
        found.append((events[-1], model.get_weights(), model.rng.bit_generator.state))
    assert replace(found[0][0], layer="", message="") == replace(found[1][0], layer="", message="")
    for slow, fast in zip(found[0][1], found[1][1], strict=True):
        np.testing.assert_allclose(fast, slow, rtol=1e-6)
        assert np.isfinite(fast).all()
    assert found[0][2] == found[1][2]


def test_the_learning_rate_can_change_on_the_way() -> None:
    results = []
    for backend in (LayerByLayer(), CpuBackend()):
        model = network("wide", dtype="float64")
        model.backend = backend
        losses = []
        for event in model.training(*samples("wide"), batch_size=16, epochs=3, seed=1):
            if isinstance(event, BatchEnd):
                losses.append(event.loss)
                model.optimizer.learning_rate = 0.01 / event.step
        results.append(losses)
    np.testing.assert_allclose(results[1], results[0], rtol=1e-9)


@pytest.mark.parametrize("options", [{"use_ema": True}, {"gradient_accumulation_steps": 2}])
def test_what_programs_cannot_do_is_left_to_the_layers(options: dict[str, Any]) -> None:
    results = []
    for backend in (LayerByLayer(), CpuBackend()):
        model = network("wide", dtype="float64")
        model.compile(optimizers.Adam(0.01, **options), "mse")
        results.append(trained(model, backend, samples("wide"), steps_per_event=4)[0])
    assert results[0] == results[1]


def test_helpers_end_by_themselves() -> None:
    trained(network("wide", dtype="float32"), CpuBackend(threads=4), samples("wide"))
    helpers = [each for each in threading.enumerate() if each.name.startswith("helper")]
    for helper in helpers:
        helper.join(timeout=5)
        assert not helper.is_alive()


def test_two_trainings_at_once_do_not_disturb_each_other() -> None:
    data = samples("wide")
    alone = trained(network("wide", dtype="float32"), CpuBackend(threads=2), data)
    found: list[Any] = []

    def train() -> None:
        model = network("wide", dtype="float32")
        found.append(trained(model, CpuBackend(threads=2), data, steps_per_event=2))

    threads = [threading.Thread(target=train) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each[0] for each in found] == [alone[0]] * 3


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("batch", [1, 7, 50])
def test_compiled_outputs_are_those_of_the_layers(name: str, batch: int) -> None:
    x, y = samples(name)
    counting, model = Counting(), network(name, dtype="float64")
    model.backend = LayerByLayer()
    slow = [model.predict(x, batch_size=batch), *model.evaluate(x, y, batch_size=batch)]
    model.backend = counting
    fast = [model.predict(x, batch_size=batch), *model.evaluate(x, y, batch_size=batch)]
    assert counting.made == (2 if batch == 7 else 1)  # whole batches, and what is left over
    for own, expected in zip(fast, slow, strict=True):
        np.testing.assert_allclose(own, expected, rtol=1e-9, atol=1e-12)
    # A program reads the weights that are there now.
    model.set_weights([weight + 0.1 for weight in model.get_weights()])
    fast = model.predict(x, batch_size=batch)
    assert counting.made == (2 if batch == 7 else 1)
    model.backend = LayerByLayer()
    np.testing.assert_allclose(fast, model.predict(x), rtol=1e-9, atol=1e-12)


def test_a_copied_network_makes_programs_of_its_own() -> None:
    x, _ = samples("wide")
    model = network("wide", dtype="float64")
    before = model.predict(x)
    copied = deepcopy(model)
    copied.set_weights([weight + 1 for weight in copied.get_weights()])
    assert not np.allclose(copied.predict(x), before)
    np.testing.assert_array_equal(model.predict(x), before)


def test_large_kernels_are_gone_through_in_blocks_of_filters() -> None:
    rng = np.random.default_rng(1)
    x = rng.standard_normal((2, 5, 6, 520))
    found = []
    for backend in (LayerByLayer(), CpuBackend()):
        model = Sequential(
            [
                layers.Input(x.shape[1:], dtype="float64"),
                Conv2D(70, 3, padding="same", activation="tanh", dtype="float64"),
                MaxPooling2D(2, dtype="float64"),
                Conv2D(65, (2, 3), activation="relu", dtype="float64"),
            ],
            seed=1,
        )
        model.backend = backend
        found.append(model.predict(x))
    np.testing.assert_allclose(found[1], found[0], rtol=1e-9, atol=1e-12)


def test_denormals_are_flushed_while_training_and_no_longer() -> None:
    small = np.full(40, 1e-37, np.float32)
    with CpuBackend().flushing_denormals():
        flushed = small * np.float32(1e-4)
    assert (flushed == 0).all()
    assert (small * np.float32(1e-4) > 0).all()
    seen: list[bool] = []

    class Watching(Activation):
        def forward(self, x: Any, context: Any) -> Any:
            seen.append(bool((small * np.float32(1e-4) == 0).all()))
            return super().forward(x, context)

    model = Sequential([layers.Input((2,)), Watching("relu"), Dense(1)], seed=1)
    model.compile("sgd", "mse")
    model.backend = CpuBackend()
    for _ in model.training(np.ones((4, 2)), np.ones((4, 1)), batch_size=2):
        assert (small * np.float32(1e-4) > 0).all()
    assert seen == [True, True]


def test_batches_of_too_many_parts_are_left_to_the_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    data = samples("strides")
    expected = trained(network("strides", dtype="float64"), LayerByLayer(), data)
    monkeypatch.setattr(cpu_machine, "MOST_PARTS", 10)  # pooling takes a part for each sample
    counting = Counting()
    found = trained(network("strides", dtype="float64"), counting, data)
    assert counting.made == 1  # for the last, smaller batch
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-9)
    for own, weights in zip(found[2], expected[2], strict=True):
        np.testing.assert_allclose(own, weights, rtol=0, atol=1e-9)
