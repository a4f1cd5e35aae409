"""The way back through time: values, order, and what truncation and clipping do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.backends.base import Backend
from simulator.engine.layers.base import Context
from simulator.traces.recurrent import Sequence
from simulator.traces.through_time import spectral_radius, through_time_trace
from simulator.traces.weight_gradient import Clipping, weight_parts
from tests.engine.recurrent_layers import built
from tests.traces import invariants
from tests.traces.test_recurrent import KINDS

BACKEND = Backend()
kinds = pytest.mark.parametrize("kind", KINDS)


def example(
    kind, *, steps=3, values=2, units=2, seed=0, window=0, clip=("none", 1.0), held="", **options
):
    rng = np.random.default_rng(seed)
    layer = built(KINDS[kind](units, dtype="float64", **options), values, seed)
    initial = {name: rng.normal(size=units) for name in layer.state_names}
    holding = {
        gate: np.where(rng.random((steps, units)) < 0.5, rng.random(), np.nan) for gate in held
    }
    sequence = Sequence(rng.normal(size=(steps, values)), initial, holding)
    to_output = rng.normal(size=(steps, units))
    trace = through_time_trace(
        layer, sequence, to_output, backend=BACKEND, window=window, clipping=Clipping(*clip)
    )
    return layer, sequence, to_output, trace


def loss(layer, sequence, to_output):
    """Σ to_output · h: its gradients are those of the trace."""
    states = tuple(sequence.initial[name][None] for name in layer.state_names)
    layer.return_sequences = True
    context = Context(BACKEND, False, np.random.default_rng(0))
    held = {gate: values[None] for gate, values in sequence.held.items()}
    h, _ = layer.forward_held((sequence.x[None], *states), held, context)
    return float((h[0] * to_output).sum())


def differences(layer, sequence, to_output, place):
    found = np.empty_like(place)
    for index in np.ndindex(place.shape):
        kept, sums = place[index], []
        for step in (1e-5, -1e-5):
            place[index] = kept + step
            sums.append(loss(layer, sequence, to_output))
        place[index] = kept
        found[index] = (sums[0] - sums[1]) / 2e-5
    return found


def weight_gradient(trace, layer, clipped=False):
    """∂L/∂(recurrent kernel) (U, gates · U), from the arrays of its gates."""
    parts = weight_parts(layer)
    names = [part.clipped if clipped else part.gradient for part in parts]
    size = (layer.units, layer.units)
    return np.concatenate([trace.arrays[name].values.reshape(size) for name in names], axis=-1)


@kinds
@pytest.mark.parametrize("window", [0, 2])
def test_every_trace_keeps_the_contract_at_every_level(kind, window):
    held = {"SimpleRNN": "", "LSTM": "f"}.get(kind, "z") if window else ""
    *_, trace = example(kind, window=window, held=held)
    for level in trace.levels:
        invariants.check_level(trace.at(level))
    invariants.check_links(trace)


@kinds
@pytest.mark.parametrize("clip", ["norm", "value"])
def test_a_trace_that_clips_keeps_the_contract(kind, clip):
    *_, trace = example(kind, steps=2, clip=(clip, 0.3))
    for level in trace.levels:
        invariants.check_level(trace.at(level))
    invariants.check_links(trace)


@given(
    kind=st.sampled_from(list(KINDS)),
    steps=st.integers(1, 5),
    values=st.integers(1, 3),
    units=st.integers(1, 4),
    seed=st.integers(0, 999),
    holding=st.booleans(),
)
@settings(deadline=None, max_examples=25)
def test_gradients_equal_finite_differences(kind, steps, values, units, seed, holding):
    """Where a gate is held by hand, nothing goes through it."""
    held = {"SimpleRNN": "", "LSTM": "fo"}.get(kind, "zg") if holding else ""
    layer, sequence, to_output, trace = example(
        kind, steps=steps, values=values, units=units, seed=seed, held=held
    )
    arrays = trace.arrays
    # What is handed on before the first step is the gradient at the state before it.
    found = differences(layer, sequence, to_output, sequence.initial["h"])
    np.testing.assert_allclose(arrays["carried"].values[0], found, atol=1e-7)
    if kind == "LSTM":
        found = differences(layer, sequence, to_output, sequence.initial["c"])
        np.testing.assert_allclose(arrays["cell_carried"].values[0], found, atol=1e-7)
    # The input reaches the loss through the sums alone.
    gates = {1: ("d_a",), 4: ("da_i", "da_f", "da_g", "da_o")}.get(
        layer.gates, ("da_z", "da_r", "da_g")
    )
    slopes = np.concatenate([arrays[name].values for name in gates], axis=-1)
    found = differences(layer, sequence, to_output, sequence.x)
    np.testing.assert_allclose(slopes @ layer.weights["kernel"].T, found, atol=1e-7)
    found = differences(layer, sequence, to_output, layer.weights["recurrent_kernel"])
    gradient = weight_gradient(trace, layer)
    np.testing.assert_allclose(gradient, found, atol=1e-7)
    np.testing.assert_allclose(arrays["U_norm"].values.item(), np.linalg.norm(gradient))


@given(seed=st.integers(0, 999), steps=st.integers(1, 6), units=st.integers(1, 4))
@settings(deadline=None, max_examples=15)
def test_a_simple_cell_goes_back_as_a_naive_loop_does(seed, steps, units):
    layer, _, to_output, trace = example("SimpleRNN", steps=steps, units=units, seed=seed)
    h, kernel = trace.arrays["h"].values, layer.weights["recurrent_kernel"]
    carried = [0.0] * units
    for t in reversed(range(steps)):
        at_h = [to_output[t][u] + carried[u] for u in range(units)]
        at_a = [at_h[u] * (1 - h[t][u] ** 2) for u in range(units)]
        carried = [sum(kernel[v][u] * at_a[u] for u in range(units)) for v in range(units)]
        for name, expected in (("d_h", at_h), ("d_a", at_a), ("carried", carried)):
            np.testing.assert_allclose(trace.arrays[name].values[t], expected, atol=1e-12)
        length = sum(value**2 for value in at_h) ** 0.5
        np.testing.assert_allclose(trace.arrays["norm"].values[t, 0], length, atol=1e-12)


@kinds
def test_a_window_cuts_the_gradient_off(kind):
    """Two windows of two steps: what arrives at a window's end comes from its own steps alone."""
    layer, sequence, to_output, trace = example(kind, steps=4, window=2)
    first = Sequence(sequence.x[:2], sequence.initial)
    alone = through_time_trace(layer, first, to_output[:2], backend=BACKEND)
    whole = through_time_trace(layer, sequence, to_output, backend=BACKEND)
    for name in ("d_h", "carried", "norm", *(["d_c", "cell_carried"] if kind == "LSTM" else [])):
        found = trace.arrays[name].values
        np.testing.assert_allclose(found[:2], alone.arrays[name].values, atol=1e-12)
        np.testing.assert_allclose(found[2:], whole.arrays[name].values[2:], atol=1e-12)
        assert not np.allclose(found[1], whole.arrays[name].values[1])


@kinds
@pytest.mark.parametrize("window", [0, 2])
def test_a_trace_that_is_compared_has_the_same_gradient_without_that_of_the_weights(kind, window):
    layer, sequence, to_output, whole = example(kind, window=window)
    compared = through_time_trace(
        layer, sequence, to_output, backend=BACKEND, window=window, compared=True
    )
    for name in ("d_h", "norm"):
        assert np.array_equal(compared.arrays[name].values, whole.arrays[name].values)
    left_out = whole.arrays.keys() - compared.arrays.keys()
    assert left_out >= {part.gradient for part in weight_parts(layer)}
    invariants.check_level(compared)


@kinds
def test_clipping_by_norm_keeps_the_direction_and_by_value_does_not(kind):
    layer, *_, trace = example(kind, steps=4)
    gradient = weight_gradient(trace, layer)
    norm = np.linalg.norm(gradient)
    np.testing.assert_allclose(trace.arrays["U_norm"].values.item(), norm)
    *_, by_norm = example(kind, steps=4, clip=("norm", norm / 4))
    np.testing.assert_allclose(weight_gradient(by_norm, layer, clipped=True), gradient / 4)
    *_, loose = example(kind, steps=4, clip=("norm", norm * 2))
    np.testing.assert_allclose(weight_gradient(loose, layer, clipped=True), gradient)
    limit = np.abs(gradient).max() / 2
    *_, by_value = example(kind, steps=4, clip=("value", limit))
    clipped = weight_gradient(by_value, layer, clipped=True)
    np.testing.assert_allclose(clipped, np.clip(gradient, -limit, limit))


def test_the_spectral_radius_is_the_size_of_the_largest_eigenvalue():
    turning = np.array([[0.0, -2.0], [2.0, 0.0]])
    assert spectral_radius(turning) == pytest.approx(2)
    assert spectral_radius(np.diag([0.5, -0.75])) == pytest.approx(0.75)


def test_steps_go_from_the_last_time_step_to_the_first():
    *_, trace = example("LSTM", steps=4)
    steps = trace.at("step")
    assert [steps.focus(index).time for index in range(len(steps) - 1)] == [3, 2, 1, 0]


@given(
    kind=st.sampled_from(list(KINDS)), steps=st.integers(1, 5), seed=st.integers(0, 999),
    window=st.integers(0, 2),
)  # fmt: skip
@settings(deadline=None, max_examples=15)
def test_what_the_layers_above_give_for_the_last_memory_goes_back_too(kind, steps, seed, window):
    layer, sequence, to_output, _ = example(kind, steps=steps, seed=seed)
    to_memory = np.random.default_rng(seed).normal(size=(1, layer.units))
    given_too = {"to_memory": to_memory, "window": window}
    trace = through_time_trace(layer, sequence, to_output, backend=BACKEND, **given_too)
    for level in trace.levels:
        invariants.check_level(trace.at(level))
    if kind != "LSTM" or window:
        return

    def loss_with_memory(initial):
        context = Context(BACKEND, False, np.random.default_rng(0))
        layer.return_sequences = layer.return_state = True
        (h, _, c), _ = layer.forward((sequence.x[None], *(v[None] for v in initial)), context)
        return float((h[0] * to_output).sum() + (c * to_memory).sum())

    initial = [sequence.initial["h"], sequence.initial["c"]]
    for name, place in (("carried", 0), ("cell_carried", 1)):
        for unit in range(layer.units):
            sums = []
            for step in (1e-5, -1e-5):
                moved = [values.copy() for values in initial]
                moved[place][unit] += step
                sums.append(loss_with_memory(moved))
            slope = (sums[0] - sums[1]) / 2e-5
            np.testing.assert_allclose(trace.arrays[name].values[0, unit], slope, atol=1e-7)
