"""Past states of a run, within a budget of bytes, and which of them go when it is full."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from heapq import heapify, heappop, heappush
from math import inf
from typing import Any, TypeAlias

import numpy as np

from simulator.engine import memory
from simulator.engine.training import Snapshot
from simulator.lab.controls import ControlValues

LEAST, MOST = 64 * 2**20, 2**31
"""Bytes between which the budget lies, unless told otherwise."""
STATE_BYTES, ARRAY_BYTES = 8 * 2**10, 2**8
"""What a checkpoint takes beside its arrays (states of generators, scores, and all the names), and
an array beside its numbers; about. A network that learns nothing new holds its arrays once, and
these alone would fill the memory in the end.
"""

Place: TypeAlias = tuple[int, int, int]
"""Branch, step, and number of commands."""


def default_budget() -> int:
    """An eighth of the memory that is free, within bounds."""
    return max(LEAST, min((memory.available() or 0) // 8, MOST))


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """A state that a run can go on from, bit for bit."""

    branch: int
    step: int
    commands: int
    """How many commands were carried out before, those of the branches it came from counted in."""
    state: Snapshot
    controls: ControlValues
    update_ratios: Mapping[str, float] = field(default_factory=dict)
    """By layer, ‖last update‖ / ‖weights before it‖; empty where no step was made yet."""

    @property
    def place(self) -> Place:
        """What no other checkpoint shares."""
        return self.branch, self.step, self.commands

    @property
    def nbytes(self) -> int:
        """Of its arrays, and what it takes beside them."""
        return STATE_BYTES + sum(map(_size, _arrays(self.state)))


class Checkpoints:
    """Checkpoints by branch and step, within a budget.

    Arrays that did not change since the checkpoint before (frozen layers) are held once. When the
    budget is full, the one goes whose two neighbours are nearest to each other, so that the
    longest stretch to be replayed stays short; the protected ones stay, whatever they take.
    """

    def __init__(self, budget: int | None = None, *, most: int | None = None) -> None:
        """`budget` in bytes; None for `default_budget`. At most `most` are kept."""
        self.budget = default_budget() if budget is None else budget
        self.most = most
        self._kept: dict[Place, Checkpoint] = {}
        self._places: list[Place] = []  # of those kept, rising
        self._gaps: list[tuple[int, Place]] = []  # a heap; what is no longer so is skipped
        self._holders: Counter[int] = Counter()  # how many checkpoints hold an array, by its id
        self._protected: set[Place] = set()
        self.nbytes = 0
        """What they take together."""

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Checkpoint]:
        return iter(self._kept.values())

    def __contains__(self, place: Place) -> bool:
        return place in self._kept

    def add(self, checkpoint: Checkpoint, *, protected: bool = False) -> None:
        """Keep it, and let others go if the budget asks for it."""
        if checkpoint.place in self._kept:
            self._drop(checkpoint.place)
        before = self.before(checkpoint.branch, checkpoint.step)
        if before is not None:
            checkpoint = replace(checkpoint, state=_sharing(checkpoint.state, before.state))
        self._kept[checkpoint.place] = checkpoint
        self._take_in(checkpoint.place)
        self.nbytes += STATE_BYTES
        for array in _arrays(checkpoint.state):
            if not self._holders[id(array)]:
                self.nbytes += _size(array)
            self._holders[id(array)] += 1
        if protected:
            self._protected.add(checkpoint.place)
        self._keep_to_budget(checkpoint.place)

    def within(self, budget: int, *, most: int | None = None) -> Checkpoints:
        """The same ones, thinned to another budget; these here stay."""
        other = Checkpoints(budget, most=most)
        other._kept, other._places = dict(self._kept), list(self._places)
        other._gaps, other._protected = list(self._gaps), set(self._protected)
        other._holders, other.nbytes = Counter(self._holders), self.nbytes
        other._keep_to_budget(None)
        return other

    def limit(self, budget: int) -> None:
        """Keep to another budget from now on."""
        self.budget = budget
        self._keep_to_budget(None)

    def before(self, branch: int, step: int, commands: int | None = None) -> Checkpoint | None:
        """The last one of a branch up to this step (and with no more commands than that)."""
        index = bisect_right(self._places, (branch, step, inf)) - 1
        while index >= 0 and self._places[index][0] == branch:
            if commands is None or self._places[index][2] <= commands:
                return self._kept[self._places[index]]
            index -= 1
        return None

    def steps(self, branch: int) -> tuple[int, ...]:
        """Where a branch has checkpoints, rising."""
        own = slice(*(bisect_left(self._places, (each,)) for each in (branch, branch + 1)))
        return tuple(dict.fromkeys(step for _, step, _ in self._places[own]))

    def forget(self, branches: Iterable[int]) -> None:
        """Let go of all checkpoints of these branches."""
        gone = set(branches)
        for place in [place for place in self._kept if place[0] in gone]:
            self._drop(place)

    def forget_after(self, branch: int, step: int, commands: int) -> None:
        """Let go of a branch's checkpoints at this step or later with more commands than that."""
        for place in [
            place
            for place in self._kept
            if place[0] == branch and place[1] >= step and place[2] > commands
        ]:
            self._drop(place)

    def _take_in(self, place: Place) -> None:
        insort(self._places, place)
        index = bisect_left(self._places, place)
        self._note_gaps(index - 1, index, index + 1)

    def _drop(self, place: Place) -> None:
        checkpoint = self._kept.pop(place)
        self._protected.discard(place)
        index = bisect_left(self._places, place)
        del self._places[index]
        self._note_gaps(index - 1, index)
        self.nbytes -= STATE_BYTES
        for array in _arrays(checkpoint.state):
            self._holders[id(array)] -= 1
            if not self._holders[id(array)]:
                del self._holders[id(array)]
                self.nbytes -= _size(array)

    def _keep_to_budget(self, newest: Place | None) -> None:
        while (
            self.nbytes > self.budget or (self.most is not None and len(self) > self.most)
        ) and self._thin(newest):
            pass

    def _thin(self, newest: Place | None) -> bool:
        """Let one go, but the newest; False if none may."""
        aside: list[tuple[int, Place]] = []
        best: Place | None = None
        while self._gaps and best is None:
            gap, place = found = heappop(self._gaps)
            if place not in self._kept or gap != self._gap(bisect_left(self._places, place)):
                continue
            if place in self._protected or place == newest:
                aside.append(found)
            else:
                best = place
        for each in aside:
            heappush(self._gaps, each)
        if best is None:
            return False
        self._drop(best)
        return True

    def _gap(self, index: int) -> int:
        """How many steps lie between a checkpoint's neighbours. Without one on a side it is the
        checkpoint itself: what is replayed starts or ends there.
        """
        place = self._places[index]
        before = self._places[index - 1] if index else None
        after = self._places[index + 1] if index + 1 < len(self._places) else None
        left = before[1] if before is not None and before[0] == place[0] else place[1]
        right = after[1] if after is not None and after[0] == place[0] else place[1]
        return right - left

    def _note_gaps(self, *indices: int) -> None:
        if len(self._gaps) > 4 * len(self._places) + 64:
            self._gaps = [(self._gap(index), each) for index, each in enumerate(self._places)]
            heapify(self._gaps)
            return
        for index in indices:
            if 0 <= index < len(self._places):
                heappush(self._gaps, (self._gap(index), self._places[index]))


def _arrays(state: Snapshot) -> Iterator[np.ndarray[Any, Any]]:
    yield from state.weights.values()
    for value in (state.optimizer or {}).values():
        if isinstance(value, np.ndarray):
            yield value
    if state.position is not None and state.position.scores is not None:
        for goal in state.position.scores.goals:
            for metric in goal.every_metric.values():
                yield from metric.state.values()


def _size(array: np.ndarray[Any, Any]) -> int:
    return array.nbytes + ARRAY_BYTES


def _sharing(state: Snapshot, earlier: Snapshot) -> Snapshot:
    """The same state, with the earlier one's arrays where they are equal."""
    return replace(
        state,
        weights=_shared(state.weights, earlier.weights),
        optimizer=None
        if state.optimizer is None
        else _shared(state.optimizer, earlier.optimizer or {}),
    )


def _shared(own: Mapping[str, Any], earlier: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: earlier[name] if name in earlier and _equal(value, earlier[name]) else value
        for name, value in own.items()
    }


def _equal(value: Any, other: Any) -> bool:
    """Whether two arrays hold the same bits. Most differ at once: they are being trained."""
    if not isinstance(value, np.ndarray) or not isinstance(other, np.ndarray):
        return False
    if value.shape != other.shape or value.dtype != other.dtype:
        return False
    own, old = (array.reshape(-1).view(np.uint8) for array in (value, other))
    return np.array_equal(own[:256], old[:256]) and np.array_equal(own, old)
