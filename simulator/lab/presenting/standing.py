"""How well a network does, in two figures with a remark each."""

from __future__ import annotations

import numpy as np

from simulator.lab.presenting import words
from simulator.lab.presenting.pictures import Array
from simulator.lab.snapshot import Confusion, Snapshot


def figures(snapshot: Snapshot) -> tuple[tuple[str, str, str], ...]:
    """Return name, value and remark of the loss and of the first metric, of each output its own."""
    standing = snapshot.standing
    if standing is None:
        return ()
    made = [("Loss", words.figure(standing.loss), _elsewhere(snapshot))]
    right = "" if standing.right is None else f"{standing.right:,} of {standing.count:,}"
    for number, name in enumerate(standing.of_outputs or tuple(standing.metrics)[:1]):
        remark = right if number == standing.output or not standing.of_outputs else ""
        made.append((words.title(name), words.metric(name, standing.metrics[name]), remark))
    return tuple(made)


def of_the_output(snapshot: Snapshot) -> tuple[tuple[str, str, str], ...]:
    """Return those two of the figures that are about the output whose answers are on view."""
    found = figures(snapshot)
    several = snapshot.standing is not None and snapshot.standing.of_outputs
    at = snapshot.standing.output + 1 if several and snapshot.standing is not None else 1
    return (*found[:1], *found[at : at + 1])


def confusion_counts(confusion: Confusion | None) -> tuple[Array, tuple[str, ...]]:
    """Return the counts (K, K) and the names of the classes, none of either without a matrix."""
    if confusion is None:
        return np.zeros((0, 0), np.int64), ()
    return confusion.matrix, confusion.classes


def confusion_caption(confusion: Confusion | None) -> str:
    """Return what stands along the sides of a confusion matrix, and what is counted in it."""
    if confusion is None:
        return "no classes, or too many"
    counted = "rows: true; columns: said"
    if confusion.steps:
        counted += ", at each step"
    return f"{counted} that is no filling" if confusion.filling else counted


def _elsewhere(snapshot: Snapshot) -> str:
    """Return what another branch came to, to compare with."""
    for branch in snapshot.branches:
        curve = (snapshot.curves or {}).get((branch.number, "val_loss"))
        if branch.number != snapshot.branch and curve is not None and len(curve):
            return f"{branch.name}: {words.figure(float(curve.mean[-1]))}"
    return ""


def pace(snapshot: Snapshot) -> str:
    """Return the throughput in words, to two digits; empty before the first batch."""
    if not snapshot.samples_per_second:
        return ""
    return f"{float(f'{snapshot.samples_per_second:.2g}'):,.0f} samples a second"


def memory(snapshot: Snapshot) -> tuple[str, str, float]:
    """Return how many checkpoints there are, what they take, and the part of the budget."""
    past = snapshot.memory
    count = f"{past.checkpoints:,} checkpoint{'' if past.checkpoints == 1 else 's'}"
    size = f"{past.nbytes / 2**20:.1f} of {past.budget / 2**20:,.0f} MB"
    return count, size, past.nbytes / past.budget
