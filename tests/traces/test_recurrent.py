"""Traces of recurrent layers: values, order of steps, and what is told of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.backends.base import Backend
from simulator.engine.layers import GRU, LSTM, SimpleRNN
from simulator.traces.recurrent import Head, Sequence, recurrent_trace
from simulator.traces.region import Region
from tests.engine import naive_recurrent as naive
from tests.engine.recurrent_layers import built
from tests.traces import invariants

BACKEND = Backend()
KINDS = {
    "SimpleRNN": SimpleRNN,
    "LSTM": LSTM,
    "GRU": GRU,
    "GRU before": lambda units, **options: GRU(units, reset_after=False, **options),
}
kinds = pytest.mark.parametrize("kind", KINDS)


def example(kind, *, steps=3, values=2, units=2, seed=0, head=None, held=False, **options):
    """A layer with weights that matter, a sequence with states, and the trace of both."""
    rng = np.random.default_rng(seed)
    layer = built(KINDS[kind](units, dtype="float64", **options), values, seed)
    initial = {name: rng.normal(size=units) for name in layer.state_names}
    holding = {}
    if held:
        for name in {"LSTM": "if", "SimpleRNN": ""}.get(kind, "zg"):
            holding[name] = np.where(rng.random((steps, units)) < 0.5, rng.random(), np.nan)
    sequence = Sequence(rng.normal(size=(steps, values)), initial, holding)
    answer = None
    if head is not None:
        answer = Head(rng.normal(size=(units, 2)), rng.normal(size=2), each_step=head == "each")
    trace = recurrent_trace(layer, sequence, backend=BACKEND, head=answer)
    return layer, sequence, trace


def naively(layer, sequence):
    """Every array of the cell, from loops over single numbers."""
    weights = {name: value.tolist() for name, value in layer.weights.items()}
    states = [sequence.initial[name].tolist() for name in layer.state_names]
    x = sequence.x[::-1] if layer.go_backwards else sequence.x
    held = sequence.held
    if isinstance(layer, LSTM):
        return naive.lstm(x, *weights.values(), *states, "tanh", "sigmoid", held)
    if isinstance(layer, GRU):
        kernel, recurrent, bias = weights.values()
        biases = bias if layer.reset_after else (bias, [0.0] * len(bias))
        return naive.gru(
            x, kernel, recurrent, *biases, *states, layer.reset_after, "tanh", "sigmoid", held
        )
    return naive.simple_rnn(x, *weights.values(), *states, "tanh")


@kinds
@pytest.mark.parametrize("head", [None, "each", "last"])
def test_every_trace_keeps_the_contract_at_every_level(kind, head):
    _, _, trace = example(kind, head=head)
    for level in trace.levels:
        invariants.check_level(trace.at(level))
    invariants.check_links(trace)


@kinds
def test_every_trace_with_gates_held_keeps_the_contract(kind):
    _, _, trace = example(kind, held=True)
    for level in trace.levels:
        invariants.check_level(trace.at(level))
    invariants.check_links(trace)


@given(
    kind=st.sampled_from(list(KINDS)),
    steps=st.integers(1, 6),
    values=st.integers(1, 4),
    units=st.integers(1, 5),
    seed=st.integers(0, 999),
    backwards=st.booleans(),
    held=st.booleans(),
)
@settings(deadline=None, max_examples=60)
def test_values_equal_a_naive_loop_over_single_numbers(
    kind, steps, values, units, seed, backwards, held
):
    layer, sequence, trace = example(
        kind, steps=steps, values=values, units=units, seed=seed, go_backwards=backwards, held=held
    )
    for name, expected in naively(layer, sequence).items():
        np.testing.assert_allclose(
            trace.arrays[name].values, expected, rtol=0, atol=1e-12, err_msg=name
        )
    for number, part in enumerate("ifgo" if kind == "LSTM" else "h" if layer.gates == 1 else "zr"):
        # The last running sum of a gate is what it is computed from.
        sums = trace.read(Region.whole(f"{part}_sums", (steps, units, values + units)))
        before = (sequence.x[::-1] if backwards else sequence.x) @ layer.weights["kernel"][
            :, number * units : (number + 1) * units
        ]
        assert sums.shape == (steps, units, values + units)
        np.testing.assert_allclose(sums[..., -1], trace.arrays[f"a_{part}"].values, atol=1e-12)
        products = trace.read(Region.whole(f"{part}_products", sums.shape))
        np.testing.assert_allclose(products[..., :values].sum(axis=-1), before, atol=1e-12)


@given(seed=st.integers(0, 999), kind=st.sampled_from(["LSTM", "GRU", "GRU before"]))
@settings(deadline=None, max_examples=30)
def test_gates_held_at_their_own_values_change_nothing(seed, kind):
    layer, sequence, free = example(kind, seed=seed)
    name = "f" if kind == "LSTM" else "z"
    held = Sequence(sequence.x, sequence.initial, {name: free.arrays[name].values})
    again = recurrent_trace(layer, held, backend=BACKEND)
    for each in free.arrays:
        if not free.arrays[each].given:
            whole = Region.whole(each, free.arrays[each].shape)
            np.testing.assert_allclose(free.read(whole), again.read(whole), atol=1e-12)


def test_a_forget_gate_held_open_and_an_input_gate_held_shut_keep_the_memory():
    layer, sequence, _ = example("LSTM", steps=5)
    ones = np.ones((5, 2))
    held = Sequence(sequence.x, sequence.initial, {"f": ones, "i": 0 * ones})
    trace = recurrent_trace(layer, held, backend=BACKEND)
    for row in trace.arrays["c"].values:
        np.testing.assert_array_equal(row, sequence.initial["c"])
    assert str(trace.at("unit").explain(2).headline[0].text) == "held at"


def test_levels_count_what_they_say():
    _, _, trace = example("LSTM", steps=10, values=2, units=4, head="last")
    sizes = {level: len(trace.at(level)) for level in trace.levels}
    assert sizes == {
        "product": 10 * 4 * (4 * (2 + 4 + 1) + 3 + 2) + 2 * (4 + 1),
        "unit": 10 * 6 * 4 + 2,
        "gate": 10 * 6 + 1,
        "step": 11,
        "sequence": 1,
    }


def test_places_and_steps_lead_to_each_other():
    _, _, trace = example("GRU", head="last")
    for finest in range(trace.total):
        assert trace.finest_of(trace.place(finest)) == finest
    for level in trace.levels:
        there = trace.at(level)
        for step in range(len(there)):
            last = there.last_finest(step)
            assert there.containing(last) == step
            if step + 1 < len(there):
                assert there.containing(last + 1) == step + 1


def test_what_is_told_of_a_memory_cell():
    _layer, sequence, trace = example("LSTM")
    unit = trace.at("unit")
    step = 2 * 4 + 1  # after four gates of two units, the memory of the second
    told = unit.explain(step)
    f, i, g = (trace.arrays[name].values[0, 1] for name in "fig")
    c = f * sequence.initial["c"][1] + i * g
    assert [piece.text for piece in told.headline][1::2] == ["·", "+", "·", "≈"]
    np.testing.assert_allclose(trace.arrays["c"].values[0, 1], c)
    assert str(told.sentence).startswith("Time step 1, unit 2, memory:")
    assert str(told.progress_caption) == "unit 2 of 2"


def test_a_long_and_wide_sequence_opens_and_steps_fast():
    layer = LSTM(256)
    layer.build((None, 1), np.random.default_rng(0))
    x = np.zeros((500, 1), np.float32)
    trace = recurrent_trace(layer, Sequence(x), backend=BACKEND)
    assert trace.total == 500 * 256 * (4 * (1 + 256 + 1) + 5)
    for level in ("product", "unit", "gate"):
        there = trace.at(level)
        step = there.step(len(there) // 2)
        assert len(step.writes) <= 4  # regions, not cells: no step grows with the sequence
        assert there.explain(len(there) // 2).headline


@kinds
def test_the_fact_counts_the_weights_of_the_layer(kind):
    layer, _, trace = example(kind, values=3, units=5)
    total = sum(weight.size for weight in layer.weights.values())
    assert rf"\mathbf{{{total}}}" in trace.size_fact().latex
    beside = "An LSTM of as many units has 180." in str(trace.size_fact().remark)
    assert beside == kind.startswith("GRU")
