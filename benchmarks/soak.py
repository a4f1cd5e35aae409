"""Training for half an hour, watching memory and speed: `python benchmarks/soak.py --minutes 30`.

A convolutional, a recurrent and a fully connected network take turns, an epoch each, with metrics,
validation, and a snapshot that is put back now and then, as somebody does who plays with them all
afternoon. The last one's ReLUs die, so that its gradients shrink to denormal numbers.

The process may not grow: at the end it exits with 1 if its own memory in the last tenth of the time
lies more than 4 MiB above that of the second tenth. In the first everything is still coming to
be: workspaces, kept machine code, the allocator's pools.
"""

from __future__ import annotations

import argparse
import itertools
import resource
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from machine import machine

from simulator.engine import Sequential
from simulator.engine.layers import LSTM, Conv2D, Dense, Flatten, Input, MaxPooling2D
from simulator.engine.training import BatchEnd

ALLOWED = 4 * 2**20  # bytes
ENDLESS = 10**9  # epochs
STATM = Path("/proc/self/statm")
SNAPSHOT_EVERY = 50  # epochs


def networks() -> dict[str, tuple[Sequential, np.ndarray, np.ndarray]]:
    """Each with its data."""
    rng = np.random.default_rng(0)
    classes = rng.integers(0, 10, 640)
    pictures = Sequential(
        [
            Input((28, 28, 1)),
            Conv2D(32, 3, activation="relu"),
            MaxPooling2D(2),
            Flatten(),
            Dense(128, activation="relu"),
            Dense(10, activation="softmax"),
        ],
        seed=1,
    )
    pictures.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    sequences = Sequential([Input((10, 1)), LSTM(128), Dense(1, activation="sigmoid")], seed=1)
    sequences.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    hidden = [Dense(units, activation="relu") for units in (128, 32, 128)]
    autoencoder = Sequential([Input((784,)), *hidden, Dense(784, activation="sigmoid")], seed=1)
    autoencoder.compile("adam", "mean_squared_error")
    flat = (rng.random((640, 784), np.float32) < 0.1).astype(np.float32)
    return {
        "28×28 CNN": (pictures, rng.random((640, 28, 28, 1), np.float32), classes),
        "LSTM(128)": (sequences, rng.random((640, 10, 1), np.float32), (classes < 5) * 1.0),
        "autoencoder": (autoencoder, flat, flat),
    }


def epochs(model: Sequential, x: np.ndarray, y: np.ndarray) -> Iterator[list[float]]:
    """Seconds of each step, an epoch at a time, without end."""
    run = model.training(
        x, y, batch_size=32, epochs=ENDLESS, validation_data=(x[:64], y[:64]), seed=1
    )
    for number in itertools.count():
        if number % SNAPSHOT_EVERY == 0:
            model.restore(model.snapshot())
        times: list[float] = []
        start = time.perf_counter()
        while len(times) < run.batches:
            if isinstance(next(run), BatchEnd):
                times.append(time.perf_counter() - start)
                start = time.perf_counter()
        yield times


def held() -> int:
    """The bytes of memory that are the process's own; where that is not told, the most it ever had.

    What is mapped from files is not counted: the system takes pages of libraries and gives them
    back as it has room, tens of MiB at a time.
    """
    if STATM.exists():
        resident, shared = map(int, STATM.read_text().split()[1:3])
        return (resident - shared) * resource.getpagesize()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def main() -> int:
    """Train, print a line for each thirtieth of the time, and tell whether memory stayed flat."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    options = parser.parse_args()
    print(machine())
    turns = {name: epochs(*each) for name, each in networks().items()}
    print(f"{'minute':>7} {'own MiB':>13}" + "".join(f" {name + ' µs':>15}" for name in turns))
    memory: list[int] = []
    length = options.minutes * 60 / 30
    start = time.perf_counter()
    steps = 0
    for part in range(1, 31):
        times: dict[str, list[float]] = {name: [] for name in turns}
        while time.perf_counter() - start < part * length or not all(times.values()):
            for name, turn in turns.items():
                times[name] += next(turn)
        memory.append(held())
        steps += sum(map(len, times.values()))
        medians = "".join(f" {1e6 * statistics.median(each):>15.0f}" for each in times.values())
        minute = (time.perf_counter() - start) / 60
        print(f"{minute:>7.2f} {memory[-1] / 2**20:>13.1f}{medians}", flush=True)
    before, after = max(memory[3:6]), max(memory[27:])
    grown = after - before
    verdict = "flat" if grown <= ALLOWED else "NOT FLAT"
    print(f"{steps} steps; memory {verdict}: {grown / 2**20:+.2f} MiB from the second tenth on")
    return 0 if grown <= ALLOWED else 1


if __name__ == "__main__":
    raise SystemExit(main())
