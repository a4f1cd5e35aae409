"""The classifiers of dense layers that a lesson trains: points of a plane, or small pictures."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.data import datasets
from simulator.engine.backends.base import Backend
from simulator.engine.optimizers import Adam
from simulator.lessons.compression_data import DIGITS, MOST_SAMPLES, picture_set
from simulator.lessons.controls import Option
from simulator.lessons.own_network import OwnLayer, network
from simulator.lessons.training_courses import MOST_EPOCHS, Course

Array = NDArray[Any]

CLOUDS, CIRCLE = "clouds", "circle"
SETS = (
    Option(CLOUDS, "Points in three clouds"),
    Option(CIRCLE, "Points in and around a circle"),
    Option(DIGITS, "Handwritten digits, 8 × 8"),
)
MADE = 1000
"""So many points are made."""
RATE = 0.01
BATCH = 32
CROSS_ENTROPY = json.dumps({"class_name": "SparseCategoricalCrossentropy", "config": {}})


@dataclass(frozen=True, eq=False)
class ClassifiedSet:
    """Samples (N, R, C), the number of the class of each (N,), and what the classes are called.

    The first ``MOST_SAMPLES`` are held back: no network learns from them.
    """

    x: Array
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    pictures: bool = False

    @property
    def size(self) -> int:
        """How many numbers a sample has."""
        return int(self.x[0].size)


@lru_cache(maxsize=4)
def classified_set(name: str) -> ClassifiedSet:
    """Return a set by its name."""
    if name == DIGITS:
        found = picture_set(DIGITS)
        return ClassifiedSet(found.x, found.labels, found.classes, pictures=True)
    identity = {CLOUDS: "blobs", CIRCLE: "circle"}[name]
    settings: dict[str, float] = {"samples": MADE, "train_share": 0.95, "noise": 0.05}
    if name == CLOUDS:
        settings["classes"] = 3
    made = datasets.make(identity, settings, seed=0)
    assert made.labels is not None
    assert made.classes is not None
    # Of coordinates up to 6 a tanh would make ±1 at once.
    x = made.x[:, None, :] / np.float32(4)
    return ClassifiedSet(x, made.labels.astype(np.int64), made.classes)


def layers_of(hidden: int, activation: str, classes: int) -> tuple[str, ...]:
    """Return the layers, told as JSON: a hidden one if it has units, then a unit for each class."""
    row = [OwnLayer("Dense", "hidden", {"units": hidden, "activation": activation})]
    last = OwnLayer("Dense", "output", {"units": classes, "activation": "softmax"})
    return tuple(map(str, [*(row if hidden else []), last]))


@lru_cache(maxsize=12)
def classifier_course(name: str, layers: tuple[str, ...], seed: int) -> Course:
    """Return the training of such a network, with Adam on the cross-entropy."""
    found = classified_set(name)
    x = found.x[MOST_SAMPLES:].reshape(-1, found.size)
    model = network(layers, (found.size,), seed=seed, backend=Backend())
    model.compile(optimizer=Adam(RATE), loss="sparse_categorical_crossentropy")
    run = model.training(x, found.labels[MOST_SAMPLES:], epochs=MOST_EPOCHS, batch_size=BATCH)
    return Course(model, run)
