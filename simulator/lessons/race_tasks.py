"""Tasks on sequences that recurrent networks are trained on before the learner's eyes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.lessons.recurrent_input import LETTERS, adding_sequence

Array = NDArray[Any]

ADDING, COPY, SINE, TEXT, SHAPE = "adding", "copy", "sine", "text", "shape"
OWN = "curve"
WAVES = (SINE, OWN)
"""The tasks whose answers are the next value of a curve."""
SAMPLES, HELD = 1600, 200
LEAST_HELD = 12
WORK = HELD * 100 * 64 * 64
"""What may be read of sequences that are held back: time steps times recurrent weights."""
MOST_STEPS = 300_000
"""So many time steps of letters at most are made: each is 27 numbers."""
SYMBOLS = 3
COPY_SIGNS = "-abc"
SHAPES = ("sine", "square", "saw")


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """What is learned: sequences x (N, T, C) and answers, with others that are held back.

    ``answers`` is how many numbers an answer has; ``each_step`` whether there is one at every time
    step; ``solved`` the error below which it counts as solved.
    """

    kind: str
    x: Array
    y: Array
    held_x: Array
    held_y: Array
    answers: int
    each_step: bool
    loss: str
    solved: float

    @property
    def classifies(self) -> bool:
        """Return whether answers are classes."""
        return self.loss != "mse"

    @property
    def error_name(self) -> str:
        """Return what the error is called."""
        return "share of wrong answers" if self.classifies else "mean squared error"

    def error(self, answers: Array, truth: Array) -> float:
        """Return the error of answers: the share of wrong classes, or the mean squared error."""
        if self.classifies:
            return float(np.mean(answers.argmax(axis=-1) != truth))
        return float(np.mean(np.square(answers - truth)))


@lru_cache(maxsize=8)
def task_of(
    kind: str,
    length: int,
    text: str,
    seed: int,
    series: tuple[float, ...] = (),
    *,
    held: int = HELD,
) -> Task:
    """Return a task with sequences of ``length`` time steps, some of which are ``held`` back.

    ``text`` is what is written after, ``series`` the learner's own curve that is gone on with.
    """
    rng = np.random.default_rng(seed)
    total = SAMPLES + HELD
    make = {ADDING: _adding, COPY: _copy, SINE: _sine, SHAPE: _shapes}
    if kind == TEXT:
        x, y = _text(text, length, rng)
    elif kind == OWN:
        x, y = _own(series, length, rng)
    else:
        x, y = make[kind](length, total, rng)
    held = min(held, max(1, len(x) // 5))
    answers = {COPY: SYMBOLS + 1, TEXT: len(LETTERS), SHAPE: len(SHAPES)}.get(kind, 1)
    classes = kind in (COPY, TEXT, SHAPE)
    return Task(
        kind=kind,
        x=x[held:],
        y=y[held:],
        held_x=x[:held],
        held_y=y[:held],
        answers=answers,
        each_step=kind in (COPY, TEXT, *WAVES),
        loss="sparse_categorical_crossentropy" if classes else "mse",
        solved={ADDING: 0.01, SINE: 0.003, OWN: 0.003}.get(kind, 0.02),
    )


def held_count(length: int, units: int) -> int:
    """Return how many sequences are held back: fewer where it takes long to read one.

    All of them are read for each picture, between two frames of the window.
    """
    return max(LEAST_HELD, min(HELD, WORK // (length * units * units)))


def _adding(length: int, total: int, rng: np.random.Generator) -> tuple[Array, Array]:
    x = np.stack([adding_sequence(length, rng) for _ in range(total)])
    return x, (x[..., 0] * x[..., 1]).sum(axis=1, keepdims=True)


def delay_of(length: int) -> int:
    """Return by how many time steps the copy is delayed."""
    return max(1, length // 3)


def _copy(length: int, total: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Symbols; the answer at each step is the symbol of some steps before, at first a blank."""
    symbols = rng.integers(1, SYMBOLS + 1, (total, length))
    delay = delay_of(length)
    y = np.zeros_like(symbols)
    y[:, delay:] = symbols[:, :-delay]
    return np.eye(SYMBOLS + 1, dtype=np.float32)[symbols], y


def _wave(kind: str, phase: Array, turns: Array) -> Array:
    """Return a wave between 0 and 1; ``turns`` counts periods."""
    at = (turns + phase) % 1.0
    if kind == "square":
        return np.where(at < 0.5, 0.9, 0.1)
    if kind == "saw":
        return 0.1 + 0.8 * at
    return 0.5 + 0.4 * np.sin(2 * np.pi * at)


def _sine(length: int, total: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """A noisy sine between 0 and 1; the answer at each step is the next value without noise."""
    turns = np.arange(length + 1) / 12.0
    clean = _wave("sine", rng.random((total, 1)), turns[None])
    noisy = clean + rng.normal(size=clean.shape) * 0.03
    x, y = noisy[:, :-1, None], clean[:, 1:, None]
    return x.astype(np.float32), y.astype(np.float32)


def _own(series: tuple[float, ...], length: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Windows of a curve, brought between 0.1 and 0.9; the answer at each step is the next value.

    A curve that is shorter than a window and two steps is read again from its beginning.
    """
    values = np.array(series, np.float64)
    span = float(values.max() - values.min())
    values = 0.1 + 0.8 * (values - values.min()) / (span or 1.0)
    while len(values) < length + 2:
        values = np.concatenate([values, values])
    starts = rng.integers(0, len(values) - length, min(SAMPLES, 8 * len(values)) + HELD)
    windows = values[starts[:, None] + np.arange(length + 1)].astype(np.float32)[..., None]
    return windows[:, :-1], windows[:, 1:]


def _shapes(length: int, total: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Waves of three shapes, noisy; the answer is the shape."""
    y = rng.integers(0, len(SHAPES), total)
    turns = np.arange(length) / rng.uniform(8, 16, (total, 1))
    phase = rng.random((total, 1))
    x = np.stack([_wave(SHAPES[kind], phase[at], turns[at]) for at, kind in enumerate(y.tolist())])
    x = x + rng.normal(size=x.shape) * 0.05
    return x[..., None].astype(np.float32), y


def _text(text: str, length: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Windows of a text; the answer at each step is the next sign."""
    codes = np.array([LETTERS.index(sign) for sign in text])
    while len(codes) < length + 2:
        codes = np.concatenate([codes, codes])
    total = min(SAMPLES, 8 * len(codes), MOST_STEPS // length) + HELD
    starts = rng.integers(0, len(codes) - length - 1, total)
    windows = codes[starts[:, None] + np.arange(length + 1)]
    x = np.eye(len(LETTERS), dtype=np.float32)[windows[:, :-1]]
    return x, windows[:, 1:]


Describe = Callable[[Array, Array, Array], tuple[str, str]]


def described(task: Task, x: Array, truth: Array, answer: Array) -> tuple[str, str]:
    """Return what a sequence (T, C) asks for, and what a network answered, as two short texts."""
    if task.kind == ADDING:
        first, second = (float(value) for value in x[x[:, 1] > 0.5, 0][:2])
        asked = f"{first:.2f} + {second:.2f} = {float(truth[0]):.2f}"
        return asked, f"{float(answer[0]):.2f}".replace("-", "−")
    if task.kind == SHAPE:
        found = int(answer.argmax())
        return SHAPES[int(truth)], f"{SHAPES[found]} {float(answer[found]):.2f}"
    signs: Mapping[int, str] = dict(enumerate(COPY_SIGNS if task.kind == COPY else LETTERS))
    shown = 14
    asked = "".join(signs[int(code)] for code in truth[-shown:])
    said = "".join(signs[int(code)] for code in answer[-shown:].argmax(axis=-1))
    return asked, said
