"""A timeline as plain values and named arrays, for a project file; `restoring` reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from simulator.engine.layers.base import Array
from simulator.engine.training import Position
from simulator.lab.branches import Branch
from simulator.lab.checkpoints import Checkpoint
from simulator.lab.timeline import Timeline

VERSION = 1
MEMBER = "history.json"
"""The part of a project file that holds the values."""
MOST_BYTES = 64 * 2**20
"""Checkpoints of a file take at most so much, unless told otherwise."""
MOST_CHECKPOINTS = 2**10
"""So many at most: each has a description beside its arrays, which takes time to write."""


@dataclass(frozen=True, slots=True, eq=False)
class Saved:
    """What `json.dump` can write, and arrays by the names that stand in it."""

    values: dict[str, Any]
    arrays: dict[str, Array]


def save(timeline: Timeline, *, most_bytes: int = MOST_BYTES) -> Saved:
    """Everything about a timeline: branches with their commands and curves, and checkpoints as
    many as so many bytes hold, the present state and the first among them.
    """
    pool = _Pool()
    kept = timeline.checkpoints.within(most_bytes, most=MOST_CHECKPOINTS)
    kept.add(timeline.checkpoint(), protected=True)
    return Saved(
        {
            "version": VERSION,
            "present": {"branch": timeline.branch.number, "step": timeline.step},
            "branches": [_branch(branch, pool) for branch in timeline.branches],
            "checkpoints": [_checkpoint(each, pool) for each in kept],
        },
        pool.arrays,
    )


class _Pool:
    """Arrays by numbers; one that several checkpoints hold is there once."""

    def __init__(self) -> None:
        self.arrays: dict[str, Array] = {}
        self._names: dict[int, str] = {}

    def name(self, array: Array) -> str:
        """Of an array that lives as long as this."""
        if id(array) not in self._names:
            name = self._names[id(array)] = f"array/{len(self.arrays)}"
            self.arrays[name] = array
        return self._names[id(array)]

    def names(self, arrays: Mapping[str, Any]) -> dict[str, str]:
        """Of several, by their own names."""
        return {name: self.name(np.asarray(array)) for name, array in arrays.items()}


def _branch(branch: Branch, pool: _Pool) -> dict[str, Any]:
    broken = branch.diverged
    return {
        "number": branch.number,
        "name": branch.name,
        "named": branch.named,
        "colour": branch.colour,
        "parent": None if branch.parent is None else branch.parent.number,
        "start": branch.start,
        "parent_commands": branch.parent_commands,
        "head": branch.head,
        "commands": [{"step": each.step, **each.command.to_json()} for each in branch.commands],
        "paces": [[pace.step, pace.epoch, pace.per_step] for pace in branch.paces],
        "series": {name: pool.names(series.saved()) for name, series in branch.series.items()},
        "diverged": None
        if broken is None
        else {
            "epoch": broken.epoch,
            "step": broken.step,
            "batch": broken.batch,
            "layer": broken.layer,
            "what": broken.what,
            "message": broken.message,
        },
    }


def _checkpoint(checkpoint: Checkpoint, pool: _Pool) -> dict[str, Any]:
    state, controls = checkpoint.state, checkpoint.controls
    return {
        "branch": checkpoint.branch,
        "step": checkpoint.step,
        "commands": checkpoint.commands,
        "weights": pool.names(state.weights),
        "optimizer": pool.names(state.optimizer or {}),
        "rng": state.rng,
        "generators": state.generators,
        "position": _position(state.position or Position(), pool),
        "controls": {
            "batch_size": controls.batch_size,
            "optimizer": dict(controls.optimizer),
            "frozen": sorted(controls.frozen),
            "arguments": [[*place, value] for place, value in controls.arguments.items()],
        },
        "update_ratios": {
            layer: ratio
            for layer, ratio in checkpoint.update_ratios.items()
            if isfinite(ratio)  # JSON has no other numbers
        },
    }


def _position(position: Position, pool: _Pool) -> dict[str, Any]:
    scores = position.scores
    return {
        "epoch": position.epoch,
        "batch": position.batch,
        "taken": position.taken,
        "step": position.step,
        "begun": position.begun,
        "order_seed": position.order_seed,
        "scores": None
        if scores is None
        else {
            "losses": [[mean.total, mean.count] for mean in (scores.loss, *scores.output_losses)],
            "metrics": [
                {name: pool.names(metric.state) for name, metric in goal.every_metric.items()}
                for goal in scores.goals
            ],
        },
    }
