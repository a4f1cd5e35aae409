"""The lesson in which a picture goes through an autoencoder, unit by unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.engine.layers import (
    AveragePooling2D,
    Conv2D,
    Conv2DTranspose,
    Flatten,
    Layer,
    MaxPooling2D,
    Permute,
    Reshape,
    UpSampling2D,
)
from simulator.engine.layers.tied import TiedDense
from simulator.lessons import entries
from simulator.lessons.autoencoder_layers import CONVOLUTIONAL, DENSE, TIED
from simulator.lessons.autoencoder_rows import laid_out, row_of
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
from simulator.lessons.lesson import FROM_LAB, Lesson, LessonState, StateError
from simulator.lessons.own_network import (
    MOST_LAYERS,
    TRAINED_HERE,
    OwnNetwork,
    network,
)
from simulator.lessons.training_courses import MOST_EPOCHS, autoencoder_course
from simulator.traces.autoencoder import autoencoder_trace
from simulator.traces.laid_layers import LayerNames, laid_weights, lay_out, take_weights
from simulator.traces.staged import StagedTrace

Array = NDArray[Any]


def _trained_here(settings: Settings) -> bool:
    return settings["network"] == TRAINED_HERE


def _convolves(settings: Settings) -> bool:
    return settings["variant"] == CONVOLUTIONAL


NOTICED = (
    (Conv2D, "convolution"),
    ((MaxPooling2D, AveragePooling2D), "pooling"),
    (UpSampling2D, "upsampling"),
    (Conv2DTranspose, "transposed"),
    ((Flatten, Reshape, Permute), "moved"),
    (TiedDense, "tied"),
)
"""What is said of layers of some kinds."""
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
VARIANT = ChoiceControl(
    name="variant",
    label="Layers",
    section="Network",
    options=(
        Option(DENSE, "Dense"),
        Option(TIED, "Tied weights"),
        Option(CONVOLUTIONAL, "Convolutional"),
    ),
    default=DENSE,
    shown=_trained_here,
    help="What lies before and after the code.",
)
HIDDEN = IntegerControl(
    name="hidden",
    label="Hidden units",
    section="Network",
    default=16,
    minimum=0,
    maximum=128,
    shown=lambda settings: _trained_here(settings) and not _convolves(settings),
    help="Units of the layer before the code and of the one after it; with 0 there is neither.",
)
FILTERS = IntegerControl(
    name="filters",
    label="Filters",
    section="Network",
    default=4,
    minimum=1,
    maximum=8,
    shown=lambda settings: _trained_here(settings) and _convolves(settings),
    help="Feature maps of the convolution before the code, and of what the decoder begins with.",
)
ACTIVATION = ChoiceControl(
    name="activation",
    label="Activation",
    section="Network",
    options=tuple(Option(name, name) for name in ("tanh", "relu", "sigmoid")),
    default="tanh",
    segmented=True,
    shown=lambda settings: (
        _trained_here(settings) and (settings["hidden"] != 0 or _convolves(settings))
    ),
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
    control.name
    for control in (ORIGIN, PICTURE, VARIANT, CODE, HIDDEN, FILTERS, ACTIVATION, EPOCHS, SEED)
)


def network_of(state: LessonState) -> OwnNetwork:
    """Return the network on view and the picture that goes in.

    Raises StateError for one from the lab that isn't there.
    """
    settings = state.settings
    if not _trained_here(settings):
        return _from_lab(state)
    chosen = PICTURE.of(settings)
    picture = chosen_picture(state, chosen, SAMPLE.of(settings))
    layers, sample, code = _row(settings)
    course = autoencoder_course(set_name(chosen), layers, sample, SEED.of(settings))
    weights = course.after(EPOCHS.of(settings))
    return OwnNetwork(layers, sample, weights, code, 1, picture, picture)


def _row(settings: Settings) -> tuple[tuple[str, ...], tuple[int, ...], int]:
    """Return the layers that are trained here, the shape of a sample, and the code's layer."""
    return row_of(
        VARIANT.of(settings),
        code=CODE.of(settings),
        hidden=HIDDEN.of(settings),
        filters=FILTERS.of(settings),
        activation=ACTIVATION.of(settings),
        shape=set_of(PICTURE.of(settings)).shape,
    )


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
    """Return the input (R, C), what it should become, and each layer's weights, laid out as they
    are shown; besides, the layers themselves and which of them makes the code.
    """
    own = network_of(state)
    picture = own.picture
    found: dict[str, Array] = {
        "input": picture,
        "layers": np.array(own.layers),
        "sample": np.array(own.sample),
        "code_layer": np.array(own.code),
    }
    if own.target is not picture:
        found["target"] = own.target
    model = network(own.layers, own.sample, backend=Backend())
    for name, weight in model.weights.items():
        weight[...] = own.weights[name]
    found |= laid_weights(lay_out(model, (picture.shape[0], picture.shape[1])))
    return found


def build(given: Mapping[str, Array], settings: Settings, backend: Backend) -> StagedTrace:
    """Return the trace of the picture through the network."""
    del settings
    x = given["input"]
    sample = tuple(map(int, given["sample"]))
    model = network(tuple(map(str, given["layers"])), sample, backend=backend)
    take_weights(lay_out(model, (x.shape[0], x.shape[1])), given)
    return autoencoder_trace(model, x, code=int(given["code_layer"]), target=given.get("target"))


def noticed(state: LessonState, station: int) -> str:
    """Return what suits the layer on view, and a code that is larger than the picture."""
    own = None if _trained_here(state.settings) else state.own_network
    if own is not None:
        layers, sample, code = own.layers, own.sample, own.code
        shape = own.picture.shape[0], own.picture.shape[1]
    else:
        layers, sample, code = _row(state.settings)
        shape = set_of(PICTURE.of(state.settings)).shape
        if EPOCHS.of(state.settings) == 0:
            return "untrained"
    laid = laid_out(layers, sample, shape)
    if prod(laid[code - 1].shape) >= prod(shape):
        return "large_code"
    if station == code:
        return "code"
    if station < len(laid) and station != 0 and (words := _kind(laid[station - 1].layer)):
        return words
    if station < code:
        return "encoder"
    return "decoder" if station < len(laid) else "reconstruction"


def _kind(layer: Layer) -> str:
    """Return what suits a layer that isn't dense, if there is something to say of its kind."""
    return next((words for kind, words in NOTICED if isinstance(layer, kind)), "")


LESSON = Lesson(
    entry=entries.AUTOENCODER,
    controls=(
        *(PICTURE, SAMPLE, ORIGIN, VARIANT, CODE, HIDDEN, FILTERS),
        *(ACTIVATION, EPOCHS, SEED),
    ),
    remakes={
        "input": frozenset({"picture", "sample", "network"}),
        "target": frozenset({"picture", "network"}),
        **dict.fromkeys(("layers", "sample", "code_layer"), NETWORK),
        **{name: NETWORK for at in range(1, MOST_LAYERS + 1) for name in LayerNames.of(at).weights},
    },
    arrays=arrays,
    build=build,
    scene="layers",
    text="autoencoder",
    noticed=noticed,
)
