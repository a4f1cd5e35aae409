"""Why a run diverged: which layer, what led there, what to try, and where it was well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.engine import activations, layers
from simulator.engine.steps import quiet
from simulator.engine.training import Diverged
from simulator.lab.astray import GROWN as THROWN_OFF
from simulator.lab.astray import Astray, grown
from simulator.lab.branches import BATCH_LOSS, Branch
from simulator.lab.commands import Command, SetLearningRate, SetOptimizerArgument
from simulator.lab.errors import LabError
from simulator.lab.timeline import Timeline
from simulator.lab.views.numbers import gradient_norms
from simulator.lab.views.probe import Probe

PROBES = 12
"""States between the last good one and the end that are looked at."""
GROWN = 2.0
"""So many times the best loss so far, a loss is no longer a good one."""
LARGE_UPDATE = 0.1
"""Of the weights' own size; about a thousandth is usual."""
LARGE_DATA = 20.0
EXPLODED = 100.0
"""So many times its gradient when all was well, a layer's gradient has exploded."""
RECURRENT = (layers.SimpleRNN, layers.LSTM, layers.GRU)


@dataclass(frozen=True, slots=True)
class Advice:
    """Something to try from the last good point, and the command for it where there is one."""

    text: str
    command: Command | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a learner is told of a divergence."""

    headline: str
    """That it diverged, when and where."""
    step: int
    """The last batch that was trained with."""
    layer: str
    """Where numbers first broke."""
    what: str
    """Of the layer: "weights" or "output"; or "loss"."""
    why: tuple[str, ...]
    """What was seen on the way there, the likeliest cause first."""
    advice: tuple[Advice, ...]
    last_good: int
    """The last step at which the loss had not begun to grow."""


@quiet
def explain(timeline: Timeline, astray: Astray | None = None) -> Explanation:
    """Of the branch on which the timeline stands: its end in no numbers, or how it went astray. It
    goes back for a look, and returns.

    Raises LabError where the branch did not diverge.
    """
    branch, step = timeline.branch, timeline.step
    broken = branch.diverged or astray
    if broken is None:
        raise LabError(f"{branch.name!r} has not diverged.")
    good = _last_good(timeline, branch)
    if isinstance(broken, Astray):
        good = min(good, _before_thrown_off(timeline, branch))
    seen = _look_on_the_way(timeline, branch, good)
    causes, advice = _causes(timeline, broken, seen)
    timeline.go_to(step, branch)
    headline = _headline(broken, branch.head)
    return Explanation(headline, branch.head, broken.layer, broken.what, causes, advice, good)


def _headline(broken: Diverged | Astray, head: int) -> str:
    if isinstance(broken, Diverged):
        return f"It diverged after batch {head:,}, in {broken.layer}."
    return (
        f"It has diverged: after {head:,} batches the loss stays at {broken.loss:.3g}, where it "
        f"began at {broken.first:.3g}, and the weights of {broken.layer!r} are "
        f"{_times(broken.growth)} as large as at the start."
    )


def _times(ratio: float) -> str:
    return f"{ratio:,.0f} times" if ratio < 1e6 else f"{ratio:.0e} times"


def _before_thrown_off(timeline: Timeline, branch: Branch) -> int:
    """Return the last step with weights of a usual size, if they have only ever grown."""
    well, off = 0, branch.head
    while off - well > 1:
        middle = (well + off) // 2
        timeline.go_to(middle, branch)
        if grown(timeline)[0] < THROWN_OFF:
            well = middle
        else:
            off = middle
    return well


@dataclass(frozen=True, slots=True)
class _Seen:
    """Of a state on the way."""

    step: int
    ratios: dict[str, float]
    gradients: dict[str, float]


def _last_good(timeline: Timeline, branch: Branch) -> int:
    """Before the first batch of the last stretch in which every loss is far above the best."""
    curve = timeline.curve(BATCH_LOSS, branch, whole_way=True)
    if not len(curve):
        return 0
    best = np.minimum.accumulate(np.where(np.isfinite(curve.mean), curve.mean, np.inf))
    # The loss of a batch is that of the weights before it.
    well = np.flatnonzero(curve.mean <= np.where(best > 0, GROWN * best, best / GROWN))
    return max(0, int(curve.steps[well[-1]]) - 1) if len(well) else 0


def _look_on_the_way(timeline: Timeline, branch: Branch, good: int) -> list[_Seen]:
    spread = np.linspace(good, branch.head, PROBES).astype(int)
    # What went wrong at once is seen best just after it.
    steps = np.unique([*spread, min(good + 1, branch.head)])
    seen = []
    for step in steps:
        timeline.go_to(int(step), branch)
        probe = Probe(timeline.model, timeline.run)
        seen.append(_Seen(int(step), dict(timeline.update_ratios()), gradient_norms(probe)))
    return seen


def _causes(
    timeline: Timeline, broken: Diverged | Astray, seen: list[_Seen]
) -> tuple[tuple[str, ...], tuple[Advice, ...]]:
    why: list[str] = []
    advice: list[Advice] = []
    _from_data(timeline, why, advice)
    _from_updates(timeline, seen, why, advice)
    _from_gradients(timeline, seen, why, advice)
    _from_outputs(timeline, why, advice)
    if not why and isinstance(broken, Astray):
        why.append("Its steps led away from where the loss is low.")
    if not why:
        shown = "the loss" if broken.what == "loss" else f"the {broken.what} of {broken.layer!r}"
        why.append(f"From one batch to the next, {shown} became too large to be a number.")
    if not any(isinstance(each.command, SetLearningRate) for each in advice):
        advice += _slower(timeline)
    return tuple(why), tuple(advice)


def _from_data(timeline: Timeline, why: list[str], advice: list[Advice]) -> None:
    for what, arrays in (("inputs", timeline.run.data.x), ("targets", timeline.run.data.y)):
        numbers = [each for each in arrays if each.dtype.kind == "f"]
        largest = max((float(np.abs(each).max()) for each in numbers), default=0.0)
        if largest > LARGE_DATA:
            why.append(
                f"The {what} reach {largest:.3g}: sums of such large numbers make large gradients."
            )
            advice.append(Advice(f"Scale the {what}, so that they lie between −1 and 1."))


def _from_updates(
    timeline: Timeline, seen: list[_Seen], why: list[str], advice: list[Advice]
) -> None:
    large = [
        (ratio, layer, each.step)
        for each in seen
        for layer, ratio in each.ratios.items()
        if ratio > LARGE_UPDATE
    ]
    if not large:
        return
    first = min(step for _, _, step in large)  # what came later followed from it
    ratio, layer, step = max(found for found in large if found[2] == first)
    shown = f"{ratio:.0%} of" if ratio < 10 else _times(ratio)
    why.append(
        f"Batch {step:,} changed the weights of {layer!r} by {shown} their size; about 0.1% of it "
        "is usual. The steps are too large: each overshoots, and the next starts from further away."
    )
    advice += _slower(timeline)


def _from_gradients(
    timeline: Timeline, seen: list[_Seen], why: list[str], advice: list[Advice]
) -> None:
    first, *later = seen
    for name, start in first.gradients.items():
        grown = [each for each in later if each.gradients.get(name, 0) > EXPLODED * start > 0]
        layer = timeline.model.get_layer(name)
        if not grown:
            continue
        through = ""
        if isinstance(layer, RECURRENT):
            through = " It is multiplied by the same recurrent weights at every time step."
        why.append(
            f"The gradient of {name!r} grew from {start:.2g} to {grown[0].gradients[name]:.2g} "
            f"between the batches {first.step:,} and {grown[0].step:,}.{through}"
        )
        if "clipnorm" in timeline.controls.optimizer_arguments and not any(
            value
            for argument, value in timeline.controls.optimizer_arguments.items()
            if "clip" in argument
        ):
            advice.append(
                Advice(
                    "Clip gradients to the norm 1: their direction stays, their length is bounded.",
                    SetOptimizerArgument("clipnorm", 1.0),
                )
            )
        return


def _from_outputs(timeline: Timeline, why: list[str], advice: list[Advice]) -> None:
    goal = timeline.run.trainer.goals[0]
    kind = type(goal.loss).__name__
    writer = timeline.model.graph.writer(timeline.model.graph.output_numbers[0])
    last: Any = None if writer is None else writer.layer.last_activation
    if (
        "Crossentropy" in kind
        and isinstance(last, activations.Linear)
        and not getattr(goal.loss, "from_logits", False)
    ):
        which = "sigmoid" if kind.startswith("Binary") else "softmax"
        why.append(
            f"The loss takes the logarithm of probabilities, but {goal.port.name!r} puts out any "
            "number at all."
        )
        advice.append(Advice(f"Give {goal.port.name!r} the activation {which}."))


def _slower(timeline: Timeline) -> list[Advice]:
    controls = timeline.controls
    if controls.learning_rate_follows_a_schedule:
        return [Advice("Let the schedule begin with a tenth of its learning rate.")]
    rate = float(f"{controls.learning_rate / 10:.3g}")
    return [
        Advice(
            f"Go on with a tenth of the learning rate: {rate:g} in place of "
            f"{controls.learning_rate:g}.",
            SetLearningRate(rate),
        )
    ]
