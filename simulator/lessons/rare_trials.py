"""A classifier on digits of which one is rare: without help, with copies, with drawn samples."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.engine.optimizers import SGD
from simulator.engine.rbm import BernoulliRBM
from simulator.lessons.labelled_digits import CLASSES, Labels, classifier, labelled_digits

Array = NDArray[Any]

RATE = 0.05
BATCH = 10
LANES = ("Before", "With copies", "With samples")
MEASURES = ("recall", "precision", "accuracy")


class RareTrials:
    """Three classifiers: with the few real pictures, with copies of them, with pictures drawn.

    The last two have as many pictures of the rare class as of the others on average.
    """

    lanes = LANES
    measures = MEASURES

    def __init__(self, digit: int, rare: Array, *, seed: int, backend: Backend) -> None:
        """Take the rare pictures (n, R, C); all other digits are the seed's."""
        self._digit = digit
        self._seed = seed
        self._backend = backend
        self._rare = rare
        self.others, self.labels = others(digit, seed)
        self._without: dict[bytes, Array] = {}

    def scores(self, trial: int, extra: Array | None, held: Array, labels: Array) -> Array:
        """Return the scores of the three, the last trained with the extra pictures as well."""
        del trial
        assert extra is not None
        key = held.tobytes() + labels.tobytes()
        if key not in self._without:
            copies = self._rare[np.arange(len(extra)) % len(self._rare)]
            self._without[key] = np.stack(
                [self._score(more, held, labels) for more in (extra[:0], copies)]
            )
        return np.concatenate([self._without[key], self._score(extra, held, labels)[None]])

    def _score(self, more: Array, held: Array, labels: Array) -> Array:
        x = np.concatenate([self.others, self._rare, more]).astype(np.float32)
        rare = np.full(len(x) - len(self.others), self._digit)
        y = np.concatenate([self.labels, rare])
        model = classifier(x.reshape(len(x), -1), y, seed=self._seed, backend=self._backend)
        found = model.predict(held.reshape(len(held), -1), verbose=0).argmax(axis=1)
        hits = float(((found == self._digit) & (labels == self._digit)).sum())
        recall = hits / max(float((labels == self._digit).sum()), 1.0)
        precision = hits / max(float((found == self._digit).sum()), 1.0)
        return np.array([recall, precision, float((found == labels).mean())])


def others(digit: int, seed: int) -> tuple[Array, Labels]:
    """Return the pictures that are learned from and aren't of the rare class, and their labels."""
    found = labelled_digits(seed)
    kept = found.y != digit
    return found.x[kept], found.y[kept]


def real(digit: int, kept: int, seed: int) -> Array:
    """Return the first pictures (kept, R, C) of the rare class."""
    found = labelled_digits(seed)
    return np.array(found.x[found.y == digit][:kept])


def missing(digit: int, kept: int, seed: int) -> int:
    """Return how many pictures the rare class lacks."""
    return round(len(others(digit, seed)[0]) / (CLASSES - 1)) - kept


@lru_cache(maxsize=8)
def machine_weights(
    digit: int, kept: int, hidden: int, epochs: int, own_epochs: int, seed: int
) -> dict[str, Array]:
    """Return the weights of a machine that has learned from all pictures that there are.

    At last, for so many epochs of their own, it learns from the rare ones alone.
    """
    rare = real(digit, kept, seed)
    every = np.concatenate([others(digit, seed)[0], rare]).reshape(-1, rare[0].size)
    machine = BernoulliRBM(
        every.shape[1], hidden, optimizer=SGD(RATE), stddev=0.1, seed=seed, backend=Backend()
    )
    for x, count in ((every, epochs), (every[-kept:], own_epochs)):
        if count:
            machine.fit(x, epochs=count, batch_size=BATCH)
    return {name: weight.copy() for name, weight in machine.weights.items()}
