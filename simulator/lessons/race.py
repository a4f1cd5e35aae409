"""The lesson in which RNN, LSTM and GRU are trained side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import sin
from typing import Any

from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.lessons import entries, race_tasks
from simulator.lessons.controls import (
    ChoiceControl,
    IntegerControl,
    Option,
    RealControl,
    Settings,
)
from simulator.lessons.lesson import Lesson, LessonState, StateError
from simulator.lessons.race_course import EVERY, KINDS, RaceLearner, race_learner
from simulator.lessons.recurrent_input import COLUMN, LETTERS, LONGEST
from simulator.lessons.text_controls import TextControl
from simulator.traces.formula import Fact, Message
from simulator.traces.numbers import count
from simulator.traces.race import RaceTrace

Array = NDArray[Any]

SECTION = "Task"
MOST_WORK = 32_000
"""Time steps times units of what is trained while one watches."""
TASK = ChoiceControl(
    name="task",
    label="Task",
    section=SECTION,
    options=(
        Option(race_tasks.ADDING, "Adding problem"),
        Option(race_tasks.COPY, "Delayed copy"),
        Option(race_tasks.SINE, "Noisy sine"),
        Option(race_tasks.OWN, "Your curve"),
        Option(race_tasks.TEXT, "Write text"),
    ),
    default=race_tasks.ADDING,
    help="What all networks learn, from the same sequences in the same order.",
)
CURVE = replace(
    COLUMN,
    section=SECTION,
    default=" ".join(f"{0.5 + 0.3 * sin(at / 2) + 0.15 * sin(at / 5):.2f}" for at in range(80)),
    shown=lambda settings: settings["task"] == race_tasks.OWN,
    help="What is gone on with: draw a curve, type numbers, or paste a column of a CSV file. It is "
    "brought between 0.1 and 0.9.",
)
TEXT = TextControl(
    name="text",
    label="Text",
    section=SECTION,
    default="the cat sat on the mat and the dog sat on the log and the cat saw the dog",
    vocabulary=LETTERS,
    most=500,
    signs="small letters a to z and spaces",
    shown=lambda settings: settings["task"] == race_tasks.TEXT,
    help="What is learned: each sign is to be told from those before it.",
)
LENGTH = IntegerControl(
    name="length",
    label="Time steps",
    section=SECTION,
    default=30,
    minimum=4,
    maximum=LONGEST,
    causes=("work",),
    help="How long the sequences are: how far back a network has to remember.",
)
TEMPERATURE = RealControl(
    name="temperature",
    label="Temperature",
    section=SECTION,
    default=0.5,
    minimum=0.1,
    maximum=2.0,
    stops=tuple(round(0.1 * at, 1) for at in range(1, 21)),
    shown=lambda settings: settings["task"] == race_tasks.TEXT,
    help="Low: the likeliest sign nearly always. High: anything may be drawn.",
)
UPDATES = IntegerControl(
    name="updates",
    label="Updates",
    section=SECTION,
    default=800,
    minimum=50,
    maximum=5000,
    help="How often the weights are changed, with 32 sequences each time.",
)
UNITS = IntegerControl(
    name="units",
    label="Units",
    section=SECTION,
    default=16,
    minimum=1,
    maximum=256,
    help="How many numbers each network remembers.",
)
RATE = RealControl(
    name="rate",
    label="Learning rate",
    section=SECTION,
    default=0.01,
    minimum=0.0001,
    maximum=1.0,
    help="How far each update goes, with Adam and the gradient clipped at length 1.",
)
SEED = IntegerControl(
    name="seed",
    label="Seed",
    section=SECTION,
    default=0,
    minimum=0,
    maximum=9999,
    help="Sequences and first weights follow from it: the same seed gives the same race.",
)
CONTROLS = (TASK, TEXT, CURVE, TEMPERATURE, LENGTH, UNITS, UPDATES, RATE, SEED)


def learner_of(names: tuple[str, ...], settings: Settings) -> RaceLearner:
    """Return what races with these settings.

    Raises:
        StateError: they would take too long to watch.
    """
    length, units = LENGTH.of(settings), UNITS.of(settings)
    if length * units > MOST_WORK:
        raise StateError(
            f"{count(length)} time steps of {count(units)} units learn too slowly to be watched: "
            f"with {count(length)} steps choose at most {count(MOST_WORK // length)} units, or "
            f"with {count(units)} units at most {count(MOST_WORK // units)} steps.",
            parameter="work",
        )
    return race_learner(
        names,
        str(settings["task"]),
        LENGTH.of(settings),
        TEXT.of(settings),
        UNITS.of(settings),
        RATE.of(settings),
        SEED.of(settings),
        CURVE.of(settings) if settings["task"] == race_tasks.OWN else (),
    )


def race_arrays(names: tuple[str, ...], state: LessonState) -> dict[str, Array]:
    """Return the sequences that are held back, and their answers."""
    task = learner_of(names, state.settings).task
    return {"held": task.held_x, "truth": task.held_y}


def race_trace(
    names: tuple[str, ...], given: Mapping[str, Array], settings: Settings, backend: Backend
) -> RaceTrace:
    """Return the trace of a race."""
    racers = learner_of(names, settings)
    racers.look_with(backend)
    sizes = {
        name: sum(array.size for array in racers.model(lane, 0).weights.values())
        for lane, name in enumerate(names)
    }
    latex = r"\\".join(rf"\mathrm{{{name}}}\quad {size}" for name, size in sizes.items())
    most = max(sizes.values())
    return RaceTrace(
        racers,
        given["held"],
        given["truth"],
        states=UPDATES.of(settings) // EVERY + 1,
        every=EVERY,
        fact=Fact(
            "Weights",
            latex,
            Message("The largest network has {most} weights.", {"most": count(most)}),
        ),
    )


NAMES = tuple(KINDS)
REMAKING = frozenset({"task", "text", "numbers", "length", "seed"})


def noticed(state: LessonState, _: int) -> str:
    """Return what suits the task."""
    return TASK.of(state.settings)


LESSON = Lesson(
    entry=entries.RACE,
    controls=CONTROLS,
    remakes={"held": REMAKING, "truth": REMAKING},
    arrays=lambda state: race_arrays(NAMES, state),
    build=lambda given, settings, backend: race_trace(NAMES, given, settings, backend),
    scene="race",
    text="race",
    noticed=noticed,
)
