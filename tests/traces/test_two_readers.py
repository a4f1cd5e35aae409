"""A picture read by a convolution and by a recurrent layer: one trace of both."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.backends.base import Backend
from simulator.engine.geometry import GeometryError
from simulator.engine.layers import SimpleRNN
from simulator.traces.two_readers import two_readers_trace
from tests.engine.recurrent_layers import built
from tests.traces import invariants

BACKEND = Backend()


def example(*, rows=4, columns=5, kernel=(2, 3), units=2, seed=0):
    rng = np.random.default_rng(seed)
    layer = built(SimpleRNN(units, dtype="float64"), columns, seed)
    picture = rng.normal(size=(rows, columns))
    weights, bias = rng.normal(size=kernel), rng.normal(size=(1, 1))
    initial = rng.normal(size=(1, units))
    trace = two_readers_trace(picture, weights, bias, layer, initial, backend=BACKEND)
    return picture, weights, bias, layer, trace


def test_the_trace_keeps_the_contract_at_every_level():
    *_, trace = example()
    for level in trace.levels:
        invariants.check_level(trace.at(level))
    invariants.check_links(trace)


@given(
    rows=st.integers(1, 5),
    columns=st.integers(1, 5),
    height=st.integers(1, 3),
    width=st.integers(1, 3),
    seed=st.integers(0, 99),
)
@settings(deadline=None, max_examples=25)
def test_the_map_is_that_of_a_naive_loop(rows, columns, height, width, seed):
    size = (min(height, rows), min(width, columns))
    picture, kernel, bias, layer, trace = example(
        rows=rows, columns=columns, kernel=size, seed=seed
    )
    for r in range(rows - size[0] + 1):
        for c in range(columns - size[1] + 1):
            total = float(bias[0, 0])
            for i in range(size[0]):
                for j in range(size[1]):
                    total += picture[r + i, c + j] * kernel[i, j]
            np.testing.assert_allclose(trace.arrays["map"].values[r, c], total, atol=1e-12)
            np.testing.assert_allclose(
                trace.arrays["feature"].values[r, c], max(total, 0.0), atol=1e-12
            )
    h = trace.arrays["initial_h"].values[0]
    for row, found in zip(picture, trace.arrays["h"].values, strict=True):
        weights = layer.weights
        h = np.tanh(row @ weights["kernel"] + h @ weights["recurrent_kernel"] + weights["bias"])
        np.testing.assert_allclose(found, h, atol=1e-12)


def test_a_kernel_that_does_not_fit_is_refused():
    with pytest.raises(GeometryError):
        example(rows=2, columns=2, kernel=(3, 3))
