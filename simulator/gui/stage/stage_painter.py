"""Paints a whole frame: used by the window, and by pictures written to files."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QLinearGradient,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
)

from simulator.gui import fonts, metrics, theme
from simulator.gui.stage.colours import colour_table
from simulator.gui.stage.graph_painter import paint_graph
from simulator.gui.stage.grid_painter import (
    CellSpace,
    cells_key,
    outline,
    paint_cells,
    paint_labels,
    paint_marks,
)
from simulator.gui.stage.kept_pictures import KeptPictures
from simulator.gui.stage.numbers_painter import draw_centred
from simulator.gui.stage.pieces_painter import draw_pieces, headline_font, pieces_width
from simulator.gui.stage.plan import NODE, TITLE, Plan
from simulator.gui.stage.plane_images import PlaneImages
from simulator.gui.stage.strip_painter import paint_strip
from simulator.gui.widgets.painting import text
from simulator.lessons.frame import Box, Choice, Frame, Grid, ScaleKind
from simulator.traces.formula import Explanation, Tone
from simulator.traces.numbers import MINUS, count, number

THUMBNAIL_GAP = 22
LABEL = 16
LABELLED_FROM = 46.0
"""Pictures so wide have their name below; of smaller ones the title names the chosen."""


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

    def paint(self, painter: QPainter, frame: Frame, plan: Plan, zooms: Mapping[str, Box]) -> None:
        """Paint a frame on a painter whose origin is the stage's."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_head(painter, plan.head, frame.explanation)
        placed = self.spaces(frame, plan, zooms)
        self._paint_still(painter, frame, plan, placed)
        _paint_rays(painter, frame, plan)
        small = {grid.key for choice in frame.choices for grid in choice.grids}
        for grid, space in placed:
            if grid.key not in small:
                _paint_title(painter, space.rect, grid, enlarged=_is_enlarged(grid, frame))
            if grid.key in ("input", "output"):
                paint_labels(painter, space, grid, role=grid.role.value)
        start = self._paint_links(painter, frame, plan)
        for grid, space in placed:
            paint_marks(painter, space, grid)
        painter.setPen(QPen(theme.colour("stage"), 1))
        painter.setBrush(theme.colour("reads"))
        painter.drawEllipse(start, 3.5, 3.5)
        _paint_node(painter, plan.node, frame.node)
        if plan.side_note is not None:
            _paint_side_note(painter, plan.side_note, frame)
        if plan.rule is not None:
            _paint_rule(painter, plan.rule, frame)
        _paint_colour_bar(painter, plan.colour_bar, frame.output)
        if plan.strip is not None and frame.strip is not None:
            paint_strip(painter, plan.strip, frame.strip)
        for choice, area in zip(frame.choices, plan.choices, strict=False):
            _paint_chosen(painter, area, choice)
        if frame.graph is not None and len(plan.choices) > len(frame.choices):
            paint_graph(painter, plan.choices[-1], frame.graph)

    def _paint_still(
        self, painter: QPainter, frame: Frame, plan: Plan, placed: list[tuple[Grid, CellSpace]]
    ) -> None:
        """Paint what often stays the same from frame to frame, and lies under everything else."""
        ground = theme.colour("stage")
        for choice, area in zip(frame.choices, plan.choices, strict=False):
            key = (
                theme.current().name,
                str(choice.title),
                tuple(str(name) for name in choice.names),
                choice.current,
                (choice.grids[0].rows, choice.grids[0].columns),
            )
            paint = partial(_paint_choice, area=area, choice=choice)
            around = area.adjusted(-12, -2, 12, 2)
            self._kept.draw(painter, f"choice {choice.key}", key, around, paint, ground)
        for grid, space in placed:
            cells = partial(paint_cells, space=space, grid=grid, images=self.images)
            self._kept.draw(
                painter, f"cells {grid.key}", cells_key(space, grid), space.rect, cells, ground
            )

    def _paint_links(self, painter: QPainter, frame: Frame, plan: Plan) -> QPointF:
        """Draw what joins the grids; return where the reading begins."""
        terms = plan.terms
        node, half = plan.node, NODE / 2
        if plan.weights is not None:
            weights = theme.colour("weights")
            x = plan.weights.center().x()
            _arrow(
                painter,
                [QPointF(x, plan.weights.bottom() + 3), QPointF(x, terms.top() - TITLE - 2)],
                weights,
            )
        writes = theme.colour("writes")
        painter.setPen(QPen(writes, metrics.LINK))
        painter.drawLine(QLineF(terms.right() + 3, node.y(), node.x() - half, node.y()))
        target = plan.output.rect
        y = min(max(node.y(), target.top() + 6), target.bottom() - 6)
        turn = (node.x() + half + target.left()) / 2
        path = QPainterPath(QPointF(node.x() + half, node.y()))
        path.lineTo(turn, node.y())
        path.lineTo(turn, y)
        path.lineTo(target.left() - 3, y)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)
        return self._paint_reading(painter, frame, plan)

    def _paint_reading(self, painter: QPainter, frame: Frame, plan: Plan) -> QPointF:
        """Draw the arrow from the input's window to the terms; return where it begins."""
        space = CellSpace(plan.input.rect, frame.input.view)
        windows = [mark.box for mark in frame.input.marks if mark.kind.value == "window"]
        cells = [mark.box for mark in frame.input.marks if mark.kind.value == "cell"]
        reads = theme.colour("reads")
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
        points.append(QPointF(end_x, end_y))
        _arrow(painter, points, reads)
        return points[0]


def _is_enlarged(grid: Grid, frame: Frame) -> bool:
    return (grid.key == "input" and frame.input_overview is not None) or (
        grid.key == "output" and frame.output_overview is not None
    )


def _arrow(painter: QPainter, points: list[QPointF], colour: QColor) -> None:
    painter.setPen(QPen(colour, metrics.LINK))
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


def headline_width(frame: Frame) -> float:
    """Return how wide the headline is."""
    return pieces_width(frame.explanation.headline, headline_font(), gap=14)


def _paint_title(painter: QPainter, rect: QRectF, grid: Grid, *, enlarged: bool) -> None:
    if enlarged:
        return
    title_font = fonts.ui(metrics.TITLE, metrics.SEMIBOLD)
    words = str(grid.title)
    baseline = rect.top() - 9
    width = QFontMetricsF(title_font).horizontalAdvance(words)
    note_font = fonts.ui(metrics.TITLE)
    note = str(grid.note)
    left = rect.left()
    if not note or grid.key == "terms":
        left = rect.center().x() - width / 2
    painter.setFont(title_font)
    painter.setPen(theme.colour("ink1"))
    painter.drawText(QPointF(left, baseline), words)
    painter.setFont(note_font)
    painter.setPen(theme.colour("ink3"))
    painter.drawText(QPointF(left + width + 5, baseline), note)


def _paint_rays(painter: QPainter, frame: Frame, plan: Plan) -> None:
    painter.setPen(QPen(theme.colour("border"), metrics.HAIRLINE))
    for column, grid in ((plan.input, frame.input_overview), (plan.output, frame.output_overview)):
        if grid is not None and column.overview is not None:
            painter.drawLine(QLineF(column.overview.bottomLeft(), column.rect.topLeft()))
            painter.drawLine(QLineF(column.overview.bottomRight(), column.rect.topRight()))


def _paint_node(painter: QPainter, centre: QPointF, sign: str) -> None:
    font = fonts.math(19) if len(sign) == 1 else fonts.ui(metrics.CAPTION, metrics.SEMIBOLD)
    width = max(float(NODE), QFontMetricsF(font).horizontalAdvance(sign) + 18)
    rect = QRectF(0, 0, width, NODE)
    rect.moveCenter(centre)
    painter.setPen(QPen(theme.colour("writes"), metrics.LINK))
    painter.setBrush(theme.colour("writes_wash"))
    painter.drawRoundedRect(rect, NODE / 2, NODE / 2)
    painter.setFont(font)
    painter.setPen(theme.colour("writes"))
    painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), sign)


def _paint_side_note(painter: QPainter, rect: QRectF, frame: Frame) -> None:
    y = rect.top() + 13
    for line in frame.where:
        weight = metrics.SEMIBOLD if line.tone is Tone.READS else metrics.REGULAR
        painter.setFont(fonts.ui(metrics.CONTROL, weight))
        painter.setPen(theme.colour("reads" if line.tone is Tone.READS else "ink2"))
        painter.drawText(QPointF(rect.left(), y), str(line))
        y += metrics.BODY_LINE


def _paint_rule(painter: QPainter, rect: QRectF, frame: Frame) -> None:
    painter.setFont(fonts.ui(metrics.CONTROL))
    painter.setPen(theme.colour("ink2"))
    flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignHCenter
    painter.drawText(rect, int(flags), str(frame.rule))


def _paint_colour_bar(painter: QPainter, rect: QRectF, grid: Grid) -> None:
    if rect.isEmpty():
        return
    scale = grid.plane.scale
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


def thumbnail_rects(choice: Choice, area: QRectF) -> list[QRectF]:
    """Return where the pictures of a choice stand in its area: as large as they fit."""
    if not choice.grids:
        return []
    space = area.adjusted(0, 32, 0, 0)
    labelled = _thumbnails(choice, space, LABEL)
    if labelled[0].width() >= LABELLED_FROM:
        return labelled
    return _thumbnails(choice, space, 0)


def _thumbnails(choice: Choice, space: QRectF, label: float) -> list[QRectF]:
    """Return a rectangle for each picture, in cells of one size: that of the largest of them."""
    total = len(choice.grids)
    aspect = max(grid.columns / max(grid.rows, grid.columns) for grid in choice.grids)
    gap = float(THUMBNAIL_GAP if choice.sum_of else 6)
    best: tuple[float, int] = (1.0, 1)
    for rows in range(1, 5):
        across = -(-total // rows)
        side = min(
            (space.width() - gap * (across - 1)) / across,
            (space.height() - 6 * (rows - 1)) / rows - label,
        )
        if side > best[0]:
            best = (side, rows)
    side, rows = float(int(min(best[0], 84))), best[1]
    across = -(-total // rows)
    width = side * aspect
    height = side * max(grid.rows / max(grid.rows, grid.columns) for grid in choice.grids)
    rects = []
    for at, grid in enumerate(choice.grids):
        scale = side / max(grid.rows, grid.columns)
        rect = QRectF(0, 0, max(1.0, grid.columns * scale), max(1.0, grid.rows * scale))
        rect.moveLeft(space.left() + (at % across) * (width + gap) + (width - rect.width()) / 2)
        top = space.top() + at // across * (height + 6 + label)
        rect.moveTop(top + (height - rect.height()) / 2)
        rects.append(rect)
    return rects


def _paint_choice(painter: QPainter, area: QRectF, choice: Choice) -> None:
    painter.setPen(QPen(theme.colour("hairline"), metrics.HAIRLINE))
    painter.drawLine(QLineF(area.topLeft(), area.topRight()))
    text(
        painter,
        QRectF(area.left(), area.top() + 8, area.width(), 20),
        str(choice.title),
        font=fonts.ui(metrics.TITLE, metrics.SEMIBOLD),
        ink="ink1",
    )
    rects = thumbnail_rects(choice, area)
    labelled = bool(rects) and rects[0].width() >= LABELLED_FROM
    if not labelled:
        title_width = QFontMetricsF(fonts.ui(metrics.TITLE, metrics.SEMIBOLD)).horizontalAdvance(
            str(choice.title)
        )
        text(
            painter,
            QRectF(area.left() + title_width + 6, area.top() + 8, area.width(), 20),
            str(choice.names[choice.current]),
            font=fonts.ui(metrics.TITLE),
            ink="ink3",
        )
    for at, rect in enumerate(rects):
        chosen = at == choice.current
        lowest = max(other.bottom() for other in rects if other.top() < rect.bottom())
        if labelled:
            box = QRectF(rect.left() - 10, lowest + 2, rect.width() + 20, 16)
            painter.setFont(
                fonts.ui(metrics.CAPTION, metrics.SEMIBOLD if chosen else metrics.REGULAR)
            )
            painter.setPen(theme.colour("ink1" if chosen else "ink3"))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), str(choice.names[at]))
        if choice.sum_of and at + 1 < len(rects):
            plus = QRectF(rect.right(), rect.top(), THUMBNAIL_GAP, rect.height())
            draw_centred(painter, plus, "+", theme.colour("ink2"), size=14)


def _paint_chosen(painter: QPainter, area: QRectF, choice: Choice) -> None:
    outline(painter, thumbnail_rects(choice, area)[choice.current], theme.colour("ink1"), 2)
