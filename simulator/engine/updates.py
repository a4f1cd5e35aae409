"""Optimizers as programs take them: a kind of update, and the numbers of each step.

The formulas stand in `simulator.engine.optimizers`; a program computes them in the same order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from simulator.engine.arrays import FloatArray
from simulator.engine.backends.program import NotCompiled
from simulator.engine.optimizers import SGD, Adagrad, Adam, AdamW, Optimizer, RMSprop

RATE, DECAY, A, B, REST_A, REST_B, C, LIMIT = range(8)
"""The numbers of a step; see `simulator.engine.backends.cpu_update_steps`."""


def kind_of(optimizer: Optimizer) -> str:
    """The kind of update. Raises NotCompiled for options that need more than two numbers for each
    weight.
    """
    if optimizer.gradient_accumulation_steps or optimizer.use_ema:
        raise NotCompiled(f"an option of {optimizer.name}")
    match optimizer:
        case SGD():
            if not optimizer.momentum:
                return "sgd"
            return "nesterov" if optimizer.nesterov else "momentum"
        case RMSprop() if not optimizer.centered and not optimizer.momentum > 0:
            return "rmsprop"
        case Adagrad():
            return "adagrad"
        case Adam() | AdamW() if not optimizer.amsgrad:
            return "adam"
    raise NotCompiled(f"the optimizer {optimizer.name}")


def clipping_of(optimizer: Optimizer) -> tuple[str, float]:
    """What of a gradient is limited, as `Chain.clipping` names it, and the limit."""
    for kind, limit in (
        ("norm", optimizer.clipnorm),
        ("global_norm", optimizer.global_clipnorm),
        ("value", optimizer.clipvalue),
    ):
        if limit:
            return kind, limit
    return "", 0.0


def slots_of(optimizer: Optimizer, name: str, weights: FloatArray) -> tuple[FloatArray, ...]:
    """The arrays that the optimizer keeps for these weights, made where there are none yet."""
    match optimizer:
        case SGD():
            return (optimizer.slot("momentum", name, weights),) if optimizer.momentum else ()
        case RMSprop():
            return (optimizer.slot("velocity", name, weights),)
        case Adagrad():
            fill = optimizer.initial_accumulator_value
            return (optimizer.slot("accumulator", name, weights, fill),)
    return optimizer.slot("momentum", name, weights), optimizer.slot("velocity", name, weights)


def numbers_of(optimizer: Optimizer, steps: int, dtype: Any) -> FloatArray:
    """What the next steps take: (steps, 8), in the weights' type, in which Keras counts too."""
    number = np.dtype(dtype).type
    rates = optimizer.learning_rates(steps).astype(number)
    numbers = np.zeros((steps, 8), number)
    numbers[:, RATE] = rates
    numbers[:, LIMIT] = clipping_of(optimizer)[1]
    if optimizer.weight_decay:
        numbers[:, DECAY] = number(optimizer.weight_decay) * rates
    match optimizer:
        case SGD():
            numbers[:, A] = optimizer.momentum
        case RMSprop():
            numbers[:, A], numbers[:, REST_A] = optimizer.rho, 1 - optimizer.rho
            numbers[:, B] = optimizer.epsilon
        case Adagrad():
            numbers[:, B] = optimizer.epsilon
        case Adam():
            step = np.arange(1, steps + 1) + optimizer.iterations
            first, second = (
                _shrunk(optimizer.beta_1, step, number),
                _shrunk(optimizer.beta_2, step, number),
            )
            numbers[:, RATE] = rates * np.sqrt(1 - second) / (1 - first)
            numbers[:, A], numbers[:, B] = optimizer.beta_1, optimizer.beta_2
            numbers[:, REST_A], numbers[:, REST_B] = 1 - optimizer.beta_1, 1 - optimizer.beta_2
            numbers[:, C] = optimizer.epsilon
    return numbers


def _shrunk(beta: float, step: Any, number: Callable[..., Any]) -> Any:
    """βᵗ, with β rounded to the weights' type, and then the power."""
    return (float(number(beta)) ** step.astype(np.float64)).astype(number)
