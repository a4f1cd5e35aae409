"""Recurrent layers in compiled steps, against the reference backend and against themselves."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine import Sequential, layers, optimizers
from simulator.engine.backends.base import Backend
from simulator.engine.backends.cpu import CpuBackend
from simulator.engine.backends.program import Chain, Program
from simulator.engine.layers import GRU, LSTM, Dense, Flatten, Reshape, SimpleRNN
from simulator.engine.training import BatchEnd


@pytest.fixture(autouse=True)
def _helpers_have_gone() -> Iterator[None]:
    """A helper ends by itself, on a busy machine after a while."""
    yield
    for thread in threading.enumerate():
        if thread.name.startswith("helper"):
            thread.join(timeout=20)


few = settings(max_examples=12, deadline=None)
UNITS = st.sampled_from([1, 2, 7, 8, 9, 16, 17, 33])
ACTIVATIONS = st.sampled_from(["tanh", "sigmoid", "relu", "linear"])


class Counting(CpuBackend):
    """Counts the programs that it made."""

    made = 0

    def program(self, chain: Chain) -> Program:
        program = super().program(chain)
        self.made += 1
        return program


def trained(
    net: Sequence[layers.Layer],
    shape: tuple[int, ...],
    backend: Backend,
    dtype: str,
    *,
    optimizer: optimizers.Optimizer,
    batch: int,
    samples: int,
    seed: int = 0,
    **options: Any,
) -> tuple[list[float], list[Any]]:
    """Losses and weights after one epoch."""
    model = Sequential([layers.Input(shape, dtype=dtype), *net], seed=3)
    for layer in model.layers:
        layer.dtype = dtype
    model.compile(optimizer, "mse")
    model.make_ready()
    rng = np.random.default_rng(seed)
    for layer in model.layers:
        for weights in layer.weights.values():
            weights[...] = rng.normal(size=weights.shape) / np.sqrt(sum(weights.shape))
    model.backend = backend
    x = rng.normal(size=(samples, *shape))
    y = rng.normal(size=(samples, 2))
    settings = {"batch_size": batch, "epochs": 1, "seed": 9} | options
    events = [event for event in model.training(x, y, **settings) if isinstance(event, BatchEnd)]
    return [loss for event in events for loss in event.losses], model.get_weights()


def assert_follows_the_reference(
    make: Any, shape: tuple[int, ...], dtype: str, *, batch: int, seed: int = 0
) -> None:
    """One step of plain descent at the rate of 1 moves weights by their gradients."""
    arguments = {"dtype": dtype, "batch": batch, "samples": batch, "seed": seed}
    counting = Counting()
    expected = trained(make(), shape, Backend(), optimizer=optimizers.SGD(1.0), **arguments)
    found = trained(make(), shape, counting, optimizer=optimizers.SGD(1.0), **arguments)
    assert counting.made == 1
    # Sums of some hundred products, over six steps: 100 roundings.
    tolerance = {"float64": 2e-13, "float32": 2e-5}[dtype]
    np.testing.assert_allclose(found[0], expected[0], rtol=tolerance)
    for own, weights in zip(found[1], expected[1], strict=True):
        scale = float(np.max(np.abs(weights), initial=1))
        np.testing.assert_allclose(own, weights, rtol=0, atol=tolerance * scale)


KINDS = {
    "SimpleRNN": lambda units, rest: SimpleRNN(units, rest.pop("activation"), **rest),
    "LSTM": lambda units, rest: LSTM(units, **rest),
    "GRU": lambda units, rest: GRU(units, **rest),
    "GRU, reset before": lambda units, rest: GRU(units, reset_after=False, **rest),
}


@few
@given(
    batch=st.integers(1, 19),
    steps=st.integers(1, 6),
    inputs=st.integers(1, 5),
    units=st.tuples(UNITS, UNITS),
    names=st.tuples(ACTIVATIONS, ACTIVATIONS),
    backwards=st.tuples(st.booleans(), st.booleans()),
    use_bias=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_gradients_are_the_references(
    kind: str,
    dtype: str,
    batch: int,
    steps: int,
    inputs: int,
    units: tuple[int, int],
    names: tuple[str, str],
    backwards: tuple[bool, bool],
    use_bias: bool,
    seed: int,
) -> None:
    def make() -> list[layers.Layer]:
        common: dict[str, Any] = {"activation": names[0], "use_bias": use_bias}
        if kind != "SimpleRNN":
            common["recurrent_activation"] = names[1]
        first, second = (
            KINDS[kind](count, {**common, "go_backwards": turned, "return_sequences": every})
            for count, turned, every in zip(units, backwards, (True, False), strict=True)
        )
        return [first, second, Dense(2)]

    assert_follows_the_reference(make, (steps, inputs), dtype, batch=batch, seed=seed)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("front", ["relu", "tanh", "sigmoid"])
def test_the_way_back_goes_on_before_and_comes_from_every_step(kind: str, front: str) -> None:
    def make() -> list[layers.Layer]:
        cell = KINDS[kind](9, {"activation": "tanh", "return_sequences": True})
        return [Flatten(), Dense(20, front), Reshape((5, 4)), cell, Flatten(), Dense(2)]

    assert_follows_the_reference(make, (3, 2), "float64", batch=11)


@pytest.mark.parametrize("kind", KINDS)
def test_bits_depend_on_neither_threads_nor_chunks(kind: str) -> None:
    def make() -> list[layers.Layer]:
        every = {"activation": "tanh", "return_sequences": True}
        return [KINDS[kind](65, every), KINDS[kind](40, {"activation": "relu"}), Dense(2)]

    runs = [
        trained(
            make(), (6, 3), CpuBackend(threads=threads), "float32", batch=33, samples=80,
            optimizer=optimizers.Adam(0.01), steps_per_event=chunk, epochs=2,
        )
        for threads, chunk in itertools.product((1, 2, 3), (1, 5))
    ]  # fmt: skip
    for losses, weights in runs[1:]:
        assert losses == runs[0][0]
        for own, first in zip(weights, runs[0][1], strict=True):
            np.testing.assert_array_equal(own, first)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("frozen", [0, 1])
def test_frozen_layers_keep_their_weights(kind: str, frozen: int) -> None:
    def make() -> list[layers.Layer]:
        cells: list[layers.Layer] = [
            KINDS[kind](4, {"activation": "tanh", "return_sequences": first})
            for first in (True, False)
        ]
        cells[frozen].trainable = False
        return [*cells, Dense(2)]

    assert_follows_the_reference(make, (4, 3), "float64", batch=5)


@pytest.mark.parametrize(
    "cell",
    [
        lambda: LSTM(4, dropout=0.5),
        lambda: GRU(4, recurrent_dropout=0.5),
        lambda: SimpleRNN(4, "elu"),
        lambda: LSTM(4, recurrent_activation="softmax"),
    ],
)
def test_what_programs_cannot_do_is_left_to_the_layers(cell: Any) -> None:
    counting = Counting()
    arguments = {"optimizer": optimizers.Adam(), "batch": 8, "samples": 20}
    losses, _ = trained([cell(), Dense(2)], (5, 3), counting, "float64", **arguments)
    assert counting.made == 0
    assert np.isfinite(losses).all()
