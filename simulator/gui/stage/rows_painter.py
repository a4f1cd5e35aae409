"""Paints one unit of a recurrent cell over time, or a map of its state."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from simulator.gui import fonts, metrics, theme
from simulator.gui.stage import numbers_painter
from simulator.gui.stage.cell_plan import BESIDE_HEAD, CARD, CellPlan
from simulator.gui.stage.grid_painter import ink_on
from simulator.gui.stage.strands import fill_of, fills, map_colour, symbol
from simulator.gui.widgets.painting import MIDDLE_LEFT, text, text_width
from simulator.gui.widgets.parts import KeptParts, Part, call
from simulator.lessons.cell_frame import CellFrame, Strand, TimeRow
from simulator.traces.formula import Tone

BAR = 14.0


def row_rect(plan: CellPlan, number: int, *, lower: float = 0.0) -> QRectF:
    """Return where a row of one unit over time has its cells, or one that much ``lower``."""
    assert plan.rows is not None
    top = plan.rows.top() + 28 + number * plan.row + lower
    return QRectF(
        plan.first_step, top, plan.step(plan.steps - 1).right() - plan.first_step, plan.row
    )


def title_width(words: str) -> float:
    """Return how wide the title of the rows is."""
    return text_width(fonts.ui(metrics.TITLE, metrics.SEMIBOLD), words)


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


def rows_parts(frame: CellFrame, plan: CellPlan, kept: KeptParts) -> dict[str, Part]:
    """Return the unit on view over time: a row of meters for each gate; or the map of a state."""
    area = plan.rows
    if area is None:
        return {}
    found = _title_parts(frame, plan, area)
    if frame.map is not None:
        return found | _map_parts(frame, plan, frame.map)
    other = frame.beside if plan.beside else None
    beside = other.rows if other is not None else ()
    column = plan.step(frame.chain.current)
    height = (len(frame.rows) + len(beside)) * plan.row + (BESIDE_HEAD if beside else 0) + 4
    ground = QRectF(column.left() - 2, area.top() + 24, CARD + 16, height)
    found["now"] = call(ground, _paint_now, rect=ground)
    for number, row in enumerate(frame.rows):
        found |= _row_parts(frame, plan, row, (f"row {row.letter}", row_rect(plan, number)), kept)
    if other is None:
        return found
    for number, row in enumerate(beside, start=len(frame.rows)):
        rect = row_rect(plan, number, lower=BESIDE_HEAD)
        found |= _row_parts(frame, plan, row, (f"beside {row.letter}", rect), kept)
    top = row_rect(plan, len(frame.rows)).top()
    line = QRectF(area.left(), top + 2, area.width(), 18)
    name, note = str(other.title), str(other.note)
    left = numbers_painter.text_width(name, 12) + 6
    found["beside"] = call(line, paint_heading, line=line, words=name, note=note, left=left)
    return found


def _title_parts(frame: CellFrame, plan: CellPlan, area: QRectF) -> dict[str, Part]:
    title = QRectF(area.left(), area.top() + 2, area.width(), 20)
    words, note = str(frame.rows_title), str(frame.rows_note)
    pickers = unit_pickers(plan, frame)
    left = pickers[-1][0].right() if pickers else title.left() + title_width(words)
    left += 10 - title.left()
    found = {"title": call(title, paint_heading, line=title, words=words, note=note, left=left)}
    for at, (rect, unit) in enumerate(pickers):
        found[f"picker {at}"] = call(
            rect,
            _paint_picker,
            rect=rect,
            forwards=at >= len(pickers) / 2,
            double=at in (0, 3) and len(pickers) > 2,
            possible=unit != frame.opened.unit,
        )
    if frame.opened.kind != "rnn":
        found |= answer_parts(frame, title)
    return found


def paint_heading(painter: QPainter, line: QRectF, words: str, note: str, left: float) -> None:
    """Write a title, and a note that begins ``left`` pixels from the line's start."""
    semibold = fonts.ui(metrics.TITLE, metrics.SEMIBOLD)
    text(painter, line, words, font=semibold, ink="ink1")
    rest = line.adjusted(left, 0, 0, 0)
    text(painter, rest, note, font=fonts.ui(metrics.CONTROL), ink="ink3")


def _paint_now(painter: QPainter, rect: QRectF) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("well"))
    painter.drawRoundedRect(rect, 6, 6)


def answer_parts(frame: CellFrame, line: QRectF) -> dict[str, Part]:
    """Return what the network answers, at the right of a line, and what would be true."""
    if frame.answer is None:
        return {}
    there = all(frame.answer.written)
    value = ", ".join(frame.answer.text(at) for at in range(len(frame.answer.written)))
    words = f"answer {value}" if there else "answer ·"
    if frame.target:
        words += f"   true sum {frame.target}"
    font = fonts.ui(metrics.CONTROL, metrics.SEMIBOLD if there else metrics.REGULAR)
    width = text_width(font, words) + 2
    rect = line.adjusted(max(0.0, line.width() - width), 0, 0, 0)
    part = call(
        rect,
        text,
        rect=line,
        words=words,
        font=font,
        ink="ink1" if there else "ink3",
        align=Qt.AlignmentFlag.AlignRight,
    )
    return {"answer": part}


def _row_parts(
    frame: CellFrame,
    plan: CellPlan,
    row: TimeRow,
    where: tuple[str, QRectF],
    kept: KeptParts,
) -> dict[str, Part]:
    """Return a row: its letter and line, and a meter with its value for each time step."""
    name, rect = where
    left = plan.rows.left() - 10 if plan.rows else 0.0
    token = fill_of(row.tone)
    line = QRectF(left - 2, rect.top(), rect.right() - left + 2, rect.height())
    found = {name: call(line, _paint_row, rect=rect, left=left, letter=row.letter, token=token)}
    values, now = row.values, frame.chain.current
    key = (values.grid.plane.identity, values.grid.view, row.limit, row.signed, rect, token)
    made = kept.under(name, key)
    for number, there in enumerate(values.written):
        if there:
            part = made.get((number, number == now))
            if part is None:
                part = _reading(plan, row, rect, number, current=number == now)
                made[number, number == now] = part
            found[f"{name} {number}"] = part
    return found


def _reading(plan: CellPlan, row: TimeRow, rect: QRectF, number: int, *, current: bool) -> Part:
    """Return a value of a row, with its meter."""
    words = row.values.text(number)
    weight = metrics.SEMIBOLD if current else metrics.REGULAR
    left = plan.step(number).left() + 5
    width = BAR + 6 + numbers_painter.text_width(words, 11, weight) + 2
    return call(
        QRectF(left, rect.top(), width, rect.height()),
        _paint_reading,
        rect=rect,
        left=left,
        words=words,
        value=row.values.value(number),
        limit=row.limit,
        signed=row.signed,
        tone=row.tone,
        current=current,
    )


def _paint_row(painter: QPainter, rect: QRectF, left: float, letter: str, token: str) -> None:
    ink = {"gate_f": "gate_f_text", "gate_i": "gate_i_text", "gate_g": "gate_g_text"}
    letter_ink = ink.get(token, "gate_o_text" if token == "gate_o" else "ink2")
    at = QPointF(left, rect.center().y() + 4)
    symbol(painter, at, letter, "", ink=letter_ink, size=15 if rect.height() > 20 else 13)
    painter.setPen(QPen(theme.colour("hairline"), 1))
    painter.drawLine(QLineF(rect.left() - 6, rect.bottom() - 2, rect.right(), rect.bottom() - 2))


def _paint_reading(
    painter: QPainter,
    rect: QRectF,
    left: float,
    words: str,
    value: float,
    limit: float,
    tone: Tone,
    *,
    signed: bool,
    current: bool,
) -> None:
    height = rect.height() - (7 if rect.height() > 20 else 4)
    box = QRectF(left, rect.top() + 2, BAR, height)
    signed_map = tone is Tone.WRITES
    colour = map_colour(value, limit) if signed_map else theme.colour(fill_of(tone))
    if signed_map and current:
        colour = theme.colour("writes")
    share = max(-1.0, min(1.0, value / limit))
    if signed:
        bar = QRectF(left, box.center().y(), BAR, -share * height / 2).normalized()
        if bar.height() < 1.5:
            bar.setHeight(1.5)
    else:
        if not current:
            painter.fillRect(box, theme.colour("well"))
        bar = QRectF(left, box.bottom(), BAR, -share * height).normalized()
    painter.fillRect(bar, colour)
    painter.setFont(fonts.mono(11, metrics.SEMIBOLD if current else metrics.REGULAR))
    painter.setPen(theme.colour(("writes" if signed_map else "ink1") if current else "ink3"))
    place = QRectF(box.right() + 6, rect.top(), CARD, rect.height() - 3)
    painter.drawText(place, MIDDLE_LEFT, words)


def map_rect(plan: CellPlan, strand: Strand) -> QRectF:
    """Return where the map of a state stands, its columns under the steps of the chain."""
    assert plan.rows is not None
    steps = int(strand.grid.view.width)
    first, last = plan.step(0), plan.step(steps - 1)
    top = plan.rows.top() + 28
    return QRectF(first.left(), top, last.right() - first.left(), plan.rows.bottom() - top - 2)


def _map_parts(frame: CellFrame, plan: CellPlan, strand: Strand) -> dict[str, Part]:
    """Return the map of a state, each time step a part, and what stands around it."""
    rect, view = map_rect(plan, strand), strand.grid.view
    rows, columns = int(view.height), int(view.width)
    across = rect.width() / columns
    identity = (strand.grid.plane.identity, view)
    found = {}
    for column in range(columns):
        there = strand.written[column::columns]
        place = QRectF(rect.left() + column * across, rect.top(), across, rect.height())
        paint = partial(_paint_column, rect=place, strand=strand, column=column, there=there)
        found[f"map {column}"] = Part(place, (identity, column, there), paint)
    found["map frame"] = call(rect, _paint_frame, rect=rect, ink="border", width=1)
    now = frame.chain.current
    here = QRectF(rect.left() + now * across, rect.top(), across, rect.height())
    found["map now"] = call(here, _paint_frame, rect=here, ink="ink1", width=1.5)
    area = QRectF(rect.left() - 30, rect.top(), 26, rect.height())
    found["map units"] = call(area, _paint_units, area=area, first=int(view.top), rows=rows)
    return found


def _paint_column(
    painter: QPainter, rect: QRectF, strand: Strand, column: int, there: tuple[bool, ...]
) -> None:
    view = strand.grid.view
    top, left, columns = int(view.top), int(view.left), int(view.width)
    down = rect.height() / len(there)
    numbered = down >= 13 and rect.width() >= 34
    pixels = fills(strand)[column::columns]
    for row, (written, pixel) in enumerate(zip(there, pixels, strict=True)):
        cell = QRectF(rect.left(), rect.top() + row * down, rect.width(), down)
        if not written:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("ghost"))
            painter.drawEllipse(cell.center(), 1.4, 1.4)
            continue
        painter.fillRect(cell, QColor.fromRgb(pixel))
        if numbered:
            words = strand.grid.text(top + row, left + column)
            numbers_painter.draw_centred(painter, cell, words, ink_on(pixel), size=11)


def _paint_frame(painter: QPainter, rect: QRectF, ink: str, width: float) -> None:
    painter.setPen(QPen(theme.colour(ink), width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(rect)


def _paint_units(painter: QPainter, area: QRectF, first: int, rows: int) -> None:
    down = area.height() / rows
    if down < 10:
        return
    for row in range(rows):
        box = QRectF(area.left(), area.top() + row * down, area.width(), down)
        words = str(first + row + 1)
        numbers_painter.draw_centred(painter, box, words, theme.colour("ink3"), size=11)
