"""Pointing at cells: what is told of them, what lights up with them, and how they are changed."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QLineEdit

from simulator.gui.lesson_page import LessonPage
from simulator.gui.stage.stage import Stage
from simulator.gui.widgets.hover_card import HoverCard
from simulator.lessons.frame import Box, Grid, Mark, MarkKind, Pointer
from tests.gui.conftest import Heard, settle
from tests.gui.stage.conftest import Mouse

Open = Callable[..., LessonPage]
MouseOn = Callable[[Stage], Mouse]


def _card(page: LessonPage) -> HoverCard:
    page.stage.grab()
    card = page.stage.findChild(HoverCard)
    assert card is not None
    return card


def _marks(grid: Grid | None, kind: MarkKind) -> list[Box]:
    assert grid is not None
    return [mark.box for mark in grid.marks if mark.kind is kind]


def _value(page: LessonPage, pointer: Pointer) -> float:
    return float(
        np.asarray(page.document.session.trace.arrays[pointer.array].values)[pointer.index]
    )


def _nothing_lit(page: LessonPage) -> bool:
    frame = page.stage.frame()
    marks: list[Mark] = [
        mark
        for grid in (frame.input, frame.weights, frame.terms, frame.output)
        if grid is not None
        for mark in grid.marks
    ]
    return not any(mark.kind in (MarkKind.HOVER, MarkKind.SOURCE, MarkKind.PIN) for mark in marks)


# Hovering


def test_an_output_cell_tells_its_value_and_lights_its_sources(
    open_page: Open, mouse_on: MouseOn
) -> None:
    page = open_page(size=8)
    page.document.set_level("cell")
    page.document.seek(20)
    mouse = mouse_on(page.stage)
    mouse.move(mouse.cell("output", 2, 1))
    pointer = Pointer("output", (2, 1, 0))
    assert page.document.session.hovered == pointer
    card = _card(page)
    assert card.isVisible()
    title, _, value = card.accessibleName().rpartition(": ")
    assert "cell (2, 1)" in title
    assert float(value.replace("\N{MINUS SIGN}", "-")) == _value(page, pointer)
    assert "9 input cells" in card.accessibleDescription()
    assert "9 weights" in card.accessibleDescription()
    frame = page.stage.frame()
    assert _marks(frame.input, MarkKind.SOURCE) == [Box(2, 1, 3, 3)]
    assert _marks(frame.weights, MarkKind.SOURCE) == [Box(0, 0, 3, 3)]
    assert _marks(frame.output, MarkKind.HOVER) == [Box(2, 1, 1, 1)]
    mouse.leave()
    assert _nothing_lit(page)
    assert not _card(page).isVisible()


def test_an_input_cell_lights_the_outputs_it_has_a_part_in(
    open_page: Open, mouse_on: MouseOn
) -> None:
    page = open_page(size=8)
    mouse = mouse_on(page.stage)
    mouse.move(mouse.cell("input", 3, 4))
    frame = page.stage.frame()
    assert _marks(frame.output, MarkKind.SOURCE) == [Box(1, 2, 3, 3)]
    assert _marks(frame.input, MarkKind.HOVER) == [Box(3, 4, 1, 1)]
    value = _card(page).accessibleName().rpartition(": ")[2]
    assert float(value) == _value(page, Pointer("input", (3, 4, 0)))


def test_a_cell_to_come_tells_which_step_writes_it(open_page: Open, mouse_on: MouseOn) -> None:
    page = open_page(size=8)
    mouse = mouse_on(page.stage)
    mouse.move(mouse.cell("output", 1, 0))
    card = _card(page)
    assert card.accessibleName().endswith(": ·")
    assert "step 63" in card.accessibleDescription()


def test_padding_and_ground_have_nothing_to_tell(open_page: Open, mouse_on: MouseOn) -> None:
    page = open_page(size=6, padding=1)
    mouse = mouse_on(page.stage)
    for point in (mouse.cell("input", -1, 2), QPointF(3, 3)):
        mouse.move(point)
        assert page.document.session.hovered is None
        assert not _card(page).isVisible()


def test_moving_within_a_cell_repaints_nothing(open_page: Open, mouse_on: MouseOn) -> None:
    page = open_page(size=8)
    mouse = mouse_on(page.stage)
    middle = mouse.cell("input", 2, 2)
    mouse.move(middle)
    heard = Heard(page.document)
    for at in range(5):
        mouse.move(middle + QPointF(at, at))
    assert heard.take() == {}


def test_the_card_stays_on_the_stage_and_off_its_cell(open_page: Open, mouse_on: MouseOn) -> None:
    page = open_page(size=8)
    page.document.set_level("layer")
    mouse = mouse_on(page.stage)
    for key, row, column in (
        ("input", 0, 0),
        ("input", 7, 7),
        ("weights", 1, 1),
        ("output", 0, 5),
        ("output", 5, 5),
    ):
        mouse.move(mouse.cell(key, row, column))
        card = _card(page)
        cell = page.stage.cell_rect(key, row, column)
        assert cell is not None
        assert page.stage.rect().contains(card.geometry())
        assert not card.geometry().intersects(cell.toAlignedRect())


def test_while_playing_the_card_keeps_out_of_the_way(open_page: Open, mouse_on: MouseOn) -> None:
    page = open_page(size=8)
    mouse = mouse_on(page.stage)
    mouse.move(mouse.cell("input", 2, 2))
    assert _card(page).isVisible()
    page.document.play()
    settle()
    assert not _card(page).isVisible()
    page.document.pause()
    settle()
    assert _card(page).isVisible()


# Pinning


def test_a_click_pins_and_another_frees(open_page: Open, mouse_on: MouseOn) -> None:
    page = open_page(size=8)
    document, mouse = page.document, mouse_on(page.stage)
    there = mouse.cell("output", 2, 3)
    mouse.click(there)
    assert document.session.pinned == Pointer("output", (2, 3, 0))
    assert _marks(page.stage.frame().output, MarkKind.PIN) == [Box(2, 3, 1, 1)]
    mouse.leave()
    assert _marks(page.stage.frame().input, MarkKind.SOURCE) == [Box(2, 3, 3, 3)], "it stays lit"
    assert _card(page).isVisible()
    mouse.click(there)
    assert document.session.pinned is None


def test_a_click_beside_everything_frees(open_page: Open, mouse_on: MouseOn) -> None:
    page = open_page(size=8)
    mouse = mouse_on(page.stage)
    mouse.click(mouse.cell("input", 1, 1))
    assert page.document.session.pinned is not None
    mouse.click(QPointF(3, 3))
    assert page.document.session.pinned is None
    mouse.leave()
    assert _nothing_lit(page)


def test_another_cell_can_be_pointed_at_beside_the_pinned(
    open_page: Open, mouse_on: MouseOn
) -> None:
    page = open_page(size=8)
    mouse = mouse_on(page.stage)
    mouse.click(mouse.cell("output", 0, 0))
    mouse.move(mouse.cell("output", 3, 3))
    frame = page.stage.frame()
    assert _marks(frame.output, MarkKind.PIN) == [Box(0, 0, 1, 1)]
    assert _marks(frame.output, MarkKind.HOVER) == [Box(3, 3, 1, 1)]
    assert set(_marks(frame.input, MarkKind.SOURCE)) == {Box(0, 0, 3, 3), Box(3, 3, 3, 3)}
    assert "cell (3, 3)" in _card(page).accessibleName()


def test_a_press_that_slides_away_is_no_click(open_page: Open, mouse_on: MouseOn) -> None:
    page = open_page(size=8)
    mouse = mouse_on(page.stage)
    mouse.drag(mouse.cell("input", 1, 1), mouse.cell("input", 3, 3))
    assert page.document.session.pinned is None
    mouse.click(mouse.cell("input", 1, 1), Qt.MouseButton.MiddleButton)
    assert page.document.session.pinned is None


# Picking


def test_a_filter_is_picked_by_its_picture(open_page: Open, mouse_on: MouseOn) -> None:
    page = open_page(size=8, filters=3, height=800)
    document, mouse = page.document, mouse_on(page.stage)
    choice = page.stage.frame().choices[0]
    assert choice.key == "map"
    for index in (2, 0, 1):
        mouse.click(mouse.cell(choice.grids[index].key, 3, 3))
        assert document.session.map_on_view == index
        assert page.stage.frame().output.plane.fixed[2] == index
        assert document.session.pinned is None
    assert page.panel.bindings["preset"].widget.value() == "sobel_y"  # type: ignore[attr-defined]


def test_a_channel_is_picked_by_its_picture(open_page: Open, mouse_on: MouseOn) -> None:
    page = open_page(size=8, channels="3", height=800)
    document, mouse = page.document, mouse_on(page.stage)
    choice = page.stage.frame().choices[0]
    assert choice.key == "channel"
    for index in (2, 1, 0):
        mouse.click(mouse.cell(choice.grids[index].key, 3, 3))
        assert document.session.channel_on_view == index
        assert page.stage.frame().input.plane.fixed[2] == index


# Changing


def test_the_wheel_raises_and_lowers_a_cell(open_page: Open, mouse_on: MouseOn) -> None:
    page = open_page(size=8)
    document, mouse = page.document, mouse_on(page.stage)
    kernel = mouse.cell("weights", 0, 2)
    mouse.turn(kernel, 3)
    assert document.state.edits == {"kernel": {(0, 2, 0, 0): 4.0}}
    assert document.undo_stack.count() == 1
    mouse.turn(kernel, -1)
    mouse.turn(kernel, 1, Qt.KeyboardModifier.ShiftModifier)
    assert document.state.edits["kernel"][0, 2, 0, 0] == pytest.approx(3.1)
    frame = page.stage.frame()
    assert frame.weights is not None
    assert frame.weights.edited == {(0, 2)}
    document.undo_stack.undo()
    assert document.state.edits == {}
    assert page.stage.frame().weights.edited == frozenset()  # type: ignore[union-attr]


def test_the_wheel_changes_nothing_else(open_page: Open, mouse_on: MouseOn) -> None:
    page = open_page(size=5, padding=1)
    mouse = mouse_on(page.stage)
    page.document.last()
    for point in (
        mouse.cell("output", 1, 1),
        mouse.cell("terms", 1, 1),
        mouse.cell("input", -1, 0),
        QPointF(3, 3),
    ):
        mouse.turn(point, 2)
    mouse.turn(mouse.cell("input", 1, 1), 2, Qt.KeyboardModifier.ControlModifier)
    assert page.document.undo_stack.count() == 0


def test_a_double_click_types_over_what_is_given(open_page: Open, mouse_on: MouseOn) -> None:
    page = open_page(size=8)
    mouse = mouse_on(page.stage)
    page.document.play()
    mouse.double_click(mouse.cell("weights", 2, 1))
    editor = page.stage.findChild(QLineEdit)
    assert editor is not None
    assert editor.isVisible()
    assert editor.hasFocus()
    cell = page.stage.cell_rect("weights", 2, 1)
    assert cell is not None
    assert editor.geometry().contains(cell.center().toPoint())
    assert not page.document.timeline.playing
    editor.setText("0.25")
    editor.setModified(True)
    editor.returnPressed.emit()
    page.stage.setFocus()
    assert page.document.state.edits == {"kernel": {(2, 1, 0, 0): 0.25}}
    mouse.double_click(mouse.cell("output", 0, 0))
    assert not editor.isVisible(), "an output follows from its sources"


def test_another_state_closes_the_editor(open_page: Open, mouse_on: MouseOn) -> None:
    page = open_page(size=8)
    mouse = mouse_on(page.stage)
    mouse.double_click(mouse.cell("weights", 2, 1))
    editor = page.stage.findChild(QLineEdit)
    assert editor is not None
    page.document.change("size", 9)
    assert not editor.isVisible()
    mouse.double_click(mouse.cell("weights", 2, 1))
    page.resize(900, 700)
    assert not editor.isVisible()
    assert page.document.state.edits == {}


# Drawing


def test_a_stroke_is_drawn_with_the_mouse(open_page: Open, mouse_on: MouseOn) -> None:
    page = open_page(size=9, picture="blank")
    document, mouse = page.document, mouse_on(page.stage)
    page.stage.set_drawing(True)
    mouse.drag(mouse.cell("input", 1, 1), mouse.cell("input", 1, 8), mouse.cell("input", 5, 8))
    drawn = np.asarray(document.session.trace.arrays["input"].values)[:, :, 0]
    expected = np.zeros((9, 9))
    expected[1, 1:9] = expected[1:6, 8] = 255
    np.testing.assert_array_equal(drawn, expected)
    assert document.undo_stack.count() == 1
    mouse.drag(
        mouse.cell("input", 1, 8), mouse.cell("input", 5, 8), button=Qt.MouseButton.RightButton
    )
    erased = np.asarray(document.session.trace.arrays["input"].values)[:, :, 0]
    assert erased[1:6, 8].tolist() == [0] * 5
    assert erased[1, 1:8].tolist() == [255] * 7
    document.undo_stack.undo()
    document.undo_stack.undo()
    assert document.state.edits == {}
    page.stage.set_drawing(False)
    mouse.click(mouse.cell("input", 1, 1))
    assert document.session.pinned == Pointer("input", (1, 1, 0))


def test_only_the_input_is_drawn_on(open_page: Open, mouse_on: MouseOn) -> None:
    page = open_page(size=10)
    mouse = mouse_on(page.stage)
    page.stage.set_drawing(True)
    mouse.drag(mouse.cell("weights", 0, 0), mouse.cell("weights", 2, 2))
    assert page.document.undo_stack.count() == 0
