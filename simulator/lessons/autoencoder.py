"""The lesson in which a picture goes through an autoencoder, unit by unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.lessons import entries
from simulator.lessons.compression_data import (
    DIGITS,
    MOST_SAMPLES,
    OWN,
    SETS,
    chosen_picture,
    fitted_picture,
    set_name,
    set_of,
)
from simulator.lessons.controls import ChoiceControl, IntegerControl, Option, Settings
from simulator.lessons.lesson import Lesson, LessonState, StateError
from simulator.lessons.own_network import (
    FROM_LAB,
    MOST_LAYERS,
    TRAINED_HERE,
    OwnLayer,
    OwnNetwork,
)
from simulator.lessons.training_courses import (
    MOST_EPOCHS,
    autoencoder_course,
    dense_functions,
    dense_network,
)
from simulator.traces.autoencoder import LayerNames, autoencoder_trace, shapes_of
from simulator.traces.staged import StagedTrace

Array = NDArray[Any]


def _trained_here(settings: Settings) -> bool:
    return settings["network"] == TRAINED_HERE


ORIGIN = ChoiceControl(
    name="network",
    label="Trained",
    section="Network",
    options=(Option(TRAINED_HERE, "Here"), Option(FROM_LAB, "In the lab")),
    default=TRAINED_HERE,
    segmented=True,
    causes=("network",),
    help="A network that this lesson trains, or one from the lab: open one of its layers there.",
)
PICTURE = ChoiceControl(
    name="picture",
    label="Pictures",
    section="Picture",
    options=(*SETS, OWN),
    default=DIGITS,
    shown=lambda settings: settings["picture"] == OWN.value or _trained_here(settings),
    help="What the network has learned from and is shown, or your own picture (open, paste, draw).",
)
SAMPLE = IntegerControl(
    name="sample",
    label="Number",
    section="Picture",
    default=0,
    minimum=0,
    maximum=MOST_SAMPLES - 1,
    shown=lambda settings: settings["picture"] != OWN.value and _trained_here(settings),
    help="Which of the pictures goes through the network.",
)
CODE = IntegerControl(
    name="code",
    label="Code",
    section="Network",
    default=4,
    minimum=1,
    maximum=64,
    shown=_trained_here,
    help="How many numbers the picture is squeezed into.",
)
HIDDEN = IntegerControl(
    name="hidden",
    label="Hidden units",
    section="Network",
    default=16,
    minimum=0,
    maximum=128,
    shown=_trained_here,
    help="Units of the layer before the code and of the one after it; with 0 there is neither.",
)
ACTIVATION = ChoiceControl(
    name="activation",
    label="Activation",
    section="Network",
    options=tuple(Option(name, name) for name in ("tanh", "relu", "sigmoid")),
    default="tanh",
    segmented=True,
    shown=lambda settings: settings["hidden"] != 0 and _trained_here(settings),
    help="What the hidden layers make of their sums. The code is linear.",
)
EPOCHS = IntegerControl(
    name="epochs",
    label="Epochs trained",
    section="Training",
    default=10,
    minimum=0,
    maximum=MOST_EPOCHS,
    shown=_trained_here,
    help="How often the network has seen all pictures before it is shown this one.",
)
SEED = IntegerControl(
    name="seed",
    label="Seed",
    section="Training",
    default=0,
    minimum=0,
    maximum=9999,
    shown=_trained_here,
    help="The first weights and the order of the pictures follow from it.",
)
NETWORK = frozenset(
    control.name for control in (ORIGIN, PICTURE, CODE, HIDDEN, ACTIVATION, EPOCHS, SEED)
)


def units(settings: Settings) -> tuple[int, ...]:
    """Return the units of each layer of the network that is trained here, the code's among them."""
    rows, columns = set_of(PICTURE.of(settings)).shape
    hidden = HIDDEN.of(settings)
    around = (hidden,) if hidden else ()
    return (*around, CODE.of(settings), *around, rows * columns)


def code_layer(settings: Settings) -> int:
    """Return which layer of the network that is trained here, counted from 1, makes the code."""
    return 2 if HIDDEN.of(settings) else 1


def network_of(state: LessonState) -> OwnNetwork:
    """Return the network on view and the picture that goes in.

    Raises StateError for one from the lab that isn't there.
    """
    settings = state.settings
    if not _trained_here(settings):
        return _from_lab(state)
    chosen = PICTURE.of(settings)
    picture = chosen_picture(state, chosen, SAMPLE.of(settings))
    counts, code = units(settings), code_layer(settings)
    course = autoencoder_course(
        set_name(chosen),
        counts,
        code,
        ACTIVATION.of(settings),
        SEED.of(settings),
    )
    weights = course.after(EPOCHS.of(settings))
    functions = dense_functions(len(counts), code=code, activation=ACTIVATION.of(settings))
    layers = tuple(
        OwnLayer(weights[f"layer_{at}/kernel"], weights[f"layer_{at}/bias"], function)
        for at, function in enumerate(functions, start=1)
    )
    return OwnNetwork(layers, code, 1, picture, picture)


def _from_lab(state: LessonState) -> OwnNetwork:
    own = state.own_network
    if own is None:
        raise StateError(
            "There is no network from the lab: open a layer of an autoencoder there.",
            parameter="network",
        )
    if PICTURE.of(state.settings) != OWN.value or state.own_picture is None:
        return own
    rows, columns = own.picture.shape
    if rows != columns:
        raise StateError(
            f"This network takes {rows} × {columns} values: a picture of yours fits into a square "
            "alone.",
            parameter="network",
        )
    fitted = fitted_picture(state.own_picture, rows)
    return replace(own, picture=fitted, target=fitted)


def arrays(state: LessonState) -> dict[str, Array]:
    """Return the input (R, C), what it should become, and each layer's kernel and bias, laid out as
    their units are; besides, the layers' activations and which layer makes the code.
    """
    network = network_of(state)
    picture = network.picture
    found: dict[str, Array] = {
        "input": picture,
        "activations": np.array([layer.activation for layer in network.layers]),
        "code_layer": np.array(network.code),
    }
    if network.target is not picture:
        found["target"] = network.target
    shapes = shapes_of(network.units, (picture.shape[0], picture.shape[1]))
    for at, (layer, shape) in enumerate(zip(network.layers, shapes[1:], strict=True), start=1):
        names = LayerNames.of(at)
        found[names.kernel] = layer.kernel.reshape(*shapes[at - 1], *shape)
        found[names.bias] = layer.bias.reshape(shape)
    return found


def build(given: Mapping[str, Array], settings: Settings, backend: Backend) -> StagedTrace:
    """Return the trace of the picture through the network."""
    del settings
    x, functions = given["input"], tuple(map(str, given["activations"]))
    names = [LayerNames.of(at) for at in range(1, len(functions) + 1)]
    model = dense_network(
        tuple(given[each.bias].size for each in names), functions, inputs=x.size, backend=backend
    )
    for layer, each in zip(model.layers, names, strict=True):
        kernel = layer.weights["kernel"]
        kernel[...] = given[each.kernel].reshape(kernel.shape)
        layer.weights["bias"][...] = given[each.bias].reshape(-1)
    return autoencoder_trace(model, x, code=int(given["code_layer"]), target=given.get("target"))


def noticed(state: LessonState, station: int) -> str:
    """Return what suits the layer on view, and a code that is larger than the picture."""
    own = None if _trained_here(state.settings) else state.own_network
    if own is not None:
        counts, code = own.units, own.code
    else:
        counts, code = units(state.settings), code_layer(state.settings)
        if EPOCHS.of(state.settings) == 0:
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
    controls=(PICTURE, SAMPLE, ORIGIN, CODE, HIDDEN, ACTIVATION, EPOCHS, SEED),
    remakes={
        "input": frozenset({"picture", "sample", "network"}),
        "target": frozenset({"picture", "network"}),
        **dict.fromkeys(("activations", "code_layer"), NETWORK),
        **{
            name: NETWORK
            for at in range(1, MOST_LAYERS + 1)
            for name in (LayerNames.of(at).kernel, LayerNames.of(at).bias)
        },
    },
    arrays=arrays,
    build=build,
    scene="layers",
    text="autoencoder",
    noticed=noticed,
)
