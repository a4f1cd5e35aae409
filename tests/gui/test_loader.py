"""The loader: one thread, one import after another; its faults are told, its end is waited for."""

import gc
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QThread
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from simulator.engine.backends import cache, select, warm_up
from simulator.engine.backends.base import Backend
from simulator.gui import loader
from simulator.gui.loader import Loader

ROOT = Path(__file__).resolve().parents[2]
WAIT = 30_000


class Told:
    """What a loader tells, in order, and whether it was told on the window's thread."""

    def __init__(self, watched: Loader) -> None:
        self.events: list[str] = []
        self.reason = ""
        self.backend: object = None
        self.elsewhere = 0
        watched.status.connect(self._add)
        watched.lessons_ready.connect(lambda: self._add("lessons"))
        watched.lab_ready.connect(lambda: self._add("lab"))
        watched.backend_ready.connect(self._ready)
        watched.failed.connect(self._failed)

    def _add(self, event: str) -> None:
        self.events.append(event)
        app = QCoreApplication.instance()
        assert app is not None
        self.elsewhere += QThread.currentThread() is not app.thread()

    def _ready(self, backend: object) -> None:
        self.backend = backend
        self._add("backend")

    def _failed(self, reason: str) -> None:
        self.reason = reason
        self._add("failed")


@pytest.fixture
def started(qapp: QApplication) -> Iterator[Loader]:
    made = Loader()
    yield made
    made.stop()


def test_lessons_come_first_and_then_the_backend(
    qtbot: QtBot, started: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = Backend()
    warmed: list[object] = []
    monkeypatch.setattr(cache, "is_complete", lambda: True)
    monkeypatch.setattr(select, "create", lambda name: backend)
    monkeypatch.setattr(warm_up, "operations", warmed.append)
    told = Told(started)
    started.start()
    qtbot.waitUntil(lambda: told.backend is not None, timeout=WAIT)
    assert told.events == [
        "Loading the lessons",
        "lessons",
        "Loading kernels",
        "Compiling kernels",
        "backend",
    ]
    assert told.backend is backend
    assert warmed == [backend]
    assert told.elsewhere == 0


def test_where_nothing_was_compiled_yet_the_lab_comes_before_the_kernels(
    qtbot: QtBot, started: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[bool] = []
    monkeypatch.setattr(cache, "is_complete", lambda: False)
    monkeypatch.setattr(cache, "note_complete", lambda: noted.append(True))
    monkeypatch.setattr(select, "create", lambda name: Backend())
    monkeypatch.setattr(warm_up, "operations", lambda backend: None)
    monkeypatch.setattr(warm_up, "training", lambda backend: iter(("LSTM", "GRU")))
    told = Told(started)
    prepared: list[str] = []
    started.preparing.connect(prepared.append)
    with qtbot.waitSignal(started.finished, timeout=WAIT):
        started.start()
    assert told.events == [
        *("Loading the lessons", "lessons", "lab", "Loading kernels", "Compiling kernels"),
        "backend",
    ]
    assert prepared == ["operations", "LSTM", "GRU"]
    assert noted == [True]


def test_what_was_compiled_only_in_part_is_not_noted(
    qtbot: QtBot, started: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(backend: Backend) -> Iterator[str]:
        yield "LSTM"
        raise OSError("the disk is full")

    noted: list[bool] = []
    monkeypatch.setattr(cache, "is_complete", lambda: True)
    monkeypatch.setattr(cache, "note_complete", lambda: noted.append(True))
    monkeypatch.setattr(select, "create", lambda name: Backend())
    monkeypatch.setattr(warm_up, "operations", lambda backend: None)
    monkeypatch.setattr(warm_up, "training", broken)
    told = Told(started)
    with qtbot.waitSignal(started.finished, timeout=WAIT):
        started.start()
    assert told.reason == "OSError: the disk is full"
    assert noted == []


def test_the_fast_backend_is_brought_in(qtbot: QtBot, started: Loader) -> None:
    told = Told(started)
    started.start()
    qtbot.waitUntil(lambda: told.backend is not None, timeout=90_000)
    assert type(told.backend).__name__ == "CpuBackend"


def test_imports_follow_one_another_in_one_thread(
    qtbot: QtBot, started: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported: list[tuple[str, int]] = []
    collects: list[bool] = []

    def note(name: str) -> ModuleType:
        imported.append((name, threading.get_ident()))
        collects.append(gc.isenabled())
        return fakes.get(name) or ModuleType(name)

    fakes: dict[str, Any] = {
        "simulator.engine.backends.select": SimpleNamespace(create=lambda name: name),
        "simulator.engine.backends.warm_up": SimpleNamespace(
            operations=lambda backend: None, training=lambda backend: iter(())
        ),
        "simulator.engine.backends.cache": SimpleNamespace(
            is_complete=lambda: True, note_complete=lambda: None
        ),
    }
    monkeypatch.setattr(loader, "import_module", note)
    told = Told(started)
    with qtbot.waitSignal(started.finished, timeout=WAIT):
        started.start()
    assert told.backend is not None
    assert [name for name, _ in imported] == [
        *loader.LESSON_MODULES,
        *loader.WINDOW_MODULES,
        "simulator.engine.backends.cache",
        "simulator.engine.backends.select",
        "simulator.engine.backends.warm_up",
        *loader.LAB_MODULES,
    ]
    threads = dict(imported)
    windows = {threads.pop(name) for name in loader.WINDOW_MODULES}
    assert windows == {threading.get_ident()}
    assert len(set(threads.values())) == 1
    assert threading.get_ident() not in threads.values()
    assert not any(collects), "collecting garbage meanwhile would stop the window"
    started.stop()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0


IMPORTED = f"""
import sys
from importlib import import_module
for name in {loader.LESSON_MODULES}:
    import_module(name)
from simulator.gui.preparation import prepare_lesson
prepare_lesson("convolution", {{}})
"""
"""A program that does what the thread does until a lesson can be opened."""


def printed(program: str) -> str:
    """What a program prints, in a process of its own."""
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_the_thread_defines_no_class_of_qt() -> None:
    program = f"""{IMPORTED}
import_module("simulator.engine.backends.select").create("auto")
print([name for name in sys.modules if name.startswith(("PySide6", "shiboken6"))])
"""
    assert printed(program) == "[]\n"


def test_opening_a_lesson_finds_everything_imported(config: Path) -> None:
    program = f"""{IMPORTED}
from PySide6.QtWidgets import QApplication
from simulator.gui import app, theme
from simulator.gui.settings import Memory
for name in {loader.WINDOW_MODULES}:
    import_module(name)
application = QApplication([])
theme.apply(application, theme.LIGHT)
window = app.MainWindow(Memory())
window.show()
application.processEvents()
before = set(sys.modules)
window.loader.lessons_ready.emit()
application.processEvents()
assert window.page is not None
print([name for name in set(sys.modules) - before if not name.startswith("encodings")])
window.close()
"""
    assert printed(program) == "[]\n"


@pytest.mark.parametrize(("module", "at"), [(select, "create"), (warm_up, "operations")])
def test_a_fault_of_the_kernels_comes_after_the_lessons(
    qtbot: QtBot, started: Loader, monkeypatch: pytest.MonkeyPatch, module: ModuleType, at: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError("no LLVM here")

    monkeypatch.setattr(select, "create", lambda name: Backend())
    monkeypatch.setattr(module, at, fail)
    told = Told(started)
    started.start()
    qtbot.waitUntil(lambda: told.reason != "", timeout=WAIT)
    assert told.reason == "OSError: no LLVM here"
    started.stop()
    assert gc.isenabled()
    assert "lessons" in told.events
    assert "backend" not in told.events


def test_a_module_that_is_missing_is_told(
    qtbot: QtBot, started: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ziamath", None)
    told = Told(started)
    started.start()
    qtbot.waitUntil(lambda: told.reason != "", timeout=WAIT)
    assert "ziamath" in told.reason
    assert "lessons" not in told.events


def test_stopped_it_ends_the_import_under_way_and_begins_no_other(
    qtbot: QtBot, started: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    imported: list[str] = []

    def slow(name: str) -> ModuleType:
        imported.append(name)
        begun.set()
        assert go_on.wait(timeout=10)
        return ModuleType(name)

    monkeypatch.setattr(loader, "import_module", slow)
    told = Told(started)
    started.start()
    assert begun.wait(timeout=10)
    helper = threading.Timer(0.05, go_on.set)
    helper.start()
    started.stop()
    helper.join()
    QApplication.processEvents()
    assert imported == [loader.LESSON_MODULES[0]]
    assert told.events == ["Loading the lessons"]


def test_stopping_what_never_began_does_not_wait(started: Loader) -> None:
    started.stop()
