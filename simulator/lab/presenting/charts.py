"""The charts of a training: loss and metrics of every branch, by epoch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.lab.branches import BATCH_LOSS
from simulator.lab.presenting import axes, words
from simulator.lab.presenting.pictures import Array, ChartPicture, Curve
from simulator.lab.series import Curve as Points
from simulator.lab.snapshot import BranchInfo, Snapshot

LOSS = "loss"
_HELD_OUT = "val_"
_SPARED = 0.98
"""Of the batches' own losses so many determine the height: a few may go beyond it."""


def metric_names(snapshot: Snapshot) -> tuple[str, ...]:
    """Return the metrics that there are, without the loss, in their order; the losses of several
    outputs come after them.
    """
    standing = () if snapshot.standing is None else tuple(snapshot.standing.metrics)
    names = dict.fromkeys(standing)  # before the first epoch is over there are no curves of them
    names |= dict.fromkeys(
        name.removeprefix(_HELD_OUT) for _, name in (snapshot.curves or {}) if name != BATCH_LOSS
    )
    order = {name: place for place, name in enumerate(standing)}
    return tuple(
        sorted(
            (name for name in names if name != LOSS),
            key=lambda name: (name.endswith(f"_{LOSS}"), order.get(name, len(order))),
        )
    )


def chart_names(snapshot: Snapshot) -> tuple[str, ...]:
    """Return what there is a chart of: the loss, and every metric."""
    return (LOSS, *metric_names(snapshot))


def chart(
    snapshot: Snapshot, name: str, planned_epochs: int, *, every_branch: bool = False
) -> ChartPicture:
    """Return the chart of the loss, or of a metric; thin curves are those of the branch on view, or
    with ``every_branch`` of all.
    """
    if name == LOSS:
        return loss_chart(snapshot, planned_epochs, every_batch=every_branch)
    return metric_chart(snapshot, name, planned_epochs, every_branch=every_branch)


def loss_chart(
    snapshot: Snapshot, planned_epochs: int, *, every_batch: bool = False
) -> ChartPicture:
    """Return the loss on held-out data, where there is any, and thin the training batches' own:
    those of the branch on view, or with ``every_batch`` those of all.
    """
    curves = snapshot.curves or {}
    held_out = _is_held_out(snapshot, LOSS)
    main = _curves(snapshot, _HELD_OUT + LOSS if held_out else LOSS, 1.0)
    faint = [
        _curve(branch, curves[branch.number, BATCH_LOSS], 1.0, faint=True)
        for branch in snapshot.branches
        if (every_batch or branch.number == snapshot.branch)
        and (branch.number, BATCH_LOSS) in curves
    ]
    top = max(
        axes.top_of((curve.ys for curve in main), spared=0.99),
        axes.top_of((curve.ys for curve in faint), spared=_SPARED),
    )
    high = axes.round_up(top)
    caption = "held out; thin: training batches" if held_out else "training; thin: its batches"
    return _chart(
        *("Loss", caption, [*faint, *main], snapshot, planned_epochs),
        (0.0, high), axes.ticks(0.0, high),
    )  # fmt: skip


def metric_chart(
    snapshot: Snapshot, name: str, planned_epochs: int, *, every_branch: bool = False
) -> ChartPicture:
    """Return a metric on held-out data, where there is any, and thin that on the training data: of
    the branch on view, or with ``every_branch`` of all. A share of 1 is told in percent.
    """
    curves = snapshot.curves or {}
    held_out = _is_held_out(snapshot, name)
    share = words.is_share(name)
    factor = 100.0 if share else 1.0
    main = _curves(snapshot, _HELD_OUT + name if held_out else name, factor)
    faint = [
        _curve(branch, curves[branch.number, name], factor, faint=True)
        for branch in snapshot.branches
        if held_out
        and (every_branch or branch.number == snapshot.branch)
        and (branch.number, name) in curves
    ]
    high = 100.0 if share else axes.round_up(axes.top_of(curve.ys for curve in [*main, *faint]))
    where = "held out; thin: training" if held_out else "training"
    return _chart(
        words.title(name), f"{where}, %" if share else where, [*faint, *main], snapshot,
        planned_epochs,
        (0.0, high), axes.ticks(0.0, high),
    )  # fmt: skip


def _is_held_out(snapshot: Snapshot, name: str) -> bool:
    """Return whether there is such a number of held-out data, or will be after the first epoch."""
    if any(each == _HELD_OUT + name for _, each in snapshot.curves or {}):
        return True
    begun = any(each == name for _, each in snapshot.curves or {})
    return not begun and snapshot.standing is not None and snapshot.standing.held_out


def _chart(
    title: str,
    caption: str,
    curves: Sequence[Curve],
    snapshot: Snapshot,
    planned_epochs: int,
    y_range: tuple[float, float],
    y_ticks: dict[float, str],
) -> ChartPicture:
    longest = max((branch.head_epoch for branch in snapshot.branches), default=0.0)
    right = axes.ahead(max(float(planned_epochs), 1.0), longest)
    return ChartPicture(
        *(title, caption, tuple(curves), (0.0, right), y_range),
        axes.ticks(0.0, right, 4, whole=right > 2), y_ticks, "epoch", snapshot.epoch,
    )  # fmt: skip


def _curves(snapshot: Snapshot, name: str, factor: float) -> list[Curve]:
    curves = snapshot.curves or {}
    return [
        _curve(branch, curves[branch.number, name], factor, percent=factor == 100.0)
        for branch in snapshot.branches
        if (branch.number, name) in curves and len(curves[branch.number, name])
    ]


def _curve(
    branch: BranchInfo,
    points: Points,
    factor: float,
    *,
    faint: bool = False,
    percent: bool = False,
) -> Curve:
    ys = np.where(np.isfinite(points.mean), points.mean * factor, np.nan)
    end = ""
    if not faint and len(ys) and np.isfinite(ys[-1]):
        end = f"{ys[-1]:.1f} %" if percent else words.figure(float(ys[-1]))
    return Curve(branch.name, epochs_of(branch, points.steps), ys, branch.colour, faint, end)


def epochs_of(branch: BranchInfo, steps: Array) -> Array:
    """Return where steps of a branch lie among the epochs; its batches are all of one size."""
    if branch.head == branch.start:
        return np.full(len(steps), branch.start_epoch)
    pace = (branch.head_epoch - branch.start_epoch) / (branch.head - branch.start)
    return branch.start_epoch + (np.asarray(steps, np.float64) - branch.start) * pace
