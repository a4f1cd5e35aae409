"""Ways that a run took: each comes off another at some step, with its own commands and curves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from simulator.engine.training import Diverged
from simulator.lab.commands import Recorded
from simulator.lab.errors import LabError
from simulator.lab.series import Series, Values

LONGEST_NAME = 40
"""Letters of a branch's name."""
MOST_EPOCHS = 2**14
"""So many epochs' numbers are kept each by itself: an hour of a small network has more."""
BATCH_LOSS = "batch_loss"
"""The series with each batch's own loss; the others have an epoch's names ("loss", "val_loss")."""


@dataclass(frozen=True, slots=True)
class Pace:
    """From this step on, a step is such a part of an epoch."""

    step: int
    epoch: float  # epochs that were over then, with the part of the one under way
    per_step: float


@dataclass(frozen=True, slots=True)
class Best:
    """Where a run was best, by its loss on held-out data, or in training where there is none."""

    branch: int
    step: int
    name: str  # the series, "val_loss" or "loss"
    value: float


@dataclass(slots=True, eq=False)
class Branch:
    """One way. Its steps are those after `start`; those before belong to its parent."""

    number: int
    name: str
    colour: int
    """A number that no other branch has while there are few; the window has a palette for it."""
    parent: Branch | None = None
    start: int = 0
    parent_commands: int = 0
    """How many of the commands on the parent's way count here too."""
    named: bool = False
    """Whether somebody chose the name; else the first command gives it."""
    head: int = 0
    """The last step that was trained."""
    commands: list[Recorded] = field(default_factory=list)
    series: dict[str, Series] = field(default_factory=dict)
    paces: list[Pace] = field(default_factory=list)
    diverged: Diverged | None = None

    def all_commands(self) -> list[Recorded]:
        """Those on the whole way to here, in their order."""
        if self.parent is None:
            return list(self.commands)
        return self.parent.all_commands()[: self.parent_commands] + self.commands

    def command_count(self) -> int:
        """How many there are on the whole way."""
        return self.parent_commands + len(self.commands)

    def way(self) -> list[tuple[Branch, int, int]]:
        """This branch and those before it: each with the last step and the number of commands up
        to which it belongs to the way.
        """
        found = [(self, self.head, self.command_count())]
        branch = self
        while branch.parent is not None:
            found.append((branch.parent, branch.start, branch.parent_commands))
            branch = branch.parent
        return found

    def owner(self, step: int, commands: int) -> Branch:
        """The branch on the way to here that a state with so many commands belongs to."""
        branch = self
        while branch.parent is not None and (
            step < branch.start or (step == branch.start and commands <= branch.parent_commands)
        ):
            branch = branch.parent
        return branch

    def all_paces(self) -> list[Pace]:
        """Those of the whole way, by rising steps. The first starts at step 0 with epoch 0."""
        if self.parent is None:
            return self.paces or [Pace(0, 0.0, 1.0)]
        return [pace for pace in self.parent.all_paces() if pace.step <= self.start] + self.paces

    def best(self) -> Best | None:
        """The best epoch's end of the whole way; None before the first."""
        found: Best | None = None
        for name in ("val_loss", "loss"):
            for branch, last, _ in reversed(self.way()):
                lowest = branch.series[name].lowest(last) if name in branch.series else None
                if lowest is not None and (found is None or lowest[1] < found.value):
                    found = Best(branch.number, lowest[0], name, lowest[1])
            if found is not None:
                break
        return found

    def begin_epoch(self, step: int, epoch: int, batches: int) -> None:
        """Keep how long the epoch is that begins after this step, if that is new."""
        last = self.all_paces()[-1]
        expected = last.epoch + (step - last.step) * last.per_step
        if abs(expected - epoch) > 1e-6 or last.per_step != 1 / batches:
            self.paces.append(Pace(step, float(epoch), 1 / batches))

    def rest_of_epoch(self, step: int, batches: int) -> None:
        """Keep how many batches are left of the epoch that is under way at this step."""
        now = float(self.epoch_at(step))
        per_step = (np.floor(now) + 1 - now) / batches
        if abs(per_step - self.all_paces()[-1].per_step) > 1e-9:
            self.paces.append(Pace(step, now, float(per_step)))

    def epoch_at(self, steps: npt.ArrayLike) -> Values:
        """How many epochs were over after these steps, with the part of the one under way."""
        paces = self.all_paces()
        at = np.asarray(steps, np.float64)
        place = np.searchsorted([pace.step for pace in paces], at, side="right") - 1
        place = np.maximum(place, 0)
        first, epoch, rate = (
            np.array([getattr(pace, name) for pace in paces], np.float64)[place]
            for name in ("step", "epoch", "per_step")
        )
        return epoch + (at - first) * rate

    def step_at(self, epoch: float) -> int:
        """The step nearest to so many epochs, among those that were trained."""
        pace = next(
            (each for each in reversed(self.all_paces()) if each.epoch <= epoch),
            self.all_paces()[0],
        )
        step = pace.step + round((epoch - pace.epoch) / pace.per_step)
        return min(max(step, 0), self.head)

    def note_losses(self, step: int, losses: Sequence[float]) -> None:
        """Keep the losses of the last batches up to this step."""
        self._series(BATCH_LOSS).extend(step - len(losses) + 1, losses)

    def note(self, name: str, step: int, value: Any) -> None:
        """Keep a number of a step; what is no single number is left out."""
        if isinstance(value, int | float | np.floating | np.integer):
            self._series(name).add(step, float(value))

    def _series(self, name: str) -> Series:
        if name not in self.series:
            self.series[name] = Series() if name == BATCH_LOSS else Series(MOST_EPOCHS)
        return self.series[name]


class Branches:
    """All branches of an experiment, by number; the first has the number 0 and no parent."""

    def __init__(self, branches: Mapping[int, Branch] | None = None) -> None:
        """The first alone, or those of another time."""
        self._branches = dict(branches or {0: Branch(0, "first run", 0)})
        self._next = max(self._branches) + 1

    def __iter__(self) -> Iterator[Branch]:
        return iter(self._branches.values())

    def __len__(self) -> int:
        return len(self._branches)

    def __getitem__(self, number: int) -> Branch:
        if number not in self._branches:
            raise LabError(f"There is no branch {number}.")
        return self._branches[number]

    def off(self, parent: Branch, step: int, commands: int, name: str | None = None) -> Branch:
        """A new branch that leaves its parent after this step and so many commands of its way.

        Where the state belongs to a branch that the parent came from, it leaves that one.
        """
        parent = parent.owner(step, commands)
        colours = {branch.colour for branch in self._branches.values()}
        colour = next(each for each in range(len(colours) + 1) if each not in colours)
        branch = Branch(
            self._next,
            f"from batch {step}" if name is None else name,
            colour,
            parent,
            step,
            commands,
            named=name is not None,
            head=step,
        )
        self._branches[branch.number] = branch
        self._next += 1
        return branch

    def need_last_command(self, branch: Branch) -> bool:
        """Whether others come off this one after its last command, which is a part of their way."""
        return any(
            each.parent is branch and each.parent_commands == branch.command_count()
            for each in self
        )

    def rename(self, number: int, name: str) -> None:
        """Raises LabError for a name that is none."""
        branch, name = self[number], " ".join(name.split())
        if not name:
            raise LabError(f"{branch.name!r} needs a name with a letter or a digit.")
        branch.name, branch.named = name[:LONGEST_NAME], True

    def put_back(self, branch: Branch) -> None:
        """Take one in again that was removed. Raises LabError where it came from is gone."""
        if branch.number in self._branches:
            return
        if branch.parent is not None and branch.parent.number not in self._branches:
            raise LabError(f"{branch.name!r} came from {branch.parent.name!r}, which is removed.")
        self._branches[branch.number] = branch
        self._branches = dict(sorted(self._branches.items()))

    def remove(self, number: int) -> None:
        """Raises LabError for the first branch, and for one that others come from."""
        branch = self[number]
        if branch.parent is None:
            raise LabError(f"{branch.name!r} is where all branches come from: it stays.")
        children = [each.name for each in self._branches.values() if each.parent is branch]
        if children:
            raise LabError(f"{', '.join(children)} came from {branch.name!r}: remove those first.")
        del self._branches[number]
