"""Runs that diverged though their numbers are numbers: the loss is far up, and stays there.

Adam's steps are as long as the learning rate says, however large a gradient is, and the usual
losses of probabilities end at some value: so a rate of 1000 makes no infinity, and nothing is
learned either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simulator.engine.layers.base import Array
from simulator.engine.steps import quiet
from simulator.engine.training import Event
from simulator.lab.branches import BATCH_LOSS
from simulator.lab.timeline import Timeline

SOON = (64, 128)
EVERY = 256
"""The batches after which a run is judged: so it ends at the same one however it is driven."""
WINDOW = 32
"""Batches whose middle loss counts: some large ones make no divergence."""
FAR = 3.0
"""So many times the first loss is far up; of ten classes all wrong, it is 7 times as large."""
STAYS = 0.8
"""Of the loss before: what falls faster may come down yet, as large steps on simple data do."""
GROWN = 10.0
"""So many times as large as at the start, weights may have been thrown off. With the rates of the
presets most grow to 4 times their size; those that grow more have a loss that falls."""
TORN = 1000.0
"""Beyond this, a loss that is hardly better than the first one is enough: a sigmoid's picture that
is all black is nearer than a grey one, and tells nothing either."""
HARDLY_BETTER = 0.4
LEAST = 0.1
"""Of what initializers draw: weights that begin with less, zeros for one, are taken for drawn."""


@dataclass(frozen=True, slots=True)
class Astray(Event):
    """The run has diverged, and may go on: its weights are thrown off, its loss stays far up."""

    layer: str
    """The one whose weights have grown most."""
    growth: float
    """How many times as large they are as at the start."""
    first: float
    """The loss of the first batch."""
    loss: float
    """The middle one of the last batches."""

    what = "weights"


def batches_until_judged(step: int) -> int:
    """Return how many batches after this one the run is judged next."""
    return next((soon for soon in SOON if soon > step), (step // EVERY + 1) * EVERY) - step


@quiet
def astray(timeline: Timeline) -> Astray | None:
    """Return how a run went astray, where it stands; None if it did not, or isn't judged here."""
    step, branch = timeline.step, timeline.branch
    if step not in SOON and (step == 0 or step % EVERY):
        return None
    root = branch.way()[-1][0]
    if branch.head != step or step - branch.start < 2 * WINDOW or BATCH_LOSS not in root.series:
        return None
    series = branch.series[BATCH_LOSS]
    width = max(WINDOW // series.per_point, 1)
    recent = series.last(2 * width)
    before, loss = float(np.median(recent[:width])), float(np.median(recent[width:]))
    first = root.series[BATCH_LOSS].first
    far = loss > FAR * first > 0
    hardly_better = loss > first - (1 - HARDLY_BETTER) * abs(first)
    if not (far or hardly_better) or loss < before - (1 - STAYS) * abs(before):
        return None
    growth, layer = grown(timeline)
    if growth < (GROWN if far else TORN):
        return None
    epoch = int(branch.epoch_at(step - 1))
    return Astray(epoch, step, layer, growth, first, loss)


def grown(timeline: Timeline) -> tuple[float, str]:
    """Return how many times as large as at the start the weights of some layer are, and which."""
    start = timeline.checkpoints.before(0, 0, 0)
    began: Mapping[str, Array] = {} if start is None else start.state.weights
    found = [
        (_size(weight) / _begun(began[name]), name.rpartition("/")[0])
        for name, weight in timeline.model.weights.items()
        if weight.ndim > 1 and name in began
    ]
    return max(found, default=(0.0, ""))


def _size(weight: Array) -> float:
    """Return the root of the mean square."""
    return float(np.sqrt(np.square(weight, dtype=np.float64).mean()))


def _begun(weight: Array) -> float:
    """Return how large weights were at the start, zeros as large as others of this shape."""
    usual = float(1 / np.sqrt(weight[..., 0].size))
    size = _size(weight)
    return size if size > LEAST * usual else usual
