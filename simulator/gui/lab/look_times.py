"""When the training's thread looks at the network: thirty times a second, on the average."""

from __future__ import annotations

FRAME = 1 / 30
"""Seconds between two snapshots, on the average at least."""
EARLY = FRAME / 8
"""So much before its time a snapshot may come: training leaves the last part of its time."""
MADE_UP_FOR = 0.1
"""Seconds by which looks may be late for the next ones to make up for it."""


class LookTimes:
    """Looks that come late do not put off all that follow: those come sooner, after half of a
    frame, until it is made up for. After a pause there is nothing to make up for.
    """

    def __init__(self) -> None:
        self.next = 0.0
        """When the next look is to come."""
        self._behind = 0.0

    def put_off(self, until: float) -> None:
        """Have the next look no sooner than then."""
        self.next = max(self.next, until)

    def look(self, now: float) -> None:
        """A look begins."""
        planned = self.next - self._behind + FRAME
        if not -EARLY <= now + FRAME - planned <= MADE_UP_FOR:
            planned = now + FRAME
        self.next = max(planned, now + FRAME / 2)
        self._behind = self.next - planned
