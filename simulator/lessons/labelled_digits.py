"""Digits with labels for classifiers, parted into those that are learned from and those held out.

They are black and white, as a Boltzmann machine takes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.engine.layers import Dense
from simulator.engine.optimizers import Adam
from simulator.engine.sequential import Sequential
from simulator.lessons.compression_data import DIGITS, Pictures, picture_set

Labels = NDArray[np.int64]

LEARNED = 1000
"""So many pictures are learned from; all others are held out."""
CLASSES = 10
UPDATES = 100
RATE = 0.05


@dataclass(frozen=True, eq=False)
class LabelledDigits:
    """Pictures (N, 8, 8) of zeros and ones and what they show (N,), learned from and held out."""

    x: Pictures
    y: Labels
    held_x: Pictures
    held_y: Labels


@lru_cache(maxsize=4)
def labelled_digits(seed: int) -> LabelledDigits:
    """Return the digits in an order drawn by a seed: the first are learned from."""
    found = picture_set(DIGITS)
    order = np.random.default_rng(seed).permutation(len(found.x))
    x, y = (found.x[order] >= 0.5).astype(np.float32), found.labels[order]
    for array in (x, y):
        array.setflags(write=False)
    return LabelledDigits(x[:LEARNED], y[:LEARNED], x[LEARNED:], y[LEARNED:])


def classifier(x: NDArray[np.float32], y: Labels, *, seed: int, backend: Backend) -> Sequential:
    """Return one layer of softmax that has learned from rows (N, V): all of them in each update."""
    model = Sequential([Dense(CLASSES, "softmax", name="answer")], seed=seed, backend=backend)
    model.compile(optimizer=Adam(RATE), loss="sparse_categorical_crossentropy")
    model.fit(x, y, epochs=UPDATES, batch_size=len(x), verbose=0)
    return model
