"""The words of lessons: one file a lesson, a paragraph for each thing there is to notice."""

from __future__ import annotations

from functools import lru_cache

from simulator import resources
from simulator.lessons.lesson import Lesson, LessonState


@lru_cache(maxsize=64)
def paragraphs(text: str) -> dict[str, str]:
    """Return the paragraphs of a lesson's text by their headings; the opening's is empty."""
    found: dict[str, list[str]] = {"": []}
    heading = ""
    for line in resources.path(f"lessons/{text}.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            heading = line[3:].strip()
            found[heading] = []
        elif not line.startswith("# ") and line.strip():
            found[heading].append(line.strip())
    return {heading: " ".join(lines) for heading, lines in found.items()}


def notice_of(lesson: Lesson, state: LessonState, map_index: int) -> str:
    """Return what there is to notice in a state while a map of it is on view."""
    words = paragraphs(lesson.text)
    return words.get(lesson.noticed(state, map_index)) or words[""]
