import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.lessons.frame import Attention, MarkKind, Pointer, Room
from simulator.traces.numbers import number
from simulator.traces.region import Region
from simulator.traces.timeline import Moment
from tests.lessons.opened import (
    LARGE_ROOM,
    LEVELS,
    ROOM,
    choice,
    grids,
    opened,
    randomly,
    rooms,
    sessions,
)


def moment(step):
    return Moment(step, step, 1.0)


def frame(session, step=None, room=LARGE_ROOM, **attention):
    at = session.timeline.step if step is None else step
    return session.scene.frame(moment(at), room, Attention(**attention))


@given(sessions(), rooms)
@randomly
def test_every_number_in_a_cell_is_the_engines(session, room):
    trace, shown = session.trace, frame(session, room=room)
    for grid in grids(shown):
        array = trace.arrays[grid.plane.array]
        if grid.plane.values.ndim > 2:
            np.testing.assert_array_equal(grid.plane.values, array.values)
            continue
        for row, column in np.ndindex(grid.plane.values.shape):
            index = grid.plane.cell_index(row, column)
            value = array.read(Region.cell(array.name, *index)).item()
            assert grid.text(row, column) == number(value, grid.plane.decimals)
            assert len(grid.text(row, column)) <= grid.plane.longest


@given(sessions(), rooms)
@randomly
def test_what_is_written_is_what_the_trace_has_written(session, room):
    trace, step = session.trace, session.timeline.step
    for grid in grids(frame(session, room=room)):
        region = grid.plane.region
        if trace.arrays[region.array].given:
            assert grid.written is None
            continue
        expected = trace.written(region, step).reshape(grid.plane.values.shape)
        for row, column in np.ndindex(expected.shape):
            assert grid.is_written(row, column) == expected[row, column]


@given(sessions(), rooms, st.data())
@randomly
def test_a_frame_in_a_glide_has_the_values_of_the_step_that_has_arrived(session, room, data):
    previous, step = (data.draw(st.integers(0, len(session.trace) - 1)) for _ in range(2))
    for blend, arrived in ((0.2, previous), (0.5, step), (0.9, step)):
        gliding = session.scene.frame(Moment(previous, step, blend), room, Attention())
        still = frame(session, arrived, room)
        assert gliding.explanation == still.explanation
        assert gliding.strip == still.strip
        for moving, standing in zip(grids(gliding), grids(still), strict=True):
            assert moving.plane is standing.plane or moving.plane == standing.plane
            assert moving.state_key == standing.state_key
            assert moving.result_text == standing.result_text
            assert moving.note == standing.note


@given(sessions(), rooms)
@randomly
def test_the_same_moment_is_always_the_same_frame(session, room):
    first = frame(session, room=room)
    other = frame(session, 0, room=room)
    assert len(grids(other)) == len(grids(first))
    again = frame(session, room=room)
    for one, two in zip(grids(first), grids(again), strict=True):
        assert (one.view, one.marks, one.state_key) == (two.view, two.marks, two.state_key)
    assert first.explanation == again.explanation
    assert first.strip == again.strip


@given(sessions(), rooms)
@randomly
def test_keys_are_of_one_grid_each(session, room):
    keys = [grid.key for grid in grids(frame(session, room=room))]
    assert len(set(keys)) == len(keys)


@given(sessions())
@randomly
def test_every_text_of_a_frame_can_be_read(session):
    shown = frame(session, room=ROOM)
    texts = [shown.rule, *shown.where, shown.explanation.sentence]
    texts += [text for grid in grids(shown) for text in (grid.title, grid.note)]
    texts += [text for item in shown.choices for text in (item.title, *item.names)]
    if shown.strip is not None:
        texts += [shown.strip.title, shown.strip.note, shown.strip.caption]
    for text in texts:
        assert "{" not in str(text)
        assert str(text) == str(text).strip()


@given(sessions())
@randomly
def test_the_extents_are_those_of_the_frame(session):
    extents, shown = session.extents(), frame(session)
    assert extents.input == (shown.input.view.height, shown.input.view.width)
    assert extents.terms == (shown.terms.view.height, shown.terms.view.width)
    assert extents.output == (shown.output.view.height, shown.output.view.width)
    assert extents.has_weights == (shown.weights is not None)
    assert extents.has_strip == (shown.strip is not None)
    assert (extents.channel_maps > 1) == any(item.key == "channel" for item in shown.choices)
    assert (extents.maps > 1) == any(item.key == "map" for item in shown.choices)
    assert extents.window == session.trace.geometry.effective_kernel_size


# What is looked at


def test_at_the_fine_levels_it_is_the_steps_own_cell_and_term():
    session = opened("convolution", channels="3", filters=2)
    step = session.trace.finest_of((1, 2, 3, 2, 0, 1))
    place = session.scene.place(step, Attention(map=0, channel=1))
    assert (place.map, place.row, place.column) == (1, 2, 3)
    assert (place.channel, place.kernel_row, place.kernel_column) == (2, 0, 1)
    session.set_level("cell")
    place = session.scene.place(session.trace.containing(step), Attention(map=0, channel=1))
    assert (place.map, place.row, place.column, place.channel) == (1, 2, 3, 1)


def test_a_channel_that_is_no_longer_there_gives_way_to_the_last():
    session = opened("convolution", "cell", channels="3")
    assert session.scene.place(0, Attention(channel=7)).channel == 2
    session = opened("convolution", "cell")
    assert session.scene.place(0, Attention(channel=7)).channel == 0


@pytest.mark.parametrize("level", ["map", "layer"])
def test_at_the_coarse_levels_it_is_the_pinned_cell_or_the_middle(level):
    session = opened("convolution", level, size=8)
    place = session.scene.place(0, Attention())
    assert (place.row, place.column) == (3, 3)
    pinned = Pointer("output", (5, 0, 0))
    place = session.scene.place(0, Attention(pinned=pinned))
    assert (place.row, place.column) == (5, 0)
    place = session.scene.place(0, Attention(pinned=Pointer("input", (5, 0, 0))))
    assert (place.row, place.column) == (3, 3)


def test_a_layer_shows_the_map_that_was_picked():
    session = opened("convolution", "layer", filters=3, channels="3")
    shown = frame(session, map=2, channel=1)
    assert shown.output.plane.fixed[2] == 2
    assert shown.weights is not None
    assert shown.weights.plane.fixed == {2: 1, 3: 2}
    assert shown.input.plane.fixed[2] == 1
    assert choice(shown, "map").current == 2
    assert choice(shown, "channel").current == 1


@pytest.mark.parametrize("level", ["map", "layer"])
@pytest.mark.parametrize("pinned", [None, Pointer("output", (0, 4, 1))])
def test_the_arithmetic_told_is_that_of_the_cell_on_view(level, pinned):
    session = opened("convolution", level, size=8, filters=3, preset=("random",))
    step = min(1, len(session.trace) - 1)
    told = session.scene.explanation(step, Attention(map=1, pinned=pinned))
    shown = frame(session, step, map=1, pinned=pinned)
    assert shown.explanation == told
    place = session.scene.place(step, Attention(map=1, pinned=pinned))
    assert place.map == 1
    cell = session.trace.at("cell")
    detail = cell.explain(cell.step_computing((place.row, place.column, place.map)))
    assert (told.terms, told.result, told.where) == (detail.terms, detail.result, detail.where)
    assert told.headline == session.trace.explain(step).headline
    assert told.sentence == session.trace.explain(step).sentence
    assert told.progress == session.trace.explain(step).progress
    terms = [float(shown.terms.plane.values[at]) for at in np.ndindex(3, 3)]
    output = session.trace.arrays["output"].values[place.row, place.column, place.map]
    assert sum(terms) == pytest.approx(float(output), abs=1e-3)


@pytest.mark.parametrize(
    ("lesson", "settings", "channel"),
    [
        ("convolution", {"filters": 3}, 0),
        ("convolution", {"filters": 3, "channels": "3"}, 1),
        ("pooling", {"channels": "3"}, 2),
        ("pooling", {"kind": "global_max", "channels": "3"}, 2),
    ],
)
def test_the_input_on_view_is_the_channel_that_is_read(lesson, settings, channel):
    session = opened(lesson, "layer", **settings)
    place = session.scene.place(0, Attention(map=2, channel=1))
    assert session.scene.input_channel(place) == channel


# Where it is


def test_it_is_told_which_picture_it_is_and_where_the_window_stands():
    session = opened("convolution", padding=2, stride=2)
    told = [str(line) for line in frame(session, session.trace.finest_of((0, 0, 3))).where]
    assert told == ["Flower", "window at", "row −2", "column 4"]
    session.set_level("map")
    assert [str(line) for line in frame(session).where] == ["Flower", "every window"]


@pytest.mark.parametrize("level", LEVELS)
def test_a_large_picture_has_an_overview_and_a_small_one_none(level):
    session = opened("convolution", level, size=20)
    near = frame(session, room=ROOM)
    assert near.input_overview is not None
    assert near.output_overview is not None
    kinds = [mark.kind for mark in near.input_overview.marks]
    assert kinds == [MarkKind.VIEW, MarkKind.WINDOW]
    assert near.input_overview.marks[0].box == near.input.view
    far = frame(session, room=Room((20, 20), (18, 18)))
    assert far.input_overview is None
    assert far.output_overview is None
