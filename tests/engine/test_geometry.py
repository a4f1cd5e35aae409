import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine.geometry import GeometryError, WindowGeometry
from tests.engine import naive
from tests.engine.geometries import convolutions, poolings


@pytest.mark.parametrize(
    ("length", "kernel", "stride", "dilation", "output", "padding"),
    [
        (5, 3, 1, 1, 5, (1, 1)),
        (5, 3, 2, 1, 3, (1, 1)),
        (6, 3, 2, 1, 3, (0, 1)),  # the extra cell comes last
        (4, 2, 1, 1, 4, (0, 1)),
        (28, 5, 1, 1, 28, (2, 2)),
        (224, 7, 2, 1, 112, (2, 3)),
        (10, 1, 3, 1, 4, (0, 0)),  # a stride larger than the kernel needs no padding
        (5, 3, 1, 2, 5, (2, 2)),
        (1, 9, 1, 1, 1, (4, 4)),
        (13, 6, 5, 1, 3, (1, 2)),
    ],
)
def test_same_padding_is_kerass(length, kernel, stride, dilation, output, padding):
    geometry = WindowGeometry.convolution(
        (length, 1),
        kernel_size=(kernel, 1),
        stride=(stride, 1),
        padding="same",
        dilation=(dilation, 1),
    )
    assert geometry.output_size == (output, 1)
    assert geometry.padding == (padding, (0, 0))


@pytest.mark.parametrize(
    ("padding", "sides"),
    [
        ("valid", ((0, 0), (0, 0))),
        (2, ((2, 2), (2, 2))),
        ((1, 3), ((1, 1), (3, 3))),
        (((0, 1), (2, 3)), ((0, 1), (2, 3))),
        ([1, (2, 3)], ((1, 1), (2, 3))),
        (np.int64(1), ((1, 1), (1, 1))),
    ],
)
def test_ways_to_write_padding(padding, sides):
    assert WindowGeometry.convolution((5, 5), kernel_size=3, padding=padding).padding == sides


def test_numbers_stand_for_both_axes():
    written_out = WindowGeometry.convolution(
        (9, 9), kernel_size=(3, 3), stride=(2, 2), dilation=(2, 2)
    )
    assert WindowGeometry.convolution([9, 9], kernel_size=3, stride=2, dilation=2) == written_out
    assert written_out.effective_kernel_size == (5, 5)
    assert written_out.output_size == (3, 3)
    assert hash(written_out) == hash(
        WindowGeometry.convolution((9, 9), kernel_size=np.int32(3), stride=2, dilation=2)
    )


def test_pooling_windows_lie_side_by_side_unless_told_otherwise():
    assert WindowGeometry.pooling((6, 7), window=(2, 3)).stride == (2, 3)
    assert WindowGeometry.pooling((6, 7), window=(2, 3)).output_size == (3, 2)
    assert WindowGeometry.pooling((6, 7), window=(2, 3), stride=1).output_size == (5, 5)


def test_whole_is_one_window():
    geometry = WindowGeometry.whole((4, 6))
    assert geometry.output_size == (1, 1)
    assert geometry.window_rows(0) == range(4)
    assert geometry.window_columns(0) == range(6)


@given(st.one_of(convolutions(), poolings()))
def test_output_size_counts_the_places_of_the_window(geometry):
    assert geometry.output_size == naive.output_shape(geometry)
    if geometry.padding == ((0, 0), (0, 0)):
        return
    assert geometry.padded_size == tuple(
        length + sum(sides)
        for length, sides in zip(geometry.input_size, geometry.padding, strict=True)
    )


@given(st.one_of(convolutions(), poolings()))
def test_window_and_its_readers_are_each_others_inverse(geometry):
    for axis, (window, readers) in enumerate(
        [
            (geometry.window_rows, geometry.rows_reading),
            (geometry.window_columns, geometry.columns_reading),
        ]
    ):
        before, after = geometry.padding[axis]
        outputs = range(geometry.output_size[axis])
        for position in range(-before, geometry.input_size[axis] + after):
            expected = tuple(output for output in outputs if position in window(output))
            assert readers(position) == expected
        for output in outputs:
            assert len(window(output)) == geometry.kernel_size[axis]
            assert window(output)[0] >= -before
            assert window(output)[-1] < geometry.input_size[axis] + after


@given(st.one_of(convolutions(), poolings()))
def test_overlaps_name_each_meeting_of_window_and_input_once(geometry):
    met = []
    for cell in geometry.overlaps():
        rows = range(geometry.output_size[0])[cell.output_rows]
        columns = range(geometry.output_size[1])[cell.output_columns]
        input_rows = range(geometry.input_size[0])[cell.input_rows]
        input_columns = range(geometry.input_size[1])[cell.input_columns]
        assert rows
        assert columns
        for i, row in zip(rows, input_rows, strict=True):
            for j, column in zip(columns, input_columns, strict=True):
                met.append((i, j, cell.row, cell.column, row, column))
    height, width = geometry.output_size
    assert sorted(met) == [
        (i, j, *cell)
        for i in range(height)
        for j in range(width)
        for cell in naive.window_cells(geometry, i, j)
    ]


@given(poolings())
def test_every_pooling_window_sees_input(geometry):
    height, width = geometry.output_size
    assert all(
        any(True for _ in naive.window_cells(geometry, i, j))
        for i in range(height)
        for j in range(width)
    )


def test_an_output_cell_that_is_not_there():
    geometry = WindowGeometry.convolution((5, 6), kernel_size=3)
    with pytest.raises(IndexError, match="Output row 3 does not exist: the output is 3 × 4"):
        geometry.window_rows(3)
    with pytest.raises(IndexError, match="Output column -1 does not exist"):
        geometry.window_columns(-1)


@pytest.mark.parametrize(
    ("arguments", "parameter", "message"),
    [
        (
            {"kernel_size": 7},
            "kernel_size",
            "A 7 × 7 kernel does not fit the 5 × 5 input: choose a size of 5 or less, or a padding "
            "of at least 1.",
        ),
        (
            {"kernel_size": (7, 3)},
            "kernel_size",
            "A 7 × 3 kernel does not fit the 5 × 5 input: choose a height of 5 or less, or a "
            "padding of at least 1.",
        ),
        (
            {"kernel_size": (6, 9)},
            "kernel_size",
            "A 6 × 9 kernel does not fit the 5 × 5 input: choose a height of 5 or less and a width "
            "of 5 or less, or a padding of at least 2.",
        ),
        (
            {"kernel_size": 9, "padding": 1},
            "kernel_size",
            "A 9 × 9 kernel does not fit the 5 × 5 input, 7 × 7 with its padding: choose a size of "
            "7 or less, or a padding of at least 2.",
        ),
        (
            {"kernel_size": 3, "dilation": 3},
            "kernel_size",
            "A 3 × 3 kernel with dilation 3 spans 7 × 7 cells and does not fit the 5 × 5 input: "
            "choose a size of 2 or less, a dilation of 2 or less, or a padding of at least 1.",
        ),
        (
            {"kernel_size": 3, "dilation": (1, 4)},
            "kernel_size",
            "A 3 × 3 kernel with dilation 1 × 4 spans 3 × 9 cells and does not fit the 5 × 5 "
            "input: choose a size of 2 or less, a dilation of 2 or less, or a padding of at least "
            "2.",
        ),
        (
            {"kernel_size": 9, "dilation": 2},
            "kernel_size",
            "A 9 × 9 kernel with dilation 2 spans 17 × 17 cells and does not fit the 5 × 5 input: "
            "choose a size of 3 or less, or a padding of at least 6.",
        ),
        (
            {"kernel_size": 0},
            "kernel_size",
            "The kernel size is 0: it must be a whole number of 1 or more, or a pair of them.",
        ),
        (
            {"kernel_size": 3, "stride": 0},
            "stride",
            "The stride is 0: it must be a whole number of 1 or more, or a pair of them.",
        ),
        (
            {"kernel_size": 3, "stride": (1, -2)},
            "stride",
            "The stride is (1, -2): it must be a whole number of 1 or more, or a pair of them.",
        ),
        (
            {"kernel_size": 3, "dilation": 0},
            "dilation",
            "The dilation is 0: it must be a whole number of 1 or more, or a pair of them.",
        ),
        (
            {"kernel_size": 3, "padding": -1},
            "padding",
            'The padding is -1: it must be "valid", "same", a whole number of 0 or more, a pair of '
            "them, or ((top, bottom), (left, right)).",
        ),
    ],
)
def test_what_does_not_fit_is_said_with_its_numbers(arguments, parameter, message):
    with pytest.raises(GeometryError) as refused:
        WindowGeometry.convolution((5, 5), **arguments)
    assert str(refused.value) == message
    assert refused.value.parameter == parameter


@pytest.mark.parametrize("wrong", [True, 1.0, 2.5, "3", None, (1, 2, 3), (1,), (1, 2.0), math.nan])
@pytest.mark.parametrize("parameter", ["kernel_size", "stride", "dilation", "padding"])
def test_only_whole_numbers_and_pairs_are_taken(parameter, wrong):
    arguments = {"kernel_size": 1, parameter: wrong}
    with pytest.raises(GeometryError, match="must be") as refused:
        WindowGeometry.convolution((5, 5), **arguments)
    assert refused.value.parameter == parameter


@pytest.mark.parametrize(
    "padding", ["full", "SAME", ((1, 1), (1, -1)), ((1, 1, 1), (1, 1)), (((1, 1), 1), 1)]
)
def test_paddings_that_mean_nothing(padding):
    with pytest.raises(GeometryError) as refused:
        WindowGeometry.convolution((5, 5), kernel_size=3, padding=padding)
    assert refused.value.parameter == "padding"


def test_numpy_numbers_are_named_like_any_number():
    with pytest.raises(GeometryError, match=r"The stride is 1\.5: "):
        WindowGeometry.convolution((5, 5), kernel_size=3, stride=np.float32(1.5))


@pytest.mark.parametrize("size", [(0, 5), (5,), 5, (5, 5.0), (5, True)])
def test_an_input_without_cells(size):
    for make in (
        lambda: WindowGeometry.convolution(size, kernel_size=1),
        lambda: WindowGeometry.pooling(size, window=1),
        lambda: WindowGeometry.whole(size),
    ):
        with pytest.raises(GeometryError, match="must be a height and a width") as refused:
            make()
        assert refused.value.parameter == "input"


def test_pooling_refuses_windows_of_padding_alone():
    with pytest.raises(GeometryError) as refused:
        WindowGeometry.pooling((5, 5), window=(3, 2), padding=2)
    assert str(refused.value) == (
        "A padding of 2 leaves a 3 × 2 pooling window with nothing but padding: choose a padding "
        "of 1 or less, or a larger window."
    )
    assert refused.value.parameter == "padding"


def test_pooling_one_cell_allows_no_padding():
    with pytest.raises(GeometryError, match="choose no padding, or a larger window"):
        WindowGeometry.pooling((5, 5), window=1, padding=1)


def test_pooling_window_larger_than_the_input():
    with pytest.raises(GeometryError, match="A 7 × 7 pooling window does not fit the 5 × 5 input"):
        WindowGeometry.pooling((5, 5), window=7)


@given(
    length=st.integers(1, 9),
    missing=st.integers(1, 9),
    dilation=st.integers(1, 4),
    padding=st.integers(0, 3),
)
def test_each_way_out_in_the_message_is_one_and_the_number_is_its_limit(
    length, missing, dilation, padding
):
    size = (length + 2 * padding - 1) // dilation + 1 + missing
    given_numbers = {"kernel_size": size, "dilation": dilation, "padding": padding}
    with pytest.raises(GeometryError) as refused:
        WindowGeometry.convolution((length, length), **given_numbers)
    advice = str(refused.value).split("choose ")[1]
    limits = {
        "kernel_size": re.search(r"a size of (\d+) or less", advice),
        "dilation": re.search(r"a dilation of (\d+) or less", advice),
        "padding": re.search(r"a padding of at least (\d+)", advice),
    }
    assert limits["kernel_size"]
    assert limits["padding"]
    for name, found in limits.items():
        if found is None:
            continue
        limit, beyond = int(found[1]), -1 if name == "padding" else 1
        WindowGeometry.convolution((length, length), **{**given_numbers, name: limit})
        with pytest.raises(GeometryError):
            WindowGeometry.convolution((length, length), **{**given_numbers, name: limit + beyond})
