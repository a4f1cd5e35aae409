"""The variational autoencoder: its gradients by finite differences, and what it learns."""

import numpy as np
import pytest

from simulator.engine.optimizers import Adam
from simulator.engine.training import BatchEnd, EpochEnd, Finished
from simulator.engine.variational import VariationalAutoencoder

X = np.random.default_rng(0).random((5, 6))
NOISE = np.random.default_rng(1).normal(size=(5, 2))


def machine(**options):
    options = {"dtype": "float64", "weight": 0.3, "seed": 4, **options}
    return VariationalAutoencoder(6, (4,), 2, **options)


def loss(vae, x=X, noise=NOISE):
    """Both parts, written out from what the layers give."""
    mean, log_variance = vae.encode(x)
    made = vae.decode(mean + np.exp(log_variance / 2) * noise)
    apart = -0.5 * (1 + log_variance - mean**2 - np.exp(log_variance)).sum(1).mean()
    return np.square(made - x).mean() + vae.weight * apart


def test_the_gradients_are_the_slopes_of_the_loss():
    vae = machine()
    done = vae.forward(X, NOISE)
    assert done.error + vae.weight * done.divergence == pytest.approx(loss(vae), rel=1e-12)
    assert set(done.gradients) == set(vae.weights)
    for name, weight in vae.weights.items():
        for index in np.ndindex(weight.shape):
            kept, step = weight[index], 1e-6
            weight[index] = kept + step
            above = loss(vae)
            weight[index] = kept - step
            below = loss(vae)
            weight[index] = kept
            slope = (above - below) / (2 * step)
            assert done.gradients[name][index] == pytest.approx(slope, rel=1e-4, abs=1e-8), name


def test_the_code_is_the_mean_and_a_drawn_deviation():
    done = machine().forward(X, NOISE)
    np.testing.assert_allclose(done.code, done.mean + np.exp(done.log_variance / 2) * NOISE)
    still = machine().forward(X, np.zeros_like(NOISE))
    np.testing.assert_array_equal(still.code, still.mean)


def test_the_divergence_is_that_of_two_normal_distributions():
    done = machine().forward(X, NOISE)
    grid = np.linspace(-12, 12, 24_001)
    normal = np.exp(-(grid**2) / 2) / np.sqrt(2 * np.pi)
    total = 0.0
    for mean, log_variance in zip(done.mean.ravel(), done.log_variance.ravel(), strict=True):
        deviation = np.exp(log_variance / 2)
        density = np.exp(-(((grid - mean) / deviation) ** 2) / 2) / deviation / np.sqrt(2 * np.pi)
        kept = density > 1e-300
        total += np.trapezoid(density[kept] * np.log(density[kept] / normal[kept]), grid[kept])
    assert done.divergence == pytest.approx(total / len(X), rel=1e-6)


def test_a_larger_weight_keeps_the_codes_nearer_to_the_normal_distribution():
    x = np.random.default_rng(2).random((60, 6))
    apart = []
    for weight in (0.0, 0.1):
        vae = machine(weight=weight, optimizer=Adam(0.02))
        for _ in vae.training(x, epochs=40, batch_size=20):
            pass
        apart.append(vae.forward(x, np.zeros((60, 2))).divergence)
    assert apart[1] < 0.2 * apart[0]


def test_training_repeats_bit_for_bit_and_tells_its_course():
    first, again = (machine(seed=7) for _ in range(2))
    events = [list(vae.training(X, epochs=2, batch_size=2)) for vae in (first, again)]
    for name, weight in first.weights.items():
        np.testing.assert_array_equal(weight, again.weights[name])
    kinds = [type(event) for event in events[0]]
    assert kinds == [*([BatchEnd] * 3 + [EpochEnd]) * 2, Finished]
    assert events[0][0].loss == events[1][0].loss


def test_a_negative_weight_is_refused():
    with pytest.raises(ValueError, match="it must be 0 or more"):
        machine(weight=-1)
