"""When a run stops by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.engine.training import EpochEnd, Event, Logs


@dataclass(frozen=True, slots=True)
class Target:
    """A loss or metric of an epoch's end, and the value at which it is good enough."""

    name: str  # "val_accuracy"
    value: float
    at_least: bool = True  # else at most

    def reached(self, logs: Logs) -> bool:
        """Whether the epoch's numbers are good enough."""
        found = logs.get(self.name)
        if not isinstance(found, int | float):
            return False
        return found >= self.value if self.at_least else found <= self.value

    def told(self, logs: Logs) -> str:
        """What the number is, in words."""
        found = logs.get(self.name)
        known = isinstance(found, int | float)
        return f"{self.name} is {found:.4g}" if known else f"There is no {self.name}"

    @property
    def wanted(self) -> str:
        """What it is to be, in words."""
        return f"at {'least' if self.at_least else 'most'} {self.value:g}"


@dataclass(frozen=True, slots=True)
class Goal:
    """A run stops after so many epochs (None: never), and where a target is reached."""

    epochs: int | None = None
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True)
class Stopped(Event):
    """The goal is reached: the run pauses. Asked again, it goes on for another epoch."""

    text: str
    best_step: int | None = None
    """Where the weights are best, if the program wants those back."""


def reached(goal: Goal, events: Sequence[Event]) -> Stopped | None:
    """Whether an epoch that ended in these events was the last."""
    for event in events:
        if not isinstance(event, EpochEnd):
            continue
        for target in goal.targets:
            if target.reached(event.logs):
                words = f"{target.told(event.logs)}: {target.wanted} was the aim."
                return Stopped(event.epoch, event.step, words)
        if goal.epochs is not None and event.epoch + 1 >= goal.epochs:
            return Stopped(event.epoch, event.step, _over(goal, goal.epochs, event))
    return None


def _over(goal: Goal, epochs: int, event: EpochEnd) -> str:
    """What there is to say at the end of the last epoch, or of one beyond it."""
    count = event.epoch + 1
    words = f"{count:,} epochs are done" if count > 1 else "1 epoch is done"
    if count > epochs:
        words += f", where {epochs:,} {'were' if epochs > 1 else 'was'} the aim"
    for target in goal.targets:
        words += f". {target.told(event.logs)}, where {target.wanted} was the aim"
    return f"{words}."
