"""Exclusive options: side by side, in a list, and how a convolution pads."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QRadioButton, QWidget

from simulator.gui import theme
from simulator.gui.widgets.choice import Choice
from simulator.gui.widgets.padding_choice import PaddingChoice
from simulator.gui.widgets.segmented import Segmented
from simulator.gui.widgets.speed_choice import SpeedChoice, speed_words
from simulator.traces.timeline import SPEEDS

Key = Qt.Key
Place = Callable[..., QWidget]
LEVELS = [("product", "Product"), ("cell", "Cell"), ("map", "Map"), ("layer", "Layer")]
KERNELS = [("identity", "Identity", None), ("blur", "Blur", "image"), ("sobel", "Sobel x", None)]


def _segmented() -> tuple[Segmented, list[str]]:
    segmented = Segmented("Level", LEVELS)
    values: list[str] = []
    segmented.value_changed.connect(values.append)
    return segmented, values


def test_a_click_chooses_a_segment(place: Place, pixel: Callable[..., str]) -> None:
    segmented, values = _segmented()
    place(segmented)
    light = theme.LIGHT
    chosen, other = segmented.segment("product").geometry(), segmented.segment("map").geometry()
    assert pixel(segmented, chosen.x() + 3, 5) == light.raised
    assert pixel(segmented, other.x() + 3, 5) == light.well
    QTest.mouseClick(segmented.segment("map"), Qt.MouseButton.LeftButton)
    QTest.mouseClick(segmented.segment("map"), Qt.MouseButton.LeftButton)
    assert values == ["map"]
    assert pixel(segmented, chosen.x() + 3, 5) == light.well
    assert pixel(segmented, other.x() + 3, 5) == light.raised
    assert pixel(segmented, other.x(), 14) == light.border


def test_the_chosen_segment_can_be_seen_in_the_dark(
    qapp: QApplication, place: Place, pixel: Callable[..., str]
) -> None:
    segmented, _ = _segmented()
    place(segmented)
    theme.apply(qapp, theme.DARK)
    assert pixel(segmented, 4, 5) == theme.DARK.raised
    assert pixel(segmented, segmented.width() - 4, 5) == theme.DARK.well


def test_arrow_keys_move_the_choice(place: Place) -> None:
    segmented, values = _segmented()
    place(segmented)
    segmented.segment("product").setFocus(Qt.FocusReason.TabFocusReason)
    for key in (Key.Key_Right, Key.Key_Down, Key.Key_Left, Key.Key_End, Key.Key_Right):
        QTest.keyClick(QApplication.focusWidget(), key)
    QTest.keyClick(QApplication.focusWidget(), Key.Key_Home)
    assert values == ["cell", "map", "cell", "layer", "product"]
    assert segmented.segment("product").hasFocus()


def test_the_tab_key_stops_once_at_the_chosen_segment(place: Place) -> None:
    segmented, _ = _segmented()
    host = place(segmented)
    last = QLineEdit(host)
    last.show()
    segmented.set_value("map")
    last.setFocus()
    QTest.keyClick(last, Key.Key_Tab)
    assert segmented.segment("map").hasFocus()
    QTest.keyClick(segmented.segment("map"), Key.Key_Tab)
    assert last.hasFocus()


def test_arrows_are_the_windows_after_a_click_and_the_segments_after_tab(place: Place) -> None:
    segmented, values = _segmented()
    host = place(segmented)
    pressed: list[str] = []
    shortcut = QShortcut(QKeySequence("Right"), host)
    shortcut.activated.connect(lambda: pressed.append("step"))
    cell = segmented.segment("cell")
    QTest.mouseClick(cell, Qt.MouseButton.LeftButton)
    assert cell.hasFocus()
    QTest.keyClick(cell, Key.Key_Right)
    assert (pressed, values) == (["step"], ["cell"])
    cell.clearFocus()
    cell.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(cell, Key.Key_Right)
    assert (pressed, values) == (["step"], ["cell", "map"])


def test_setting_a_segment_is_silent_where_it_holds_already() -> None:
    segmented, values = _segmented()
    segmented.set_value("product")
    assert values == []
    segmented.set_value("cell")
    assert values == ["cell"]
    assert [one.isChecked() for one in segmented.findChildren(QRadioButton)] == [
        *(False, True, False, False)
    ]


def test_other_segments_are_offered_silently(place: Place) -> None:
    segmented, values = _segmented()
    place(segmented)
    segmented.set_options([("a", "One"), ("b", "Two")], "b")
    assert values == []
    assert segmented.value() == "b"
    assert segmented.options() == (("a", "One"), ("b", "Two"))
    QTest.mouseClick(segmented.segment("a"), Qt.MouseButton.LeftButton)
    assert values == ["a"]


def test_stretched_segments_are_equally_wide_and_fill_the_ground(place: Place) -> None:
    segmented, _ = _segmented()
    place(segmented, width=402)
    widths = [segmented.segment(key).width() for key, _ in LEVELS]
    assert widths == [100, 100, 100, 100]
    assert segmented.segment("layer").geometry().right() == 400


def test_wrong_segments_are_told() -> None:
    with pytest.raises(ValueError, match="keys of their own"):
        Segmented("Level", [("a", "One"), ("a", "Two")])
    with pytest.raises(ValueError, match="keys of their own"):
        Segmented("Level", [])
    segmented, _ = _segmented()
    with pytest.raises(ValueError, match="'epoch' is not among"):
        segmented.set_value("epoch")


def test_an_error_is_framed(place: Place, pixel: Callable[..., str]) -> None:
    segmented, _ = _segmented()
    place(segmented)
    segmented.set_error(True)
    assert pixel(segmented, 30, 0) == theme.LIGHT.error
    segmented.set_error(False)
    assert pixel(segmented, 30, 0) == theme.LIGHT.well


def _padding(**options: int) -> tuple[PaddingChoice, list[object], list[str]]:
    padding = PaddingChoice("Padding", **options)
    values: list[object] = []
    told: list[str] = []
    padding.value_changed.connect(values.append)
    padding.refused.connect(told.append)
    padding.settled.connect(lambda: told.append("settled"))
    return padding, values, told


def _line(padding: PaddingChoice) -> QLineEdit:
    line = padding.findChild(QLineEdit)
    assert line is not None
    return line


def _pick(padding: PaddingChoice, words: str) -> None:
    (segment,) = [one for one in padding.findChildren(QRadioButton) if one.text() == words]
    QTest.mouseClick(segment, Qt.MouseButton.LeftButton)


def test_a_number_of_padding_cells_opens_a_field(place: Place) -> None:
    padding, values, _ = _padding(high=20)
    place(padding, width=171)
    assert padding.value() == "valid"
    assert _line(padding).isHidden()
    _pick(padding, "same")
    _pick(padding, "P =")
    assert _line(padding).hasFocus()
    assert _line(padding).selectedText() == "1"
    QTest.keyClicks(_line(padding), "12")
    QTest.keyClick(_line(padding), Key.Key_Return)
    QTest.keyClick(_line(padding), Key.Key_Up)
    _pick(padding, "valid")
    assert values == ["same", 1, 12, 13, "valid"]
    assert _line(padding).isHidden()


def test_the_padding_field_lies_in_its_segment(place: Place) -> None:
    padding, _, _ = _padding()
    place(padding, width=171)
    padding.set_value(7)
    (segment,) = [one for one in padding.findChildren(QRadioButton) if one.text() == "P ="]
    right_half = segment.geometry().adjusted(segment.width() // 2, 0, 0, 0)
    assert right_half.contains(_line(padding).geometry())
    assert segment.isChecked()


def test_padding_that_cannot_be_is_refused(place: Place, colours: Callable[..., set[str]]) -> None:
    padding, values, told = _padding(high=5)
    place(padding, width=171)
    padding.set_value(2)
    _line(padding).setFocus()
    _line(padding).selectAll()
    QTest.keyClicks(_line(padding), "9")
    assert told == ["9 is too large. Enter a whole number from 0 to 5."]
    assert theme.LIGHT.error in colours(padding)
    assert values == [2]
    _pick(padding, "valid")
    assert told[-1] == "settled"
    assert theme.LIGHT.error not in colours(padding)
    assert values == [2, "valid"]


def test_padding_is_set_silently_where_it_holds_already() -> None:
    padding, values, _ = _padding(high=5)
    padding.set_value("valid")
    padding.set_value(0)
    padding.set_value(0)
    padding.set_value("same")
    assert values == [0, "same"]
    with pytest.raises(ValueError, match="'full'"):
        padding.set_value("full")
    with pytest.raises(ValueError, match="6 is not from 0 to 5"):
        padding.set_value(6)
    assert padding.value() == "same"


def _choice() -> tuple[Choice, list[str]]:
    choice = Choice("Kernel", KERNELS)
    values: list[str] = []
    choice.value_changed.connect(values.append)
    return choice, values


def test_keys_choose_in_a_list(place: Place) -> None:
    choice, values = _choice()
    place(choice)
    choice.setFocus(Qt.FocusReason.TabFocusReason)
    for key in (Key.Key_Down, Key.Key_Down, Key.Key_Up, Key.Key_End):
        QTest.keyClick(choice, key)
    assert values == ["blur", "sobel", "blur", "sobel"]


def test_the_wheel_chooses_only_with_the_focus(
    place: Place, turn: Callable[[QWidget, int], bool]
) -> None:
    choice, values = _choice()
    place(choice)
    assert not turn(choice, -120)
    choice.setFocus()
    assert turn(choice, -120)
    assert turn(choice, -600)
    assert turn(choice, 120)
    assert values == ["blur", "sobel", "blur"]


def test_setting_a_choice_is_silent_where_it_holds_already() -> None:
    choice, values = _choice()
    choice.set_value("identity")
    choice.set_value("blur")
    choice.set_value("blur")
    assert values == ["blur"]
    with pytest.raises(ValueError, match="'emboss'"):
        choice.set_value("emboss")
    choice.set_options([("a", "One", None), ("b", "Two", None)], "b")
    assert (values, choice.value()) == (["blur"], "b")
    with pytest.raises(ValueError, match="keys of their own"):
        choice.set_options([])
    with pytest.raises(ValueError, match="'c' is not among"):
        choice.set_options([("a", "One", None)], "c")
    assert choice.value() == "b"


def test_a_choice_is_painted(place: Place, pixel: Callable[..., str]) -> None:
    choice, _ = _choice()
    place(choice, width=200)
    light = theme.LIGHT
    assert choice.height() == 28
    assert pixel(choice, 100, 0) == light.border
    assert pixel(choice, 150, 14) == light.panel
    choice.set_error(True)
    assert pixel(choice, 100, 1) == light.error
    choice.set_disabled_reason("Pause, and it opens.")
    assert pixel(choice, 100, 1) == light.well
    assert choice.toolTip() == "Pause, and it opens."


def test_a_list_too_narrow_for_its_words_shows_an_ellipsis(place: Place) -> None:
    choice, _ = _choice()
    choice.set_options([("a", "A kernel with a very long name indeed", None)])
    place(choice, width=90)
    picture = choice.grab().toImage()
    # The words stop before the chevron: a white column is between them.
    assert any(
        all(picture.pixelColor(x, y).name() == theme.LIGHT.panel for y in range(4, 24))
        for x in range(60, 75)
    )


@pytest.mark.parametrize(
    ("speed", "words"), [(0.25, "×¼"), (0.5, "×½"), (1.0, "×1"), (64.0, "×64")]
)
def test_speeds_are_written(speed: float, words: str) -> None:
    assert speed_words(speed) == words


def test_every_speed_of_the_timeline_can_be_chosen(place: Place) -> None:
    choice = SpeedChoice()
    speeds: list[float] = []
    choice.speed_changed.connect(speeds.append)
    place(choice)
    assert choice.speed() == 1
    choice.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(choice, Key.Key_Home)
    for _ in range(len(SPEEDS) - 1):
        QTest.keyClick(choice, Key.Key_Down)
    assert speeds == list(SPEEDS)


def test_a_speed_is_shown_silently() -> None:
    choice = SpeedChoice()
    speeds: list[float] = []
    choice.speed_changed.connect(speeds.append)
    choice.set_speed(16)
    assert (choice.speed(), speeds) == (16, [])
    with pytest.raises(ValueError, match=r"3\.0"):
        choice.set_speed(3)


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_open_list_marks_what_holds_and_takes_keys_before_the_window(place: Place) -> None:
    choice, values = _choice()
    host = place(choice, width=200)
    stolen: list[str] = []
    for keys in ("Down", "Return", "Space"):
        shortcut = QShortcut(QKeySequence(keys), host)
        shortcut.activated.connect(lambda keys=keys: stolen.append(keys))
    choice.showPopup()
    rows = choice.view()
    picture = rows.window().grab().toImage()
    assert picture.pixelColor(100, 0).name() == theme.LIGHT.border
    assert picture.pixelColor(100, 2).name() == theme.LIGHT.panel
    # The first option holds: it has a check mark at the right, the others have none.
    right = range(picture.width() - 34, picture.width() - 8)
    marked = [
        any(picture.pixelColor(x, 19 + 28 * row).name() == theme.LIGHT.ink2 for x in right)
        or len({picture.pixelColor(x, 19 + 28 * row).name() for x in right}) > 1
        for row in range(3)
    ]
    assert marked == [True, False, False]
    QTest.keyClick(rows, Key.Key_Down)
    QTest.keyClick(rows, Key.Key_Return)
    assert values == ["blur"]
    assert stolen == []
    assert not rows.isVisible()
