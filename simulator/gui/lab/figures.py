"""Figures large enough to be read from afar, with what they are and what they compare to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from simulator.gui import fonts, metrics
from simulator.gui.lab import inks
from simulator.gui.widgets.painting import painting, text

_ACROSS = 2
_HIGH = 62
_BETWEEN = 6


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its name above and a remark below."""

    name: str
    value: str
    remark: str = ""


class Figures(QWidget):
    """Figures two by two, in the colour of their branch."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figures: tuple[Figure, ...] = ()
        self._branch = 0
        self.setAccessibleName(self.tr("Figures"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_figures(self, figures: tuple[Figure, ...], branch: int) -> None:
        """Show other figures, of the branch of that colour."""
        if (figures, branch) != (self._figures, self._branch):
            other_height = _rows(figures) != _rows(self._figures)
            self._figures, self._branch = figures, branch
            self.setAccessibleDescription(", ".join(f"{one.name} {one.value}" for one in figures))
            if other_height:
                self.updateGeometry()
            self.update()

    def figures(self) -> tuple[Figure, ...]:
        """Return what is on view."""
        return self._figures

    def sizeHint(self) -> QSize:
        return QSize(204, _HIGH * _rows(self._figures) + _BETWEEN * (_rows(self._figures) - 1))

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        width = self.width() / _ACROSS
        caption, large = fonts.ui(metrics.CAPTION), fonts.mono(20, metrics.MEDIUM)
        with painting(self) as painter:
            for index, figure in enumerate(self._figures):
                left, top = index % _ACROSS * width, index // _ACROSS * (_HIGH + _BETWEEN)
                spot = QRectF(left, top, width - 4, 16)
                text(painter, spot, figure.name, font=caption, ink="ink3")
                painter.setFont(large)
                painter.setPen(inks.branch(self._branch))
                painter.drawText(QRectF(left, top + 16, width, 26), figure.value)
                spot = QRectF(left, top + 44, width - 4, 16)
                text(painter, spot, figure.remark, font=caption, ink="ink3")


def _rows(figures: Sequence[Figure]) -> int:
    return max(-(-len(figures) // _ACROSS), 1)
