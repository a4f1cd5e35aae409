"""Commands as JSON."""

import json

import pytest

from simulator.lab import commands
from simulator.lab.errors import LabError

EXAMPLES = [
    commands.SetLearningRate(0.3),
    commands.SetBatchSize(64),
    commands.SetOptimizerArgument("weight_decay", 0.01),
    commands.SetArgument("dropout", "rate", 0.5),
    commands.Freeze("conv"),
    commands.Freeze("conv", frozen=False),
    commands.SetWeight("dense/kernel", (0, 3), -0.5),
    commands.Reseed(7),
    commands.AverageWeights(),
]


def test_every_kind_is_tried_here():
    assert {type(each) for each in EXAMPLES} == set(commands.KINDS.values())


@pytest.mark.parametrize("command", EXAMPLES, ids=lambda command: command.label)
def test_a_command_goes_through_json(command):
    assert commands.from_json(json.loads(json.dumps(command.to_json()))) == command


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        (3, "kind None is not known"),
        ({"kind": "shout"}, "'shout' is not known"),
        ({"kind": ["seed"]}, "is not known"),
        ({"kind": "seed"}, "seed None: it must be a whole number"),
        ({"kind": "seed", "seed": 1.5}, "1.5"),
        ({"kind": "seed", "seed": True}, "True"),
        ({"kind": "seed", "seed": 1, "loud": 2}, "needs seed"),
        ({"kind": "weight", "weight": "a", "index": [0, "b"], "value": 1}, "index"),
    ],
)
def test_what_is_no_command_is_refused(stored, told):
    with pytest.raises(LabError, match=told):
        commands.from_json(stored)


def test_a_later_command_replaces_one_that_sets_the_same():
    first = commands.SetWeight("a/kernel", (0,), 1.0)
    assert first.replaced_by(commands.SetWeight("a/kernel", (0,), 2.0))
    assert not first.replaced_by(commands.SetWeight("a/kernel", (1,), 2.0))
    assert not commands.SetLearningRate(1).replaced_by(commands.Reseed(1))
    assert not commands.AverageWeights().replaced_by(commands.AverageWeights())
