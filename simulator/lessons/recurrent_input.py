"""The controls and the array of a sequence, shared by the lessons that read one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.lessons.controls import (
    ChoiceControl,
    Control,
    IntegerControl,
    Option,
    RealControl,
    Settings,
)
from simulator.lessons.lesson import FROM_GRID, FROM_LAB, LessonState
from simulator.lessons.text_controls import NumbersControl, TextControl
from simulator.traces.model import Computed
from simulator.traces.numbers import number

Array = NDArray[Any]

SECTION = "Sequence"
LONGEST = 500
MOST_VALUES = 512
"""A layer can read both directions of another, 256 units each."""
LETTERS = " abcdefghijklmnopqrstuvwxyz"
SPACE = "␣"
"""How a space is written where it stands alone."""

ADDING, SINE, PULSE, TEXT, NUMBERS = "adding", "sine", "pulse", "text", "numbers"
BLANK = "blank"
"""Zeros to be typed over."""
FROM_ELSEWHERE = (
    Option(FROM_LAB, "From the lab", opened=True),
    Option(FROM_GRID, "From the grid of cells", opened=True),
)
"""Where a cell can be opened from, with what it reads and its weights."""
OPENED = tuple(option.value for option in FROM_ELSEWHERE)
_LENGTHENED = (ADDING, SINE, PULSE, BLANK)

SOURCE = ChoiceControl(
    name="source",
    label="Sequence",
    section=SECTION,
    options=(
        Option(ADDING, "Adding problem"),
        Option(SINE, "Noisy sine"),
        Option(PULSE, "One pulse, then zeros"),
        Option(TEXT, "Your text"),
        Option(NUMBERS, "Your numbers or curve"),
        Option(BLANK, "Zeros to type over"),
        *FROM_ELSEWHERE,
    ),
    default=ADDING,
    help="What the cell reads: generated, or your own.",
)
LENGTH = IntegerControl(
    name="length",
    label="Time steps",
    section=SECTION,
    default=10,
    minimum=1,
    maximum=LONGEST,
    causes=("steps",),
    shown=lambda settings: SOURCE.of(settings) in _LENGTHENED,
    help="How many values are read, one after the other.",
)
VALUES = IntegerControl(
    name="values",
    label="Values a step",
    section=SECTION,
    default=2,
    minimum=1,
    maximum=MOST_VALUES,
    shown=lambda settings: SOURCE.of(settings) == BLANK,
    help="How many numbers are read at each step.",
)
NOISE = RealControl(
    name="noise",
    label="Noise",
    section=SECTION,
    default=0.1,
    minimum=0.0,
    maximum=2.0,
    shown=lambda settings: SOURCE.of(settings) == SINE,
    help="The standard deviation of what is added to the sine.",
)
TYPED = TextControl(
    name="text",
    label="Text",
    section=SECTION,
    default="hello world",
    vocabulary=LETTERS,
    most=LONGEST,
    signs="small letters a to z and spaces",
    shown=lambda settings: SOURCE.of(settings) == TEXT,
    help="Each letter is a time step: 1 in its own place, and 0 in the 26 others.",
)
COLUMN = NumbersControl(
    name="numbers",
    label="Numbers",
    section=SECTION,
    default="0.1 0.5 0.9 0.5 0.1 -0.3 -0.7 -0.3 0.1 0.5",
    most=LONGEST,
    shown=lambda settings: SOURCE.of(settings) == NUMBERS,
    help="Draw a curve, type numbers, or paste a column of a CSV file.",
)
DATA_SEED = IntegerControl(
    name="data_seed",
    label="Seed",
    section=SECTION,
    default=1,
    minimum=0,
    maximum=9999,
    shown=lambda settings: SOURCE.of(settings) in (ADDING, SINE),
    help="What is random follows from it: the same seed gives the same sequence.",
)

SEQUENCE_CONTROLS: tuple[Control, ...] = (SOURCE, LENGTH, VALUES, NOISE, TYPED, COLUMN, DATA_SEED)
SEQUENCE_SETTINGS = frozenset(control.name for control in SEQUENCE_CONTROLS)
"""The settings that make the sequence anew."""


def sequence_array(state: LessonState) -> Array:
    """Return the sequence (T, C) float32 that the settings ask for."""
    settings = state.settings
    source = SOURCE.of(settings)
    if source == TEXT:
        return one_hot(TYPED.of(settings))
    if source == NUMBERS:
        return np.array(COLUMN.of(settings), np.float32)[:, np.newaxis]
    length = LENGTH.of(settings)
    if source in OPENED and (came := state.came("x")) is not None:
        return came
    if source == BLANK or source in OPENED:
        return np.zeros((length, VALUES.of(settings)), np.float32)
    rng = np.random.default_rng(DATA_SEED.of(settings))
    if source == ADDING:
        return adding_sequence(length, rng)
    x = np.zeros((length, 1), np.float32)
    if source == PULSE:
        x[0] = 1
        return x
    turns = np.arange(length) / max(length / 3, 8) * 2 * np.pi
    noise = rng.normal(size=length) * NOISE.of(settings)
    x[:, 0] = np.sin(turns) + noise
    return x


def adding_sequence(length: int, rng: np.random.Generator) -> Array:
    """Return one sequence (T, 2) of the adding problem: numbers, and a mark in each half.

    Source: Le, Jaitly and Hinton, A simple way to initialize recurrent networks of rectified
    linear units (2015), after Hochreiter and Schmidhuber (1997).
    """
    x = np.zeros((length, 2), np.float32)
    x[:, 0] = np.round(rng.random(length), 2)
    half = length // 2
    if half:  # one step alone has no first half
        x[rng.integers(0, half), 1] = 1
    x[rng.integers(half, length), 1] = 1
    return x


def one_hot(text: str) -> Array:
    """Return a text as (T, 27): a 1 in the place of each letter."""
    x = np.zeros((len(text), len(LETTERS)), np.float32)
    x[np.arange(len(text)), [LETTERS.index(sign) for sign in text]] = 1
    return x


def is_one_hot(state: LessonState) -> bool:
    """Return whether the sequence is a text."""
    return SOURCE.of(state.settings) == TEXT


def value_count(settings: Settings) -> int:
    """Return how many values there are at each time step."""
    if SOURCE.of(settings) in (BLANK, *OPENED):
        return VALUES.of(settings)
    return {TEXT: len(LETTERS), ADDING: 2}.get(SOURCE.of(settings), 1)


def holds(state: LessonState, gate: str) -> bool:
    """Return whether a gate is held at every time step."""
    return state.settings.get(f"hold_{gate}", "free") != "free"


@dataclass(frozen=True, slots=True)
class Labels:
    """What stands under the time steps."""

    source: str
    text: str
    x: Array

    def of(self, time: int) -> tuple[str, bool]:
        """Return what a time step reads, and whether it is marked."""
        if self.source == TEXT:
            if not self.x[time].any():  # of a sequence that is read at its first step alone
                return "0", False
            sign = self.text[time]
            return (SPACE if sign == " " else sign), False
        marked = self.source == ADDING and bool(self.x[time, 1] > 0.5)
        return number(float(self.x[time, 0]), 2), marked

    def target(self) -> str:
        """Return what the answer should be, where the task has one: the sum of the marked."""
        if self.source != ADDING:
            return ""
        return number(float((self.x[:, 0] * self.x[:, 1]).sum()), 2)

    def value_name(self, index: int, total: int) -> str:
        """Return what one of the values of a time step is called."""
        if self.source == TEXT:
            return SPACE if index == 0 else LETTERS[index]
        if self.source == ADDING:
            return ("x", "mark")[index]
        return "x" if total == 1 else f"x{index + 1}"


def labels(state: LessonState, x: Array | Computed) -> Labels:
    """Return the labels of a state whose sequence, edits included, is ``x`` (T, C)."""
    assert isinstance(x, np.ndarray)
    source = SOURCE.of(state.settings)
    return Labels(source, TYPED.of(state.settings) if source == TEXT else "", x)
