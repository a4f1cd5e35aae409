"""How many of a few things are done, as little squares."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from simulator.gui.widgets.painting import painting, panel

MOST_SQUARES = 12
"""With more to count, or less room than they take, they become a bar."""
_SIDE = 9
_PITCH = 13
_BAR = 6
_RADIUS = 2


class Pips(QWidget):
    """The squares before the current one are filled, the current one has its role's colour."""

    def __init__(self, *, role: str = "writes", parent: QWidget | None = None) -> None:
        """``role`` is the token of the current square's colour."""
        super().__init__(parent)
        self._role = role
        self._done = 0
        self._total = 0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_progress(0, 1)

    def set_progress(self, done: int, total: int) -> None:
        """Show the ``done``-th of ``total`` as current; with 0 nothing has begun.

        Raises ``ValueError`` unless ``0 ≤ done ≤ total`` and there is something to count.
        """
        if total < 1 or not 0 <= done <= total:
            raise ValueError(f"{done} of {total} cannot be shown")
        if (done, total) == (self._done, self._total):
            return
        resized = total != self._total
        self._done, self._total = done, total
        self.setAccessibleName(self.tr("{done} of {total}").format(done=done, total=total))
        if resized:
            self.updateGeometry()
        self.update()

    def is_bar(self) -> bool:
        """Return whether there are too many to count one by one, or no room for squares."""
        return self._total > MOST_SQUARES or self.width() < self.sizeHint().width()

    def sizeHint(self) -> QSize:
        shown = min(self._total, MOST_SQUARES)
        return QSize(_PITCH * shown - (_PITCH - _SIDE), _SIDE)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        with painting(self) as painter:
            if self.is_bar():
                bar = QRectF(0, (self.height() - _BAR) / 2, self.width(), _BAR)
                panel(painter, bar, fill="well", radius=_RADIUS)
                if self._done:
                    at = self.width() * self._done / self._total
                    start = max(0.0, min(at, self.width()) - _BAR)
                    before = QRectF(0, bar.y(), start, _BAR)
                    panel(painter, before, fill="ink2", radius=_RADIUS)
                    current = QRectF(start, bar.y(), _BAR, _BAR)
                    panel(painter, current, fill=self._role, radius=_RADIUS)
                return
            top = (self.height() - _SIDE) / 2
            for index in range(self._total):
                square = QRectF(_PITCH * index, top, _SIDE, _SIDE)
                if index + 1 < self._done:
                    panel(painter, square, fill="ink2", radius=_RADIUS)
                elif index + 1 == self._done:
                    panel(painter, square, fill=self._role, radius=_RADIUS)
                else:
                    panel(painter, square, border="border", radius=_RADIUS)
