"""Networks that are trained side by side: repeatable, told as they are, and learning."""

import numpy as np
import pytest

from simulator.engine import Sequential
from simulator.engine.backends.base import Backend
from simulator.engine.layers import Dense, SimpleRNN
from simulator.engine.optimizers import Adam
from simulator.lessons.catalogue import lesson as find
from simulator.lessons.frame import Room
from simulator.lessons.opening import open_lesson
from simulator.lessons.race_course import BATCH, EVERY, RaceLearner, race_learner
from simulator.lessons.race_tasks import (
    ADDING,
    COPY,
    HELD,
    LEAST_HELD,
    OWN,
    SHAPE,
    SINE,
    TEXT,
    delay_of,
    held_count,
    task_of,
)
from simulator.lessons.training_courses import Course
from simulator.traces.race import RaceTrace
from simulator.traces.region import Region
from tests.traces import invariants

ROOM = Room((8, 8), (8, 8))
WORDS = "the cat sat on the mat "


def opened(lesson_id="race", **changed):
    lesson = find(lesson_id)
    state = lesson.initial_state()
    for name, value in {"length": 6, "units": 3, "updates": 50, **changed}.items():
        state = lesson.change(state, name, value)
    session = open_lesson(lesson, Backend(), state)
    assert session.state == state
    return session


def fresh(kind=ADDING, names=("RNN", "LSTM", "GRU"), *, length=6, units=3, seed=0):
    """A learner that shares nothing with another."""
    return RaceLearner(names, task_of(kind, length, WORDS, seed), units=units, rate=0.01, seed=seed)


def test_the_same_race_is_run_twice_bit_for_bit():
    first, second = fresh(), fresh()
    first.course.reach(4)
    for state in range(1, 5):  # in small steps this time
        second.course.reach(state)
    for lane in range(3):
        assert first.course.lanes[lane].losses == second.course.lanes[lane].losses
        for state in range(5):
            one, other = (learner.course.lanes[lane].after(state) for learner in (first, second))
            for name in one:
                np.testing.assert_array_equal(one[name], other[name])


def test_the_race_goes_on_in_turn_and_no_further_than_it_is_asked():
    learner = fresh()
    assert learner.course.reached == 0
    assert not learner.course.reach(2)
    assert [lane.reached for lane in learner.course.lanes] == [2, 2, 2]
    assert learner.course.reach(9, seconds=0)
    assert learner.course.reached == 3


def test_looking_changes_nothing_of_the_training():
    watched, alone = fresh(), fresh()
    for state in range(4):
        watched.course.reach(state)
        for lane in range(3):
            watched.held_error(lane, state)
            watched.norms(lane, 0, watched.task.held_x[0])
    alone.course.reach(3)
    assert [lane.losses for lane in watched.course.lanes] == [
        lane.losses for lane in alone.course.lanes
    ]


def test_the_errors_on_the_way_change_nothing_of_the_training():
    learner = fresh(ADDING, ("RNN",))
    model = learner.model(0, 0)
    task = learner.task
    layers = [SimpleRNN(3, name="cell", seed=0), Dense(1, name="answer")]
    plain = Sequential(layers, seed=0, backend=Backend())
    plain.build((None, *task.x.shape[1:]))
    plain.set_weights(model.get_weights())
    plain.compile(optimizer=Adam(0.01, clipnorm=1.0), loss=task.loss)
    course = Course(plain, plain.training(task.x, task.y, batch_size=BATCH), every=EVERY)
    course.reach(3)
    learner.course.reach(3)
    assert course.losses == learner.course.lanes[0].losses


@pytest.mark.parametrize("kind", [ADDING, COPY, SHAPE])
def test_a_race_keeps_the_contract(kind):
    learner = fresh(kind, ("RNN", "GRU"))
    task = learner.task
    fact = find("race").trace(opened().state, Backend()).size_fact()
    trace = RaceTrace(learner, task.held_x, task.held_y, states=3, every=EVERY, fact=fact)
    invariants.check_level(trace)


def test_errors_are_those_of_the_networks_on_sequences_held_back():
    session = opened()
    session.trace.racers.course.reach(3)
    learner = session.trace.racers
    errors = session.trace.read(Region("error", (range(3, 4), range(3))))[0]
    for lane in range(3):
        answers = learner.model(lane, 3).predict(learner.task.held_x, verbose=0)
        expected = np.mean((answers - learner.task.held_y) ** 2)
        assert errors[lane] == pytest.approx(expected, rel=1e-6)
        assert learner.held_error(lane, 3) == pytest.approx(expected, rel=1e-6)


def test_the_length_of_the_gradient_is_that_of_differences():
    learner = fresh(units=2, length=4)
    x = learner.task.held_x[0]
    model = learner.model(0, 0)
    cell, answer = model.layers[-2:]
    norms = learner.norms(0, 0, x)
    kernel = cell.weights["recurrent_kernel"].astype(np.float64)
    h = [np.zeros(2)]
    for row in x:
        h.append(np.tanh(row @ cell.weights["kernel"] + h[-1] @ kernel + cell.weights["bias"]))
    gradient = answer.weights["kernel"].sum(axis=1).astype(np.float64)
    expected = [np.linalg.norm(gradient)]
    for state in h[:1:-1]:
        gradient = kernel @ (gradient * (1 - state**2))
        expected.append(np.linalg.norm(gradient))
    np.testing.assert_allclose(norms[::-1], np.array(expected) / expected[0], rtol=1e-4)


@pytest.mark.parametrize("kind", [ADDING, COPY, SINE, TEXT, SHAPE])
def test_tasks_are_what_they_say(kind):
    task = task_of(kind, 9, WORDS, 3)
    assert task.x.shape[1] == task.held_x.shape[1] == 9
    if kind == ADDING:
        expected = (task.x[..., 0] * task.x[..., 1]).sum(axis=1)
        np.testing.assert_allclose(task.y[:, 0], expected, rtol=1e-6)
        assert (task.x[..., 1].sum(axis=1) == 2).all()
    elif kind == COPY:
        delay = delay_of(9)
        np.testing.assert_array_equal(task.y[:, delay:], task.x[:, :-delay].argmax(axis=-1))
        assert (task.y[:, :delay] == 0).all()
    elif kind == TEXT:
        np.testing.assert_array_equal(task.y[:, :-1], task.x[:, 1:].argmax(axis=-1))
    elif kind == SINE:
        assert np.abs(task.y[:, :-1] - task.x[:, 1:]).mean() < 0.05
    else:
        assert set(task.y.tolist()) == {0, 1, 2}


def test_a_curve_of_ones_own_is_cut_into_windows():
    series = (2.0, 4.0, 6.0, 3.0, 5.0)
    task = task_of(OWN, 9, "", 3, series)
    np.testing.assert_array_equal(task.y[:, :-1], task.x[:, 1:])
    after = dict(zip(series, (*series[1:], series[0]), strict=True))
    numbers = (task.x[..., 0] - 0.1) / 0.8 * 4 + 2
    following = (task.y[..., 0] - 0.1) / 0.8 * 4 + 2
    for number, then in zip(numbers[:20].ravel(), following[:20].ravel(), strict=True):
        assert round(float(then), 3) == after[round(float(number), 3)]


@pytest.mark.parametrize("task", ["adding", "copy", "sine", "curve", "text"])
def test_every_board_is_told(task):
    session = opened(task=task)
    session.trace.racers.course.reach(2)
    for step in (0, 2):
        session.timeline.seek(step)
        frame = session.frame(ROOM)
        assert len(frame.panels) == 5
        assert "{" not in str(frame.explanation.sentence)


def test_what_is_not_trained_yet_is_not_shown():
    session = opened(seed=91)
    session.trace.racers.course.attend()  # somebody else trains
    lanes = session.trace.racers.course.lanes
    lanes[0].reach(2)  # lanes go on in turn
    session.timeline.last()
    assert str(session.explanation().sentence).startswith("Training:")
    assert session.scene.place(3, session.attention) == 0
    assert len(session.frame(ROOM).panels) == 5
    for lane in range(len(lanes)):
        session.trace.racers.norms(lane, 3, session.trace.racers.task.held_x[0])
    assert [lane.reached for lane in lanes] == [2, 0, 0], "looking trains nothing"
    session.trace.racers.course.leave()
    assert not any(lane.attended for lane in lanes)


@pytest.mark.parametrize("task", ["adding", "copy", "sine", "curve", "text"])
@pytest.mark.parametrize(("length", "units"), [(500, 2), (4, 256)])
def test_long_sequences_and_many_units_race(task, length, units):
    session = opened(task=task, length=length, units=units)
    assert session.complaint is None
    assert session.trace.at_state("norm", 0).shape == (3, length)
    assert len(session.frame(ROOM).panels) == 5


@pytest.mark.parametrize("lesson_id", ["race", "applications"])
def test_a_race_too_slow_to_be_watched_is_refused_at_its_control(lesson_id):
    session = opened(lesson_id, task="sine", length=100, units=256, seed=5)
    trace = session.trace
    assert not session.apply(session.lesson.change(session.state, "length", 500))
    assert session.complaint.control == "length"
    assert "with 500 steps choose at most 64 units" in session.complaint.message
    assert "with 256 units at most 125 steps" in session.complaint.message
    assert session.trace is trace
    assert session.apply(session.lesson.change(session.state, "units", 64))
    assert session.complaint is None
    assert session.trace.at_state("norm", 0).shape[-1] == 500


def test_fewer_sequences_are_held_back_where_they_take_long_to_read():
    assert held_count(30, 16) == held_count(100, 64) == HELD
    assert held_count(500, 64) == 40
    assert held_count(125, 256) == LEAST_HELD


@pytest.mark.parametrize(("task", "updates"), [("sine", 150), ("shape", 250)])
def test_an_application_learns_its_task(task, updates):
    session = opened("applications", task=task, length=16, units=12, updates=updates)
    trace = session.trace
    trace.racers.course.reach(len(trace) - 1)
    first, last = (trace.at_state("error", state)[0] for state in (0, len(trace) - 1))
    assert last < first / 4
    if task == "sine":
        ahead = trace.racers.forecast(0, len(trace) - 1, trace.racers.task.held_x[0], 12)
        assert 0.3 < np.ptp(ahead) < 1.2  # it still swings


def test_a_low_temperature_writes_what_is_likeliest():
    learner = race_learner(("GRU",), TEXT, 8, WORDS, 8, 0.02, 0)
    learner.course.reach(20)
    cold = learner.written(0, 20, 12, 0.05)
    seen = learner.task.held_x[0].copy()
    for sign in cold[:4]:
        shares = learner.answers(0, 20, seen[None])[0, -1]
        index = " abcdefghijklmnopqrstuvwxyz".index(sign)
        assert shares[index] == shares.max()
        seen = np.concatenate([seen[1:], np.eye(27, dtype=seen.dtype)[[index]]])
    hot = learner.written(0, 20, 12, 2.0)
    assert hot != cold
