"""The training lab's window while it trains at full speed: `python benchmarks/lab_window.py`.

The real window trains on an X server of its own. The throughput is taken in turns with that of the
same training while nothing is shown. Then a dot in the window's corner is painted anew 60 times a
second, which takes some of the processor itself; the gaps between its paintings are the frames that
somebody in front of the window has.

`--soak MINUTES` trains on and on with every view, prints the memory of the process by the minute,
and ends with status 1 if it grew. Once a minute what is open is kept against a crash, whose
description is in memory while that is written. So what counts is the least of many readings in a
minute; the most is printed beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from display import virtual_display
from machine import machine
from soak import ALLOWED, held

ROOT = Path(__file__).resolve().parents[1]
BEAT = 1 / 60
WANTED_GAP, WANTED_SHARE, WANTED_UPDATES = 33.0, 0.9, 30.0
SETTLE_SECONDS = 1.5
TURNS = 3
WAIT_SECONDS = 1200.0
SOAK_BUDGET = 2**26
READING_SECONDS = 1.0
SCENES = ("digits-cnn", "digits-cnn-28", "spiral", "adding-lstm")


@dataclass(frozen=True, slots=True)
class Scene:
    """A preset, and whether every view is on or those that are on at first."""

    preset: str
    every_view: bool


class Window:
    """The app's window with the lab open, driven from within its process."""

    def __init__(self, size: tuple[int, int]) -> None:
        from PySide6.QtCore import QEventLoop, QTimer
        from PySide6.QtWidgets import QApplication

        from simulator.gui import theme
        from simulator.gui.main_window import MainWindow
        from simulator.gui.settings import Memory

        self._app = QApplication(sys.argv[:1])
        theme.apply(self._app, theme.LIGHT)
        self._loop = QEventLoop()
        self._timer = QTimer
        self.window = MainWindow(Memory(), "lab")
        self.window.resize(*size)
        self.window.show()
        self.window.start()
        self.until(lambda: self.window.lab.page is not None and not self.window.loader.busy)
        assert self.window.lab.page is not None
        self.page = self.window.lab.page
        self.updates = 0
        self.experiment: Any = None
        self.page.document.snapshot_changed.connect(self._count)

    def _count(self) -> None:
        self.updates += 1

    def wait(self, seconds: float) -> None:
        """Let the window live for a while."""
        self._timer.singleShot(round(1000 * seconds), self._loop.quit)
        self._loop.exec()

    def until(self, condition: Any) -> None:
        """Let it live until something is so."""
        end = time.monotonic() + WAIT_SECONDS
        while not condition():
            if time.monotonic() > end:
                sys.exit("The lab does not come to what it was asked for.")
            self.wait(0.02)

    def open(self, scene: Scene) -> None:
        """Put a preset on view."""
        from simulator.formats.presets import PRESETS
        from simulator.gui.lab.offered_views import OFFERED

        document = self.page.document
        document.choose_preset(PRESETS[scene.preset])
        self.until(lambda: document.training is not None and document.snapshot is not None)
        document.set_goal(None)
        found: list[Any] = []
        document.loop.do(found.append)
        self.until(lambda: found)
        self.experiment = found[0]
        trained = [layer.name for layer in document.training.network.layers if layer.name]
        document.choose_layer(trained[0])
        for each in OFFERED:
            self.page.views.show_view(each.key, each.at_first or scene.every_view)

    def trained(self) -> int:
        """Samples that were trained with until now.

        Read as it is: after a job all views are looked at anew, which would be measured, too.
        """
        found: int = self.experiment.timeline.trained
        return found

    def alone(self, seconds: float) -> float:
        """Samples a second while the training's thread trains, and the window is idle."""
        found: list[float] = []

        def job(experiment: Any) -> None:
            first, begun = experiment.timeline.trained, time.perf_counter()
            experiment.run_for(seconds=seconds)
            found.append((experiment.timeline.trained - first) / (time.perf_counter() - begun))

        self.page.document.loop.do(job)
        end = time.monotonic() + WAIT_SECONDS
        while not found and time.monotonic() < end:
            time.sleep(0.05)
        self.wait(0.3)
        return found[0]

    def close(self) -> None:
        """As the learner does."""
        self.window.close()


def measure(scenes: Sequence[Scene], seconds: float, size: tuple[int, int]) -> Iterator[dict]:
    """What each scene comes to."""
    from PySide6.QtCore import Qt, QTimer
    from PySide6.QtGui import QPainter
    from PySide6.QtWidgets import QWidget

    lab = Window(size)
    paints: list[float] = []

    class Dot(QWidget):
        def paintEvent(self, event: Any) -> None:
            paints.append(time.perf_counter())
            painter = QPainter(self)
            painter.fillRect(self.rect(), Qt.GlobalColor.red if len(paints) % 2 else 0xFFFFFF)
            painter.end()

    dot = Dot(lab.window)
    dot.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # or what is under it is painted, too
    dot.setGeometry(2, 2, 6, 6)
    dot.show()
    beat = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=round(1000 * BEAT))
    beat.timeout.connect(dot.update)
    for scene in scenes:
        lab.open(scene)
        document = lab.page.document
        lab.alone(SETTLE_SECONDS)
        rates: dict[str, list[float]] = {"alone": [], "seen": []}
        gaps: list[float] = []
        updates = 0
        shown = 0.0
        for _ in range(TURNS):
            rates["alone"].append(lab.alone(seconds))
            document.loop.play()
            lab.wait(SETTLE_SECONDS)
            first, begun = lab.trained(), time.perf_counter()
            before = lab.updates
            lab.wait(seconds)
            updates += lab.updates - before
            last, ended = lab.trained(), time.perf_counter()
            shown += ended - begun
            rates["seen"].append((last - first) / (ended - begun))
            beat.start()
            lab.wait(0.1)
            paints.clear()
            lab.wait(seconds)
            gaps += list(np.diff(paints))
            beat.stop()
            document.loop.pause()
            lab.wait(0.3)
        yield {
            "scene": f"{scene.preset}, {'every view' if scene.every_view else 'as at first'}",
            "gaps": [1000 * each for each in gaps],
            "updates": updates / shown,
            "alone": statistics.median(rates["alone"]),
            "share": statistics.median(
                s / a for s, a in zip(rates["seen"], rates["alone"], strict=True)
            ),
        }
    lab.close()


def soak(preset: str, minutes: float, size: tuple[int, int]) -> int:
    """Train on with every view; the status to end with."""
    lab = Window(size)
    lab.open(Scene(preset, every_view=True))
    document = lab.page.document
    document.loop.do(lambda experiment: experiment.timeline.checkpoints.limit(SOAK_BUDGET))
    document.loop.play()
    memory: list[int] = []
    print(f"{'minute':>7} {'own MiB':>13} {'most':>7} {'batches':>12} {'checkpoints':>12}")
    begun = time.monotonic()
    while time.monotonic() - begun < 60 * minutes:
        until = begun + min(60.0 * (len(memory) + 1), 60 * minutes)
        readings: list[int] = []
        while not readings or time.monotonic() < until:
            lab.wait(READING_SECONDS)
            readings.append(held())
        memory.append(min(readings))
        minute, most = (time.monotonic() - begun) / 60, max(readings) / 2**20
        snapshot = document.snapshot
        print(
            f"{minute:>7.1f} {memory[-1] / 2**20:>13.1f} {most:>7.1f} {snapshot.step:>12,} "
            f"{snapshot.memory.checkpoints:>12}",
            flush=True,
        )
    document.loop.pause()
    tenth = max(1, len(memory) // 10)
    grown = max(memory[-tenth:]) - max(memory[tenth : 2 * tenth] or memory[:1])
    verdict = "flat" if grown <= ALLOWED else "NOT FLAT"
    print(f"{preset}: memory {verdict}: {grown / 2**20:+.1f} MiB from the second tenth on")
    lab.close()
    return 0 if grown <= ALLOWED else 1


def main() -> None:
    """Print the table, or the memory."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", default="1280x800", metavar="WxH", help="window (1280x800)")
    parser.add_argument("--seconds", type=float, default=3.0, help=f"of each of {TURNS} turns (3)")
    parser.add_argument("--preset", action="append", help="only this; may be repeated")
    parser.add_argument("--views", choices=("first", "every"), help="only these")
    parser.add_argument("--soak", type=float, metavar="MINUTES", help="watch the memory instead")
    parser.add_argument("--in-window", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    width, height = (int(part) for part in options.size.split("x"))
    presets = options.preset or SCENES
    if options.in_window:
        if options.soak:
            sys.exit(soak(presets[0], options.soak, (width, height)))
        scenes = [
            Scene(preset, every)
            for preset in presets
            for every in (False, True)
            if options.views in (None, "every" if every else "first")
        ]
        for row in measure(scenes, options.seconds, (width, height)):
            print(json.dumps(row), flush=True)
        return
    print(machine())
    with virtual_display(width, height) as display, tempfile.TemporaryDirectory() as home:
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "XDG_CONFIG_HOME": home,
            "XDG_DATA_HOME": home,
            "QT_QPA_PLATFORM": "xcb",
            "DISPLAY": display,
        }
        command = [sys.executable, __file__, "--in-window", *sys.argv[1:]]
        if options.soak:
            sys.exit(subprocess.run(command, env=environment, check=False).returncode)
        print(
            f"{'':<36} {'gap p50':>8} {'p99':>6} {'most':>6} {'updates/s':>10} "
            f"{'samples/s':>10} {'of that':>8}"
        )
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                row = json.loads(line)
                middle, late = np.percentile(row["gaps"], [50, 99])
                print(
                    f"{row['scene']:<36} {middle:>8.1f} {late:>6.1f} {max(row['gaps']):>6.1f} "
                    f"{row['updates']:>10.1f} {row['alone']:>10,.0f} {row['share']:>8.0%}",
                    flush=True,
                )
        if process.returncode:
            sys.exit(process.returncode)


if __name__ == "__main__":
    main()
