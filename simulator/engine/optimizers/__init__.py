"""How weights follow their gradients, under Keras's names, with its defaults and its arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from simulator.engine import registry
from simulator.engine.optimizers import schedules
from simulator.engine.optimizers.adam import Adam, AdamW, Nadam
from simulator.engine.optimizers.base import Optimizer
from simulator.engine.optimizers.scaled import Adagrad, RMSprop
from simulator.engine.optimizers.sgd import SGD

__all__ = ["SGD", "Adagrad", "Adam", "AdamW", "Nadam", "Optimizer", "RMSprop", "get", "schedules"]

_MAKERS: Mapping[str, Callable[..., Optimizer]] = {
    each.__name__.lower(): each for each in (Adam, AdamW, SGD, RMSprop, Adagrad, Nadam)
}


def get(identifier: Optimizer | str | dict[str, Any]) -> Optimizer:
    """The optimizer of that name, in capitals or not, with its defaults.

    Raises ValueError for an unknown name, TypeError for anything that is no optimizer.
    """
    if isinstance(identifier, str):
        identifier = identifier.lower()
    if isinstance(identifier, dict) and isinstance(identifier.get("class_name"), str):
        identifier = {**identifier, "class_name": identifier["class_name"].lower()}
    return registry.find("optimizer", Optimizer, _MAKERS, identifier)
