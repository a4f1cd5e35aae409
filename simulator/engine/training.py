"""Training as a series of events that a caller can stop between any two batches."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.engine.ahead import Stretch, Trained
from simulator.engine.compilation import Scores
from simulator.engine.data import Data
from simulator.engine.judging import evaluate, judge_each
from simulator.engine.layers.base import Array
from simulator.engine.steps import Break, Chunk, Trainer, quiet

if TYPE_CHECKING:
    from simulator.engine.model import Model

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


@dataclass(frozen=True, slots=True)
class _Span:
    """Batches of one epoch that are trained with ahead of their events."""

    order_seed: int
    chosen: Array  # (N,) the samples, in their order
    judged: bool  # whether the held-out data are looked at then


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

    @property
    def epoch(self) -> int:
        """The one under way, from 0."""
        return self._position.epoch

    @property
    def samples(self) -> int:
        """How many were trained with up to here, in all epochs."""
        return self._position.epoch * len(self.data) + self._position.taken

    def advance(self, most: int, epochs: int = 1) -> list[Event]:
        """The events of the next batches, up to `most`, at most to the end of the epoch: a BatchEnd
        with an EpochBegin before it and an EpochEnd after it where there are; Diverged comes alone
        or last.

        Of a small network those of up to so many epochs, trained with in one call of the engine;
        then the batches of validations are among the `most`. All that comes of it is the same bit
        for bit.
        """
        return self._ahead(most, epochs) or self._one_by_one(most)

    def _one_by_one(self, most: int) -> list[Event]:
        self.steps_per_event = most
        events: list[Event] = []
        while True:
            before = self._position.taken
            event = next(self)
            events.append(event)
            if isinstance(event, EpochBegin):
                continue
            if isinstance(event, BatchEnd):
                whole = (len(self.data) - before) // self.batch_size
                cut_short = len(event.losses) < min(most, whole)  # the next one diverged
                if cut_short or event.batch + 1 == event.batches:
                    continue
            return events

    @quiet
    def _ahead(self, most: int, epochs: int) -> list[Event]:
        """Nothing, and nothing is done, where `most` does not reach the end of the epoch, where the
        network has no program for it, and where training would diverge.
        """
        left = self.batches - self._position.batch
        ahead = self.trainer.ahead
        if not left or most < left or not ahead.possible(self.data, self.batch_size):
            return []
        chance = self.model.rng.bit_generator.state
        spans = self._spans(most, min(epochs, self.epochs - self._position.epoch))
        trained = ahead.run(
            self.data,
            [Stretch(each.chosen, judged=each.judged) for each in spans],
            self.batch_size,
            self.validation,
            self.validation_batch_size,
        )
        if trained is None:
            self.model.rng.bit_generator.state = chance
            return []
        self._events = self._run()
        return self._told(spans, trained)

    def _told(self, spans: list[_Span], trained: list[Trained]) -> list[Event]:
        """The events of what was trained with already."""
        answers = [found.answers for found in trained if found.answers is not None]
        judged: Iterator[Logs] = iter(())
        if answers and self.validation is not None:
            size = self.validation_batch_size
            judged = iter(judge_each(self._judging, self.validation, answers, size, "val_"))
        # Of whole epochs the numbers are worked out at once; the last is counted, for snapshots.
        first = int(self._position.taken > 0)
        whole: Iterator[Logs] = iter(self._of_each(spans[first:-1], trained[first:-1]))
        events: list[Event] = []
        for number, (span, found) in enumerate(zip(spans, trained, strict=True)):
            if not self._position.begun:
                events.append(self._begin_epoch(span.order_seed))
            losses = tuple(found.losses)
            if first <= number < len(spans) - 1:
                logs = next(whole)
            else:
                chunk = Chunk(losses, (), (found.outputs,), None)
                logs = self._count(chunk, span.chosen, self.batch_size)
            events.append(self._move(losses, len(span.chosen), logs))
            if self._position.taken == len(self.data):
                events.append(self._end_epoch(logs, next(judged) if span.judged else {}))
        return events

    def _of_each(self, spans: list[_Span], trained: list[Trained]) -> list[dict[str, Any]]:
        """The numbers of whole epochs, each by itself."""
        if not spans:
            return []
        outputs = np.concatenate([found.outputs for found in trained])
        targets = self.data.targets(np.concatenate([span.chosen for span in spans]))
        losses = [found.losses for found in trained]
        return self._scores.of_each(losses, self.batch_size, outputs, targets)

    def _spans(self, most: int, epochs: int) -> list[_Span]:
        """The next batches by their epochs, with the orders drawn that are drawn for them."""
        position, spans = self._position, list[_Span]()
        epoch, taken, seed = position.epoch, position.taken, position.order_seed
        while most > 0 and len(spans) < epochs:
            if spans or not position.begun:
                seed = self._drawn()
            until = min(taken + most * self.batch_size, len(self.data))
            judged = until == len(self.data) and self._is_judged(epoch)
            spans.append(_Span(seed, self._chosen(seed, taken, until), judged))
            most -= -(-(until - taken) // self.batch_size)
            if judged and self.validation is not None:
                most -= -(-len(self.validation) // self.validation_batch_size)
            epoch, taken = epoch + 1, 0
        return spans

    def _run(self) -> Iterator[Event]:
        while self._position.epoch < self.epochs:
            if not self._position.begun:
                yield self._begin_epoch(self._drawn())
            while self._position.taken < len(self.data):
                for event in self._batches():
                    yield event
                    if isinstance(event, Diverged):
                        return
            found = self.trainer.broken()
            if found is not None:
                yield self._diverged(found)
                return
            yield self._end_epoch(self._scores.result(), self._validated())
        yield Finished(self._position.epoch, self._position.step, self._logs)

    def _drawn(self) -> int:
        """What the order of an epoch's samples is made from."""
        return int(self.model.rng.integers(2**63)) if self.shuffle else 0

    def _begin_epoch(self, seed: int) -> EpochBegin:
        self._position = replace(self._position, begun=True, order_seed=seed)
        self._scores.reset()
        return EpochBegin(self._position.epoch, self._position.step, self.batches)

    def _batches(self) -> Iterator[Event]:
        """The next batches, as many as an event may stand for; the last, smaller one by itself."""
        position = self._position
        first = position.taken
        whole = (len(self.data) - first) // self.batch_size
        count = max(1, min(int(self.steps_per_event), whole))
        size = self.batch_size if whole else len(self.data) - first
        chosen = self._chosen(position.order_seed, first, first + count * size)
        chunk = self.trainer.advance(
            self.data, chosen.reshape(count, size), self.model.context(training=True)
        )
        if chunk.losses:
            seen = chosen[: len(chunk.losses) * size]
            yield self._move(chunk.losses, len(seen), self._count(chunk, seen, size))
        if chunk.found is not None:
            yield self._diverged(chunk.found)

    def _count(self, chunk: Chunk, chosen: Array, size: int) -> Logs:
        """Take in what these samples came to, in batches of that size and perhaps a rest."""
        whole, rest = divmod(len(chosen), size)
        self._scores.add_losses(chunk.losses[:whole], chunk.output_losses, size)
        if rest:
            self._scores.add_losses(chunk.losses[whole:], (), rest)
        if self._scores.reads_outputs:
            self._scores.add_outputs(chunk.outputs, self.data.targets(chosen), chunk.masks)
        return self._scores.result()

    def _move(self, losses: tuple[float, ...], samples: int, logs: Logs) -> BatchEnd:
        """Stand behind so many more batches and samples."""
        position, done = self._position, len(losses)
        self._position = position = replace(
            position,
            batch=position.batch + done,
            taken=position.taken + samples,
            step=position.step + done,
        )
        return BatchEnd(
            position.epoch, position.step, position.batch - 1, self.batches, losses, logs
        )

    def _chosen(self, seed: int, first: int, until: int) -> Array:
        """Samples of an epoch, in its order."""
        if not self.shuffle:
            return np.arange(first, until)
        if self._order is None or self._order[0] != seed:
            self._order = seed, np.random.default_rng(seed).permutation(len(self.data))
        return self._order[1][first:until]

    def _is_judged(self, epoch: int) -> bool:
        """Whether the held-out data are looked at when this epoch ends."""
        return self.validation is not None and (epoch + 1) % self.validation_freq == 0

    def _validated(self) -> Logs:
        """The numbers of the held-out data, if they are looked at when this epoch ends."""
        if self.validation is None or not self._is_judged(self._position.epoch):
            return {}
        evaluate(self.model, self._judging, self.validation, self.validation_batch_size)
        return self._judging.result("val_")

    def _end_epoch(self, logs: Logs, validated: Logs) -> EpochEnd:
        position = self._position
        self._logs = {**logs, **validated}
        self._position = replace(position, epoch=position.epoch + 1, batch=0, taken=0, begun=False)
        return EpochEnd(position.epoch, position.step, self._logs)

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
