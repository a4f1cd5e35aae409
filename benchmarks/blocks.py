"""Timing several ways of doing the same, in turns, on a machine that is never quite quiet.

Each way runs for a short block, then the next, and so on round and round, so that a slow minute of
the machine hits all of them. Before each block a few steps go untimed. A block is disturbed, and
left out, if other processes took more than a tenth of one processor while it ran (/proc/stat), or
if a fixed piece of arithmetic beside it took a third longer than at its best. What is given is the
median of the blocks that are left.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

STAT = Path("/proc/stat")
_FIXED = np.linspace(0, 1, 20_000)


@dataclass
class Way:
    """One way of doing it: `run` makes a step, or several, and says how many."""

    run: Callable[[], int]
    prepare: Callable[[], None] = lambda: None
    blocks: list[tuple[float, bool, float]] = field(default_factory=list)
    """Of each block: seconds a step, whether others took part, seconds of the fixed arithmetic."""


@dataclass(frozen=True)
class Timing:
    """What came out."""

    seconds: float  # a step
    kept: int
    disturbed: int


def alternate(ways: Mapping[str, Way], *, rounds: int, seconds: float) -> dict[str, Timing]:
    """So many rounds of blocks of about so many seconds, and what is left of them."""
    for _ in range(rounds):
        for way in ways.values():
            _block(way, seconds)
    best = min(fixed for way in ways.values() for _, _, fixed in way.blocks)
    return {name: _timing(way, best) for name, way in ways.items()}


def _block(way: Way, seconds: float) -> None:
    way.prepare()
    _run_for(way.run, seconds / 5)
    fixed = _fixed()
    others = _others()
    start = time.perf_counter()
    steps = _run_for(way.run, seconds)
    elapsed = time.perf_counter() - start
    taken = _others() - others
    ticks = 2 / os.sysconf("SC_CLK_TCK") if STAT.exists() else 0  # what counting in ticks may add
    way.blocks.append((elapsed / steps, taken > 0.1 * elapsed + ticks, max(fixed, _fixed())))


def _timing(way: Way, best: float) -> Timing:
    quiet = [step for step, others, fixed in way.blocks if not others and fixed < best * 4 / 3]
    # Where nothing was quiet, all of it has to do; the count of kept blocks says so.
    median = statistics.median(quiet or [step for step, _, _ in way.blocks])
    return Timing(median, len(quiet), len(way.blocks) - len(quiet))


def _run_for(run: Callable[[], int], seconds: float) -> int:
    end = time.perf_counter() + seconds
    steps = run()
    while time.perf_counter() < end:
        steps += run()
    return steps


def _others() -> float:
    """Seconds of processor time that others have had since the machine started."""
    if not STAT.exists():
        return 0.0
    user, nice, system, _, _, irq, softirq, steal, *_ = map(int, STAT.read_text().split()[1:11])
    busy = (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
    return busy - time.process_time()


def _fixed() -> float:
    times = []
    for _ in range(5):
        start = time.perf_counter()
        np.sin(_FIXED)
        times.append(time.perf_counter() - start)
    return min(times)
