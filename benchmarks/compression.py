"""What autoencoders reach, in a table with their seeds: ``python -m benchmarks.compression``."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from benchmarks.machine import machine
from simulator.data import datasets
from simulator.engine.backends import select
from simulator.engine.layers import Dense
from simulator.engine.optimizers import Adam
from simulator.engine.pca import PCA, angles
from simulator.engine.sequential import Sequential
from simulator.lessons.course_learner import course_learner

SEEDS = (0, 1, 2)


def typed_digits(seed: int) -> tuple[float, float]:
    """Return the validation error of 784-128-32-128-784 on typed digits, and its seconds."""
    data = datasets.make("typed-digits", {"samples": 4000}, seed)
    x, x_val = (part.reshape(len(part), -1) for part in (data.x, data.x_val))
    model = Sequential(
        [
            Dense(128, "relu"),
            Dense(32, "relu"),
            Dense(128, "relu"),
            Dense(784, "sigmoid"),
        ],
        seed=seed,
        backend=select.create("auto"),
    )
    model.compile(optimizer=Adam(0.002), loss="mse")
    start = perf_counter()
    model.fit(x, x, epochs=30, batch_size=32, verbose=0)
    seconds = perf_counter() - start
    return float(np.mean(np.square(model.predict(x_val) - x_val))), seconds


def against_pca(code: int, seed: int) -> tuple[float, float]:
    """Return the angle in degrees between a linear autoencoder and PCA, and their errors' ratio."""
    learner = course_learner("digits", "linear", code, "tanh", 100, seed)
    state, x = learner.states - 1, learner.pictures.flat
    pca = PCA.of(x, code)
    best = float(np.square(pca.decode(pca.encode(x)) - x).mean())
    kernel = learner.course.after(state)["picture/kernel"]
    return float(angles(kernel, pca.components)[-1]), learner.error(state) / best


def main() -> None:
    """Print the table."""
    print(machine())
    print("| what | " + " | ".join(f"seed {seed}" for seed in SEEDS) + " |")
    print("|---|" + "---|" * len(SEEDS))

    def row(what: str, values: list[str]) -> None:
        print(f"| {what} | " + " | ".join(values) + " |", flush=True)

    found = [typed_digits(seed) for seed in SEEDS]
    row("typed digits 784-128-32-128-784, mean squared error", [f"{e:.4f}" for e, _ in found])
    row("and its seconds", [f"{s:.1f}" for _, s in found])
    for code in (2, 8):
        pairs = [against_pca(code, seed) for seed in SEEDS]
        row(f"linear autoencoder, code of {code}: angle to PCA", [f"{a:.1f}°" for a, _ in pairs])
        row("its error divided by PCA's", [f"{r:.4f}" for _, r in pairs])


if __name__ == "__main__":
    main()
