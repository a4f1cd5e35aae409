"""Trains the weights that the lessons about recurrent cells begin with, and writes them.

Four units learn the adding problem of ten time steps: python benchmarks/train_lesson_weights.py
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from simulator.engine import Sequential
from simulator.engine.backends import select
from simulator.engine.layers import GRU, LSTM, Dense, SimpleRNN
from simulator.engine.optimizers import Adam
from simulator.lessons.recurrent_input import adding_sequence

UNITS, STEPS, SAMPLES = 4, 10, 6000
KINDS = {
    "lstm": lambda seed: LSTM(UNITS, seed=seed),
    "gru": lambda seed: GRU(UNITS, seed=seed),
    "gru_before": lambda seed: GRU(UNITS, reset_after=False, seed=seed),
    "rnn": lambda seed: SimpleRNN(UNITS, seed=seed),
}
GOOD = 2e-4
"""The mean squared error on sequences that were not trained on, at which training ends."""


def data(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return sequences and their answers."""
    rng = np.random.default_rng(seed)
    x = np.stack([adding_sequence(STEPS, rng) for _ in range(count)])
    return x, (x[..., 0] * x[..., 1]).sum(axis=1, keepdims=True)


def train(name: str, seed: int) -> tuple[float, dict]:
    """Return the error that is left, and the weights."""
    x, y = data(100 + seed, SAMPLES)
    held_x, held_y = data(1, 500)
    model = Sequential([KINDS[name](seed), Dense(1)], seed=seed, backend=select.create())
    model.compile(optimizer=Adam(0.01), loss="mse")
    error = 1.0
    for rate in (0.01,) * 10 + (0.003,) * 6 + (0.001,) * 3:
        model.optimizer.learning_rate = rate
        model.fit(x, y, epochs=10, batch_size=32, verbose=0)
        error = float(np.mean((model.predict(held_x, verbose=0) - held_y) ** 2))
        print(name, seed, rate, round(error, 6), flush=True)
        if error < GOOD:
            break
    cell, dense = model.layers[-2:]
    weights = {key: np.asarray(value) for key, value in cell.weights.items()}
    weights["bias"] = np.atleast_2d(weights["bias"])
    weights["head_kernel"] = dense.weights["kernel"]
    weights["head_bias"] = np.atleast_2d(dense.weights["bias"])
    return error, weights


def main() -> None:
    """Keep the best of a few seeds of each cell."""
    for name in sys.argv[1:] or KINDS:
        best, kept = 1.0, {}
        for seed in range(4):
            error, weights = train(name, seed)
            if error < best:
                best, kept = error, weights
            if best < GOOD:
                break
        file = Path(__file__).parents[1] / "resources" / "weights" / f"adding_{name}.json"
        rounded = {key: np.round(value, 4).tolist() for key, value in kept.items()}
        content = {"task": "adding problem", "steps": STEPS, "error": best, "weights": rounded}
        file.write_text(json.dumps(content) + "\n", "utf-8")


if __name__ == "__main__":
    main()
