import pytest

from simulator.lessons.frame import Box, Mark, MarkKind
from simulator.lessons.window_grids import MOST_PENDING
from simulator.traces.model import Role
from tests.lessons.opened import LARGE_ROOM, ROOM, opened


def cells(grid, kind=MarkKind.CELL):
    return [mark.box for mark in grid.marks if mark.kind is kind]


def at_product(*place, **settings):
    """A convolution's frame at one of its products: map, row, column, channel, kernel cell."""
    session = opened("convolution", **settings)
    session.timeline.seek(session.trace.finest_of(place))
    return session, session.frame(LARGE_ROOM)


def test_one_product_is_marked_in_every_array():
    session, frame = at_product(0, 1, 2, 0, 2, 1)
    assert frame.weights is not None
    assert cells(frame.input) == [Box(3, 3, 1, 1)]
    assert cells(frame.input, MarkKind.WINDOW) == [Box(1, 2, 3, 3)]
    assert cells(frame.weights) == [Box(2, 1, 1, 1)]
    assert cells(frame.terms) == [Box(2, 1, 1, 1)]
    assert cells(frame.output) == [Box(1, 2, 1, 1)]
    session.set_level("cell")
    frame = session.frame(LARGE_ROOM)
    assert frame.weights is not None
    assert cells(frame.input) == cells(frame.weights) == cells(frame.terms) == []
    assert cells(frame.output) == [Box(1, 2, 1, 1)]


@pytest.mark.parametrize("level", ["map", "layer"])
def test_a_step_of_many_cells_marks_all_that_it_reads_and_writes(level):
    frame = opened("convolution", level, padding=1).frame(LARGE_ROOM)
    assert frame.input.marks == (Mark(MarkKind.WINDOW, Role.READS, Box(-1, -1, 8, 8)),)
    assert frame.output.marks == (Mark(MarkKind.WINDOW, Role.WRITES, Box(0, 0, 6, 6)),)
    near = opened("convolution", level, size=30).frame(ROOM)
    assert near.input.marks == near.output.marks == ()


def test_a_dilated_window_marks_each_cell_that_it_reads():
    session = opened("convolution", "cell", size=9, dilation=3, kernel_size=2, padding=1)
    frame = session.frame(LARGE_ROOM)
    assert cells(frame.input, MarkKind.WINDOW) == [Box(-1, -1, 4, 4)]
    assert cells(frame.input, MarkKind.SOURCE) == [
        Box(row, column, 1, 1) for row in (-1, 2) for column in (-1, 2)
    ]
    near = opened("convolution", size=60, dilation=8, kernel_size=15, padding="same").frame(ROOM)
    shown = cells(near.input, MarkKind.SOURCE)
    assert shown
    assert all(box.overlaps(near.input.view) for box in shown)


@pytest.mark.parametrize("kind", ["max", "global_max", "stochastic_training"])
@pytest.mark.parametrize("padding", ["valid", 1])
def test_the_winner_is_marked_in_the_input_and_among_the_values(kind, padding):
    session = opened("pooling", "cell", kind=kind, window=3, stride=2, padding=padding, size=7)
    trace = session.trace
    for step in range(len(trace)):
        session.timeline.seek(step)
        frame = session.frame(LARGE_ROOM)
        (inside,), (among,) = cells(frame.input), cells(frame.terms)
        place = session.place
        output = trace.arrays["output"].values[place.row, place.column, place.map]
        values = trace.arrays["input"].values[:, :, 0]
        assert values[int(inside.top), int(inside.left)] == output
        rows, columns = (
            trace.geometry.window_rows(place.row),
            trace.geometry.window_columns(place.column),
        )
        assert (rows[int(among.top)], columns[int(among.left)]) == (inside.top, inside.left)


def test_a_mean_has_no_winner():
    frame = opened("pooling", "cell", kind="average").frame(LARGE_ROOM)
    assert cells(frame.input) == cells(frame.terms) == []


def test_products_to_come_are_told_by_their_factors():
    edits = {"input": {(0, 0, 0): 1.5, (0, 1, 0): -2.0, (1, 0, 0): 7.0, (1, 1, 0): 0.0}}
    session = opened("convolution", kernel_size=2, edits=edits)
    frame = session.frame(LARGE_ROOM)
    assert frame.terms.pending == (("1.5×−1", "−2×1"), ("7×−1", "0×1"))
    session.timeline.seek(3)
    assert session.frame(LARGE_ROOM).terms.pending is None, "all are there"
    session.set_level("cell")
    assert session.frame(LARGE_ROOM).terms.pending is None


def test_padding_is_a_factor_too():
    session = opened("convolution", padding=2, kernel_size=2, preset=("identity",))
    assert session.frame(LARGE_ROOM).terms.pending == (("0×0", "0×0"), ("0×0", "0×1"))


def test_where_they_could_not_be_read_products_to_come_are_not_told():
    session = opened("convolution", kernel_size=7, size=8)
    assert MOST_PENDING == 49
    assert session.frame(LARGE_ROOM).terms.pending is not None
    session = opened("convolution", kernel_size=8, size=8)
    assert session.frame(LARGE_ROOM).terms.pending is None
    assert opened("pooling").frame(LARGE_ROOM).terms.pending is None


@pytest.mark.parametrize(
    ("settings", "note"),
    [
        ({"preset": ("blur",), "range": "1"}, "rounded"),
        ({"preset": ("sobel_x",)}, ""),
        ({"preset": ("identity",), "range": "1"}, "rounded"),
    ],
)
def test_figures_that_are_added_up_say_if_they_are_rounded(settings, note):
    frame = opened("convolution", "cell", **settings).frame(LARGE_ROOM)
    assert str(frame.terms.note) == note


def test_figures_of_which_one_is_chosen_are_not_added_up():
    frame = opened("pooling", "cell", kind="max", range="1").frame(LARGE_ROOM)
    assert str(frame.terms.note) == ""
    frame = opened("pooling", "cell", kind="average", range="1").frame(LARGE_ROOM)
    assert str(frame.terms.note) == "rounded"


@pytest.mark.parametrize(
    ("settings", "step", "note"),
    [
        ({}, 0, "3 × 3, Sobel x"),
        ({"kernel_size": 5, "preset": ("random",)}, 0, "5 × 5, Random"),
        ({"channels": "3"}, 9, "3 × 3, Sobel x, green"),
        ({"edits": {"kernel": {(0, 0, 0, 0): 3.0}}}, 0, "3 × 3, edited"),
        ({"edits": {"kernel": {(0, 0, 0, 0): 3.0}}, "channels": "3"}, 9, "3 × 3, edited, green"),
        ({"edits": {"input": {(0, 0, 0): 3.0}}}, 0, "3 × 3, Sobel x"),
    ],
)
def test_the_kernel_is_called_by_its_name(settings, step, note):
    frame = opened("convolution", "product", step, **settings).frame(LARGE_ROOM)
    assert frame.weights is not None
    assert str(frame.weights.note) == note


def test_typed_cells_are_known_where_they_are_on_view():
    edits = {"kernel": {(0, 1, 0, 0): 3.0, (2, 2, 1, 0): 3.0}, "input": {(4, 5, 2): 1.0}}
    session = opened("convolution", channels="3", edits=edits)
    for channel, kernel, image in (
        (0, {(0, 1)}, set()),
        (1, {(2, 2)}, set()),
        (2, set(), {(4, 5)}),
    ):
        session.pick_channel(channel)
        frame = session.frame(LARGE_ROOM)
        assert frame.weights is not None
        assert frame.weights.edited == kernel
        assert frame.input.edited == image
        assert frame.terms.edited == frame.output.edited == set()


def test_what_was_given_can_be_changed_and_nothing_else():
    frame = opened("convolution", size=30, channels="3", filters=2).frame(ROOM)
    assert frame.input.editable
    assert frame.weights is not None
    assert frame.weights.editable
    assert frame.input_overview is not None
    assert not any(grid.editable for grid in (frame.terms, frame.output, frame.input_overview))
