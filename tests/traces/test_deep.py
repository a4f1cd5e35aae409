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
    deep_trace,
    directions_of,
    gate_names,
    initial_names,
    outputs_of,
    sources_of,
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


def example(kind, *, layers, both, merge, steps=3, values=2, units=2, seed=0, held=""):
    rng = np.random.default_rng(seed)
    cell = partial(CELLS[kind], units)
    like = cell()
    weights, initial, sizes, holding = {}, {}, {"x": values}, {}
    for direction in directions_of(layers, both=both):
        below = sources_of(direction, both=both, merge=merge)
        kernels, recurrent, bias = weight_names(direction, below)
        columns = like.gates * units
        for name, source in zip(kernels, below, strict=True):
            weights[name] = rng.normal(size=(sizes.get(source, units), columns)) * 0.5
        weights[recurrent] = rng.normal(size=(units, columns)) * 0.5
        rows = 2 if kind == "GRU" else 1
        weights[bias] = rng.normal(size=(rows, columns)) * 0.5
        for name in initial_names(direction, like.state_names):
            initial[name] = rng.normal(size=(1, units))
        for name in gate_names(direction, held):
            holding[name] = np.where(rng.random((steps, units)) < 0.5, rng.random(), np.nan)
    x = rng.normal(size=(steps, values))
    trace = deep_trace(
        x,
        weights,
        initial,
        cell=cell,
        layers=layers,
        both=both,
        merge=merge,
        backend=BACKEND,
        held=holding,
    )
    return x, weights, initial, holding, trace


def given_to(direction, below, weights, initial, state_names):
    """The weights of one direction as an engine's layer has them, and its states (1, U)."""
    kernels, recurrent, bias = weight_names(direction, below)
    kernel = np.concatenate([weights[name] for name in kernels])
    states = [initial[name] for name in initial_names(direction, state_names)]
    return (kernel, weights[recurrent], weights[bias]), states


def engine_outputs(kind, x, weights, initial, *, layers, both, merge, units):
    """What the engine's own stack gives: Bidirectional layers, or plain ones."""
    context = Context(BACKEND, False, np.random.default_rng(0))
    below, y = ("x",), x[None]
    for number in range(layers):
        if number:
            below = outputs_of(number - 1, both=both, merge=merge)
        inner = CELLS[kind](units, return_sequences=True, dtype="float64")
        layer = Bidirectional(inner, merge_mode=merge, dtype="float64") if both else inner
        layer.build((None, y.shape[-1]), np.random.default_rng(0))
        arrays, states = list(layer.weights.values()), []
        for direction in directions_of(layers, both=both):
            if direction.layer != number:
                continue
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
    layers = 2 if deep else 1
    made = {"layers": layers, "both": both, "merge": merge}
    x, weights, initial, _, trace = example(kind, **made, steps=2)
    for level in trace.levels:
        invariants.check_level(trace.at(level))
    invariants.check_links(trace)
    names = outputs_of(layers - 1, both=both, merge=merge)
    found = np.concatenate([trace.arrays[name].values for name in names], axis=-1)
    expected = engine_outputs(kind, x, weights, initial, **made, units=2)
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_a_trace_with_gates_held_keeps_the_contract():
    for kind, gates in (("LSTM", "if"), ("GRU", "zg")):
        *_, trace = example(kind, layers=1, both=True, merge="sum", steps=2, held=gates)
        for level in trace.levels:
            invariants.check_level(trace.at(level))
        invariants.check_links(trace)


@given(
    kind=st.sampled_from(list(CELLS)),
    steps=st.integers(1, 5),
    values=st.integers(1, 3),
    units=st.integers(1, 4),
    layers=st.integers(1, 3),
    merge=st.sampled_from(MERGES),
    seed=st.integers(0, 999),
    held=st.booleans(),
)
@settings(deadline=None, max_examples=40)
def test_every_array_equals_a_naive_loop(kind, steps, values, units, layers, merge, seed, held):
    both, mode = merge
    gates = {"SimpleRNN": "", "LSTM": "fo"}.get(kind, "zr") if held else ""
    made = {"layers": layers, "both": both, "merge": mode}
    x, weights, initial, holding, trace = example(
        kind, **made, steps=steps, values=values, units=units, seed=seed, held=gates
    )
    known = {"x": x}
    for direction in directions_of(layers, both=both):
        below = sources_of(direction, both=both, merge=mode)
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
        if direction.backwards and mode != "concat":
            first, second = (known[f"h{direction.layer + 1}{way}"] for way in ("", "_back"))
            merged = {"sum": first + second, "mul": first * second, "ave": (first + second) / 2}
            known[f"y{direction.layer + 1}"] = merged[mode]


def test_cells_are_gone_through_in_the_order_of_computation():
    for kind in ("SimpleRNN", "LSTM"):
        *_, trace = example(kind, layers=2, both=True, merge="sum", steps=3)
        steps = trace.at("step")
        order = [(steps.focus(at).segment, steps.focus(at).time) for at in range(len(steps))]
        assert order == [
            (0, 0), (0, 1), (0, 2), (1, 2), (1, 1), (1, 0),
            (2, 0), (2, 1), (2, 2), (3, 2), (3, 1), (3, 0),
        ]  # fmt: skip
