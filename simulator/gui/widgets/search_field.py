"""The field in which something is looked for."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from simulator.gui import fonts, metrics
from simulator.gui.widgets import focus
from simulator.gui.widgets.keys import key_words
from simulator.gui.widgets.painting import (
    CHIP_HEIGHT,
    chip,
    chip_width,
    icon_at,
    painting,
    panel,
    text,
)

Key = Qt.Key
_LEAVING = (Key.Key_Down, Key.Key_Up, Key.Key_Return, Key.Key_Enter)
_ICON_LEFT = 8
_TEXT_LEFT = 30
_CHIP_RIGHT = 8


class SearchField(QLineEdit):
    """A magnifier, the words looked for, and the key that leads here while there are none.

    ``left_by(key)`` is a key that the list below is to answer: Down, Up or Enter. Escape empties
    the field, and an empty one gives the focus back.
    """

    left_by = Signal(int)

    def __init__(self, hint: str, keys: str, *, parent: QWidget | None = None) -> None:
        """``hint`` stands there until something is typed; ``keys`` is the shortcut to show."""
        super().__init__(parent)
        self._hint = hint
        self._keys = key_words(keys)
        self.setAccessibleName(hint)
        self.setProperty("bare", "true")
        self.setFrame(False)
        self.setFont(fonts.ui(metrics.CONTROL))
        self.setTextMargins(_TEXT_LEFT - 2, 0, metrics.GRID, 0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        focus.watch(self, around=self, keys=(*_LEAVING, Key.Key_Escape), is_text=True)

    def sizeHint(self) -> QSize:
        return QSize(metrics.LESSON_LIST - 2 * metrics.GRID, metrics.ROW)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Key(event.key())
        if key in _LEAVING:
            self.left_by.emit(key.value)
        elif key == Key.Key_Escape and self.text():
            self.clear()
        elif key == Key.Key_Escape:
            self.clearFocus()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        rect = QRectF(self.rect())
        with painting(self) as painter:
            panel(painter, rect, fill="panel", border="hairline")
            spot = QRectF(_ICON_LEFT, 0, metrics.ICON, rect.height())
            icon_at(painter, "search", spot, ink="ink3", side=metrics.ICON_SMALL)
            if not self.text():
                font = fonts.ui(metrics.TEXT_LEAST)
                width = chip_width(font, self._keys)
                left = rect.width() - _CHIP_RIGHT - width
                hint = QRectF(_TEXT_LEFT, 0, left - _TEXT_LEFT - metrics.GRID, rect.height())
                words = fonts.ui(metrics.NOTE)
                text(painter, hint, self._hint, font=words, ink="ink3")
                if not self.hasFocus():
                    top = (rect.height() - CHIP_HEIGHT + 1) // 2
                    chip(painter, QRectF(left, top, width, CHIP_HEIGHT), self._keys, font=font)
        super().paintEvent(event)
