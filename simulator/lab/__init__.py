"""The training lab without its window: train, change things on the way, go back, try another way.

`Timeline` drives a model and its run: `advance` trains on, `do` carries out a command
(`SetLearningRate`, `Freeze`, `SetWeight`…) and records it, `go_to` puts the model into its state
at any past step, bit for bit. Curves, branches and checkpoints are read from it.
"""

from simulator.lab.branches import BATCH_LOSS, Branch
from simulator.lab.commands import (
    AverageWeights,
    Command,
    Freeze,
    Reseed,
    SetArgument,
    SetLearningRate,
    SetWeight,
)
from simulator.lab.errors import LabError
from simulator.lab.series import Curve
from simulator.lab.timeline import Timeline

__all__ = [
    "BATCH_LOSS",
    "AverageWeights",
    "Branch",
    "Command",
    "Curve",
    "Freeze",
    "LabError",
    "Reseed",
    "SetArgument",
    "SetLearningRate",
    "SetWeight",
    "Timeline",
]
