"""The hover card, the list of keys, and a change of theme across the whole kit."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from simulator.gui import metrics, theme
from simulator.gui.widgets.button import Button
from simulator.gui.widgets.choice import Choice
from simulator.gui.widgets.hover_card import HoverCard
from simulator.gui.widgets.lesson_list import LessonList
from simulator.gui.widgets.notice import Notice
from simulator.gui.widgets.number_field import NumberField
from simulator.gui.widgets.padding_choice import PaddingChoice
from simulator.gui.widgets.section import Section
from simulator.gui.widgets.segmented import Segmented
from simulator.gui.widgets.shortcuts_dialog import ShortcutsDialog
from simulator.gui.widgets.stepper import Stepper
from simulator.gui.widgets.text import Part, Text
from simulator.gui.widgets.toggle import Toggle
from simulator.gui.widgets.top_bar import TopBar
from simulator.gui.widgets.transport import Transport

Place = Callable[..., QWidget]
LIGHT = theme.LIGHT
ROWS = [
    [Part("From "), Part("9 input cells", "reads", bold=True), Part(", rows 26–28.")],
    [Part("And "), Part("9 weights", "weights", bold=True), Part(".")],
]


def _card(stage: QWidget, rows: list[list[Part]] | None = None) -> HoverCard:
    card = HoverCard(stage)
    card.set_content(
        "Feature map, cell (26, 5)",
        "118",
        role="writes",
        rows=ROWS if rows is None else rows,
        hint="Click to pin.",
    )
    return card


def test_the_card_shows_roles_in_their_colours(
    place: Place, colours: Callable[[QWidget], set[str]]
) -> None:
    stage = QWidget()
    place(stage, 600, 400)
    card = _card(stage)
    card.show_at(QPoint(50, 50))
    assert {LIGHT.card, LIGHT.border, LIGHT.writes, LIGHT.reads, LIGHT.weights} <= colours(card)
    assert card.accessibleName() == "Feature map, cell (26, 5): 118"
    assert card.accessibleDescription() == "From 9 input cells, rows 26–28. And 9 weights."
    with pytest.raises(ValueError, match="'blue'"):
        card.set_content("Cell", "1", role="blue")


def test_each_row_of_the_card_begins_a_line(place: Place) -> None:
    stage = QWidget()
    place(stage, 600, 400)
    heights = [_card(stage, ROWS[:count]).sizeHint().height() for count in (1, 2)]
    assert heights[1] - heights[0] == metrics.BODY_LINE
    assert _card(stage, []).sizeHint().height() < heights[0]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(
    size=st.tuples(st.integers(320, 900), st.integers(280, 700)),
    at=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    cell=st.integers(1, 80),
)
def test_the_card_is_inside_its_parent_and_off_the_pointer(
    qapp: QApplication, size: tuple[int, int], at: tuple[float, float], cell: int
) -> None:
    stage = QWidget()
    stage.resize(*size)
    card = _card(stage)
    pointer = QPoint(round(at[0] * (size[0] - 1)), round(at[1] * (size[1] - 1)))
    free = QRect(0, 0, cell, cell)
    free.moveCenter(pointer)
    card.show_at(pointer, free)
    assert stage.rect().contains(card.geometry())
    assert not card.geometry().contains(pointer)


def test_the_card_leaves_the_cell_free_where_there_is_room(place: Place) -> None:
    stage = QWidget()
    place(stage, 900, 600)
    card = _card(stage)
    for pointer in (QPoint(450, 300), QPoint(10, 10), QPoint(890, 590), QPoint(890, 10)):
        free = QRect(0, 0, 60, 60)
        free.moveCenter(pointer)
        card.show_at(pointer, free)
        assert not card.geometry().intersects(free)


def test_the_card_lets_the_mouse_through(place: Place) -> None:
    stage = QWidget()
    place(stage, 600, 400)
    card = _card(stage)
    card.show_at(QPoint(50, 50))
    assert card.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    assert stage.childAt(card.geometry().center()) is None


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_the_list_of_keys_closes_with_escape(qtbot: QtBot) -> None:
    entries = [
        ("Play or pause", ["Space"]),
        ("One step on", ["Right"]),
        ("Redo", ["Ctrl+Shift+Z", "Ctrl+Y"]),
    ]
    dialog = ShortcutsDialog(entries)
    qtbot.addWidget(dialog)
    dialog.show()
    told = {
        child.accessibleName(): child.geometry()
        for child in dialog.children()
        if isinstance(child, QWidget) and ": " in child.accessibleName()
    }
    assert list(told) == [
        "Play or pause: Space",
        "One step on: →",
        "Redo: Ctrl Shift Z, Ctrl Y",
    ]
    play, step, redo = told.values()
    assert play.x() == step.x() < redo.x()
    assert play.y() == redo.y() < step.y()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def _everything() -> list[QWidget]:
    lessons = LessonList("Simulator")
    lessons.set_groups([("Images", [("a", "Convolution", "scan"), ("b", "Pooling", "shrink")])])
    lessons.set_current("a")
    section = Section("Kernel", caption="3 × 3")
    section.add_row("Size", Stepper("Size"))
    section.add(Toggle("On", value=True))
    transport = Transport()
    transport.set_levels([("a", "Product"), ("b", "Cell")])
    return [
        *(lessons, section, transport, TopBar()),
        *(Button("Open", icon="image"), Choice("Kernel", [("a", "Blur", "image")])),
        *(Segmented("Mode", [("a", "A"), ("b", "B")]), PaddingChoice("Padding", value=3)),
        *(NumberField("Rate", value=0.5), Notice("warn", "Scaled down."), Text("Words")),
    ]


def test_a_theme_taken_on_live_looks_like_one_taken_on_at_the_start(
    qapp: QApplication, place: Place
) -> None:
    def looks(kit: list[QWidget]) -> list[QImage]:
        QApplication.processEvents()
        return [widget.grab().toImage() for widget in kit]

    def placed() -> list[QWidget]:
        kit = _everything()
        for widget in kit:
            hint = widget.sizeHint()
            place(widget, max(300, hint.width()), max(60, hint.height()))
        return kit

    live = placed()
    light = looks(live)
    theme.apply(qapp, theme.DARK)
    dark = looks(live)
    for before, after, fresh in zip(light, dark, looks(placed()), strict=True):
        assert before != after
        assert after == fresh
    theme.apply(qapp, theme.LIGHT)
    assert looks(live) == light


def test_everything_is_named(qapp: QApplication) -> None:
    kit = _everything()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    ours = [
        widget
        for top in kit
        for widget in (top, *top.findChildren(QWidget))
        if type(widget).__module__.startswith("simulator.")
    ]
    assert len(ours) >= 50
    for widget in ours:
        # Text and a notice that have nothing to say yet have no name either.
        silent = isinstance(widget, Text | Notice) and not widget.text()
        assert widget.accessibleName() or silent, type(widget).__name__
