"""The marks of what the learner points at: the cell, its sources and its dependants."""

from __future__ import annotations

from dataclasses import dataclass, replace

from simulator.lessons.frame import Attention, Box, Grid, Mark, MarkKind, Pointer
from simulator.traces.model import Trace
from simulator.traces.region import Region


@dataclass(frozen=True, slots=True)
class Pointed:
    """A cell that is pointed at, how, and the cells of other arrays that it is linked to."""

    pointer: Pointer
    kind: MarkKind
    linked: tuple[Region, ...]


def pointed(trace: Trace, attention: Attention) -> tuple[Pointed, ...]:
    """Return what is pointed at: the pinned cell, the hovered one, or both."""
    pinned, hovered = attention.pinned, attention.hovered
    found = []
    if pinned is not None:
        found.append(Pointed(pinned, MarkKind.PIN, _linked(trace, pinned)))
    if hovered is not None and hovered != pinned:
        found.append(Pointed(hovered, MarkKind.HOVER, _linked(trace, hovered)))
    return tuple(found)


def marked(trace: Trace, grid: Grid, cells: tuple[Pointed, ...]) -> Grid:
    """Return a grid with the marks of what is pointed at over its own."""
    marks: list[Mark] = []
    role = trace.arrays[grid.plane.array].role
    for cell in cells:
        for region in cell.linked:
            if region.array == grid.plane.array:
                marks += [Mark(MarkKind.SOURCE, role, box) for box in grid.plane.boxes(region)]
        if cell.pointer.array == grid.plane.array:
            position = grid.plane.position(cell.pointer.index)
            if position is not None:
                marks.append(Mark(cell.kind, role, Box(*position, 1, 1)))
    return replace(grid, marks=(*grid.marks, *marks)) if marks else grid


def _linked(trace: Trace, pointer: Pointer) -> tuple[Region, ...]:
    return (
        *trace.sources(pointer.array, pointer.index),
        *trace.dependants(pointer.array, pointer.index),
    )
