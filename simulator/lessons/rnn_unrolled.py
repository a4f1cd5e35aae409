"""The lesson in which a simple recurrent network is unrolled."""

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
from simulator.lessons.recurrent_lesson import ACTIVATION, cell_arrays, cell_trace
from simulator.lessons.recurrent_weights import (
    SEED,
    WEIGHT_CONTROLS,
    WEIGHT_SETTINGS,
    parts_with,
    weights_noticed,
)
from simulator.traces.recurrence import RecurrentTrace

Array = NDArray[Any]

SECTION = "Network"
ONE_ANSWER, EACH_ANSWER, ONE_INPUT = "many to one", "many to many", "one to many"
MODE = ChoiceControl(
    name="mode",
    label="Shape",
    section=SECTION,
    options=(
        Option(ONE_ANSWER, "many to one"),
        Option(EACH_ANSWER, "many to many"),
        Option(ONE_INPUT, "one to many"),
    ),
    default=ONE_ANSWER,
    help="Many to one answers once, at the end. Many to many answers at each step. One to many "
    "reads the first step alone.",
)


def arrays(state: LessonState) -> dict[str, Array]:
    """Return the sequence, the weights and the state before it."""
    made = cell_arrays("rnn", "", state)
    if MODE.of(state.settings) == ONE_INPUT:
        made["x"] = np.array(made["x"])
        made["x"][1:] = 0
    if "head_kernel" not in made:
        rng = np.random.default_rng((SEED.of(state.settings), 1))
        units = made["recurrent_kernel"].shape[0]
        made["head_kernel"] = (rng.normal(size=(units, 1)) / np.sqrt(units)).astype(np.float32)
        made["head_bias"] = np.zeros((1, 1), np.float32)
    return made


def build(given: Mapping[str, Array], settings: Settings, backend: Backend) -> RecurrentTrace:
    """Return the trace."""
    each_step = MODE.of(settings) != ONE_ANSWER
    activation = ACTIVATION.of(settings)
    return cell_trace(
        "rnn", "", given, settings, backend, each_step=each_step, activation=activation
    )


def noticed(state: LessonState, _: int) -> str:
    """Return what suits a state: its shape, or else where the weights are from."""
    mode, activation = MODE.of(state.settings), ACTIVATION.of(state.settings)
    if mode != ONE_ANSWER:
        return mode
    if activation in ("relu", "linear"):
        return activation
    return weights_noticed(state.settings)


_WEIGHTS = ("kernel", "recurrent_kernel", "bias", "head_kernel", "head_bias", "initial_h")

LESSON = Lesson(
    entry=entries.RNN_UNROLLED,
    controls=(*SEQUENCE_CONTROLS, *WEIGHT_CONTROLS, MODE, ACTIVATION),
    remakes={
        "x": SEQUENCE_SETTINGS | {"mode"},
        **dict.fromkeys(_WEIGHTS, WEIGHT_SETTINGS),
    },
    arrays=arrays,
    build=build,
    scene="cell",
    text="rnn_unrolled",
    noticed=noticed,
    parts_with=parts_with(),
)
