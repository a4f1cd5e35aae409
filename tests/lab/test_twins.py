"""Two runs that differ in one thing."""

from dataclasses import replace

import numpy as np
import pytest

from simulator.engine.training import Diverged, EpochEnd
from simulator.lab import (
    Difference,
    Experiment,
    LabError,
    Stopped,
    Twins,
    Wanted,
    differences,
)
from simulator.lab.twin_knobs import OF_THE_PROGRAM, knobs
from tests.lab import programs


def twins(change="learning_rate", value=0.002):
    program, data = programs.moons(epochs=5)
    optimizer = program.compile.optimizer.with_argument(change, value)
    return program, programs.with_optimizer(program, optimizer), data


def alone(program, data, batches):
    experiment = Experiment(program, data)
    experiment.run_for(batches=batches)
    return experiment


def same_weights(one, other):
    for a, b in zip(one.model.get_weights(), other.model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_what_differs_is_told_by_its_place():
    first, second, _ = twins()
    assert differences(first, second) == (
        Difference("compile.optimizer.arguments.learning_rate", 0.02, 0.002),
    )
    wide = programs.with_network(first, first.network.with_argument("hidden", "units", 7))
    (found,) = differences(first, wide)
    assert (found.place, found.first, found.second) == (
        "network.layers.hidden.arguments.units",
        6,
        7,
    )
    assert differences(first, first) == ()


def test_both_train_as_each_would_alone():
    first, second, data = twins()
    pair = Twins(first, second, data)
    events = pair.run_for(batches=11)
    assert [(type(each), each.epoch) for each in events] == [(EpochEnd, each) for each in range(3)]
    for program, twin in zip((first, second), pair, strict=True):
        assert twin.timeline.step == 11
        same_weights(twin, alone(program, data, 11))


def test_they_begin_alike_and_come_apart():
    pair = Twins(*twins())
    start = pair.snapshot(Wanted())
    assert start.first.standing.loss == start.second.standing.loss
    assert start.comparison.weights == {"hidden": 0, "out": 0}
    assert (start.comparison.agreement, start.comparison.disputed) == (1, ())
    pair.run_for(batches=10)
    later = pair.snapshot(Wanted())
    assert (later.step, later.head, later.epoch) == (10, 10, pytest.approx(10 / 3))
    first, second = (each.model.weights for each in pair)
    names = [name for name in first if name.startswith("hidden/")]
    apart = sum(np.square(first[name] - second[name]).sum() for name in names)
    size = sum(np.square(first[name]).sum() for name in names)
    assert later.comparison.weights["hidden"] == pytest.approx(np.sqrt(apart / size), rel=1e-5)
    data = pair.first.dataset
    answers = [each.model.predict(data.x_val)[:, 0] > 0.5 for each in pair]
    assert later.comparison.agreement == (answers[0] == answers[1]).mean()
    unlike = np.flatnonzero(answers[0] != answers[1])
    assert later.comparison.disputed == tuple(unlike)
    assert later.comparison.disputes == len(unlike)
    assert pair.go_to(0)
    assert pair.snapshot(Wanted()).first.standing.loss == start.first.standing.loss


def test_batches_of_unequal_sizes_go_through_the_epochs_together():
    first, _, data = twins()
    small = replace(first, fit=replace(first.fit, batch_size=5))
    pair = Twins(first, small, data)
    assert pair.batches == 3
    events = pair.run_for(batches=4)
    assert [each.epoch for each in events] == [0]
    # 48 samples: 3 batches of 16, or 10 of 5; a third of the second epoch is over.
    assert [each.timeline.step for each in pair] == [4, 13]
    same_weights(pair.second, alone(small, data, 13))
    pair.go_to(2)
    assert [each.timeline.step for each in pair] == [2, 7]


def test_what_was_trained_is_gone_through_again():
    first, second, data = twins()
    pair = Twins(first, second, data)
    pair.run_for(batches=5)
    pair.go_to(1)
    assert [type(each) for each in pair.run_for(batches=7)] == [EpochEnd, EpochEnd]
    assert (pair.step, pair.head) == (8, 8)
    for program, twin in zip((first, second), pair, strict=True):
        assert len(twin.timeline.branches) == 1
        same_weights(twin, alone(program, data, 8))
    with pytest.raises(LabError, match="there is no 9"):
        pair.go_to(9)


def test_one_that_stopped_waits_for_the_other():
    first, _, data = twins()
    longer = replace(first, fit=replace(first.fit, epochs=7))
    pair = Twins(first, longer, data)
    events = pair.run_for()
    assert [each.timeline.step for each in pair] == [15, 21]
    assert isinstance(events[-1], Stopped)
    assert events[-1].text == "7 epochs are done."
    assert [each.epoch for each in events[:-1]] == list(range(7))
    ended = pair.snapshot(Wanted()).ended
    assert [each.epoch for each in ended] == [4, 6]
    pair.go_to(16)
    assert [each is None for each in pair.snapshot(Wanted()).ended] == [False, True]
    pair.run_for()
    assert pair.step == 21
    pair.run_for()
    assert [each.timeline.step for each in pair] == [15, 24], "the last one goes on if asked again"


def test_one_that_diverged_waits_for_the_other():
    program, data = programs.plane()
    wild = programs.with_optimizer(
        program, program.compile.optimizer.with_argument("learning_rate", 1e20)
    )
    pair = Twins(program, wild, data)
    events = pair.run_for()
    assert isinstance(events[-1], Stopped)
    shown = pair.snapshot(Wanted())
    assert isinstance(shown.ended[0], Stopped)
    assert isinstance(shown.ended[1], Diverged)
    assert pair.first.timeline.step == 9
    assert pair.second.timeline.step < 9
    assert pair.explain().layer
    pair.go_to(0)
    assert pair.snapshot(Wanted()).ended == (None, None)


def test_both_can_diverge():
    program, data = programs.plane(rate=1e20)
    worse = programs.with_optimizer(
        program, program.compile.optimizer.with_argument("learning_rate", 1e22)
    )
    pair = Twins(program, worse, data)
    for _ in range(2):
        assert pair.run_for(seconds=60)[-1].text.startswith("Both diverged")


def test_twins_share_a_seed_and_differ_in_something():
    first, second, data = twins()
    with pytest.raises(LabError, match="The seeds are 5 and 6"):
        Twins(first, replace(second, seed=6), data)
    with pytest.raises(LabError, match="the same"):
        Twins(first, first, data)


# Knobs


def knob(program, key):
    return next(each for each in knobs(program) if each.key == key)


def test_every_knob_changes_its_one_thing_and_can_be_trained():
    program, data = programs.moons()
    found = knobs(program)
    assert len({each.key for each in found}) == len(found)
    assert [each.key for each in found] == [
        *("learning_rate", "optimizer", "batch_size", "weight_decay", "activation", "drop rate"),
        *("l2", "l1", "hidden units", "initializer", "start_seed", "shuffle"),
    ]
    for each in found:
        assert each.value in each.values
        assert each.suggested in each.values
        assert differences(program, each.change(each.value)) == ()
        changed = each.change(each.suggested)
        places = [one.place for one in differences(program, changed)]
        assert places, each.key
        pair = Twins(program, changed, data)
        pair.run_for(batches=2)
        assert np.isfinite(pair.snapshot(Wanted()).second.standing.loss)


@pytest.mark.parametrize(
    ("key", "value", "place", "before", "after"),
    [
        ("learning_rate", 0.3, "compile.optimizer.arguments.learning_rate", 0.02, 0.3),
        ("batch_size", 64.0, "fit.batch_size", 16, 64),
        ("weight_decay", 0.01, "compile.optimizer.arguments.weight_decay", None, 0.01),
        ("activation", "tanh", "network.layers.hidden.arguments.activation", "relu", "tanh"),
        ("drop rate", 0.5, "network.layers.drop.arguments.rate", 0.1, 0.5),
        ("hidden units", 12.0, "network.layers.hidden.arguments.units", 6, 12),
        ("shuffle", "never", "fit.shuffle", True, False),
    ],
)
def test_a_knob_sets_the_value_that_is_chosen(key, value, place, before, after):
    program, _ = programs.moons()
    (found,) = differences(program, knob(program, key).change(value))
    assert (found.place, found.first, found.second) == (place, before, after)


def test_other_start_weights_leave_the_order_of_the_samples():
    program, data = programs.moons()
    program = programs.with_network(program, program.network.with_layer_removed("drop"))
    chosen = knob(program, "start_seed")
    assert chosen.value == OF_THE_PROGRAM
    pair = Twins(program, chosen.change("2"), data)
    assert all(apart > 0.1 for apart in pair.snapshot(Wanted()).comparison.weights.values())
    pair.run_for(batches=4)
    states = [each.model.rng.bit_generator.state["state"] for each in pair]
    assert states[0] == states[1]


def test_dropout_can_be_put_where_there_was_none():
    program, _ = programs.digits()
    changed = knob(program, "dropout").change(0.5)
    assert [layer.kind for layer in changed.network.layers][-2:] == ["Dropout", "Dense"]
    assert changed.network.layer("dropout").arguments["rate"] == 0.5
    added = differences(program, changed)
    assert added[-1].place == "network.layers.dropout"
    assert added[-1].first is None


def test_a_schedule_is_no_number_to_be_changed():
    program, _ = programs.moons()
    schedule = programs.callback("ExponentialDecay", initial_learning_rate=0.1, decay_steps=9)
    optimizer = program.compile.optimizer.with_argument("learning_rate", schedule)
    keys = [each.key for each in knobs(programs.with_optimizer(program, optimizer))]
    assert "learning_rate" not in keys
