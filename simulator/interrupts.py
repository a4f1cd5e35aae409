"""What Ctrl+C does to a training without the window, by what is under way."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TextIO

INTERRUPTED = 130
"""The exit status of what Ctrl+C ended; other signals have theirs, 128 and their number."""
ENDING = ("SIGINT", "SIGTERM", "SIGHUP")
"""The signals that ask a program to end: of a key, of another program, of a terminal that goes."""


class Interrupts:
    """Counts what asks for the end. What is under way says what the first one means: what is
    `patient` is brought to its end, and broken off by a second one alone.
    """

    def __init__(self, err: TextIO) -> None:
        self._err = err
        self._words = ""
        self._heard = 0  # since this stage began
        self.status = 0
        """The exit status that is due to the first that came; 0 before."""

    def __bool__(self) -> bool:
        """Whether there was any."""
        return self.status != 0

    @contextmanager
    def patient(self, words: str) -> Iterator[None]:
        """While this is done the first one is told with these words, and a second breaks off."""
        self._words, self._heard = words, 0
        try:
            yield
        finally:
            self._words = ""

    def hear(self, number: int, _: FrameType | None = None) -> None:
        """Take a signal. Raises KeyboardInterrupt where what is under way is to be broken off."""
        self.status = self.status or 128 + number
        self._heard += 1
        if not self._words or self._heard > 1:
            raise KeyboardInterrupt
        with suppress(OSError, RuntimeError):  # it may have come in the midst of a write
            self._err.write(f"{self._words} Ctrl+C once more breaks it off.\n")
            self._err.flush()


@contextmanager
def interrupts(err: TextIO) -> Iterator[Interrupts]:
    """Have all signals that ask for the end heard; those that are ignored stay so."""
    heard = Interrupts(err)
    before: dict[int, Callable[[int, FrameType | None], object] | int | None] = {}
    for name in ENDING:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:
            before[number] = signal.signal(number, heard.hear)
    try:
        yield heard
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


__all__ = ["INTERRUPTED", "Interrupts", "interrupts"]
