"""One look at a model and its data: passes that several views share are made once."""

from __future__ import annotations

from functools import cached_property
from math import prod

import numpy as np
import numpy.typing as npt

from simulator.engine.data import Data
from simulator.engine.graph import Pass, Slopes
from simulator.engine.layers.base import Array, Shape
from simulator.engine.memory import pass_size
from simulator.engine.model import Model
from simulator.engine.steps import losses_of, penalty, run_backward, run_forward
from simulator.engine.training import TrainingRun

MOST = 1024
"""Samples of held-out data that are looked at."""
MOST_NUMBERS = 2**26
"""Of their answers, about: a quarter of a gigabyte."""
FEWEST = 8
BATCH = 64
"""Samples whose activations and gradients are looked at."""
MOST_BYTES = 2**29
"""Of such a pass, about: fewer samples of a deep network are looked at, a batch of its training at
least.
"""


class Probe:
    """Lazily: outputs for held-out data, and a pass forwards and back over training data.

    Always as in use, not as in training: dropout is off, and nothing random is drawn. Infinities
    and NaN take their course: `look` keeps NumPy quiet about them.
    """

    def __init__(self, model: Model, run: TrainingRun, output: int = 0) -> None:
        """``output`` is the number of the output whose answers are looked at, or the last one."""
        self.model = model
        self.run = run
        self.output = min(output, len(model.ports[1]) - 1)

    @property
    def held_out(self) -> bool:
        """Whether there is data that is not trained with."""
        return self.run.validation is not None

    @cached_property
    def whole(self) -> Data:
        """All held-out data; without any, the training data."""
        return self.run.data if self.run.validation is None else self.run.validation

    @cached_property
    def data(self) -> Data:
        """The first of it: fewer where an answer is of very many numbers."""
        ports, y = self.model.ports[1], self.whole.y
        each = max(
            prod(
                int(own or (given.shape[axis] if axis < given.ndim else 1))
                for axis, own in enumerate(port.shape, 1)
            )
            for port, given in zip(ports, y, strict=True)
        )
        return self.whole[: min(MOST, max(MOST_NUMBERS // max(each, 1), FEWEST))]

    @cached_property
    def outputs(self) -> tuple[Array, ...]:
        """For `data`."""
        return self.outputs_for(self.data.x)

    def outputs_for(self, x: tuple[Array, ...]) -> tuple[Array, ...]:
        """Of the network, in batches of the size that validation has: it has programs for that."""
        return tuple(self.model.outputs_in_batches(x, self.run.validation_batch_size))

    def mask_for(self, data: Data) -> Array | None:
        """Which steps (N, T) of the chosen output count; None where it carries no mask."""
        graph = self.model.graph
        number = graph.output_numbers[self.output]
        if number not in graph.masked:
            return None
        return graph.forward(data.x, self.model.context(training=False)).masks.get(number)

    @property
    def loss(self) -> float:
        """Over `data`, with what regularizers add."""
        return self._scored[0]

    @property
    def masks(self) -> tuple[Array | None, ...]:
        """Which steps (B, T) of the outputs count, where they carry a mask."""
        return self._scored[1]

    @property
    def output_losses(self) -> tuple[float, ...]:
        """Of each output over `data`, as they are before their weights."""
        return self._scored[2]

    @cached_property
    def _scored(self) -> tuple[float, tuple[Array | None, ...], tuple[float, ...]]:
        goals, graph = self.run.trainer.goals, self.model.graph
        if not graph.masked.isdisjoint(graph.output_numbers):  # which steps count, a pass tells
            context = self.model.context(training=False)
            result, _ = run_forward(self.model, goals, self.data, context)
            return result.loss, result.masks, result.output_losses
        own = losses_of(goals, self.outputs, self.data.weight, self.data)
        weighted = sum(g.loss_weight * each for g, each in zip(goals, own, strict=True))
        return float(weighted + penalty(graph.layers)), (), tuple(map(float, own))

    @cached_property
    def forward(self) -> Pass:
        """Over a batch of training data."""
        return self._pass[0]

    @cached_property
    def slopes(self) -> Slopes:
        """Of that batch's loss."""
        return self._pass[1]

    @cached_property
    def _pass(self) -> tuple[Pass, Slopes]:
        each = pass_size(self.model.graph, 1, np.dtype(self.model.dtype).itemsize)
        batch = self.run.data[: min(BATCH, max(MOST_BYTES // max(each, 1), self.run.batch_size))]
        context = self.model.context(training=False, input_gradient=True)
        goals = self.run.trainer.goals
        _, forward = run_forward(self.model, goals, batch, context)
        slopes = run_backward(self.model, goals, batch, forward, context, everything=True)
        return forward, slopes

    @property
    def threshold(self) -> float:
        """Above it, a single number of the output says yes."""
        return self._threshold_of(self.output)

    @property
    def from_logits(self) -> bool:
        """Whether the output's numbers still have to become probabilities: the loss does that."""
        return self._from_logits(self.output)

    @cached_property
    def labels(self) -> npt.NDArray[np.int64] | None:
        """The true class of each sample, or of each of its steps (N, …); None where the output
        tells nothing apart.
        """
        return self.labels_of(self.output)

    def labels_of(self, output: int) -> npt.NDArray[np.int64] | None:
        """The same of another output."""
        return self.classes_in(self.data.y[output], output)

    def classes_in(self, y: Array, output: int) -> npt.NDArray[np.int64] | None:
        """The same of any targets for an output."""
        return _labels(y, self.model.ports[1][output].shape)

    def said_of(self, output: int) -> npt.NDArray[np.int64]:
        """The classes (N, …) that an output says of `data`."""
        return said(self.outputs[output], self._threshold_of(output))

    def _threshold_of(self, output: int) -> float:
        return 0.0 if self._from_logits(output) else 0.5

    def _from_logits(self, output: int) -> bool:
        return bool(getattr(self.run.trainer.goals[output].loss, "from_logits", False))


def _labels(y: Array, shape: Shape) -> npt.NDArray[np.int64] | None:
    """Of targets for outputs of this shape."""
    if y.dtype.kind in "iu" and y.ndim == len(shape):
        return y.astype(np.int64)
    same = y.ndim == len(shape) + 1 and all(
        length in (None, own) for length, own in zip(shape, y.shape[1:], strict=True)
    )
    if not same:
        return None
    if y.shape[-1] == 1:
        values = y[..., 0]
        decided = y.ndim == 2 and ((values == 0) | (values == 1)).all()
        return values.astype(np.int64) if decided else None
    rows = ((y == 0) | (y == 1)).all() and (y.sum(axis=-1) == 1).all()
    return y.argmax(axis=-1) if rows else None


def said(output: Array, threshold: float) -> npt.NDArray[np.int64]:
    """The class of each output (…, K): the largest, or for K = 1 whether it is above a border."""
    if output.shape[-1] == 1:
        return (output[..., 0] > threshold).astype(np.int64)
    largest: npt.NDArray[np.int64] = output.argmax(axis=-1)
    return largest
