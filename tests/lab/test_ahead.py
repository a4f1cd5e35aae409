"""Several epochs in one call: whatever is done between them, a run is the one of single batches."""

import numpy as np
import pytest

from simulator.engine.backends.cpu import CpuBackend
from simulator.engine.training import Diverged, EpochEnd
from simulator.lab import (
    Experiment,
    Goal,
    SetArgument,
    SetBatchSize,
    SetLearningRate,
    Stopped,
    Target,
)
from tests.lab import programs


class Watched(CpuBackend):
    """Notes in how many turns each call went."""

    def __init__(self):
        super().__init__(threads=1)
        self.calls = []

    def in_turn(self, turns):
        self.calls.append(len(turns))
        return super().in_turn(turns)


def experiment(rate=0.05, **fit):
    made = Experiment(*programs.plane(rate, epochs=40, **fit), backend=Watched())
    made.timeline.step_seconds = 1e-6  # as it is where nothing else is at work
    return made


def by_batches(experiment, steps):
    events = []
    while experiment.timeline.step < steps:
        events += experiment.run_for(batches=1)
        if isinstance(events[-1], Stopped | Diverged):
            break
    return events


def bits(experiment):
    """All that training left behind."""
    timeline = experiment.timeline
    snapshot = timeline.model.snapshot()
    position = snapshot.position
    return (
        timeline.step,
        timeline.trained,
        [weight.tobytes() for weight in snapshot.weights.values()],
        [np.asarray(each).tobytes() for each in snapshot.optimizer.values()],
        snapshot.rng,
        (position.epoch, position.batch, position.taken, position.begun, position.order_seed),
        [(each.number, each.start, each.head, each.paces) for each in timeline.branches],
        [
            (name, curve.steps.tobytes(), curve.mean.tobytes())
            for branch in timeline.branches
            for name in timeline.series_names()
            for curve in [timeline.curve(name, branch)]
        ],
    )


def test_a_run_to_its_last_epoch_is_that_of_single_batches():
    slow, fast = experiment(), experiment()
    first, last = by_batches(slow, 1000), fast.run_for()
    assert last[-1] == first[-1]
    assert last[-1].text == "40 epochs are done."
    ends = [each for each in last if isinstance(each, EpochEnd)]
    assert ends == [each for each in first if isinstance(each, EpochEnd)]
    assert [each.epoch for each in ends] == list(range(40))
    assert bits(fast) == bits(slow)
    assert max(fast.timeline.run.model.backend.calls) > 10


def test_it_ends_with_as_many_epochs_as_were_asked_for():
    made = experiment()
    made.run_for(batches=2)
    for asked in (1, 3, 7):
        before = made.timeline.run.epoch
        made.run_for(epochs=asked)
        assert made.timeline.run.epoch == before + asked
        assert made.timeline.run.taken == 0


@pytest.mark.parametrize("aim", ["target", "early stopping"])
def test_it_stops_at_the_same_epoch(aim):
    callback = programs.callback("EarlyStopping", monitor="loss", patience=1, min_delta=2e-3)
    callbacks = {"callbacks": (callback,)} if aim == "early stopping" else {}
    slow, fast = experiment(**callbacks), experiment(**callbacks)
    if aim == "target":
        slow.goal = fast.goal = Goal(None, (Target("loss", 0.05, at_least=False),))
    first, last = by_batches(slow, 1000), fast.run_for()
    assert isinstance(last[-1], Stopped)
    assert last[-1] == first[-1]
    assert 2 < last[-1].epoch < 39
    assert bits(fast) == bits(slow)


def test_a_rate_that_falls_on_a_plateau_falls_after_the_same_epochs():
    falling = programs.callback("ReduceLROnPlateau", monitor="loss", patience=3, min_delta=5e-3)
    slow, fast = experiment(callbacks=(falling,)), experiment(callbacks=(falling,))
    by_batches(slow, 1000)
    fast.run_for()
    commands = [(each.step, each.command) for each in fast.timeline.branch.commands]
    assert len(commands) > 1
    assert commands == [(each.step, each.command) for each in slow.timeline.branch.commands]
    assert bits(fast) == bits(slow)


def test_divergence_is_found_at_the_same_batch():
    slow, fast = experiment(rate=30.0), experiment(rate=30.0)
    slow.stops_astray = fast.stops_astray = False
    first, last = by_batches(slow, 1000), fast.run_for()
    assert isinstance(last[-1], Diverged)
    assert last[-1] == first[-1]
    assert bits(fast) == bits(slow)


def test_branches_and_replays_are_those_of_single_batches():
    slow, fast = experiment(), experiment()
    for made, go in ((slow, by_batches), (fast, lambda made, steps: made.run_for(
        batches=steps - made.timeline.step
    ))):  # fmt: skip
        go(made, 50)
        made.go_to(21)
        made.do(SetLearningRate(0.01))
        go(made, 60)
        made.do(SetBatchSize(7))
        go(made, 90)
        made.go_to(33, 0)
        made.do(SetArgument("hidden", "kernel_regularizer.l2", 0.01))
        go(made, 77)
    assert bits(fast) == bits(slow)
    states = {}
    for made in (slow, fast):
        for branch, step in ((0, 50), (1, 90), (1, 61), (2, 40), (0, 7), (2, 77)):
            made.go_to(step, branch)
            weights = [each.tobytes() for each in made.model.weights.values()]
            assert states.setdefault((branch, step), weights) == weights


def test_a_call_takes_no_more_batches_than_there_is_time_for():
    made = experiment()
    made.run_for(batches=8)
    made.timeline.step_seconds = 1e-3
    found = made.timeline.advance(made.timeline.steps_in(1 / 30), epochs=1000)
    held_out = -(-len(made.timeline.run.validation) // 16)
    looked = held_out * sum(isinstance(each, EpochEnd) for each in found)
    assert 30 <= made.timeline.step - 8 + looked <= 33 + held_out
