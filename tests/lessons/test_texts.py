import re

import pytest

from simulator import resources
from simulator.lessons.catalogue import LESSONS
from simulator.lessons.catalogue import lesson as find
from simulator.lessons.kernels import KERNEL_OPTIONS
from simulator.lessons.lesson import FROM_LAB
from simulator.lessons.texts import notice_of, paragraphs
from simulator.traces.pooling import POOLING_KINDS
from tests.lessons.opened import state_of


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
def test_a_paragraph_is_short(lesson):
    for heading, words in paragraphs(lesson.text).items():
        assert words, heading
        sentences = re.findall(r"[.?!](?= [A-Z]|$)", words)
        assert 1 <= len(sentences) <= 3, f"{heading}: {words}"
        assert max(len(part) for part in re.split(r"(?<=[.?!:;])\s", words)) <= 130, words
        assert "  " not in words


@pytest.mark.parametrize(
    ("lesson_id", "headings"),
    [
        ("convolution", [FROM_LAB, *(option.value for option in KERNEL_OPTIONS)]),
        ("pooling", [kind.id for kind in POOLING_KINDS]),
    ],
)
def test_there_is_something_to_notice_of_each_choice(lesson_id, headings):
    assert set(paragraphs(find(lesson_id).text)) == {"", *headings}


def test_the_words_are_those_of_the_file():
    file = resources.path("lessons/pooling.md").read_text(encoding="utf-8")
    assert paragraphs("pooling")["global_average"] in " ".join(file.split())


def test_what_to_notice_goes_with_the_filter_on_view():
    lesson = find("convolution")
    state = state_of("convolution", filters=2, preset=("blur", "sobel_y"))
    words = paragraphs("convolution")
    assert notice_of(lesson, state, 0) == words["blur"]
    assert notice_of(lesson, state, 1) == words["sobel_y"]


def test_of_typed_weights_only_what_is_always_true_is_said():
    lesson = find("convolution")
    state = state_of("convolution", filters=2, preset=("blur", "sobel_y"))
    edited = state.with_cells("kernel", {(0, 0, 0, 1): 9.0})
    words = paragraphs("convolution")
    assert notice_of(lesson, edited, 0) == words["blur"]
    assert notice_of(lesson, edited, 1) == words[""]


@pytest.mark.parametrize("kind", [kind.id for kind in POOLING_KINDS])
def test_what_to_notice_goes_with_the_kind(kind):
    state = state_of("pooling", kind=kind)
    assert notice_of(find("pooling"), state, 0) == paragraphs("pooling")[kind]
