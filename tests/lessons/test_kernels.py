import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.lessons.kernels import KERNEL_OPTIONS, filters, kernel
from tests.lessons.opened import unhurried

PRESETS = [option.value for option in KERNEL_OPTIONS]
SIZES = range(1, 16)
THIRD = 1 / 9


def made(preset, size):
    return kernel(preset, size, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("preset", "textbook"),
    [
        ("sobel_x", [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
        ("sobel_y", [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]),
        ("laplacian", [[1, 1, 1], [1, -8, 1], [1, 1, 1]]),
        ("blur", [[THIRD] * 3] * 3),
        ("sharpen", [[-1, -1, -1], [-1, 9, -1], [-1, -1, -1]]),
        ("emboss", [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]),
        ("identity", [[0, 0, 0], [0, 1, 0], [0, 0, 0]]),
    ],
)
def test_at_three_by_three_they_are_those_of_the_textbooks(preset, textbook):
    np.testing.assert_array_equal(made(preset, 3), textbook)


def test_the_larger_sobel_is_a_binomial_across_a_smoothed_difference():
    np.testing.assert_array_equal(made("sobel_x", 5), np.outer([1, 4, 6, 4, 1], [-1, -2, 0, 2, 1]))
    np.testing.assert_array_equal(made("sobel_x", 2), [[-1, 1], [-1, 1]])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("preset", ["sobel_x", "sobel_y", "laplacian"])
def test_kernels_for_edges_add_up_to_nothing(preset, size):
    assert filters((preset,), size=size, channels=1, seed=0).sum(dtype=np.float64) == 0


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("preset", ["blur", "sharpen", "emboss", "identity"])
def test_kernels_that_keep_even_areas_add_up_to_one(preset, size):
    assert made(preset, size).sum() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("size", SIZES)
def test_sobel_y_is_sobel_x_turned(size):
    np.testing.assert_array_equal(made("sobel_y", size), made("sobel_x", size).T)


@pytest.mark.parametrize("size", range(2, 16))
def test_dark_to_bright_from_left_to_right_is_positive_for_sobel_x(size):
    ramp = np.tile(np.arange(size), (size, 1))
    assert (made("sobel_x", size) * ramp).sum() > 0
    assert (made("sobel_x", size) * ramp.T).sum() == 0
    assert (made("sobel_y", size) * ramp.T).sum() > 0


@pytest.mark.parametrize("size", SIZES)
def test_sharpen_is_the_picture_and_its_edges(size):
    np.testing.assert_array_equal(
        made("sharpen", size), made("identity", size) - made("laplacian", size)
    )


@given(st.lists(st.sampled_from(PRESETS), min_size=1, max_size=5), st.integers(1, 15))
@unhurried
def test_each_channel_of_a_filter_has_its_presets_weights(presets, size):
    weights = filters(tuple(presets), size=size, channels=3, seed=1)
    assert weights.shape == (size, size, 3, len(presets))
    assert weights.dtype == np.float32
    assert weights.flags.c_contiguous
    for index, preset in enumerate(presets):
        if preset != "random":
            for channel in range(3):
                np.testing.assert_array_equal(
                    weights[:, :, channel, index], made(preset, size).astype(np.float32)
                )


@given(
    st.lists(st.sampled_from(PRESETS), min_size=1, max_size=4),
    st.integers(0, 9999),
    st.integers(2, 6),
)
@unhurried
def test_random_weights_follow_from_seed_filter_and_channel_alone(others, seed, size):
    presets = (*others, "random")
    weights = filters(presets, size=size, channels=3, seed=seed)[..., -1]
    at = len(others)
    alone = filters(("blur",) * at + ("random",), size=size, channels=1, seed=seed)
    np.testing.assert_array_equal(weights[..., 0], alone[..., 0, -1])
    assert not np.array_equal(weights[..., 0], weights[..., 1])
    other_filter = filters((*presets, "random"), size=size, channels=1, seed=seed)[..., 0, -1]
    assert not np.array_equal(weights[..., 0], other_filter)
    other_seed = filters(presets, size=size, channels=1, seed=seed + 1)[..., 0, -1]
    assert not np.array_equal(weights[..., 0], other_seed)
    np.testing.assert_allclose(weights, np.round(weights, 2), atol=1e-6)
