"""From a recurrent cell that stands elsewhere to the lesson that opens it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.lessons import gru_gates, lstm_gates, rnn_unrolled
from simulator.lessons.lesson import Lesson, LessonState
from simulator.lessons.recurrent_input import BLANK

Array = NDArray[Any]

LESSONS: Mapping[str, Lesson] = {
    "rnn": rnn_unrolled.LESSON,
    "lstm": lstm_gates.LESSON,
    "gru": gru_gates.LESSON,
}
"""The lesson on each kind of cell."""


def cell_state(
    kind: str, x: Array, given: Mapping[str, Array], settings: Mapping[str, Any]
) -> LessonState:
    """Return the state of a cell's lesson in which a cell with these weights reads a sequence.

    ``x`` is (T, C), in the order of reading; ``given`` are kernel, recurrent kernel and bias as the
    engine's layer has them, first states (1, U) and values of gates (T, U) that are held, NaN where
    they are free. ``settings`` are activations and a GRU's form.

    Raises:
        ControlError: the lesson can't show so much.
    """
    chosen = LESSONS[kind]
    units = {"units": given["recurrent_kernel"].shape[0]}
    return filled_state(chosen, x, given, {**units, **settings})


def filled_state(
    chosen: Lesson, x: Array, given: Mapping[str, Array], settings: Mapping[str, Any]
) -> LessonState:
    """Return the state of a lesson in which its network has these weights and reads a sequence.

    ``x`` is (T, C); the arrays that are ``given`` are called as the lesson's. Biases that are not
    given are 0: a layer without them adds nothing.

    Raises:
        ControlError: the lesson can't show so much.
    """
    state = chosen.initial_state()
    for name, value in {
        "source": BLANK,
        "length": len(x),
        "values": x.shape[1],
        **settings,
    }.items():
        state = chosen.change(state, name, value)
    biases = {
        name: np.zeros_like(array)
        for name, array in chosen.arrays(state).items()
        if name.startswith("bias")
    }
    for name, array in {**biases, "x": x, **given}.items():
        rows = np.atleast_2d(array)
        known = ~np.isnan(rows)
        places = map(tuple, np.argwhere(known).tolist())
        state = state.with_cells(name, dict(zip(places, rows[known].tolist(), strict=True)))
    return state
