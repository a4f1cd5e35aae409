"""A program's callbacks (early stopping, a learning rate that falls on a plateau) along a timeline.

They see a stand-in for the model, so that whatever they change becomes a command that is recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

from simulator.engine.callbacks import Callback, EarlyStopping
from simulator.lab.branches import BATCH_LOSS
from simulator.lab.errors import LabError
from simulator.lab.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the callbacks want after an epoch."""

    learning_rate: float | None = None
    """The new one; None: as it is."""
    stop: str = ""
    """Why training ends; empty: it goes on."""
    best_step: int | None = None
    """Where the weights are best, if early stopping is to go back to them."""


@dataclass(slots=True)
class Watchers:
    """Made anew, and told of all epochs before, whenever the timeline stands somewhere else."""

    make: Callable[[], Sequence[Callback]]
    callbacks: Sequence[Callback] = ()
    _model: Any = None
    _place: tuple[int, int] | None = None
    _best: dict[int, int] = field(default_factory=dict)  # by callback, where its best epoch ended
    _going_back: bool = False

    def catch_up(self, timeline: Timeline) -> None:
        """Be where the timeline is."""
        if self._place == (timeline.branch.number, timeline.step):
            return
        self.callbacks = self.make()
        self._best = {}
        self._going_back = False
        self._model = SimpleNamespace(
            optimizer=SimpleNamespace(learning_rate=timeline.controls.learning_rate),
            stop_training=False,
        )
        for callback in self.callbacks:
            callback.model = self._model
            callback.on_train_begin({})
            if isinstance(callback, EarlyStopping) and callback.restore_best_weights:
                # The best weights are those of a step, which the timeline can go back to.
                self._going_back, callback.restore_best_weights = True, False
        for step, logs in _past(timeline):
            epoch = round(float(timeline.branch.epoch_at(step))) - 1
            self.epoch_end(epoch, step, logs, self._model.optimizer.learning_rate)
        self.stay(timeline)

    def stay(self, timeline: Timeline) -> None:
        """Know that all epochs up to here were told."""
        self._place = timeline.branch.number, timeline.step

    def epoch_end(
        self, epoch: int, step: int, logs: Mapping[str, Any], learning_rate: float
    ) -> Verdict:
        """Raises LabError where one watches a number that nobody logs."""
        self._model.optimizer.learning_rate = learning_rate
        self._model.stop_training = False
        best: int | None = None
        stop = ""
        for number, callback in enumerate(self.callbacks):
            try:
                callback.on_epoch_end(epoch, dict(logs))
            except ValueError as error:
                raise LabError(str(error)) from error
            if isinstance(callback, EarlyStopping) and callback.best_epoch == epoch:
                self._best[number] = step
            if self._model.stop_training and not stop and isinstance(callback, EarlyStopping):
                stop = f"{callback.monitor} was best after epoch {callback.best_epoch + 1}."
                best = self._best.get(number)
        rate = float(self._model.optimizer.learning_rate)
        return Verdict(
            rate if rate != learning_rate else None, stop, best if self._going_back else None
        )


def _past(timeline: Timeline) -> list[tuple[int, dict[str, float]]]:
    """The numbers of all epochs up to where the timeline stands, by the steps that ended them."""
    found: dict[int, dict[str, float]] = {}
    for branch, last, _ in reversed(timeline.branch.way()):
        for name, series in branch.series.items():
            if name == BATCH_LOSS:
                continue
            curve = series.curve(stop=min(last, timeline.step))
            for step, value in zip(curve.steps, np.asarray(curve.mean), strict=True):
                found.setdefault(int(step), {})[name] = float(value)
    return sorted(found.items())
