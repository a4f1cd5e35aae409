"""The lesson that puts autoencoders beside principal component analysis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.engine.pca import angles
from simulator.lessons import entries
from simulator.lessons.autoencoder_layers import DEEP, LINEAR
from simulator.lessons.compression_data import chosen_pictures, pca_of, set_name
from simulator.lessons.controls import Settings
from simulator.lessons.course_controls import (
    ACTIVATION,
    CODE,
    EPOCHS,
    PICTURE_OR_OWN,
    SAMPLE,
    SEED,
)
from simulator.lessons.course_learner import (
    CourseLearner,
    course_learner,
    training_backend,
)
from simulator.lessons.lesson import Lesson, LessonState
from simulator.traces.autoencoder import compression_fact
from simulator.traces.compared import ComparedTrace
from simulator.traces.staged import layout_of

Array = NDArray[Any]

SHOWN = 6
CODE_HERE = replace(CODE, maximum=32, help="How many numbers each of the three may use.")
TRAINING = replace(EPOCHS, default=50)
FUNCTION = replace(
    ACTIVATION,
    shown=lambda _: True,
    help="Of the hidden layers of the non-linear autoencoder.",
)


def learners(settings: Settings, backend: Backend) -> tuple[CourseLearner, CourseLearner]:
    """Return the linear autoencoder, and the one that isn't."""
    common = (
        CODE_HERE.of(settings),
        FUNCTION.of(settings),
        TRAINING.of(settings),
        SEED.of(settings),
    )
    name, learned = training_backend(backend), set_name(PICTURE_OR_OWN.of(settings))
    other = course_learner(learned, DEEP, *common, backend=name)
    # The linear one is smaller, and could have more states: they have to go side by side.
    every = other.updates_per_state
    linear = course_learner(learned, LINEAR, *common, every=every, backend=name)
    return linear, other


def arrays(state: LessonState) -> dict[str, Array]:
    """Return the pictures (S, R, C) that are looked at."""
    chosen, first = PICTURE_OR_OWN.of(state.settings), SAMPLE.of(state.settings)
    return {"original": chosen_pictures(state, chosen, first, SHOWN)}


def build(given: Mapping[str, Array], settings: Settings, backend: Backend) -> ComparedTrace:
    """Return the trace of both trainings beside PCA."""
    linear, other = learners(settings, backend)
    x, pictures = given["original"], linear.pictures
    pca = pca_of(pictures, linear.code_units)
    made = pca.decode(pca.encode(x.reshape(len(x), -1))).astype(np.float32)

    def angle(state: int) -> float:
        kernel = linear.course.after(state)["picture/kernel"]
        return float(angles(kernel, pca.components)[-1])

    rows, columns = pictures.shape
    return ComparedTrace(
        linear,
        other,
        x,
        made.reshape(x.shape),
        np.zeros(layout_of(linear.code_units), dtype=np.float32),
        angle=angle,
        fact=compression_fact(rows * columns, linear.code_units),
    )


LESSON = Lesson(
    entry=entries.AGAINST_PCA,
    controls=(PICTURE_OR_OWN, SAMPLE, CODE_HERE, FUNCTION, TRAINING, SEED),
    remakes={"original": frozenset({"picture", "sample"})},
    arrays=arrays,
    build=build,
    scene="compare",
    text="against_pca",
    noticed=lambda state, _: "" if CODE_HERE.of(state.settings) == 2 else "longer",
)
