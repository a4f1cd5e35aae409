"""How often the network may be looked at while it trains at full speed."""

from __future__ import annotations

from dataclasses import dataclass

SHARE = 0.08
"""The part of the time that may go into looking."""
MOST = 30.0
"""Looks in a second."""


@dataclass(slots=True)
class Pace:
    """Says when the next look is due, so that looking takes no more than its share of the time.

    if pace.due(now):
        snapshot = experiment.snapshot(wanted)
        pace.looked(now, snapshot.seconds)
    experiment.run_for(seconds=pace.seconds_left(now))
    """

    share: float = SHARE
    most: float = MOST
    _next: float = 0.0

    def due(self, now: float) -> bool:
        """Whether it is time."""
        return now >= self._next

    def looked(self, now: float, seconds: float) -> None:
        """A look was begun now, and took so long."""
        self._next = now + max(1 / self.most, seconds / self.share)

    def seconds_left(self, now: float) -> float:
        """Until the next; not less than 0."""
        return max(0.0, self._next - now)
