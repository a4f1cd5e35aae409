"""The states of a timeline from the plain values and arrays that a file holds."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.engine.compilation import Goal, Mean, Scores
from simulator.engine.layers.base import Array
from simulator.engine.training import Position, Snapshot
from simulator.formats.json_values import SpecError, Stored, shown
from simulator.lab.branches import Branch, Branches
from simulator.lab.checkpoints import Checkpoint
from simulator.lab.controls import LARGEST_BATCH, ControlValues
from simulator.lab.errors import HistoryError, LabError
from simulator.lab.restoring_values import Reader, real, whole
from simulator.lab.timeline import ENDLESS

NAMED = [True, True, False]
"""Which parts of a layer, an argument and its value are texts."""


class CheckpointReader(Reader):
    """Reads what `saving` wrote of checkpoints; they fit the model or are refused."""

    def branch(self, stored: Stored, branches: Branches) -> Branch:
        """The branch whose number stands there."""
        number = stored.whole("branch", None)
        try:
            return branches[number]
        except LabError as error:
            known = ", ".join(str(each.number) for each in branches)
            raise stored.error("branch", number, f"a branch that there is: {known}") from error

    def checkpoints(self, stored: Stored, branches: Branches) -> list[Checkpoint]:
        """All of them."""
        return [self._checkpoint(each, branches) for each in self.listed(stored, "checkpoints")]

    def _checkpoint(self, stored: Stored, branches: Branches) -> Checkpoint:
        branch = self.branch(stored, branches)
        step = whole(stored, "step", branch.head)
        count = whole(stored, "commands", branch.command_count())
        way = branch.all_commands()
        if any(each.step > step for each in way[:count]) or any(
            each.step < step for each in way[count:]
        ):
            raise stored.error("commands", count, f"how many there are up to batch {step}")
        weights = self._weights(stored)
        position = self._position(self.inner(stored, "position"))
        if position.step != step:
            raise stored.error("position.step", position.step, f"the step {step}")
        over = float(branch.epoch_at(step))
        if not -0.01 <= over - position.epoch <= 1.01:
            raise stored.error("position.epoch", position.epoch, f"about {over:.4g}, its branch's")
        return Checkpoint(
            branch.number,
            step,
            count,
            Snapshot(
                weights,
                self._moments(stored, weights),
                self._chance(stored, "rng"),
                self._generators(stored),
                position,
            ),
            self._controls(self.inner(stored, "controls")),
            self._numbers(stored, "update_ratios"),
        )

    def _weights(self, stored: Stored) -> dict[str, Array]:
        found = self.arrays_of(stored, "weights")
        own = self.timeline.model.weights
        shapes = {name: (each.shape, each.dtype) for name, each in own.items()}
        if {name: (each.shape, each.dtype) for name, each in found.items()} != shapes:
            raise HistoryError(
                "The history is of another network: the shapes of its weights are not this one's."
            )
        return {name: found[name] for name in own}  # they are put back in this order

    def _moments(self, stored: Stored, weights: Mapping[str, Array]) -> dict[str, Array]:
        found = self.arrays_of(stored, "optimizer")
        own = self.timeline.model.optimizer.state
        if {name for name in found if "/" not in name} != {name for name in own if "/" not in name}:
            raise HistoryError("The history is of another optimizer.")
        for name, each in found.items():
            _, slot, weight = name.partition("/")
            like = weights.get(weight) if slot else own[name]
            if like is None or (each.shape, each.dtype) != (like.shape, like.dtype):
                raise SpecError(
                    f"{stored.at('optimizer')} has {shown(name)}, which is no such array of this "
                    "optimizer."
                )
        return found

    def _chance(self, stored: Stored, key: str) -> dict[str, Any]:
        """The state of a generator of random numbers."""
        kind = self.first.state.rng["bit_generator"]
        inner = self.inner(stored, key)
        state = self.inner(inner, "state")
        if inner.text("bit_generator") != kind:
            raise inner.error("bit_generator", inner.get("bit_generator"), kind)
        inc = whole(state, "inc", 2**128 - 1)
        if not inc % 2:
            raise state.error("inc", inc, "an odd number")
        return {
            "bit_generator": kind,
            "state": {"state": whole(state, "state", 2**128 - 1), "inc": inc},
            "has_uint32": whole(inner, "has_uint32", 1),
            "uinteger": whole(inner, "uinteger", 2**32 - 1),
        }

    def _generators(self, stored: Stored) -> dict[str, dict[str, Any]]:
        inner = self.inner(stored, "generators")
        own = self.first.state.generators
        if set(stored.mapping("generators")) != set(own):
            needed = f"an object of the generators that there are: {', '.join(own) or 'none'}"
            raise stored.error("generators", list(stored.mapping("generators")), needed)
        return {name: self._chance(inner, name) for name in own}

    def _controls(self, stored: Stored) -> ControlValues:
        own = self.timeline.controls
        numbers = self._numbers(stored, "optimizer")
        if set(numbers) != set(own.optimizer_arguments):
            needed = f"an object of {', '.join(own.optimizer_arguments) or 'nothing'}"
            raise stored.error("optimizer", dict(numbers), needed)
        arguments: dict[tuple[str, str], float] = {}
        for number, each in enumerate(stored.listed("arguments")):
            key = f"arguments[{number}]"
            if not isinstance(each, tuple) or [isinstance(part, str) for part in each] != NAMED:
                raise stored.error(key, each, "a layer, an argument and its value")
            arguments[each[0], each[1]] = real(stored, f"{key}[2]", each[2])
        values = ControlValues(
            whole(stored, "batch_size", LARGEST_BATCH, 1),
            numbers,
            frozenset(stored.texts("frozen")),
            arguments,
        )
        try:
            for path in values.frozen:
                own.layer(path)
            own.put_back(values)
        except LabError as error:
            raise SpecError(f"{stored.place} can't be set. {error}") from error
        self.timeline.controls.put_back(self.first.controls)
        return values

    def _numbers(self, stored: Stored, key: str) -> dict[str, float]:
        self.inner(stored, key)
        return {
            name: real(stored, f"{key}.{name}", each) for name, each in stored.mapping(key).items()
        }

    def _position(self, stored: Stored) -> Position:
        return Position(
            whole(stored, "epoch", ENDLESS - 1),
            whole(stored, "batch"),
            whole(stored, "taken", len(self.timeline.run.data)),
            whole(stored, "step"),
            stored.truth("begun", False),
            whole(stored, "order_seed", 2**63 - 1),
            self._scores(stored),
        )

    def _scores(self, stored: Stored) -> Scores | None:
        if stored.get("scores") is None:
            return None
        inner = self.inner(stored, "scores")
        scores = Scores(copy.deepcopy(self.timeline.run.trainer.goals))
        outputs = len(scores.goals)
        means = []
        for number, each in enumerate(inner.listed("losses")):
            key = f"losses[{number}]"
            if not isinstance(each, tuple) or len(each) != 2:
                raise inner.error(key, each, "a sum and a count")
            total, count = (real(inner, f"{key}[{n}]", each[n]) for n in range(2))
            if count != int(count) or count < 0:
                raise inner.error(f"{key}[1]", each[1], "a whole number from 0 on")
            means.append(Mean(total, int(count)))
        if len(means) not in {1, 1 + outputs}:
            raise inner.error("losses", inner.listed("losses"), f"a list of {1 + outputs}, or of 1")
        scores.loss, scores.output_losses = means[0], tuple(means[1:])
        metrics = self.listed(inner, "metrics")
        if len(metrics) != outputs:
            raise inner.error("metrics", inner.listed("metrics"), f"a list of {outputs}")
        for number, (goal, each) in enumerate(zip(scores.goals, metrics, strict=True)):
            if list(goal.every_metric) != list(inner.listed("metrics")[number]):
                raise HistoryError("The history is of other metrics.")
            self._count(goal, each)
        return scores

    def _count(self, goal: Goal, stored: Stored) -> None:
        """Let the metrics of an output go on from what they have counted."""
        for name, metric in goal.every_metric.items():
            state = {part: np.array(each) for part, each in self.arrays_of(stored, name).items()}
            if set(state) != set(metric.state) or not all(
                _goes_on(state[part], each) for part, each in metric.state.items()
            ):
                raise SpecError(f"{stored.at(name)} is not what the metric {name!r} counts.")
            metric.state = state


def _goes_on(state: Array, fresh: Array) -> bool:
    """Whether what a metric has counted is what one that begins may come to. A matrix of classes
    begins empty where their number is not known yet.
    """
    shapes = fresh.shape, (max(state.shape, default=0),) * fresh.ndim
    return state.dtype == fresh.dtype and state.shape == shapes[fresh.size == 0]
