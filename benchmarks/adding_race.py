"""How many updates RNN, LSTM and GRU need to solve the adding problem, by length and seed.

Solved is a mean squared error below 0.01 on 500 sequences that are not trained on; always answering
1 has 0.167. Same seed, same sequences, same number of units for the three cells:
python benchmarks/adding_race.py [seeds] [most updates]
"""

from __future__ import annotations

import sys

import numpy as np

from simulator.engine import Sequential
from simulator.engine.backends import select
from simulator.engine.layers import GRU, LSTM, Dense, SimpleRNN
from simulator.engine.optimizers import Adam
from simulator.lessons.recurrent_input import adding_sequence

CELLS = {"RNN": SimpleRNN, "LSTM": LSTM, "GRU": GRU}
LENGTHS = (10, 30, 50)
UNITS, BATCH, RATE, EVERY, SOLVED = 16, 32, 0.01, 50, 0.01
HELD = 500


def sequences(length: int, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return sequences and their answers."""
    rng = np.random.default_rng(seed)
    x = np.stack([adding_sequence(length, rng) for _ in range(count)])
    return x, (x[..., 0] * x[..., 1]).sum(axis=1, keepdims=True)


def updates_needed(cell: str, length: int, seed: int, most: int) -> tuple[int | None, float]:
    """Return after how many updates a cell solves it, or None, and the error then."""
    held_x, held_y = sequences(length, HELD, 10_000 + seed)
    model = Sequential([CELLS[cell](UNITS, seed=seed), Dense(1)], seed=seed, backend=BACKEND)
    model.compile(optimizer=Adam(RATE, clipnorm=1.0), loss="mse")
    error = 1.0
    for done in range(EVERY, most + 1, EVERY):
        x, y = sequences(length, EVERY * BATCH, seed * 100_000 + done)
        model.fit(x, y, epochs=1, batch_size=BATCH, shuffle=False, verbose=0)
        error = float(np.mean((model.predict(held_x, verbose=0) - held_y) ** 2))
        if error < SOLVED:
            return done, error
        if not np.isfinite(error):
            break
    return None, error


def main() -> None:
    """Print a row for each length and cell."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    most = int(sys.argv[2]) if len(sys.argv) > 2 else 3000
    print(f"| length | cell | {' | '.join(f'seed {seed}' for seed in range(seeds))} |")
    print("|---|---|" + "---|" * seeds)
    for length in LENGTHS:
        for cell in CELLS:
            shown = []
            for seed in range(seeds):
                steps, error = updates_needed(cell, length, seed, most)
                shown.append(f"{steps:,}" if steps else f"no ({error:.3f})")
            print(f"| {length} | {cell} | {' | '.join(shown)} |", flush=True)


BACKEND = select.create()

if __name__ == "__main__":
    main()
