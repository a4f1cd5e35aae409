"""The formula of a step: its symbols, the numbers put in, and the result."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from simulator.gui import fonts, icons, metrics, theme
from simulator.gui.formula_images import formula_size, paint_formula
from simulator.gui.formula_svg import LISTED
from simulator.gui.stage.pieces_painter import draw_pieces, pieces_width
from simulator.gui.widgets.painting import MIDDLE_LEFT, MIDDLE_RIGHT, painting, text_width
from simulator.gui.widgets.parts import Part, Parts, Sheet, call
from simulator.traces.formula import Explanation, Listed, Piece, Term, TermState

TERM_ROW = 22.0
WHERE = 20.0
RESULT = 32.0
SCROLL_BAR = 8
MOST_ROWS = 9


class FormulaView(QWidget):
    """Paints an explanation: symbols, where the step stands, terms, result."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(parent)
        self._told: Explanation | None = None
        self._shape: tuple[object, ...] = ()
        self._columns = 1
        self._walk: object = None
        self._room = 0.0
        self._height_before = 0.0
        self._sheet = Sheet()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Formula"))

    def set_explanation(self, told: Explanation, walk: object = None) -> None:
        """Show the arithmetic of a step.

        On the same ``walk``, from step to step, the room stays that of the largest: or all that
        stands below would jump up and down, and would be painted anew each time.
        """
        if walk != self._walk:
            self._walk, self._room = walk, 0.0
        if told == self._told:
            return
        symbols = told.equations or told.symbols
        shape = (symbols, told.columns, len(told.terms), len(told.where))
        if shape != self._shape:
            self._shape, self._columns = shape, max(told.columns, 1)
        # Long numbers need wider columns. Once there are fewer of them it stays so, or the panel
        # below would jump up and down from step to step.
        self._columns = min(self._columns, _columns_that_fit(told))
        self._told = told
        self.setAccessibleDescription(str(told.sentence))
        self._room = max(self._room, self._height())
        height = self._room
        if height != self._height_before:
            self._height_before = height
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(metrics.PANEL - 2 * metrics.GUTTER, round(max(self._room, self._height())))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def _height(self) -> float:
        told = self._told
        if told is None:
            return 60.0
        symbols = 0.0
        if told.equations:
            symbols = sum(_listed_height(each) for each in told.equations) + 6
        elif told.symbols:
            symbols = formula_size(told.symbols).height()
        where = WHERE if told.where else 0.0
        return symbols + where + self._rows() * TERM_ROW + RESULT + 8

    def _rows(self) -> int:
        """Return how many rows of terms are shown, the line that counts the others included."""
        assert self._told is not None
        rows = -(-len(self._told.terms) // self._columns)
        return min(rows, MOST_ROWS) + bool(any(self._told.elided) or rows > MOST_ROWS)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._sheet.clear()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        parts = {} if self._told is None else self._parts(self._told)
        self._sheet.show(parts, self.size(), self.devicePixelRatioF(), theme.colour("panel"))
        with painting(self) as painter:
            self._sheet.paint(painter, event.region())

    def _parts(self, told: Explanation) -> Parts:
        found: dict[str, Part] = {}
        y = 0.0
        if told.equations:
            for number, each in enumerate(told.equations):
                height = _listed_height(each)
                row = QRectF(0, y, self.width(), height)
                found[f"equation {number}"] = call(row, _paint_equation, row=row, each=each)
                y += height
            y += 6
        elif told.symbols:
            extent = formula_size(told.symbols).height()
            row = QRectF(0, y, self.width(), extent)
            found["symbols"] = call(row, _paint_symbols, row=row, latex=told.symbols)
            y += extent
        if told.where:
            row = QRectF(0, y, self.width(), WHERE)
            found["where"] = call(row, _paint_where, row=row, where=told.where)
            y += WHERE
        y += 4
        terms, y = self._term_parts(y, told)
        found |= terms
        row = QRectF(0, y, self.width(), RESULT)
        found["result"] = call(
            row,
            _paint_result,
            row=row,
            caption=str(told.caption),
            result=told.result.text,
            relation=told.relation,
        )
        return found

    def _term_parts(self, y: float, told: Explanation) -> tuple[dict[str, Part], float]:
        """Return the terms from ``y`` on, and where they end."""
        terms = told.terms
        if not terms:
            return {}, y
        columns = self._columns
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
        before = told.elided[0] + first_row * columns
        after = told.elided[1] + len(terms) - len(shown) - first_row * columns
        found = {}
        for at, term in enumerate(shown):
            cell = QRectF((at % columns) * width, y + (at // columns) * TERM_ROW, width, TERM_ROW)
            sign = "" if at == 0 and not before else told.separator
            covered = cell.adjusted(-4, 0, 24, 0)
            found[f"term {at}"] = call(
                covered, _paint_term, cell=cell, term=term, separator=sign, font=font
            )
        if before or after:
            line = QRectF(0, y + (self._rows() - 1) * TERM_ROW, self.width(), TERM_ROW)
            words = self._others(before, after)
            found["others"] = call(line, _paint_others, line=line, words=words)
        return found, y + self._rows() * TERM_ROW

    def _others(self, before: int, after: int) -> str:
        """Return how many terms there are besides those on view."""
        if before + after == 1:
            return self.tr("… 1 term after these") if after else self.tr("… 1 term before these")
        if not after:
            return self.tr("… {0} terms before these").format(f"{before:,}")
        if not before:
            return self.tr("… {0} terms after these").format(f"{after:,}")
        words = self.tr("… terms before these: {0}, after them: {1}")
        return words.format(f"{before:,}", f"{after:,}")


def _paint_equation(painter: QPainter, row: QRectF, each: Listed) -> None:
    """Paint one of the equations below each other: done, current, or yet to come."""
    mark = QRectF(4, row.top(), 14, row.height())
    if each.state is TermState.CURRENT:
        painter.setPen(QPen(theme.colour("writes"), 1.5))
        painter.setBrush(theme.colour("writes_wash"))
        painter.drawRoundedRect(row.adjusted(1, 1, -1, -1), 4, 4)
        icons.paint(painter, "arrow-right", _square(mark, 12), "writes")
    elif each.state is TermState.DONE:
        icons.paint(painter, "check", _square(mark, 12), "ink3")
    painter.setOpacity(0.55 if each.state is TermState.PENDING else 1.0)
    height = formula_size(each.symbols, size=LISTED).height()
    top = row.top() + (row.height() - height) / 2
    paint_formula(painter, 24, top, each.symbols, widest=row.width() - 30, size=LISTED)
    painter.setOpacity(1.0)


def _paint_symbols(painter: QPainter, row: QRectF, latex: str) -> None:
    paint_formula(painter, row.left(), row.top(), latex, widest=row.width())


def _paint_where(painter: QPainter, row: QRectF, where: tuple[Piece, ...]) -> None:
    font = fonts.mono(11)
    gap = 12.0
    if pieces_width(where, font, gap=gap) > row.width():
        where = tuple(replace(piece, text=piece.text.replace(" ", "")) for piece in where)
        free = row.width() - pieces_width(where, font, gap=0)
        gap = max(4.0, min(gap, free / max(1, len(where) - 1)))
    draw_pieces(painter, QPointF(0, row.top() + 14), where, font, gap=gap)


def _paint_others(painter: QPainter, line: QRectF, words: str) -> None:
    painter.setFont(fonts.ui(metrics.CAPTION))
    painter.setPen(theme.colour("ink3"))
    painter.drawText(line, MIDDLE_LEFT, words)


def _paint_result(painter: QPainter, row: QRectF, caption: str, result: str, relation: str) -> None:
    y = row.top()
    painter.setPen(QPen(theme.colour("hairline"), metrics.HAIRLINE))
    painter.drawLine(QPointF(0, y + 2.5), QPointF(row.width(), y + 2.5))
    line = QRectF(0, y + 6, row.width(), RESULT - 8)
    painter.setFont(fonts.ui(metrics.CONTROL))
    painter.setPen(theme.colour("ink2"))
    painter.drawText(line, MIDDLE_LEFT, caption)
    font = fonts.mono(16, metrics.SEMIBOLD)
    painter.setFont(font)
    painter.setPen(theme.colour("writes"))
    painter.drawText(line, MIDDLE_RIGHT, result)
    line.setRight(line.right() - text_width(font, result) - 8)
    painter.setFont(fonts.mono(13))
    painter.setPen(theme.colour("ink3"))
    painter.drawText(line, MIDDLE_RIGHT, relation)


def _paint_term(painter: QPainter, cell: QRectF, term: Term, separator: str, font: QFont) -> None:
    measure = QFontMetricsF(font)
    sign = measure.horizontalAdvance("+") + 5
    baseline = cell.center().y() + measure.capHeight() / 2
    painter.setFont(font)
    painter.setPen(theme.colour("ink3"))
    painter.drawText(QPointF(cell.left(), baseline), separator)
    left = cell.left() + sign
    if term.state is TermState.CURRENT:
        bold = QFont(font)
        bold.setWeight(QFont.Weight.DemiBold)
        width = pieces_width(term.pieces, bold, gap=0)
        box = QRectF(left - 3.5, cell.top() + 1, width + 7, cell.height() - 2)
        painter.setPen(QPen(theme.colour("writes"), 1.5))
        painter.setBrush(theme.colour("writes_wash"))
        painter.drawRoundedRect(box, 4, 4)
        draw_pieces(painter, QPointF(left, baseline), term.pieces, bold, gap=0)
        return
    pending = term.state is TermState.PENDING
    plain = theme.colour("ink3") if pending else None
    draw_pieces(painter, QPointF(left, baseline), term.pieces, font, gap=0, plain=plain)


def _listed_height(listed: Listed) -> float:
    return max(25.0, formula_size(listed.symbols, size=LISTED).height() + 4)


def _square(rect: QRectF, side: float) -> QRectF:
    square = QRectF(0, 0, side, side)
    square.moveCenter(rect.center())
    return square


def _columns_that_fit(told: Explanation) -> int:
    """Return how many terms of this length stand side by side in the panel."""
    if not told.terms:
        return 1
    longest = max(sum(len(piece.text) for piece in term.pieces) for term in told.terms)
    room = metrics.PANEL - 2 * metrics.GUTTER - SCROLL_BAR
    # Of the monospaced font at its least size a sign takes some 6.3 pixels.
    return max(1, int(room / ((longest + 2) * 6.3)))


def _term_font(terms: tuple[Term, ...], columns: int, width: float) -> QFont:
    longest = max(sum(len(piece.text) for piece in term.pieces) for term in terms)
    for size in (12.5, 11.5):
        font = fonts.mono(size)
        if (longest + 2) * QFontMetricsF(font).horizontalAdvance("0") <= width / columns:
            return font
    return fonts.mono(metrics.TEXT_LEAST)
