from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from simulator.lessons.toned import Toned, runs
from simulator.traces.formula import Message, Piece, Tone
from tests.lessons.opened import unhurried

PLAIN, READS, WEIGHTS = Tone.PLAIN, Tone.READS, Tone.WEIGHTS

toned = st.builds(
    lambda text, tone: Toned(Message("{text}", {"text": text}), tone),
    st.text(max_size=5),
    st.sampled_from([PLAIN, READS, WEIGHTS]),
)
values = toned | st.text(max_size=5) | st.integers()
messages = st.lists(values, max_size=5).map(
    lambda items: Message(
        " and ".join(f"{{value_{number}}}" for number in range(len(items))),
        {f"value_{number}": item for number, item in enumerate(items)},
    )
)


def test_a_sentence_falls_into_runs_of_one_tone():
    cells = Toned(Message("{count} input cells", {"count": 9}), READS)
    weights = Toned(Message("1 weight"), WEIGHTS)
    told = Message(
        "From {cells} ({where}) and {weights}.",
        {
            "cells": cells,
            "where": Message("rows {rows}", {"rows": "0–2"}),
            "weights": weights,
        },
    )
    assert str(told) == "From 9 input cells (rows 0–2) and 1 weight."
    assert runs(told) == (
        Piece("From ", PLAIN, glued=True),
        Piece("9 input cells", READS, glued=True),
        Piece(" (rows 0–2) and ", PLAIN, glued=True),
        Piece("1 weight", WEIGHTS, glued=True),
        Piece(".", PLAIN, glued=True),
    )


def test_a_message_within_toned_words_has_their_tone():
    inner = Toned(
        Message("{a} {b}", {"a": Message("one"), "b": Toned(Message("two"), READS)}), WEIGHTS
    )
    assert [(piece.text, piece.tone) for piece in runs(Message("{all}", {"all": inner}))] == [
        ("one ", WEIGHTS),
        ("two", READS),
    ]


def test_braces_and_formats_are_those_of_messages():
    told = Message("{{{x:.2f}}} {y!s}", {"x": 1 / 3, "y": "z"})
    assert runs(told) == (Piece(str(told), PLAIN, glued=True),)
    assert str(told) == "{0.33} z"


def test_an_empty_message_has_no_runs():
    assert runs(Message("")) == ()


@given(messages)
@unhurried
def test_the_runs_are_the_whole_text(message):
    pieces = runs(message)
    assert "".join(piece.text for piece in pieces) == str(message)
    assert all(piece.text for piece in pieces)
    tones = [piece.tone for piece in pieces]
    assert all(first is not second for first, second in pairwise(tones))
