"""Buttons, check boxes, and the keys that stand beside them."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget

from simulator.gui import theme
from simulator.gui.widgets.button import Button
from simulator.gui.widgets.icon_button import IconButton
from simulator.gui.widgets.keys import key_words
from simulator.gui.widgets.play_button import PlayButton
from simulator.gui.widgets.toggle import Toggle

Key = Qt.Key
Place = Callable[..., QWidget]
LIGHT = theme.LIGHT


def _clicks(button: QAbstractButton) -> list[bool]:
    clicks: list[bool] = []
    button.clicked.connect(lambda: clicks.append(True))
    return clicks


@pytest.mark.parametrize(
    "make",
    [
        lambda: Button("Open", icon="folder-open"),
        lambda: IconButton("undo-2", "Undo", "Ctrl+Z"),
        PlayButton,
    ],
    ids=["button", "icon", "play"],
)
def test_a_button_is_pressed_by_mouse_space_and_enter(
    place: Place, make: Callable[[], QAbstractButton]
) -> None:
    button = make()
    host = place(button)
    stolen: list[str] = []
    for keys in ("Space", "Return"):
        shortcut = QShortcut(QKeySequence(keys), host)
        shortcut.activated.connect(lambda keys=keys: stolen.append(keys))
    clicks = _clicks(button)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    # After a click the window's shortcuts go first; after Tab the button does.
    QTest.keyClick(button, Key.Key_Space)
    assert (len(clicks), stolen) == (1, ["Space"])
    button.clearFocus()
    button.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(button, Key.Key_Space)
    QTest.keyClick(button, Key.Key_Return)
    assert (len(clicks), stolen) == (3, ["Space"])


def test_buttons_are_painted(place: Place, pixel: Callable[..., str]) -> None:
    button = Button("Branch from here", icon="git-branch")
    place(button)
    assert button.height() == 28
    assert pixel(button, 60, 0) == LIGHT.border
    assert pixel(button, 5, 14) == LIGHT.panel
    button.set_disabled_reason("Nothing to branch from.")
    assert pixel(button, 60, 0) == LIGHT.hairline
    button.set_disabled_reason(None)
    button.set_error(True)
    assert pixel(button, 60, 1) == LIGHT.error


def test_the_dark_button_is_dark(place: Place, pixel: Callable[..., str]) -> None:
    button = Button("Play", icon="play", dark=True)
    place(button)
    assert pixel(button, 4, 14) == LIGHT.ink1
    button.set_disabled_reason("There is no lesson.")
    assert pixel(button, 4, 14) == LIGHT.panel


def test_an_icon_button_tells_its_name_and_key() -> None:
    button = IconButton("undo-2", "Undo", "Ctrl+Z")
    assert button.accessibleName() == "Undo"
    assert button.toolTip() == "Undo  (Ctrl Z)"
    button.set_disabled_reason("There is nothing to undo.")
    button.set_name("Undo: change stride")
    assert button.toolTip() == "There is nothing to undo."
    button.set_disabled_reason(None)
    assert button.toolTip() == "Undo: change stride  (Ctrl Z)"
    assert IconButton("x", "Dismiss", "").toolTip() == "Dismiss"
    with pytest.raises(ValueError, match="never without a name"):
        IconButton("x", "", "")


def test_a_framed_button_shows_that_it_is_on(place: Place, pixel: Callable[..., str]) -> None:
    button = IconButton("repeat", "Repeat", "L", framed=True)
    button.setCheckable(True)
    place(button)
    assert (pixel(button, 14, 0), pixel(button, 3, 14)) == (LIGHT.border, LIGHT.panel)
    button.setChecked(True)
    assert (pixel(button, 14, 0), pixel(button, 3, 14)) == (LIGHT.ink2, LIGHT.well)


def test_play_offers_what_a_click_does(place: Place, pixel: Callable[..., str]) -> None:
    button = PlayButton()
    place(button)
    assert not button.playing()
    assert (button.accessibleName(), button.toolTip()) == ("Play", "Play  (Space)")
    assert pixel(button, 18, 2) == LIGHT.ink1
    triangle = button.grab().toImage()
    button.set_playing(True)
    assert button.playing()
    assert button.accessibleName() == "Pause"
    assert button.grab().toImage() != triangle
    button.set_playing(False)
    assert button.grab().toImage() == triangle


def test_a_click_beside_the_round_button_does_nothing(place: Place) -> None:
    button = PlayButton()
    place(button)
    clicks = _clicks(button)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))
    assert clicks == []
    QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(18, 2))
    assert len(clicks) == 1


def test_a_box_is_checked_anywhere_on_its_line(place: Place, pixel: Callable[..., str]) -> None:
    toggle = Toggle("Feature maps")
    values: list[bool] = []
    toggle.value_changed.connect(values.append)
    place(toggle)
    assert pixel(toggle, 3, 9) == LIGHT.panel
    QTest.mouseClick(toggle, Qt.MouseButton.LeftButton, pos=QPoint(toggle.width() - 3, 9))
    assert pixel(toggle, 2, 9) == LIGHT.ink1
    QTest.keyClick(toggle, Key.Key_Space)
    toggle.set_value(False)
    toggle.set_value(True)
    toggle.set_value(True)
    assert values == [True, False, True]
    assert toggle.value()
    assert toggle.accessibleName() == "Feature maps"


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("Ctrl+Z", "Ctrl Z"),
        ("Ctrl+Shift+Z", "Ctrl Shift Z"),
        ("Space", "Space"),
        ("Left", "←"),
        ("Alt+Up", "Alt ↑"),
        ("+", "+"),
        ("Ctrl++", "Ctrl +"),
        ("-", "−"),
        ("?", "?"),
    ],
)
def test_keys_are_written(keys: str, words: str) -> None:
    assert key_words(keys) == words
