"""What lies under the lab's views, and between them."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget

from simulator.gui import metrics, theme
from simulator.gui.widgets.painting import painting


class Ground(QWidget):
    """The stage under all views."""

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.fillRect(event.rect(), theme.colour("stage"))


class Line(QWidget):
    """A hairline between two rows, from edge to edge."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedHeight(11)
        self.setAccessibleName(self.tr("Separator"))

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        with painting(self) as painter:
            line = QRectF(0, 10, self.width(), metrics.HAIRLINE)
            painter.fillRect(line, theme.colour("hairline"))
