"""The lesson on any other kind of layer: each kind is shown, told and can be typed over."""

import re

import numpy as np
import pytest

from simulator.lessons.frame import Pointer
from simulator.lessons.layer_examples import EXAMPLES, made_layer
from simulator.lessons.texts import notice_of, paragraphs
from simulator.traces.region import Region
from tests.lessons.layers import LEVELS, ROOM, grids
from tests.lessons.layers import opened as opened_lesson

KINDS = [example.kind for example in EXAMPLES]


def opened(kind, level="product", **more):
    return opened_lesson("layer-at-work", level, layer=kind, **more)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("level", LEVELS)
def test_every_kind_has_frames_of_the_traces_own_numbers(kind, level):
    session = opened(kind, level)
    length = session.timeline.length
    for step in {0, length // 3, length // 2, length - 1}:
        session.timeline.seek(step)
        frame = session.frame(ROOM)
        assert "{" not in str(frame.explanation.sentence)
        for grid in grids(frame):
            plane = grid.plane
            values = session.trace.read(plane.region).reshape(plane.values.shape)
            np.testing.assert_array_equal(plane.values, values)
            written = session.trace.written(plane.region, step).reshape(values.shape)
            shown = np.ones_like(written) if grid.written is None else grid.written
            np.testing.assert_array_equal(shown, written)
            pointer = Pointer(plane.array, plane.cell_index(grid.rows - 1, grid.columns - 1))
            card = session.card(pointer)
            assert "{" not in str(card.title) + "".join(map(str, card.lines))


@pytest.mark.parametrize("kind", KINDS)
def test_every_cell_that_is_written_can_be_opened(kind):
    session = opened(kind)
    for grid in grids(session.frame(ROOM)):
        pointer = Pointer(grid.plane.array, grid.plane.cell_index(0, grid.columns - 1))
        session.pinned = pointer
        opened_it = session.open(pointer)
        if not session.trace.arrays[pointer.array].given:
            assert opened_it
            region = Region.cell(pointer.array, *pointer.index)
            assert session.trace.written(region, session.timeline.step).all()
        session.move_pin(1, 1)
        session.pin_next_array()
        session.frame(ROOM)


@pytest.mark.parametrize("kind", KINDS)
def test_a_number_that_is_typed_over_changes_what_comes_out(kind):
    plain = opened(kind, "whole")
    shape = plain.trace.arrays["input"].shape
    typed = {"Embedding": 5.0, "Minimum": -9.0}.get(kind, 9.0)
    edits = {(0, *rest): typed for rest in np.ndindex(shape[1:])}
    edited = opened(kind, "whole", edits={"input": edits})
    before, after = (each.trace.arrays["output_1"].values for each in (plain, edited))
    assert (before != after).any()
    frame = edited.frame(ROOM)
    assert frame.input.editable


def test_the_arrays_are_the_engines():
    for example in EXAMPLES:
        session = opened(example.kind, "whole", seed=3)
        inputs = example.inputs(3)
        layer = made_layer(example.told, example.shapes)
        given = session.trace.arrays
        assert given["input"].values.size == inputs[0].size
        np.testing.assert_array_equal(given["input"].values.ravel(), inputs[0].ravel())
        weights = sum(weight.size for weight in layer.weights.values())
        shown = sum(
            array.values.size
            for name, array in given.items()
            if array.given and not name.startswith("input")
        )
        assert shown == weights


@pytest.mark.parametrize("kind", KINDS)
def test_there_is_something_to_notice_of_each_kind(kind):
    session = opened(kind)
    words = notice_of(session.lesson, session.state, 0)
    assert words in paragraphs("layer_at_work").values()
    assert words != paragraphs("layer_at_work")[""]


def test_a_number_that_names_no_row_is_refused():
    session = opened("Embedding")
    for typed in (8.0, -1.0, 2.5):
        state = session.state.with_cells("input", {(0, 0): typed})
        assert not session.apply(state)
        assert re.match(rf"{typed:g} names no row of the table", session.complaint.message)


def test_a_kind_from_the_lab_that_is_gone_is_refused_in_words():
    session = opened("Conv1D")
    state = session.lesson.change(session.state, "layer", "lab")
    assert not session.apply(state)
    assert "no layer from the lab" in session.complaint.message
