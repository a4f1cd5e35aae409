"""The source editor: what it tells and when, what it underlines, and whose undo it leaves alone."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut, QTextCharFormat
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from simulator.gui import theme
from simulator.gui.lab.source_editor import SourceEditor
from simulator.lab.presenting.pictures import Mark

Place = Callable[..., QWidget]
Key = Qt.Key
SOURCE = 'model = Sequential([\n    Dense(8, activation="relu"),\n])  # end\nlambda: 1\n'


@pytest.fixture
def editor(place: Place) -> SourceEditor:
    made = SourceEditor()
    made.set_source(SOURCE)
    host = place(made, width=348, height=300)
    made.setFocus()
    made.window_kept = host  # type: ignore[attr-defined]
    return made


def _heard(editor: SourceEditor) -> list[str]:
    heard: list[str] = []
    editor.edited.connect(heard.append)
    return heard


def test_it_tells_once_of_what_was_typed(editor: SourceEditor) -> None:
    heard = _heard(editor)
    QTest.keyClicks(editor, "# a")
    assert heard == []
    editor.settle()
    editor.settle()
    assert heard == ["# a" + SOURCE]


def test_leaving_it_tells_at_once(editor: SourceEditor) -> None:
    heard = _heard(editor)
    QTest.keyClicks(editor, "x")
    editor.clearFocus()
    assert heard == ["x" + SOURCE]


def test_setting_is_silent_and_keeps_the_line(editor: SourceEditor) -> None:
    heard = _heard(editor)
    editor.show_line(2)
    editor.set_source(SOURCE.replace("8", "16"))
    editor.settle()
    assert heard == []
    assert editor.textCursor().blockNumber() == 1
    editor.set_source("")
    assert editor.textCursor().blockNumber() == 0


def test_undo_is_left_to_the_window(editor: SourceEditor) -> None:
    heard = _heard(editor)
    undone: list[str] = []
    shortcut = QShortcut(QKeySequence("Ctrl+Z"), editor.window())
    shortcut.activated.connect(lambda: undone.append(editor.source()))
    QTest.keyClicks(editor, "y")
    QTest.keyClick(editor, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert undone == ["y" + SOURCE]
    assert heard == ["y" + SOURCE], "what is undone has been told of first"


def test_a_new_line_begins_below_the_last(editor: SourceEditor) -> None:
    editor.set_source("    a = (")
    editor.moveCursor(editor.textCursor().MoveOperation.End)
    QTest.keyClick(editor, Key.Key_Return)
    QTest.keyClicks(editor, "1,")
    QTest.keyClick(editor, Key.Key_Return)
    assert editor.source() == "    a = (\n        1,\n        "


def test_marks_are_underlined_and_told_of(editor: SourceEditor) -> None:
    mark = Mark(4, 0, 4, 6, "A lambda can’t be read.")
    editor.set_marks([mark])
    shown = editor.extraSelections()
    assert [one.cursor.selectedText() for one in shown] == ["lambda"]
    style = QTextCharFormat.UnderlineStyle.WaveUnderline
    assert shown[0].format.underlineStyle() == style
    assert editor.told_at(4, 3) == mark.told
    assert editor.told_at(4, 8) == editor.told_at(1, 0) == ""
    editor.set_source("changed")
    assert editor.marks() == ()


@pytest.mark.parametrize(
    "mark",
    [Mark(99, 5, 120, 7, "far"), Mark(2, 400, 2, 500, "right of it"), Mark(1, 3, 1, 3, "empty")],
    ids=lambda one: one.told,
)
def test_a_mark_is_never_nothing(editor: SourceEditor, mark: Mark) -> None:
    editor.set_source("model = 1\nb = 2")
    editor.set_marks([mark])
    assert len(editor.extraSelections()[0].cursor.selectedText()) >= 1


def test_the_lines_of_a_layer_are_lit(
    editor: SourceEditor, colours: Callable[[QWidget], set[str]]
) -> None:
    assert theme.LIGHT.hover not in colours(editor)
    editor.set_current_lines((2, 2))
    assert theme.LIGHT.hover in colours(editor)
    assert len(editor.extraSelections()) == 1


def test_words_numbers_and_texts_have_inks_of_their_own(
    editor: SourceEditor, qapp: QApplication
) -> None:
    def inks(line: int) -> dict[str, str]:
        block = editor.document().findBlockByNumber(line)
        text = block.text()
        return {
            text[one.start : one.start + one.length]: one.format.foreground().color().name()
            for one in block.layout().formats()
        }

    assert inks(1) == {"8": theme.LIGHT.reads, '"relu"': theme.LIGHT.weights}
    assert inks(2) == {"# end": theme.LIGHT.ink3}
    assert inks(3) == {"lambda": theme.LIGHT.ink3, "1": theme.LIGHT.reads}
    heard = _heard(editor)
    theme.apply(qapp, theme.DARK)
    QApplication.processEvents()
    assert inks(3)["1"] == theme.DARK.reads
    editor.settle()
    assert heard == []
    theme.apply(qapp, theme.LIGHT)
