"""Why runs break, for breaks whose cause is known."""

import numpy as np
import pytest

from simulator.engine.training import Diverged
from simulator.formats.network import LayerSpec, sequential
from simulator.formats.program import CompileSpec, FitSpec, OptimizerSpec, ProgramSpec
from simulator.lab import Experiment, LabError, SetLearningRate, SetOptimizerArgument
from simulator.lab.binding import Arrays
from tests.lab import programs
from tests.lab.test_timeline import state


def broken(experiment):
    while experiment.halted is None or not isinstance(experiment.halted, Diverged):
        experiment.run_for()
    return experiment.explain()


def test_steps_that_are_too_large():
    experiment = Experiment(*programs.plane(rate=0.05))
    experiment.run_for(batches=5)
    experiment.do(SetLearningRate(50.0))
    told = broken(experiment)
    assert told.step == experiment.timeline.branch.head
    assert told.layer in ("hidden", "out")
    assert 4 <= told.last_good <= 6
    assert "changed the weights of" in told.why[0]
    assert told.advice[0].command == SetLearningRate(5.0)
    # It looked, and went back.
    assert experiment.timeline.step == told.step
    experiment.go_to(told.last_good)
    experiment.do(SetLearningRate(0.01))
    experiment.goal = experiment.goal.__class__(20)
    assert not isinstance(experiment.run_for()[-1], Diverged)


def test_the_last_good_state_is_the_one_before_the_loss_grew():
    experiment = Experiment(*programs.plane(rate=3.0))
    told = broken(experiment)
    losses = experiment.timeline.curve("batch_loss", whole_way=True).mean
    assert (losses[told.last_good + 1 :] > 2 * losses[: told.last_good + 1].min()).all()
    experiment.go_to(told.last_good)
    good = state(experiment.timeline)
    experiment.go_to(0)
    experiment.go_to(told.last_good)
    assert state(experiment.timeline) == good


def program(layers, shape, *, rate, **arguments):
    return ProgramSpec(
        sequential(layers, shape=shape),
        CompileSpec(OptimizerSpec("SGD", {"learning_rate": rate, **arguments}), "mse"),
        FitSpec(epochs=100, batch_size=8),
        seed=1,
    )


def test_data_that_are_too_large():
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 255, size=(40, 3)).astype("float32")
    layers = [LayerSpec("Dense", "one", {"units": 4}), LayerSpec("Dense", "two", {"units": 1})]
    told = broken(
        Experiment(program(layers, (3,), rate=0.01), arrays=Arrays(x, x.sum(axis=1) / 765))
    )
    assert "inputs reach 25" in told.why[0]
    assert "Scale the inputs" in told.advice[0].text
    assert SetLearningRate(0.001) in [each.command for each in told.advice]


def test_gradients_that_explode_through_time():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 40, 2)).astype("float32")
    recurrent = LayerSpec("SimpleRNN", "recurrent", {"units": 8, "activation": "linear"})
    layers = [recurrent, LayerSpec("Dense", "out", {"units": 1})]
    told = broken(Experiment(program(layers, (40, 2), rate=0.02), arrays=Arrays(x, x[:, 0, 0])))
    assert any("same recurrent weights at every time step" in each for each in told.why)
    assert SetOptimizerArgument("clipnorm", 1.0) in [each.command for each in told.advice]


def test_only_what_diverged_is_explained():
    experiment = Experiment(*programs.plane())
    with pytest.raises(LabError, match="has not diverged"):
        experiment.explain()
