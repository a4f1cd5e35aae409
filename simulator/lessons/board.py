"""A stage of several panels in rows: pictures, maps of points and curves, in cells and words.

Where they stand in pixels, and in which colours, is up to the stage.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from simulator.lessons.frame import Choice, Grid
from simulator.traces.formula import Explanation, Message

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Turns:
    """Arrows that go to another of ``total`` units, of which ``page`` are on view with ``unit``."""

    unit: int
    total: int
    page: int


@dataclass(frozen=True, slots=True)
class GridPanel:
    """One grid, as large as there is room for. ``outlined`` sets it off as what is written.

    ``turns`` are arrows beside its title, where not all of it is on view.
    """

    grid: Grid
    outlined: bool = False
    turns: Turns | None = None


@dataclass(frozen=True, slots=True)
class Handle:
    """A point of a map that can be dragged, with its letter; ``strong`` is the one looked at."""

    key: str
    x: float
    y: float
    label: str = ""
    strong: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class PointMap:
    """Points in the plane, of which some classes are lit, and handles over them.

    ``bounds`` are the least and largest x and y. ``identity`` is equal for the same points: what a
    painter may keep a picture by. ``way`` joins points, the first to the last; ``names`` stand in
    the middle of their class.
    """

    key: str
    title: Message
    note: Message
    x: Array  # (N,)
    y: Array  # (N,)
    labels: Array  # (N,)
    lit: tuple[int, ...]
    names: tuple[tuple[str, float, float], ...]
    bounds: tuple[float, float, float, float]
    identity: tuple[object, ...]
    handles: tuple[Handle, ...] = ()
    way: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Curve:
    """A line through points; ``place`` says which of the stage's line colours it has."""

    name: Message
    x: tuple[float, ...]
    y: tuple[float, ...]
    place: int = 0


@dataclass(frozen=True, slots=True)
class CurvePlot:
    """Curves over a common x, which runs to ``end``; ``now`` is where it stands.

    The scale reaches up to ``reach`` at least, also where nearly all values are far below.
    """

    key: str
    title: Message
    note: Message
    curves: tuple[Curve, ...]
    end: float
    now: float
    reach: float = 0.0


@dataclass(frozen=True, slots=True)
class Gallery:
    """Small pictures in rows and columns, with names for both.

    A click on a column picks it, if ``picks`` names what is picked. ``captions`` stand under the
    columns; ``sizes`` of a row, if not 1, make its pictures that much smaller.
    """

    key: str
    title: Message
    note: Message
    rows: tuple[tuple[Grid, ...], ...]
    row_names: tuple[Message, ...]
    captions: tuple[str, ...]
    current: int | None = None
    picks: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """Lines of text: a name at the left, and what it is at the right."""

    key: str
    title: Message
    lines: tuple[tuple[Message, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers in rows and columns under their heads; the first column names the rows."""

    key: str
    title: Message
    note: Message
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Panel = GridPanel | PointMap | CurvePlot | Gallery | Words | Table


@dataclass(frozen=True, slots=True)
class Column:
    """Panels below each other: each has a share of the height."""

    panels: tuple[tuple[float, Panel], ...]


@dataclass(frozen=True, slots=True)
class BoardRow:
    """Panels, or columns of them, side by side: each has a share of the width.

    ``height`` is the row's share of the height.
    """

    height: float
    panels: tuple[tuple[float, Panel | Column], ...]


@dataclass(frozen=True, slots=True)
class BoardFrame:
    """One moment of a lesson whose stage is a board."""

    explanation: Explanation
    rows: tuple[BoardRow, ...]
    choices: tuple[Choice, ...] = ()

    @property
    def panels(self) -> tuple[Panel, ...]:
        """Every panel."""
        found: list[Panel] = []
        for row in self.rows:
            for _, part in row.panels:
                if isinstance(part, Column):
                    found += [panel for _, panel in part.panels]
                else:
                    found.append(part)
        return tuple(found)

    @property
    def grids(self) -> tuple[Grid, ...]:
        """Every grid, in the order of the panels."""
        found: list[Grid] = []
        for panel in self.panels:
            if isinstance(panel, GridPanel):
                found.append(panel.grid)
            elif isinstance(panel, Gallery):
                found += [grid for row in panel.rows for grid in row]
        return tuple(found)
