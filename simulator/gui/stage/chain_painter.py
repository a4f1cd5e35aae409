"""Paints the chain of time steps, and one unit over time under it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from simulator.gui import fonts, metrics, theme
from simulator.gui.stage import numbers_painter
from simulator.gui.stage.cell_plan import BESIDE_HEAD, CARD, LABEL, STATE, CellPlan
from simulator.gui.stage.grid_painter import ink_on
from simulator.gui.stage.kept_pictures import KeptPictures
from simulator.gui.stage.strands import fill_of, fills, map_colour, symbol
from simulator.gui.widgets.painting import text
from simulator.lessons.cell_frame import CellFrame, ChainStep, Strand, TimeRow
from simulator.traces.formula import TermState, Tone
from simulator.traces.numbers import count

SQUARE = 11.0
BAR = 14.0


def state_rect(plan: CellPlan, number: int, state: int, units: int) -> QRectF:
    """Return where a state of a step's card has its cells."""
    card = plan.step(number)
    side = min(SQUARE, (CARD - 12) / units)
    width = side * units
    top = card.top() + 3 + state * STATE + (STATE - min(SQUARE, side + 3)) / 2
    return QRectF(card.center().x() - width / 2, top, width, min(SQUARE, max(side, 8.0)))


def reads_rect(plan: CellPlan, number: int) -> QRectF:
    """Return where a step's card has what it reads."""
    card = plan.step(number)
    return QRectF(card.center().x() - 20, card.bottom() + 5, 40, 19)


def row_rect(plan: CellPlan, number: int, *, lower: float = 0.0) -> QRectF:
    """Return where a row of one unit over time has its cells, or one that much ``lower``."""
    assert plan.rows is not None
    top = plan.rows.top() + 28 + number * plan.row + lower
    return QRectF(
        plan.first_step, top, plan.step(plan.steps - 1).right() - plan.first_step, plan.row
    )


def paint_chain(painter: QPainter, frame: CellFrame, plan: CellPlan, kept: KeptPictures) -> None:
    """Paint the steps with their states, and the lines that hand the states on."""
    chain = frame.chain
    steps = chain.steps
    for state, letter in enumerate(chain.letters):
        y = plan.chain.top() + 3 + (state + 0.5) * STATE
        symbol(painter, QPointF(plan.chain.left() - 10, y + 5), letter, "", ink="ink2", size=15)
        _paint_lines(painter, frame, plan, y)
    baseline = reads_rect(plan, 0).center().y() + 5
    symbol(painter, QPointF(plan.chain.left() - 10, baseline), "x", "", ink="ink2", size=15)
    ground = theme.colour("stage")
    for number, step in enumerate(steps):
        card = plan.step(number)
        key = (theme.current().name, step.state, step.label, step.marked)
        looks = tuple(strand.look for strand in step.states)
        paint = partial(_paint_step, plan=plan, number=number, step=step)
        around = card.adjusted(0, 0, 0, LABEL - 6)
        kept.draw(painter, f"step {number}", (key, looks), around, paint, ground)
    if len(steps) < chain.total:
        first, last = steps[0].time + 1, steps[-1].time + 1
        words = f"time steps {count(first)}–{count(last)} of {count(chain.total)}"
        box = QRectF(plan.chain.right() - 260, plan.chain.top() - 22, 260, 18)
        right = Qt.AlignmentFlag.AlignRight
        text(painter, box, words, font=fonts.ui(metrics.CAPTION), ink="ink3", align=right)


def _paint_lines(painter: QPainter, frame: CellFrame, plan: CellPlan, y: float) -> None:
    steps = frame.chain.steps
    done: list[QLineF] = []
    coming: list[QLineF] = []
    for number, step in enumerate(steps[:-1]):
        line = QLineF(plan.step(number).right(), y, plan.step(number + 1).left(), y)
        (done if step.state is TermState.DONE else coming).append(line)
    if steps[0].time > 0:
        done.append(QLineF(plan.step(0).left() - 6, y, plan.step(0).left(), y))
    if steps[-1].time + 1 < frame.chain.total:
        last = plan.step(len(steps) - 1).right()
        coming.append(QLineF(last, y, last + 10, y))
    painter.setPen(QPen(theme.colour("ink2"), 1.5))
    painter.drawLines(done)
    painter.setPen(QPen(theme.colour("hairline"), 1.5))
    painter.drawLines(coming)


def _paint_step(painter: QPainter, plan: CellPlan, number: int, step: ChainStep) -> None:
    card = plan.step(number)
    current = step.state is TermState.CURRENT
    pending = step.state is TermState.PENDING
    pen = QPen(theme.colour("ink1" if current else "border"), 2 if current else 1)
    if pending:
        pen.setStyle(Qt.PenStyle.DashLine)
    painter.setPen(pen)
    painter.setBrush(theme.colour("stage" if pending else "panel"))
    painter.drawRoundedRect(card, 7, 7)
    for at, strand in enumerate(step.states):
        paint_squares(painter, state_rect(plan, number, at, len(strand.written)), strand)
    box = reads_rect(plan, number)
    ink = theme.colour("ink3" if pending else "ink1")
    if step.marked:
        painter.setPen(QPen(ink, 1.25 if pending else 1.5))
        painter.setBrush(theme.colour("panel"))
        painter.drawRoundedRect(box, 8, 8)
    weight = metrics.SEMIBOLD if step.marked else metrics.REGULAR
    numbers_painter.draw_centred(painter, box, step.label, ink, size=12, weight=weight)


def paint_squares(painter: QPainter, rect: QRectF, strand: Strand) -> None:
    """Paint a state as small squares, empty ones for cells that are yet to come."""
    side = rect.width() / len(strand.written)
    gap = 1.5 if side > 6 else 0.5
    painter.setPen(Qt.PenStyle.NoPen)
    empty = []
    for at, pixel in enumerate(fills(strand)):
        square = QRectF(rect.left() + at * side, rect.top(), side, rect.height())
        square.adjust(gap / 2, 0, -gap / 2, 0)
        if strand.written[at]:
            painter.setBrush(QColor.fromRgb(pixel))
            painter.drawRoundedRect(square, 2, 2)
        else:
            empty.append(square.adjusted(0.5, 0.5, -0.5, -0.5))
    if empty and side > 5:
        painter.setPen(QPen(theme.colour("border"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for square in empty:
            painter.drawRoundedRect(square, 2, 2)


def paint_fan(painter: QPainter, frame: CellFrame, plan: CellPlan) -> None:
    """Paint the fan from the current step down to the cell that is opened."""
    card = plan.step(frame.chain.current)
    top = card.bottom() + LABEL - 4
    opened = plan.opened
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("hover"))
    painter.drawPolygon(
        QPolygonF(
            [
                QPointF(card.left() + 4, top),
                QPointF(card.right() - 4, top),
                QPointF(opened.right() - 10, opened.top() + 1),
                QPointF(opened.left() + 10, opened.top() + 1),
            ]
        )
    )


def title_width(words: str) -> float:
    """Return how wide the title of the rows is."""
    font = fonts.ui(metrics.TITLE, metrics.SEMIBOLD)
    return QFontMetricsF(font).horizontalAdvance(words)


def unit_pickers(plan: CellPlan, frame: CellFrame) -> list[tuple[QRectF, int]]:
    """Return the places beside the title that go to another unit, and which each goes to.

    Those at the ends turn a whole page of units, where there are more than are on view.
    """
    if plan.rows is None or frame.units == 1:
        return []
    left = plan.rows.left() + title_width(str(frame.rows_title)) + 8
    top, page = plan.rows.top() + 2, len(frame.opened.units)
    ways = (-page, -1, 1, page) if 1 < page < frame.units else (-1, 1)
    unit, last = frame.opened.unit, frame.units - 1
    return [
        (QRectF(left + at * 22, top, 20, 20), min(max(unit + by, 0), last))
        for at, by in enumerate(ways)
    ]


def _paint_picker(
    painter: QPainter, rect: QRectF, *, forwards: bool, double: bool, possible: bool
) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("well"))
    painter.drawRoundedRect(rect, metrics.RADIUS_HIGHLIGHT, metrics.RADIUS_HIGHLIGHT)
    painter.setPen(QPen(theme.colour("ink2" if possible else "ghost"), 1.75))
    way = 1 if forwards else -1
    for shift in (-2.5, 2.5) if double else (0.0,):
        x, y = rect.center().x() + shift, rect.center().y()
        points = [QPointF(x - way * 2, y - 4), QPointF(x + way * 2.5, y)]
        painter.drawPolyline([*points, QPointF(x - way * 2, y + 4)])


def paint_rows(painter: QPainter, frame: CellFrame, plan: CellPlan, kept: KeptPictures) -> None:
    """Paint the unit on view over time: a row of meters for each gate; or the map of a state."""
    area = plan.rows
    if area is None:
        return
    title = QRectF(area.left(), area.top() + 2, area.width(), 20)
    semibold = fonts.ui(metrics.TITLE, metrics.SEMIBOLD)
    words = str(frame.rows_title)
    text(painter, title, words, font=semibold, ink="ink1")
    pickers = unit_pickers(plan, frame)
    for at, (rect, unit) in enumerate(pickers):
        forwards, double = at >= len(pickers) / 2, at in (0, 3) and len(pickers) > 2
        possible = unit != frame.opened.unit
        _paint_picker(painter, rect, forwards=forwards, double=double, possible=possible)
    left = pickers[-1][0].right() if pickers else title.left() + title_width(words)
    note = QRectF(left + 10, title.top(), title.right() - left - 10, title.height())
    text(painter, note, str(frame.rows_note), font=fonts.ui(metrics.CONTROL), ink="ink3")
    if frame.opened.kind != "rnn":
        paint_answer(painter, frame, title)
    if frame.map is not None:
        _paint_map(painter, frame, plan, frame.map)
        return
    beside = frame.beside.rows if frame.beside is not None else ()
    column = plan.step(frame.chain.current)
    height = (len(frame.rows) + len(beside)) * plan.row + (BESIDE_HEAD if beside else 0) + 4
    ground = QRectF(column.left() - 2, area.top() + 24, CARD + 16, height)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("well"))
    painter.drawRoundedRect(ground, 6, 6)
    for number, row in enumerate(frame.rows):
        _paint_kept_row(
            painter, frame, plan, row, (f"row {row.letter}", row_rect(plan, number)), kept
        )
    if frame.beside is None:
        return
    for number, row in enumerate(beside, start=len(frame.rows)):
        rect = row_rect(plan, number, lower=BESIDE_HEAD)
        _paint_kept_row(painter, frame, plan, row, (f"beside {row.letter}", rect), kept)
    top = row_rect(plan, len(frame.rows)).top()
    line = QRectF(area.left(), top + 2, area.width(), 18)
    name = str(frame.beside.title)
    text(painter, line, name, font=semibold, ink="ink1")
    note = line.adjusted(numbers_painter.text_width(name, 12) + 6, 0, 0, 0)
    text(painter, note, str(frame.beside.note), font=fonts.ui(metrics.CONTROL), ink="ink3")


def _paint_kept_row(
    painter: QPainter,
    frame: CellFrame,
    plan: CellPlan,
    row: TimeRow,
    where: tuple[str, QRectF],
    kept: KeptPictures,
) -> None:
    """Paint a row: what came before the current step is copied where it is the same as before."""
    key, rect = where
    current = frame.chain.current
    past = replace_written(row, current)
    look = (theme.current().name, past.values.look, row.limit)
    paint = partial(_paint_row, frame=frame, plan=plan, row=past, rect=rect)
    width = plan.step(current).left() - 4 - rect.left()
    if width > 8:
        before = QRectF(rect.left() - 30, rect.top() + 1, width + 30, rect.height() - 2)
        kept.draw(painter, key, look, before, paint, theme.colour("stage"))
    _paint_row(painter, frame=frame, plan=plan, row=only_written(row, current), rect=rect)


def paint_answer(painter: QPainter, frame: CellFrame, line: QRectF) -> None:
    """Write what the network answers at the right of a line, and what would be true."""
    if frame.answer is None:
        return
    there = all(frame.answer.written)
    value = ", ".join(frame.answer.text(at) for at in range(len(frame.answer.written)))
    right = Qt.AlignmentFlag.AlignRight
    words = f"answer {value}" if there else "answer ·"
    if frame.target:
        words += f"   true sum {frame.target}"
    font = fonts.ui(metrics.CONTROL, metrics.SEMIBOLD if there else metrics.REGULAR)
    text(painter, line, words, font=font, ink="ink1" if there else "ink3", align=right)


def replace_written(row: TimeRow, current: int) -> TimeRow:
    """Return a row without what is at the current step and after it."""
    values = row.values
    written = tuple(there and at < current for at, there in enumerate(values.written))
    return replace(row, values=replace(values, written=written))


def only_written(row: TimeRow, current: int) -> TimeRow:
    """Return a row with what is at the current step and after it alone."""
    values = row.values
    written = tuple(there and at >= current for at, there in enumerate(values.written))
    return replace(row, values=replace(values, written=written))


def _paint_row(
    painter: QPainter, frame: CellFrame, plan: CellPlan, row: TimeRow, rect: QRectF
) -> None:
    ink = {"gate_f": "gate_f_text", "gate_i": "gate_i_text", "gate_g": "gate_g_text"}
    token = fill_of(row.tone)
    letter_ink = ink.get(token, "gate_o_text" if token == "gate_o" else "ink2")
    symbol(
        painter,
        QPointF(plan.rows.left() - 10 if plan.rows else 0, rect.center().y() + 4),
        row.letter,
        "",
        ink=letter_ink,
        size=15 if rect.height() > 20 else 13,
    )
    painter.setPen(QPen(theme.colour("hairline"), 1))
    painter.drawLine(QLineF(rect.left() - 6, rect.bottom() - 2, rect.right(), rect.bottom() - 2))
    height = rect.height() - (7 if rect.height() > 20 else 4)
    for number, step in enumerate(frame.chain.steps):
        if not row.values.written[number]:
            continue
        value = row.values.value(number)
        current = step.state is TermState.CURRENT
        card = plan.step(number)
        box = QRectF(card.left() + 5, rect.top() + 2, BAR, height)
        painter.setPen(Qt.PenStyle.NoPen)
        signed_map = row.tone is Tone.WRITES
        colour = map_colour(value, row.limit) if signed_map else theme.colour(token)
        if signed_map and current:
            colour = theme.colour("writes")
        share = max(-1.0, min(1.0, value / row.limit))
        if row.signed:
            middle = box.center().y()
            bar = QRectF(box.left(), middle, BAR, -share * height / 2).normalized()
            if bar.height() < 1.5:
                bar.setHeight(1.5)
        else:
            if not current:
                painter.fillRect(box, theme.colour("well"))
            bar = QRectF(box.left(), box.bottom(), BAR, -share * height).normalized()
        painter.fillRect(bar, colour)
        font = fonts.mono(11, metrics.SEMIBOLD if current else metrics.REGULAR)
        painter.setFont(font)
        painter.setPen(theme.colour(("writes" if signed_map else "ink1") if current else "ink3"))
        words = QRectF(box.right() + 6, rect.top(), CARD, rect.height() - 3)
        left = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        painter.drawText(words, left, row.values.text(number))


def map_rect(plan: CellPlan, strand: Strand) -> QRectF:
    """Return where the map of a state stands, its columns under the steps of the chain."""
    assert plan.rows is not None
    steps = int(strand.grid.view.width)
    first, last = plan.step(0), plan.step(steps - 1)
    top = plan.rows.top() + 28
    return QRectF(first.left(), top, last.right() - first.left(), plan.rows.bottom() - top - 2)


def _paint_map(painter: QPainter, frame: CellFrame, plan: CellPlan, strand: Strand) -> None:
    rect = map_rect(plan, strand)
    view = strand.grid.view
    rows, columns = int(view.height), int(view.width)
    across, down = rect.width() / columns, rect.height() / rows
    top, left = int(view.top), int(view.left)
    numbered = down >= 13 and across >= 34
    for at, pixel in enumerate(fills(strand)):
        row, column = divmod(at, columns)
        cell = QRectF(rect.left() + column * across, rect.top() + row * down, across, down)
        if not strand.written[at]:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("ghost"))
            painter.drawEllipse(cell.center(), 1.4, 1.4)
            continue
        painter.fillRect(cell, QColor.fromRgb(pixel))
        if numbered:
            words = strand.grid.text(top + row, left + column)
            numbers_painter.draw_centred(painter, cell, words, ink_on(pixel), size=11)
    painter.setPen(QPen(theme.colour("border"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(rect)
    now = frame.chain.current
    painter.setPen(QPen(theme.colour("ink1"), 1.5))
    painter.drawRect(QRectF(rect.left() + now * across, rect.top(), across, rect.height()))
    for row in range(rows):
        box = QRectF(rect.left() - 30, rect.top() + row * down, 26, down)
        label = str(top + row + 1)
        if down >= 10:
            numbers_painter.draw_centred(painter, box, label, theme.colour("ink3"), size=11)
