"""Convolutions of 3 × 3 by Winograd's way against the same layers one by one, in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.engine import Sequential, layers
from simulator.engine.backends import cpu_builder
from simulator.engine.backends.base import Backend
from simulator.engine.backends.cpu import CpuBackend
from simulator.engine.layers import Conv2D, Dense, Flatten, MaxPooling2D
from simulator.engine.training import BatchEnd

SHAPES = [
    # height, width, channels, filters, padding, pooled, activation, bias
    (9, 11, 16, 32, "same", True, "relu", True),
    (9, 11, 20, 64, "same", False, "tanh", True),
    (8, 10, 33, 32, "valid", False, "relu", False),
    (11, 8, 17, 96, "valid", True, "linear", True),
    (40, 24, 16, 32, "same", False, "relu", True),  # several groups of tiles
]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The parts that go by Winograd's way, of tables that run."""
    parts: list[Any] = []
    own = cpu_builder.WinogradPart

    def counted(*arguments: Any, **options: Any) -> Any:
        part = own(*arguments, **options)
        if not part.tape.measured:
            parts.append(part)
        return part

    monkeypatch.setattr(cpu_builder, "WinogradPart", counted)
    return parts


def network(shape: tuple[Any, ...], *, frozen: bool = False) -> Sequential:
    height, width, channels, filters, padding, pooled, activation, bias = shape
    options = {"dtype": "float64"}
    own: list[layers.Layer] = [
        Conv2D(
            filters, 3, padding=padding, activation=activation, use_bias=bias,
            bias_initializer="random_normal", trainable=not frozen, **options,
        ),
    ]  # fmt: skip
    if pooled:
        own.append(MaxPooling2D(2, **options))
    own += [Flatten(**options), Dense(2, **options)]
    model = Sequential([layers.Input((height, width, channels), dtype="float64"), *own], seed=3)
    model.compile("adam", "mse")
    return model


def pictures(shape: tuple[Any, ...], count: int = 3) -> Any:
    return np.random.default_rng(5).standard_normal((count, *shape[:3]))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("batch", [1, 3])
def test_outputs_are_those_of_the_layers(
    shape: tuple[Any, ...], batch: int, made: list[Any]
) -> None:
    model, x = network(shape), pictures(shape)
    model.backend = Backend()
    expected = model.predict(x)
    found = []
    for threads in (1, 2):
        model.backend = CpuBackend(threads=threads)
        found += [model.predict(x, batch_size=batch) for _ in range(4)]
    assert made
    np.testing.assert_allclose(found[0], expected, rtol=1e-9, atol=1e-12)
    for each in found:
        np.testing.assert_array_equal(each, found[0])


def test_every_weight_that_is_changed_is_seen(made: list[Any]) -> None:
    shape = SHAPES[1]
    model, x = network(shape), pictures(shape, 1)
    layer = model.layers[0]
    rng = np.random.default_rng(2)
    model.backend = CpuBackend()
    before = model.predict(x)
    size = layer.weights["kernel"].size
    for number in (0, size - 1, *rng.integers(0, size, 20)):
        weights = layer.weights["kernel"].reshape(-1)
        weights[number] += 0.5
        changed = model.predict(x)
        assert np.abs(changed - before).max() > 1e-9
        weights[number] -= 0.5
        np.testing.assert_allclose(model.predict(x), before, rtol=1e-9)
    assert len(made) == 1


def test_a_frozen_convolution_is_trained_above(made: list[Any]) -> None:
    shape = SHAPES[0]
    x, y = pictures(shape, 6), np.random.default_rng(1).standard_normal((6, 2))
    losses = []
    for backend in (Backend(), CpuBackend(threads=1), CpuBackend(threads=2)):
        model = network(shape, frozen=True)
        model.backend = backend
        run = model.training(x, y, batch_size=3, epochs=4, steps_per_event=2)
        losses.append([each.losses for each in run if isinstance(each, BatchEnd)])
    assert len(made) == 2
    assert losses[1] == losses[2]
    flat = [np.concatenate(each) for each in losses[:2]]
    np.testing.assert_allclose(flat[1], flat[0], rtol=1e-9)


def test_what_is_trained_goes_the_plain_way(made: list[Any]) -> None:
    shape = SHAPES[0]
    model = network(shape)
    model.backend = CpuBackend()
    model.fit(pictures(shape), np.zeros((3, 2)), epochs=1, verbose=0)
    assert not made
