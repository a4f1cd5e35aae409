"""What a terminal is shown while something takes its time."""

from __future__ import annotations

import time
from typing import TextIO

PATIENCE = 1.0
"""Seconds before a progress bar appears."""
BAR = 30


class ProgressBar:
    """A line that grows on a terminal, once it has taken long enough to be wondered at."""

    def __init__(self, stream: TextIO | None, noun: str = "frames") -> None:
        self._stream = stream if stream is not None and stream.isatty() else None
        self._noun = noun
        self._started = time.monotonic()
        self._shown = 0

    def __call__(self, done: int, total: int) -> None:
        """Show how much is done."""
        if self._stream is None or time.monotonic() - self._started < PATIENCE:
            return
        filled = BAR * done // total
        line = f"[{'#' * filled}{'.' * (BAR - filled)}] {done:,} of {total:,} {self._noun}"
        self._stream.write("\r" + line.ljust(self._shown))
        self._stream.flush()
        self._shown = len(line)

    def close(self) -> None:
        """Take the line away."""
        if self._stream is not None and self._shown:
            self._stream.write("\r" + " " * self._shown + "\r")
            self._stream.flush()
            self._shown = 0
