"""Typing over a cell."""

from __future__ import annotations

from math import isfinite

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QToolTip, QWidget

from simulator.gui import fonts, metrics, theme
from simulator.lessons.frame import Pointer
from simulator.lessons.lesson import LARGEST_VALUE
from simulator.traces.numbers import MINUS

LEAST_WIDTH = 64


class CellEditor(QLineEdit):
    """A small field over a cell. Enter takes the number, Escape leaves the cell as it was."""

    entered = Signal(object, float)

    def __init__(self, stage: QWidget) -> None:
        """Belong to a stage; hidden until it is opened."""
        super().__init__(stage)
        self._pointer: Pointer | None = None
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setFont(fonts.mono(13))
        self.setAccessibleName(self.tr("Value of the cell"))
        self.hide()

    def open(self, cell: QRectF, pointer: Pointer, text: str, typed: str) -> None:
        """Open over a cell that shows ``text``; ``typed`` replaces it at once."""
        self._pointer = pointer
        self.setStyleSheet(
            f"QLineEdit {{ border: 2px solid {theme.colour('reads').name()};"
            f" border-radius: {metrics.RADIUS_HIGHLIGHT}px; padding: 0 2px;"
            f" background: {theme.colour('card').name()}; color: {theme.colour('ink1').name()}; }}"
        )
        width = max(LEAST_WIDTH, cell.width() + 4)
        box = QRectF(0, 0, width, max(cell.height() + 4, metrics.ROW))
        box.moveCenter(cell.center())
        self.setGeometry(box.toRect())
        self.setText(typed or text.replace(MINUS, "-"))
        self.setModified(bool(typed))
        if not typed:
            self.selectAll()
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def cancel(self) -> None:
        """Close and leave the cell as it was."""
        if self._pointer is not None:
            self._pointer = None
            self._close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.cancel()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._enter()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self._pointer is not None and not self._enter(quiet=True):
            self.cancel()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # keys that play and step belong to the text while it is typed
            return True
        return super().event(event)

    def _enter(self, *, quiet: bool = False) -> bool:
        pointer = self._pointer
        if pointer is None:
            return True
        if not self.isModified():
            self.cancel()  # what is shown may be rounded
            return True
        words = self.text().strip().replace(MINUS, "-").replace(",", ".")
        try:
            value = float(words)
        except ValueError:
            value = float("nan")
        if not isfinite(value) or abs(value) > LARGEST_VALUE:
            if not quiet:
                self._refuse(words)
            return False
        self._pointer = None
        self._close()
        self.entered.emit(pointer, value)
        return True

    def _refuse(self, words: str) -> None:
        reason = self.tr("'{0}' is no number from −1,000,000 to 1,000,000: type one such as 2.5.")
        corner = self.mapToGlobal(self.rect().bottomLeft())
        QToolTip.showText(corner, reason.format(words), self)
        self.selectAll()

    def _close(self) -> None:
        owner: QObject | None = self.parent()
        if self.hasFocus() and isinstance(owner, QWidget):  # else it has gone where it was wanted
            owner.setFocus(Qt.FocusReason.OtherFocusReason)
        self.hide()
