"""The picture of a network, and the way through its steps, in whatever state a learner brings."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.lessons.catalogue import lesson as find
from simulator.lessons.frame import MarkKind, Pointer
from simulator.lessons.texts import notice_of, paragraphs
from simulator.traces.model import Role
from simulator.traces.region import Region
from simulator.traces.timeline import Moment
from tests.lessons.layers import LEVELS, ROOM, grids, opened, sessions

few = settings(deadline=None, max_examples=25)


@given(sessions())
@few
def test_a_frame_shows_the_traces_own_numbers_as_far_as_they_are_written(session):
    trace, step = session.trace, session.timeline.step
    frame = session.frame(ROOM)
    assert frame.explanation == session.explanation()
    for grid in grids(frame):
        plane = grid.plane
        values = trace.read(plane.region).reshape(plane.values.shape)
        np.testing.assert_array_equal(plane.values, values)
        written = trace.written(plane.region, step).reshape(plane.values.shape)
        shown = np.ones_like(written) if grid.written is None else grid.written
        np.testing.assert_array_equal(shown, written)


@given(sessions(("product", "unit")))
@few
def test_the_marks_are_what_the_step_reads_and_writes(session):
    step = session.trace.step(session.timeline.step)
    frame = session.frame(ROOM)
    (cell,) = (mark.box for mark in frame.output.marks if mark.kind is MarkKind.CELL)
    part = session.trace.parts[session.place.part]
    assert frame.output.plane.array == part.output
    index = frame.output.plane.cell_index(int(cell.top), int(cell.left))
    assert part.unit_of(*index) == session.place.unit
    if session.trace.level == "unit":
        return
    written = {region.array for region in step.targets}
    assert any(grid.plane.array in written for grid in grids(frame))
    for grid in (frame.input, frame.weights):
        for mark in grid.marks if grid is not None else ():
            if mark.kind is MarkKind.CELL:
                assert grid is not None
                at = grid.plane.cell_index(int(mark.box.top), int(mark.box.left))
                assert any(
                    region.array == grid.plane.array and at in region for region in step.reads
                )


@given(sessions(), st.data())
@few
def test_whatever_cell_is_pointed_at_has_a_card_and_a_step_to_open(session, data):
    grid = data.draw(st.sampled_from(grids(session.frame(ROOM))))
    row = data.draw(st.integers(0, grid.rows - 1))
    column = data.draw(st.integers(0, grid.columns - 1))
    pointer = Pointer(grid.plane.array, grid.plane.cell_index(row, column))
    session.pinned = pointer
    card = session.card(pointer)
    assert str(card.title)
    assert "{" not in str(card.title) + str(card.hint) + "".join(map(str, card.lines))
    session.frame(ROOM)
    opened_it = session.open(pointer)
    region = Region.cell(pointer.array, *pointer.index)
    if not session.trace.arrays[pointer.array].given:
        assert opened_it
        assert session.trace.written(region, session.timeline.step).all()
    session.move_pin(data.draw(st.integers(-1, 1)), data.draw(st.integers(-1, 1)))
    assert session.pinned.index in Region.whole(
        session.pinned.array, session.trace.arrays[session.pinned.array].shape
    )
    session.pin_next_array()
    session.frame(ROOM)


@given(sessions(), st.sampled_from(LEVELS))
@few
def test_another_level_stays_at_the_same_part(session, level):
    part = session.place.part
    coarse = "whole" in (session.trace.level, level)
    session.set_level(level)
    assert session.timeline.length == len(session.trace)
    if not coarse:
        assert session.place.part == part


@given(sessions(), st.integers(-1, 20))
@few
def test_a_picked_station_is_the_one_on_view(session, station):
    session.pick("map", station)
    expected = min(max(station, 0), session.how_many("map") - 1)
    given_ones = [
        at
        for at, (name, _) in enumerate(session.trace.stations)
        if session.trace.arrays[name].given
    ]
    if expected not in given_ones:
        assert session.picked("map") == expected


def test_a_glide_moves_within_a_part_and_cuts_between_two():
    session = opened("autoencoder", "product", hidden=0, code=2)
    frame = session.frame_at(Moment(0, 1, 0.25), ROOM)
    (cell,) = (mark.box for mark in frame.input.marks if mark.kind is MarkKind.CELL)
    assert (cell.top, cell.left) == (0, 0.25)
    last = session.trace.at("layer").last_finest(0)
    frame = session.frame_at(Moment(last, last + 1, 0.25), ROOM)
    assert frame.output.plane.array == "output_1"
    frame = session.frame_at(Moment(last, last + 1, 0.75), ROOM)
    assert frame.output.plane.array == "output_2"


def test_a_typed_number_changes_what_follows_and_is_marked():
    plain, edited = (
        opened("autoencoder", "layer", 4, edits=edits)
        for edits in (None, {"input": {(3, 3): 0.25}, "bias_2": {(0, 1): 7.0}})
    )
    assert edited.trace.arrays["input"].values[3, 3] == 0.25
    codes = [each.trace.arrays["output_2"].values[0, 1] for each in (plain, edited)]
    assert codes[1] > codes[0] + 4
    assert (plain.trace.arrays["output_4"].values != edited.trace.arrays["output_4"].values).any()
    edited.set_level("layer")
    edited.timeline.seek(0)
    assert (3, 3) in edited.frame(ROOM).input.edited
    assert edited.frame(ROOM).input.editable


def test_a_pinned_unit_of_a_whole_layer_is_the_one_that_is_told():
    session = opened("autoencoder", "layer", 0)
    session.pinned = Pointer("output_1", (0, 0))
    assert session.place.unit == 0
    first = session.explanation()
    session.pinned = Pointer("output_1", (3, 3))
    assert session.explanation() != first
    assert session.frame(ROOM).weights.plane.fixed == {2: 3, 3: 3}


def test_the_strip_ends_where_the_units_sum_does():
    session = opened("autoencoder", "unit", 0)
    strip = session.frame(ROOM).strip
    assert strip.now == pytest.approx(session.trace.arrays["sums_1"].values[0, 0], abs=1e-5)
    assert session.frame(ROOM).weights.role is Role.WEIGHTS


def test_a_drawn_stroke_covers_cells_of_the_picture():
    session = opened("autoencoder")
    stroke = session.stroke((1, 1), (1, 4), erase=False)
    assert stroke
    assert set(stroke.values()) == {1.0}
    assert all(len(index) == 2 for index in stroke)
    assert set(session.stroke((1, 1), (1, 4), erase=True).values()) == {0.0}


# The autoencoder


def test_more_training_makes_the_error_smaller():
    losses = [
        opened("autoencoder", epochs=epochs).trace.arrays["loss"].values.item() for epochs in (0, 4)
    ]
    assert losses[1] < losses[0]


def test_the_same_settings_give_the_same_numbers():
    first, second = (opened("autoencoder", epochs=2) for _ in range(2))
    for name, array in first.trace.arrays.items():
        if array.given or name.startswith("output"):
            np.testing.assert_array_equal(array.values, second.trace.arrays[name].values)


def test_a_code_larger_than_the_input_is_allowed_and_explained():
    session = opened("autoencoder", code=64, hidden=0)
    assert "as large as" in str(session.scene.fact().remark)
    state = session.state
    assert notice_of(session.lesson, state, 1) == paragraphs("autoencoder")["large_code"]


# The Boltzmann machine


def test_a_step_back_shows_the_same_flip():
    session = opened("boltzmann", "unit")
    flips = [
        at
        for at in range(len(session.trace))
        if session.trace.parts[session.trace.focus(at).part].name.startswith("flip")
    ]
    told = []
    for at in (*flips, *reversed(flips)):
        session.timeline.seek(at)
        told.append(session.explanation().headline)
    assert told[: len(flips)] == told[len(flips) :][::-1]


def test_another_seed_of_the_coins_flips_others_but_changes_no_probability():
    first, second = (opened("boltzmann", draws=seed) for seed in (1, 2))
    arrays = first.trace.arrays, second.trace.arrays
    up = [each["up_1_probabilities"].values for each in arrays]
    np.testing.assert_array_equal(*up)
    assert (arrays[0]["hidden_1_draws"].values != arrays[1]["hidden_1_draws"].values).all()


def test_a_picture_that_is_not_black_and_white_is_refused_in_words():
    session = opened("boltzmann")
    before = session.trace
    assert not session.apply(session.state.with_cells("input", {(1, 2): 0.5}))
    assert session.complaint.message == (
        "Cell (1, 2) of the picture is 0.5: a unit of this machine is on or off. Type 0 or 1."
    )
    assert session.trace is before


def test_no_gibbs_steps_are_refused_in_words():
    lesson = find("boltzmann")
    with pytest.raises(ValueError, match="Gibbs steps k is 0: choose a whole number from 1 to 10"):
        lesson.change(lesson.initial_state(), "k", 0)


@pytest.mark.parametrize("lesson_id", ["autoencoder", "boltzmann", "dense"])
def test_there_is_something_to_notice_at_each_station(lesson_id):
    words = paragraphs(lesson_id)
    seen = set()
    variants: list[dict] = [{"start": "persistent"}]
    if lesson_id == "autoencoder":
        variants = [{"code": 64}, {"variant": "tied"}, {"variant": "convolutional"}]
    if lesson_id == "dense":
        variants = [{"activation": "linear"}, {"pass": "backward"}]
    for settings_ in ({}, {"epochs": 0}, *variants):
        session = opened(lesson_id, **settings_)
        for station in range(session.how_many("map")):
            heading = session.lesson.noticed(session.state, station)
            assert heading in words
            seen.add(heading)
    # Some layers come from the lab alone.
    elsewhere = {"autoencoder": {"transposed"}, "dense": {"activation", "normalized"}}.get(
        lesson_id, set()
    )
    assert seen | {""} | elsewhere == set(words)


def test_the_graph_of_a_machine_links_the_unit_on_view_with_its_weights():
    session = opened("boltzmann", "product", 0)
    trace = session.trace
    graph = session.frame(ROOM).graph
    kernel = trace.arrays["kernel"].values.reshape(6, 16)
    assert [link.weight for link in graph.links] == kernel[0].tolist()
    assert [link.lower for link in graph.links if link.current] == [0]
    assert graph.upper.lit == 0
    assert graph.upper.values == (None,) * 6
    assert list(graph.lower.values) == trace.arrays["input"].values.ravel().tolist()
    session.set_level("unit")
    for at in range(len(session.trace)):
        session.timeline.seek(at)
        graph = session.frame(ROOM).graph
        part = trace.parts[session.place.part]
        if part.name == "down_1":
            weights = [link.weight for link in graph.links]
            assert weights == kernel[:, session.place.unit].tolist()
            assert graph.lower.lit == session.place.unit
        elif part.name.startswith("flip_hidden"):
            assert graph.upper.lit == session.place.unit
            assert not graph.links


def test_a_network_of_many_layers_has_no_graph_of_two():
    assert opened("autoencoder").frame(ROOM).graph is None
