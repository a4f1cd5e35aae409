"""A small dark label that says what lies under the pointer."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget

from simulator.gui import fonts, metrics
from simulator.gui.widgets.painting import painting, panel, text, text_width

_HEIGHT = 20
_PADDING = 7
_GAP = 4


class Bubble(QWidget):
    """Floats above a place in its parent, inside the parent's bounds; the mouse goes through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._words = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def words(self) -> str:
        """Return what it says."""
        return self._words

    def tell(self, words: str, place: QPoint) -> None:
        """Say something of ``place``, in the parent's pixels; the bubble ends a gap above it."""
        self._words = words
        self.setAccessibleName(words)
        width = round(text_width(fonts.ui(metrics.CAPTION), words)) + 2 * _PADDING
        parent = self.parentWidget()
        room = parent.width() if parent is not None else width
        left = min(max(place.x() - width // 2, _GAP), room - width - _GAP)
        self.setGeometry(left, max(place.y() - _GAP - _HEIGHT, 0), width, _HEIGHT)
        self.raise_()
        self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        rect = QRectF(self.rect())
        with painting(self) as painter:
            panel(painter, rect, fill="ink1", radius=metrics.RADIUS_HIGHLIGHT)
            text(
                painter,
                rect,
                self._words,
                font=fonts.ui(metrics.CAPTION),
                ink="panel",
                align=Qt.AlignmentFlag.AlignHCenter,
            )
