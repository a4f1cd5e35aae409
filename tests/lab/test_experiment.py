"""Programs on data sets, from their descriptions."""

import numpy as np
import pytest

from simulator.data.datasets import make
from simulator.engine.training import BatchEnd, Diverged, EpochEnd
from simulator.formats.json_values import SpecError
from simulator.formats.keras_reader import read
from simulator.formats.program import OptimizerSpec
from simulator.lab import (
    VIEWS,
    AverageWeights,
    Experiment,
    Goal,
    LabError,
    SetLearningRate,
    Stopped,
    Target,
    Wanted,
    estimate,
)
from simulator.lab.binding import Arrays
from simulator.lab.goals import reached
from tests.lab import programs


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        self.now += 0.01
        return self.now


def batches(events):
    return sum(len(event.losses) for event in events if isinstance(event, BatchEnd))


def test_a_program_runs_to_its_epochs_and_on_if_asked():
    experiment = Experiment(*programs.moons())
    events = experiment.run_for()
    assert isinstance(events[-1], Stopped)
    assert events[-1].text == "3 epochs are done."
    assert (events[-1].epoch, events[-1].step) == (2, 9)
    more = experiment.run_for()
    assert (more[-1].epoch, more[-1].step) == (3, 12)


def test_it_runs_for_batches_epochs_or_seconds():
    experiment = Experiment(*programs.moons(epochs=100), clock=Clock())
    assert batches(experiment.run_for(batches=1)) == 1
    assert batches(experiment.run_for(batches=4)) == 4
    assert experiment.timeline.step == 5
    events = experiment.run_for(epochs=2)
    assert sum(isinstance(event, EpochEnd) for event in events) == 2
    assert experiment.timeline.step == 9
    before = experiment.timeline.step
    experiment.run_for(seconds=0.5)
    assert 2 < experiment.timeline.step - before < 50
    asked = []
    experiment.run_for(stop=lambda: asked.append(1) or len(asked) == 3)
    assert len(asked) == 3


def test_it_learns_what_keras_would_by_the_same_calls():
    program, data = programs.digits()
    experiment = Experiment(program, data)
    experiment.run_for()
    other = Experiment(program, data).model
    rows = np.eye(10, dtype="float32")
    history = other.fit(
        data.x, rows[data.y], batch_size=32, epochs=2, verbose=0,
        validation_data=(data.x_val, rows[data.y_val]),
    )  # fmt: skip
    for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
        np.testing.assert_array_equal(experiment.timeline.curve(name).mean, history.history[name])
    for own, theirs in zip(experiment.model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(own, theirs)
    assert experiment.told == ("Classes are made rows of zeros and a one, as the loss takes them.",)


def test_every_view_is_there():
    experiment = Experiment(*programs.digits())
    experiment.run_for(batches=3)
    seen = experiment.snapshot(Wanted(frozenset(VIEWS)))
    assert seen.surface is None
    assert all(getattr(seen, name) is not None for name in VIEWS if name != "surface")
    assert seen.samples_per_second > 0
    assert seen.confusion.classes == tuple("0123456789")
    assert Experiment(*programs.moons()).snapshot(Wanted(frozenset(["surface"]))).surface


def test_targets_stop_a_run():
    experiment = Experiment(*programs.moons(epochs=500))
    experiment.goal = Goal(500, (Target("accuracy", 0.9),))
    stopped = experiment.run_for()[-1]
    assert stopped.text.startswith("accuracy is ")
    assert stopped.text.endswith(": at least 0.9 was the aim.")
    values = experiment.timeline.curve("accuracy").mean
    assert values[-1] >= 0.9 > values[:-1].max()
    low = Target("loss", 0.1, at_least=False)
    assert [low.reached(logs) for logs in ({"loss": 0.05}, {"loss": 0.2}, {})] == [
        True,
        False,
        False,
    ]


def test_early_stopping_stops_and_knows_the_best_step():
    stopping = programs.callback(
        "EarlyStopping", monitor="val_loss", patience=2, restore_best_weights=True
    )
    program, data = programs.moons(epochs=400, callbacks=(stopping,))
    experiment = Experiment(program, data)
    stopped = experiment.run_for()[-1]
    curve = experiment.timeline.curve("val_loss")
    assert stopped.epoch < 399
    assert len(curve) == curve.mean.argmin() + 3
    assert stopped.best_step == curve.steps[curve.mean.argmin()]
    assert f"epoch {curve.mean.argmin() + 1}" in stopped.text
    # From the past, it counts as it did.
    experiment.go_to(stopped.step - 5)
    again = experiment.run_for()[-1]
    assert (again.step, again.best_step) == (stopped.step, stopped.best_step)


def test_a_rate_that_falls_on_a_plateau_is_recorded():
    falling = programs.callback("ReduceLROnPlateau", monitor="loss", patience=1, min_delta=10.0)
    experiment = Experiment(*programs.moons(epochs=4, callbacks=(falling,)))
    experiment.run_for()
    recorded = [(each.step, each.command) for each in experiment.timeline.branch.commands]
    assert recorded == [
        (step, SetLearningRate(pytest.approx(rate)))
        for step, rate in ((6, 2e-3), (9, 2e-4), (12, 2e-5))
    ]
    weights = experiment.model.get_weights()
    experiment.go_to(1)
    experiment.go_to(12)
    for own, before in zip(experiment.model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(own, before)


def test_a_callback_that_watches_nothing_is_refused_at_once():
    program, data = programs.moons(
        callbacks=(programs.callback("EarlyStopping", monitor="val_f1"),)
    )
    with pytest.raises(LabError, match="watches 'val_f1', but there are only loss, accuracy, val_"):
        Experiment(program, data)


def test_averaged_weights_are_put_in_at_the_end():
    program, data = programs.moons()
    averaged = OptimizerSpec("SGD", {"learning_rate": 0.5, "use_ema": True})
    program = programs.with_optimizer(program, averaged)
    experiment = Experiment(program, data)
    experiment.run_for()
    assert [each.command for each in experiment.timeline.branch.commands] == [AverageWeights()]
    state = experiment.model.optimizer.state
    for name, weight in experiment.model.weights.items():
        np.testing.assert_array_equal(weight, state[f"average/{name}"])


def test_a_run_that_diverges_ends_with_that():
    experiment = Experiment(*programs.plane(rate=1e30))
    assert isinstance(experiment.run_for()[-1], Diverged)
    assert isinstance(experiment.run_for(batches=1)[-1], Diverged)


def test_data_of_the_programs_own_need_no_data_set():
    program, _ = programs.moons(validation_split=0.25)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 2)).astype("float32")
    arrays = Arrays(x, (x[:, :1] > 0).astype("float32"))
    experiment = Experiment(program, arrays=arrays)
    experiment.run_for()
    assert len(experiment.timeline.curve("val_loss")) == 3
    assert len(experiment.timeline.run.data) == 30


def test_what_cannot_be_run_is_told():
    program, data = programs.moons()
    with pytest.raises(LabError, match="choose a data set"):
        Experiment(program)
    with pytest.raises(LabError, match="8 × 8 × 1, but the network takes 2"):
        Experiment(program, make("digits"))
    wrong = programs.with_network(program, program.network.with_argument("hidden", "units", 0))
    with pytest.raises(SpecError, match="units"):
        Experiment(wrong, data)


def test_memory_is_told_before_it_is_taken():
    program, data = programs.digits()
    told = estimate(program, data, budget=1000)
    model = Experiment(program, data).model
    assert told.weights == 4 * model.count_params()
    assert told.data == data.nbytes
    assert told.past == 1000
    assert told.training > 16 * model.count_params()
    assert told.total == told.weights + told.training + told.data + 1000


@pytest.mark.parametrize("metric", ["AUC", "Precision", "BinaryAccuracy"])
def test_a_metric_that_cannot_count_the_targets_is_refused_before_training(metric):
    """Of ten shares and a class's number no single yes or no can be counted."""
    program = read(
        "model = Sequential([Flatten(input_shape=(8, 8, 1)), Dense(10, activation='softmax')])\n"
        f"model.compile('sgd', 'sparse_categorical_crossentropy', [keras.metrics.{metric}()])\n"
    ).program
    with pytest.raises(LabError, match="A metric can't count what this network learns") as told:
        Experiment(program, make("digits", {"samples": 100}), backend="numpy")
    assert "(1, 10)" in str(told.value)
    assert "Leave the metric out" in str(told.value)


def test_the_area_under_the_curve_is_counted_as_it_trains():
    program = read(
        "model = Sequential([Dense(4, activation='tanh', input_shape=(2,)), "
        "Dense(1, activation='sigmoid')])\n"
        "model.compile('adam', 'binary_crossentropy', ['auc'])\n"
    ).program
    experiment = Experiment(program, make("circle", {"samples": 80}), backend="numpy")
    logs = experiment.run_for(epochs=1)[-1].logs
    seen = experiment.snapshot(Wanted(frozenset({"standing"}))).standing
    assert seen.metrics["auc"] == pytest.approx(logs["val_auc"])
    held = experiment.timeline.run.validation
    said, true = experiment.model.predict(held.x[0], verbose=0)[:, 0], held.y[0].ravel()
    exact = (said[true == 1][:, np.newaxis] > said[true == 0]).mean()
    assert seen.metrics["auc"] == pytest.approx(exact, abs=0.05)


@pytest.mark.parametrize(
    ("epoch", "goal", "words"),
    [
        (2, Goal(3), "3 epochs are done."),
        (0, Goal(1), "1 epoch is done."),
        (9, Goal(3), "10 epochs are done, where 3 were the aim."),
        (4, Goal(1), "5 epochs are done, where 1 was the aim."),
        (1, Goal(9, (Target("loss", 0.3, at_least=False),)),
         "loss is 0.25: at most 0.3 was the aim."),
        (1, Goal(9, (Target("loss", 0.2, at_least=False),)), ""),
        (2, Goal(3, (Target("accuracy", 0.9),)),
         "3 epochs are done. accuracy is 0.8123, where at least 0.9 was the aim."),
        (2, Goal(3, (Target("f1", 0.9),)),
         "3 epochs are done. There is no f1, where at least 0.9 was the aim."),
        (2, Goal(None), ""),
    ],
)  # fmt: skip
def test_where_a_run_ends_it_says_how_far_it_came(epoch, goal, words):
    event = EpochEnd(epoch, 10, {"loss": 0.25, "accuracy": 0.81234})
    stopped = reached(goal, [event])
    assert ("" if stopped is None else stopped.text) == words
