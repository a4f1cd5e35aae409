"""When a run stops by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.engine.training import EpochEnd, Event


@dataclass(frozen=True, slots=True)
class Target:
    """A loss or metric of an epoch's end, and the value at which it is good enough."""

    name: str  # "val_accuracy"
    value: float
    at_least: bool = True  # else at most

    def reached(self, logs: object) -> bool:
        """Whether the epoch's numbers are good enough."""
        found = logs.get(self.name) if isinstance(logs, dict) else None
        if not isinstance(found, int | float):
            return False
        return found >= self.value if self.at_least else found <= self.value


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
                sign = "at least" if target.at_least else "at most"
                return Stopped(
                    event.epoch, event.step, f"{target.name} is {sign} {target.value:g}."
                )
        if goal.epochs is not None and event.epoch + 1 >= goal.epochs:
            count = event.epoch + 1
            return Stopped(
                event.epoch,
                event.step,
                f"{count} epochs are done." if count > 1 else "1 epoch is done.",
            )
    return None
