"""The table that ``summary`` prints: layers, the shapes of their outputs, and their parameters."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from simulator.gui import fonts, metrics, theme
from simulator.gui.widgets import focus
from simulator.gui.widgets.painting import painting, panel, text
from simulator.lab.presenting.pictures import SummaryRow

Key = Qt.Key
_ROW = 22
_SHAPE = 136
"""Where the column of shapes begins, for the width of the whole page's left column."""
_MOVES = {Key.Key_Up: -1, Key.Key_Down: 1}


class SummaryTable(QWidget):
    """Rows that can be chosen, and the total below them; ``chosen(name)`` is the learner's."""

    chosen = Signal(str)

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[SummaryRow, ...] = ()
        self._total: tuple[str, str, str] = ("", "", "")
        self._current = ""
        self.setAccessibleName(self.tr("Summary"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._watch = focus.watch(self, around=None, keys=_MOVES)

    def set_rows(self, rows: Sequence[SummaryRow], parameters: str, memory: str) -> None:
        """Show layers, with the total of their parameters and what they take of memory."""
        total = (self.tr("Total"), memory, parameters)
        if (tuple(rows), total) == (self._rows, self._total):
            return
        self._rows, self._total = tuple(rows), total
        self.updateGeometry()
        self.update()

    def rows(self) -> tuple[SummaryRow, ...]:
        """Return the layers on view."""
        return self._rows

    def set_current(self, name: str) -> None:
        """Mark a layer, silently; an empty string marks none."""
        if name != self._current:
            self._current = name
            self.update()

    def current(self) -> str:
        """Return the name of the layer that is marked."""
        return self._current

    def sizeHint(self) -> QSize:
        return QSize(348, (len(self._rows) + 2) * _ROW + 6)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.sizeHint().height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = int(event.position().y() // _ROW) - 1
        if event.button() == Qt.MouseButton.LeftButton and 0 <= row < len(self._rows):
            self._choose(self._rows[row].name)
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Key(event.key())
        names = [row.name for row in self._rows]
        if key not in _MOVES or not names:
            event.ignore()
            return
        at = names.index(self._current) + _MOVES[key] if self._current in names else 0
        self._choose(names[min(max(at, 0), len(names) - 1)])

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        caption = fonts.ui(metrics.CAPTION)
        words, strong = fonts.ui(metrics.NOTE), fonts.ui(metrics.NOTE, metrics.SEMIBOLD)
        mono, heavy = fonts.mono(metrics.CAPTION), fonts.mono(metrics.CAPTION, metrics.SEMIBOLD)
        head = (self.tr("Layer"), self.tr("Output shape"), self.tr("Parameters"))
        with painting(self) as painter:
            self._paint_row(painter, 0, head, (caption, caption, caption), "ink3")
            for index, row in enumerate(self._rows, start=1):
                if row.name == self._current:
                    band = QRectF(0, index * _ROW, self.width(), _ROW)
                    painter.fillRect(band, theme.colour("hover"))
                    if self._watch.visible:
                        panel(painter, band, border="reads", width=metrics.FOCUS_RING, radius=0)
                cells = (row.kind, row.shape, row.parameters)
                self._paint_row(painter, index, cells, (words, mono, mono), "ink1", "ink2")
            line = (len(self._rows) + 1) * _ROW
            painter.fillRect(
                QRectF(0, line, self.width(), metrics.HAIRLINE), theme.colour("hairline")
            )
            fonts_of_total = (strong, caption, heavy)
            self._paint_row(painter, len(self._rows) + 1, self._total, fonts_of_total, "ink1")

    def _choose(self, name: str) -> None:
        if name != self._current:
            self.set_current(name)
            self.chosen.emit(name)

    def _paint_row(
        self,
        painter: QPainter,
        index: int,
        cells: tuple[str, str, str],
        faces: tuple[QFont, QFont, QFont],
        ink: str,
        shape_ink: str = "",
    ) -> None:
        corner = QPointF(metrics.GUTTER, index * _ROW + (3 if index > len(self._rows) else 0))
        right = self.width() - metrics.GUTTER
        places = (
            QRectF(corner.x(), corner.y(), _SHAPE - 24, _ROW),
            QRectF(_SHAPE, corner.y(), right - _SHAPE - 70, _ROW),
            QRectF(right - 90, corner.y(), 90, _ROW),
        )
        inks = (ink, shape_ink or "ink3" if index else ink, ink)
        for place, words, face, shade in zip(places, cells, faces, inks, strict=True):
            align = (
                Qt.AlignmentFlag.AlignRight if place is places[2] else Qt.AlignmentFlag.AlignLeft
            )
            text(painter, place, words, font=face, ink=shade, align=align)
