"""The lesson in which an autoencoder learns before the learner's eyes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.lessons import entries
from simulator.lessons.autoencoder_layers import TIED
from simulator.lessons.compression_data import chosen_pictures, set_name
from simulator.lessons.controls import Settings
from simulator.lessons.course_controls import (
    ACTIVATION,
    CODE,
    DIVERGENCE,
    EPOCHS,
    PICTURE_OR_OWN,
    SAMPLE,
    SEED,
    SLIDERS,
    SPARSITY,
    TOLD_FROM,
    VARIANT,
    point,
)
from simulator.lessons.course_learner import (
    CourseLearner,
    VariationalLearner,
    course_learner,
    training_backend,
)
from simulator.lessons.lesson import Lesson, LessonState
from simulator.traces.autoencoder import compression_fact
from simulator.traces.course import CourseTrace
from simulator.traces.formula import Fact, Message
from simulator.traces.numbers import count
from simulator.traces.variational import VariationalTrace

Array = NDArray[Any]

VARIATIONAL_FACT = Fact(
    "Loss",
    r"L=\overline{(\hat{x}-x)^2}+\beta\,\mathrm{KL}(N(\mu,\sigma^2)\,\|\,N(0,1))\\ "
    r"z=\mu+\sigma\varepsilon",
    Message("Each code is drawn anew, so that the decoder has to know the places between them."),
)
DREAMS = 12
"""So many codes are drawn from the normal distribution."""
SHOWN = 8
"""So many pictures are looked at."""


def learner(settings: Settings, backend: Backend) -> CourseLearner:
    """Return what learns with these settings."""
    return course_learner(
        set_name(PICTURE_OR_OWN.of(settings)),
        VARIANT.of(settings),
        CODE.of(settings),
        ACTIVATION.of(settings),
        EPOCHS.of(settings),
        SEED.of(settings),
        sparsity=SPARSITY.of(settings),
        divergence=DIVERGENCE.of(settings),
        backend=training_backend(backend),
    )


def _fact(learns: CourseLearner, variant: str, pixels: int) -> Fact:
    if variant == TIED:
        own, untied = learns.parameters
        return Fact(
            "Tied weights",
            r"z=f(f(xW_1)W_2)W_3\\ \hat{x}=\sigma(f(f(zW_3^{\top})W_2^{\top})W_1^{\top})",
            Message(
                "The decoder turns the encoder’s weights around: {own} numbers are learned instead "
                "of {untied}. Each layer also adds a bias of its own.",
                {"own": count(own), "untied": count(untied)},
            ),
        )
    return compression_fact(pixels, learns.code_units)


def _draws(seed: int, samples: int, code: tuple[int, int]) -> tuple[Array, Array]:
    """Return normal draws for the codes of pictures, and such as codes of nothing."""
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(2,)))
    noise = rng.standard_normal((samples, *code), np.float32)
    return noise, rng.standard_normal((DREAMS, *code), np.float32)


def arrays(state: LessonState) -> dict[str, Array]:
    """Return the pictures (S, R, C) that are looked at, and a code (h, w)."""
    settings = state.settings
    chosen, first = PICTURE_OR_OWN.of(settings), SAMPLE.of(settings)
    pictures = chosen_pictures(state, chosen, first, SHOWN)
    return {"original": pictures, "point": point(settings)}


def build(given: Mapping[str, Array], settings: Settings, backend: Backend) -> CourseTrace:
    """Return the trace of the training."""
    learns = learner(settings, backend)
    rows, columns = learns.pictures.shape
    if isinstance(learns, VariationalLearner):
        noise, dreams = _draws(SEED.of(settings), len(given["original"]), learns.code_shape)
        return VariationalTrace(
            learns,
            given["original"],
            given["point"],
            noise=noise,
            dreams=dreams,
            fact=VARIATIONAL_FACT,
        )
    return CourseTrace(
        learns,
        given["original"],
        given["original"],
        given["point"],
        fact=_fact(learns, VARIANT.of(settings), rows * columns),
    )


def noticed(state: LessonState, _: int) -> str:
    """Return what suits the size of the code."""
    code = CODE.of(state.settings)
    if SPARSITY.of(state.settings) and VARIANT.of(state.settings) != "variational":
        return "sparse"
    if VARIANT.of(state.settings) in ("convolutional", "tied", "variational"):
        return VARIANT.of(state.settings)
    return "" if code == 2 else "large_code" if code > 8 else "small_code"


LESSON = Lesson(
    entry=entries.WATCH_LEARNING,
    controls=(
        PICTURE_OR_OWN,
        SAMPLE,
        VARIANT,
        CODE,
        ACTIVATION,
        EPOCHS,
        SPARSITY,
        DIVERGENCE,
        SEED,
        TOLD_FROM,
        *SLIDERS,
    ),
    remakes={
        "original": frozenset({"picture", "sample"}),
        "point": frozenset({"code", *(slider.name for slider in SLIDERS)}),
    },
    arrays=arrays,
    build=build,
    scene="course",
    text="watch_learning",
    noticed=noticed,
)
