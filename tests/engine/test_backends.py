"""What a backend promises beyond its values: the interface, the bits, the refusals."""

import inspect

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine.backends.base import Backend
from simulator.engine.geometry import GeometryError, WindowGeometry
from tests.engine.geometries import SIMULATED, convolutions, randomly, seeds


def test_signatures_are_the_references(backend):
    def interface(kind):
        return {
            name: inspect.signature(member)
            for name, member in inspect.getmembers(kind, inspect.isfunction)
            if not name.startswith("_")
        }

    assert isinstance(backend, Backend)
    assert interface(type(backend)) == interface(Backend)
    assert {"convolution2d", "max_pooling2d_gradient"} <= set(interface(Backend))


def test_every_operation_of_the_reference_is_documented():
    for name, member in inspect.getmembers(Backend, inspect.isfunction):
        assert inspect.getdoc(member), name


@randomly
@given(
    geometry=convolutions(),
    widened=st.integers(0, 2 if SIMULATED else 30),
    batch=st.integers(1, 3),
    channels=st.sampled_from([1, 2, 3, 4, 12, 13, 17]),
    filters=st.sampled_from([1, 7, 8, 9, 15, 16, 17, 33]),
    seed=seeds,
)
def test_convolutions_across_the_borders_of_tiles_and_vectors(
    backend, reference, dtype, geometry, widened, batch, channels, filters, seed
):
    rng = np.random.default_rng(seed)
    height, width = geometry.input_size
    geometry = WindowGeometry.convolution(
        (height, width + widened),
        kernel_size=geometry.kernel_size,
        stride=geometry.stride,
        padding=geometry.padding,
        dilation=geometry.dilation,
    )
    x = rng.normal(size=(batch, *geometry.input_size, channels)).astype(dtype)
    kernel = rng.normal(size=(*geometry.kernel_size, channels, filters)).astype(dtype)
    bias = rng.normal(size=filters).astype(dtype)
    slopes = rng.normal(size=(batch, *geometry.output_size, filters)).astype(dtype)

    def results(each):
        yield each.convolution2d(x, kernel, bias, geometry=geometry)
        yield each.convolution2d_kernel_gradient(x, slopes, geometry=geometry)
        yield each.convolution2d_input_gradient(slopes, kernel, geometry=geometry)
        yield each.convolution2d_bias_gradient(slopes)

    for actual, expected in zip(results(backend), results(reference), strict=True):
        scale = float(np.max(np.abs(expected), initial=1))
        tolerance = scale * (2e-5 if dtype == "float32" else 1e-13)
        np.testing.assert_allclose(actual, expected, rtol=0, atol=tolerance, strict=True)


def test_a_large_image_keeps_float32s_precision(backend):
    """Fifty thousand products in each sum of the kernel's gradient."""
    rng = np.random.default_rng(4)
    width, filters = (5, 1) if SIMULATED else (224, 4)
    x, slopes = rng.random((1, 224, width, 3)), rng.random((1, 222, width - 2, filters))
    geometry = WindowGeometry.convolution((224, width), kernel_size=3)
    exact = backend.convolution2d_kernel_gradient(x, slopes, geometry=geometry)
    gradient = backend.convolution2d_kernel_gradient(
        x.astype("float32"), slopes.astype("float32"), geometry=geometry
    )
    np.testing.assert_allclose(gradient, exact, rtol=2e-4)
    gradient = backend.convolution2d_bias_gradient(slopes.astype("float32"))
    np.testing.assert_allclose(gradient, slopes.sum(axis=(0, 1, 2)), rtol=1e-6)


def everything(backend, x, kernel, bias, uniform, geometry, pooling):
    """One of each operation, in a fixed order."""
    y = backend.convolution2d(x, kernel, bias, geometry=geometry)
    yield y
    yield backend.convolution2d_kernel_gradient(x, y, geometry=geometry)
    yield backend.convolution2d_input_gradient(y, kernel, geometry=geometry)
    yield backend.convolution2d_bias_gradient(y)
    depthwise = kernel[..., :2]
    twice = backend.depthwise_convolution2d(x, depthwise, bias[:10], geometry=geometry)
    yield twice
    yield backend.depthwise_convolution2d_kernel_gradient(x, twice, geometry=geometry)
    yield backend.depthwise_convolution2d_input_gradient(twice, depthwise, geometry=geometry)
    matrix = kernel[0, 0]
    dense = backend.dense(x, matrix, bias)
    yield dense
    yield backend.dense_kernel_gradient(x, dense)
    yield backend.dense_input_gradient(dense, matrix)
    yield backend.dense_bias_gradient(dense)
    yield backend.matmul(x, np.swapaxes(x, -1, -2))
    y, choice = backend.max_pooling2d(x, geometry=pooling)
    yield from (y, choice)
    yield backend.max_pooling2d_gradient(y, choice, geometry=pooling)
    yield backend.average_pooling2d(x, geometry=pooling)
    yield backend.average_pooling2d_gradient(y, geometry=pooling)
    norm = backend.lp_pooling2d(x, order=3, geometry=pooling)
    yield norm
    yield backend.lp_pooling2d_gradient(x, norm, y, order=3, geometry=pooling)
    yield from backend.stochastic_pooling2d(x, uniform, geometry=pooling)
    yield backend.stochastic_pooling2d_probabilities(x, geometry=pooling)
    yield backend.stochastic_pooling2d_expected(x, geometry=pooling)
    yield backend.stochastic_pooling2d_expected_gradient(x, y, geometry=pooling)
    y, choice = backend.global_max_pooling2d(x)
    yield from (y, choice)
    yield backend.global_max_pooling2d_gradient(y, choice, input_size=x.shape[1:3])
    yield backend.global_average_pooling2d(x)
    yield backend.global_average_pooling2d_gradient(y, input_size=x.shape[1:3])


@pytest.fixture
def arguments(dtype):
    rng = np.random.default_rng(8)
    size = (3, 7) if SIMULATED else (11, 29)
    geometry = WindowGeometry.convolution(size, kernel_size=3, padding="same")
    pooling = WindowGeometry.pooling(size, window=3, stride=2, padding=1)
    shapes = [(2, *size, 5), (3, 3, 5, 19), (19,)]
    arrays = [rng.normal(size=shape).astype(dtype) for shape in shapes]
    uniform = rng.random((2, *pooling.output_size, 5)).astype(dtype).clip(max=0.999)
    return [*arrays, uniform, geometry, pooling]


def test_the_same_call_gives_the_same_bits(backend, arguments):
    once, again = (list(everything(backend, *arguments)) for _ in range(2))
    for first, second in zip(once, again, strict=True):
        assert first.tobytes() == second.tobytes()


def test_a_samples_bits_do_not_depend_on_its_neighbours(backend, arguments):
    x, kernel, bias, _, geometry, _ = arguments
    together = backend.convolution2d(x, kernel, bias, geometry=geometry)
    alone = backend.convolution2d(x[1:], kernel, bias, geometry=geometry)
    assert together[1:].tobytes() == alone.tobytes()


def test_how_arrays_lie_in_memory_changes_nothing(backend, arguments):
    *arrays, geometry, pooling = arguments
    for index, array in enumerate(arrays):
        scattered = np.zeros((*array.shape, 2), array.dtype)[..., 1]
        scattered[...] = array
        scattered.flags.writeable = False
        assert not scattered.flags.c_contiguous
        arrays[index] = scattered
    expected = list(everything(backend, *arguments))
    actual = list(everything(backend, *arrays, geometry, pooling))
    for mine, theirs in zip(actual, expected, strict=True):
        # NumPy adds what lies scattered in another order.
        scale = float(np.abs(theirs).max())
        np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-6 * scale, strict=True)
        assert mine.flags.c_contiguous
        assert mine.flags.writeable


def test_inputs_are_left_as_they_were(backend, arguments):
    copies = [array.copy() for array in arguments[:4]]
    list(everything(backend, *arguments))
    for copy, array in zip(copies, arguments[:4], strict=True):
        assert array.flags.writeable
        np.testing.assert_array_equal(copy, array)


def image(height=5, width=5, channels=2, dtype="float32"):
    return np.zeros((1, height, width, channels), dtype)


CONVOLUTION = WindowGeometry.convolution((5, 5), kernel_size=3)
POOLING = WindowGeometry.pooling((5, 5), window=2)
KERNEL = np.zeros((3, 3, 2, 4), "float32")


@pytest.mark.parametrize(
    ("call", "parameter", "message"),
    [
        (
            lambda b: b.convolution2d(image(channels=3), KERNEL, None, geometry=CONVOLUTION),
            "channels",
            "The input has 3 channels, but the kernel was made for 2: choose a kernel for 3 "
            "channels.",
        ),
        (
            lambda b: b.convolution2d(image(channels=1), KERNEL, None, geometry=CONVOLUTION),
            "channels",
            "The input has 1 channel, but the kernel was made for 2: choose a kernel for 1 "
            "channel.",
        ),
        (
            lambda b: b.convolution2d(image(6, 4), KERNEL, None, geometry=CONVOLUTION),
            "input",
            "The input is 6 × 4, but the geometry was made for 5 × 5: make it for this input.",
        ),
        (
            lambda b: b.convolution2d(image(), KERNEL[:2], None, geometry=CONVOLUTION),
            "kernel_size",
            "The kernel has the shape 2 × 3 × 2 × 4: this geometry needs 3 × 3 × channels × "
            "filters.",
        ),
        (
            lambda b: b.convolution2d(
                image(), KERNEL, np.zeros(3, "float32"), geometry=CONVOLUTION
            ),
            "filters",
            "The bias has 3 filters, but the kernel has 4: give both the same number.",
        ),
        (
            lambda b: b.convolution2d(
                image(), KERNEL, np.zeros((1, 4), "float32"), geometry=CONVOLUTION
            ),
            "filters",
            "The bias has the shape 1 × 4: it must be one number for each filter.",
        ),
        (
            lambda b: b.convolution2d(image(), KERNEL[..., :0], None, geometry=CONVOLUTION),
            "filters",
            "The kernel has 0 filters: it must have 1 or more.",
        ),
        (
            lambda b: b.convolution2d(image()[0], KERNEL, None, geometry=CONVOLUTION),
            "input",
            "The input has the shape 5 × 5 × 2: it must have four axes, batch × height × width × "
            "channels.",
        ),
        (
            lambda b: b.convolution2d_input_gradient(image(3, 3, 5), KERNEL, geometry=CONVOLUTION),
            "filters",
            "The output gradient has 5 filters, but the kernel has 4: give both the same number.",
        ),
        (
            lambda b: b.convolution2d_kernel_gradient(
                image(), image(4, 3, 4), geometry=CONVOLUTION
            ),
            "input",
            "The output gradient has the shape 1 × 4 × 3 × 4: this geometry needs batch × 3 × 3 × "
            "channels.",
        ),
        (
            lambda b: b.convolution2d_kernel_gradient(
                image(), np.zeros((2, 3, 3, 4), "float32"), geometry=CONVOLUTION
            ),
            "input",
            "The output gradient has 2 samples, but the input has 1: give both the same number.",
        ),
        (
            lambda b: b.global_average_pooling2d(image(0)),
            "input",
            "The input is 0 × 5: it must have at least one cell.",
        ),
        (
            lambda b: b.average_pooling2d(image(channels=0), geometry=POOLING),
            "channels",
            "The input has 0 channels: it must have 1 or more.",
        ),
        (
            lambda b: b.lp_pooling2d(image(), order=0.5, geometry=POOLING),
            "order",
            "The order is 0.5: it must be 1 or more (1 sums, 2 is the Euclidean length, and a "
            "large order comes close to the maximum).",
        ),
        (
            lambda b: b.lp_pooling2d(image(), order="2", geometry=POOLING),
            "order",
            "The order is '2': it must be a number of 1 or more.",
        ),
        (
            lambda b: b.max_pooling2d(
                image(),
                geometry=WindowGeometry.convolution((5, 5), kernel_size=2, padding=((2, 0), 0)),
            ),
            "padding",
            "The pooling window at output row 0 holds nothing but padding: choose less padding or "
            "a larger window.",
        ),
        (
            lambda b: b.lp_pooling2d_gradient(
                image(), image(2, 2, 1), image(2, 2), order=2, geometry=POOLING
            ),
            "input",
            "The pooled output has the shape 1 × 2 × 2 × 1: it must be 1 × 2 × 2 × 2.",
        ),
    ],
)
def test_shapes_that_do_not_fit(backend, call, parameter, message):
    with pytest.raises(GeometryError) as refused:
        call(backend)
    assert str(refused.value) == message
    assert refused.value.parameter == parameter


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (
            lambda b: b.convolution2d(image(dtype="float64"), KERNEL, None, geometry=CONVOLUTION),
            TypeError,
            "The arrays must have one type, all float32 or all float64: x float64, kernel float32.",
        ),
        (
            lambda b: b.average_pooling2d(image(dtype="int64"), geometry=POOLING),
            TypeError,
            "x holds int64: the engine takes float32 or float64.",
        ),
        (
            lambda b: b.average_pooling2d([[1.0]], geometry=POOLING),
            TypeError,
            "x is a list, not a NumPy array.",
        ),
        (
            lambda b: b.max_pooling2d_gradient(
                image(2, 2), np.zeros((1, 2, 2, 2), "int64"), geometry=POOLING
            ),
            TypeError,
            "choice holds int64: it must be int32.",
        ),
        (
            lambda b: b.max_pooling2d_gradient(
                image(2, 2), np.full((1, 2, 2, 2), 4, "int32"), geometry=POOLING
            ),
            ValueError,
            "choice runs from 4 to 4: a window of 4 cells needs 0 to 3.",
        ),
        (
            lambda b: b.stochastic_pooling2d(
                image(), np.ones((1, 2, 2, 2), "float32"), geometry=POOLING
            ),
            ValueError,
            "uniform runs from 1.0 to 1.0: draws lie in [0, 1), as numpy.random.Generator.random "
            "gives them.",
        ),
    ],
)
def test_wrong_types_and_values(backend, call, kind, message):
    with pytest.raises(kind) as refused:
        call(backend)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    "operation",
    [
        lambda b, x, y, g: b.max_pooling2d(x, geometry=g),
        lambda b, x, y, g: b.max_pooling2d_gradient(y, y.astype("int32"), geometry=g),
        lambda b, x, y, g: b.average_pooling2d(x, geometry=g),
        lambda b, x, y, g: b.average_pooling2d_gradient(y, geometry=g),
        lambda b, x, y, g: b.lp_pooling2d(x, order=2, geometry=g),
        lambda b, x, y, g: b.lp_pooling2d_gradient(x, y, y, order=2, geometry=g),
        lambda b, x, y, g: b.stochastic_pooling2d(x, y, geometry=g),
        lambda b, x, y, g: b.stochastic_pooling2d_probabilities(x, geometry=g),
        lambda b, x, y, g: b.stochastic_pooling2d_expected(x, geometry=g),
        lambda b, x, y, g: b.stochastic_pooling2d_expected_gradient(x, y, geometry=g),
    ],
)
def test_no_pooling_takes_a_window_of_padding_alone(backend, operation):
    geometry = WindowGeometry.convolution((5, 5), kernel_size=2, padding=(0, (0, 2)))
    with pytest.raises(GeometryError, match="output column 5 holds nothing but padding") as refused:
        operation(backend, image(), image(*geometry.output_size), geometry)
    assert refused.value.parameter == "padding"


def test_a_choice_in_the_padding_goes_nowhere(backend):
    geometry = WindowGeometry.pooling((3, 3), window=2, stride=2, padding=((1, 0), (1, 0)))
    slopes, choice = np.ones((1, 2, 2, 1)), np.zeros((1, 2, 2, 1), np.int32)
    gradient = backend.max_pooling2d_gradient(slopes, choice, geometry=geometry)
    np.testing.assert_array_equal(gradient[0, :, :, 0], [[0, 0, 0], [0, 1, 0], [0, 0, 0]])
