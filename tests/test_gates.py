"""The checks that every test gets do catch what they are there for."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

CARELESS = """
import threading, warnings
from PySide6.QtCore import qWarning
from PySide6.QtWidgets import QWidget

release = threading.Event()
windows = []

def test_leaves_a_thread():
    threading.Thread(target=release.wait, name="forgotten", daemon=True).start()

def test_leaves_a_window(qtbot):
    windows.append(QWidget())
    windows[0].show()

def test_warns():
    warnings.warn("python", stacklevel=1)

def test_warns_in_qt(qtbot):
    qWarning("qt")

def test_is_tidy(qtbot):
    thread = threading.Thread(target=int)
    thread.start()
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    threading.Thread(target=release.wait).start()
    release.set()
"""


def test_careless_tests_fail_and_tidy_ones_pass(tmp_path: Path) -> None:
    folder = tmp_path / "tests"
    folder.mkdir()
    shutil.copy(ROOT / "tests" / "conftest.py", folder)
    (folder / "test_careless.py").write_text(CARELESS)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        # Pictures without a window silence Qt's warnings for the rest of their process.
        env={name: value for name, value in os.environ.items() if name != "QT_LOGGING_RULES"},
        capture_output=True,
        text=True,
        check=False,
    )
    failed = re.findall(r"^(?:FAILED|ERROR) \S+::(\w+)", ran.stdout, re.MULTILINE)
    assert sorted(failed) == [
        "test_leaves_a_thread",
        "test_leaves_a_window",
        "test_warns",
        "test_warns_in_qt",
    ], ran.stdout
    for cause in (
        "threads still at work after the test: forgotten",
        "windows still shown after the test: QWidget",
        "UserWarning: python",
        "QtWarningMsg: qt",
    ):
        assert cause in ran.stdout
    assert "::test_is_tidy PASSED" in ran.stdout
