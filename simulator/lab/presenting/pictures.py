"""What the lab's views are given to draw: plain names, words and arrays, nothing to work out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from numpy.typing import NDArray

from simulator.lessons.frame import Scale

Array = NDArray[Any]


class Drawn(StrEnum):
    """How a layer's values are drawn."""

    BOX = "box"  # a mere box: its values are not on view
    PICTURE = "picture"  # one picture, (H, W) or (H, W, 3)
    MAPS = "maps"  # (N, H, W): one map beside the other
    COLUMN = "column"  # (N,): one cell below the other
    BARS = "bars"  # (N,) from 0 to 1: a bar for each class


@dataclass(frozen=True, slots=True, eq=False)
class LayerPicture:
    """One layer of a network as it is drawn.

    ``shape`` is that of a sample as it leaves the layer: it stands on the edges to the next ones.
    ``inputs`` are the names of the layers that it reads from. ``labels``, ``truth`` and ``chosen``
    are for bars: the classes' names, the class that is right, and the one that the network says.
    ``classes`` are those whose colours the maps or bars have, one after the other. With
    ``gradient`` the values are ∂L/∂output.
    """

    name: str
    kind: str
    shape: str
    parameters: str = ""
    inputs: tuple[str, ...] = ()
    activation: str = ""
    drawn: Drawn = Drawn.BOX
    values: Array | None = None
    scale: Scale | None = None
    left_out: int = 0
    labels: tuple[str, ...] = ()
    truth: int | None = None
    chosen: int | None = None
    frozen: bool = False
    classes: tuple[int, ...] = ()
    gradient: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class UnitMaps:
    """What each unit of a layer says all over the plane (U, H, W), the highest row first, on one
    scale. ``classes`` has the class that each unit stands for, where they do.
    """

    maps: Array
    scale: Scale
    classes: tuple[int, ...] = ()
    left_out: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class StateMap:
    """What a recurrent layer keeps (U, T): a row for each unit, a column for each time step."""

    name: str
    values: Array
    scale: Scale


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One line of a chart, of a branch or in its thin kind: ``xs`` rise, ``ys`` has NaN as gaps."""

    name: str
    xs: Array
    ys: Array
    branch: int = 0
    faint: bool = False
    end: str = ""  # what is written at the curve's end


@dataclass(frozen=True, slots=True)
class Lane:
    """One branch of a training: the batches from ``start`` to ``end``, and where it came from.

    ``planned`` is the batch that it would go on to, ``outcome`` a word such as "stopped" for one
    that came to grief.
    """

    name: str
    start: int
    end: int
    parent: int | None = None
    origin: str = ""
    planned: int = 0
    outcome: str = ""
    colour: int = 0  # a number, for which the window has a palette
    best: int | None = None  # the batch at which it was best on held-out data


@dataclass(frozen=True, slots=True)
class ChartPicture:
    """A chart: its curves and the ranges of both axes, with the numbers that stand on them."""

    title: str
    caption: str
    curves: tuple[Curve, ...]
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    x_ticks: Mapping[float, str] = field(default_factory=dict)
    y_ticks: Mapping[float, str] = field(default_factory=dict)
    x_unit: str = ""
    cursor: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PlanePicture:
    """A surface over the plane: values (H, W), rows from the bottom up, and points upon it.

    ``extent`` is (left, right, bottom, top). Points are (N, 2) with a value each, which are
    coloured as the surface is, or with a class, each of which has a colour of its own. Where
    ``said`` tells a class for each place, values from 0 to 1 tell how strong its colour is.
    """

    values: Array
    scale: Scale
    extent: tuple[float, float, float, float]
    points: Array
    point_values: Array
    border: Array | None = None  # lines (S, 2, 2) from (x, y) to (x, y) where the answer changes
    classes: Array | None = None  # (N,) of the points
    said: Array | None = None  # (H, W) class
    names: tuple[str, ...] = ()  # of the classes, in the order of their numbers


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """How many of a layer's values lie in each bin; ``caption`` tells the ends and what stands out.

    ``counts`` are (B,), from ``low`` to ``high``.
    """

    name: str
    counts: Array
    low: str
    high: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class LayerBar:
    """A layer's share of a scale from 0 to 1, with its number; ``warned`` ones are marked."""

    name: str
    share: float
    words: str
    warned: bool = False


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One thing of two runs; ``better`` is 0 or 1, the one that did better, or None."""

    name: str
    first: str
    second: str
    better: int | None = None


@dataclass(frozen=True, slots=True)
class SampleWords:
    """What is said of a sample: the answer, how sure it is, and what is right."""

    said: str
    sure: str
    share: float
    truth: str = ""
    wrong: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class SequenceLine:
    """One line of a small plot: places (P,), both from 0 to 1 and the lowest at 0; NaN as gaps.

    ``ink`` is the token of its colour. A ``stepped`` one keeps its height for a time step, of
    ``dotted`` ones the places alone are drawn.
    """

    xs: Array
    ys: Array
    ink: str
    stepped: bool = False
    dotted: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class SequencePicture:
    """A sequence as a small plot: what goes in and what is right, and what the network says.

    ``now`` is the place of the last step that goes in, where others follow it. Of a text there
    are its characters instead, the first ``filling`` of which only fill it up.
    """

    given: tuple[SequenceLine, ...] = ()
    said: tuple[SequenceLine, ...] = ()
    now: float | None = None
    text: str = ""
    filling: int = 0


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """A layer: its name in the network, what it is called here, its output's shape, its count."""

    name: str
    kind: str
    shape: str
    parameters: str


@dataclass(frozen=True, slots=True)
class CardWords:
    """What is said of a layer beside its arguments; ``error`` is what doesn't fit, if anything."""

    shape: str = ""
    parameters: str = ""
    error: str = ""
    blamed: str = ""  # the argument that is at fault
    reads: str = ""  # the names of what it reads, in a network that is no Sequential


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the source, lines from 1 and columns from 0, and what is to be said of it."""

    line: int
    column: int
    end_line: int
    end_column: int
    told: str
    error: bool = True
