"""Runs that die quietly: their numbers are numbers, but no gradient comes through a layer any more.

A rectifier whose sums are below zero for every sample has a slope of zero for every sample, and no
step will ever lift it again; so has a sigmoid at the ends of what it can give. The loss stands, and
nothing says why.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.engine import activations, layers
from simulator.engine.data import Data
from simulator.engine.graph import Pass, Step
from simulator.engine.steps import quiet, run_backward, run_forward
from simulator.engine.training import Event
from simulator.lab.branches import BATCH_LOSS
from simulator.lab.timeline import Timeline

SOON = 64
"""Batches of a branch after which it is looked at first, and then after twice as many each time: a
look costs as much as a batch, and what is dead stays dead."""
FEWEST = 10
"""Batches after which a run that comes to its end is looked at."""
MOST = 1024
"""Samples that are looked at before a layer is said to be dead; one that learns is found alive
after a batch or two."""
LEARNED = 0.05
"""Of the loss at first: what has come down to this has nothing more to learn, and no gradient for
that."""


@dataclass(frozen=True, slots=True)
class Silent(Event):
    """No gradient comes through a layer any more; the run goes on, and is told of it."""

    layer: str
    """Where it ends."""
    what: str
    """Of the layer: "dead", "saturated", or "vanished" where no single one is to blame."""
    deaf: tuple[str, ...]
    """The layers whose gradient is exactly zero for every sample."""
    text: str


def batches_until_looked(trained: int) -> int:
    """Return after how many batches a branch of so many is looked at next."""
    due = SOON
    while due <= trained:
        due *= 2
    return due - trained


@quiet
def silent(timeline: Timeline, *, ended: bool = False) -> Silent | None:
    """Return what has died, where the run stands at its branch's end; None if nothing has, or if it
    isn't looked at here: after `SOON` batches and twice as many each time, and where it `ended`.
    """
    branch, step = timeline.branch, timeline.step
    trained = step - branch.start
    due = trained >= SOON and batches_until_looked(trained - 1) == 1
    if branch.head != step or branch.diverged is not None or not (due or ended):
        return None
    root = branch.way()[-1][0]
    if trained < FEWEST or BATCH_LOSS not in root.series or _normalizes(timeline):
        return None
    first = root.series[BATCH_LOSS].first
    learned = first - (1 - LEARNED) * abs(first)
    if not float(np.median(branch.series[BATCH_LOSS].last(FEWEST))) > learned:
        return None  # before anything is looked at
    found = _Look(timeline)
    if not found.deaf or not found.loss > learned:
        return None
    layer, what = found.end()
    text = _text(timeline, found, layer, what)
    return Silent(int(branch.epoch_at(step - 1)), step, layer, what, tuple(found.deaf), text)


class _Look:
    """Samples forwards and back, as long as some layer has no gradient of any of them."""

    def __init__(self, timeline: Timeline) -> None:
        self.model, self.goals = timeline.model, timeline.run.trainer.goals
        self.deaf: list[str] = []
        """Layers whose weights have no gradient, in the network's order."""
        self.seen = 0
        """Samples."""
        self.loss = 0.0
        """Their mean."""
        self._flat: dict[str, str] = {}  # by step, how it is flat for all samples
        unheard = [goal for goal in self.goals if goal.loss is None or not goal.loss_weight]
        for part in _parts(timeline):
            deaf = self._look_at(part)
            self.deaf = [name for name in self.deaf if name in deaf] if self.seen else deaf
            self.seen += len(part)
            # Layers of an output that doesn't count hear nothing, and are none the worse for it.
            if not self.deaf or (unheard and len(self.deaf) < len(self._trained)):
                self.deaf = []
                return

    def _look_at(self, part: Data) -> list[str]:
        context = self.model.context(training=False)
        result, run = run_forward(self.model, self.goals, part, context)
        found = run_backward(self.model, self.goals, part, run, context, penalties=False).weights
        own = sum(
            goal.loss_weight * each
            for goal, each in zip(self.goals, result.output_losses, strict=True)
        )
        self.loss += (float(own) - self.loss) * len(part) / (self.seen + len(part))
        heard: dict[str, bool] = {}
        for name, gradient in found.items():
            layer = name.partition("/")[0]
            heard[layer] = heard.get(layer, False) or bool(gradient.any())
        self._trained = heard
        flat = {
            step.key: how
            for step in self.model.graph.steps
            if (how := _flat(step, run)) and self._flat.get(step.key, how) == how
        }
        self._flat = flat
        return [layer.name for layer in self.model.layers if heard.get(layer.name) is False]

    def end(self) -> tuple[str, str]:
        """Return where gradients end, and how: at the first layer that is flat, for what comes
        after it sees the same for each sample; or at an output that itself hears nothing.
        """
        graph = self.model.graph
        writers = [graph.writer(number) for number in graph.output_numbers]
        last = [each.layer.name for each in writers if each and each.layer.name in self.deaf]
        otherwise = (last[0], "saturated") if last else (self.deaf[-1], "vanished")
        return next(iter(self._flat.items()), otherwise)


def _normalizes(timeline: Timeline) -> bool:
    """Whether layers give something else while they are trained than at a look."""
    return any(
        isinstance(layer, layers.BatchNormalization)
        for outer in timeline.model.layers
        for _, layer in outer.walk()
    )


def _parts(timeline: Timeline) -> Iterator[Data]:
    """Batches of training data from all over it, up to `MOST` samples."""
    data, size = timeline.run.data, min(timeline.run.batch_size, MOST)
    count = max(1, min(MOST, len(data)) // size)
    for number in range(count):
        yield data[np.arange(number, len(data), count)[:size]]


def _flat(step: Step, run: Pass) -> str:
    """Return how a step's activation has a slope of zero for all that it gave; empty if not."""
    activation: Any = step.layer.last_activation
    values = run.values[step.outputs[0]]
    if isinstance(activation, activations.Relu) and not activation.negative_slope:
        return "" if (values > activation.threshold).any() else "dead"
    if isinstance(activation, activations.Tanh):
        return "saturated" if (np.abs(values) == 1).all() else ""
    if isinstance(activation, activations.Sigmoid | activations.Softmax):
        return "saturated" if ((values == 0) | (values == 1)).all() else ""
    return ""


def _text(timeline: Timeline, look: _Look, layer: str, what: str) -> str:
    names = _listed(look.deaf)
    learn = "learns" if len(look.deaf) == 1 else "learn"
    samples = f"{look.seen:,} samples that were looked at"
    if what == "vanished":
        return (
            f"The gradient of {names} is exactly zero for each of the {samples}: on its way back "
            "through the layers it became too small to be a number. Take fewer layers, or an "
            "activation whose slope is larger, such as relu."
        )
    found = next(each for each in timeline.model.layers if each.name == layer.partition("/")[0])
    kernel = found.weights.get("kernel")
    if what == "dead" and kernel is not None and not kernel.any():
        advice = "All its weights are 0: choose an initializer that draws them at random."
    else:
        advice = _slower(timeline)
        if what == "dead":
            advice += f" Or give {layer!r} an activation that is nowhere flat, such as leaky_relu."
    if what == "dead":
        return (
            f"{layer!r} is dead: none of its units is above zero for any of the {samples}. No "
            f"gradient comes through it, so {names} {learn} nothing any more. {advice}"
        )
    return (
        f"{layer!r} is saturated: for each of the {samples}, all that it gives lies at an end of "
        f"what it can give, where it has no slope. So {names} {learn} nothing any more. {advice}"
    )


def _slower(timeline: Timeline) -> str:
    controls = timeline.controls
    if controls.learning_rate_follows_a_schedule:
        return "Start over, and let the schedule begin with a tenth of its learning rate."
    rate = controls.learning_rate
    return f"Go back to the beginning and take a tenth of the learning rate: {rate / 10:.3g}."


def _listed(names: list[str]) -> str:
    shown = [repr(name) for name in names]
    if len(shown) > 4:
        shown = [*shown[:3], f"{len(shown) - 3} more layers"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
