"""The training lab without its window: train, change things on the way, go back, try another way.

An `Experiment` trains a described program on a data set: `run_for`, `do`, `go_to`, `snapshot`. Its
`Timeline` drives the model and its run: `advance` trains on, `do` carries out a command
(`SetLearningRate`, `Freeze`, `SetWeight`…) and records it, `go_to` puts the model into its state
at any past step, bit for bit. `look` makes a frozen `Snapshot` of where it stands, with those views
that are `Wanted`. All of it belongs to one thread; snapshots may go to any other.
"""

from simulator.lab.astray import Astray
from simulator.lab.branches import BATCH_LOSS, Branch
from simulator.lab.commands import (
    AverageWeights,
    Command,
    Freeze,
    Reseed,
    SetArgument,
    SetBatchSize,
    SetLearningRate,
    SetOptimizerArgument,
    SetWeight,
)
from simulator.lab.comparing import Comparison, Difference, differences
from simulator.lab.diverging import Advice, Explanation
from simulator.lab.errors import LabError
from simulator.lab.experiment import Experiment, MemoryEstimate, estimate
from simulator.lab.goals import Goal, Stopped, Target
from simulator.lab.looking import look
from simulator.lab.saving import Saved
from simulator.lab.series import Curve
from simulator.lab.silent import Silent
from simulator.lab.snapshot import VIEWS, Snapshot, View, Wanted
from simulator.lab.start import Start
from simulator.lab.timeline import Timeline
from simulator.lab.twin_saving import KeptTwins
from simulator.lab.twins import Twins, TwinsSnapshot

__all__ = [
    "BATCH_LOSS",
    "VIEWS",
    "Advice",
    "Astray",
    "AverageWeights",
    "Branch",
    "Command",
    "Comparison",
    "Curve",
    "Difference",
    "Experiment",
    "Explanation",
    "Freeze",
    "Goal",
    "KeptTwins",
    "LabError",
    "MemoryEstimate",
    "Reseed",
    "Saved",
    "SetArgument",
    "SetBatchSize",
    "SetLearningRate",
    "SetOptimizerArgument",
    "SetWeight",
    "Silent",
    "Snapshot",
    "Start",
    "Stopped",
    "Target",
    "Timeline",
    "Twins",
    "TwinsSnapshot",
    "View",
    "Wanted",
    "differences",
    "estimate",
    "look",
]
