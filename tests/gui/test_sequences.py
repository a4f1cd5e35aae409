"""The lessons about recurrent cells, through the window."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from simulator.gui import theme
from simulator.gui.formula_svg import coloured, formula
from simulator.gui.lab.slider import Slider
from simulator.gui.lab.text_field import TextField
from simulator.gui.lesson_page import LessonPage
from simulator.gui.main_window import MainWindow
from simulator.gui.stage.board_painters import paint_curves
from simulator.gui.stage.board_plan import turning
from simulator.gui.stage.rows_painter import unit_pickers
from simulator.gui.widgets.choice import Choice
from simulator.gui.widgets.hover_card import HoverCard
from simulator.gui.widgets.numbers_entry import NumbersEntry
from simulator.gui.widgets.segmented import Segmented
from simulator.lessons.board import Curve, CurvePlot
from simulator.lessons.frame import Grid, Pointer
from simulator.traces.formula import Message
from tests.gui.conftest import settle

LESSONS = ("rnn-unrolled", "lstm-gates", "gru-gates")
Open = Callable[..., LessonPage]


def choose(page: LessonPage, control: str, value: str) -> None:
    """Click a segment of a control of the panel, or choose from its list."""
    widget = page.panel.bindings[control].widget
    if isinstance(widget, Segmented):
        QTest.mouseClick(widget.segment(value), Qt.MouseButton.LeftButton)
        return
    assert isinstance(widget, Choice)
    widget.set_value(value)


def array(page: LessonPage, name: str) -> np.ndarray:
    return np.asarray(page.document.session.trace.arrays[name].values)


def type_into(page: LessonPage, control: str, words: str) -> str:
    """Type a line into a control and leave it with Enter; return the error beside it."""
    widget = page.panel.bindings[control].widget
    field = widget if isinstance(widget, TextField) else widget.field  # type: ignore[attr-defined]
    field.setFocus(Qt.FocusReason.TabFocusReason)
    field.selectAll()
    field.insert(words)
    QTest.keyClick(field, Qt.Key.Key_Return)
    return page.panel.bindings[control].row.error()


def test_the_forget_gate_held_open_keeps_the_memory(open_window: Callable[..., MainWindow]) -> None:
    window = open_window("lstm-gates")
    page = window.page
    assert page is not None
    before = array(page, "c").copy()
    choose(page, "hold_f", "open")
    choose(page, "hold_i", "shut")
    page.document.set_level("step")
    page.document.first()
    for unit, value in ((0, "0.75"), (2, "-0.5")):  # the memory before the first step
        page.document.pin(Pointer("initial_c", (0, unit)))
        assert page.stage.edit_pinned(value)
        QTest.keyClick(page.stage._editor, Qt.Key.Key_Return)
    memory = array(page, "c")
    assert not np.array_equal(memory, before)
    for row in memory:
        np.testing.assert_array_equal(row, np.float32([0.75, 0, -0.5, 0]))
    page.document.last()
    page.document.back()  # the last time step; after it the answer
    frame = page.stage.frame()
    after = frame.opened.after  # type: ignore[attr-defined]
    assert [after.text(unit) for unit in range(4)] == ["0.75", "0.00", "−0.50", "0.00"]
    rows = {row.letter: row.values for row in frame.rows}  # type: ignore[attr-defined]
    assert {rows["f"].text(at) for at in range(10)} == {"1"}
    assert {rows["c"].text(at) for at in range(10)} == {"0.75"}
    page.document.set_level("unit")
    page.document.seek(5 * 24 + 16)
    told = page.document.session.explanation()
    assert told.headline[0].text == "1"
    assert told.headline[2].text == "0.75"
    assert told.result.text == "0.75"
    assert page.stage.cell_rect("after", 5, 0) is not None
    for _ in range(4):
        page.document.undo_stack.undo()
    np.testing.assert_array_equal(array(page, "c"), before)


@pytest.mark.parametrize("lesson", LESSONS)
@pytest.mark.parametrize("level", ["product", "unit", "gate", "step", "sequence"])
def test_every_level_is_painted_at_any_step_and_size(
    open_page: Open, lesson: str, level: str
) -> None:
    page = open_page(lesson)
    document = page.document
    document.set_level(level)
    for width, height in ((1280, 800), (900, 620), (1900, 1100)):
        page.resize(width, height)
        for share in (0.0, 0.5, 1.0):
            document.seek(round(share * (document.timeline.length - 1)))
            picture = page.stage.grab().toImage()
            assert not picture.isNull()


@pytest.mark.parametrize("lesson", LESSONS)
@pytest.mark.parametrize(
    ("source", "settings"),
    [
        ("sine", {"length": 500, "units": 9}),
        ("text", {"text": "a", "units": 1}),
        ("text", {"text": "the quick brown fox", "units": 3}),
        ("numbers", {"numbers": "1 2 3"}),
        ("pulse", {"length": 30}),
    ],
)
def test_every_kind_of_sequence_is_painted(
    open_page: Open, lesson: str, source: str, settings: dict[str, object]
) -> None:
    page = open_page(lesson)
    for name, value in {"source": source, **settings}.items():
        assert page.document.change(name, value) == ""  # type: ignore[arg-type]
    assert page.document.session.complaint is None
    page.document.last()
    assert not page.stage.grab().toImage().isNull()


@pytest.mark.parametrize(
    ("source", "control", "words", "told"),
    [
        ("text", "text", "", "is empty"),
        ("text", "text", "Hello", "“H” as its sign 1"),
        ("text", "text", "naïve", "“ï” as its sign 3"),
        ("text", "text", "a" * 501, "501 signs: 500 are the most"),
        ("numbers", "numbers", "", "no number is there"),
        ("numbers", "numbers", "0.1 NaN 0.3", "number 2: “NaN” stands for no number"),
        ("numbers", "numbers", "0.1 two", "number 2: “two” is no number"),
        ("numbers", "numbers", "1 " * 501, "501 numbers are there: 500 are the most"),
        ("numbers", "numbers", "1e9", "too large"),
    ],
)
def test_bad_input_is_told_at_its_control_and_the_lesson_goes_on(
    open_page: Open, source: str, control: str, words: str, told: str
) -> None:
    page = open_page("lstm-gates", source=source)
    before, trace = page.document.state, page.document.session.trace
    assert told in type_into(page, control, words)
    assert page.document.state == before
    assert page.document.session.trace is trace
    good = "abc" if source == "text" else "0.5 0.25"
    assert type_into(page, control, good) == ""
    assert page.document.state.settings[control] == good


READERS = (*LESSONS, "back-through-time", "deep-bidirectional")
"""The lessons that read a sequence of the learner's."""


@pytest.mark.parametrize("lesson", READERS)
def test_a_sequence_of_one_step_is_read(open_page: Open, lesson: str) -> None:
    page = open_page(lesson, source="numbers")
    assert type_into(page, "numbers", "0.5") == ""
    assert page.document.session.complaint is None
    for level in ("product", "step", "sequence"):
        page.document.set_level(level)
        page.document.last()
        assert not page.stage.grab().toImage().isNull()
    name = "h1" if lesson == "deep-bidirectional" else "h"
    assert array(page, name).shape[0] == 1
    for source in ("adding", "sine", "pulse", "blank"):
        assert page.document.change("source", source) == ""
        assert page.document.change("length", 1) == ""
        assert page.document.session.complaint is None


@pytest.mark.parametrize("lesson", READERS)
def test_every_reader_refuses_what_it_cannot_read(open_page: Open, lesson: str) -> None:
    page = open_page(lesson, source="text")
    trace = page.document.session.trace
    for control, words, told in (
        ("text", "", "is empty"),
        ("text", "a1", "“1” as its sign 2"),
        ("text", "a" * 501, "500 are the most"),
    ):
        assert told in type_into(page, control, words)
    assert page.document.session.trace is trace
    assert page.document.change("source", "numbers") == ""
    trace = page.document.session.trace
    for words, told in (("1 NaN", "stands for no number"), ("1 " * 501, "500 are the most")):
        assert told in type_into(page, "numbers", words)
    assert page.document.session.trace is trace
    assert page.document.change("source", "sine") == ""
    length = page.panel.bindings["length"].widget
    line = length.findChild(QLineEdit)
    line.selectAll()
    QTest.keyClicks(line, "501")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert page.document.state.settings["length"] in {10, 500}
    assert page.document.session.complaint is None


@pytest.mark.parametrize("lesson", ["race", "applications"])
def test_every_lesson_that_trains_refuses_what_it_cannot_read(open_page: Open, lesson: str) -> None:
    page = open_page(lesson, task="text", length=6, units=3, updates=50)
    trace = page.document.session.trace
    for control, words, told in (
        ("text", "", "is empty"),
        ("text", "a1", "“1” as its sign 2"),
        ("text", "a" * 501, "500 are the most"),
    ):
        assert told in type_into(page, control, words)
    assert page.document.session.trace is trace
    assert type_into(page, "text", "a") == ""  # one sign alone is read again and again
    assert page.document.session.complaint is None
    assert page.document.change("task", "curve") == ""
    trace = page.document.session.trace
    for words, told in (
        ("", "no number is there"),
        ("1 NaN", "stands for no number"),
        ("1 " * 501, "500 are the most"),
    ):
        assert told in type_into(page, "numbers", words)
    assert page.document.session.trace is trace
    assert type_into(page, "numbers", "0.5") == ""
    assert page.document.session.complaint is None
    line = page.panel.bindings["length"].widget.findChild(QLineEdit)
    for words in ("1", "501"):
        line.selectAll()
        QTest.keyClicks(line, words)
        QTest.keyClick(line, Qt.Key.Key_Return)
        length = page.document.state.settings["length"]
        assert isinstance(length, int)
        assert 4 <= length <= 500
    assert page.document.session.complaint is None


@pytest.mark.parametrize(
    ("lesson", "level", "step", "cells"),
    [
        (
            "cnn-and-rnn",
            "product",
            2000,
            ("x", "conv_kernel", "conv_bias", "kernel", "recurrent_kernel", "bias", "initial_h"),
        ),
        ("deep-bidirectional", "product", 3, ("x", "kernel_h1_x", "recurrent_h1", "bias_h1")),
        ("deep-bidirectional", "product", 4, ("initial_h1",)),
        ("back-through-time", "unit", 3, ("recurrent_kernel", "to_output")),
    ],
)
def test_what_is_given_is_typed_over_where_it_stands(
    open_page: Open, lesson: str, level: str, step: int, cells: tuple[str, ...]
) -> None:
    page = open_page(lesson)
    document = page.document
    document.set_level(level)
    document.seek(step)
    for name in cells:
        page.stage.frame()
        shown = [grid for grid, _ in page.stage._placed if grid.plane.array == name]
        assert shown, name
        view = shown[0].view
        pointer = Pointer(name, shown[0].plane.cell_index(int(view.top), int(view.left)))
        before = array(page, name)[pointer.index]
        document.pin(pointer)
        assert page.stage.edit_pinned("0.625"), name
        QTest.keyClick(page.stage._editor, Qt.Key.Key_Return)
        assert array(page, name)[pointer.index] == np.float32(0.625)
        document.undo_stack.undo()
        assert array(page, name)[pointer.index] == before
        document.free()


def test_a_curve_is_drawn_with_the_mouse(open_page: Open) -> None:
    page = open_page("rnn-unrolled", source="numbers")
    widget = page.panel.bindings["numbers"].widget
    assert isinstance(widget, NumbersEntry)
    curve = widget.curve
    before = array(page, "x").copy()
    area = curve._area()
    top = round(area.top())
    QTest.mousePress(curve, Qt.MouseButton.LeftButton, pos=QPoint(round(area.left()), top))
    QTest.mouseMove(curve, QPoint(round(area.right()), top))
    QTest.mouseRelease(curve, Qt.MouseButton.LeftButton, pos=QPoint(round(area.right()), top))
    np.testing.assert_allclose(array(page, "x"), np.ones_like(before), atol=0.03)
    page.document.undo_stack.undo()
    np.testing.assert_array_equal(array(page, "x"), before)


def test_a_column_of_a_file_is_read_and_a_hole_in_it_told(open_page: Open, tmp_path: Path) -> None:
    page = open_page("rnn-unrolled", source="numbers")
    binding = page.panel.bindings["numbers"]
    assert isinstance(binding.widget, NumbersEntry)
    file = tmp_path / "weather.csv"
    file.write_text("day,degrees\nMonday,1.5\nTuesday,-2\nFriday,0.25\n", "utf-8")
    binding.widget.take_file(file, "degrees")
    assert binding.row.error() == ""
    np.testing.assert_array_equal(array(page, "x")[:, 0], np.float32([1.5, -2, 0.25]))
    file.write_text("day,degrees\nMonday,1.5\nTuesday,NaN\nFriday,\n", "utf-8")
    binding.widget.take_file(file, "degrees")
    assert "line 2: “NaN” stands for no number" in binding.row.error()
    binding.widget.take_file(file, "day")
    assert "line 2: “Tuesday” is no number" in binding.row.error()
    binding.widget.take_file(tmp_path / "missing.csv")
    assert "can't be read" in binding.row.error()
    np.testing.assert_array_equal(array(page, "x")[:, 0], np.float32([1.5, -2, 0.25]))


@pytest.mark.parametrize("lesson", LESSONS)
def test_cells_are_typed_over_where_they_stand(open_page: Open, lesson: str) -> None:
    page = open_page(lesson)
    document = page.document
    document.set_level("product")
    document.seek(3)
    for name, index in (
        ("x", (0, 0)),
        ("kernel", (0, 0)),
        ("recurrent_kernel", (1, 0)),
        ("initial_h", (0, 1)),
    ):
        document.pin(Pointer(name, index))
        before = array(page, "h").copy()
        assert page.stage.edit_pinned("0.625"), name
        QTest.keyClick(page.stage._editor, Qt.Key.Key_Return)
        assert array(page, name)[index] == np.float32(0.625)
        assert not np.array_equal(array(page, "h"), before), name
        document.undo_stack.undo()
        np.testing.assert_array_equal(array(page, "h"), before)
        document.free()


@pytest.mark.parametrize("lesson", LESSONS)
def test_biases_and_weights_of_the_answer_are_typed_over_too(open_page: Open, lesson: str) -> None:
    page = open_page(lesson)
    document = page.document
    document.set_level("product")
    for step, name, index in (
        (3, "bias", (0, 0)),
        (document.timeline.length - 2, "head_kernel", (1, 0)),
        (document.timeline.length - 2, "head_bias", (0, 0)),
    ):
        document.seek(step)
        document.pin(Pointer(name, index))
        before = array(page, "y").copy()
        assert page.stage.edit_pinned("0.625"), name
        QTest.keyClick(page.stage._editor, Qt.Key.Key_Return)
        assert array(page, name)[index] == np.float32(0.625)
        assert not np.array_equal(array(page, "y"), before), name
        document.undo_stack.undo()
        np.testing.assert_array_equal(array(page, "y"), before)
        document.free()


def test_a_gate_is_typed_over_and_what_follows_is_computed(open_page: Open) -> None:
    page = open_page("lstm-gates")
    document = page.document
    document.set_level("gate")
    document.seek(6 * 3 + 4)
    before = {name: array(page, name).copy() for name in "ifgoch"}
    document.pin(Pointer("f", (3, 1)))
    assert page.stage.edit_pinned("0.125")
    QTest.keyClick(page.stage._editor, Qt.Key.Key_Return)
    after = {name: array(page, name) for name in "ifgoch"}
    assert after["f"][3, 1] == np.float32(0.125)
    expected = 0.125 * before["c"][2, 1] + before["i"][3, 1] * before["g"][3, 1]
    np.testing.assert_allclose(after["c"][3, 1], expected, rtol=1e-6)
    np.testing.assert_allclose(after["c"][3, 0], before["c"][3, 0], rtol=1e-5)
    np.testing.assert_array_equal(after["c"][:3], before["c"][:3])
    assert not np.allclose(after["h"][4:], before["h"][4:])


def test_units_and_time_steps_are_gone_to_by_keys(open_page: Open) -> None:
    page = open_page("lstm-gates")
    document = page.document
    document.set_level("step")
    document.seek(2)
    frame = page.stage.frame()
    assert str(frame.rows_title) == "Unit 1 of 4 over time"  # type: ignore[attr-defined]
    document.pick_next("map", 1)
    title = str(page.stage.frame().rows_title)  # type: ignore[attr-defined]
    assert title == "Unit 2 of 4 over time"
    document.pick_next("channel", 3)
    assert document.session.trace.focus(document.timeline.step).time == 5


@pytest.mark.parametrize("lesson", LESSONS)
def test_any_of_many_units_is_brought_on_view_by_clicks(open_page: Open, lesson: str) -> None:
    page = open_page(lesson, source="sine", units=256, length=12)
    page.document.set_level("gate")
    page.document.seek(3)
    picture = page.stage._picture

    def click(number: int) -> range:
        places = unit_pickers(picture._plan, page.stage.frame())  # type: ignore[attr-defined]
        at = places[number][0].center().toPoint()
        QTest.mouseClick(page.stage, Qt.MouseButton.LeftButton, pos=at)
        opened = page.stage.frame().opened  # type: ignore[attr-defined]
        assert opened.unit in opened.units
        return opened.units

    first = page.stage.frame().opened.units  # type: ignore[attr-defined]
    assert first.start == 0
    assert click(3).start == len(first)
    assert page.stage.frame().opened.unit == len(first)  # type: ignore[attr-defined]
    click(2)
    assert page.stage.frame().opened.unit == len(first) + 1  # type: ignore[attr-defined]
    for _ in range(256 // len(first) + 1):
        last = click(3)
    assert last.stop == 256
    assert page.stage.frame().opened.unit == 255  # type: ignore[attr-defined]
    click(1)
    assert page.stage.frame().opened.unit == 254  # type: ignore[attr-defined]


def test_an_lstm_reads_the_same_beside_the_gru(open_page: Open) -> None:
    page = open_page("gru-gates")
    document = page.document
    document.set_level("step")
    document.seek(4)
    frame = page.stage.frame()
    assert str(frame.rows_note) == "96 weights"  # type: ignore[attr-defined]
    beside = frame.beside  # type: ignore[attr-defined]
    assert str(beside.note) == "the same input: 112 weights"
    lstm = open_page("lstm-gates")
    assert [row.letter for row in beside.rows] == list("figoc")
    for row in beside.rows:
        assert row.values.written == (True,) * 5 + (False,) * 5
        shown = [row.values.value(at) for at in range(10)]
        np.testing.assert_allclose(shown, array(lstm, row.letter)[:, 0], rtol=1e-6)
    document.edit_cells("x", {(0, 0): 0.9})
    changed = page.stage.frame().beside.rows[-1].values  # type: ignore[attr-defined]
    assert changed.value(0) != beside.rows[-1].values.value(0)
    document.last()
    assert "answer" in str(page.stage.frame().beside.note)  # type: ignore[attr-defined]
    assert document.change("beside", "none") == ""
    assert page.stage.frame().beside is None  # type: ignore[attr-defined]
    assert not page.stage.grab().toImage().isNull()


def norms(page: LessonPage) -> np.ndarray:
    return array(page, "norm")[:, 0]


def slide(page: LessonPage, control: str, value: float) -> None:
    """Bring a slider to a value with the keys."""
    widget = page.panel.bindings[control].widget
    assert isinstance(widget, Slider)
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    key = Qt.Key.Key_Right if value > widget.number() else Qt.Key.Key_Left
    for _ in range(100):
        if widget.number() == pytest.approx(value):
            return
        QTest.keyClick(widget, key)
    raise AssertionError(f"{control} doesn't reach {value}")


def test_a_spectral_radius_above_one_makes_the_gradient_grow(
    open_window: Callable[..., MainWindow],
) -> None:
    page = open_window("back-through-time").page
    assert page is not None
    choose(page, "activation", "linear")
    np.testing.assert_allclose(norms(page), 0.8 ** np.arange(9, -1, -1), rtol=1e-4)
    slide(page, "radius", 1.5)
    np.testing.assert_allclose(norms(page), 1.5 ** np.arange(9, -1, -1), rtol=1e-4)
    page.document.set_level("step")
    page.document.last()
    page.document.back()
    frame = page.stage.frame()
    assert frame.steps[0].norm == "38.44"  # type: ignore[attr-defined]
    assert frame.steps[0].factor == "×1.50"  # type: ignore[attr-defined]
    before = page.document.undo_stack.count()
    while page.document.undo_stack.canUndo():
        page.document.undo_stack.undo()
    assert before >= 2
    assert page.document.state.settings["radius"] == 0.8


def test_a_gradient_dies_in_a_simple_cell_and_survives_through_an_open_forget_gate(
    open_window: Callable[..., MainWindow],
) -> None:
    """Side by side, at the first of fifty steps, as the stage tells it."""
    page = open_window("back-through-time").page
    assert page is not None
    assert page.document.change("length", 50) == ""
    assert page.document.change("keep", 6.0) == ""
    choose(page, "cell", "lstm")
    page.document.set_level("step")
    page.document.last()
    page.document.back()
    frame = page.stage.frame()
    lengths = {
        lane.name: float(lane.length.replace("−", "-"))
        for lane in frame.lanes  # type: ignore[attr-defined]
    }
    assert frame.steps[0].time == 0  # type: ignore[attr-defined]
    assert lengths["RNN"] < 1e-6
    assert lengths["LSTM"] > 0.02
    assert lengths["GRU"] > 0.3
    assert frame.steps[0].norm == f"{lengths['LSTM']:.2f}"  # type: ignore[attr-defined]
    assert float(frame.steps[0].product.removeprefix("×")) > 0.5  # type: ignore[attr-defined]
    assert len(frame.lanes[0].shares) == len(frame.steps)  # type: ignore[attr-defined]
    choose(page, "beside", "none")
    assert page.stage.frame().lanes == ()  # type: ignore[attr-defined]


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("clip", ["norm", "value"])
def test_clipping_is_seen_acting_on_the_stage(open_page: Open, cell: str, clip: str) -> None:
    page = open_page("back-through-time", cell=cell, clip=clip, limit=0.002)
    page.document.set_level("sequence")
    closing = page.stage.frame().closing  # type: ignore[attr-defined]
    before, after = (table.rows for table in closing.tables)
    assert len(before) == len(after) == len(closing.states) == 4
    assert any(
        first.value(at) != second.value(at)
        for first, second in zip(before, after, strict=True)
        for at in range(len(first.written))
    )
    shown = [[row.value(at) for at in range(4)] for row in before]
    of_gate = array(page, before[0].grid.plane.array).reshape(4, 4)
    np.testing.assert_array_equal(np.float32(shown), of_gate)
    told = [str(message) for message in closing.figures]
    clipped = np.concatenate(
        [array(page, name)[0] for name in page.document.session.trace.arrays if "clipped" in name]
    )
    if clip == "norm":
        assert told[1] == "clipped to 0.002"
        assert float(np.linalg.norm(clipped)) == pytest.approx(0.002, rel=1e-5)
    else:
        assert np.abs(clipped).max() == np.float32(0.002)
    assert not page.stage.grab().toImage().isNull()


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("level", ["product", "unit", "gate", "step", "sequence"])
def test_the_way_back_is_painted_at_any_step(open_page: Open, cell: str, level: str) -> None:
    page = open_page("back-through-time", cell=cell, window=3, length=30)
    page.document.set_level(level)
    for share in (0.0, 0.3, 1.0):
        page.document.seek(round(share * (page.document.timeline.length - 1)))
        assert not page.stage.grab().toImage().isNull()
        page.document.pin_next_array()
        page.document.move_pin(1, -1)
        page.document.open_pinned()


@pytest.mark.parametrize("merge", ["concat", "sum", "mul", "ave"])
@pytest.mark.parametrize("level", ["product", "unit", "gate", "step", "sequence"])
def test_a_grid_of_cells_is_painted_at_any_step(open_page: Open, merge: str, level: str) -> None:
    page = open_page("deep-bidirectional", merge=merge, layers=3, length=20)
    page.document.set_level(level)
    for share in (0.0, 0.4, 1.0):
        page.document.seek(round(share * (page.document.timeline.length - 1)))
        assert not page.stage.grab().toImage().isNull()
        page.document.pin_next_array()
        page.document.move_pin(1, -1)
        page.document.open_pinned()


def test_reading_backwards_what_comes_later_reaches_what_came_before(open_page: Open) -> None:
    page = open_page("deep-bidirectional", directions="one")
    document = page.document

    def changed_steps() -> list[int]:
        before = array(page, "h2").copy()
        document.edit_cells("x", {(6, 0): 5.0})
        after = array(page, "h2")
        document.undo_stack.undo()
        return [t for t in range(len(after)) if not np.allclose(before[t], after[t])]

    assert changed_steps() == [6, 7, 8, 9]
    choose(page, "directions", "both")
    assert changed_steps() == list(range(10))
    document.set_level("step")
    document.seek(13)  # the fourth cell of layer 1 that is computed backwards
    frame = page.stage.frame()
    assert [str(row.title) for row in frame.rows][:2] == [  # type: ignore[attr-defined]
        "Layer 1, forwards",
        "Layer 1, backwards",
    ]
    current = [cell for row in frame.rows for cell in row.cells if cell.state == "current"]  # type: ignore[attr-defined]
    assert [cell.order for cell in current] == [14]


def test_a_race_is_trained_on_a_thread_while_it_is_watched(
    qtbot: QtBot, open_window: Callable[..., MainWindow]
) -> None:
    window = open_window("race")
    page = window.page
    assert page is not None
    document = page.document
    for name, value in {"length": 6, "units": 4, "updates": 60, "seed": 12}.items():
        assert document.change(name, value) == ""
    ((course, last),) = document.session.courses
    assert last == 6
    qtbot.waitUntil(lambda: course.reached >= last, timeout=20_000)
    document.seek(0)
    first = document.session.explanation().headline
    document.last()
    told = document.session.explanation()
    assert told.headline != first
    assert str(told.sentence) == "The errors on sequences that no network was trained on."
    frame = page.stage.frame()
    losses = frame.panels[0]  # type: ignore[attr-defined]
    assert [str(curve.name) for curve in losses.curves] == ["RNN", "LSTM", "GRU"]
    assert all(len(curve.y) == 6 for curve in losses.curves)
    assert not page.stage.grab().toImage().isNull()
    document.undo_stack.undo()
    assert document.session.courses[0][0] is not course


def test_a_column_of_the_learners_is_forecast(open_page: Open) -> None:
    page = open_page("applications", task="curve", length=6, units=4, updates=50)
    assert "stands for no number" in type_into(page, "numbers", "1 NaN 3")
    assert type_into(page, "numbers", "10 20 30 20 " * 10) == ""
    held = array(page, "held")[..., 0]
    np.testing.assert_allclose(np.unique(held), np.float32([0.1, 0.5, 0.9]), rtol=1e-6)
    page.document.last()
    frame = page.stage.frame()
    names = [str(curve.name) for curve in frame.panels[2].curves]  # type: ignore[attr-defined]
    assert names == ["truth", "one step ahead", "on its own answers"]
    assert type_into(page, "numbers", "5") == ""  # one value alone is a level line
    assert page.document.session.complaint is None
    assert not page.stage.grab().toImage().isNull()


@pytest.mark.parametrize("task", ["adding", "copy", "sine", "curve", "text"])
def test_every_task_of_a_race_is_painted(open_page: Open, task: str) -> None:
    page = open_page("race", task=task, length=6, units=3, updates=50)
    page.document.seek(2)
    assert not page.stage.grab().toImage().isNull()


@pytest.mark.parametrize("task", ["sine", "curve", "shape", "text"])
def test_every_application_is_painted(open_page: Open, task: str) -> None:
    page = open_page("applications", task=task, length=6, units=3, updates=50)
    page.document.seek(2)
    assert not page.stage.grab().toImage().isNull()


def test_a_hotter_temperature_writes_another_text(open_page: Open) -> None:
    page = open_page("applications", task="text", length=6, units=4, updates=50)
    page.document.last()

    def written() -> list[str]:
        panel = page.stage.frame().panels[2]  # type: ignore[attr-defined]
        return [value for _, value in panel.lines[1:]]

    before = written()
    slide(page, "temperature", 2.0)
    assert written() != before
    page.document.undo_stack.undo()
    assert written() == before


@pytest.mark.parametrize("level", ["product", "unit", "gate", "step", "sequence"])
def test_a_picture_read_twice_is_painted_at_any_step(open_page: Open, level: str) -> None:
    page = open_page("cnn-and-rnn")
    page.document.set_level(level)
    for share in (0.0, 0.3, 0.8, 1.0):
        page.document.seek(round(share * (page.document.timeline.length - 1)))
        assert not page.stage.grab().toImage().isNull()
        page.document.pin_next_array()
        page.document.move_pin(1, 1)
        page.document.open_pinned()


@pytest.mark.parametrize(
    ("lesson", "pin", "right"),
    [("back-through-time", ("carried", (5, 1)), False), ("lstm-gates", ("f", (4, 1)), True)],
)
def test_a_kept_card_covers_nothing_of_what_is_over_time(
    open_page: Open, lesson: str, pin: tuple[str, tuple[int, int]], right: bool
) -> None:
    page = open_page(lesson)
    page.document.set_level("unit")
    page.document.open(Pointer(*pin))
    page.document.pin(Pointer(*pin))
    settle()
    card = page.stage.findChild(HoverCard)
    assert card is not None
    assert card.isVisible()
    bare = page.stage._picture.bare(page.stage.frame())
    assert bare is not None
    assert bare.toAlignedRect().contains(card.geometry())
    plan = page.stage._picture._plan  # type: ignore[attr-defined]
    if right:
        assert card.x() > plan.step(pin[1][0]).right(), "the past stays on view"
    else:
        assert card.geometry().right() <= plan.card(pin[1][0]).left(), "what came before, too"


@pytest.mark.parametrize("height", [664, 564])
@pytest.mark.parametrize("lesson", ["lstm-gates", "gru-gates"])
def test_the_meters_over_time_stay_where_the_window_is_low(
    open_page: Open, lesson: str, height: int
) -> None:
    page = open_page(lesson, height=height + 92)
    plan = page.stage._picture._plan  # type: ignore[attr-defined]
    assert plan.rows is not None
    assert plan.rows.bottom() <= page.stage.height()
    assert plan.row >= 15
    assert plan.units >= 2


def test_the_largest_picture_and_most_units_are_paged_through(open_page: Open) -> None:
    page = open_page("cnn-and-rnn", size=64, units=256, picture="cat")
    page.document.set_level("unit")

    def states() -> Grid:
        return next(g for g in page.stage.frame().grids if g.key == "h")  # type: ignore[attr-defined]

    def click(number: int) -> None:
        placed = page.stage._picture._placed(page.stage.frame())  # type: ignore[attr-defined]
        place = next(p for p in placed if getattr(p.panel, "turns", None) is not None)
        arrow = turning(place.panel, place.rect)[number]
        QTest.mouseClick(page.stage, Qt.MouseButton.LeftButton, pos=arrow.rect.center().toPoint())

    assert (states().view.left, states().view.width) == (0, 64)
    click(3)  # a page on, from the CNN's first window to the RNN's states
    assert page.document.session.place.segment == 1  # type: ignore[attr-defined]
    assert (states().view.left, page.document.session.map_on_view) == (64, 64)
    click(2)
    assert page.document.session.map_on_view == 65
    for _ in range(4):
        click(3)
    assert (states().view.left, page.document.session.map_on_view) == (192, 255)
    x, weights = array(page, "x"), {n: array(page, n) for n in ("kernel", "recurrent_kernel")}
    h = np.zeros(256)
    for row, found in zip(x, array(page, "h"), strict=True):
        h = np.tanh(row @ weights["kernel"] + h @ weights["recurrent_kernel"])
        np.testing.assert_allclose(found, h, atol=1e-4)


def test_a_changed_cell_stays_near_in_the_cnn_and_goes_on_in_the_rnn(open_page: Open) -> None:
    page = open_page("cnn-and-rnn")
    maps, states = array(page, "map").copy(), array(page, "h").copy()
    page.document.edit_cells("x", {(2, 5): 0.9})
    rows, columns = np.nonzero(array(page, "map") != maps)
    assert set(rows.tolist()) <= {0, 1, 2}
    assert set(columns.tolist()) <= {3, 4, 5}
    changed = (array(page, "h") != states).any(axis=1)
    assert changed.tolist() == [False, False] + [True] * 10
    assert page.document.change("size", 4) == ""
    assert page.document.session.complaint is None


def test_curves_stay_in_their_place_also_below_zero(qapp: QApplication) -> None:
    values = (1.0, -3.0, 0.5, 40.0, -60.0, 0.2, *(0.1,) * 300)
    curve = Curve(Message("one"), tuple(map(float, range(len(values)))), values)
    nothing = Message("")
    panel = CurvePlot("key", nothing, nothing, (curve,), 306.0, 1.0)
    image = QImage(300, 300, QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    rect = QRectF(60, 60, 180, 180)
    paint_curves(painter, panel, rect)
    painter.end()
    covered = rect.adjusted(-24, -6, 8, 0).toAlignedRect()
    touched = [
        (x, y)
        for x in range(300)
        for y in range(300)
        if image.pixel(x, y) & 0xFFFFFF and not covered.contains(x, y)
    ]
    assert touched == []
    assert theme.colour("stage").alpha() == 255, "the theme's colours are shared"


def test_what_is_read_after_the_first_step_of_one_to_many_is_zeros(open_page: Open) -> None:
    page = open_page("rnn-unrolled", source="text", text="hello", mode="one to many")
    chain = page.stage.frame().chain  # type: ignore[attr-defined]
    assert [step.label for step in chain.steps] == ["h", "0", "0", "0", "0"]


def test_every_line_of_a_formula_has_the_ink_of_the_theme() -> None:
    svg = coloured(formula(r"\writes{E} = \overline{\ell(\reads{x})}"), ["#123456"] * 9)
    assert "<rect" in svg
    assert "black" not in svg
