"""The progress bar of `Model.fit`, as Keras draws it, or a line per epoch."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, TextIO

_WIDTH = 20
_REDRAW = 0.05  # seconds
_UNITS = (("s", 1), ("ms", 10**3), ("us", 10**6))


class Progress:
    """Writes what happens in training to a stream."""

    def __init__(
        self,
        epochs: int,
        stream: TextIO,
        *,
        bar: bool,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.epochs = epochs
        self.stream = stream
        self.bar = bar
        self.clock = clock
        self._started = self._drawn = 0.0
        self._length = 0
        self._batches = 0

    def epoch_begin(self, epoch: int, batches: int) -> None:
        """Epoch 3/10."""
        self._started, self._drawn, self._length = self.clock(), 0.0, 0
        self._batches = batches
        if self.epochs > 1:
            self.stream.write(f"Epoch {epoch + 1}/{self.epochs}\n")

    def batch_end(self, batch: int, logs: Mapping[str, Any]) -> None:
        """Redraw the bar, twenty times a second at most."""
        now = self.clock()
        if self.bar and now - self._drawn >= _REDRAW:
            self._drawn = now
            self._draw(batch + 1, logs)

    def epoch_end(self, logs: Mapping[str, Any]) -> None:
        """The whole bar and the epoch's means."""
        self._draw(self._batches, logs)
        self.stream.write("\n")
        self.stream.flush()

    def note(self, message: str) -> None:
        """A line by itself."""
        self.stream.write(f"\n{message}\n")
        self.stream.flush()

    def _draw(self, done: int, logs: Mapping[str, Any]) -> None:
        elapsed = self.clock() - self._started
        filled = _WIDTH * done // max(self._batches, 1)
        step = elapsed / max(done, 1)
        unit, factor = next(each for each in _UNITS if step * each[1] >= 1 or each is _UNITS[-1])
        shown = f"{factor * step:.0f}{unit}"
        bar = f" {'━' * filled}{'╺' * (_WIDTH - filled)}" if self.bar else " -"
        between = " " if self.bar else " - "
        text = f"{done}/{self._batches}{bar} {elapsed:.0f}s{between}{shown}/step" + "".join(
            f" - {name}: {value:.4f}" if abs(value) > 1e-3 or value == 0 else
            f" - {name}: {value:.4e}"
            for name, value in sorted(logs.items())
            if isinstance(value, float)
        )  # fmt: skip
        if self.bar:
            self.stream.write("\r" + text.ljust(self._length))
            self.stream.flush()
        else:
            self.stream.write(text)
        self._length = len(text)
