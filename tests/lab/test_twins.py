"""Two runs that differ in one thing."""

from dataclasses import replace

import numpy as np
import pytest

from simulator.engine.training import BatchEnd
from simulator.lab import Difference, Experiment, LabError, Twins, differences
from tests.lab import programs


def twins(change="learning_rate", value=0.002):
    program, data = programs.moons(epochs=5)
    optimizer = program.compile.optimizer.with_argument(change, value)
    return program, programs.with_optimizer(program, optimizer), data


def test_what_differs_is_told_by_its_place():
    first, second, _ = twins()
    assert differences(first, second) == (
        Difference("compile.optimizer.arguments.learning_rate", 0.02, 0.002),
    )
    wide = programs.with_network(first, first.network.with_argument("hidden", "units", 7))
    (found,) = differences(first, wide)
    assert (found.place, found.first, found.second) == ("network.layers[0].arguments.units", 6, 7)
    assert differences(first, first) == ()


def test_both_train_as_each_would_alone():
    first, second, data = twins()
    pair = Twins(first, second, data)
    one, other = pair.run_for(batches=11)
    for events in (one, other):
        assert sum(len(e.losses) for e in events if isinstance(e, BatchEnd)) == 11
    for program, twin in zip((first, second), pair, strict=True):
        alone = Experiment(program, data)
        alone.run_for(batches=11)
        for a, b in zip(alone.model.get_weights(), twin.model.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)


def test_they_begin_alike_and_come_apart():
    pair = Twins(*twins())
    start = pair.compare()
    assert start.losses[0] == start.losses[1]
    assert start.weights == {"hidden": 0, "out": 0}
    assert start.agreement == 1
    pair.run_for(batches=10)
    later = pair.compare()
    assert later.step == 10
    first, second = (each.model.weights for each in pair)
    names = [name for name in first if name.startswith("hidden/")]
    apart = sum(np.square(first[name] - second[name]).sum() for name in names)
    size = sum(np.square(first[name]).sum() for name in names)
    assert later.weights["hidden"] == pytest.approx(np.sqrt(apart / size), rel=1e-5)
    data = pair.first.dataset
    answers = [each.model.predict(data.x_val)[:, 0] > 0.5 for each in pair]
    assert later.agreement == (answers[0] == answers[1]).mean()
    assert set(later.metrics) == {"accuracy"}
    pair.go_to(0)
    assert pair.compare().losses == start.losses


def test_one_that_stopped_waits_for_the_other():
    first, _, data = twins()
    longer = replace(first, fit=replace(first.fit, epochs=7))
    pair = Twins(first, longer, data)
    pair.run_for()
    assert [each.timeline.step for each in pair] == [15, 21]


def test_twins_share_a_seed_and_differ_in_something():
    first, second, data = twins()
    with pytest.raises(LabError, match="The seeds are 5 and 6"):
        Twins(first, replace(second, seed=6), data)
    with pytest.raises(LabError, match="the same"):
        Twins(first, first, data)
