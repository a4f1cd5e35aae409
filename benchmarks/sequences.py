"""How long a long, wide sequence takes to open and to step, and how long the applications learn.

`python benchmarks/sequences.py`. The applications are trained as their lesson begins, without a
window; in one they rest half of the time, so that it stays smooth.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from simulator.engine.backends import select
from simulator.engine.backends.base import Backend
from simulator.lessons.catalogue import lesson as find
from simulator.lessons.opening import open_lesson
from simulator.lessons.race_course import RaceLearner
from simulator.traces.race import RaceTrace

STEPS, UNITS = 500, 256
ROUNDS = 9


def seconds(work: Callable[[], object]) -> float:
    """Return the median of some runs, the first of which is left out."""
    found = []
    for _ in range(ROUNDS + 1):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return statistics.median(found[1:])


def applications(backend: Backend) -> None:
    """Print a line for each application and cell."""
    lesson = find("applications")
    print("applications: seconds of training; error before and after")
    for cell in ("RNN", "LSTM", "GRU"):
        for task in ("sine", "curve", "shape", "text"):
            state = lesson.initial_state()
            for control, value in (("task", task), ("cell", cell)):
                state = lesson.change(state, control, value)
            trace = open_lesson(lesson, backend, state).trace
            assert isinstance(trace, RaceTrace)
            assert isinstance(trace.racers, RaceLearner)
            start, last = time.perf_counter(), len(trace) - 1
            trace.racers.course.reach(last)
            took = time.perf_counter() - start
            before, after = (float(trace.at_state("error", at)[0]) for at in (0, last))
            print(f"{cell} {task}: {took:.1f}; {before:.3f} {after:.3f}")


def main() -> None:
    """Print a line for each lesson."""
    backend = select.create()
    applications(backend)
    rng = np.random.default_rng(0)
    print(f"{STEPS} steps of {UNITS} units, milliseconds: opening; one step of each level")
    for name in ("rnn-unrolled", "lstm-gates", "gru-gates"):
        lesson = find(name)
        state = lesson.initial_state()
        for control, value in (("source", "sine"), ("length", STEPS), ("units", UNITS)):
            state = lesson.change(state, control, value)
        opening = seconds(lambda: open_lesson(lesson, backend, state)) * 1e3  # noqa: B023
        trace = open_lesson(lesson, backend, state).trace
        shown = []
        for level in trace.levels:
            there = trace.at(level)
            steps = rng.integers(0, len(there), 50)
            each = seconds(lambda: [there.step(int(at)) for at in steps]) / 50 * 1e3  # noqa: B023
            shown.append(f"{level} {each:.3f}")
        print(f"{name}: {opening:.0f}; {', '.join(shown)}")


if __name__ == "__main__":
    main()
