import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.lessons.frame import Pointer
from simulator.lessons.lesson import LARGEST_VALUE, OWN_PICTURE
from tests.lessons.opened import (
    LEVELS,
    at,
    cell_of,
    opened,
    randomly,
    sessions,
    term_of,
)

# Opening cells


@pytest.mark.parametrize("level", LEVELS)
def test_an_output_cell_is_opened_at_the_step_that_finishes_it(level):
    session = opened("convolution", level, filters=2, channels="3")
    session.timeline.play()
    assert session.open(Pointer("output", (2, 1, 1)))
    assert not session.timeline.playing
    assert session.timeline.step == session.trace.step_computing((2, 1, 1))
    assert session.map_on_view == 1


@pytest.mark.parametrize(
    ("pointer", "place"),
    [
        (Pointer("products", (1, 2, 3, 2, 0, 1)), (1, 2, 3, 2, 0, 1)),
        (Pointer("channel_maps", (2, 3, 1, 1)), (1, 2, 3, 1, 2, 2)),
        (Pointer("kernel", (0, 2, 1, 1)), (1, 1, 1, 1, 0, 2)),
        (Pointer("input", (2, 3, 2)), (0, 1, 1, 2, 1, 2)),  # within the window on view
        (Pointer("input", (5, 5, 0)), (0, 3, 3, 0, 2, 2)),
        (Pointer("bias", (1,)), (1, 0, 0, 0, 0, 0)),
    ],
)
def test_a_cell_is_opened_where_it_is_made_or_takes_part(pointer, place):
    session = at(opened("convolution", filters=2, channels="3"), 0, 1, 1)
    assert session.open(pointer)
    assert (*cell_of(session), *term_of(session)) == place


def test_a_cell_that_no_window_reads_can_not_be_opened():
    session = opened("convolution", size=7, kernel_size=2, stride=5, step=3)
    assert not session.open(Pointer("input", (3, 3, 0)))
    assert session.timeline.step == 3


def test_a_draw_is_opened_at_its_cell():
    session = opened("pooling", kind="stochastic_training", channels="3")
    assert session.open(Pointer("draws", (1, 2, 1)))
    assert cell_of(session) == (1, 1, 2)


def test_a_pixel_of_pooling_is_opened_in_its_channel():
    session = opened("pooling", channels="3")
    assert session.open(Pointer("input", (2, 5, 1)))
    assert (*cell_of(session), *term_of(session)) == (1, 1, 2, 0, 0, 1)


@given(sessions(), st.data())
@randomly
def test_whatever_cell_is_opened_takes_part_in_the_step(session, data):
    arrays = session.trace.arrays
    name = data.draw(st.sampled_from(sorted(arrays)))
    index = tuple(data.draw(st.integers(0, length - 1)) for length in arrays[name].shape)
    session.set_level("product")
    if not session.open(Pointer(name, index)):
        assert not any(region.size for region in session.trace.dependants(name, index))
        return
    step = session.trace.step(session.timeline.step)
    here = [region for write in step.writes for region in (write.target, *write.sources)]
    # The draw is read and the bias was added at the cell's last and first term.
    if name not in ("draws", "bias"):
        assert any(region.array == name and index in region for region in here)


# Pinning


def test_a_pin_is_moved_within_its_array():
    session = at(opened("convolution", "cell", filters=2), 1, 2, 3)
    session.move_pin(1, 0)
    assert session.pinned == Pointer("output", (2, 3, 1)), "the cell on view comes first"
    for down, across, index in ((1, 0, (3, 3, 1)), (1, 0, (3, 3, 1)), (0, -9, (3, 0, 1))):
        session.move_pin(down, across)
        assert session.pinned == Pointer("output", index)
    session.pinned = Pointer("kernel", (1, 1, 0, 1))
    session.move_pin(-1, 1)
    assert session.pinned == Pointer("kernel", (0, 2, 0, 1))
    session.pinned = Pointer("products", (1, 2, 3, 0, 0, 0))
    session.move_pin(1, 1)
    assert session.pinned == Pointer("products", (1, 2, 3, 0, 1, 1))
    session.pinned = Pointer("bias", (1,))
    session.move_pin(1, 1)
    assert session.pinned == Pointer("bias", (1,))


def test_pins_go_round_the_arrays_on_view():
    session = at(opened("convolution", padding=1, filters=2, channels="3"), 1, 0, 2, 2)
    seen = []
    for _ in range(4):
        session.pin_next_array()
        seen.append(session.pinned)
    assert seen == [
        Pointer("output", (0, 2, 1)),
        Pointer("input", (0, 1, 2)),
        Pointer("kernel", (0, 0, 2, 1)),
        Pointer("output", (0, 2, 1)),
    ]
    session = opened("pooling")
    session.pinned = Pointer("terms", (0, 0, 0, 0, 0, 0))
    for array in ("output", "input", "output"):
        session.pin_next_array()
        assert session.pinned is not None
        assert session.pinned.array == array


def test_a_card_knows_whether_its_cell_is_pinned():
    session = opened("convolution")
    pointer = Pointer("output", (0, 0, 0))
    assert "pin" in str(session.card(pointer).hint)
    session.pinned = pointer
    assert "frees" in str(session.card(pointer).hint)


# Changing cells


@pytest.mark.parametrize(
    ("array", "index", "settings", "notches", "fine", "by"),
    [
        ("input", (1, 1, 0), {}, 1, False, 1),
        ("input", (1, 1, 0), {}, -3, False, -3),
        ("input", (1, 1, 0), {}, 1, True, 0.1),
        ("input", (1, 1, 0), {"range": "1"}, 1, False, 0.1),
        ("input", (1, 1, 0), {"range": "1"}, 2, True, 0.02),
        ("kernel", (0, 0, 0, 0), {}, 1, False, 1),
        ("kernel", (0, 0, 0, 0), {"preset": ("blur",)}, 1, False, 0.1),
    ],
)
def test_a_wheel_turns_a_cell_in_steps_that_suit_its_array(
    array, index, settings, notches, fine, by
):
    session = opened("convolution", **settings)
    before = float(session.trace.arrays[array].values[index])
    turned = session.turned(Pointer(array, index), notches, fine=fine)
    assert turned == pytest.approx(before + by, abs=1e-6)
    assert turned == round(turned, 6)


def test_a_wheel_turns_no_cell_beyond_what_can_be_typed():
    pointer = Pointer("input", (0, 0, 0))
    for edge in (LARGEST_VALUE, -LARGEST_VALUE):
        session = opened("convolution", edits={"input": {pointer.index: edge}})
        assert session.turned(pointer, 5 if edge > 0 else -5, fine=False) == edge


@pytest.mark.parametrize(
    ("settings", "ink"), [({}, 255.0), ({"range": "1"}, 1.0), ({"picture": "impulse"}, 1.0)]
)
@pytest.mark.parametrize("channels", ["1", "3"])
def test_a_stroke_is_white_in_every_channel(settings, ink, channels):
    session = opened("convolution", channels=channels, **settings)
    cells = session.stroke((1, 1), (1, 3), erase=False)
    assert cells == {
        (1, column, channel): ink for column in (1, 2, 3) for channel in range(int(channels))
    }
    assert set(session.stroke((1, 1), (1, 3), erase=True).values()) == {0.0}
    assert session.apply(session.state.with_cells("input", cells))
    assert session.trace.arrays["input"].values[1, 2, -1] == ink


def test_drawing_begins_on_a_blank_picture_of_ones_own():
    session = opened("convolution", picture=OWN_PICTURE)
    assert session.apply(
        session.state.with_cells("input", session.stroke((0, 0), (5, 5), erase=False))
    )
    x = session.trace.arrays["input"].values[..., 0]
    np.testing.assert_array_equal(x, 255 * np.eye(6))
