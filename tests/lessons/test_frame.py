import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.lessons.frame import (
    MOST_SINGLE_BOXES,
    Box,
    Grid,
    Plane,
    Scale,
    ScaleKind,
)
from simulator.traces.formula import Message
from simulator.traces.model import Role
from simulator.traces.region import Region, one
from tests.lessons.opened import unhurried

sides = st.floats(-50, 50)
boxes = st.builds(Box, sides, sides, st.floats(0.5, 20), st.floats(0.5, 20))


def plane(*, axes=(0, 1), shape=(4, 5, 3), fixed=None, region=None):
    fixed = {2: 1} if fixed is None else fixed
    whole = tuple(one(fixed[axis]) if axis in fixed else range(n) for axis, n in enumerate(shape))
    rows, columns = shape[axes[0]], shape[axes[1]]
    return Plane(
        region=region or Region("input", whole),
        values=np.arange(rows * columns, dtype=np.float32).reshape(rows, columns) - 7.25,
        scale=Scale(ScaleKind.SIGNED, 10.0),
        decimals=2,
        longest=5,
        row_axis=axes[0],
        column_axis=axes[1],
        fixed=fixed,
        identity=(0,),
    )


def grid(**fields):
    return Grid(
        key="input",
        plane=plane(),
        title=Message("Input"),
        note=Message(""),
        role=Role.READS,
        view=Box(0, 0, 4, 5),
        **fields,
    )


@given(boxes, boxes)
@unhurried
def test_a_glide_starts_and_ends_at_its_boxes(first, second):
    assert first.towards(second, 0) == first
    end = first.towards(second, 1)
    for side in ("top", "left", "height", "width"):
        assert getattr(end, side) == pytest.approx(getattr(second, side), abs=1e-9)
    middle = first.towards(second, 0.5)
    assert middle.top == pytest.approx((first.top + second.top) / 2, abs=1e-9)
    assert middle.width == pytest.approx((first.width + second.width) / 2)


@pytest.mark.parametrize(
    ("box", "overlaps"),
    [
        (Box(0, 0, 1, 1), True),
        (Box(2.5, 3.5, 5, 5), True),
        (Box(-1, -1, 9, 9), True),
        (Box(3, 0, 1, 1), False),
        (Box(0, 4, 1, 1), False),
        (Box(-1, 0, 1, 1), False),
        (Box(0, -2, 1, 2), False),
    ],
)
def test_boxes_overlap_where_they_have_an_area_in_common(box, overlaps):
    assert box.overlaps(Box(0, 0, 3, 4)) is overlaps
    assert Box(0, 0, 3, 4).overlaps(box) is overlaps


@pytest.mark.parametrize(
    ("axes", "fixed"), [((0, 1), {2: 1}), ((1, 2), {0: 3}), ((2, 0), {1: 0}), ((1, 0), {2: 2})]
)
def test_cells_and_indices_are_the_same_both_ways(axes, fixed):
    shown = plane(axes=axes, fixed=fixed)
    for row, column in np.ndindex(shown.values.shape):
        index = shown.cell_index(row, column)
        assert (index[axes[0]], index[axes[1]]) == (row, column)
        assert all(index[axis] == at for axis, at in fixed.items())
        assert shown.position(index) == (row, column)
        axis = next(iter(fixed))
        other = tuple(at + 1 if number == axis else at for number, at in enumerate(index))
        assert shown.position(other) is None


def test_a_picture_in_colour_shows_every_channel():
    coloured = plane(region=Region("input", (range(4), range(5), range(3))))
    assert coloured.position((2, 3, 0)) == (2, 3)
    assert coloured.cell_index(2, 3) == (2, 3, 1)
    assert coloured.boxes(Region.cell("input", 2, 3, 2)) == (Box(2, 3, 1, 1),)
    assert coloured.boxes(Region.cell("input", 2, 3, 3)) == ()


@pytest.mark.parametrize(
    ("rows", "columns", "found"),
    [
        (range(1, 3), range(4), [Box(1, 0, 2, 4)]),
        (range(-2, 1), range(1), [Box(-2, 0, 3, 1)]),
        ((0, 1, 2), (3,), [Box(0, 3, 3, 1)]),
        (
            range(0, 3, 2),
            range(2, 4),
            [Box(0, 2, 1, 1), Box(0, 3, 1, 1), Box(2, 2, 1, 1), Box(2, 3, 1, 1)],
        ),
        ((), range(3), []),
        (range(3), (), []),
    ],
)
def test_a_region_is_boxes_of_cells(rows, columns, found):
    assert list(plane().boxes(Region("input", (rows, columns, one(1))))) == found


def test_a_region_of_other_planes_is_no_box():
    assert plane().boxes(Region("input", (range(2), range(2), one(0)))) == ()
    assert plane().boxes(Region("input", (range(2), range(2), range(3)))) == (Box(0, 0, 2, 2),)


def test_too_many_cells_apart_are_one_box():
    many = range(0, 2 * 17, 2)
    assert len(many) ** 2 > MOST_SINGLE_BOXES
    assert plane().boxes(Region("input", (many, many, one(1)))) == (Box(0, 0, 33, 33),)
    fewer = range(0, 2 * 16, 2)
    assert len(plane().boxes(Region("input", (fewer, fewer, one(1))))) == 256


def test_cells_have_their_numbers():
    shown = grid(padding=(1, 1, 1, 1), padding_text="0")
    assert (shown.rows, shown.columns) == (4, 5)
    assert shown.text(0, 0) == "−7.25"
    assert shown.text(3, 4) == "11.75"
    for row, column in ((-1, 0), (0, -1), (4, 0), (0, 5)):
        assert not shown.holds(row, column)
        assert shown.text(row, column) == "0"


def test_every_cell_is_written_unless_a_mask_says_otherwise():
    assert grid().is_written(2, 2)
    mask = np.zeros((4, 5), dtype=bool)
    mask[0, 0] = True
    shown = grid(written=mask)
    assert shown.is_written(0, 0)
    assert not shown.is_written(0, 1)


def test_colours_have_no_number():
    shown = grid()
    coloured = Grid(
        **{
            **{name: getattr(shown, name) for name in ("key", "title", "note", "role", "view")},
            "plane": Plane(
                **{
                    **{name: getattr(shown.plane, name) for name in Plane.__slots__},
                    "values": np.zeros((4, 5, 3), dtype=np.float32),
                }
            ),
        }
    )
    assert coloured.text(1, 1) == ""
