"""Every backend against loops over single numbers, on random geometries."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine.geometry import WindowGeometry
from tests.engine import naive
from tests.engine.geometries import convolutions, poolings, randomly, seeds

TOLERANCE = {"float32": 2e-5, "float64": 1e-12}
batches, counts = st.integers(1, 2), st.integers(1, 3)
orders = st.one_of(st.sampled_from([1, 2, 3]), st.floats(1, 8))


def assert_close(actual, expected, dtype):
    assert actual.dtype == dtype
    assert actual.flags.c_contiguous
    # The error of a sum grows with its terms, not with what they cancel out to.
    scale = max(1.0, float(np.max(np.abs(expected), initial=0)))
    np.testing.assert_allclose(actual, expected, rtol=0, atol=TOLERANCE[dtype] * scale)


def numbers(rng, shape, dtype):
    return rng.normal(size=shape).astype(dtype)


@randomly
@given(geometry=convolutions(), batch=batches, channels=counts, filters=counts, seed=seeds)
def test_convolution(backend, dtype, geometry, batch, channels, filters, seed):
    rng = np.random.default_rng(seed)
    x = numbers(rng, (batch, *geometry.input_size, channels), dtype)
    kernel = numbers(rng, (*geometry.kernel_size, channels, filters), dtype)
    bias = numbers(rng, filters, dtype)
    y = backend.convolution2d(x, kernel, bias, geometry=geometry)
    assert_close(y, naive.convolution2d(x, kernel, bias, geometry), dtype)
    unbiased = backend.convolution2d(x, kernel, None, geometry=geometry)
    assert_close(unbiased, naive.convolution2d(x, kernel, 0 * bias, geometry), dtype)

    slopes = numbers(rng, y.shape, dtype)
    by_kernel, by_input, by_bias = naive.convolution2d_gradients(x, kernel, slopes, geometry)
    gradient = backend.convolution2d_kernel_gradient(x, slopes, geometry=geometry)
    assert_close(gradient, by_kernel, dtype)
    gradient = backend.convolution2d_input_gradient(slopes, kernel, geometry=geometry)
    assert_close(gradient, by_input, dtype)
    assert_close(backend.convolution2d_bias_gradient(slopes), by_bias, dtype)


@randomly
@given(geometry=poolings(), batch=batches, channels=counts, seed=seeds)
def test_max_pooling(backend, dtype, geometry, batch, channels, seed):
    rng = np.random.default_rng(seed)
    # Few different values, so that many windows have several largest ones.
    x = rng.integers(-2, 3, (batch, *geometry.input_size, channels)).astype(dtype)
    y, choice = backend.max_pooling2d(x, geometry=geometry)
    expected, expected_choice = naive.max_pooling2d(x, geometry)
    assert y.dtype == dtype
    assert choice.dtype == np.int32
    np.testing.assert_array_equal(y, expected)
    np.testing.assert_array_equal(choice, expected_choice)

    slopes = numbers(rng, y.shape, dtype)
    gradient = backend.max_pooling2d_gradient(slopes, choice, geometry=geometry)
    assert_close(gradient, naive.routed_gradient(x, choice, slopes, geometry), dtype)


@randomly
@given(geometry=poolings(), batch=batches, channels=counts, order=orders, seed=seeds)
def test_average_and_lp_pooling(backend, dtype, geometry, batch, channels, order, seed):
    rng = np.random.default_rng(seed)
    x = numbers(rng, (batch, *geometry.input_size, channels), dtype)
    x[rng.random(x.shape) < 0.1] = 0
    y = backend.average_pooling2d(x, geometry=geometry)
    assert_close(y, naive.each_window(x, geometry, naive.mean), dtype)
    slopes = numbers(rng, y.shape, dtype)
    gradient = backend.average_pooling2d_gradient(slopes, geometry=geometry)
    expected = naive.each_window_gradient(x, slopes, geometry, naive.mean_slopes)
    assert_close(gradient, expected, dtype)

    y = backend.lp_pooling2d(x, order=order, geometry=geometry)
    assert_close(y, naive.each_window(x, geometry, naive.norm(order)), dtype)
    gradient = backend.lp_pooling2d_gradient(x, y, slopes, order=order, geometry=geometry)
    expected = naive.each_window_gradient(x, slopes, geometry, naive.norm_slopes(order))
    assert_close(gradient, expected, dtype)


@pytest.mark.parametrize("stride", [1, (3, 2)])
def test_windows_with_gaps_pool_too(backend, dtype, stride):
    rng = np.random.default_rng(9)
    geometry = WindowGeometry.convolution(
        (7, 8), kernel_size=(2, 3), stride=stride, dilation=(3, 2)
    )
    x = numbers(rng, (2, 7, 8, 2), dtype)
    y, choice = backend.max_pooling2d(x, geometry=geometry)
    expected, expected_choice = naive.max_pooling2d(x, geometry)
    np.testing.assert_array_equal(y, expected)
    np.testing.assert_array_equal(choice, expected_choice)
    slopes = numbers(rng, y.shape, dtype)
    gradient = backend.max_pooling2d_gradient(slopes, choice, geometry=geometry)
    assert_close(gradient, naive.routed_gradient(x, choice, slopes, geometry), dtype)
    average = backend.average_pooling2d(x, geometry=geometry)
    assert_close(average, naive.each_window(x, geometry, naive.mean), dtype)
    gradient = backend.average_pooling2d_gradient(slopes, geometry=geometry)
    expected = naive.each_window_gradient(x, slopes, geometry, naive.mean_slopes)
    assert_close(gradient, expected, dtype)


@randomly
@given(geometry=poolings(), batch=batches, channels=counts, seed=seeds)
def test_stochastic_pooling(backend, dtype, geometry, batch, channels, seed):
    rng = np.random.default_rng(seed)
    # Shifted down, so that some windows have no positive value and others one.
    x = numbers(rng, (batch, *geometry.input_size, channels), dtype) - 1
    probabilities = backend.stochastic_pooling2d_probabilities(x, geometry=geometry)
    assert_close(probabilities, naive.window_probabilities(x, geometry), dtype)
    y = backend.stochastic_pooling2d_expected(x, geometry=geometry)
    assert_close(y, naive.each_window(x, geometry, naive.expectation), dtype)

    uniform = rng.random(y.shape).astype(dtype).clip(max=0.999)
    drawn, choice = backend.stochastic_pooling2d(x, uniform, geometry=geometry)
    assert drawn.dtype == dtype
    assert choice.dtype == np.int32
    below = np.cumsum(probabilities, axis=-1, dtype=np.float64)
    for b, i, j, c in naive.outputs(geometry, batch, channels):
        cell = int(choice[b, i, j, c])
        # Rounding may only move a draw across a border that it all but touches.
        start = below[b, i, j, c, cell - 1] if cell else 0.0
        assert start - 1e-6 <= uniform[b, i, j, c] < below[b, i, j, c, cell] + 1e-6
        assert probabilities[b, i, j, c, cell] > 0
        places = {
            r * geometry.kernel_size[1] + q: (row, column)
            for r, q, row, column in naive.window_cells(geometry, i, j)
        }
        assert drawn[b, i, j, c] == x[(b, *places[cell], c)]

    slopes = numbers(rng, y.shape, dtype)
    gradient = backend.stochastic_pooling2d_gradient(slopes, choice, geometry=geometry)
    assert_close(gradient, naive.routed_gradient(x, choice, slopes, geometry), dtype)


def test_draws_come_as_often_as_their_probability(backend):
    """One draw from the middle of each thousandth: a cell with probability p gets p thousandths."""
    values = np.array([[0.5, -1.0, 2.0], [0.0, 1.5, 1.0]])
    draws = (np.arange(1000) + 0.5) / 1000
    x = np.repeat(values[np.newaxis, :, :, np.newaxis], 1000, axis=3)
    geometry = WindowGeometry.whole((2, 3))
    uniform = draws.reshape(1, 1, 1, 1000)
    y, choice = backend.stochastic_pooling2d(x, uniform, geometry=geometry)
    times = np.bincount(choice.ravel(), minlength=6)
    np.testing.assert_array_equal(times, [100, 0, 400, 0, 300, 200])
    np.testing.assert_array_equal(y.ravel(), values.ravel()[choice.ravel()])
    np.testing.assert_allclose(
        backend.stochastic_pooling2d_probabilities(x[..., :1], geometry=geometry).ravel(),
        [0.1, 0, 0.4, 0, 0.3, 0.2],
    )
    # 0.1 · 0.5 + 0.4 · 2 + 0.3 · 1.5 + 0.2 · 1
    expected = backend.stochastic_pooling2d_expected(x[..., :1], geometry=geometry)
    np.testing.assert_allclose(expected.ravel(), [1.5])


def test_a_draw_of_zero_passes_over_cells_that_cannot_be_drawn(backend, dtype):
    x = np.array([-1, 0, 2, 3], dtype).reshape(1, 2, 2, 1)
    uniform = np.zeros((1, 1, 1, 1), dtype)
    y, choice = backend.stochastic_pooling2d(x, uniform, geometry=WindowGeometry.whole((2, 2)))
    assert (y.item(), choice.item()) == (2, 2)


def test_the_largest_draw_finds_the_last_cell_that_can_be_drawn(backend, dtype):
    rng = np.random.default_rng(5)
    x = rng.random((1, 3, 3, 2000)).astype(dtype)
    x[:, 2, 1:] = -1
    largest = np.nextafter(np.ones(1, dtype), 0)[0]
    uniform = np.full((1, 1, 1, 2000), largest)
    _, choice = backend.stochastic_pooling2d(x, uniform, geometry=WindowGeometry.whole((3, 3)))
    np.testing.assert_array_equal(choice, 6)


def test_global_pooling_is_pooling_with_one_window(backend, dtype):
    rng = np.random.default_rng(6)
    x = numbers(rng, (2, 5, 7, 3), dtype)
    flat = x.reshape(2, 35, 3)
    y, choice = backend.global_max_pooling2d(x)
    np.testing.assert_array_equal(y, flat.max(axis=1))
    np.testing.assert_array_equal(choice, flat.argmax(axis=1))
    average = backend.global_average_pooling2d(x)
    assert_close(average, flat.astype(float).mean(axis=1), dtype)

    slopes = numbers(rng, (2, 3), dtype)
    gradient = backend.global_max_pooling2d_gradient(slopes, choice, input_size=(5, 7))
    expected = np.zeros((2, 35, 3))
    for b in range(2):
        for c in range(3):
            expected[b, choice[b, c], c] = slopes[b, c]
    np.testing.assert_array_equal(gradient, expected.reshape(x.shape))
    gradient = backend.global_average_pooling2d_gradient(slopes, input_size=(5, 7))
    assert_close(gradient, np.broadcast_to(slopes[:, None, None] / 35.0, x.shape), dtype)


def test_a_convolution_by_hand(backend):
    """The 3 × 3 example that every course starts with."""
    x = np.arange(9.0).reshape(1, 3, 3, 1)
    kernel = np.array([[1.0, 0.0], [-1.0, 2.0]]).reshape(2, 2, 1, 1)
    geometry = WindowGeometry.convolution((3, 3), kernel_size=2)
    y = backend.convolution2d(x, kernel, np.array([0.5]), geometry=geometry)
    # 0 − 3 + 2·4 + ½, 1 − 4 + 2·5 + ½, 3 − 6 + 2·7 + ½, 4 − 7 + 2·8 + ½
    np.testing.assert_array_equal(y[0, :, :, 0], [[5.5, 7.5], [11.5, 13.5]])


def test_a_kernel_that_sees_only_padding_gives_the_bias(backend, dtype):
    x = np.ones((1, 2, 2, 1), dtype)
    kernel, bias = np.ones((1, 1, 1, 2), dtype), np.array([3, -4], dtype)
    geometry = WindowGeometry.convolution((2, 2), kernel_size=1, padding=4, stride=10)
    y = backend.convolution2d(x, kernel, bias, geometry=geometry)
    np.testing.assert_array_equal(y, [[[[3, -4]]]])
    gradient = backend.convolution2d_kernel_gradient(x, np.ones_like(y), geometry=geometry)
    np.testing.assert_array_equal(gradient, 0)
    gradient = backend.convolution2d_input_gradient(np.ones_like(y), kernel, geometry=geometry)
    np.testing.assert_array_equal(gradient, 0)


def test_an_empty_batch(backend, dtype):
    x = np.zeros((0, 4, 4, 2), dtype)
    geometry = WindowGeometry.convolution((4, 4), kernel_size=3)
    kernel = np.ones((3, 3, 2, 5), dtype)
    y = backend.convolution2d(x, kernel, None, geometry=geometry)
    assert y.shape == (0, 2, 2, 5)
    gradient = backend.convolution2d_kernel_gradient(x, y, geometry=geometry)
    np.testing.assert_array_equal(gradient, np.zeros((3, 3, 2, 5)))
    pooled, choice = backend.max_pooling2d(x, geometry=WindowGeometry.pooling((4, 4), window=2))
    assert pooled.shape == choice.shape == (0, 2, 2, 2)
