"""The lesson in which a picture goes through an autoencoder, unit by unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.lessons import entries
from simulator.lessons.compression_data import (
    DIGITS,
    MOST_SAMPLES,
    OWN,
    SETS,
    chosen_picture,
    set_of,
)
from simulator.lessons.controls import ChoiceControl, IntegerControl, Option, Settings
from simulator.lessons.lesson import Lesson, LessonState
from simulator.lessons.training_courses import MOST_EPOCHS, autoencoder_course, dense_network
from simulator.traces.autoencoder import LayerNames, autoencoder_trace, shapes_of
from simulator.traces.staged import StagedTrace

Array = NDArray[Any]

PICTURE = ChoiceControl(
    name="picture",
    label="Pictures",
    section="Picture",
    options=(*SETS, OWN),
    default=DIGITS,
    help="What the network has learned from and is shown, or your own picture (open, paste, draw).",
)
SAMPLE = IntegerControl(
    name="sample",
    label="Number",
    section="Picture",
    default=0,
    minimum=0,
    maximum=MOST_SAMPLES - 1,
    shown=lambda settings: settings["picture"] != OWN.value,
    help="Which of the pictures goes through the network.",
)
CODE = IntegerControl(
    name="code",
    label="Code",
    section="Network",
    default=4,
    minimum=1,
    maximum=64,
    help="How many numbers the picture is squeezed into.",
)
HIDDEN = IntegerControl(
    name="hidden",
    label="Hidden units",
    section="Network",
    default=16,
    minimum=0,
    maximum=128,
    help="Units of the layer before the code and of the one after it; with 0 there is neither.",
)
ACTIVATION = ChoiceControl(
    name="activation",
    label="Activation",
    section="Network",
    options=tuple(Option(name, name) for name in ("tanh", "relu", "sigmoid")),
    default="tanh",
    segmented=True,
    shown=lambda settings: settings["hidden"] != 0,
    help="What the hidden layers make of their sums. The code is linear.",
)
EPOCHS = IntegerControl(
    name="epochs",
    label="Epochs trained",
    section="Training",
    default=10,
    minimum=0,
    maximum=MOST_EPOCHS,
    help="How often the network has seen all pictures before it is shown this one.",
)
SEED = IntegerControl(
    name="seed",
    label="Seed",
    section="Training",
    default=0,
    minimum=0,
    maximum=9999,
    help="The first weights and the order of the pictures follow from it.",
)
NETWORK = frozenset(control.name for control in (PICTURE, CODE, HIDDEN, ACTIVATION, EPOCHS, SEED))


def units(settings: Settings) -> tuple[int, ...]:
    """Return the units of each layer, the code's among them."""
    rows, columns = set_of(PICTURE.of(settings)).shape
    hidden = HIDDEN.of(settings)
    around = (hidden,) if hidden else ()
    return (*around, CODE.of(settings), *around, rows * columns)


def code_layer(settings: Settings) -> int:
    """Return which layer, counted from 1, makes the code."""
    return 2 if HIDDEN.of(settings) else 1


def arrays(state: LessonState) -> dict[str, Array]:
    """Return the input (R, C) and each layer's kernel and bias, laid out as their units are."""
    settings = state.settings
    chosen = PICTURE.of(settings)
    picture = chosen_picture(state, chosen, SAMPLE.of(settings))
    course = autoencoder_course(
        DIGITS if chosen == OWN.value else chosen,
        units(settings),
        code_layer(settings),
        ACTIVATION.of(settings),
        SEED.of(settings),
    )
    weights = course.after(EPOCHS.of(settings))
    shapes = shapes_of(units(settings), (picture.shape[0], picture.shape[1]))
    found: dict[str, Array] = {"input": picture}
    for at, shape in enumerate(shapes[1:], start=1):
        names = LayerNames.of(at)
        found[names.kernel] = weights[f"layer_{at}/kernel"].reshape(*shapes[at - 1], *shape)
        found[names.bias] = weights[f"layer_{at}/bias"].reshape(shape)
    return found


def build(given: Mapping[str, Array], settings: Settings, backend: Backend) -> StagedTrace:
    """Return the trace of the picture through the network."""
    counts, x = units(settings), given["input"]
    model = dense_network(
        counts,
        inputs=x.size,
        code=code_layer(settings),
        activation=ACTIVATION.of(settings),
        seed=0,
        backend=backend,
    )
    for at, layer in enumerate(model.layers, start=1):
        names = LayerNames.of(at)
        layer.weights["kernel"][...] = given[names.kernel].reshape(-1, counts[at - 1])
        layer.weights["bias"][...] = given[names.bias].reshape(-1)
    return autoencoder_trace(model, x, code=code_layer(settings))


def noticed(state: LessonState, station: int) -> str:
    """Return what suits the layer on view, and a code that is larger than the picture."""
    settings = state.settings
    counts, code = units(settings), code_layer(settings)
    if EPOCHS.of(settings) == 0:
        return "untrained"
    if counts[code - 1] >= counts[-1]:
        return "large_code"
    if station <= code - 1:
        return "encoder"
    if station == code:
        return "code"
    return "decoder" if station < len(counts) else "reconstruction"


LESSON = Lesson(
    entry=entries.AUTOENCODER,
    controls=(PICTURE, SAMPLE, CODE, HIDDEN, ACTIVATION, EPOCHS, SEED),
    remakes={
        "input": frozenset({"picture", "sample"}),
        **{
            name: NETWORK
            for at in range(1, 5)
            for name in (LayerNames.of(at).kernel, LayerNames.of(at).bias)
        },
    },
    arrays=arrays,
    build=build,
    scene="layers",
    text="autoencoder",
    noticed=noticed,
)
