"""A line of text that is taken on Enter or on leaving it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from simulator.gui import fonts, metrics
from simulator.gui.widgets import focus
from simulator.gui.widgets.control import ControlState
from simulator.gui.widgets.painting import painting, panel

Key = Qt.Key
_PADDING = 8
_KEYS = (Key.Key_Return, Key.Key_Enter, Key.Key_Escape)


class TextField(ControlState, QLineEdit):
    """``value_changed(text)`` follows what was typed, once it is another than was shown."""

    value_changed = Signal(str)

    # On the class, because Qt takes the focus from a line that Python's collector has emptied.
    _shown = ""

    def __init__(self, name: str, *, value: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setProperty("bare", "true")
        self.setFrame(False)
        self.setFont(fonts.mono(metrics.CONTROL))
        self.setTextMargins(_PADDING - 2, 0, _PADDING - 2, 0)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        focus.watch(self, around=self, keys=_KEYS, is_text=True)
        self.set_value(value)

    def value(self) -> str:
        """Return the text that was last shown or taken."""
        return self._shown

    def set_value(self, value: str) -> None:
        """Show a text, silently."""
        self._shown = value
        self.setText(value)
        self.setCursorPosition(0)

    def sizeHint(self) -> QSize:
        return QSize(92, metrics.ROW)

    def minimumSizeHint(self) -> QSize:
        return QSize(46, metrics.ROW)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Key(event.key())
        if key in {Key.Key_Return, Key.Key_Enter}:
            self._commit()
        elif key == Key.Key_Escape:
            self.set_value(self._shown)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._commit()

    def paintEvent(self, event: QPaintEvent) -> None:
        rect = QRectF(self.rect())
        with painting(self) as painter:
            panel(painter, rect, fill=self.frame_fill(), border=self.frame_ink())
            if self.isEnabled() and self.has_error():
                panel(painter, rect, border="error", width=metrics.LINK)
        super().paintEvent(event)

    def _commit(self) -> None:
        if self.text() != self._shown:
            self._shown = self.text()
            self.value_changed.emit(self._shown)
