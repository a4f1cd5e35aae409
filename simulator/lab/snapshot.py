"""What the lab shows of a network at one step: frozen, with arrays of its own.

`Wanted` says which views to compute, and a `Snapshot` holds these and None for the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from simulator.engine.layers.base import Array
from simulator.lab.branches import Best
from simulator.lab.controls import Place
from simulator.lab.series import Curve

View: TypeAlias = Literal[
    "curves",
    "standing",
    "confusion",
    "predictions",
    "sample",
    "sample_gradients",
    "surface",
    "histograms",
    "gradient_norms",
    "update_ratios",
    "dead_units",
    "arrays",
    "gradients",
]
"""What a snapshot has; weights that are wanted whole, "arrays", and their "gradients" are chosen by
their names.
"""
VIEWS: tuple[View, ...] = (
    "curves",
    "standing",
    "confusion",
    "predictions",
    "sample",
    "sample_gradients",
    "surface",
    "histograms",
    "gradient_norms",
    "update_ratios",
    "dead_units",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which views to compute, and of what."""

    views: frozenset[View] = frozenset(("curves", "standing"))
    sample: int = 0
    """The held-out sample that "sample" sends through the network, and "sample_gradients" back."""
    samples: tuple[int, ...] = tuple(range(12))
    """The held-out samples of "predictions"; those that do not exist are left out."""
    arrays: tuple[str, ...] = ()
    """Weights to be copied out whole, as "dense/kernel"."""
    gradients: tuple[str, ...] = ()
    """Weights whose gradients are to be copied out whole."""
    cell: tuple[str, tuple[int, ...]] | None = None
    """A number of a weight, by the weight's name and its place in it."""
    points: int = 600
    """Of each curve at most."""
    resolution: int = 48
    """Of "surface", along each side."""
    output: int = 0
    """Of a network with several, the output whose answers are looked at: in the confusion matrix,
    in the predictions, as what is said of the sample, and on the plane.
    """

    @property
    def all_views(self) -> frozenset[View]:
        """The views, and "arrays" and "gradients" where any are wanted."""
        named: dict[View, tuple[str, ...]] = {"arrays": self.arrays, "gradients": self.gradients}
        return self.views | {view for view, names in named.items() if names}

    @property
    def at_first(self) -> Wanted:
        """What of it takes no more than one sample's way through the network."""
        return replace(self, views=self.views & {"curves", "sample"}, arrays=(), gradients=())


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """The network on held-out data as it is now."""

    loss: float
    metrics: Mapping[str, float]
    right: int | None  # of `count`; None where nothing is told apart
    count: int
    of: int  # held-out samples that there are; `count` of them were looked at
    held_out: bool  # False: there is no held-out data, and these are samples it trains on
    of_outputs: tuple[str, ...] = ()
    """Of several outputs, each one's first metric, or its loss where it has none."""
    output: int = 0
    """The output that `right` is about."""


@dataclass(frozen=True, slots=True, eq=False)
class Confusion:
    """How often each true class (row) was taken for each class (column)."""

    matrix: npt.NDArray[np.int64]  # (C, C)
    classes: tuple[str, ...]
    steps: bool = False  # whether each time step of a sample is counted
    filling: bool = False  # whether steps that only fill samples up are left out


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """A few held-out samples, and what the network says of them."""

    indices: tuple[int, ...]  # N
    x: Array  # (N, *sample)
    target: Array  # (N, …) as it is trained with
    output: Array  # (N, …)
    label: npt.NDArray[np.int64] | None  # (N,) true class; None where nothing is told apart
    said: npt.NDArray[np.int64] | None  # (N,) the class that the network says
    confidence: Array | None  # (N,) the output for that class, where outputs are probabilities
    classes: tuple[str, ...]
    step_label: npt.NDArray[np.int64] | None = None  # (N, T) likewise, where each step has a class
    step_said: npt.NDArray[np.int64] | None = None  # (N, T)
    step_counts: npt.NDArray[np.bool_] | None = None  # (N, T) False: filling; None: all count


@dataclass(frozen=True, slots=True, eq=False)
class SamplePass:
    """One held-out sample on its way through the network.

    `outputs` has every step's output under its key (a layer's name), and for layers within layers
    under "outer/inner": feature maps (H, W, C), hidden states (T, U), or a row (U,). `arrays` has
    whatever else the layers kept, as "lstm/forget_gate" (T, U). Inputs are under their names.
    """

    index: int
    x: Array
    target: Array
    outputs: Mapping[str, Array]
    arrays: Mapping[str, Array]
    label: int | None
    said: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """What a classifier says all over the plane (H, W), and how sure it is."""

    said: npt.NDArray[np.int64]  # (H, W) class
    sureness: Array  # (H, W): 0 where no class leads, 1 where the class has all
    border: npt.NDArray[np.float64]  # (S, 2, 2): lines from (x, y) to (x, y) where it changes
    layer: str  # whose units stand for the classes, or whose one unit for the second of two
    shares: Array  # (K, H, W) of each class


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """What the network says all over the plane, and each of its units.

    Rows are y from the lowest up, columns x. One output gives (H, W), several (H, W, K).
    """

    x: Array  # (W,)
    y: Array  # (H,)
    output: Array  # (H, W) or (H, W, K)
    units: Mapping[str, Array]  # by layer, (U, H, W)
    points: Array  # (N, 2) the first that it learns from
    targets: Array  # (N, …) of the output that is looked at: classes (N,) where there are any
    decision: Decision | None = None  # None where nothing is told apart
    classes: tuple[str, ...] = ()  # as far as they have names


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """How many numbers lie where, between equally wide borders."""

    edges: npt.NDArray[np.float64]  # (N + 1,)
    counts: npt.NDArray[np.int64]  # (N,)
    low: float
    high: float
    mean: float
    deviation: float
    size: int  # of the whole array
    counted: int  # of these so many were looked at, evenly spread; not finite ones left out


@dataclass(frozen=True, slots=True, eq=False)
class Histograms:
    """Of weights and their gradients by "layer/weight", of outputs and theirs by layer."""

    weights: Mapping[str, Histogram]
    gradients: Mapping[str, Histogram]
    activations: Mapping[str, Histogram]
    activation_gradients: Mapping[str, Histogram]


@dataclass(frozen=True, slots=True)
class DeadUnits:
    """Units (channels of maps) with a rectifier that no sample of a batch gets above zero."""

    dead: int
    of: int


@dataclass(frozen=True, slots=True)
class BranchInfo:
    """A branch, for drawing it."""

    number: int
    name: str
    colour: int
    parent: int | None
    start: int
    head: int
    start_epoch: float
    head_epoch: float
    commands: tuple[tuple[int, str], ...]  # steps and labels
    diverged: bool


@dataclass(frozen=True, slots=True)
class MemoryInfo:
    """What the past takes."""

    checkpoints: int
    nbytes: int
    budget: int


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """The network at one step of one branch."""

    branch: int
    step: int
    epoch: float
    """How many epochs are over, with the part of the one under way."""
    at_end: bool
    """Whether this is the branch's last step; elsewhere it was replayed."""
    learning_rate: float
    batch_size: int
    batch_loss: float | None
    """The loss of the last batch; None before the first."""
    logs: Mapping[str, float]
    """Loss and metrics at the end of the last epoch that was over at this step."""
    samples_per_second: float
    branches: tuple[BranchInfo, ...]
    memory: MemoryInfo
    optimizer: Mapping[str, float] = field(default_factory=dict)
    """What can be changed of the optimizer beside its learning rate, as it is at this step."""
    arguments: Mapping[Place, float] = field(default_factory=dict)
    """Likewise of layers: dropout rates, strengths of regularizers."""
    best: Best | None = None
    """The best point on the way of this branch, to its end."""
    curves: Mapping[tuple[int, str], Curve] | None = None
    """By branch and series: each branch's own steps, its parents' left out."""
    standing: Standing | None = None
    confusion: Confusion | None = None
    predictions: Predictions | None = None
    sample: SamplePass | None = None
    sample_gradients: Mapping[str, Array] | None = None
    """By layer, ∂L/∂output for that sample alone, as in use; under their names of the inputs."""
    surface: Surface | None = None
    histograms: Histograms | None = None
    gradient_norms: Mapping[str, float] | None = None
    """By layer, ‖∂L/∂weights‖ over a batch of training data, with dropout off."""
    update_ratios: Mapping[str, float] | None = None
    """By layer, ‖last update‖ / ‖weights before it‖."""
    dead_units: Mapping[str, DeadUnits] | None = None
    arrays: Mapping[str, Array] = field(default_factory=dict)
    gradients: Mapping[str, Array] = field(default_factory=dict)
    """∂L/∂weight over a batch of training data, with dropout off."""
    cell: tuple[str, tuple[int, ...], float] | None = None
    """`Wanted.cell` and the number there; None if there is no such place."""
    frozen_layers: frozenset[str] = frozenset()
    seconds: float = 0.0
    """What computing it took."""
    costs: Mapping[View, float] = field(default_factory=dict)
    """The same for each view that was computed; the others are those of the snapshot before."""
