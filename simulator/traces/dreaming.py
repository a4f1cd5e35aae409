"""A trace of a Boltzmann machine at work: it dreams, and fills in what is missing of a picture."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.rbm import BernoulliRBM
from simulator.traces.formula import Explanation, Fact, Formula, Message, Piece, Term, Tone
from simulator.traces.model import Level, Role, Step, Trace, TraceArray, Write, given
from simulator.traces.numbers import count, number
from simulator.traces.region import Axis, Region

Array = NDArray[Any]

MISSING = "?"


@dataclass(frozen=True, slots=True)
class GibbsFlips(Formula):
    """One Gibbs step: hidden units from visible ones and random numbers, and visible ones back."""

    machine: BernoulliRBM
    missing: Array | None  # (V,): where it is false, visible units stay as they are

    def value(self, *operands: Array) -> Array:
        """Return the next visible units (1, S, R, C) of units (1, S, R, C) and draws of both."""
        start, hidden_draws, visible_draws = operands
        flat = start.reshape(start.shape[-3], -1)
        hidden = hidden_draws.reshape(len(flat), -1) < self.machine.hidden_probabilities(flat)
        up = self.machine.visible_probabilities(hidden.astype(flat.dtype))
        drawn = (visible_draws.reshape(len(flat), -1) < up).astype(flat.dtype)
        if self.missing is not None:
            drawn = np.where(self.missing, drawn, flat)
        return drawn.reshape(1, *start.shape[-3:])


@dataclass(frozen=True, slots=True)
class MeanOf(Formula):
    """The mean of the probabilities of the second half of the steps so far."""

    def value(self, *operands: Array) -> Array:
        """Return the mean (1, R, C) of probabilities (n, R, C)."""
        mean: Array = operands[0].mean(axis=0, keepdims=True)
        return mean


@dataclass(frozen=True, slots=True)
class GivenHidden(Formula):
    """The probabilities of the visible units that a Gibbs step draws from; known ones are given."""

    machine: BernoulliRBM
    missing: Array
    shape: tuple[int, int]

    def value(self, *operands: Array) -> Array:
        """Return the probabilities (1, R, C) of units (1, 1, R, C), draws (1, 1, H) and (R, C)."""
        start, hidden_draws, known = operands
        flat = start.reshape(1, -1)
        hidden = hidden_draws.reshape(1, -1) < self.machine.hidden_probabilities(flat)
        made = self.machine.visible_probabilities(hidden.astype(flat.dtype))
        filled = np.where(self.missing, made, np.nan_to_num(known.reshape(1, -1)))
        return filled.reshape(1, *self.shape)


class DreamTrace(Trace):
    """Gibbs steps of a machine: chains that start from coins, and one that fills a picture in.

    ``picture`` (R, C) holds NaN where it is missing. Chain 0 keeps what is known of it; the others
    are free. ``estimate`` is the mean of what chain 0 draws from, over the second half of its
    steps so far, as ``BernoulliRBM.complete`` takes it.
    """

    def __init__(
        self,
        machine: BernoulliRBM,
        picture: Array,
        *,
        chains: int,
        steps: int,
        seed: int,
        fact: Fact,
    ) -> None:
        """Take a trained machine and a picture; all random numbers follow from ``seed``."""
        rng = np.random.default_rng(seed)
        rows, columns = (int(length) for length in picture.shape)
        self.machine = machine
        self._fact = fact
        self._shape = (rows, columns)
        self.missing = np.isnan(picture).reshape(-1)
        free = np.ones((chains + 1, picture.size), dtype=np.bool_)
        free[0] = self.missing
        start = (rng.random((chains + 1, picture.size)) < 0.5).astype(np.float32)
        start[0] = np.where(self.missing, start[0], np.nan_to_num(picture.reshape(-1)))
        walked = list(islice(machine.gibbs(start, missing=free, rng=rng), steps))
        self._free = free

        def laid(arrays: list[Array]) -> Array:
            return np.stack(arrays).reshape(len(arrays), chains + 1, rows, columns)

        visible = laid([start, *(step.visible for step in walked)])
        hidden_draws = np.stack([step.hidden_draws for step in walked])[:, :, None, :]
        visible_draws = laid([step.visible_draws for step in walked])
        first = np.stack([step.visible_probabilities[0] for step in walked])
        drawn_from = np.where(self.missing, first, start[0]).reshape(-1, rows, columns)
        estimate = np.stack([drawn_from[self._half(at)].mean(axis=0) for at in range(len(walked))])
        kernel = np.ascontiguousarray(machine.weights["kernel"].T).reshape(-1, rows, columns)
        axes = ("step", "chain", "row", "column")
        arrays = (
            given("input", ("row", "column"), Role.READS, picture),
            given("kernel", ("hidden unit", "row", "column"), Role.WEIGHTS, kernel),
            given("start", ("chain", "row", "column"), Role.READS, visible[0]),
            given(
                "hidden_draws", ("step", "chain", "one", "hidden unit"), Role.WEIGHTS, hidden_draws
            ),
            given("visible_draws", axes, Role.WEIGHTS, visible_draws),
            TraceArray("visible", axes, Role.WRITES, visible[1:]),
            TraceArray("drawn_from", ("step", "row", "column"), Role.WRITES, drawn_from),
            TraceArray("estimate", ("step", "row", "column"), Role.WRITES, estimate),
        )
        self.chains = chains
        super().__init__(arrays, (Level("gibbs", "Gibbs step", 1),), steps)

    @staticmethod
    def _half(step: int) -> slice:
        """Return the second half of the steps up to and with one."""
        return slice((step + 1) // 2, step + 1)

    def _every(self, name: str, at: range, chains: range | None = None) -> Region:
        shape = self.arrays[name].shape
        axes: list[Axis] = [at, *(range(length) for length in shape[1:])]
        if chains is not None:
            axes[1] = chains
        return Region(name, tuple(axes))

    def _before(self, index: int, chains: range) -> Region:
        """Return the visible units of some chains before a step."""
        if index:
            return self._every("visible", range(index - 1, index), chains)
        rows, columns = self._shape
        return Region("start", (chains, range(rows), range(columns)))

    def _step(self, index: int) -> Step:
        at, first, others = range(index, index + 1), range(1), range(1, self.chains + 1)
        flips = r"\writes{v'} \sim P(v \mid h),\; h \sim P(h \mid \reads{v})"
        writes = [
            Write(
                self._every("visible", at, chains),
                (
                    self._before(index, chains),
                    self._every("hidden_draws", at, chains),
                    self._every("visible_draws", at, chains),
                ),
                GibbsFlips(flips, self.machine, missing),
            )
            for chains, missing in ((first, self.missing), (others, None))
        ]
        rows, columns = self._shape
        writes += [
            Write(
                self._every("drawn_from", at),
                (
                    self._before(index, first),
                    self._every("hidden_draws", at, first),
                    Region("input", (range(rows), range(columns))),
                ),
                GivenHidden(
                    r"\writes{p} = P(v = 1 \mid h)", self.machine, self.missing, self._shape
                ),
            ),
            Write(
                self._every("estimate", at),
                (self._every("drawn_from", range((index + 1) // 2, index + 1)),),
                MeanOf(r"\writes{\hat{v}} = \overline{\reads{p}}"),
            ),
        ]
        return Step(
            index, Message("Gibbs step {number}", {"number": count(index + 1)}), tuple(writes)
        )

    def _finest_writing(self, name: str, *positions: Array) -> NDArray[np.int64]:
        del name
        shape = np.broadcast_shapes(*(position.shape for position in positions))
        return np.broadcast_to(positions[0], shape).astype(np.int64)

    @property
    def looked_at(self) -> tuple[int, int]:
        """The first cell that is missing, or the first of all."""
        found = np.flatnonzero(self.missing)
        row, column = divmod(int(found[0]) if len(found) else 0, self._shape[1])
        return row, column

    def told_cell(self, index: int) -> Region:
        """Return the estimate of the cell that is told of."""
        return Region.cell("estimate", index, *self.looked_at)

    def sources(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the units that a cell was drawn with."""
        if name == "visible":
            return (self._before(index[0], range(index[1], index[1] + 1)),)
        if name == "estimate":
            steps = range((index[0] + 1) // 2, index[0] + 1)
            cell = (range(at, at + 1) for at in index[1:])
            return (Region("drawn_from", (steps, *cell)),)
        if name == "drawn_from":
            return (self._before(index[0], range(1)),)
        return ()

    def dependants(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return none: every later state follows from every unit."""
        del name, index
        return ()

    def explain(self, index: int) -> Explanation:
        """Return what is believed of one missing cell after a step."""
        row, column = self.looked_at
        missing = int(self.missing.sum())
        value = float(self.read(self.told_cell(index)).item())
        values = self.arrays["drawn_from"].values
        assert isinstance(values, np.ndarray)
        steps = values[self._half(index), row, column]
        return Explanation(
            headline=(
                Piece(f"step {count(index + 1)}", Tone.READS),
                Piece("→"),
                Piece(number(value), Tone.WRITES),
            ),
            sentence=Message(
                "The chain keeps what is known. Of cell ({row}, {column}) it believes this much "
                "that it is on."
                if missing
                else "Nothing is missing: paint over the picture what the machine is to fill in.",
                {"row": row, "column": column},
            ),
            symbols=r"\writes{\hat{v}} = \frac{1}{n}\sum_{t} \reads{P(v = 1 \mid h_t)}",
            terms=tuple(Term((Piece(number(float(each)), Tone.READS),)) for each in steps[-9:]),
            columns=3,
            elided=(max(0, len(steps) - 9), 0),
            caption=Message("later half of steps"),
            relation=f"÷ {len(steps)} ≈",
            result=Piece(number(value), Tone.WRITES),
            progress=(index + 1, self.total),
            progress_caption=Message("{missing} cells are missing", {"missing": missing}),
        )

    def size_fact(self) -> Fact:
        """Return how the machine does at what is missing."""
        return self._fact
