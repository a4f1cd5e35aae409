import pytest
from hypothesis import given

from simulator.engine.backends.base import Backend
from simulator.lessons.catalogue import lesson as find
from simulator.lessons.frame import Pointer
from simulator.lessons.opening import open_lesson
from simulator.traces.timeline import Moment
from tests.lessons.opened import (
    BACKEND,
    ROOM,
    change,
    grids,
    opened,
    randomly,
    sessions,
    state_of,
)

# Opening


def test_a_lesson_opens_at_its_beginning():
    session = open_lesson(find("pooling"), BACKEND)
    assert session.state == find("pooling").initial_state()
    assert session.complaint is None
    assert session.timeline.step == 0
    assert session.timeline.length == len(session.trace)
    assert session.trace.level == "product"


def test_a_state_that_cannot_be_shown_gives_way_to_the_lessons_own():
    session = open_lesson(find("convolution"), BACKEND, state_of("convolution", kernel_size=15))
    assert session.state == find("convolution").initial_state()
    assert session.complaint is None


# Complaints


def test_what_does_not_fit_leaves_the_picture_and_says_why():
    session = opened("convolution", size=5, filters=2)
    session.timeline.seek(30)
    valid, trace, before = session.state, session.trace, session.frame(ROOM)
    assert not change(session, kernel_size=7)
    assert session.complaint is not None
    assert session.complaint.control == "kernel_size"
    assert session.complaint.message == (
        "A 7 × 7 kernel does not fit the 5 × 5 input: choose a size of 5 or less, or a padding of "
        "at least 1."
    )
    assert session.state.settings["kernel_size"] == 7
    assert session.trace is trace
    assert session.timeline.step == 30
    after = session.frame(ROOM)
    assert after.explanation == before.explanation
    assert [grid.plane for grid in grids(after)] == [grid.plane for grid in grids(before)]
    assert session.apply(valid)
    assert session.complaint is None
    assert session.timeline.step == 30
    assert session.frame(ROOM).explanation == before.explanation


@pytest.mark.parametrize(
    ("lesson", "before", "wrong", "control"),
    [
        ("convolution", {"size": 5}, {"kernel_size": 6}, "kernel_size"),
        ("convolution", {"size": 20, "kernel_size": 15}, {"size": 10}, "kernel_size"),
        ("convolution", {"size": 10, "kernel_size": 5}, {"dilation": 3}, "kernel_size"),
        ("convolution", {"size": 3, "padding": 1, "kernel_size": 5}, {"padding": 0}, "kernel_size"),
        ("pooling", {"size": 5}, {"window": 6}, "window"),
        ("pooling", {}, {"padding": 2}, "padding"),
        ("pooling", {"window": 3, "padding": 2}, {"window": 2}, "padding"),
    ],
)
def test_a_complaint_names_the_control_that_is_to_blame(lesson, before, wrong, control):
    session = opened(lesson, **before)
    assert not change(session, **wrong)
    assert session.complaint is not None
    assert session.complaint.control == control
    assert session.frame(ROOM).input.rows == before.get("size", 6)


def test_a_valid_change_of_what_does_not_fit_is_shown():
    session = opened("convolution", size=5)
    assert not change(session, kernel_size=7)
    assert not change(session, stride=2)
    assert change(session, padding=1)
    assert session.complaint is None
    assert session.trace.geometry.kernel_size == (7, 7)
    assert session.trace.geometry.stride == (2, 2)


def test_another_backend_computes_what_is_on_view():
    session = opened("convolution", step=20)
    trace, other = session.trace, Backend()
    session.use(other)
    assert session.backend is other
    assert session.trace is not trace
    assert session.timeline.step == 20
    change(session, kernel_size=15)
    session.use(BACKEND)
    assert session.complaint is not None


# The arithmetic


@given(sessions())
@randomly
def test_the_arithmetic_is_that_of_the_frame(session):
    assert session.explanation() == session.frame(ROOM).explanation


def test_at_a_coarse_level_the_arithmetic_goes_with_what_was_picked():
    session = opened("convolution", "layer", filters=2)
    first = session.explanation()
    session.pick_map(1)
    second = session.explanation()
    assert first.terms != second.terms
    session.pinned = Pointer("output", (0, 0, 1))
    assert session.explanation().where != second.where


def test_a_frame_can_be_asked_of_any_moment():
    session = opened("convolution")
    frame = session.frame_at(Moment(3, 4, 0.25), ROOM)
    assert frame.explanation == session.scene.explanation(3, session.attention)
    assert frame.input.view == session.frame(ROOM).input.view
