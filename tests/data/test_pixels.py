from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.data.pixels import PictureError, cells, grey, resized

byte = st.integers(0, 255)


@pytest.mark.parametrize(
    ("colour", "luma"),
    [
        ((255, 0, 0), 76),
        ((0, 255, 0), 150),
        ((0, 0, 255), 29),
        ((255, 255, 255), 255),
        ((0, 0, 0), 0),
        ((10, 20, 30), 18),
        ((0, 0, 250), 29),  # 28.5 exactly
    ],
)
def test_grey_of_known_colours(colour, luma):
    assert grey(np.array([[colour]], dtype=np.uint8)).tolist() == [[luma]]


@given(byte, byte, byte)
def test_grey_is_the_rounded_luma_of_bt_601(red, green, blue):
    exact = Decimal("0.299") * red + Decimal("0.587") * green + Decimal("0.114") * blue
    expected = int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    assert grey(np.array([[[red, green, blue]]], dtype=np.uint8))[0, 0] == expected


@given(byte)
def test_what_is_grey_already_keeps_its_value(value):
    assert grey(np.full((1, 2, 3), value, dtype=np.uint8)).tolist() == [[value, value]]


def random_square(side):
    return np.random.default_rng(5).integers(0, 256, (side, side, 3), dtype=np.uint8)


def test_the_same_size_keeps_every_value():
    square = random_square(9)
    values = cells(square, size=9, channels=3)
    assert values.dtype == np.float32
    np.testing.assert_array_equal(values, square)


def test_a_whole_multiple_repeats_each_pixel():
    square = random_square(3)
    values = cells(square, size=12, channels=3)
    for row in range(12):
        for column in range(12):
            assert (values[row, column] == square[row // 4, column // 4]).all()


def test_any_other_larger_size_is_interpolated_linearly():
    square = np.zeros((2, 2, 3), dtype=np.uint8)
    square[:, 1] = 200
    # The middles of 3 cells lie 0, 1/2 and 1 of the way from one pixel's middle to the other's.
    assert cells(square, size=3, channels=1)[..., 0].tolist() == [[0.0, 100.0, 200.0]] * 3


@given(byte, byte, byte, st.integers(1, 40))
def test_one_colour_stays_that_colour_at_every_size(red, green, blue, size):
    square = np.empty((8, 8, 3), dtype=np.uint8)
    square[:] = (red, green, blue)
    assert (cells(square, size=size, channels=3) == (red, green, blue)).all()


def test_a_smaller_size_takes_every_pixel_into_account():
    square = np.zeros((64, 64, 3), dtype=np.uint8)
    square[::2] = 255
    shrunk = resized(square, 8).astype(int)
    # The mean of the stripes, not one of the two: nearest neighbour would give 0 or 255.
    assert abs(shrunk[1:-1] - 127.5).max() < 2


@given(st.integers(1, 40))
def test_the_grey_picture_is_the_luma_of_the_colour_picture_of_that_size(size):
    square = random_square(16)
    colour = cells(square, size=size, channels=3)
    single = cells(square, size=size, channels=1)
    assert single.shape == (size, size, 1)
    np.testing.assert_array_equal(single[..., 0], grey(colour.astype(np.uint8)))


@pytest.mark.parametrize("size", [0, -3, 1025])
def test_a_size_that_cannot_be_is_refused(size):
    with pytest.raises(PictureError, match=rf"{size} cells wide .* from 1 to 1024"):
        cells(random_square(2), size=size, channels=1)


def test_two_channels_are_refused():
    with pytest.raises(PictureError, match=r"1 channel \(grey\) or 3 \(RGB\), not 2"):
        cells(random_square(2), size=2, channels=2)
