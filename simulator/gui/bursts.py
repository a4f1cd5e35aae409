"""Which edits follow each other so closely that they are undone at once."""

from __future__ import annotations

from collections.abc import Callable
from math import inf


class Bursts:
    """Tells edits apart by time, and by whether the mouse held on between them.

    Clicks and notches of the wheel that come within ``seconds`` of each other are one edit. What
    is dragged is one edit from the press to the release, however long the hand rests on the way
    or the machine is busy.
    """

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        """``clock`` counts seconds."""
        self._seconds = seconds
        self._clock = clock
        self._last = -inf
        self._number = 0
        self._held = False

    @property
    def since_last(self) -> float:
        """Return the seconds since the last edit."""
        return self._clock() - self._last

    def hold(self) -> None:
        """Begin an edit that lasts until ``let_go``."""
        self._number += 1
        self._held = True

    def let_go(self) -> None:
        """End what ``hold`` began; without it nothing changes."""
        if self._held:
            self._held = False
            self._number += 1

    def key(self, *of: object) -> tuple[object, ...]:
        """Return a key that edits of the same thing in one burst share: one is made now."""
        if not self._held and self.since_last > self._seconds:
            self._number += 1
        self._last = self._clock()
        return (*of, self._number)
