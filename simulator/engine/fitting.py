"""What `Model.fit` does with the events of training: callbacks, progress, history."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TextIO

from simulator.engine import arguments, names
from simulator.engine.callbacks import Callback, History
from simulator.engine.progress import Progress
from simulator.engine.training import (
    BatchEnd,
    Diverged,
    EpochBegin,
    EpochEnd,
    Event,
    Finished,
    TrainingRun,
)

if TYPE_CHECKING:
    from simulator.engine.model import Model

_GLANCE = 0.05
"""Seconds between two looks of the progress bar."""


def drive(
    model: Model,
    run: TrainingRun,
    *,
    verbose: Any,
    callbacks: Any,
    stream: TextIO | None,
) -> History:
    """Go through all events, or until a callback sets `model.stop_training`.

    At the end the optimizer's moving averages (`use_ema`) take the place of the weights, unless
    training diverged: then the last good weights stay.
    """
    given = callbacks if isinstance(callbacks, list | tuple) else [callbacks]
    own: list[Callback] = [each for each in given if each is not None]
    for callback in own:
        if not isinstance(callback, Callback):
            raise TypeError(
                f"fit: {arguments.shown(callback)} is no callback: give objects of subclasses of "
                "simulator.engine.callbacks.Callback, such as EarlyStopping()."
            )
    history = next((each for each in own if isinstance(each, History)), None)
    if history is None:
        history = History()
        own.append(history)
    progress = _progress(verbose, run.epochs, stream)
    model.history, model.stop_training = history, False
    for callback in own:
        callback.set_model(model)
        callback.set_params({"epochs": run.epochs, "steps": run.batches, "verbose": verbose})
    for callback in own:
        callback.on_train_begin({})
    logs: Any = {}
    broken = False
    pace = None if any(_sees_batches(each) for each in own) else _Pace(run)
    for event in run:
        if pace is not None:
            pace.adapt(event)
        match event:
            case EpochBegin():
                for callback in own:
                    callback.on_epoch_begin(event.epoch, {})
                    callback.on_train_batch_begin(0, {})
                if progress is not None:
                    progress.epoch_begin(event.epoch, event.batches)
            case BatchEnd():
                shown = dict(sorted(event.logs.items()))
                for callback in own:
                    callback.on_train_batch_end(event.batch, shown)
                    if event.batch + 1 < event.batches:
                        callback.on_train_batch_begin(event.batch + 1, {})
                if progress is not None:
                    progress.batch_end(event.batch, event.logs)
            case EpochEnd():
                if progress is not None:
                    progress.epoch_end(event.logs)
                # By name, as in Keras; all hear of the same one, to which some of them add.
                logs = dict(sorted(event.logs.items()))
                for callback in own:
                    callback.on_epoch_end(event.epoch, logs)
            case Diverged():
                history.diverged = event
                broken = True
                if progress is not None:
                    progress.note(event.message)
            case Finished():
                pass
        if model.stop_training:
            break
    if not broken:  # the averages may have broken with the weights
        trainer = run.trainer
        trainer.optimizer.finalize_variable_values(trainer.parameters)
    for callback in own:
        callback.on_train_end(dict(logs))
    return history


def _sees_batches(callback: Callback) -> bool:
    return any(
        getattr(getattr(callback, name), "__func__", None) is not getattr(Callback, name)
        for name in (
            "on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end",
        )
    )  # fmt: skip


class _Pace:
    """Lets an event stand for as many batches as fit between two looks of the progress bar."""

    def __init__(self, run: TrainingRun) -> None:
        self._run = run
        self._last = time.perf_counter()

    def adapt(self, event: Event) -> None:
        now = time.perf_counter()
        if isinstance(event, BatchEnd):
            each = (now - self._last) / len(event.losses)
            most = 2 * self._run.steps_per_event
            self._run.steps_per_event = max(1, min(int(_GLANCE / each), most))
        self._last = now


def _progress(verbose: Any, epochs: int, stream: TextIO | None) -> Progress | None:
    if isinstance(verbose, str):
        names.one_of("fit", "verbose", verbose, ("auto",))
    elif not isinstance(verbose, int) or verbose not in (0, 1, 2):
        raise ValueError(
            f'fit: verbose is {arguments.shown(verbose)}: it must be 0, 1, 2 or "auto".'
        )
    if not verbose or stream is None:  # a program without a console has no standard output
        return None
    return Progress(epochs, stream, bar=stream.isatty() if verbose == "auto" else verbose == 1)
