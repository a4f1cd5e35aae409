import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.optimizers import SGD
from simulator.engine.rbm import BernoulliRBM
from simulator.traces.rbm import rbm_trace
from tests.traces.invariants import check_level, check_staged
from tests.traces.told import plain_text

few = settings(max_examples=8, deadline=None)


def machine(shape, hidden, seed=0, backend="auto"):
    rbm = BernoulliRBM(
        shape[0] * shape[1], hidden, stddev=0.7, seed=seed, optimizer=SGD(0.1), backend=backend
    )
    rng = np.random.default_rng(seed)
    for name in ("visible_bias", "hidden_bias"):
        rbm.weights[name][...] = rng.normal(0, 0.7, rbm.weights[name].shape)
    return rbm


def picture(shape, seed=0):
    rng = np.random.default_rng(seed)
    return (rng.random(shape) < 0.5).astype(np.float32)


def traced(shape=(2, 3), hidden=4, *, k=1, persistent=False, seed=0, backend="auto"):
    rbm = machine(shape, hidden, seed, backend)
    data = picture(shape, seed)
    start = picture(shape, seed + 1) if persistent else None
    contrast = rbm.contrast(
        data.reshape(1, -1),
        k=k,
        start=None if start is None else start.reshape(1, -1),
        rng=np.random.default_rng(seed),
    )
    return rbm, data, contrast, rbm_trace(rbm, data, contrast, rate=0.1, start=start)


@given(
    st.tuples(st.integers(1, 2), st.integers(1, 3)),
    st.integers(1, 3),
    st.integers(1, 2),
    st.booleans(),
    st.integers(0, 9),
)
@few
def test_every_trace_keeps_to_the_invariants(shape, hidden, k, persistent, seed):
    rbm, _data, contrast, trace = traced(shape, hidden, k=k, persistent=persistent, seed=seed)
    first, last = contrast.chain[0], contrast.chain[-1]
    expected = {
        "up_1_probabilities": first.hidden_probabilities,
        "hidden_1": first.hidden,
        "hidden_1_draws": first.hidden_draws,
        "down_1_probabilities": first.visible_probabilities,
        f"visible_{k}": last.visible,
        "last_probabilities": contrast.chain_probabilities,
        "energy": rbm.energy(first.start, first.hidden),
        "free_energy": rbm.free_energy(first.start),
    }
    check_staged(
        trace, {name: array.reshape(trace.arrays[name].shape) for name, array in expected.items()}
    )


@pytest.mark.parametrize("persistent", [False, True])
def test_the_new_weights_are_those_that_the_engine_trains(persistent, backend):
    rbm, _data, contrast, trace = traced(persistent=persistent, k=2, backend=backend)
    gradients = {name: contrast.negative[name] - contrast.positive[name] for name in rbm.weights}
    rbm.optimizer.step(rbm.weights, gradients)
    kernel = trace.arrays["new_kernel"].values.reshape(4, 6).T
    np.testing.assert_allclose(kernel, rbm.weights["kernel"], rtol=1e-6, atol=1e-7)
    for name in ("visible_bias", "hidden_bias"):
        moved = trace.arrays[f"new_{name}"].values.ravel()
        np.testing.assert_allclose(moved, rbm.weights[name], rtol=1e-6, atol=1e-7)


def test_the_update_is_the_difference_of_two_outer_products():
    _, data, contrast, trace = traced()
    hidden, end = contrast.hidden_probabilities.ravel(), contrast.chain[-1].visible.ravel()
    np.testing.assert_allclose(
        trace.arrays["positive"].values.reshape(4, 6), np.outer(hidden, data.ravel()), rtol=1e-6
    )
    np.testing.assert_allclose(
        trace.arrays["negative"].values.reshape(4, 6),
        np.outer(contrast.chain_probabilities.ravel(), end),
        rtol=1e-6,
    )


def test_a_flip_is_told_with_its_random_number_and_is_the_same_when_told_again():
    _, _, contrast, trace = traced()
    part = next(at for at, part in enumerate(trace.parts) if part.name == "flip_hidden_1")
    units = trace.at("unit")
    first = sum(each.units for each in trace.parts[:part])
    told = [units.explain(first + unit) for unit in range(4)]
    for unit, each in enumerate(told):
        draw = contrast.chain[0].hidden_draws[0, unit]
        probability = contrast.chain[0].hidden_probabilities[0, unit]
        assert f"{draw:.3f}" in plain_text(each.headline)
        assert f"{probability:.3f}" in plain_text(each.headline)
        assert each.result.text == str(int(draw < probability))
    again = [units.explain(first + unit) for unit in reversed(range(4))]
    assert again[::-1] == told


def test_a_persistent_chain_starts_elsewhere():
    _, _data, contrast, trace = traced(persistent=True)
    np.testing.assert_array_equal(
        trace.arrays["particle"].values.ravel(), contrast.chain[0].start.ravel()
    )
    names = [part.name for part in trace.parts]
    assert names[:2] == ["data", "up_1"]
    assert "persistent" in str(trace.size_fact().remark)


def test_64_units_to_64_are_steps_that_are_made_when_asked_for():
    _, _, _, trace = traced((8, 8), 64, k=3)
    for index in (0, len(trace) // 2, len(trace) - 1):
        assert trace.step(index).writes
        assert trace.explain(index).terms
    check_level(trace.at("layer"))
