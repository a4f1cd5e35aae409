"""Going back and on: every state is the one that was there before, bit for bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine import Sequential, layers, optimizers
from simulator.engine.training import BatchEnd, Diverged, EpochBegin, EpochEnd
from simulator.lab import (
    BATCH_LOSS,
    Freeze,
    LabError,
    Reseed,
    SetArgument,
    SetBatchSize,
    SetLearningRate,
    SetOptimizerArgument,
    SetWeight,
    Timeline,
)


class Clock:
    """A second goes by whenever it is asked."""

    def __init__(self, step=1.0):
        self.now, self.step = 0.0, step

    def __call__(self):
        self.now += self.step
        return self.now


def network(seed=4, optimizer="adam"):
    """With everything that has chance or state in it."""
    model = Sequential(
        [
            layers.Conv2D(3, 3, activation="relu", input_shape=(8, 8, 1), name="conv"),
            layers.BatchNormalization(name="norm"),
            layers.StochasticPooling2D(2, name="pool"),
            layers.Dropout(0.3, seed=9, name="dropout"),
            layers.Flatten(name="flatten"),
            layers.Dense(3, activation="softmax", kernel_regularizer="l2", name="dense"),
        ],
        seed=seed,
    )
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def data(seed=0, count=50):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(count, 8, 8, 1)).astype("float32")
    return x, rng.integers(0, 3, count)


def timeline(*, budget=2**30, clock=None, **options):
    model = network(**options)
    run = model.training(*data(), batch_size=16, epochs=10**6, validation_data=data(1, 20))
    return Timeline(model, run, budget=budget, clock=clock or Clock())


def state(line):
    """All bits that training changes."""
    snapshot = line.model.snapshot()
    optimizer = {name: np.asarray(value).tobytes() for name, value in snapshot.optimizer.items()}
    position = snapshot.position
    return (
        {name: value.tobytes() for name, value in snapshot.weights.items()},
        optimizer,
        snapshot.rng,
        snapshot.generators,
        (position.epoch, position.batch, position.step, position.begun),
        position.scores.result(),
        line.controls.values,
    )


def train(line, steps):
    """Train so many steps; the state at each of them, by step."""
    states = {line.step: state(line)}
    for _ in range(steps):
        line.advance()
        states[line.step] = state(line)
    return states


def test_an_advance_is_a_batch_with_the_epoch_around_it():
    line = timeline()
    kinds = [[type(event) for event in line.advance()] for _ in range(5)]
    middle, last = [BatchEnd], [BatchEnd, EpochEnd]
    assert kinds == [[EpochBegin, BatchEnd], middle, middle, last, [EpochBegin, BatchEnd]]
    assert line.step == 5
    assert line.branch.head == 5


@pytest.mark.parametrize("budget", [1, 30_000, 2**30])
def test_every_past_state_comes_back_bit_for_bit(budget):
    line = timeline(budget=budget)
    states = train(line, 30)
    for step in (0, 30, 1, 29, 15, 16, 4, 8, 7, 30):
        assert line.go_to(step)
        assert line.step == step
        assert state(line) == states[step]


def test_going_on_from_the_past_makes_a_branch_that_repeats_the_run():
    line = timeline()
    states = train(line, 20)
    line.go_to(7)
    again = train(line, 9)
    assert line.branch.name == "from batch 7"
    assert line.branch.start == 7
    assert line.branch.parent is line.branches[0]
    assert all(again[step] == states[step] for step in again)
    first = line.curve(BATCH_LOSS, line.branches[0])
    second = line.curve(BATCH_LOSS)
    np.testing.assert_array_equal(second.steps, range(8, 17))
    np.testing.assert_array_equal(second.mean, first.mean[7:16])


def test_commands_are_repeated_at_their_steps():
    line = timeline(budget=1)  # no checkpoint but the first: all is replayed
    train(line, 3)
    line.do(SetLearningRate(0.05))
    states = train(line, 3)
    line.do(SetArgument("dropout", "rate", 0.6))
    line.do(SetWeight("dense/bias", (1,), 2.5))
    line.do(Freeze("conv"))
    states |= train(line, 5)
    line.do(SetBatchSize(7))
    line.do(SetOptimizerArgument("weight_decay", 0.1))
    line.do(SetOptimizerArgument("clipnorm", 0.5))
    states |= train(line, 8)
    line.do(SetOptimizerArgument("clipnorm", 0.0))
    line.do(SetOptimizerArgument("clipvalue", 0.01))
    line.do(Reseed(99))
    line.do(SetArgument("conv", "kernel_regularizer.l1", 0.01))
    line.do(Freeze("conv", frozen=False))
    states |= train(line, 6)
    for step in (25, 3, 6, 11, 12, 5, 19, 13, 10, 24, 15):
        line.go_to(step)
        assert state(line) == states[step], step
    line.go_to(2)
    assert line.controls.learning_rate == pytest.approx(0.001)
    assert line.model.get_layer("dropout").rate == 0.3
    assert not line.controls.is_frozen("conv")
    assert "kernel" not in line.model.get_layer("conv").regularizers


def test_a_regularizer_that_came_on_the_way_is_in_force_again():
    """Also where the state that is gone on from is one after it came."""
    lines = timeline(), timeline(budget=1)  # which replays all
    for line in lines:
        train(line, 2)
        line.do(SetArgument("conv", "kernel_regularizer.l2", 0.5))
        train(line, 2)
        line.go_to(0)  # the end is kept
        assert "kernel" not in line.model.get_layer("conv").regularizers
        line.go_to(4)
        assert line.controls.values.arguments["conv", "kernel_regularizer.l2"] == 0.5
        train(line, 2)
    assert state(lines[0]) == state(lines[1])


def test_a_batch_size_counts_at_once_and_epochs_stay_whole():
    line = timeline()
    train(line, 6)  # 32 of the second epoch's 50 samples
    line.do(SetBatchSize(9))
    train(line, 2)
    np.testing.assert_allclose(line.branch.epoch_at([4, 6, 7, 8]), [1, 1.5, 1.75, 2], atol=1e-12)
    train(line, 6)
    assert line.branch.epoch_at(14) == pytest.approx(3)
    assert line.branch.step_at(3) == 14
    assert line.trained == 150
    line.go_to(7)
    assert line.run.batch_size == 9
    line.go_to(5)
    assert line.run.batch_size == 16


def test_a_frozen_layer_stays_as_it_is():
    line = timeline()
    train(line, 2)
    line.do(Freeze("conv"))
    kernel = line.model.weights["conv/kernel"].copy()
    other = line.model.weights["dense/kernel"].copy()
    train(line, 4)
    np.testing.assert_array_equal(line.model.weights["conv/kernel"], kernel)
    assert np.abs(line.model.weights["dense/kernel"] - other).min() > 0


def test_a_command_in_the_past_names_the_branch():
    line = timeline()
    main = train(line, 12)
    line.go_to(5)
    branch = line.do(SetLearningRate(0.3))
    assert (branch.name, branch.start, branch.parent) == ("lr 0.3", 5, line.branches[0])
    own = train(line, 4)
    line.go_to(12, line.branches[0])
    assert state(line) == main[12]
    for step in (9, 4, 5, 7):
        line.go_to(step, branch)
        assert state(line) == (main[4] if step == 4 else own[step])
    line.go_to(5, line.branches[0])
    assert state(line) == main[5]


def test_dragging_a_control_leaves_one_command():
    line = timeline()
    train(line, 3)
    for rate in (0.1, 0.2, 0.3):
        line.do(SetLearningRate(rate))
        line.do(SetWeight("dense/bias", (0,), rate))
    recorded = [(each.step, each.command.label) for each in line.branch.commands]
    assert recorded[-1] == (3, "dense/bias[0] 0.3")
    states = train(line, 2)
    line.go_to(0)
    line.go_to(5)
    assert state(line) == states[5]


def test_the_last_command_can_be_taken_back():
    line = timeline()
    before = train(line, 3)[3]
    command = SetWeight("dense/kernel", (0, 0), 7.0)
    line.do(command)
    line.branch_off("kept")  # with the command, as its parent has it
    line.go_to(3, line.branches[0])
    assert line.model.weights["dense/kernel"][0, 0] == 7
    assert line.take_back() == command
    assert state(line) == before
    assert line.take_back() is None


def test_branches_come_off_branches():
    line = timeline()
    states = {0: train(line, 10)}
    line.go_to(4)
    line.do(SetLearningRate(0.02))
    states[1] = states[0] | train(line, 6)
    line.go_to(8)
    line.do(SetLearningRate(0.04))
    states[2] = states[1] | train(line, 5)
    line.go_to(2)  # before its parents came off: it leaves the first run
    line.do(SetLearningRate(0.08))
    assert line.branch.parent is line.branches[0]
    states[3] = states[0] | train(line, 3)
    assert [branch.colour for branch in line.branches] == [0, 1, 2, 3]
    for number, step in [(2, 13), (0, 10), (1, 10), (2, 6), (3, 5), (1, 8), (2, 9), (0, 5)]:
        line.go_to(step, line.branches[number])
        assert state(line) == states[number][step], (number, step)
    whole = line.curve(BATCH_LOSS, line.branches[2], whole_way=True)
    np.testing.assert_array_equal(whole.steps, range(1, 14))
    with pytest.raises(LabError, match="came from"):
        line.branches.remove(1)
    line.remove(2)
    line.remove(1)
    assert {branch.number for branch in line.branches} == {0, 3}
    assert {each.branch for each in line.checkpoints} <= {0, 3}


def test_a_command_that_another_branch_begins_with_stays():
    line = timeline(budget=1)
    line.do(SetWeight("dense/bias", (0,), 0.0))
    other = line.branch_off()
    line.advance()
    before = state(line)
    line.go_to(0, line.branches[0])
    line.do(SetWeight("dense/bias", (0,), 1.0))
    assert [each.command.value for each in line.branch.commands] == [0.0, 1.0]
    line.do(SetWeight("dense/bias", (0,), 2.0))  # that one is nobody's but this branch's
    assert [each.command.value for each in line.branch.commands] == [0.0, 2.0]
    line.go_to(1, other)
    assert state(line) == before


@settings(max_examples=12, deadline=None)
@given(st.data())
def test_whatever_a_learner_does_states_come_back(data):
    """Against what was seen when each state was made."""
    budget = data.draw(st.sampled_from([1, 40_000, 2**30]))
    line = timeline(budget=budget, clock=Clock(data.draw(st.sampled_from([0.01, 1.0]))))
    seen = {}

    def see():
        owner = line.branch.owner(line.step, line._commands)
        seen[owner.number, line.step, line._commands] = state(line)

    def check():
        owner = line.branch.owner(line.step, line._commands)
        place = owner.number, line.step, line._commands
        if place in seen:
            assert state(line) == seen[place]

    see()
    for _ in range(data.draw(st.integers(1, 15))):
        match data.draw(st.sampled_from(["train", "go", "rate", "weight", "freeze", "branch"])):
            case "train":
                for _ in range(data.draw(st.integers(1, 6))):
                    line.advance()
                    see()
            case "go":
                branch = line.branches[data.draw(st.integers(0, len(line.branches) - 1))]
                line.go_to(data.draw(st.integers(0, branch.head)), branch)
                check()
            case "rate":
                line.do(SetLearningRate(data.draw(st.sampled_from([0.001, 0.01]))))
                line.do(SetBatchSize(data.draw(st.sampled_from([5, 16]))))
                see()
            case "weight":
                line.do(SetWeight("dense/bias", (0,), data.draw(st.floats(-1, 1, width=32))))
                see()
            case "freeze":
                line.do(Freeze("conv", frozen=data.draw(st.booleans())))
                see()
            case "branch":
                line.branch_off()
    for branch in list(line.branches):
        line.go_to(branch.head, branch)
        check()


def test_a_replay_can_be_stopped():
    line = timeline(budget=1)
    states = train(line, 9)
    line.go_to(0)
    asked = []
    assert not line.go_to(8, stop=lambda: len(asked.append(1) or asked) > 3)
    assert line.step == 3
    assert state(line) == states[3]
    assert line.go_to(8)
    assert state(line) == states[8]


def test_a_replay_validates_nothing_and_notes_nothing(monkeypatch):
    line = timeline()
    train(line, 9)
    before = line.curve("val_loss"), line.trained, line.busy
    monkeypatch.setattr("simulator.engine.training.evaluate", None)
    line.go_to(1)
    line.go_to(9)
    after = line.curve("val_loss"), line.trained, line.busy
    np.testing.assert_array_equal(before[0].mean, after[0].mean)
    assert before[1:] == after[1:]
    assert line.run.validation is not None


def test_curves_hold_what_the_events_told():
    line = timeline()
    events = [event for _ in range(8) for event in line.advance()]
    batches = [event for event in events if isinstance(event, BatchEnd)]
    epochs = [event for event in events if isinstance(event, EpochEnd)]
    loss = line.curve(BATCH_LOSS)
    np.testing.assert_array_equal(loss.steps, range(1, 9))
    np.testing.assert_array_equal(loss.mean, [event.loss for event in batches])
    for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
        curve = line.curve(name)
        np.testing.assert_array_equal(curve.steps, [4, 8])
        np.testing.assert_array_equal(curve.mean, [event.logs[name] for event in epochs])
    np.testing.assert_allclose(line.branch.epoch_at([0, 1, 4, 6, 8]), [0, 0.25, 1, 1.5, 2])
    assert line.branch.step_at(1.5) == 6
    assert line.branch.step_at(9) == 8
    assert line.series_names() == (BATCH_LOSS, "loss", "accuracy", "val_loss", "val_accuracy")


def test_update_ratios_are_those_of_the_last_update():
    line = timeline(optimizer="sgd")
    assert line.update_ratios() == {}
    train(line, 4)
    before = line.model.weights["dense/kernel"].copy(), line.model.weights["dense/bias"].copy()
    line.advance()
    after = line.model.weights["dense/kernel"], line.model.weights["dense/bias"]
    change = sum(np.square(a - b).sum() for a, b in zip(after, before, strict=True))
    size = sum(np.square(each).sum() for each in before)
    ratios = dict(line.update_ratios())
    assert ratios["dense"] == pytest.approx(np.sqrt(change / size), rel=1e-5)
    assert set(ratios) == {"conv", "norm", "dense"}
    line.do(SetWeight("dense/kernel", (0, 0), 50.0))
    assert line.update_ratios() == ratios
    line.advance()
    line.go_to(5)
    assert line.update_ratios() == ratios


def compiled(first, shape, rate=0.01, **options):
    """A network that the engine compiles into one program."""
    x, y = data()
    model = Sequential(
        [
            layers.Input((64,), name="in"),
            layers.Reshape(shape, name="shape"),
            *first,
            layers.Dropout(0.2, name="dropout"),
            layers.Dense(3, name="two"),
        ],
        seed=6,
    )
    model.compile(optimizers.SGD(rate, momentum=0.5), "mse")
    run = model.training(
        x.reshape(len(x), -1), np.eye(3, dtype="float32")[y], batch_size=8, epochs=10**6
    )
    return Timeline(model, run, clock=Clock(), **options)


def dense(rate=0.01):
    return compiled([layers.Dense(9, activation="relu", name="one")], (64,), rate)


def convolutional():
    first = [
        layers.Conv2D(3, 3, activation="relu", name="conv"),
        layers.MaxPooling2D(2, name="pool"),
        layers.Flatten(name="flat"),
    ]
    return compiled(first, (8, 8, 1))


def recurrent():
    return compiled(
        [layers.GRU(4, return_sequences=True, name="gru"), layers.LSTM(5, name="lstm")], (16, 4)
    )


@pytest.mark.parametrize("make", [dense, convolutional, recurrent, timeline])
def test_many_batches_at_once_are_the_same_as_one_by_one(make):
    one, many = make(), make()
    states = train(one, 30)
    ratios = {}
    one.go_to(0)
    for step in (3, 4, 11, 30):
        one.go_to(step)
        ratios[step] = dict(one.update_ratios())
    longest = 0
    while many.step < 30:
        for event in many.advance(min(4, 30 - many.step)):
            if isinstance(event, BatchEnd):
                longest = max(longest, len(event.losses))
        assert state(many) == states[many.step]
        if many.step in ratios:
            assert many.update_ratios() == ratios[many.step]
    assert longest >= 3
    np.testing.assert_array_equal(one.curve(BATCH_LOSS).mean, many.curve(BATCH_LOSS).mean)
    for command in (
        SetOptimizerArgument("weight_decay", 0.1),
        SetBatchSize(11),
        SetArgument("dropout", "rate", 0.6),
        SetArgument(many.model.layers[-1].name, "kernel_regularizer.l1", 0.02),
        Freeze(many.model.layers[-1].name),
        SetWeight(f"{many.model.layers[-1].name}/bias", (1,), 0.5),
        SetLearningRate(0.002),
    ):
        one.do(command)
        many.do(command)
        states |= train(one, 5)
        while many.step < one.step:
            many.advance(min(3, one.step - many.step))
            assert state(many) == states[many.step], command
    for step in (0, 41, 7, 33, 12, 46, 52):
        many.go_to(step)
        assert state(many) == states[step]


def test_what_comes_before_a_divergence_within_a_call_is_kept_right():
    one, many = dense(rate=0.5), dense(rate=0.5)
    for line in (one, many):
        line.do(SetLearningRate(30.0))
    states = {}
    while one.branch.diverged is None:
        states[one.step] = state(one)
        one.advance()
    while many.branch.diverged is None:
        many.advance(50)
    assert many.branch.diverged == one.branch.diverged
    assert many.branch.head == one.branch.head == max(states)
    for step in (many.branch.head, 1, many.branch.head - 1):
        many.go_to(step)
        assert state(many) == states[step]


def test_a_run_that_diverges_stops_and_can_be_taken_back():
    line = timeline(optimizer="sgd")
    states = train(line, 6)
    line.do(SetLearningRate(1e30))
    while line.branch.diverged is None:
        events = line.advance()
    assert isinstance(events[-1], Diverged)
    assert line.advance() == (line.branch.diverged,)
    with pytest.raises(LabError, match="go back to an earlier batch"):
        line.do(SetLearningRate(0.1))
    line.go_to(5)
    assert state(line) == states[5]
    line.do(SetLearningRate(0.001))
    train(line, 4)
    assert line.branch.diverged is None
    assert line.branches[0].diverged is not None


def test_what_cannot_be_done_changes_nothing():
    line = timeline()
    train(line, 3)
    before = state(line)
    for command, told in (
        (SetLearningRate(-1.0), "0 or more"),
        (SetArgument("dropout", "rate", 1.5), "between 0 and 1"),
        (SetArgument("dropout", "units", 3), "cannot be changed"),
        (SetArgument("nothing", "rate", 0.5), "no layer 'nothing'"),
        (SetWeight("dense/kernel", (0, 9), 1.0), "no number"),
        (SetWeight("dense/other", (0,), 1.0), "no weight"),
        (SetWeight("dense/bias", (0,), float("nan")), "no number that"),
        (SetBatchSize(0), "from 1 to"),
        (SetOptimizerArgument("weight_decay", -1.0), "between 0 and 100"),
        (SetOptimizerArgument("momentum", 0.5), "Adam has no 'momentum'"),
        (Reseed(-1), "0 or more"),
        (Freeze("nothing"), "no layer"),
    ):
        with pytest.raises(LabError, match=told):
            line.do(command)
    with pytest.raises(LabError, match="there is no 4"):
        line.go_to(4)
    assert state(line) == before
    assert line.branch.commands == []


def test_a_branch_that_was_removed_is_put_back_bit_for_bit():
    line = timeline()
    train(line, 4)
    line.go_to(2)
    line.do(SetLearningRate(0.5))
    train(line, 3)
    there = line.branch
    weights = [each.copy() for each in line.model.get_weights()]
    line.go_to(2, line.branches[0])
    line.remove(there.number)
    assert [branch.number for branch in line.branches] == [0]
    line.put_back(there)
    line.put_back(there)
    assert [branch.number for branch in line.branches] == [0, 1]
    line.go_to(5, there)
    for a, b in zip(weights, line.model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_best_point_of_a_way_may_be_its_parents():
    line = timeline()
    assert line.branch.best() is None
    train(line, 6)
    series = line.branch.series["val_loss"].curve()
    best = line.branch.best()
    assert (best.branch, best.name, best.value) == (0, "val_loss", series.mean.min())
    assert best.step == series.steps[series.mean.argmin()]
    line.do(SetLearningRate(1e3))
    line.branch_off()
    train(line, 3)
    assert line.branch.number == 1
    assert line.branch.best().branch == 0
    line.branches.rename(1, "  too   fast ")
    assert line.branches[1].name == "too fast"
    with pytest.raises(LabError, match="needs a name"):
        line.branches.rename(1, " ")


def test_a_call_of_one_batch_does_not_count_for_how_long_a_batch_takes():
    line = timeline(clock=Clock(0.03))
    line.advance(3)
    assert line.step_seconds == pytest.approx(0.01)
    line.advance(1)
    assert line.step_seconds == pytest.approx(0.01, rel=0.05)
    for _ in range(200):
        line.advance(1)
    assert line.step_seconds == pytest.approx(0.03), "unless it stays so"
