"""What `compile` makes of a network, and training by hand, one batch at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from simulator.engine import memory, names, optimizers
from simulator.engine.compilation import Compilation, Goal, Scores, refuse_aimless
from simulator.engine.data import Data, DataError, class_weights, targets_of, weights_of
from simulator.engine.network import Network
from simulator.engine.optimizers import Optimizer
from simulator.engine.steps import Result, Trainer, quiet, run_forward

if TYPE_CHECKING:
    from simulator.engine.callbacks import History
    from simulator.engine.training import TrainingRun

_IGNORED = ("run_eagerly", "steps_per_execution", "jit_compile", "auto_scale_loss")


class Trainable(Network):
    """A network with a loss to make smaller. `Model` adds training by epochs."""

    def _prepare_training(self) -> None:
        self.stop_training = False
        self.history: History | None = None
        self._compilation: Compilation | None = None
        self._trainer: Trainer | None = None
        self._run: TrainingRun | None = None
        self._running: Scores | None = None  # of train_on_batch and test_on_batch

    @property
    def compiled(self) -> bool:
        """Whether `compile` was called."""
        return self._compilation is not None

    @property
    def optimizer(self) -> Optimizer:
        """The optimizer. Raises ValueError before `compile`."""
        return self._compiled.optimizer

    @property
    def _compiled(self) -> Compilation:
        if self._compilation is None:
            raise ValueError(f"{self.described} is not compiled: call compile first.")
        return self._compilation

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        **unknown: Any,
    ) -> None:
        """Choose how to train. Keras's settings of speed alone are taken and have no effect.

        `weighted_metrics` heed the weights of samples and classes, `metrics` do not.

        Raises ValueError for unknown names, with the nearest known one.
        """
        wrong = [each for each in unknown if each not in _IGNORED]
        if wrong:
            valid = ("optimizer", "loss", "loss_weights", "metrics", "weighted_metrics", *_IGNORED)
            raise names.unexpected("compile", wrong, valid)
        compilation = Compilation(
            optimizers.get(optimizer), loss, metrics, loss_weights, weighted_metrics
        )
        compilation.check()
        self._compilation = compilation
        self.reset_metrics()
        self._trainer = None
        self.stop_training = False

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Mapping[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """One update with all these samples. Loss and metrics are those before it, and means over
        all batches since the last `reset_metrics`, `fit` or `evaluate`, as in Keras.

        Raises FloatingPointError if the loss is not finite: then nothing is changed.
        """
        data = self._data(x, y, sample_weight)
        if class_weight is not None:
            data = self._weighted(data, class_weight)
        memory.refuse_answers(self, len(data))
        goals = self._compiled.goals(self.ports[1], data.y)
        refuse_aimless(goals, self.layers, model=self.described)
        if self._trainer is None or self._trainer.trained != self.trainable_names:
            self._trainer = Trainer(self, goals, self.optimizer)
        self._trainer.goals = goals
        self._trainer.refuse_if_too_large(len(data))
        result, found = self._trainer.step(data, self.context(training=True))
        if found is not None:
            raise FloatingPointError(
                f"The loss of this batch is not finite: the {found.what} of the layer "
                f"{found.layer!r} broke. The weights are as they were before the last update."
            )
        return self._counted(goals, result, data, return_dict)

    @quiet
    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """Loss and metrics of these samples, as `train_on_batch` counts them, without an update."""
        data = self._data(x, y, sample_weight)
        memory.refuse_pass(self, len(data))
        goals = self._compiled.goals(self.ports[1], data.y)
        result, _ = run_forward(self, goals, data, self.context(training=False))
        return self._counted(goals, result, data, return_dict)

    def predict_on_batch(self, x: Any) -> Any:
        """The outputs for these samples, all at once."""
        inputs = self.data_in(x)
        outputs = self.outputs_in_batches(inputs, len(inputs[0]))
        return outputs[0] if len(outputs) == 1 else outputs

    def reset_metrics(self) -> None:
        """Let `train_on_batch` and `test_on_batch` count from the start."""
        self._running = None

    @property
    def metrics_names(self) -> list[str]:
        """What `evaluate` returns, in its order. Raises ValueError before there are data."""
        if self._trainer is None:
            raise ValueError(f"{self.described} knows its metrics once it has been trained.")
        return list(Scores(self._trainer.goals).result())

    def _counted(
        self, goals: tuple[Goal, ...], result: Result, data: Data, return_dict: bool
    ) -> Any:
        if self._running is None:
            self._running = Scores(goals)
            self._running.reset()
        self._running.add(result, data)
        return returned(self._running.result(), return_dict)

    def _data(self, x: Any, y: Any = None, sample_weight: Any = None) -> Data:
        inputs = self.data_in(x)
        if y is None:
            raise DataError(f"{self.described}: there are no targets: give y.")
        targets = targets_of(y, self.ports[1], len(inputs[0]), model=self.described)
        return Data(inputs, targets, weights_of(sample_weight, targets, self.dtype))

    def _weighted(self, data: Data, class_weight: Mapping[int, float]) -> Data:
        return replace(data, weight=(class_weights(class_weight, data.y, self.dtype),))


def returned(logs: dict[str, Any], return_dict: bool) -> Any:
    """Loss and metrics as a list, as one number if there is one, or by name if that is wanted."""
    if return_dict:
        return dict(sorted(logs.items()))
    values = list(logs.values())
    return values[0] if len(values) == 1 else values
