"""Traces of trials: classifiers are trained on other data each time and scored on held-out data."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.traces.formula import Explanation, Fact, Formula, Message, Piece, Term, Tone
from simulator.traces.model import Computed, Level, Role, Trace, TraceArray, Write, given
from simulator.traces.numbers import number
from simulator.traces.region import Region

Array = NDArray[Any]

PICTURES = ("picture", "row", "column")


class Trials(Protocol):
    """Classifiers that differ in what they are trained with: a lane each, trained anew each time.

    The same trial with the same data always comes out the same.
    """

    @property
    def lanes(self) -> tuple[str, ...]:
        """What the classifiers are called."""

    @property
    def measures(self) -> tuple[str, ...]:
        """What is measured of each."""

    def scores(self, trial: int, extra: Array | None, held: Array, labels: Array) -> Array:
        """Return the scores (lanes, measures) on pictures (N, R, C) and their labels (N,).

        ``extra`` (S, R, C) are pictures that the trial itself has made to train with.
        """


@dataclass(frozen=True, slots=True)
class Scored(Formula):
    """Training of all classifiers of one trial, and what they get right."""

    trials: Trials
    trial: int

    def value(self, *operands: Array) -> Array:
        """Return the scores (1, lanes, measures); extra pictures (1, S, R, C) come last, if any."""
        held, labels, *extra = operands
        return self.trials.scores(self.trial, extra[0][0] if extra else None, held, labels)[None]


class TrialsTrace(Trace):
    """A step for each trial, which leaves its scores: "score" (trials, lanes, measures).

    ``held`` (N, R, C) are pictures that no classifier is trained with, ``labels`` what they show.
    """

    def __init__(
        self,
        trials: Trials,
        held: Array,
        labels: Array,
        more: tuple[TraceArray, ...],
        *,
        level: Level,
        count: int,
        fact: Fact,
    ) -> None:
        """Take the trials, how many there are, and the arrays that belong to this kind of them."""
        self.trials = trials
        self._fact = fact
        self._kept: dict[tuple[str, int], Array] = {}
        score = self.computed(
            "score",
            ("trial", "lane", "measure"),
            (count, len(trials.lanes), len(trials.measures)),
        )
        arrays = (
            given("held", PICTURES, Role.READS, held),
            given("labels", ("picture",), Role.WEIGHTS, labels),
            *more,
            score,
        )
        super().__init__(arrays, (level,), count)

    def computed(self, name: str, axes: tuple[str, ...], shape: tuple[int, ...]) -> TraceArray:
        """Return an array with a part for each trial, which is made when it is first looked at."""

        def values(at: Array, *positions: Array) -> Array:
            every = np.stack([self.of_trial(name, int(trial)) for trial in np.ravel(at)])
            order = np.arange(len(every)).reshape(-1, *([1] * len(positions)))
            return np.asarray(every[(order, *positions)])

        return TraceArray(name, axes, Role.WRITES, Computed(shape, values))

    def of_trial(self, name: str, trial: int) -> Array:
        """Return what an array that is computed holds of one trial; kept."""
        key = (name, trial)
        if key not in self._kept:
            write = self._write(name, trial)
            self._kept[key] = write.formula.value(*(self.read(each) for each in write.sources))[0]
        return self._kept[key]

    def score(self, trial: int) -> Array:
        """Return the scores (lanes, measures) of a trial."""
        return self.of_trial("score", trial)

    def _write(self, name: str, trial: int) -> Write:
        """Return how the part of an array that belongs to a trial is computed."""
        assert name == "score"
        return Write(self._at(name, trial), self._score_sources(trial), self._scored(trial))

    @abstractmethod
    def _scored(self, trial: int) -> Scored:
        """Return the formula of a trial's scores."""

    def _score_sources(self, trial: int) -> tuple[Region, ...]:
        """Return what the scores of a trial are computed from."""
        del trial
        return self._whole("held"), self._whole("labels")

    def _whole(self, name: str) -> Region:
        return Region.whole(name, self.arrays[name].shape)

    def _at(self, name: str, trial: int) -> Region:
        """Return what an array holds of one trial."""
        rest = (range(length) for length in self.arrays[name].shape[1:])
        return Region(name, (range(trial, trial + 1), *rest))

    def _finest_writing(self, name: str, *positions: Array) -> NDArray[np.int64]:
        del name
        shape = np.broadcast_shapes(*(position.shape for position in positions))
        return np.broadcast_to(positions[0], shape).astype(np.int64)

    def told_cell(self, index: int) -> Region:
        """Return the first measure of the last lane."""
        return Region.cell("score", index, len(self.trials.lanes) - 1, 0)

    def sources(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the pictures that a score was measured on."""
        return self._score_sources(index[0])[:1] if name == "score" else ()

    def dependants(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return none: every score follows from every picture."""
        del name, index
        return ()

    @abstractmethod
    def explain(self, index: int) -> Explanation:
        """Return what came out of a trial."""

    def _told(
        self,
        index: int,
        *,
        headline: tuple[Piece, ...],
        sentence: Message,
        symbols: str,
        caption: Message,
        progress: Message,
    ) -> Explanation:
        """Return the first measure of each lane; that of the last is the result."""
        lanes, measured = self.trials.lanes, self.score(index)[:, 0]
        return Explanation(
            headline=headline,
            sentence=sentence,
            symbols=symbols,
            terms=tuple(
                Term((Piece(lane, Tone.QUIET), Piece(f" {number(float(value))}", glued=True)))
                for lane, value in zip(lanes, measured, strict=True)
            ),
            columns=1,
            separator="",
            caption=caption,
            relation="≈",
            result=Piece(number(float(measured[-1])), Tone.WRITES),
            progress=(index + 1, self.total),
            progress_caption=progress,
        )

    def size_fact(self) -> Fact:
        """Return what was trained with what."""
        return self._fact
