"""Paints one grid: its cells as an image, their numbers, the labels around."""

from __future__ import annotations

from functools import lru_cache, partial
from math import ceil, floor

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from simulator.gui import metrics, theme
from simulator.gui.stage import numbers_painter
from simulator.gui.stage.kept_pictures import KeptPictures
from simulator.gui.stage.plane_images import PlaneImages
from simulator.gui.widgets.parts import Part, call
from simulator.lessons.frame import Box, Grid, MarkKind
from simulator.traces.numbers import number

GRID_FROM = 9.0
"""Cells of this size and more are told apart by lines, and those to come by a dot."""
LABELS_FROM = 18.0
HATCH = 8
CELL_LINES = 0.59
"""How strong the lines between cells are."""


class CellSpace:
    """The mapping between cells and pixels: ``view`` (in cells) fills ``rect``."""

    def __init__(self, rect: QRectF, view: Box) -> None:
        """Take the rectangle and the part of the grid that fills it."""
        self.rect = rect
        self.view = view
        self.across = rect.width() / view.width
        self.down = rect.height() / view.height

    def box(self, box: Box) -> QRectF:
        """Return the rectangle of a box of cells."""
        return QRectF(
            self.rect.left() + (box.left - self.view.left) * self.across,
            self.rect.top() + (box.top - self.view.top) * self.down,
            box.width * self.across,
            box.height * self.down,
        )

    def cell_at(self, point: QPointF) -> tuple[int, int] | None:
        """Return the row and column under a point of the rectangle."""
        if not self.rect.contains(point):
            return None
        return (
            floor(self.view.top + (point.y() - self.rect.top()) / self.down),
            floor(self.view.left + (point.x() - self.rect.left()) / self.across),
        )

    def visible(self) -> tuple[range, range]:
        """Return the rows and columns of which anything is in view."""
        # A view that stands still on whole cells must not show a sliver of the next one.
        edge = 1e-6
        return (
            range(floor(self.view.top + edge), ceil(self.view.top + self.view.height - edge)),
            range(floor(self.view.left + edge), ceil(self.view.left + self.view.width - edge)),
        )


def cells_key(space: CellSpace, grid: Grid) -> tuple[object, ...]:
    """Return what the cells of a grid look the same by, besides their rectangle."""
    return (
        theme.current().name,
        grid.plane.identity,
        grid.state_key,
        space.view,
        grid.padding,
        grid.padding_text,
        grid.pending,
        grid.edited,
        _results(grid),
    )


def kept_cells(space: CellSpace, grid: Grid, images: PlaneImages, kept: KeptPictures) -> Part:
    """Return the part that ``paint_cells`` draws; copied where only what lies over it moves."""
    key = cells_key(space, grid)

    def paint(painter: QPainter) -> None:
        cells = partial(paint_cells, space=space, grid=grid, images=images)
        ground = theme.colour("stage")
        kept.draw(painter, f"cells {grid.key}", key, space.rect, cells, ground)

    return Part(space.rect, key, paint)


def paint_cells(painter: QPainter, space: CellSpace, grid: Grid, images: PlaneImages) -> None:
    """Paint the cells of a grid, without its marks."""
    painter.save()
    painter.setClipRect(space.rect, Qt.ClipOperation.IntersectClip)
    rows, columns = space.visible()
    large = min(space.across, space.down) >= GRID_FROM
    if grid.written is not None or any(grid.padding):
        _paint_ground(painter, space, hatched=not large)
    image = images.image(theme.current(), grid)
    shown_rows = range(max(rows.start, 0), min(rows.stop, grid.rows))
    shown_columns = range(max(columns.start, 0), min(columns.stop, grid.columns))
    if shown_rows and shown_columns:
        source = QRectF(shown_columns.start, shown_rows.start, len(shown_columns), len(shown_rows))
        target = space.box(
            Box(shown_rows.start, shown_columns.start, len(shown_rows), len(shown_columns))
        )
        shrunk = space.across * painter.device().devicePixelRatio() < 1
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shrunk)
        painter.drawImage(target, image, source)
    if large:
        _paint_lines(painter, space, rows, columns)
        _paint_numbers(painter, space, grid, image, rows, columns)
    painter.restore()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(theme.colour("border"), metrics.HAIRLINE))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(space.rect)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)


def _paint_ground(painter: QPainter, space: CellSpace, *, hatched: bool) -> None:
    painter.fillRect(space.rect, theme.colour("stage"))
    if not hatched:
        return
    _paint_hatch(painter, space.rect, HATCH)


def _paint_hatch(painter: QPainter, rect: QRectF, step: int) -> None:
    """Paint lines at 45° across a rectangle.

    They end a pixel beyond it, where they are cut off: far ends would shift the lines a little,
    depending on how near the edge of the picture is.
    """
    painter.save()
    painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
    painter.setPen(QPen(theme.colour("border"), metrics.HAIRLINE))
    left, top = rect.left(), rect.top()
    lines = []
    for at in range(step, int(rect.width() + rect.height()), step):
        beyond, below = max(0.0, at - rect.width()), max(0.0, at - rect.height())
        lines.append(
            QLineF(left + at - beyond + 1, top + beyond - 1, left + below - 1, top + at - below + 1)
        )
    painter.drawLines(lines)
    painter.restore()


def _paint_lines(painter: QPainter, space: CellSpace, rows: range, columns: range) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(theme.colour("stage", CELL_LINES), 1))
    rect = space.rect
    lines = []
    for row in rows:
        y = rect.top() + (row - space.view.top) * space.down
        lines.append(QLineF(rect.left(), y, rect.right(), y))
    for column in columns:
        x = rect.left() + (column - space.view.left) * space.across
        lines.append(QLineF(x, rect.top(), x, rect.bottom()))
    painter.drawLines(lines)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)


@lru_cache(maxsize=4096)
def ink_on(pixel: int) -> QColor:
    """Return black or white, whichever stands out more from an opaque pixel (WCAG 2.2)."""

    def linear(part: int) -> float:
        share = part / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    luminance = (
        0.2126 * linear(pixel >> 16 & 255)
        + 0.7152 * linear(pixel >> 8 & 255)
        + 0.0722 * linear(pixel & 255)
    )
    return QColor("#000000") if luminance > 0.179 else QColor("#ffffff")


def _paint_numbers(
    painter: QPainter, space: CellSpace, grid: Grid, image: QImage, rows: range, columns: range
) -> None:
    cell = min(space.across, space.down)
    size = None
    if grid.plane.values.ndim == 2:
        size = numbers_painter.fitting_size(grid.plane.longest, cell)
    if size is None and grid.written is None and not any(grid.padding) and not grid.edited:
        return  # the image of the cells is all that there is
    pending = grid.pending if _pending_fits(grid, space.across) else None
    results = _results(grid)
    for row in rows:
        top = space.rect.top() + (row - space.view.top) * space.down
        for column in columns:
            left = space.rect.left() + (column - space.view.left) * space.across
            rect = QRectF(left, top, space.across, space.down)
            if not grid.holds(row, column):
                _paint_padding(painter, rect, grid.padding_text, size)
                continue
            if not grid.is_written(row, column):
                _paint_pending(painter, rect, pending[row][column] if pending else "")
                continue
            if size is not None and (row, column) not in results:
                ink = ink_on(image.pixel(column, row))
                numbers_painter.draw_centred(painter, rect, grid.text(row, column), ink, size=size)
            if (row, column) in grid.edited:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.colour("ink1"))
                corner = rect.topRight()
                painter.drawPolygon(
                    [corner, corner + QPointF(-cell * 0.26, 0), corner + QPointF(0, cell * 0.26)]
                )


def _results(grid: Grid) -> set[tuple[float, float]]:
    """Return the cells that are being written: their numbers are painted in their role's colour."""
    if grid.key != "output":
        return set()
    return {(mark.box.top, mark.box.left) for mark in grid.marks if mark.kind is MarkKind.CELL}


def _paint_padding(painter: QPainter, rect: QRectF, text: str, size: int | None) -> None:
    painter.fillRect(rect, theme.colour("well"))
    _paint_hatch(painter, rect, HATCH + 2)
    if text and size is not None:
        numbers_painter.draw_centred(painter, rect, text, theme.colour("ink3"), size=size)


def _pending_fits(grid: Grid, cell: float) -> bool:
    """Return whether the texts of all cells to come can be read; some alone would puzzle."""
    if grid.pending is None:
        return False
    longest = max((text for row in grid.pending for text in row), key=len, default="")
    return numbers_painter.text_width(longest, 11) <= cell - 1


def _paint_pending(painter: QPainter, rect: QRectF, text: str) -> None:
    if text:
        numbers_painter.draw_centred(painter, rect, text, theme.colour("ink3"), size=11)
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("ghost"))
    radius = 1.6 if rect.width() >= 16 else 1.0
    painter.drawEllipse(rect.center(), radius, radius)


def labels_parts(space: CellSpace, grid: Grid, *, role: str) -> dict[str, Part]:
    """Return the numbers of rows right of a grid and of columns under it; the window's in colour.

    Cells may be too small for any.
    """
    if min(space.across, space.down) < LABELS_FROM:
        return {}
    lit = [mark.box for mark in grid.marks if mark.kind in (MarkKind.WINDOW, MarkKind.CELL)][:1]
    rows, columns = space.visible()
    rect = space.rect
    lit_rows = [
        row for row in rows if any(box.top <= row + 0.5 < box.top + box.height for box in lit)
    ]
    lit_columns = [
        at for at in columns if any(box.left <= at + 0.5 < box.left + box.width for box in lit)
    ]
    beside = QRectF(rect.right() + 4, rect.top(), 36, rect.height())
    below = QRectF(rect.left(), rect.bottom() + 4, rect.width(), 26)
    view = space.view
    return {
        f"rows {grid.key}": call(
            beside, _paint_rows, area=beside, view=view, rows=rows, lit=lit_rows, role=role
        ),
        f"columns {grid.key}": call(
            below, _paint_columns, area=below, view=view, at=columns, lit=lit_columns, role=role
        ),
    }


def _paint_rows(
    painter: QPainter, area: QRectF, view: Box, rows: range, lit: list[int], role: str
) -> None:
    painter.save()
    painter.setClipRect(area.adjusted(-4, 0, 0, 0), Qt.ClipOperation.IntersectClip)
    down = area.height() / view.height
    for row in rows:
        here = QRectF(area.left(), area.top() + (row - view.top) * down, 22, down)
        ink = theme.colour(role if row in lit else "ink3")
        numbers_painter.draw_centred(painter, here, number(row), ink, size=11)
    painter.restore()


def _paint_columns(
    painter: QPainter, area: QRectF, view: Box, at: range, lit: list[int], role: str
) -> None:
    painter.save()
    painter.setClipRect(area.adjusted(0, -4, 0, 0), Qt.ClipOperation.IntersectClip)
    across = area.width() / view.width
    for column in at:
        here = QRectF(area.left() + (column - view.left) * across, area.top(), across, 16)
        ink = theme.colour(role if column in lit else "ink3")
        numbers_painter.draw_centred(painter, here, number(column), ink, size=11)
    painter.restore()
