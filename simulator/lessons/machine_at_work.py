"""The lesson that shows what a trained Boltzmann machine is good for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.engine.rbm import BernoulliRBM
from simulator.lessons import entries
from simulator.lessons.boltzmann import DRAWS, EPOCHS, HIDDEN, RATE, SAMPLE, SEED
from simulator.lessons.compression_data import (
    BARS_OPTION,
    DIGITS,
    OWN,
    SETS,
    chosen_picture,
    learned_from,
    refuse_grey,
    set_name,
)
from simulator.lessons.controls import ChoiceControl, IntegerControl, Option, Settings
from simulator.lessons.lesson import Lesson, LessonState
from simulator.lessons.training_courses import rbm_course
from simulator.traces.dreaming import DreamTrace
from simulator.traces.formula import Fact, Message
from simulator.traces.numbers import count

Array = NDArray[Any]

CHAINS = 8
SCATTERED = 0.25
"""The share of cells that are missing here and there."""

PICTURE = ChoiceControl(
    name="picture",
    label="Pictures",
    section="Picture",
    options=(SETS[0], BARS_OPTION, OWN),
    default=DIGITS,
    causes=("input",),
    help="What the machine has learned, made black and white. It fills in digits that it was not "
    "shown.",
)
GAP = ChoiceControl(
    name="gap",
    label="Missing",
    section="Picture",
    options=(
        Option("scattered", "Here and there"),
        Option("right", "Right half"),
        Option("bottom", "Lower half"),
        Option("middle", "Middle"),
        Option("none", "Nothing"),
    ),
    default="scattered",
    help="What is taken out of the picture. Draw on it (D) to take out more; the right button "
    "puts it back.",
)
NUMBER = replace(SAMPLE, default=0)
UNITS = replace(HIDDEN, default=48)
WALK = IntegerControl(
    name="steps",
    label="Gibbs steps",
    section="Machine",
    default=200,
    minimum=1,
    maximum=1000,
    help="How far the chains go.",
)
CHANCE = replace(DRAWS, section="Machine")
LEARNED = replace(EPOCHS, default=30)
SPEED_OF_LEARNING = replace(RATE, default=0.05)


def arrays(state: LessonState) -> dict[str, Array]:
    """Return the picture (R, C), with NaN where it is missing."""
    settings = state.settings
    chosen = PICTURE.of(settings)
    picture = (chosen_picture(state, chosen, NUMBER.of(settings)) >= 0.5).astype(np.float32)
    rows, columns = picture.shape
    gap = GAP.of(settings)
    if gap == "scattered":
        rng = np.random.default_rng(CHANCE.of(settings))
        picture[rng.random(picture.shape) < SCATTERED] = np.nan
    elif gap == "right":
        picture[:, columns // 2 :] = np.nan
    elif gap == "bottom":
        picture[rows // 2 :] = np.nan
    elif gap == "middle":
        picture[rows // 4 : -(rows // 4), columns // 4 : -(columns // 4)] = np.nan
    return {"input": picture}


def build(given: Mapping[str, Array], settings: Settings, backend: Backend) -> DreamTrace:
    """Return the trace; raises ``StateError`` for a picture that isn't of zeros and ones."""
    picture = given["input"]
    refuse_grey("picture", picture)
    chosen = PICTURE.of(settings)
    weights = rbm_course(
        set_name(chosen),
        UNITS.of(settings),
        SPEED_OF_LEARNING.of(settings),
        1,
        False,
        SEED.of(settings),
    ).after(LEARNED.of(settings))
    machine = BernoulliRBM(picture.size, UNITS.of(settings), backend=backend)
    for name, weight in machine.weights.items():
        weight[...] = weights[name]
    return DreamTrace(
        machine,
        picture,
        chains=CHAINS,
        steps=WALK.of(settings),
        seed=CHANCE.of(settings),
        fact=Fact(
            "Model",
            r"P(v, h) = \frac{1}{Z} e^{v \cdot b + h \cdot c + v W h}",
            Message(
                "{visible} visible and {hidden} hidden units, trained by contrastive divergence on "
                "{count} pictures.",
                {
                    "visible": picture.size,
                    "hidden": machine.hidden_units,
                    "count": count(len(learned_from(chosen))),
                },
            ),
        ),
    )


def noticed(state: LessonState, _: int) -> str:
    """Return what suits what is missing."""
    return "dreams" if GAP.of(state.settings) == "none" and not state.edits.get("input") else ""


LESSON = Lesson(
    entry=entries.MACHINE_AT_WORK,
    controls=(
        *(PICTURE, NUMBER, GAP),
        *(UNITS, WALK, CHANCE),
        *(SPEED_OF_LEARNING, LEARNED, SEED),
    ),
    remakes={"input": frozenset({"picture", "sample", "gap", "draws"})},
    arrays=arrays,
    build=build,
    scene="dream",
    text="machine_at_work",
    noticed=noticed,
)
