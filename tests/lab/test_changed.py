"""Programs with what was changed while they ran."""

import pytest

from simulator.lab import Experiment
from simulator.lab.commands import (
    Freeze,
    Reseed,
    SetArgument,
    SetBatchSize,
    SetLearningRate,
    SetOptimizerArgument,
    SetWeight,
)
from tests.lab import programs


def test_the_changed_program_begins_with_what_was_set():
    program, data = programs.moons()
    experiment = Experiment(program, data)
    assert experiment.present_program == experiment.program
    for command in (
        SetLearningRate(0.3),
        SetOptimizerArgument("weight_decay", 0.01),
        SetOptimizerArgument("clipnorm", 0.5),
        SetBatchSize(7),
        SetArgument("drop", "rate", 0.4),
        SetArgument("hidden", "kernel_regularizer.l2", 0.02),
        SetArgument("hidden", "kernel_regularizer.l1", 0.01),
        SetWeight("hidden/bias", (0,), 2.0),
        Reseed(3),
        Freeze("out"),
        SetOptimizerArgument("clipnorm", 0.0),
    ):
        experiment.run_for(batches=1)
        experiment.do(command)
    again = Experiment(experiment.present_program, data).timeline.controls
    assert again.values == experiment.timeline.controls.values
    assert again.learning_rate == 0.3
    experiment.go_to(4)
    assert experiment.present_program.fit.batch_size == 7
    experiment.go_to(3)
    assert experiment.present_program.fit.batch_size == 16
    assert experiment.present_program.compile.optimizer.arguments["clipnorm"] == 0.5


@pytest.mark.parametrize("old", ["l2", "l1_l2", None])
def test_a_regularizer_keeps_its_other_norm(old):
    program, data = programs.moons()
    network = program.network.with_argument("hidden", "kernel_regularizer", old)
    experiment = Experiment(programs.with_network(program, network), data)
    experiment.do(SetArgument("hidden", "kernel_regularizer.l1", 0.5))
    again = Experiment(experiment.present_program, data).timeline.controls
    assert again.values == experiment.timeline.controls.values
