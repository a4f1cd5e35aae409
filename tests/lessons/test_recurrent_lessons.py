"""The lessons about recurrent cells: their values, whatever is set and typed over."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.backends.base import Backend
from simulator.lessons import recurrent_input, text_controls
from simulator.lessons.catalogue import lesson as find
from simulator.lessons.controls import ControlError
from simulator.lessons.frame import Pointer, Room
from simulator.lessons.opening import open_lesson
from simulator.traces.region import Region
from tests.engine import naive_recurrent as naive

ROOM = Room((4, 10), (3, 0))
KINDS = {"rnn-unrolled": "h", "lstm-gates": "ifgoch", "gru-gates": "zrgh"}
lessons = pytest.mark.parametrize("lesson_id", KINDS)


def opened(lesson_id, **changed):
    lesson = find(lesson_id)
    state = lesson.initial_state()
    for name, value in changed.items():
        state = lesson.change(state, name, value)
    session = open_lesson(lesson, Backend(), state)
    assert session.state == state
    return session


def naively(session):
    """Every array of the cell from the lesson's given ones, by loops over single numbers."""
    given = session.lesson.arrays(session.state)
    x, kernel, recurrent, bias = (
        given[name].tolist() for name in ("x", "kernel", "recurrent_kernel", "bias")
    )
    h = given["initial_h"][0].tolist()
    if session.lesson.id == "lstm-gates":
        c = given["initial_c"][0].tolist()
        return naive.lstm(x, kernel, recurrent, bias[0], h, c, "tanh", "sigmoid")
    if session.lesson.id == "gru-gates":
        after = session.state.settings["reset"] == "after"
        biases = bias if after else (bias[0], [0.0] * len(bias[0]))
        return naive.gru(x, kernel, recurrent, *biases, h, after, "tanh", "sigmoid")
    return naive.simple_rnn(x, kernel, recurrent, bias[0], h, "tanh")


def test_a_gradient_that_has_nearly_vanished_is_no_zero():
    session = opened("back-through-time", radius=0.2, length=12)
    session.timeline.last()
    for step in range(session.timeline.length):
        session.timeline.seek(step)
        for card in session.frame(ROOM).cards:
            for at in range(len(card.values.written)):
                value, words = card.values.value(at), card.values.text(at)
                assert (float(words.replace("−", "-")) == 0) <= (value == 0), card


@lessons
@given(data=st.data())
@settings(deadline=None, max_examples=25)
def test_the_values_are_those_of_a_naive_loop(lesson_id, data):
    source = data.draw(st.sampled_from(["adding", "sine", "pulse", "text", "numbers"]))
    changed = {
        "source": source,
        "length": data.draw(st.integers(2, 9)),
        "weights": data.draw(st.sampled_from(["trained", "random"])),
        "units": data.draw(st.integers(1, 5)),
        "seed": data.draw(st.integers(0, 99)),
    }
    if lesson_id == "gru-gates":
        changed["reset"] = data.draw(st.sampled_from(["after", "before"]))
    session = opened(lesson_id, **changed)
    for name, expected in naively(session).items():
        found = session.trace.arrays[name].values
        np.testing.assert_allclose(found, expected, rtol=2e-4, atol=2e-5, err_msg=name)


@lessons
def test_the_trained_weights_add_the_marked_numbers(lesson_id):
    for seed in range(20):
        session = opened(lesson_id, data_seed=seed)
        x = session.trace.arrays["x"].values
        answer = float(session.trace.arrays["y"].values[-1, 0])
        assert abs(answer - float((x[:, 0] * x[:, 1]).sum())) < 0.08


@lessons
@given(data=st.data())
@settings(deadline=None, max_examples=25)
def test_every_frame_fits_its_trace(lesson_id, data):
    source = data.draw(st.sampled_from(["adding", "sine", "text", "numbers"]))
    session = opened(lesson_id, source=source, units=data.draw(st.integers(1, 12)))
    session.set_level(data.draw(st.sampled_from(list(session.trace.levels))))
    session.timeline.seek(data.draw(st.integers(0, session.timeline.length - 1)))
    room = Room((data.draw(st.integers(1, 8)), data.draw(st.integers(1, 12))), (3, 0))
    frame = session.frame(room)
    arrived = session.timeline.moment.arrived
    strands = [frame.opened.before, frame.opened.after, frame.opened.hidden]
    strands += [gate.values for gate in frame.opened.gates]
    strands += [row.values for row in frame.rows]
    strands += [state for step in frame.chain.steps for state in step.states]
    for strand in strands:
        array = strand.grid.plane.array
        for number, there in enumerate(strand.written):
            index = strand.grid.plane.cell_index(*strand.cell(number))
            cell = Region.cell(array, *index)
            assert strand.value(number) == session.trace.read(cell).item()
            assert there == bool(session.trace.written(cell, arrived).all())
            card = session.card(Pointer(array, index))
            assert "{" not in str(card.title)
            assert all("{" not in str(line) for line in card.lines)
    assert len(frame.chain.steps) <= room.input[1]
    assert len(frame.opened.units) <= room.input[0]
    assert frame.opened.unit in frame.opened.units


@lessons
@given(data=st.data())
@settings(deadline=None, max_examples=25)
def test_pointing_and_opening_lead_to_cells_that_are_there(lesson_id, data):
    session = opened(lesson_id)
    for _ in range(4):
        level = data.draw(st.sampled_from(list(session.trace.levels)))
        session.set_level(level)
        session.move_pin(data.draw(st.integers(-1, 1)), data.draw(st.integers(-1, 1)))
        if data.draw(st.booleans()):
            session.pin_next_array()
        pinned = session.pinned
        shape = session.trace.arrays[pinned.array].shape
        assert all(0 <= at < length for at, length in zip(pinned.index, shape, strict=True))
        session.open(pinned)
        assert 0 <= session.timeline.step < session.timeline.length
        session.frame(ROOM)


def test_opening_a_cell_goes_to_the_step_that_writes_it():
    session = opened("lstm-gates")
    session.set_level("unit")
    assert session.open(Pointer("c", (6, 1)))
    assert session.timeline.step == 6 * 24 + 4 * 4 + 1
    assert session.trace.told_cell(session.timeline.step) == Region.cell("c", 6, 1)


def test_opening_a_weight_goes_to_its_product():
    session = opened("lstm-gates")
    session.timeline.seek(300)
    time = session.place.time
    assert session.open(Pointer("recurrent_kernel", (2, 4 + 1)))  # of the forget gate's unit 2
    place = session.place
    assert (place.time, place.unit, place.move) == (time, 1, 2 + 2)
    assert session.trace.equation_at(place).name == "f"


def test_edits_of_a_gate_are_forgotten_where_it_is_held_anew():
    lesson = find("lstm-gates")
    state = lesson.initial_state().with_cells("f", {(1, 1): 0.5}).with_cells("x", {(0, 0): 2.0})
    changed = lesson.change(state, "hold_f", "shut")
    assert "f" not in changed.edits
    assert changed.edits["x"] == {(0, 0): 2.0}
    assert lesson.change(state, "length", 12).edits == {}


def test_edits_of_weights_that_came_later_are_forgotten_with_a_new_seed():
    """Of layers and directions too that the lesson doesn't begin with."""
    lesson = find("deep-bidirectional")
    state = lesson.change(lesson.initial_state(), "layers", 3)
    for merge in ("concat", "sum"):
        state = lesson.change(state, "merge", merge)
        edited = state
        names = [name for name in lesson.arrays(state) if name != "x"]
        for name in names:
            edited = edited.with_cells(name, {(0, 0): 0.5})
        assert set(edited.edits) == set(names)
        assert lesson.change(edited, "seed", 7).edits == {}
        assert lesson.change(edited, "units", 3).edits == {}


def test_each_direction_begins_with_its_own_state():
    lesson = find("deep-bidirectional")
    state = lesson.initial_state().with_cells("initial_h1_back", {(0, 2): 0.75})
    before = lesson.trace(lesson.initial_state(), Backend()).arrays
    after = lesson.trace(state, Backend()).arrays
    np.testing.assert_array_equal(before["h1"].values, after["h1"].values)
    assert not np.array_equal(before["h1_back"].values[-1], after["h1_back"].values[-1])


def test_more_steps_keep_the_learner_at_the_same_place():
    session = opened("gru-gates")
    session.set_level("unit")
    session.timeline.seek(77)
    place = session.place
    assert session.apply(session.lesson.change(session.state, "length", 40))
    assert session.place == place
    assert session.apply(replace(session.lesson.initial_state(), edits={}))
    assert session.place == place


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1", (1.0,)),
        ("1, 2;3 4", (1.0, 2.0, 3.0, 4.0)),
        ("degrees\n1.5\n\n−2\n", (1.5, -2.0)),
        ('"x"\n"1"\n"2"', (1.0, 2.0)),
    ],
)
def test_columns_of_numbers_are_read(text, numbers):
    assert recurrent_input.COLUMN.of({"numbers": text}) == numbers


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no number is there"),
        ("a\nb", "line 2: “b” is no number"),
        ("1\n2,3", "line 2 holds 2 values: paste one column"),
        ("1\ninf", "line 2: “inf” stands for no number"),
        ("1_000", "number 1: “1_000” is no number"),
        ("-2e6", "too large"),
    ],
)
def test_what_is_no_column_of_numbers_is_refused(text, told):
    with pytest.raises(ControlError) as refused:
        recurrent_input.COLUMN.check(text)
    assert told in str(refused.value)
    assert refused.value.control == "numbers"


def refused_by(control, text):
    """Why a control doesn't take a text; None if it does."""
    try:
        assert control.check(text) == text
    except ControlError as refusal:
        return refusal
    return None


@given(st.text())
def test_whatever_is_typed_is_read_or_refused(text):
    for control in (recurrent_input.COLUMN, recurrent_input.TYPED):
        refusal = refused_by(control, text)
        if refusal is None:
            assert 1 <= len(control.of({control.name: text})) <= 500
        else:
            assert refusal.control == control.name
            assert str(refusal).startswith(control.label)
    assert isinstance(recurrent_input.COLUMN, text_controls.NumbersControl)


@pytest.mark.parametrize(
    ("lesson_id", "last"), [(name, 10) for name in KINDS] + [("back-through-time", 1)]
)
def test_what_follows_all_time_steps_is_told_to_be_after_the_last(lesson_id, last):
    session = opened(lesson_id)
    for level in ("unit", "gate", "step"):
        session.set_level(level)
        session.timeline.last()
        assert session.explanation().where[0].text == f"after t = {last}"
        session.timeline.first()
        assert session.explanation().where[0].text == f"t = {11 - last if last == 1 else 1}"


@lessons
def test_a_sequence_of_one_step_has_a_first_time_step(lesson_id):
    session = opened(lesson_id, length=1)
    session.timeline.first()
    assert session.explanation().where[0].text == "t = 1"
