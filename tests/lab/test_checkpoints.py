"""What is kept of the past when not all of it can be."""

import numpy as np
import pytest

from simulator.engine.training import Snapshot
from simulator.lab.checkpoints import Checkpoint, Checkpoints
from simulator.lab.controls import ControlValues

SIZE = 400


def checkpoint(step, branch=0, commands=0, frozen=None):
    rng = np.random.default_rng([branch, step])
    weights = {"a": rng.normal(size=SIZE // 4).astype("float32")}
    if frozen is not None:
        weights["frozen"] = frozen.copy()
    state = Snapshot(weights, {"m/a": np.full(0, step)}, {}, {}, None)
    return Checkpoint(branch, step, commands, state, ControlValues(32))


@pytest.mark.parametrize("count", [5, 20, 97])
def test_the_budget_holds_and_no_stretch_is_twice_the_least(count):
    kept = Checkpoints(16 * SIZE)
    kept.add(checkpoint(0), protected=True)
    for step in range(1, count):
        kept.add(checkpoint(step * 10))
        assert kept.nbytes <= kept.budget
        assert kept.nbytes == sum(each.state.weights["a"].nbytes for each in kept)
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
    assert kept.nbytes == 10 * SIZE + frozen.nbytes
    kept.forget([0])
    assert kept.nbytes == 0
    assert len(kept) == 0


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
    kept = Checkpoints(10 * SIZE)
    for step in range(10):
        kept.add(checkpoint(step))
    kept.limit(3 * SIZE)
    assert len(kept) == 3
    for free, budget in ((None, 64), (2**30, 128), (2**40, 2048)):
        monkeypatch.setattr("simulator.engine.memory.available", lambda free=free: free)
        assert Checkpoints().budget == budget * 2**20
