"""What the lessons about one recurrent cell share: arrays, edits, and the trace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.engine.layers.recurrent import Recurrent
from simulator.lessons.controls import ChoiceControl, Option, Settings
from simulator.lessons.lesson import LessonState
from simulator.lessons.recurrent_input import sequence_array, value_count
from simulator.lessons.recurrent_weights import KINDS, brought, cell_weights, unit_count
from simulator.traces.recurrence import RecurrentTrace
from simulator.traces.recurrent import Head, Sequence, recurrent_trace

Array = NDArray[Any]

FREE, SHUT, OPEN = "free", "shut", "open"
HOLDING = "Hold a gate"


CELLWISE: dict[str, str] = {
    "tanh": "tanh",
    "relu": "ReLU",
    "linear": "linear",
    "sigmoid": "sigmoid",
    "leaky_relu": "leaky ReLU",
    "elu": "ELU",
    "selu": "SELU",
    "gelu": "GELU",
    "softplus": "softplus",
    "softsign": "softsign",
    "swish": "swish",
}
"""The activations that go number by number, with what they are called."""


def activation_control(name: str, label: str, default: str, words: str) -> ChoiceControl:
    """Return the control of an activation."""
    return ChoiceControl(
        name=name,
        label=label,
        section="Network",
        options=tuple(Option(key, title) for key, title in CELLWISE.items()),
        default=default,
        help=words,
    )


ACTIVATION = activation_control(
    "activation", "Activation", "tanh", "What each unit's sum goes through."
)
GATED_ACTIVATIONS = (
    activation_control(
        "activation", "Activation", "tanh", "What the candidate and the state go through."
    ),
    activation_control(
        "gate_activation", "Of the gates", "sigmoid", "What the gates' sums go through."
    ),
)
"""The controls of a cell with gates."""


def gated_options(settings: Settings) -> dict[str, Any]:
    """Return the activations of a cell with gates, as its layer takes them."""
    outer, gate = (control.of(settings) for control in GATED_ACTIVATIONS)
    return {"activation": outer, "recurrent_activation": gate}


def hold_control(gate: str, label: str) -> ChoiceControl:
    """Return the control that holds a gate shut or open at every time step."""
    return ChoiceControl(
        name=f"hold_{gate}",
        label=label,
        section=HOLDING,
        options=(Option(FREE, "free"), Option(SHUT, "shut 0"), Option(OPEN, "open 1")),
        default=FREE,
        segmented=True,
        help="Free, the cell decides. Held, everything that follows is computed from 0 or 1.",
    )


def cell_arrays(kind: str, gates: str, state: LessonState, **options: Any) -> dict[str, Array]:
    """Return the given arrays of a state, before its edits.

    Those named like gates (T, U) are the values that are held, NaN where the cell decides.
    """
    settings = state.settings
    x = sequence_array(state)
    units = unit_count(settings)
    weights = cell_weights(kind, settings, **options)
    weights["initial_h"] = np.zeros((1, units), np.float32)
    if kind == "lstm":
        weights["initial_c"] = np.zeros((1, units), np.float32)
    arrays = {"x": x, **brought(state, weights)}
    for gate in gates:
        held = {SHUT: 0.0, OPEN: 1.0}.get(str(settings.get(f"hold_{gate}", FREE)), np.nan)
        arrays[gate] = np.full((len(x), units), held, np.float32)
    return arrays


def cell_trace(
    kind: str,
    gates: str,
    given: Mapping[str, Array],
    settings: Settings,
    backend: Backend,
    *,
    each_step: bool = False,
    **options: Any,
) -> RecurrentTrace:
    """Return the trace of a cell with the given arrays, edits included."""
    layer = cell_layer(kind, given, settings, **options)
    held = {gate: given[gate] for gate in gates if not np.isnan(given[gate]).all()}
    initial = {name: given[f"initial_{name}"][0] for name in layer.state_names}
    head = None
    if "head_kernel" in given:
        head = Head(given["head_kernel"], given["head_bias"][0], each_step=each_step)
    sequence = Sequence(given["x"], initial, held)
    return recurrent_trace(layer, sequence, backend=backend, head=head)


def cell_layer(
    kind: str, given: Mapping[str, Array], settings: Settings, **options: Any
) -> Recurrent:
    """Return the engine's layer with the given weights."""
    # Of weights that are put in its place at once, none has to be drawn.
    layer = KINDS[kind](unit_count(settings), recurrent_initializer="zeros", **options)
    layer.build((None, value_count(settings)), np.random.default_rng(0))
    for name, weight in layer.weights.items():
        weight[...] = given[name].reshape(weight.shape)
    return layer
