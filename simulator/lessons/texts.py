"""The words of lessons: one file a lesson, a paragraph for each thing there is to notice."""

from __future__ import annotations

from functools import lru_cache

from simulator import resources
from simulator.lessons.controls import Settings
from simulator.lessons.lesson import Lesson


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


def notice_of(lesson: Lesson, settings: Settings) -> str:
    """Return what there is to notice with these settings."""
    words = paragraphs(lesson.text)
    special = words.get(lesson.noticed(settings), "")
    return special or words[""]
