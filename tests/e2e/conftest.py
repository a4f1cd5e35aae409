"""A real X server with a window manager, and the real app in its own process."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageGrab

ROOT = Path(__file__).resolve().parents[2]
DEADLINE = 60.0
"""Seconds that anything may take on a busy machine before it counts as not happening."""
COMPILED = 600.0
"""Seconds within which a busy machine has compiled every kernel."""
LIST, BAR, PANEL, TRANSPORT = 208, 44, 296, 92
WIDTH, HEIGHT = 1280, 800
AWAY = (700, 20)
"""A point of the window where the mouse points at nothing."""

Pixels = NDArray[np.uint8]


def until(condition: Callable[[], object], what: str, deadline: float = DEADLINE) -> None:
    """Wait for a condition; fail with ``what`` was waited for."""
    end = time.monotonic() + deadline
    while not condition():
        assert time.monotonic() < end, f"waited {deadline:.0f} s for {what}"
        time.sleep(0.05)


@dataclass
class Screen:
    """An X display of its own."""

    display: str

    def xdotool(self, *arguments: str) -> str:
        """Send real input, or ask the window manager."""
        done = subprocess.run(
            ["xdotool", *arguments],
            env={**os.environ, "DISPLAY": self.display},
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            check=False,
        )
        return done.stdout

    def grab(self) -> Pixels:
        """Return the pixels (H, W, 3) of the whole screen."""
        return np.asarray(ImageGrab.grab(xdisplay=self.display).convert("RGB"))


@pytest.fixture(scope="session")
def screen() -> Iterator[Screen]:
    for tool in ("Xvfb", "xdotool", "openbox"):
        assert shutil.which(tool), f"{tool} is missing: install the packages xvfb, xdotool, openbox"
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1400x960x24", "-nolisten", "tcp"],
        pass_fds=(writing,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    told = b""
    # To the end of the line: a pipe closed before that would end the server.
    while not told.endswith(b"\n"):
        assert select.select([reading], [], [], DEADLINE)[0], "Xvfb doesn't start"
        told += os.read(reading, 16)
    os.close(reading)
    display = f":{told.decode().strip()}"
    manager = subprocess.Popen(
        ["openbox", "--sm-disable"],
        env={**os.environ, "DISPLAY": display},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield Screen(display)
    for process in (manager, server):
        process.terminate()
        process.wait(DEADLINE)


class App:
    """The running app, seen and driven from outside."""

    def __init__(self, screen: Screen, config: Path, lesson: str, errors: Path) -> None:
        self.screen = screen
        self._errors = errors
        kept = {name: value for name, value in os.environ.items() if name != "QT_QPA_PLATFORM"}
        environment = self.environment = {
            **kept,
            "DISPLAY": screen.display,
            "XDG_CONFIG_HOME": str(config),
            "XDG_DATA_HOME": str(config),
            "QT_QPA_PLATFORM": "xcb",
            "QT_SCALE_FACTOR": "1",
        }
        with errors.open("wb") as stream:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "simulator", "run", lesson],
                cwd=ROOT,
                env=environment,
                stdout=stream,
                stderr=stream,
            )
        self.window = ""
        until(self._find, "the window")
        screen.xdotool("windowsize", "--sync", self.window, str(WIDTH), str(HEIGHT))
        screen.xdotool("windowmove", self.window, "20", "40")
        screen.xdotool("windowactivate", "--sync", self.window)
        until(
            lambda: (
                self._told("getwindowgeometry", self.window, names=("WIDTH", "HEIGHT"))
                == (WIDTH, HEIGHT)
            ),
            "the window's size",
        )
        self.away()

    def opened(self, title: str, deadline: float = 120.0) -> None:
        """Wait until the window says that a lesson is open: before that its keys do nothing."""
        until(lambda: self._titled().startswith(f"{title} – "), f"{title} to open", deadline)

    def _titled(self) -> str:
        return self.screen.xdotool("getwindowname", self.window)

    def _find(self) -> bool:
        assert self.process.poll() is None, self._errors.read_text()
        pid = str(self.process.pid)
        found = self.screen.xdotool("search", "--onlyvisible", "--pid", pid, "--name", "Simulator")
        self.window = found.split()[0] if found.split() else ""
        return bool(self.window)

    def _on_view(self) -> bool:
        pid = str(self.process.pid)
        return bool(self.screen.xdotool("search", "--onlyvisible", "--pid", pid).split())

    def _told(self, *command: str, names: tuple[str, str]) -> tuple[int, int]:
        told = self.screen.xdotool(command[0], "--shell", *command[1:])
        values = dict(line.split("=") for line in told.split() if "=" in line)
        return int(values.get(names[0], -1)), int(values.get(names[1], -1))

    def _origin(self) -> tuple[int, int]:
        """Return where the window's own corner is: its geometry counts the frame in as well."""
        self.away()
        x, y = self._told("getmouselocation", names=("X", "Y"))
        return x - AWAY[0], y - AWAY[1]

    # Seeing

    def whole(self) -> Pixels:
        """Return the pixels of the window as they are on the screen."""
        left, top = self._origin()
        return self.screen.grab()[top : top + HEIGHT, left : left + WIDTH]

    def stage(self) -> Pixels:
        """Return those of the stage."""
        return self.whole()[BAR : HEIGHT - TRANSPORT, LIST : WIDTH - PANEL]

    def shows(self, expected: Pixels) -> bool:
        """Return whether the stage looks as expected, but for the shading of single pixels."""
        shown = self.stage()
        if shown.shape != expected.shape:
            return False
        different = np.abs(shown.astype(int) - expected.astype(int)).max(axis=-1) > 48
        return float(different.mean()) < 0.0005

    # Doing

    def click(self, x: float, y: float, *, times: int = 1) -> None:
        """Click a point of the window."""
        where = ("mousemove", "--window", self.window, str(round(x)), str(round(y)))
        self.screen.xdotool(*where, "click", "--repeat", str(times), "--delay", "60", "1")

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Press at a point of the window, move to another and let go there."""
        (x, y), (to_x, to_y) = ((str(round(at)) for at in point) for point in (start, end))
        move = ("mousemove", "--window", self.window)
        self.screen.xdotool(*move, x, y, "mousedown", "1", "sleep", "0.1")
        self.screen.xdotool(*move, to_x, to_y, "sleep", "0.1", "mouseup", "1")

    def away(self) -> None:
        """Take the mouse off the stage, or the cell under it would be told of."""
        x, y = (str(at) for at in AWAY)
        self.screen.xdotool("mousemove", "--window", self.window, x, y)

    def key(self, *keys: str) -> None:
        """Press keys one after another, in the window of the app that has the keyboard."""
        self._heard()
        self.screen.xdotool("key", "--window", "0", "--delay", "40", *keys)

    def type(self, text: str) -> None:
        """Type text there."""
        self._heard()
        self.screen.xdotool("type", "--delay", "40", text)

    def _heard(self) -> None:
        """Wait until the window manager has given the keyboard to the app."""

        def focused() -> bool:
            window = self.screen.xdotool("getwindowfocus").strip()
            pid = self.screen.xdotool("getwindowpid", window).strip() if window else ""
            return pid == str(self.process.pid)

        until(focused, "the keyboard")

    def close(self) -> None:
        """Close by key; the app must end by itself, well, and without a word.

        The window goes at once, the process when the kernel that is being compiled is done.
        """
        self.key("ctrl+q")
        until(lambda: not self._on_view(), "the window to go")
        assert self.process.wait(COMPILED) == 0
        assert self._errors.read_text() == ""


@pytest.fixture
def start(screen: Screen, tmp_path: Path) -> Iterator[Callable[[str], App]]:
    apps: list[App] = []

    def begin(lesson: str) -> App:
        apps.append(App(screen, tmp_path / "config", lesson, tmp_path / f"errors{len(apps)}"))
        return apps[-1]

    yield begin
    for app in apps:
        if app.process.poll() is None:
            app.process.kill()
            app.process.wait(DEADLINE)


@pytest.fixture
def rendered(tmp_path: Path) -> Callable[..., Pixels]:
    """What the stage has to look like: the same frame, painted in another process to a file."""

    def render(lesson: str, *options: str) -> Pixels:
        file = tmp_path / "expected.png"
        size = f"{WIDTH - LIST - PANEL}x{HEIGHT - BAR - TRANSPORT}"
        command = [sys.executable, "-m", "simulator", "render", lesson, "--size", size]
        subprocess.run(
            [*command, *options, "-o", str(file)], cwd=ROOT, check=True, timeout=DEADLINE
        )
        return np.asarray(Image.open(file).convert("RGB"))

    return render
