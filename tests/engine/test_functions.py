"""The kernels' own exponential, sigmoid and hyperbolic tangent, against NumPy's in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from simulator.engine.backends.cpu_compile import kernel
from simulator.engine.backends.cpu_functions import exponential, hyperbolic_tangent, sigmoid

SPECIAL = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1e-30, -1e-30, 1e4, -1e4])


@kernel
def exponentials(x: Any, y: Any) -> None:
    for i in range(x.size):
        y[i] = exponential(x[i])


@kernel
def sigmoids(x: Any, y: Any) -> None:
    for i in range(x.size):
        y[i] = sigmoid(x[i])


@kernel
def tangents(x: Any, y: Any) -> None:
    for i in range(x.size):
        y[i] = hyperbolic_tangent(x[i])


def exact_sigmoid(x: Any) -> Any:
    return np.where(x < 0, np.exp(-np.abs(x)), 1) / (1 + np.exp(-np.abs(x)))


PAIRS = pytest.mark.parametrize(
    ("function", "exact", "limit"),
    [(exponentials, np.exp, 87.0), (sigmoids, exact_sigmoid, 85.0), (tangents, np.tanh, 50.0)],
)


@PAIRS
def test_float32_is_within_a_few_units_in_the_last_place(
    function: Callable[..., None], exact: Callable[[Any], Any], limit: float
) -> None:
    x = np.concatenate([np.linspace(-b, b, 200_001) for b in (0.01, 1.0, 10.0, limit)])
    x = x.astype(np.float32)
    y = np.empty_like(x)
    function(x, y)
    expected = exact(x.astype(np.float64))
    unit = np.spacing(np.abs(expected).astype(np.float32)).astype(np.float64)
    assert np.max(np.abs(y - expected) / unit) < 2.5


@PAIRS
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_special_numbers(
    function: Callable[..., None], exact: Callable[[Any], Any], limit: float, dtype: type
) -> None:
    x = SPECIAL.astype(dtype)
    y = np.empty_like(x)
    function(x, y)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(y, exact(x.astype(np.float64)).astype(dtype))


@PAIRS
def test_float64_is_the_library_s(
    function: Callable[..., None], exact: Callable[[Any], Any], limit: float
) -> None:
    x = np.linspace(-limit, limit, 1001)
    y = np.empty_like(x)
    function(x, y)
    np.testing.assert_allclose(y, exact(x), rtol=4e-16)
