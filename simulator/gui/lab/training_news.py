"""What the training's loop drives, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from simulator.engine.training import Event
from simulator.lab import Explanation, View, Wanted


class Training(Protocol):
    """What the loop drives: an experiment, of which the thread is the only user."""

    def run_for(
        self,
        *,
        seconds: float | None = None,
        batches: int | None = None,
        epochs: int | None = None,
    ) -> Sequence[Event]:
        """Train on, and return what happened."""
        ...

    def snapshot(self, wanted: Wanted) -> object:
        """Return how it stands."""
        ...

    def glance(self, wanted: Wanted, seconds: float) -> object:
        """Return the same in about so many seconds; what takes longer comes in turn."""
        ...

    def note_shown(self, costs: Mapping[View, float]) -> None:
        """Know what showing views took, in seconds, so that a glance leaves time for it."""
        ...

    def go_to(
        self, step: int, branch: int | None = None, *, stop: Callable[[], bool] | None = None
    ) -> bool:
        """Go to a step of a branch; whether it was not stopped on the way."""
        ...

    def explain(self) -> Explanation:
        """Return why it diverged."""
        ...


@dataclass(frozen=True, slots=True)
class Told:
    """Something to be told; ``good`` is the last good batch of a run that diverged, and ``over``
    tells that it is of a run that came to its end.
    """

    words: str
    error: bool = False
    good: int | None = None
    over: bool = False

    @classmethod
    def of(cls, explanation: Explanation) -> Told:
        """Return the likeliest cause of a divergence, and what to try first."""
        why = explanation.why[0]
        advice = f" {explanation.advice[0].text}" if explanation.advice else ""
        words = f"{explanation.headline} {why}{advice}"
        return cls(words, error=True, good=explanation.last_good)


@dataclass(frozen=True, slots=True)
class News:
    """All that is new since it was last taken; ``playing`` is how it is now."""

    snapshot: object | None
    told: tuple[Told, ...]
    playing: bool
    busy: bool
    opened: object | None  # what ``describe`` made of a training that was just opened
    refused: Exception | None  # why one could not be made
    faults: tuple[BaseException, ...]
    given: tuple[object, ...] = ()  # what jobs gave
