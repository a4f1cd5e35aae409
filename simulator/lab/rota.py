"""Which views are computed anew while a network trains, so that looking at them and showing them
take their time and no more.

What is cheap comes with every look; what is not, in turn, as often as its share of the time allows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from simulator.lab.snapshot import VIEWS, View

TOGETHER: Final[tuple[frozenset[View], ...]] = (
    frozenset(("standing", "confusion")),
    frozenset(("histograms", "gradient_norms", "dead_units", "gradients")),
)
"""Views that are made out of the same pass over data: made at once, they cost little more."""
_EVERY: Final[tuple[View, ...]] = (*VIEWS, "arrays", "gradients")
_MOST_LOOKS = 120
"""After so many looks a view comes whatever it costs, or figures would be those of long ago."""
_NEWEST = 0.3
"""What the last measurement of a cost counts for, beside those before it."""


def groups(views: frozenset[View]) -> tuple[frozenset[View], ...]:
    """These views, put together as they are computed."""
    joined = [views & each for each in TOGETHER if views & each]
    others = views.difference(*TOGETHER)
    return (*joined, *(frozenset((each,)) for each in _EVERY if each in others))


class Rota:
    """Remembers what each view costs, and saves time up for those that cost more than a share."""

    def __init__(self) -> None:
        self._met: set[View] = set()
        self._costs: dict[View, float] = {}
        self._shown: dict[View, float] = {}
        self._saved: dict[frozenset[View], float] = {}
        self._waited: dict[frozenset[View], int] = {}

    def note(self, costs: Mapping[View, float]) -> None:
        """Learn what computing views took, in seconds.

        The first time does not count: things are compiled and read in then that never are again,
        and with such a cost the view would not come for a long time.
        """
        _learn(self._costs, {view: costs[view] for view in costs if view in self._met})
        self._met.update(costs)

    def note_shown(self, costs: Mapping[View, float]) -> None:
        """Learn what showing views took, in seconds."""
        _learn(self._shown, costs)

    def due(self, views: frozenset[View], seconds: float) -> frozenset[View]:
        """Those of the views that are to be computed in a look that may take so long.

        A look may take longer, once enough was saved up; over many of them it comes out even. What
        was never computed is due. Of a look that has no time, or less than none, the views save
        nothing up.
        """
        found: set[View] = set()
        seconds = max(seconds, 0.0)
        waiting = sorted(groups(views), key=self._cost)
        for index, group in enumerate(waiting):
            cost, saved = self._cost(group), self._saved.get(group, 0.0)
            given = min(seconds / (len(waiting) - index), max(cost - saved, 0.0))
            seconds -= given
            self._saved[group] = saved + given
            self._waited[group] = self._waited.get(group, 0) + 1
            # Sums of many parts may fall short of the whole by a rounding.
            if self._saved[group] >= cost * (1 - 1e-9):
                found |= self._come(group)
        # Of those that wait no longer one comes: no look takes the time of several.
        last = max(waiting, key=lambda group: self._waited[group], default=frozenset[View]())
        if self._waited.get(last, 0) >= _MOST_LOOKS:
            found |= self._come(last)
        return frozenset(found)

    def _come(self, group: frozenset[View]) -> frozenset[View]:
        self._saved[group], self._waited[group] = 0.0, 0
        return group

    def _cost(self, group: frozenset[View]) -> float:
        return sum(self._costs.get(view, 0.0) + self._shown.get(view, 0.0) for view in group)


def _learn(known: dict[View, float], costs: Mapping[View, float]) -> None:
    for view, seconds in costs.items():
        before = known.get(view, seconds)
        known[view] = before + _NEWEST * (seconds - before)
