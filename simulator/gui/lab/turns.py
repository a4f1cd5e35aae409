"""What is to be shown, a part at a time, so that the window answers in between."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from time import thread_time

from PySide6.QtCore import QObject, QTimer, Signal


class Turns(QObject):
    """Does parts one by one, each painted before the next; ``done`` follows the last of them."""

    done = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._parts: deque[tuple[str, Callable[[], object]]] = deque()
        self._costs: dict[str, float] = {}
        self._doing, self._since = "", 0.0
        self._next = QTimer(self)
        self._next.timeout.connect(self._do_one)

    @property
    def busy(self) -> bool:
        """Return whether there are parts to be done."""
        return bool(self._parts)

    def take(self, parts: Iterable[tuple[str, Callable[[], object]]], *, at_once: bool) -> None:
        """Do these, which have names, after those that wait, or all of them now."""
        self._parts.extend(parts)
        if at_once:
            while self._parts:
                self._parts.popleft()[1]()
            self._end()
        elif not self._next.isActive():
            self._next.start(0)

    def costs(self) -> dict[str, float]:
        """Return what each part took of the processor, its painting included, in seconds; each is
        told once, after it was painted.
        """
        self._note()
        found, self._costs = self._costs, {}
        return found

    def _note(self) -> None:
        """Take it that all since the last part began was for that one."""
        now = thread_time()
        if self._doing:
            self._costs[self._doing] = self._costs.get(self._doing, 0.0) + now - self._since
        self._doing, self._since = "", now

    def _do_one(self) -> None:
        self._note()
        if self._parts:
            self._doing, part = self._parts.popleft()
            part()
        if not self._parts:
            self._end()

    def _end(self) -> None:
        self._next.stop()
        self.done.emit()
