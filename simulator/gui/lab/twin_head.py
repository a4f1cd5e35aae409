"""Which of two twins it is, its value, and how well it does: large enough for the last row."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from simulator.gui import fonts, metrics, theme
from simulator.gui.lab import inks
from simulator.gui.lab.figures import Figure
from simulator.gui.widgets.painting import painting, text

_HEIGHT = 66
_FIGURES = 150


class TwinHead(QWidget):
    """A dot in the twin's colour, its letter and value, and two figures at the right."""

    def __init__(self, letter: str, colour: int, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._letter = letter
        self._colour = colour
        self._name = ""
        self._value = ""
        self._end = ""
        self._figures: tuple[Figure, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(letter)

    def set_twin(self, name: str, value: str, figures: tuple[Figure, ...], end: str) -> None:
        """Show the knob's name, this twin's value, its figures, and why it stands still if so."""
        self._name, self._value, self._figures, self._end = name, value, figures, end
        self.setAccessibleDescription(
            ", ".join((f"{name} {value}", *(f"{one.name} {one.value}" for one in figures), end))
        )
        self.update()

    def figures(self) -> tuple[Figure, ...]:
        """Return the figures on view."""
        return self._figures

    def value(self) -> str:
        """Return the value on view."""
        return self._value

    def end(self) -> str:
        """Return why it stands still, or an empty string."""
        return self._end

    def sizeHint(self) -> QSize:
        return QSize(380, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        caption, large = fonts.ui(metrics.CAPTION), fonts.mono(20, metrics.MEDIUM)
        strong = fonts.ui(18, metrics.SEMIBOLD)
        colour = inks.branch(self._colour)
        column = min(_FIGURES, self.width() / 3.4)
        room = self.width() - column * len(self._figures[:2])
        with painting(self) as painter:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(QPointF(12, 29), 12, 12)
            letter = QRectF(0, 17, 24, 24)
            middle = Qt.AlignmentFlag.AlignHCenter
            bold = fonts.ui(metrics.BODY, metrics.SEMIBOLD)
            text(painter, letter, self._letter, font=bold, ink="stage", align=middle)
            left = 34.0
            spot = QRectF(left, 0, room - left - 8, 16)
            text(painter, spot, self._name, font=caption, ink="ink3")
            spot = QRectF(left, 16, room - left - 8, 26)
            text(painter, spot, self._value, font=strong, ink="ink1")
            # Below a figure that has nothing to remark there is room for it, too.
            free = room + column if self._figures and not self._figures[0].remark else room
            spot = QRectF(left, 44, free - left - 8, 16)
            ink = "error" if "diverged" in self._end else "ink3"
            text(painter, spot, self._end, font=caption, ink=ink)
            for index, figure in enumerate(self._figures[:2]):
                x = room + index * column
                text(painter, QRectF(x, 0, column - 4, 16), figure.name, font=caption, ink="ink3")
                painter.setFont(large)
                painter.setPen(colour)
                painter.drawText(QPointF(x, 37), figure.value)
                spot = QRectF(x, 44, column - 4, 16)
                text(painter, spot, figure.remark, font=caption, ink="ink3")
            line = QRectF(0, self.height() - 1, self.width(), metrics.HAIRLINE)
            painter.fillRect(line, theme.colour("hairline"))
