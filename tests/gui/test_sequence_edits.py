"""Every weight, input, first state and gate of the lessons on sequences is typed over on the stage.

What follows is compared with loops over single numbers (or the engine's backward pass), and undo
brings every number back, bit for bit.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from simulator.engine.backends.base import Backend
from simulator.engine.layers.base import Context
from simulator.gui.lesson_page import LessonPage
from simulator.lessons.back_through_time import KINDS
from simulator.lessons.deep_bidirectional import stack_of
from simulator.lessons.frame import Pointer
from simulator.traces.cell_names import gate_named
from simulator.traces.deep import weight_names
from tests.engine import naive_recurrent as naive

Arrays = Mapping[str, np.ndarray]
CASES: list[tuple[str, dict[str, Any]]] = [
    ("rnn-unrolled", {}),
    ("rnn-unrolled", {"mode": "many to many", "source": "sine", "units": 3}),
    ("lstm-gates", {}),
    ("gru-gates", {}),
    ("gru-gates", {"reset": "before", "source": "text", "text": "abc", "units": 2}),
    ("back-through-time", {}),
    ("back-through-time", {"cell": "lstm", "beside": "none"}),
    ("back-through-time", {"cell": "gru"}),
    ("deep-bidirectional", {"merge": "sum"}),
    ("deep-bidirectional", {"cell": "lstm", "units": 2}),
    ("deep-bidirectional", {"cell": "gru", "merge": "ave", "units": 2}),
    ("deep-bidirectional", {"units": 3, "units_2": 2, "both_layers": "1"}),
    ("deep-bidirectional", {"cell": "gru", "reset": "before", "directions": "one", "units": 2}),
    ("cnn-and-rnn", {"units": 3}),
]
TYPED = 0.625


def given_arrays(page: LessonPage) -> dict[str, np.ndarray]:
    """The lesson's given arrays, with the edits put in by hand."""
    state = page.document.state
    made = {name: np.array(array) for name, array in page.document.lesson.arrays(state).items()}
    for name, cells in state.edits.items():
        for index, value in cells.items():
            made[name][index] = value
    return made


def run_cell(kind: str, x: np.ndarray, own: Arrays, held: Arrays, activation: str = "tanh") -> Any:
    """Every array of a cell, from loops over single numbers."""
    kernel, recurrent, bias, h = (own[name] for name in ("kernel", "recurrent", "bias", "h"))
    if kind == "rnn":
        return naive.simple_rnn(x, kernel, recurrent, bias[0], h[0], activation)
    if kind == "lstm":
        start = own["c"][0]
        return naive.lstm(x, kernel, recurrent, bias[0], h[0], start, activation, "sigmoid", held)
    after = len(bias) == 2
    biases = bias if after else (bias[0], 0 * bias[0])
    return naive.gru(x, kernel, recurrent, *biases, h[0], after, activation, "sigmoid", held)


def alone(given: Arrays, kind: str) -> dict[str, np.ndarray]:
    own = {"kernel": given["kernel"], "recurrent": given["recurrent_kernel"]}
    own |= {"bias": given["bias"], "h": given["initial_h"]}
    if kind == "lstm":
        own["c"] = given["initial_c"]
    held = {name: values for name, values in given.items() if gate_named(name)}
    return dict(run_cell(kind, given["x"], own, held))


def grid(given: Arrays, settings: Mapping[str, Any]) -> dict[str, np.ndarray]:
    stack, merge, kind = stack_of(settings), settings["merge"], settings["cell"]
    known = {"x": given["x"]}
    for direction in stack.directions:
        below = stack.sources(direction)
        order = slice(None, None, -1 if direction.backwards else 1)
        kernels, recurrent, bias = weight_names(direction, below)
        own = {
            "kernel": np.concatenate([given[name] for name in kernels]),
            "recurrent": given[recurrent],
            "bias": given[bias],
            "h": given[f"initial_h{direction.suffix}"],
        }
        if kind == "lstm":
            own["c"] = given[f"initial_c{direction.suffix}"]
        held = {g: given[n][order] for g in "ifgozr" if (n := f"{g}{direction.suffix}") in given}
        read = np.concatenate([known[name] for name in below], axis=-1)[order]
        for name, rows in run_cell(kind, read, own, held).items():
            known[f"{name}{direction.suffix}"] = rows[order]
        if direction.backwards and merge != "concat":
            first, second = (known[f"h{direction.layer + 1}{way}"] for way in ("", "_back"))
            merged = {"sum": first + second, "ave": (first + second) / 2}[merge]
            known[stack.outputs(direction.layer)[0]] = merged
    return known


def back(given: Arrays, settings: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The states, and what is handed to those before the first step.

    By the engine's backward pass; by differences where a gate is held by hand.
    """
    kind = settings["cell"]
    found = alone(given, kind)
    names = "hc" if kind == "lstm" else "h"
    if any(not np.isnan(given[name]).all() for name in "fz" if name in given):
        start = np.array(given["initial_h"], np.float64)
        rows = []
        for unit in range(start.shape[1]):
            losses = []
            for step in (1e-5, -1e-5):
                moved = start.copy()
                moved[0, unit] += step
                states = alone({**given, "initial_h": moved}, kind)
                loss = (states["h"] * given["to_output"]).sum()
                if kind == "lstm":
                    loss += (states["c"][-1] * given["after_c"][0]).sum()
                losses.append(float(loss))
            rows.append((losses[0] - losses[1]) / 2e-5)
        return {"h": found["h"], "carried": np.array([rows])}
    units = given["initial_h"].shape[1]
    layer = KINDS[kind](units, return_sequences=True, return_state=True, dtype="float64")
    layer.build((None, given["x"].shape[1]), np.random.default_rng(0))
    for name, weight in layer.weights.items():
        weight[...] = given[name].reshape(weight.shape)
    context = Context(Backend(), False, np.random.default_rng(0))
    inputs = tuple(
        given[name].astype(np.float64) for name in ("x", *(f"initial_{n}" for n in names))
    )
    _, cache = layer.forward((inputs[0][None], *inputs[1:]), context)
    above = [given["to_output"][None], 0 * given["initial_h"]]
    above += [given["after_c"]] if kind == "lstm" else []
    arriving = tuple(each.astype(np.float64) for each in above)
    (_, to_h, *_), _ = layer.backward(arriving, cache, context)
    return {"h": found["h"], "carried": to_h}


def readers(given: Arrays) -> dict[str, np.ndarray]:
    picture, kernel = given["x"], given["conv_kernel"]
    size = len(picture) - 2
    seen = [
        [(picture[r : r + 3, c : c + 3] * kernel).sum() for c in range(size)] for r in range(size)
    ]
    return {"map": np.array(seen) + given["conv_bias"][0, 0], "h": alone(given, "rnn")["h"]}


def expected(page: LessonPage) -> dict[str, np.ndarray]:
    given, settings = given_arrays(page), page.document.state.settings
    lesson = page.document.lesson.id
    if lesson == "deep-bidirectional":
        return grid(given, settings)
    if lesson == "back-through-time":
        return back(given, settings)
    if lesson == "cnn-and-rnn":
        return readers(given)
    found = alone(given, {"rnn-unrolled": "rnn", "lstm-gates": "lstm"}.get(lesson, "gru"))
    if "head_kernel" in given:
        rows = found["h"] if settings.get("mode") == "many to many" else found["h"][-1:]
        found["y"] = rows @ given["head_kernel"] + given["head_bias"][0]
    return found


def computed(page: LessonPage) -> dict[str, bytes]:
    arrays = page.document.session.trace.arrays
    return {
        name: array.values.tobytes()
        for name, array in arrays.items()
        if isinstance(array.values, np.ndarray)
    }


def editable_cell(page: LessonPage, name: str) -> Pointer | None:
    """A cell of an array that can be typed over where the stage stands now."""
    page.stage.frame()
    for shown, _ in page.stage._placed:
        if shown.editable and shown.plane.array == name:
            view = shown.view
            return Pointer(name, shown.plane.cell_index(int(view.top), int(view.left)))
    return None


def bring_on_view(page: LessonPage, name: str) -> Pointer:
    """Go to a step at which an array can be typed over: where its first cell has a part."""
    document = page.document
    for level in ("product", "unit", "gate"):
        document.set_level(level)
        document.first()
        document.open(Pointer(name, (0, 0)))
        found = editable_cell(page, name)
        if found is not None:
            return found
    document.set_level("unit")
    for step in range(document.timeline.length):
        document.seek(step)
        found = editable_cell(page, name)
        if found is not None:
            return found
    raise AssertionError(f"{name} is nowhere on the stage")


@pytest.mark.parametrize(("lesson", "settings"), CASES)
def test_everything_is_typed_over_on_the_stage_and_undone(
    open_page: Callable[..., LessonPage], lesson: str, settings: dict[str, Any]
) -> None:
    page = open_page(lesson, **{"size" if lesson == "cnn-and-rnn" else "length": 5}, **settings)
    document = page.document
    before = computed(page)
    for name in document.lesson.arrays(document.state):
        pointer = bring_on_view(page, name)
        document.pin(pointer)
        assert page.stage.edit_pinned(str(TYPED)), name
        QTest.keyClick(page.stage._editor, Qt.Key.Key_Return)
        assert document.state.edits[name] == {pointer.index: TYPED}, name
        assert document.session.complaint is None
        assert computed(page) != before, name
        for array, values in expected(page).items():
            shown = np.asarray(document.session.trace.arrays[array].values)
            rows = shown[: len(values)] if array == "carried" else shown
            np.testing.assert_allclose(rows, values, atol=2e-5, err_msg=f"{array} after {name}")
        document.undo_stack.undo()
        assert document.state.edits.get(name, {}) == {}
        assert computed(page) == before, name
        document.free()
