"""Which step is on view, in numbers and as progress within a greater one."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from simulator.gui import fonts, metrics
from simulator.gui.widgets.painting import painting, text, text_width
from simulator.gui.widgets.pips import Pips

_LINE = 21
_CAPTION_GAP = 9
_SHORT_PIPS = 44
FULL, SHORT, TIGHT, NUMBERS = range(4)
"""How much is told: everything; the caption as figures; pips as a short bar; numbers alone."""


class Position(QWidget):
    """``Step 14,568 of 34,596``, and below it pips with a caption.

    Its width depends on the greatest number it may have to show and not on the present one, so
    that nothing moves while a lesson plays.
    """

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._length = 1
        self._step = 0
        self._done = 0
        self._total = 1
        self._caption = ""
        self._detail = FULL
        self._pips = Pips(parent=self)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._tell()

    def set_length(self, length: int) -> None:
        """Change the number of steps."""
        if length != self._length:
            self._length = length
            self._step = min(self._step, length - 1)
            self.updateGeometry()
            self._tell()

    def set_step(self, step: int) -> None:
        """Show a step, counted from 0 and shown counted from 1."""
        if step != self._step:
            self._step = step
            self._tell()

    def set_pips(self, done: int, total: int, caption: str) -> None:
        """Show progress within a greater step, in words too."""
        if (done, total, caption) == (self._done, self._total, self._caption):
            return
        resized = total != self._total or len(caption) != len(self._caption)
        self._done, self._total, self._caption = done, total, caption
        self._pips.set_progress(done, total)
        if resized:
            self._place()
            self.updateGeometry()
        self._tell()

    def set_detail(self, detail: int) -> None:
        """Tell more or less: ``FULL``, ``SHORT``, ``TIGHT`` or ``NUMBERS``."""
        if detail != self._detail:
            self._detail = detail
            self._pips.setVisible(detail != NUMBERS)
            self._place()
            self.updateGeometry()
            self._tell()

    def width_at(self, detail: int) -> int:
        """Return how much room a detail takes."""
        number = fonts.mono(metrics.NOTE, metrics.MEDIUM)
        most = text_width(number, f"{self._length:,}")
        plain = fonts.ui(metrics.NOTE)
        if detail == NUMBERS:
            return round(most + text_width(plain, self.tr("of") + " ")) + 2
        step, of = self._words(detail)
        words = text_width(plain, step) + text_width(plain, of)
        line = words + 2 * most + (3 if step else 2) * self._space()
        caption = text_width(fonts.ui(metrics.CAPTION), self._shown_caption(detail))
        below = self._pips_width(detail) + _CAPTION_GAP + caption
        return round(max(line, below)) + 2

    def sizeHint(self) -> QSize:
        return QSize(self.width_at(self._detail), 2 * _LINE)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        top = QRectF(0, 0, self.width(), _LINE)
        below = QRectF(0, _LINE, self.width(), _LINE)
        plain = fonts.ui(metrics.NOTE)
        step, of = self._words(self._detail)
        now = (f"{self._step + 1:,}", fonts.mono(metrics.NOTE, metrics.MEDIUM), "ink1")
        whole = (f"{self._length:,}", fonts.mono(metrics.NOTE), "ink2")
        with painting(self) as painter:
            if self._detail == NUMBERS:
                lines = [(top, [now]), (below, [(self.tr("of"), plain, "ink2"), whole])]
            else:
                first = [(step, plain, "ink2")] if step else []
                lines = [(top, [*first, now, (of, plain, "ink2"), whole])]
                caption = below.adjusted(self._pips_width(self._detail) + _CAPTION_GAP, 0, 0, 0)
                words = self._shown_caption(self._detail)
                text(painter, caption, words, font=fonts.ui(metrics.CAPTION), ink="ink3")
            for rect, runs in lines:
                for words, font, ink in runs:
                    text(painter, rect, words, font=font, ink=ink)
                    rect.setLeft(rect.left() + text_width(font, words) + self._space())

    def _words(self, detail: int) -> tuple[str, str]:
        return (self.tr("Step"), self.tr("of")) if detail == FULL else ("", self.tr("of"))

    def _shown_caption(self, detail: int) -> str:
        if not self._caption:
            return ""
        return self._caption if detail == FULL else f"{self._done:,}/{self._total:,}"

    def _pips_width(self, detail: int) -> int:
        whole = self._pips.sizeHint().width()
        return min(whole, _SHORT_PIPS) if detail == TIGHT else whole

    @staticmethod
    def _space() -> float:
        return text_width(fonts.ui(metrics.NOTE), " ")

    def _place(self) -> None:
        height = self._pips.sizeHint().height()
        top = _LINE + (_LINE - height) // 2
        self._pips.setGeometry(0, top, self._pips_width(self._detail), height)

    def _tell(self) -> None:
        words = self.tr("Step {step:,} of {length:,}").format(
            step=self._step + 1, length=self._length
        )
        told = f"{words}, {self._caption}" if self._caption else words
        self.setAccessibleName(told)
        self.setToolTip("" if self._detail == FULL else told)
        self.update()
