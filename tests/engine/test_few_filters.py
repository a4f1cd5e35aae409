"""Convolutions of few filters, by vectors of samples, against the reference layer by layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine import Sequential, layers
from simulator.engine.backends import cpu_build_base, cpu_builder, cpu_machine
from simulator.engine.backends.base import Backend
from simulator.engine.backends.cpu import CpuBackend
from simulator.engine.layers import Conv2D, Dense, Flatten, MaxPooling2D
from simulator.engine.optimizers import SGD
from simulator.engine.training import BatchEnd
from tests.engine.geometries import examples


@pytest.fixture(scope="module")
def made() -> Any:
    """The parts of tables that go by lanes; every operation is cut into as many as it can be."""
    parts: list[Any] = []
    own = cpu_builder.LanesPart

    def counted(*arguments: Any, **options: Any) -> Any:
        parts.append(own(*arguments, **options))
        return parts[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cpu_builder, "LanesPart", counted)
        patch.setattr(cpu_build_base, "PART", 1)
        patch.setattr(cpu_machine, "WORTH_SHARING", 0.0)
        yield parts


@st.composite
def networks(draw: Any) -> dict[str, Any]:
    """A picture, a convolution that is trained, and the window of its max-pooling or None."""
    number = st.integers(1, 3)
    down = draw(st.integers(1, 2))
    options = {
        "filters": draw(st.integers(1, 7)),
        "kernel_size": (draw(number), draw(number)),
        "strides": (down, 1),
        "dilation_rate": (draw(number), draw(number)) if down == 1 else 1,
        "padding": draw(st.sampled_from(["valid", "same"])),
        "activation": draw(st.sampled_from(["linear", "relu", "tanh"])),
        "use_bias": draw(st.booleans()),
        "bias_initializer": "random_normal",
    }
    return {
        # Large enough for the widest window after the widest kernel.
        "shape": (draw(st.integers(13, 15)), draw(st.integers(9, 11)), draw(number)),
        "options": options,
        "window": draw(st.none() | st.tuples(number, number)),
    }


def trained(network: dict[str, Any], dtype: str, backend: Backend) -> tuple[list[float], list[Any]]:
    """Losses and weights after some steps with batches of 32."""
    shape, window = network["shape"], network["window"]
    own: list[layers.Layer] = [Conv2D(**network["options"], dtype=dtype)]
    if window is not None:
        own.append(MaxPooling2D(window, dtype=dtype))
    own += [Flatten(dtype=dtype), Dense(2, dtype=dtype)]
    model = Sequential([layers.Input(shape, dtype=dtype), *own], seed=3)
    model.compile(SGD(0.001), "mse")
    model.backend = backend
    rng = np.random.default_rng(5)
    x, y = rng.standard_normal((64, *shape)), rng.random((64, 2))
    run = model.training(x, y, batch_size=32, epochs=2, seed=1, steps_per_event=2)
    losses = [loss for event in run if isinstance(event, BatchEnd) for loss in event.losses]
    return losses, model.get_weights()


@examples(60)
@given(network=networks())
def test_training_is_the_references(made: list[Any], network: dict[str, Any]) -> None:
    made.clear()
    losses, weights = trained(network, "float64", CpuBackend())
    assert made
    own_losses, own_weights = trained(network, "float64", Backend())
    np.testing.assert_allclose(losses, own_losses, rtol=1e-10)
    for found, expected in zip(weights, own_weights, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)


@examples(15)
@given(network=networks())
def test_bits_do_not_depend_on_threads(made: list[Any], network: dict[str, Any]) -> None:
    results = [trained(network, "float32", CpuBackend(threads=threads)) for threads in (1, 2)]
    assert results[0][0] == results[1][0]
    for one, other in zip(results[0][1], results[1][1], strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("filters", "batch", "lanes"), [(8, 32, True), (16, 32, False), (8, 24, False)]
)
def test_vectors_hold_what_fills_them(
    made: list[Any], filters: int, batch: int, lanes: bool
) -> None:
    model = Sequential([layers.Input((8, 8, 1)), Conv2D(filters, 3), Conv2D(16, 3)], seed=3)
    x = np.ones((batch, 8, 8, 1), np.float32)
    model.backend = CpuBackend()
    made.clear()
    found = model.predict(x, batch_size=batch)
    assert bool(made) == lanes
    model.backend = Backend()
    np.testing.assert_allclose(found, model.predict(x), rtol=1e-5, atol=1e-6)
