"""Cells of any kind in the grid of the deep lesson, and the way from there to their gates."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from simulator.gui.lesson_page import LessonPage
from simulator.gui.main_window import MainWindow
from simulator.gui.stage.grid_side import pickers_of
from simulator.lessons.frame import Pointer

LED_TO = {"rnn": "rnn-unrolled", "lstm": "lstm-gates", "gru": "gru-gates"}


def array(page: LessonPage, name: str) -> np.ndarray:
    return np.asarray(page.document.session.trace.arrays[name].values)


@pytest.mark.parametrize("cell", LED_TO)
@pytest.mark.parametrize("array_name", ["h2", "h1_back"])
def test_a_cell_is_opened_in_its_own_lesson_with_what_it_computed(
    qtbot: QtBot, open_window: Callable[..., MainWindow], cell: str, array_name: str
) -> None:
    window = open_window("deep-bidirectional")
    page = window.page
    assert page is not None
    for name, value in {"cell": cell, "length": 5, "units": 3}.items():
        assert page.document.change(name, value) == ""
    if cell != "rnn":
        page.document.edit_cells(f"g{array_name[1:]}", {(1, 0): 0.25})  # a gate that is held
    page.document.set_level("step")
    page.document.open(Pointer(array_name, (3, 1)))
    expected = array(page, array_name)[:: -1 if array_name.endswith("_back") else 1].copy()
    page.stage.frame()
    lead = page.stage._picture._laid_out.side.lead  # type: ignore[attr-defined]
    left = Qt.MouseButton.LeftButton
    QTest.mouseClick(page.stage, left, pos=lead.center().toPoint())
    qtbot.waitUntil(lambda: window.page is not None and window.page is not page)
    there = window.page
    assert there is not None
    assert there.document.lesson.id == LED_TO[cell]
    np.testing.assert_allclose(array(there, "h"), expected, atol=1e-6)
    place = there.document.session.place  # type: ignore[attr-defined]
    assert place.time == (1 if array_name.endswith("_back") else 3)
    if cell != "rnn":
        held = 3 if array_name.endswith("_back") else 1
        assert array(there, "g")[held, 0] == np.float32(0.25)
        shown = there.stage.frame().opened.gates  # type: ignore[attr-defined]
        assert all(gate.values.written[0] for gate in shown)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("level", ["product", "unit", "gate", "step", "sequence"])
def test_a_grid_of_gated_cells_is_painted_at_any_step(
    open_page: Callable[..., LessonPage], cell: str, level: str
) -> None:
    page = open_page("deep-bidirectional", cell=cell, merge="sum", units=9)
    page.document.set_level(level)
    for width, height in ((1280, 800), (900, 620)):
        page.resize(width, height)
        for share in (0.0, 0.6, 1.0):
            page.document.seek(round(share * (page.document.timeline.length - 1)))
            assert not page.stage.grab().toImage().isNull()
            page.document.pin_next_array()
            page.document.move_pin(1, -1)
            page.document.open_pinned()


def test_any_of_many_units_is_brought_on_view_by_clicks(
    open_page: Callable[..., LessonPage],
) -> None:
    page = open_page("deep-bidirectional", cell="lstm", units=256, length=4, layers=1)
    page.document.set_level("gate")
    picture = page.stage._picture

    def click(number: int) -> range:
        side = picture._laid_out.side  # type: ignore[attr-defined]
        at = pickers_of(side, page.stage.frame())[number].rect.center().toPoint()  # type: ignore[arg-type]
        QTest.mouseClick(page.stage, Qt.MouseButton.LeftButton, pos=at)
        return page.stage.frame().units  # type: ignore[attr-defined, no-any-return]

    first = page.stage.frame().units  # type: ignore[attr-defined]
    assert click(3) == range(first.stop, first.stop + len(first))
    assert click(0) == first
    page.document.pick("map", 255)
    assert 255 in page.stage.frame().units  # type: ignore[attr-defined]
    assert page.stage.frame().gates[0].values.text(0)  # type: ignore[attr-defined]
