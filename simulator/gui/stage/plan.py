"""Where everything stands on a stage of a given size. Rectangles are in logical pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF

from simulator.gui import metrics
from simulator.lessons.frame import Extents, Room

HEAD = 86
"""From the top of the stage to the titles of the grids: headline and sentence."""
TITLE = 22
"""From the top of a grid's title to the grid."""
LABELS = 24
"""For the numbers of rows right of a grid and of columns under it."""
RAYS = 32
"""Between an overview and its enlarged part."""
STRIP = 124
NODE = 38
"""The round sign between terms and result."""
LEAST_NUMBER_CELL = 25.0
"""The smallest cell that a number of three digits can be read in."""
LARGEST_CELL = 50.0
"""On a stage of the usual size; on larger ones cells grow with it, up to ``MOST_GROWN`` times."""
MOST_GROWN = 1.7
USUAL = 664.0
"""The height of the stage in a window of 1280 by 800."""
LEAST_CELL = 10.0
COLOUR_BAR = 66
"""The bar of colours right of the output's overview, with its numbers."""
LEAST_BAR = 96.0
"""The length of a bar that lies, so that the numbers under it stand apart."""


@dataclass(frozen=True, slots=True)
class Column:
    """An array's place: its overview, if it is too large to be seen whole, and its cells."""

    left: float
    overview: QRectF | None
    top: float
    cell: float
    room: tuple[int, int]
    shown: tuple[int, int]

    @property
    def rect(self) -> QRectF:
        """Return the rectangle of the cells."""
        rows, columns = self.shown
        return QRectF(self.left, self.top, columns * self.cell, rows * self.cell)

    def lowered(self, by: float) -> Column:
        """Return this column further down."""
        overview = None if self.overview is None else self.overview.translated(0, by)
        return replace(self, top=self.top + by, overview=overview)


@dataclass(frozen=True, slots=True)
class Plan:
    """Every rectangle of a stage."""

    head: QRectF
    input: Column
    weights: QRectF | None
    rule: QRectF | None
    terms: QRectF
    terms_cell: float
    node: QPointF
    output: Column
    colour_bar: QRectF
    side_note: QRectF | None
    strip: QRectF | None
    choices: tuple[QRectF, ...]
    foot: float
    """Where the grids and their labels end."""

    @property
    def room(self) -> Room:
        """Return how many cells the enlarged parts may take."""
        return Room(input=self.input.room, output=self.output.room)


def plan(width: float, height: float, extents: Extents) -> Plan:
    """Return the plan of a stage ``width`` by ``height`` for arrays of these extents."""
    margin = float(metrics.STAGE_MARGIN) if width > 640 else 16.0
    left, right = margin, width - margin
    available = right - left
    grown = min(max(1.0, height / USUAL), MOST_GROWN)
    choice_count = (1 if extents.channel_maps > 1 else 0) + (1 if extents.maps > 1 else 0)
    folded = height < 520 or not (extents.has_strip or choice_count)
    bottom = height - (16 if folded else round(STRIP * (0.5 + 0.5 * grown)) + 8)
    top = HEAD + TITLE
    body_bottom = bottom - LABELS - 4

    input_width = available * 0.33
    overview_side = _overview_side(input_width, body_bottom - top)
    input_column = _column(
        left,
        top,
        input_width,
        body_bottom,
        extents.input,
        _needed(extents.window),
        7,
        overview_side,
        LARGEST_CELL * grown,
    )
    output_left = left + available * 0.715
    output_column = _column(
        output_left,
        top,
        available * 0.285 - LABELS + min(margin, 18),
        body_bottom,
        extents.output,
        (3, 3),
        5,
        overview_side,
        LARGEST_CELL * grown,
    )
    if input_column.overview and not output_column.overview:
        output_column = _beside(output_column, input_column, body_bottom)
    elif output_column.overview and not input_column.overview:
        input_column = _beside(input_column, output_column, body_bottom)
    middle_left, middle_width = left + available * 0.395, available * 0.22
    centre = middle_left + middle_width / 2
    weights, rule, terms, cell = _middle(
        centre,
        middle_width,
        top,
        body_bottom,
        extents,
        beside=output_column if output_column.overview else input_column,
        largest=46.0 * grown,
    )
    terms_right = terms.right()
    node = QPointF((terms_right + output_left) / 2, terms.center().y())
    overview = output_column.overview
    bar_height = overview.height() if overview else min(140.0, output_column.rect.height())
    if overview:
        bar = QRectF(overview.right() + 14, overview.top(), 8, bar_height)
    else:
        under = output_column.rect
        length = min(max(under.width(), LEAST_BAR), 160.0)
        bar = QRectF(under.left(), under.bottom() + LABELS + 14, length, 8)
        if bar.bottom() + 18 > bottom:
            bar = QRectF()
    side_note = None
    if input_column.overview and input_column.overview.right() + 80 < middle_left - 8:
        side_note = QRectF(
            input_column.overview.right() + 14,
            input_column.overview.top(),
            middle_left - input_column.overview.right() - 22,
            input_column.overview.height(),
        )
    lowest = max(input_column.rect.bottom(), output_column.rect.bottom(), terms.bottom())
    spare = 0.0
    if not input_column.overview and not output_column.overview:
        # Small arrays are seen whole: what room they leave goes above and below them alike.
        spare = float(int(max(0.0, min((body_bottom - lowest) / 2, 90.0 * grown))))
        input_column = input_column.lowered(spare)
        output_column = output_column.lowered(spare)
        for rect in (weights, rule, terms, bar):
            if rect is not None and not rect.isEmpty():
                rect.translate(0, spare)
        node = node + QPointF(0, spare)
    strip, choices = _foot(
        QRectF(left, bottom, available, height - bottom), extents, choice_count, folded=folded
    )
    return Plan(
        head=QRectF(left, 22, available, HEAD - 22),
        input=input_column,
        weights=weights,
        rule=rule,
        terms=terms,
        terms_cell=cell,
        node=node,
        output=output_column,
        colour_bar=bar,
        side_note=side_note,
        strip=strip,
        choices=choices,
        foot=body_bottom + LABELS - 8,
    )


def _needed(window: tuple[int, int]) -> tuple[int, int]:
    """Return the cells that a view of the input must have: the window and one all around."""
    return (_with_margin(window[0]), _with_margin(window[1]))


def _with_margin(length: int) -> int:
    return length + 2 if length <= 17 else 7


def _overview_side(width: float, height: float) -> float:
    return min(max(min(width * 0.54, height * 0.32), 72.0), 280.0)


def _column(
    left: float,
    top: float,
    width: float,
    bottom: float,
    extents: tuple[int, int],
    needed: tuple[int, int],
    usual: int,
    overview_side: float,
    largest: float,
) -> Column:
    rows, columns = extents
    whole = min(width / columns, (bottom - top) / rows, largest)
    if whole >= LEAST_NUMBER_CELL:
        cell = float(int(whole))
        return Column(left, None, top, cell, (rows, columns), (rows, columns))
    scale = overview_side / max(rows, columns)
    overview = QRectF(left, top, round(columns * scale), round(rows * scale))
    patch_top = top + overview_side + RAYS
    height = bottom - patch_top
    cell = min(max(width / usual, LEAST_NUMBER_CELL), 44.0)
    cell = min(cell, width / min(needed[1], columns), height / min(needed[0], rows))
    cell = float(max(int(cell), int(LEAST_CELL)))
    room = (
        max(1, min(int(height / cell), rows)),
        max(1, min(int(width / cell), columns)),
    )
    return Column(left, overview, patch_top, cell, room, room)


def _beside(small: Column, large: Column, bottom: float) -> Column:
    """Return a column that is seen whole, moved down beside the enlarged part of the other."""
    wanted = large.rect.center().y() - small.rect.height() / 2
    lowest = bottom - small.rect.height()
    return small.lowered(float(int(max(0.0, min(wanted, lowest) - small.top))))


def _middle(
    centre: float,
    width: float,
    top: float,
    bottom: float,
    extents: Extents,
    *,
    beside: Column,
    largest: float,
) -> tuple[QRectF | None, QRectF | None, QRectF, float]:
    rows, columns = extents.terms
    gap = 44.0
    # At a large window the kernel would push the products off the stage: both share the height.
    height = (bottom - top - gap - TITLE) / 2
    cell = float(max(int(min(largest, width / columns, height / rows)), int(LEAST_CELL)))
    upper = QRectF(0, top, columns * cell, rows * cell)
    upper.moveLeft(round(centre - upper.width() / 2))
    terms_cell = float(max(int(min(largest, width / columns, height / rows)), int(LEAST_CELL)))
    terms = QRectF(0, 0, columns * terms_cell, rows * terms_cell)
    terms.moveLeft(round(centre - terms.width() / 2))
    middle_of_patch = beside.rect.center().y()
    least = upper.bottom() + gap if extents.has_weights else top + 110
    terms.moveTop(round(max(least, middle_of_patch - terms.height() / 2)))
    terms.moveTop(min(terms.top(), max(top, bottom - terms.height())))
    if extents.has_weights:
        return upper, None, terms, terms_cell
    rule = QRectF(round(centre - width / 2), top, width, terms.top() - TITLE - top - 8)
    return None, rule, terms, terms_cell


def _foot(
    area: QRectF, extents: Extents, choice_count: int, *, folded: bool
) -> tuple[QRectF | None, tuple[QRectF, ...]]:
    if folded:
        return None, ()
    area = area.adjusted(0, 8, 0, -8)
    if not choice_count:
        return area, ()
    if not extents.has_strip:
        share = area.width() / choice_count
        return None, tuple(
            QRectF(area.left() + at * share, area.top(), share - 16, area.height())
            for at in range(choice_count)
        )
    share = area.width() * (0.38 if choice_count == 1 else 0.29)
    strip = QRectF(area)
    strip.setRight(area.right() - share * choice_count)
    return strip, tuple(
        QRectF(strip.right() + 16 + at * share, area.top(), share - 16, area.height())
        for at in range(choice_count)
    )
