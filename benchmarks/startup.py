"""How long the app takes to start: `python benchmarks/startup.py`.

Starts `python -m simulator run` a few times, each in a new process and with settings of its own,
and takes the time from the start of the process to

- the first paint of the window,
- the lesson being painted,
- the fast kernels being ready,

and meanwhile the longest gap in which the window's thread did not get round to its events, with the
processor time that this thread spent in one: on a machine that is busy with other things, a gap is
mostly waiting for the processor. A program that has never run before takes longer, as its files are
not in memory and its kernels not compiled: `--cold` compiles them anew each time.
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
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from display import virtual_display
from machine import machine

ROOT = Path(__file__).resolve().parents[1]
FIRST_PAINT, LONGEST_GAP = 300, 100
"""Milliseconds: what the median start must stay below."""
BEAT = 2
MEASURES = ("imported", "made", "painted", "lesson", "backend", "gap", "busy")


def observe(started: float) -> None:
    """Run the app as the command line does, and print what happens when as a line of JSON.

    ``started`` is the time, by the system's own clock, at which this process was asked for.
    """
    times: dict[str, float] = {}

    def note(name: str) -> None:
        times.setdefault(name, 1000 * (time.monotonic() - started))

    from simulator import cli
    from simulator.gui import app

    note("imported")
    from PySide6.QtCore import QEvent, QObject, Qt, QTimer

    class Watch(QObject):
        """Notes the first paint of a widget under a name."""

        def __init__(self, parent: QObject, name: str) -> None:
            super().__init__(parent)
            self.name = name
            parent.installEventFilter(self)

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                watched.removeEventFilter(self)
                # Asked for now, it comes once everything is painted and on its way to the screen.
                QTimer.singleShot(0, lambda: note(self.name))
            return False

    class Window(app.MainWindow):
        """The app's window, whose events are noted."""

        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            note("made")
            Watch(self, "painted")
            self.lesson_opened.connect(lambda: Watch(self.page.stage, "lesson"))
            self.loader.backend_ready.connect(self.finish)
            self.loader.failed.connect(sys.exit)
            self.last_beat, self.last_busy = time.monotonic(), time.thread_time()
            self.gaps: list[tuple[float, float, float]] = []
            self.pulse = QTimer(self)
            self.pulse.setTimerType(Qt.TimerType.PreciseTimer)
            self.pulse.timeout.connect(self.beat)

        def start(self) -> None:
            self.beat()
            self.pulse.start(BEAT)
            super().start()

        def beat(self) -> None:
            now, busy = time.monotonic(), time.thread_time()
            if "painted" in times:
                waited = 1000 * (now - self.last_beat) - BEAT
                self.gaps.append((waited, 1000 * (now - started), 1000 * (busy - self.last_busy)))
            self.last_beat, self.last_busy = now, busy

        def finish(self) -> None:
            note("backend")
            QTimer.singleShot(300, self.tell)

        def tell(self) -> None:
            gap, at, _ = max(self.gaps)
            busy = max(busy for _, _, busy in self.gaps)
            print(json.dumps(times | {"gap": gap, "gap_at": at, "busy": busy}), flush=True)
            self.close()

    app.MainWindow = Window
    sys.exit(cli.main(["run"]))


def start_once(environment: dict[str, str]) -> dict[str, float]:
    """Start the app in a new process; return what it told."""
    command = [sys.executable, __file__, "--observe", repr(time.monotonic())]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout))


def main() -> None:
    """Print the table; end with status 1 if the median start is too slow."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--platform",
        default="xcb",
        choices=("xcb", "offscreen", "screen"),
        help="xcb paints on an Xvfb of its own, screen on the one there is (xcb)",
    )
    parser.add_argument("--starts", type=int, default=10, help="after one that is not counted (10)")
    parser.add_argument("--cold", action="store_true", help="compile the kernels at each start")
    parser.add_argument("--observe", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.observe is not None:
        observe(options.observe)
    screen = virtual_display(1280, 800) if options.platform == "xcb" else nullcontext("")
    rows = []
    print(machine())
    print(f"{options.platform}, milliseconds since the start of the process")
    print("  ".join(f"{name:>8}" for name in (*MEASURES, "gap at")))
    with screen as display, tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": f"{home}/config"}
        if options.platform != "screen":
            environment |= {"QT_QPA_PLATFORM": options.platform, "DISPLAY": display}
        for number in range(options.starts + 1):
            if options.cold:
                environment["XDG_CACHE_HOME"] = f"{home}/cache-{number}"
            row = start_once(environment)
            if number:
                rows.append(row)
                shown = (*(row[name] for name in MEASURES), row["gap_at"])
                print("  ".join(f"{value:8.0f}" for value in shown), flush=True)
    medians = {name: statistics.median(row[name] for row in rows) for name in MEASURES}
    print("  ".join(f"{medians[name]:8.0f}" for name in MEASURES), "  median")
    too_slow = medians["painted"] >= FIRST_PAINT or medians["gap"] >= LONGEST_GAP
    print(
        f"asked for: painted below {FIRST_PAINT}, gap below {LONGEST_GAP}:",
        "missed" if too_slow else "met",
    )
    sys.exit(too_slow)


if __name__ == "__main__":
    main()
