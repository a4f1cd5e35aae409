"""Activations: Keras's own values and slopes, finite differences, names and special numbers."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine import activations
from simulator.engine.error_function import error_function
from tests.engine import naive

few = settings(max_examples=25, deadline=None)

NAMES = [
    "linear", "relu", "leaky_relu", "elu", "selu", "gelu", "sigmoid", "tanh", "softplus",
    "softsign", "silu", "swish", "softmax",
]  # fmt: skip

VARIANTS = [
    *(activations.get(name) for name in NAMES),
    activations.Relu(negative_slope=0.1),
    activations.Relu(max_value=1.5),
    activations.Relu(threshold=0.5),
    activations.Relu(negative_slope=0.3, max_value=2.0, threshold=0.7),
    activations.LeakyRelu(negative_slope=0.01),
    activations.Elu(alpha=0.5),
    activations.Gelu(approximate=True),
    activations.Softmax(axis=1),
]

# Keras 3.15.1 on PyTorch 2.13 in float64: keras.activations.<name>(INPUTS, **arguments), and its
# gradient times OUTPUT_GRADIENT by autograd, to 12 digits.
INPUTS = [-2.5, -0.75, -0.1, 0.3, 1.0, 4.5]
OUTPUT_GRADIENT = [1.0, -2.0, 0.5, 1.5, -1.0, 0.25]
GOLDEN = [
    ("linear", {}, ([-2.5, -0.75, -0.1, 0.3, 1.0, 4.5], [1.0, -2.0, 0.5, 1.5, -1.0, 0.25])),
    ("relu", {}, ([0.0, 0.0, 0.0, 0.3, 1.0, 4.5], [0.0, 0.0, 0.0, 1.5, -1.0, 0.25])),
    (
        "relu",
        {"negative_slope": 0.1, "max_value": 3.0, "threshold": 0.5},
        ([-0.3, -0.125, -0.06, -0.02, 1.0, 3.0], [0.1, -0.2, 0.05, 0.15, -1.0, 0.0]),
    ),
    ("leaky_relu", {}, ([-0.5, -0.15, -0.02, 0.3, 1.0, 4.5], [0.2, -0.4, 0.1, 1.5, -1.0, 0.25])),
    (
        "elu",
        {},
        (
            [-0.917915001376, -0.527633447259, -0.095162581964, 0.3, 1.0, 4.5],
            [0.0820849986239, -0.944733105482, 0.452418709018, 1.5, -1.0, 0.25],
        ),
    ),
    (
        "elu",
        {"alpha": 0.5},
        (
            [-0.458957500688, -0.263816723629, -0.047581290982, 0.3, 1.0, 4.5],
            [0.0410424993119, -0.472366552741, 0.226209354509, 1.5, -1.0, 0.25],
        ),
    ),
    (
        "selu",
        {},
        (
            [
                -1.61378575887,
                -0.927632015835,
                -0.167305272624,
                0.315210296207,
                1.05070098736,
                4.7281544431,
            ],
            [
                0.144313581974,
                -1.66093465002,
                0.795397034112,
                1.57605148103,
                -1.05070098736,
                0.262675246839,
            ],
        ),
    ),
    (
        "gelu",
        {},
        (
            [
                -0.0155241633144,
                -0.169970514283,
                -0.0460172162723,
                0.185373426657,
                0.841344746069,
                4.49998471047,
            ],
            [
                -0.0376110859081,
                -0.00154855652153,
                0.210238453988,
                1.09849165024,
                -1.08331547059,
                0.25001713229,
            ],
        ),
    ),
    (
        "gelu",
        {"approximate": True},
        (
            [
                -0.01508426609,
                -0.170039444834,
                -0.0460172489546,
                0.185370923543,
                0.841191990608,
                4.49999486326,
            ],
            [
                -0.0379515762127,
                -0.00212348772517,
                0.210239105364,
                1.09844317746,
                -1.08296408385,
                0.250007330568,
            ],
        ),
    ),
    (
        "sigmoid",
        {},
        (
            [
                0.0758581800212,
                0.320821300825,
                0.475020812521,
                0.574442516812,
                0.73105857863,
                0.989013057369,
            ],
            [
                0.0701037165451,
                -0.435789987524,
                0.124688020096,
                0.366687467536,
                -0.196611933241,
                0.00271655743056,
            ],
        ),
    ),
    (
        "tanh",
        {},
        (
            [
                -0.986614298151,
                -0.635148952387,
                -0.099667994625,
                0.291312612452,
                0.761594155956,
                0.999753210848,
            ],
            [
                0.0265922266832,
                -1.19317161656,
                0.495033145424,
                1.37270544274,
                -0.419974341614,
                0.000123379349765,
            ],
        ),
    ),
    (
        "softplus",
        {},
        (
            [
                0.0788897342925,
                0.386871006115,
                0.644396660074,
                0.854355244469,
                1.31326168752,
                4.51104774485,
            ],
            [
                0.0758581800212,
                -0.641642601649,
                0.237510406261,
                0.861663775217,
                -0.73105857863,
                0.247253264342,
            ],
        ),
    ),
    (
        "softsign",
        {},
        (
            [
                -0.714285714286,
                -0.428571428571,
                -0.0909090909091,
                0.230769230769,
                0.5,
                0.818181818182,
            ],
            [
                0.0816326530612,
                -0.65306122449,
                0.413223140496,
                0.887573964497,
                -0.25,
                0.00826446280992,
            ],
        ),
    ),
    (
        "silu",
        {},
        (
            [
                -0.189645450053,
                -0.240615975618,
                -0.0475020812521,
                0.172332755043,
                0.73105857863,
                4.45055875816,
            ],
            [
                -0.0994011113415,
                -0.314800111006,
                0.225041604251,
                0.971670015478,
                -0.927670511871,
                0.25947777278,
            ],
        ),
    ),
    (
        "softmax",
        {},
        (
            [
                0.000859127906869,
                0.0049439397519,
                0.00947031845095,
                0.0141280549597,
                0.0284504089263,
                0.942148150004,
            ],
            [
                0.00066669604072,
                -0.0109952484357,
                0.00261394882365,
                0.0180276083732,
                -0.0348228771451,
                0.0245098723433,
            ],
        ),
    ),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), GOLDEN)
def test_values_and_gradients_are_those_of_keras(name, arguments, expected):
    value, gradient = expected
    activation = activations.get({"class_name": name, "config": arguments})
    x, dy = np.array([INPUTS]), np.array([OUTPUT_GRADIENT])
    y = activation.value(x)
    # 12 digits are written down.
    np.testing.assert_allclose(y[0], value, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(activation.gradient(x, y, dy)[0], gradient, rtol=1e-10, atol=1e-12)
    single = activation.value(x.astype(np.float32))
    # exp and tanh differ by a unit or two of float32's last place.
    np.testing.assert_allclose(single[0], value, rtol=4e-6, atol=1e-7)


@pytest.mark.parametrize("activation", VARIANTS, ids=repr)
@few
@given(seed=st.integers(0, 2**32 - 1), scale=st.sampled_from([0.3, 2.0, 10.0]))
def test_gradients_are_finite_differences(activation, seed, scale):
    rng = np.random.default_rng(seed)
    x = rng.normal(0, scale, (2, 3, 4))
    for kink in (0.0, 0.5, 0.7, 1.5, 2.0):
        x[np.abs(x - kink) < 1e-4] += 1e-3
    dy = rng.normal(size=x.shape)
    gradient = activation.gradient(x, activation.value(x), dy)
    expected = naive.finite_differences(activation.value, x, dy)
    np.testing.assert_allclose(gradient, expected, rtol=0, atol=1e-7)


@pytest.mark.parametrize("activation", VARIANTS, ids=repr)
def test_the_type_and_shape_of_the_input_are_kept(activation, dtype):
    x = np.linspace(-3, 3, 24).reshape(2, 3, 4).astype(dtype)
    y = activation.value(x)
    dx = activation.gradient(x, y, np.ones_like(x))
    assert (y.dtype, dx.dtype, y.shape, dx.shape) == (dtype, dtype, x.shape, x.shape)


@pytest.mark.parametrize("activation", VARIANTS, ids=repr)
def test_nan_comes_through(activation):
    x = np.array([[[1.0, np.nan], [0.5, -1.0]]])
    assert np.isnan(activation.value(x)[0, 0, 1])


@pytest.mark.parametrize(
    ("name", "below", "above"),
    [
        ("linear", -1e30, 1e30),
        ("relu", 0, 1e30),
        ("leaky_relu", -0.2e30, 1e30),
        ("elu", -1, 1e30),
        ("selu", -1.0507009873554805 * 1.6732632423543772, 1.0507009873554805e30),
        ("gelu", 0, 1e30),
        ("sigmoid", 0, 1),
        ("tanh", -1, 1),
        ("softplus", 0, 1e30),
        ("softsign", -1, 1),
        ("silu", 0, 1e30),
    ],
)
def test_huge_inputs_neither_overflow_nor_warn(name, below, above, dtype):
    activation = activations.get(name)
    x = np.array([-1e30, 1e30], dtype)
    np.testing.assert_allclose(activation.value(x), [below, above], rtol=1e-6)
    assert np.isfinite(activation.gradient(x, activation.value(x), np.ones(2, dtype))).all()


@few
@given(seed=st.integers(0, 2**32 - 1), shift=st.floats(-500, 500), axis=st.sampled_from([0, 1, -1]))
def test_softmax_gives_probabilities_whatever_is_added_to_all(seed, shift, axis):
    x = np.random.default_rng(seed).normal(0, 5, (3, 4, 2))
    softmax = activations.Softmax(axis=axis)
    y = softmax.value(x)
    np.testing.assert_allclose(y.sum(axis), 1, rtol=1e-14)
    np.testing.assert_allclose(softmax.value(x + shift), y, rtol=1e-11)


def test_softmax_of_huge_numbers():
    np.testing.assert_array_equal(activations.softmax([[1e30, -1e30, 1e30]]), [[0.5, 0, 0.5]])


def test_relu_with_a_maximum_below_its_threshold_is_that_maximum():
    relu = activations.Relu(max_value=1.0, threshold=2.0)
    x = np.array([1.5, 2.5])
    np.testing.assert_array_equal(relu.value(x), [0, 1])
    np.testing.assert_array_equal(relu.gradient(x, relu.value(x), np.ones(2)), [0, 0])
    leaky = activations.Relu(negative_slope=0.5, max_value=1.0, threshold=2.0)
    np.testing.assert_array_equal(leaky.value(x), [-0.25, 1])
    np.testing.assert_array_equal(leaky.gradient(x, leaky.value(x), np.ones(2)), [0.5, 0])


@pytest.mark.parametrize("name", NAMES)
def test_names_classes_and_objects_are_all_understood(name):
    activation = activations.get(name)
    assert activation == activations.get(activation) == activations.get(type(activation))
    assert activation == getattr(activations, name)
    assert activation.name == ("silu" if name == "swish" else name)


def test_no_activation_is_linear():
    assert activations.get(None) is activations.linear


def test_called_with_other_arguments_as_in_keras():
    np.testing.assert_allclose(activations.relu([-1.0, 2.0], negative_slope=0.5), [-0.5, 2])
    np.testing.assert_allclose(activations.leaky_relu([-1, 2], 0.25), [-0.25, 2])
    assert activations.relu([1, 2]).dtype == np.float32


def test_unknown_names_are_answered_with_the_nearest():
    with pytest.raises(ValueError, match="no activation 'rleu': did you mean 'relu'"):
        activations.get("rleu")


def test_unknown_arguments_are_answered_with_the_nearest():
    with pytest.raises(TypeError, match="'negative_slop': did you mean 'negative_slope'"):
        activations.Relu(negative_slop=0.1)


def test_functions_without_a_derivative_are_refused():
    with pytest.raises(TypeError, match="without a derivative"):
        activations.get(lambda x: x)
    with pytest.raises(TypeError, match="is no activation"):
        activations.get(3)


@pytest.mark.parametrize("argument", ["negative_slope", "max_value", "threshold"])
def test_relu_refuses_negative_arguments(argument):
    with pytest.raises(ValueError, match=f"{argument} is -1"):
        activations.Relu(**{argument: -1})


def test_the_error_function_is_that_of_the_standard_library():
    x = np.concatenate([np.linspace(-6.5, 6.5, 5001), [0.46875, 4.0, 1e-300, np.inf, -np.inf]])
    expected = [math.erf(each) for each in x]
    np.testing.assert_allclose(error_function(x), expected, rtol=0, atol=2.3e-16)
    np.testing.assert_allclose(error_function(x[:2500]), -error_function(-x[:2500]), rtol=0)
    assert np.isnan(error_function(np.array([np.nan]))[0])
    assert error_function(np.float32([0.5])).dtype == np.float32
