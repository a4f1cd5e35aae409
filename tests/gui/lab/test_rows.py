"""The summary's rows, the row of samples, and the slider: what is chosen, and silence when set."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from simulator.gui import theme
from simulator.gui.lab import sequence_painting
from simulator.gui.lab.samples_view import SamplesView
from simulator.gui.lab.slider import Slider
from simulator.gui.lab.summary_table import SummaryTable
from simulator.lab.presenting.pictures import SampleWords, SequenceLine, SequencePicture, SummaryRow
from simulator.lessons.frame import Scale, ScaleKind

Place = Callable[..., QWidget]
Key = Qt.Key
BUTTON = Qt.MouseButton.LeftButton


def test_a_row_of_the_summary_is_chosen_by_click_or_key(place: Place) -> None:
    table = SummaryTable()
    rows = [SummaryRow(name, name.title(), "8", "80") for name in ("conv", "pool", "dense")]
    table.set_rows(rows)
    place(table)
    chosen: list[str] = []
    table.chosen.connect(chosen.append)
    QTest.mouseClick(table, BUTTON, pos=QPoint(30, 2 * 22 + 5))
    assert chosen == ["pool"]
    table.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(table, Key.Key_Down)
    QTest.keyClick(table, Key.Key_Down)
    assert chosen == ["pool", "dense"]
    QTest.mouseClick(table, BUTTON, pos=QPoint(30, 5))
    QTest.mouseClick(table, BUTTON, pos=QPoint(30, 4 * 22 + 8))
    table.set_current("conv")
    assert chosen == ["pool", "dense"], "neither the head nor what is below is a layer"


def _samples(count: int, wrong: tuple[int, ...] = ()) -> SamplesView:
    view = SamplesView()
    words = [
        SampleWords("3", "0.97", 0.97, "is 7" if index in wrong else "", wrong=index in wrong)
        for index in range(count)
    ]
    pictures = np.zeros((count, 8, 8), np.float32)
    view.set_samples("Held-out samples", "", pictures, Scale(ScaleKind.PICTURE, 1.0), words)
    return view


def test_a_wrong_sample_stands_out(place: Place, colours: Callable[[QWidget], set[str]]) -> None:
    view = _samples(3)
    place(view)
    assert theme.LIGHT.error not in colours(view)
    other = _samples(3, wrong=(1,))
    place(other)
    assert theme.LIGHT.error in colours(other)


def test_a_sample_is_chosen_by_click_or_key(place: Place) -> None:
    view = _samples(12)
    place(view, width=620)
    chosen: list[int] = []
    view.chosen.connect(chosen.append)
    QTest.mouseClick(view, BUTTON, pos=view.place_of(8).center().toPoint())
    view.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(view, Key.Key_Right)
    QTest.keyClick(view, Key.Key_Left)
    view.set_current(3)
    assert chosen == [8, 9, 8]


def test_no_more_samples_are_shown_than_fit(place: Place) -> None:
    view = _samples(40)
    place(view, width=300)
    chosen: list[int] = []
    view.chosen.connect(chosen.append)
    assert view.fitting() == 6
    QTest.mouseClick(view, BUTTON, pos=QPoint(299, 50))
    view.set_samples("", "", np.zeros((0, 8, 8)), Scale(ScaleKind.PICTURE, 1.0), [])
    view.grab()
    assert chosen == [5]


def _slider(place: Place) -> tuple[Slider, list[float], list[float]]:
    slider = Slider("Learning rate", [0.001, 0.01, 0.1, 1.0], value=0.1)
    place(slider, width=214)
    changed: list[float] = []
    let_go: list[float] = []
    slider.value_changed.connect(changed.append)
    slider.let_go.connect(let_go.append)
    return slider, changed, let_go


def test_a_slider_goes_from_stop_to_stop(place: Place) -> None:
    slider, changed, let_go = _slider(place)
    QTest.mousePress(slider, BUTTON, pos=QPoint(round(slider.x_of(2)), 30))
    QTest.mouseMove(slider, QPoint(round(slider.x_of(3)) - 3, 30))
    QTest.mouseMove(slider, QPoint(round(slider.x_of(3)), 30))
    QTest.mouseMove(slider, QPoint(-50, 30))
    assert (changed, let_go) == ([1.0, 0.001], [])
    QTest.mouseRelease(slider, BUTTON, pos=QPoint(-50, 30))
    assert let_go == [0.001]


def test_a_slider_obeys_keys(place: Place) -> None:
    slider, changed, let_go = _slider(place)
    slider.setFocus(Qt.FocusReason.TabFocusReason)
    for key in (Key.Key_Right, Key.Key_Right, Key.Key_Home, Key.Key_Left):
        QTest.keyClick(slider, key)
    assert changed == [1.0, 0.001]
    assert let_go[-1] == 0.001


def test_setting_a_slider_is_silent_and_exact(place: Place) -> None:
    slider, changed, _ = _slider(place)
    slider.set_number(0.12)
    assert (slider.number(), changed) == (0.12, [])
    slider.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(slider, Key.Key_Right)
    assert changed == [1.0]
    with pytest.raises(ValueError, match="that rise"):
        Slider("a", [1.0, 1.0], value=1.0)


def test_a_sequence_is_drawn_with_what_is_said_in_its_colour(
    place: Place, colours: Callable[[QWidget], set[str]]
) -> None:
    xs = np.array([0.0, 0.5, 1.0])
    wave = SequenceLine(xs, np.array([0.0, 1.0, np.nan]), "reads")
    said = SequenceLine(np.array([1.0]), np.array([0.5]), "writes", dotted=True)
    plots = [SequencePicture((wave,), (said,), 0.5), SequencePicture((wave,), (), 0.5)]
    view = SamplesView()
    place(view, width=600, height=140)
    empty = np.zeros((2, 1, 3))
    words = [SampleWords("0.5", "", 0.0)] * 2
    view.set_samples("", "", empty, Scale(ScaleKind.SIGNED, 1.0), words, None, plots)
    first, second = view.place_of(0), view.place_of(1)
    assert first.width() == second.width() >= sequence_painting.WIDE, "they share the row"
    assert second.x() > first.right()
    assert view.fitting() == 4
    image = view.grab().toImage()
    dot = image.pixelColor(round(first.right()) - 4, round(first.center().y()))
    assert dot.name() == QColor(theme.LIGHT.writes).name()
    blue = QColor(theme.LIGHT.reads)
    near = {QColor(each).blue() - QColor(each).red() for each in colours(view)}
    assert max(near) > 0.8 * (blue.blue() - blue.red())
    moved = [replace(plots[0], said=(replace(said, ys=np.array([1.0])),)), plots[1]]
    view.set_samples("", "", empty, Scale(ScaleKind.SIGNED, 1.0), words, None, moved)
    image = view.grab().toImage()
    assert image.pixelColor(round(first.right()) - 4, round(first.center().y())) != dot
    letters = [SequencePicture(text="an·old·tree↵" * 9)] * 2
    view.set_samples("", "", empty, Scale(ScaleKind.SIGNED, 1.0), words, None, letters)
    view.grab()
    for filling in (0, 12):
        name = [SequencePicture(text="↵" * 12 + "marten", filling=filling)] * 2
        other = empty + filling
        view.set_samples("", "", other, Scale(ScaleKind.SIGNED, 1.0), words, None, name)
        grab = view.grab(first.toRect()).toImage()
        dark = [
            any(grab.pixelColor(x, y).lightness() < 100 for x in range(4, 60) for y in range(*line))
            for line in ((4, 18), (22, 36))
        ]
        assert dark == [filling == 0, True], "what fills it up is faint, and the name below whole"
    view.set_samples("", "", np.zeros((2, 8, 8)), Scale(ScaleKind.PICTURE, 1.0), words)
    assert view.place_of(0).width() == view.place_of(0).height() == 44
