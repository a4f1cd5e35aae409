"""What a training begins with, where it is not the seed's weights: those of another training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.engine import Model
from simulator.engine.layers.base import Array
from simulator.formats.program import OptimizerSpec
from simulator.lab.commands import AverageWeights, Command, Reseed, SetWeight
from simulator.lab.errors import HistoryError

if TYPE_CHECKING:
    from simulator.lab.experiment import Experiment

_ONCE = (SetWeight, AverageWeights, Reseed)
"""Commands whose effect is in the weights already, or over."""


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """Weights, as "layer/kernel", and what the optimizer had gathered when they were reached.

    With `commands` the settings that were in force go on too: the learning rate, what is frozen.
    """

    weights: Mapping[str, Array]
    optimizer: OptimizerSpec | None = None
    """Whose moments these are."""
    moments: Mapping[str, Any] = field(default_factory=dict)
    commands: tuple[Command, ...] = ()
    own: bool = False
    """Whether they came with the network, so that they have to fit it."""

    @staticmethod
    def where(experiment: Experiment) -> Start:
        """All that Keras's model keeps from one `fit` to the next, where an experiment stands."""
        state = experiment.timeline.checkpoint().state
        settings: list[Command] = []
        for each in experiment.timeline.commands:
            if not isinstance(each, _ONCE):
                settings = [other for other in settings if not other.replaced_by(each)]
                settings.append(each)
        return Start(
            state.weights,
            experiment.program.compile.optimizer,
            state.optimizer or {},
            tuple(settings),
        )

    @property
    def nbytes(self) -> int:
        """What its arrays take."""
        arrays = (*self.weights.values(), *self.moments.values())
        return sum(each.nbytes for each in arrays if isinstance(each, np.ndarray))

    def put_into(self, model: Model, optimizer: OptimizerSpec) -> bool:
        """Give a compiled model these weights, and the moments if its optimizer is the same; False,
        with nothing done, for weights of another network.

        Raises HistoryError where they came with the network and do not fit it.
        """
        own = model.weights
        if {name: _form(each) for name, each in self.weights.items()} != {
            name: _form(each) for name, each in own.items()
        }:
            if self.own:
                raise HistoryError(f"The weights are damaged: {self._misfit(own)}.")
            return False
        for name, each in self.weights.items():
            own[name][...] = each
        if self.moments and self.optimizer == optimizer:
            copies = {
                name: np.array(each) if isinstance(each, np.ndarray) else each
                for name, each in self.moments.items()
            }
            model.optimizer.restore(copies, {})
        return True

    def _misfit(self, own: Mapping[str, Array]) -> str:
        for name, each in own.items():
            if name not in self.weights:
                return f"{name} is missing"
            if _form(self.weights[name]) != _form(each):
                wrong, right = (f"{one.shape} of {one.dtype}" for one in (self.weights[name], each))
                return f"{name} is {wrong}, but must be {right}"
        return f"the network has no {next(name for name in self.weights if name not in own)}"


def _form(array: Array) -> tuple[tuple[int, ...], str]:
    """What has to be alike: the shape, and that these are broken numbers or whole ones."""
    return array.shape, array.dtype.kind
