"""The lesson in which one recurrent network forecasts, classifies or writes."""

from __future__ import annotations

from dataclasses import replace

from simulator.lessons import entries, race_tasks
from simulator.lessons.controls import ChoiceControl, Option, Settings
from simulator.lessons.lesson import Lesson, LessonState
from simulator.lessons.race import CONTROLS, REMAKING, TASK, UPDATES, race_arrays, race_trace

CELL = ChoiceControl(
    name="cell",
    label="Cell",
    section="Task",
    options=(Option("RNN", "RNN"), Option("LSTM", "LSTM"), Option("GRU", "GRU")),
    default="GRU",
    segmented=True,
    help="What kind of network learns.",
)
USE = replace(
    TASK,
    options=(
        Option(race_tasks.SINE, "Forecast a wave"),
        Option(race_tasks.OWN, "Forecast your curve"),
        Option(race_tasks.SHAPE, "Classify a sequence"),
        Option(race_tasks.TEXT, "Write text"),
    ),
    default=race_tasks.SINE,
    help="What the network learns.",
)


def _names(settings: Settings) -> tuple[str, ...]:
    return (CELL.of(settings),)


def noticed(state: LessonState, _: int) -> str:
    """Return what suits the task."""
    return USE.of(state.settings)


LESSON = Lesson(
    entry=entries.APPLICATIONS,
    controls=(
        USE,
        CELL,
        *(control for control in CONTROLS[1:] if control is not UPDATES),
        replace(UPDATES, default=500),
    ),
    remakes={"held": REMAKING, "truth": REMAKING},
    arrays=lambda state: race_arrays(_names(state.settings), state),
    build=lambda given, settings, backend: race_trace(_names(settings), given, settings, backend),
    scene="race",
    text="applications",
    noticed=noticed,
)
