"""Traces whose steps train classifiers, with classifiers that need no training."""

import numpy as np

from simulator.engine.rbm import BernoulliRBM
from simulator.traces.balanced import BalancedTrace
from simulator.traces.featured import FeaturedTrace
from simulator.traces.formula import Fact
from simulator.traces.region import Region
from tests.traces.invariants import check_level
from tests.traces.told import plain_text

FACT = Fact("Model", "1")


class Plain:
    """Stands for classifiers: what it scores and answers is plain to compute."""

    lanes = ("First", "Second")
    measures = ("recall", "accuracy")
    sizes = (10, 20, 40)
    classes = 3

    def scores(self, trial, extra, held, labels):
        more = 0.0 if extra is None else extra.mean()
        base = (held.mean(axis=(1, 2)) < labels).mean() / (trial + 1)
        return np.array([[base, 0.25], [more, base]])

    def answers(self, trial, pictures):
        shares = np.stack([pictures.mean(axis=(1, 2)) / (trial + 1), pictures[:, 0, 0]], axis=1)
        return np.stack([shares, 1 - shares, 0 * shares], axis=2)


def machine(seed=0):
    return BernoulliRBM(6, 4, stddev=1.5, seed=seed)


def pictures(count, seed=0):
    return (np.random.default_rng(seed).random((count, 2, 3)) < 0.5).astype(np.float32)


def balanced(seed=1, steps=4):
    return BalancedTrace(
        machine(),
        pictures(3),
        Plain(),
        pictures(9, 5),
        np.arange(9) % 3,
        extra=5,
        steps=steps,
        seed=seed,
        fact=FACT,
    )


def featured():
    return FeaturedTrace(
        machine(), pictures(4), Plain(), pictures(9, 5), np.arange(9) % 3, fact=FACT
    )


def test_every_trace_keeps_to_the_invariants():
    check_level(balanced())
    check_level(featured())


def test_chains_start_at_the_rare_pictures_in_turn_and_go_as_the_engine_lets_them():
    trace, rare = balanced(), pictures(3)
    start = rare[[0, 1, 2, 0, 1]]
    np.testing.assert_array_equal(trace.arrays["start"].values, start)
    chain = machine().gibbs(start.reshape(5, 6), rng=np.random.default_rng(1))
    for step in range(4):
        seen = trace.arrays["visible"].values[step].reshape(5, 6)
        np.testing.assert_array_equal(seen, next(chain).visible)
    again, other = balanced(), balanced(seed=2)
    np.testing.assert_array_equal(
        trace.arrays["visible_draws"].values, again.arrays["visible_draws"].values
    )
    assert (trace.arrays["visible_draws"].values != other.arrays["visible_draws"].values).any()


def test_a_step_is_scored_with_what_the_chains_show_after_it():
    trace = balanced()
    for step in (3, 0, 2):
        drawn = trace.arrays["visible"].values[step]
        assert trace.score(step)[1, 0] == drawn.mean()
        percent = f"{100 * drawn.mean():.0f}%"
        assert percent in plain_text(trace.explain(step).headline)
    (source,) = trace.sources("visible", (2, 1, 0, 0))
    assert source == Region("visible", (range(1, 2), range(1, 2), range(2), range(3)))
    (source,) = trace.sources("visible", (0, 1, 0, 0))
    assert source == Region("start", (range(1, 2), range(2), range(3)))


def test_hidden_units_and_answers_are_those_of_the_pictures_shown():
    trace, shown = featured(), pictures(4)
    np.testing.assert_allclose(
        trace.arrays["hidden"].values.reshape(4, 4),
        machine().hidden_probabilities(shown.reshape(4, 6)),
    )
    for trial in (2, 0):
        found = trace.read(trace.step(trial).targets[1])
        np.testing.assert_array_equal(
            found.reshape(4, 2, 3), Plain().answers(trial, shown).astype(found.dtype)
        )
    assert [region.array for region in trace.sources("answer", (1, 2, 0, 0, 0, 0))] == ["shown"]
