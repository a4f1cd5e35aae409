"""What autoencoders and Boltzmann machines reach, in a table with their seeds.

``python -m benchmarks.compression``: with scikit-learn installed its machine is measured too.
"""

from __future__ import annotations

from time import perf_counter

import numpy as np
from sklearn.neural_network import BernoulliRBM as TheirRBM

from benchmarks.machine import machine
from simulator.data import datasets
from simulator.engine.backends import select
from simulator.engine.layers import Dense
from simulator.engine.optimizers import SGD, Adam
from simulator.engine.pca import PCA, angles
from simulator.engine.rbm import BernoulliRBM
from simulator.engine.sequential import Sequential
from simulator.lessons.compression_data import picture_set
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


def pseudo_likelihood(free_energy: object, x: np.ndarray, seed: int) -> float:
    """Return the mean over samples of V log P(v_i | the others), one unit i each, drawn by seed."""
    flipped, units = x.copy(), np.random.default_rng(seed).integers(0, x.shape[1], len(x))
    rows = np.arange(len(x))
    flipped[rows, units] = 1 - flipped[rows, units]
    apart = free_energy(flipped) - free_energy(x)  # type: ignore[operator]
    return float(-x.shape[1] * np.logaddexp(0, -apart).mean())


def boltzmann(seed: int) -> tuple[float, float, float, float]:
    """Return our pseudo-likelihood after 20 epochs, scikit-learn's, and the error where missing.

    The last two are that of a tenth and of a quarter of the pixels of pictures not trained with,
    divided by the mean image's, after 100 epochs.
    """
    x = (picture_set("digits").flat >= 0.5).astype(np.float32)
    train, test = x[:1500], x[1500:]
    ours = BernoulliRBM(64, 64, optimizer=SGD(0.05), seed=seed)
    ours.fit(train, epochs=20, batch_size=10, persistent=True)
    theirs = TheirRBM(64, learning_rate=0.05, n_iter=20, batch_size=10, random_state=seed)
    theirs.fit(train)
    ours_reached = pseudo_likelihood(ours.free_energy, train, seed)
    theirs_reached = pseudo_likelihood(theirs._free_energy, train, seed)
    trained = BernoulliRBM(64, 64, optimizer=SGD(0.1), seed=seed)
    trained.fit(train, epochs=100, batch_size=10)
    mean = np.broadcast_to(train.mean(0), test.shape)
    ratios = []
    for share in (0.1, 0.25):
        missing = np.random.default_rng(seed).random(test.shape) < share
        made = trained.complete(test, missing, steps=400, rng=np.random.default_rng(seed))
        off = np.square(made - test)[missing].mean()
        ratios.append(float(off / np.square(mean - test)[missing].mean()))
    return ours_reached, theirs_reached, ratios[0], ratios[1]


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
    reached = [boltzmann(seed) for seed in SEEDS]
    row("RBM 64-64, pseudo-likelihood after 20 epochs", [f"{found[0]:.2f}" for found in reached])
    row("scikit-learn's BernoulliRBM", [f"{found[1]:.2f}" for found in reached])
    row("error at a tenth missing / the mean image's", [f"{found[2]:.2f}" for found in reached])
    row("error at a quarter missing / the mean image's", [f"{found[3]:.2f}" for found in reached])


if __name__ == "__main__":
    main()
