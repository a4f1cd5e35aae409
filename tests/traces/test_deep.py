"""Stacked and bidirectional layers: their states are the engine's, in order of computation."""

import numpy as np
import pytest

from simulator.engine.backends.base import Backend
from simulator.engine.layers import Bidirectional, SimpleRNN
from simulator.engine.layers.base import Context
from simulator.traces.deep import (
    deep_trace,
    directions_of,
    initial_name,
    outputs_of,
    sources_of,
    weight_names,
)
from tests.traces import invariants

BACKEND = Backend()


def example(*, layers, both, merge, steps=3, values=2, units=2, seed=0):
    rng = np.random.default_rng(seed)
    weights, initial, sizes = {}, {}, {"x": values}
    for direction in directions_of(layers, both=both):
        below = sources_of(direction, both=both, merge=merge)
        kernels, recurrent, bias = weight_names(direction, below)
        for name, source in zip(kernels, below, strict=True):
            weights[name] = rng.normal(size=(sizes.get(source, units), units))
        weights[recurrent] = rng.normal(size=(units, units))
        weights[bias] = rng.normal(size=(1, units))
        initial[initial_name(direction)] = rng.normal(size=(1, units))
    x = rng.normal(size=(steps, values))
    trace = deep_trace(
        x, weights, initial, units=units, layers=layers, both=both, merge=merge, backend=BACKEND
    )
    return x, weights, initial, trace


def engine_outputs(x, weights, initial, *, layers, both, merge, units):
    """What the engine's own stack gives: Bidirectional layers, or plain ones."""
    context = Context(BACKEND, False, np.random.default_rng(0))
    below, y = ("x",), x[None]
    for number in range(layers):
        if number:
            below = outputs_of(number - 1, both=both, merge=merge)
        layer = SimpleRNN(units, return_sequences=True, dtype="float64")
        if both:
            layer = Bidirectional(layer, merge_mode=merge, dtype="float64")
        layer.build((None, y.shape[-1]), np.random.default_rng(0))
        arrays, states = list(layer.weights.values()), []
        for direction in directions_of(layers, both=both):
            if direction.layer != number:
                continue
            kernels, recurrent, bias = weight_names(direction, below)
            kernel = np.concatenate([weights[name] for name in kernels])
            for array, value in zip(
                arrays[:3], (kernel, weights[recurrent], weights[bias][0]), strict=True
            ):
                array[...] = value
            arrays = arrays[3:]
            states.append(initial[initial_name(direction)])
        y, _ = layer.forward((y, *states), context)
    return y[0]


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize(
    ("both", "merge"),
    [(False, "concat"), (True, "concat"), (True, "sum"), (True, "mul"), (True, "ave")],
)
def test_every_trace_keeps_the_contract_and_equals_the_engine(layers, both, merge):
    x, weights, initial, trace = example(layers=layers, both=both, merge=merge)
    for level in trace.levels:
        invariants.check_level(trace.at(level))
    invariants.check_links(trace)
    names = outputs_of(layers - 1, both=both, merge=merge)
    found = np.concatenate([trace.arrays[name].values for name in names], axis=-1)
    expected = engine_outputs(x, weights, initial, layers=layers, both=both, merge=merge, units=2)
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_cells_are_gone_through_in_the_order_of_computation():
    *_, trace = example(layers=2, both=True, merge="sum", steps=3)
    cells = trace.at("step")
    order = [(cells.focus(at).segment, cells.focus(at).time) for at in range(len(cells))]
    assert order == [
        (0, 0), (0, 1), (0, 2), (1, 2), (1, 1), (1, 0),
        (2, 0), (2, 1), (2, 2), (3, 2), (3, 1), (3, 0),
    ]  # fmt: skip
