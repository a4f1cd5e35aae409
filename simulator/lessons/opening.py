"""Opens lessons: each kind of scene has its kind of session."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.engine.backends.base import Backend
from simulator.lessons.compare_scene import CompareSession
from simulator.lessons.course_scene import CourseSession
from simulator.lessons.dream_scene import DreamSession
from simulator.lessons.layers_session import LayersSession
from simulator.lessons.lesson import Lesson, LessonState
from simulator.lessons.race_scene import RaceSession
from simulator.lessons.recurrent_session import BackSession, DeepSession, RecurrentSession
from simulator.lessons.session import LessonSession
from simulator.lessons.trials_scene import BalanceSession, FeaturesSession
from simulator.lessons.two_readers_scene import TwoReadersSession
from simulator.lessons.walk_scene import WalkSession
from simulator.lessons.window_session import WindowSession

SESSIONS: Mapping[str, type[LessonSession]] = {
    "window": WindowSession,
    "layers": LayersSession,
    "cell": RecurrentSession,
    "back": BackSession,
    "grid": DeepSession,
    "course": CourseSession,
    "compare": CompareSession,
    "race": RaceSession,
    "two_readers": TwoReadersSession,
    "walk": WalkSession,
    "dream": DreamSession,
    "balance": BalanceSession,
    "features": FeaturesSession,
}
"""What an open lesson is, by the name of its scene."""


def open_lesson(
    lesson: Lesson, backend: Backend, state: LessonState | None = None
) -> LessonSession:
    """Open a lesson; a state that can't be shown gives way to the lesson's own."""
    return SESSIONS[lesson.scene](lesson, backend, state)
