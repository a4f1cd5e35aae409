"""The lesson on dense layers: products, sums and activations, a softmax, and what it costs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine import losses
from simulator.engine.backends.base import Backend
from simulator.lessons import entries
from simulator.lessons.classified import (
    CLOUDS,
    CROSS_ENTROPY,
    SETS,
    classified_set,
    classifier_course,
    layers_of,
)
from simulator.lessons.compression_data import DIGITS, MOST_SAMPLES, OWN, chosen_picture
from simulator.lessons.controls import ChoiceControl, IntegerControl, Option, Settings
from simulator.lessons.lesson import FROM_LAB, OWN_PICTURE, Lesson, LessonState, StateError
from simulator.lessons.own_network import MOST_LAYERS, network
from simulator.lessons.training_courses import MOST_EPOCHS
from simulator.traces.dense import dense_layers, dense_trace
from simulator.traces.dense_backward import dense_back_trace
from simulator.traces.laid_layers import LayerNames, laid_weights, take_weights
from simulator.traces.staged import StagedTrace

Array = NDArray[Any]

FORWARD, BACKWARD = "forward", "backward"
MOST_STEPS = 10_000
"""A layer of the lab is shown at one of so many time steps."""


def _own(settings: Settings) -> bool:
    return settings["picture"] != FROM_LAB


PICTURE = ChoiceControl(
    name="picture",
    label="Data",
    section="Data",
    options=(*SETS, OWN, Option(FROM_LAB, "From the lab", opened=True)),
    default=CLOUDS,
    causes=("picture",),
    help="Points have two numbers, a picture has 64. Or your own picture (open, paste or draw).",
)
SAMPLE = IntegerControl(
    name="sample",
    label="Number",
    section="Data",
    default=0,
    minimum=0,
    maximum=MOST_SAMPLES - 1,
    shown=lambda settings: _own(settings) and settings["picture"] != OWN_PICTURE,
    help="Which sample goes through the network. It has learned from none of these.",
)
ANSWER = IntegerControl(
    name="answer",
    label="True class",
    section="Data",
    default=0,
    minimum=0,
    maximum=9,
    shown=lambda settings: settings["picture"] == OWN_PICTURE,
    help="Which digit your picture shows: the loss is told by it.",
)
STEPS = IntegerControl(
    name="steps",
    label="Time steps",
    section="Data",
    default=1,
    minimum=1,
    maximum=MOST_STEPS,
    shown=lambda _: False,
    help="How many time steps a layer of the lab reads.",
)
STEP = IntegerControl(
    name="step",
    label="Time step",
    section="Data",
    default=0,
    minimum=0,
    maximum=MOST_STEPS - 1,
    causes=("step",),
    shown=lambda settings: not _own(settings) and STEPS.of(settings) > 1,
    help="The layer does the same at each time step, with the same weights: this one is shown.",
)
HIDDEN = IntegerControl(
    name="hidden",
    label="Hidden units",
    section="Network",
    default=4,
    minimum=0,
    maximum=128,
    shown=_own,
    help="Units of a layer before the last one; with 0 the inputs go to the last layer at once.",
)
ACTIVATION = ChoiceControl(
    name="activation",
    label="Activation",
    section="Network",
    options=tuple(
        Option(name, name) for name in ("tanh", "relu", "sigmoid", "leaky_relu", "elu", "linear")
    ),
    default="tanh",
    shown=lambda settings: _own(settings) and settings["hidden"] != 0,
    help="What the hidden units make of their sums.",
)
EPOCHS = IntegerControl(
    name="epochs",
    label="Epochs trained",
    section="Training",
    default=10,
    minimum=0,
    maximum=MOST_EPOCHS,
    shown=_own,
    help="How often the network has seen all samples before it is shown this one.",
)
SEED = IntegerControl(
    name="seed",
    label="Seed",
    section="Training",
    default=0,
    minimum=0,
    maximum=9999,
    shown=_own,
    help="The first weights and the order of the samples follow from it.",
)
WAY = ChoiceControl(
    name="pass",
    label="Pass",
    section="Network",
    options=(Option(FORWARD, "Forward"), Option(BACKWARD, "Backward")),
    default=FORWARD,
    segmented=True,
    causes=("pass",),
    help="Forward from the input to the loss, or back from it: how it changes with each weight.",
)
NETWORK = frozenset(control.name for control in (PICTURE, HIDDEN, ACTIVATION, EPOCHS, SEED))
GIVEN = frozenset({"picture", "sample", "step", "answer"})


def set_of(settings: Settings) -> str:
    """Return the name of the set that the lesson's own network learns from."""
    chosen = PICTURE.of(settings)
    return DIGITS if chosen == OWN_PICTURE else chosen


def _layers(state: LessonState) -> tuple[str, ...]:
    """Return the layers that are gone through, told as JSON."""
    if not _own(state.settings):
        return tuple(map(str, _came(state, "layers")))
    classes = len(classified_set(set_of(state.settings)).classes)
    return layers_of(HIDDEN.of(state.settings), ACTIVATION.of(state.settings), classes)


def _came(state: LessonState, name: str) -> Array:
    """Return what a layer of the lab brought. Raises StateError where nothing came."""
    found = state.came(name)
    if found is None:
        raise StateError(
            "There is no network from the lab: open a dense layer there, or choose other data.",
            parameter="picture",
        )
    return found


def arrays(state: LessonState) -> dict[str, Array]:
    """Return the input (R, C) and each layer's weights, laid out as they are shown; besides, the
    layers, the loss and its target, and what the classes are called.
    """
    found = _trained(state) if _own(state.settings) else _opened(state)
    layers, x = tuple(map(str, found["layers"])), found["input"]
    weights = {name: array for name, array in found.items() if "/" in name}
    model = network(layers, (x.size,), backend=Backend())
    for name, weight in model.weights.items():
        weight[...] = weights.get(name, 0)  # a bias that there is none of is one of zeros
    kept = {name: array for name, array in found.items() if name not in weights}
    laid = dense_layers(model, x.shape)
    if "target" in kept and kept["target"].size == prod(laid[-1].shape):
        kept["target"] = kept["target"].reshape(laid[-1].shape)
    return kept | laid_weights(laid)


def _trained(state: LessonState) -> dict[str, Array]:
    """Return what the lesson's own network is made of."""
    settings = state.settings
    chosen, name = PICTURE.of(settings), set_of(settings)
    found, sample = classified_set(name), SAMPLE.of(settings)
    own = chosen == OWN_PICTURE
    layers = _layers(state)
    weights = classifier_course(name, layers, SEED.of(settings)).after(EPOCHS.of(settings))
    return {
        "input": chosen_picture(state, chosen, 0) if own else np.array(found.x[sample]),
        "layers": np.array(layers),
        "classes": np.array(found.classes),
        "target": np.array(ANSWER.of(settings) if own else found.labels[sample]),
        "loss": np.array(CROSS_ENTROPY),
        "is_picture": np.array(found.pictures),
        **weights,
    }


def _opened(state: LessonState) -> dict[str, Array]:
    """Return what a layer of the lab brought, at the time step that is looked at."""
    every, step = _came(state, "x"), STEP.of(state.settings)
    if step >= len(every):
        raise StateError(
            f"Time step is {step}: this sample has {len(every)}, from 0 to {len(every) - 1}.",
            parameter="step",
        )
    assert state.opened is not None
    found = {name: array for name, array in state.opened.arrays.items() if name != "x"}
    if "target" in found:
        found["target"] = found["target"][step]
    return {**found, "input": every[step]}


def build(given: Mapping[str, Array], settings: Settings, backend: Backend) -> StagedTrace:
    """Return the trace of a sample through the layers, and to its loss, or of the way back."""
    x = given["input"]
    model = network(tuple(map(str, given["layers"])), (x.size,), backend=backend)
    take_weights(dense_layers(model, x.shape), given)
    loss = losses.get(json.loads(str(given["loss"]))) if "loss" in given else None
    target, picture = given.get("target"), bool(given["is_picture"])
    classes = tuple(map(str, given["classes"]))
    if WAY.of(settings) == FORWARD:
        return dense_trace(model, x, loss=loss, target=target, classes=classes, picture=picture)
    if loss is None or target is None:
        raise StateError(
            "What follows this layer to the loss is not shown here, so nothing comes back from it: "
            "choose Forward, or open a layer nearer to the output.",
            parameter="pass",
        )
    try:
        return dense_back_trace(
            model, x, loss=loss, target=target, classes=classes, picture=picture
        )
    except ValueError as error:
        raise StateError(f"{error} Choose Forward.", parameter="pass") from error


def noticed(state: LessonState, station: int) -> str:
    """Return what suits the station on view, and a network that hasn't learned anything."""
    if WAY.of(state.settings) == BACKWARD:
        return "answer" if station <= 1 else "below"  # what comes out, and δ there, come first
    if _own(state.settings) and EPOCHS.of(state.settings) == 0:
        return "untrained"
    headings = headings_of(_layers(state))
    return headings[station] if station < len(headings) else "loss"


def headings_of(layers: tuple[str, ...]) -> list[str]:
    """Return what there is to say at each station of the layers, which are told as JSON."""
    found = ["input"]
    for told in layers:
        kind, _, arguments, _ = json.loads(told)
        bends = arguments.get("activation") or "linear"
        softmax = kind == "Softmax" or bends == "softmax"
        if kind == "Dense":
            linear = "scores" if softmax else "linear"
            found.append(linear if softmax or bends == "linear" else "bent")
        if softmax:
            found.append("softmax")
        elif kind != "Dense":
            found.append("normalized" if kind == "BatchNormalization" else "activation")
    return found


LESSON = Lesson(
    entry=entries.DENSE,
    controls=(
        *(PICTURE, SAMPLE, ANSWER, STEPS, STEP),
        *(WAY, HIDDEN, ACTIVATION, EPOCHS, SEED),
    ),
    remakes={
        **dict.fromkeys(("input", "target", "is_picture"), GIVEN),
        **dict.fromkeys(("layers", "classes", "loss"), NETWORK),
        **{name: NETWORK for at in range(1, MOST_LAYERS + 1) for name in LayerNames.of(at).weights},
    },
    arrays=arrays,
    build=build,
    scene="layers",
    text="dense",
    noticed=noticed,
)
