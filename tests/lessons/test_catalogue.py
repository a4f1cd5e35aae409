import re
import subprocess
import sys

import pytest

from simulator import resources
from simulator.lessons import entries
from simulator.lessons.catalogue import LESSONS, UnknownLessonError, lesson
from simulator.lessons.opening import SESSIONS

IDS = ", ".join(entry.id for entry in entries.ENTRIES)


def test_the_light_list_and_the_lessons_are_the_same():
    assert tuple(item.entry for item in LESSONS) == entries.ENTRIES
    ids = [item.id for item in LESSONS]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", each) for each in ids)


def test_a_lesson_is_found_by_its_id():
    for item in LESSONS:
        assert lesson(item.id) is item


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("convolutoin", "There is no lesson 'convolutoin'. Did you mean 'convolution'?"),
        ("Pooling", "There is no lesson 'Pooling'. Did you mean 'pooling'?"),
        ("", f"There is no lesson ''. Choose one of {IDS}."),
        ("xyz", f"There is no lesson 'xyz'. Choose one of {IDS}."),
    ],
)
def test_an_unknown_lesson_names_the_nearest(asked, told):
    with pytest.raises(UnknownLessonError) as refused:
        lesson(asked)
    assert str(refused.value) == told


MORE_WITH_OTHER_SETTINGS = {
    *("back-through-time", "deep-bidirectional", "autoencoder", "dense", "layer-at-work"),
}
"""Lessons with arrays that the first settings have no use for: of other cells, of more layers."""


@pytest.mark.parametrize("item", LESSONS, ids=lambda item: item.id)
def test_a_lesson_is_whole(item):
    names = [control.name for control in item.controls]
    assert len(set(names)) == len(names)
    assert all(control.help and control.label and control.section for control in item.controls)
    assert item.scene in SESSIONS
    assert resources.path(f"icons/{item.entry.icon}.svg").is_file()
    remaking = {name for names in item.remakes.values() for name in names}
    assert remaking <= set(names)
    arrays = set(item.arrays(item.initial_state()))
    assert arrays <= set(item.remakes)
    assert arrays == set(item.remakes) or item.id in MORE_WITH_OTHER_SETTINGS
    sections = [control.section for control in item.controls]
    assert sections == sorted(sections, key=sections.index), "a section's controls stand together"


def test_the_light_list_loads_nothing_heavy():
    script = (
        "import sys, simulator.lessons.entries\n"
        "print([name for name in ('numpy', 'numba', 'PySide6') if name in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout.strip() == "[]"
