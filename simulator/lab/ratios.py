"""How far an update goes, beside the size of what it updates."""

from __future__ import annotations

import numpy as np

from simulator.engine.layers.base import Array
from simulator.engine.steps import Trainer, quiet


@quiet
def update_ratios(trainer: Trainer) -> dict[str, float]:
    """By layer, ‖last update‖ / ‖weights before it‖; empty before a trainer's first step."""
    squares: dict[str, tuple[float, float]] = {}
    for name, before in trainer.before.items():
        layer = name.partition("/")[0]
        change, size = squares.get(layer, (0.0, 0.0))
        squares[layer] = (
            change + _square(trainer.parameters[name] - before),
            size + _square(before),
        )
    return {
        layer: float(np.sqrt(change / size)) if size else 0.0
        for layer, (change, size) in squares.items()
    }


def _square(array: Array) -> float:
    flat = array.ravel()
    return float(np.dot(flat, flat))
