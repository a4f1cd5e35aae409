"""The lesson list: choosing, finding, folding, the rail, and the status."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QTreeView, QWidget

from simulator.gui import metrics, theme
from simulator.gui.widgets.icon_button import IconButton
from simulator.gui.widgets.lesson_list import LessonList
from simulator.gui.widgets.spinner import Spinner
from simulator.gui.widgets.text import Text

Key = Qt.Key
Place = Callable[..., QWidget]
LIGHT = theme.LIGHT
GROUPS = [
    (
        "Images",
        [
            ("convolution", "Convolution", "scan"),
            ("pooling", "Pooling", "shrink"),
            ("classify", "Image to class", "layers"),
        ],
    ),
    ("Sequences", [("lstm", "LSTM gates", "gauge"), ("gru", "GRU gates", "git-branch")]),
    ("Build and train", [("lab", "Training lab", "dices")]),
]


@pytest.fixture
def lessons(place: Place) -> tuple[LessonList, list[str]]:
    made = LessonList("Deep Learning Simulator")
    made.set_groups(GROUPS)
    made.set_current("convolution")
    chosen: list[str] = []
    made.chosen.connect(chosen.append)
    place(made, metrics.LESSON_LIST, 600)
    return made, chosen


Lessons = tuple[LessonList, list[str]]


def _tree(lessons: LessonList) -> QTreeView:
    tree = lessons.findChild(QTreeView)
    assert tree is not None
    return tree


def _search(lessons: LessonList) -> QLineEdit:
    line = lessons.findChild(QLineEdit)
    assert line is not None
    return line


def _index(lessons: LessonList, *path: int) -> QModelIndex:
    model = _tree(lessons).model()
    index = QModelIndex()
    for row in path:
        index = model.index(row, 0, index)
    return index


def _click(lessons: LessonList, *path: int) -> None:
    tree = _tree(lessons)
    middle = tree.visualRect(_index(lessons, *path)).center()
    QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=middle)


def _shown(lessons: LessonList) -> list[str]:
    tree = _tree(lessons)
    titles = []
    index = tree.indexAt(QPoint(30, 1))
    while index.isValid():
        titles.append(str(index.data()))
        index = tree.indexBelow(index)
    return titles


def test_a_click_chooses_a_lesson_once(lessons: Lessons, pixel: Callable[..., str]) -> None:
    made, chosen = lessons
    tree = _tree(made)

    def ground(*path: int) -> str:
        rect = tree.visualRect(_index(made, *path))
        return pixel(made, 190, tree.mapTo(made, rect.center()).y())

    assert (ground(0, 0), ground(0, 1)) == (LIGHT.panel, LIGHT.window)
    _click(made, 0, 1)
    _click(made, 0, 1)
    assert chosen == ["pooling"]
    assert made.current() == "pooling"
    assert (ground(0, 0), ground(0, 1)) in {
        (LIGHT.window, LIGHT.panel),
        (LIGHT.hover, LIGHT.panel),
    }


def test_marking_a_lesson_is_silent(lessons: Lessons) -> None:
    made, chosen = lessons
    made.set_current("lab")
    assert (made.current(), chosen) == ("lab", [])
    with pytest.raises(ValueError, match="'rbm'"):
        made.set_current("rbm")


def test_keys_walk_and_enter_chooses_while_the_window_has_them_too(lessons: Lessons) -> None:
    made, chosen = lessons
    stolen: list[str] = []
    for keys in ("Up", "Down", "Return", "Space", "Home"):
        shortcut = QShortcut(QKeySequence(keys), made.window())
        shortcut.activated.connect(lambda keys=keys: stolen.append(keys))
    tree = _tree(made)
    tree.setFocus(Qt.FocusReason.TabFocusReason)
    for key in (Key.Key_Down, Key.Key_Down, Key.Key_Return):
        QTest.keyClick(tree, key)
    for key in (Key.Key_Up, Key.Key_Space):
        QTest.keyClick(tree, key)
    assert chosen == ["classify", "pooling"]
    assert stolen == []


def test_keyboard_focus_is_a_ring_around_the_row(
    lessons: Lessons, pixel: Callable[..., str]
) -> None:
    made, _ = lessons
    tree = _tree(made)
    rect = tree.visualRect(_index(made, 0, 0))
    top = tree.mapTo(made, rect.topLeft()).y()
    assert pixel(made, 100, top + 1) != LIGHT.reads
    tree.setFocus(Qt.FocusReason.TabFocusReason)
    assert pixel(made, 100, top) == pixel(made, 100, top + 1) == LIGHT.reads


def test_typing_finds_every_word_in_any_order(lessons: Lessons) -> None:
    made, _ = lessons
    _search(made).setText("gates")
    assert _shown(made) == ["Sequences", "LSTM gates", "GRU gates"]
    _search(made).setText("class IMA")
    assert _shown(made) == ["Images", "Image to class"]
    _search(made).clear()
    assert len(_shown(made)) == 9


def test_what_matches_nothing_is_told(lessons: Lessons) -> None:
    made, chosen = lessons
    _search(made).setText(" zebra ")
    assert _shown(made) == []
    (told,) = [text for text in made.findChildren(Text) if text.isVisible()]
    assert told.text() == "No lesson matches “zebra”."
    QTest.keyClick(_search(made), Key.Key_Return)
    assert chosen == []
    _search(made).clear()
    assert not told.isVisible()


def test_ctrl_k_leads_to_the_field_and_enter_to_the_first_lesson_found(lessons: Lessons) -> None:
    made, chosen = lessons
    QTest.keyClick(made.window(), Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert _search(made).hasFocus()
    QTest.keyClicks(_search(made), "gru")
    QTest.keyClick(_search(made), Key.Key_Return)
    assert chosen == ["gru"]


def test_the_arrow_down_goes_from_the_field_to_what_was_found(lessons: Lessons) -> None:
    made, chosen = lessons
    made.focus_search()
    QTest.keyClicks(_search(made), "gates")
    QTest.keyClick(_search(made), Key.Key_Down)
    assert _tree(made).hasFocus()
    QTest.keyClick(_tree(made), Key.Key_Down)
    QTest.keyClick(_tree(made), Key.Key_Return)
    assert chosen == ["gru"]


def test_escape_empties_the_field_and_then_leaves_it(lessons: Lessons) -> None:
    made, _ = lessons
    freed: list[bool] = []
    shortcut = QShortcut(QKeySequence("Esc"), made.window())
    shortcut.activated.connect(lambda: freed.append(True))
    made.focus_search()
    QTest.keyClicks(_search(made), "gates")
    QTest.keyClick(_search(made), Key.Key_Escape)
    assert _search(made).text() == ""
    assert _search(made).hasFocus()
    QTest.keyClick(_search(made), Key.Key_Escape)
    assert not _search(made).hasFocus()
    assert freed == []


def test_a_group_folds_and_stays_folded_after_a_search(lessons: Lessons) -> None:
    made, chosen = lessons
    _click(made, 0)
    assert "Pooling" not in _shown(made)
    _search(made).setText("pool")
    assert _shown(made) == ["Images", "Pooling"]
    _search(made).clear()
    assert "Pooling" not in _shown(made)
    _click(made, 0)
    assert "Pooling" in _shown(made)
    assert chosen == []


def test_a_group_of_one_lesson_does_not_fold(lessons: Lessons) -> None:
    made, _ = lessons
    _click(made, 2)
    assert "Training lab" in _shown(made)


def test_as_a_rail_it_shows_icons(lessons: Lessons, pixel: Callable[..., str]) -> None:
    made, chosen = lessons
    made.set_rail(True)
    assert made.is_rail()
    assert made.width() == metrics.RAIL
    assert not _search(made).isVisible()
    assert pixel(made, 12, _tree(made).y() + 18 + 20) == LIGHT.panel  # the chosen lesson's card
    _click(made, 0, 1)
    assert chosen == ["pooling"]
    assert _index(made, 0, 1).data(Qt.ItemDataRole.ToolTipRole) == "Pooling"
    made.set_rail(False)
    assert made.width() == metrics.LESSON_LIST
    assert _search(made).isVisible()


@pytest.mark.parametrize("height", [230, 241, 252, 267])
def test_a_rail_too_low_for_its_icons_cuts_none_at_the_top(place: Place, height: int) -> None:
    made = LessonList("Deep Learning Simulator")
    made.set_groups(GROUPS)
    place(made, metrics.RAIL, height)
    made.set_rail(True)
    made.set_current("lab")
    tree = _tree(made)
    first = tree.indexAt(QPoint(4, 0))
    assert first != _index(made, 0), "it is scrolled"
    assert tree.visualRect(first).top() == 0
    shown = tree.visualRect(_index(made, 2, 0))
    assert 0 <= shown.top() < shown.bottom() <= tree.viewport().height(), "the chosen one is seen"


def test_a_rail_asks_to_be_expanded_and_then_searches(lessons: Lessons) -> None:
    made, _ = lessons
    made.set_rail(True)
    made.expand_requested.connect(lambda: made.set_rail(False))
    expand, find = [button for button in made.findChildren(IconButton) if button.isVisible()]
    QTest.mouseClick(find, Qt.MouseButton.LeftButton)
    assert not made.is_rail()
    assert _search(made).hasFocus()
    made.set_rail(True)
    QTest.mouseClick(expand, Qt.MouseButton.LeftButton)
    assert not made.is_rail()


def test_the_spinner_turns_only_while_it_is_busy_and_seen(lessons: Lessons) -> None:
    made, _ = lessons
    spinner = made.findChild(Spinner)
    assert spinner is not None
    assert not spinner.turning()
    made.set_status("Compiling kernels", busy=True)
    assert spinner.turning()
    made.window().hide()
    assert not spinner.turning()
    made.window().show()
    assert spinner.turning()
    made.set_status("CPU, 2 threads, float32", busy=False)
    assert not spinner.turning()
    assert not spinner.isVisible()


def test_two_lessons_of_one_id_are_told() -> None:
    with pytest.raises(ValueError, match="'a'"):
        LessonList("App").set_groups([("One", [("a", "A", "scan"), ("a", "B", "scan")])])


def test_other_lessons_can_be_offered(lessons: Lessons) -> None:
    made, chosen = lessons
    made.set_groups([("New", [("rbm", "Boltzmann machine", "dices")])])
    assert _shown(made) == ["New", "Boltzmann machine"]
    _click(made, 0, 0)
    assert chosen == ["rbm"]
