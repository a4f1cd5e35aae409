"""The lab in the real app: a program is pasted, trained, taken back, branched, kept."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from simulator.formats import project_file
from simulator.formats.project import Project, ProjectError
from tests.e2e.conftest import HEIGHT, App, Pixels, until

PROGRAM = """from keras.models import Sequential
from keras.layers import Dense

model = Sequential()
model.add(Dense(6, activation="tanh", input_shape=(2,)))
model.add(Dense(1, activation="sigmoid"))
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(X_train, y_train, batch_size=10, epochs=20, validation_data=(X_test, y_test))
"""
EDITOR, KERAS, DATA, DATA_SET = (225, 258), (112, 70), (347, 70), (225, 110)
SPEED = (1169, 711)
PLAY, BRANCH, BAR = (126, 684), (1137, 676), (436, 695)
CLIPBOARD = """
import sys
from PySide6.QtGui import QGuiApplication
app = QGuiApplication([])
app.clipboard().setText(sys.stdin.read())
print("there", flush=True)
app.exec()
"""


def looks(app: App) -> Pixels:
    """The window without its mouse."""
    return app.whole()


def foot(app: App) -> Pixels:
    """The buttons and the batch beside the bar; what is told below them changes by itself."""
    return looks(app)[HEIGHT - 150 : HEIGHT - 63, 60:380]


def batch(app: App) -> Pixels:
    """The words that say which batch is on view."""
    return foot(app)[HEIGHT - 85 - (HEIGHT - 150) :]


def settled(app: App) -> Pixels:
    """The foot once it has stayed the same for several looks."""
    last = [foot(app)]

    def still() -> bool:
        last.append(foot(app))
        return len(last) > 6 and all(np.array_equal(each, last[-1]) for each in last[-6:])

    until(still, "the lab to come to rest")
    return last[-1]


def paste(app: App, words: str) -> None:
    """Put a text into the clipboard by another program, and press the keys."""
    environment = {**app.environment, "QT_QPA_PLATFORM": "xcb"}
    with subprocess.Popen(
        [sys.executable, "-c", CLIPBOARD],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as owner:
        assert owner.stdin is not None
        assert owner.stdout is not None
        owner.stdin.write(words)
        owner.stdin.close()
        assert owner.stdout.readline() == "there\n"
        before = looks(app)
        app.key("ctrl+v")
        until(lambda: not np.array_equal(looks(app), before), "what was pasted")
        owner.terminate()


def windows(app: App) -> int:
    """How many windows of the app are on the screen."""
    pid = str(app.process.pid)
    return len(app.screen.xdotool("search", "--onlyvisible", "--pid", pid, "--name", ".").split())


def name_file(app: App, path: Path) -> None:
    """Type a file's name into the dialog that asks for it."""
    until(lambda: windows(app) == 2, "the dialog for a file")
    app.key("ctrl+a")
    app.type(str(path))
    app.key("Return")
    until(lambda: windows(app) == 1, "the dialog to close")


def kept(app: App, path: Path, *, first: bool = False) -> Project:
    """Save the project, and read what is in the file."""
    before = path.stat().st_mtime_ns if path.exists() else 0
    app.key("ctrl+s")
    if first:
        name_file(app, path)
    found: list[Project] = []

    def written() -> bool:
        if not path.exists() or path.stat().st_mtime_ns == before:
            return False
        try:
            found.append(project_file.load(path))
        except ProjectError:
            return False
        return True

    until(written, f"{path.name} to be written")
    return found[-1]


def train(app: App) -> None:
    """Play until something is learned, and pause."""
    settled(app)
    app.click(*PLAY)
    seen: set[bytes] = set()

    def moved() -> bool:
        seen.add(batch(app).tobytes())
        return len(seen) > 20

    until(moved, "batches to go by")
    app.click(*PLAY)
    settled(app)


def slow_down(app: App) -> None:
    """Train with 30 batches a second, so that a past batch can be pointed at."""
    app.click(*SPEED)
    app.key("Down", "Return")
    settled(app)


def opened(app: App) -> None:
    """Wait until the lab is there, and its network can be trained."""
    app.opened("Training lab")
    x, y = PLAY

    def offered() -> bool:
        button = looks(app)[y - 10 : y + 10, x - 10 : x + 10]
        return bool(button.max() > 200 and button.mean() < 110)

    until(offered, "the play button", 120)
    settled(app)


@pytest.mark.slow
def test_paste_play_go_back_branch_save_and_go_on(start, tmp_path):
    path = tmp_path / "spiral.dlsim"
    path = path.with_suffix(project_file.SUFFIX)
    app = start("lab")
    opened(app)
    app.click(*EDITOR)
    app.key("ctrl+a")
    paste(app, PROGRAM)
    app.click(*DATA)
    settled(app)
    app.click(*DATA_SET)
    app.type("spiral")
    app.key("Return")
    settled(app)
    slow_down(app)
    train(app)
    first = kept(app, path, first=True)
    assert first.source == PROGRAM
    assert first.recipe is not None
    assert first.recipe["dataset"] == "spiral"
    (only,) = first.history["branches"]
    assert only["head"] > 0

    before = batch(app)
    app.click(*BAR)
    until(lambda: not np.array_equal(batch(app), before), "a past batch")
    settled(app)
    app.click(*BRANCH)
    train(app)
    second = kept(app, path)
    main, branch = second.history["branches"]
    assert main["head"] == only["head"]
    assert branch["parent"] == 0
    assert 0 < branch["start"] < main["head"]
    assert branch["head"] > branch["start"]
    app.close()

    app = start("lab")
    opened(app)
    app.key("ctrl+o")
    name_file(app, path)
    settled(app)
    slow_down(app)
    train(app)
    third = kept(app, path)
    assert third.source == PROGRAM
    assert third.history["branches"][1]["head"] > branch["head"]
    assert third.history["branches"][0]["head"] == main["head"]
    app.close()
