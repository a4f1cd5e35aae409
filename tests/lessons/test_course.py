"""The lessons in which a training is watched and its code explored."""

import numpy as np
import pytest

from simulator.engine.backends.base import Backend
from simulator.lessons.board import BoardFrame, CurvePlot, Gallery, GridPanel, PointMap, Table
from simulator.lessons.catalogue import lesson as find
from simulator.lessons.course_controls import point, with_point
from simulator.lessons.course_learner import course_learner, noisy
from simulator.lessons.frame import Pointer, Room
from simulator.lessons.latent_map import map_bounds, nearest
from simulator.lessons.opening import open_lesson
from simulator.lessons.texts import notice_of, paragraphs
from simulator.traces.numbers import number

BACKEND = Backend()
ROOM = Room((9, 9), (9, 9))


def opened(lesson_id, **changed):
    lesson = find(lesson_id)
    state = lesson.initial_state()
    for name, value in {"epochs": 1, "variant": "dense", **changed}.items():
        if name not in state.settings:
            continue
        state = lesson.change(state, name, value)
    session = open_lesson(lesson, BACKEND, state)
    assert session.complaint is None
    return session


def panel(frame: BoardFrame, kind):
    return next(each for each in frame.panels if isinstance(each, kind))


def test_the_board_shows_the_states_own_numbers():
    session = opened("watch-learning")
    session.timeline.seek(12)
    frame = session.frame(ROOM)
    assert frame.explanation == session.explanation()
    for grid in frame.grids:
        values = session.trace.read(grid.plane.region).reshape(grid.plane.values.shape)
        np.testing.assert_array_equal(grid.plane.values, values)
    latents = panel(frame, PointMap)
    np.testing.assert_array_equal(
        np.stack([latents.x, latents.y], 1), session.scene.learner.latents(12)
    )
    curve = panel(frame, CurvePlot).curves[0]
    assert curve.y == session.scene.learner.course.losses[:12]


def test_the_map_moves_as_the_training_goes_on():
    session = opened("watch-learning")
    session.timeline.seek(1)
    before = panel(session.frame(ROOM), PointMap)
    session.timeline.seek(25)
    after = panel(session.frame(ROOM), PointMap)
    assert before.identity != after.identity
    assert np.abs(before.x - after.x).max() > 0.1
    session.timeline.seek(1)
    np.testing.assert_array_equal(panel(session.frame(ROOM), PointMap).x, before.x)


def test_a_dragged_point_is_decoded_at_once_and_bounded():
    session = opened("watch-learning")
    session.timeline.seek(20)
    before = panel(session.frame(ROOM), GridPanel).grid.plane.values
    state = session.dragged("point", 1.25, -0.5)
    assert state.settings["z1"] == 1.25
    assert state.settings["z2"] == -0.5
    assert session.apply(state)
    after = panel(session.frame(ROOM), GridPanel).grid.plane.values
    assert (before != after).any()
    expected = session.scene.learner.decoded(20, np.array([[[1.25, -0.5]]], dtype=np.float32))[0]
    np.testing.assert_array_equal(after, expected)
    assert session.timeline.step == 20
    assert session.dragged("nothing", 0, 0) is None
    assert session.dragged("point", 1e9, 0).settings["z1"] == 12


def test_while_somebody_else_trains_what_there_is_is_shown():
    session = opened("watch-learning", seed=77)
    learner = session.scene.learner
    assert learner.course.reached < learner.states - 1
    learner.course.attend()
    try:
        learner.course.reach(3)
        session.timeline.last()
        frame = session.frame(ROOM)
        assert len(panel(frame, CurvePlot).curves[0].y) == 1, "nobody has looked yet"
        places = {session.scene.place(5, session.attention)}
        for _ in range(3):
            session.look_on()
            places.add(session.scene.place(5, session.attention))
        assert len(places) == 4, "one part of the picture after the other"
        frame = session.frame(ROOM)
        assert len(panel(frame, CurvePlot).curves[0].y) == 3
        assert "has not come so far" in str(session.explanation().sentence)
    finally:
        learner.course.leave()
    session.timeline.last()
    assert len(panel(session.frame(ROOM), CurvePlot).curves[0].y) == learner.states - 1


def test_a_course_that_two_lessons_share_is_attended_until_both_have_left():
    course = opened("watch-learning", seed=79).scene.learner.course
    course.attend()
    course.attend()
    course.leave()
    before = course.reached
    assert course.shown(before + 1) == before
    course.leave()
    assert course.shown(before + 1) == before + 1


def test_while_steps_follow_fast_the_parts_of_the_picture_take_turns():
    session = opened("watch-learning")
    session.timeline.seek(7)
    session.timeline.play()
    scene = session.scene
    *states, _ = scene.place(7, session.attention)
    assert states == [6, 7, 5]
    frame = session.frame(ROOM)
    np.testing.assert_array_equal(panel(frame, PointMap).x, scene.learner.latents(6)[:, 0])
    session.timeline.pause()
    assert scene.place(7, session.attention)[:3] == (7, 7, 7)
    np.testing.assert_array_equal(
        panel(session.frame(ROOM), PointMap).x, scene.learner.latents(7)[:, 0]
    )


@pytest.mark.parametrize("variant", ["deep", "convolutional", "variational"])
def test_the_fast_backend_learns_the_same(variant):
    slow, fast = (
        course_learner("digits", variant, 2, "tanh", 1, 5, backend=name)
        for name in ("numpy", "cpu")
    )
    assert slow.states == fast.states
    last = slow.states - 1
    assert fast.error(last) == pytest.approx(slow.error(last), rel=1e-3)
    np.testing.assert_allclose(fast.course.losses, slow.course.losses, rtol=1e-3)


def test_a_code_that_is_no_point_of_a_plane_has_no_map():
    session = opened("watch-learning", code=3)
    frame = session.frame(ROOM)
    assert not any(isinstance(each, PointMap) for each in frame.panels)
    assert len(panel(frame, Gallery).rows) == 4


@pytest.mark.parametrize(
    "variant", ["dense", "deep", "tied", "convolutional", "linear", "variational"]
)
def test_every_variant_learns(variant):
    learner = course_learner("digits", variant, 4, "relu", 1, 0)
    assert learner.code_units == 4
    assert learner.error(learner.states - 1) < 0.7 * learner.error(0)


def test_tied_weights_are_the_encoders_turned_around():
    session = opened("watch-learning", variant="tied", activation="tanh")
    learner = session.scene.learner
    weights = learner.course.after(7)
    x = learner.pictures.flat[:5]
    z = np.tanh(x @ weights["encoder_1/kernel"] + weights["encoder_1/bias"])
    z = np.tanh(z @ weights["encoder_2/kernel"] + weights["encoder_2/bias"])
    z = z @ weights["code/kernel"] + weights["code/bias"]
    np.testing.assert_allclose(learner.latents(7)[:5], z, rtol=1e-4, atol=1e-5)
    y = np.tanh(z @ weights["code/kernel"].T + weights["decoder_1/bias"])
    y = np.tanh(y @ weights["encoder_2/kernel"].T + weights["decoder_2/bias"])
    y = 1 / (1 + np.exp(-(y @ weights["encoder_1/kernel"].T + weights["picture/bias"])))
    made = learner.decoded(7, z.reshape(5, 1, 2)).reshape(5, -1)
    np.testing.assert_allclose(made, y, rtol=1e-4, atol=1e-5)
    assert weights["picture/kernel"] is weights["encoder_1/kernel"], "kept once, too"
    first = learner.course.after(0)
    assert (weights["encoder_1/kernel"] != first["encoder_1/kernel"]).any()
    words = paragraphs("watch_learning")
    assert notice_of(session.lesson, session.state, 0) == words["tied"]
    kernels = 64 * 96 + 96 * 32 + 32 * 2
    biases = 96 + 32 + 2 + 32 + 96 + 64
    assert learner.parameters == (kernels + biases, 2 * kernels + biases)
    assert f"{kernels + biases:,} numbers" in str(session.scene.fact().remark)


def test_the_walk_goes_from_one_picture_to_the_other():
    session = opened("explore-code", first=3, last=8)
    trace, latents = session.trace, session.scene._learner.latents(session.trace.state)
    np.testing.assert_allclose(trace.codes[0].ravel(), latents[3], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(trace.codes[-1].ravel(), latents[8], rtol=1e-5, atol=1e-6)
    session.pick("step", 4)
    assert session.timeline.step == 4
    frame = session.frame(ROOM)
    np.testing.assert_array_equal(
        panel(frame, GridPanel).grid.plane.values, trace.arrays["decoded"].values[4]
    )
    assert panel(frame, PointMap).way[4] == tuple(float(each) for each in trace.codes[4].ravel())


def test_an_end_that_is_dragged_becomes_the_nearest_picture():
    session = opened("explore-code")
    latents = session.scene._learner.latents(session.trace.state)
    state = session.dragged("b", *(float(each) for each in latents[17]))
    assert nearest(latents, latents[17]) == state.settings["last"]
    assert session.apply(state)
    np.testing.assert_allclose(
        session.trace.codes[-1].ravel(), latents[state.settings["last"]], rtol=1e-5, atol=1e-6
    )


def test_a_dragged_point_leaves_the_line():
    session = opened("explore-code")
    assert session.apply(session.dragged("point", 0.5, 0.75))
    assert session.state.settings["follow"] == "free"
    grid = panel(session.frame(ROOM), GridPanel).grid
    assert grid.plane.array == "drawn"
    assert str(session.explanation().sentence).startswith("Your own code")
    words = paragraphs("explore_code")
    assert notice_of(session.lesson, session.state, 0) == words["free"]


def test_the_plane_of_decodings_and_longer_codes_can_be_looked_at():
    session = opened("explore-code", look="manifold")
    galleries = [each for each in session.frame(ROOM).panels if isinstance(each, Gallery)]
    assert max(len(each.rows) for each in galleries) == session.trace.side
    longer = opened("explore-code", code=4)
    assert not any(isinstance(each, PointMap) for each in longer.frame(ROOM).panels)
    assert "Mean squared error of all 1,797 pictures" in str(longer.scene.fact().remark)


@pytest.mark.parametrize(
    "lesson_id", ["watch-learning", "explore-code", "denoising", "against-pca"]
)
def test_every_cell_of_the_board_has_a_card(lesson_id):
    session = opened(lesson_id)
    session.timeline.seek(5)
    for grid in session.frame(ROOM).grids:
        pointer = Pointer(grid.plane.array, grid.plane.cell_index(0, 0))
        assert str(session.card(pointer).title)
        session.pinned = pointer
        session.move_pin(1, 1)
        session.open(pointer)
    session.pinned = None
    session.pin_next_array()
    assert session.pinned is not None


def test_the_sliders_are_the_code():
    settings = with_point({"code": 3, "z1": 0.0, "z2": 0.0, "z3": 0.0}, np.array([1.0, -2.0, 99.0]))
    assert settings == {"code": 3, "z1": 1.0, "z2": -2.0, "z3": 12.0}
    np.testing.assert_array_equal(point(settings), [[1, -2, 12]])


def test_the_map_is_not_shrunk_by_a_few_points_far_out():
    latents = np.random.default_rng(0).normal(size=(1000, 2))
    latents[0] = 1e6
    left, right, low, high = map_bounds(latents)
    assert -6 < left < right < 6
    assert -6 < low < high < 6


@pytest.mark.parametrize("kind", ["normal", "salt-pepper", "blank"])
def test_noise_follows_from_its_seed_and_keeps_to_the_bounds(kind):
    x = np.full((5, 4, 4), 0.5, dtype=np.float32)
    first, again, other = (noisy(x, kind, 0.5, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    assert (first != x).any()
    assert first.min() >= 0
    assert first.max() <= 1
    assert noisy(x, kind, 0.0, seed=1) is x


def test_denoising_shows_noisy_clean_and_restored_and_is_trained_against_the_clean_ones():
    session = opened("denoising", epochs=6, noise=0.3)
    arrays = session.trace.arrays
    clean = session.scene.learner.pictures.x[:8]
    np.testing.assert_array_equal(arrays["target"].values, clean)
    noisy_error = np.square(arrays["original"].values - clean).mean()
    session.timeline.last()
    frame = session.frame(ROOM)
    gallery = panel(frame, Gallery)
    assert [str(name) for name in gallery.row_names] == ["Noisy", "Clean", "Restored", "Error²"]
    assert session.trace.loss(session.scene.learner.states - 1) < noisy_error
    other = opened("denoising", epochs=6, noise=0.9)
    assert other.scene.learner is session.scene.learner, "only what is shown has more noise"
    assert notice_of(other.lesson, other.state, 0) == paragraphs("denoising")["stronger"]


def test_the_linear_autoencoder_comes_to_pcas_plane():
    session = opened("against-pca", epochs=40, sample=0)
    session.timeline.last()
    state = session.scene.learner.states - 1
    assert session.trace.angle(state) < 5
    assert session.trace.angle(0) > 30
    assert session.scene.learner.error(state) == pytest.approx(session.scene._pca_error, rel=0.02)
    frame = session.frame(ROOM)
    maps = [each for each in frame.panels if isinstance(each, PointMap)]
    assert [each.key for each in maps] == ["pca", "linear", "other"]
    longer = opened("against-pca", code=5)
    longer.timeline.seek(10)
    assert len(panel(longer.frame(ROOM), CurvePlot).curves) == 3


def test_a_variational_code_is_pulled_to_the_normal_distribution():
    loose, tight = (
        course_learner("digits", "variational", 2, "tanh", 3, 0, divergence=weight)
        for weight in (0.0, 0.05)
    )
    last = tight.states - 1
    assert tight.divergence(last) < 0.5 * loose.divergence(last)
    assert np.abs(tight.latents(last)).mean() < np.abs(loose.latents(last)).mean()


def test_what_is_told_of_a_variational_autoencoder_has_its_other_term():
    session = opened("watch-learning", variant="variational", divergence=0.01)
    session.timeline.seek(8)
    note = str(panel(session.frame(ROOM), CurvePlot).note)
    value = session.scene.learner.divergence(8)
    assert note == f"+ 0.01 · KL, which is {number(value)}"
    assert session.scene.fact().title == "Loss"
    assert len(session.scene.fact().lines) == 2
    words = paragraphs("watch_learning")
    assert notice_of(session.lesson, session.state, 0) == words["variational"]
    explored = opened("explore-code", variant="variational")
    assert explored.trace.codes.shape[1:] == (1, 2)


def test_what_is_drawn_for_a_code_is_told_with_its_numbers_and_stays_when_going_back():
    session = opened("watch-learning", variant="variational", divergence=0.01, seed=3)
    learner, trace = session.scene.learner, session.trace
    session.timeline.seek(9)

    def told():
        frame = session.frame(ROOM)
        table = panel(frame, Table)
        return table, {grid.key: grid.plane.values.copy() for grid in frame.grids}

    table, grids = told()
    mean, log_variance = learner._moments(9, learner.pictures.x[:1])
    noise = trace.arrays["noise"].values[0].ravel()
    z = mean[0] + np.exp(log_variance[0] / 2) * noise
    terms = 0.5 * (mean[0] ** 2 + np.exp(log_variance[0]) - 1 - log_variance[0])
    columns = (mean[0], log_variance[0], np.exp(log_variance[0] / 2), noise, z, terms)
    assert table.heads[1:] == ("μ", "log σ²", "σ", "ε", "μ+σε", "KL")
    assert table.rows == tuple(
        (f"z{at + 1}", *(number(float(each[at]), 2) for each in columns)) for at in range(2)
    )
    assert str(table.note) == f"β·KL ≈ {number(0.01 * float(terms.sum()))}"
    dreams = trace.arrays["dreams"].values
    made = learner._drawn(9, dreams)
    for at in range(len(dreams)):
        np.testing.assert_allclose(grids[f"dream {at}"], made[at], rtol=1e-5, atol=1e-6)
    session.timeline.seek(15)
    assert told()[0] != table
    session.timeline.seek(9)
    assert told()[0] == table, "a step back shows the same draw"
    other = opened("watch-learning", variant="variational", divergence=0.01, seed=4)
    assert (other.trace.arrays["noise"].values != trace.arrays["noise"].values).any()


def test_every_number_of_a_longer_variational_code_is_told_somewhere_in_the_table():
    told, drawn = {}, None
    for first in (1, 9, 13):
        session = opened("watch-learning", variant="variational", code=17, told_from=first)
        session.timeline.seek(9)
        rows = panel(session.frame(ROOM), Table).rows
        assert [row[0] for row in rows] == [f"z{at}" for at in range(min(first, 10), first + 8)[:8]]
        told |= {row[0]: row[1:] for row in rows}
        drawn = session.trace.arrays["noise"].values[0].ravel()
    assert [told[f"z{at + 1}"][3] for at in range(17)] == [number(float(each), 2) for each in drawn]


def test_longer_codes_have_sliders_and_what_they_say_is_decoded():
    session = opened("watch-learning", code=11, z3=0.75, z11=-1.5)
    point = np.zeros(11, np.float32)
    point[[2, 10]] = 0.75, -1.5
    np.testing.assert_array_equal(session.trace.arrays["point"].values.ravel(), point)
    session.timeline.seek(9)
    frame = session.frame(ROOM)
    made = session.scene.learner.decoded(9, point.reshape(1, *session.scene.learner.code_shape))
    grid = next(grid for grid in frame.grids if grid.key == "decoded")
    np.testing.assert_array_equal(grid.plane.values, made[0])
    shown = [c.name for c in session.lesson.controls if c.shown(session.state.settings)]
    assert [f"z{at}" for at in range(1, 12)] == [name for name in shown if name[0] == "z"]


@pytest.mark.parametrize("epochs", [2, 100])
def test_both_autoencoders_beside_pca_have_their_states_side_by_side(epochs):
    session = opened("against-pca", epochs=epochs)
    assert session.scene.learner.states == session.scene.other.states
    assert session.scene.learner.updates_per_state == session.scene.other.updates_per_state
