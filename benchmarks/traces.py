"""What a trace costs: building it, making its steps, telling them, and the memory of them all.

    python benchmarks/traces.py [--backend NAME] [--memory-steps N]

A picture of 224 × 224 × 3 with 16 filters of 3 × 3, and all kinds of pooling of it. Times are
medians; building is measured in turns with the forward pass alone, which is taken off.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simulator.engine.backends import select
from simulator.engine.backends.base import Backend
from simulator.engine.geometry import WindowGeometry
from simulator.traces.convolution import ConvolutionTrace
from simulator.traces.pooling import POOLING_KINDS, PoolingKind, pooling_trace
from simulator.traces.window import WindowTrace

SIZE, CHANNELS, FILTERS = 224, 3, 16

MOST_BUILDING = 5e-3
MOST_STEP = 100e-6
MOST_EXPLAINING = 1e-3


@dataclass(frozen=True, slots=True)
class Case:
    """Something to trace, and the forward pass that its trace has to make anyway."""

    name: str
    build: Callable[[], WindowTrace]
    forward: Callable[[], object]


def cases(backend: Backend, rng: np.random.Generator) -> list[Case]:
    """Return the convolution and every kind of pooling."""
    x = rng.random((SIZE, SIZE, CHANNELS), dtype=np.float32)
    kernel = rng.normal(size=(3, 3, CHANNELS, FILTERS)).astype(np.float32)
    bias = np.zeros(FILTERS, np.float32)
    geometry = WindowGeometry.convolution(x.shape[:2], kernel_size=3, padding="same")
    found = [
        Case(
            "convolution",
            lambda: ConvolutionTrace(x, kernel, bias, geometry=geometry, backend=backend),
            lambda: backend.convolution2d(x[None], kernel, bias, geometry=geometry),
        )
    ]
    found.extend(_pooling(kind, x, backend, rng) for kind in POOLING_KINDS)
    return found


def _pooling(kind: PoolingKind, x: np.ndarray, backend: Backend, rng: np.random.Generator) -> Case:
    geometry = (
        WindowGeometry.whole(x.shape[:2])
        if kind.covers_all
        else WindowGeometry.pooling(x.shape[:2], window=3, stride=2, padding="same")
    )
    draws = rng.random((*geometry.output_size, CHANNELS), dtype=np.float32)
    batch = x[None]
    forward: dict[str, Callable[[], object]] = {
        "max": lambda: backend.max_pooling2d(batch, geometry=geometry),
        "average": lambda: backend.average_pooling2d(batch, geometry=geometry),
        "lp": lambda: backend.lp_pooling2d(batch, order=2, geometry=geometry),
        "stochastic_training": lambda: backend.stochastic_pooling2d(
            batch, draws[None], geometry=geometry
        ),
        "stochastic_inference": lambda: backend.stochastic_pooling2d_expected(
            batch, geometry=geometry
        ),
        "global_max": lambda: backend.global_max_pooling2d(batch),
        "global_average": lambda: backend.global_average_pooling2d(batch),
    }
    return Case(
        kind.id,
        lambda: pooling_trace(
            kind.id,
            x,
            geometry=geometry,
            backend=backend,
            order=2 if kind.takes_order else None,
            draws=draws if kind.takes_draws else None,
        ),
        forward[kind.id],
    )


def seconds(function: Callable[[], object]) -> float:
    """Return how long one call takes."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def building(case: Case, *, rounds: int = 51) -> tuple[float, float]:
    """Return the median time of the forward pass, and of building the trace beyond it."""
    case.build()
    forward, both = [], []
    for number in range(rounds):
        # In turns, and each first as often as the other: a busy machine favours neither.
        pair = [(forward, case.forward), (both, case.build)]
        for times, function in pair if number % 2 else reversed(pair):
            times.append(seconds(function))
    beyond = statistics.median(b - a for a, b in zip(forward, both, strict=True))
    return statistics.median(forward), beyond


def per_step(function: Callable[[int], object], indices: list[int]) -> tuple[float, float]:
    """Return the median and the 99th percentile of a function's time over steps."""
    times = []
    for index in indices:
        start = time.perf_counter()
        function(index)
        times.append(time.perf_counter() - start)
    times.sort()
    return times[len(times) // 2], times[len(times) * 99 // 100]


def random_steps(trace: WindowTrace, rng: np.random.Generator, number: int) -> list[int]:
    """Return steps from anywhere in the trace."""
    steps: list[int] = rng.integers(0, len(trace), number).tolist()
    return steps


def memory(trace: WindowTrace, rng: np.random.Generator, steps: int) -> tuple[float, float]:
    """Return by how many KiB memory has grown after so many random steps, and at its peak.

    The levels take turns, so that every kind of step is among them.
    """
    levels = [trace.at(level) for level in trace.levels]
    for at in levels:
        at.step(len(at) - 1)
        at.explain(len(at) - 1)
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    for number in range(steps):
        at = levels[number % len(levels)]
        at.step(int(rng.integers(0, len(at))))
    _, peak = tracemalloc.get_traced_memory()
    gc.collect()  # empties the interpreter's own lists of tuples to be used again
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (after - before) / 1024, (peak - before) / 1024


def main() -> None:
    """Measure every case and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--backend", default="auto")
    parser.add_argument("--memory-steps", type=int, default=1_000_000)
    options = parser.parse_args()
    backend = select.create(options.backend)
    rng = np.random.default_rng(0)
    found = cases(backend, rng)

    print(f"{SIZE} × {SIZE} × {CHANNELS}, {FILTERS} filters, backend {backend.name}")
    print("\nBuilding, milliseconds (wanted: under 5 beyond the forward pass)")
    print(f"{'':24}{'forward':>10}{'beyond':>10}{'steps':>14}")
    for case in found:
        forward, beyond = building(case)
        steps = case.build().total
        mark = "" if beyond < MOST_BUILDING else "  too slow"
        print(f"{case.name:24}{forward * 1e3:10.3f}{beyond * 1e3:10.3f}{steps:14,}{mark}")

    print("\nstep(k) for random k, microseconds: median / 99th percentile (wanted: under 100)")
    print(f"{'':24}{'product':>16}{'cell':>16}{'map':>16}{'layer':>16}")
    for case in found:
        row = f"{case.name:24}"
        mark = ""
        trace = case.build()
        for level in trace.levels:
            at = trace.at(level)
            middle, worst = per_step(at.step, random_steps(at, rng, 4000))
            row += f"{middle * 1e6:9.1f} /{worst * 1e6:5.0f}"
            mark = mark if worst < MOST_STEP else "  too slow"
        print(row + mark)

    print("\nexplain(k), microseconds: median / 99th percentile (wanted: under 1000 in one cell)")
    print(f"{'':24}{'step by step':>16}{'anywhere':>16}{'cells':>16}")
    for case in found:
        trace = case.build()
        middle_of_trace = trace.finest_of((0, trace.geometry.output_size[0] // 2))
        following = list(range(middle_of_trace, middle_of_trace + 2000))
        rows = [
            per_step(trace.explain, [index % trace.total for index in following]),
            per_step(trace.explain, random_steps(trace, rng, 500)),
            per_step(trace.at("cell").explain, random_steps(trace.at("cell"), rng, 500)),
        ]
        mark = "" if rows[0][0] < MOST_EXPLAINING else "  too slow"
        cells = "".join(f"{middle * 1e6:9.1f} /{worst * 1e6:5.0f}" for middle, worst in rows)
        print(f"{case.name:24}{cells}{mark}")

    if options.memory_steps:
        print(f"\nMemory after {options.memory_steps:,} random steps, KiB")
        print(f"{'':24}{'grown':>10}{'peak':>10}")
        for case in found:
            if case.name in ("convolution", "max", "global_average"):
                grown, peak = memory(case.build(), rng, options.memory_steps)
                print(f"{case.name:24}{grown:10.1f}{peak:10.1f}")


if __name__ == "__main__":
    main()
