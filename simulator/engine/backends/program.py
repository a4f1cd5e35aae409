"""What a backend that runs whole training steps by itself is told, and what it gives.

A `Chain` is a network whose layers follow one another, with its loss and its optimizer, told in
terms of arrays and operations: backends know no layers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from simulator.engine.arrays import Array, FloatArray
from simulator.engine.geometry import WindowGeometry


class NotCompiled(Exception):  # noqa: N818 - a way out that callers expect, not an error
    """A chain has something that this backend's programs cannot do: its layers run one by one."""


@dataclass(frozen=True, slots=True, eq=False)
class Parameter:
    """An array of weights that is trained, and what its updates read and write."""

    weights: FloatArray
    kept: FloatArray  # the weights before the last update
    slots: tuple[FloatArray, ...]  # the optimizer's
    decays: bool
    penalty: FloatArray | None = None  # ℓ₁ and ℓ₂ of its regularizer, float64, read at each step


@dataclass(frozen=True, slots=True, eq=False)
class DenseStage:
    """y = activation(x · kernel + bias); (B, D) gives (B, U)."""

    kernel: FloatArray
    bias: FloatArray | None
    activation: str
    kernel_parameter: Parameter | None  # None where it is frozen
    bias_parameter: Parameter | None


@dataclass(frozen=True, slots=True, eq=False)
class ConvolutionStage:
    """y = activation(convolution + bias); (B, H, W, C) gives (B, OH, OW, F)."""

    kernel: FloatArray
    bias: FloatArray | None
    activation: str
    geometry: WindowGeometry
    kernel_parameter: Parameter | None
    bias_parameter: Parameter | None


@dataclass(frozen=True, slots=True, eq=False)
class PoolingStage:
    """Max or average pooling."""

    kind: str  # "max" or "average"
    geometry: WindowGeometry


@dataclass(frozen=True, slots=True, eq=False)
class MaskStage:
    """Multiplication by numbers that are drawn before each step: dropout."""


@dataclass(frozen=True, slots=True, eq=False)
class ActivityStage:
    """Nothing, but what a regularizer adds to the loss for these numbers, a sample's mean."""

    penalty: FloatArray  # ℓ₁ and ℓ₂, float64, read at each step


@dataclass(frozen=True, slots=True, eq=False)
class RecurrentStage:
    """A recurrent layer; (B, T, C) gives (B, T, U), or (B, U): the last state alone."""

    kind: str  # "simple_rnn", "lstm" or "gru"
    kernel: FloatArray
    recurrent_kernel: FloatArray
    bias: FloatArray | None
    activation: str
    recurrent_activation: str
    reset_after: bool
    sequences: bool
    backwards: bool
    parameters: tuple[Parameter | None, Parameter | None, Parameter | None]


Stage: TypeAlias = (
    DenseStage | ConvolutionStage | PoolingStage | MaskStage | ActivityStage | RecurrentStage
)


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """A network, its loss and its optimizer, for batches of one size."""

    batch: int
    dtype: str
    input_shape: tuple[int, ...]  # a sample's
    stages: tuple[tuple[Stage, tuple[int, ...]], ...]  # each with its output's shape, a sample's
    loss: str | None  # None where only the outputs are wanted
    weighted: bool  # whether each sample has a weight
    optimizer: str  # the kind of update
    clipping: str = ""  # what is limited: "value", "norm", "global_norm", or nothing

    @property
    def parameters(self) -> list[Parameter]:
        """All that is trained."""
        found: list[Parameter | None] = []
        for stage, _ in self.stages:
            match stage:
                case DenseStage() | ConvolutionStage():
                    found += [stage.kernel_parameter, stage.bias_parameter]
                case RecurrentStage():
                    found += stage.parameters
        return [each for each in found if each is not None]

    @property
    def mask_shapes(self) -> list[tuple[int, ...]]:
        """A sample's shape for each `MaskStage`."""
        return [shape for stage, shape in self.stages if isinstance(stage, MaskStage)]


@dataclass(frozen=True, slots=True)
class Source:
    """All samples, from which batches are taken."""

    x: FloatArray  # (N, …)
    y: Array | None  # (N, C), or (N,) of int64 for class numbers
    weight: FloatArray | None  # (N,)


class Program(ABC):
    """A compiled chain."""

    columns: int
    """How many numbers each step's update takes."""
    capacity: int
    """How many steps one call can do."""
    alone: bool
    """Whether its operations are so small that one thread does them all."""

    @abstractmethod
    def run(
        self,
        source: Source,
        order: Array,
        numbers: FloatArray,
        masks: Sequence[FloatArray],
        *,
        threads: int,
    ) -> tuple[Array, FloatArray]:
        """Train with batch after batch, and give their losses (steps,) and outputs (steps, B, …).

        order (steps, B): the samples of each batch. numbers (steps, columns): what the updates
        take. masks: for each `MaskStage` an array (steps, B, …). At a loss that is not finite it
        stops before the update: fewer losses come back than were asked for, the last one broken.
        """

    @abstractmethod
    def outputs(self, x: Array, *, threads: int) -> FloatArray:
        """The outputs (N, …) of a chain without a loss for whole batches of contiguous samples."""

    @abstractmethod
    def load(self, source: Source, order: Array, numbers: FloatArray | None) -> None:
        """Take in what steps read, as for `run`; a chain without a loss takes no numbers."""

    @abstractmethod
    def found(self, steps: slice) -> tuple[Array, FloatArray]:
        """The losses and outputs of these steps, as they are until it runs again."""
