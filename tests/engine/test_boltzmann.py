"""Contrastive divergence in one call, for many batches: backends, chunks, draws, and breaks."""

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine import optimizers
from simulator.engine.backends.base_boltzmann import Descent
from simulator.engine.backends.cpu_compile import kernel
from simulator.engine.backends.cpu_transpose import transpose
from simulator.engine.geometry import GeometryError
from simulator.engine.optimizers import schedules
from simulator.engine.rbm import BernoulliRBM, RBMBatchEnd
from simulator.engine.training import Diverged, EpochBegin
from tests.engine.geometries import randomly, seeds
from tests.engine.machines import bars, machine

SIZES = st.sampled_from([1, 2, 7, 8, 15, 16, 17, 33])


def problem(visible, hidden, samples, batch_size, k, persistent, dtype, seed, **options):
    """All that `contrastive_divergence` takes, with arrays that it may change."""
    rng = np.random.default_rng(seed)
    shapes = {"kernel": (visible, hidden), "visible_bias": (visible,), "hidden_bias": (hidden,)}
    parameters = {name: rng.normal(size=shape).astype(dtype) for name, shape in shapes.items()}
    velocity = {name: rng.normal(size=shape).astype(dtype) for name, shape in shapes.items()}
    batches = -(-samples // batch_size)
    chains = batches * batch_size if persistent else samples
    descent = Descent(
        rng.uniform(0.05, 0.2, batches).astype(dtype),
        velocity=velocity if options.get("momentum") else None,
        **options,
    )
    return {
        "data": rng.integers(0, 2, (samples + 3, visible)).astype(dtype),
        "order": rng.permutation(samples),
        "draws": rng.random(chains * k * (visible + hidden)).astype(dtype).clip(max=0.999),
        "parameters": parameters,
        "particles": rng.integers(0, 2, (batch_size, visible)).astype(dtype)
        if persistent
        else None,
        "batch_size": batch_size,
        "k": k,
        "descent": descent,
    }


def arrays(found, given):
    """Every array that a call gave or changed."""
    losses, _, chains = found
    yield losses
    yield from (getattr(chains, field.name) for field in dataclasses.fields(chains))
    yield from given["parameters"].values()
    yield from (given["descent"].velocity or {}).values()
    if given["particles"] is not None:
        yield given["particles"]


@settings(randomly, derandomize=True)
@given(
    visible=SIZES,
    hidden=SIZES,
    samples=st.integers(1, 30),
    batch_size=st.integers(1, 13),
    k=st.integers(1, 3),
    persistent=st.booleans(),
    options=st.sampled_from(
        [
            {},
            {"weight_decay": 0.1},
            {"momentum": 0.5},
            {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
        ]
    ),
    seed=seeds,
)
def test_batches_are_the_references(backend, reference, dtype, options, **sizes):
    """In float32 a unit whose draw is within rounding of its probability may differ, and with it
    all that follows: none of the examples, which are always the same, has one.
    """
    mine, theirs = (problem(dtype=dtype, **sizes, **options) for _ in range(2))
    found, expected = (
        each.contrastive_divergence(**given)
        for each, given in ((backend, mine), (reference, theirs))
    )
    assert found[1] is None
    assert expected[1] is None
    tolerance = {"float32": 2e-5, "float64": 1e-12}[dtype]
    pairs = zip(arrays(found, mine), arrays(expected, theirs), strict=True)
    for actual, wanted in pairs:
        np.testing.assert_allclose(actual, wanted, rtol=tolerance, atol=tolerance, strict=True)


@pytest.mark.parametrize("persistent", [False, True])
def test_one_call_is_many_calls_bit_for_bit(backend, dtype, persistent):
    together, apart = (
        problem(33, 17, 23, 5, 2, persistent, dtype, seed=4, momentum=0.5) for _ in range(2)
    )
    found = backend.contrastive_divergence(**together)
    losses, chains = [], 5 * 2 * (33 + 17)
    for batch in range(5):
        descent = dataclasses.replace(
            apart["descent"], rates=apart["descent"].rates[batch : batch + 1]
        )
        order = apart["order"][batch * 5 : (batch + 1) * 5]
        draws = apart["draws"][batch * chains : (batch + 1) * chains]
        own = {**apart, "order": order, "draws": draws, "descent": descent}
        loss, _, last = backend.contrastive_divergence(**own)
        losses.append(loss)
    expected = (np.concatenate(losses), None, last)
    for first, second in zip(arrays(found, together), arrays(expected, apart), strict=True):
        assert first.tobytes() == second.tobytes()


@pytest.mark.parametrize("count", [1, 2**14 - 1, 2**14, 2**14 + 1, 2**14 + 2, 40_003])
@pytest.mark.parametrize("before", range(4))
def test_draws_are_numpys_bit_for_bit(backend, dtype, count, before):
    ours, numpys = (np.random.default_rng(3) for _ in range(2))
    for rng in (ours, numpys):
        rng.random(before, np.float32)  # an odd number leaves half an output for the next one
    for _ in range(2):
        draws = backend.uniform(ours, count, dtype)
        np.testing.assert_array_equal(draws, numpys.random(count, dtype), strict=True)
        assert ours.bit_generator.state == numpys.bit_generator.state


def test_draws_of_another_generator(backend):
    ours, numpys = (np.random.Generator(np.random.Philox(3)) for _ in range(2))
    draws = backend.uniform(ours, 20_000, "float32")
    np.testing.assert_array_equal(draws, numpys.random(20_000, np.float32))
    assert ours.random() == numpys.random()


@kernel
def turned(x, x_walk, rows, columns, y, y_walk):
    transpose(x, x_walk, rows, columns, y, y_walk)


@pytest.mark.parametrize("rows", [1, 7, 8, 16, 17, 33])
@pytest.mark.parametrize("columns", [1, 8, 15, 16, 31, 32])
def test_matrices_are_turned_round(dtype, rows, columns):
    x = np.random.default_rng(0).random((rows + 2, columns + 1)).astype(dtype)
    y = np.full((columns + 1, rows + 3), np.nan, dtype)
    # From x's cell (1, 1) on, to y's cell (1, 2) on.
    walks = (columns + 2, columns + 1), (rows + 5, rows + 3)
    turned(x.ravel(), walks[0], rows, columns, y.ravel(), walks[1])
    expected = np.full_like(y, np.nan)
    expected[1:, 2 : rows + 2] = x[1 : rows + 1, 1:].T
    np.testing.assert_array_equal(y, expected)


def events_of(backend, dtype, steps_per_event, persistent=False, optimizer=None, epochs=2):
    rbm = BernoulliRBM(
        6, 4, seed=3, dtype=dtype, backend=backend, optimizer=optimizer or optimizers.SGD(0.1)
    )
    run = rbm.training(
        bars(45),
        epochs=epochs,
        batch_size=7,
        k=2,
        persistent=persistent,
        steps_per_event=steps_per_event,
    )
    return rbm, list(run)


@pytest.mark.parametrize("persistent", [False, True])
@pytest.mark.parametrize("steps_per_event", [3, 100])
def test_events_of_many_steps_train_the_same_bits(backend, dtype, persistent, steps_per_event):
    single, each = events_of(backend, dtype, 1, persistent)
    many, few = events_of(backend, dtype, steps_per_event, persistent)
    for name, weights in single.weights.items():
        assert weights.tobytes() == many.weights[name].tobytes()
    assert single.snapshot().training_rng == many.snapshot().training_rng
    assert single.optimizer.iterations == many.optimizer.iterations == 14
    ends = [event for event in each if isinstance(event, RBMBatchEnd)]
    joined = [event for event in few if isinstance(event, RBMBatchEnd)]
    assert [len(event.losses) for event in joined] == ([3, 3, 1] * 2, [7] * 2)[steps_per_event > 7]
    losses = list(itertools.chain.from_iterable(event.losses for event in joined))
    assert losses == [event.loss for event in ends]
    assert each[-1].logs["loss"] == pytest.approx(few[-1].logs["loss"], rel=1e-14)
    at = {event.step: event for event in ends}
    for event in joined:
        twin = at[event.step]
        assert (event.epoch, event.batch, event.loss) == (twin.epoch, twin.batch, twin.loss)
        assert event.logs["loss"] == pytest.approx(twin.logs["loss"], rel=1e-14)
        assert event.contrast is None
        assert twin.contrast is not None


def test_a_run_of_many_steps_goes_on_from_a_snapshot(backend):
    def run_of(rbm):
        return rbm.training(bars(90), epochs=2, batch_size=7, persistent=True, steps_per_event=4)

    def make(seed):
        optimizer = optimizers.SGD(0.1, momentum=0.5)
        return BernoulliRBM(6, 4, seed=seed, optimizer=optimizer, backend=backend)

    rbm = make(5)
    run, snapshot = run_of(rbm), None
    for event in run:
        if snapshot is None and event.step == 8:
            snapshot = rbm.snapshot()
    other = make(6)
    repeated = run_of(other)
    other.restore(snapshot)
    assert list(repeated)[-1] == event
    for name, weights in rbm.weights.items():
        assert weights.tobytes() == other.weights[name].tobytes()


@pytest.mark.parametrize("persistent", [False, True])
@pytest.mark.parametrize("k", [1, 3])
def test_an_events_contrast_is_the_machines_own(backend, persistent, k):
    rbm, twin = (machine(5, 3, seed=2, optimizer=optimizers.SGD(0.5)) for _ in range(2))
    rbm._backend = backend
    data = np.random.default_rng(0).integers(0, 2, (6, 5)).astype(float)
    run = rbm.training(data, epochs=1, batch_size=4, k=k, persistent=persistent, shuffle=False)
    assert isinstance(next(run), EpochBegin)
    event = next(run)
    start = None
    if persistent:
        start = event.contrast.chain[0].start
        twin.training_rng.random((4, 5))  # the toss of the coins
    expected = twin.contrast(data[:4], k=k, start=start)
    assert len(event.contrast.chain) == k
    for mine, theirs in zip(event.contrast.chain, expected.chain, strict=True):
        for field in dataclasses.fields(mine):
            actual, wanted = getattr(mine, field.name), getattr(theirs, field.name)
            np.testing.assert_allclose(actual, wanted, rtol=1e-13, strict=True)
        np.testing.assert_array_equal(mine.hidden_draws, theirs.hidden_draws)
        np.testing.assert_array_equal(mine.visible_draws, theirs.visible_draws)
    for name in ("hidden_probabilities", "chain_probabilities"):
        actual, wanted = getattr(event.contrast, name), getattr(expected, name)
        np.testing.assert_allclose(actual, wanted, rtol=1e-13, strict=True)
    for side in ("positive", "negative"):
        for name, wanted in getattr(expected, side).items():
            np.testing.assert_allclose(getattr(event.contrast, side)[name], wanted, rtol=1e-13)
    assert rbm.training_rng.bit_generator.state == twin.training_rng.bit_generator.state


@pytest.mark.parametrize("persistent", [False, True])
@pytest.mark.parametrize("steps_per_event", [1, 3, 100])
def test_a_break_leaves_all_as_the_last_good_batch_did(backend, persistent, steps_per_event):
    # Beyond float32 from the sixth step on.
    rate = schedules.PiecewiseConstantDecay([4], [0.1, 1e39])
    data = bars(45)

    def make(learning_rate):
        optimizer = optimizers.SGD(learning_rate, momentum=0.5)
        return BernoulliRBM(6, 4, seed=1, optimizer=optimizer, backend=backend)

    broken, good = make(rate), make(0.1)
    options = {"epochs": 2, "batch_size": 7, "persistent": persistent}
    *before, last = broken.training(data, steps_per_event=steps_per_event, **options)
    for event in good.training(data, **options):
        if event.step == 5:
            break
    assert isinstance(last, Diverged)
    assert (last.step, last.batch, last.layer, before[-1].step) == (5, 5, "kernel", 5)
    expected, found = good.snapshot(), broken.snapshot()
    for name, weights in expected.weights.items():
        assert weights.tobytes() == found.weights[name].tobytes()
        moved = f"momentum/{name}"
        assert expected.optimizer[moved].tobytes() == found.optimizer[moved].tobytes()
    assert expected.optimizer["iterations"] == found.optimizer["iterations"]
    assert expected.training_rng == found.training_rng
    if persistent:
        np.testing.assert_array_equal(expected.particles, found.particles)


@pytest.mark.parametrize("place", ["visible_bias", "hidden_bias"])
def test_what_broke_is_named(backend, dtype, place):
    given = problem(5, 3, 6, 4, 1, False, dtype, seed=0)
    given["parameters"][place][-1] = np.inf
    losses, broken, _ = backend.contrastive_divergence(**given)
    assert len(losses) == 0
    # An infinite bias makes probabilities of 0 or 1, and nothing else infinite.
    assert broken == place


@pytest.mark.parametrize("kind", [optimizers.Adam(0.01), optimizers.SGD(0.1, clipnorm=1.0)])
def test_other_optimizers_take_their_steps_one_by_one(backend, kind):
    _, events = events_of(backend, "float64", 3, optimizer=kind, epochs=1)
    ends = [event for event in events if isinstance(event, RBMBatchEnd)]
    assert [event.step for event in ends] == list(range(1, 8))


def test_a_rate_that_is_asked_for_is_asked_at_each_step(backend):
    asked = itertools.count()
    optimizer = optimizers.SGD(lambda: 0.1 / (1 + next(asked)))
    _, events = events_of(backend, "float64", 3, optimizer=optimizer, epochs=1)
    assert sum(isinstance(event, RBMBatchEnd) for event in events) == 7
    assert next(asked) == 7


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"order": np.arange(9)}, "There are 9 samples in batches of 4 and 2 learning rates"),
        ({"order": np.arange(4, 10)}, "The order runs from 4 to 9: the data has the rows 0 to 8."),
        ({"draws": np.zeros(3)}, "There are 3 draws of float64: 2 batches of 4 with 2 steps each"),
        ({"particles": np.zeros((3, 5))}, "There are 3 particles: batches of 4 need as many."),
        ({"data": np.zeros((9, 4))}, "The input has 4 values, but the kernel was made for 5."),
    ],
)
def test_what_does_not_fit_is_refused(backend, change, message):
    given = {**problem(5, 3, 6, 4, 2, False, "float64", seed=0), **change}
    with pytest.raises(ValueError, match=message):
        backend.contrastive_divergence(**given)


def test_mixed_types_are_refused(backend):
    given = problem(5, 3, 6, 4, 2, False, "float64", seed=0)
    single = {"descent": Descent(np.full(2, 0.1, np.float32))}
    with pytest.raises(TypeError, match="The rates are float32, the data float64"):
        backend.contrastive_divergence(**{**given, **single})
    with pytest.raises(GeometryError, match="draws of float32"):
        backend.contrastive_divergence(**{**given, "draws": given["draws"].astype(np.float32)})
