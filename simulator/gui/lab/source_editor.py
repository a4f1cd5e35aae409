"""The program's source: typed or pasted, with what can't be used underlined where it stands."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QMimeData, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QPaintEvent,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QTextEdit, QToolTip, QWidget

from simulator.gui import fonts, metrics, theme
from simulator.gui.lab.source_highlighter import SourceHighlighter
from simulator.gui.widgets import focus
from simulator.gui.widgets.painting import painting, text
from simulator.lab.presenting.pictures import Mark

_NUMBERS = 30
"""Width of the column of line numbers."""
_INDENT = 4
_PAUSE_MS = 350
"""The source is read when nothing was typed for so long."""


class SourceEditor(QPlainTextEdit):
    """``edited(source)`` follows when the learner has paused; ``set_source`` is silent.

    It keeps no undo of its own: the page's covers the source too.
    """

    edited = Signal(str)
    line_chosen = Signal(int)

    # On the class, because Qt asks for a tooltip or an event before all is made.
    _marks: tuple[Mark, ...] = ()

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._told = ""
        self._lines: tuple[int, int] | None = None
        self.setAccessibleName(self.tr("Keras program"))
        self.setFont(fonts.mono(metrics.CAPTION))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet(
            "QPlainTextEdit { border: none; border-radius: 0; padding: 0; }"
            "QAbstractScrollArea::corner { background: transparent; border: none; }"
        )
        self.setPlaceholderText(self.tr("Paste your course’s Keras program here."))
        self.setUndoRedoEnabled(False)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(0)
        self.setTabStopDistance(_INDENT * QFontMetricsF(self.font()).horizontalAdvance(" "))
        self._highlighter = SourceHighlighter(self.document())
        self._numbers = _Numbers(self)
        self.setViewportMargins(_NUMBERS, 0, 0, 0)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self.settle)
        self.textChanged.connect(self._typed)
        self.cursorPositionChanged.connect(self._cursor_moved)
        self.updateRequest.connect(self._scrolled)
        focus.watch(self, around=None, is_text=True)

    def source(self) -> str:
        """Return the text."""
        return self.toPlainText()

    def set_source(self, source: str) -> None:
        """Show another text; the cursor stays on its line if there is one."""
        self._pause.stop()
        self._told = source
        if source == self.source():
            return
        cursor = self.textCursor()
        line, column = cursor.blockNumber(), cursor.positionInBlock()
        scroll = self.verticalScrollBar().value()
        blocked = self.blockSignals(True)
        self.setPlainText(source)
        block = self.document().findBlockByNumber(line)
        if block.isValid():
            cursor = self.textCursor()
            cursor.setPosition(block.position() + min(column, max(block.length() - 1, 0)))
            self.setTextCursor(cursor)
        self.blockSignals(blocked)
        self.verticalScrollBar().setValue(scroll)
        self._marks, self._lines = (), None
        self._show_marks()

    def settle(self) -> None:
        """Tell at once of what was typed, if anything was."""
        self._pause.stop()
        if self.source() != self._told:
            self._told = self.source()
            self.edited.emit(self._told)

    def set_marks(self, marks: Sequence[Mark]) -> None:
        """Underline these places; what is said of them shows where the pointer rests."""
        self._marks = tuple(marks)
        self._show_marks()

    def marks(self) -> tuple[Mark, ...]:
        """Return what is underlined."""
        return self._marks

    def set_current_lines(self, lines: tuple[int, int] | None) -> None:
        """Light up the lines from the first to the last, counted from 1, or none."""
        if lines != self._lines:
            self._lines = lines
            self._show_marks()

    def show_line(self, line: int) -> None:
        """Scroll to a line and put the cursor there, silently."""
        block = self.document().findBlockByNumber(line - 1)
        if block.isValid():
            blocked = self.blockSignals(True)
            cursor = QTextCursor(block)
            self.setTextCursor(cursor)
            self.blockSignals(blocked)
            self.ensureCursorVisible()

    def sizeHint(self) -> QSize:
        return QSize(348, 330)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 90)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if event.matches(QKeySequence.StandardKey.Undo) or event.matches(
                QKeySequence.StandardKey.Redo
            ):
                self.settle()
                event.ignore()
                return True
        elif event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self.viewport().mapFrom(self, event.pos())
            cursor = self.cursorForPosition(place)
            told = self.told_at(cursor.blockNumber() + 1, cursor.positionInBlock())
            QToolTip.showText(event.globalPos(), told, self)
            return True
        return super().event(event)

    def told_at(self, line: int, column: int) -> str:
        """Return what is said of a place in the source, or an empty string."""
        for mark in self._marks:
            inside = (mark.line, mark.column) <= (line, column) <= (mark.end_line, mark.end_column)
            if inside:
                return mark.told
        return ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            # The next line begins below the present one's first letter.
            cursor = self.textCursor()
            line = cursor.block().text()[: cursor.positionInBlock()]
            indent = line[: len(line) - len(line.lstrip(" "))]
            deeper = " " * _INDENT if line.rstrip().endswith(("(", "[", "{", ":")) else ""
            cursor.insertText("\n" + indent + deeper)
            self.setTextCursor(cursor)
            self.ensureCursorVisible()
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.settle()

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        # Files that are dropped here are the page's to open.
        return not source.hasUrls() and super().canInsertFromMimeData(source)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        inside = self.contentsRect()
        self._numbers.setGeometry(QRect(inside.left(), inside.top(), _NUMBERS, inside.height()))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_highlighter"):
            blocked = self.blockSignals(True)
            self._highlighter.take_theme()
            self.blockSignals(blocked)
            self._show_marks()

    def paint_numbers(self, area: QWidget) -> None:
        """Draw the numbers of the lines on view into their column."""
        font = fonts.mono(metrics.TEXT_LEAST)
        with painting(area) as painter:
            painter.fillRect(area.rect(), theme.colour("panel"))
            block = self.firstVisibleBlock()
            place = self.blockBoundingGeometry(block).translated(self.contentOffset())
            while block.isValid() and place.top() <= area.height():
                line = block.blockNumber() + 1
                lit = self._lines is not None and self._lines[0] <= line <= self._lines[1]
                row = QRectF(0, place.top(), area.width(), place.height())
                if lit:
                    painter.fillRect(row, theme.colour("hover"))
                text(
                    painter,
                    row.adjusted(0, 0, -10, 0),
                    str(line),
                    font=font,
                    ink="ink2" if lit else "ink3",
                    align=Qt.AlignmentFlag.AlignRight,
                )
                block = block.next()
                place = self.blockBoundingGeometry(block).translated(self.contentOffset())

    def _typed(self) -> None:
        self._pause.start()

    def _cursor_moved(self) -> None:
        self.line_chosen.emit(self.textCursor().blockNumber() + 1)

    def _scrolled(self, rect: QRect, by: int) -> None:
        if by:
            self._numbers.scroll(0, by)
        else:
            self._numbers.update(0, rect.y(), self._numbers.width(), rect.height())

    def _show_marks(self) -> None:
        shown: list[QTextEdit.ExtraSelection] = []
        if self._lines is not None:
            for line in range(self._lines[0], self._lines[1] + 1):
                block = self.document().findBlockByNumber(line - 1)
                if block.isValid():
                    lit = QTextEdit.ExtraSelection()
                    lit.cursor = QTextCursor(block)
                    lit.format.setBackground(theme.colour("hover"))
                    lit.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
                    shown.append(lit)
        for mark in self._marks:
            under = QTextEdit.ExtraSelection()
            under.cursor = self._cursor_over(mark)
            form = QTextCharFormat()
            form.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            form.setUnderlineColor(theme.colour("error" if mark.error else "writes"))
            under.format = form
            shown.append(under)
        self.setExtraSelections(shown)
        self._numbers.update()

    def _cursor_over(self, mark: Mark) -> QTextCursor:
        """Return a selection of a mark's place, of a letter at least."""
        document = self.document()
        start, end = (
            document.findBlockByNumber(min(max(line - 1, 0), document.blockCount() - 1))
            for line in (mark.line, mark.end_line)
        )
        first = start.position() + min(mark.column, max(start.length() - 1, 0))
        last = end.position() + min(mark.end_column, max(end.length() - 1, 0))
        if last <= first:  # nothing but a place, as the end of a line
            last = start.position() + start.length() - 1
            first = min(first, max(last - 1, start.position()))
        cursor = QTextCursor(document)
        cursor.setPosition(first)
        cursor.setPosition(last, QTextCursor.MoveMode.KeepAnchor)
        return cursor


class _Numbers(QWidget):
    """The column of line numbers."""

    def __init__(self, editor: SourceEditor) -> None:
        super().__init__(editor)
        self._editor = editor
        self.setAccessibleName(self.tr("Line numbers"))

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        self._editor.paint_numbers(self)
