from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.lessons.frame import Box, Room
from simulator.lessons.window_views import (
    LARGEST_TERMS,
    PART_OF_TERMS,
    ViewFinder,
    terms_on_view,
)
from simulator.traces.region import Region, one
from tests.lessons.opened import opened, randomly, rooms, sessions

SIDES = ("top", "left", "height", "width")


def within(inner, outer):
    return (
        outer.top - 1e-9 <= inner.top
        and outer.left - 1e-9 <= inner.left
        and inner.top + inner.height <= outer.top + outer.height + 1e-9
        and inner.left + inner.width <= outer.left + outer.width + 1e-9
    )


def fits(box, room):
    return box.height <= room[0] and box.width <= room[1]


def places(session, data):
    trace = session.trace
    steps = [data.draw(st.integers(0, trace.total - 1)) for _ in range(2)]
    return [trace.place(step) for step in steps]


def check(views, finder, room):
    """What has to be seen is seen, in a view that shows nothing but cells."""
    assert within(views.input, finder.extent)
    assert within(views.output, finder.output)
    assert within(views.terms, finder.terms)
    subject = views.window if fits(views.window, room.input) else views.term
    assert within(subject, views.input)
    assert within(views.cell, views.output)
    assert fits(views.input, room.input)
    assert fits(views.output, room.output)
    assert within(views.term, views.window)


@given(sessions(), rooms, st.floats(0, 1), st.data())
@randomly
def test_what_is_looked_at_is_always_in_view(session, room, blend, data):
    finder = ViewFinder(session.trace)
    before, after = places(session, data)
    views = finder.views(before, after, blend, room)
    check(views, finder, room)
    if not finder.enlarges_input(room):
        assert views.input == finder.extent
    if not finder.enlarges_output(room):
        assert views.output == finder.output


@given(sessions(), rooms, st.data())
@randomly
def test_a_glide_goes_from_one_picture_to_the_next(session, room, data):
    finder = ViewFinder(session.trace)
    before, after = places(session, data)
    assert finder.views(before, after, 0, room) == finder.views(before, before, 1, room)
    assert finder.views(before, after, 1, room) == finder.views(after, after, 1, room)
    near, end = finder.views(before, after, 1 - 1e-9, room), finder.views(after, after, 1, room)
    for box in ("input", "window", "term", "terms", "output", "cell"):
        for side in SIDES:
            assert getattr(getattr(near, box), side) == pytest.approx(
                getattr(getattr(end, box), side), abs=1e-6
            )


@given(sessions(), rooms, st.data())
@randomly
def test_the_window_is_where_the_geometry_says(session, room, data):
    trace = session.trace
    finder = ViewFinder(trace)
    place, _ = places(session, data)
    views = finder.views(place, place, 1, room)
    rows, columns, _ = trace.window(place.row, place.column, one(0)).axes
    height, width = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    assert views.window == Box(rows[0], columns[0], height, width)
    row, column, _ = trace.input_cell(place, 0).first()
    assert views.term == Box(row, column, 1, 1)
    assert views.cell == Box(place.row, place.column, 1, 1)
    assert within(views.window, finder.covered)


@given(sessions())
@randomly
def test_the_extent_is_the_input_and_every_cell_that_is_read(session):
    trace, finder = session.trace, ViewFinder(session.trace)
    rows, columns = trace.geometry.output_size
    cells = {(0, 0), tuple(length - 1 for length in trace.geometry.input_size)}
    for output in Region("", (range(rows), range(columns))).cells():
        window = trace.window(*output, one(0))
        cells |= {index[:2] for index in window.cells()}
    top, left = (min(cell[axis] for cell in cells) for axis in (0, 1))
    bottom, right = (max(cell[axis] for cell in cells) for axis in (0, 1))
    assert finder.extent == Box(top, left, bottom - top + 1, right - left + 1)
    height, width = trace.geometry.input_size
    assert finder.padding == (-top, -left, bottom + 1 - height, right + 1 - width)


def test_the_view_stands_still_while_the_window_crosses_it():
    session = opened("convolution", size=64)
    finder, room = ViewFinder(session.trace), Room((7, 7), (5, 5))
    trace = session.trace
    tops = []
    for column in range(62):
        place = trace.place(trace.finest_of((0, 30, column)))
        tops.append(finder.views(place, place, 1, room).input.left)
    turns = sum(first != second for first, second in pairwise(tops))
    assert turns <= 62 / 3
    assert tops[0] == 0
    assert tops[-1] == 64 - 7
    # Between two borders a cell is to be seen on either side of the window.
    for column, left in enumerate(tops[1:-1], start=1):
        assert left < column
        assert column + 3 < left + 7


def test_of_a_large_window_the_part_around_the_term_is_shown():
    session = opened("pooling", kind="global_max", size=224)
    trace, room = session.trace, Room((7, 7), (5, 5))
    finder = ViewFinder(trace)
    for row, column in ((0, 0), (100, 3), (223, 223)):
        place = trace.place(trace.finest_of((0, 0, 0, 0, row, column)))
        views = finder.views(place, place, 1, room)
        assert within(views.term, views.input)
        assert (views.terms.height, views.terms.width) == PART_OF_TERMS
        assert within(Box(row, column, 1, 1), views.terms)


@pytest.mark.parametrize(
    ("terms", "shown"),
    [((3, 3), (3, 3)), (LARGEST_TERMS, LARGEST_TERMS), ((16, 3), (5, 3)), ((224, 224), (5, 5))],
)
def test_the_terms_that_have_a_place_on_the_stage(terms, shown):
    assert terms_on_view(terms) == shown


@pytest.mark.parametrize("size", [15, 16, 40])
def test_the_plan_and_the_views_agree_on_the_terms(size):
    session = opened("pooling", kind="global_max", size=size)
    place = session.trace.place(0)
    views = ViewFinder(session.trace).views(place, place, 1, Room((7, 7), (5, 5)))
    assert (views.terms.height, views.terms.width) == session.extents().terms
