import numpy as np
import pytest

from simulator.lessons.frame import Box
from simulator.traces.numbers import number
from tests.lessons.opened import LARGE_ROOM, ROOM, opened


@pytest.mark.parametrize(
    ("lesson", "settings", "title", "note"),
    [
        ("convolution", {}, "Feature map", "4 × 4"),
        ("convolution", {"filters": 2}, "Feature map", "4 × 4, filter 1 of 2"),
        ("pooling", {}, "Output", "3 × 3"),
        ("pooling", {"channels": "3"}, "Output", "3 × 3, channel 1 of 3"),
        ("pooling", {"kind": "global_average"}, "Output", "1 × 1"),
    ],
)
def test_the_output_says_its_size_and_map(lesson, settings, title, note):
    grid = opened(lesson, **settings).frame(LARGE_ROOM).output
    assert (str(grid.title), str(grid.note)) == (title, note)


def test_the_map_goes_with_the_step():
    session = opened("convolution", "map", filters=3)
    notes = []
    for step in range(3):
        session.timeline.seek(step)
        notes.append(str(session.frame(LARGE_ROOM).output.note))
    assert notes == [f"4 × 4, filter {number_of} of 3" for number_of in (1, 2, 3)]


@pytest.mark.parametrize("settings", [{}, {"range": "1", "preset": ("blur",)}, {"bias": 2.5}])
def test_the_current_cell_shows_what_it_has_come_to(settings):
    session = opened("convolution", **settings)
    trace = session.trace
    x, kernel = trace.arrays["input"].values, trace.arrays["kernel"].values
    bias = float(trace.arrays["bias"].values[0])
    products = (x[0:3, 1:4, 0].astype(float) * kernel[:, :, 0, 0]).reshape(-1)
    for term in range(9):
        session.timeline.seek(9 + term)
        grid = session.frame(LARGE_ROOM).output
        so_far = bias + products[: term + 1].sum()
        if term < 8:
            assert grid.result_text == number(so_far, grid.plane.decimals)
            assert not grid.is_written(0, 1)
        else:
            assert grid.result_text == ""
            assert grid.is_written(0, 1)
            assert grid.text(0, 1) == number(so_far, grid.plane.decimals)


@pytest.mark.parametrize("level", ["cell", "map", "layer"])
def test_a_whole_cell_has_its_own_number(level):
    assert opened("convolution", level).frame(LARGE_ROOM).output.result_text == ""


@pytest.mark.parametrize(
    ("kind", "counts"),
    [
        ("max", True),
        ("average", False),
        ("lp", False),
        ("stochastic_training", False),
        ("stochastic_inference", True),
    ],
)
def test_a_cell_whose_last_step_makes_it_shows_nothing_before(kind, counts):
    grid = opened("pooling", kind=kind, step=1).frame(LARGE_ROOM).output
    assert bool(grid.result_text) == counts


def test_the_largest_of_nothing_but_padding_is_less_than_anything():
    grid = opened("pooling", padding=1).frame(LARGE_ROOM).output
    assert grid.result_text == "−∞"


def test_the_overview_shows_every_cell():
    session = opened("convolution", "cell", 40, size=20)
    frame = session.frame(ROOM)
    overview = frame.output_overview
    assert overview is not None
    assert overview.view == Box(0, 0, 18, 18)
    assert overview.plane is frame.output.plane
    assert overview.written is not None
    assert int(np.count_nonzero(overview.written)) == 41
    assert [mark.box for mark in overview.marks] == [frame.output.view, Box(2, 4, 1, 1)]
