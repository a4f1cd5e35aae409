"""Traces of a training and of a walk through a code, over a network that is quick to train."""

import numpy as np
import pytest

from simulator.lessons.course_learner import course_learner
from simulator.traces.compared import ComparedTrace
from simulator.traces.course import CourseTrace
from simulator.traces.explored import ExploredTrace
from simulator.traces.formula import Fact
from simulator.traces.variational import VariationalTrace
from simulator.traces.walk import WalkTrace
from tests.traces.invariants import check_level

FACT = Fact("Compression", "1")


@pytest.fixture(scope="module")
def learner():
    return course_learner("bars", "dense", 2, "tanh", 2, 0)


@pytest.fixture(scope="module")
def trace(learner):
    pictures = learner.pictures.x[:3]
    point = np.array([[0.5, -1.0]], dtype=np.float32)
    return CourseTrace(learner, pictures, pictures, point, fact=FACT)


@pytest.mark.parametrize("level", ["batch", "epoch"])
def test_a_training_keeps_to_the_invariants(trace, level):
    check_level(trace.at(level))


@pytest.mark.parametrize("level", ["batch", "epoch"])
def test_what_is_drawn_keeps_to_the_invariants(level):
    learner = course_learner("bars", "variational", 2, "tanh", 2, 0, divergence=0.01)
    pictures, rng = learner.pictures.x[:3], np.random.default_rng(0)
    noise, dreams = (rng.standard_normal((count, 1, 2), np.float32) for count in (3, 4))
    point = np.zeros((1, 2), dtype=np.float32)
    trace = VariationalTrace(learner, pictures, point, noise=noise, dreams=dreams, fact=FACT)
    check_level(trace.at(level))


def test_a_state_is_what_the_engine_trained(trace, learner):
    state = learner.states - 1
    weights = learner.course.after(state)
    hidden = np.tanh(
        trace.arrays["original"].values.reshape(3, -1) @ weights["encoder_1/kernel"]
        + weights["encoder_1/bias"]
    )
    code = hidden @ weights["code/kernel"] + weights["code/bias"]
    positions = np.ix_([state], range(3), range(1), range(2))
    np.testing.assert_allclose(
        trace.arrays["code"].values[positions].reshape(3, 2), code, rtol=1e-5, atol=1e-6
    )


def test_going_back_and_forth_gives_the_same_numbers(trace, learner):
    pictures = trace.arrays["original"].values
    before = [learner.code(state, pictures) for state in (1, 5, 1, 0, 5)]
    np.testing.assert_array_equal(before[0], before[2])
    np.testing.assert_array_equal(before[1], before[4])
    assert (before[0] != before[1]).any()


def test_training_makes_the_error_smaller(learner):
    assert learner.error(learner.states - 1) < learner.error(0)
    assert len(learner.course.losses) == learner.states - 1


def test_a_walk_keeps_to_the_invariants(learner):
    first, last = learner.code(0, learner.pictures.x[:2])
    trace = WalkTrace(learner, learner.states - 1, first, last, steps=4, fact=FACT)
    check_level(trace)
    np.testing.assert_array_equal(trace.codes[0], first)
    np.testing.assert_array_equal(trace.codes[-1], last)
    np.testing.assert_allclose(trace.codes[2], (first + last) / 2, rtol=1e-6)


def test_exploring_shows_what_the_decoder_makes(learner):
    state, pictures = learner.states - 1, learner.pictures.x
    point = np.array([[1.5, -0.25]], dtype=np.float32)
    across = np.array([-1, 0, 2], dtype=np.float32)
    trace = ExploredTrace(
        learner, state, pictures, point, ends=(0, 3), plane=(across, across), steps=3, fact=FACT
    )
    np.testing.assert_array_equal(
        trace.arrays["drawn"].values, learner.decoded(state, point[None])[0]
    )
    corner = learner.decoded(state, np.array([[[2.0, 2.0]]], dtype=np.float32))[0]
    np.testing.assert_allclose(trace.arrays["manifold"].values[0, 2], corner, rtol=1e-5, atol=1e-6)
    made = learner.decoded(state, learner.code(state, pictures[4:5]))[0]
    positions = np.ix_([4], range(4), range(4))
    np.testing.assert_allclose(
        trace.arrays["rebuilt"].values[positions][0], made, rtol=1e-5, atol=1e-6
    )
    np.testing.assert_allclose(
        trace.arrays["error"].values[positions][0], (made - pictures[4]) ** 2, rtol=1e-4, atol=1e-6
    )
    assert trace.explain_point().headline


def test_with_large_networks_there_are_fewer_states():
    small = course_learner("digits", "deep", 2, "tanh", 30, 0)
    assert small.updates_per_state == 1
    large = course_learner("digits", "deep", 64, "relu", 100, 3)
    assert large.states_per_epoch * large.updates_per_state == small.states_per_epoch
    assert large.updates_per_state >= 1


@pytest.mark.parametrize("level", ["batch", "epoch"])
def test_a_comparison_keeps_to_the_invariants(learner, level):
    linear = course_learner("bars", "linear", 2, "tanh", 2, 0)
    pictures = learner.pictures.x[:3]
    point = np.zeros((1, 2), dtype=np.float32)
    trace = ComparedTrace(
        linear, learner, pictures, pictures, point, angle=lambda state: 10.0 + state, fact=FACT
    )
    check_level(trace.at(level))
    made = learner.decoded(4, learner.code(4, pictures))
    positions = np.ix_([4], range(3), range(4), range(4))
    np.testing.assert_array_equal(trace.arrays["other"].values[positions][0], made)


def test_a_sparse_code_has_more_small_numbers():
    plain, sparse = (
        course_learner("bars", "dense", 8, "tanh", 12, 0, sparsity=weight) for weight in (0.0, 0.3)
    )
    sizes = [np.abs(each.latents(each.states - 1)).mean() for each in (plain, sparse)]
    assert sizes[1] < 0.5 * sizes[0]
