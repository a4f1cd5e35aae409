"""Every gradient against central differences of its own backend's forward operation, in float64."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.engine import naive
from tests.engine.geometries import convolutions, examples, poolings, seeds

few = examples(12)
counts = st.integers(1, 2)


def assert_gradient(gradient, function, x, weights):
    expected = naive.finite_differences(function, x, weights)
    scale = max(1.0, float(np.max(np.abs(expected))))
    np.testing.assert_allclose(gradient, expected, rtol=0, atol=1e-7 * scale)


@few
@given(geometry=convolutions(largest_kernel=3), channels=counts, filters=counts, seed=seeds)
def test_convolution(backend, geometry, channels, filters, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, *geometry.input_size, channels))
    kernel = rng.normal(size=(*geometry.kernel_size, channels, filters))
    bias = rng.normal(size=filters)
    weights = rng.normal(size=(2, *geometry.output_size, filters))
    assert_gradient(
        backend.convolution2d_kernel_gradient(x, weights, geometry=geometry),
        lambda kernel: backend.convolution2d(x, kernel, bias, geometry=geometry),
        kernel,
        weights,
    )
    assert_gradient(
        backend.convolution2d_input_gradient(weights, kernel, geometry=geometry),
        lambda x: backend.convolution2d(x, kernel, bias, geometry=geometry),
        x,
        weights,
    )
    assert_gradient(
        backend.convolution2d_bias_gradient(weights),
        lambda bias: backend.convolution2d(x, kernel, bias, geometry=geometry),
        bias,
        weights,
    )


@few
@given(geometry=convolutions(largest_kernel=3), channels=counts, multiplier=counts, seed=seeds)
def test_depthwise_convolution(backend, geometry, channels, multiplier, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, *geometry.input_size, channels))
    kernel = rng.normal(size=(*geometry.kernel_size, channels, multiplier))
    bias = rng.normal(size=channels * multiplier)
    weights = rng.normal(size=(2, *geometry.output_size, channels * multiplier))
    assert_gradient(
        backend.depthwise_convolution2d_kernel_gradient(x, weights, geometry=geometry),
        lambda kernel: backend.depthwise_convolution2d(x, kernel, bias, geometry=geometry),
        kernel,
        weights,
    )
    assert_gradient(
        backend.depthwise_convolution2d_input_gradient(weights, kernel, geometry=geometry),
        lambda x: backend.depthwise_convolution2d(x, kernel, bias, geometry=geometry),
        x,
        weights,
    )
    assert_gradient(
        backend.convolution2d_bias_gradient(weights),
        lambda bias: backend.depthwise_convolution2d(x, kernel, bias, geometry=geometry),
        bias,
        weights,
    )


def apart(rng, geometry, channels, *, offset=0.05):
    """Numbers of both signs, none near another or near zero, where pooling has its kinks."""
    shape = (1, *geometry.input_size, channels)
    count = int(np.prod(shape))
    return (0.1 * (rng.permutation(count) - count // 3) + offset).reshape(shape)


@few
@given(geometry=poolings(), channels=counts, seed=seeds)
def test_max_pooling(backend, geometry, channels, seed):
    rng = np.random.default_rng(seed)
    x = apart(rng, geometry, channels)
    y, choice = backend.max_pooling2d(x, geometry=geometry)
    weights = rng.normal(size=y.shape)
    assert_gradient(
        backend.max_pooling2d_gradient(weights, choice, geometry=geometry),
        lambda x: backend.max_pooling2d(x, geometry=geometry)[0],
        x,
        weights,
    )


@few
@given(geometry=poolings(), channels=counts, seed=seeds)
def test_average_pooling(backend, geometry, channels, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, *geometry.input_size, channels))
    weights = rng.normal(size=(2, *geometry.output_size, channels))
    assert_gradient(
        backend.average_pooling2d_gradient(weights, geometry=geometry),
        lambda x: backend.average_pooling2d(x, geometry=geometry),
        x,
        weights,
    )


@few
@given(
    geometry=poolings(),
    channels=counts,
    order=st.one_of(st.sampled_from([1, 2, 3]), st.floats(1, 6)),
    seed=seeds,
)
def test_lp_pooling(backend, geometry, channels, order, seed):
    rng = np.random.default_rng(seed)
    x = apart(rng, geometry, channels)
    y = backend.lp_pooling2d(x, order=order, geometry=geometry)
    weights = rng.normal(size=y.shape)
    assert_gradient(
        backend.lp_pooling2d_gradient(x, y, weights, order=order, geometry=geometry),
        lambda x: backend.lp_pooling2d(x, order=order, geometry=geometry),
        x,
        weights,
    )


@few
@given(geometry=poolings(), channels=counts, seed=seeds)
def test_stochastic_pooling_with_the_same_cells_drawn(backend, geometry, channels, seed):
    rng = np.random.default_rng(seed)
    x = apart(rng, geometry, channels)
    uniform = rng.random((1, *geometry.output_size, channels))
    _, choice = backend.stochastic_pooling2d(x, uniform, geometry=geometry)
    weights = rng.normal(size=uniform.shape)
    gradient = backend.stochastic_pooling2d_gradient(weights, choice, geometry=geometry)

    def same_cells(x):
        """The draws, chosen again for a moved input, may differ; the cells drawn may not."""
        y, chosen = backend.stochastic_pooling2d(x, uniform, geometry=geometry)
        assert np.array_equal(chosen, choice)
        return y

    assert_gradient(gradient, same_cells, x, weights)


@few
@given(geometry=poolings(), channels=counts, seed=seeds)
def test_expected_stochastic_pooling(backend, geometry, channels, seed):
    rng = np.random.default_rng(seed)
    x = apart(rng, geometry, channels)
    weights = rng.normal(size=(1, *geometry.output_size, channels))
    assert_gradient(
        backend.stochastic_pooling2d_expected_gradient(x, weights, geometry=geometry),
        lambda x: backend.stochastic_pooling2d_expected(x, geometry=geometry),
        x,
        weights,
    )


def test_global_pooling(backend):
    rng = np.random.default_rng(3)
    x = rng.permutation(40).reshape(2, 2, 5, 2) * 0.1
    weights = rng.normal(size=(2, 2))
    _, choice = backend.global_max_pooling2d(x)
    assert_gradient(
        backend.global_max_pooling2d_gradient(weights, choice, input_size=(2, 5)),
        lambda x: backend.global_max_pooling2d(x)[0],
        x,
        weights,
    )
    assert_gradient(
        backend.global_average_pooling2d_gradient(weights, input_size=(2, 5)),
        backend.global_average_pooling2d,
        x,
        weights,
    )
