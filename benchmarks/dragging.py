"""How long a frame takes while a code is dragged: `python benchmarks/dragging.py`.

The real window shows an autoencoder with a code of two numbers. A mouse moves over its latent map
60 times a second with the button held: while the network trains ahead on its thread, its last state
on view or each of them as it is played, and on a network that has learned. A frame is all that the
window's thread does for one move: the edit, the decoding, the panel, painting, and handing the
picture to the display. A gap is the time from the end of one frame to that of the next.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from math import cos, sin
from pathlib import Path

from display import virtual_display
from machine import machine

ROOT = Path(__file__).resolve().parents[1]
BUDGET = 1000 / 60
TYPED = {"picture": "typed", "epochs": 100}
CASES = (
    ("8 × 8, training, its last state on view", "watch-learning", {"epochs": 100}, "last"),
    ("8 × 8, training, played", "watch-learning", {"epochs": 100}, "played"),
    ("28 × 28, training, its last state on view", "watch-learning", TYPED, "last"),
    ("28 × 28, training, played", "watch-learning", TYPED, "played"),
    ("8 × 8, explored", "explore-code", {}, ""),
    ("28 × 28, explored", "explore-code", {"picture": "typed"}, ""),
)


def measure(seconds: float, size: tuple[int, int], only: str) -> None:
    """Open the window, drag in every case, and print a line of JSON for each."""
    from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, QPointF, Qt, QTimer
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QApplication

    from simulator.gui import theme
    from simulator.gui.main_window import MainWindow
    from simulator.gui.settings import Memory

    app = QApplication(sys.argv[:1])
    theme.apply(app, theme.LIGHT)
    window = MainWindow(Memory())
    window.resize(*size)
    loop = QEventLoop()

    def wait(seconds: float) -> None:
        QTimer.singleShot(round(1000 * seconds), loop.quit)
        loop.exec()

    class Mouse(QObject):
        """Moves over the map; the stamp comes back once all that a move set off is done."""

        def __init__(self) -> None:
            super().__init__()
            self.stamp = QEvent.Type(QEvent.registerEventType())
            self.clock = QTimer(self)
            self.clock.setTimerType(Qt.TimerType.PreciseTimer)
            self.clock.setInterval(16)
            self.clock.timeout.connect(self.move)
            self.at = 0
            self.forget()

        def forget(self) -> None:
            self.frames: list[float] = []
            self.busy: list[float] = []
            self.ends: list[float] = []

        def send(self, kind: QEvent.Type) -> None:
            stage = window.page.stage
            angle = self.at / 40
            at = QPointF(
                stage.width() * (0.3 + 0.2 * cos(angle)),
                stage.height() * (0.38 + 0.15 * sin(1.3 * angle)),
            )
            left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
            moves = kind == QEvent.Type.MouseMove
            event = QMouseEvent(
                kind, at, stage.mapToGlobal(at), none if moves else left, left,
                Qt.KeyboardModifier.NoModifier,
            )  # fmt: skip
            QCoreApplication.sendEvent(stage, event)

        def move(self) -> None:
            self.at += 1
            QCoreApplication.postEvent(self, QEvent(self.stamp), -(2**30))
            self.started, self.started_busy = time.perf_counter(), time.thread_time()
            self.send(QEvent.Type.MouseMove)

        def event(self, event: QEvent) -> bool:
            if event.type() != self.stamp:
                return super().event(event)
            now = time.perf_counter()
            self.frames.append(1000 * (now - self.started))
            self.busy.append(1000 * (time.thread_time() - self.started_busy))
            self.ends.append(now)
            return True

    ready = []
    window.loader.finished.connect(lambda: ready.append(True))
    window.show()
    window.start()
    while not ready:
        wait(0.02)
    mouse = Mouse()
    for number, (name, lesson, settings, shown) in enumerate(CASES):
        if only not in name:
            continue
        window.open_lesson(lesson)
        document = window.page.document
        document.reset()
        for setting, value in settings.items():
            if problem := document.change(setting, value):
                sys.exit(problem)
        wait(0.4)
        mouse.send(QEvent.Type.MouseButtonPress)
        document.change("seed", 100 + number)  # training begins anew
        if shown == "played":
            document.play()
        elif shown == "last":
            document.last()
        mouse.clock.start()
        wait(0.1)
        mouse.forget()
        end = time.perf_counter() + seconds
        courses = document.session.courses
        while time.perf_counter() < end and all(course.attended for course, _ in courses):
            wait(0.05)
        mouse.clock.stop()
        mouse.send(QEvent.Type.MouseButtonRelease)
        gaps = [1000 * (b - a) for a, b in itertools.pairwise(mouse.ends)]
        row = {"case": name, "frames": mouse.frames, "busy": mouse.busy, "gaps": gaps}
        print(json.dumps(row), flush=True)
    window.close()


def percentile(values: list[float], share: float) -> float:
    """The value that ``share`` of the values, from 0 to 1, do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def main() -> None:
    """Print the table; end with status 1 if a frame budget is missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--platform", default="xcb", choices=("xcb", "offscreen", "screen"))
    parser.add_argument("--size", default="1280x800", metavar="WxH")
    parser.add_argument("--seconds", type=float, default=5.0, help="for each case (5)")
    parser.add_argument("--case", default="", metavar="TEXT", help="only those with this text")
    parser.add_argument("--in-window", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    width, height = (int(part) for part in options.size.split("x"))
    if options.in_window:
        measure(options.seconds, (width, height), options.case)
        return
    print(machine())
    screen = virtual_display(width, height) if options.platform == "xcb" else nullcontext("")
    missed = 0
    with screen as display, tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": home}
        if options.platform != "screen":
            environment |= {"QT_QPA_PLATFORM": options.platform, "DISPLAY": display}
        command = [sys.executable, __file__, "--in-window", *sys.argv[1:]]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as done:
            assert done.stdout is not None
            for line in done.stdout:
                row = json.loads(line)
                missed += percentile(row["frames"], 0.95) >= BUDGET
                told = "  ".join(
                    f"{label} p50 {statistics.median(values):.1f} p95 "
                    f"{percentile(values, 0.95):.1f} p99 {percentile(values, 0.99):.1f}"
                    for label, values in (
                        ("frame", row["frames"]), ("CPU", row["busy"]), ("gap", row["gaps"])
                    )
                )  # fmt: skip
                rate = 1000 * len(row["gaps"]) / sum(row["gaps"])
                print(f"{row['case']}: {len(row['frames'])} frames, {rate:.0f} a second; {told}")
        if done.returncode:
            sys.exit(done.returncode)
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
