"""Texts in the small plots of samples."""

from itertools import pairwise

import pytest
from PySide6.QtWidgets import QApplication

from simulator.gui import fonts, metrics
from simulator.gui.lab.sequence_painting import word_rows
from simulator.gui.widgets.painting import text_width

REVIEW = [
    "i",
    "did",
    "not",
    "like",
    "the",
    "dialogue",
    "but",
    "the",
    "villain",
    "was",
    "really",
    "brilliant",
    "and",
    "i",
    "loved",
    "it",
]


@pytest.mark.parametrize("width", [60.0, 110.0, 240.0])
def test_words_stand_whole_in_rows_that_are_no_wider(qapp: QApplication, width: float) -> None:
    rows = word_rows(REVIEW, width, 99)
    assert " ".join(rows).split(" ") == REVIEW
    font = fonts.ui(metrics.CAPTION)
    assert all(text_width(font, row) <= width for row in rows)
    for row, after in pairwise(rows):
        assert text_width(font, f"{row} {after.split(' ')[0]}") > width, "a row is filled first"


def test_of_too_many_words_the_last_ones_are_shown(qapp: QApplication) -> None:
    whole = word_rows(REVIEW, 110.0, 99)
    rows = word_rows(REVIEW, 110.0, len(whole) - 1)
    first, *others = " ".join(rows).split(" ")
    assert first == "…"
    assert others == REVIEW[-len(others) :]
    assert len(rows) == len(whole) - 1
    assert word_rows(["one"], 2.0, 1) == ["one"], "a word alone is shown, however narrow it is"
