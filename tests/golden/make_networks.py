"""Make values/networks.npz: whole networks trained by Keras 3 on PyTorch.

Runs in the environment that make_golden.py describes:

    /tmp/golden/bin/python tests/golden/make_networks.py
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras
import numpy as np
from keras.src.backend.common import dtypes

# As in make_golden.py: without it, Keras computes products of float64 in float32 on PyTorch.
dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.golden import networks  # noqa: E402 - the path is set above

if __name__ == "__main__":
    found = {}
    for dtype in ("float32", "float64"):
        keras.config.set_floatx(dtype)
        keras.config.set_dtype_policy(dtype)
        for name in networks.NAMES:
            keras.utils.clear_session()
            for key, values in networks.train(keras, name, dtype).items():
                found[f"{dtype}/{name}/{key}"] = values
    np.savez_compressed(Path(__file__).parent / "values" / "networks.npz", **found)
