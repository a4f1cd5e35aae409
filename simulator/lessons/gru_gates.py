"""The lesson in which a GRU cell is opened, in both of its forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.lessons import entries
from simulator.lessons.controls import ChoiceControl, Option, Settings
from simulator.lessons.lesson import Lesson, LessonState
from simulator.lessons.recurrent_input import SEQUENCE_CONTROLS, SEQUENCE_SETTINGS
from simulator.lessons.recurrent_lesson import (
    FREE,
    GATED_ACTIVATIONS,
    HOLDING,
    cell_arrays,
    cell_trace,
    gated_options,
    hold_control,
)
from simulator.lessons.recurrent_weights import (
    WEIGHT_CONTROLS,
    WEIGHT_SETTINGS,
    cell_weights,
    parts_with,
    weights_noticed,
)
from simulator.traces.recurrence import RecurrentTrace

Array = NDArray[Any]

GATES = "zrg"
HOLDS = (hold_control("z", "Update"), hold_control("r", "Reset"))
AFTER, BEFORE = "after", "before"
RESET = ChoiceControl(
    name="reset",
    label="Reset",
    section=HOLDING,
    options=(Option(AFTER, "after U"), Option(BEFORE, "before U")),
    default=AFTER,
    segmented=True,
    help="Whether the reset gate acts after the old state's product with its weights, as Keras "
    "does and fast kernels need, or before it, as in the first paper.",
)


BESIDE = ChoiceControl(
    name="beside",
    label="Beside it",
    section=HOLDING,
    options=(Option("lstm", "an LSTM"), Option("none", "nothing")),
    default="lstm",
    segmented=True,
    help="An LSTM with as many units reads the same sequence: its gates over time, and how many "
    "weights it needs for them.",
)


def _after(settings: Settings) -> bool:
    return RESET.of(settings) == AFTER


def arrays(state: LessonState) -> dict[str, Array]:
    """Return the sequence, the weights, the state before it, and the values that are held."""
    return cell_arrays("gru", GATES, state, reset_after=_after(state.settings))


def build(given: Mapping[str, Array], settings: Settings, backend: Backend) -> RecurrentTrace:
    """Return the trace, with that of an LSTM beside it where it is wanted."""
    options = gated_options(settings)
    after = _after(settings)
    trace = cell_trace("gru", GATES, given, settings, backend, reset_after=after, **options)
    if BESIDE.of(settings) == "none":
        return trace
    start = given["initial_h"]
    other = {
        **cell_weights("lstm", settings),
        "x": given["x"],
        "initial_h": start,
        "initial_c": np.zeros_like(start),
    }
    lstm = cell_trace("lstm", "", other, settings, backend, **options)
    return trace.with_beside({"LSTM": lstm})


def noticed(state: LessonState, _: int) -> str:
    """Return what suits a state: a gate that is held, the form, or the task."""
    for control in HOLDS:
        held = control.of(state.settings)
        if held != FREE:
            return f"{control.name} {held}"
    if not _after(state.settings):
        return "before"
    return weights_noticed(state.settings)


_WEIGHTS = ("kernel", "recurrent_kernel", "bias", "head_kernel", "head_bias", "initial_h")

LESSON = Lesson(
    entry=entries.GRU_GATES,
    controls=(*HOLDS, RESET, BESIDE, *SEQUENCE_CONTROLS, *WEIGHT_CONTROLS, *GATED_ACTIVATIONS),
    remakes={
        "x": SEQUENCE_SETTINGS,
        **dict.fromkeys(_WEIGHTS, WEIGHT_SETTINGS | {"reset"}),
        "z": SEQUENCE_SETTINGS | WEIGHT_SETTINGS | {"hold_z"},
        "r": SEQUENCE_SETTINGS | WEIGHT_SETTINGS | {"hold_r"},
        "g": SEQUENCE_SETTINGS | WEIGHT_SETTINGS,
    },
    arrays=arrays,
    build=build,
    scene="cell",
    text="gru_gates",
    noticed=noticed,
    parts_with=parts_with("reset"),
)
