"""A trace of chains that draw more samples of a rare class, and of a classifier with and without.

Each Gibbs step is a trial: the chains' pictures after it are what a classifier is trained with.
"""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.rbm import BernoulliRBM
from simulator.traces.dreaming import GibbsFlips
from simulator.traces.formula import Explanation, Fact, Message, Piece, Tone
from simulator.traces.model import Level, Role, Step, TraceArray, Write, given
from simulator.traces.numbers import count
from simulator.traces.region import Region
from simulator.traces.trials import PICTURES, Scored, Trials, TrialsTrace

Array = NDArray[Any]

RECALL = (
    r"\writes{\mathrm{recall}} = \frac{\reads{\text{rare ones found}}}{\weights{\text{rare ones}}}"
)


class BalancedTrace(TrialsTrace):
    """Chains that start at the few pictures of a rare class, in turn, until there are enough.

    Arrays: "rare" (n, R, C), "start" (S, R, C) with the pictures that the chains start at, and
    "visible" (steps, S, R, C). The trials' first measure is the recall of the rare class.
    """

    def __init__(
        self,
        machine: BernoulliRBM,
        rare: Array,
        trials: Trials,
        held: Array,
        labels: Array,
        *,
        extra: int,
        steps: int,
        seed: int,
        fact: Fact,
    ) -> None:
        """Take a machine and the rare pictures; the chains' random numbers follow from ``seed``."""
        self.machine = machine
        rows, columns = (int(length) for length in rare.shape[1:])
        start = rare[np.arange(extra) % len(rare)]
        rng = np.random.default_rng(seed)
        walked = list(islice(machine.gibbs(start.reshape(extra, -1), rng=rng), steps))

        def laid(arrays: list[Array]) -> Array:
            return np.stack(arrays).reshape(len(arrays), extra, rows, columns)

        hidden_draws = np.stack([step.hidden_draws for step in walked])[:, :, None, :]
        axes = ("step", "chain", "row", "column")
        more = (
            given("rare", PICTURES, Role.READS, rare),
            given("start", ("chain", "row", "column"), Role.READS, start),
            given(
                "hidden_draws", ("step", "chain", "one", "hidden unit"), Role.WEIGHTS, hidden_draws
            ),
            given(
                "visible_draws", axes, Role.WEIGHTS, laid([step.visible_draws for step in walked])
            ),
            TraceArray("visible", axes, Role.WRITES, laid([step.visible for step in walked])),
        )
        level = Level("gibbs", "Gibbs step", 1)
        super().__init__(trials, held, labels, more, level=level, count=steps, fact=fact)

    def _scored(self, trial: int) -> Scored:
        return Scored(RECALL, self.trials, trial)

    def _score_sources(self, trial: int) -> tuple[Region, ...]:
        return (*super()._score_sources(trial), self._at("visible", trial))

    def _before(self, index: int) -> Region:
        return self._at("visible", index - 1) if index else self._whole("start")

    def _step(self, index: int) -> Step:
        flips = r"\writes{v'} \sim P(v \mid h),\; h \sim P(h \mid \reads{v})"
        return Step(
            index,
            Message("Gibbs step {number}", {"number": count(index + 1)}),
            (
                Write(
                    self._at("visible", index),
                    (
                        self._before(index),
                        self._at("hidden_draws", index),
                        self._at("visible_draws", index),
                    ),
                    GibbsFlips(flips, self.machine, None),
                ),
                self._write("score", index),
            ),
        )

    def sources(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the picture that one was drawn from, or what a score was measured on."""
        if name != "visible":
            return super().sources(name, index)
        chain = range(index[1], index[1] + 1)
        before = self._before(index[0])
        return (Region(before.array, (*before.axes[:-3], chain, *before.axes[-2:])),)

    def explain(self, index: int) -> Explanation:
        """Return how much of the rare class each classifier finds after a step."""
        recall = self.score(index)[:, 0]
        return self._told(
            index,
            headline=(
                Piece("rare ones found", Tone.QUIET),
                Piece(f"{100 * recall[0]:.0f}%", Tone.READS),
                Piece("→"),
                Piece(f"{100 * recall[-1]:.0f}%", Tone.WRITES),
            ),
            sentence=Message(
                "Each chain started at one of the few real pictures and has taken {steps} since.",
                {
                    "steps": Message(
                        "1 Gibbs step" if not index else "{count} Gibbs steps",
                        {"count": count(index + 1)},
                    )
                },
            ),
            symbols=RECALL,
            caption=Message("with samples"),
            progress=Message(
                "{extra} pictures drawn", {"extra": count(self.arrays["start"].shape[0])}
            ),
        )
