"""Paints the strip under the grids: the running value as bars."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from simulator.gui import fonts, metrics, theme
from simulator.gui.stage import numbers_painter
from simulator.gui.stage.pieces_painter import draw_pieces_centred
from simulator.gui.widgets.painting import text
from simulator.lessons.frame import Strip
from simulator.traces.formula import TermState

TEXTS = 112
WIDE = 440
"""From this width on the words stand left of the bars, else above them."""
RESULT = 76
"""What the result takes at the right, unless it is longer."""
RESULT_SIZE = 14
LABEL = 20
BAR_SHARE = 0.74


def paint_strip(painter: QPainter, rect: QRectF, strip: Strip) -> None:
    """Paint the bars of a running value with where it stands now."""
    painter.setPen(QPen(theme.colour("hairline"), metrics.HAIRLINE))
    painter.drawLine(QLineF(rect.topLeft(), rect.topRight()))
    area = rect.adjusted(0, 10, 0, 0)
    text(
        painter,
        QRectF(area.left(), area.top(), TEXTS, 20),
        str(strip.title),
        font=fonts.ui(metrics.TITLE, metrics.SEMIBOLD),
        ink="ink1",
    )
    painter.setFont(fonts.ui(metrics.CAPTION))
    painter.setPen(theme.colour("ink3"))
    result = max(RESULT, numbers_painter.text_width(strip.result.text, RESULT_SIZE) + 20)
    if rect.width() >= WIDE:
        note = QRectF(area.left(), area.top() + 22, TEXTS - 16, area.height() - 22)
        bars = area.adjusted(TEXTS + 18, 8, -result, -LABEL - 4)
    else:
        note = area.adjusted(TEXTS - 14, 3, 0, 0)
        bars = area.adjusted(22, 30, -result + 6, -LABEL - 2)
    painter.drawText(note, int(Qt.TextFlag.TextWordWrap), str(strip.note))
    if bars.width() < 60 or not strip.bars:
        return
    _paint_bars(painter, bars, strip, QLineF(rect.bottomLeft(), rect.bottomRight()))


def _paint_bars(painter: QPainter, area: QRectF, strip: Strip, foot: QLineF) -> None:
    """Paint the bars; what is told of them stays within the ends of the ``foot``."""
    span = (strip.high - strip.low) or 1.0

    def y(value: float) -> float:
        return area.bottom() - (value - strip.low) / span * area.height()

    if strip.low <= 0.0 <= strip.high:
        zero = y(0.0)
        painter.setPen(QPen(theme.colour("border"), metrics.HAIRLINE))
        painter.drawLine(QLineF(area.left() - 8, zero, area.right() + 8, zero))
        zero_box = QRectF(area.left() - 26, zero - 9, 14, 18)
        numbers_painter.draw_centred(painter, zero_box, "0", theme.colour("ink3"), size=11)
    pitch = min(area.width() / len(strip.bars), 64.0)
    width = pitch * BAR_SHARE if pitch > 6 else pitch - 1
    longest = max(sum(len(piece.text) for piece in bar.label) for bar in strip.bars)
    labelled = numbers_painter.text_width("0" * longest, 11) <= pitch - 2
    rising = theme.current().map_signed[3]
    falling = theme.current().map_signed[1]
    for index, bar in enumerate(strip.bars):
        left = area.left() + index * pitch + (pitch - width) / 2
        top, bottom = sorted((y(bar.start), y(bar.end)))
        rect = QRectF(left, top, width, max(bottom - top, 2.0))
        if bar.state is TermState.PENDING:
            painter.setPen(QPen(theme.colour("ghost"), 1, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(rect)
        else:
            painter.setBrush(QColor(rising if bar.end >= bar.start else falling))
            current = bar.state is TermState.CURRENT
            painter.setPen(QPen(theme.colour("writes"), 2) if current else Qt.PenStyle.NoPen)
            painter.drawRoundedRect(rect, 1, 1)
        if labelled or bar.state is TermState.CURRENT:
            told = numbers_painter.text_width("".join(piece.text for piece in bar.label), 11) + 4
            label = QRectF(rect.center().x() - told / 2, area.bottom() + 6, told, LABEL)
            label.moveLeft(max(foot.x1(), min(label.left(), foot.x2() - told)))
            draw_pieces_centred(
                painter,
                label,
                bar.label,
                size=11,
                weight=metrics.SEMIBOLD if bar.state is TermState.CURRENT else metrics.REGULAR,
                quiet=bar.state is not TermState.CURRENT,
            )
    _paint_now(painter, area, strip, y(strip.now), pitch)


def _paint_now(painter: QPainter, area: QRectF, strip: Strip, y: float, pitch: float) -> None:
    states = [bar.state for bar in strip.bars]
    at = states.index(TermState.CURRENT) if TermState.CURRENT in states else len(states) - 1
    start = area.left() + (at + 1) * pitch - pitch * (1 - BAR_SHARE) / 2
    writes = theme.colour("writes")
    painter.setPen(QPen(writes, 1.5, Qt.PenStyle.DotLine))
    end = area.right() + 10
    if start < end:
        painter.drawLine(QLineF(start, y, end, y))
    told = numbers_painter.text_width(strip.result.text, RESULT_SIZE)
    box = QRectF(end + 4, y - 17, max(told + 2, RESULT - 14), 18)
    box.moveTop(min(max(box.top(), area.top() - 12), area.bottom() - 26))
    painter.setFont(fonts.mono(RESULT_SIZE, metrics.SEMIBOLD))
    painter.setPen(writes)
    left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(box, int(left), strip.result.text)
    painter.setFont(fonts.ui(metrics.CAPTION))
    painter.setPen(theme.colour("ink3"))
    painter.drawText(box.bottomLeft() + QPointF(0, 14), str(strip.caption))
