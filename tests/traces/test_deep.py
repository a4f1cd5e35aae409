"""Stacked and bidirectional layers: their states are the engine's, in order of computation."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.backends.base import Backend
from simulator.engine.layers import GRU, LSTM, Bidirectional, SimpleRNN
from simulator.engine.layers.base import Context
from simulator.traces.deep import (
    Stack,
    deep_trace,
    gate_names,
    initial_names,
    weight_names,
)
from tests.engine import naive_recurrent as naive
from tests.traces import invariants

BACKEND = Backend()
CELLS = {
    "SimpleRNN": SimpleRNN,
    "LSTM": LSTM,
    "GRU": GRU,
    "GRU before": partial(GRU, reset_after=False),
}
MERGES = [(False, "concat"), (True, "concat"), (True, "sum"), (True, "mul"), (True, "ave")]
merges = pytest.mark.parametrize(("both", "merge"), MERGES)
cells = pytest.mark.parametrize("kind", CELLS)


def example(kind, stack, *, steps=3, values=2, seed=0, held=""):
    rng = np.random.default_rng(seed)
    cell = CELLS[kind]
    like = cell(1)
    weights, initial, holding = {}, {}, {}
    for direction in stack.directions:
        kernels, recurrent, bias = weight_names(direction, stack.sources(direction))
        units = stack.units[direction.layer]
        columns = like.gates * units
        for name, size in zip(kernels, stack.sizes(direction, values), strict=True):
            weights[name] = rng.normal(size=(size, columns)) * 0.5
        weights[recurrent] = rng.normal(size=(units, columns)) * 0.5
        rows = 2 if kind == "GRU" else 1
        weights[bias] = rng.normal(size=(rows, columns)) * 0.5
        for name in initial_names(direction, like.state_names):
            initial[name] = rng.normal(size=(1, units))
        for name in gate_names(direction, held):
            holding[name] = np.where(rng.random((steps, units)) < 0.5, rng.random(), np.nan)
    x = rng.normal(size=(steps, values))
    trace = deep_trace(x, weights, initial, cell=cell, stack=stack, backend=BACKEND, held=holding)
    return x, weights, initial, holding, trace


def given_to(direction, below, weights, initial, state_names):
    """The weights of one direction as an engine's layer has them, and its states (1, U)."""
    kernels, recurrent, bias = weight_names(direction, below)
    kernel = np.concatenate([weights[name] for name in kernels])
    states = [initial[name] for name in initial_names(direction, state_names)]
    return (kernel, weights[recurrent], weights[bias]), states


def engine_outputs(kind, x, weights, initial, stack):
    """What the engine's own stack gives: Bidirectional layers, or plain ones."""
    context = Context(BACKEND, False, np.random.default_rng(0))
    y = x[None]
    for number, (units, both) in enumerate(zip(stack.units, stack.both, strict=True)):
        inner = CELLS[kind](units, return_sequences=True, dtype="float64")
        layer = Bidirectional(inner, merge_mode=stack.merge, dtype="float64") if both else inner
        layer.build((None, y.shape[-1]), np.random.default_rng(0))
        arrays, states = list(layer.weights.values()), []
        for direction in stack.directions:
            if direction.layer != number:
                continue
            below = stack.sources(direction)
            values, own = given_to(direction, below, weights, initial, inner.state_names)
            for array, value in zip(arrays[:3], values, strict=True):
                array[...] = value.reshape(array.shape)
            arrays = arrays[3:]
            states += own
        y, _ = layer.forward((y, *states), context)
    return y[0]


def naive_states(kind, x, weights, states, held):
    """Every array of one direction in the order of reading, from loops over single numbers."""
    kernel, recurrent, bias = weights
    starts = [state[0] for state in states]
    if kind == "SimpleRNN":
        return naive.simple_rnn(x, kernel, recurrent, bias[0], *starts, "tanh")
    if kind == "LSTM":
        return naive.lstm(x, kernel, recurrent, bias[0], *starts, "tanh", "sigmoid", held)
    biases = bias if kind == "GRU" else (bias[0], 0 * bias[0])
    after = kind == "GRU"
    return naive.gru(x, kernel, recurrent, *biases, *starts, after, "tanh", "sigmoid", held)


@cells
@merges
def test_every_trace_keeps_the_contract_and_equals_the_engine(kind, both, merge):
    deep = kind == "SimpleRNN" or (kind == "LSTM" and both and merge == "concat")
    stack = Stack.alike(2 if deep else 1, units=2, both=both, merge=merge)
    x, weights, initial, _, trace = example(kind, stack, steps=2)
    for level in trace.levels:
        invariants.check_level(trace.at(level))
    invariants.check_links(trace)
    names = stack.outputs(len(stack.units) - 1)
    found = np.concatenate([trace.arrays[name].values for name in names], axis=-1)
    expected = engine_outputs(kind, x, weights, initial, stack)
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_a_trace_of_layers_that_differ_keeps_the_contract():
    *_, trace = example("LSTM", Stack((2, 1, 3), (True, False, True)), steps=2)
    for level in trace.levels:
        invariants.check_level(trace.at(level))
    invariants.check_links(trace)


def test_a_trace_with_gates_held_keeps_the_contract():
    for kind, gates in (("LSTM", "if"), ("GRU", "zg")):
        stack = Stack.alike(1, units=2, both=True, merge="sum")
        *_, trace = example(kind, stack, steps=2, held=gates)
        for level in trace.levels:
            invariants.check_level(trace.at(level))
        invariants.check_links(trace)


@given(
    kind=st.sampled_from(list(CELLS)),
    steps=st.integers(1, 5),
    values=st.integers(1, 3),
    layers=st.lists(st.tuples(st.integers(1, 4), st.booleans()), min_size=1, max_size=3),
    merge=st.sampled_from(["concat", "sum", "mul", "ave"]),
    seed=st.integers(0, 999),
    held=st.booleans(),
)
@settings(deadline=None, max_examples=40)
def test_every_array_equals_a_naive_loop(kind, steps, values, layers, merge, seed, held):
    """Each layer has units of its own, and reads in one direction or in both."""
    stack = Stack(*zip(*layers, strict=True), merge)
    gates = {"SimpleRNN": "", "LSTM": "fo"}.get(kind, "zr") if held else ""
    x, weights, initial, holding, trace = example(
        kind, stack, steps=steps, values=values, seed=seed, held=gates
    )
    known = {"x": x}
    for direction in stack.directions:
        below = stack.sources(direction)
        order = slice(None, None, -1 if direction.backwards else 1)
        names = ("h", "c") if kind == "LSTM" else ("h",)
        own, states = given_to(direction, below, weights, initial, names)
        read = np.concatenate([known[name] for name in below], axis=-1)[order]
        kept = {
            gate: holding[name][order]
            for gate, name in zip(gates, gate_names(direction, gates), strict=True)
        }
        for name, rows in naive_states(kind, read, own, states, kept).items():
            array = f"{name}{direction.suffix}"
            known[array] = rows[order]
            np.testing.assert_allclose(
                trace.arrays[array].values, known[array], rtol=0, atol=1e-12, err_msg=array
            )
        if direction.backwards and merge != "concat":
            first, second = (known[f"h{direction.layer + 1}{way}"] for way in ("", "_back"))
            merged = {"sum": first + second, "mul": first * second, "ave": (first + second) / 2}
            known[f"y{direction.layer + 1}"] = merged[merge]
    expected = engine_outputs(kind, x, weights, initial, stack)
    if not held:
        names = stack.outputs(len(layers) - 1)
        found = np.concatenate([trace.arrays[name].values for name in names], axis=-1)
        np.testing.assert_allclose(found, expected, atol=1e-12)


def test_cells_are_gone_through_in_the_order_of_computation():
    for kind in ("SimpleRNN", "LSTM"):
        *_, trace = example(kind, Stack.alike(2, units=2, both=True, merge="sum"), steps=3)
        steps = trace.at("step")
        order = [(steps.focus(at).segment, steps.focus(at).time) for at in range(len(steps))]
        assert order == [
            (0, 0), (0, 1), (0, 2), (1, 2), (1, 1), (1, 0),
            (2, 0), (2, 1), (2, 2), (3, 2), (3, 1), (3, 0),
        ]  # fmt: skip
