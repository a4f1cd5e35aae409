"""The restricted Boltzmann machine against plain enumeration of everything that it can be."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.rbm import BernoulliRBM
from tests.engine import naive
from tests.engine.machines import machine

few = settings(max_examples=12, deadline=None)
sizes = st.tuples(st.integers(1, 4), st.integers(1, 4))
seeds = st.integers(0, 2**32 - 1)


def states(units):
    return np.array(list(itertools.product([0.0, 1.0], repeat=units)))


def joint(rbm):
    """P(v, h) as a table: every visible state a row, every hidden state a column."""
    kernel, b, c = (each.tolist() for each in rbm.weights.values())
    table = [
        [
            math.exp(
                sum(b[i] * v[i] for i in range(len(b)))
                + sum(c[j] * h[j] for j in range(len(c)))
                + sum(v[i] * kernel[i][j] * h[j] for i in range(len(b)) for j in range(len(c)))
            )
            for h in states(rbm.hidden_units)
        ]
        for v in states(rbm.visible_units)
    ]
    return np.array(table) / np.sum(table), math.log(np.sum(table))


def transitions(rbm):
    """P(next v | v) of one Gibbs step, by summing over the hidden states in between."""
    table, _ = joint(rbm)
    hidden = table / table.sum(1, keepdims=True)
    visible = table / table.sum(0, keepdims=True)
    return hidden @ visible.T


def frequencies(visible):
    """How often each state occurs, in the order of `states`."""
    units = visible.shape[1]
    numbers = (visible @ 2.0 ** np.arange(units - 1, -1, -1)).astype(int)
    return np.bincount(numbers, minlength=2**units) / len(visible)


def assert_drawn_from(found, expected, count):
    """Frequencies within five standard errors of the probabilities."""
    error = 5 * np.sqrt(expected * (1 - expected) / count) + 1e-12
    assert (np.abs(found - expected) <= error).all()


@few
@given(sizes=sizes, seed=seeds)
def test_energies_and_probabilities_are_those_of_enumeration(sizes, seed):
    rbm = machine(*sizes, seed)
    table, log_partition = joint(rbm)
    v, h = states(sizes[0]), states(sizes[1])
    for row, visible in enumerate(v):
        energies = rbm.energy(np.tile(visible, (len(h), 1)), h)
        np.testing.assert_allclose(np.exp(-energies - log_partition), table[row], rtol=1e-12)
    assert rbm.log_partition() == pytest.approx(log_partition, rel=1e-12, abs=1e-12)
    marginal = table.sum(1)
    np.testing.assert_allclose(-rbm.free_energy(v) - log_partition, np.log(marginal), atol=1e-12)
    np.testing.assert_allclose(rbm.log_likelihood(v), np.log(marginal), atol=1e-12)
    hidden = (table @ h) / marginal[:, np.newaxis]
    np.testing.assert_allclose(rbm.hidden_probabilities(v), hidden, rtol=1e-12)
    visible = (table.T @ v) / table.sum(0)[:, np.newaxis]
    np.testing.assert_allclose(rbm.visible_probabilities(h), visible, rtol=1e-12)
    np.testing.assert_allclose(rbm.reconstruct(v), rbm.visible_probabilities(hidden), rtol=1e-12)


@pytest.mark.parametrize("sizes", [(3, 12), (12, 3)])
def test_the_partition_function_is_counted_over_the_smaller_layer(sizes):
    rbm = machine(*sizes, scale=0.5)
    _, expected = joint(rbm)
    assert rbm.log_partition() == pytest.approx(expected, rel=1e-12)


def test_free_energies_of_large_weights_do_not_overflow(dtype):
    rbm = machine(4, 3, dtype=dtype)
    rbm.weights["kernel"][...] = 1e4
    free = rbm.free_energy(np.ones((1, 4)))
    np.testing.assert_allclose(free, -12e4 - rbm.weights["visible_bias"].sum(), rtol=1e-4)


@few
@given(seed=seeds, known=st.booleans())
def test_a_gibbs_step_shows_what_it_drew(seed, known):
    rbm = machine(4, 3, seed)
    rng = np.random.default_rng(seed)
    start = rng.integers(0, 2, (5, 4)).astype(float)
    missing = np.array([True, False, True, False]) if known else None
    step = rbm.gibbs_step(start, missing=missing, rng=np.random.default_rng(1))
    np.testing.assert_array_equal(step.start, start)
    np.testing.assert_array_equal(step.hidden_probabilities, rbm.hidden_probabilities(start))
    np.testing.assert_array_equal(step.hidden, step.hidden_draws < step.hidden_probabilities)
    np.testing.assert_array_equal(
        step.visible_probabilities, rbm.visible_probabilities(step.hidden)
    )
    drawn = step.visible_draws < step.visible_probabilities
    if known:
        drawn = np.where(missing, drawn, start)
    np.testing.assert_array_equal(step.visible, drawn)
    again = rbm.gibbs_step(start, missing=missing, rng=np.random.default_rng(1))
    np.testing.assert_array_equal(again.visible, step.visible)


def test_gibbs_steps_go_from_state_to_state_as_often_as_they_should():
    rbm, count = machine(3, 2, scale=1.5), 40_000
    for row, start in enumerate(states(3)):
        step = rbm.gibbs_step(np.tile(start, (count, 1)), rng=np.random.default_rng(row))
        assert_drawn_from(frequencies(step.visible), transitions(rbm)[row], count)


def test_chains_are_steps_from_where_the_last_one_ended():
    rbm = machine()
    chain = rbm.gibbs(np.ones((2, 4)), rng=np.random.default_rng(3))
    steps = [next(chain) for _ in range(4)]
    for before, after in itertools.pairwise(steps):
        assert after.start is before.visible or np.array_equal(after.start, before.visible)


def test_samples_are_drawn_from_the_model():
    rbm, count = machine(3, 2), 40_000
    table, _ = joint(rbm)
    drawn = rbm.sample(count, steps=40, rng=np.random.default_rng(0))
    assert_drawn_from(frequencies(drawn), table.sum(1), count)
    stuck = rbm.sample(2, steps=1, start=np.ones((2, 3)), rng=np.random.default_rng(0))
    assert stuck.shape == (2, 3)


@few
@given(sizes=sizes, seed=seeds)
def test_data_minus_model_is_the_slope_of_the_exact_likelihood(sizes, seed):
    rbm = machine(*sizes, seed)
    data = np.random.default_rng(seed).integers(0, 2, (5, sizes[0])).astype(float)
    table, _ = joint(rbm)
    v, h = states(sizes[0]), states(sizes[1])
    model = {
        "kernel": v.T @ table @ h,
        "visible_bias": table.sum(1) @ v,
        "hidden_bias": table.sum(0) @ h,
    }
    positive = rbm.contrast(data).positive
    for name, weights in rbm.weights.items():

        def likelihood(moved, weights=weights):
            kept = weights.copy()
            weights[...] = moved
            result = rbm.log_likelihood(data).mean()
            weights[...] = kept
            return result

        slope = naive.finite_differences(likelihood, weights.copy(), 1.0)
        np.testing.assert_allclose(positive[name] - model[name], slope, atol=1e-8)


@pytest.mark.parametrize("k", [1, 2, 30])
def test_the_chains_statistics_are_what_k_steps_lead_to_on_average(k):
    """After 30 steps of a machine that mixes well, that is the model itself."""
    rbm, count = machine(3, 2, scale=0.7), 60_000
    table, _ = joint(rbm)
    start = np.array([1.0, 0.0, 1.0])
    reached = np.linalg.matrix_power(transitions(rbm), k)[5]
    if k == 30:
        np.testing.assert_allclose(reached, table.sum(1), atol=1e-9)
    v = states(3)
    hidden = rbm.hidden_probabilities(v)
    expected = {
        "kernel": (reached[:, np.newaxis] * v).T @ hidden,
        "visible_bias": reached @ v,
        "hidden_bias": reached @ hidden,
    }
    contrast = rbm.contrast(np.tile(start, (count, 1)), k=k, rng=np.random.default_rng(4))
    assert len(contrast.chain) == k
    for name, each in contrast.negative.items():
        # All values lie between 0 and 1: their standard errors are at most ½ / √count.
        np.testing.assert_allclose(each, expected[name], atol=5 * 0.5 / math.sqrt(count))
    np.testing.assert_allclose(contrast.positive["visible_bias"], start)
    only = rbm.hidden_probabilities(start[np.newaxis])
    np.testing.assert_allclose(contrast.positive["hidden_bias"], only[0])
    np.testing.assert_allclose(contrast.positive["kernel"], np.outer(start, only[0]), atol=1e-12)


def test_what_is_missing_is_completed_by_its_probability():
    rbm = machine(4, 3, scale=0.8)
    table, _ = joint(rbm)
    marginal, v = table.sum(1), states(4)
    known = (v[:, 0] == 1) & (v[:, 2] == 0)
    expected = marginal[known] @ v[known] / marginal[known].sum()
    given = np.tile([1.0, np.nan, 0.0, np.nan], (200, 1))
    made = rbm.complete(given, steps=400, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(made[:, [0, 2]], given[:, [0, 2]])
    # 200 chains of 200 steps that are alike from step to step: within 0.01.
    np.testing.assert_allclose(made.mean(0), expected, atol=0.01)
    masked = rbm.complete(
        np.tile([1.0, 1.0, 0.0, 1.0], (200, 1)),
        np.array([False, True, False, True]),
        steps=400,
        rng=np.random.default_rng(0),
    )
    np.testing.assert_array_equal(masked, made)


def test_completion_is_the_mean_over_the_second_half_of_the_steps():
    rbm = machine(3, 2)
    made = rbm.complete([[1.0, np.nan, np.nan]], steps=5, rng=np.random.default_rng(8))
    rng = np.random.default_rng(8)
    start = np.append(1.0, rng.random((1, 3))[0, 1:] < 0.5)[np.newaxis]
    missing = np.array([[False, True, True]])
    chain = list(itertools.islice(rbm.gibbs(start, missing=missing, rng=rng), 5))
    expected = np.mean([step.visible_probabilities[0, 1:] for step in chain[2:]], 0)
    np.testing.assert_allclose(made[0, 1:], expected, rtol=1e-14)


def test_without_anything_missing_nothing_changes():
    rbm = machine(dtype="float32")
    given = np.float32([[0, 1, 0.25, 1]])
    made = rbm.complete(given, steps=3)
    np.testing.assert_array_equal(made, given)
    assert made.dtype == np.float32


@pytest.mark.parametrize("value", [0, -1, 2.5, True, "3", None])
def test_counts_that_are_none_are_refused(value):
    with pytest.raises(ValueError, match=r"visible_units is .* whole number from 1"):
        BernoulliRBM(value, 3)
    with pytest.raises(ValueError, match="hidden_units is"):
        BernoulliRBM(3, value)
    rbm = BernoulliRBM(2, 2, backend="numpy")
    for name in ("epochs", "batch_size", "k"):
        with pytest.raises(ValueError, match=f"{name} is"):
            rbm.training(np.ones((1, 2)), **{name: value})


def test_what_is_refused():
    rbm = BernoulliRBM(3, 2, backend="numpy")
    with pytest.raises(ValueError, match=r"data has the shape \(2, 4\): .* samples × 3 units"):
        rbm.training(np.ones((2, 4)))
    with pytest.raises(ValueError, match=r"data has the shape \(3,\)"):
        rbm.training(np.ones(3))
    with pytest.raises(ValueError, match="There is no data"):
        rbm.training(np.ones((0, 3)))
    with pytest.raises(ValueError, match=r"runs from 0\.0 to 2\.0: units are from 0 to 1"):
        rbm.training([[0, 1, 2]])
    with pytest.raises(ValueError, match="runs from nan to nan"):
        rbm.free_energy([[0, 1, np.nan]])
    with pytest.raises(ValueError, match=r"hidden has the shape \(1, 3\)"):
        rbm.visible_probabilities(np.ones((1, 3)))
    with pytest.raises(TypeError, match="missing holds float64"):
        rbm.complete(np.ones((1, 3)), np.ones((1, 3)))
    with pytest.raises(ValueError, match=r"missing has the shape \(2,\)"):
        rbm.complete(np.ones((1, 3)), np.ones(2, bool))
    with pytest.raises(ValueError, match="only with 16 or fewer"):
        BernoulliRBM(17, 17, backend="numpy").log_partition()
    with pytest.raises(ValueError, match="dtype is 'float16'"):
        BernoulliRBM(3, 2, dtype="float16")
    with pytest.raises(TypeError, match="'hiden_units': did you mean 'hidden_units'"):
        BernoulliRBM(3, hiden_units=2)
