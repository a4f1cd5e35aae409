"""The lesson in which a gradient goes back through time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.lessons import entries
from simulator.lessons.cell_options import CELL_CONTROLS, CELL_OPTIONS, KIND, cell_options
from simulator.lessons.controls import (
    ChoiceControl,
    IntegerControl,
    Option,
    RealControl,
    Settings,
)
from simulator.lessons.lesson import FROM_LAB, Lesson, LessonState
from simulator.lessons.recurrent_input import (
    LONGEST,
    SEQUENCE_CONTROLS,
    SEQUENCE_SETTINGS,
    sequence_array,
    value_count,
)
from simulator.lessons.recurrent_lesson import ACTIVATION
from simulator.lessons.recurrent_weights import (
    CELL_NAMES,
    KINDS,
    ORIGIN,
    SEED,
    UNITS,
    brought,
    from_elsewhere,
    parts_with,
)
from simulator.traces.recurrence import RecurrentTrace
from simulator.traces.recurrent import Sequence
from simulator.traces.through_time import spectral_radius, through_time_trace
from simulator.traces.weight_gradient import Clipping

Array = NDArray[Any]

SECTION = "Network"
RNN = "rnn"
CELL = replace(KIND, help="What the gradient goes back through.")
BESIDE = ChoiceControl(
    name="beside",
    label="Compare",
    section=SECTION,
    options=(Option("all", "all three"), Option("none", "this one")),
    default="all",
    segmented=True,
    help="The gradient in the two other cells too: the same sequence, seed, units and radius.",
)
HELD_GATES = {"rnn": "", "lstm": "f", "gru": "z"}
"""The gates whose values can be typed over: those along which the gradient goes back."""
STATES = {"rnn": "h", "lstm": "hc", "gru": "h"}
"""The states that a kind of cell hands on."""
RADIUS = RealControl(
    name="radius",
    label="Spectral radius",
    section=SECTION,
    default=0.8,
    minimum=0.0,
    maximum=2.0,
    stops=tuple(round(0.05 * at, 2) for at in range(41)),
    help="The size of the recurrent weights' largest eigenvalue: how much a step stretches.",
)
KEEP = RealControl(
    name="keep",
    label="Bias of the gate that keeps",
    section=SECTION,
    default=1.0,
    minimum=-2.0,
    maximum=6.0,
    stops=tuple(0.25 * at for at in range(-8, 25)),
    shown=lambda settings: CELL.of(settings) != RNN or BESIDE.of(settings) == "all",
    help="Of an LSTM's forget gate or a GRU's update gate: the higher, the more open it stands.",
)
KEEPING = {"lstm": 1, "gru": 0}
"""Which of a cell's gates keeps the state."""
LOSS = ChoiceControl(
    name="loss",
    label="Loss at",
    section=SECTION,
    options=(Option("last", "last"), Option("each", "each step"), Option(FROM_LAB, "given")),
    default="last",
    segmented=True,
    help="Where an answer is judged: there the gradient comes in, with length 1. Given, it is what "
    "you type; a layer that is opened from the lab brings that of its network’s loss.",
)
WINDOW = IntegerControl(
    name="window",
    label="Truncate after",
    section=SECTION,
    default=0,
    minimum=0,
    maximum=LONGEST,
    help="Time steps after which the gradient is cut off; 0 lets it go all the way.",
)
CLIP = ChoiceControl(
    name="clip",
    label="Clip",
    section=SECTION,
    options=(Option("none", "no"), Option("norm", "by norm"), Option("value", "by value")),
    default="none",
    segmented=True,
    help="What is done to the gradient of the recurrent weights before they are changed.",
)
LIMIT = RealControl(
    name="limit",
    label="Limit",
    section=SECTION,
    default=1.0,
    minimum=0.001,
    maximum=1000.0,
    shown=lambda settings: CLIP.of(settings) != "none",
    help="The most that the gradient's length, or each of its numbers, may be.",
)


def arrays(state: LessonState) -> dict[str, Array]:
    """Return sequence and first states, weights with their spectral radius, gradient from above."""
    settings = state.settings
    x = sequence_array(state)
    units, kind = UNITS.of(settings), CELL.of(settings)
    to_output = np.zeros((len(x), units), np.float32)
    start = {"each": 0, "last": len(x) - 1, FROM_LAB: len(x)}[LOSS.of(settings)]
    to_output[start:] = 1 / np.sqrt(units)
    above = {"to_output": to_output}
    if kind == "lstm":  # the layers above may read the memory after the last step, too
        above["after_c"] = np.zeros((1, units), np.float32)
    states = {f"initial_{name}": np.zeros((1, units), np.float32) for name in STATES[kind]}
    gates = {gate: np.full((len(x), units), np.nan, np.float32) for gate in HELD_GATES[kind]}
    weights = brought(state, {**_weights(kind, settings), **states})
    if from_elsewhere(settings):
        weights |= _moved(kind, weights, settings)
    return {"x": x, **weights, **gates, **above}


def _weights(kind: str, settings: Settings) -> dict[str, Array]:
    """Return the weights of a kind of cell, rows of biases among them."""
    units = UNITS.of(settings)
    layer = KINDS[kind](units, **cell_options(kind, settings))
    layer.build((None, value_count(settings)), np.random.default_rng(SEED.of(settings)))
    made = {name: np.atleast_2d(np.array(array)) for name, array in layer.weights.items()}
    # Orthogonal as the layer makes them, all eigenvalues of a simple cell's have the size 1.
    made["recurrent_kernel"] = made["recurrent_kernel"] * np.float32(RADIUS.of(settings))
    if kind in KEEPING:
        made["bias"][0, _keeping(kind, units)] = KEEP.of(settings)
    return made


def sliders_at(kind: str, weights: Mapping[str, Array]) -> dict[str, float]:
    """Return where the sliders stand for a layer's weights, as far as they go.

    A layer without a bias adds nothing.
    """
    kernel = weights["recurrent_kernel"]
    found = {RADIUS.name: _within(RADIUS, _reach(kind, kernel))}
    if kind in KEEPING:
        gate = _keeping(kind, kernel.shape[0])
        bias = np.atleast_2d(weights["bias"])[0, gate] if "bias" in weights else np.zeros(1)
        found[KEEP.name] = _within(KEEP, float(bias.mean()))
    return found


def _moved(kind: str, weights: Mapping[str, Array], settings: Settings) -> dict[str, Array]:
    """Return a layer's weights as the sliders, once they were moved, make them."""
    at, moved = sliders_at(kind, weights), {}
    kernel, radius = weights["recurrent_kernel"], RADIUS.of(settings)
    reach = _reach(kind, kernel)
    if radius != at[RADIUS.name] and reach > 0:
        moved["recurrent_kernel"] = kernel * np.float32(radius / reach)
    if KEEP.name in at and KEEP.of(settings) != at[KEEP.name]:
        gate = _keeping(kind, kernel.shape[0])
        bias = np.array(weights["bias"])
        bias[0, gate] += np.float32(KEEP.of(settings)) - bias[0, gate].mean()
        moved["bias"] = bias
    return moved


def _keeping(kind: str, units: int) -> slice:
    """Return where the bias of the gate that keeps stands in its row."""
    return slice(KEEPING[kind] * units, (KEEPING[kind] + 1) * units)


def _reach(kind: str, kernel: Array) -> float:
    """Return how much a step stretches a state: of gates' kernels (U, gates · U), at most."""
    if kind == RNN:
        return spectral_radius(kernel)
    return float(np.linalg.norm(kernel, 2)) if np.isfinite(kernel).all() else 0.0


def _within(control: RealControl, value: float) -> float:
    return round(min(max(value, control.minimum), control.maximum), 2)


def build(given: Mapping[str, Array], settings: Settings, backend: Backend) -> RecurrentTrace:
    """Return the trace, with those of the other cells beside it where they are compared."""
    kind = CELL.of(settings)
    trace = _trace(kind, given, settings, backend)
    if BESIDE.of(settings) != "all":
        return trace
    shared = {name: given[name] for name in ("x", "to_output", "initial_h")}
    others = {}
    for other, name in CELL_NAMES.items():
        if other != kind:
            zeros = {f"initial_{state}": 0 * given["initial_h"] for state in STATES[other]}
            made = {**zeros, **_weights(other, settings), **shared}
            others[name] = _trace(other, made, settings, backend, compared=True)
    return trace.with_beside(others)


def _trace(
    kind: str,
    given: Mapping[str, Array],
    settings: Settings,
    backend: Backend,
    *,
    compared: bool = False,
) -> RecurrentTrace:
    options = cell_options(kind, settings)
    layer = KINDS[kind](UNITS.of(settings), recurrent_initializer="zeros", **options)
    layer.build((None, value_count(settings)), np.random.default_rng(0))
    for name, weight in layer.weights.items():
        weight[...] = given[name].reshape(weight.shape)
    initial = {name: given[f"initial_{name}"][0] for name in layer.state_names}
    gates = {gate: given[gate] for gate in HELD_GATES[kind] if gate in given}
    held = {gate: values for gate, values in gates.items() if not np.isnan(values).all()}
    return through_time_trace(
        layer,
        Sequence(given["x"], initial, held),
        given["to_output"],
        to_memory=given.get("after_c"),
        backend=backend,
        window=WINDOW.of(settings),
        clipping=Clipping(CLIP.of(settings), LIMIT.of(settings)),
        compared=compared,
    )


def noticed(state: LessonState, _: int) -> str:
    """Return what suits a state: what is cut, or how the gradient fares."""
    settings = state.settings
    kind = CELL.of(settings)
    if WINDOW.of(settings):
        return "truncated"
    if LOSS.of(settings) == FROM_LAB:
        return "given"
    if kind != RNN:
        return kind
    if CLIP.of(settings) != "none":
        return f"clip {CLIP.of(settings)}"
    if RADIUS.of(settings) <= 1:
        return "vanishes"
    return "grows" if ACTIVATION.of(settings) in ("linear", "relu") else "bent grows"


_WEIGHTS = CELL_OPTIONS | {"source", "values", "origin", "units", "seed"}
_ABOVE = SEQUENCE_SETTINGS | {"units", "loss"}

LESSON = Lesson(
    entry=entries.BACK_THROUGH_TIME,
    controls=(
        CELL,
        BESIDE,
        RADIUS,
        KEEP,
        *CELL_CONTROLS,
        LOSS,
        WINDOW,
        CLIP,
        LIMIT,
        *SEQUENCE_CONTROLS,
        ORIGIN,
        IntegerControl(
            name="units",
            label="Units",
            section=UNITS.section,
            default=4,
            minimum=1,
            maximum=256,
            help=UNITS.help,
        ),
        IntegerControl(
            name="seed",
            label=SEED.label,
            section=SEED.section,
            default=0,
            minimum=0,
            maximum=9999,
            shown=lambda settings: not from_elsewhere(settings),
            help=SEED.help,
        ),
    ),
    remakes={
        "x": SEQUENCE_SETTINGS,
        "kernel": _WEIGHTS,
        "recurrent_kernel": _WEIGHTS | {"radius"},
        "bias": _WEIGHTS | {"keep"},
        **dict.fromkeys(("initial_h", "initial_c"), _WEIGHTS),
        **dict.fromkeys("fz", _WEIGHTS | SEQUENCE_SETTINGS),
        "to_output": _ABOVE,
        "after_c": _ABOVE | {"cell"},
    },
    arrays=arrays,
    build=build,
    scene="back",
    text="back_through_time",
    noticed=noticed,
    parts_with=parts_with(*CELL_OPTIONS),
)
