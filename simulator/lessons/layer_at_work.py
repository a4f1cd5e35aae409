"""The lesson that shows one layer of any kind at work, on an example or on a layer of the lab."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.engine.layers import Embedding, Layer
from simulator.lessons import entries
from simulator.lessons.controls import ChoiceControl, IntegerControl, Option, Settings
from simulator.lessons.layer_examples import (
    BY_KIND,
    EXAMPLES,
    FAMILIES,
    Shape,
    drawn_weights,
    made_layer,
)
from simulator.lessons.lesson import FROM_LAB, Lesson, LessonState, StateError
from simulator.traces.layer_at_work import laid_inputs, layer_trace
from simulator.traces.numbers import count
from simulator.traces.staged import StagedTrace
from simulator.traces.work import INPUT
from simulator.traces.work_weights import SHOWN, shown_weights, take_shown

Array = NDArray[Any]

WEIGHT = "weight:"
"""What the names of weights that a layer of the lab brought begin with."""
MOST_INPUTS = 16
INPUTS = (INPUT, *(f"{INPUT}_{number}" for number in range(2, MOST_INPUTS + 1)))

LAYER = ChoiceControl(
    name="layer",
    label="Kind",
    section="Layer",
    options=(
        *(Option(example.kind, example.kind) for example in EXAMPLES),
        Option(FROM_LAB, "From the lab", opened=True),
    ),
    default="Conv1D",
    causes=("layer",),
    help="What kind of layer works on the numbers, by the name that Keras gives it.",
)
SEED = IntegerControl(
    name="seed",
    label="Seed",
    section="Layer",
    default=0,
    minimum=0,
    maximum=9999,
    shown=lambda settings: settings["layer"] != FROM_LAB,
    help="The numbers that go in, and the weights, follow from it.",
)


def _described(state: LessonState) -> tuple[str, list[Array], Mapping[str, Array] | None]:
    """Return the layer as JSON, what goes in, and the weights that came from the lab, if any."""
    chosen = LAYER.of(state.settings)
    if chosen != FROM_LAB:
        example = BY_KIND[chosen]
        return example.told, example.inputs(SEED.of(state.settings)), None
    told = state.came("layer")
    if told is None or state.opened is None:
        raise StateError(
            "There is no layer from the lab: open one there, or choose another kind.",
            parameter="layer",
        )
    came = state.opened.arrays
    inputs = [came[name] for name in INPUTS if name in came]
    weights = {
        name.removeprefix(WEIGHT): array for name, array in came.items() if name.startswith(WEIGHT)
    }
    return str(told), inputs, weights


def _made(told: str, shapes: tuple[Shape, ...]) -> Layer:
    try:
        return made_layer(told, shapes)
    except (TypeError, ValueError) as error:
        raise StateError(str(error), parameter="layer") from error


def arrays(state: LessonState) -> dict[str, Array]:
    """Return what goes in and the weights, laid out as they are shown; besides, the layer as JSON
    and the shapes that it reads.
    """
    told, inputs, weights = _described(state)
    shapes = tuple(tuple(map(int, x.shape)) for x in inputs)
    layer = _made(told, shapes)
    if weights is None:
        weights = drawn_weights(layer, SEED.of(state.settings))
    for name, weight in layer.weights.items():
        weight[...] = weights.get(name, 0)  # a bias that there is none of is one of zeros
    try:
        laid = laid_inputs(layer, inputs)
    except ValueError as error:
        raise StateError(str(error), parameter="layer") from error
    return {
        "layer": np.array(told),
        "shapes": np.array(json.dumps(shapes)),
        **dict(zip(INPUTS, laid, strict=False)),
        **shown_weights(layer, shapes[0]),
    }


def build(given: Mapping[str, Array], settings: Settings, backend: Backend) -> StagedTrace:
    """Return the trace of the layer."""
    del settings
    shapes = tuple(tuple(shape) for shape in json.loads(str(given["shapes"])))
    layer = _made(str(given["layer"]), shapes)
    take_shown(layer, given)
    inputs = [given[name].reshape(shape) for name, shape in zip(INPUTS, shapes, strict=False)]
    if isinstance(layer, Embedding):
        _refuse_rows(layer, inputs[0])
    try:
        return layer_trace(layer, inputs, backend=backend)
    except ValueError as error:
        raise StateError(str(error), parameter="layer") from error


def _refuse_rows(layer: Embedding, rows: Array) -> None:
    """Refuse numbers that name no row of a table."""
    for row in rows.ravel().tolist():
        if row != int(row) or not 0 <= row < layer.input_dim:
            raise StateError(
                f"{row:g} names no row of the table: type a whole number from 0 to "
                f"{count(layer.input_dim - 1)}.",
                parameter="layer",
            )


def noticed(state: LessonState, station: int) -> str:
    """Return what suits the kind of layer on view."""
    del station
    chosen = LAYER.of(state.settings)
    if chosen == FROM_LAB:
        told = state.came("layer")
        chosen = "" if told is None else str(json.loads(str(told))[0])
        if chosen == "Activation" and json.loads(str(told))[1].get("activation") == "softmax":
            chosen = "Softmax"
        if chosen == "Conv2D" and json.loads(str(told))[1].get("groups", 1) == 1:
            return "convolution"
    return FAMILIES.get(chosen, "")


GIVEN = frozenset({"layer", "seed"})
LESSON = Lesson(
    entry=entries.LAYER_AT_WORK,
    controls=(LAYER, SEED),
    remakes=dict.fromkeys(("layer", "shapes", *INPUTS, *SHOWN.values()), GIVEN),
    arrays=arrays,
    build=build,
    scene="layers",
    text="layer_at_work",
    noticed=noticed,
)
