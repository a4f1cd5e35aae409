"""The lesson in which a classifier reads a Boltzmann machine's hidden units instead of pixels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.engine.optimizers import SGD
from simulator.engine.rbm import BernoulliRBM
from simulator.engine.sequential import Sequential
from simulator.lessons import entries
from simulator.lessons.boltzmann import EPOCHS, HIDDEN, RATE, SEED
from simulator.lessons.compression_data import refuse_grey
from simulator.lessons.controls import Settings
from simulator.lessons.labelled_digits import CLASSES, LEARNED, classifier, labelled_digits
from simulator.lessons.lesson import Lesson, LessonState
from simulator.lessons.training_courses import MOST_EPOCHS, RBM_BATCH, Course
from simulator.traces.featured import FeaturedTrace
from simulator.traces.formula import Fact, Message
from simulator.traces.numbers import count

Array = NDArray[Any]

SIZES = (25, 50, 100, 200, 500, LEARNED)
SHOWN = 8

UNITS = replace(HIDDEN, default=64)
SPEED_OF_LEARNING = replace(RATE, section="Machine", default=0.05)
TRAINED = replace(
    EPOCHS,
    section="Machine",
    default=30,
    help="How often the machine has seen the pictures, without their labels.",
)
LAST = replace(
    SEED, section="Machine", help="Which pictures are held out, and what is drawn in training."
)


class FeatureTrials:
    """Two classifiers, one on pixels and one on hidden probabilities, with the same labels."""

    lanes = ("Pixels", "Hidden units")
    measures = ("accuracy",)
    sizes = SIZES
    classes = CLASSES

    def __init__(self, machine: BernoulliRBM, *, seed: int, backend: Backend) -> None:
        """Take a trained machine."""
        self._machine = machine
        self._seed = seed
        self._backend = backend
        self._models: dict[tuple[int, int], Sequential] = {}

    def scores(self, trial: int, extra: Array | None, held: Array, labels: Array) -> Array:
        """Return the accuracies (2, 1) on pictures (N, R, C)."""
        del extra
        found = self.answers(trial, held).argmax(axis=2)
        return np.asarray((found == labels[:, None]).mean(axis=0)[:, None])

    def answers(self, trial: int, pictures: Array) -> Array:
        """Return the probabilities (S, 2, classes) for pictures (S, R, C)."""
        return np.stack(
            [
                self._model(trial, lane).predict(self._read(lane, pictures), verbose=0)
                for lane in range(len(self.lanes))
            ],
            axis=1,
        )

    def _read(self, lane: int, pictures: Array) -> Array:
        """Return what a classifier is shown (S, V or H)."""
        rows = pictures.reshape(len(pictures), -1).astype(np.float32)
        return self._machine.hidden_probabilities(rows) if lane else rows

    def _model(self, trial: int, lane: int) -> Sequential:
        key = (trial, lane)
        if key not in self._models:
            data, size = labelled_digits(self._seed), SIZES[trial]
            x = self._read(lane, data.x[:size])
            self._models[key] = classifier(x, data.y[:size], seed=self._seed, backend=self._backend)
        return self._models[key]


@lru_cache(maxsize=8)
def course(hidden: int, rate: float, seed: int) -> Course:
    """Return the training of a machine on the pictures that are learned from."""
    x = labelled_digits(seed).x
    machine = BernoulliRBM(
        x[0].size, hidden, optimizer=SGD(rate), stddev=0.1, seed=seed, backend=Backend()
    )
    run = machine.training(x.reshape(len(x), -1), epochs=MOST_EPOCHS, batch_size=RBM_BATCH)
    return Course(machine, run)


def arrays(state: LessonState) -> dict[str, Array]:
    """Return some of the pictures that are held out (S, R, C)."""
    return {"shown": np.array(labelled_digits(LAST.of(state.settings)).held_x[:SHOWN])}


def build(given: Mapping[str, Array], settings: Settings, backend: Backend) -> FeaturedTrace:
    """Return the trace; raises ``StateError`` for a picture that isn't of zeros and ones."""
    shown, seed = given["shown"], LAST.of(settings)
    refuse_grey("picture", shown)
    weights = course(UNITS.of(settings), SPEED_OF_LEARNING.of(settings), seed).after(
        TRAINED.of(settings)
    )
    machine = BernoulliRBM(shown[0].size, UNITS.of(settings), backend=backend)
    for name, weight in machine.weights.items():
        weight[...] = weights[name]
    data = labelled_digits(seed)
    return FeaturedTrace(
        machine,
        shown,
        FeatureTrials(machine, seed=seed, backend=backend),
        data.held_x,
        data.held_y,
        fact=Fact(
            "Classifier",
            r"\hat{y} = \mathrm{softmax}(x W + b)",
            Message(
                "The machine has seen {count} pictures without labels; the labels are few.",
                {"count": count(LEARNED)},
            ),
        ),
    )


def noticed(state: LessonState, _: int) -> str:
    """Return what suits how well the machine is trained."""
    return "" if TRAINED.of(state.settings) else "untrained"


LESSON = Lesson(
    entry=entries.LEARNED_FEATURES,
    controls=(UNITS, SPEED_OF_LEARNING, TRAINED, LAST),
    remakes={"shown": frozenset({"seed"})},
    arrays=arrays,
    build=build,
    scene="features",
    text="learned_features",
    noticed=noticed,
)
