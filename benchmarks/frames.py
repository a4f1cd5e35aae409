"""How long a frame takes while a lesson plays: `python benchmarks/frames.py`.

The real window plays with its own clock. A frame is everything that the window's thread does for
one tick of the player: the tick itself, the signals that follow from it, formula, numbers and
transport, painting, and handing the picture to the display. Only ticks that paint are counted: at
speed ×1 most do not. Each line of the table is one lesson at one level and speed.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from display import virtual_display

ROOT = Path(__file__).resolve().parents[1]
BUDGET = 16.7
"""Milliseconds: what 95 of 100 frames must stay below."""
SETTLE_SECONDS = 0.4
SPEEDS = (1.0, 4.0, 16.0, 64.0)


@dataclass(frozen=True)
class Scene:
    """A lesson with settings, and the levels to play it at."""

    name: str
    lesson: str
    settings: dict[str, Any]
    levels: tuple[str, ...]


SCENES = (
    Scene("convolution 64×64 grey, Sobel", "convolution", {}, ("product", "cell")),
    Scene(
        "convolution 64×64 RGB, 4 filters, same",
        "convolution",
        {"channels": "3", "filters": 4, "padding": "same"},
        ("product", "cell", "map"),
    ),
    Scene(
        "convolution 224×224 RGB, 16 filters",
        "convolution",
        {"size": 224, "channels": "3", "filters": 16},
        ("product", "cell", "map"),
    ),
    Scene("pooling 64×64 grey, max 2×2", "pooling", {}, ("product", "cell")),
    Scene(
        "LSTM, 20 steps of 16 units",
        "lstm-gates",
        {"source": "sine", "length": 20, "units": 16},
        ("product", "unit", "gate", "step"),
    ),
    Scene(
        "back through time, 20 steps of 16 units",
        "back-through-time",
        {"source": "sine", "length": 20, "units": 16},
        ("unit", "step"),
    ),
    Scene(
        "pooling 64×64 RGB, global average",
        "pooling",
        {"channels": "3", "kind": "global_average"},
        ("product", "cell"),
    ),
)


# In the process that shows the window


def measure(
    scenes: list[Scene], speeds: list[float], seconds: float, size: tuple[int, int]
) -> None:
    """Open the window, play every scene, and print a line of JSON for each level and speed."""
    from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, QTimer
    from PySide6.QtWidgets import QApplication

    from simulator.gui import theme
    from simulator.gui.main_window import MainWindow
    from simulator.gui.settings import Memory

    app = QApplication(sys.argv[:1])
    theme.apply(app, theme.LIGHT)
    window = MainWindow(Memory())
    window.resize(*size)
    loop = QEventLoop()

    def wait(milliseconds: float) -> None:
        QTimer.singleShot(round(milliseconds), loop.quit)
        loop.exec()

    class Probe(QObject):
        """Takes the time from a tick of the player until everything it set off is done.

        ``stamp`` is posted with the least priority of all, so it comes back after every event
        that the tick posted, the painting among them.
        """

        def __init__(self) -> None:
            super().__init__()
            self.stamp = QEvent.Type(QEvent.registerEventType())
            self.forget()

        def forget(self) -> None:
            self.started = self.started_busy = 0.0
            self.paints = 0
            self.beats: list[float] = []
            self.frames: list[float] = []
            self.busy: list[float] = []

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            kind = event.type()
            if kind == QEvent.Type.Timer:
                self.paints = 0
                QCoreApplication.postEvent(self, QEvent(self.stamp), -(2**30))
                self.started, self.started_busy = time.perf_counter(), time.thread_time()
                self.beats.append(self.started)
            elif kind == QEvent.Type.Paint:
                self.paints += 1
            return False

        def event(self, event: QEvent) -> bool:
            if event.type() != self.stamp:
                return super().event(event)
            if self.paints and self.started:
                self.frames.append(1000 * (time.perf_counter() - self.started))
                self.busy.append(1000 * (time.thread_time() - self.started_busy))
            return True

    probe = Probe()
    ready = []
    window.loader.backend_ready.connect(lambda _: ready.append(True))
    window.loader.failed.connect(lambda reason: sys.exit(f"The backend can't be loaded: {reason}"))
    window.show()
    window.start()
    while not ready or window.loader.busy:  # kernels that compile would take the processor away
        wait(20)
    for scene in scenes:
        if window.page is None or window.page.document.lesson.id != scene.lesson:
            window.open_lesson(scene.lesson)
        page = window.page
        assert page is not None
        document = page.document
        document.reset()
        for name, value in scene.settings.items():
            if problem := document.change(name, value):
                sys.exit(problem)
        timer = page.player.findChild(QTimer)
        timer.installEventFilter(probe)
        page.stage.installEventFilter(probe)
        for level in scene.levels:
            document.set_level(level)
            document.set_loop(True)
            for speed in speeds:
                document.set_speed(speed)
                document.seek(document.timeline.length // 2)
                document.play()
                wait(1000 * SETTLE_SECONDS)
                probe.forget()
                wait(1000 * seconds)
                document.pause()
                frames, busy, beats = probe.frames, probe.busy, probe.beats
                if not frames:
                    sys.exit(f"{scene.name}, {level}, ×{speed:g}: nothing was painted.")
                row = {
                    "scene": scene.name,
                    "level": level,
                    "speed": speed,
                    "frames": frames,
                    "busy": busy,
                    "gap": 1000 * max(b - a for a, b in itertools.pairwise(beats)),
                }
                print(json.dumps(row), flush=True)
                wait(250)
    window.close()


# In the process that was started


def percentile(values: list[float], share: float) -> float:
    """The value that ``share`` of the values, from 0 to 1, do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def rows(command: list[str], environment: dict[str, str]) -> Iterator[dict[str, Any]]:
    """What the process that shows the window measures, line by line."""
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            yield json.loads(line)
    if process.returncode:
        sys.exit(process.returncode)


def machine() -> str:
    """What the figures depend on, in a line."""
    import PySide6

    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = names[0].partition(":")[2].strip() if names else model
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return (
        f"{os.cpu_count()} × {model}{load}; Python {platform.python_version()}, "
        f"PySide6 {PySide6.__version__}"
    )


def main() -> None:
    """Print the tables; end with status 1 if a frame budget is missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--platform",
        default="xcb",
        choices=("xcb", "offscreen", "screen"),
        help="xcb paints on an Xvfb of its own, screen on the one there is (xcb)",
    )
    parser.add_argument("--size", default="1280x800", metavar="WxH", help="window (1280x800)")
    parser.add_argument("--scale", type=float, default=1.0, help="pixels per point (1)")
    parser.add_argument("--seconds", type=float, default=3.0, help="for each line (3)")
    parser.add_argument("--speed", type=float, action="append", help="only this; may be repeated")
    parser.add_argument("--level", action="append", help="only this; may be repeated")
    parser.add_argument("--scene", default="", metavar="TEXT", help="only those with this text")
    parser.add_argument("--in-window", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    width, height = (int(part) for part in options.size.split("x"))
    scenes = [
        Scene(
            scene.name,
            scene.lesson,
            scene.settings,
            tuple(level for level in scene.levels if not options.level or level in options.level),
        )
        for scene in SCENES
        if options.scene in scene.name
    ]
    speeds = options.speed or list(SPEEDS)
    if options.in_window:
        measure(scenes, speeds, options.seconds, (width, height))
        return
    print(machine())
    print(f"{options.platform}, {width} × {height}, scale {options.scale:g}; milliseconds")
    print(
        f"{'':<40} {'level':<8} {'speed':>5} {'frames':>6} {'p50':>6} {'p95':>6} {'max':>6} "
        f"{'CPU p50':>8} {'CPU p95':>8} {'gap':>6}"
    )
    pixels = round(width * options.scale), round(height * options.scale)
    screen = virtual_display(*pixels) if options.platform == "xcb" else nullcontext("")
    missed = []
    with screen as display, tempfile.TemporaryDirectory() as home:
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "XDG_CONFIG_HOME": home,
            "QT_SCALE_FACTOR": f"{options.scale:g}",
        }
        if options.platform != "screen":
            environment |= {"QT_QPA_PLATFORM": options.platform, "DISPLAY": display}
        command = [sys.executable, __file__, "--in-window", *sys.argv[1:]]
        for row in rows(command, environment):
            frames, busy = row["frames"], row["busy"]
            worst = percentile(frames, 0.95)
            if worst >= BUDGET:
                missed.append(row)
            print(
                f"{row['scene']:<40} {row['level']:<8} {'×' + format(row['speed'], 'g'):>5} "
                f"{len(frames):>6} {statistics.median(frames):>6.1f} {worst:>6.1f} "
                f"{max(frames):>6.1f} {statistics.median(busy):>8.1f} "
                f"{percentile(busy, 0.95):>8.1f} {row['gap']:>6.1f}"
                + ("  over budget" if worst >= BUDGET else ""),
                flush=True,
            )
    print(
        f"{len(missed)} lines are over {BUDGET} ms at the 95th percentile; "
        f"load {os.getloadavg()[0]:.1f}"
    )
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
