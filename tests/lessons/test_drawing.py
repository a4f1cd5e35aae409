from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.lessons.drawing import brush_radius, stroke_cells
from tests.lessons.opened import unhurried

sizes = st.integers(1, 70)
ends = st.tuples(st.integers(-10, 80), st.integers(-10, 80))


def distance(cell, start, end):
    """From a cell to the straight way between two."""
    along = (end[0] - start[0], end[1] - start[1])
    length = along[0] ** 2 + along[1] ** 2
    to_cell = (cell[0] - start[0], cell[1] - start[1])
    share = (to_cell[0] * along[0] + to_cell[1] * along[1]) / length if length else 0.0
    share = min(max(share, 0.0), 1.0)
    return hypot(to_cell[0] - share * along[0], to_cell[1] - share * along[1])


@pytest.mark.parametrize(
    ("height", "width", "radius"), [(8, 8, 0.5), (16, 224, 0.5), (64, 64, 2), (224, 224, 7)]
)
def test_a_stroke_is_a_sixteenth_of_the_picture_wide(height, width, radius):
    assert brush_radius(height, width) == radius


def test_a_click_is_a_cell_or_a_disc():
    assert stroke_cells((3, 4), (3, 4), height=8, width=8) == {(3, 4)}
    disc = stroke_cells((30, 30), (30, 30), height=64, width=64)
    assert disc == {
        (row, column)
        for row in range(64)
        for column in range(64)
        if (row - 30) ** 2 + (column - 30) ** 2 <= 4
    }


@given(ends, ends, sizes, sizes)
@unhurried
def test_a_stroke_covers_its_way_and_nothing_far_from_it(start, end, height, width):
    cells = stroke_cells(start, end, height=height, width=width)
    radius = brush_radius(height, width)
    for row, column in cells:
        assert 0 <= row < height
        assert 0 <= column < width
        assert distance((row, column), start, end) <= radius + 0.75
    for cell in (start, end):
        if 0 <= cell[0] < height and 0 <= cell[1] < width:
            assert cell in cells


@given(ends, ends, sizes)
@unhurried
def test_a_quick_stroke_has_no_gaps(start, end, side):
    cells = stroke_cells(start, end, height=side, width=side)
    inside = all(0 <= at < side for at in (*start, *end))
    if inside:
        reached, new = {start}, [start]
        while new:
            row, column = new.pop()
            near = {(row + i, column + j) for i in (-1, 0, 1) for j in (-1, 0, 1)} & cells - reached
            reached |= near
            new += near
        assert reached == cells


def test_a_stroke_beside_the_picture_covers_nothing():
    assert stroke_cells((-9, -9), (-9, 20), height=8, width=8) == set()
