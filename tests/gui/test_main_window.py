"""The window: what it remembers, how it fits, how it opens and closes, and that nothing leaks."""

import gc
import json
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PySide6.QtCore import QObject, QPoint, Qt, QThread, QTimer
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QWidget
from pytestqt.qtbot import QtBot

from simulator.engine.backends.base import Backend
from simulator.gui import loader, metrics, picture_loader, theme
from simulator.gui.lesson_page import LessonPage
from simulator.gui.main_window import DRAWER_BELOW, RAIL_BELOW, MainWindow
from simulator.gui.settings import Memory
from simulator.gui.widgets.icon_button import IconButton
from simulator.gui.widgets.notice import Notice
from simulator.lessons.catalogue import lesson as find
from simulator.lessons.lesson import FROM_LAB, LessonState, Opened
from tests.gui.conftest import FRAME, settle

Open = Callable[..., MainWindow]


def _page(window: MainWindow) -> LessonPage:
    assert window.page is not None
    return window.page


def _button(window: MainWindow, icon: str) -> IconButton:
    buttons = window.findChildren(IconButton)
    return next(one for one in buttons if one.icon_name() == icon and not one.isHidden())


# Opening


def test_a_lesson_opens_once_there_is_a_backend(
    qtbot: QtBot, qapp: QApplication, config: Path
) -> None:
    window = MainWindow(Memory(), "pooling")
    opened: list[str] = []
    window.lesson_opened.connect(opened.append)
    window.open_lesson("convolution")
    assert opened == []
    assert window.windowTitle() == "Deep Learning Simulator"
    window.loader.lessons_ready.emit()
    assert opened == ["convolution"], "the last wish counts"
    assert window.windowTitle() == "Convolution – Deep Learning Simulator"
    assert type(_page(window).document.session.backend) is Backend
    window.close()


def test_the_fast_backend_takes_over_where_the_learner_is(open_window: Open) -> None:
    class Fast(Backend):
        """As fast as NumPy."""

    window = open_window("pooling")
    document = _page(window).document
    document.seek(11)
    document.change("kind", "average")
    fast = Fast()
    window.loader.status.emit("Compiling kernels")
    window.loader.backend_ready.emit(fast)
    assert document.session.backend is fast
    assert document.timeline.step == 11
    assert document.state.settings["kind"] == "average"
    window.open_lesson("convolution")
    assert _page(window).document.session.backend is fast


def test_without_fast_kernels_numpy_goes_on_and_the_learner_is_told(open_window: Open) -> None:
    window = open_window()
    window.loader.failed.emit("OSError: no LLVM")
    assert "OSError: no LLVM" in _page(window).told()
    assert "NumPy" in _page(window).told()
    document = _page(window).document
    assert document.change("stride", 2) == ""
    assert document.session.trace.geometry.stride == (2, 2)
    window.open_lesson("pooling")
    assert _page(window).document.lesson.id == "pooling"


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_without_lessons_the_window_says_so(qtbot: QtBot, qapp: QApplication, config: Path) -> None:
    window = MainWindow(Memory())
    qtbot.addWidget(window)
    window.show()
    window.loader.failed.emit("ModuleNotFoundError: No module named 'ziamath'")
    assert window.page is None
    words = [child.text() for child in window.findChildren(QWidget) if hasattr(child, "text")]
    assert any("ziamath" in str(text) for text in words)


def test_a_lesson_is_left_and_found_as_it_was(open_window: Open) -> None:
    window = open_window()
    document = _page(window).document
    document.change("kernel_size", 5)
    document.edit_cells("kernel", {(1, 1, 0, 0): 9.0})
    state = document.state
    window.open_lesson("pooling")
    assert _page(window).document.lesson.id == "pooling"
    window.open_lesson("convolution")
    assert _page(window).document.state is state
    assert _page(window).document.session.trace.arrays["kernel"].values[1, 1, 0, 0] == 9  # type: ignore[index]


def test_what_was_opened_from_the_lab_is_not_what_is_remembered(open_window: Open) -> None:
    window = open_window("convolution")
    assert window.page is not None
    window.page.document.change("size", 20)
    window.open_lesson("pooling")
    chosen = find("convolution")
    settings = {**chosen.initial_state().settings, "picture": FROM_LAB, "size": 8}
    came = Opened({"input": np.zeros((8, 8, 1), np.float32)}, "Lab, sample 1")
    window.open_state("convolution", LessonState(settings, opened=came))
    assert window.page.document.state.settings["picture"] == FROM_LAB
    window.open_lesson("pooling")
    assert Memory().settings_of("convolution")["size"] == 20
    window.open_lesson("convolution")
    assert window.page.document.state.settings["picture"] == FROM_LAB, "it is as it was left"
    window.page.document.change("picture", "pagoda")
    window.open_lesson("pooling")
    assert Memory().settings_of("convolution")["picture"] == "pagoda"


def test_sizes_that_do_not_fit_are_left_as_they_last_fitted(open_window: Open) -> None:
    window = open_window()
    document = _page(window).document
    document.change("size", 5)
    shown = document.state
    document.change("kernel_size", 9)
    window.open_lesson("pooling")
    window.open_lesson("convolution")
    assert _page(window).document.state is shown


def test_choosing_the_open_lesson_again_changes_nothing(open_window: Open) -> None:
    window = open_window()
    page = window.page
    window.open_lesson("convolution")
    assert window.page is page


def test_undo_is_offered_by_name(open_window: Open) -> None:
    window = open_window()
    undo, redo = (_button(window, icon) for icon in ("undo-2", "redo-2"))
    assert not undo.isEnabled()
    assert not redo.isEnabled()
    _page(window).document.change("stride", 2)
    assert undo.isEnabled()
    assert "change of Stride" in undo.accessibleName()
    QTest.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert _page(window).document.state.settings["stride"] == 1
    assert not undo.isEnabled()
    QTest.mouseClick(redo, Qt.MouseButton.LeftButton)
    assert _page(window).document.state.settings["stride"] == 2
    window.open_lesson("pooling")
    assert not undo.isEnabled(), "another lesson has its own edits"


# Remembering


def test_it_starts_where_it_was_left(open_window: Open, config: Path) -> None:
    window = open_window(None, width=701, height=650)
    assert _page(window).document.lesson.id == "dense"
    _page(window).document.change("sample", 2)
    window.open_lesson("pooling")
    _page(window).document.change("kind", "lp")
    _page(window).document.change("order", 3.0)
    window.toggle_theme()
    window.close()
    memory = Memory()
    assert memory.theme == "dark"
    again = MainWindow(memory)
    assert (again.width(), again.height()) == (701, 650)
    again.loader.lessons_ready.emit()
    assert _page(again).document.lesson.id == "pooling"
    assert _page(again).document.state.settings["order"] == 3.0
    again.open_lesson("dense")
    assert _page(again).document.state.settings["sample"] == 2
    again.close()


def test_what_was_asked_for_comes_before_what_was_open_last(
    open_window: Open, config: Path
) -> None:
    open_window("pooling").close()
    assert _page(open_window(None)).document.lesson.id == "pooling"
    assert _page(open_window("convolution")).document.lesson.id == "convolution"
    assert _page(open_window("no such lesson")).document.lesson.id == "pooling"


def _settings(**settings: object) -> str:
    """A file in which a lesson was left with these settings."""
    kept = json.dumps(settings).replace('"', '\\"')
    return f'[settings]\nconvolution="{kept}"\n'


@pytest.mark.parametrize(
    "text",
    [
        "\x00\xff rubbish [[[",
        "[General]\ngeometry=@ByteArray(nonsense)\nlesson=nothing\ntheme=purple\n",
        _settings(size="big", stride=2.5, padding=[1]),
        _settings(size=3, kernel_size=15, padding="valid"),
        _settings(preset=[[1], {}], bias=float("inf"), seed=True),
        _settings(filters=-1, channels=None, picture="own"),
    ],
    ids=["rubbish", "values", "types", "misfit", "nested", "bounds"],
)
def test_a_hostile_memory_is_ignored(open_window: Open, config: Path, text: str) -> None:
    config.parent.mkdir(parents=True)
    config.write_bytes(text.encode("latin-1"))
    window = open_window(None)
    document = _page(window).document
    assert document.state == document.lesson.initial_state()
    assert (window.width(), window.height()) == (1280, 800)


# Theme


def _colours(picture: QImage) -> set[str]:
    return {
        QColor(picture.pixel(x, y)).name()
        for x in range(0, picture.width(), 3)
        for y in range(0, picture.height(), 3)
    }


def test_another_theme_repaints_everything(open_window: Open) -> None:
    window = open_window()
    page = _page(window)
    places: list[tuple[QWidget, QPoint, str]] = [
        (window.list, QPoint(100, 500), "window"),
        (window.bar, QPoint(300, 5), "panel"),
        (page.stage, QPoint(4, 4), "stage"),
        (page.transport, QPoint(400, 85), "panel"),
        (page.panel.viewport(), QPoint(5, 5), "panel"),
    ]
    pictures = []
    for taken in (theme.LIGHT, theme.DARK, theme.LIGHT):
        assert theme.current() is taken
        picture = window.grab().toImage()
        for widget, point, token in places:
            at = widget.mapTo(window, point)
            assert picture.pixelColor(at).name() == getattr(taken, token), (taken.name, token)
        other = theme.LIGHT if taken.dark else theme.DARK
        stale = {other.panel, other.window, other.stage, other.reads, other.writes}
        assert not _colours(picture) & stale - {"#ffffff"}, taken.name
        pictures.append(picture)
        window.toggle_theme()
    assert pictures[0] == pictures[2]


def test_numbers_and_formula_follow_the_theme(open_window: Open) -> None:
    window = open_window()
    page = _page(window)
    page.document.seek(4)
    light, formula = page.stage.grab().toImage(), page.panel.grab().toImage()
    window.toggle_theme()
    dark = page.stage.grab().toImage()
    assert theme.DARK.reads in _colours(dark)
    assert theme.LIGHT.reads not in _colours(dark)
    assert page.panel.grab().toImage() != formula
    window.toggle_theme()
    assert page.stage.grab().toImage() == light
    assert page.panel.grab().toImage() == formula


# Fitting


def _outside(window: MainWindow) -> list[str]:
    """Every visible widget that reaches beyond its parent, but for what scrolls."""
    found = []
    for widget in window.findChildren(QWidget):
        parent = widget.parentWidget()
        if not widget.isVisible() or widget.isWindow() or parent is None:
            continue
        area = parent.parentWidget()
        if isinstance(area, QAbstractScrollArea) and area.viewport() is parent:
            continue
        if not parent.rect().contains(widget.geometry()):
            name = widget.accessibleName() or widget.objectName()
            found.append(
                f"{type(widget).__name__} {name!r}: {widget.geometry()} in {parent.rect()}"
            )
    return found


SIZES = [
    (620, 560),
    (900, 640),
    (979, 640),
    (980, 640),
    (1179, 700),
    (1180, 700),
    (1280, 800),
    (1920, 1080),
    (2560, 1440),
]


@pytest.mark.parametrize("lesson", ["convolution", "pooling"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_everything_fits_at_every_size(
    open_window: Open, lesson: str, width: int, height: int
) -> None:
    window = open_window(lesson, width=width, height=height)
    page = _page(window)
    settle()
    assert (window.width(), window.height()) == (width, height)
    assert _outside(window) == []
    assert window.list.is_rail() == (width < RAIL_BELOW)
    assert page.panel.isVisible() == (width >= DRAWER_BELOW)
    assert page.transport.height() == metrics.TRANSPORT
    assert page.transport.width() >= metrics.TRANSPORT_LEAST
    assert page.stage.width() >= metrics.STAGE_LEAST[0]
    window.toggle_panel()
    assert _outside(window) == []
    assert page.panel.isVisible() == (width < DRAWER_BELOW)
    assert page.transport.width() >= metrics.TRANSPORT_LEAST


def test_it_can_not_be_made_too_small(open_window: Open) -> None:
    window = open_window(width=100, height=100)
    assert (window.width(), window.height()) == (620, 560)
    assert _outside(window) == []


def test_the_drawer_is_opened_and_closed_by_mouse(open_window: Open) -> None:
    window = open_window(width=900, height=640)
    page = _page(window)
    stage = page.stage.geometry()
    button = _button(window, "panel-right")
    assert button.accessibleName() == "Show the panel"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert page.panel.isVisible()
    assert page.panel.geometry().right() == page.rect().right()
    assert page.panel.geometry().bottom() < page.transport.geometry().top()
    assert page.stage.geometry() == stage, "it lies over the stage"
    assert button.accessibleName() == "Hide the panel"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not page.panel.isVisible()
    QTest.keyClick(page.stage, Qt.Key.Key_F9)
    assert page.panel.isVisible()
    QTest.keyClick(page.stage, Qt.Key.Key_Escape)
    assert not page.panel.isVisible()


def test_a_panel_that_was_hidden_can_be_brought_back_by_mouse(open_window: Open) -> None:
    window = open_window()
    page = _page(window)
    offered = [one for one in window.findChildren(IconButton) if one.icon_name() == "panel-right"]
    assert all(one.isHidden() for one in offered), "there is nothing to open"
    page.panel.bindings["size"].widget.setFocus()
    window.toggle_panel()
    assert not page.panel.isVisible()
    assert page.stage.hasFocus()
    QTest.mouseClick(_button(window, "panel-right"), Qt.MouseButton.LeftButton)
    assert page.panel.isVisible()


def test_a_hidden_column_does_not_become_an_open_drawer(open_window: Open) -> None:
    window = open_window()
    window.toggle_panel()
    window.resize(900, 640)
    assert not _page(window).panel.isVisible()
    window.toggle_panel()
    window.resize(1280, 800)
    assert _page(window).panel.isVisible()
    assert _outside(window) == []


def test_the_panel_stays_as_it_is_in_another_lesson(open_window: Open) -> None:
    window = open_window(width=900, height=640)
    window.toggle_panel()
    window.open_lesson("pooling")
    assert _page(window).panel.isVisible()


def test_beside_a_narrow_page_the_list_lies_over_it(open_window: Open) -> None:
    window = open_window(width=620, height=560)
    page = _page(window)
    stage = page.stage.size()
    QTest.mouseClick(_button(window, "panel-left"), Qt.MouseButton.LeftButton)
    assert not window.list.is_rail()
    assert window.list.geometry().getRect() == (0, 0, metrics.LESSON_LIST, 560)
    assert page.stage.size() == stage
    assert _outside(window) == []
    QTest.mouseClick(window.childAt(500, 300), Qt.MouseButton.LeftButton)
    assert window.list.is_rail(), "a click beside it closes it"
    assert page.document.session.pinned is None, "and does nothing else"
    QTest.keyClick(page.stage, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert not window.list.is_rail()
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Escape)
    QTest.keyClick(page.stage, Qt.Key.Key_Escape)
    assert window.list.is_rail()
    assert page.document.lesson.id == "convolution"
    _button(window, "panel-left").click()
    window.list.chosen.emit("pooling")
    assert window.list.is_rail(), "a choice closes it too"
    _button(window, "panel-left").click()
    window.resize(1300, 800)
    assert not window.list.is_rail()
    assert window.list.geometry().right() < _page(window).geometry().left() + window.list.width()
    assert _outside(window) == []
    window.resize(700, 600)
    assert window.list.is_rail()
    assert _outside(window) == []


def test_a_notice_stays_in_the_middle_of_the_stage(open_window: Open) -> None:
    window = open_window()
    page = _page(window)
    page.tell("Something worth knowing, in so many words that one line is not enough for them.")
    for width, height in ((1280, 800), (900, 640), (620, 560), (1920, 1080)):
        window.resize(width, height)
        notice = page.findChild(Notice, options=Qt.FindChildOption.FindDirectChildrenOnly)
        assert notice is not None
        assert page.stage.geometry().contains(notice.geometry())
        assert abs(notice.geometry().center().x() - page.stage.geometry().center().x()) <= 1


# Closing


def test_closing_while_loading_hides_first_and_then_waits(
    qtbot: QtBot, qapp: QApplication, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = MainWindow(Memory())
    begun, go_on = threading.Event(), threading.Event()
    visible: list[bool] = []

    def slow(name: str) -> ModuleType:
        begun.set()
        assert go_on.wait(timeout=10)
        visible.append(window.isVisible())
        return ModuleType(name)

    monkeypatch.setattr(loader, "import_module", slow)
    window.loader.start()
    assert begun.wait(timeout=10)
    helper = threading.Timer(0.05, go_on.set)
    helper.start()
    window.close()
    helper.join()
    assert visible == [False]
    work = window.loader.findChild(QThread)
    assert work is not None
    assert work.isFinished()
    settle()
    assert window.page is None, "what comes after the end is not opened any more"


def test_a_backend_that_comes_after_the_end_is_left(open_window: Open) -> None:
    window = open_window()
    backend = _page(window).document.session.backend
    window.close()
    window.loader.backend_ready.emit(Backend())
    window.loader.failed.emit("too late")
    assert _page(window).document.session.backend is backend
    assert _page(window).told() == ""


def test_closing_before_the_first_breath_starts_nothing(
    qtbot: QtBot, qapp: QApplication, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []
    window = MainWindow(Memory())
    monkeypatch.setattr(window.loader, "start", lambda: started.append(1))
    window.start()
    window.close()
    QApplication.processEvents()
    assert started == []


def test_closing_while_a_picture_is_read_waits_for_it(
    open_window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window()
    begun, go_on = threading.Event(), threading.Event()
    read: list[str] = []

    def slow(path: str) -> None:
        begun.set()
        assert go_on.wait(timeout=10)
        read.append(path)
        raise picture_loader.PictureError("too late")

    monkeypatch.setattr(picture_loader, "load_picture", slow)
    window.pictures.load("a.png")
    assert begun.wait(timeout=10)
    helper = threading.Timer(0.05, go_on.set)
    helper.start()
    window.close()
    helper.join()
    assert read == ["a.png"]
    settle()
    assert _page(window).told() == ""


def test_closing_while_playing_stops_the_clock(open_window: Open) -> None:
    window = open_window()
    page = _page(window)
    page.document.play()
    assert page.player.ticking
    window.close()
    assert not page.player.ticking
    window.close()
    assert not page.player.ticking


# Leaking


def _census(window: MainWindow) -> dict[str, int]:
    """How many of everything there are in a window and beside it."""
    return {
        "objects": len(window.findChildren(QObject)),
        "pages": len(window.findChildren(LessonPage)),
        "timers": sum(timer.isActive() for timer in window.findChildren(QTimer)),
        "windows": len(QApplication.topLevelWidgets()),
        "threads": threading.active_count(),
    }


def test_fifty_lessons_later_nothing_has_gathered(open_window: Open) -> None:
    window = open_window()
    for lesson in ("pooling", "convolution"):
        window.open_lesson(lesson)
    settle()
    before = _census(window)
    opened: list[weakref.ref[QObject]] = []
    for at in range(50):
        window.open_lesson(("pooling", "convolution")[at % 2])
        page = _page(window)
        opened += [weakref.ref(page), weakref.ref(page.document), weakref.ref(page.player)]
        page.document.change("stride", 3 + at)
        page.document.play()
        page.document.tick(FRAME)
        page.tell("A notice", error=bool(at % 2))
    page.document.pause()
    page.document.tick(1.0)
    page.player.tick()
    page.hush()
    for _ in range(at + 1):
        page.document.undo_stack.undo()
    settle()
    del page
    assert _census(window) == before
    gc.collect()
    alive = [one() for one in opened if one() is not None]
    now = _page(window)
    assert alive == [now, now.document, now.player], "what was closed is forgotten by Python too"


def test_a_closed_page_hears_no_more_of_its_lesson(open_window: Open) -> None:
    window = open_window()
    gone: list[object] = []
    _page(window).destroyed.connect(lambda: gone.append(1))
    _page(window).document.play()
    window.open_lesson("pooling")
    settle()
    assert gone == [1]
