"""What restricted Boltzmann machines reach on 8 × 8 digits, in tables with their seeds.

``python -m benchmarks.boltzmann``, with scikit-learn installed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from sklearn.neural_network import BernoulliRBM as TheirRBM

from benchmarks.machine import machine
from simulator.engine.backends import select
from simulator.engine.optimizers import SGD
from simulator.engine.rbm import BernoulliRBM
from simulator.engine.schedules import CosineDecay
from simulator.lessons.compression_data import picture_set
from simulator.lessons.labelled_digits import labelled_digits
from simulator.lessons.learned_features import SIZES, FeatureTrials, course
from simulator.lessons.rare_trials import RareTrials, machine_weights, missing, real

Array = NDArray[np.float32]

TRAINED = 1500
SEEDS = tuple(range(10))
FEW = SEEDS[:5]
SHARES = (0.1, 0.25)


def pseudo_likelihood(free_energy: Callable[[Array], NDArray[np.floating]], x: Array) -> float:
    """Return the mean over samples of Σᵢ log P(vᵢ | all others): of every unit, so without chance.

    P(vᵢ | the others) is σ(F(v with vᵢ flipped) − F(v)).
    """
    here, total = free_energy(x), np.zeros(len(x))
    for unit in range(x.shape[1]):
        flipped = x.copy()
        flipped[:, unit] = 1 - flipped[:, unit]
        total -= np.logaddexp(0, here - free_energy(flipped))
    return float(total.mean())


def likelihoods(seed: int) -> tuple[float, float, float]:
    """Return ours, ours in the order of the data as theirs, and scikit-learn's.

    64 hidden units, 20 epochs of persistent chains, batches of 10, learning rate 0.05.
    """
    x = (picture_set("digits").flat >= 0.5).astype(np.float32)[:TRAINED]
    found = []
    for shuffle in (True, False):
        ours = BernoulliRBM(64, 64, optimizer=SGD(0.05), seed=seed)
        ours.fit(x, epochs=20, batch_size=10, persistent=True, shuffle=shuffle)
        found.append(pseudo_likelihood(ours.free_energy, x))
    theirs = TheirRBM(64, learning_rate=0.05, n_iter=20, batch_size=10, random_state=seed)
    theirs.fit(x)
    return found[0], found[1], pseudo_likelihood(theirs._free_energy, x)


def filled_in(seed: int, *, grey: bool) -> NDArray[np.floating]:
    """Return the squared errors of 64-64 where cells are missing, divided by the mean image's.

    One for each of ``SHARES``: with that probability each cell of a picture is missing. All
    pictures, in an order drawn by the seed, are parted in ten; each part is filled in by a machine
    that was trained with the other nine, by 100 epochs of CD-5 with a learning rate that falls
    from 0.1 to 0 as a cosine; 1000 Gibbs steps, of which the later half counts. Grey cells are
    probabilities; otherwise they are made 0 or 1.
    """
    rng = np.random.default_rng(seed)
    x = picture_set("digits").flat
    x = rng.permutation(x if grey else (x >= 0.5).astype(np.float32))
    errors = np.zeros((len(SHARES), 2))
    for part in np.array_split(np.arange(len(x)), 10):
        train, test = np.delete(x, part, axis=0), x[part]
        updates = 100 * -(-len(train) // 10)
        trained = BernoulliRBM(64, 64, optimizer=SGD(CosineDecay(0.1, updates)), seed=seed)
        trained.fit(train, epochs=100, batch_size=10, k=5)
        mean = np.broadcast_to(train.mean(0), test.shape)
        for number, share in enumerate(SHARES):
            gaps = rng.random(test.shape) < share
            made = trained.complete(test, gaps, steps=1000, rng=rng)
            errors[number] += [np.square(guess - test)[gaps].sum() for guess in (made, mean)]
    ratios: NDArray[np.floating] = errors[:, 0] / errors[:, 1]
    return ratios


def balanced(digit: int, kept: int, seed: int) -> NDArray[np.floating]:
    """Return recall, precision and accuracy of "Balance a rare class" after one Gibbs step."""
    backend = select.create("auto")
    trained = BernoulliRBM(64, 64, backend=backend)
    for name, weight in machine_weights(digit, kept, 64, 30, 100, seed).items():
        trained.weights[name][...] = weight
    rare, data = real(digit, kept, seed), labelled_digits(seed)
    extra = missing(digit, kept, seed)
    start = rare[np.arange(extra) % kept].reshape(extra, -1)
    (step,) = islice(trained.gibbs(start, rng=np.random.default_rng(0)), 1)
    trials = RareTrials(digit, rare, seed=seed, backend=backend)
    drawn = step.visible.reshape(extra, *rare.shape[1:])
    return trials.scores(0, drawn, data.held_x, data.held_y)


def features(seed: int) -> NDArray[np.floating]:
    """Return the accuracies (sizes, 2) of "Features or pixels"."""
    backend, data = select.create("auto"), labelled_digits(seed)
    trained = BernoulliRBM(64, 64, backend=backend)
    for name, weight in trained.weights.items():
        weight[...] = course(64, 0.05, seed).after(30)[name]
    trials = FeatureTrials(trained, seed=seed, backend=backend)
    return np.array(
        [trials.scores(trial, None, data.held_x, data.held_y)[:, 0] for trial in range(len(SIZES))]
    )


def row(what: str, values: Iterable[str]) -> None:
    """Print a row of a table."""
    print(f"| {what} | " + " | ".join(values) + " |", flush=True)


def head(first: str, columns: Iterable[str]) -> None:
    """Print the head of a table."""
    columns = list(columns)
    print()
    row(first, columns)
    print("|---|" + "---|" * len(columns))


def with_mean(values: list[float], digits: int) -> list[str]:
    """Return each value, and their mean."""
    return [f"{value:.{digits}f}" for value in (*values, float(np.mean(values)))]


def main() -> None:
    """Print the tables."""
    print(machine())
    head("pseudo-likelihood", [*(f"seed {seed}" for seed in SEEDS), "mean"])
    ours, ordered, theirs = zip(*(likelihoods(seed) for seed in SEEDS), strict=True)
    row("ours", with_mean(list(ours), 2))
    row("ours, data not shuffled", with_mean(list(ordered), 2))
    row("scikit-learn’s", with_mean(list(theirs), 2))
    head("error where missing / the mean image’s", [*(f"seed {seed}" for seed in FEW), "mean"])
    for kind, grey in (("grey", True), ("black and white", False)):
        ratios = np.array([filled_in(seed, grey=grey) for seed in FEW])
        for number, told in enumerate(("a tenth", "a quarter")):
            row(f"{kind}, {told} missing", with_mean(ratios[:, number].tolist(), 3))
    head("recall · precision · accuracy", RareTrials.lanes)
    for kept in (5, 15):
        found = np.mean([balanced(digit, kept, seed) for digit in range(10) for seed in (0, 1)], 0)
        row(
            f"{kept} real ones, mean of 10 digits and seeds 0 and 1",
            [" · ".join(f"{100 * value:.1f}%" for value in lane) for lane in found],
        )
    head("accuracy, mean of seeds 0 to 4", [f"{size} labels" for size in SIZES])
    every = np.mean([features(seed) for seed in FEW], 0)
    for lane, name in enumerate(FeatureTrials.lanes):
        row(name, [f"{100 * value:.1f}%" for value in every[:, lane]])


if __name__ == "__main__":
    main()
