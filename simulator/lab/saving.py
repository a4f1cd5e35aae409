"""A timeline as plain values and named arrays, for a project file, and back."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from simulator.engine.compilation import Mean, Scores
from simulator.engine.layers.base import Array
from simulator.engine.training import Diverged, Position, Snapshot
from simulator.lab import commands
from simulator.lab.branches import Branch, Branches, Pace
from simulator.lab.checkpoints import Checkpoint
from simulator.lab.commands import Recorded
from simulator.lab.controls import ControlValues
from simulator.lab.errors import HistoryError, LabError
from simulator.lab.series import Series
from simulator.lab.timeline import ENDLESS, Timeline

VERSION = 1
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


def restore(timeline: Timeline, saved: Saved) -> None:
    """Make a timeline, fresh from the same program and data, the one that was saved.

    Raises HistoryError for values that no `save` gave; the message names the part, and the timeline
    is to be thrown away.
    """
    read = _Reader(timeline, saved.arrays)
    try:
        values = read.mapping(saved.values, "the history")
        if values.get("version") != VERSION:
            raise LabError(
                f"The history has the version {values.get('version')!r}, but this program reads "
                f"{VERSION}: a newer program may have written it."
            )
        branches = read.branches(values.get("branches"))
        kept = read.checkpoints(values.get("checkpoints"), branches)
        read.place = "present"
        present = read.mapping(values.get("present"), "it")
        branch, step = branches[read.whole(present, "branch")], read.whole(present, "step")
        if not any(each.place == (0, 0, 0) for each in kept) or not step <= branch.head:
            raise _DamageError("the first state, or the present one, is missing")
        timeline.take_over(branches, kept, branch, step)
    except LabError as error:
        raise HistoryError(str(error)) from error
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else str(error).rstrip(".")
        raise HistoryError(f"The history is damaged at {read.place}: {what}.") from error


class _DamageError(ValueError):
    """What is wrong about a history, without the place."""


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


class _Reader:
    """Reads what `save` wrote, and trusts nothing."""

    def __init__(self, timeline: Timeline, arrays: Mapping[str, Array]) -> None:
        self.timeline = timeline
        self.arrays = arrays
        self.place = "its beginning"
        """What is being read."""

    def mapping(self, value: Any, what: str) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            raise _DamageError(f"{what} is no object")
        return value

    def whole(self, values: Mapping[str, Any], name: str, most: int = 2**40) -> int:
        value = values.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
            raise _DamageError(f"{name} is {value!r}")
        return value

    def array(self, name: Any) -> Array:
        if not isinstance(name, str) or name not in self.arrays:
            raise _DamageError(f"the array {name!r} is missing")
        return self.arrays[name]

    def branches(self, stored: Any) -> Branches:
        read: dict[int, Branch] = {}
        for number, each in enumerate(stored or ()):
            self.place = f"branches[{number}]"
            branch = self._branch(self.mapping(each, "a branch"), read)
            if branch.number in read or (branch.parent is None) != (branch.number == 0):
                raise _DamageError(f"the branch {branch.number}")
            read[branch.number] = branch
        if 0 not in read:
            raise _DamageError("the first branch is missing")
        return Branches(read)

    def _branch(self, values: Mapping[str, Any], known: Mapping[int, Branch]) -> Branch:
        parent = values["parent"]
        series = {
            str(name): Series.restored({part: self.array(each) for part, each in arrays.items()})
            for name, arrays in self.mapping(values["series"], "a branch's curves").items()
        }
        broken = values["diverged"]
        branch = Branch(
            self.whole(values, "number"),
            str(values["name"]),
            self.whole(values, "colour"),
            None if parent is None else known[parent],
            self.whole(values, "start"),
            self.whole(values, "parent_commands"),
            bool(values["named"]),
            self.whole(values, "head"),
            [_recorded(self.mapping(each, "a command")) for each in values["commands"]],
            series,
            [_pace(*each) for each in values["paces"]],
            None if broken is None else Diverged(**broken),
        )
        if branch.head < branch.start:
            raise _DamageError(f"the steps of the branch {branch.number}")
        return branch

    def checkpoints(self, stored: Any, branches: Branches) -> list[Checkpoint]:
        read: list[Checkpoint] = []
        for number, each in enumerate(stored or ()):
            self.place = f"checkpoints[{number}]"
            read.append(self._checkpoint(each, branches))
        return read

    def _checkpoint(self, stored: Any, branches: Branches) -> Checkpoint:
        values = self.mapping(stored, "a checkpoint")
        model = self.timeline.model
        weights = self._arrays(values["weights"])
        shapes = {name: (each.shape, each.dtype) for name, each in model.weights.items()}
        if {name: (each.shape, each.dtype) for name, each in weights.items()} != shapes:
            raise LabError(
                "The history is of another network: the shapes of its weights are not this one's."
            )
        optimizer = self._arrays(values["optimizer"])
        plain = {name for name in model.optimizer.state if "/" not in name}
        if {name for name in optimizer if "/" not in name} != plain:
            raise LabError("The history is of another optimizer.")
        for name, each in optimizer.items():
            _, slot, weight = name.partition("/")
            like = weights[weight] if slot else model.optimizer.state[name]
            if (each.shape, each.dtype) != (like.shape, like.dtype):
                raise _DamageError(f"the optimizer's {name!r}")
        position = self._position(self.mapping(values["position"], "a checkpoint's position"))
        if position.step != self.whole(values, "step"):
            raise _DamageError("a checkpoint's position is another step")
        branch = branches[self.whole(values, "branch")]
        if not -0.01 <= float(branch.epoch_at(position.step)) - position.epoch <= 1.01:
            raise _DamageError("a checkpoint's epoch is not its branch's")
        controls = self.mapping(values["controls"], "a checkpoint's controls")
        fresh = np.random.default_rng(0)
        for state in (values["rng"], *values["generators"].values()):
            fresh.bit_generator.state = state  # raises for what is no state of one
        return Checkpoint(
            branch.number,
            position.step,
            self.whole(values, "commands"),
            Snapshot(
                weights,
                optimizer,
                dict(values["rng"]),
                {str(name): dict(state) for name, state in values["generators"].items()},
                position,
            ),
            ControlValues(
                max(self.whole(controls, "batch_size"), 1),
                {str(name): float(value) for name, value in controls["optimizer"].items()},
                frozenset(map(str, controls["frozen"])),
                {(str(a), str(b)): float(value) for a, b, value in controls["arguments"]},
            ),
            {str(name): float(value) for name, value in values["update_ratios"].items()},
        )

    def _arrays(self, names: Any) -> dict[str, Array]:
        return {
            str(name): self.array(each) for name, each in self.mapping(names, "a state").items()
        }

    def _position(self, values: Mapping[str, Any]) -> Position:
        stored = values["scores"]
        scores = None
        if stored is not None:
            scores = Scores(copy.deepcopy(self.timeline.run.trainer.goals))
            means = [Mean(float(total), int(count)) for total, count in stored["losses"]]
            scores.loss, scores.output_losses = means[0], tuple(means[1:])
            for goal, metrics in zip(scores.goals, stored["metrics"], strict=True):
                if list(goal.every_metric) != list(metrics):
                    raise LabError("The history is of other metrics.")
                for name, arrays in metrics.items():
                    state = {part: np.array(self.array(each)) for part, each in arrays.items()}
                    fresh = goal.every_metric[name].state
                    if set(state) != set(fresh) or not all(
                        _goes_on(state[part], each) for part, each in fresh.items()
                    ):
                        raise _DamageError(f"the metric {name!r}")
                    goal.every_metric[name].state = state
        return Position(
            self.whole(values, "epoch", ENDLESS - 1),
            self.whole(values, "batch"),
            self.whole(values, "taken", len(self.timeline.run.data)),
            self.whole(values, "step"),
            bool(values["begun"]),
            self.whole(values, "order_seed", 2**63 - 1),
            scores,
        )


def _pace(step: Any, epoch: Any, per_step: Any) -> Pace:
    if not (0 <= step <= ENDLESS and 0 <= epoch <= ENDLESS and 0 < per_step <= 1):
        raise _DamageError(f"{per_step!r} of an epoch from step {step!r} on")
    return Pace(int(step), float(epoch), float(per_step))


def _goes_on(state: Array, fresh: Array) -> bool:
    """Whether what a metric has counted is what one that begins may come to. A matrix of classes
    begins empty where their number is not known yet.
    """
    shapes = fresh.shape, (max(state.shape, default=0),) * fresh.ndim
    return state.dtype == fresh.dtype and state.shape == shapes[fresh.size == 0]


def _recorded(values: Mapping[str, Any]) -> Recorded:
    command = {name: value for name, value in values.items() if name != "step"}
    return Recorded(int(values["step"]), commands.from_json(command))
