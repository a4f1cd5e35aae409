"""How long a long, wide sequence takes to open, and to step: `python benchmarks/sequences.py`."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from simulator.engine.backends import select
from simulator.lessons.catalogue import lesson as find
from simulator.lessons.opening import open_lesson

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


def main() -> None:
    """Print a line for each lesson."""
    backend = select.create()
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
