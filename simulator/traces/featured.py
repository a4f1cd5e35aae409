"""A trace of a classifier on a Boltzmann machine's hidden units, beside one on the pixels.

Each size of the labelled training set is a trial.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.engine.rbm import BernoulliRBM
from simulator.traces.formula import Explanation, Fact, Formula, Message, Piece, Tone
from simulator.traces.model import Level, Role, Step, TraceArray, Write, given
from simulator.traces.numbers import count
from simulator.traces.region import Region
from simulator.traces.staged import layout_of
from simulator.traces.trials import PICTURES, Scored, Trials, TrialsTrace

Array = NDArray[Any]

ACCURACY = r"\writes{\mathrm{accuracy}} = \frac{\reads{\text{right}}}{\weights{\text{held out}}}"
HIDDEN = r"\writes{p} = \sigma(c + \reads{v} W)"
ANSWER = r"\writes{\hat{y}} = \mathrm{softmax}(\reads{x} W + b)"


class Classifiers(Trials, Protocol):
    """Trials whose classifiers can be asked, too."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many labelled pictures each trial has."""

    @property
    def classes(self) -> int:
        """How many answers there are."""

    def answers(self, trial: int, pictures: Array) -> Array:
        """Return the probabilities (S, lanes, classes) for pictures (S, R, C)."""


@dataclass(frozen=True, slots=True)
class Hidden(Formula):
    """What the hidden units make of pictures."""

    machine: BernoulliRBM

    def value(self, *operands: Array) -> Array:
        """Return the probabilities (S, h, w) of pictures (S, R, C)."""
        found = self.machine.hidden_probabilities(operands[0].reshape(len(operands[0]), -1))
        return found.reshape(len(found), *layout_of(self.machine.hidden_units))


@dataclass(frozen=True, slots=True)
class Answered(Formula):
    """What the classifiers of one trial answer."""

    trials: Classifiers
    trial: int

    def value(self, *operands: Array) -> Array:
        """Return the probabilities (1, S, lanes, classes, 1, 1) for pictures (S, R, C)."""
        return self.trials.answers(self.trial, operands[0])[None, ..., None, None]


class FeaturedTrace(TrialsTrace):
    """Both classifiers with more and more labelled pictures.

    Arrays: "shown" (S, R, C) are some pictures, "hidden" (S, h, w) what the machine makes of them,
    and "answer" (trials, S, lanes, classes, 1, 1) what the classifiers make of them.
    """

    def __init__(
        self,
        machine: BernoulliRBM,
        shown: Array,
        trials: Classifiers,
        held: Array,
        labels: Array,
        *,
        fact: Fact,
    ) -> None:
        """Take a trained machine, and pictures to show what it does."""
        self.machine = machine
        self.classifiers = trials
        more = (
            given("shown", PICTURES, Role.READS, shown),
            TraceArray("hidden", PICTURES, Role.WRITES, Hidden(HIDDEN, machine).value(shown)),
            self.computed(
                "answer",
                ("trial", "picture", "lane", "class", "row", "column"),
                (len(trials.sizes), len(shown), len(trials.lanes), trials.classes, 1, 1),
            ),
        )
        level = Level("size", "Training set", 1)
        super().__init__(
            trials, held, labels, more, level=level, count=len(trials.sizes), fact=fact
        )

    def _scored(self, trial: int) -> Scored:
        return Scored(ACCURACY, self.trials, trial)

    def _write(self, name: str, trial: int) -> Write:
        if name != "answer":
            return super()._write(name, trial)
        formula = Answered(ANSWER, self.classifiers, trial)
        return Write(self._at("answer", trial), (self._whole("shown"),), formula)

    def _step(self, index: int) -> Step:
        writes = [self._write("score", index), self._write("answer", index)]
        if not index:
            hidden = Hidden(HIDDEN, self.machine)
            writes.append(Write(self._whole("hidden"), (self._whole("shown"),), hidden))
        size = count(self.classifiers.sizes[index])
        return Step(index, Message("{size} labelled pictures", {"size": size}), tuple(writes))

    def _finest_writing(self, name: str, *positions: Array) -> NDArray[np.int64]:
        found = super()._finest_writing(name, *positions)
        return np.zeros_like(found) if name == "hidden" else found

    def sources(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the picture that hidden units or an answer follow from."""
        if name not in ("hidden", "answer"):
            return super().sources(name, index)
        at = index[0] if name == "hidden" else index[1]
        rows, columns = self.arrays["shown"].shape[1:]
        return (Region("shown", (range(at, at + 1), range(rows), range(columns))),)

    def explain(self, index: int) -> Explanation:
        """Return how many of the held-out pictures each classifier gets right."""
        accuracy = self.score(index)[:, 0]
        lanes, size = self.trials.lanes, count(self.classifiers.sizes[index])
        pieces = [Piece(f"{size} labels", Tone.READS), Piece("→")]
        for at, lane in enumerate(lanes):
            best = accuracy[at] == accuracy.max()
            pieces += [
                Piece(lane.lower(), Tone.QUIET),
                Piece(f"{100 * accuracy[at]:.1f}%", Tone.WRITES if best else Tone.PLAIN),
            ]
        return self._told(
            index,
            headline=tuple(pieces),
            sentence=Message(
                "The same classifier twice, with {size} labelled pictures: on pixels, and on what "
                "the hidden units make of them.",
                {"size": size},
            ),
            symbols=ACCURACY,
            caption=Message("on hidden units"),
            progress=Message(
                "{count} pictures held out", {"count": count(self.arrays["held"].shape[0])}
            ),
        )
