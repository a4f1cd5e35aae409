"""Every action by its key, wherever the focus is, unless what has the focus needs the key."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QLineEdit, QWidget

from simulator.gui import actions, theme
from simulator.gui.document import Document
from simulator.gui.lesson_page import LessonPage
from simulator.gui.main_window import MainWindow
from simulator.gui.widgets.choice import Choice
from simulator.gui.widgets.icon_button import IconButton
from simulator.gui.widgets.play_button import PlayButton
from simulator.gui.widgets.scrub_bar import ScrubBar
from simulator.gui.widgets.search_field import SearchField
from simulator.gui.widgets.segmented import Segmented
from simulator.gui.widgets.shortcuts_dialog import ShortcutsDialog
from simulator.lessons.frame import Pointer
from tests.gui.conftest import settle

Key = Qt.Key
Open = Callable[..., MainWindow]
TAB = Qt.FocusReason.TabFocusReason
KERNEL = Pointer("kernel", (0, 0, 0, 0))


@pytest.fixture
def window(open_window: Open) -> MainWindow:
    window = open_window()
    _page(window).document.change("size", 8)
    _page(window).document.undo_stack.clear()
    return window


def _page(window: MainWindow) -> LessonPage:
    assert window.page is not None
    return window.page


def _press(widget: QWidget, keys: str) -> None:
    """Press a key combination as a keyboard sends it."""
    combination = QKeySequence(keys)[0]
    QTest.keyClick(widget, combination.key(), combination.keyboardModifiers())


def _focused() -> QWidget:
    return QApplication.focusWidget()


def _line(page: LessonPage, name: str) -> QLineEdit:
    line = page.panel.bindings[name].widget.findChild(QLineEdit)
    assert line is not None
    return line


# The table


def test_no_key_has_two_actions(window: MainWindow) -> None:
    keys = [keys for action in actions.table(window) for keys in action.keys]
    sequences = [QKeySequence(key).toString() for key in keys]
    assert all(sequences), "every key is one that Qt knows"
    assert len(set(sequences)) == len(sequences)
    made = [shortcut.key().toString() for shortcut in window.findChildren(QShortcut)]
    assert sorted(made) == sorted(sequences), "one shortcut each, and none beside the table"


def test_the_list_tells_of_every_key(window: MainWindow) -> None:
    _press(_page(window).stage, "?")
    dialog = window.findChild(ShortcutsDialog)
    assert dialog is not None
    assert dialog.isVisible()
    told = {child.accessibleName() for child in dialog.findChildren(QWidget)}
    for action in actions.table(window):
        assert any(words.startswith(f"{action.title}: ") for words in told), action.title
    QTest.keyClick(dialog, Key.Key_Escape)
    assert not dialog.isVisible()


def test_before_there_is_a_lesson_no_key_does_harm(open_window: Open) -> None:
    window = open_window()
    page, window.page = window.page, None
    for action in actions.table(window):
        if action.run is not None and not {"Ctrl+Q", "F11", "?", "Ctrl+T"} & set(action.keys):
            action.run()
    window.page = page


# Each key, with the focus on the stage


def _steps(document: Document) -> int:
    return document.timeline.step


@pytest.mark.parametrize(
    ("keys", "tell", "before", "after"),
    [
        ("Space", lambda it: it.timeline.playing, False, True),
        (
            "Shift+Space",
            lambda it: (it.timeline.playing, it.timeline.direction),
            (False, 1),
            (True, -1),
        ),
        ("Right", _steps, 20, 21),
        ("Left", _steps, 20, 19),
        ("Home", _steps, 20, 0),
        ("End", _steps, 20, 971),
        ("+", lambda it: it.timeline.speed, 1, 2),
        ("=", lambda it: it.timeline.speed, 1, 2),
        ("-", lambda it: it.timeline.speed, 1, 0.5),
        ("L", lambda it: it.timeline.loop, False, True),
        ("Up", lambda it: it.session.trace.level, "product", "cell"),
        ("PgDown", lambda it: it.session.map_on_view, 0, 1),
        ("Ctrl+PgDown", lambda it: it.session.channel_on_view, 2, 2),
        ("Ctrl+PgUp", lambda it: it.session.channel_on_view, 2, 1),
        ("P", lambda it: it.session.pinned and it.session.pinned.array, None, "output"),
        ("Alt+Down", lambda it: it.session.pinned, None, Pointer("output", (0, 0, 0))),
        ("Ctrl+R", lambda it: it.state.settings["size"], 8, 64),
    ],
)
def test_a_key_does_what_the_list_says(
    open_window: Open, keys: str, tell: Callable[[Document], object], before: object, after: object
) -> None:
    window = open_window()
    document = _page(window).document
    for name, value in (("size", 8), ("channels", "3"), ("filters", 1)):
        document.change(name, value)
    if keys == "PgDown":
        document.change("filters", 3)
    document.seek(20)
    assert tell(document) == before
    _press(_page(window).stage, keys)
    assert tell(document) == after


@pytest.mark.parametrize("key", [Key.Key_Plus, Key.Key_Minus, Key.Key_Enter])
def test_the_keypad_counts_as_well(window: MainWindow, key: Qt.Key) -> None:
    document = _page(window).document
    document.pin(Pointer("output", (1, 1, 0)))
    QTest.keyClick(_page(window).stage, key, Qt.KeyboardModifier.KeypadModifier)
    if key == Key.Key_Enter:
        assert document.timeline.step == (1 * 6 + 1) * 9 + 8
    else:
        assert document.timeline.speed == (2 if key == Key.Key_Plus else 0.5)


def test_maps_and_levels_are_gone_through_both_ways(window: MainWindow) -> None:
    document, stage = _page(window).document, _page(window).stage
    document.change("filters", 3)
    for keys, index in (("PgDown", 1), ("PgDown", 2), ("PgDown", 2), ("PgUp", 1)):
        _press(stage, keys)
        assert document.session.map_on_view == index
    for keys, level in (("Up", "cell"), ("Up", "map"), ("Up", "layer"), ("Down", "map")):
        _press(stage, keys)
        assert document.session.trace.level == level


def test_the_pin_is_moved_and_its_arithmetic_opened(window: MainWindow) -> None:
    document, stage = _page(window).document, _page(window).stage
    for keys in ("P", "Alt+Down", "Alt+Down", "Alt+Right", "Alt+Right", "Alt+Left", "Alt+Up"):
        _press(stage, keys)
    assert document.session.pinned == Pointer("output", (1, 1, 0))
    _press(stage, "Return")
    assert document.timeline.step == (1 * 6 + 1) * 9 + 8
    _press(stage, "Esc")
    assert document.session.pinned is None


def test_the_keys_point_wherever_the_mouse_was_left(window: MainWindow) -> None:
    document = _page(window).document
    document.hover(Pointer("input", (7, 7, 0)))
    _press(_page(window).stage, "P")
    assert document.session.hovered is None


def test_undo_and_redo_by_key(window: MainWindow) -> None:
    document, stage = _page(window).document, _page(window).stage
    document.change("stride", 2)
    for keys, stride in (("Ctrl+Z", 1), ("Ctrl+Shift+Z", 2), ("Ctrl+Z", 1), ("Ctrl+Y", 2)):
        _press(stage, keys)
        assert document.state.settings["stride"] == stride


def test_window_actions_by_key(window: MainWindow) -> None:
    page = _page(window)
    _press(page.stage, "Ctrl+T")
    assert theme.current() is theme.DARK
    _press(page.stage, "Ctrl+T")
    assert theme.current() is theme.LIGHT
    _press(page.stage, "F9")
    assert not page.panel.isVisible()
    _press(page.stage, "F9")
    assert page.panel.isVisible()
    _press(page.stage, "D")
    assert page.stage.drawing
    _press(page.stage, "D")
    assert not page.stage.drawing
    _press(page.stage, "F1")
    dialog = window.findChild(ShortcutsDialog)
    assert dialog is not None
    dialog.close()
    _press(page.stage, "F11")
    assert window.isFullScreen()
    _press(page.stage, "F11")
    assert not window.isFullScreen()
    _press(page.stage, "Ctrl+Q")
    assert not window.isVisible()


@pytest.mark.parametrize("keys", ["Ctrl+O", "Ctrl+S"])
def test_files_are_asked_for_without_blocking(window: MainWindow, keys: str) -> None:
    _press(_page(window).stage, keys)
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    assert dialog.isVisible()
    dialog.reject()
    settle()
    assert window.findChild(QDialog) is None


def test_a_file_is_asked_for_where_the_last_one_was(window: MainWindow, tmp_path: Path) -> None:
    saved = tmp_path / "here" / "stage.png"
    saved.parent.mkdir()
    window.pictures.save_stage()
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(str(saved))
    dialog.reject()
    settle()
    assert saved.exists()
    window.pictures.open_file()
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    assert Path(dialog.directory().path()) == saved.parent
    dialog.reject()
    settle()
    window.pictures.save_stage()
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    assert dialog.selectedFiles() == [str(saved)]
    dialog.reject()


# What has the focus comes first


def test_in_a_number_the_arrows_move_the_cursor_and_step_the_number(window: MainWindow) -> None:
    page = _page(window)
    document = page.document
    document.seek(20)
    line = _line(page, "size")
    line.setFocus(TAB)
    line.setCursorPosition(1)
    _press(line, "Left")
    assert line.cursorPosition() == 0
    _press(line, "End")
    assert line.cursorPosition() == 1
    _press(line, "Home")
    assert line.cursorPosition() == 0
    assert document.timeline.step == 20
    _press(line, "Up")
    assert document.state.settings["size"] == 9
    assert document.session.trace.level == "product"
    _press(line, "Space")
    assert document.timeline.playing, "no number has a space in it"


def test_in_a_fraction_signs_are_typed(window: MainWindow) -> None:
    page = _page(window)
    line = _line(page, "bias")
    line.setFocus(TAB)
    line.selectAll()
    for keys in ("-", "2", ".", "5"):
        _press(line, keys)
    _press(line, "Return")
    assert page.document.state.settings["bias"] == -2.5
    assert page.document.timeline.speed == 1


def test_escape_leads_back_to_the_stage(window: MainWindow) -> None:
    page = _page(window)
    line = _line(page, "size")
    line.setFocus(TAB)
    line.selectAll()
    _press(line, "9")
    _press(line, "Esc")
    assert line.text() == "8", "first it forgets what was typed"
    assert _focused() is line
    _press(line, "Esc")
    assert _focused() is page.stage


def test_a_list_keeps_its_arrows_and_its_open_list_every_key(window: MainWindow) -> None:
    page = _page(window)
    choice = page.panel.bindings["picture"].widget
    assert isinstance(choice, Choice)
    choice.setFocus(TAB)
    _press(choice, "Down")
    assert choice.value() == "pagoda"
    assert page.document.session.trace.level == "product"
    choice.showPopup()
    _press(choice.view(), "Down")
    _press(choice.view(), "Space")
    assert not page.document.timeline.playing
    choice.hidePopup()


def test_segments_keep_their_arrows_when_reached_by_tab(window: MainWindow) -> None:
    page = _page(window)
    segments = page.panel.bindings["channels"].widget
    assert isinstance(segments, Segmented)
    segments.segment("1").setFocus(TAB)
    _press(segments.segment("1"), "Right")
    assert page.document.state.settings["channels"] == "3"
    assert page.document.timeline.step == 0


def test_after_a_click_on_a_segment_the_arrows_step(window: MainWindow) -> None:
    page = _page(window)
    segments = page.panel.bindings["range"].widget
    assert isinstance(segments, Segmented)
    QTest.mouseClick(segments.segment("1"), Qt.MouseButton.LeftButton)
    _press(_focused(), "Right")
    assert page.document.state.settings["range"] == "1"
    assert page.document.timeline.step == 1


def test_space_presses_the_button_that_has_the_focus(window: MainWindow) -> None:
    page = _page(window)
    play = page.transport.findChild(PlayButton)
    assert play is not None
    play.setFocus(TAB)
    _press(play, "Space")
    assert page.document.timeline.playing, "once, and not twice"
    _press(play, "Space")
    assert not page.document.timeline.playing
    dark = next(one for one in window.bar.findChildren(IconButton) if one.icon_name() == "moon")
    dark.setFocus(TAB)
    _press(dark, "Space")
    assert theme.current() is theme.DARK
    assert not page.document.timeline.playing
    _press(dark, "Return")
    assert theme.current() is theme.LIGHT


def test_on_the_scrub_bar_the_arrows_step_once(window: MainWindow) -> None:
    page = _page(window)
    bar = page.transport.findChild(ScrubBar)
    assert bar is not None
    bar.setFocus(TAB)
    _press(bar, "Right")
    assert page.document.timeline.step == 1
    _press(bar, "PgUp")
    assert page.document.timeline.step == 1 + 324 // 20
    _press(bar, "Home")
    assert page.document.timeline.step == 0


def test_letters_are_typed_where_a_lesson_is_looked_for(window: MainWindow) -> None:
    page = _page(window)
    _press(page.stage, "Ctrl+K")
    search = window.findChild(SearchField)
    assert _focused() is search
    assert search is not None
    QTest.keyClicks(search, "pool d+l?")
    assert search.text() == "pool d+l?"
    assert not page.document.timeline.playing
    assert not page.document.timeline.loop
    assert window.findChild(ShortcutsDialog) is None
    search.setText("pool")
    _press(search, "Return")
    assert _page(window).document.lesson.id == "pooling"


# Typing over a cell


def _editor(page: LessonPage) -> QLineEdit:
    return next(
        child for child in page.stage.findChildren(QLineEdit) if child.parent() is page.stage
    )


@pytest.mark.parametrize(("typed", "value"), [("5", 5), ("-3", -3), (".5", 0.5), ("1,25", 1.25)])
def test_a_number_over_the_pinned_cell_opens_the_editor(
    window: MainWindow, typed: str, value: float
) -> None:
    page = _page(window)
    page.document.pin(KERNEL)
    QTest.keyClick(page.stage, typed[0])
    editor = _editor(page)
    assert editor.isVisible()
    assert _focused() is editor
    assert editor.text() == typed[0]
    QTest.keyClicks(editor, typed[1:])
    _press(editor, "Return")
    assert not editor.isVisible()
    assert _focused() is page.stage
    assert page.document.state.edits == {"kernel": {KERNEL.index: value}}
    assert page.document.timeline.speed == 1
    assert page.document.session.pinned == KERNEL


def test_without_a_pin_a_minus_slows_down(window: MainWindow) -> None:
    page = _page(window)
    page.document.pin(Pointer("output", (0, 0, 0)))
    _press(page.stage, "-")
    assert page.document.timeline.speed == 0.5, "an output can't be typed over"
    assert not _editor(page).isVisible()


def test_while_typing_every_key_belongs_to_the_text(window: MainWindow) -> None:
    page = _page(window)
    document = page.document
    document.seek(20)
    document.pin(KERNEL)
    _press(page.stage, "F2")
    editor = _editor(page)
    assert editor.text() == "-1"
    assert editor.selectedText() == "-1"
    for keys in ("Left", "Right", "Home", "End", "Space", "Up", "L", "Backspace", "Ctrl+Z"):
        _press(editor, keys)
    assert document.timeline.step == 20
    assert not document.timeline.playing
    assert document.undo_stack.count() == 0
    assert document.session.trace.level == "product"
    _press(editor, "Esc")
    assert not editor.isVisible()
    assert document.session.pinned == KERNEL, "first typing ends"
    assert document.state.edits == {}
    _press(page.stage, "Esc")
    assert document.session.pinned is None


def test_what_is_no_number_is_refused_and_stays(window: MainWindow) -> None:
    page = _page(window)
    page.document.pin(KERNEL)
    _press(page.stage, "F2")
    editor = _editor(page)
    for words in ("abc", "1e99", "nan", ""):
        editor.clear()
        QTest.keyClicks(editor, words)
        _press(editor, "Return")
        assert editor.isVisible(), words
    assert page.document.undo_stack.count() == 0
    _press(editor, "Esc")


def test_leaving_takes_a_number_and_forgets_what_is_none(window: MainWindow) -> None:
    page = _page(window)
    page.document.pin(KERNEL)
    line = _line(page, "size")
    QTest.keyClick(page.stage, "7")
    QTest.mouseClick(line, Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    assert page.document.state.edits == {"kernel": {KERNEL.index: 7}}
    assert _focused() is line, "the focus goes where it was wanted"
    page.stage.setFocus()
    QTest.keyClick(page.stage, ".")
    line.setFocus(TAB)
    assert page.document.undo_stack.count() == 1
    assert not _editor(page).isVisible()


def test_a_rounded_number_is_left_alone_unless_typed_over(window: MainWindow) -> None:
    page = _page(window)
    page.document.change("range", "1")
    page.document.undo_stack.clear()
    page.document.pin(Pointer("input", (0, 0, 0)))
    _press(page.stage, "F2")
    _press(_editor(page), "Return")
    assert page.document.undo_stack.count() == 0
    _press(page.stage, "F2")
    page.transport.setFocus()
    _line(page, "size").setFocus()
    assert page.document.undo_stack.count() == 0
    assert page.document.state.edits == {}
