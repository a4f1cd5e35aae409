"""Sequences as small plots: lines have the very numbers, on one scale, at their time steps."""

from dataclasses import replace

import numpy as np
import pytest

from simulator.data.datasets import make, preview
from simulator.formats.presets import PRESETS
from simulator.lab import Experiment, Wanted
from simulator.lab.presenting import previews, samples, sequences


def _seen(preset, settings, shown=(0, 3, 4)):
    chosen = PRESETS[preset]
    data = make(chosen.dataset, {**chosen.settings, **settings}, 1)
    experiment = Experiment(chosen.program, data)
    experiment.run_for(batches=2)
    views = frozenset(("predictions", "standing"))
    return experiment.snapshot(Wanted(views, samples=shown)), data


def _values(line, low, high):
    return low + line.ys * (high - low)


def test_what_follows_a_wave_stands_behind_it_beside_what_is_said():
    seen, data = _seen("noisy-wave", {"samples": 60})
    made = seen.predictions
    plots = sequences.predictions(made)
    low = min(made.x.min(), made.target.min())
    high = max(made.x.max(), made.target.max())
    steps = data.input_shape[0]
    for row, plot in enumerate(plots):
        wave, truth = plot.given
        np.testing.assert_allclose(_values(wave, low, high), made.x[row, :, 0], atol=1e-5)
        assert _values(truth, low, high) == pytest.approx(made.target[row], abs=1e-5)
        (said,) = plot.said
        shown = np.clip(made.output[row], low, high)
        assert _values(said, low, high) == pytest.approx(shown, abs=1e-5)
        assert len(wave.xs) == steps
        assert np.diff(wave.xs) == pytest.approx(wave.xs[1])
        assert wave.xs[0] == 0
        assert plot.now == wave.xs[-1] < truth.xs[0] == said.xs[0] == 1
        assert (truth.dotted, wave.stepped, wave.ink, said.ink) == (True, False, "reads", "writes")
    shown = samples.samples(made, seen.standing, samples.Source("sequence"))
    assert len(shown.sequences) == 3
    assert "orange: what is said" in shown.caption
    assert samples.samples(made, seen.standing, samples.Source("image")).sequences is None


def test_what_follows_at_each_step_stands_at_the_next_step():
    x = np.linspace(-1, 1, 24, dtype=np.float32).reshape(2, 12, 1)
    target = np.concatenate([x[:, 1:], x[:, -1:] + 0.1], axis=1)
    seen, _ = _seen("noisy-wave", {"samples": 60}, shown=(0, 1))
    made = replace(seen.predictions, x=x, target=target, output=target + 9)
    (wave, truth), (said,) = (
        sequences.predictions(made)[0].given,
        sequences.predictions(made)[0].said,
    )
    np.testing.assert_allclose(truth.xs[:-1], wave.xs[1:])
    np.testing.assert_allclose(truth.ys[:-1], wave.ys[1:], atol=1e-6)
    assert truth.xs[-1] == 1
    assert (said.ys == 1).all(), "what lies far beyond stands at the edge"
    assert samples.sample_words(made, 0).said == "± 9.00"


def test_symbols_are_steps_and_each_step_has_its_class():
    seen, _ = _seen("delayed-copy", {"samples": 80})
    made = seen.predictions
    assert made.label is None
    np.testing.assert_array_equal(made.step_said, made.output.argmax(axis=-1))
    np.testing.assert_array_equal(made.step_label, made.target)
    most = max(made.step_label.max(), made.step_said.max())
    for row, plot in enumerate(sequences.predictions(made)):
        symbols, truth = plot.given
        (said,) = plot.said
        assert symbols.stepped
        assert truth.stepped
        assert said.stepped
        levels = np.unique(symbols.ys)
        assert levels.min() >= 0.56
        np.testing.assert_array_equal(
            np.searchsorted(levels, symbols.ys),
            np.unique(made.x[row].argmax(axis=1), return_inverse=True)[1],
        )
        np.testing.assert_allclose(truth.ys * most / 0.44, made.step_label[row], atol=1e-9)
        np.testing.assert_allclose(said.ys * most / 0.44, made.step_said[row], atol=1e-9)
        right = (made.step_label[row] == made.step_said[row]).sum()
        words = samples.sample_words(made, row)
        assert (words.said, words.wrong) == (f"{right} of 20 right", right < 20)


def test_marks_of_the_adding_problem_are_steps_beside_its_numbers():
    seen, _ = _seen("adding-lstm", {"samples": 60})
    plot = sequences.predictions(seen.predictions)[0]
    marks, numbers, truth = plot.given
    assert (marks.stepped, numbers.stepped, truth.dotted) == (True, False, True)
    assert (marks.ink, numbers.ink) == ("ink3", "reads")


@pytest.mark.parametrize("encoding", ["one-hot", "numbers"])
def test_texts_are_shown_by_their_characters(encoding):
    text = "to be or not\nto be, that is the question. " * 3
    made = preview("own-text", {"text": text, "length": 8, "stride": 2, "encoding": encoding})
    vocabulary = sorted(set(text))
    assert made.vocabulary == tuple(vocabulary)
    plots = previews.plots(made)
    numbers = made.x.argmax(axis=2) if encoding == "one-hot" else made.x
    for plot, row in zip(plots, numbers, strict=True):
        plain = "".join(vocabulary[number] for number in row)
        assert plain in text
        assert plot.text == plain.replace("\n", "↵").replace(" ", "·")
    assert sequences.sign("\n") == "↵"
    assert sequences.sign("oak tree") == "oak tree"


@pytest.mark.parametrize("encoding", ["one-hot", "numbers"])
def test_what_only_fills_a_name_up_is_told_from_its_letters(encoding):
    made = preview("name-styles", {"samples": 30, "encoding": encoding})
    plots = previews.plots(made)
    for plot in plots:
        name = plot.text[plot.filling :]
        assert name.isalpha()
        assert set(plot.text[: plot.filling]) <= {"↵"}
    assert max(plot.filling for plot in plots) > 3
    under_each_other = previews.plots(preview("names", {"samples": 60, "encoding": encoding}))
    assert not any(plot.filling for plot in under_each_other), "these line ends are to be learned"
    assert any("↵" in plot.text for plot in under_each_other)


@pytest.mark.parametrize("encoding", ["one-hot", "numbers"])
def test_words_stand_apart_and_what_fills_them_up_is_not_shown(encoding):
    made = preview("reviews", {"samples": 30, "encoding": encoding})
    numbers = made.x.argmax(axis=2) if encoding == "one-hot" else made.x
    plots = previews.plots(made)
    for plot, row in zip(plots, numbers, strict=True):
        assert plot.text.split(" ") == [made.vocabulary[number] for number in row if number]
        assert plot.filling == 0


def test_pictures_and_tables_are_no_sequences():
    assert previews.plots(preview("digits", {"samples": 20})) is None
    assert sequences.inputs(np.zeros((3, 8, 8, 1), np.float32)) is None
    assert sequences.inputs(np.zeros((3, 8), np.float32)) is None
    assert sequences.texts(np.zeros((3, 4, 5)), "abc") is None


def test_a_letter_that_is_right_is_no_word_of_the_sentence():
    seen, _ = _seen("names", {"samples": 300})
    letters = {samples.sample_words(seen.predictions, row).truth for row in range(3)} - {""}
    assert letters
    assert all(each.startswith("is “") and len(each) == 6 for each in letters)
