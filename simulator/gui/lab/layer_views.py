"""Views with something of every layer: histograms of its values, or a bar."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from simulator.gui import fonts, metrics, theme
from simulator.gui.lab.titled_view import TitledView
from simulator.gui.widgets.painting import text, text_width
from simulator.lab.presenting.pictures import Histogram, LayerBar

_GAP = 14.0
_LEAST, _WIDEST = 76.0, 240.0
"""Width of a histogram at least and at most; its name and both of its ends need what they need."""
_NUMBERS_APART = 10.0
_WORDS = 36.0
"""Height of a histogram's name and of its ends."""
_BARS_LEAST = 24.0
_LINE, _LINE_LEAST = 22.0, 15.0
"""Height of a layer's bar with its words, and the least of it."""
_NAMES, _NAMES_SHARE = 90.0, 0.45
"""Width of the layers' names at least, and the share of the room that longer ones may take."""


class HistogramsView(TitledView):
    """A small histogram for each layer, side by side, in as many rows as that takes."""

    def __init__(self, title: str, role: str, *, parent: QWidget | None = None) -> None:
        """``role`` is the token of its bars' colour, such as "weights"."""
        super().__init__(title, parent=parent)
        self._role = role
        self._shown: tuple[Histogram, ...] = ()

    def set_histograms(self, histograms: Sequence[Histogram]) -> None:
        """Show other histograms."""
        before, self._shown = self._shown, tuple(histograms)
        if len(before) != len(self._shown):
            self.updateGeometry()
        self.update()

    def minimumSizeHint(self) -> QSize:
        least = super().minimumSizeHint()
        rows = self._columns_and_rows()[1]
        head = self.room().y()
        return QSize(least.width(), max(least.height(), ceil(head + rows * (_WORDS + _BARS_LEAST))))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def _columns_and_rows(self) -> tuple[int, int]:
        shown = max(len(self._shown), 1)
        least = max(_LEAST, *(min(_needed(each), _WIDEST) for each in self._shown), 0.0)
        columns = min(max(int((self.room().width() + _GAP) // (least + _GAP)), 1), shown)
        rows = ceil(shown / columns)
        return ceil(shown / rows), rows

    def histograms(self) -> tuple[Histogram, ...]:
        """Return what is on view."""
        return self._shown

    def place_of(self, index: int) -> QRectF:
        """Return what a histogram takes up, with its words."""
        room = self.room()
        columns, rows = self._columns_and_rows()
        width = min((room.width() - _GAP * (columns - 1)) / columns, _WIDEST)
        height = room.height() / rows
        row, column = divmod(index, columns)
        left, top = room.x() + column * (width + _GAP), room.y() + row * height
        return QRectF(left, top, width, height)

    def paint_content(self, painter: QPainter) -> None:
        mono, words = fonts.mono(metrics.TEXT_LEAST), fonts.ui(metrics.TEXT_LEAST)
        for index, one in enumerate(self._shown):
            place = self.place_of(index)
            left, top, width, height = place.x(), place.y(), place.width(), place.height()
            bars = QRectF(left, top + 18, width, max(height - _WORDS, 4))
            name = QRectF(left, top, width, 16)
            start = Qt.TextElideMode.ElideLeft
            text(painter, name, one.name, font=words, ink="ink2", elided=start)
            line = QRectF(left, bars.bottom(), width, metrics.HAIRLINE)
            painter.fillRect(line, theme.colour("border"))
            most = max(float(one.counts.max()), 1.0) if len(one.counts) else 1.0
            step = width / max(len(one.counts), 1)
            painter.setPen(Qt.PenStyle.NoPen)
            for number, count in enumerate(one.counts):
                tall = bars.height() * float(count) / most
                bar = QRectF(left + number * step, bars.bottom() - tall, step, tall)
                painter.fillRect(bar, theme.colour(self._role))
            foot = QRectF(left, bars.bottom() + 3, width, 14)
            text(painter, foot, one.low, font=mono, ink="ink3")
            right = Qt.AlignmentFlag.AlignRight
            text(painter, foot, one.high, font=mono, ink="ink3", align=right)
            middle = Qt.AlignmentFlag.AlignHCenter
            text(painter, foot, one.caption, font=mono, ink="ink3", align=middle)


def _needed(one: Histogram) -> float:
    """Return how much room the words of a histogram take."""
    mono, words = fonts.mono(metrics.TEXT_LEAST), fonts.ui(metrics.TEXT_LEAST)
    numbers = [each for each in (one.low, one.caption, one.high) if each]
    below = sum(text_width(mono, each) + _NUMBERS_APART for each in numbers) - _NUMBERS_APART
    return max(below, text_width(words, one.name))


class LayerBarsView(TitledView):
    """One bar for each layer: gradient norms, update ratios, dead units."""

    def __init__(
        self, title: str, role: str, *, empty: str = "", parent: QWidget | None = None
    ) -> None:
        """``role`` is the token of its bars' colour, ``empty`` what is said without any bar."""
        super().__init__(title, parent=parent)
        self._role = role
        self._empty = empty
        self._bars: tuple[LayerBar, ...] = ()

    def set_bars(self, bars: Sequence[LayerBar]) -> None:
        """Show other bars."""
        before, self._bars = self._bars, tuple(bars)
        if len(before) != len(self._bars):
            self.updateGeometry()
        self.update()

    def minimumSizeHint(self) -> QSize:
        least = super().minimumSizeHint()
        head = self.room().y()
        count = max(len(self._bars), 1)
        lines = max(count * _LINE_LEAST, min(count * _LINE, least.height()))
        return QSize(least.width(), ceil(head + lines))

    def bars(self) -> tuple[LayerBar, ...]:
        """Return what is on view."""
        return self._bars

    def paint_content(self, painter: QPainter) -> None:
        room = self.room()
        words, mono = fonts.ui(metrics.TEXT_LEAST), fonts.mono(metrics.TEXT_LEAST)
        if not self._bars:
            spot = QRectF(room.x(), room.y(), room.width(), 18)
            text(painter, spot, self._empty, font=fonts.ui(metrics.CAPTION), ink="ink3")
            return
        line = min(room.height() / len(self._bars), _LINE)
        longest = max(text_width(words, bar.name) for bar in self._bars)
        names = 6 + min(max(longest, _NAMES), _NAMES_SHARE * room.width())
        numbers = 64.0
        across = max(room.width() - names - numbers - 8, 10.0)
        for index, bar in enumerate(self._bars):
            top = room.y() + index * line
            spot = QRectF(room.x(), top, names - 6, line)
            start = Qt.TextElideMode.ElideLeft
            text(painter, spot, bar.name, font=words, ink="ink2", elided=start)
            track = QRectF(room.x() + names, top + line / 2 - 3, across, 6)
            painter.fillRect(track, theme.colour("well"))
            filled = QRectF(track.x(), track.y(), across * min(max(bar.share, 0.0), 1.0), 6)
            painter.fillRect(filled, theme.colour("error" if bar.warned else self._role))
            spot = QRectF(track.right() + 8, top, numbers, line)
            ink = "error" if bar.warned else "ink2"
            text(painter, spot, bar.words, font=mono, ink=ink)
