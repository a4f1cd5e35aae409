"""The formula of a step: its symbols, the numbers put in, and the result."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from simulator.gui import fonts, metrics, theme
from simulator.gui.formula_images import formula_size, paint_formula
from simulator.gui.stage.pieces_painter import draw_pieces, pieces_width
from simulator.gui.widgets.painting import painting
from simulator.traces.formula import Explanation, Term, TermState

TERM_ROW = 22.0
WHERE = 20.0
RESULT = 34.0
MOST_ROWS = 9


class FormulaView(QWidget):
    """Paints an explanation: symbols, where the step stands, terms, result."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(parent)
        self._told: Explanation | None = None
        self._rows_kept = 0
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Formula"))

    def set_explanation(self, told: Explanation) -> None:
        """Show the arithmetic of a step."""
        before = self._told
        if told == before:
            return
        self._told = told
        self._rows_kept = self._term_rows()
        self.setAccessibleDescription(str(told.sentence))
        if before is None or self._height_of(before) != self._height_of(told):
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(metrics.PANEL - 2 * metrics.GUTTER, round(self._height_of(self._told)))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def _height_of(self, told: Explanation | None) -> float:
        if told is None:
            return 60.0
        symbols = formula_size(told.symbols).height() if told.symbols else 0.0
        where = WHERE if told.where else 0.0
        rows = min(_rows(told), MOST_ROWS)
        return symbols + where + rows * TERM_ROW + RESULT + 10

    def _term_rows(self) -> int:
        return 0 if self._told is None else min(_rows(self._told), MOST_ROWS)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        if self._told is None:
            return
        with painting(self) as painter:
            self._paint(painter, self._told)

    def _paint(self, painter: QPainter, told: Explanation) -> None:
        y = 0.0
        if told.symbols:
            extent = formula_size(told.symbols).height()
            paint_formula(painter, 0, y, told.symbols, widest=self.width())
            y += extent
        if told.where:
            font = fonts.mono(11)
            draw_pieces(painter, QPointF(0, y + 14), told.where, font, gap=12)
            y += WHERE
        y += 4
        y = self._paint_terms(painter, y, told)
        painter.setPen(QPen(theme.colour("hairline"), metrics.HAIRLINE))
        painter.drawLine(QPointF(0, y + 2.5), QPointF(self.width(), y + 2.5))
        line = QRectF(0, y + 6, self.width(), RESULT - 8)
        painter.setFont(fonts.ui(metrics.CONTROL))
        painter.setPen(theme.colour("ink2"))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(line, int(middle | Qt.AlignmentFlag.AlignLeft), str(told.caption))
        painter.setFont(fonts.mono(16, metrics.SEMIBOLD))
        painter.setPen(theme.colour("writes"))
        painter.drawText(line, int(middle | Qt.AlignmentFlag.AlignRight), told.result.text)

    def _paint_terms(self, painter: QPainter, y: float, told: Explanation) -> float:
        terms = told.terms
        if not terms:
            return y
        columns = _columns(told)
        rows = -(-len(terms) // columns)
        first_row = 0
        if rows > MOST_ROWS:
            current = next(
                (at for at, term in enumerate(terms) if term.state is TermState.CURRENT),
                len(terms) - 1,
            )
            first_row = min(max(0, current // columns - MOST_ROWS // 2), rows - MOST_ROWS)
        font = _term_font(terms, columns, self.width())
        width = self.width() / columns
        shown = terms[first_row * columns : (first_row + MOST_ROWS) * columns]
        for at, term in enumerate(shown):
            cell = QRectF(
                (at % columns) * width, y + (at // columns) * TERM_ROW, width, TERM_ROW
            )
            first = at == 0 and first_row == 0 and not told.elided[0]
            self._paint_term(painter, cell, term, "" if first else told.separator, font)
        return y + min(rows, MOST_ROWS) * TERM_ROW

    def _paint_term(
        self, painter: QPainter, cell: QRectF, term: Term, separator: str, font: QFont
    ) -> None:
        measure = QFontMetricsF(font)
        sign = measure.horizontalAdvance("+") + 3
        baseline = cell.center().y() + measure.capHeight() / 2
        painter.setFont(font)
        painter.setPen(theme.colour("ink3"))
        painter.drawText(QPointF(cell.left(), baseline), separator)
        left = cell.left() + sign
        if term.state is TermState.CURRENT:
            bold = QFont(font)
            bold.setWeight(QFont.Weight.DemiBold)
            width = pieces_width(term.pieces, bold, gap=0)
            box = QRectF(left - 4, cell.top() + 1, width + 8, cell.height() - 2)
            painter.setPen(QPen(theme.colour("writes"), 1.5))
            painter.setBrush(theme.colour("writes_wash"))
            painter.drawRoundedRect(box, 4, 4)
            draw_pieces(painter, QPointF(left, baseline), term.pieces, bold, gap=0)
            return
        pending = term.state is TermState.PENDING
        plain = theme.colour("ink3") if pending else None
        draw_pieces(painter, QPointF(left, baseline), term.pieces, font, gap=0, plain=plain)


def _columns(told: Explanation) -> int:
    """Return how many terms stand in a row: as many as a row of the window has, if they fit."""
    longest = max(sum(len(piece.text) for piece in term.pieces) for term in told.terms)
    room = metrics.PANEL - 2 * metrics.GUTTER
    # Of a monospaced font at the least size a sign takes some 6.3 pixels.
    fits = max(1, int(room / ((longest + 2) * 6.3)))
    if told.columns <= fits:
        return max(told.columns, 1)
    return fits


def _rows(told: Explanation) -> int:
    return -(-len(told.terms) // _columns(told)) if told.terms else 0


def _term_font(terms: tuple[Term, ...], columns: int, width: float) -> QFont:
    longest = max(sum(len(piece.text) for piece in term.pieces) for term in terms)
    for size in (12.5, 11.5):
        font = fonts.mono(size)
        if (longest + 2) * QFontMetricsF(font).horizontalAdvance("0") <= width / columns:
            return font
    return fonts.mono(metrics.TEXT_LEAST)
