"""The one thread that trains. Its news reach the window's thread as a signal."""

from __future__ import annotations

import gc
import os
import sys
import threading
from typing import Any

from PySide6.QtCore import QObject, QThread, QTimer, Signal

from simulator.gui import garbage, handing_over
from simulator.gui.lab.training_loop import TrainingLoop

_COLLECT_MS = 1000
_OLD_TOO = 60
"""Of so many collections one goes through old objects as well. What was there when the window came
up is frozen, so that takes some milliseconds; without, garbage that grew old would stay for hours.
"""
_SWITCH_INTERVAL = 0.003
"""Seconds after which a thread gives Python's lock to another that waits for it. Small networks
train with a thousand short compiled calls a second, and each lets the window have the lock: taken
away from it ten times in an update, it was late for its frames.
"""
_NICE = 10
"""More than the rest of the process."""


class TrainingThread(QThread):
    """Runs a loop; ``news`` follows when there is something to take from it.

    While it is at work Python's garbage is collected by the window's thread alone: objects of Qt
    must not be deleted by another.
    """

    news = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.loop: TrainingLoop[Any] = TrainingLoop(self.news.emit)
        self._collector = QTimer(self)
        self._collector.setInterval(_COLLECT_MS)
        self._collector.timeout.connect(self._collect)
        self._collections = 0

    def begin(self) -> None:
        """Start, if it has not."""
        if not self.isRunning():
            self._collector.start()
            self.start(QThread.Priority.LowPriority)

    def end(self) -> None:
        """Stop and wait for it: a thread that runs Python is never killed."""
        self._collector.stop()
        self.loop.close()
        self.wait()

    def _collect(self) -> None:
        self._collections += 1
        old_too = self._collections % _OLD_TOO == 0
        gc.collect(2 if old_too else 1)
        if old_too:
            garbage.give_back()

    def run(self) -> None:
        _give_way()
        with garbage.kept(), handing_over.sooner(_SWITCH_INTERVAL):
            self.loop.run()


def _give_way() -> None:
    """Let the window come before this thread, and before those that it has help it.

    Linux knows no priorities of Qt's threads, but how nice each thread is, which those that it
    starts take over. Where it is alone it loses nothing by that. A process that is nice itself has
    a thread that is more so: to be less, it would need a right that users don't have.
    """
    if sys.platform == "linux":
        this = threading.get_native_id()
        nice = os.getpriority(os.PRIO_PROCESS, this) + _NICE
        os.setpriority(os.PRIO_PROCESS, this, nice)
