"""NaN, infinities, signed and tiny numbers: the same on every backend, and as documented."""

import numpy as np
import pytest
from hypothesis import given

from simulator.engine.geometry import WindowGeometry
from tests.engine.geometries import convolutions, poolings, randomly, seeds

NAN, INF = np.nan, np.inf


def window(*values, dtype="float32"):
    """A 1-row image with one channel, and the geometry that pools all of it."""
    x = np.array(values, dtype).reshape(1, 1, -1, 1)
    return x, WindowGeometry.whole((1, len(values)))


@pytest.mark.parametrize(
    ("values", "largest", "choice"),
    [
        ((1, NAN, 3), NAN, 1),
        ((NAN, 1, NAN), NAN, 0),
        ((INF, NAN), NAN, 1),
        ((-INF, -INF), -INF, 0),
        ((2, INF, INF), INF, 1),
        ((-1, -3), -1, 0),
        ((7, 7), 7, 0),
    ],
)
def test_max_pooling(backend, values, largest, choice):
    x, geometry = window(*values)
    y, chosen = backend.max_pooling2d(x, geometry=geometry)
    np.testing.assert_array_equal(y.ravel(), [largest])
    np.testing.assert_array_equal(chosen.ravel(), [choice])


@pytest.mark.parametrize("values", [(-0.0, 0.0), (0.0, -0.0)])
def test_zeros_of_both_signs_are_equal_and_the_first_wins(backend, values):
    x, geometry = window(*values)
    y, choice = backend.max_pooling2d(x, geometry=geometry)
    assert choice.ravel().tolist() == [0]
    assert np.signbit(y.ravel()[0]) == np.signbit(values[0])


@pytest.mark.parametrize(
    ("values", "norm"),
    [
        ((3e30, 4e30), 5e30),  # the squares overflow, the norm does not
        ((3e-30, -4e-30), 5e-30),
        ((1, -INF), INF),
        ((INF, NAN), NAN),
        ((0, -0.0), 0),
    ],
)
def test_lp_pooling(backend, values, norm):
    x, geometry = window(*values)
    y = backend.lp_pooling2d(x, order=2, geometry=geometry)
    np.testing.assert_allclose(y.ravel(), [norm], rtol=1e-6)


@pytest.mark.parametrize("order", [1, 1.5, 2, 3])
def test_lp_pooling_has_gradient_zero_at_zero(backend, order):
    x, geometry = window(0, 0)
    y = backend.lp_pooling2d(x, order=order, geometry=geometry)
    gradient = backend.lp_pooling2d_gradient(x, y, np.ones_like(y), order=order, geometry=geometry)
    np.testing.assert_array_equal(gradient, 0)
    x, geometry = window(0, -2)
    y = backend.lp_pooling2d(x, order=order, geometry=geometry)
    gradient = backend.lp_pooling2d_gradient(x, y, np.ones_like(y), order=order, geometry=geometry)
    np.testing.assert_array_equal(gradient.ravel(), [0, -1])


@pytest.mark.parametrize(
    ("values", "probabilities", "expected"),
    [
        ((1, 3), (0.25, 0.75), 2.5),
        ((-1, 3), (0, 1), 3),
        ((-1, -3), (0.5, 0.5), -2),
        ((0, -4), (0.5, 0.5), -2),
        ((-INF, 2, 2), (0, 0.5, 0.5), 2),
        ((1, INF, INF), (0, 0.5, 0.5), INF),
        ((3e38, 3e38), (0.5, 0.5), 3e38),
        ((1e-45, 0), (1, 0), 1e-45),
        ((1, NAN), (NAN, NAN), NAN),
    ],
)
def test_stochastic_pooling(backend, values, probabilities, expected):
    x, geometry = window(*values)
    shares = backend.stochastic_pooling2d_probabilities(x, geometry=geometry)
    np.testing.assert_array_equal(shares.ravel(), probabilities)
    y = backend.stochastic_pooling2d_expected(x, geometry=geometry)
    np.testing.assert_allclose(y.ravel(), np.array([expected], y.dtype), rtol=1e-6)


def test_a_window_with_nan_draws_its_first_nan(backend):
    x, geometry = window(1, NAN, NAN)
    uniform = np.zeros((1, 1, 1, 1), np.float32)
    y, choice = backend.stochastic_pooling2d(x, uniform, geometry=geometry)
    assert np.isnan(y).all()
    assert choice.ravel().tolist() == [1]


def test_padding_is_never_read(backend, dtype):
    """Not even an infinite weight meets the padding: it would make NaN of nothing."""
    x = np.ones((1, 2, 2, 1), dtype)
    kernel = np.full((3, 3, 1, 1), INF, dtype)
    kernel[1, 1] = 1
    kernel[2, 2] = 0
    geometry = WindowGeometry.convolution((2, 2), kernel_size=3, padding=((2, 0), (2, 0)))
    y = backend.convolution2d(x, kernel, None, geometry=geometry)
    np.testing.assert_array_equal(y[0, :, :, 0], [[0, INF], [INF, INF]])


def sprinkled(rng, shape, dtype):
    x = rng.normal(size=shape).astype(dtype)
    special = np.array([NAN, INF, -INF, 0.0, -0.0, 1e-45, 3e38], dtype)
    chosen = rng.random(shape) < 0.2
    x[chosen] = rng.choice(special, int(chosen.sum()))
    return x


@randomly
@given(geometry=poolings(), seed=seeds)
def test_pooling_agrees_with_the_reference_on_any_numbers(
    backend, reference, dtype, geometry, seed
):
    rng = np.random.default_rng(seed)
    x = sprinkled(rng, (1, *geometry.input_size, 2), dtype)
    slopes = rng.normal(size=(1, *geometry.output_size, 2)).astype(dtype)
    uniform = rng.random(slopes.shape).astype(dtype).clip(max=0.999)

    def both(operation, *arguments, exact=False, **options):
        mine, theirs = (
            getattr(each, operation)(*arguments, geometry=geometry, **options)
            for each in (backend, reference)
        )
        pairs = zip(mine, theirs, strict=True) if isinstance(mine, tuple) else [(mine, theirs)]
        for actual, expected in pairs:
            if exact:
                np.testing.assert_array_equal(actual, expected, strict=True)
            else:
                tolerance = 1e-5 if dtype == "float32" else 1e-12
                np.testing.assert_allclose(
                    actual, expected, rtol=tolerance, atol=tolerance, strict=True
                )
        return theirs

    both("max_pooling2d", x, exact=True)
    both("average_pooling2d", x)
    for order in (1, 2, 3.5):
        y = both("lp_pooling2d", x, order=order)
        both("lp_pooling2d_gradient", x, y, slopes, order=order)
    _, choice = both("stochastic_pooling2d", x, uniform, exact=True)
    both("max_pooling2d_gradient", slopes, choice)
    both("stochastic_pooling2d_probabilities", x)
    both("stochastic_pooling2d_expected", x)
    both("stochastic_pooling2d_expected_gradient", x, slopes)


@randomly
@given(geometry=convolutions(), seed=seeds)
def test_convolution_puts_nan_and_infinity_where_the_reference_does(
    backend, reference, geometry, seed
):
    rng = np.random.default_rng(seed)
    x = sprinkled(rng, (1, *geometry.input_size, 2), "float64")
    kernel = rng.normal(size=(*geometry.kernel_size, 2, 2))
    mine, theirs = (
        each.convolution2d(x, kernel, None, geometry=geometry) for each in (backend, reference)
    )
    np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-9)
