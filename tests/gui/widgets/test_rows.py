"""Rows, sections, notices and running text: what stands in a panel."""

from collections.abc import Callable
from itertools import pairwise
from math import inf

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from simulator.gui import metrics, theme
from simulator.gui.widgets.field_row import FieldRow
from simulator.gui.widgets.icon_button import IconButton
from simulator.gui.widgets.notice import Notice
from simulator.gui.widgets.number_field import NumberField
from simulator.gui.widgets.section import Section
from simulator.gui.widgets.segmented import Segmented
from simulator.gui.widgets.stepper import Stepper
from simulator.gui.widgets.text import Part, Text

Key = Qt.Key
Place = Callable[..., QWidget]
LIGHT = theme.LIGHT
TOO_LARGE = "A 7 × 7 kernel does not fit the 5 × 5 input. Choose 5 or less."


def _panel(place: Place, *rows: QWidget) -> QWidget:
    """Rows in a scrolled panel of the right width."""
    area = QScrollArea()
    body = QWidget()
    column = QVBoxLayout(body)
    column.setContentsMargins(0, 0, 0, 0)
    for row in rows:
        column.addWidget(row)
    column.addStretch(1)
    area.setWidget(body)
    area.setWidgetResizable(True)
    place(area, metrics.PANEL, 600)
    QApplication.processEvents()
    return body


def test_controls_stand_in_a_column_right_of_their_labels(place: Place) -> None:
    section = Section("Kernel")
    size = section.add_row("Size", Stepper("Size"))
    mode = section.add_row("Padding", Segmented("Padding", [("a", "valid"), ("b", "same")]))
    _panel(place, section)
    for row in (size, mode):
        assert row.control.mapTo(section, row.control.rect().topLeft()).x() == 16 + 92
    assert size.control.width() == 92
    end = mode.control.mapTo(section, mode.control.rect().topRight()).x()
    assert end == section.width() - 16 - 1
    assert mode.y() - size.y() == metrics.ROW + metrics.ROW_GAP


def test_an_error_is_told_under_its_control_and_taken_back(
    place: Place, colours: Callable[[QWidget], set[str]]
) -> None:
    row = FieldRow("Size", Stepper("Size", value=7, high=11))
    below = FieldRow("Stride", Stepper("Stride"))
    body = _panel(place, row, below)
    height, top = row.height(), below.y()
    row.set_error(TOO_LARGE)
    QApplication.processEvents()
    assert row.error() == TOO_LARGE
    (card,) = row.findChildren(Notice)
    assert card.text() == TOO_LARGE
    assert card.y() >= row.control.geometry().bottom()
    assert row.rect().contains(card.geometry())
    words = card.findChild(Text)
    assert words is not None
    assert words.height() >= words.heightForWidth(words.width()) > metrics.CAPTION_LINE
    assert below.y() > top + 40
    assert body.rect().contains(below.geometry())
    assert {LIGHT.error, LIGHT.error_wash} <= colours(row)
    row.set_error(None)
    QApplication.processEvents()
    assert (row.error(), row.height(), below.y()) == ("", height, top)
    assert not {LIGHT.error, LIGHT.error_wash} & colours(row)


def test_a_refusal_of_the_control_comes_before_the_models_error(place: Place) -> None:
    stepper = Stepper("Size", value=7, high=11)
    row = FieldRow("Size", stepper)
    _panel(place, row)
    row.set_error(TOO_LARGE)
    line = stepper.findChild(QLineEdit)
    assert line is not None
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, "55")
    assert row.error() == "55 is too large. Enter a whole number from 1 to 11."
    QTest.keyClick(line, Key.Key_Escape)
    assert row.error() == TOO_LARGE
    assert stepper.has_error()


def test_the_label_of_a_disabled_control_is_pale(
    place: Place, colours: Callable[[QWidget], set[str]]
) -> None:
    row = FieldRow("Size", Stepper("Size", value=3))
    _panel(place, row)
    label = row.findChild(Text)
    assert label is not None
    assert LIGHT.ink2 in colours(label)
    row.control.set_disabled_reason("Pause, and it opens.")
    assert LIGHT.ink2 not in colours(label)


def test_a_section_has_a_hairline_below_unless_it_is_the_last(
    place: Place, pixel: Callable[..., str]
) -> None:
    first, last = Section("Image"), Section("What to notice", last=True)
    last.add(Text("Dark turns bright."))
    first.add_row("Size", Stepper("Size"))
    _panel(place, first, last)
    for x in (0, 150, first.width() - 1):
        assert pixel(first, x, first.height() - 1) == LIGHT.hairline
    assert pixel(last, 0, last.height() - 1) != LIGHT.hairline


def test_a_section_shows_its_caption(place: Place, pixel: Callable[..., str]) -> None:
    section = Section("Formula", caption="symbols")
    section.add(Text("y = x"))
    _panel(place, section)
    before = section.grab().toImage()
    section.set_caption("numbers")
    assert section.grab().toImage() != before
    assert section.accessibleName() == "Formula"


def test_text_wraps_at_any_width_and_never_loses_a_line(place: Place) -> None:
    text = Text("At the flower’s left rim, dark turns bright from left to right.")
    body = _panel(place, text)
    heights = []
    for width in (500, 280, 120, 70, 500):
        body.parentWidget().parentWidget().resize(width, 600)
        QApplication.processEvents()
        assert text.height() >= text.heightForWidth(text.width())
        heights.append(text.height())
    assert all(one < other for one, other in pairwise(heights[:-1]))
    assert heights[-1] == heights[0] == metrics.BODY_LINE


def test_words_have_the_colour_of_their_role_in_both_themes(
    qapp: QApplication, place: Place, colours: Callable[[QWidget], set[str]]
) -> None:
    parts = [Part("MMMM ", "reads", bold=True), Part("MMMM", "weights"), Part(" 12", mono=True)]
    text = Text(parts)
    place(text, 200)
    for chosen in (theme.LIGHT, theme.DARK):
        theme.apply(qapp, chosen)
        assert {chosen.reads, chosen.weights} <= colours(text)
    assert text.accessibleName() == text.text() == "MMMM MMMM 12"


def test_text_counts_characters_beyond_the_basic_plane(
    place: Place, colours: Callable[[QWidget], set[str]]
) -> None:
    text = Text([Part("\N{MATHEMATICAL BOLD CAPITAL X} "), Part("MMMM", "writes", bold=True)])
    place(text, 200)
    assert LIGHT.writes in colours(text)


@pytest.mark.parametrize(
    ("kind", "ground"),
    [("info", LIGHT.well), ("warn", LIGHT.writes_wash), ("error", LIGHT.error_wash)],
)
def test_a_notice_has_the_ground_of_its_kind(
    place: Place, pixel: Callable[..., str], kind: str, ground: str
) -> None:
    notice = Notice(kind, "The image was scaled down.")
    place(notice, 260, 60)
    assert pixel(notice, 130, 2) == ground


def test_a_notice_can_be_dismissed(place: Place) -> None:
    notice = Notice("info", "The image was scaled down.", dismissable=True)
    dismissed: list[bool] = []
    notice.dismissed.connect(lambda: dismissed.append(True))
    place(notice, 260, 60)
    cross = notice.findChild(IconButton)
    assert cross is not None
    QTest.mouseClick(cross, Qt.MouseButton.LeftButton)
    assert notice.isHidden()
    assert dismissed == [True]
    assert Notice("info", "It stays.").findChild(IconButton) is None


def _field(**options: float) -> tuple[NumberField, list[float], list[str]]:
    field = NumberField("Learning rate", **options)
    values: list[float] = []
    told: list[str] = []
    field.value_changed.connect(values.append)
    field.refused.connect(told.append)
    field.settled.connect(lambda: told.append("settled"))
    return field, values, told


def _type(field: NumberField, words: str) -> None:
    line = field.findChild(QLineEdit)
    assert line is not None
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, words)
    QTest.keyClick(line, Key.Key_Return)


@pytest.mark.parametrize(
    ("typed", "value"),
    [("0.25", 0.25), ("0,25", 0.25), ("-1.5", -1.5), ("1e-3", 0.001), (".5", 0.5)],
)
def test_a_number_is_typed(place: Place, typed: str, value: float) -> None:
    field, values, told = _field(value=7.0)
    place(field)
    _type(field, typed)
    assert values == [value]
    assert told == []


@pytest.mark.parametrize(
    ("low", "high", "typed", "reason"),
    [
        (0.0, 1.0, "1.5", "1.5 is too large. Enter a number from 0 to 1."),
        (0.0, inf, "-1", "−1 is too small. Enter a number of 0 or more."),
        (-inf, 2.0, "3", "3 is too large. Enter a number of 2 or less."),
        (-inf, inf, "1.2.3", "“1.2.3” is not a number. Enter a number such as 0.5."),
        (-inf, inf, "1e999", "“1e999” is not a number. Enter a number such as 0.5."),
    ],
)
def test_a_number_that_cannot_be_is_refused(
    place: Place,
    colours: Callable[[QWidget], set[str]],
    low: float,
    high: float,
    typed: str,
    reason: str,
) -> None:
    field, values, told = _field(value=0.5, low=low, high=high)
    place(field)
    _type(field, typed)
    assert values == []
    assert told[-1] == reason
    assert LIGHT.error in colours(field)
    _type(field, "0.75")
    assert values == [0.75]
    assert told[-1] == "settled"


def test_steps_of_a_tenth_add_up(place: Place) -> None:
    field, values, _ = _field(value=0.1, low=0.0, high=0.35)
    place(field)
    line = field.findChild(QLineEdit)
    assert line is not None
    line.setFocus()
    for _ in range(4):
        QTest.keyClick(line, Key.Key_Up)
    assert values == [0.2, 0.3, 0.35]
    field.set_value(0.35)
    assert len(values) == 3
    with pytest.raises(ValueError, match=r"0\.4 is not from 0 to 0\.35"):
        field.set_value(0.4)


def test_an_impossible_field_is_told() -> None:
    with pytest.raises(ValueError, match="2 is not from 0 to 1"):
        NumberField("Rate", value=2, low=0, high=1)
    with pytest.raises(ValueError, match="positive, not 0"):
        NumberField("Rate", step=0)
