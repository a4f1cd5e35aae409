"""Runs of cells of a recurrent trace, as grids with their marks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from simulator.lessons.cell_frame import (
    Strand,
)
from simulator.lessons.frame import (
    Attention,
    Box,
    Grid,
    Mark,
    MarkKind,
    Plane,
    Scale,
    ScaleKind,
)
from simulator.lessons.lesson import LessonState
from simulator.lessons.planes import Planes
from simulator.lessons.pointing import marked, pointed
from simulator.traces.formula import Message
from simulator.traces.model import Role
from simulator.traces.recurrence import RecurrentPlace, RecurrentTrace
from simulator.traces.region import Region

UNIT_SCALE = Scale(ScaleKind.SIGNED, 1.0)
"""Of gates and hidden states, which lie between -1 and 1."""
NOTHING = Message("")


@dataclass(frozen=True, slots=True)
class CellSight:
    """What a frame looks at: the step and its place, and what there is room for."""

    place: RecurrentPlace
    time: int
    unit: int
    arrived: int
    attention: Attention
    steps: range
    units: range
    values: range


class CellStrands:
    """Makes the runs of cells of a recurrent trace, as a frame shows them."""

    def __init__(self, trace: RecurrentTrace, state: LessonState) -> None:
        """Take a trace and the state it was made from."""
        self.trace = trace
        self.planes = Planes(trace)
        self._state = state
        self._upright: dict[str, tuple[Plane, Plane]] = {}

    def grid(
        self,
        key: str,
        array: str,
        view: Box,
        sight: CellSight,
        *,
        upright: bool,
        role: Role = Role.READS,
        scale: Scale | None = None,
        current: tuple[int, int] | None = None,
        editable: bool = False,
    ) -> Grid:
        """Return a grid of an array (time or value, unit or column); ``upright`` turns it."""
        axes = (1, 0) if upright else (0, 1)
        plane = self.planes.plane(
            array,
            {},
            axes=axes,
            scale=(lambda _: scale) if scale else _signed,
        )
        if upright:
            plane = self._turned(plane)
        marks: tuple[Mark, ...] = ()
        if current is not None:
            marks = (Mark(MarkKind.WINDOW, role, Box(*current, 1, 1)),)
        edits = self._state.edits.get(array, {})
        grid = Grid(
            key=key,
            plane=plane,
            title=NOTHING,
            note=NOTHING,
            role=role,
            view=view,
            marks=marks,
            editable=editable,
            edited=_edited(edits, view, upright=upright) if edits else frozenset(),
        )
        cells = pointed(self.trace, sight.attention)
        return marked(self.trace, grid, cells) if cells else grid

    def _turned(self, plane: Plane) -> Plane:
        """Return a plane whose values are turned, made once."""
        kept = self._upright.get(plane.array)
        if kept is None or kept[0] is not plane:
            kept = (plane, replace(plane, values=plane.values.T))
            self._upright[plane.array] = kept
        return kept[1]

    def strand(self, grid: Grid, region: Region, arrived: int) -> Strand:
        """Return a grid with which of its cells exist once step ``arrived`` is done."""
        if self.trace.arrays[region.array].given:
            return Strand(grid, (True,) * region.size)
        return Strand(grid, tuple(self.trace.written(region, arrived).reshape(-1).tolist()))

    def state_row(
        self,
        key: str,
        name: str,
        time: int,
        sight: CellSight,
        current: int | None = None,
        written: tuple[bool, ...] | None = None,
    ) -> Strand:
        """Return a state at a time step as a row; before the first it is an array of its own.

        ``written`` tells which of its cells exist, where that is known already.
        """
        units = sight.units
        array, row = (name, time) if time >= 0 else (f"initial_{name}", 0)
        writes = time >= 0 and time == sight.time
        grid = self.grid(
            key,
            array,
            Box(row, units.start, 1, len(units)),
            sight,
            upright=False,
            role=Role.WRITES if writes else Role.READS,
            current=None if current is None else (row, current),
            editable=time < 0,
        )
        if written is not None:
            return Strand(grid, written)
        return self.strand(grid, Region(array, (range(row, row + 1), units)), sight.arrived)

    def rows_written(self, name: str, sight: CellSight) -> list[tuple[bool, ...]]:
        """Return which cells of a state exist, for each time step on view."""
        region = Region(name, (sight.steps, sight.units))
        return [tuple(row) for row in self.trace.written(region, sight.arrived).tolist()]

    def column(
        self,
        key: str,
        array: str,
        at: int,
        rows: range,
        sight: CellSight,
        *,
        role: Role = Role.READS,
        current: int | None = None,
        editable: bool = False,
        scale: Scale | None = None,
    ) -> Strand:
        """Return a run of an array's second axis (units, values) at one of its first, upright."""
        grid = self.grid(
            key,
            array,
            Box(rows.start, at, len(rows), 1),
            sight,
            upright=True,
            role=role,
            scale=scale,
            current=None if current is None else (current, at),
            editable=editable,
        )
        return self.strand(grid, Region(array, (range(at, at + 1), rows)), sight.arrived)

    def weights(
        self, key: str, array: str, rows: range, column: int, sight: CellSight, current: int | None
    ) -> Strand:
        """Return the weights of one column, those of some rows."""
        grid = self.grid(
            key,
            array,
            Box(rows.start, column, len(rows), 1),
            sight,
            upright=False,
            role=Role.WEIGHTS,
            current=None if current is None else (current, column),
            editable=True,
        )
        return Strand(grid, (True,) * len(rows))

    def row(self, key: str, array: str, at: int, columns: range, sight: CellSight) -> Strand:
        """Return given cells of one row, those of some columns, to be typed over."""
        view = Box(at, columns.start, 1, len(columns))
        grid = self.grid(key, array, view, sight, upright=False, editable=True)
        return Strand(grid, (True,) * len(columns))

    def weights_column(
        self, key: str, array: str, rows: range, column: int, sight: CellSight
    ) -> Strand:
        """Return the weights of one column, those of some rows, side by side."""
        grid = self.grid(
            key,
            array,
            Box(column, rows.start, 1, len(rows)),
            sight,
            upright=True,
            role=Role.WEIGHTS,
            editable=True,
        )
        return Strand(grid, (True,) * len(rows))

    def weights_row(
        self,
        key: str,
        array: str,
        row: int,
        columns: range,
        sight: CellSight,
        current: int | None,
    ) -> Strand:
        """Return the weights of one row, those of some columns."""
        grid = self.grid(
            key,
            array,
            Box(row, columns.start, 1, len(columns)),
            sight,
            upright=False,
            role=Role.WEIGHTS,
            current=None if current is None else (row, current),
            editable=True,
        )
        return Strand(grid, (True,) * len(columns))


def _edited(
    edits: Collection[tuple[int, ...]], view: Box, *, upright: bool
) -> frozenset[tuple[int, int]]:
    """Return the cells on view that were typed over: of a large layer far more are not on view."""
    top, left = int(view.top), int(view.left)
    return frozenset(
        (row, column)
        for row in range(top, top + int(view.height))
        for column in range(left, left + int(view.width))
        if ((column, row) if upright else (row, column)) in edits
    )


def _signed(values: np.ndarray) -> Scale:
    largest = float(np.abs(values[np.isfinite(values)]).max(initial=0.0))
    return Scale(ScaleKind.SIGNED, max(largest, 1e-6))
