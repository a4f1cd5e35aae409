"""Where the layers of one row stand: in columns, by their longest way from an input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF

from simulator.gui import fonts, metrics
from simulator.gui.lab.mosaic import best_columns, grid
from simulator.gui.widgets.painting import text_width
from simulator.lab.presenting.pictures import Drawn, LayerPicture

TITLE = 17
"""Height of a layer's kind, below which its activation stands, and the edge to the next one."""
_EDGE_HEIGHT = 16
GAP = 36
"""Between two columns, where the wedges are."""
TIGHT_GAP = 12
"""Between two columns of a network for which there is hardly room."""
EDGE_ENDS = 16
"""What an edge takes beside its shape: a bit of line at either end, and the arrow's tip."""
_BESIDE_ACTIVATION = 8
_WIDE_GAP = 92
"""Between two columns of a network none of whose layers takes the room there is."""
_EDGE_GAP = 4
"""Between an edge's tip and the next layer."""
_BEYOND = TIGHT_GAP - _EDGE_GAP
STACK_GAP = 12
"""Between two layers of a column."""
_BOX_WIDTH, _BOX_HEIGHT = 56, 64
_COLUMN_WIDTH = 14
_CELL_MOST = 26
"""Height of a cell in a column of few, and the least of a row in a strip."""
_ROW_LEAST = 14
_BARS_WIDTH, _LABEL_MOST = 74, 72
_PICTURE_MOST = 88
_MAPS_LEAST = 80
_MAPS_MOST = 240
_ACROSS = 1.3
"""How much wider than high maps may be drawn."""


@dataclass(frozen=True, slots=True)
class Spacing:
    """How high what is written and drawn of a layer is.

    ``head`` has two lines: the layer's kind, and its activation with the edge to the next. ``foot``
    tells how many parameters it has, ``below`` is the room above that, where the outline of what is
    chosen lies. Values are drawn at least ``body`` high.
    """

    head: int
    body: int
    foot: int
    below: int

    @property
    def least(self) -> int:
        """Return how high a layer is at least with all that is written of it."""
        return self.head + self.body + self.foot


ROOMY = Spacing(head=38, body=32, foot=22, below=6)
CLOSE = Spacing(head=37, body=23, foot=16, below=3)
"""For a network of many rows."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a layer stands: the room of its words, of its values, and of the edge it ends in."""

    head: QRectF
    body: QRectF
    foot: QRectF
    edge: QRectF

    def moved(self, right: float) -> Place:
        """Return the place so many pixels further right."""
        return Place(*(each.translated(right, 0) for each in self._parts))

    def towards(self, other: Place, share: float) -> Place:
        """Return the place that lies so far, from 0 to 1, on the way to another."""
        return Place(
            *(_between(*each, share) for each in zip(self._parts, other._parts, strict=True))
        )

    @property
    def _parts(self) -> tuple[QRectF, QRectF, QRectF, QRectF]:
        return self.head, self.body, self.foot, self.edge

    @property
    def whole(self) -> QRectF:
        """Return what a click on the layer may hit."""
        return self.head.united(self.body)


def depths(layers: Sequence[LayerPicture]) -> dict[str, int]:
    """Return for each layer in how many steps the longest way leads to it from an input. All from
    which nothing goes on are as far as the last, or they would seem to go into what stands beside.
    """
    found: dict[str, int] = {}
    for layer in layers:  # each after those that it reads from
        found[layer.name] = max((found.get(name, -1) + 1 for name in layer.inputs), default=0)
    read = {name for layer in layers for name in layer.inputs}
    last = max(found.values(), default=0)
    ends = {layer.name: last for layer in layers if layer.inputs and layer.name not in read}
    return found | ends


def least_widths(columns: Sequence[Sequence[LayerPicture]]) -> tuple[list[float], list[float]]:
    """Return how wide each column is at least, within a row and at its end, where its edges end
    before the row does and not in the gap that follows.
    """
    inner, last = (
        [
            max(max(_body_width(layer), _words_width(layer, beyond)) for layer in column)
            for column in columns
        ]
        for beyond in (_BEYOND, 0.0)
    )
    return inner, last


def place_row(
    columns: Sequence[Sequence[LayerPicture]], room: QRectF, spacing: Spacing
) -> dict[str, Place]:
    """Return the places of the layers of one row, from left to right; maps share the width to
    spare.
    """
    inner, last = least_widths(columns)
    least = [*inner[:-1], *last[-1:]]
    gaps = max(len(columns) - 1, 1)
    growing = [index for index, column in enumerate(columns) if _grows(column)]
    widest = GAP if growing else _WIDE_GAP
    gap = min(max((room.width() - sum(least)) / gaps, TIGHT_GAP), widest)
    spare = room.width() - sum(least) - gap * gaps
    most = max(_MAPS_MOST, _ACROSS * room.height())
    more = max(0.0, spare) / len(growing) if growing else 0.0
    widths = [
        min(width + more, max(most, width)) if index in growing else width
        for index, width in enumerate(least)
    ]
    left_over = max(room.width() - sum(widths) - gap * gaps, 0.0)
    gap = max(gap, min(gap + left_over / gaps, _WIDE_GAP))
    places: dict[str, Place] = {}
    left = room.x()
    for index, (column, width) in enumerate(zip(columns, widths, strict=True)):
        share = (room.height() - STACK_GAP * (len(column) - 1)) / len(column)
        for row, layer in enumerate(column):
            top = room.y() + row * (share + STACK_GAP)
            head = QRectF(left, top, width, spacing.head)
            high = max(share - spacing.head - spacing.foot, 0.0)
            body = QRectF(left, top + spacing.head, width, high)
            drawn = _body(layer, body)
            under = min(drawn.bottom(), body.bottom()) + spacing.below
            foot = QRectF(left, under, width, spacing.foot - spacing.below)
            begin = left + activation_width(layer)
            ends = index + 1 == len(columns)
            end = left + width + (0 if ends else gap - _EDGE_GAP)
            edge = QRectF(begin, top + TITLE, end - begin, _EDGE_HEIGHT)
            places[layer.name] = Place(head, drawn, foot, edge)
        left += width + gap
    return places


def stacked(layers: Sequence[LayerPicture]) -> list[list[LayerPicture]]:
    """Return the layers in columns, each as far from the inputs as the one before and a step."""
    depth = depths(layers)
    columns: list[list[LayerPicture]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for layer in layers:
        columns[depth[layer.name]].append(layer)
    return columns


def _grows(column: Sequence[LayerPicture]) -> bool:
    return any(layer.drawn is Drawn.MAPS for layer in column)


def _words_width(layer: LayerPicture, beyond: float) -> float:
    kind = text_width(fonts.ui(metrics.TITLE, metrics.SEMIBOLD), layer.kind)
    below = text_width(fonts.mono(metrics.TEXT_LEAST), layer.parameters)
    shape = text_width(fonts.mono(metrics.CAPTION), layer.shape)
    edge = activation_width(layer) + shape + EDGE_ENDS - beyond
    return max(kind, edge, below) + 2


def activation_width(layer: LayerPicture) -> float:
    """Return how much room a layer's activation takes before its edge begins."""
    if not layer.activation:
        return 0.0
    return text_width(fonts.mono(metrics.CAPTION), layer.activation) + _BESIDE_ACTIVATION


def len_of(layer: LayerPicture) -> int:
    """Return how many values a column has."""
    return 1 if layer.values is None else len(layer.values)


def labels_width(layer: LayerPicture) -> float:
    """Return how much room the names of the classes have beside their bars."""
    bold = fonts.mono(metrics.TEXT_LEAST, metrics.SEMIBOLD)
    longest = max((text_width(bold, label) for label in layer.labels), default=0.0)
    return min(longest, _LABEL_MOST)


def _body_width(layer: LayerPicture) -> float:
    widths = {
        Drawn.BOX: _BOX_WIDTH,
        Drawn.PICTURE: 66,
        Drawn.MAPS: _MAPS_LEAST,
        Drawn.COLUMN: _COLUMN_WIDTH,
        Drawn.BARS: _BARS_WIDTH + labels_width(layer),
    }
    return widths[layer.drawn]


def _body(layer: LayerPicture, room: QRectF) -> QRectF:
    """Return the part of a layer's room that its values fill."""
    if layer.drawn is Drawn.PICTURE:
        side = min(room.width(), room.height(), _PICTURE_MOST)
        return QRectF(room.x(), room.center().y() - side / 2, side, side)
    if layer.drawn is Drawn.COLUMN:
        height = min(room.height(), len_of(layer) * _CELL_MOST)
        top = room.center().y() - height / 2
        return QRectF(room.x() + 4, top, _COLUMN_WIDTH, height)
    if layer.drawn is Drawn.MAPS and layer.values is not None:
        count, rows, across = layer.values.shape
        if count == 1 and rows != across:  # of a sequence, where cells need not be as high as wide
            height = min(max(room.width() * rows / across, rows * _ROW_LEAST), room.height())
            return QRectF(room.x(), room.center().y() - height / 2, room.width(), height)
        columns = best_columns(count, room.size(), (rows, across))
        maps = grid(room, count, columns, (rows, across))
        left = room.x() - maps[0].x()
        return maps[0].united(maps[-1]).united(maps[columns - 1]).translated(left, 0)
    if layer.drawn is Drawn.BOX:
        height = min(_BOX_HEIGHT, room.height())
        return QRectF(room.x(), room.center().y() - height / 2, _BOX_WIDTH, height)
    return room


def _between(start: QRectF, end: QRectF, share: float) -> QRectF:
    corner = start.topLeft() + (end.topLeft() - start.topLeft()) * share
    return QRectF(corner, start.size() + (end.size() - start.size()) * share)
