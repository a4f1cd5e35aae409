from dataclasses import replace

import numpy as np
import pytest

from simulator.data.pictures import LoadedPicture
from simulator.engine.backends.base import Backend
from simulator.lessons.board import Gallery, GridPanel, Words
from simulator.lessons.catalogue import LESSONS
from simulator.lessons.catalogue import lesson as find
from simulator.lessons.compression_data import fitted_picture, learned_from, picture_set
from simulator.lessons.controls import ControlError
from simulator.lessons.frame import Room
from simulator.lessons.opening import open_lesson

LESSON = find("machine-at-work")
ROOM = Room((9, 9), (9, 9))


def opened(**changed):
    state = LESSON.initial_state()
    for name, value in {"steps": 60, **changed}.items():
        state = LESSON.change(state, name, value)
    session = open_lesson(LESSON, Backend(), state)
    assert session.complaint is None
    session.timeline.last()
    return session


def panels(session, kind):
    return [each for each in session.frame(ROOM).panels if isinstance(each, kind)]


def test_what_is_missing_is_nearer_to_the_truth_than_the_mean_image():
    errors = []
    for sample in range(12):
        session = opened(sample=sample)
        (words,) = panels(session, Words)
        lines = {str(name): value for name, value in words.lines}
        errors.append((float(lines["Machine’s error"]), float(lines["Mean image’s error"])))
    machine, mean = np.mean(errors, axis=0)
    assert machine < 0.8 * mean


def test_a_painted_mask_is_filled_in_and_put_back():
    session = opened(gap="none")
    assert "Nothing is missing" in str(session.explanation().sentence)
    stroke = session.stroke((2, 1), (2, 6), erase=False)
    assert all(np.isnan(value) for value in stroke.values())
    assert session.apply(session.state.with_cells("input", stroke))
    session.timeline.last()
    missing = session.trace.missing.reshape(8, 8)
    assert {tuple(cell) for cell in np.argwhere(missing).tolist()} == set(stroke)
    picture, estimate = (panel.grid for panel in panels(session, GridPanel))
    np.testing.assert_array_equal(picture.written, ~missing)
    assert not np.isnan(estimate.plane.values).any()
    back = session.stroke((2, 1), (2, 6), erase=True)
    assert session.apply(session.state.with_cells("input", back))
    assert not session.trace.missing.any()


def test_a_grey_cell_is_refused_in_words():
    session = opened()
    assert not session.apply(session.state.with_cells("input", {(0, 0): 0.5}))
    assert "Type 0 or 1" in session.complaint.message


def test_filters_and_dreams_are_the_machines_own():
    session = opened()
    filters, dreams = panels(session, Gallery)
    shown = filters.rows[0][1].plane.values
    np.testing.assert_array_equal(
        shown, session.trace.machine.weights["kernel"][:, 1].reshape(8, 8)
    )
    dream = dreams.rows[0][0].plane.values
    np.testing.assert_array_equal(dream, session.trace.arrays["visible"].values[-1, 1])
    assert set(np.unique(dream)) <= {0.0, 1.0}


@pytest.mark.parametrize("gap", ["scattered", "right", "bottom", "middle", "none"])
def test_every_gap_and_set_can_be_looked_at(gap):
    session = opened(gap=gap, picture="bars", hidden=8)
    assert session.trace.missing.any() == (gap != "none")
    for grid in session.frame(ROOM).grids:
        assert grid.plane.values.ndim == 2


def test_the_machine_never_saw_the_digit_that_it_fills_in():
    learned = {row.tobytes() for row in learned_from("digits")}
    assert len(learned_from("digits")) == 1497
    every = (picture_set("digits").flat >= 0.5).astype(np.float32)
    np.testing.assert_array_equal(learned_from("own"), every[300:])
    unseen = [row.tobytes() not in learned for row in every[:300]]
    assert np.mean(unseen) > 0.95  # in black and white some happen to be alike


OWN_TAKEN = {
    "autoencoder": ("input", False),
    "watch-learning": ("original", False),
    "explore-code": ("original", False),
    "denoising": ("target", False),
    "against-pca": ("original", False),
    "boltzmann": ("input", True),
    "machine-at-work": ("input", True),
}
"""Lessons on compression that the learner's own picture can be put in: where it is shown, and
whether in black and white."""


def test_these_lessons_and_no_others_take_ones_own_picture():
    compression = [each for each in LESSONS if each.entry.group == "Compression"]
    assert {each.id for each in compression if each.takes_picture} == set(OWN_TAKEN)


@pytest.mark.parametrize("lesson_id", OWN_TAKEN)
def test_ones_own_picture_of_another_size_is_fitted_and_that_is_told(lesson_id):
    pixels = np.zeros((30, 40, 3), np.uint8)
    pixels[:, 20:] = 160
    own = LoadedPicture(pixels=pixels, title="mine.png", notices=())
    lesson = find(lesson_id)
    state = lesson.change(lesson.initial_state(), "epochs", 1)
    state = replace(lesson.change(state, "picture", "own"), own_picture=own)
    session = open_lesson(lesson, Backend(), state)
    assert session.state is state
    name, binary = OWN_TAKEN[lesson_id]
    words = ", black and white" if binary else ""
    assert session.fitted == f"It was fitted to 8 × 8 cells{words}."
    picture = session.trace.arrays[name].values
    among = -1 if lesson_id == "explore-code" else 0  # there it comes after all others
    shown = picture if picture.ndim == 2 else picture[among]
    fitted = fitted_picture(own, 8)
    expected = (fitted >= 0.5).astype(np.float32) if binary else fitted
    np.testing.assert_array_equal(shown[~np.isnan(shown)], expected[~np.isnan(shown)])
    assert len(np.unique(fitted)) > 1
    right_size = LoadedPicture(pixels=np.zeros((8, 8, 3), np.uint8), title="8.png", notices=())
    assert session.apply(replace(state, own_picture=right_size))
    assert session.fitted == ""


def test_a_mask_can_be_painted_over_ones_own_picture():
    own = LoadedPicture(pixels=np.zeros((30, 30, 3), np.uint8), title="mine.png", notices=())
    lesson = find("machine-at-work")
    state = lesson.change(lesson.initial_state(), "epochs", 1)
    state = replace(lesson.change(state, "picture", "own"), own_picture=own)
    session = open_lesson(lesson, Backend(), state)
    assert session.apply(session.state.with_cells("input", {(2, 5): float("nan")}))
    assert session.trace.missing[2 * 8 + 5]


@pytest.mark.parametrize("lesson_id", ["machine-at-work", "boltzmann"])
def test_what_is_not_black_or_white_is_told_at_the_control_and_the_picture_stays(lesson_id):
    lesson = find(lesson_id)
    session = open_lesson(lesson, Backend(), lesson.change(lesson.initial_state(), "epochs", 1))
    before, trace = session.state, session.trace
    assert not session.apply(session.state.with_cells("input", {(0, 0): 2.0}))
    assert session.complaint.control == "picture"
    assert "Cell (0, 0) of the picture is 2" in session.complaint.message
    assert session.trace is trace
    assert session.apply(before)
    with pytest.raises(ControlError, match=r"is 0: choose a whole number from 1 to"):
        lesson.change(before, "steps" if lesson_id == "machine-at-work" else "k", 0)
