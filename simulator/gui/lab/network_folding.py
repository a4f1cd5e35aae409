"""A network in as many rows as it takes to be in view, read like a text, and its longer edges.

A neighbour reads along a wedge between the two. Whatever else goes from layer to layer, to the next
row or past others, runs as a wire in a lane below the row that it comes from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from PySide6.QtCore import QPointF, QRectF, QSizeF

from simulator.gui.lab import network_layout
from simulator.gui.lab.network_layout import CLOSE, ROOMY, STACK_GAP, TIGHT_GAP, Place, Spacing
from simulator.lab.presenting.pictures import LayerPicture

_LANE = 9
"""Height of the lane of one wire."""
_LANES_GAP = 3
"""From a row's lanes to the next row."""
_MARGIN, _BESIDE = 12, 4
"""Room of the first wire beside a row, and of each further one."""
_LEAVES, _ENTERS = 8.0, 10.0
"""How far before an edge's tip a wire leaves it, and before a layer it runs up to it."""
_TIP_GAP = 4.0
"""From a wire's tip to the layer, which may have an outline."""
_AT_FOOT = 8.0
"""A wire past other layers ends so far above the lower edge, the wedge's lines being further up."""
_ROUNDING = 0.01
_CROSSED = 80.0
"""Pixels of width that a row may have more if one wire less goes from it to the next."""


@dataclass(frozen=True, slots=True)
class Wire:
    """What goes from one layer to another that is no neighbour: along a line, to an arrow's tip.

    One that leaves its layer within a row begins with a dot on that layer's edge.
    """

    source: str
    target: str
    points: tuple[QPointF, ...]
    dotted: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """Where all layers are, which of them are joined by wedges (from, to), and the wires."""

    places: dict[str, Place]
    wedges: tuple[tuple[str, str], ...]
    wires: tuple[Wire, ...]

    def moved(self, right: float) -> Drawing:
        """Return the drawing so many pixels further right."""
        by = QPointF(right, 0)
        places = {name: place.moved(right) for name, place in self.places.items()}
        wires = (
            replace(each, points=tuple(point + by for point in each.points)) for each in self.wires
        )
        return Drawing(places, self.wedges, tuple(wires))


def rows_of(layers: Sequence[LayerPicture], width: float) -> list[list[list[LayerPicture]]]:
    """Return the rows, of columns, that the layers take in so many pixels."""
    fold = _Fold(layers, width)
    return [fold.columns[first:end] for first, end in fold.rows]


def needed_width(layers: Sequence[LayerPicture]) -> float:
    """Return how many pixels the network takes in one row, with each layer as narrow as can be."""
    inner, last = network_layout.least_widths(network_layout.stacked(layers))
    return sum([*inner[:-1], *last[-1:]]) + TIGHT_GAP * max(len(inner) - 1, 0)


def least_width(layers: Sequence[LayerPicture]) -> float:
    """Return how many pixels the widest layer takes, however many rows there are."""
    _, last = network_layout.least_widths(network_layout.stacked(layers))
    return max(last, default=0.0) + 2 * _MARGIN


def needed_height(layers: Sequence[LayerPicture], width: float, spacing: Spacing = ROOMY) -> float:
    """Return how many pixels all rows take in so much width, with each layer as low as may be."""
    return _Fold(layers, width).needed_height(spacing)


def arrange(layers: Sequence[LayerPicture], room: QSizeF) -> Drawing:
    """Return where all that is drawn of a network is, in as few rows as fit beside one another;
    they stand closer where there is no room for them.
    """
    fold = _Fold(layers, room.width())
    spacing = ROOMY if fold.needed_height(ROOMY) <= room.height() + _ROUNDING else CLOSE
    least = [fold.least_height(row, spacing) for row in range(len(fold.rows))]
    spare = max(room.height() - sum(least) - fold.between, 0.0)
    places: dict[str, Place] = {}
    bottoms: list[float] = []
    top = 0.0
    for row, (first, end) in enumerate(fold.rows):
        height = least[row] + spare * least[row] / sum(least)
        before, after = fold.margins(row)
        area = QRectF(before, top, room.width() - before - after, height)
        places |= network_layout.place_row(fold.columns[first:end], area, spacing)
        bottoms.append(top + height)
        top += height + fold.lanes_height(row)
    return Drawing(places, tuple(fold.wedges), _wires(fold, places, bottoms, room.width()))


class _Fold:
    """Which columns stand in which row, and what goes from row to row, before anything has a place.

    Columns are counted through all rows.
    """

    def __init__(self, layers: Sequence[LayerPicture], width: float) -> None:
        self.columns = network_layout.stacked(layers)
        self.depth = network_layout.depths(layers)
        self.pairs = [
            (name, layer.name) for layer in layers for name in layer.inputs if name in self.depth
        ]
        self._ends: dict[str, int] = {}  # how far what leaves a layer goes
        for source, target in self.pairs:
            self._ends[source] = max(self._ends.get(source, 0), self.depth[target])
        self.rows = self._cut(width)

    @cached_property
    def row_at(self) -> list[int]:
        """The row of each column."""
        return [row for row, (first, end) in enumerate(self.rows) for _ in range(first, end)]

    @cached_property
    def wedges(self) -> list[tuple[str, str]]:
        """Which layers stand beside those that they read from."""
        return [pair for pair in self.pairs if self._are_beside(*pair)]

    @cached_property
    def wired(self) -> list[tuple[str, str]]:
        """Which do not."""
        return [pair for pair in self.pairs if not self._are_beside(*pair)]

    @cached_property
    def lanes(self) -> list[dict[str, int]]:
        """For each row in which lane below it the wires of a layer run; 0 is the uppermost."""
        spans: list[dict[str, tuple[int, int]]] = [{} for _ in self.rows]
        for source, target in self.wired:
            start, goal = self.row_at[self.depth[source]], self.row_at[self.depth[target]]
            span = self.depth[source], self.depth[target] - 1
            if start != goal:
                span = self.rows[start][0] - 1, self.rows[start][1]
                if goal > start + 1:
                    spans[goal - 1][source] = self.rows[goal - 1][0] - 1, self.rows[goal - 1][1]
            known = spans[start].get(source, span)
            spans[start][source] = min(span[0], known[0]), max(span[1], known[1])
        return [_in_lanes(each) for each in spans]

    def crossing(self, end: int) -> list[str]:
        """Return the layers from which something goes past a column's beginning, in their order."""
        return [
            name for name, goes in self._ends.items() if self.depth[name] < end <= goes
        ]  # fmt: skip

    def margins(self, row: int) -> tuple[float, float]:
        """Return the room for wires before and after a row."""
        first, end = self.rows[row]
        return self._margin(first), self._margin(end)

    def least_height(self, row: int, spacing: Spacing) -> float:
        """Return how high a row is with each layer as low as it may be."""
        first, end = self.rows[row]
        most = max(map(len, self.columns[first:end]))
        return most * spacing.least + (most - 1) * STACK_GAP

    def needed_height(self, spacing: Spacing) -> float:
        """Return how high all rows are so, with what lies between them."""
        return sum(self.least_height(row, spacing) for row in range(len(self.rows))) + self.between

    def lanes_height(self, row: int) -> float:
        """Return how much room there is below a row for its wires."""
        lanes = max(self.lanes[row].values(), default=-1) + 1
        return lanes * _LANE + (_LANES_GAP if lanes else 0)

    @property
    def between(self) -> float:
        """Return how much room all wires below rows take."""
        return sum(map(self.lanes_height, range(len(self.rows))))

    def _are_beside(self, source: str, target: str) -> bool:
        start, end = self.depth[source], self.depth[target]
        return end - start == 1 and self.row_at[start] == self.row_at[end]

    def _margin(self, column: int) -> float:
        if not 0 < column < len(self.columns):
            return 0.0
        return _MARGIN + _BESIDE * max(len(self.crossing(column)) - 1, 0)

    def _cut(self, width: float) -> list[tuple[int, int]]:
        """Return the columns (first, end) of each row: in as few rows as can be, of about the same
        width, cut where little goes across.
        """
        inner, last = network_layout.least_widths(self.columns)
        count = len(self.columns)
        best: list[tuple[int, float, int]] = [(0, 0.0, 0)]  # rows, the widest, and the cut before
        for end in range(1, count + 1):
            found: tuple[int, float, int] | None = None
            across, after = last[end - 1], self._margin(end)
            for first in range(end - 1, -1, -1):
                needed = across + self._margin(first) + after
                if needed > width and first < end - 1:
                    break
                rows, widest, _ = best[first]
                wires = max(len(self.crossing(end)) - 1, 0) if end < count else 0
                option = rows + 1, max(widest, needed + _CROSSED * wires), first
                found = option if found is None else min(found, option)
                across += (inner[first - 1] if first else 0.0) + TIGHT_GAP
            assert found is not None
            best.append(found)
        cuts: list[tuple[int, int]] = []
        end = count
        while end:
            cuts.append((best[end][2], end))
            end = best[end][2]
        return cuts[::-1]


def _in_lanes(spans: dict[str, tuple[int, int]]) -> dict[str, int]:
    """Give each span a lane of its own where it would meet another."""
    lanes: dict[str, int] = {}
    free: list[int] = []  # where the last span of each lane ends
    for name, (start, end) in sorted(spans.items(), key=lambda each: each[1]):
        lane = next((lane for lane, last in enumerate(free) if last < start), len(free))
        free[lane : lane + 1] = [end]
        lanes[name] = lane
    return lanes


def _wires(
    fold: _Fold, places: dict[str, Place], bottoms: Sequence[float], width: float
) -> tuple[Wire, ...]:
    return tuple(_wire(fold, places, bottoms, width, *pair) for pair in fold.wired)


def _wire(
    fold: _Fold,
    places: dict[str, Place],
    bottoms: Sequence[float],
    width: float,
    source: str,
    target: str,
) -> Wire:
    """Lead from a layer's edge down into a lane, along it, and to the left side of another."""
    start, goal = fold.depth[source], fold.depth[target]
    row, goal_row = fold.row_at[start], fold.row_at[goal]
    edge, body = places[source].edge, places[target].body
    middle = round(edge.center().y()) + 0.5
    ends_row = start + 1 == fold.rows[row][1]
    begins_row = goal == fold.rows[goal_row][0]
    if ends_row:
        beside = fold.crossing(start + 1).index(source)
        leaves = round(width - 1 - _BESIDE * beside) - 0.5
        points = [QPointF(edge.right(), middle), QPointF(leaves, middle)]
    else:
        leaves = round(edge.right() - _LEAVES) + 0.5
        points = [QPointF(leaves, middle)]
    at = leaves
    for lane_row in dict.fromkeys((row, max(goal_row - 1, row))):
        if lane_row != row:  # past a row between, at its left
            left = _left_of(fold, lane_row, source)
            points += [QPointF(left, points[-1].y())]
            at = left
        lane = bottoms[lane_row] + _LANE * (fold.lanes[lane_row][source] + 0.5)
        points.append(QPointF(at, round(lane) + 0.5))
    if begins_row:
        enters = _left_of(fold, goal_row, source)
    else:
        enters = round(places[target].head.x() - _ENTERS) + 0.5
    first = begins_row and goal - start == 1
    height = body.center().y() if first else body.bottom() - min(_AT_FOOT, body.height() / 4)
    height = round(height) + 0.5
    points += [
        QPointF(enters, points[-1].y()),
        QPointF(enters, height),
        QPointF(body.x() - _TIP_GAP, height),
    ]
    return Wire(source, target, tuple(points), dotted=not ends_row)


def _left_of(fold: _Fold, row: int, source: str) -> float:
    """Return where the wires of a layer run down at the left of a row."""
    return 0.5 + _BESIDE * fold.crossing(fold.rows[row][0]).index(source)
