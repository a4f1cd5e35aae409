"""Text that wraps, with words in role colours; the one label of the interface."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QPaintEvent,
    QResizeEvent,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from simulator.gui import fonts, metrics, theme
from simulator.gui.widgets.painting import painting, text_width

_LEAST_WIDTH = 40


class Part(NamedTuple):
    """A run of words; ``ink`` is a token of the theme, empty for the text's own."""

    words: str
    ink: str = ""
    bold: bool = False
    mono: bool = False


class Text(QWidget):
    """A paragraph, as tall as its width makes it."""

    def __init__(
        self,
        content: str | Sequence[Part] = "",
        *,
        size: float = metrics.CONTROL,
        line: float = metrics.BODY_LINE,
        ink: str = "ink2",
        weight: int = metrics.REGULAR,
        steady: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """A ``steady`` one takes the room that it has, whatever it says: around words that change
        thirty times a second nothing may be laid out anew each time.
        """
        super().__init__(parent)
        self._steady = steady
        self._size = size
        self._line = line
        self._ink = ink
        self._weight = weight
        self._parts: tuple[Part, ...] = ()
        self._layout: QTextLayout | None = None
        self._laid_out_for = -1.0
        self._heights: dict[int, int] = {}  # by width: layouts ask for several in turn
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.set_content(content)

    def text(self) -> str:
        """Return the words without their colours."""
        return "".join(part.words for part in self._parts)

    def set_content(self, content: str | Sequence[Part]) -> None:
        """Show a string, or parts of which each has its colour and weight."""
        parts = (Part(content),) if isinstance(content, str) else tuple(content)
        if parts == self._parts:
            return
        self._parts = parts
        self._layout = None
        self._heights.clear()
        self.setAccessibleName(self.text())
        before = self.minimumHeight()
        self._keep_tall_enough()
        if not self._steady or self.minimumHeight() != before:
            self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        if self._is_line(width):
            return ceil(self._line)
        if width not in self._heights:
            self._heights[width] = ceil(self._laid_out(width).lineCount() * self._line)
        return self._heights[width]

    def sizeHint(self) -> QSize:
        width = ceil(sum(text_width(self._font(part), part.words) for part in self._parts))
        return QSize(width, ceil(self._line))

    def minimumSizeHint(self) -> QSize:
        return QSize(min(_LEAST_WIDTH, self.sizeHint().width()), ceil(self._line))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in {QEvent.Type.PaletteChange, QEvent.Type.StyleChange}:
            self._layout = None  # it carries the colours of the former theme
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._keep_tall_enough()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        with painting(self) as painter:
            painter.setPen(theme.colour(self._ink if self.isEnabled() else "ghost"))
            if self._is_line(self.width()):
                painter.setFont(self._font(self._parts[0]))
                painter.drawText(QPointF(0, self._baseline()), self._parts[0].words)
                return
            self._laid_out(self.width()).draw(painter, QPointF(0, 0))

    def _is_line(self, width: float) -> bool:
        """Return whether it is one plain line, for which there is room: nothing to be laid out."""
        if len(self._parts) != 1:
            return False
        words, ink, bold, mono = self._parts[0]
        plain = self._steady and not (ink or bold or mono) and words.isprintable()
        return plain and text_width(self._font(self._parts[0]), words) <= width

    def _baseline(self) -> float:
        """Return where the first line stands."""
        base = QFontMetricsF(fonts.ui(self._size, self._weight))
        return (self._line - base.height()) / 2 + base.ascent()

    def _keep_tall_enough(self) -> None:
        """Ask for the height of the present width: layouts squeeze what has only a preference."""
        if self.testAttribute(Qt.WidgetAttribute.WA_Resized):
            self.setMinimumHeight(self.heightForWidth(self.width()))

    def _font(self, part: Part) -> QFont:
        weight = metrics.SEMIBOLD if part.bold else self._weight
        return fonts.mono(self._size, weight) if part.mono else fonts.ui(self._size, weight)

    def _laid_out(self, width: float) -> QTextLayout:
        if self._layout is not None and self._laid_out_for == width:
            return self._layout
        # A shape such as 28 × 28 × 1 stays on one line.
        words = self.text().replace(" × ", "\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}")
        layout = QTextLayout(words, fonts.ui(self._size, self._weight))
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        ranges = []
        start = 0
        for part in self._parts:
            run = QTextLayout.FormatRange()
            run.start = start
            run.length = len(part.words.encode("utf-16-le")) // 2
            form = QTextCharFormat()
            form.setFont(self._font(part))
            if part.ink:
                form.setForeground(theme.colour(part.ink))
            run.format = form
            ranges.append(run)
            start += run.length
        layout.setFormats(ranges)
        baseline = self._baseline()
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(width, 1.0))
            # Baselines stand at the distance asked for, whatever fonts are mixed in the line.
            line.setPosition(QPointF(0, baseline - line.ascent()))
            baseline += self._line
        layout.endLayout()
        self._layout = layout
        self._laid_out_for = width
        return layout
