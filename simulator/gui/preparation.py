"""What takes long about a lesson and needs no Qt: for a thread, before the lesson is opened."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.engine.backends.base import Backend
from simulator.gui import formula_svg
from simulator.lessons.catalogue import lesson as find
from simulator.lessons.opening import open_lesson


def prepare_lesson(
    lesson_id: str, kept: Mapping[str, object], backend: Backend | None = None
) -> None:
    """Read the pictures and set the formulas that a lesson left with these settings begins with,
    and train what it shows, with the backend that is to show it: the reference, if none is given.
    """
    lesson = find(lesson_id)
    session = open_lesson(lesson, backend or Backend(), lesson.restored(kept))
    fact, told = session.scene.fact(), session.explanation()
    symbols = () if told.equations else (told.symbols,)
    for latex in (*symbols, *(fact.lines if fact else ())):
        if latex:
            formula_svg.formula(latex)
    for equation in told.equations:
        formula_svg.formula(equation.symbols, formula_svg.LISTED)
