"""What is said of a run that goes wrong with numbers that are numbers, once for each branch."""

from __future__ import annotations

from simulator.lab.astray import Astray, astray, batches_until_judged
from simulator.lab.silent import Silent, batches_until_looked, silent
from simulator.lab.timeline import Timeline


class Judge:
    """Judges a timeline at some of its batches, the same ones however it is driven."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self.astray: dict[int, Astray] = {}
        """By branch, how it went astray."""
        self._silent: set[int] = set()  # the branches in which a layer was told to have died

    def batches_ahead(self) -> int:
        """How many batches may be trained before it is to be judged."""
        line = self._timeline
        trained = line.step - line.branch.start if line.at_end else 0
        return min(batches_until_judged(line.step), batches_until_looked(trained))

    def judge(self, *, ended: bool) -> Astray | Silent | None:
        """Return what is new, where the timeline stands; `ended` says that the run came to its
        end there.
        """
        number = self._timeline.branch.number
        if self._timeline.branch.diverged is not None:
            return None
        if number not in self.astray and (strayed := astray(self._timeline)) is not None:
            self.astray[number] = strayed
            return strayed
        if number in self._silent or (died := silent(self._timeline, ended=ended)) is None:
            return None
        self._silent.add(number)
        return died
