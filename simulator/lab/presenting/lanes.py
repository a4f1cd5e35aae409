"""The branches of a training as lanes of its bar, and where the handle stands."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.lab.presenting import axes, words
from simulator.lab.presenting.pictures import Lane
from simulator.lab.snapshot import BranchInfo, Snapshot

_MOST_MARKS = 14


@dataclass(frozen=True, slots=True)
class BarPicture:
    """All of the bar; ``numbers`` are the branches' own, in the order of the lanes."""

    lanes: tuple[Lane, ...]
    numbers: tuple[int, ...]
    lane: int
    batch: int
    moment: str
    batches: int
    marks: dict[int, str]
    unit: str


def bar(snapshot: Snapshot, planned_epochs: int, batches_per_epoch: int) -> BarPicture:
    """Return the bar of a training that is planned for so many epochs."""
    branches = sorted(snapshot.branches, key=lambda each: each.number)
    places = {branch.number: index for index, branch in enumerate(branches)}
    planned = planned_epochs * batches_per_epoch
    reached = max(branch.head for branch in branches)
    longest = round(axes.ahead(max(planned, 1), reached))
    lanes = tuple(_lane(each, places, snapshot, planned) for each in branches)
    epochs = axes.ticks(0, longest / batches_per_epoch, _MOST_MARKS, whole=True)
    return BarPicture(
        lanes,
        tuple(branch.number for branch in branches),
        places[snapshot.branch],
        snapshot.step,
        f"batch {snapshot.step:,}",
        longest,
        {round(epoch * batches_per_epoch): written for epoch, written in epochs.items()},
        "epoch",
    )


def _lane(branch: BranchInfo, places: dict[int, int], snapshot: Snapshot, planned: int) -> Lane:
    here, best = branch.number == snapshot.branch, snapshot.best
    return Lane(
        branch.name,
        branch.start,
        branch.head,
        None if branch.parent is None else places[branch.parent],
        "" if branch.parent is None else f"from batch {branch.start:,}",
        planned if here and not branch.diverged else 0,
        "diverged" if branch.diverged else "",
        branch.colour,
        None if best is None or best.branch != branch.number else best.step,
    )


def best(snapshot: Snapshot) -> str:
    """Return where a run was best, in words: "Best held-out loss: 0.151, after epoch 7"; empty
    before the first epoch's end.
    """
    found = snapshot.best
    if found is None:
        return ""
    branch = next(each for each in snapshot.branches if each.number == found.branch)
    share = (found.step - branch.start) / max(branch.head - branch.start, 1)
    epoch = branch.start_epoch + share * (branch.head_epoch - branch.start_epoch)
    kind = "held-out" if found.name.startswith("val_") else "training"
    return f"Best {kind} loss: {words.figure(found.value)}, after epoch {epoch:.3g}"


def hint(snapshot: Snapshot, ended: str) -> str:
    """Return what can be done where a training stands that is paused; ``ended`` tells how the run
    came to its end, if it did.
    """
    if not snapshot.at_end:
        return "Play, or change something, and a branch begins here."
    if not snapshot.step:
        return "Press play, and watch it learn."
    return f"{ended} Drag the handle to go back; play there to branch.".lstrip()


def told(snapshot: Snapshot, planned_epochs: int, batches_per_epoch: int) -> str:
    """Return where a training stands, in words: "Batch 423 of 540, epoch 10 of 12"."""
    planned = planned_epochs * batches_per_epoch
    epoch = min(int(snapshot.epoch) + 1, max(planned_epochs, 1))
    if snapshot.step >= planned or int(snapshot.epoch) >= planned_epochs:
        return f"Batch {snapshot.step:,}, {snapshot.epoch:.3g} epochs"
    return f"Batch {snapshot.step:,} of {planned:,}, epoch {epoch:,} of {planned_epochs:,}"
