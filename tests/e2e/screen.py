"""The real app in a process of its own, on a real X server, driven and seen as a person does."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageGrab

from benchmarks.display import virtual_display

ROOT = Path(__file__).resolve().parents[2]
DEADLINE = 60.0
"""Seconds that anything may take on a busy machine before it counts as not happening."""
LOOK_EVERY = 0.05
WIDTH, HEIGHT = 1280, 800
LIST, BAR, PANEL, TRANSPORT = 208, 44, 296, 92
PAGE = (WIDTH - LIST, HEIGHT - BAR)
CORNER = (20, 40)
"""Where the window is put on the screen; its frame goes around that."""
AWAY = (700, 20)
"""A point of the window where the mouse points at nothing."""
ROUNDING = 2
"""Of smooth edges, in one of 255 shades: the app copies what it painted before."""

Pixels = NDArray[np.uint8]


def until(condition: Callable[[], object], what: str) -> None:
    """Wait for a condition; fail with what was waited for."""
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, f"waited {DEADLINE:.0f} s for {what}"
        time.sleep(LOOK_EVERY)


@dataclass(frozen=True)
class Screen:
    """An X display of its own, with a window manager."""

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


@contextmanager
def running_screen() -> Iterator[Screen]:
    """Run an X server and a window manager."""
    missing = [tool for tool in ("Xvfb", "xdotool", "openbox") if shutil.which(tool) is None]
    assert not missing, f"{', '.join(missing)}: install the packages xvfb, xdotool and openbox"
    with virtual_display(1400, 960) as display:
        manager = subprocess.Popen(
            ["openbox", "--sm-disable"],
            env={**os.environ, "DISPLAY": display},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield Screen(display)
        finally:
            manager.terminate()
            manager.wait(DEADLINE)


class App:
    """The running app. Points are those of its window, from the top left, without the frame."""

    def __init__(self, screen: Screen, folder: Path, *arguments: str) -> None:
        """Start the app with its settings and its output in ``folder``; wait for the window."""
        self.screen = screen
        self._output = folder / "output"
        kept = {name: value for name, value in os.environ.items() if name != "QT_QPA_PLATFORM"}
        environment = {
            **kept,
            "DISPLAY": screen.display,
            "XDG_CONFIG_HOME": str(folder / "config"),
            "QT_QPA_PLATFORM": "xcb",
            "QT_SCALE_FACTOR": "1",
        }
        with self._output.open("wb") as stream:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "simulator", "run", *arguments],
                cwd=ROOT,
                env=environment,
                stdout=stream,
                stderr=stream,
            )
        self.window = ""
        until(self._find, "the window")
        # The frame that the manager draws comes a moment later; before it, moves are lost.
        until(self._place, f"a window of {WIDTH} × {HEIGHT} with a frame")

    def _find(self) -> bool:
        assert self.process.poll() is None, self.output()
        pid = str(self.process.pid)
        found = self.screen.xdotool("search", "--onlyvisible", "--pid", pid, "--name", "Simulator")
        self.window = found.split()[0] if found.split() else ""
        return bool(self.window)

    def _place(self) -> bool:
        size, corner = ((str(x), str(y)) for x, y in ((WIDTH, HEIGHT), CORNER))
        self.screen.xdotool("windowactivate", self.window)
        self.screen.xdotool("windowsize", self.window, *size)
        self.screen.xdotool("windowmove", self.window, *corner)
        return self._told("getwindowgeometry", self.window, names=("WIDTH", "HEIGHT")) == (
            WIDTH,
            HEIGHT,
        )

    def _told(self, *command: str, names: tuple[str, str]) -> tuple[int, int]:
        told = self.screen.xdotool(command[0], "--shell", *command[1:])
        values = dict(line.split("=") for line in told.split() if "=" in line)
        return int(values.get(names[0], -1)), int(values.get(names[1], -1))

    # Seeing

    def pixels(self) -> Pixels:
        """Return the pixels of the window as they are on the screen, the mouse out of the way."""
        self.away()
        x, y = self._told("getmouselocation", names=("X", "Y"))
        left, top = x - AWAY[0], y - AWAY[1]
        return self.screen.grab()[top : top + HEIGHT, left : left + WIDTH]

    def page(self) -> Pixels:
        """Return what is on the screen right of the list and under the bar."""
        return self.pixels()[BAR:, LIST:]

    def shows(self, expected: Pixels) -> bool:
        """Return whether stage, player and panel look as expected, pixel by pixel."""
        shown = self.page()
        return shown.shape == expected.shape and not different(shown, expected).any()

    def save(self, file: Path) -> None:
        """Write what is on the screen to a file."""
        Image.fromarray(self.pixels()).save(file)

    def output(self) -> str:
        """Return what the app has written to the terminal."""
        return self._output.read_text()

    # Doing

    def move(self, x: float, y: float) -> None:
        """Move the mouse to a point of the window."""
        at = (str(round(x)), str(round(y)))
        self.screen.xdotool("mousemove", "--window", self.window, *at)

    def away(self) -> None:
        """Take the mouse off everything that answers to it."""
        self.move(*AWAY)

    def click(self, x: float, y: float, *, times: int = 1, button: int = 1) -> None:
        """Click a point of the window."""
        self.move(x, y)
        often = ("--repeat", str(times), "--delay", "60")
        self.screen.xdotool("click", *often, str(button))

    def key(self, *keys: str) -> None:
        """Press keys one after another."""
        self.screen.xdotool("key", "--delay", "40", *keys)

    def type(self, text: str) -> None:
        """Type text."""
        self.screen.xdotool("type", "--delay", "40", text)

    # Ending

    def close(self) -> None:
        """Close by key; the app must end by itself, well, and without a word."""
        self.key("ctrl+q")
        self.must_end_well()

    def close_by_frame(self) -> None:
        """Close as the button of the frame does."""
        self.screen.xdotool("windowquit", self.window)
        self.must_end_well()

    def interrupt(self) -> None:
        """Press Ctrl+C in the terminal that the app was started from."""
        self.process.send_signal(signal.SIGINT)
        self.must_end_well()

    def must_end_well(self) -> None:
        """Wait for the end of the app, which has nothing to say."""
        status = self.process.wait(DEADLINE)
        assert (status, self.output()) == (0, "")

    def kill(self) -> None:
        """End the app, whatever it does."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(DEADLINE)


def different(one: Pixels, other: Pixels) -> NDArray[np.bool_]:
    """Return which pixels (H, W) differ by more than rounding does."""
    apart = np.abs(one.astype(np.int16) - other.astype(np.int16)).max(axis=-1)
    return np.asarray(apart > ROUNDING)
