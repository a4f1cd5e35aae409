"""Lessons on a clock that only the test moves, in windows that remember nothing of each other."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from simulator.engine.backends.base import Backend
from simulator.gui import theme
from simulator.gui.document import Document
from simulator.gui.lesson_page import LessonPage
from simulator.gui.main_window import MainWindow
from simulator.gui.settings import Memory
from simulator.lessons.catalogue import lesson as find
from simulator.lessons.controls import Value
from simulator.lessons.lesson import LessonState

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # it finds its fonts in an outdated way
    import ziamath  # noqa: F401 - here once, before a formula imports it in the midst of a test

FRAME = 0.016
"""Seconds between two ticks of the player."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if {"open_page", "open_window"} & set(getattr(item, "fixturenames", ())):
            # What windows ask of a screen, such as to be raised, is more than "offscreen" does.
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support"))


@dataclass
class Clock:
    """Seconds that pass when a test says so."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


class Heard:
    """Counts what a document tells."""

    NAMES = ("state", "play", "step", "view")

    def __init__(self, document: Document) -> None:
        self._counts = dict.fromkeys(self.NAMES, 0)
        for name in self.NAMES:
            getattr(document, f"{name}_changed").connect(partial(self._count, name))

    def take(self) -> dict[str, int]:
        """Return how often each signal came since the last time; those that didn't are left out."""
        counts, self._counts = self._counts, dict.fromkeys(self.NAMES, 0)
        return {name: count for name, count in counts.items() if count}

    def _count(self, name: str) -> None:
        self._counts[name] += 1


def settle() -> None:
    """Let what is to be laid out or deleted have its turn."""
    QApplication.processEvents()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    QApplication.processEvents()


def state_of(lesson: str, **settings: Value) -> LessonState:
    """A lesson's beginning with some settings changed."""
    state = find(lesson).initial_state()
    for name, value in settings.items():
        state = find(lesson).change(state, name, value)
    return state


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_document(qapp: QApplication, clock: Clock) -> Callable[..., Document]:
    """Open a lesson's document with some settings."""

    def opened(lesson: str = "convolution", **settings: Value) -> Document:
        return Document(find(lesson), Backend(), state_of(lesson, **settings), clock=clock)

    return opened


@pytest.fixture
def open_page(qtbot: QtBot, qapp: QApplication, clock: Clock) -> Callable[..., LessonPage]:
    """Show a lesson with some settings, in front of everything."""

    def opened(
        lesson: str = "convolution",
        *,
        width: int = 1072,
        height: int = 756,
        state: LessonState | None = None,
        **settings: Value,
    ) -> LessonPage:
        theme.apply(qapp, theme.LIGHT)
        state = state or state_of(lesson, **settings)
        page = LessonPage(find(lesson), Backend(), state, clock=clock)
        qtbot.addWidget(page)
        page.resize(width, height)
        page.show()
        page.activateWindow()
        qtbot.waitUntil(lambda: QApplication.activeWindow() is page)
        page.stage.setFocus()
        settle()
        return page

    return opened


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that windows remember things in."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path / "deep-learning-simulator" / "window.ini"


@pytest.fixture
def open_window(qtbot: QtBot, qapp: QApplication, config: Path) -> Callable[..., MainWindow]:
    """Show the whole window, with a lesson in it and NumPy behind it: no thread is started."""

    def opened(
        lesson: str | None = "convolution", *, width: int = 1280, height: int = 800
    ) -> MainWindow:
        theme.apply(qapp, theme.LIGHT)
        window = MainWindow(Memory(), lesson)
        qtbot.addWidget(window)
        window.resize(width, height)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
        window.loader.lessons_ready.emit()
        settle()
        return window

    return opened
