"""All lessons, in the order of the list."""

from __future__ import annotations

from difflib import get_close_matches

from simulator.lessons import (
    against_pca,
    applications,
    autoencoder,
    back_through_time,
    boltzmann,
    cnn_and_rnn,
    convolution,
    deep_bidirectional,
    denoising,
    dense,
    explore_code,
    gru_gates,
    layer_at_work,
    learned_features,
    lstm_gates,
    machine_at_work,
    pooling,
    race,
    rare_class,
    rnn_unrolled,
    watch_learning,
)
from simulator.lessons.lesson import Lesson

LESSONS: tuple[Lesson, ...] = (
    dense.LESSON,
    layer_at_work.LESSON,
    convolution.LESSON,
    pooling.LESSON,
    rnn_unrolled.LESSON,
    lstm_gates.LESSON,
    gru_gates.LESSON,
    back_through_time.LESSON,
    deep_bidirectional.LESSON,
    race.LESSON,
    applications.LESSON,
    cnn_and_rnn.LESSON,
    autoencoder.LESSON,
    watch_learning.LESSON,
    explore_code.LESSON,
    denoising.LESSON,
    against_pca.LESSON,
    boltzmann.LESSON,
    machine_at_work.LESSON,
    rare_class.LESSON,
    learned_features.LESSON,
)


class UnknownLessonError(ValueError):
    """There is no lesson with this id."""


def lesson(lesson_id: str) -> Lesson:
    """Return a lesson by its id.

    Raises:
        UnknownLessonError: there is none; the message names the nearest.
    """
    for candidate in LESSONS:
        if candidate.id == lesson_id:
            return candidate
    ids = [candidate.id for candidate in LESSONS]
    near = get_close_matches(lesson_id, ids, n=1)
    hint = f"Did you mean '{near[0]}'?" if near else f"Choose one of {', '.join(ids)}."
    raise UnknownLessonError(f"There is no lesson '{lesson_id}'. {hint}")
