"""One line at the foot of the lesson list: what the machine is doing."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from simulator.gui import fonts, metrics, theme
from simulator.gui.widgets.painting import icon_at, painting, text
from simulator.gui.widgets.spinner import Spinner

HEIGHT = 37
_LEFT = 13
_TEXT_LEFT = 36


class StatusLine(QWidget):
    """An icon and words; the icon gives way to a spinner while busy."""

    def __init__(self, *, icon: str = "cpu", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self._words = ""
        self._rail = False
        self._spinner = Spinner(parent=self)
        self._spinner.hide()
        self.setAccessibleName(self.tr("Status"))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def status(self) -> tuple[str, bool]:
        """Return the words and whether it is busy."""
        return self._words, self._spinner.busy()

    def set_status(self, words: str, busy: bool) -> None:
        """Show other words, with the spinner if busy."""
        self._words = words
        self.setAccessibleName(self.tr("Status: {0}").format(words))
        self.setToolTip(words)
        self._spinner.set_busy(busy)
        self._spinner.setVisible(busy)
        self.update()

    def set_rail(self, rail: bool) -> None:
        """Show the icon alone, in the middle."""
        self._rail = rail
        self._place()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(metrics.RAIL, HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        with painting(self) as painter:
            line = QRectF(0, 0, self.width(), metrics.HAIRLINE)
            painter.fillRect(line, theme.colour("hairline"))
            if not self._spinner.busy():
                icon_at(painter, self._icon, self._icon_rect(), ink="ink3", side=metrics.ICON_SMALL)
            if not self._rail:
                room = self.width() - _TEXT_LEFT - metrics.GRID
                words = QRectF(_TEXT_LEFT, 1, room, self.height() - 1)
                text(painter, words, self._words, font=fonts.ui(metrics.CAPTION), ink="ink3")

    def _icon_rect(self) -> QRectF:
        left = (self.width() - metrics.ICON) // 2 if self._rail else _LEFT
        top = 1 + (self.height() - 1 - metrics.ICON) // 2
        return QRectF(left, top, metrics.ICON, metrics.ICON)

    def _place(self) -> None:
        self._spinner.setGeometry(self._icon_rect().toRect())
