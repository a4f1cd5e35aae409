"""The lesson in which a restricted Boltzmann machine takes its steps, unit by unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.engine.rbm import BernoulliRBM
from simulator.lessons import entries
from simulator.lessons.compression_data import (
    BARS,
    BARS_OPTION,
    MOST_SAMPLES,
    OWN,
    SETS,
    chosen_picture,
    refuse_grey,
    set_name,
)
from simulator.lessons.controls import (
    ChoiceControl,
    IntegerControl,
    Option,
    RealControl,
    Settings,
)
from simulator.lessons.lesson import Lesson, LessonState
from simulator.lessons.training_courses import MOST_EPOCHS, rbm_course
from simulator.traces.rbm import rbm_trace
from simulator.traces.staged import StagedTrace, layout_of

Array = NDArray[Any]

PICTURE = ChoiceControl(
    name="picture",
    label="Pictures",
    section="Picture",
    options=(BARS_OPTION, SETS[0], OWN),
    default=BARS,
    causes=("input",),
    help="What the machine learns from, made black and white: a unit is on or off.",
)
SAMPLE = IntegerControl(
    name="sample",
    label="Number",
    section="Picture",
    default=3,
    minimum=0,
    maximum=MOST_SAMPLES - 1,
    shown=lambda settings: settings["picture"] != OWN.value,
    help="Which of the pictures the machine is shown.",
)
HIDDEN = IntegerControl(
    name="hidden",
    label="Hidden units",
    section="Machine",
    default=6,
    minimum=1,
    maximum=64,
    help="How many units look at the picture.",
)
STEPS = IntegerControl(
    name="k",
    label="Gibbs steps k",
    section="Machine",
    default=1,
    minimum=1,
    maximum=10,
    help="How far the chain goes, up and down again, before the update.",
)
START = ChoiceControl(
    name="start",
    label="Chain from",
    section="Machine",
    options=(Option("data", "Data (CD-k)"), Option("persistent", "Last chain")),
    default="data",
    segmented=True,
    help="Where the chain starts: at the picture, or where the last one ended (persistent CD).",
)
DRAWS = IntegerControl(
    name="draws",
    label="Seed of the coins",
    section="Machine",
    default=0,
    minimum=0,
    maximum=9999,
    help="The random numbers follow from it: the same seed flips the same coins.",
)
RATE = RealControl(
    name="rate",
    label="Learning rate",
    section="Training",
    default=0.1,
    minimum=0.0001,
    maximum=10.0,
    help="How much of the difference is added to the weights.",
)
EPOCHS = IntegerControl(
    name="epochs",
    label="Epochs trained",
    section="Training",
    default=10,
    minimum=0,
    maximum=MOST_EPOCHS,
    help="How often the machine has seen all pictures before these steps.",
)
SEED = IntegerControl(
    name="seed",
    label="Seed",
    section="Training",
    default=0,
    minimum=0,
    maximum=9999,
    help="The first weights, and the chances of the training, follow from it.",
)
TRAINED = frozenset(control.name for control in (PICTURE, HIDDEN, STEPS, START, RATE, EPOCHS, SEED))


def is_persistent(settings: Settings) -> bool:
    """Return whether the chain goes on where the last one ended."""
    return START.of(settings) == "persistent"


def arrays(state: LessonState) -> dict[str, Array]:
    """Return the input (R, C), the kernel (hidden rows and columns, R, C) and both biases.

    A persistent chain's start is "particle" (R, C); it is there in any case, so that it can be
    typed over.
    """
    settings = state.settings
    chosen = PICTURE.of(settings)
    picture = (chosen_picture(state, chosen, SAMPLE.of(settings)) >= 0.5).astype(np.float32)
    weights = rbm_course(
        set_name(chosen),
        HIDDEN.of(settings),
        RATE.of(settings),
        STEPS.of(settings),
        is_persistent(settings),
        SEED.of(settings),
    ).after(EPOCHS.of(settings))
    hidden = layout_of(HIDDEN.of(settings))
    particles = weights.get("particles")
    if particles is None:
        # Before the first update there is no last chain: it starts from coins, as training does.
        rng = np.random.default_rng(SEED.of(settings))
        particles = (rng.random((1, picture.size)) < 0.5).astype(np.float32)
    return {
        "input": picture,
        "kernel": np.ascontiguousarray(weights["kernel"].T).reshape(*hidden, *picture.shape),
        "visible_bias": weights["visible_bias"].reshape(picture.shape),
        "hidden_bias": weights["hidden_bias"].reshape(hidden),
        "particle": particles[0].reshape(picture.shape),
    }


def build(given: Mapping[str, Array], settings: Settings, backend: Backend) -> StagedTrace:
    """Return the trace; raises ``StateError`` for a picture that isn't of zeros and ones."""
    x, start = given["input"], given["particle"]
    refuse_grey("picture", x)
    persistent = is_persistent(settings)
    if persistent:
        refuse_grey("start of the chain", start)
    machine = BernoulliRBM(x.size, HIDDEN.of(settings), backend=backend)
    machine.weights["kernel"][...] = given["kernel"].reshape(-1, x.size).T
    machine.weights["visible_bias"][...] = given["visible_bias"].reshape(-1)
    machine.weights["hidden_bias"][...] = given["hidden_bias"].reshape(-1)
    contrast = machine.contrast(
        x.reshape(1, -1),
        k=STEPS.of(settings),
        start=start.reshape(1, -1) if persistent else None,
        rng=np.random.default_rng(DRAWS.of(settings)),
    )
    return rbm_trace(
        machine, x, contrast, rate=RATE.of(settings), start=start if persistent else None
    )


def noticed(state: LessonState, station: int) -> str:
    """Return what suits the layer on view."""
    if EPOCHS.of(state.settings) == 0:
        return "untrained"
    steps = STEPS.of(state.settings)
    persistent = is_persistent(state.settings)
    begin = 2 if persistent else 1
    if station < begin:
        return "persistent" if persistent else ""
    if station >= begin + 4 * steps:
        return "update"
    return ("up", "flip", "down", "flip")[(station - begin) % 4]


LESSON = Lesson(
    entry=entries.BOLTZMANN,
    controls=(PICTURE, SAMPLE, HIDDEN, STEPS, START, DRAWS, RATE, EPOCHS, SEED),
    remakes={
        "input": frozenset({"picture", "sample"}),
        "kernel": TRAINED,
        "visible_bias": TRAINED,
        "hidden_bias": TRAINED,
        "particle": TRAINED,
    },
    arrays=arrays,
    build=build,
    scene="layers",
    text="boltzmann",
    noticed=noticed,
)
