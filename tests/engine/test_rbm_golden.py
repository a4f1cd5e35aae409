"""The restricted Boltzmann machine against scikit-learn's, with the same weights and draws."""

import json
from pathlib import Path

import numpy as np

from simulator.engine.backends.base_boltzmann import Descent
from simulator.engine.rbm import BernoulliRBM

FILE = Path(__file__).parents[1] / "golden" / "values" / "decompositions.json"
VALUES = json.loads(FILE.read_text("utf-8"))
BINARY = (np.array(VALUES["x"]) > 0.5).astype(float)
NEARLY_ONE = np.nextafter(1.0, 0.0)


def test_a_machine_says_what_scikit_learns_says_with_its_weights(backend):
    expected = VALUES["rbm"]
    rbm = BernoulliRBM(5, 4, dtype="float64", backend=backend)
    for name, weight in expected["weights"].items():
        rbm.weights[name][...] = weight
    np.testing.assert_allclose(rbm.hidden_probabilities(BINARY), expected["hidden"], rtol=1e-10)
    np.testing.assert_allclose(rbm.free_energy(BINARY), expected["free_energy"], rtol=1e-10)


def test_persistent_training_moves_the_weights_as_scikit_learns_does(backend):
    """Nine updates in one call. scikit-learn draws the chains' hidden units at the end of an update
    and we at the beginning of the next: these coins fall here as they fell there, and the visible
    ones from the same draws.
    """
    expected = VALUES["rbm"]["training"]
    updates = expected["updates"]
    draws = [
        (np.where(np.array(update["hidden"]) == 1, 0.0, NEARLY_ONE), np.array(update["draws"]))
        for update in updates
    ]
    flat = np.concatenate([part.ravel() for pair in draws for part in pair])
    for done in (1, 4, len(updates)):
        weights = {
            "kernel": np.array(expected["kernel"]),
            "visible_bias": np.zeros(5),
            "hidden_bias": np.zeros(4),
        }
        _, broken, _ = backend.contrastive_divergence(
            BINARY,
            np.tile(np.arange(12), 3)[: 4 * done],
            flat[: 4 * 9 * done],
            weights,
            np.zeros((4, 5)),
            batch_size=4,
            k=1,
            descent=Descent(np.full(done, expected["rate"])),
        )
        assert broken is None
        for name, weight in updates[done - 1]["weights"].items():
            np.testing.assert_allclose(weights[name], weight, rtol=1e-9, atol=1e-12)
    assert np.unique([update["hidden"] for update in updates[1:]]).tolist() == [0, 1]
