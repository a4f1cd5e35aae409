"""Two runs that differ in one thing, side by side: what it changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.data.datasets import Dataset
from simulator.engine.steps import quiet
from simulator.engine.training import Event
from simulator.formats import serialization
from simulator.formats.program import ProgramSpec
from simulator.lab.binding import Arrays
from simulator.lab.checkpoints import default_budget
from simulator.lab.errors import LabError
from simulator.lab.experiment import Experiment
from simulator.lab.views.probe import Probe, said
from simulator.lab.views.standing import standing

TOGETHER = 8
"""Batches that one trains before the other does, at most."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What two programs do not have in common."""

    place: str  # "compile.optimizer.arguments.learning_rate"
    first: Any  # None where the one has no such thing
    second: Any


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """How far two twins are apart at the same step."""

    step: int
    losses: tuple[float, float]
    """On held-out data."""
    metrics: Mapping[str, tuple[float, float]]
    weights: Mapping[str, float]
    """By layer, ‖first − second‖ / ‖first‖; layers of unequal shapes left out."""
    agreement: float | None
    """The share of held-out samples of which both say the same; None for numbers."""


class Twins:
    """Two experiments on the same data, from the same seed."""

    def __init__(
        self,
        first: ProgramSpec,
        second: ProgramSpec,
        dataset: Dataset | None = None,
        *,
        arrays: Arrays | None = None,
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
            Experiment(program, dataset, arrays=arrays, budget=each, clock=clock)
            for program in (first, second)
        )
        self._clock = clock

    def __iter__(self) -> Iterator[Experiment]:
        return iter((self.first, self.second))

    def run_for(
        self, *, seconds: float | None = None, batches: int | None = None
    ) -> tuple[tuple[Event, ...], tuple[Event, ...]]:
        """Train both, in turn, by as many batches; the events of each.

        One that has stopped or diverged waits; this ends when both have.
        """
        started = self._clock()
        found: tuple[list[Event], list[Event]] = ([], [])
        left = batches
        going = [True, True]
        while any(going) and left != 0:
            step = TOGETHER if left is None else min(TOGETHER, left)
            for index, experiment in enumerate(self):
                if going[index]:
                    events = experiment.run_for(batches=step)
                    found[index].extend(events)
                    going[index] = experiment.halted is None
            left = None if left is None else left - step
            if seconds is not None and self._clock() - started >= seconds:
                break
        return tuple(found[0]), tuple(found[1])

    def go_to(self, step: int) -> None:
        """Put both into their state at a step, or as far as each has come."""
        for experiment in self:
            experiment.go_to(min(step, experiment.timeline.branch.head))

    @quiet
    def compare(self) -> Comparison:
        """As they are now."""
        probes = [Probe(each.model, each.timeline.run) for each in self]
        standings = [standing(probe) for probe in probes]
        metrics = {
            name: (value, standings[1].metrics[name])
            for name, value in standings[0].metrics.items()
            if name in standings[1].metrics
        }
        agreement = None
        if probes[0].labels is not None and probes[1].labels is not None:
            answers = [said(probe.outputs[0], probe.threshold) for probe in probes]
            agreement = float((answers[0] == answers[1]).mean())
        return Comparison(
            self.first.timeline.step,
            (standings[0].loss, standings[1].loss),
            metrics,
            self._distances(),
            agreement,
        )

    def _distances(self) -> dict[str, float]:
        found: dict[str, list[float]] = {}
        other = self.second.model.weights
        for name, weight in self.first.model.weights.items():
            if name in other and other[name].shape == weight.shape:
                sums = found.setdefault(name.partition("/")[0], [0.0, 0.0])
                sums[0] += float(np.square(weight - other[name], dtype=np.float64).sum())
                sums[1] += float(np.square(weight, dtype=np.float64).sum())
        return {
            layer: float(np.sqrt(apart / size)) if size else 0.0
            for layer, (apart, size) in found.items()
        }


def differences(first: ProgramSpec, second: ProgramSpec) -> tuple[Difference, ...]:
    """Everything in which two programs differ, by its place."""
    return tuple(_compared(serialization.to_json(first), serialization.to_json(second), ""))


def _compared(first: Any, second: Any, place: str) -> Iterator[Difference]:
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        for name in dict.fromkeys((*first, *second)):
            inner = f"{place}.{name}" if place else name
            yield from _compared(first.get(name), second.get(name), inner)
    elif (
        isinstance(first, list | tuple)
        and isinstance(second, list | tuple)
        and len(first) == len(second)
    ):
        for index, (one, other) in enumerate(zip(first, second, strict=True)):
            yield from _compared(one, other, f"{place}[{index}]")
    elif first != second:
        yield Difference(place, first, second)
