"""The training of restricted Boltzmann machines: what it reaches, its events, and going on."""

import itertools
import math

import numpy as np
import pytest

from simulator.engine import optimizers
from simulator.engine.optimizers import schedules
from simulator.engine.rbm import BernoulliRBM, RBMBatchEnd
from simulator.engine.training import Diverged, EpochBegin, EpochEnd, Finished
from tests.engine.machines import bars, machine


@pytest.mark.parametrize("persistent", [False, True])
@pytest.mark.parametrize("k", [1, 3])
def test_learning_makes_the_data_likelier_exactly(backend, dtype, persistent, k):
    rbm = BernoulliRBM(6, 4, seed=1, dtype=dtype, backend=backend)
    data = bars(200)
    before = rbm.log_likelihood(data).mean()
    history = rbm.fit(data, epochs=40, k=k, persistent=persistent)
    after = rbm.log_likelihood(data).mean()
    assert before == pytest.approx(6 * math.log(0.5), rel=1e-2)
    # The data itself is no likelier than −log 2 and the entropy of six coins of 0.1: −2.64.
    assert after > -3.1
    assert len(history["loss"]) == 40
    assert history["loss"][-1] < 0.7 * history["loss"][0]


def test_any_optimizer_can_climb():
    data = bars(200)
    rbm = BernoulliRBM(6, 4, seed=1, optimizer=optimizers.Adam(0.02), backend="numpy")
    rbm.fit(data, epochs=40)
    assert rbm.log_likelihood(data).mean() > -3.2


def test_one_step_of_plain_descent_is_the_rate_times_the_contrast():
    rbm, twin = (machine(4, 3, seed=2, optimizer=optimizers.SGD(0.5)) for _ in range(2))
    data = np.random.default_rng(0).integers(0, 2, (5, 4)).astype(float)
    run = rbm.training(data, epochs=1, batch_size=5, shuffle=False)
    events = list(run)
    contrast = next(each for each in events if isinstance(each, RBMBatchEnd)).contrast
    for name, weights in rbm.weights.items():
        change = 0.5 * (contrast.positive[name] - contrast.negative[name])
        np.testing.assert_allclose(weights, twin.weights[name] + change, atol=1e-14)
    np.testing.assert_array_equal(contrast.chain[0].start, data)


def test_persistent_chains_start_where_the_last_ended():
    rbm = machine()
    data = np.random.default_rng(0).integers(0, 2, (9, 4)).astype(float)
    run = rbm.training(data, epochs=1, batch_size=4, k=2, persistent=True)
    chains = [each.contrast.chain for each in run if isinstance(each, RBMBatchEnd)]
    # The last batch has one sample, but there are as many chains as ever.
    assert [len(chain[0].start) for chain in chains] == [4, 4, 4]
    for before, after in itertools.pairwise(chains):
        np.testing.assert_array_equal(after[0].start, before[-1].visible)
    np.testing.assert_array_equal(rbm.particles, chains[-1][-1].visible)


def trained(rbm, data, **arguments):
    rbm.fit(data, epochs=3, batch_size=7, **arguments)
    return {name: weights.copy() for name, weights in rbm.weights.items()}


def assert_same(first, second):
    for name, weights in first.items():
        np.testing.assert_array_equal(weights, second[name])


@pytest.mark.parametrize("persistent", [False, True])
def test_the_same_seed_gives_the_same_bits(backend, dtype, persistent):
    data = bars(30)
    first, second, other = (
        trained(
            BernoulliRBM(6, 4, seed=seed, dtype=dtype, backend=backend), data, persistent=persistent
        )
        for seed in (5, 5, 6)
    )
    assert_same(first, second)
    assert not np.array_equal(first["kernel"], other["kernel"])


def test_looking_does_not_change_how_training_goes_on():
    data = bars(30)
    quiet, watched = (BernoulliRBM(6, 4, seed=5, backend="numpy") for _ in range(2))
    expected = trained(quiet, data)
    for event in watched.training(data, epochs=3, batch_size=7):
        watched.sample(2, steps=3)
        watched.reconstruct(data[:2])
        watched.complete(np.full((1, 6), np.nan), steps=2)
        watched.gibbs_step(data[:2])
        watched.free_energy(data)
        assert event.epoch <= 3
    assert_same(expected, watched.weights)


@pytest.mark.parametrize("persistent", [False, True])
@pytest.mark.parametrize("kind", [RBMBatchEnd, EpochBegin, EpochEnd])
@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_snapshot_goes_on_bit_for_bit_the_same(persistent, kind, elsewhere):
    data = bars(30)
    options = {"epochs": 3, "batch_size": 7, "persistent": persistent, "k": 2}

    def make(seed):
        return BernoulliRBM(
            6, 4, seed=seed, optimizer=optimizers.SGD(0.1, momentum=0.5), backend="numpy"
        )

    rbm = make(5)
    run = rbm.training(data, **options)
    rest, snapshot = [], None
    for event in run:
        if snapshot is not None:
            rest.append(event)
        elif isinstance(event, kind) and event.epoch == 1:
            snapshot = rbm.snapshot()
    expected = {name: weights.copy() for name, weights in rbm.weights.items()}
    sampled = rbm.sample(2, steps=3)
    # Either the same run again, or a run just begun by another machine.
    other = make(99) if elsewhere else rbm
    repeated = other.training(data, **options) if elsewhere else run
    other.restore(snapshot)
    events = list(repeated)
    assert_same(expected, other.weights)
    assert [type(each) for each in events] == [type(each) for each in rest]
    assert [each.step for each in events] == [each.step for each in rest]
    assert events[-1].logs == rest[-1].logs
    assert repeated.position.losses == run.position.losses
    np.testing.assert_array_equal(other.sample(2, steps=3), sampled)


def test_a_snapshot_does_not_follow_what_comes_after():
    rbm = BernoulliRBM(6, 4, backend="numpy")
    snapshot = rbm.snapshot()
    kernel = snapshot.weights["kernel"].copy()
    rbm.fit(bars(30), epochs=1)
    np.testing.assert_array_equal(snapshot.weights["kernel"], kernel)
    rbm.restore(snapshot)
    rbm.fit(bars(30), epochs=1)
    np.testing.assert_array_equal(snapshot.weights["kernel"], kernel)


def test_events_tell_the_course_of_training():
    rbm = BernoulliRBM(6, 4, backend="numpy")
    events = list(rbm.training(bars(25), epochs=2, batch_size=10))
    epoch = [EpochBegin, RBMBatchEnd, RBMBatchEnd, RBMBatchEnd, EpochEnd]
    assert [type(each) for each in events] == [*epoch, *epoch, Finished]
    ends = [each for each in events if isinstance(each, RBMBatchEnd)]
    assert [(each.epoch, each.batch, each.step) for each in ends] == [
        (0, 0, 1), (0, 1, 2), (0, 2, 3), (1, 0, 4), (1, 1, 5), (1, 2, 6)
    ]  # fmt: skip
    sizes = [10, 10, 5]
    mean = sum(each.loss * size for each, size in zip(ends[:3], sizes, strict=True)) / 25
    assert events[4].logs["loss"] == pytest.approx(mean, rel=1e-12)
    assert ends[2].logs["loss"] == pytest.approx(mean, rel=1e-12)
    first = ends[0].contrast.chain[0]
    error = np.mean((first.visible_probabilities - first.start) ** 2)
    assert ends[0].loss == pytest.approx(error, rel=1e-6)


def test_every_sample_comes_once_in_an_epoch_in_an_order_of_its_own():
    data = np.eye(6)
    rbm = BernoulliRBM(6, 2, backend="numpy")
    seen = [
        each.contrast.chain[0].start
        for each in rbm.training(data, epochs=2, batch_size=4)
        if isinstance(each, RBMBatchEnd)
    ]
    epochs = [np.concatenate(seen[:2]), np.concatenate(seen[2:])]
    for epoch in epochs:
        np.testing.assert_array_equal(epoch.sum(0), 1)
    assert not np.array_equal(epochs[0], epochs[1])


@pytest.mark.parametrize("persistent", [False, True])
def test_training_that_diverges_ends_with_the_last_good_weights(persistent):
    # Beyond float32 from the fifth step on.
    rate = schedules.PiecewiseConstantDecay([3], [0.1, 1e39])
    rbm = BernoulliRBM(6, 4, optimizer=optimizers.SGD(rate), backend="numpy")
    events, good = [], []
    for event in rbm.training(bars(40), epochs=9, batch_size=20, persistent=persistent):
        events.append(event)
        if not isinstance(event, Diverged):
            good.append({name: each.copy() for name, each in rbm.weights.items()})
    assert isinstance(events[-1], Diverged)
    assert "smaller learning rate" in events[-1].message
    assert (events[-1].what, events[-1].step, events[-1].epoch) == ("weights", 4, 2)
    assert_same(good[-1], rbm.weights)
    assert all(np.isfinite(each).all() for each in rbm.weights.values())
