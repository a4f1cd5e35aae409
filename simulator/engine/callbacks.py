"""What a program hangs into `Model.fit`: History, EarlyStopping and others, as in Keras."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.engine import arguments, names, registry, weight_files
from simulator.engine.layers.base import Array

if TYPE_CHECKING:
    from simulator.engine.model import Model
    from simulator.engine.training import Diverged

Logs = Mapping[str, Any]


class Callback:
    """The base: override what you want to hear of. `self.model` and `self.params` are set."""

    model: Model
    params: dict[str, Any]

    def set_model(self, model: Model) -> None:
        """Called first."""
        self.model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Called first: "epochs", "steps" and "verbose"."""
        self.params = params

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Before the first epoch."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """After the last."""

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Before an epoch's first batch."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """After validation."""

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Before a batch."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """After the batch's update."""
        self.on_batch_end(batch, logs)

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Keras's older name for `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Keras's older name for `on_train_batch_end`."""


class History(Callback):
    """What `fit` returns: `history["loss"]` and the like, a value for each epoch."""

    def __init__(self) -> None:
        self.history: dict[str, list[Any]] = {}
        self.epoch: list[int] = []
        self.diverged: Diverged | None = None

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Note the epoch's means."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)


class LambdaCallback(Callback):
    """Functions in the place of methods: `LambdaCallback(on_epoch_end=lambda epoch, logs: …)`."""

    def __init__(self, **functions: Callable[..., None]) -> None:
        valid = [name for name in vars(Callback) if name.startswith("on_")]
        unknown = [name for name in functions if name not in valid]
        if unknown:
            raise names.unexpected("LambdaCallback", unknown, valid)
        for name, function in functions.items():
            setattr(self, name, function)


class _Monitoring(registry.Configurable, Callback):
    """A callback that watches one of the logged numbers."""

    def __init__(self, monitor: str, mode: str, min_delta: float) -> None:
        kind = type(self).__name__
        self.monitor = arguments.text(monitor, owner=kind, argument="monitor")
        names.one_of(kind, "mode", mode, ("auto", "min", "max"))
        if mode == "auto":
            rising = ("acc", "accuracy", "precision", "recall", "auc")
            mode = "max" if monitor.removeprefix("val_").endswith(rising) else "min"
        self.sign = -1.0 if mode == "max" else 1.0
        self.min_delta = abs(arguments.number(min_delta, owner=kind, argument="min_delta"))

    def value(self, logs: Logs | None) -> float:
        """The watched number, the smaller the better. Raises ValueError if nobody logs it."""
        if logs is None or self.monitor not in logs:
            raise ValueError(
                f"{type(self).__name__} watches {self.monitor!r}, which is not logged"
                f"{names.hint(self.monitor, logs or {})}"
            )
        return self.sign * float(logs[self.monitor])

    def better(self, value: float, best: float) -> bool:
        """Whether a value beats the best so far by more than min_delta."""
        return value < best - self.min_delta


class EarlyStopping(_Monitoring):
    """Ends training when a number has not improved for `patience` epochs."""

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta)
        self.patience = _epochs(self, "patience", patience)
        self.verbose = _verbose(self, verbose)
        self.baseline = baseline
        if baseline is not None:
            self.baseline = arguments.number(baseline, owner="EarlyStopping", argument="baseline")
        self.restore_best_weights = arguments.truth(
            restore_best_weights, owner="EarlyStopping", argument="restore_best_weights"
        )
        self.start_from_epoch = _epochs(self, "start_from_epoch", start_from_epoch)
        self.wait = self.stopped_epoch = self.best_epoch = 0
        self.best = np.inf
        self.best_weights: list[Array] | None = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Start anew."""
        del logs
        self.wait = self.stopped_epoch = self.best_epoch = 0
        self.best, self.best_weights = np.inf, None

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Compare, and stop if it has been too long."""
        value = self.value(logs)
        if epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            self.best_weights, self.best_epoch = self.model.get_weights(), epoch
        self.wait += 1
        if self.better(value, self.best):
            self.best, self.best_epoch = value, epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            if self.baseline is None or self.better(value, self.sign * self.baseline):
                self.wait = 0
            return
        if self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Put the best weights back, if that is wanted."""
        del logs
        if self.verbose and self.stopped_epoch:
            _tell(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.restore_best_weights and self.best_weights is not None:
            if self.verbose:
                _tell(
                    "Restoring model weights from the end of the best epoch: "
                    f"{self.best_epoch + 1}."
                )
            self.model.set_weights(self.best_weights)


class LearningRateScheduler(registry.Configurable, Callback):
    """Sets the learning rate before each epoch: `schedule(epoch, learning_rate)`, or, as in older
    programs, `schedule(epoch)`. The history gets the rate as "learning_rate".
    """

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        if not callable(schedule):
            raise ValueError(
                f"LearningRateScheduler: schedule is {arguments.shown(schedule)}: it must be a "
                "function of the epoch and the learning rate."
            )
        self.schedule = schedule
        self.verbose = _verbose(self, verbose)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Ask the schedule."""
        del logs
        optimizer = self.model.optimizer
        given: tuple[Any, ...] = (epoch, optimizer.learning_rate)
        with suppress(ValueError, TypeError):  # some built-in functions do not tell
            try:
                inspect.signature(self.schedule).bind(*given)
            except TypeError:
                given = given[:1]
        optimizer.learning_rate = arguments.number(
            self.schedule(*given), owner="LearningRateScheduler", argument="the schedule's result"
        )
        if self.verbose:
            _tell(
                f"\nEpoch {epoch + 1}: LearningRateScheduler setting learning rate to "
                f"{optimizer.learning_rate}."
            )

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Note the rate."""
        del epoch
        _note_rate(self.model, logs)


class ReduceLROnPlateau(_Monitoring):
    """Multiplies the learning rate by `factor` when a number has stopped improving. The history
    gets the rate of each epoch as "learning_rate".
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        super().__init__(monitor, mode, min_delta)
        kind = type(self).__name__
        self.factor = arguments.number(factor, owner=kind, argument="factor", above=0, below=1)
        self.patience = _epochs(self, "patience", patience)
        self.verbose = _verbose(self, verbose)
        self.cooldown = _epochs(self, "cooldown", cooldown)
        self.min_lr = arguments.number(min_lr, owner=kind, argument="min_lr", minimum=0)
        self.wait = self.cooling = 0
        self.best = np.inf

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Start anew."""
        del logs
        self.wait, self.cooling, self.best = 0, 0, np.inf

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Compare, and slow down if it has been too long."""
        _note_rate(self.model, logs)
        value = self.value(logs)
        if self.cooling > 0:
            self.cooling -= 1
            self.wait = 0
        if self.better(value, self.best):
            self.best, self.wait = value, 0
        elif self.cooling <= 0:
            self.wait += 1
            if self.wait >= self.patience:
                optimizer = self.model.optimizer
                if optimizer.learning_rate > self.min_lr:
                    optimizer.learning_rate = max(
                        optimizer.learning_rate * self.factor, self.min_lr
                    )
                    self.cooling, self.wait = self.cooldown, 0
                    if self.verbose:
                        _tell(
                            f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing learning rate to "
                            f"{optimizer.learning_rate}."
                        )


class ModelCheckpoint(_Monitoring):
    """Saves the weights after each epoch, or after those that were the best so far.

    `filepath` may hold the epoch and what is logged: "weights-{epoch:02d}-{val_loss:.2f}.npz".
    """

    def __init__(
        self,
        filepath: Any,
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: Any = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        """Weights are saved, with or without `save_weights_only`: the program makes the model.

        Raises ValueError for a name that does not end in .npz, and for a `save_freq` in batches.
        """
        super().__init__(monitor, mode, 0)
        self.filepath = weight_files.name(filepath, owner="ModelCheckpoint")
        self.verbose = _verbose(self, verbose)
        self.save_best_only, self.save_weights_only = (
            arguments.truth(value, owner="ModelCheckpoint", argument=argument)
            for argument, value in (
                ("save_best_only", save_best_only),
                ("save_weights_only", save_weights_only),
            )
        )
        names.one_of("ModelCheckpoint", "save_freq", save_freq, ("epoch",))
        self.save_freq = save_freq
        self.best = np.inf
        if initial_value_threshold is not None:
            self.best = self.sign * arguments.number(
                initial_value_threshold, owner="ModelCheckpoint", argument="initial_value_threshold"
            )

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Save, if that is due."""
        path = self.filepath.format(epoch=epoch + 1, **(logs or {}))
        if self.save_best_only:
            value = self.value(logs)
            if not value < self.best:
                return
            self.best = value
        if self.verbose:
            _tell(f"\nEpoch {epoch + 1}: saving model to {path}")
        self.model.save_weights(path)


class TerminateOnNaN(Callback):
    """Ends training when the loss is no number. Training here ends then by itself, with the last
    good weights: this is taken so that programs run.
    """


class CSVLogger(registry.Configurable, Callback):
    """Writes a line for each epoch into a file: the epoch, and what is logged."""

    def __init__(self, filename: Any, separator: str = ",", append: bool = False) -> None:
        self.filename = Path(filename)
        self.separator = arguments.text(separator, owner="CSVLogger", argument="separator")
        self.append = arguments.truth(append, owner="CSVLogger", argument="append")
        self.keys: list[str] = []

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Start a file, or go on with the one that is there."""
        del logs
        there = self.append and self.filename.is_file() and self.filename.stat().st_size > 0
        self.keys = []
        if there:
            with self.filename.open(encoding="utf-8") as file:
                self.keys = file.readline().rstrip("\n").split(self.separator)[1:]
        else:
            self.filename.write_text("", encoding="utf-8")

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Write the epoch's line; before the first one, the names."""
        found = logs or {}
        lines = []
        if not self.keys:
            self.keys = sorted(found)
            lines.append(["epoch", *self.keys])
        lines.append([str(epoch), *(str(found.get(key, "NA")) for key in self.keys)])
        with self.filename.open("a", encoding="utf-8") as file:
            file.writelines(f"{self.separator.join(line)}\n" for line in lines)


def _verbose(owner: Callback, value: Any) -> int:
    return arguments.count(
        int(value) if isinstance(value, bool) else value, owner=type(owner).__name__,
        argument="verbose", minimum=0,
    )  # fmt: skip


def _tell(message: str) -> None:
    if sys.stdout is not None:  # a program without a console has none
        sys.stdout.write(f"{message}\n")


def _note_rate(model: Model, logs: Logs | None) -> None:
    if isinstance(logs, dict):
        logs["learning_rate"] = float(model.optimizer.learning_rate)


def _epochs(owner: Callback, argument: str, value: Any) -> int:
    return arguments.count(value, owner=type(owner).__name__, argument=argument, minimum=0)
