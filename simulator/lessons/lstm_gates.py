"""The lesson in which an LSTM cell is opened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.lessons import entries
from simulator.lessons.controls import Settings
from simulator.lessons.lesson import Lesson, LessonState
from simulator.lessons.recurrent_input import SEQUENCE_CONTROLS, SEQUENCE_SETTINGS
from simulator.lessons.recurrent_lesson import (
    FREE,
    GATED_ACTIVATIONS,
    cell_arrays,
    cell_trace,
    gated_options,
    hold_control,
)
from simulator.lessons.recurrent_weights import (
    WEIGHT_CONTROLS,
    WEIGHT_SETTINGS,
    parts_with,
    weights_noticed,
)
from simulator.traces.recurrence import RecurrentTrace

Array = NDArray[Any]

GATES = "ifgo"
HOLDS = (
    hold_control("f", "Forget"),
    hold_control("i", "Input"),
    hold_control("o", "Output"),
)


def arrays(state: LessonState) -> dict[str, Array]:
    """Return the sequence, the weights, the states before it, and the values that are held."""
    return cell_arrays("lstm", GATES, state)


def build(given: Mapping[str, Array], settings: Settings, backend: Backend) -> RecurrentTrace:
    """Return the trace."""
    return cell_trace("lstm", GATES, given, settings, backend, **gated_options(settings))


def noticed(state: LessonState, _: int) -> str:
    """Return what suits a state: a gate that is held, or else the task."""
    for control in HOLDS:
        held = control.of(state.settings)
        if held != FREE:
            return f"{control.name} {held}"
    return weights_noticed(state.settings)


_WEIGHTS = (
    "kernel",
    "recurrent_kernel",
    "bias",
    "head_kernel",
    "head_bias",
    "initial_h",
    "initial_c",
)

LESSON = Lesson(
    entry=entries.LSTM_GATES,
    controls=(*HOLDS, *SEQUENCE_CONTROLS, *WEIGHT_CONTROLS, *GATED_ACTIVATIONS),
    remakes={
        "x": SEQUENCE_SETTINGS,
        **dict.fromkeys(_WEIGHTS, WEIGHT_SETTINGS),
        "g": SEQUENCE_SETTINGS | WEIGHT_SETTINGS,
        **{gate: SEQUENCE_SETTINGS | WEIGHT_SETTINGS | {f"hold_{gate}"} for gate in "ifo"},
    },
    arrays=arrays,
    build=build,
    scene="cell",
    text="lstm_gates",
    noticed=noticed,
    parts_with=parts_with(),
)
