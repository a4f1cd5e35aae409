"""Waves, tasks that need a memory, and text: the values against their definitions."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.data.datasets import DataError, invented_reviews, make
from simulator.data.datasets.invented_names import STYLES, invented_name


def both(made):
    return np.concatenate([made.x, made.x_val]), np.concatenate([made.y, made.y_val])


@given(length=st.integers(2, 40), seed=st.integers(0, 2**63 - 1))
def test_the_adding_problem_asks_for_the_sum_of_the_marked_numbers(length, seed):
    x, y = both(make("adding", {"samples": 50, "length": length}, seed))
    numbers, marks = x[..., 0], x[..., 1]
    assert x.shape == (50, length, 2)
    assert ((numbers >= 0) & (numbers < 1)).all()
    assert np.isin(marks, (0, 1)).all()
    half = length // 2
    assert (marks[:, :half].sum(axis=1) == 1).all()
    assert (marks[:, half:].sum(axis=1) == 1).all()
    for row, target in zip(x, y, strict=True):
        one, other = row[row[:, 1] == 1, 0]
        assert target[0] == one + other


def test_always_answering_one_in_the_adding_problem_costs_a_sixth():
    _, y = both(make("adding", {"samples": 20_000, "length": 4}))
    assert ((y - 1) ** 2).mean() == pytest.approx(1 / 6, rel=0.03)


@given(length=st.integers(2, 30), each=st.booleans(), seed=st.integers(0, 1000))
def test_parity_is_that_of_the_bits(length, each, seed):
    settings = {"samples": 30, "length": length, "targets": "each" if each else "last"}
    x, y = both(make("parity", settings, seed))
    for bits, told in zip(x[..., 0], y, strict=True):
        so_far = [int(bits[: t + 1].sum()) % 2 for t in range(length)]
        assert (told.tolist() if each else int(told)) == (so_far if each else so_far[-1])


@given(
    length=st.integers(2, 25),
    delay=st.integers(0, 30),
    symbols=st.integers(2, 10),
    seed=st.integers(0, 1000),
)
def test_the_copy_comes_so_many_steps_late(length, delay, symbols, seed):
    settings = {"samples": 20, "length": length, "delay": delay, "symbols": symbols}
    made = make("delayed-copy", settings, seed)
    x, y = both(made)
    assert x.shape == (20, length, symbols)
    assert (x.sum(axis=2) == 1).all()
    assert len(made.classes) == symbols + 1
    for row, told in zip(x, y, strict=True):
        heard = [made.classes[1 + int(step.argmax())] for step in row]
        expected = [heard[t - delay] if t >= delay else "blank" for t in range(length)]
        assert [made.classes[label] for label in told] == expected


@pytest.mark.parametrize("identity", ["sine", "damped-wave", "noisy-wave", "random-walk"])
def test_each_step_is_asked_for_the_next(identity):
    last = make(identity, {"samples": 40, "length": 12}, seed=4)
    each = make(identity, {"samples": 40, "length": 12, "targets": "each"}, seed=4)
    assert (each.x == last.x).all()
    assert (each.y[:, :-1] == each.x[:, 1:]).all()
    assert (each.y[:, -1] == last.y).all()
    assert (last.x.shape, last.y.shape, each.y.shape) == ((32, 12, 1), (32, 1), (32, 12, 1))


def test_a_sine_obeys_its_recurrence():
    x, y = both(make("sine", {"samples": 100, "length": 60, "period": 10.0}))
    series = np.concatenate([x[..., 0], y], axis=1).astype(np.float64)
    # sin(a + d) + sin(a − d) = 2 cos d sin a, with one d for each series.
    middle, sides = series[:, 1:-1], series[:, 2:] + series[:, :-2]
    twice_cosine = (middle * sides).sum(axis=1) / (middle**2).sum(axis=1)
    assert sides == pytest.approx(twice_cosine[:, np.newaxis] * middle, abs=1e-5)
    periods = 2 * np.pi / np.arccos(twice_cosine / 2)
    assert 7 <= periods.min() < 7.5
    assert 12.5 < periods.max() <= 13


def test_a_damped_wave_falls_to_a_third_in_the_time_told():
    x, _ = both(make("damped-wave", {"samples": 2000, "length": 61, "damping": 30.0}))
    height = np.sqrt((x[..., 0] ** 2).mean(axis=0))
    assert height[30] / height[0] == pytest.approx(np.exp(-1), rel=0.05)
    assert height[60] / height[0] == pytest.approx(np.exp(-2), rel=0.05)


def test_noise_has_the_deviation_told():
    still, _ = both(make("noisy-wave", {"samples": 1000, "noise": 0.0}, seed=1))
    noisy, _ = both(make("noisy-wave", {"samples": 1000, "noise": 0.3}, seed=1))
    assert (noisy - still).std() == pytest.approx(0.3, rel=0.02)
    assert np.abs(still).max() <= 1 + 1e-6


def test_the_steps_of_a_walk_do_not_depend_on_each_other():
    x, _ = both(make("random-walk", {"samples": 2000, "length": 100}))
    steps = np.diff(x[..., 0], axis=1)
    assert steps.std() * np.sqrt(101) == pytest.approx(1, rel=0.02)
    assert np.mean(steps[:, 1:] * steps[:, :-1]) / steps.var() == pytest.approx(0, abs=0.02)


def test_every_kind_of_wave_has_its_own_values():
    made = make("wave-kinds", {"samples": 400, "length": 200, "noise": 0.0})
    x, y = both(made)
    kind = {name: x[y == label, :, 0] for label, name in enumerate(made.classes)}
    assert np.isin(kind["square"], (-1, 1)).all()
    assert np.sqrt((kind["sine"] ** 2).mean()) == pytest.approx(np.sqrt(1 / 2), rel=0.02)
    for even in ("triangle", "sawtooth"):  # as likely anywhere from −1 to 1
        assert np.sqrt((kind[even] ** 2).mean()) == pytest.approx(np.sqrt(1 / 3), rel=0.02)
    slopes = np.diff(kind["sawtooth"], axis=1)
    assert ((slopes > 0) | (slopes < -1)).all()
    assert np.abs(np.diff(kind["triangle"], axis=1)).max() < 0.31


def decoded(made, row):
    numbers = row.argmax(axis=-1) if row.ndim == 2 else row
    return "".join(made.classes[number] for number in numbers)


@pytest.mark.parametrize("encoding", ["one-hot", "numbers"])
@pytest.mark.parametrize("targets", ["next", "each"])
def test_windows_of_a_text_are_followed_by_what_follows(encoding, targets):
    text = "Zoë  sagt: “äöü”\r\nund 12 × 𝄞 = 𝄢, \ud800 noch einmal. "
    settings = {"text": text, "length": 5, "stride": 2, "encoding": encoding, "targets": targets}
    made = make("own-text", settings)
    plain = text.replace("\r\n", "\n")
    assert made.classes == tuple(sorted(set(plain)))
    x, y = both(made)
    for row, target in zip(x, y, strict=True):
        window = decoded(made, row)
        follows = window[1:] + made.classes[target[-1] if targets == "each" else target]
        assert window + follows[-1] in plain
        assert plain.index(window + follows[-1]) % 2 == 0
        if targets == "each":
            assert decoded(made, target) == follows


def test_the_parts_of_a_text_do_not_overlap():
    text = "".join(chr(0x4E00 + place) for place in range(300))  # every character once
    made = make("own-text", {"text": text, "length": 10, "stride": 1, "encoding": "numbers"})
    heard = {*made.x.ravel().tolist(), *made.y.tolist()}
    assert len(made.x_val) > 40
    assert heard.isdisjoint(made.x_val.ravel().tolist())
    assert heard.isdisjoint(made.y_val.tolist())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "The text has 0 characters: two samples of 12 need at least 16"),
        ("too short here", "The text has 14 characters"),
        ("a" * 50, "one character alone"),
    ],
)
def test_a_text_that_teaches_nothing_is_refused(text, told):
    with pytest.raises(DataError, match=told) as caught:
        make("own-text", {"text": text})
    assert caught.value.setting == "text"


def test_a_text_of_many_different_characters_is_refused_by_its_size():
    text = "".join(map(chr, range(0x4E00, 0x9000))) * 2
    with pytest.raises(DataError, match=r"at most 1\.0 GiB"):
        make("own-text", {"text": text, "stride": 1})


def test_names_are_written_one_under_the_other():
    made = make("names", {"samples": 3000, "encoding": "numbers", "stride": 12, "length": 12})
    assert made.classes == tuple("\nabcdefghijklmnopqrstuvwxyz")
    text = "".join(decoded(made, row) for row in both(made)[0])
    lengths = [len(name) for name in text.split("\n")]
    assert 5 < np.mean(lengths) < 11
    assert len(set(text.split("\n"))) > 1000


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_a_name_has_the_sound_of_its_style(style):
    generator = np.random.default_rng(1)
    for _ in range(300):
        name = invented_name(style, generator)
        assert 3 <= len(name) <= 17
        assert name.isascii()
        assert name.islower()
        assert any(name.endswith(ending[1:]) for ending in style.endings)
        assert name.startswith(style.onsets)


def test_styles_of_names_end_at_the_last_step():
    made = make("name-styles", {"samples": 90, "encoding": "numbers"})
    x, y = both(made)
    assert np.bincount(y).tolist() == [30] * 3
    letters = x > 0
    assert letters[:, -1].all()
    assert (np.diff(letters.astype(int), axis=1) >= 0).all()


def _praises(clause: list[str]) -> bool:
    """What a reader says of a clause, by its words alone."""
    turned = bool({"not", "never"} & set(clause))
    liked = {"liked", "loved", "enjoyed", "admired", "like"}
    return turned != bool({*invented_reviews.GOOD, *liked} & set(clause))


def test_a_review_is_good_where_more_of_it_praises():
    made = make("reviews", {"samples": 400})
    x, y = both(made)
    assert np.bincount(y).tolist() == [200, 200]
    shapes = set()
    for row, label in zip(x, y, strict=True):
        words = [made.vocabulary[number] for number in row if number]
        clauses = " ".join(words).replace(" but ", " and ").split(" and ")
        said = [_praises(clause.split()) for clause in clauses]
        assert (sum(said) > len(said) / 2) == (label == 1)
        joints = [word for word in words if word in ("and", "but")]
        changes = [a != b for a, b in pairwise(said)]
        assert [joint == "but" for joint in joints] == changes
        shapes.add((len(clauses), "but" in words, "not" in words or "never" in words))
    assert {(1, False, True), (3, True, True), (3, False, False), (3, True, False)} <= shapes


def test_reviews_are_filled_up_and_cut_short_before_their_first_word():
    whole, _ = both(make("reviews", {"samples": 3000}))
    assert whole.shape == (3000, invented_reviews.LONGEST)
    assert ((whole > 0).any(axis=0)).all(), "the longest review takes all the room"
    assert (np.diff((whole > 0).astype(int), axis=1) >= 0).all()
    for length in (5, 40):
        other, _ = both(make("reviews", {"samples": 3000, "length": length}))
        kept = min(length, whole.shape[1])
        np.testing.assert_array_equal(other[:, -kept:], whole[:, -kept:])
        assert not other[:, : length - kept].any()
    hot, _ = both(make("reviews", {"samples": 3000, "encoding": "one-hot"}))
    np.testing.assert_array_equal(hot.argmax(axis=2), whole)
