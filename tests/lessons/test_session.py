import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from simulator.engine.backends.base import Backend
from simulator.lessons.catalogue import lesson as find
from simulator.lessons.frame import Pointer
from simulator.lessons.lesson import LARGEST_CELL, OWN_PICTURE
from simulator.lessons.session import LessonSession
from simulator.traces.region import Region
from simulator.traces.timeline import Moment
from tests.lessons.opened import (
    BACKEND,
    LEVELS,
    ROOM,
    convolution_settings,
    grids,
    opened,
    pooling_settings,
    randomly,
    sessions,
    state_of,
)


def change(session, **settings):
    state = session.state
    for name, value in settings.items():
        state = session.lesson.change(state, name, value)
    return session.apply(state)


def cell_of(session):
    place = session.place
    return place.map, place.row, place.column


def term_of(session):
    place = session.place
    return place.channel, place.kernel_row, place.kernel_column


def at(session, *place):
    session.timeline.seek(session.trace.containing(session.trace.finest_of(place)))
    return session


# Opening


def test_a_lesson_opens_at_its_beginning():
    session = LessonSession(find("pooling"), BACKEND)
    assert session.state == find("pooling").initial_state()
    assert session.complaint is None
    assert session.timeline.step == 0
    assert session.timeline.length == len(session.trace)
    assert session.trace.level == "product"


def test_a_state_that_cannot_be_shown_gives_way_to_the_lessons_own():
    session = LessonSession(find("convolution"), BACKEND, state_of("convolution", kernel_size=15))
    assert session.state == find("convolution").initial_state()
    assert session.complaint is None


# Complaints


def test_what_does_not_fit_leaves_the_picture_and_says_why():
    session = opened("convolution", size=5, filters=2)
    session.timeline.seek(30)
    valid, trace, before = session.state, session.trace, session.frame(ROOM)
    assert not change(session, kernel_size=7)
    assert session.complaint is not None
    assert session.complaint.control == "kernel_size"
    assert session.complaint.message == (
        "A 7 × 7 kernel does not fit the 5 × 5 input: choose a size of 5 or less, or a padding of "
        "at least 1."
    )
    assert session.state.settings["kernel_size"] == 7
    assert session.trace is trace
    assert session.timeline.step == 30
    after = session.frame(ROOM)
    assert after.explanation == before.explanation
    assert [grid.plane for grid in grids(after)] == [grid.plane for grid in grids(before)]
    assert session.apply(valid)
    assert session.complaint is None
    assert session.timeline.step == 30
    assert session.frame(ROOM).explanation == before.explanation


@pytest.mark.parametrize(
    ("lesson", "before", "wrong", "control"),
    [
        ("convolution", {"size": 5}, {"kernel_size": 6}, "kernel_size"),
        ("convolution", {"size": 20, "kernel_size": 15}, {"size": 10}, "kernel_size"),
        ("convolution", {"size": 10, "kernel_size": 5}, {"dilation": 3}, "kernel_size"),
        ("convolution", {"size": 3, "padding": 1, "kernel_size": 5}, {"padding": 0}, "kernel_size"),
        ("pooling", {"size": 5}, {"window": 6}, "window"),
        ("pooling", {}, {"padding": 2}, "padding"),
        ("pooling", {"window": 3, "padding": 2}, {"window": 2}, "padding"),
    ],
)
def test_a_complaint_names_the_control_that_is_to_blame(lesson, before, wrong, control):
    session = opened(lesson, **before)
    assert not change(session, **wrong)
    assert session.complaint is not None
    assert session.complaint.control == control
    assert session.frame(ROOM).input.rows == before.get("size", 6)


def test_a_valid_change_of_what_does_not_fit_is_shown():
    session = opened("convolution", size=5)
    assert not change(session, kernel_size=7)
    assert not change(session, stride=2)
    assert change(session, padding=1)
    assert session.complaint is None
    assert session.trace.geometry.kernel_size == (7, 7)
    assert session.trace.geometry.stride == (2, 2)


def test_another_backend_computes_what_is_on_view():
    session = opened("convolution", step=20)
    trace, other = session.trace, Backend()
    session.use(other)
    assert session.backend is other
    assert session.trace is not trace
    assert session.timeline.step == 20
    change(session, kernel_size=15)
    session.use(BACKEND)
    assert session.complaint is not None


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
    for edge in (LARGEST_CELL, -LARGEST_CELL):
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


# The arithmetic


@given(sessions())
@randomly
def test_the_arithmetic_is_that_of_the_frame(session):
    assert session.explanation() == session.frame(ROOM).explanation


def test_at_a_coarse_level_the_arithmetic_goes_with_what_was_picked():
    session = opened("convolution", "layer", filters=2)
    first = session.explanation()
    session.pick_map(1)
    second = session.explanation()
    assert first.terms != second.terms
    session.pinned = Pointer("output", (0, 0, 1))
    assert session.explanation().where != second.where


def test_a_frame_can_be_asked_of_any_moment():
    session = opened("convolution")
    frame = session.frame_at(Moment(3, 4, 0.25), ROOM)
    assert frame.explanation == session.scene.explanation(3, session.attention)
    assert frame.input.view == session.frame(ROOM).input.view


# Whatever a learner does


class Learner(RuleBasedStateMachine):
    """Does anything in any order; nothing may raise, and what is on view has to fit together."""

    @initialize(lesson=st.sampled_from(["convolution", "pooling"]))
    def open_lesson(self, lesson):
        self.session = opened(lesson)
        self.states = [self.session.state]

    @rule(data=st.data())
    def set(self, data):
        strategy = (
            convolution_settings if self.session.lesson.id == "convolution" else pooling_settings
        )
        name, value = data.draw(
            strategy.flatmap(lambda found: st.sampled_from(list(found.items())))
        )
        change(self.session, **{name: value})
        self.states.append(self.session.state)

    @rule(data=st.data())
    def undo(self, data):
        self.session.apply(data.draw(st.sampled_from(self.states)))

    @rule(level=st.sampled_from(LEVELS))
    def set_level(self, level):
        self.session.set_level(level)

    @rule(share=st.floats(0, 1))
    def seek(self, share):
        self.session.timeline.seek(round(share * (self.session.timeline.length - 1)))

    @rule(direction=st.sampled_from([1, -1]), seconds=st.floats(0.01, 3))
    def play(self, direction, seconds):
        self.session.timeline.play(direction)
        self.session.timeline.tick(seconds)

    @rule(index=st.integers(-1, 4))
    def pick_map(self, index):
        self.session.pick_map(index)

    @rule(index=st.integers(-1, 4))
    def pick_channel(self, index):
        self.session.pick_channel(index)

    @rule(data=st.data(), pins=st.booleans())
    def point(self, data, pins):
        grid = data.draw(st.sampled_from(grids(self.session.frame(ROOM))))
        row = data.draw(st.integers(0, grid.rows - 1))
        column = data.draw(st.integers(0, grid.columns - 1))
        pointer = Pointer(grid.plane.array, grid.plane.cell_index(row, column))
        if pins:
            self.session.pinned = pointer
        else:
            self.session.hovered = pointer

    @rule(value=st.floats(-10, 300, width=32), data=st.data())
    def edit(self, value, data):
        array = data.draw(st.sampled_from(["input", "kernel"]))
        if array in self.session.trace.arrays:
            shape = self.session.trace.arrays[array].shape
            index = tuple(data.draw(st.integers(0, length - 1)) for length in shape)
            self.session.apply(self.session.state.with_cells(array, {index: value}))
            self.states.append(self.session.state)

    @rule(down=st.integers(-1, 1), across=st.integers(-1, 1))
    def move_pin(self, down, across):
        self.session.move_pin(down, across)

    @rule()
    def pin_next(self):
        self.session.pin_next_array()

    @rule()
    def open_pinned(self):
        if self.session.pinned is not None:
            self.session.open(self.session.pinned)

    @invariant()
    def all_fits_together(self):
        session = self.session
        trace, timeline = session.trace, session.timeline
        assert timeline.length == len(trace)
        frame = session.frame(ROOM)
        step = timeline.moment.arrived
        for grid in grids(frame):
            assert (
                grid.plane.region.inside(trace.arrays[grid.plane.array].shape) == grid.plane.region
            )
            expected = trace.written(grid.plane.region, step)
            if grid.written is None:
                assert expected.all()
            else:
                np.testing.assert_array_equal(grid.written, expected.reshape(grid.written.shape))
        for pointer in (session.pinned, session.hovered):
            if pointer is not None:
                whole = Region.whole(pointer.array, trace.arrays[pointer.array].shape)
                assert pointer.index in whole
                assert str(session.card(pointer).title)
        if session.complaint is None:
            again = session.lesson.trace(session.state, BACKEND)
            for name in ("input", "output"):
                np.testing.assert_array_equal(again.arrays[name].values, trace.arrays[name].values)
        else:
            assert session.complaint.control in session.state.settings


TestLearner = Learner.TestCase
TestLearner.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
