"""Two runs that differ in one thing, in step with each other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from simulator.data.datasets import Dataset
from simulator.engine.backends.base import Backend
from simulator.engine.steps import quiet
from simulator.engine.training import Diverged, EpochEnd, Event
from simulator.formats.program import ProgramSpec
from simulator.lab.astray import Astray
from simulator.lab.binding import Arrays
from simulator.lab.checkpoints import default_budget
from simulator.lab.comparing import Comparison, compare, differences
from simulator.lab.diverging import Explanation
from simulator.lab.errors import LabError
from simulator.lab.experiment import AT_ONCE, Experiment
from simulator.lab.goals import Stopped
from simulator.lab.snapshot import Snapshot, View, Wanted

Ended = Stopped | Diverged | None
"""Why one of them goes no further; None while it does."""
TOGETHER = 16
"""Steps that one twin goes before the other does, at most."""


@dataclass(frozen=True, slots=True, eq=False)
class TwinsSnapshot:
    """Both twins at one step, and how far they are apart."""

    step: int
    """Of both together; see `Twins.step`."""
    head: int
    """The last one that was trained."""
    epoch: float
    first: Snapshot
    second: Snapshot
    comparison: Comparison
    ended: tuple[Ended, Ended]
    """Why each goes no further, where it does not."""


class Twins:
    """Two experiments on the same data from the same seed, which go through time together.

        twins = Twins(program, another, dataset)
        twins.run_for(seconds=1 / 30)
        twins.snapshot(Wanted()).comparison.agreement
        twins.go_to(12)

    Where the batches are of unequal sizes, a step is one batch of the twin that has the larger
    ones, and as many of the other as make the same part of an epoch: both have always seen as many
    samples. A twin that stops or diverges waits for the other.
    """

    def __init__(
        self,
        first: ProgramSpec,
        second: ProgramSpec,
        dataset: Dataset | None = None,
        *,
        arrays: Arrays | None = None,
        backend: Backend | str | None = None,
        budget: int | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """`budget` is for the checkpoints of both. Raises LabError for programs that are the same
        or have different seeds, and whatever `Experiment` raises.
        """
        if first.seed != second.seed:
            raise LabError(
                f"The seeds are {first.seed} and {second.seed}: with the same one, what differs "
                "comes from the change alone."
            )
        self.differences = differences(first, second)
        if not self.differences:
            raise LabError("Both programs are the same: change one thing in the second.")
        each = (default_budget() if budget is None else budget) // 2
        self.first, self.second = (
            Experiment(program, dataset, arrays=arrays, backend=backend, budget=each, clock=clock)
            for program in (first, second)
        )
        for experiment in self:  # to see both is what they are for
            experiment.stops_astray = False
        self.batches = min(each.timeline.run.batches for each in self)
        """Steps in an epoch."""
        self.step = 0
        self.head = 0
        """The last step that was trained."""
        self.ended: list[Ended] = [None, None]
        """Why each goes no further, once it does."""
        self._clock = clock

    def __iter__(self) -> Iterator[Experiment]:
        return iter((self.first, self.second))

    def run_for(
        self,
        *,
        seconds: float | None = None,
        batches: int | None = None,
        epochs: int | None = None,
    ) -> tuple[Event, ...]:
        """Go on together for so many steps or epochs, or so long; without any until both stopped.

        What was trained before is gone through again. An EpochEnd comes for each epoch that ends,
        without numbers, and Stopped at the end once neither twin goes further. Asked again, those
        that stopped last go on for another epoch.
        """
        started = self._clock()
        events: list[Event] = []
        ended = 0
        if self._over:
            self.ended = [self._going_on(index) for index in (0, 1)]
        last = None if batches is None else self.step + batches
        while not self._over and (last is None or self.step < last):
            left = AT_ONCE if seconds is None else seconds - (self._clock() - started)
            self._advance(self._next(left, last))
            if self.step % self.batches == 0:
                events.append(EpochEnd(self.step // self.batches - 1, self.step, {}))
                ended += 1
            if epochs is not None and ended >= epochs:
                break
            if seconds is not None and self._clock() - started >= seconds:
                break
        if self._over:
            epoch = max(self.step - 1, 0) // self.batches
            events.append(Stopped(epoch, self.step, self._told_end()))
        return tuple(events)

    def go_to(
        self,
        step: int,
        branch: int | None = None,
        *,
        stop: Callable[[], bool] | None = None,
    ) -> bool:
        """Put both into their state at a past step, or as far as each has come.

        There is one branch only, 0. `stop` is as for `Experiment.go_to`. Raises LabError for a
        step that was never trained.
        """
        if branch not in (None, 0):
            raise LabError(f"Twins have no branch {branch}.")
        if not 0 <= step <= self.head:
            raise LabError(f"The twins have the steps 0 to {self.head:,}: there is no {step:,}.")
        for experiment in self:
            target = min(self._batches_at(experiment, step), experiment.timeline.branch.head)
            if not experiment.go_to(target, stop=stop):
                return False
        self.step = step
        return True

    def snapshot(self, wanted: Wanted) -> TwinsSnapshot:
        """Both where they stand, with the views that are wanted."""
        return self._look(wanted, None)

    def glance(self, wanted: Wanted, seconds: float) -> TwinsSnapshot:
        """The same while they train; see `Experiment.glance`. What differs is always compared."""
        return self._look(wanted, seconds)

    @quiet
    def _look(self, wanted: Wanted, seconds: float | None) -> TwinsSnapshot:
        probes = (self.first.probe(wanted.output), self.second.probe(wanted.output))
        with_standing = replace(wanted, views=wanted.views | {"standing"})
        first, second = (
            experiment.snapshot(with_standing, probe)
            if seconds is None
            else experiment.glance(with_standing, seconds / 2, probe)
            for experiment, probe in zip(self, probes, strict=True)
        )
        return TwinsSnapshot(
            self.step,
            self.head,
            self.step / self.batches,
            first,
            second,
            compare((self.first.model, self.second.model), probes),
            (self._shown_end(0), self._shown_end(1)),
        )

    def note_shown(self, costs: Mapping[View, float]) -> None:
        """Know what showing views of both takes, in seconds; see `Experiment.note_shown`."""
        for experiment in self:
            experiment.note_shown({view: seconds / 2 for view, seconds in costs.items()})

    def explain(self) -> Explanation:
        """Why a twin diverged, the first of the two that did. Raises LabError where none did."""
        for experiment, ended in zip(self, self.ended, strict=True):
            if isinstance(ended, Diverged):
                return experiment.explain()
        raise LabError("Neither of the twins diverged.")

    def stand(self, step: int, head: int, ended: tuple[Ended, Ended]) -> None:
        """Be where others were left, whose histories both have taken over already.

        Raises LabError for steps that both have not trained.
        """
        for experiment, end in zip(self, ended, strict=True):
            trained = experiment.timeline.branch.head
            if end is None and self._batches_at(experiment, head) > trained:
                raise LabError(f"The twins have no step {head:,}: one has {trained:,} batches.")
        self.head, self.ended = head, list(ended)
        self.go_to(step)

    # Below

    @property
    def _over(self) -> bool:
        return self.step == self.head and all(each is not None for each in self.ended)

    def _advance(self, step: int) -> None:
        for index, experiment in enumerate(self):
            timeline, target = experiment.timeline, self._batches_at(experiment, step)
            if timeline.step < timeline.branch.head:
                experiment.go_to(min(target, timeline.branch.head))
            if self.ended[index] is None and timeline.step < target:
                experiment.run_for(batches=target - timeline.step)
                halted = experiment.halted
                self.ended[index] = None if isinstance(halted, Astray) else halted
        self.step = step
        self.head = max(self.head, step)

    def _next(self, seconds: float, last: int | None) -> int:
        """How far to go in about so long: not beyond the end of the epoch or what both have."""
        cost = sum(each.timeline.step_seconds * each.timeline.run.batches for each in self)
        most = min(max(int(seconds * self.batches / max(cost, 1e-9)), 1), TOGETHER)
        end_of_epoch = (self.step // self.batches + 1) * self.batches
        ends = [self.step + most, end_of_epoch]
        if last is not None:
            ends.append(last)
        if all(each is not None for each in self.ended):
            ends.append(self.head)
        return min(ends)

    def _batches_at(self, experiment: Experiment, step: int) -> int:
        """How many batches of a twin make so many steps, rounded."""
        own = experiment.timeline.run.batches
        return (2 * step * own + self.batches) // (2 * self.batches)

    def _going_on(self, index: int) -> Ended:
        """What ended a twin, or nothing if it is one that can go on with the other."""
        ended = self.ended[index]
        head = tuple(self)[index].timeline.branch.head
        last = head == self._batches_at(tuple(self)[index], self.head)
        return None if isinstance(ended, Stopped) and last else ended

    def _shown_end(self, index: int) -> Ended:
        """What ended a twin, where it stands at its end."""
        timeline = tuple(self)[index].timeline
        return self.ended[index] if timeline.step == timeline.branch.head else None

    def _told_end(self) -> str:
        stopped = [each for each in self.ended if isinstance(each, Stopped)]
        if not stopped:
            return "Both diverged: go back to an earlier step, or try another value."
        return max(stopped, key=lambda each: each.epoch).text
