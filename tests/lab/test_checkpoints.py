"""What is kept of the past when not all of it can be."""

from dataclasses import replace

import numpy as np
import pytest

from simulator.engine import Sequential
from simulator.engine.layers import Dense, Input
from simulator.engine.training import Snapshot
from simulator.lab.checkpoints import ARRAY_BYTES, STATE_BYTES, Checkpoint, Checkpoints
from simulator.lab.controls import ControlValues

SIZE = 400


def checkpoint(step, branch=0, commands=0, frozen=None):
    rng = np.random.default_rng([branch, step])
    weights = {"a": rng.normal(size=SIZE // 4).astype("float32")}
    if frozen is not None:
        weights["frozen"] = frozen.copy()
    state = Snapshot(weights, {"m/a": np.array([branch, step])}, {}, {}, None)
    return Checkpoint(branch, step, commands, state, ControlValues(32))


EACH = checkpoint(0).nbytes


@pytest.mark.parametrize("count", [5, 20, 97])
def test_the_budget_holds_and_no_stretch_is_twice_the_least(count):
    kept = Checkpoints(16 * EACH)
    kept.add(checkpoint(0), protected=True)
    for step in range(1, count):
        kept.add(checkpoint(step * 10))
        assert kept.nbytes <= kept.budget
        assert kept.nbytes == sum(each.nbytes for each in kept)
    steps = kept.steps(0)
    assert steps[0] == 0
    assert steps[-1] == (count - 1) * 10
    assert len(steps) == min(count, 16)
    gaps = np.diff(steps)
    assert gaps.max() <= 2 * max(10, 10 * count / 16) + 10


def test_what_did_not_change_is_held_once():
    frozen = np.arange(1000, dtype="float32")
    kept = Checkpoints()
    for step in range(10):
        kept.add(checkpoint(step, frozen=frozen))
    assert kept.nbytes == 10 * EACH + frozen.nbytes + ARRAY_BYTES
    kept.forget([0])
    assert kept.nbytes == 0
    assert len(kept) == 0


def test_checkpoints_of_a_run_that_stands_still_fill_the_budget_too():
    """Their arrays are held once; what each takes beside them counts."""
    kept = Checkpoints(EACH + 20 * STATE_BYTES)
    first = checkpoint(0)
    kept.add(first, protected=True)
    for step in range(1, 500):
        kept.add(replace(checkpoint(0), step=step))
        assert all(each.state.weights["a"] is first.state.weights["a"] for each in kept)
    assert len(kept) == 21
    assert kept.nbytes == EACH + 20 * STATE_BYTES


def test_what_metrics_have_counted_takes_room():
    model = Sequential([Input((2,)), Dense(1, activation="sigmoid")], seed=1)
    model.compile("sgd", "binary_crossentropy", metrics=["auc"])
    run = model.training(np.zeros((4, 2)), np.zeros((4, 1)), batch_size=2, epochs=1)
    while run.taken < 2:
        next(run)
    state = model.snapshot()
    (metric,) = state.position.scores.goals[0].every_metric.values()
    counted = sum(each.nbytes + ARRAY_BYTES for each in metric.state.values())
    without = replace(state, position=None)
    both = [Checkpoint(0, 1, 0, each, ControlValues(2)).nbytes for each in (state, without)]
    assert both[0] - both[1] == counted > 200 * 4


def test_the_one_goes_whose_neighbours_are_nearest():
    """As if all gaps were looked at each time."""
    rng = np.random.default_rng(5)
    kept, naive = Checkpoints(2**40, most=12), []
    for _ in range(600):
        new = checkpoint(*map(int, rng.integers(0, (300, 3, 2))))
        protected = new.step % 97 == 0
        if rng.random() < 0.05:
            kept.forget([new.branch])
            naive = [each for each in naive if each[0][0] != new.branch]
            continue
        kept.add(new, protected=protected)
        naive = sorted([each for each in naive if each[0] != new.place] + [(new.place, protected)])
        while len(naive) > 12:
            _, least = min(
                (_gap([place for place, _ in naive], index), index)
                for index, (place, held) in enumerate(naive)
                if not held and place != new.place
            )
            del naive[least]
        assert sorted(each.place for each in kept) == [place for place, _ in naive]


def _gap(places, index):
    step = places[index][1]
    sides = [
        places[at][1] if 0 <= at < len(places) and places[at][0] == places[index][0] else step
        for at in (index - 1, index + 1)
    ]
    return sides[1] - sides[0]


def test_what_thinning_keeps_in_mind_does_not_grow():
    kept = Checkpoints(2**40, most=8)
    for step in range(2000):
        kept.add(checkpoint(step))
    assert len(kept._gaps) <= 4 * len(kept) + 64 + 3
    assert len(kept._places) == len(kept._kept) == 8


def test_a_thinned_copy_leaves_the_others():
    kept = Checkpoints()
    for step in range(40):
        kept.add(checkpoint(step), protected=step == 0)
    few = kept.within(4 * EACH)
    fewer = kept.within(2**40, most=3)
    assert [len(each) for each in (kept, few, fewer)] == [40, 4, 3]
    assert few.nbytes == 4 * EACH
    assert few.steps(0)[0] == fewer.steps(0)[0] == 0
    assert kept.steps(0) == tuple(range(40))
    assert kept.nbytes == 40 * EACH
    few.forget([0])
    assert few.nbytes == 0
    assert kept.before(0, 17).step == 17


def test_a_changed_sign_of_zero_is_a_change():
    kept = Checkpoints()
    zeros = np.zeros(8, "float32")
    kept.add(checkpoint(1, frozen=zeros))
    kept.add(checkpoint(2, frozen=-zeros))
    assert np.signbit(kept.before(0, 2).state.weights["frozen"]).all()


def test_the_protected_stay_though_the_budget_is_less():
    kept = Checkpoints(1)
    kept.add(checkpoint(0), protected=True)
    for step in range(1, 5):
        kept.add(checkpoint(step))
        assert kept.steps(0) == (0, step)


def test_the_nearest_before_is_found():
    kept = Checkpoints()
    for step, branch, commands in ((0, 0, 0), (5, 0, 0), (5, 0, 2), (9, 0, 2), (6, 1, 1)):
        kept.add(checkpoint(step, branch, commands))
    assert kept.before(0, 7).place == (0, 5, 2)
    assert kept.before(0, 7, 1).place == (0, 5, 0)
    assert kept.before(0, 99).place == (0, 9, 2)
    assert kept.before(1, 5) is None
    kept.forget_after(0, 5, 0)
    assert kept.steps(0) == (0, 5)
    assert kept.steps(1) == (6,)


def test_the_budget_can_be_changed_and_follows_from_free_memory(monkeypatch):
    kept = Checkpoints(10 * EACH)
    for step in range(10):
        kept.add(checkpoint(step))
    kept.limit(3 * EACH)
    assert len(kept) == 3
    for free, budget in ((None, 64), (2**30, 128), (2**40, 2048)):
        monkeypatch.setattr("simulator.engine.memory.available", lambda free=free: free)
        assert Checkpoints().budget == budget * 2**20
