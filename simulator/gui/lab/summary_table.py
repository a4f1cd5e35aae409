"""The table that ``summary`` prints: layers, the shapes of their outputs, and their parameters; and
below it, always in view, the total with what training takes of memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from simulator.gui import fonts, metrics, theme
from simulator.gui.widgets import focus
from simulator.gui.widgets.painting import painting, panel, text, text_width
from simulator.lab.presenting.pictures import SummaryRow

Key = Qt.Key
_ROW = 22
_LINE = 19
_SHAPE = 136
"""Where the column of shapes begins at least, for the width of the whole page's left column."""
_APART = 12
"""Between two columns."""
_MOVES = {Key.Key_Up: -1, Key.Key_Down: 1}


class SummaryTable(QWidget):
    """Rows that can be chosen; ``chosen(name)`` is the learner's."""

    chosen = Signal(str)

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[SummaryRow, ...] = ()
        self._current = ""
        self.setAccessibleName(self.tr("Summary"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._watch = focus.watch(self, around=None, keys=_MOVES)

    def set_rows(self, rows: Sequence[SummaryRow]) -> None:
        """Show layers."""
        if tuple(rows) == self._rows:
            return
        self._rows = tuple(rows)
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
        return QSize(348, (len(self._rows) + 1) * _ROW)

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
        words = fonts.ui(metrics.NOTE)
        mono = fonts.mono(metrics.CAPTION)
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

    def _choose(self, name: str) -> None:
        if name != self._current:
            self.set_current(name)
            self.chosen.emit(name)

    def _shapes_at(self) -> float:
        """Return where the shapes begin: after the longest kind, if they and the counts have room
        beside it.
        """
        words, mono = fonts.ui(metrics.NOTE), fonts.mono(metrics.CAPTION)
        kinds = max((text_width(words, row.kind) for row in self._rows), default=0.0)
        beside = max(
            (text_width(mono, row.shape) + text_width(mono, row.parameters) for row in self._rows),
            default=0.0,
        )
        most = self.width() - metrics.GUTTER - beside - _APART
        return max(_SHAPE, ceil(min(metrics.GUTTER + kinds + _APART, most)))

    def _paint_row(
        self,
        painter: QPainter,
        index: int,
        cells: tuple[str, str, str],
        faces: tuple[QFont, QFont, QFont],
        ink: str,
        shape_ink: str = "",
    ) -> None:
        corner = QPointF(metrics.GUTTER, index * _ROW)
        right = self.width() - metrics.GUTTER
        shape, count = self._shapes_at(), text_width(faces[2], cells[2]) + 1
        places = (
            QRectF(corner.x(), corner.y(), shape - _APART / 2 - corner.x(), _ROW),
            QRectF(shape, corner.y(), right - shape - count - _APART / 2, _ROW),
            QRectF(right - count, corner.y(), count, _ROW),
        )
        inks = (ink, shape_ink or "ink3" if index else ink, ink)
        for place, words, face, shade in zip(places, cells, faces, inks, strict=True):
            align = (
                Qt.AlignmentFlag.AlignRight if place is places[2] else Qt.AlignmentFlag.AlignLeft
            )
            text(painter, place, words, font=face, ink=shade, align=align)


class SummaryTotal(QWidget):
    """All parameters, and what training takes of memory, a line each."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[tuple[str, str], ...] = ()
        self.setAccessibleName(self.tr("Total"))
        self.setFixedHeight(2 * _LINE + 7)

    def set_total(self, parameters: str, memory: str) -> None:
        """Show other figures."""
        lines = ((self.tr("Total parameters"), parameters), (self.tr("Memory to train"), memory))
        if lines != self._lines:
            self._lines = lines
            self.setAccessibleDescription(", ".join(" ".join(line) for line in lines))
            self.update()

    def lines(self) -> tuple[tuple[str, str], ...]:
        """Return what is on view, line by line."""
        return self._lines

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        strong, heavy = fonts.ui(metrics.NOTE, metrics.SEMIBOLD), metrics.SEMIBOLD
        faces = (
            (strong, fonts.mono(metrics.CAPTION, heavy), "ink1"),
            (fonts.ui(metrics.NOTE), fonts.mono(metrics.CAPTION), "ink2"),
        )
        with painting(self) as painter:
            hair = QRectF(0, 0, self.width(), metrics.HAIRLINE)
            painter.fillRect(hair, theme.colour("hairline"))
            places = zip(self._lines, faces, strict=False)
            for number, ((name, value), (plain, mono, ink)) in enumerate(places):
                line = QRectF(
                    metrics.GUTTER, 5 + number * _LINE, self.width() - 2 * metrics.GUTTER, _LINE
                )
                text(painter, line, name, font=plain, ink=ink)
                right = Qt.AlignmentFlag.AlignRight
                text(painter, line, value, font=mono, ink=ink, align=right)
