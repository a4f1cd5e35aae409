"""The scrub bar: a billion steps under one handle, and silence when it is set."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from simulator.gui import theme
from simulator.gui.widgets.bubble import Bubble
from simulator.gui.widgets.pips import MOST_SQUARES, Pips
from simulator.gui.widgets.scrub_bar import LONGEST, ScrubBar

Key = Qt.Key
Place = Callable[..., QWidget]
LIGHT = theme.LIGHT
BUTTON = Qt.MouseButton.LeftButton


def _bar(length: int) -> tuple[ScrubBar, list[int]]:
    bar = ScrubBar()
    bar.set_length(length)
    sought: list[int] = []
    bar.sought.connect(sought.append)
    return bar, sought


def _at(bar: ScrubBar, step: int) -> QPoint:
    return QPoint(round(bar.x_of(step)), 12)


def test_setters_are_silent() -> None:
    bar, sought = _bar(100)
    bar.set_step(50)
    bar.set_length(20)
    assert bar.step() == 19
    bar.set_length(1)
    assert (bar.step(), bar.length(), sought) == (0, 1, [])


def test_a_click_seeks_once(place: Place) -> None:
    bar, sought = _bar(11)
    place(bar, width=416)
    QTest.mouseClick(bar, BUTTON, pos=_at(bar, 7))
    QTest.mouseClick(bar, BUTTON, pos=_at(bar, 7))
    assert sought == [7]
    assert bar.step() == 7


def test_the_handle_stays_put_when_it_is_taken_off_its_middle(place: Place) -> None:
    bar, sought = _bar(1_000_000)
    place(bar, width=416)
    bar.set_step(500_000)
    QTest.mousePress(bar, BUTTON, pos=_at(bar, 500_000) + QPoint(5, 2))
    assert sought == []
    QTest.mouseMove(bar, _at(bar, 500_000) + QPoint(6, 2))
    QTest.mouseRelease(bar, BUTTON, pos=_at(bar, 500_000) + QPoint(6, 2))
    assert sought == [pytest.approx(502_500, abs=2)]


def test_a_drag_seeks_each_new_step_and_stops_at_the_ends(place: Place) -> None:
    bar, sought = _bar(5)
    place(bar, width=416)
    QTest.mousePress(bar, BUTTON, pos=_at(bar, 1))
    for step in (2, 2, 3):
        QTest.mouseMove(bar, _at(bar, step))
    QTest.mouseMove(bar, QPoint(2000, 300))
    QTest.mouseMove(bar, QPoint(-2000, -300))
    QTest.mouseRelease(bar, BUTTON, pos=QPoint(-2000, -300))
    QTest.mouseMove(bar, _at(bar, 3))
    assert sought == [1, 2, 3, 4, 0]


def test_keys_seek(place: Place) -> None:
    bar, sought = _bar(1000)
    place(bar)
    bar.setFocus()
    for key in (
        *(Key.Key_Left, Key.Key_Right, Key.Key_Up, Key.Key_PageUp),
        *(Key.Key_PageDown, Key.Key_Down, Key.Key_End, Key.Key_Right, Key.Key_Home),
    ):
        QTest.keyClick(bar, key)
    assert sought == [1, 2, 52, 2, 1, 999, 0]


def test_the_wheel_seeks_by_whole_notches(
    place: Place, turn: Callable[[QWidget, int], bool]
) -> None:
    bar, sought = _bar(10)
    place(bar)
    turn(bar, 120)
    turn(bar, 60)
    turn(bar, -60)
    turn(bar, -60)
    turn(bar, 240)
    turn(bar, -2400)
    assert sought == [1, 0, 2, 0]


@given(length=st.integers(2, LONGEST), fraction=st.floats(0, 1))
def test_a_place_on_the_track_is_the_step_that_is_painted_there(
    length: int, fraction: float
) -> None:
    QApplication.instance() or pytest.fail("no application")
    bar, _ = _bar(length)
    bar.resize(752, 24)
    step = round(fraction * (length - 1))
    assert abs(bar.step_at(bar.x_of(step)) - step) <= length / 1e12 + 1e-9
    assert bar.x_of(0) == 8
    assert bar.x_of(length - 1) == 752 - 8


def test_the_longest_lesson_has_its_ends(place: Place) -> None:
    bar, sought = _bar(LONGEST)
    place(bar)
    bar.setFocus()
    QTest.keyClick(bar, Key.Key_End)
    QTest.keyClick(bar, Key.Key_Left)
    assert sought == [LONGEST - 1, LONGEST - 2]


def test_impossible_steps_are_told() -> None:
    bar, _ = _bar(10)
    for length in (0, LONGEST + 1):
        with pytest.raises(ValueError, match=str(length)):
            bar.set_length(length)
    for step in (-1, 10):
        with pytest.raises(ValueError, match=f"step {step} is not from 0 to 9"):
            bar.set_step(step)
    with pytest.raises(ValueError, match="tick 10"):
        bar.set_ticks([3, 10])


def test_the_bar_is_painted(place: Place, pixel: Callable[..., str]) -> None:
    bar, _ = _bar(5)
    place(bar, width=416)
    bar.set_step(2)
    assert pixel(bar, 100, 12) == LIGHT.ink2
    assert pixel(bar, 300, 12) == LIGHT.well
    assert pixel(bar, 208, 12) in {LIGHT.panel, LIGHT.hover}  # inside the handle's ring
    assert pixel(bar, 208 - 7, 12) == LIGHT.ink1
    assert pixel(bar, 100, 8) == LIGHT.panel  # the track is four pixels high
    bar.set_ticks([1, 3])
    assert pixel(bar, 108, 8) == LIGHT.border


def test_the_bubble_tells_the_step_under_the_pointer(place: Place) -> None:
    bar, sought = _bar(34_596)
    host = place(bar, width=416)
    bar.move(20, 200)
    for step, left in ((0, 4), (17_297, None), (34_595, None)):
        QTest.mouseMove(bar, _at(bar, step))
        bubble = host.findChild(Bubble)
        assert bubble is not None
        told = int(bubble.words().removeprefix("Step ").replace(",", ""))
        assert told == pytest.approx(step + 1, abs=45)
        assert host.rect().contains(bubble.geometry())
        assert bubble.geometry().bottom() < bar.y() + 4
        assert left is None or bubble.x() == left
    assert sought == []
    QApplication.sendEvent(bar, QEvent(QEvent.Type.Leave))
    assert bubble.isHidden()


def test_crowded_ticks_are_thinned_out(place: Place, pixel: Callable[..., str]) -> None:
    bar, _ = _bar(4001)
    place(bar, width=416)
    bar.set_ticks(list(range(4001)))
    row = [pixel(bar, x, 8) for x in range(200, 216)]
    assert row.count(LIGHT.border) == 4


def test_keyboard_focus_is_a_ring_around_the_handle(
    place: Place, pixel: Callable[..., str]
) -> None:
    bar, _ = _bar(5)
    place(bar, width=416)
    bar.set_step(2)
    assert pixel(bar, 208, 1) == LIGHT.panel
    bar.setFocus(Qt.FocusReason.TabFocusReason)
    assert pixel(bar, 208, 1) == LIGHT.reads


def test_to_a_screen_reader_it_is_a_slider() -> None:
    bar, _ = _bar(10)
    reader = QAccessible.queryAccessibleInterface(bar)
    assert reader.role() == QAccessible.Role.Slider
    assert reader.text(QAccessible.Text.Name) == "Position"


def test_pips_before_the_current_one_are_filled(place: Place, pixel: Callable[..., str]) -> None:
    pips = Pips()
    pips.set_progress(6, 9)
    place(pips)
    shown = [pixel(pips, 13 * index + 4, 4) for index in range(9)]
    assert shown == [LIGHT.ink2] * 5 + [LIGHT.writes] + [LIGHT.panel] * 3
    assert pips.accessibleName() == "6 of 9"
    pips.set_progress(0, 9)
    assert {pixel(pips, 13 * index + 4, 4) for index in range(9)} == {LIGHT.panel}


def test_many_pips_become_a_bar(place: Place, pixel: Callable[..., str]) -> None:
    pips = Pips(role="gradient")
    pips.set_progress(20, 40)
    assert pips.is_bar()
    place(pips)
    middle = pips.width() // 2
    assert pixel(pips, 20, 4) == LIGHT.ink2
    assert pixel(pips, middle - 3, 4) == LIGHT.gradient
    assert pixel(pips, middle + 20, 4) == LIGHT.well
    pips.set_progress(1, MOST_SQUARES)
    assert not pips.is_bar()


def test_pips_become_a_bar_where_squares_have_no_room() -> None:
    pips = Pips()
    pips.set_progress(6, 9)
    pips.resize(113, 9)
    assert not pips.is_bar()
    pips.resize(44, 9)
    assert pips.is_bar()


@pytest.mark.parametrize(("done", "total"), [(-1, 5), (6, 5), (0, 0)])
def test_impossible_progress_is_told(done: int, total: int) -> None:
    with pytest.raises(ValueError, match=f"{done} of {total}"):
        Pips().set_progress(done, total)
