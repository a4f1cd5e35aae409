"""What a restricted Boltzmann machine hands out: frozen, with a name for each array.

Shapes: B samples or chains, V visible units, H hidden units.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulator.engine.arrays import FloatArray
from simulator.engine.training import BatchEnd


@dataclass(frozen=True, slots=True, eq=False)
class GibbsStep:
    """From visible units to hidden ones and back, once. A unit is on where its draw is less than
    its probability.
    """

    start: FloatArray  # (B, V): the visible units before
    hidden_probabilities: FloatArray  # (B, H): σ(c + v W)
    hidden_draws: FloatArray  # (B, H): from [0, 1)
    hidden: FloatArray  # (B, H): 0 or 1
    visible_probabilities: FloatArray  # (B, V): σ(b + h Wᵀ)
    visible_draws: FloatArray  # (B, V): from [0, 1)
    visible: FloatArray  # (B, V): 0 or 1; known units as they were


@dataclass(frozen=True, slots=True, eq=False)
class Contrast:
    """What data and a chain disagree about: the weights are to grow by "positive" − "negative"."""

    chain: tuple[GibbsStep, ...]  # k steps, from the data or from where the last chain ended
    hidden_probabilities: FloatArray  # (B, H) of the data
    chain_probabilities: FloatArray  # (B, H) of the chain's last visible units
    positive: dict[str, FloatArray]  # ⟨v h⟩, ⟨v⟩ and ⟨h⟩ of the data, by the weights' names
    negative: dict[str, FloatArray]  # the same of the chain


@dataclass(frozen=True, slots=True)
class RBMBatchEnd(BatchEnd):
    """One batch was trained with, or several. A loss is the mean squared error of a batch's
    reconstruction.
    """

    contrast: Contrast | None  # None for several batches


@dataclass(frozen=True, slots=True)
class RBMPosition:
    """Where a run stands."""

    epoch: int = 0
    batch: int = 0
    step: int = 0
    begun: bool = False  # whether the epoch's order is drawn
    order_seed: int = 0
    error: float = 0.0  # of all samples of this epoch so far, added up
    losses: tuple[float, ...] = ()  # of the epochs before


@dataclass(frozen=True, slots=True)
class RBMSnapshot:
    """All that training and sampling change, copied out: put back, they go on bit for bit."""

    weights: dict[str, FloatArray]
    particles: FloatArray | None
    optimizer: dict[str, Any]
    training_rng: Mapping[str, Any]
    sampling_rng: Mapping[str, Any]
    position: RBMPosition | None  # of the run at that time, if there was one
