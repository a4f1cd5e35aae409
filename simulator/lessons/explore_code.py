"""The lesson in which the learner drags a code, and the decoder answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.lessons import entries
from simulator.lessons.compression_data import OWN, chosen_picture, set_name
from simulator.lessons.controls import ChoiceControl, IntegerControl, Option, RealControl, Settings
from simulator.lessons.course_controls import (
    ACTIVATION,
    CODE,
    DIVERGENCE,
    EPOCHS,
    PICTURE_OR_OWN,
    SEED,
    SLIDERS,
    VARIANT,
    point,
)
from simulator.lessons.course_learner import course_learner, training_backend
from simulator.lessons.latent_map import map_bounds
from simulator.lessons.lesson import Lesson, LessonState
from simulator.traces.autoencoder import compression_fact
from simulator.traces.explored import ExploredTrace
from simulator.traces.formula import Message
from simulator.traces.numbers import count, number

Array = NDArray[Any]

STEPS = 10
SIDE = 12
LARGEST_SIDE = 1797
"""More pictures than any set has."""

FOLLOW = ChoiceControl(
    name="follow",
    label="Point",
    section="Code",
    options=(Option("line", "On the line"), Option("free", "Anywhere")),
    default="line",
    segmented=True,
    help="Whether the point walks from A to B, or is where you put it.",
)
LOOK = ChoiceControl(
    name="look",
    label="Look at",
    section="Code",
    options=(Option("map", "Pictures"), Option("manifold", "Decodings")),
    default="map",
    segmented=True,
    shown=lambda settings: settings["code"] == 2,
    help="Where the pictures lie in the code, or what the decoder draws everywhere.",
)
FIRST = IntegerControl(
    name="first",
    label="A is number",
    section="Walk",
    default=0,
    minimum=0,
    maximum=LARGEST_SIDE - 1,
    shown=lambda settings: settings["picture"] != OWN.value,
    help="The picture that the walk begins at. Drag A to the code of another.",
)
LAST = IntegerControl(
    name="last",
    label="B is number",
    section="Walk",
    default=6,
    minimum=0,
    maximum=LARGEST_SIDE - 1,
    help="The picture that the walk ends at. Drag B to the code of another.",
)


def _where_free(slider: RealControl) -> RealControl:
    """Return a slider that is shown where the point is the learner's."""
    return replace(slider, shown=lambda now: FOLLOW.of(now) == "free" and slider.shown(now))


NUMBERS = tuple(_where_free(slider) for slider in SLIDERS)
PICTURE = replace(
    PICTURE_OR_OWN,
    help="What the network learns to draw again. Your own picture (open, paste) has a place in the "
    "code too, of a network that has learned digits: A, where the walk and each drag begin.",
)
CODE_HERE = replace(CODE, help="How many numbers stand for a picture.")
TRAINED = replace(EPOCHS, label="Epochs trained", help="How often the network saw all pictures.")


def arrays(state: LessonState) -> dict[str, Array]:
    """Return the code (h, w) of the learner's own point, and the picture (R, C) if it is theirs."""
    found: dict[str, Array] = {"point": point(state.settings)}
    if PICTURE.of(state.settings) == OWN.value:
        found["own"] = chosen_picture(state, OWN.value, 0)
    return found


def build(given: Mapping[str, Array], settings: Settings, backend: Backend) -> ExploredTrace:
    """Return the trace of the walk."""
    learns = course_learner(
        set_name(PICTURE.of(settings)),
        VARIANT.of(settings),
        CODE_HERE.of(settings),
        ACTIVATION.of(settings),
        TRAINED.of(settings),
        SEED.of(settings),
        divergence=DIVERGENCE.of(settings),
        backend=training_backend(backend),
    )
    state, pictures = learns.states - 1, learns.pictures
    left, right, low, high = learns.kept(("bounds", state), lambda: _bounds(learns.latents(state)))
    rows, columns = pictures.shape
    fact = compression_fact(rows * columns, learns.code_units)
    remark = Message(
        "Mean squared error of all {count} pictures: {error}.",
        {"count": count(len(pictures.x)), "error": number(learns.error(state))},
    )
    return ExploredTrace(
        learns,
        state,
        pictures.x,
        given["point"],
        ends=(
            FIRST.of(settings) % len(pictures.x),
            LAST.of(settings) % len(pictures.x),
        ),
        own=given.get("own"),
        plane=(
            np.linspace(left, right, SIDE, dtype=np.float32),
            np.linspace(low, high, SIDE, dtype=np.float32),
        ),
        steps=STEPS,
        fact=replace(fact, remark=remark),
    )


def _bounds(latents: Array) -> tuple[float, float, float, float]:
    """Return where the map of the first two numbers of codes (N, K) ends."""
    return map_bounds(latents[:, [0, min(1, latents.shape[1] - 1)]])


def noticed(state: LessonState, _: int) -> str:
    """Return what suits how the code is looked at."""
    settings = state.settings
    if PICTURE.of(settings) == OWN.value:
        return "own"
    if CODE_HERE.of(settings) != 2:
        return "sliders"
    if LOOK.of(settings) == "manifold":
        return "manifold"
    return "free" if FOLLOW.of(settings) == "free" else ""


LESSON = Lesson(
    entry=entries.EXPLORE_CODE,
    controls=(
        *(FOLLOW, LOOK, *NUMBERS),
        *(FIRST, LAST),
        *(PICTURE, VARIANT, CODE_HERE, ACTIVATION, TRAINED, DIVERGENCE, SEED),
    ),
    remakes={"point": frozenset({"code", *(slider.name for slider in SLIDERS)})},
    arrays=arrays,
    build=build,
    scene="walk",
    text="explore_code",
    noticed=noticed,
)
