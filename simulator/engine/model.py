"""Models as Keras has them: compile, fit, evaluate, predict, and what lies below, step by step."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from simulator.engine import arguments, memory, names, summary
from simulator.engine.callbacks import Callback, History
from simulator.engine.compilation import Scores, refuse_aimless
from simulator.engine.data import (
    DataError,
    split,
    with_batch,
)
from simulator.engine.fitting import drive
from simulator.engine.graph import Graph
from simulator.engine.judging import evaluate
from simulator.engine.layers.base import Cache, Gradients
from simulator.engine.layers.inputs import tensors_of
from simulator.engine.layers.tensors import Tensor
from simulator.engine.steps import Trainer, quiet, run_backward, run_forward
from simulator.engine.trainable import Trainable, returned
from simulator.engine.training import Snapshot, TrainingRun

_OWN = ("self", "x", "y", "batch_size", "epochs", "resume_from", "steps_per_event")


class Model(Trainable):
    """A network of layers that can be trained.

    Made from tensors, `Model(inputs, outputs)`; several of either as a list. `seed` settles
    everything that is random about it, and can be read where none was given.
    """

    def __init__(
        self,
        inputs: Tensor | Sequence[Tensor],
        outputs: Tensor | Sequence[Tensor],
        *,
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(name=names.unique("functional") if name is None else name, **options)
        self._prepare_training()
        self._graph = Graph(tensors_of(inputs, "inputs"), tensors_of(outputs, "outputs"))
        self.chain = self._graph.is_chain
        self._finish()

    def _finish(self) -> None:
        self.build()
        if not self._trainable:
            self.trainable = False

    @property
    def inputs(self) -> list[Tensor]:
        """The tensors that go in."""
        return list(self.graph.inputs)

    @property
    def outputs(self) -> list[Tensor]:
        """The tensors that come out."""
        return list(self.graph.outputs)

    def training(
        self,
        x: Any,
        y: Any = None,
        *,
        batch_size: int | None = None,
        epochs: int = 1,
        validation_split: float | None = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: Mapping[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        validation_batch_size: int | None = None,
        validation_freq: int = 1,
        seed: int | None = None,
        resume_from: Snapshot | None = None,
        steps_per_event: int = 1,
    ) -> TrainingRun:
        """Training as an iterator of events: between any two of them a caller can stop for good,
        or copy a `snapshot` out. With `resume_from`, it goes on where that was taken. An event may
        stand for several batches, `steps_per_event`: for small networks that is much faster, and
        changes nothing else.

        Raises DataError, ShapeError or NetworkTooLarge before anything is trained.
        """
        if sample_weight is not None and class_weight is not None:
            raise DataError("Give either sample_weight or class_weight, not both.")
        data = self._data(x, y, sample_weight)
        validation = None
        if validation_data is not None:
            if not isinstance(validation_data, list | tuple) or len(validation_data) not in (2, 3):
                raise DataError("validation_data must be (x, y) or (x, y, sample_weight).")
            validation = self._data(*validation_data)
        elif validation_split is not None and validation_split != 0:
            data, validation = split(data, validation_split)
        if class_weight is not None:  # for training alone, as in Keras
            data = self._weighted(data, class_weight)
        size = _batch_size(batch_size)
        passes = {
            name: arguments.count(
                value, owner="fit", argument=name, minimum=least, maximum=sys.maxsize
            )
            for name, value, least in (
                ("epochs", epochs, 0),
                ("initial_epoch", initial_epoch, 0),
                ("validation_freq", validation_freq, 1),
                ("steps_per_event", steps_per_event, 1),
            )
        }
        self.reset_metrics()
        if seed is not None:
            self.rng = np.random.default_rng(arguments.seed(seed, owner="fit"))
        memory.refuse_answers(self, min(size, len(data)))
        goals = self._compiled.goals(self.ports[1], data.y)
        refuse_aimless(goals, self.layers, model=self.described)
        if validation is not None:  # its targets are looked at as those of training are
            self._compiled.goals(self.ports[1], validation.y)
        validation_size = _batch_size(validation_batch_size, size)
        trainer = Trainer(self, goals, self.optimizer)
        memory.refuse_training(trainer, data, size, validation, validation_size)
        self._trainer = trainer
        self._run = TrainingRun(
            self,
            self._trainer,
            data,
            validation,
            batch_size=size,
            validation_batch_size=validation_size,
            shuffle=bool(shuffle),
            **passes,
        )
        if resume_from is not None:
            self.restore(resume_from)
        return self._run

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: int | str = "auto",
        callbacks: Callback | Sequence[Callback] | None = None,
        **options: Any,
    ) -> History:
        """Train, and return the history. The options are those of `training`.

        `verbose` is 0 (nothing), 1 (a progress bar), 2 (a line per epoch) or "auto": a bar on a
        terminal, lines elsewhere. If training diverges, the history ends there, and
        `history.diverged` tells the step and the layer.
        """
        valid = [each for each in inspect.signature(Model.training).parameters if each not in _OWN]
        unknown = [each for each in options if each not in valid]
        if "steps_per_epoch" in unknown or "validation_steps" in unknown:
            raise ValueError(
                "fit: an epoch goes once through all the data here: leave out steps_per_epoch and "
                "validation_steps, and give arrays with as many samples as one epoch is to have."
            )
        if unknown:
            raise names.unexpected(
                "fit", unknown, ["batch_size", "epochs", "verbose", "callbacks", *valid]
            )
        run = self.training(x, y, batch_size=batch_size, epochs=epochs, **options)
        return drive(self, run, verbose=verbose, callbacks=callbacks, stream=sys.stdout)

    @quiet
    def evaluate(
        self,
        x: Any,
        y: Any = None,
        batch_size: int | None = None,
        verbose: int | str = 0,
        sample_weight: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """The loss, or a list of the loss and the metrics, over all samples. Prints nothing."""
        del verbose
        self.reset_metrics()
        data = self._data(x, y, sample_weight)
        size = _batch_size(batch_size)
        memory.refuse_outputs(self, len(data), size)
        scores = Scores(self._compiled.goals(self.ports[1], data.y))
        evaluate(self, scores, data, size)
        return returned(scores.result(), return_dict)

    def predict(self, x: Any, batch_size: int | None = None, verbose: int | str = 0) -> Any:
        """The outputs for all samples. Prints nothing."""
        del verbose
        inputs = self.data_in(x)
        size = _batch_size(batch_size)
        outputs = self.outputs_in_batches(inputs, size)
        return outputs[0] if len(outputs) == 1 else outputs

    @quiet
    def trace_forward(self, x: Any, *, training: bool = False) -> dict[str, Cache]:
        """Every layer's cache of named arrays, by the layer's name ("name:1" for the second call
        of a shared layer). One sample may come without its batch axis.
        """
        graph = self.graph
        inputs = self.data_in(with_batch(x, self.ports[0]))
        memory.refuse_pass(self, len(inputs[0]))
        run = graph.forward(inputs, self.context(training=training))
        return {step.key: cache for step, cache in zip(graph.steps, run.caches, strict=True)}

    @quiet
    def gradients(
        self, x: Any, y: Any, sample_weight: Any = None, *, training: bool = False
    ) -> dict[str, Gradients]:
        """For each layer, ∂L/∂weight by the weights' names and ∂L/∂output as "output"; for each
        input layer, "output" is ∂L/∂input.
        """
        data = self._data(x, y, sample_weight)
        memory.refuse_gradients(self, len(data))
        goals = self._compiled.goals(self.ports[1], data.y)
        context = self.context(training=training, input_gradient=True)
        _, run = run_forward(self, goals, data, context)
        found = run_backward(self, goals, data, run, context, everything=True)
        result: dict[str, Gradients] = {}
        for tensor, slope in zip(self.graph.inputs, found.inputs, strict=True):
            result[tensor.node.layer.name] = {"output": slope}
        for step in self.graph.steps:
            own = result.setdefault(step.key, {})
            slopes = found.activations.get(step.key)
            if isinstance(slopes, tuple):
                own |= {f"output:{index}": slope for index, slope in enumerate(slopes)}
            elif slopes is not None:
                own["output"] = slopes
        for key, gradient in found.weights.items():
            layer, _, name = key.partition("/")
            result.setdefault(layer, {})[name] = gradient
        return result

    def snapshot(self) -> Snapshot:
        """A copy of all that training changes: weights, optimizer, chance, and where a run is."""
        self.context(training=True)
        return Snapshot(
            {name: weight.copy() for name, weight in self.weights.items()},
            None if self._compilation is None else _copied(self.optimizer.state),
            _copied(self.rng.bit_generator.state),
            {
                name: _copied(rng.bit_generator.state)
                for name, rng in (self._generators or {}).items()
            },
            None if self._run is None else self._run.position,
        )

    def restore(self, snapshot: Snapshot) -> None:
        """Put everything back; a run under way goes on from where the snapshot was taken.

        Raises ValueError for the snapshot of another network.
        """
        if not isinstance(snapshot, Snapshot):
            raise TypeError(f"restore takes what snapshot gave, not {names.shown(snapshot)}.")
        weights = self.weights
        shapes = [weight.shape for weight in weights.values()]
        if shapes != [weight.shape for weight in snapshot.weights.values()]:
            raise ValueError(f"The snapshot was taken of another network than {self.described}.")
        for weight, kept in zip(weights.values(), snapshot.weights.values(), strict=True):
            weight[...] = kept
        if snapshot.optimizer is not None and self._compilation is not None:
            # A twin of the network may have given its layers other names.
            own = dict(zip(snapshot.weights, weights, strict=True))
            self.optimizer.restore(_copied(snapshot.optimizer), own)
        self.rng.bit_generator.state = _copied(snapshot.rng)
        self.context(training=True)
        for rng, kept_state in zip(
            (self._generators or {}).values(), snapshot.generators.values(), strict=True
        ):
            rng.bit_generator.state = _copied(kept_state)
        if self._run is not None and snapshot.position is not None:
            self._run.position = snapshot.position

    def summary(
        self,
        line_length: int | None = None,
        print_fn: Callable[[str], Any] | None = None,
    ) -> None:
        """Print the table of layers, output shapes and parameters."""
        text = "\n".join(summary.lines(self, line_length))
        if print_fn is None:
            sys.stdout.write(text + "\n")
        else:
            print_fn(text)


def _batch_size(value: Any, default: int = 32) -> int:
    if value is None:
        return default
    return arguments.count(value, owner="fit", argument="batch_size")


def _copied(state: Any) -> Any:
    if isinstance(state, Mapping):
        return {name: _copied(value) for name, value in state.items()}
    return state.copy() if isinstance(state, np.ndarray) else state
