import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine.geometry import GeometryError
from simulator.lessons.catalogue import LESSONS
from simulator.lessons.catalogue import lesson as find
from simulator.lessons.controls import ControlError
from simulator.lessons.lesson import OWN_PICTURE, LessonState
from simulator.lessons.opening import open_lesson
from simulator.traces.region import Region
from tests.lessons.opened import BACKEND, ROOM, randomly, some_settings, state_of
from tests.lessons.test_controls import anything

CONVOLUTION = find("convolution")
POOLING = find("pooling")

names = st.sampled_from(sorted({control.name for item in LESSONS for control in item.controls}))
likely = st.sampled_from(
    [
        "valid",
        "same",
        "own",
        "random",
        "max",
        "lp",
        "3",
        "1",
        "255",
        0,
        1,
        2,
        15,
        224,
        2.5,
        ["blur"],
    ]
)


def base(state):
    """The given arrays of a convolution before anything is typed over."""
    return CONVOLUTION.arrays(state)


def values(trace, name):
    array = trace.arrays[name]
    return array.read(Region.whole(name, array.shape))


# States


def test_states_are_never_changed():
    state = state_of("convolution")
    edited = state.with_cells("input", {(0, 0, 0): 1.0})
    twice = edited.with_cells("input", {(1, 1, 0): 2.0}).with_cells("kernel", {(0, 0, 0, 0): 3.0})
    assert state.edits == {}
    assert edited.edits == {"input": {(0, 0, 0): 1.0}}
    assert twice.edits == {
        "input": {(0, 0, 0): 1.0, (1, 1, 0): 2.0},
        "kernel": {(0, 0, 0, 0): 3.0},
    }
    assert twice.without_edits("input", "bias").edits == {"kernel": {(0, 0, 0, 0): 3.0}}
    assert twice.has_edits("kernel", 0)
    assert not twice.has_edits("kernel", 1)
    assert not state.has_edits("kernel", 0)


def test_a_cell_typed_over_twice_has_the_last_value():
    state = state_of("convolution").with_cells("input", {(0, 0, 0): 1.0})
    assert state.with_cells("input", {(0, 0, 0): 2.0}).edits["input"] == {(0, 0, 0): 2.0}


# Changes


def test_a_change_is_checked():
    state = state_of("convolution")
    changed = CONVOLUTION.change(state, "stride", 2)
    assert changed.settings == {**state.settings, "stride": 2}
    with pytest.raises(ControlError, match="Stride is 0: choose a whole number from 1 to 16"):
        CONVOLUTION.change(state, "stride", 0)
    with pytest.raises(KeyError):
        CONVOLUTION.change(state, "speed", 2)


EDITS = {
    "input": {(1, 2, 0): 7.0},
    "kernel": {(0, 0, 0, 0): 5.0, (0, 0, 0, 1): 6.0},
    "bias": {(1,): 3.0},
}
REMADE = {
    "picture": ("cat", {"input"}),
    "size": (5, {"input"}),
    "range": ("1", {"input"}),
    "channels": ("3", {"input", "kernel"}),
    "kernel_size": (5, {"kernel"}),
    "seed": (1, {"kernel"}),
    "bias": (2.0, {"bias"}),
    "stride": (2, set()),
    "dilation": (2, set()),
    "padding": ("same", set()),
    "filters": (3, set()),
}


@pytest.mark.parametrize("name", REMADE)
def test_edits_are_forgotten_exactly_where_their_array_is_made_anew(name):
    value, remade = REMADE[name]
    state = replace(state_of("convolution", filters=2, preset=("random",)), edits=EDITS)
    changed = CONVOLUTION.change(state, name, value)
    assert set(EDITS) - set(changed.edits) == remade
    before, after = base(state), base(changed)
    for array in EDITS:
        common = tuple(
            slice(min(pair)) for pair in zip(before[array].shape, after[array].shape, strict=True)
        )
        same_shape = before[array].shape[:-1] == after[array].shape[:-1]
        same = same_shape and np.array_equal(before[array][common], after[array][common])
        assert same == (array not in remade)


def test_every_control_is_known_to_remake_or_to_leave():
    known = {*REMADE, "preset"}
    assert known == {control.name for control in CONVOLUTION.controls}


@pytest.mark.parametrize(
    ("presets", "kept"),
    [
        (("blur", "sobel_y"), [1]),
        (("sobel_x", "blur"), [0]),
        (("blur", "blur"), []),
        (("sobel_x", "sobel_y"), [0, 1]),
        (("sobel_x",), [0, 1]),  # the second follows: it is Sobel y again
        (("sobel_x", "sobel_y", "random"), [0, 1]),
    ],
)
def test_a_filters_edits_outlive_another_filters_preset(presets, kept):
    state = replace(state_of("convolution", filters=2), edits=EDITS)
    changed = CONVOLUTION.change(state, "preset", presets)
    assert changed.edits["kernel"] == {
        index: value for index, value in EDITS["kernel"].items() if index[-1] in kept
    }
    assert changed.edits["input"] == EDITS["input"]


def test_a_filter_that_comes_back_has_its_edits():
    state = replace(state_of("convolution", filters=2), edits=EDITS)
    fewer = CONVOLUTION.change(state, "filters", 1)
    assert values(CONVOLUTION.trace(fewer, BACKEND), "kernel").shape == (3, 3, 1, 1)
    again = CONVOLUTION.change(fewer, "filters", 2)
    np.testing.assert_array_equal(
        values(CONVOLUTION.trace(again, BACKEND), "kernel"),
        values(CONVOLUTION.trace(state, BACKEND), "kernel"),
    )


def test_the_picture_alone_makes_the_input_of_pooling_anew():
    state = replace(state_of("pooling"), edits={"input": {(0, 0, 0): 1.0}})
    for control in POOLING.controls:
        changed = POOLING.change(state, control.name, control.initial)
        kept = control.name not in ("picture", "size", "range", "channels")
        assert bool(changed.edits) == kept


# Traces


def test_cells_are_typed_over_and_nothing_else():
    state = state_of("convolution", filters=2)
    edited = replace(state, edits=EDITS)
    trace, plain = CONVOLUTION.trace(edited, BACKEND), CONVOLUTION.trace(state, BACKEND)
    for name, cells in EDITS.items():
        expected = values(plain, name).copy()
        for index, value in cells.items():
            assert expected[index] != value
            expected[index] = value
        np.testing.assert_array_equal(values(trace, name), expected)


@pytest.mark.parametrize(
    "edits",
    [
        {"input": {(6, 0, 0): 1.0, (0, -1, 0): 1.0}},
        {"input": {(0, 0): 1.0, (): 2.0, (0, 0, 0, 0): 3.0}},
        {"kernel": {(0, 0, 1, 0): 1.0, (9, 9, 9, 9): 1.0}},
        {"bias": {(1,): 1.0}},
        {"nothing": {(0,): 1.0}},
    ],
)
def test_edits_of_cells_that_are_not_there_change_nothing(edits):
    state = state_of("convolution")
    trace = CONVOLUTION.trace(replace(state, edits=edits), BACKEND)
    plain = CONVOLUTION.trace(state, BACKEND)
    for name in ("input", "kernel", "bias", "output"):
        np.testing.assert_array_equal(values(trace, name), values(plain, name))


@given(some_settings)
@randomly
def test_the_same_state_gives_the_same_numbers_bit_for_bit(chosen):
    lesson_id, settings = chosen
    state = state_of(lesson_id, **settings)
    try:
        first, second = (find(lesson_id).trace(state, BACKEND) for _ in range(2))
    except GeometryError:
        return
    for name in set(first.arrays) & {"input", "kernel", "bias", "draws", "output"}:
        assert values(first, name).tobytes() == values(second, name).tobytes()


def test_another_seed_gives_other_numbers():
    for lesson_id, array, settings in (
        ("convolution", "kernel", {"preset": ("random",)}),
        ("pooling", "draws", {"kind": "stochastic_training"}),
    ):
        one, other = (
            find(lesson_id).trace(state_of(lesson_id, seed=seed, **settings), BACKEND)
            for seed in (0, 1)
        )
        assert not np.array_equal(values(one, array), values(other, array))


@pytest.mark.parametrize(
    ("lesson", "parameter", "name"),
    [
        (CONVOLUTION, "kernel_size", "kernel_size"),
        (CONVOLUTION, "stride", "stride"),
        (CONVOLUTION, "padding", "padding"),
        (CONVOLUTION, "dilation", "dilation"),
        (CONVOLUTION, "channels", "channels"),
        (CONVOLUTION, "filters", "filters"),
        (CONVOLUTION, "input", "size"),
        (POOLING, "kernel_size", "window"),
        (POOLING, "stride", "stride"),
        (POOLING, "padding", "padding"),
        (POOLING, "order", "order"),
        (POOLING, "input", "size"),
    ],
)
def test_a_geometry_error_is_some_controls_fault(lesson, parameter, name):
    control = lesson.blamed(parameter)
    assert control is not None
    assert control.name == name


def test_what_no_control_causes_is_nobodys_fault():
    assert POOLING.blamed("dilation") is None


# Remembering


@given(some_settings)
@randomly
def test_settings_are_restored_from_json(chosen):
    lesson_id, settings = chosen
    lesson, state = find(lesson_id), state_of(lesson_id, **settings)
    kept = json.loads(json.dumps(lesson.kept(state)))
    assert lesson.restored(kept) == LessonState(state.settings)


def test_the_own_picture_is_not_kept():
    state = CONVOLUTION.change(state_of("convolution"), "picture", OWN_PICTURE)
    assert "picture" not in CONVOLUTION.kept(state)
    for kept in (CONVOLUTION.kept(state), {"picture": OWN_PICTURE}):
        assert CONVOLUTION.restored(kept).settings["picture"] == "flower"


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
@given(kept=st.dictionaries(names | st.text(max_size=5), anything | likely))
@randomly
def test_whatever_was_kept_a_state_that_can_be_opened_is_restored(lesson, kept):
    state = lesson.restored(kept)
    for control in lesson.controls:
        assert control.check(state.settings[control.name]) == state.settings[control.name]
        value = kept.get(control.name)
        if isinstance(value, int | float | str) and value == state.settings[control.name]:
            continue
        if not isinstance(value, list):
            assert state.settings[control.name] == control.initial
    session = open_lesson(lesson, BACKEND, replace_size(lesson, state))
    assert session.complaint is None
    assert session.frame(ROOM).explanation.result.text


def replace_size(lesson, state):
    """Large pictures and many filters take the reference too long for a test."""
    most = {"size": 9, "filters": 2, "epochs": 1, "hidden": 8, "code": 8}
    most |= {"length": 9, "units": 5}
    small = {
        name: min(int(state.settings[name]), value)
        for name, value in most.items()
        if name in state.settings
    }
    if state.settings.get("picture") in ("typed", "shapes"):
        small["picture"] = "digits"
    return LessonState({**state.settings, **small})


def test_a_lesson_finds_its_controls():
    assert CONVOLUTION.control("stride").label == "Stride"
    with pytest.raises(KeyError):
        CONVOLUTION.control("window")
