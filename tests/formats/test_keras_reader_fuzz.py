"""The reader raises nothing, whatever the text, and what it reads can be built."""

import random
from contextlib import suppress

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.formats import building
from simulator.formats.json_values import SpecError
from simulator.formats.keras_reader import Reading, read
from tests.formats.notes import NOTES

SOURCES = sorted(note.source for note in NOTES.values())
WORDS = sorted({word for source in SOURCES for word in source.split()})
SIGNS = "()[]{}=,.:'\"\\#\n\t *-+%@!“”‘’ﬁ−0123456789\x00\x0c\u2028\ud800é"
SETTINGS = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def assert_sound(reading: Reading) -> None:
    lines = reading.source.split("\n")
    for remark in (*reading.problems, *reading.notices):
        assert 1 <= remark.line <= len(lines)
        assert (remark.line, remark.column) <= remark.end
        assert remark.text
    if reading.program is None:
        return
    assert reading.problems == ()
    network = reading.program.network
    if all(each.shape is not None for each in network.inputs):
        building.facts(network)
    else:
        with suppress(SpecError):  # not every network takes pictures
            building.facts(network.with_input_shape((3, 3, 3)))


@SETTINGS
@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    assert_sound(read(text))


@SETTINGS
@given(st.lists(st.sampled_from([*WORDS, "\n", "\n    ", *SIGNS]), max_size=60))
def test_words_of_programs_in_any_order(words: list[str]) -> None:
    assert_sound(read(" ".join(words)))
    assert_sound(read("".join(words)))


@SETTINGS
@given(st.sampled_from(SOURCES), st.integers(0, 2**32))
def test_damaged_programs(source: str, seed: int) -> None:
    rng = random.Random(seed)
    text = list(source)
    for _ in range(rng.randint(1, 8)):
        place = rng.randrange(len(text))
        change = rng.randrange(4)
        if change == 0:
            del text[place : place + rng.randint(1, 12)]
        elif change == 1:
            text.insert(place, rng.choice(SIGNS))
        elif change == 2:
            text[place] = rng.choice(SIGNS)
        else:
            text[place:place] = list(rng.choice(WORDS))
        if not text:
            break
    assert_sound(read("".join(text)))


@SETTINGS
@given(st.sampled_from(SOURCES), st.integers(0, 2**32))
def test_programs_with_their_lines_shuffled(source: str, seed: int) -> None:
    rng = random.Random(seed)
    lines = source.split("\n")
    rng.shuffle(lines)
    assert_sound(read("\n".join(lines[: rng.randint(0, len(lines))])))


def test_depths_that_no_program_has() -> None:
    for sign in ("(", "[", "{", "-", "not ", "lambda: ", "f(", "1+", "a.", "a[", "x if y else "):
        assert_sound(read(sign * 3000))
        assert_sound(read(sign * 3000 + "1"))
    assert_sound(read("x = " + "(" * 90 + ")" * 90))
    assert_sound(read("x = " + "+".join(["1"] * 3000)))
    assert_sound(read("a" * 300_000))
    assert_sound(read("x = " + "9" * 5000))
