"""Going on with other data as Keras does when fit is called again: nothing gathered is lost."""

import numpy as np
import pytest

from simulator.data.datasets import make
from simulator.formats.program import OptimizerSpec
from simulator.lab import Experiment, SetLearningRate, SetWeight, Start
from simulator.lab.commands import Freeze, SetBatchSize
from simulator.lab.projects import experiment_of, project_of
from tests.lab import programs

OTHERS = make("circle", {"samples": 60}, seed=2)
OPTIMIZERS = [
    OptimizerSpec("Adam", {"learning_rate": 0.02}),
    OptimizerSpec("SGD", {"learning_rate": 0.1, "momentum": 0.9}),
    OptimizerSpec("RMSprop"),
    OptimizerSpec("Nadam"),
    OptimizerSpec("Adagrad"),
]


def program_with(optimizer):
    program, data = programs.plane(epochs=2, shuffle=False)
    return programs.with_optimizer(program, optimizer), data


def others():
    return make("plane", {"samples": 60}, seed=9)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda each: each.kind)
def test_it_goes_on_as_keras_does(optimizer):
    program, data = program_with(optimizer)
    first = Experiment(program, data, backend="numpy")
    first.run_for(epochs=1)
    second = Experiment(program, others(), backend="numpy", start=Start.where(first))
    second.run_for(epochs=1)

    model = Experiment(program, data, backend="numpy").model
    for each in (data, others()):
        model.fit(each.x, each.y, batch_size=16, epochs=1, shuffle=False, verbose=0)
    for name, theirs in model.weights.items():
        np.testing.assert_array_equal(second.model.weights[name], theirs)
    assert set(second.model.optimizer.state) == set(model.optimizer.state)
    for name, theirs in model.optimizer.state.items():
        np.testing.assert_array_equal(second.model.optimizer.state[name], theirs)

    anew = Experiment(program, others(), backend="numpy", start=Start(first.model.weights))
    anew.run_for(epochs=1)
    moved = any((anew.model.weights[name] != each).any() for name, each in model.weights.items())
    assert moved, "without what the optimizer gathered it comes out differently"


def test_another_optimizer_begins_with_nothing_gathered():
    program, data = program_with(OPTIMIZERS[0])
    first = Experiment(program, data, backend="numpy")
    first.run_for(epochs=1)
    other = programs.with_optimizer(program, OPTIMIZERS[2])
    second = Experiment(other, others(), backend="numpy", start=Start.where(first))
    assert second.model.optimizer.iterations == 0
    for name, weight in first.model.weights.items():
        np.testing.assert_array_equal(second.model.weights[name], weight)


def test_a_start_of_another_network_is_none():
    program, data = program_with(OPTIMIZERS[0])
    moons, theirs = programs.moons()
    start = Start.where(Experiment(moons, theirs, backend="numpy"))
    kept = Experiment(program, data, backend="numpy").model.weights
    begun = Experiment(program, data, backend="numpy", start=start)
    assert begun.timeline.commands == []
    for name, weight in begun.model.weights.items():
        np.testing.assert_array_equal(weight, kept[name])


def test_settings_go_on_and_can_be_gone_back_to():
    program, data = programs.moons(epochs=5)
    first = Experiment(program, data, backend="numpy")
    first.run_for(batches=2)
    for command in (SetLearningRate(0.5), SetBatchSize(5), Freeze("hidden"), SetLearningRate(0.25),
                    SetWeight("out/bias", (0,), 0.75)):  # fmt: skip
        first.do(command)
    second = Experiment(program, OTHERS, backend="numpy", start=Start.where(first))
    assert second.timeline.commands == [SetBatchSize(5), Freeze("hidden"), SetLearningRate(0.25)]
    assert second.timeline.controls.learning_rate == 0.25
    assert second.model.weights["out/bias"][0] == np.float32(0.75)
    kept = {name: each.copy() for name, each in second.model.weights.items()}
    second.run_for(batches=4)
    np.testing.assert_array_equal(second.model.weights["hidden/kernel"], kept["hidden/kernel"])
    trained = {name: each.copy() for name, each in second.model.weights.items()}
    again = experiment_of(project_of(second), backend="numpy")
    second.go_to(0)
    for each, expected in ((second, kept), (again, trained)):
        for name, weight in each.model.weights.items():
            np.testing.assert_array_equal(weight, expected[name])
    assert again.timeline.controls.learning_rate == 0.25
    second.go_to(4)
    for each in (second, again):
        each.run_for(batches=3)
    for name, weight in second.model.weights.items():
        np.testing.assert_array_equal(weight, again.model.weights[name])
