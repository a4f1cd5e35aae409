"""What the parts of a table under construction share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from simulator.engine.arrays import Array, FloatArray
from simulator.engine.backends import cpu_convolution_steps, cpu_data_steps
from simulator.engine.backends.cpu_activate import LINEAR, RELU, SIGMOID, TANH
from simulator.engine.backends.cpu_build_updates import Updates
from simulator.engine.backends.cpu_machine import Tape
from simulator.engine.backends.program import Chain, NotCompiled, Parameter

ACTIVATIONS = {"linear": LINEAR, "relu": RELU, "sigmoid": SIGMOID, "tanh": TANH}
OVER_CLASSES = ("categorical_crossentropy", "sparse_categorical_crossentropy")
"""The losses that come with softmax."""

PART = 100_000
"""Products that make a part worth the handing over: some microseconds."""
WEIGHTS_OF_A_PART = 4096


class Value:
    """What a stage gives: its numbers, and where the slopes by them go."""

    def __init__(self, y: FloatArray, activation: int = LINEAR) -> None:
        self.y = y  # (B, …)
        self.activation = activation  # what made y, to be undone by whoever writes the slopes
        self.slopes: FloatArray | None = None  # before that activation, (B, …)
        self.turned: FloatArray | None = None  # the same, (…, B), where a dense stage made y


class Part(ABC):
    """A stage in the table."""

    def __init__(self, chain: Chain, tape: Tape, updates: Updates, x: Value) -> None:
        self.chain, self.tape, self.updates, self.x = chain, tape, updates, x
        self.batch = chain.batch
        self.y: Value

    trained = False
    """Whether it has weights to train."""
    wants_turned = False
    """Whether its way back to x needs the slopes turned as well."""

    @abstractmethod
    def backward(self, *, to_x: bool) -> None:
        """Write the way back: the slopes of x, if they are wanted, and the updates."""

    def split(self, products: int, count: int, step: int = 1) -> tuple[int, int]:
        """How many parts, and of how many of `count` things each, a multiple of `step`."""
        return split(products, count, step)

    def update(self, parameter: Parameter | None) -> Array | None:
        """The row that says how an array is updated; None where it is frozen."""
        return None if parameter is None else self.updates.row(parameter)

    def apply(self, parameter: Parameter | None, gradient: FloatArray) -> None:
        """Append the update of an array by its whole gradient."""
        if parameter is not None:
            size = gradient.size
            self.tape.add(
                cpu_convolution_steps.apply, -(-size // WEIGHTS_OF_A_PART), gradient,
                self.update(parameter), size, WEIGHTS_OF_A_PART,
            )  # fmt: skip

    def turn_slopes(self) -> None:
        """Append what makes the turned slopes of x, where somebody needs them."""
        if self.x.turned is not None:
            self.tape.add(
                cpu_data_steps.turn, 1, self.x.slopes, self.x.turned, self.batch,
                self.x.y[0].size,
            )  # fmt: skip

    def activation(self, name: str, *, is_last: bool) -> int:
        """The kernels' number for an activation; softmax is the loss's."""
        over_classes = is_last and self.chain.loss in OVER_CLASSES
        if name == "softmax" and is_last and (over_classes or self.chain.loss is None):
            return LINEAR
        if over_classes or name not in ACTIVATIONS:
            raise NotCompiled(f"the activation {name} there")
        return ACTIVATIONS[name]


def split(products: int, count: int, step: int = 1) -> tuple[int, int]:
    """How many parts, and of how many of `count` things each, a multiple of `step`.

    Products are counted as if vectors were always full.
    """
    parts = max(1, min(-(-count // step), products // PART))
    each = -(-count // parts)
    each = -(-each // step) * step
    return -(-count // each), each


def given(*values: Any) -> tuple[Any, ...]:
    """Numbers and pairs of numbers, one after another."""
    flat: list[Any] = []
    for value in values:
        flat += value if isinstance(value, tuple) else (value,)
    return tuple(flat)
