"""Makes the snapshots that are wanted of a timeline."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from simulator.engine.steps import quiet
from simulator.lab.branches import BATCH_LOSS, Branch
from simulator.lab.errors import LabError
from simulator.lab.snapshot import BranchInfo, MemoryInfo, Snapshot, View, Wanted
from simulator.lab.timeline import Timeline
from simulator.lab.views import gradients, numbers, standing, surface
from simulator.lab.views.probe import Probe


@quiet
def look(
    timeline: Timeline,
    wanted: Wanted,
    *,
    probe: Probe | None = None,
    classes: Sequence[str] = (),
    samples_per_second: float = 0.0,
    clock: Callable[[], float] = time.perf_counter,
    before: Snapshot | None = None,
    due: frozenset[View] | None = None,
) -> Snapshot:
    """The network where the timeline stands, with the views that are wanted.

    Of these only the ones that are `due` are computed, if that is told; the others are the same
    objects as in the snapshot `before`. Nothing is changed by it and nothing random drawn. Views
    that there are not of this network (a surface of pictures, a confusion matrix of numbers) are
    None. Who looks at the same state in other ways too gives the `probe` for both. Raises LabError
    for weights that do not exist.
    """
    started = clock()
    probe = probe or Probe(timeline.model, timeline.run, wanted.output)
    branch, step = timeline.branch, timeline.step
    controls = timeline.controls.values
    made: dict[str, Any] = {}
    costs: dict[View, float] = {}
    for name, make in _VIEWS.items():
        if name not in wanted.all_views:
            continue
        if before is not None and due is not None and name not in due:
            made[name] = getattr(before, name)
        else:
            begun = clock()
            made[name] = make(timeline, probe, wanted, classes)
            costs[name] = clock() - begun
    return Snapshot(
        branch.number,
        step,
        float(branch.epoch_at(step)),
        timeline.at_end,
        timeline.controls.learning_rate,
        timeline.run.batch_size,
        _last(branch, BATCH_LOSS, step),
        _logs(branch, step),
        samples_per_second,
        tuple(_info(each) for each in timeline.branches),
        MemoryInfo(
            len(timeline.checkpoints), timeline.checkpoints.nbytes, timeline.checkpoints.budget
        ),
        optimizer=controls.optimizer,
        arguments=controls.arguments,
        best=branch.best(),
        frozen_layers=controls.frozen,
        cell=None if wanted.cell is None else _cell(timeline, *wanted.cell),
        seconds=clock() - started,
        costs=costs,
        **made,
    )


def _curves(timeline: Timeline, probe: Probe, wanted: Wanted, classes: Sequence[str]) -> Any:
    del probe, classes
    return {
        (branch.number, name): branch.series[name].curve(points=wanted.points)
        for branch in timeline.branches
        for name in branch.series
    }


_VIEWS: dict[View, Callable[[Timeline, Probe, Wanted, Sequence[str]], Any]] = {
    "curves": _curves,
    "standing": lambda _, probe, __, ___: standing.standing(probe),
    "confusion": lambda _, probe, __, classes: standing.confusion(probe, classes),
    "predictions": lambda _, probe, wanted, classes: standing.predictions(
        probe, wanted.samples, classes
    ),
    "sample": lambda _, probe, wanted, __: standing.sample_pass(probe, wanted.sample),
    "sample_gradients": lambda _, probe, wanted, __: gradients.of_sample(probe, wanted.sample),
    "surface": lambda _, probe, wanted, classes: surface.surface(probe, wanted.resolution, classes),
    "histograms": lambda _, probe, __, ___: numbers.histograms(probe),
    "gradient_norms": lambda _, probe, __, ___: numbers.gradient_norms(probe),
    "update_ratios": lambda timeline, _, __, ___: dict(timeline.update_ratios()),
    "dead_units": lambda _, probe, __, ___: numbers.dead_units(probe),
    "arrays": lambda timeline, _, wanted, __: _arrays(timeline, wanted.arrays),
    "gradients": lambda timeline, probe, wanted, _: _gradients(timeline, probe, wanted.gradients),
}


def _arrays(timeline: Timeline, names: Sequence[str]) -> dict[str, Any]:
    weights = timeline.model.weights
    _refuse_unknown(names, weights)
    return {name: weights[name].copy() for name in names}


def _cell(
    timeline: Timeline, name: str, index: tuple[int, ...]
) -> tuple[str, tuple[int, ...], float] | None:
    weight = timeline.model.weights.get(name)
    if weight is None or len(index) != weight.ndim:
        return None
    inside = all(0 <= at < length for at, length in zip(index, weight.shape, strict=True))
    return (name, index, float(weight[index])) if inside else None


def _gradients(timeline: Timeline, probe: Probe, names: Sequence[str]) -> dict[str, Any]:
    """Those that there are: what no loss hangs on has none."""
    _refuse_unknown(names, timeline.model.weights)
    found = probe.slopes.weights
    return {name: found[name].copy() for name in names if name in found}


def _refuse_unknown(names: Sequence[str], weights: Mapping[str, Any]) -> None:
    missing = [name for name in names if name not in weights]
    if missing:
        raise LabError(f"There is no weight {missing[0]!r}: there are {', '.join(weights)}.")


def _last(branch: Branch, name: str, step: int) -> float | None:
    """A series' number at a step, or the last before it, on the way to there."""
    for each, last, _ in branch.way():
        if name in each.series:
            found = each.series[name].at(min(step, last))
            if found is not None:
                return found
    return None


def _logs(branch: Branch, step: int) -> dict[str, float]:
    names = dict.fromkeys(name for each, _, _ in reversed(branch.way()) for name in each.series)
    found = {name: _last(branch, name, step) for name in names if name != BATCH_LOSS}
    return {name: value for name, value in found.items() if value is not None}


def _info(branch: Branch) -> BranchInfo:
    start, head = branch.epoch_at([branch.start, branch.head])
    return BranchInfo(
        branch.number,
        branch.name,
        branch.colour,
        None if branch.parent is None else branch.parent.number,
        branch.start,
        branch.head,
        float(start),
        float(head),
        tuple((each.step, each.command.label) for each in branch.commands),
        branch.diverged is not None,
    )
