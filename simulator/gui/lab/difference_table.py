"""A table of what differs between two runs: one row a thing, a column for each of them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from simulator.gui import fonts, metrics, theme
from simulator.gui.lab import inks
from simulator.gui.widgets.painting import painting, text
from simulator.lab.presenting.pictures import ComparedRow

_ROW = 22
_VALUES = 0.5
"""The part of the width that the two columns of values take."""
_DOT = 3.0


class DifferenceTable(QWidget):
    """Names at the left, values of A and B beside; a dot marks the one that does better."""

    def __init__(
        self, title: str, colours: tuple[int, int], *, parent: QWidget | None = None
    ) -> None:
        """``colours`` are the numbers of the branches' colours that A and B have."""
        super().__init__(parent)
        self._title = title
        self._colours = colours
        self._rows: tuple[ComparedRow, ...] = ()
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_rows(self, rows: Sequence[ComparedRow]) -> None:
        """Show other rows."""
        if tuple(rows) != self._rows:
            self._rows = tuple(rows)
            self.setAccessibleDescription(
                "; ".join(f"{row.name}: {row.first}, {row.second}" for row in self._rows)
            )
            self.updateGeometry()
            self.update()

    def rows(self) -> tuple[ComparedRow, ...]:
        """Return the rows on view."""
        return self._rows

    def sizeHint(self) -> QSize:
        return QSize(264, (len(self._rows) + 1) * _ROW + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(180, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        words, mono = fonts.ui(metrics.NOTE), fonts.mono(metrics.CAPTION)
        heavy = fonts.mono(metrics.CAPTION, metrics.SEMIBOLD)
        title = fonts.ui(metrics.CAPTION)
        right = Qt.AlignmentFlag.AlignRight
        column = self.width() * _VALUES / 2
        names = self.width() - 2 * column
        with painting(self) as painter:
            text(painter, QRectF(0, 0, names, _ROW), self._title, font=title, ink="ink3")
            for index, letter in enumerate("AB"):
                spot = QRectF(names + index * column, 0, column - 10, _ROW)
                painter.setFont(fonts.ui(metrics.CAPTION, metrics.SEMIBOLD))
                painter.setPen(inks.branch(self._colours[index]))
                painter.drawText(spot, right | Qt.AlignmentFlag.AlignVCenter, letter)
            for number, row in enumerate(self._rows, start=1):
                top = number * _ROW
                line = QRectF(0, top, self.width(), metrics.HAIRLINE)
                painter.fillRect(line, theme.colour("hairline"))
                spot = QRectF(0, top, names - 4, _ROW)
                text(painter, spot, row.name, font=words, ink="ink2")
                whole = not row.second
                for index, value in enumerate((row.first, row.second)):
                    left = names + index * column
                    wide = 2 * column if whole else column
                    spot = QRectF(left, top, wide - 10, _ROW)
                    better = row.better == index
                    face = heavy if better else mono
                    text(painter, spot, value, font=face, ink="ink1", align=right)
                    if better:
                        painter.setPen(Qt.PenStyle.NoPen)
                        painter.setBrush(inks.branch(self._colours[index]))
                        painter.drawEllipse(QPointF(left + column - 3, top + _ROW / 2), _DOT, _DOT)
                    if whole:
                        break
