"""At which numbers a run can be made to stop: the loss, and every metric."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.lab.goals import Target
from simulator.lab.presenting import charts, words
from simulator.lab.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Measure:
    """A number of every epoch's end, and how a value of it is given."""

    name: str
    """As it is logged, such as "val_accuracy"."""
    title: str
    percent: bool
    """Whether it is given in percent, and is the better the larger it is."""

    def target(self, value: float) -> Target:
        """Return the target of that value, as it is given."""
        return Target(self.name, value / 100 if self.percent else value, at_least=self.percent)

    def value_of(self, target: Target) -> float:
        """Return how the value of a target is given."""
        return target.value * 100 if self.percent else target.value


def measures(snapshot: Snapshot) -> tuple[Measure, ...]:
    """Return what there is: on held-out data, if there are any; shares of right answers first."""
    held_out = snapshot.standing is None or snapshot.standing.held_out
    found = [
        Measure(f"val_{name}" if held_out else name, words.title(name), words.is_share(name))
        for name in charts.chart_names(snapshot)
    ]
    return tuple(sorted(found, key=lambda each: not each.percent))
