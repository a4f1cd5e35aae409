"""What lies unseen between a page and something that was laid over it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget


class Veil(QWidget):
    """``pressed`` is a click beside what was laid over the page: it is to be closed."""

    pressed = Signal()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()
        self.pressed.emit()
