import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.lessons.frame import Pointer
from simulator.lessons.hover_card import card_of
from simulator.lessons.toned import runs
from simulator.traces.formula import Tone
from simulator.traces.model import Role
from simulator.traces.numbers import number
from simulator.traces.region import Region
from tests.lessons.opened import LARGE_ROOM, grids, opened, randomly, sessions


def card(session, array, *index, step=None, pinned=False):
    arrived = len(session.trace) - 1 if step is None else step
    return card_of(session.trace, Pointer(array, index), arrived, pinned=pinned)


def lines(session, array, *index, step=None):
    return [str(line) for line in card(session, array, *index, step=step).lines]


# Words


@pytest.mark.parametrize(
    ("settings", "index", "told"),
    [
        (
            {},
            (2, 1, 0),
            ["From 9 input cells (rows 2–4, columns 1–3), 9 weights and the bias."],
        ),
        (
            {"padding": 1},
            (0, 0, 0),
            [
                "From 4 input cells (rows 0–1, columns 0–1; 5 more are padding), 9 weights and "
                "the bias."
            ],
        ),
        (
            {"padding": 1, "kernel_size": 1},
            (1, 1, 0),
            ["From 1 input cell (row 0, column 0), 1 weight and the bias."],
        ),
        (
            {"padding": 1, "kernel_size": 1},
            (0, 0, 0),
            ["From 1 cell of padding, 1 weight and the bias."],
        ),
        (
            {"padding": 3},
            (0, 0, 0),
            ["From 9 cells of padding, 9 weights and the bias."],
        ),
        (
            {"channels": "3", "filters": 2},
            (0, 0, 1),
            ["From 27 input cells (rows 0–2, columns 0–2, 3 channels), 27 weights and the bias."],
        ),
        (
            {"size": 9, "dilation": 2, "kernel_size": 3},
            (1, 0, 0),
            ["From 9 input cells (rows 1, 3, 5, columns 0, 2, 4), 9 weights and the bias."],
        ),
        (
            {"size": 20, "dilation": 3, "kernel_size": 6},
            (0, 0, 0),
            [
                "From 36 input cells (rows 0, 3, …, 15, columns 0, 3, …, 15), 36 weights and the "
                "bias."
            ],
        ),
        (
            {"padding": 1, "kernel_size": 2, "size": 1},
            (0, 1, 0),
            ["From 1 input cell (row 0, column 0; 3 more are padding), 4 weights and the bias."],
        ),
        (
            {"padding": 1, "kernel_size": 2, "size": 2, "dilation": 2},
            (0, 1, 0),
            ["From 1 input cell (row 1, column 0; 3 more are padding), 4 weights and the bias."],
        ),
    ],
)
def test_an_output_cell_tells_what_it_was_made_from(settings, index, told):
    assert lines(opened("convolution", **settings), "output", *index) == told


@pytest.mark.parametrize(
    ("settings", "array", "index", "told"),
    [
        ({}, "input", (0, 0, 0), "Part of 1 output cell (row 0, column 0)."),
        ({}, "input", (2, 3, 0), "Part of 9 output cells (rows 0–2, columns 1–3)."),
        (
            {"filters": 4},
            "input",
            (2, 3, 0),
            "Part of 36 output cells (rows 0–2, columns 1–3, 4 filters).",
        ),
        ({}, "kernel", (0, 0, 0, 0), "Part of 16 output cells (rows 0–3, columns 0–3)."),
        ({"filters": 2}, "bias", (1,), "Part of 16 output cells (rows 0–3, columns 0–3)."),
        (
            {"size": 64},
            "kernel",
            (0, 0, 0, 0),
            "Part of 3,844 output cells (rows 0–61, columns 0–61).",
        ),
        (
            {"dilation": 2, "size": 9},
            "input",
            (4, 4, 0),
            "Part of 9 output cells (rows 0, 2, 4, columns 0, 2, 4).",
        ),
        ({"stride": 5, "kernel_size": 1}, "input", (3, 0, 0), "No window reads this cell."),
        ({}, "products", (0, 1, 2, 0, 0, 0), "Part of 1 output cell (row 1, column 2)."),
    ],
)
def test_a_cell_tells_what_it_has_a_part_in(settings, array, index, told):
    assert lines(opened("convolution", **settings), array, *index)[-1] == told


def test_a_product_tells_its_two_factors():
    session = opened("convolution", padding=1)
    assert lines(session, "products", 0, 1, 2, 0, 0, 1)[0] == (
        "From 1 input cell (row 0, column 2) and 1 weight."
    )
    assert lines(session, "products", 0, 0, 0, 0, 0, 0)[0] == (
        "From 1 cell of padding and 1 weight."
    )


def test_a_channel_map_tells_its_channel():
    session = opened("convolution", channels="3", filters=2)
    told = card(session, "channel_maps", 1, 2, 1, 2)
    assert str(told.title) == "Channel map, cell (1, 2), blue, filter 2"
    assert str(told.lines[0]) == "From 9 input cells (rows 1–3, columns 2–4) and 9 weights."


def test_a_running_sum_tells_how_much_has_gone_in():
    session = opened("convolution")
    told = card(session, "running_sum", 0, 0, 0, 0, 1, 0)
    assert str(told.title) == "Running sum, cell (1, 0)"
    assert str(told.lines[0]) == "From 4 input cells, 4 weights and the bias."


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"kind": "max"}, []),
        ({"kind": "average"}, None),
        ({"kind": "stochastic_inference"}, None),
        ({"kind": "stochastic_training"}, []),
    ],
)
def test_a_pooled_cell_tells_where_its_value_is_from(settings, told):
    session = opened("pooling", **settings)
    found = lines(session, "output", 1, 2, 0)
    draw = " and the draw" if settings["kind"] == "stochastic_training" else ""
    assert found[0] == f"From 4 input cells (rows 2–3, columns 4–5){draw}."
    if told is None:
        assert len(found) == 1
        return
    row, column = map(int, re.findall(r"\d+", found[1]))
    assert found[1] == f"Its value is that of input cell ({row}, {column})."
    x, y = (session.trace.arrays[name].values for name in ("input", "output"))
    assert row in (2, 3)
    assert column in (4, 5)
    assert x[row, column, 0] == y[1, 2, 0]


def test_an_input_cell_tells_in_how_many_windows_it_is_the_largest():
    values = np.arange(16.0).reshape(4, 4)
    edits = {"input": {(row, column, 0): value for (row, column), value in np.ndenumerate(values)}}
    session = opened("pooling", size=4, stride=1, edits=edits)
    assert lines(session, "input", 1, 1, 0)[1] == "Its value goes on to 1 of them."
    assert lines(session, "input", 0, 1, 0)[1] == "Its value goes on to none of them."
    assert lines(session, "input", 3, 3, 0) == [
        "Part of 1 output cell (row 2, column 2).",
        "Its value goes on.",
    ]
    assert lines(session, "input", 0, 0, 0)[1] == "Another value goes on."
    same = {"input": {(row, column, 0): 5.0 for row in range(4) for column in range(4)}}
    session = opened("pooling", size=4, stride=1, padding=1, edits=same)
    assert lines(session, "input", 0, 0, 0)[1] == "Its value goes on to 4 of them."


def test_a_cell_that_is_to_come_says_when():
    session = opened("convolution", size=40)
    told = card(session, "output", 30, 2, 0, step=5)
    assert told.value == "·"
    step = session.trace.step_computing((30, 2, 0))
    assert str(told.lines[-1]) == f"Not yet written: step {step + 1:,} writes it."
    assert card(session, "output", 30, 2, 0, step=step - 1).value == "·"
    assert card(session, "output", 30, 2, 0, step=step).value != "·"


@pytest.mark.parametrize(
    ("lesson", "settings", "array", "index", "title"),
    [
        ("convolution", {}, "input", (1, 2, 0), "Input, cell (1, 2)"),
        ("convolution", {"channels": "3"}, "input", (1, 2, 2), "Input, cell (1, 2), blue"),
        ("convolution", {}, "kernel", (1, 2, 0, 0), "Kernel, cell (1, 2)"),
        (
            "convolution",
            {"channels": "3", "filters": 2},
            "kernel",
            (1, 2, 0, 1),
            "Kernel, cell (1, 2), red, filter 2",
        ),
        ("convolution", {}, "bias", (0,), "Bias"),
        ("convolution", {"filters": 2}, "bias", (1,), "Bias, filter 2"),
        ("convolution", {}, "output", (1, 2, 0), "Feature map, cell (1, 2)"),
        ("convolution", {"filters": 2}, "output", (1, 2, 1), "Feature map, cell (1, 2), filter 2"),
        ("convolution", {}, "products", (0, 3, 2, 0, 1, 2), "Product, cell (1, 2)"),
        ("pooling", {"channels": "3"}, "output", (1, 2, 1), "Output, cell (1, 2), green"),
        ("pooling", {"channels": "3"}, "terms", (2, 1, 2, 0, 0, 1), "Term, cell (0, 1), blue"),
        (
            "pooling",
            {"kind": "stochastic_training"},
            "probabilities",
            (0, 1, 2, 0, 0, 1),
            "Probability, cell (0, 1)",
        ),
        ("pooling", {"kind": "stochastic_training"}, "draws", (1, 2, 0), "Draw, cell (1, 2)"),
        ("pooling", {}, "running", (0, 1, 2, 0, 0, 1), "Running value, cell (0, 1)"),
    ],
)
def test_a_card_says_which_cell_it_is_about(lesson, settings, array, index, title):
    assert str(card(opened(lesson, **settings), array, *index).title) == title


@pytest.mark.parametrize(
    ("array", "index", "pinned", "hint"),
    [
        ("input", (0, 0, 0), False, "Click to pin. Type or scroll to change it."),
        ("input", (0, 0, 0), True, "Esc frees it. Type or scroll to change it."),
        ("output", (0, 0, 0), False, "Click to pin. Enter opens the arithmetic."),
        ("output", (0, 0, 0), True, "Esc frees it. Enter opens the arithmetic."),
    ],
)
def test_a_card_says_what_can_be_done(array, index, pinned, hint):
    assert str(card(opened("convolution"), array, *index, pinned=pinned).hint) == hint


def test_words_have_the_colours_of_their_roles():
    (line,) = card(opened("convolution"), "output", 0, 0, 0).lines
    assert {piece.text: piece.tone for piece in runs(line) if piece.tone is not Tone.PLAIN} == {
        "9 input cells": Tone.READS,
        "9 weights": Tone.WEIGHTS,
        "the bias": Tone.WEIGHTS,
    }


# In general


@given(sessions(), st.data())
@randomly
def test_every_cell_on_view_has_a_card_in_whole_sentences(session, data):
    trace = session.trace
    frame = session.frame(LARGE_ROOM)
    grid = data.draw(st.sampled_from(grids(frame)))
    row = data.draw(st.integers(0, grid.rows - 1))
    column = data.draw(st.integers(0, grid.columns - 1))
    pointer = Pointer(grid.plane.array, grid.plane.cell_index(row, column))
    told = session.card(pointer)
    value = trace.read(Region.cell(pointer.array, *pointer.index)).item()
    assert told.value == (number(value) if grid.is_written(row, column) else "·")
    assert told.role is trace.arrays[pointer.array].role
    assert (told.role is Role.WRITES) != trace.arrays[pointer.array].given
    texts = [str(text) for text in (told.title, told.hint, *told.lines)]
    assert told.lines
    for text in texts:
        assert "{" not in text
        assert "  " not in text
        assert not re.search(r"\b(0|1) (input cells|weights|output cells|cells)\b", text)
        assert not re.search(r"\b(0|[2-9]|\d\d+) (input cell|weight|output cell|cell)\b(?!s)", text)
    for text in texts[1:]:
        assert text[0].isupper()
        assert text.endswith(".")


@given(sessions(), st.data())
@randomly
def test_the_cells_that_are_counted_are_all_the_cells_that_are_read(session, data):
    trace = session.trace
    rows, columns = trace.geometry.output_size
    index = (
        data.draw(st.integers(0, rows - 1)),
        data.draw(st.integers(0, columns - 1)),
        data.draw(st.integers(0, trace.maps - 1)),
    )
    told = str(session.card(Pointer("output", index)).lines[0]).replace(",", "")
    height, width = trace.geometry.input_size
    read = [
        0 <= row < height and 0 <= column < width
        for row in trace.geometry.window_rows(index[0])
        for column in trace.geometry.window_columns(index[1])
    ] * trace.term_shape[0]
    inside = [int(found) for found in re.findall(r"(\d+) input cell", told)]
    padding = [int(found) for found in re.findall(r"(\d+) (?:more|cells? of padding)", told)]
    assert sum(inside) == sum(read)
    assert sum(padding) == len(read) - sum(read)
