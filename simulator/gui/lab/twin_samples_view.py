"""Held-out samples, and below each what both twins say of it."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from simulator.gui import fonts, metrics, theme
from simulator.gui.lab import inks, sequence_painting
from simulator.gui.lab.mosaic import Mosaic, outline
from simulator.gui.widgets.painting import painting, panel, text, text_width
from simulator.lab.presenting.pictures import SampleWords, SequencePicture
from simulator.lab.presenting.twins import COLOURS, TwinSamples

_LEFT = 26
_SIDE = 54
_PITCH = 72
_PLOT = 124
"""Width of a sequence."""
_WIDEST = 130
"""From one sample to the next at least and at most; between them the words decide."""
_APART = 14
_LINE = 17
_GAP = 10
_BETWEEN = 5
"""From what is said to how sure that is."""
_TOP = 4
"""For the frame around what is in dispute."""


class TwinSamplesView(QWidget):
    """Samples row by row, each with two lines of words, or with two pictures.

    ``fitting_changed(count)`` tells for how many there is room.
    """

    fitting_changed = Signal(int)

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: TwinSamples | None = None
        self._pitch = _PITCH
        self._picture: Mosaic | None = None
        self._answers: tuple[Mosaic, Mosaic] | None = None
        self.setAccessibleName(self.tr("What both say of samples"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_samples(self, shown: TwinSamples | None) -> None:
        """Show other samples, or other answers."""
        fitting, before, self._shown = self.fitting(), self._shown, shown
        if shown is not None:
            same = before is not None and before.pictures.shape[1:] == shown.pictures.shape[1:]
            same = same and bool(before and before.sequences) == bool(shown.sequences)
            least = _PITCH if not shown.sequences else _PLOT + _APART
            needed = max((_needed(each) for each in sum(shown.words, ())), default=0)
            # Words that become shorter bring nothing nearer: that would never come to rest.
            self._pitch = max(min(needed + _APART, _WIDEST), self._pitch if same else least)
        self._picture = None if shown is None else Mosaic(shown.pictures, shown.scale)
        self._answers = None
        if shown is not None and shown.answers is not None:
            one, other = shown.answers
            self._answers = Mosaic(one, shown.scale), Mosaic(other, shown.scale)
        if self.fitting() != fitting:
            self.fitting_changed.emit(self.fitting())
        self.update()

    def samples(self) -> TwinSamples | None:
        """Return what is on view."""
        return self._shown

    def fitting(self) -> int:
        """Return how many samples there is room for."""
        return self._columns() * max(int((self.height() + _GAP - _TOP) // self._row()), 1)

    def line_of(self, number: int, line: int) -> QRectF:
        """Return where a line of words stands below a sample's picture."""
        place = self._place(number)
        top = place.bottom() + 3 + line * _LINE
        return QRectF(place.x(), top, self._pitch - _APART, _LINE)

    def sizeHint(self) -> QSize:
        return QSize(700, 2 * self._row())

    def minimumSizeHint(self) -> QSize:
        return QSize(280, self._row() - _GAP + _TOP)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fitting_changed.emit(self.fitting())

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        shown, picture = self._shown, self._picture
        if shown is None or picture is None:
            return
        with painting(self) as painter:
            for number in range(min(len(shown.indices), self.fitting())):
                place = self._place(number)
                if not number % self._columns():
                    self._paint_letters(painter, place)
                if shown.sequences is not None:
                    self._paint_sequences(painter, place, [s[number] for s in shown.sequences])
                else:
                    self._paint_picture(painter, picture, number, place)
                if self._answers is not None:
                    for index, answers in enumerate(self._answers):
                        below = place.translated(0, (index + 1) * (_SIDE + 4))
                        self._paint_picture(painter, answers, number, below)
                    continue
                said = [words[number] for words in shown.words]
                for index, words in enumerate(said):
                    line = self.line_of(number, index)
                    self._paint_words(painter, line, words)
                truth = self.line_of(number, 2)
                face = fonts.ui(metrics.TEXT_LEAST)
                text(painter, truth, self._truth_of(number), font=face, ink="ink3")
                if shown.disputed[number]:
                    frame = QRectF(
                        *(place.x() - 5, place.y() - 4, self._pitch - 3, self._row() - _GAP + 8)
                    )
                    radius = metrics.RADIUS_CONTROL
                    panel(painter, frame, border="ink2", width=metrics.LINK, radius=radius)

    def _columns(self) -> int:
        return max(int((self.width() - _LEFT + _APART - 5) // self._pitch), 1)

    def _place(self, number: int) -> QRectF:
        row, column = divmod(number, self._columns())
        sequences = self._shown is not None and self._shown.sequences is not None
        wide = _PLOT if sequences else _SIDE
        return QRectF(_LEFT + column * self._pitch, _TOP + row * self._row(), wide, _SIDE)

    def _row(self) -> int:
        if self._answers is not None:
            return 3 * (_SIDE + 4) + _GAP
        return _SIDE + 3 + 3 * _LINE + _GAP

    def _truth_of(self, number: int) -> str:
        """Return what is right, from whichever of the two is not quite there."""
        assert self._shown is not None
        return next((words[number].truth for words in self._shown.words if words[number].truth), "")

    def _paint_letters(self, painter: QPainter, place: QRectF) -> None:
        painter.setFont(fonts.ui(metrics.CAPTION, metrics.SEMIBOLD))
        for index, letter in enumerate("AB"):
            painter.setPen(inks.branch(COLOURS[index]))
            if self._answers is not None:
                y = place.center().y() + (index + 1) * (_SIDE + 4) + 4
            else:
                y = place.bottom() + 3 + index * _LINE + 13
            painter.drawText(QPointF(4, y), letter)

    def _paint_sequences(
        self, painter: QPainter, place: QRectF, both: Sequence[SequencePicture]
    ) -> None:
        """Draw what goes in and what is right, and in each twin's colour what it says."""
        sequence_painting.paint_given(painter, place, both[0])
        for index, one in enumerate(both):
            colour = inks.branch(COLOURS[index])
            sequence_painting.paint_lines(painter, place, one.said, colour)

    def _paint_picture(self, painter: QPainter, mosaic: Mosaic, number: int, place: QRectF) -> None:
        rows, across = mosaic.shape
        painter.drawImage(place, mosaic.image(), QRectF(0, number * rows, across, rows))
        painter.setPen(QPen(theme.colour("border"), metrics.HAIRLINE))
        outline(painter, place)

    def _paint_words(self, painter: QPainter, line: QRectF, words: SampleWords) -> None:
        ink = "error" if words.wrong else "ink1"
        sure = fonts.mono(metrics.TEXT_LEAST)
        room = text_width(sure, words.sure) + _BETWEEN if words.sure else 0
        text(painter, line.adjusted(0, 0, -room, 0), words.said, font=_strong(), ink=ink)
        right = Qt.AlignmentFlag.AlignRight
        text(painter, line, words.sure, font=sure, ink="ink3", align=right)


def _strong() -> QFont:
    return fonts.ui(metrics.BODY, metrics.SEMIBOLD)


def _needed(words: SampleWords) -> int:
    """Return how many pixels the longest line of what is said of a sample takes."""
    plain = fonts.mono(metrics.TEXT_LEAST)
    above = text_width(_strong(), words.said)
    if words.sure:
        above += _BETWEEN + text_width(plain, words.sure)
    below = text_width(fonts.ui(metrics.TEXT_LEAST), words.truth)
    return ceil(max(above, below))
