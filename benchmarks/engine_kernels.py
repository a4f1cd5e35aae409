"""How long the engine's operations take on this machine: `python benchmarks/engine_kernels.py`.

Each line is the fastest of several calls, checks and allocations included, on one thread, with
float32 numbers. The last lines are the time to compile everything that the lessons use.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from simulator.engine.backends import select
from simulator.engine.backends.base import Backend
from simulator.engine.geometry import WindowGeometry

ROOT = Path(__file__).resolve().parents[1]
CONVOLUTIONS = [
    # size, channels, filters, kernel, stride
    (224, 3, 16, 3, 1),
    (224, 3, 16, 11, 1),
    (224, 3, 1, 3, 1),
    (224, 1, 1, 3, 1),
    (224, 3, 16, 3, 2),
    (28, 1, 32, 3, 1),
    (28, 32, 64, 3, 1),
    (6, 1, 1, 3, 1),
]
WARM_UP = """
import time
start = time.perf_counter()
from simulator.engine.backends import select, warm_up
backend = select.create("cpu")
imported = time.perf_counter()
warm_up.operations(backend)
warmed = time.perf_counter()
list(warm_up.training(backend))
print(imported - start, warmed - imported, time.perf_counter() - warmed)
"""


def fastest(call: Callable[[], object], seconds: float) -> float:
    """The fastest of as many calls as fit the time, at least 3, in milliseconds."""
    times: list[float] = []
    while len(times) < 3 or sum(times) < seconds:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


def convolutions(backend: Backend) -> Iterator[tuple[str, Callable[[], object]]]:
    """A call for each direction of each convolution."""
    rng = np.random.default_rng(0)
    for size, channels, filters, kernel_size, stride in CONVOLUTIONS:
        geometry = WindowGeometry.convolution(
            (size, size), kernel_size=kernel_size, stride=stride, padding="same"
        )
        x = rng.random((1, size, size, channels), np.float32)
        kernel = rng.random((kernel_size, kernel_size, channels, filters), np.float32)
        bias = rng.random(filters, np.float32)
        y = backend.convolution2d(x, kernel, bias, geometry=geometry)
        name = f"{size}×{size}×{channels} → {filters}, {kernel_size}×{kernel_size} /{stride}"
        yield (
            f"convolution {name}",
            partial(backend.convolution2d, x, kernel, bias, geometry=geometry),
        )
        yield (
            "  kernel gradient",
            partial(backend.convolution2d_kernel_gradient, x, y, geometry=geometry),
        )
        yield (
            "  input gradient",
            partial(backend.convolution2d_input_gradient, y, kernel, geometry=geometry),
        )


def poolings(backend: Backend) -> Iterator[tuple[str, Callable[[], object]]]:
    """A call for each pooling operation on a large image."""
    rng = np.random.default_rng(0)
    x = rng.random((1, 224, 224, 16), np.float32)
    g = WindowGeometry.pooling((224, 224), window=2)
    y, choice = backend.max_pooling2d(x, geometry=g)
    uniform = rng.random(y.shape, np.float32)
    norm = backend.lp_pooling2d(x, order=3, geometry=g)
    operations = {
        "pooling 224×224×16, 2×2: max": partial(backend.max_pooling2d, x),
        "  max gradient": partial(backend.max_pooling2d_gradient, y, choice),
        "  average": partial(backend.average_pooling2d, x),
        "  average gradient": partial(backend.average_pooling2d_gradient, y),
        "  Lp, order 2": partial(backend.lp_pooling2d, x, order=2),
        "  Lp, order 3": partial(backend.lp_pooling2d, x, order=3),
        "  Lp gradient, order 3": partial(backend.lp_pooling2d_gradient, x, norm, y, order=3),
        "  stochastic, drawn": partial(backend.stochastic_pooling2d, x, uniform),
        "  stochastic, expected": partial(backend.stochastic_pooling2d_expected, x),
        "  stochastic, expected gradient": partial(
            backend.stochastic_pooling2d_expected_gradient, x, y
        ),
    }
    for name, operation in operations.items():
        yield name, partial(operation, geometry=g)
    yield "  global max", partial(backend.global_max_pooling2d, x)
    yield "  global average", partial(backend.global_average_pooling2d, x)


def compile_times() -> Iterator[tuple[str, ...]]:
    """Seconds to import and to warm up operations and training, in a fresh process, without and
    with kept code.
    """
    with tempfile.TemporaryDirectory() as folder:
        settings = {**os.environ, "NUMBA_CACHE_DIR": folder, "PYTHONPATH": str(ROOT)}
        for state in ("cold", "warm"):
            command = [sys.executable, "-c", WARM_UP]
            done = subprocess.run(command, env=settings, capture_output=True, text=True, check=True)
            yield state, *(f"{float(each):.2f}" for each in done.stdout.split())


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backend", default="auto", choices=("auto", *select.available()))
    parser.add_argument("--seconds", type=float, default=0.3, help="for each line (0.3)")
    options = parser.parse_args()
    backend = select.create(options.backend)
    print(f"backend {backend.name}, milliseconds")
    for table in (convolutions(backend), poolings(backend)):
        for name, call in table:
            print(f"{name:<42} {fastest(call, options.seconds):9.3f}")
    for state, imported, operations, training in compile_times():
        print(
            f"{state} start: import {imported} s, operations {operations} s, training {training} s"
        )


if __name__ == "__main__":
    main()
