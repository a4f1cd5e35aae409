"""Random numbers for units that are on or off."""

from __future__ import annotations

import numpy as np

from simulator.engine.arrays import FloatArray


def uniform(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> FloatArray:
    """Draws from [0, 1), in float32 or float64."""
    if dtype == "float32":
        return rng.random(shape, np.float32)
    return rng.random(shape)


def on(draws: FloatArray, probabilities: FloatArray | float) -> FloatArray:
    """1 where the draw is less than the probability, else 0; of the draws' type."""
    return np.asarray(draws < probabilities).astype(draws.dtype)


def coins(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> FloatArray:
    """Units that are on by the toss of a coin."""
    return on(uniform(rng, shape, dtype), 0.5)
