"""Runs that die quietly are told of, once, with the layer; no others are."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from simulator.data import datasets
from simulator.engine.backends.base import Backend
from simulator.formats.keras_reader import read
from simulator.formats.network import LayerSpec, sequential
from simulator.formats.program import CompileSpec, FitSpec, OptimizerSpec, ProgramSpec
from simulator.lab import Experiment, SetLearningRate, SetWeight, Silent, Stopped, Twins
from simulator.lab.binding import Arrays
from simulator.lab.silent import batches_until_looked
from tests.lab.test_astray import preset
from tests.lab.test_timeline import state

PASTED = """\
model = Sequential()
model.add(Flatten(input_shape=(8, 8, 1)))
model.add(Dense(32, activation='relu'))
model.add(Dense(16, activation='relu'))
model.add(Dense(10, activation='softmax'))
model.compile(optimizer=SGD(learning_rate=5.0), loss='sparse_categorical_crossentropy')
model.fit(x_train, y_train, epochs=50, batch_size=32)
"""


def dense(name: str, units: int, activation: str = "relu", **more: Any) -> LayerSpec:
    return LayerSpec("Dense", name, {"units": units, "activation": activation, **more})


def moons(
    *layers: LayerSpec, rate: float = 0.01, loss: str = "binary_crossentropy", **fit: Any
) -> Experiment:
    program = ProgramSpec(
        sequential(list(layers), shape=(2,)),
        CompileSpec(OptimizerSpec("SGD", {"learning_rate": rate}), loss),
        FitSpec(**({"epochs": 10**6, "batch_size": 10} | fit)),
        seed=1,
    )
    return Experiment(program, datasets.make("moons", {}, seed=1), backend=Backend())


def told(experiment: Experiment, batches: int) -> list[Silent]:
    found: list[Silent] = []
    while experiment.timeline.step < batches and experiment.halted is None:
        left = batches - experiment.timeline.step
        events = experiment.run_for(batches=min(left, 50))
        found += [each for each in events if isinstance(each, Silent)]
    return found


def test_a_pasted_classifier_whose_rate_is_far_too_high_is_told_of() -> None:
    program = read(PASTED).program
    assert program is not None
    data = datasets.make("digits", {"samples": 500}, seed=0)
    experiment = Experiment(replace(program, seed=2), data, backend=Backend())
    (found,) = told(experiment, 300)
    assert (found.layer, found.what, found.step) == ("dense_1", "dead", 64)
    assert found.deaf == ("dense", "dense_1")
    assert "'dense_1' is dead: none of its units is above zero" in found.text
    assert "'dense' and 'dense_1' learn nothing any more" in found.text
    assert "a tenth of the learning rate: 0.5." in found.text
    assert experiment.timeline.step == 300, "it goes on"
    experiment.go_to(64)
    values = experiment.probe().forward.values
    step = next(each for each in experiment.model.graph.steps if each.layer.name == "dense_1")
    assert not values[step.outputs[0]].any(), "what is said is so"


def test_it_is_told_once_for_a_branch_and_at_the_same_batch_however_it_is_driven() -> None:
    ends = []
    ways: tuple[dict[str, Any], ...] = ({"batches": 1}, {"batches": 50}, {"seconds": 0.001}, {})
    for way in ways:
        experiment = moons(dense("one", 4, kernel_initializer="zeros"), dense("out", 1, "sigmoid"))
        found: list[Silent] = []
        while experiment.timeline.step < 300:
            found += [each for each in experiment.run_for(**(way or {"batches": 300}))
                      if isinstance(each, Silent)]  # fmt: skip
        experiment.go_to(300)
        ends.append((found, state(experiment.timeline)))
    assert all(each == ends[0] for each in ends)
    assert len(ends[0][0]) == 1
    experiment.go_to(0)
    experiment.do(SetLearningRate(0.1))
    assert len(told(experiment, 200)) == 1, "another branch is another run"


def test_weights_of_zero_are_told_to_be_drawn() -> None:
    experiment = moons(dense("one", 4, kernel_initializer="zeros"), dense("out", 1, "sigmoid"))
    (found,) = told(experiment, 100)
    assert found.layer == "one"
    assert "All its weights are 0: choose an initializer" in found.text
    assert "learning rate" not in found.text


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
def test_what_is_saturated_is_told(activation: str) -> None:
    layers = dense("one", 4, activation), dense("out", 1, "sigmoid")
    experiment = moons(*layers)
    assert told(experiment, 70) == []
    experiment.go_to(0)
    for unit in range(4):
        experiment.do(SetWeight("one/bias", (unit,), 1000.0))
    (found,) = told(experiment, 70)
    assert (found.layer, found.what, found.deaf) == ("one", "saturated", ("one",))
    assert "'one' is saturated" in found.text
    assert "'one' learns nothing any more" in found.text


@pytest.mark.parametrize("loss", ["mse", "binary_crossentropy"])
def test_an_output_that_is_sure_and_wrong_is_told(loss: str) -> None:
    """Keras's cross-entropy cuts probabilities off, and has no slope beyond."""
    experiment = moons(dense("one", 4), dense("out", 1, "sigmoid"), loss=loss)
    experiment.do(SetWeight("out/bias", (0,), -1e3))
    (found,) = told(experiment, 70)
    assert (found.layer, found.what, found.deaf) == ("out", "saturated", ("one", "out"))
    before = {name: each.copy() for name, each in experiment.model.weights.items()}
    experiment.run_for(batches=20)
    for name, each in experiment.model.weights.items():
        np.testing.assert_array_equal(each, before[name])


def test_a_gradient_that_vanishes_on_its_way_is_told() -> None:
    small = {"class_name": "RandomNormal", "config": {"mean": 0.0, "stddev": 1e-6}}
    deep = [dense(f"h{n}", 3, "tanh", kernel_initializer=small) for n in range(12)]
    (found,) = told(moons(*deep, dense("out", 1, "sigmoid")), 70)
    assert found.what == "vanished"
    assert found.deaf[0] == "h0"
    assert "too small to be a number" in found.text


def test_a_short_run_is_looked_at_at_its_end() -> None:
    layers = dense("one", 4, kernel_initializer="zeros"), dense("out", 1, "sigmoid")
    experiment = moons(*layers, epochs=1)
    events = experiment.run_for()
    assert isinstance(events[-1], Stopped)
    assert experiment.timeline.step < 64
    assert [each.layer for each in events if isinstance(each, Silent)] == ["one"]
    assert experiment.halted is events[-1]


def test_what_has_learned_all_there_is_has_no_gradient_and_is_well() -> None:
    x = np.linspace(-1, 1, 40, dtype="float32").reshape(-1, 1)
    program = ProgramSpec(
        sequential([dense("one", 1, "linear")], shape=(1,)),
        CompileSpec(OptimizerSpec("SGD", {"learning_rate": 0.5}), "hinge"),
        FitSpec(epochs=10**6, batch_size=10),
        seed=1,
    )
    y = np.where(x > 0, 1.0, -1.0).astype("float32")
    x = x + y  # a margin
    experiment = Experiment(program, arrays=Arrays(x, y), backend=Backend())
    assert told(experiment, 600) == []
    assert not experiment.probe().slopes.weights["one/kernel"].any()


def test_one_unit_that_lives_is_enough() -> None:
    experiment = moons(dense("one", 4), dense("out", 1, "sigmoid"))
    for unit in range(3):
        experiment.do(SetWeight("one/bias", (unit,), -1e3))
    assert told(experiment, 200) == []


def test_frozen_layers_twins_and_normalized_networks_are_left_alone() -> None:
    layers = (
        dense("one", 4, kernel_initializer="zeros"),
        LayerSpec("BatchNormalization", "norm"),
        dense("out", 1, "sigmoid"),
    )
    assert told(moons(*layers), 200) == []
    frozen = moons(dense("one", 4, kernel_initializer="zeros", trainable=False), layers[2])
    assert told(frozen, 200) == []
    dead = moons(layers[0], layers[2])
    slower = CompileSpec(OptimizerSpec("SGD", {"learning_rate": 0.001}), "binary_crossentropy")
    other = replace(dead.program, compile=slower)
    twins = Twins(dead.program, other, dead.dataset, backend=Backend())
    twins.run_for(batches=70)
    assert twins.ended == [None, None]


@pytest.mark.parametrize(
    "identity", ["blobs", "circle", "exclusive-or", "moons", "spiral", "plane", "digits-dense"]
)
@pytest.mark.parametrize("times", [0.1, 1.0])
def test_no_preset_is_told_so(identity: str, times: float) -> None:
    experiment = preset(identity, times=times)
    assert told(experiment, 300) == []


def test_it_is_looked_at_after_twice_as_many_batches_each_time() -> None:
    steps = [0]
    while steps[-1] < 1024:
        steps.append(steps[-1] + batches_until_looked(steps[-1]))
    assert steps == [0, 64, 128, 256, 512, 1024]
    assert batches_until_looked(63) == 1
