"""Regularizers: their formulas, finite differences and names."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine import regularizers
from tests.engine import naive

few = settings(max_examples=25, deadline=None)

W = [[1.0, -2.0], [0.5, 0.0]]


@pytest.mark.parametrize(
    ("regularizer", "value", "gradient"),
    [
        # Keras 3.15.1, as plain arithmetic gives them: Σ|w| = 3.5, Σw² = 5.25.
        (regularizers.L1(), 0.035, [[0.01, -0.01], [0.01, 0]]),
        (regularizers.L2(), 0.0525, [[0.02, -0.04], [0.01, 0]]),
        (regularizers.L1L2(), 0.0, [[0, 0], [0, 0]]),
        (regularizers.L1(0.5), 1.75, [[0.5, -0.5], [0.5, 0]]),
        (regularizers.L2(0.5), 2.625, [[1, -2], [0.5, 0]]),
        (regularizers.L1L2(0.1, 0.2), 1.4, [[0.5, -0.9], [0.3, 0]]),
    ],
)
def test_values_and_gradients(regularizer, value, gradient, dtype):
    weights = np.array(W, dtype)
    assert regularizer.value(weights) == pytest.approx(value, rel=1e-6)
    assert regularizer(weights) == regularizer.value(weights)
    found = regularizer.gradient(weights)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, gradient, rtol=1e-6)


@few
@given(seed=st.integers(0, 2**32 - 1), l1=st.floats(0, 2), l2=st.floats(0, 2))
def test_gradients_are_finite_differences(seed, l1, l2):
    regularizer = regularizers.L1L2(l1, l2)
    weights = np.random.default_rng(seed).normal(size=(3, 2))
    weights[np.abs(weights) < 1e-3] += 0.01
    expected = naive.finite_differences(regularizer.value, weights, 1.0)
    np.testing.assert_allclose(regularizer.gradient(weights), expected, rtol=0, atol=1e-7)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("l1", regularizers.L1(0.01)),
        ("L2", regularizers.L2(0.01)),
        ("l2", regularizers.L2(0.01)),
        ("l1_l2", regularizers.L1L2(0.0, 0.0)),
        ("L1L2", regularizers.L1L2(0.0, 0.0)),
        (regularizers.l2(0.3), regularizers.L2(0.3)),
        (regularizers.l1, regularizers.L1(0.01)),
        ({"class_name": "L1L2", "config": {"l1": 0.1}}, regularizers.L1L2(0.1, 0.0)),
    ],
)
def test_names(name, expected):
    assert regularizers.get(name) == expected


def test_no_regularizer():
    assert regularizers.get(None) is None


@pytest.mark.parametrize("factor", [-0.1, math.nan, math.inf])
def test_factors_that_make_no_sense_are_refused(factor):
    with pytest.raises(ValueError, match="L2: l2 is"):
        regularizers.L2(factor)
    with pytest.raises(ValueError, match="L1L2: l1 is"):
        regularizers.L1L2(l1=factor)


def test_what_is_refused():
    with pytest.raises(ValueError, match="no regularizer 'l3': choose one of l1, l2"):
        regularizers.get("l3")
    with pytest.raises(TypeError, match="is no regularizer"):
        regularizers.get(lambda w: w.sum())
    with pytest.raises(TypeError, match="unexpected argument 'l3'"):
        regularizers.L1L2(l3=1)
