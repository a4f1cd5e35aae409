"""Dense, matrix and depthwise operations: against the reference, and by finite differences."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine.geometry import GeometryError, WindowGeometry
from tests.engine import naive
from tests.engine.geometries import SIMULATED, convolutions, randomly, seeds


def close(actual, expected):
    scale = float(np.max(np.abs(expected), initial=1))
    tolerance = scale * (2e-5 if expected.dtype == np.float32 else 1e-13)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=tolerance, strict=True)


@randomly
@given(
    leading=st.lists(st.integers(1, 5), min_size=1, max_size=3).map(tuple),
    inputs=st.integers(1, 7 if SIMULATED else 40),
    units=st.sampled_from([1, 2, 7, 8, 9, 15, 16, 17, 33]),
    seed=seeds,
)
def test_dense_against_loops_and_the_reference(
    backend, reference, dtype, leading, inputs, units, seed
):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(*leading, inputs)).astype(dtype)
    kernel = rng.normal(size=(inputs, units)).astype(dtype)
    bias = rng.normal(size=units).astype(dtype)
    slopes = rng.normal(size=(*leading, units)).astype(dtype)

    y = backend.dense(x, kernel, bias)
    for place in np.ndindex(leading):
        expected = [
            bias[u] + sum(x[place][d] * kernel[d, u] for d in range(inputs)) for u in range(units)
        ]
        close(y[place], np.array(expected, dtype))

    def results(each):
        yield each.dense(x, kernel, None)
        yield each.dense_kernel_gradient(x, slopes)
        yield each.dense_input_gradient(slopes, kernel)
        yield each.dense_bias_gradient(slopes)

    for actual, expected in zip(results(backend), results(reference), strict=True):
        close(actual, expected)


@pytest.mark.parametrize("leading", [(), (3,), (2, 3)])
def test_matmul(backend, dtype, leading):
    rng = np.random.default_rng(1)
    a = rng.normal(size=(*leading, 13, 5)).astype(dtype)
    b = rng.normal(size=(*leading, 5, 9)).astype(dtype)
    close(backend.matmul(a, b), a @ b)
    turned = np.swapaxes(rng.normal(size=(*leading, 9, 5)).astype(dtype), -1, -2)
    close(backend.matmul(a, turned), a @ turned)


def test_dense_gradients_are_derivatives(backend):
    rng = np.random.default_rng(2)
    x, kernel, bias = rng.normal(size=(3, 4)), rng.normal(size=(4, 5)), rng.normal(size=5)
    slopes = rng.normal(size=(3, 5))
    for gradient, function, at in [
        (backend.dense_kernel_gradient(x, slopes), lambda k: backend.dense(x, k, bias), kernel),
        (backend.dense_input_gradient(slopes, kernel), lambda v: backend.dense(v, kernel, bias), x),
        (backend.dense_bias_gradient(slopes), lambda b: backend.dense(x, kernel, b), bias),
    ]:
        expected = naive.finite_differences(function, at, slopes)
        np.testing.assert_allclose(gradient, expected, rtol=0, atol=1e-7)


@randomly
@given(
    geometry=convolutions(largest_kernel=3),
    channels=st.integers(1, 3),
    multiplier=st.integers(1, 3),
    seed=seeds,
)
def test_depthwise_is_a_convolution_of_each_channel(
    backend, reference, dtype, geometry, channels, multiplier, seed
):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, *geometry.input_size, channels)).astype(dtype)
    kernel = rng.normal(size=(*geometry.kernel_size, channels, multiplier)).astype(dtype)
    bias = rng.normal(size=channels * multiplier).astype(dtype)
    slopes = rng.normal(size=(2, *geometry.output_size, channels * multiplier)).astype(dtype)
    y = backend.depthwise_convolution2d(x, kernel, bias, geometry=geometry)
    kernel_gradient = backend.depthwise_convolution2d_kernel_gradient(x, slopes, geometry=geometry)
    input_gradient = backend.depthwise_convolution2d_input_gradient(
        slopes, kernel, geometry=geometry
    )
    for c in range(channels):
        one, own = slice(c, c + 1), slice(c * multiplier, (c + 1) * multiplier)
        weights = kernel[:, :, one]
        close(
            y[..., own],
            reference.convolution2d(x[..., one], weights, bias[own], geometry=geometry),
        )
        close(
            kernel_gradient[:, :, one],
            reference.convolution2d_kernel_gradient(
                x[..., one], slopes[..., own], geometry=geometry
            ),
        )
        close(
            input_gradient[..., one],
            reference.convolution2d_input_gradient(slopes[..., own], weights, geometry=geometry),
        )


def test_misfits_are_refused(backend):
    x, kernel = np.ones((2, 3), np.float32), np.ones((4, 5), np.float32)
    with pytest.raises(GeometryError, match="has 3 values, but the kernel was made for 4"):
        backend.dense(x, kernel, None)
    with pytest.raises(TypeError, match="one type"):
        backend.dense(np.ones((2, 4)), kernel, None)
    with pytest.raises(GeometryError, match="cannot be multiplied"):
        backend.matmul(x, kernel)
    with pytest.raises(GeometryError, match="output gradient"):
        backend.dense_kernel_gradient(x, np.ones((3, 3), np.float32))
    geometry = WindowGeometry.convolution((4, 4), kernel_size=2)
    with pytest.raises(GeometryError, match="channel"):
        backend.depthwise_convolution2d(
            np.ones((1, 4, 4, 2)), np.ones((2, 2, 3, 1)), None, geometry=geometry
        )
