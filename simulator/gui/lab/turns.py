"""What is to be shown, a part at a time, so that the window answers in between."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, QTimer, Signal


class Turns(QObject):
    """Does parts one by one, each painted before the next; ``done`` follows the last of them."""

    done = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._parts: deque[Callable[[], object]] = deque()
        self._next = QTimer(self)
        self._next.timeout.connect(self._do_one)

    @property
    def busy(self) -> bool:
        """Return whether there are parts to be done."""
        return bool(self._parts)

    def take(self, parts: Iterable[Callable[[], object]], *, at_once: bool) -> None:
        """Do these after those that wait, or all of them now."""
        self._parts.extend(parts)
        if at_once:
            while self._parts:
                self._parts.popleft()()
            self._end()
        elif not self._next.isActive():
            self._next.start(0)

    def _do_one(self) -> None:
        if self._parts:
            self._parts.popleft()()
        if not self._parts:
            self._end()

    def _end(self) -> None:
        self._next.stop()
        self.done.emit()
