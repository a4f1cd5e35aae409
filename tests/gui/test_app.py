"""The app as a whole: it starts, takes Ctrl+C as a wish to close, and outlives its own faults."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from simulator.gui import app, theme
from simulator.gui.main_window import MainWindow
from simulator.gui.settings import Memory

Open = Callable[..., MainWindow]
ROOT = Path(__file__).resolve().parents[2]

RUN = """
import os, signal, sys
from simulator.gui import app, main_window

class Window(main_window.MainWindow):
    def __init__(self, *args):
        super().__init__(*args)
        self.lesson_opened.connect(self._opened)

    def _opened(self, lesson):
        print("opened", lesson, flush=True)
        {act}

app.MainWindow = Window
status = app.main({lesson!r})
print("ended", status, flush=True)
"""


def _run(config: Path, act: str, lesson: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", RUN.format(act=act, lesson=lesson)],
        cwd=ROOT,
        env={**os.environ, "XDG_CONFIG_HOME": str(config), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.mark.parametrize(
    ("act", "lesson"),
    [
        ("self.close()", None),
        ("os.kill(os.getpid(), signal.SIGINT)", "pooling"),
    ],
    ids=["closed", "interrupted"],
)
def test_it_starts_opens_a_lesson_and_ends(tmp_path: Path, act: str, lesson: str | None) -> None:
    ran = _run(tmp_path, act, lesson)
    assert ran.stdout.split("\n")[:2] == [f"opened {lesson or 'dense'}", "ended 0"]
    assert ran.returncode == 0
    complaints = [line for line in ran.stderr.splitlines() if "This plugin" not in line]
    assert complaints == []
    written = (tmp_path / "deep-learning-simulator" / "window.ini").read_text()
    assert f"lesson={lesson or 'dense'}" in written


@pytest.fixture
def window(open_window: Open) -> MainWindow:
    return open_window()


def _fault(message: str) -> tuple[type[BaseException], BaseException, None]:
    return ValueError, ValueError(message), None


def test_a_fault_is_told_and_the_lesson_goes_on(
    window: MainWindow, capsys: pytest.CaptureFixture[str]
) -> None:
    assert window.page is not None
    app._report(window, *_fault("out of cheese"))
    assert "ValueError: out of cheese" in window.page.told()
    assert "Traceback" not in window.page.told()
    assert "ValueError: out of cheese" in capsys.readouterr().err
    window.page.document.forward()
    assert window.page.document.timeline.step == 1


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_a_fault_before_the_first_lesson_is_told_too(
    qapp: QApplication, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    window = MainWindow(Memory())
    app._report(window, *_fault("out of cheese"))
    capsys.readouterr()
    assert any("out of cheese" in label.text() for label in window.findChildren(QLabel))
    window.close()


def test_a_fault_in_another_thread_touches_no_widget(
    window: MainWindow, capsys: pytest.CaptureFixture[str]
) -> None:
    assert window.page is not None
    thread = threading.Thread(target=app._report, args=(window, *_fault("elsewhere")))
    thread.start()
    thread.join()
    assert window.page.told() == ""
    assert "elsewhere" in capsys.readouterr().err


def test_it_goes_along_with_the_desktop_until_the_learner_chooses(
    window: MainWindow, qapp: QApplication, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desktop = [theme.DARK]
    monkeypatch.setattr(theme, "system_theme", lambda: desktop[0])
    memory = Memory()
    app._follow_system(qapp, window, memory)
    changed = QApplication.styleHints().colorSchemeChanged
    changed.emit(Qt.ColorScheme.Dark)
    assert theme.current() is theme.DARK
    desktop[0] = theme.LIGHT
    changed.emit(Qt.ColorScheme.Light)
    assert theme.current() is theme.LIGHT
    memory.keep_theme("light")
    desktop[0] = theme.DARK
    changed.emit(Qt.ColorScheme.Dark)
    assert theme.current() is theme.LIGHT
