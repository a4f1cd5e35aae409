"""Lessons that train classifiers: on drawn samples of a rare class, and on learned features."""

import numpy as np
import pytest

from simulator.engine.backends.base import Backend
from simulator.lessons import learned_features, rare_trials
from simulator.lessons.board import Gallery, Words
from simulator.lessons.catalogue import lesson as find
from simulator.lessons.frame import Room
from simulator.lessons.labelled_digits import LEARNED, classifier, labelled_digits
from simulator.lessons.opening import open_lesson

ROOM = Room((9, 9), (9, 9))
BACKEND = Backend()


def opened(lesson_id, **changed):
    lesson = find(lesson_id)
    state = lesson.initial_state()
    for name, value in changed.items():
        state = lesson.change(state, name, value)
    session = open_lesson(lesson, BACKEND, state)
    assert session.state == state
    return session


@pytest.fixture(scope="module")
def rare():
    return opened("rare-class", steps=2)


@pytest.fixture(scope="module")
def features():
    return opened("learned-features")


def panels(session, kind):
    return [each for each in session.frame(ROOM).panels if isinstance(each, kind)]


def test_what_is_held_out_is_in_no_training_set():
    data = labelled_digits(3)
    assert len(data.x) == LEARNED
    assert len(data.x) + len(data.held_x) == 1797
    everything = np.concatenate([data.y, data.held_y])
    other = labelled_digits(4)
    assert not np.array_equal(data.y, other.y)
    counts = np.bincount(everything)
    np.testing.assert_array_equal(counts, np.bincount(np.concatenate([other.y, other.held_y])))
    assert set(np.unique(data.x)) == {0, 1}


def counted(model, data, digit):
    """Recall, precision and accuracy, counted one by one."""
    found = model.predict(data.held_x.reshape(-1, 64), verbose=0)
    hits = said = there = right = 0
    for probabilities, truth in zip(found, data.held_y.tolist(), strict=True):
        answer = int(np.argmax(probabilities))
        hits += answer == truth == digit
        said += answer == digit
        there += truth == digit
        right += answer == truth
    return [hits / there, hits / said, right / len(data.held_y)]


def test_scores_are_those_of_classifiers_trained_apart(rare):
    trace, data = rare.trace, labelled_digits(0)
    few = data.x[data.y == 8][:5]
    np.testing.assert_array_equal(trace.arrays["rare"].values, few)
    kept = data.y != 8
    extra = round(kept.sum() / 9) - 5
    assert trace.arrays["start"].shape[0] == extra
    copies = few[np.arange(extra) % 5]
    drawn = trace.arrays["visible"].values[1]
    for lane, more in enumerate((few[:0], copies, drawn)):
        x = np.concatenate([data.x[kept], few, more]).reshape(-1, 64)
        y = np.concatenate([data.y[kept], np.full(5 + len(more), 8)])
        expected = counted(classifier(x, y, seed=0, backend=BACKEND), data, 8)
        np.testing.assert_allclose(trace.score(1)[lane], expected, rtol=1e-6)


def test_drawn_samples_find_more_of_the_rare_class_than_none_and_than_copies(rare):
    before, copies, drawn = rare.trace.score(0)[:, 0]
    assert before < copies < drawn
    assert rare.trace.score(0)[2, 2] > rare.trace.score(0)[0, 2]
    (words,) = panels(rare, Words)
    assert [str(name) for name, _ in words.lines] == list(rare_trials.LANES)
    assert words.lines[2][1].startswith(f"{100 * drawn:.1f}% · ")


def test_the_machine_learns_at_last_from_the_rare_pictures_alone():
    common, own = (rare_trials.machine_weights(8, 5, 16, 1, own_epochs, 0) for own_epochs in (0, 5))
    again = rare_trials.machine_weights.__wrapped__(8, 5, 16, 1, 5, 0)
    assert (common["kernel"] != own["kernel"]).any()
    for name, weight in own.items():
        np.testing.assert_array_equal(weight, again[name])


def test_a_rare_picture_is_edited_and_put_back_and_grey_is_refused():
    session = opened("rare-class", steps=1, hidden=8, epochs=1, own_epochs=0)
    before = session.state
    old = float(session.trace.arrays["rare"].values[1, 2, 3])
    assert session.apply(session.state.with_cells("rare", {(1, 2, 3): 1 - old}))
    starts = session.trace.arrays["start"].values
    np.testing.assert_array_equal(starts[1::5, 2, 3], 1 - old)
    assert not session.apply(session.state.with_cells("rare", {(1, 2, 3): 0.5}))
    assert "Cell (2, 3) of the rare picture is 0.5" in session.complaint.message
    assert session.apply(before)
    assert session.trace.arrays["rare"].values[1, 2, 3] == old


def test_accuracies_are_those_of_classifiers_on_pixels_and_on_hidden_units(features):
    trace, data = features.trace, labelled_digits(0)
    size, trial = learned_features.SIZES[1], 1
    for lane in range(2):

        def read(x, lane=lane):
            rows = x.reshape(len(x), -1)
            return trace.machine.hidden_probabilities(rows) if lane else rows

        model = classifier(read(data.x[:size]), data.y[:size], seed=0, backend=BACKEND)
        answers = model.predict(read(data.held_x), verbose=0)
        right = np.mean(answers.argmax(axis=1) == data.held_y)
        assert trace.score(trial)[lane, 0] == pytest.approx(right)
        shown = trace.arrays["answer"].values[
            np.ix_([trial], range(8), [lane], range(10), [0], [0])
        ]
        np.testing.assert_allclose(shown.reshape(8, 10), answers[:8], atol=1e-6)


def test_features_help_where_labels_are_few_and_labels_help_both(features):
    few, many = features.trace.score(1)[:, 0], features.trace.score(5)[:, 0]
    assert few[1] > few[0]
    assert (many > few + 0.1).all()
    features.timeline.seek(1)
    (table,) = panels(features, Words)
    assert [value for _, value in table.lines][2:] == ["·"] * 4
    assert table.lines[1][1] == " · ".join(f"{100 * each:.1f}%" for each in few)
    features.timeline.first()


def test_another_picture_is_picked_and_its_label_is_told(features):
    for sample in (2, 0):
        features.pick("sample", sample)
        answers, pictures = panels(features, Gallery)
        assert pictures.current == sample
        assert answers.current == labelled_digits(0).held_y[sample]
