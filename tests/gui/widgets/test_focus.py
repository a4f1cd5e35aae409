"""The focus ring: when it shows, where it lies, and that it goes with its control."""

import gc
from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from simulator.gui import theme
from simulator.gui.widgets.button import Button
from simulator.gui.widgets.focus import _Ring
from simulator.gui.widgets.play_button import PlayButton
from simulator.gui.widgets.segmented import Segmented
from simulator.gui.widgets.stepper import Stepper

Place = Callable[..., QWidget]
TAB = Qt.FocusReason.TabFocusReason


def _rings(host: QWidget) -> list[_Ring]:
    return [ring for ring in host.findChildren(_Ring) if ring.isVisible()]


def test_a_tab_shows_the_ring_and_a_click_does_not(place: Place) -> None:
    button = Button("One")
    host = place(button)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert button.hasFocus()
    assert _rings(host) == []
    QTest.keyClick(button, Qt.Key.Key_Shift)
    assert _rings(host) == []
    QTest.keyClick(button, Qt.Key.Key_A)
    assert len(_rings(host)) == 1
    button.clearFocus()
    assert _rings(host) == []
    button.setFocus(TAB)
    assert len(_rings(host)) == 1


def test_the_ring_is_two_pixels_wide_with_a_gap_of_two(
    place: Place, pixel: Callable[..., str]
) -> None:
    stepper = Stepper("Size", value=3)
    host = place(stepper)
    stepper.setFocus(TAB)
    middle = 20 + 46
    column = [pixel(host, middle, 20 - away) for away in range(6)]
    reads, ground = theme.LIGHT.reads, theme.LIGHT.panel
    assert column == [theme.LIGHT.border, ground, ground, reads, reads, ground]
    below = [pixel(host, middle, 20 + 27 + away) for away in range(6)]
    assert below == column


def test_the_ring_around_a_round_button_is_round(place: Place, pixel: Callable[..., str]) -> None:
    button = PlayButton()
    host = place(button)
    button.setFocus(TAB)
    assert pixel(host, 20 + 18, 20 - 3) == theme.LIGHT.reads
    assert pixel(host, 20 - 2, 20 - 2) == theme.LIGHT.panel


def test_text_shows_the_ring_after_a_click_too(place: Place) -> None:
    stepper = Stepper("Size")
    host = place(stepper)
    QTest.mouseClick(stepper.focusProxy(), Qt.MouseButton.LeftButton)
    assert len(_rings(host)) == 1


def test_the_ring_follows_its_control_and_scrolls_with_it(place: Place) -> None:
    area = QScrollArea()
    content = QWidget()
    rows = QVBoxLayout(content)
    row = QWidget()
    inner = QVBoxLayout(row)
    stepper = Stepper("Size")
    inner.addWidget(stepper)
    rows.addWidget(row)
    content.resize(300, 900)
    area.setWidget(content)
    place(area, 300, 200)
    stepper.setFocus(TAB)
    (ring,) = _rings(area)
    assert ring.parentWidget() is content

    def around() -> QPoint:
        return stepper.mapTo(content, QPoint(-4, -4))

    assert ring.pos() == around()
    rows.setContentsMargins(40, 60, 0, 0)
    rows.activate()
    QApplication.processEvents()
    assert ring.pos() == around()
    stepper.setFixedWidth(140)
    assert ring.width() == 148


def test_the_ring_lets_the_mouse_through(place: Place) -> None:
    button = Button("One")
    host = place(button)
    button.setFocus(TAB)
    clicked: list[bool] = []
    button.clicked.connect(lambda: clicked.append(True))
    assert host.childAt(QPoint(25, 25)) is button
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert clicked == [True]


def test_the_ring_goes_with_a_control_that_is_hidden_or_deleted(place: Place) -> None:
    holder = QWidget()
    stepper = Stepper("Size", parent=holder)
    host = place(holder, 200, 60)
    stepper.setFocus(TAB)
    assert len(_rings(host)) == 1
    stepper.hide()
    assert _rings(host) == []
    stepper.show()
    stepper.setFocus(TAB)
    assert len(_rings(host)) == 1
    holder.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QApplication.processEvents()
    assert _rings(host) == []


def test_focus_that_comes_back_with_the_window_shows_as_before(qtbot: QtBot, place: Place) -> None:
    first, second = Button("One"), Button("Two")
    host = place(first)
    second.setParent(host)
    second.show()
    other = QWidget()
    qtbot.addWidget(other)
    for reason, rings in ((TAB, 1), (Qt.FocusReason.MouseFocusReason, 0)):
        second.setFocus()
        first.setFocus(reason)
        other.show()
        other.activateWindow()
        qtbot.waitUntil(lambda: QApplication.activeWindow() is other)
        assert _rings(host) == []
        host.activateWindow()
        qtbot.waitUntil(lambda: QApplication.activeWindow() is host)
        assert first.hasFocus()
        assert len(_rings(host)) == rings


def test_a_focused_control_can_be_collected_at_any_moment(qtbot: QtBot) -> None:
    for make in (lambda: Stepper("Size"), lambda: Segmented("Level", [("a", "A"), ("b", "B")])):
        for _ in range(20):
            window = QWidget()
            control = make()
            control.setParent(window)
            window.show()
            window.activateWindow()
            QApplication.processEvents()
            control.findChildren(QWidget)[0].setFocus(TAB)
            control.circle = control  # only the collector can free it
            del window, control
            gc.collect()
            QApplication.processEvents()
    assert QApplication.topLevelWidgets() == [] or not any(
        window.isVisible() for window in QApplication.topLevelWidgets()
    )
