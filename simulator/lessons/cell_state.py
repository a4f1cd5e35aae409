"""From a recurrent cell that stands elsewhere to the lesson that opens it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.lessons import gru_gates, lstm_gates, rnn_unrolled
from simulator.lessons.lesson import FROM_GRID, Lesson, LessonState, Opened
from simulator.traces.cell_names import GATES

Array = NDArray[Any]

LESSONS: Mapping[str, Lesson] = {
    "rnn": rnn_unrolled.LESSON,
    "lstm": lstm_gates.LESSON,
    "gru": gru_gates.LESSON,
}
"""The lesson on each kind of cell."""


def cell_state(
    kind: str,
    x: Array,
    given: Mapping[str, Array],
    settings: Mapping[str, Any],
    *,
    source: str = FROM_GRID,
) -> LessonState:
    """Return the state of a cell's lesson in which a cell with these weights reads a sequence.

    ``x`` is (T, C), in the order of reading; ``given`` are kernel, recurrent kernel and bias as the
    engine's layer has them, first states (1, U) and values of gates (T, U) that are held, NaN where
    they are free. ``settings`` are activations and a GRU's form, ``source`` says where all that is
    from.

    Raises:
        ControlError: the lesson can't show so much.
    """
    chosen = LESSONS[kind]
    units = {"units": given["recurrent_kernel"].shape[0]}
    weights = {name: array for name, array in given.items() if name not in GATES}
    held = {name: array for name, array in given.items() if name in GATES}
    return filled_state(chosen, x, weights, {**units, **settings}, source=source, typed=held)


def filled_state(
    chosen: Lesson,
    x: Array,
    given: Mapping[str, Array],
    settings: Mapping[str, Any],
    *,
    source: str,
    typed: Mapping[str, Array] | None = None,
) -> LessonState:
    """Return the state of a lesson in which its network has these weights and reads a sequence.

    ``x`` is (T, C); the arrays that are ``given`` are called as the lesson's, and those that are
    ``typed`` stand there as a learner would have typed them, where they are not NaN. Biases that
    are not given are 0: a layer without them adds nothing.

    Raises:
        ControlError: the lesson can't show so much.
    """
    state = chosen.initial_state()
    for name, value in {
        "source": source,
        "length": len(x),
        "values": x.shape[1],
        **settings,
    }.items():
        state = chosen.change(state, name, value)
    made = chosen.arrays(state)
    arrays = {name: np.zeros_like(made[name]) for name in made if name.startswith("bias")}
    for name, array in {"x": x, **given}.items():
        arrays[name] = np.atleast_2d(array).astype(made[name].dtype)
    state = replace(chosen.change(state, "origin", source), opened=Opened(arrays))
    for name, array in (typed or {}).items():
        rows = np.atleast_2d(array)
        known = ~np.isnan(rows)
        places = map(tuple, np.argwhere(known).tolist())
        state = state.with_cells(name, dict(zip(places, rows[known].tolist(), strict=True)))
    return state
