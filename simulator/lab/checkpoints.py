"""Past states of a run, within a budget of bytes, and which of them go when it is full."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from simulator.engine import memory
from simulator.engine.training import Snapshot
from simulator.lab.controls import ControlValues

LEAST, MOST = 64 * 2**20, 2**31
"""Bytes between which the budget lies, unless told otherwise."""


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
    def place(self) -> tuple[int, int, int]:
        """What no other checkpoint shares."""
        return self.branch, self.step, self.commands

    @property
    def nbytes(self) -> int:
        """Of its arrays."""
        return sum(array.nbytes for array in _arrays(self.state))


class Checkpoints:
    """Checkpoints by branch and step, within a budget.

    Arrays that did not change since the checkpoint before (frozen layers) are held once. When the
    budget is full, the one goes whose two neighbours are nearest to each other, so that the
    longest stretch to be replayed stays short; the protected ones stay, whatever they take.
    """

    def __init__(self, budget: int | None = None) -> None:
        """`budget` in bytes; None for `default_budget`."""
        self.budget = default_budget() if budget is None else budget
        self._kept: dict[tuple[int, int, int], Checkpoint] = {}
        self._holders: Counter[int] = Counter()  # how many checkpoints hold an array, by its id
        self._protected: set[tuple[int, int, int]] = set()
        self.nbytes = 0
        """What they take together."""

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Checkpoint]:
        return iter(self._kept.values())

    def __contains__(self, place: tuple[int, int, int]) -> bool:
        return place in self._kept

    def add(self, checkpoint: Checkpoint, *, protected: bool = False) -> None:
        """Keep it, and let others go if the budget asks for it."""
        if checkpoint.place in self._kept:
            self._drop(checkpoint.place)
        before = self.before(checkpoint.branch, checkpoint.step)
        if before is not None:
            checkpoint = replace(checkpoint, state=_sharing(checkpoint.state, before.state))
        self._kept[checkpoint.place] = checkpoint
        for array in _arrays(checkpoint.state):
            if not self._holders[id(array)]:
                self.nbytes += array.nbytes
            self._holders[id(array)] += 1
        if protected:
            self._protected.add(checkpoint.place)
        self._keep_to_budget(checkpoint.place)

    def limit(self, budget: int) -> None:
        """Keep to another budget from now on."""
        self.budget = budget
        self._keep_to_budget(None)

    def before(self, branch: int, step: int, commands: int | None = None) -> Checkpoint | None:
        """The last one of a branch up to this step (and with no more commands than that)."""
        fitting = [
            each
            for each in self._kept.values()
            if each.branch == branch
            and each.step <= step
            and (commands is None or each.commands <= commands)
        ]
        return max(fitting, key=lambda each: (each.step, each.commands), default=None)

    def steps(self, branch: int) -> tuple[int, ...]:
        """Where a branch has checkpoints, rising."""
        return tuple(sorted({each.step for each in self._kept.values() if each.branch == branch}))

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

    def _drop(self, place: tuple[int, int, int]) -> None:
        checkpoint = self._kept.pop(place)
        self._protected.discard(place)
        for array in _arrays(checkpoint.state):
            self._holders[id(array)] -= 1
            if not self._holders[id(array)]:
                del self._holders[id(array)]
                self.nbytes -= array.nbytes

    def _keep_to_budget(self, newest: tuple[int, int, int] | None) -> None:
        while self.nbytes > self.budget and self._thin(newest):
            pass

    def _thin(self, newest: tuple[int, int, int] | None) -> bool:
        """Let one go, but the newest; False if none may."""
        places = sorted(self._kept)
        best: tuple[int, tuple[int, int, int]] | None = None
        for index, place in enumerate(places):
            if place in self._protected or place == newest:
                continue
            before = places[index - 1] if index else None
            after = places[index + 1] if index + 1 < len(places) else None
            # Without a neighbour on one side, what is replayed starts or ends here.
            left = before[1] if before is not None and before[0] == place[0] else place[1]
            right = after[1] if after is not None and after[0] == place[0] else place[1]
            found = right - left, place
            if best is None or found < best:
                best = found
        if best is None:
            return False
        self._drop(best[1])
        return True


def _arrays(state: Snapshot) -> Iterator[np.ndarray[Any, Any]]:
    yield from state.weights.values()
    for value in (state.optimizer or {}).values():
        if isinstance(value, np.ndarray):
            yield value


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
