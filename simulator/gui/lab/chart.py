"""A chart that follows a training: pyqtgraph draws the lines, with ranges that are set by hand."""

from __future__ import annotations

from itertools import pairwise

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from simulator.gui import fonts, metrics, theme
from simulator.gui.lab import inks
from simulator.gui.widgets.painting import painting, text, text_width
from simulator.lab.presenting.pictures import ChartPicture, Curve

_HEAD = 28
_LEGEND = 18
_FOOT = 22
_LEFT = 28
_ENDS = 48
"""Width of the column for what is written at the ends of the curves."""
_END_LINE = 16
_DOT = 3.0
_DASH = 18
_NAME = 150
"""Pixels of a name in the legend at most."""
_CAPTION_GAP = 10
_MOST_POINTS = 2000


class Chart(QWidget):
    """Title, axes, curves, and at each curve's end its last value."""

    # On the class, because a change of theme may come before the plot is made.
    _plot: pg.PlotWidget | None = None

    def __init__(self, picture: ChartPicture, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = picture
        self._lines: list[pg.PlotCurveItem] = []
        self._plot = plot = pg.PlotWidget(self, background=None)
        plot.setFrameShape(plot.Shape.NoFrame)
        plot.setStyleSheet("background: transparent")  # the grid lies under it
        plot.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        plot.setAccessibleName(picture.title)
        plot.hideAxis("left")
        plot.hideAxis("bottom")
        plot.hideButtons()
        plot.setMenuEnabled(False)
        box = plot.getViewBox()
        box.setMouseEnabled(x=False, y=False)
        box.setDefaultPadding(0)
        box.disableAutoRange()
        plot.getPlotItem().layout.setContentsMargins(0, 0, 0, 0)
        self._ground = _Ground(self)
        self._ground.lower()
        self._ends = _Ends(self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.set_picture(picture)

    def picture(self) -> ChartPicture:
        """Return what is on view."""
        return self._picture

    def set_picture(self, picture: ChartPicture) -> None:
        """Show other curves, or the same ones grown longer."""
        self._picture = picture
        self.setAccessibleName(picture.title)
        plot = self._plot
        assert plot is not None
        while len(self._lines) > len(picture.curves):
            plot.removeItem(self._lines.pop())
        while len(self._lines) < len(picture.curves):
            line = pg.PlotCurveItem()
            # A wide path that goes to and fro is outlined as one: that takes fifty times as long.
            line.setSegmentedLineMode("on")
            plot.addItem(line)
            self._lines.append(line)
        for line, curve in zip(self._lines, picture.curves, strict=True):
            line.setData(curve.xs, curve.ys, connect="finite", antialias=True)
            line.setPen(_pen(curve))
            line.setZValue(0 if curve.faint else 1)
        plot.getViewBox().setRange(
            xRange=picture.x_range, yRange=picture.y_range, padding=0, disableAutoRange=True
        )
        plot.setGeometry(self.area().toAlignedRect())  # a legend takes its room of it
        self._ground.update()
        self._ends.update()

    def area(self) -> QRectF:
        """Return where in the widget the curves are drawn."""
        left, head = self.left(), self._head()
        width, height = self.width() - left - _ENDS, self.height() - head - _FOOT
        return QRectF(left, head, max(width, 1), max(height, 1))

    def left(self) -> float:
        """Return how much room the numbers of the upright axis take."""
        font = fonts.mono(metrics.TEXT_LEAST)
        widest = max((text_width(font, each) for each in self._picture.y_ticks.values()), default=0)
        return max(float(_LEFT), round(widest) + 8.0)

    def legend(self) -> tuple[tuple[str, int], ...]:
        """Return the names and colours of the branches, where there is more than one."""
        named = {curve.branch: curve.name for curve in self._picture.curves if curve.name}
        return tuple((named[each], each) for each in sorted(named)) if len(named) > 1 else ()

    def _head(self) -> int:
        return _HEAD + (_LEGEND if self.legend() else 0)

    def place(self, x: float, y: float) -> QPointF:
        """Return where in the widget a point of the chart lies."""
        area, picture = self.area(), self._picture
        across = (x - picture.x_range[0]) / (picture.x_range[1] - picture.x_range[0])
        up = (y - picture.y_range[0]) / (picture.y_range[1] - picture.y_range[0])
        return QPointF(area.x() + across * area.width(), area.bottom() - up * area.height())

    def sizeHint(self) -> QSize:
        return QSize(290, 210)

    def minimumSizeHint(self) -> QSize:
        return QSize(180, 120)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._ground.setGeometry(self.rect())
        self._ends.setGeometry(self.rect())
        if self._plot is not None:
            self._plot.setGeometry(self.area().toAlignedRect())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._plot is not None:
            for line, curve in zip(self._lines, self._picture.curves, strict=True):
                line.setPen(_pen(curve))


class _Ground(QWidget):
    """What lies under the curves: the title, the grid, and the numbers of the axes."""

    def __init__(self, chart: Chart) -> None:
        super().__init__(chart)
        self._chart = chart
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(self.tr("Axes"))

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        picture, area = self._chart.picture(), self._chart.area()
        title = fonts.ui(metrics.TITLE, metrics.SEMIBOLD)
        mono = fonts.mono(metrics.TEXT_LEAST)
        right = Qt.AlignmentFlag.AlignRight
        middle = Qt.AlignmentFlag.AlignHCenter
        with painting(self) as painter:
            text(painter, QRectF(0, 0, self.width(), 18), picture.title, font=title, ink="ink1")
            left = text_width(title, picture.title) + _CAPTION_GAP
            room = QRectF(left, 0, self.width() - left, 18)
            text(painter, room, picture.caption, font=fonts.ui(metrics.CAPTION), ink="ink3")
            self._paint_legend(painter)
            for y, words in picture.y_ticks.items():
                at = round(self._chart.place(picture.x_range[0], y).y())
                line = QRectF(area.x(), at, area.width(), metrics.HAIRLINE)
                painter.fillRect(line, theme.colour("hairline"))
                spot = QRectF(0, at - 8, area.x() - 6, 16)
                text(painter, spot, words, font=mono, ink="ink3", align=right)
            for x, words in picture.x_ticks.items():
                at = round(self._chart.place(x, picture.y_range[0]).x())
                spot = QRectF(at - 24, area.bottom() + 4, 48, 16)
                text(painter, spot, words, font=mono, ink="ink3", align=middle)
            unit = QRectF(area.right() + 14, area.bottom() + 4, _ENDS, 16)
            text(painter, unit, picture.x_unit, font=mono, ink="ink3")

    def _paint_legend(self, painter: QPainter) -> None:
        """Name the branches, as many as there is room for."""
        font = fonts.ui(metrics.CAPTION)
        entries = self._chart.legend()
        left, row = 0.0, QRectF(0, 18, self.width(), _LEGEND)
        for number, (name, colour) in enumerate(entries):
            wide = min(text_width(font, name), _NAME)
            left_out = len(entries) - number
            rest = text_width(font, f"+{left_out}") if left_out > 1 else 0.0
            if left + _DASH + wide + rest + 12 > row.width() and number:
                text(painter, row.adjusted(left, 0, 0, 0), f"+{left_out}", font=font, ink="ink3")
                return
            painter.setPen(QPen(inks.branch(colour), 2))
            y = row.center().y()
            painter.drawLine(QPointF(left, y), QPointF(left + _DASH - 6, y))
            spot = QRectF(left + _DASH, row.y(), min(wide, row.width() - left - _DASH), _LEGEND)
            text(painter, spot, name, font=font, ink="ink2")
            left += _DASH + wide + 14


class _Ends(QWidget):
    """What lies over the curves: the moment on view, and the curves' last values."""

    def __init__(self, chart: Chart) -> None:
        super().__init__(chart)
        self._chart = chart
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(self.tr("Last values"))

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        picture, area = self._chart.picture(), self._chart.area()
        ends = [
            (curve, self._chart.place(float(curve.xs[-1]), float(curve.ys[-1])))
            for curve in picture.curves
            if curve.end and len(curve.xs)
        ]
        cursor: float | None = None
        with painting(self) as painter:
            if picture.cursor is not None:
                cursor = at = round(self._chart.place(picture.cursor, picture.y_range[0]).x())
                line = QRectF(at, area.y() - 6, metrics.HAIRLINE, area.height() + 6)
                painter.fillRect(line, theme.colour("ink1"))
            for curve, place in ends:
                if area.adjusted(-1, -1, 1, 1).contains(place):
                    painter.setPen(QPen(theme.colour("stage"), metrics.HALO))
                    painter.setBrush(inks.branch(curve.branch))
                    painter.drawEllipse(place, _DOT, _DOT)
            font = fonts.mono(metrics.CAPTION, metrics.SEMIBOLD)
            painter.setFont(font)
            rows = _apart([place.y() for _, place in ends], area.top(), area.bottom())
            for (curve, place), y in zip(ends, rows, strict=True):
                wide = text_width(font, curve.end)
                left = place.x() + 8
                if cursor is not None and place.x() - 4 <= cursor <= left + wide:
                    left = cursor + 8  # the line of the moment must not cross the number
                left = min(left, self.width() - wide - 2)
                ground = QRectF(left - 2, y - _END_LINE / 2, wide + 4, _END_LINE)
                painter.fillRect(ground, theme.colour("stage"))
                painter.setPen(inks.branch(curve.branch))
                painter.drawText(QPointF(left, y + 4), curve.end)


def _apart(wanted: list[float], top: float, bottom: float) -> list[float]:
    """Return heights near those wanted at which lines of text don't touch one another."""
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    rows = [min(max(wanted[index], top), bottom) for index in order]
    for before, after in pairwise(range(len(rows))):
        rows[after] = max(rows[after], rows[before] + _END_LINE)
    overlap = rows[-1] - bottom if rows else 0.0
    if overlap > 0:
        rows = [row - overlap for row in rows]
        for after, before in pairwise(reversed(range(len(rows)))):
            rows[before] = min(rows[before], rows[after] - _END_LINE)
    placed = dict(zip(order, rows, strict=True))
    return [placed[index] for index in range(len(wanted))]


def _pen(curve: Curve) -> QPen:
    colour = QColor(inks.branch(curve.branch))
    if curve.faint:
        colour.setAlphaF(0.45)
    # Wide lines cost much more than thin ones: only short ones are drawn so.
    wide = not curve.faint and len(curve.xs) <= _MOST_POINTS
    pen = QPen(colour, 1.6 if wide else 1)
    pen.setCosmetic(True)
    return pen
