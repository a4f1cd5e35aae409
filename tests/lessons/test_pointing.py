from collections import defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulator.lessons.frame import Attention, Box, MarkKind, Pointer
from simulator.traces.timeline import Moment
from tests.lessons.opened import LARGE_ROOM, grids, opened, randomly, sessions

ROOM = LARGE_ROOM


def framed(session, **attention):
    step = session.timeline.step
    return session.scene.frame(Moment(step, step, 1.0), ROOM, Attention(**attention))


def covered(box):
    return {
        (row, column)
        for row in range(int(box.top), int(box.top + box.height))
        for column in range(int(box.left), int(box.left + box.width))
    }


def marked(plain, pointed, kind):
    """The cells that pointing has marked, grid by grid."""
    found = {}
    for before, after in zip(grids(plain), grids(pointed), strict=True):
        new = after.marks[len(before.marks) :]
        assert after.marks[: len(before.marks)] == before.marks
        cells = [covered(mark.box) for mark in new if mark.kind is kind]
        found[after.key] = (after, set().union(*cells))
    return found


def related(trace):
    """For each cell of input, kernel and output, the cells it is linked to: by going through all.

    Only what the geometry says is used, and none of the trace's own provenance.
    """
    linked = defaultdict(set)
    geometry = trace.geometry
    rows, columns = geometry.output_size
    for row, column, index in np.ndindex(rows, columns, trace.maps):
        output = ("output", (row, column, index))
        channels = range(trace.term_shape[0]) if trace.term_shape[0] > 1 else None
        for channel in channels or [index if "kernel" not in trace.arrays else 0]:
            for i, r in enumerate(geometry.window_rows(row)):
                for j, c in enumerate(geometry.window_columns(column)):
                    sources = [("input", (r, c, channel))]
                    if "kernel" in trace.arrays:
                        sources.append(("kernel", (i, j, channel, index)))
                    for source in sources:
                        linked[output].add(source)
                        linked[source].add(output)
    return linked


@given(sessions(), st.data())
@randomly
def test_the_sources_and_dependants_of_any_cell_light_up(session, data):
    links = related(session.trace)
    plain = framed(session)
    grid = data.draw(
        st.sampled_from([g for g in grids(plain) if g.plane.array in ("input", "kernel", "output")])
    )
    row = data.draw(st.integers(0, grid.rows - 1))
    column = data.draw(st.integers(0, grid.columns - 1))
    pointer = Pointer(grid.plane.array, grid.plane.cell_index(row, column))
    expected = defaultdict(set)
    for array, index in links[pointer.array, pointer.index]:
        expected[array].add(index)
    shown = marked(plain, framed(session, hovered=pointer), MarkKind.SOURCE)
    for other, cells in shown.values():
        wanted = {other.plane.position(index) for index in expected[other.plane.array]} - {None}
        assert cells == wanted, (pointer, other.key)
    here = marked(plain, framed(session, hovered=pointer), MarkKind.HOVER)
    for other, cells in here.values():
        at = other.plane.position(pointer.index) if other.plane.array == pointer.array else None
        assert cells == (set() if at is None else {at})


@given(sessions(), st.data())
@randomly
def test_a_term_lights_up_what_it_is_made_of(session, data):
    trace, plain = session.trace, framed(session)
    grid = plain.terms
    row = data.draw(st.integers(0, grid.rows - 1))
    column = data.draw(st.integers(0, grid.columns - 1))
    pointer = Pointer(grid.plane.array, grid.plane.cell_index(row, column))
    _, r, c, _, i, j = pointer.index
    shown = marked(plain, framed(session, hovered=pointer), MarkKind.SOURCE)
    read = (trace.geometry.window_rows(r)[i], trace.geometry.window_columns(c)[j])
    window = {
        (row, column)
        for row in trace.geometry.window_rows(r)
        for column in trace.geometry.window_columns(c)
    }
    # Of a probability the whole window is the source: it is divided by the window's sum.
    whole = "probabilities" in trace.arrays
    assert shown["input"][1] == (window if whole else {read})
    assert shown["output"][1] == {(r, c)}
    if "weights" in shown:
        assert shown["weights"][1] == {(i, j)}


def test_a_pinned_cell_and_another_are_both_marked():
    session = opened("convolution", "layer", size=8)
    plain = framed(session)
    pinned, hovered = Pointer("output", (1, 1, 0)), Pointer("output", (4, 4, 0))
    shown = framed(session, pinned=pinned, hovered=hovered)
    assert [mark.kind for mark in shown.output.marks[1:]] == [MarkKind.PIN, MarkKind.HOVER]
    sources = [mark.box for mark in shown.input.marks if mark.kind is MarkKind.SOURCE]
    assert sources == [Box(1, 1, 3, 3), Box(4, 4, 3, 3)]
    both = framed(session, pinned=pinned, hovered=pinned)
    assert [mark.kind for mark in both.output.marks[1:]] == [MarkKind.PIN]
    assert plain.output.marks == shown.output.marks[:1]


def test_small_maps_light_up_too():
    session = opened("convolution", "layer", filters=3)
    frame = framed(session, hovered=Pointer("input", (0, 0, 0)))
    for grid in frame.choices[0].grids:
        assert [mark.box for mark in grid.marks] == [Box(0, 0, 1, 1)]


def test_a_cell_that_no_window_reads_has_no_dependants():
    session = opened("convolution", size=7, kernel_size=2, stride=5)
    pointer = Pointer("input", (3, 3, 0))
    shown = marked(framed(session), framed(session, hovered=pointer), MarkKind.SOURCE)
    assert all(not cells for _, cells in shown.values())
