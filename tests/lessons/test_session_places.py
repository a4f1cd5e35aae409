import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.lessons.frame import Pointer
from tests.lessons.opened import (
    LEVELS,
    ROOM,
    at,
    cell_of,
    change,
    opened,
    randomly,
    sessions,
    term_of,
)

# Staying at the same place


@pytest.mark.parametrize("level", ["product", "cell"])
def test_a_change_of_values_moves_nothing(level):
    session = opened("convolution", level, 7, size=9)
    session.timeline.play()
    session.timeline.tick(0.85)
    moment = session.timeline.moment
    session.pinned, session.hovered = Pointer("output", (1, 1, 0)), Pointer("input", (2, 2, 0))
    for changed in ({"picture": "cat"}, {"range": "1"}, {"bias": 3.0}, {"preset": ("blur",)}):
        assert change(session, **changed)
        assert session.timeline.moment == moment
        assert session.timeline.playing
        assert session.pinned == Pointer("output", (1, 1, 0))
        assert session.hovered == Pointer("input", (2, 2, 0))


@pytest.mark.parametrize(
    "settings",
    [
        {"padding": 1},
        {"padding": "same"},
        {"kernel_size": 5},
        {"dilation": 2},
        {"size": 12},
        {"filters": 3},
        {"channels": "3"},
    ],
)
@pytest.mark.parametrize("level", ["product", "cell"])
def test_the_output_cell_stays_where_it_still_exists(level, settings):
    session = at(opened("convolution", level, size=9, filters=2), 1, 3, 2)
    assert change(session, **settings)
    assert session.trace.level == level
    assert cell_of(session) == (1, 3, 2)


@pytest.mark.parametrize("settings", [{"padding": 1}, {"size": 12}, {"filters": 3}, {"stride": 2}])
def test_the_term_stays_where_windows_have_the_same_terms(settings):
    session = at(opened("convolution", size=9, filters=2), 1, 1, 2, 0, 2, 1)
    assert change(session, **settings)
    assert cell_of(session) == (1, 1, 2)
    assert term_of(session) == (0, 2, 1)


def test_in_windows_of_other_terms_it_begins_at_the_first():
    session = at(opened("convolution", size=9), 0, 1, 2, 0, 2, 1)
    assert change(session, kernel_size=4)
    assert cell_of(session) == (0, 1, 2)
    assert term_of(session) == (0, 0, 0)


@pytest.mark.parametrize(
    ("settings", "cell"),
    [
        ({"size": 5}, (1, 2, 2)),
        ({"filters": 1}, (0, 6, 2)),
        ({"stride": 2}, (1, 3, 2)),
        ({"size": 3, "filters": 1}, (0, 0, 0)),
    ],
)
def test_of_cells_that_are_gone_the_nearest_takes_their_place(settings, cell):
    session = at(opened("convolution", "cell", size=9, filters=2), 1, 6, 2)
    assert change(session, **settings)
    assert cell_of(session) == cell


def test_a_map_stays_where_its_cells_become_fewer():
    session = opened("convolution", "map", 2, size=9, filters=4)
    assert change(session, size=5)
    assert session.timeline.step == 2
    assert change(session, filters=2)
    assert session.timeline.step == 1


def test_what_is_pointed_at_is_forgotten_with_its_cell():
    session = opened("convolution", size=6, stride=2)
    session.pinned, session.hovered = Pointer("input", (5, 5, 0)), Pointer("output", (1, 1, 0))
    assert change(session, size=5)
    assert session.trace.geometry.output_size == (2, 2), "the same steps, over another input"
    assert session.pinned is None
    assert session.hovered == Pointer("output", (1, 1, 0))
    session.pinned = Pointer("products", (0, 0, 0, 0, 0, 0))
    assert change(session, kernel_size=2)
    assert session.pinned is None


# Levels


@pytest.mark.parametrize(
    ("lesson", "settings", "place"),
    [
        ("convolution", {"channels": "3", "filters": 3}, (1, 2, 3, 2, 0, 1)),
        ("convolution", {}, (0, 3, 3, 0, 2, 2)),
        ("pooling", {"channels": "3"}, (2, 1, 0, 0, 1, 1)),
        ("pooling", {"kind": "global_average"}, (0, 0, 0, 0, 3, 3)),
    ],
)
def test_through_all_levels_and_back_the_place_is_the_same(lesson, settings, place):
    session = at(opened(lesson, **settings), *place)
    finest, channel = session.timeline.step, session.channel_on_view
    for level in ("cell", "map", "layer", "map", "cell"):
        session.set_level(level)
        assert session.trace.level == level
        assert session.timeline.length == len(session.trace)
        assert session.map_on_view == place[0]
        assert session.channel_on_view == channel
        if level == "cell":
            assert cell_of(session) == place[:3]
    session.set_level("product")
    assert session.timeline.step == finest


@given(sessions(levels=("product",)), st.lists(st.sampled_from(LEVELS), max_size=6))
@randomly
def test_through_any_levels_the_place_is_the_same(session, levels):
    step = session.timeline.step
    place = session.trace.place(step)
    for level in levels:
        session.set_level(level)
        assert session.map_on_view == place.map
        if level == "cell":
            assert cell_of(session) == (place.map, place.row, place.column)
    session.set_level("product")
    assert session.timeline.step == step


def test_a_step_in_a_coarser_level_is_gone_into_from_its_beginning():
    session = opened("convolution", "cell", 5)
    session.set_level("product")
    assert session.timeline.step == 5 * 9
    session.set_level("cell")
    session.timeline.seek(7)
    session.set_level("product")
    assert session.timeline.step == 7 * 9


def test_a_map_that_was_stepped_to_is_gone_into_at_its_last_cell():
    session = opened("convolution", filters=3)
    session.set_level("map")
    session.timeline.seek(1)
    session.set_level("cell")
    assert cell_of(session) == (1, 3, 3)


def test_of_a_layer_the_map_on_view_is_gone_into():
    session = opened("convolution", "layer", filters=4)
    session.pick_map(2)
    session.set_level("map")
    assert session.timeline.step == 2


def test_the_channel_on_view_stays_on_view():
    session = at(opened("convolution", channels="3"), 0, 1, 1, 2)
    session.set_level("cell")
    assert session.channel_on_view == 2
    session.pick_channel(1)
    session.set_level("layer")
    assert session.channel_on_view == 1


# Picking


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("channels", ["1", "3"])
@pytest.mark.parametrize("filters", [1, 2, 32])
def test_a_filter_is_picked_at_every_level(level, channels, filters):
    session = opened("convolution", "product", channels=channels, filters=filters)
    at(session, 0, 2, 1, 0, 1, 2)
    session.set_level(level)
    last = filters - 1
    for index, seen in ((last, last), (99, last), (-1, 0), (last, last)):
        session.pick_map(index)
        assert session.map_on_view == seen
        frame = session.frame(ROOM)
        assert frame.output.plane.fixed[2] == seen
        assert frame.weights is not None
        assert frame.weights.plane.fixed[3] == seen
        session.pick_channel(0)
        assert session.map_on_view == seen
    session.set_level("cell")
    assert cell_of(session) == (last, 2, 1)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("filters", [1, 3])
def test_a_channel_of_a_convolution_is_picked_at_every_level(level, filters):
    session = opened("convolution", level, channels="3", filters=filters)
    for index, seen in ((2, 2), (9, 2), (-5, 0), (1, 1)):
        session.pick_channel(index)
        assert session.channel_on_view == seen
        assert session.map_on_view == 0
        frame = session.frame(ROOM)
        assert frame.input.plane.fixed[2] == seen
        assert frame.weights is not None
        assert frame.weights.plane.fixed[2] == seen
    if level == "product":
        assert session.timeline.step == 9, "the first product of the second channel"


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("kind", ["max", "global_average", "stochastic_training"])
def test_a_channel_of_pooling_is_a_map(level, kind):
    session = opened("pooling", level, channels="3", kind=kind)
    for pick in (session.pick_map, session.pick_channel):
        for index, seen in ((2, 2), (7, 2), (-1, 0), (1, 1)):
            pick(index)
            assert session.map_on_view == session.channel_on_view == seen
            frame = session.frame(ROOM)
            assert frame.output.plane.fixed[2] == frame.input.plane.fixed[2] == seen


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("lesson", ["convolution", "pooling"])
def test_where_there_is_one_map_nothing_is_picked(level, lesson):
    session = opened(lesson, level)
    session.timeline.seek(session.timeline.length // 2)
    step = session.timeline.step
    for pick in (session.pick_map, session.pick_channel):
        pick(3)
        assert session.timeline.step == step
        assert (session.map_on_view, session.channel_on_view) == (0, 0)


def test_picking_keeps_the_term():
    session = at(opened("convolution", channels="3", filters=3), 0, 1, 2, 1, 2, 0)
    session.pick_map(2)
    assert cell_of(session) == (2, 1, 2)
    assert term_of(session) == (1, 2, 0)
