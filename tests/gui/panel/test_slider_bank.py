"""Small upright sliders, one for each number of a long code."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from simulator.gui.lab.slider import Slider
from simulator.gui.lesson_page import LessonPage
from simulator.gui.panel.slider_bank import MOST_ACROSS, SliderBank
from simulator.lessons.course_controls import SLIDERS, STOPS

Open = Callable[..., LessonPage]
LEFT = Qt.MouseButton.LeftButton
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def bank(qtbot: QtBot) -> SliderBank:
    made = SliderBank("Code", STOPS)
    qtbot.addWidget(made)
    made.set_values([f"z{at}" for at in range(1, 41)], [0.0] * 40)
    made.resize(260, made.sizeHint().height())
    made.show()
    return made


@pytest.mark.parametrize("count", [9, 16, 17, 33, 64])
def test_sliders_stand_in_rows_and_none_lies_on_another(bank: SliderBank, count: int) -> None:
    bank.set_values([f"z{at}" for at in range(count)], [0.0] * count)
    bank.resize(256, bank.sizeHint().height())
    slots = [bank.slot(at) for at in range(count)]
    assert all(bank.rect().toRectF().contains(slot) for slot in slots)
    inner = [slot.adjusted(0.01, 0.01, -0.01, -0.01) for slot in slots]
    assert not any(a.intersects(b) for a in inner for b in inner if a is not b)
    rows = [sum(slot.top() == top for slot in slots) for top in sorted({s.top() for s in slots})]
    assert max(rows) <= MOST_ACROSS
    assert len(rows) == -(-count // MOST_ACROSS)
    assert min(slot.width() for slot in slots) >= 256 / MOST_ACROSS


@pytest.mark.parametrize("index", [0, 17, 39])
def test_a_slider_is_dragged_and_no_other_moves(bank: SliderBank, index: int) -> None:
    heard: list[tuple[int, float]] = []
    bank.value_changed.connect(lambda at, value: heard.append((at, value)))
    begin = bank.handle(index).toPoint()
    QTest.mousePress(bank, LEFT, pos=begin)
    QTest.mouseMove(bank, begin - QPoint(0, 15))
    QTest.mouseRelease(bank, LEFT, pos=begin - QPoint(0, 15))
    assert {at for at, _ in heard} == {index}
    values = bank.values()
    assert values[index] == heard[-1][1] > 0
    assert sum(value != 0 for value in values) == 1
    away = bank.handle(index) - QPointF(begin) + QPointF(0, 15)
    assert abs(away.y()) < 1
    QTest.mouseMove(bank, QPoint(begin.x(), -500))
    assert bank.values() == values, "the button is up"


def test_keys_walk_and_change(bank: SliderBank) -> None:
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_PageUp):
        QTest.keyClick(bank, key)
    assert bank.values()[2] == 0.55
    assert bank.accessibleDescription() == "z3 = 0.55"
    QTest.keyClick(bank, Qt.Key.Key_Home)
    assert bank.values()[2] == STOPS[0]
    for _ in range(5):
        QTest.keyClick(bank, Qt.Key.Key_Left)
    QTest.keyClick(bank, Qt.Key.Key_End)
    assert bank.values()[:3] == (STOPS[-1], 0.0, STOPS[0])


def test_a_long_code_has_a_bank_a_short_one_sliders_and_both_are_undone(open_page: Open) -> None:
    small = {"epochs": 1, "variant": "dense", "follow": "free"}
    page = open_page("explore-code", **small, code=8)
    bank = page.panel.findChild(SliderBank)
    sliders = [page.panel.bindings[each.name].row for each in SLIDERS[:8]]

    def on_view() -> tuple[bool, bool]:
        assert len({row.isVisibleTo(page) for row in sliders}) == 1
        return sliders[0].isVisibleTo(page), bank.isVisibleTo(page)

    assert on_view() == (True, False)
    assert all(isinstance(row.control, Slider) for row in sliders)
    page.document.change("code", 20)
    assert on_view() == (False, True)
    assert bank.values() == (0.0,) * 20
    before = page.document.state
    first = np.array(page.document.session.trace.arrays["drawn"].values)
    begin = bank.handle(15).toPoint()
    QTest.mouseClick(bank, LEFT, pos=begin + QPoint(0, 12))
    value = page.document.state.settings["z16"]
    assert value < 0
    assert bank.values()[15] == value
    drawn = page.document.session.trace.arrays["drawn"].values
    code = np.zeros(20, np.float32)
    code[15] = value
    trace = page.document.session.trace
    made = trace.learner.decoded(trace.state, code.reshape(1, *trace.point.shape))[0]
    np.testing.assert_array_equal(drawn, made)
    assert (drawn != first).any()
    page.document.undo_stack.undo()
    assert page.document.state == before
    assert bank.values() == (0.0,) * 20
    np.testing.assert_array_equal(page.document.session.trace.arrays["drawn"].values, first)
    page.document.undo_stack.undo()
    assert on_view() == (True, False)
