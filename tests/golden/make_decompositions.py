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


def main() -> None:
    x = data()
    pca = PCA(n_components=3, svd_solver="full").fit(x)
    binary = (x > 0.5).astype(float)
    rbm = BernoulliRBM(n_components=4, learning_rate=0.1, n_iter=5, batch_size=4, random_state=0)
    rbm.fit(binary)
    weights = {
        "kernel": rbm.components_.T,
        "visible_bias": rbm.intercept_visible_,
        "hidden_bias": rbm.intercept_hidden_,
    }
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
            "weights": {name: weight.tolist() for name, weight in weights.items()},
            "hidden": rbm.transform(binary).tolist(),
            "free_energy": rbm._free_energy(binary).tolist(),
        },
    }
    FILE.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
