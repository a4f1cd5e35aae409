"""What the lab's smaller views have in common: a title, a caption, and room below them."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from simulator.gui import fonts, metrics, theme
from simulator.gui.stage.colours import pixels
from simulator.gui.widgets.abstract import AbstractWidget
from simulator.gui.widgets.painting import painting, text, text_width
from simulator.lab.presenting.pictures import Array
from simulator.lessons.frame import Scale

HEAD = 24
"""Height of the title with the space below it."""
_APART = 8
"""Between the title and the caption."""


class TitledView(QWidget, metaclass=AbstractWidget):
    """A title with a caption, and below them whatever a subclass draws in ``room``."""

    def __init__(self, title: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._caption = ""
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_title(self, title: str) -> None:
        """Call what is on view something else."""
        if title != self._title:
            self._title = title
            self.setAccessibleName(title)
            self.update()

    def set_caption(self, caption: str) -> None:
        """Say more about what is on view."""
        if caption != self._caption:
            self._caption = caption
            self.update()

    def room(self) -> QRectF:
        """Return where there is room below the title, if there is one."""
        head = HEAD if self._title else 0
        return QRectF(0, head, self.width(), max(self.height() - head, 1))

    def sizeHint(self) -> QSize:
        return QSize(220, 200)

    def minimumSizeHint(self) -> QSize:
        return QSize(140, 110)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        title = fonts.ui(metrics.TITLE, metrics.SEMIBOLD)
        caption = fonts.ui(metrics.CAPTION)
        with painting(self) as painter:
            head = QRectF(0, 0, self.width(), 18)
            text(painter, head, self._title, font=title, ink="ink1")
            right = Qt.AlignmentFlag.AlignRight
            rest = head.adjusted(text_width(title, self._title) + _APART, 0, 0, 0)
            if rest.width() > 0:
                # Of a weight's long name the end tells most.
                end = Qt.TextElideMode.ElideLeft
                text(
                    painter, rest, self._caption, font=caption, ink="ink3", align=right, elided=end
                )
            self.paint_content(painter)

    @abstractmethod
    def paint_content(self, painter: QPainter) -> None:
        """Draw what is below the title."""


def paint_values(painter: QPainter, place: QRectF, values: Array, scale: Scale) -> None:
    """Draw values (H, W) as one image that fills ``place``."""
    paint_pixels(painter, place, pixels(theme.current(), scale, np.asarray(values)))


def paint_pixels(painter: QPainter, place: QRectF, coloured: npt.NDArray[np.uint32]) -> None:
    """Draw pixels (H, W) as one image that fills ``place``."""
    coloured = np.ascontiguousarray(coloured)
    height, width = coloured.shape
    form = QImage.Format.Format_ARGB32_Premultiplied  # all of them are opaque, or nothing at all
    painter.drawImage(place, QImage(coloured.data, width, height, 4 * width, form))
