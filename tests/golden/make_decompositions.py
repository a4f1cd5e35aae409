"""Writes values/decompositions.json: what scikit-learn makes of small data, for tests without it.

Run it with scikit-learn installed: ``python -m tests.golden.make_decompositions``.
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.decomposition import PCA
from sklearn.neural_network import BernoulliRBM

FILE = Path(__file__).parent / "values" / "decompositions.json"
SEED = 3


def data() -> np.ndarray:
    return np.round(np.random.default_rng(SEED).random((12, 5)), 3)


class Recorder(np.random.RandomState):
    """Keeps what it drew uniformly."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.drawn: list[np.ndarray] = []

    def uniform(self, *arguments, **named):
        self.drawn.append(super().uniform(*arguments, **named))
        return self.drawn[-1]


def weights_of(rbm: BernoulliRBM) -> dict[str, list]:
    return {
        "kernel": rbm.components_.T.tolist(),
        "visible_bias": rbm.intercept_visible_.tolist(),
        "hidden_bias": rbm.intercept_hidden_.tolist(),
    }


def training(binary: np.ndarray) -> dict[str, object]:
    """Updates of persistent chains: where each stood, what was drawn, and the weights after it."""
    rng = Recorder(1)
    rbm = BernoulliRBM(n_components=4, learning_rate=0.5, batch_size=4, random_state=rng)
    batches = [binary[at : at + 4] for at in (0, 4, 8)] * 3
    updates = []
    for batch in batches:
        hidden = getattr(rbm, "h_samples_", np.zeros((4, 4)))
        rbm.partial_fit(batch)
        updates.append(
            {
                "hidden": hidden.tolist(),
                "draws": rng.drawn[-2].tolist(),  # of the visible units; then the hidden ones'
                "weights": weights_of(rbm),
            }
        )
    # What it began with is drawn first: from the same seed, the same again.
    kernel = np.random.RandomState(1).normal(0, 0.01, (4, 5)).T
    return {"rate": 0.5, "kernel": kernel.tolist(), "updates": updates}


def main() -> None:
    x = data()
    pca = PCA(n_components=3, svd_solver="full").fit(x)
    binary = (x > 0.5).astype(float)
    rbm = BernoulliRBM(n_components=4, learning_rate=0.1, n_iter=5, batch_size=4, random_state=0)
    rbm.fit(binary)
    values = {
        "made_by": f"scikit-learn {sklearn.__version__}",
        "x": x.tolist(),
        "pca": {
            "components": pca.components_.tolist(),
            "variance": pca.explained_variance_.tolist(),
            "code": pca.transform(x).tolist(),
            "rebuilt": pca.inverse_transform(pca.transform(x)).tolist(),
        },
        "rbm": {
            "weights": weights_of(rbm),
            "hidden": rbm.transform(binary).tolist(),
            "free_energy": rbm._free_energy(binary).tolist(),
            "training": training(binary),
        },
    }
    FILE.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
