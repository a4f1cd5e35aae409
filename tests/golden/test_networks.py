"""Whole networks end where Keras's end: history, evaluation, predictions and every weight.

Nine steps of training; tolerances are of the largest number in an array, or of 1. In float64 the
two differ by rounding alone, 1e-16, and have to agree within 1e-12; in float32, where rounding is
6e-8, within 2e-6. (Seen: 1e-15 and 3e-7.)
"""

from pathlib import Path

import numpy as np
import pytest

from simulator import engine
from tests.golden import networks

VALUES = Path(__file__).parent / "values" / "networks.npz"
TOLERANCE = {"float32": 2e-6, "float64": 1e-12}


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("name", networks.NAMES)
def test_training_ends_where_kerass_does(name, dtype):
    prefix = f"{dtype}/{name}/"
    with np.load(VALUES) as stored:
        expected = {
            key.removeprefix(prefix): stored[key] for key in stored if key.startswith(prefix)
        }
    found = networks.train(engine, name, dtype)
    assert found.keys() == expected.keys()
    for key, values in expected.items():
        scale = max(1.0, float(np.max(np.abs(values))))
        np.testing.assert_allclose(
            found[key], values, rtol=0, atol=TOLERANCE[dtype] * scale, err_msg=key
        )
