"""Paints a whole frame: used by the window, and by pictures written to files."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QLinearGradient, QPainter, QPainterPath, QPen, QPolygonF

from simulator.gui import fonts, metrics, theme
from simulator.gui.stage.choice_painter import choice_part, thumbnail_rects
from simulator.gui.stage.colours import colour_table
from simulator.gui.stage.graph_painter import paint_graph
from simulator.gui.stage.grid_painter import CellSpace, kept_cells, labels_parts
from simulator.gui.stage.kept_pictures import KeptPictures
from simulator.gui.stage.mark_painter import marks_parts, outline
from simulator.gui.stage.numbers_painter import draw_centred
from simulator.gui.stage.pieces_painter import draw_pieces, headline_font
from simulator.gui.stage.plan import NODE, TITLE, Plan
from simulator.gui.stage.plane_images import PlaneImages
from simulator.gui.stage.strip_painter import paint_strip
from simulator.gui.widgets.painting import CENTRE, text, text_width
from simulator.gui.widgets.parts import Part, Parts, around, call
from simulator.lessons.frame import Box, Frame, Grid, Scale, ScaleKind
from simulator.traces.formula import Explanation, Tone
from simulator.traces.numbers import MINUS, count, number


class StagePainter:
    """Paints frames. It keeps the images of cells between one frame and the next."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self.images = PlaneImages()
        self._kept = KeptPictures()

    def clear(self) -> None:
        """Forget what was kept, as for another theme."""
        self.images.clear()
        self._kept.clear()

    def spaces(
        self, frame: Frame, plan: Plan, zooms: Mapping[str, Box]
    ) -> list[tuple[Grid, CellSpace]]:
        """Return where each grid of a frame is painted; later ones lie on top."""
        found: list[tuple[Grid, CellSpace]] = []

        def add(grid: Grid | None, rect: QRectF | None) -> None:
            if grid is not None and rect is not None:
                found.append((grid, CellSpace(rect, zooms.get(grid.key, grid.view))))

        add(frame.input_overview, plan.input.overview)
        add(frame.output_overview, plan.output.overview)
        add(frame.input, plan.input.rect)
        add(frame.weights, plan.weights)
        add(frame.terms, plan.terms)
        add(frame.output, plan.output.rect)
        for choice, area in zip(frame.choices, plan.choices, strict=False):
            for grid, rect in zip(choice.grids, thumbnail_rects(choice, area), strict=False):
                add(grid, rect)
        return found

    def parts(self, frame: Frame, plan: Plan, zooms: Mapping[str, Box]) -> Parts:
        """Return what the picture of a frame is made of."""
        found = {"head": head_part(plan.head, frame.explanation)}
        for choice, area in zip(frame.choices, plan.choices, strict=False):
            found[f"choice {choice.key}"] = choice_part(choice, area)
        placed = self.spaces(frame, plan, zooms)
        for grid, space in placed:
            found[f"cells {grid.key}"] = kept_cells(space, grid, self.images, self._kept)
        found |= _ray_parts(frame, plan)
        small = {grid.key for choice in frame.choices for grid in choice.grids}
        for grid, space in placed:
            if grid.key not in small and not _is_enlarged(grid, frame):
                end = plan.output.left - 12 if grid.key == "weights" else None
                found[f"title {grid.key}"] = _title_part(space.rect, grid, end)
            if grid.key in ("input", "output"):
                found |= labels_parts(space, grid, role=grid.role.value)
        found |= _link_parts(plan)
        reading = _reading(frame, plan)
        found["reading"] = _arrow_part(reading, "reads")
        for grid, space in placed:
            found |= marks_parts(grid, space)
        found["start"] = call(around(reading[:1], 5), _paint_start, at=reading[0])
        found["node"] = call(around([plan.node], 60), _paint_node, at=plan.node, sign=frame.node)
        found |= self._side_parts(frame, plan)
        for choice, area in zip(frame.choices, plan.choices, strict=False):
            chosen = thumbnail_rects(choice, area)[choice.current]
            found[f"chosen {choice.key}"] = call(
                chosen.adjusted(-4, -4, 4, 4), _paint_chosen, rect=chosen
            )
        if frame.graph is not None and len(plan.choices) > len(frame.choices):
            area = plan.choices[-1]
            found["graph"] = call(area, paint_graph, area=area, graph=frame.graph)
        return found

    def _side_parts(self, frame: Frame, plan: Plan) -> dict[str, Part]:
        """Return what stands beside and under the grids."""
        found = {}
        if plan.side_note is not None:
            lines = tuple((str(line), line.tone) for line in frame.where)
            covered = plan.side_note.adjusted(-2, -4, 200, 12)
            paint = partial(_paint_side_note, rect=plan.side_note, lines=lines)
            found["side note"] = Part(covered, lines, paint)
        if plan.rule is not None:
            words = str(frame.rule)
            covered = plan.rule.adjusted(-2, -2, 2, 40)
            found["rule"] = call(covered, _paint_rule, rect=plan.rule, words=words)
        if not plan.colour_bar.isEmpty():
            covered = plan.colour_bar.adjusted(-40, -2, 70, 18)
            scale = frame.output.plane.scale
            found["colours"] = call(covered, _paint_colour_bar, rect=plan.colour_bar, scale=scale)
        if plan.strip is not None and frame.strip is not None:
            covered = plan.strip.adjusted(-2, -2, 20, 24)
            found["strip"] = call(covered, paint_strip, rect=plan.strip, strip=frame.strip)
        return found


def _link_parts(plan: Plan) -> dict[str, Part]:
    """Return what joins the weights, the terms and the output."""
    terms = plan.terms
    node, half = plan.node, NODE / 2
    found = {}
    if plan.weights is not None:
        x = plan.weights.center().x()
        points = [QPointF(x, plan.weights.bottom() + 3), QPointF(x, terms.top() - TITLE - 2)]
        found["weights in"] = _arrow_part(points, "weights")
    target = plan.output.rect
    y = min(max(node.y(), target.top() + 6), target.bottom() - 6)
    turn = (node.x() + half + target.left()) / 2
    points = [
        QPointF(node.x() + half, node.y()),
        QPointF(turn, node.y()),
        QPointF(turn, y),
        QPointF(target.left() - 3, y),
    ]
    ends = [QPointF(terms.right() + 3, node.y()), QPointF(node.x() - half, node.y())]
    found["terms out"] = call(around([*ends, *points], 3), _paint_result, ends=ends, points=points)
    return found


def _paint_result(painter: QPainter, ends: list[QPointF], points: list[QPointF]) -> None:
    """Draw the line from the terms to their sum, and on to the output."""
    painter.setPen(QPen(theme.colour("writes"), metrics.LINK))
    painter.drawLine(QLineF(*ends))
    path = QPainterPath(points[0])
    for point in points[1:]:
        path.lineTo(point)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)


def _reading(frame: Frame, plan: Plan) -> list[QPointF]:
    """Return the way of the arrow from the input's window to the terms."""
    space = CellSpace(plan.input.rect, frame.input.view)
    windows = [mark.box for mark in frame.input.marks if mark.kind.value == "window"]
    cells = [mark.box for mark in frame.input.marks if mark.kind.value == "cell"]
    end_x = plan.terms.left() - 4
    gutter = (plan.input.rect.right() + 26 + end_x) / 2
    if windows:
        rect = space.box(windows[0])
        start_x = min(rect.right(), plan.input.rect.right())
        # Along a line of the grid, never over a number, and not along the window's own edge.
        y = rect.top() + space.down
        if cells and cells[0].top > windows[0].top + 0.5:
            y = space.box(cells[0]).top()
    else:
        start_x, y = plan.input.rect.right() + 32, plan.input.rect.center().y()
    y = min(max(y, plan.input.rect.top()), plan.input.rect.bottom())
    end_y = min(max(y, plan.terms.top() + 6), plan.terms.bottom() - 6)
    points = [QPointF(start_x, y)]
    if abs(end_y - y) > 0.5:
        points += [QPointF(gutter, y), QPointF(gutter, end_y)]
    return [*points, QPointF(end_x, end_y)]


def _paint_start(painter: QPainter, at: QPointF) -> None:
    painter.setPen(QPen(theme.colour("stage"), 1))
    painter.setBrush(theme.colour("reads"))
    painter.drawEllipse(at, 3.5, 3.5)


def _is_enlarged(grid: Grid, frame: Frame) -> bool:
    return (grid.key == "input" and frame.input_overview is not None) or (
        grid.key == "output" and frame.output_overview is not None
    )


def _arrow_part(points: list[QPointF], ink: str) -> Part:
    return call(around(points, 8), _arrow, points=points, ink=ink)


def _arrow(painter: QPainter, points: list[QPointF], ink: str) -> None:
    painter.setPen(QPen(theme.colour(ink), metrics.LINK))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF(points))
    tip, before = points[-1], points[-2]
    along_x = (tip.x() > before.x()) - (tip.x() < before.x())
    along_y = (tip.y() > before.y()) - (tip.y() < before.y())
    size = 5.0
    back = QPointF(along_x, along_y) * size
    side = QPointF(along_y, along_x) * size
    wings = [tip - back - side, tip, tip - back + side]
    painter.drawPolyline(QPolygonF(wings))


def head_part(rect: QRectF, told: Explanation) -> Part:
    """Return the part that ``paint_head`` draws; a headline may be longer than there is room."""
    covered = rect.adjusted(-4, -4, 400, 4)
    look = (told.headline, str(told.sentence))
    return Part(covered, look, partial(paint_head, rect=rect, told=told))


def paint_head(painter: QPainter, rect: QRectF, told: Explanation) -> None:
    """Paint the headline of a step, and the sentence under it."""
    font = headline_font()
    draw_pieces(painter, QPointF(rect.left(), rect.top() + 24), told.headline, font, gap=14)
    text(
        painter,
        QRectF(rect.left(), rect.top() + 34, rect.width(), 22),
        str(told.sentence),
        font=fonts.ui(metrics.BODY),
        ink="ink2",
    )


def _title_part(rect: QRectF, grid: Grid, end: float | None) -> Part:
    """Return a grid's title with its note, which is cut where the next column begins."""
    title, note = str(grid.title), str(grid.note)
    width = text_width(fonts.ui(metrics.TITLE, metrics.SEMIBOLD), title)
    left = rect.left()
    if not note or grid.key == "terms":
        left = rect.center().x() - width / 2
    if end is not None:
        room = QFontMetricsF(fonts.ui(metrics.TITLE))
        note = room.elidedText(note, Qt.TextElideMode.ElideRight, end - left - width - 5)
    whole = width + 5 + text_width(fonts.ui(metrics.TITLE), note)
    covered = QRectF(left - 2, rect.top() - 26, whole + 4, 24)
    at = QPointF(left, rect.top() - 9)
    return call(covered, _paint_title, at=at, width=width, title=title, note=note)


def _paint_title(painter: QPainter, at: QPointF, width: float, title: str, note: str) -> None:
    painter.setFont(fonts.ui(metrics.TITLE, metrics.SEMIBOLD))
    painter.setPen(theme.colour("ink1"))
    painter.drawText(at, title)
    painter.setFont(fonts.ui(metrics.TITLE))
    painter.setPen(theme.colour("ink3"))
    painter.drawText(QPointF(at.x() + width + 5, at.y()), note)


def _ray_parts(frame: Frame, plan: Plan) -> dict[str, Part]:
    """Return the lines from the overviews to what they enlarge."""
    found = {}
    for column, grid in ((plan.input, frame.input_overview), (plan.output, frame.output_overview)):
        if grid is not None and column.overview is not None:
            small, large = column.overview, column.rect
            lines = [
                QLineF(small.bottomLeft(), large.topLeft()),
                QLineF(small.bottomRight(), large.topRight()),
            ]
            covered = around([end for line in lines for end in (line.p1(), line.p2())], 1)
            found[f"rays {grid.key}"] = call(covered, _paint_rays, lines=lines)
    return found


def _paint_rays(painter: QPainter, lines: list[QLineF]) -> None:
    painter.setPen(QPen(theme.colour("border"), metrics.HAIRLINE))
    painter.drawLines(lines)


def _paint_node(painter: QPainter, at: QPointF, sign: str) -> None:
    font = fonts.math(19) if len(sign) == 1 else fonts.ui(metrics.CAPTION, metrics.SEMIBOLD)
    width = max(float(NODE), QFontMetricsF(font).horizontalAdvance(sign) + 18)
    rect = QRectF(0, 0, width, NODE)
    rect.moveCenter(at)
    painter.setPen(QPen(theme.colour("writes"), metrics.LINK))
    painter.setBrush(theme.colour("writes_wash"))
    painter.drawRoundedRect(rect, NODE / 2, NODE / 2)
    painter.setFont(font)
    painter.setPen(theme.colour("writes"))
    painter.drawText(rect, CENTRE, sign)


def _paint_side_note(painter: QPainter, rect: QRectF, lines: tuple[tuple[str, Tone], ...]) -> None:
    y = rect.top() + 13
    for words, tone in lines:
        weight = metrics.SEMIBOLD if tone is Tone.READS else metrics.REGULAR
        painter.setFont(fonts.ui(metrics.CONTROL, weight))
        painter.setPen(theme.colour("reads" if tone is Tone.READS else "ink2"))
        painter.drawText(QPointF(rect.left(), y), words)
        y += metrics.BODY_LINE


def _paint_rule(painter: QPainter, rect: QRectF, words: str) -> None:
    painter.setFont(fonts.ui(metrics.CONTROL))
    painter.setPen(theme.colour("ink2"))
    flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignHCenter
    painter.drawText(rect, int(flags), words)


def _paint_colour_bar(painter: QPainter, rect: QRectF, scale: Scale) -> None:
    upright = rect.height() > rect.width()
    gradient = (
        QLinearGradient(rect.bottomLeft(), rect.topLeft())
        if upright
        else QLinearGradient(rect.topLeft(), rect.topRight())
    )
    table = colour_table(theme.current(), scale.kind)
    for at in range(17):
        pixel = int(table[round(at / 16 * (len(table) - 1))])
        gradient.setColorAt(at / 16, pixel)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(gradient)
    painter.drawRect(rect)
    whole = 1000 <= scale.limit < 1e7
    limit = count(round(scale.limit)) if whole else number(scale.limit)
    ends = {0.0: "0", 1.0: limit}
    if scale.kind is ScaleKind.SIGNED:
        ends = {0.0: MINUS + limit, 0.5: "0", 1.0: "+" + limit}
    for share, words in ends.items():
        if upright:
            y = rect.bottom() - share * rect.height()
            y = min(max(y, rect.top() + 7), rect.bottom() - 7)
            box = QRectF(rect.right() + 6, y - 8, 7.0 * len(words), 16)
        else:
            x = rect.left() + share * rect.width()
            box = QRectF(0, rect.bottom() + 2, 7.0 * len(words), 14)
            box.moveLeft(min(max(x - box.width() / 2, rect.left()), rect.right() - box.width()))
        draw_centred(painter, box, words, theme.colour("ink3"), size=11)


def _paint_chosen(painter: QPainter, rect: QRectF) -> None:
    outline(painter, rect, theme.colour("ink1"), 2)
