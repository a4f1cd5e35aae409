import numpy as np
import pytest

from simulator.engine.backends.base import Backend
from simulator.lessons.board import Gallery, GridPanel, Words
from simulator.lessons.catalogue import lesson as find
from simulator.lessons.frame import Room
from simulator.lessons.opening import open_lesson

LESSON = find("machine_at_work")
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
