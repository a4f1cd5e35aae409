from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.traces.region import Region, one

steps = st.integers(-4, 4).filter(bool)
ranges = st.builds(range, st.integers(-9, 12), st.integers(-9, 12), steps)
tuples = st.lists(st.integers(-9, 12), max_size=5).map(tuple)
axes = st.lists(st.one_of(ranges, tuples), min_size=1, max_size=3).map(tuple)


@given(axes, st.data())
def test_inside_keeps_exactly_the_cells_of_the_array(given_axes, data):
    shape = tuple(data.draw(st.integers(0, 9)) for _ in given_axes)
    region = Region("x", given_axes)
    kept = region.inside(shape)
    expected = [
        cell
        for cell in product(*given_axes)
        if all(0 <= position < length for position, length in zip(cell, shape, strict=True))
    ]
    assert list(kept.cells()) == expected
    assert kept.size == len(expected)
    assert kept.inside(shape) == kept


@given(axes)
def test_size_shape_and_cells_agree(given_axes):
    region = Region("x", given_axes)
    cells = list(region.cells())
    assert region.size == len(cells)
    assert np.broadcast_shapes(*(axis.shape for axis in region.positions())) == region.shape
    assert all(cell in region for cell in cells)
    if cells:
        assert region.first() == cells[0]


def test_cells_run_along_the_last_axis_first():
    assert list(Region("x", ((0, 2), range(1, 3))).cells()) == [(0, 1), (0, 2), (2, 1), (2, 2)]


def test_a_cell_belongs_to_a_region_of_its_own_axes_alone():
    region = Region("x", (range(0, 6, 2), (1, 5)))
    assert (4, 5) in region
    assert (3, 5) not in region
    assert (4, 2) not in region
    assert (4,) not in region
    assert [4, 5] not in region


def test_a_window_that_hangs_over_the_border_keeps_its_gaps():
    window = Region("x", (range(-2, 3, 2), range(3, 8, 2)))
    assert window.inside((4, 6)) == Region("x", (range(0, 3, 2), range(3, 6, 2)))


def test_one_cell_and_the_whole():
    assert list(Region.cell("x", 3, 4).cells()) == [(3, 4)]
    assert Region.whole("x", (2, 3)).size == 6
    assert list(one(7)) == [7]


def test_an_array_without_axes_left_has_no_first_cell():
    with pytest.raises(IndexError):
        Region("x", (range(0),)).first()
