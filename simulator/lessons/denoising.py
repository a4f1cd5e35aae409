"""The lesson in which an autoencoder learns to take noise away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.lessons import entries
from simulator.lessons.compression_data import chosen_pictures, set_name
from simulator.lessons.controls import ChoiceControl, Option, RealControl, Settings
from simulator.lessons.course_controls import (
    ACTIVATION,
    CODE,
    EPOCHS,
    PICTURE_OR_OWN,
    SAMPLE,
    SEED,
    VARIANT,
)
from simulator.lessons.course_learner import (
    CourseLearner,
    course_learner,
    noisy,
    training_backend,
)
from simulator.lessons.lesson import Lesson, LessonState
from simulator.traces.autoencoder import compression_fact
from simulator.traces.course import CourseTrace
from simulator.traces.staged import layout_of

Array = NDArray[Any]

SHOWN = 8

KIND = ChoiceControl(
    name="noise_kind",
    label="Noise",
    section="Noise",
    options=(
        Option("normal", "Normal, on every cell"),
        Option("salt-pepper", "Salt and pepper"),
        Option("blank", "Wiped out"),
    ),
    default="normal",
    help="What is done to the pictures before the network sees them.",
)
STRENGTH = RealControl(
    name="noise",
    label="Strength",
    section="Noise",
    default=0.4,
    minimum=0.0,
    maximum=1.0,
    stops=tuple(at / 100 for at in range(101)),
    help="Of the noise on view: its deviation, or the share of cells that are hit.",
)
TRAINED = RealControl(
    name="trained_noise",
    label="Trained with",
    section="Noise",
    default=0.4,
    minimum=0.0,
    maximum=1.0,
    help="The strength of the noise that the network learns to take away.",
)
CODE_HERE = replace(
    CODE, default=24, help="How many numbers a picture is squeezed into on the way."
)
LAYERS = replace(
    VARIANT,
    options=tuple(each for each in VARIANT.options if each.value != "variational"),
    default="dense",
)
TRAINING = replace(EPOCHS, default=20)


def learner(settings: Settings, backend: Backend) -> CourseLearner:
    """Return what learns with these settings."""
    return course_learner(
        set_name(PICTURE_OR_OWN.of(settings)),
        LAYERS.of(settings),
        CODE_HERE.of(settings),
        ACTIVATION.of(settings),
        TRAINING.of(settings),
        SEED.of(settings),
        (KIND.of(settings), TRAINED.of(settings)),
        backend=training_backend(backend),
    )


def arrays(state: LessonState) -> dict[str, Array]:
    """Return noisy pictures and the clean ones (S, R, C) that they were."""
    settings = state.settings
    chosen, first = PICTURE_OR_OWN.of(settings), SAMPLE.of(settings)
    clean = chosen_pictures(state, chosen, first, SHOWN)
    # Other noise than in training: what is shown was never seen.
    seed = SEED.of(settings) + 10_000
    made = noisy(clean, KIND.of(settings), STRENGTH.of(settings), seed=seed)
    return {"original": np.array(made), "target": clean}


def build(given: Mapping[str, Array], settings: Settings, backend: Backend) -> CourseTrace:
    """Return the trace of the training."""
    learns = learner(settings, backend)
    rows, columns = learns.pictures.shape
    code = np.zeros(layout_of(learns.code_units), dtype=np.float32)
    return CourseTrace(
        learns,
        given["original"],
        given["target"],
        code,
        fact=compression_fact(rows * columns, learns.code_units),
    )


def noticed(state: LessonState, _: int) -> str:
    """Return what suits the kind of noise, or noise that is other than in training."""
    settings = state.settings
    if STRENGTH.of(settings) > TRAINED.of(settings) + 0.15:
        return "stronger"
    return {"normal": "", "salt-pepper": "salt-pepper", "blank": "blank"}[KIND.of(settings)]


LESSON = Lesson(
    entry=entries.DENOISING,
    controls=(
        *(PICTURE_OR_OWN, SAMPLE),
        *(KIND, STRENGTH, TRAINED),
        *(LAYERS, CODE_HERE, ACTIVATION, TRAINING, SEED),
    ),
    remakes={
        "original": frozenset({"picture", "sample", "noise", "noise_kind", "seed"}),
        "target": frozenset({"picture", "sample"}),
    },
    arrays=arrays,
    build=build,
    scene="course",
    text="denoising",
    noticed=noticed,
)
