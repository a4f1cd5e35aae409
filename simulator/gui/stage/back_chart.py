"""Paints how long the gradient is at each time step, as bars and as lines."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from simulator.gui import fonts, metrics, theme
from simulator.gui.stage import numbers_painter
from simulator.gui.stage.back_plan import BackPlan
from simulator.gui.widgets.painting import MIDDLE_LEFT, text_width
from simulator.gui.widgets.parts import Part, around, call, text_part
from simulator.lessons.back_frame import BackFrame, BackStep, Lane
from simulator.traces.formula import TermState

HEAD = 28.0
FIGURES = 56.0
"""Under the bars: length, factor and product."""
FIGURE = 17.0


def chart_parts(frame: BackFrame, plan: BackPlan) -> dict[str, Part]:
    """Return the chart: title, scale, a bar for each time step, and lines of other cells."""
    area = plan.chart
    title = QRectF(area.left(), area.top(), area.width(), 20)
    words = str(frame.rows_title)
    semibold, control = fonts.ui(metrics.TITLE, metrics.SEMIBOLD), fonts.ui(metrics.CONTROL)
    note = title.adjusted(numbers_painter.text_width(words, 12) + 4, 0, 0, 0)
    bars = QRectF(area.left(), area.top() + HEAD, area.width(), 0)
    bars.setBottom(area.bottom() - FIGURES)
    found = {
        "chart": text_part(title, words, font=semibold, ink="ink1"),
        "chart note": text_part(note, str(frame.rows_note), font=control, ink="ink3"),
    }
    found |= _scale_parts(bars, frame.ends)
    for number, step in enumerate(frame.steps):
        if step.share is not None:
            found[f"bar {number}"] = _bar_part(plan.card(number), bars, step)
    found |= _lanes_parts(plan, bars, frame.lanes)
    for row, each in enumerate(("‖∂‖", "step", "all")):
        box = QRectF(area.left() - 26, bars.bottom() + 4 + row * FIGURE, 36, 16)
        found[each] = text_part(box, each, font=fonts.ui(metrics.TEXT_LEAST), ink="ink3")
    return found


def _bar_part(card: QRectF, bars: QRectF, step: BackStep) -> Part:
    """Return the bar of a time step, with its figures below it."""
    covered = QRectF(card.left() - 8, bars.top(), card.width() + 16, bars.height() + FIGURES)
    look = (step.share, step.state is TermState.CURRENT, step.norm, step.factor, step.product)
    return Part(covered, look, partial(_paint_bar, card=card, bars=bars, step=step))


def _paint_bar(painter: QPainter, card: QRectF, bars: QRectF, step: BackStep) -> None:
    assert step.share is not None
    current = step.state is TermState.CURRENT
    height = max(2.0, step.share * bars.height())
    bar = QRectF(card.center().x() - 11, bars.bottom() - height, 22, height)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("gradient", 1.0 if current else 0.62))
    painter.drawRect(bar)
    weight = metrics.SEMIBOLD if current else metrics.REGULAR
    for row, words in enumerate((step.norm, step.factor, step.product)):
        box = QRectF(card.left() - 8, bars.bottom() + 4 + row * FIGURE, card.width() + 16, 16)
        ink = theme.colour(("gradient", "ink2", "ink3")[row])
        numbers_painter.draw_centred(painter, box, words, ink, size=11, weight=weight)


def _lanes_parts(plan: BackPlan, bars: QRectF, lanes: tuple[Lane, ...]) -> dict[str, Part]:
    """Return a line for each cell that is compared, and their lengths at the current step."""
    found = {}
    right = plan.chart.right()
    font = fonts.mono(12, metrics.SEMIBOLD)
    for lane in reversed(lanes):
        colour = QColor(theme.current().branches[lane.place])
        points = [
            QPointF(plan.card(at).center().x(), bars.bottom() - share * bars.height())
            for at, share in enumerate(lane.shares)
            if share is not None
        ]
        name = f"lane {lane.name}"
        for at, ends in enumerate(pairwise(points)):
            found[f"{name} line {at}"] = call(
                around(ends, 2), _paint_line, line=QLineF(*ends), colour=colour
            )
        for at, point in enumerate(points):
            found[f"{name} {at}"] = call(around([point], 6), _paint_dot, at=point, colour=colour)
        words = f"{lane.name} {lane.length}".strip()
        width = text_width(font, words) + 2
        box = QRectF(right - width, plan.chart.top(), width, 20)
        found[name] = call(box, _paint_name, box=box, words=words, colour=colour)
        right -= width + 16
    return found


def _paint_line(painter: QPainter, line: QLineF, colour: QColor) -> None:
    painter.setPen(QPen(colour, 2))
    painter.drawLine(line)


def _paint_dot(painter: QPainter, at: QPointF, colour: QColor) -> None:
    painter.setBrush(colour)
    painter.setPen(QPen(theme.colour("stage"), 1.5))
    painter.drawEllipse(at, 4, 4)


def _paint_name(painter: QPainter, box: QRectF, words: str, colour: QColor) -> None:
    painter.setFont(fonts.mono(12, metrics.SEMIBOLD))
    painter.setPen(colour)
    painter.drawText(box, MIDDLE_LEFT, words)


def _scale_parts(bars: QRectF, ends: tuple[str, str]) -> dict[str, Part]:
    """Return the lines of the scale, from its least to its greatest power of ten."""
    low, high = (int(end.removeprefix("1e")) for end in ends)
    every = max(1, -(-(high - low) // 8))
    found = {}
    mono = fonts.mono(metrics.TEXT_LEAST)
    for power in range(low, high + 1, every):
        y = bars.bottom() - (power - low) / (high - low) * bars.height()
        line = QLineF(bars.left() + 10, y, bars.right(), y)
        covered = around([line.p1(), line.p2()], 1)
        ink = "border" if power == 0 else "hairline"
        found[f"scale {power}"] = call(covered, _paint_scale, line=line, ink=ink)
        box = QRectF(bars.left() - 28, y - 8, 34, 14)
        words = "1" if power == 0 else f"1e{power}".replace("-", "−")
        right = Qt.AlignmentFlag.AlignRight
        found[f"power {power}"] = text_part(box, words, font=mono, ink="ink3", align=right)
    return found


def _paint_scale(painter: QPainter, line: QLineF, ink: str) -> None:
    painter.setPen(QPen(theme.colour(ink), 1))
    painter.drawLine(line)
