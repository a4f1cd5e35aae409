"""Small restricted Boltzmann machines, and data for them."""

from __future__ import annotations

import numpy as np

from simulator.engine.rbm import BernoulliRBM


def machine(visible=4, hidden=3, seed=0, scale=1.0, dtype="float64", **options):
    """One with weights that matter, on the reference backend."""
    made = BernoulliRBM(visible, hidden, seed=seed, dtype=dtype, backend="numpy", **options)
    rng = np.random.default_rng(seed)
    for weights in made.weights.values():
        weights[...] = rng.normal(0, scale, weights.shape)
    return made


def bars(count, seed=0):
    """Two patterns over six units, one of ten units wrong."""
    rng = np.random.default_rng(seed)
    patterns = np.array([[1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]], float)
    data = patterns[rng.integers(0, 2, count)]
    return np.abs(data - (rng.random(data.shape) < 0.1))
