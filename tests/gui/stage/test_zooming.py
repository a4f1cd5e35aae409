"""Zooming into a large picture with the wheel, until its numbers appear."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from simulator.gui.lesson_page import LessonPage
from simulator.gui.stage.stage import Stage
from simulator.lessons.frame import Pointer
from tests.gui.stage.conftest import Mouse, Painted

Open = Callable[..., LessonPage]
MouseOn = Callable[[Stage], Mouse]
INPUT = "input_overview"


def _side(stage: Stage, key: str = INPUT) -> float:
    cell = stage.cell_rect(key, 0, 0)
    assert cell is not None
    return cell.width()


def test_numbers_appear_in_the_cell_under_the_pointer(
    open_page: Open, mouse_on: MouseOn, painted: Painted
) -> None:
    page = open_page(size=64)
    mouse = mouse_on(page.stage)
    there = mouse.cell(INPUT, 20, 30)
    assert _side(page.stage) < 3
    painted.look(page.stage)
    whole = page.stage.grid_rect(INPUT)
    assert whole is not None
    assert not [text for rect, text in painted.drawn if whole.contains(rect)]
    mouse.turn(there, 11)
    assert _side(page.stage) >= 27
    assert page.stage.grid_rect(INPUT) == whole, "the frame stays, what is in it grows"
    cell = page.stage.cell_rect(INPUT, 20, 30)
    assert cell is not None
    assert cell.contains(there)
    painted.look(page.stage)
    values = np.asarray(page.document.session.trace.arrays["input"].values)
    assert painted.text_in(cell) == f"{values[20, 30, 0]:.0f}"


def test_turned_back_it_is_whole_again(open_page: Open, mouse_on: MouseOn) -> None:
    page = open_page(size=64)
    mouse = mouse_on(page.stage)
    there, side, picture = mouse.cell(INPUT, 20, 30), _side(page.stage), page.stage.grab().toImage()
    mouse.turn(there, 6)
    assert _side(page.stage) == pytest.approx(side * 1.3**6)
    mouse.turn(there, -6)
    mouse.turn(there, -3)
    assert _side(page.stage) == side
    assert page.stage.grab().toImage() == picture


def test_no_closer_than_three_cells(open_page: Open, mouse_on: MouseOn) -> None:
    page = open_page(size=64)
    mouse = mouse_on(page.stage)
    mouse.turn(mouse.cell(INPUT, 20, 30), 40)
    whole = page.stage.grid_rect(INPUT)
    assert whole is not None
    assert _side(page.stage) == pytest.approx(whole.width() / 3)


def test_a_drag_moves_the_picture_along(open_page: Open, mouse_on: MouseOn) -> None:
    page = open_page(size=64)
    mouse = mouse_on(page.stage)
    there = mouse.cell(INPUT, 30, 30)
    mouse.turn(there, 6)
    before = page.stage.cell_rect(INPUT, 30, 30)
    assert before is not None
    mouse.drag(there, there + QPointF(-3, -3), there + QPointF(-20, -12))
    after = page.stage.cell_rect(INPUT, 30, 30)
    assert after is not None
    moved = after.center() - before.center()
    assert (moved.x(), moved.y()) == pytest.approx((-20, -12))
    assert page.document.session.pinned is None
    mouse.drag(there, there + QPointF(2000, 2000))
    corner, area = page.stage.cell_rect(INPUT, 0, 0), page.stage.grid_rect(INPUT)
    assert corner is not None
    assert area is not None
    assert corner.topLeft() == area.topLeft(), "there is nothing beyond the edge"


def test_a_click_in_a_zoomed_picture_pins(open_page: Open, mouse_on: MouseOn) -> None:
    page = open_page(size=64)
    mouse = mouse_on(page.stage)
    mouse.turn(mouse.cell(INPUT, 20, 30), 8)
    mouse.click(mouse.cell(INPUT, 20, 31))
    assert page.document.session.pinned == Pointer("input", (20, 31, 0))


@pytest.mark.parametrize("pinned", [None, Pointer("input", (20, 30, 0))])
def test_a_double_click_shows_it_whole(
    open_page: Open, mouse_on: MouseOn, pinned: Pointer | None
) -> None:
    page = open_page(size=64)
    mouse = mouse_on(page.stage)
    page.document.pin(pinned)
    side = _side(page.stage)
    there = mouse.cell(INPUT, 20, 30)
    mouse.turn(there, 8)
    mouse.double_click(there)
    assert _side(page.stage) == side
    assert page.document.session.pinned == pinned, "that was no click"


def test_each_picture_has_its_own_zoom(open_page: Open, mouse_on: MouseOn) -> None:
    page = open_page(size=64)
    mouse = mouse_on(page.stage)
    output = "output_overview"
    sides = _side(page.stage), _side(page.stage, output)
    mouse.turn(mouse.cell(output, 30, 30), 4)
    assert _side(page.stage) == sides[0]
    assert _side(page.stage, output) > sides[1]


def test_a_zoom_outlasts_steps_and_ends_with_the_size(open_page: Open, mouse_on: MouseOn) -> None:
    page = open_page(size=64)
    mouse = mouse_on(page.stage)
    mouse.turn(mouse.cell(INPUT, 20, 30), 5)
    zoomed = _side(page.stage)
    page.document.seek(5000)
    page.document.edit_cells("input", {(0, 0, 0): 3.0})
    assert _side(page.stage) == zoomed
    page.document.change("size", 60)
    assert _side(page.stage) < 3


def test_what_follows_its_window_can_not_be_zoomed(open_page: Open, mouse_on: MouseOn) -> None:
    page = open_page(size=64)
    mouse = mouse_on(page.stage)
    side = _side(page.stage, "output")
    mouse.turn(mouse.cell("output", 0, 0), 4)
    assert _side(page.stage, "output") == side
    side = _side(page.stage, "input")
    mouse.turn(mouse.cell("input", 0, 0), 4, Qt.KeyboardModifier.ControlModifier)
    assert _side(page.stage, "input") == side
