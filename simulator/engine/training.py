"""Training as a series of events that a caller can stop between any two batches."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.engine.compilation import Scores
from simulator.engine.data import Data
from simulator.engine.layers.base import Array
from simulator.engine.steps import Break, Trainer, penalty, quiet, run_forward

if TYPE_CHECKING:
    from simulator.engine.model import Model

_JUDGED_AT_ONCE = 1 << 18
"""Numbers that a network gives: what is worked out of them takes some times as much."""

Logs = Mapping[str, Any]
"""Means over the epoch so far: "loss", the metrics, and with "val_" those of the validation."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in training."""

    epoch: int  # from 0
    step: int  # how many batches were trained with since the start


@dataclass(frozen=True, slots=True)
class EpochBegin(Event):
    """An epoch begins."""

    batches: int


@dataclass(frozen=True, slots=True)
class BatchEnd(Event):
    """A batch was trained with, or several since the last event (`steps_per_event`)."""

    batch: int  # from 0; the last one
    batches: int
    losses: tuple[float, ...]  # each batch's own
    logs: Logs

    @property
    def loss(self) -> float:
        """The last batch's own loss."""
        return self.losses[-1]


@dataclass(frozen=True, slots=True)
class EpochEnd(Event):
    """An epoch is over, and validated."""

    logs: Logs


@dataclass(frozen=True, slots=True)
class Diverged(Event):
    """The loss or the weights are no numbers any more: training ends.

    The model has the weights again with which the loss was last finite.
    """

    batch: int
    layer: str
    what: str  # of the layer: "weights" or "output"; "loss" where only the loss broke
    message: str


@dataclass(frozen=True, slots=True)
class Finished(Event):
    """All epochs are done."""

    logs: Logs


@dataclass(frozen=True, slots=True)
class Position:
    """Where a run stands."""

    epoch: int = 0
    batch: int = 0
    taken: int = 0  # samples of the epoch that were trained with
    step: int = 0
    begun: bool = False  # whether the epoch's order is drawn
    order_seed: int = 0
    scores: Scores | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that training changes, copied out: with it put back, a run goes on bit for bit."""

    weights: dict[str, Array]
    optimizer: dict[str, Any] | None
    rng: dict[str, Any]
    generators: dict[str, dict[str, Any]]
    position: Position | None  # of the run at that time, if there was one


class TrainingRun(Iterator[Event]):
    """The events of one call of `Model.training`, each made when it is asked for."""

    def __init__(
        self,
        model: Model,
        trainer: Trainer,
        data: Data,
        validation: Data | None,
        *,
        batch_size: int,
        validation_batch_size: int,
        validation_freq: int,
        epochs: int,
        initial_epoch: int,
        shuffle: bool,
        steps_per_event: int = 1,
    ) -> None:
        self.model = model
        self.trainer = trainer
        self.data = data
        self.validation = validation
        self.batch_size = batch_size
        """Of the next batch: it may be changed between two of them."""
        self.validation_batch_size = validation_batch_size
        self.validation_freq = validation_freq
        self.epochs = epochs
        self.shuffle = shuffle
        self.steps_per_event = steps_per_event
        """How many batches an event may stand for; can be changed at any time."""
        self._position = Position(epoch=initial_epoch)
        self._scores = Scores(trainer.goals)
        # With metrics of its own: what those of training count belongs to a snapshot.
        self._judging = Scores(copy.deepcopy(trainer.goals))
        self._logs: Logs = {}
        self._order: tuple[int, Array] | None = None
        self._events = self._run()

    def __next__(self) -> Event:
        return next(self._events)

    @property
    def taken(self) -> int:
        """How many samples of the epoch were trained with."""
        return self._position.taken

    @property
    def batches(self) -> int:
        """Of the epoch, if the rest of it goes on in batches of this size."""
        left = len(self.data) - self._position.taken
        return self._position.batch + -(-left // self.batch_size)

    @property
    def position(self) -> Position:
        """Where it stands, to be copied; setting it lets the run go on from there."""
        return replace(self._position, scores=copy.deepcopy(self._scores))

    @position.setter
    def position(self, position: Position) -> None:
        scores = copy.deepcopy(position.scores)
        if scores is not None:
            self._scores = scores
        self._position = replace(position, scores=None)
        self._events = self._run()

    def _run(self) -> Iterator[Event]:
        while self._position.epoch < self.epochs:
            if not self._position.begun:
                self._begin_epoch()
                yield EpochBegin(self._position.epoch, self._position.step, self.batches)
            while self._position.taken < len(self.data):
                for event in self._batches():
                    yield event
                    if isinstance(event, Diverged):
                        return
            found = self.trainer.broken()
            if found is not None:
                yield self._diverged(found)
                return
            logs = self._logs = self._end_epoch()
            epoch = self._position.epoch
            self._position = replace(self._position, epoch=epoch + 1, batch=0, taken=0, begun=False)
            yield EpochEnd(epoch, self._position.step, logs)
        yield Finished(self._position.epoch, self._position.step, self._logs)

    def _begin_epoch(self) -> None:
        seed = int(self.model.rng.integers(2**63)) if self.shuffle else 0
        self._position = replace(self._position, begun=True, order_seed=seed)
        self._scores.reset()

    def _batches(self) -> Iterator[Event]:
        """The next batches, as many as an event may stand for; the last, smaller one by itself."""
        position = self._position
        first = position.taken
        whole = (len(self.data) - first) // self.batch_size
        count = max(1, min(int(self.steps_per_event), whole))
        size = self.batch_size if whole else len(self.data) - first
        chosen: Any = np.arange(first, first + count * size)
        if self.shuffle:
            chosen = self._shuffled(position.order_seed)[chosen]
        chunk = self.trainer.advance(
            self.data, chosen.reshape(count, size), self.model.context(training=True)
        )
        done = len(chunk.losses)
        if done:
            self._scores.add_losses(chunk.losses, chunk.output_losses, size)
            if self._scores.reads_outputs:
                seen = chosen[: done * size]
                self._scores.add_outputs(chunk.outputs, self.data[seen], chunk.masks)
            self._position = replace(
                position,
                batch=position.batch + done,
                taken=position.taken + done * size,
                step=position.step + done,
            )
            yield BatchEnd(
                position.epoch,
                position.step + done,
                position.batch + done - 1,
                self.batches,
                chunk.losses,
                self._scores.result(),
            )
        if chunk.found is not None:
            yield self._diverged(chunk.found)

    def _shuffled(self, seed: int) -> Array:
        if self._order is None or self._order[0] != seed:
            self._order = seed, np.random.default_rng(seed).permutation(len(self.data))
        return self._order[1]

    def _end_epoch(self) -> Logs:
        logs = self._scores.result()
        if self.validation is not None and (self._position.epoch + 1) % self.validation_freq == 0:
            evaluate(self.model, self._judging, self.validation, self.validation_batch_size)
            logs |= self._judging.result("val_")
        return logs

    def _diverged(self, found: Break) -> Diverged:
        position = self._position
        shown = "loss" if found.what == "loss" else f"{found.what} of the layer {found.layer!r}"
        return Diverged(
            position.epoch,
            position.step,
            position.batch,
            found.layer,
            found.what,
            f"Training diverged at step {position.step + 1} (epoch {position.epoch + 1}): the "
            f"{shown} {'are' if found.what == 'weights' else 'is'} no longer finite. The model has "
            "its last good weights: try a smaller learning rate, or data closer to 0.",
        )


@quiet
def evaluate(model: Model, scores: Scores, data: Data, batch_size: int) -> None:
    """Loss and metrics over data that is not trained with."""
    scores.reset()
    context = model.context(training=False)
    costly = any(layer.activity_regularizer for layer in model.graph.layers)
    # What the outputs cost can be told afterwards, what other layers give is gone by then.
    compiled = None if costly else model.compiled_outputs(data.x, batch_size)
    if compiled is not None:
        score(model, scores, data, compiled, batch_size)
        return
    for start in range(0, len(data), batch_size):
        batch = data[start : start + batch_size]
        scores.add(run_forward(model, scores.goals, batch, context)[0], batch)


def score(model: Model, scores: Scores, data: Data, outputs: Array, batch_size: int) -> None:
    """Take in what the only output gives for all the data, which count in batches."""
    goal, added = scores.goals[0], penalty(model.graph.layers)
    many = batch_size * max(1, _JUDGED_AT_ONCE // (batch_size * outputs[0].size))
    for start in range(0, len(data), many):
        some = data[start : start + many]
        given = outputs[start : start + many]
        own = [0.0] * -(-len(some) // batch_size)
        if goal.loss is not None:
            own = goal.loss.of_batches(some.y[0], given, some.weight[0], batch_size)
        losses = [goal.loss_weight * each + added for each in own]
        whole, rest = divmod(len(some), batch_size)
        scores.add_losses(losses[:whole], (), batch_size)
        scores.add_losses(losses[whole:], (), rest)
        if scores.reads_outputs:
            scores.add_outputs((given,), some)
