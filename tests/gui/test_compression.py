"""Lessons about compression in the window: what is dragged, clicked and trained there."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from simulator.data.pictures import LoadedPicture
from simulator.engine.backends.base import Backend
from simulator.gui import theme
from simulator.gui.formula_images import formula_size
from simulator.gui.lab.slider import Slider
from simulator.gui.lesson_page import LessonPage
from simulator.gui.stage.board_painters import map_point
from simulator.gui.stage.board_plan import gallery_rects, place
from simulator.gui.stage.stage import Stage
from simulator.lessons.board import Gallery, PointMap
from simulator.lessons.catalogue import LESSONS
from simulator.lessons.catalogue import lesson as find
from simulator.lessons.opening import open_lesson
from tests.gui.conftest import Clock, state_of

Open = Callable[..., LessonPage]
SMALL = {"epochs": 1, "variant": "dense"}
LEFT = Qt.MouseButton.LeftButton


def placed(stage: Stage, kind: type, key: str):
    frame = stage.frame()
    return next(
        each
        for each in place(frame, stage.width(), stage.height())
        if isinstance(each.panel, kind) and each.panel.key == key
    )


def on_map(stage: Stage, x: float, y: float) -> QPoint:
    found = placed(stage, PointMap, "map")
    return map_point(found.panel, found.rect, x, y).toPoint()


def decoded(page: LessonPage, key: str) -> np.ndarray:
    grids = {grid.key: grid for grid in page.stage.frame().grids}
    return np.array(grids[key].plane.values)


@pytest.mark.parametrize("lesson", ["watch-learning", "explore-code"])
def test_the_latent_point_is_dragged_and_the_decoder_answers(open_page: Open, lesson: str) -> None:
    page = open_page(lesson, **SMALL)
    page.document.seek(5)
    before = page.document.state
    key = "decoded"
    first = decoded(page, key)
    left, right, low, high = placed(page.stage, PointMap, "map").panel.bounds
    aim = left + 0.25 * (right - left), low + 0.75 * (high - low)
    begin = left + 0.6 * (right - left), low + 0.5 * (high - low)
    QTest.mousePress(page.stage, LEFT, pos=on_map(page.stage, *begin))
    QTest.mouseMove(page.stage, on_map(page.stage, *aim))
    QTest.mouseRelease(page.stage, LEFT, pos=on_map(page.stage, *aim))
    settings = page.document.state.settings
    assert settings["z1"] == pytest.approx(aim[0], abs=0.02 * (right - left))
    assert settings["z2"] == pytest.approx(aim[1], abs=0.02 * (high - low))
    after = decoded(page, "drawn" if lesson == "explore-code" else key)
    assert (first != after).any()
    assert page.document.undo_stack.undoText() == "dragging"
    while page.document.undo_stack.canUndo():
        page.document.undo_stack.undo()
    assert page.document.state == before
    page.document.seek(5)
    np.testing.assert_array_equal(decoded(page, key), first)


def test_a_drag_is_one_edit_however_long_the_hand_rests(open_page: Open, clock: Clock) -> None:
    page = open_page("explore-code", **SMALL)
    stack = page.document.undo_stack
    states = [page.document.state]
    middle = placed(page.stage, PointMap, "map").rect.center().toPoint()
    for first in (middle, middle + QPoint(40, 10)):
        QTest.mousePress(page.stage, LEFT, pos=first)
        for step in range(1, 4):
            clock.now += 10
            QTest.mouseMove(page.stage, first + step * QPoint(9, -7))
        QTest.mouseRelease(page.stage, LEFT, pos=first + QPoint(27, -21))
        states.append(page.document.state)
    assert stack.count() == 2, "the second drag follows at once, and is another edit"
    stack.undo()
    assert page.document.state == states[1]
    stack.undo()
    assert page.document.state == states[0]
    stack.redo()
    assert page.document.state == states[1] != states[2]


def test_a_slider_that_is_held_makes_one_edit(open_page: Open, clock: Clock) -> None:
    page = open_page("explore-code", **SMALL, follow="free")
    slider = page.panel.bindings["z1"].widget
    before = page.document.state
    assert isinstance(slider, Slider)
    places = [QPoint(round(slider.x_of(stop)), slider.height() - 14) for stop in (200, 260, 300)]
    QTest.mousePress(slider, LEFT, pos=places[0])
    for place_ in places[1:]:
        clock.now += 10
        QTest.mouseMove(slider, place_)
    QTest.mouseRelease(slider, LEFT, pos=places[-1])
    assert page.document.undo_stack.count() == 1
    page.document.undo_stack.undo()
    assert page.document.state == before


def test_a_picture_of_ones_own_has_a_place_in_the_map_and_is_dragged_from_there(
    open_page: Open,
) -> None:
    page = open_page("explore-code", **SMALL)
    before = page.document.state
    pixels = np.zeros((40, 24, 3), np.uint8)
    pixels[4:36, 8:16] = 255
    page.document.use_picture(LoadedPicture(pixels=pixels, title="mine.png", notices=()))
    assert page.document.session.complaint is None
    assert "fitted to 8 × 8" in page.document.session.fitted
    trace = page.document.session.trace
    own = trace.arrays["original"].values[-1]
    learner = trace.learner
    code = learner.code(trace.state, own[None])[0].ravel()
    np.testing.assert_array_equal(trace.codes[0].ravel(), code)
    page.document.seek(0)
    np.testing.assert_array_equal(decoded(page, "near original"), own)
    np.testing.assert_allclose(decoded(page, "near rebuilt"), decoded(page, "decoded"), atol=1e-6)
    assert "yours" in str(placed(page.stage, Gallery, "near").panel.title)
    map_ = placed(page.stage, PointMap, "map").panel
    (a,) = (each for each in map_.handles if each.key == "a")
    assert (a.x, a.y) == (code[0], code[1])
    left, right, low, high = map_.bounds
    aim = left + 0.7 * (right - left), low + 0.4 * (high - low)
    QTest.mousePress(page.stage, LEFT, pos=on_map(page.stage, a.x, a.y))
    QTest.mouseMove(page.stage, on_map(page.stage, *aim))
    QTest.mouseRelease(page.stage, LEFT, pos=on_map(page.stage, *aim))
    settings = page.document.state.settings
    assert (settings["picture"], settings["follow"]) == ("own", "free")
    assert settings["z1"] == pytest.approx(aim[0], abs=0.02 * (right - left))
    (a,) = (e for e in placed(page.stage, PointMap, "map").panel.handles if e.key == "a")
    assert (a.x, a.y) == (code[0], code[1]), "the picture stays where it is"
    while page.document.undo_stack.canUndo():
        page.document.undo_stack.undo()
    assert page.document.state == before


@pytest.mark.parametrize("step", [0, 5])
def test_an_end_of_the_walk_is_dragged_to_another_picture(open_page: Open, step: int) -> None:
    page = open_page("explore-code", **SMALL)
    page.document.seek(step)  # at the first step A lies on the point
    first = page.document.state.settings["first"]
    (handle,) = (each for each in page.stage.frame().panels[0].handles if each.key == "a")
    start = on_map(page.stage, handle.x, handle.y)
    QTest.mousePress(page.stage, LEFT, pos=start)
    QTest.mouseMove(page.stage, start + QPoint(90, -60))
    QTest.mouseRelease(page.stage, LEFT, pos=start + QPoint(90, -60))
    assert page.document.state.settings["first"] != first


def test_at_the_beginning_the_point_is_a_ring_around_a(open_page: Open) -> None:
    page = open_page("explore-code", **SMALL)
    (handle,) = (each for each in page.stage.frame().panels[0].handles if each.key == "a")
    start = on_map(page.stage, handle.x, handle.y) + QPoint(13, 0)
    QTest.mousePress(page.stage, LEFT, pos=start)
    QTest.mouseMove(page.stage, start + QPoint(40, -40))
    QTest.mouseRelease(page.stage, LEFT, pos=start + QPoint(40, -40))
    assert page.document.state.settings["follow"] == "free"
    assert page.document.state.settings["first"] == 0


def test_a_click_on_the_walk_goes_there(open_page: Open) -> None:
    page = open_page("explore-code", **SMALL)
    walk = placed(page.stage, Gallery, "walk")
    rect = gallery_rects(walk.panel, walk.rect)[0][7]
    QTest.mouseClick(page.stage, LEFT, pos=rect.center().toPoint())
    assert page.document.timeline.step == 7


def test_a_slider_is_a_number_of_the_code(open_page: Open) -> None:
    page = open_page("explore-code", **SMALL, follow="free")
    slider = page.panel.bindings["z1"].widget
    assert isinstance(slider, Slider)
    before = decoded(page, "drawn")
    slider.setFocus()
    for _ in range(10):
        QTest.keyClick(slider, Qt.Key.Key_Right)
    assert page.document.state.settings["z1"] == pytest.approx(0.5)
    assert (decoded(page, "drawn") != before).any()
    assert not page.panel.bindings["z3"].row.isVisible()


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_a_training_goes_on_behind_the_window_and_ends_with_it(qtbot: QtBot, qapp: object) -> None:
    state = state_of("watch-learning", epochs=3, variant="dense", seed=4321)
    page = LessonPage(find("watch-learning"), Backend(), state, trains_ahead=True)
    qtbot.addWidget(page)
    page.resize(1072, 756)
    page.show()
    ((course, last),) = page.document.session.courses
    page.document.last()
    qtbot.waitUntil(lambda: course.reached == last, timeout=20_000)
    qtbot.waitUntil(lambda: not course.attended, timeout=5_000)
    told = page.document.session.explanation().headline
    assert told == page.document.session.trace.at("batch").explain(last).headline
    page.document.change("seed", 4322)
    ((other, _),) = page.document.session.courses
    assert other is not course
    page.close_lesson()
    assert not other.attended
    assert other.reached < last or not other.reach(last)


@pytest.mark.qt_log_ignore("This plugin does not support")
@pytest.mark.parametrize("lesson", ["explore-code", "autoencoder", "boltzmann", "machine-at-work"])
def test_while_a_network_is_trained_for_a_setting_the_window_goes_on(
    qtbot: QtBot, qapp: object, lesson: str
) -> None:
    page = LessonPage(find(lesson), Backend(), state_of(lesson, epochs=1), trains_ahead=True)
    qtbot.addWidget(page)
    page.resize(1072, 756)
    page.show()
    session = page.document.session
    before = session.trace
    page.document.change("seed", 871)
    assert session.trace is before, "it is not trained by whoever turns the knob"
    ((course, state),) = session.waiting
    assert course.attended
    page._patience.timeout.emit()
    assert page.told() == "A network is trained for these settings. The picture follows."
    page.document.undo_stack.undo()
    assert not session.waiting
    assert page.told() == ""
    page.document.undo_stack.redo()
    qtbot.waitUntil(lambda: not session.waiting, timeout=60_000)
    assert course.is_over(state)
    assert session.state.settings["seed"] == 871
    alone = open_lesson(find(lesson), Backend(), session.state)
    given = [one.name for one in alone.trace.arrays.values() if isinstance(one.values, np.ndarray)]
    assert given
    for name in given:
        there, here = (each.trace.arrays[name].values for each in (alone, session))
        np.testing.assert_array_equal(here, there)
    page.close_lesson()


@pytest.mark.parametrize("lesson", ["watch-learning", "denoising", "against-pca"])
def test_where_a_training_is_watched_nobody_waits_for_its_end(
    qtbot: QtBot, qapp: object, lesson: str
) -> None:
    page = LessonPage(find(lesson), Backend(), None, trains_ahead=True)
    qtbot.addWidget(page)
    before = page.document.session.trace
    page.document.change("seed", 875)
    assert not page.document.session.waiting
    assert page.document.session.trace is not before
    page.close_lesson()


@pytest.mark.parametrize(
    "lesson",
    [lesson.id for lesson in LESSONS if lesson.entry.group == "Compression"],
)
@pytest.mark.parametrize("chosen", [theme.LIGHT, theme.DARK], ids=lambda each: each.name)
def test_a_stage_is_painted_in_either_theme_and_any_size(
    open_page: Open, qapp, lesson: str, chosen: theme.Theme
) -> None:
    page = open_page(lesson, epochs=1)
    theme.apply(qapp, chosen)
    for width, height in ((1072, 756), (720, 560), (1900, 1000)):
        page.resize(width, height)
        for step in (0, page.document.timeline.length // 2, page.document.timeline.length - 1):
            page.document.seek(step)
            picture = page.stage.grab().toImage()
            colours = {picture.pixel(x, y) for x in range(0, 500, 9) for y in range(90, 400, 9)}
            assert len(colours) > 4
    assert isinstance(picture, QImage)
    theme.apply(qapp, theme.LIGHT)


def test_hovering_a_picture_of_a_board_tells_of_its_cell(open_page: Open) -> None:
    page = open_page("watch-learning", **SMALL)
    page.document.seek(3)
    rect = page.stage.cell_rect("decoded", 2, 3)
    assert rect is not None
    QTest.mouseMove(page.stage, QPointF(rect.center()).toPoint())
    assert page.document.session.hovered is not None
    assert page.document.session.hovered.array == "decoded"
    assert page.document.session.hovered.index[-2:] == (2, 3)


def test_a_mask_is_painted_and_the_machine_fills_it_in(open_page: Open) -> None:
    page = open_page("machine-at-work", gap="none", steps=40, epochs=2)
    page.document.last()
    page.stage.set_drawing(True)
    begin, end = (page.stage.cell_rect("input", 3, column) for column in (1, 6))
    assert begin is not None
    assert end is not None
    QTest.mousePress(page.stage, LEFT, pos=begin.center().toPoint())
    QTest.mouseMove(page.stage, end.center().toPoint())
    QTest.mouseRelease(page.stage, LEFT, pos=end.center().toPoint())
    missing = page.document.session.trace.missing.reshape(8, 8)
    assert missing[3, 1:7].all()
    page.document.last()
    estimate = decoded(page, "estimate")
    assert ((estimate > 0) & (estimate < 1))[3, 1:7].any()
    assert not np.isnan(estimate).any()
    page.document.undo_stack.undo()
    assert not page.document.session.trace.missing.any()


@pytest.mark.parametrize("lesson", ["autoencoder", "boltzmann"])
def test_no_formula_of_a_part_is_taller_than_a_few_lines(qapp: object, lesson: str) -> None:
    trace = open_lesson(find(lesson), Backend(), state_of(lesson, epochs=1)).trace.at("layer")
    for step in range(len(trace)):
        extent = formula_size(trace.explain(step).symbols)
        assert 8 < extent.height() < 60, trace.explain(step).symbols
