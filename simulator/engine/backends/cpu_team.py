"""The threads that help with large operations.

They are our own and not Numba's: entering Numba's parallel regions from two threads at once ends
the process with one of its threading layers. A helper that has had nothing to do for a moment ends,
so none is left behind when training stops.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import ClassVar, final

IDLE_SECONDS = 0.3
"""How long a helper waits for the next call."""


def processors() -> int:
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@final
class Team:
    """Threads that take calls. Those who ask never wait for them."""

    _shared: ClassVar[Team | None] = None

    def __init__(self) -> None:
        self._lock = Lock()
        self._calls: SimpleQueue[tuple[Callable[[int], None], int]] = SimpleQueue()
        self._idle = 0

    @classmethod
    def shared(cls) -> Team:
        """The one team of this process."""
        if cls._shared is None:
            cls._shared = cls()
        return cls._shared

    def ask(self, count: int, call: Callable[[int], None]) -> None:
        """Have `call(1)` to `call(count)` run on as many threads, soon."""
        for number in range(1, count + 1):
            with self._lock:
                if self._idle:
                    self._idle -= 1
                    self._calls.put((call, number))
                    continue
            Thread(
                target=self._work, args=(call, number), name=f"helper-{number}", daemon=True
            ).start()

    def _work(self, call: Callable[[int], None], number: int) -> None:
        while True:
            call(number)
            del call  # it holds arrays
            with self._lock:
                self._idle += 1
            try:
                call, number = self._calls.get(timeout=IDLE_SECONDS)
            except Empty:
                with self._lock:
                    # Whoever puts a call into the queue has taken one off the idle ones.
                    if self._idle:
                        self._idle -= 1
                        return
                call, number = self._calls.get()
