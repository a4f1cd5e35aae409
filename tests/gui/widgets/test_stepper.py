"""Whole numbers: stepped, typed, refused."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QWidget

from simulator.gui import theme
from simulator.gui.widgets.stepper import Stepper

Key = Qt.Key


def _stepper(**options: int) -> tuple[Stepper, list[int], list[str]]:
    stepper = Stepper("Size", **options)
    values: list[int] = []
    refusals: list[str] = []
    stepper.value_changed.connect(values.append)
    stepper.refused.connect(refusals.append)
    stepper.settled.connect(lambda: refusals.append("settled"))
    return stepper, values, refusals


def _line(stepper: Stepper) -> QLineEdit:
    line = stepper.findChild(QLineEdit)
    assert line is not None
    return line


def _buttons(stepper: Stepper) -> tuple[QAbstractButton, QAbstractButton]:
    minus, plus = stepper.findChildren(QAbstractButton)
    return minus, plus


def _type(stepper: Stepper, words: str, *, enter: bool = True) -> None:
    line = _line(stepper)
    line.setFocus(Qt.FocusReason.TabFocusReason)
    line.selectAll()
    QTest.keyClicks(line, words)
    if enter:
        QTest.keyClick(line, Key.Key_Return)


def test_a_click_steps_and_stops_at_the_bounds(place: Callable[..., QWidget]) -> None:
    stepper, values, _ = _stepper(value=2, low=1, high=3)
    place(stepper)
    minus, plus = _buttons(stepper)
    QTest.mouseClick(plus, Qt.MouseButton.LeftButton)
    assert not plus.isEnabled()
    assert minus.isEnabled()
    QTest.mouseClick(plus, Qt.MouseButton.LeftButton)
    QTest.mouseClick(minus, Qt.MouseButton.LeftButton)
    QTest.mouseClick(minus, Qt.MouseButton.LeftButton)
    assert not minus.isEnabled()
    assert values == [3, 2, 1]


def test_a_button_held_down_repeats() -> None:
    stepper, _, _ = _stepper()
    assert all(button.autoRepeat() for button in _buttons(stepper))


def test_keys_step_and_do_not_pass_the_bounds(place: Callable[..., QWidget]) -> None:
    stepper, values, _ = _stepper(value=3, low=1, high=20, step=2)
    place(stepper)
    line = _line(stepper)
    line.setFocus()
    for key in (Key.Key_Up, Key.Key_Down, Key.Key_Down, Key.Key_Down, Key.Key_PageUp):
        QTest.keyClick(line, key)
    assert values == [5, 3, 1, 20]


def test_the_wheel_steps_only_with_the_focus(
    place: Callable[..., QWidget], turn: Callable[[QWidget, int], bool]
) -> None:
    stepper, values, _ = _stepper(value=3)
    place(stepper)
    assert not turn(stepper, 120)
    assert values == []
    _line(stepper).setFocus()
    assert turn(stepper, 60)
    assert values == []
    assert turn(stepper, 60)
    assert turn(_line(stepper), -240)
    assert values == [4, 2]


def test_setting_the_same_value_is_silent() -> None:
    stepper, values, _ = _stepper(value=3)
    stepper.set_value(3)
    assert values == []
    stepper.set_value(4)
    stepper.set_value(4)
    assert values == [4]
    assert _line(stepper).text() == "4"


def test_what_is_typed_is_taken_once_with_enter(place: Callable[..., QWidget]) -> None:
    stepper, values, refusals = _stepper(value=3, low=1, high=99)
    place(stepper)
    _type(stepper, "12")
    QTest.keyClick(_line(stepper), Key.Key_Return)
    assert values == [12]
    assert refusals == []


def test_what_is_typed_is_taken_on_leaving(place: Callable[..., QWidget]) -> None:
    stepper, values, _ = _stepper(value=3)
    host = place(stepper)
    other = QLineEdit(host)
    other.show()
    _type(stepper, "7", enter=False)
    assert values == []
    other.setFocus()
    assert values == [7]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("0", "0 is too small. Enter a whole number from 1 to 11."),
        ("99", "99 is too large. Enter a whole number from 1 to 11."),
        ("-4", "−4 is too small. Enter a whole number from 1 to 11."),
        ("1-", "“1-” is not a whole number. Enter one from 1 to 11."),
        ("", "Nothing is entered. Enter a whole number from 1 to 11."),
    ],
)
def test_what_cannot_be_is_refused_and_stays(
    place: Callable[..., QWidget],
    colours: Callable[[QWidget], set[str]],
    typed: str,
    told: str,
) -> None:
    stepper, values, refusals = _stepper(value=3, low=1, high=11)
    place(stepper)
    assert theme.LIGHT.error not in colours(stepper)
    _type(stepper, typed or "\b", enter=False)
    if not typed:
        QTest.keyClick(_line(stepper), Key.Key_Backspace)
    QTest.keyClick(_line(stepper), Key.Key_Return)
    assert values == []
    assert refusals == [told]
    assert stepper.value() == 3
    assert _line(stepper).text() == typed
    assert theme.LIGHT.error in colours(stepper)
    QTest.keyClick(_line(stepper), Key.Key_Escape)
    assert _line(stepper).text() == "3"
    assert refusals == [told, "settled"]
    assert theme.LIGHT.error not in colours(stepper)


def test_a_number_that_may_still_grow_is_no_error_yet(place: Callable[..., QWidget]) -> None:
    stepper, values, refusals = _stepper(value=20, low=10, high=50)
    place(stepper)
    _type(stepper, "3", enter=False)
    assert refusals == []
    QTest.keyClicks(_line(stepper), "4")
    QTest.keyClick(_line(stepper), Key.Key_Enter)
    assert values == [34]
    _type(stepper, "3")
    assert refusals == ["3 is too small. Enter a whole number from 10 to 50."]


def test_a_true_minus_is_shown_and_read(place: Callable[..., QWidget]) -> None:
    stepper, values, _ = _stepper(value=-3, low=-9, high=9)
    place(stepper)
    assert _line(stepper).text() == "−3"
    _line(stepper).setFocus()
    _line(stepper).setCursorPosition(2)
    QTest.keyClick(_line(stepper), Key.Key_Backspace)
    QTest.keyClicks(_line(stepper), "5")
    QTest.keyClick(_line(stepper), Key.Key_Return)
    assert values == [-5]


def test_stepping_from_a_refused_number_starts_at_the_last_good_one(
    place: Callable[..., QWidget],
) -> None:
    stepper, values, refusals = _stepper(value=3, low=1, high=11)
    place(stepper)
    _type(stepper, "50")
    QTest.keyClick(_line(stepper), Key.Key_Up)
    assert values == [4]
    assert refusals[-1] == "settled"


def test_a_value_beyond_new_bounds_stays_and_is_refused(place: Callable[..., QWidget]) -> None:
    stepper, values, refusals = _stepper(value=7, low=1, high=11)
    place(stepper)
    stepper.set_bounds(1, 5)
    assert stepper.value() == 7
    assert refusals == ["7 is too large. Enter a whole number from 1 to 5."]
    QTest.mouseClick(_buttons(stepper)[0], Qt.MouseButton.LeftButton)
    assert values == [5]
    assert refusals[-1] == "settled"


def test_impossible_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="12 is not from 1 to 11"):
        Stepper("Size", value=12, high=11)
    with pytest.raises(ValueError, match="at least 1, not 0"):
        Stepper("Size", step=0)
    stepper = Stepper("Size", value=3, high=11)
    with pytest.raises(ValueError, match="12 is not from 1 to 11"):
        stepper.set_value(12)
    with pytest.raises(ValueError, match="from 5 to 4"):
        stepper.set_bounds(5, 4)
    assert stepper.value() == 3


def test_keys_of_no_number_are_left_to_the_window(place: Callable[..., QWidget]) -> None:
    stepper, values, _ = _stepper(value=3)
    host = place(stepper)
    pressed: list[str] = []
    for keys in ("Space", "L", "?", "Up", "Return", "5", "Left", "Ctrl+Z"):
        shortcut = QShortcut(QKeySequence(keys), host)
        shortcut.activated.connect(lambda keys=keys: pressed.append(keys))
    line = _line(stepper)
    line.setFocus()
    for key in (Key.Key_Space, Key.Key_L, Key.Key_Question, Key.Key_Up, Key.Key_Left, Key.Key_5):
        QTest.keyClick(line, key)
    QTest.keyClick(line, Key.Key_Return)
    QTest.keyClick(line, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert pressed == ["Space", "L", "?", "Ctrl+Z"]
    assert values == [4, 54]


def test_undo_is_the_lines_own_while_it_is_typed_in(place: Callable[..., QWidget]) -> None:
    stepper, values, _ = _stepper(value=3)
    host = place(stepper)
    pressed: list[str] = []
    shortcut = QShortcut(QKeySequence("Ctrl+Z"), host)
    shortcut.activated.connect(lambda: pressed.append("undo"))
    _type(stepper, "8", enter=False)
    QTest.keyClick(_line(stepper), Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert pressed == []
    assert _line(stepper).text() == "3"
    QTest.keyClick(_line(stepper), Key.Key_Return)
    assert values == []


def test_disabled_it_tells_why_and_looks_it(
    place: Callable[..., QWidget], pixel: Callable[..., str]
) -> None:
    stepper, values, _ = _stepper(value=3)
    place(stepper)
    stepper.setToolTip("The side of the kernel")
    assert pixel(stepper, 40, 5) == theme.LIGHT.panel
    stepper.set_disabled_reason("Pause, and it opens.")
    assert stepper.toolTip() == "Pause, and it opens."
    assert pixel(stepper, 40, 5) == theme.LIGHT.well
    QTest.mouseClick(_buttons(stepper)[1], Qt.MouseButton.LeftButton)
    assert values == []
    stepper.set_disabled_reason(None)
    assert stepper.toolTip() == "The side of the kernel"
    assert pixel(stepper, 40, 5) == theme.LIGHT.panel
    with pytest.raises(ValueError, match="why"):
        stepper.set_disabled_reason(" ")


def test_it_is_painted_to_the_pixel(
    place: Callable[..., QWidget], pixel: Callable[..., str]
) -> None:
    stepper, _, _ = _stepper(value=3)
    place(stepper)
    light = theme.LIGHT
    assert (stepper.width(), stepper.height()) == (92, 28)
    assert pixel(stepper, 46, 0) == pixel(stepper, 46, 27) == light.border
    assert pixel(stepper, 0, 14) == pixel(stepper, 91, 14) == light.border
    assert pixel(stepper, 27, 14) == pixel(stepper, 64, 14) == light.hairline
    assert pixel(stepper, 32, 14) == light.panel
    _buttons(stepper)[1].setDown(True)
    assert pixel(stepper, 70, 4) == light.hairline
    assert pixel(stepper, 91, 0) != light.hairline


def test_all_of_it_has_accessible_names() -> None:
    stepper, _, _ = _stepper()
    assert stepper.accessibleName() == _line(stepper).accessibleName() == "Size"
    names = [button.accessibleName() for button in _buttons(stepper)]
    assert names == ["Size: less", "Size: more"]


def test_a_click_between_buttons_starts_typing(place: Callable[..., QWidget]) -> None:
    stepper, _, _ = _stepper()
    host = place(stepper)
    place_of_line = stepper.mapTo(host, QPoint(46, 14))
    assert host.childAt(place_of_line) is _line(stepper)
