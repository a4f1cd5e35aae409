"""Initializers: the distributions that their formulas promise, seeds, and what is refused."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine import initializers

few = settings(max_examples=25, deadline=None)

SHAPE = (60, 50, 20, 30)
FAN_IN, FAN_OUT = 60 * 50 * 20, 60 * 50 * 30
MEAN_FAN = (FAN_IN + FAN_OUT) / 2

NORMAL, UNIFORM, TRUNCATED = "normal", "uniform", "truncated"

# Name, arguments, what it draws from, mean and standard deviation.
DISTRIBUTIONS = [
    ("random_normal", {}, NORMAL, 0, 0.05),
    ("random_normal", {"mean": 2.0, "stddev": 0.5}, NORMAL, 2, 0.5),
    ("random_uniform", {}, UNIFORM, 0, 0.1 / math.sqrt(12)),
    ("random_uniform", {"minval": 1, "maxval": 4}, UNIFORM, 2.5, 3 / math.sqrt(12)),
    ("truncated_normal", {}, TRUNCATED, 0, 0.05 * 0.8796),
    ("truncated_normal", {"mean": 1.0, "stddev": 2.0}, TRUNCATED, 1, 2 * 0.8796),
    ("glorot_uniform", {}, UNIFORM, 0, math.sqrt(1 / MEAN_FAN)),
    ("glorot_normal", {}, TRUNCATED, 0, math.sqrt(1 / MEAN_FAN)),
    ("he_uniform", {}, UNIFORM, 0, math.sqrt(2 / FAN_IN)),
    ("he_normal", {}, TRUNCATED, 0, math.sqrt(2 / FAN_IN)),
    ("lecun_uniform", {}, UNIFORM, 0, math.sqrt(1 / FAN_IN)),
    ("lecun_normal", {}, TRUNCATED, 0, math.sqrt(1 / FAN_IN)),
    ("variance_scaling", {}, TRUNCATED, 0, math.sqrt(1 / FAN_IN)),
    (
        "variance_scaling",
        {"scale": 3.0, "mode": "fan_out", "distribution": "uniform"},
        UNIFORM,
        0,
        math.sqrt(3 / FAN_OUT),
    ),
    (
        "variance_scaling",
        {"mode": "fan_avg", "distribution": "untruncated_normal"},
        NORMAL,
        0,
        math.sqrt(1 / MEAN_FAN),
    ),
    ("variance_scaling", {"distribution": "Normal"}, TRUNCATED, 0, math.sqrt(1 / FAN_IN)),
]

REACH = {
    # The largest of 1.8 million draws, in standard deviations.
    NORMAL: (4.5, 6.5),
    UNIFORM: (math.sqrt(3) * 0.9999, math.sqrt(3)),
    TRUNCATED: (2 / 0.8796 * 0.999, 2 / 0.8796 * 1.001),
}
KURTOSIS = {NORMAL: 3.0, UNIFORM: 1.8, TRUNCATED: 2.3655}
"""The fourth moment over the squared variance; truncated: by numerical integration."""


def make(name, arguments):
    return initializers.get({"class_name": name, "config": arguments})


@pytest.mark.parametrize(("name", "arguments", "kind", "mean", "stddev"), DISTRIBUTIONS)
def test_weights_are_distributed_as_promised(name, arguments, kind, mean, stddev):
    drawn = make(name, arguments)(SHAPE, np.random.default_rng(7), "float64")
    count = drawn.size
    # Five standard errors.
    assert abs(drawn.mean() - mean) < 5 * stddev / math.sqrt(count)
    assert drawn.std() == pytest.approx(stddev, rel=5 / math.sqrt(count))
    scaled = (drawn - mean) / stddev
    low, high = REACH[kind]
    assert low <= np.abs(scaled).max() <= high * (1 + 1e-12)
    assert np.mean(scaled**4) == pytest.approx(KURTOSIS[kind], rel=0.02)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((), (1, 1)),
        ((7,), (7, 7)),
        ((3, 5), (3, 5)),
        ((4, 3, 5), (12, 20)),
        ((2, 3, 4, 5), (24, 30)),
    ],
)
def test_fans_count_the_connections(shape, expected):
    assert initializers.fans(shape) == expected


@few
@given(
    shape=st.lists(st.integers(1, 6), min_size=2, max_size=4),
    gain=st.floats(0.5, 2),
    seed=st.integers(0, 2**32 - 1),
)
def test_orthogonal_weights_are_orthonormal_times_the_gain(shape, gain, seed):
    made = initializers.Orthogonal(gain)(shape, np.random.default_rng(seed), "float64")
    assert made.shape == tuple(shape)
    matrix = made.reshape(-1, shape[-1])
    product = matrix @ matrix.T if matrix.shape[0] <= matrix.shape[1] else matrix.T @ matrix
    np.testing.assert_allclose(product, gain**2 * np.eye(len(product)), atol=1e-12)


def test_orthogonal_weights_prefer_no_sign():
    rng = np.random.default_rng(0)
    corners = [initializers.Orthogonal()((3, 3), rng)[0, 0] > 0 for _ in range(400)]
    # A fair coin strays from one half by 0.1 once in 16,000 times.
    assert abs(np.mean(corners) - 0.5) < 0.1


def test_constants():
    np.testing.assert_array_equal(initializers.get("zeros")((2, 3)), np.zeros((2, 3)))
    np.testing.assert_array_equal(initializers.get("ones")((2, 3)), np.ones((2, 3)))
    np.testing.assert_array_equal(initializers.Constant(0.25)((2,)), [0.25, 0.25])
    np.testing.assert_array_equal(initializers.Constant([1, 2])((2, 2)), [[1, 2], [1, 2]])
    np.testing.assert_array_equal(initializers.Identity(2.0)((2, 3)), [[2, 0, 0], [0, 2, 0]])


@pytest.mark.parametrize("name", ["glorot_uniform", "he_normal", "orthogonal", "random_normal"])
def test_seeds(name):
    own = make(name, {"seed": 3})
    first = own((4, 5), np.random.default_rng(0))
    np.testing.assert_array_equal(first, own((4, 5), np.random.default_rng(1)))
    np.testing.assert_array_equal(first, own((4, 5)))
    assert not np.array_equal(first, make(name, {"seed": 4})((4, 5)))
    free = make(name, {})
    np.testing.assert_array_equal(
        free((4, 5), np.random.default_rng(0)), free((4, 5), np.random.default_rng(0))
    )
    rng = np.random.default_rng(0)
    assert not np.array_equal(free((4, 5), rng), free((4, 5), rng))
    assert not np.array_equal(free((4, 5)), free((4, 5)))


def test_float32_weights_are_float64_ones_rounded():
    make = initializers.GlorotUniform()
    single = make((30, 40), np.random.default_rng(5))
    double = make((30, 40), np.random.default_rng(5), "float64")
    assert (single.dtype, double.dtype) == (np.float32, np.float64)
    np.testing.assert_array_equal(single, double.astype(np.float32))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("GlorotUniform", initializers.GlorotUniform),
        ("glorot_normal", initializers.GlorotNormal),
        ("HeNormal", initializers.HeNormal),
        ("he_uniform", initializers.HeUniform),
        ("lecun_normal", initializers.LecunNormal),
        ("LecunUniform", initializers.LecunUniform),
        ("normal", initializers.RandomNormal),
        ("uniform", initializers.RandomUniform),
        ("zeros", initializers.Zeros),
        ("zero", initializers.Zeros),
        ("one", initializers.Ones),
        ("identity", initializers.Identity),
        ("orthogonal", initializers.Orthogonal),
        ("constant", initializers.Constant),
        (initializers.HeNormal, initializers.HeNormal),
    ],
)
def test_names(name, kind):
    assert type(initializers.get(name)) is kind


def test_arrays_and_functions_stand_for_what_they_make():
    array = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(initializers.get(array)((2, 3)), array)
    np.testing.assert_array_equal(initializers.get(lambda shape: 2 * np.ones(shape))((2,)), [2, 2])
    kerasian = initializers.get(lambda shape, dtype=None: np.full(shape, 3, dtype))
    np.testing.assert_array_equal(kerasian((2,)), [3, 3])
    with pytest.raises(ValueError, match=r"gave the shape \(2, 3\), not \(3, 2\)"):
        initializers.get(array)((3, 2))


def test_what_is_refused():
    with pytest.raises(ValueError, match="no initializer 'glorot_unifrom': did you mean 'glorot_u"):
        initializers.get("glorot_unifrom")
    with pytest.raises(TypeError, match="is no initializer"):
        initializers.get(3)
    with pytest.raises(TypeError, match="'std': did you mean 'stddev'"):
        initializers.RandomNormal(std=1)
    with pytest.raises(ValueError, match="scale is 0"):
        initializers.VarianceScaling(scale=0)
    with pytest.raises(ValueError, match="mode is 'fan'"):
        initializers.VarianceScaling(mode="fan")
    with pytest.raises(ValueError, match="distribution is 'unifrom': did you mean 'uniform'"):
        initializers.VarianceScaling(distribution="unifrom")
    with pytest.raises(ValueError, match="matrices only"):
        initializers.Identity()((2, 2, 2))
    with pytest.raises(ValueError, match="two axes or more"):
        initializers.Orthogonal()((4,))
    with pytest.raises(ValueError, match=r"do not fill \(2,\)"):
        initializers.Constant([1, 2, 3])((2,))
