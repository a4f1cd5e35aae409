import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from simulator.lessons.frame import Scale, ScaleKind
from simulator.lessons.planes import (
    MOST_PLANES,
    Planes,
    any_rounded,
    common_scale,
    longest_number,
    nice_limit,
    plane_decimals,
    signed_scale,
)
from simulator.traces.numbers import exact, number
from tests.lessons.opened import opened, unhurried

sizes = st.tuples(st.integers(1, 5), st.integers(1, 5))
odd_numbers = st.sampled_from([np.nan, np.inf, -np.inf, 0.0, -0.0])
numbers = st.one_of(
    st.integers(-999, 999).map(float),
    st.floats(-10, 10, width=32),
    st.floats(-(2.0**40), 2.0**40, width=32),
    st.floats(-1e-4, 1e-4),
)
planes = arrays(np.float64, sizes, elements=numbers)
odd_planes = arrays(np.float64, sizes, elements=numbers | odd_numbers)


@pytest.mark.parametrize(
    ("largest", "limit"),
    [
        (0, 1),
        (1, 1),
        (0.7, 0.7),
        (0.71, 0.8),
        (653, 700),
        (700, 700),
        (float(np.float32(0.7)), 0.7),
        (9.5, 10),
        (1e-4, 1e-4),
        (float("nan"), 1),
        (float("inf"), 1),
        (-3, 1),
    ],
)
def test_limits_are_round(largest, limit):
    assert nice_limit(largest) == pytest.approx(limit)


@given(st.floats(1e-30, 1e30))
@unhurried
def test_limits_are_no_smaller_and_never_twice_as_large(largest):
    limit = nice_limit(largest)
    assert largest * (1 - 1e-6) <= limit <= 2 * largest
    digits = f"{limit:.6e}".split("e")[0]
    assert digits[1:] == ".000000"


@given(odd_planes)
@unhurried
def test_a_scale_covers_every_value(values):
    scale = signed_scale(values)
    known = values[np.isfinite(values)]
    assert scale.limit > 0
    assert np.all(np.abs(known) <= scale.limit * (1 + 1e-5))
    assert (scale.kind is ScaleKind.SIGNED) == bool((known < 0).any())


def test_a_common_scale_covers_all():
    signed, zero = Scale(ScaleKind.SIGNED, 3.0), Scale(ScaleKind.FROM_ZERO, 2.0)
    assert common_scale([zero, signed]) == signed
    assert common_scale([zero, Scale(ScaleKind.FROM_ZERO, 5.0)]).limit == 5.0
    mixed = common_scale([signed, Scale(ScaleKind.FROM_ZERO, 9.0)])
    assert mixed == Scale(ScaleKind.SIGNED, 9.0)


@pytest.mark.parametrize(
    ("values", "decimals"),
    [
        ([0, 255], 0),
        ([-1020, 3], 0),
        ([], 0),
        ([np.inf, 3], 0),
        ([np.nan], 0),
        ([1234.5], 0),
        ([99.5, 3], 1),
        ([9.5, 3], 2),
        ([0.1111], 2),
        ([0.05, 0], 3),
        ([0.0012], 3),
        ([0.00056], 5),
        ([1e-30], 12),
        ([0.0] * 100 + [0.5], 2),
    ],
)
def test_decimals_suit_the_largest_value(values, decimals):
    assert plane_decimals(np.array(values, dtype=np.float64)) == decimals


@given(odd_planes)
@example(np.array([[9_999_500.0]]))
@example(np.array([[9_999_999.5, -9_999_999.0]]))
@example(np.array([[1e8, 1.2e7, 3.0]]))
@unhurried
def test_the_longest_number_is_as_long_as_any_cell_shows(values):
    decimals = plane_decimals(values)
    longest = longest_number(values, decimals)
    lengths = [len(number(value, decimals)) for value in values.flat]
    assert max(lengths) <= longest
    if np.isfinite(values).all() and np.abs(values).max() < 1e6:
        assert max(lengths) == longest


@given(planes)
@unhurried
def test_a_cell_that_is_not_zero_is_hardly_ever_shown_as_zero(values):
    decimals = plane_decimals(values)
    largest = values.flat[np.argmax(np.abs(values))]
    if abs(largest) > 1e-11:
        assert any(digit in number(largest, decimals) for digit in "123456789")


@given(arrays(np.float64, sizes, elements=st.floats(-1e6, 1e6, width=32)), st.integers(0, 4))
@unhurried
def test_figures_are_rounded_where_one_of_them_is_not_exact(values, decimals):
    shown = [exact(value, number(value, decimals)) for value in values.flat]
    assert any_rounded(values, decimals) != all(shown)


def test_infinite_values_are_not_rounded():
    assert not any_rounded(np.array([1.0, -np.inf, np.nan]), 0)


# Kept planes


def trace():
    return opened("convolution", size=5, channels="3", filters=2).trace


def test_a_plane_is_the_arrays_values():
    made, source = Planes(trace()), trace()
    kernel = source.arrays["kernel"].values
    plane = made.plane("kernel", {2: 1, 3: 0})
    np.testing.assert_array_equal(plane.values, kernel[:, :, 1, 0])
    assert plane.array == "kernel"
    picture = made.plane("input", {2: 2}, colour_axis=2)
    np.testing.assert_array_equal(picture.values, source.arrays["input"].values)
    assert picture.cell_index(0, 0) == (0, 0, 2)
    products = made.plane("products", {0: 1, 1: 2, 2: 0, 3: 2}, axes=(4, 5))
    np.testing.assert_allclose(
        products.values,
        source.arrays["input"].values[2:5, 0:3, 2] * kernel[:, :, 2, 1],
        rtol=1e-6,
    )


def test_sizes_of_one_stay():
    made = Planes(opened("convolution", size=1, kernel_size=1, preset=("blur",)).trace)
    assert made.plane("input", {2: 0}).values.shape == (1, 1)
    assert made.plane("input", {2: 0}, colour_axis=2).values.shape == (1, 1, 1)
    assert made.plane("products", {0: 0, 1: 0, 2: 0, 3: 0}, axes=(4, 5)).values.shape == (1, 1)


def test_planes_are_kept_while_they_are_in_use():
    made = Planes(opened("convolution", size=12).trace)
    first = made.plane("input", {2: 0})
    for row, column in np.ndindex(10, 10):
        made.plane("products", {0: 0, 1: row, 2: column, 3: 0}, axes=(4, 5))
        assert made.plane("input", {2: 0}) is first
    forgotten = made.plane("products", {0: 0, 1: 0, 2: 0, 3: 0}, axes=(4, 5))
    assert MOST_PLANES < 100
    assert made.plane("products", {0: 0, 1: 0, 2: 0, 3: 0}, axes=(4, 5)) is forgotten


def test_planes_of_two_traces_or_of_two_kinds_are_never_mistaken():
    first, second = Planes(trace()), Planes(trace())
    identities = {
        first.plane("input", {2: 0}).identity,
        first.plane("input", {2: 1}).identity,
        first.plane("input", {2: 0}, colour_axis=2).identity,
        first.plane("input", {2: 0}, axes=(1, 0)).identity,
        first.plane("output", {2: 0}).identity,
        second.plane("input", {2: 0}).identity,
    }
    assert len(identities) == 6
