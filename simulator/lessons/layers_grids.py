"""The grids of a part of a network: what a step reads, weighs with, makes and writes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from simulator.lessons.frame import Box, Choice, Grid, Mark, MarkKind, Plane, Room, Scale, ScaleKind
from simulator.lessons.lesson import Edits
from simulator.lessons.planes import Planes, signed_scale
from simulator.lessons.window_views import LARGEST_TERMS, PART_OF_TERMS, fits, view_of
from simulator.lessons.written import WrittenCells
from simulator.traces.formula import Message
from simulator.traces.model import Role
from simulator.traces.numbers import number
from simulator.traces.part import PartView, Shown, Span
from simulator.traces.staged import Spot, StagedTrace

Cell = tuple[int, int]
PICTURE = Scale(ScaleKind.PICTURE, 1.0)
UNREADABLE = 99
"""No number of so many signs fits a cell: then none is shown."""


@dataclass(frozen=True, slots=True)
class LayersSight:
    """What a frame looks at: a spot, how its part is shown, and where the picture glides to.

    ``before`` and ``after`` are the views of the spots that it glides between, or both ``view`` if
    nothing does; ``blend`` is how much of the way is done. ``arrived`` is the step that is done.
    """

    trace: StagedTrace
    spot: Spot
    view: PartView
    before: PartView
    after: PartView
    blend: float
    arrived: int
    room: Room

    @property
    def fine(self) -> bool:
        """Return whether a step is part of one unit."""
        return self.trace.level in ("product", "unit")


class LayersGrids:
    """Makes the grids of one trace."""

    def __init__(self, trace: StagedTrace, *, edits: Edits, editable: frozenset[str]) -> None:
        """Take the trace, the learner's edits, and the arrays that can be typed over."""
        self._trace = trace
        self._planes = Planes(trace)
        self._written = WrittenCells()
        self._edits = edits
        self._editable = editable

    def plane(self, shown: Shown) -> Plane:
        """Return the plane of an array that is shown."""
        axes = len(self._trace.arrays[shown.array].shape)
        begin = 0 if shown.first else 2
        fixed = {begin + at: position for at, position in enumerate(shown.fixed)}
        free = [axis for axis in range(axes) if axis not in fixed]
        picture = shown.array in self._trace.pictures
        made = self._planes.plane(
            shown.array,
            fixed,
            axes=(free[0], free[1]),
            scale=(lambda _: PICTURE) if picture else signed_scale,
        )
        compact = picture and bool((made.values >= 0).all() and (made.values <= 1).all())
        return replace(made, compact=True, longest=3) if compact else made

    def size(self, shown: Shown) -> Cell:
        """Return the rows and columns of what is shown."""
        rows, columns = self.plane(shown).values.shape[:2]
        return int(rows), int(columns)

    def input(self, sight: LayersSight) -> Grid:
        """Return the part of the input around the current cell, or all of it if it is small."""
        whole = self.reached(sight.view)
        view = self._input_part(sight, whole)
        window = self._window(sight, whole)
        marks = [] if view != whole and not sight.fine else [window]
        grid = self._grid(
            "input",
            sight.view.input,
            sight,
            role=Role.READS,
            view=view,
            marks=(*marks, *self._cells(sight, "input_cell", Role.READS)),
        )
        padding = sight.view.reach
        text = "0" if sight.view.weights is not None and any(padding) else ""
        return replace(grid, padding=padding, padding_text=text)

    def reached(self, view: PartView) -> Box:
        """Return all of the input, and what windows reach beyond it."""
        rows, columns = self.size(view.input)
        above, left, below, right = view.reach
        return Box(-above, -left, rows + above + below, columns + left + right)

    def _window(self, sight: LayersSight, whole: Box) -> Mark:
        """Return the outline of what a unit reads, on its way from the one that is left."""
        after, before = _window_box(sight.after), _window_box(sight.before)
        if not sight.fine or after is None or before is None:
            return Mark(MarkKind.WINDOW, Role.READS, whole)
        now = _window_box(sight.view) if sight.blend == 1 else before.towards(after, sight.blend)
        return Mark(MarkKind.WINDOW, Role.READS, now or whole)

    def _input_part(self, sight: LayersSight, whole: Box) -> Box:
        """Return the part of the input on view: that around the window, or all if it is small."""
        if fits(whole, sight.room.input):
            return whole
        if sight.view.window is None:
            return self._around(sight, "input_cell", whole, sight.room.input)
        return view_of(self._window(sight, whole).box, whole, sight.room.input)

    def input_overview(self, sight: LayersSight) -> Grid | None:
        """Return the whole input where ``input`` shows a part of it."""
        return self._overview("input", sight.view.input, sight, Role.READS, "input_cell")

    def weights(self, sight: LayersSight) -> Grid | None:
        """Return the weights of the unit on view: all of them, as a picture."""
        shown = sight.view.weights
        if shown is None or sight.view.terms is None:
            return None
        whole = self._whole(shown)
        return self._grid(
            "weights",
            shown,
            sight,
            role=Role.WEIGHTS,
            view=whole if fits(whole, LARGEST_TERMS) else self._part(sight, "weights_cell", whole),
            marks=(
                Mark(MarkKind.WINDOW, Role.WEIGHTS, _box_of(sight.view.weighing) or whole),
                *self._cells(sight, "weights_cell", Role.WEIGHTS),
            ),
        )

    def terms(self, sight: LayersSight) -> Grid:
        """Return the terms of the unit on view; of a pair of operands, the second."""
        shown, attribute, role = sight.view.terms, "terms_cell", Role.WRITES
        if shown is None:
            assert sight.view.weights is not None
            shown, attribute, role = sight.view.weights, "weights_cell", Role.WEIGHTS
        whole = self._whole(shown)
        return self._grid(
            "terms",
            shown,
            sight,
            role=role,
            view=whole if fits(whole, LARGEST_TERMS) else self._part(sight, attribute, whole),
            marks=self._cells(sight, attribute, role),
            noted=False,
        )

    def output(self, sight: LayersSight) -> Grid:
        """Return the part of the output around the current unit, or all of it if it is small."""
        whole = self._whole(sight.view.output)
        view = self._around(sight, "output_cell", whole, sight.room.output)
        marks = self._cells(sight, "output_cell", Role.WRITES)
        if not sight.fine:
            marks = () if view != whole else (Mark(MarkKind.WINDOW, Role.WRITES, whole),)
        return self._grid(
            "output",
            sight.view.output,
            sight,
            role=Role.WRITES,
            view=view,
            marks=marks,
            result_text=self._result(sight),
        )

    def output_overview(self, sight: LayersSight) -> Grid | None:
        """Return the whole output where ``output`` shows a part of it."""
        return self._overview("output", sight.view.output, sight, Role.WRITES, "output_cell")

    def stations(self, sight: LayersSight) -> Choice:
        """Return the small pictures of what goes from part to part."""
        trace = self._trace
        return Choice(
            key="map",
            title=Message("From layer to layer"),
            names=tuple(label for _, label in trace.stations),
            current=trace.station(sight.spot.part),
            grids=tuple(
                self._small(f"map {at}", Shown(name, label, self._map_of(name, sight)), sight)
                for at, (name, label) in enumerate(trace.stations)
            ),
        )

    def maps(self, sight: LayersSight) -> Choice | None:
        """Return the maps that the part on view makes, of which one is looked at; None for one."""
        output, count = sight.view.output, self.channels(sight.view.output.array)
        if count == 1 or output.first:
            return None
        names = tuple(Message("Map {number}", {"number": at + 1}) for at in range(count))
        return Choice(
            key="channel",
            title=output.title,
            names=names,
            current=output.fixed[0],
            grids=tuple(
                self._small(f"channel {at}", replace(output, title=name, fixed=(at,)), sight)
                for at, name in enumerate(names)
            ),
        )

    def channels(self, array: str) -> int:
        """Return how many maps an array has."""
        shape = self._trace.arrays[array].shape
        return shape[2] if len(shape) == 3 else 1

    def _map_of(self, array: str, sight: LayersSight) -> tuple[int, ...]:
        """Return which map of an array a small picture shows: the one that is looked at, if any."""
        if self.channels(array) == 1:
            return ()
        for shown in (sight.view.output, sight.view.input):
            if shown.array == array:
                return shown.fixed
        return (0,)

    def _small(self, key: str, shown: Shown, sight: LayersSight) -> Grid:
        """Return a picture without numbers."""
        role = self._trace.arrays[shown.array].role
        grid = self._grid(key, shown, sight, role=role, view=self._whole(shown))
        return replace(grid, plane=replace(grid.plane, longest=UNREADABLE))

    # The parts of a grid

    def _grid(
        self,
        key: str,
        shown: Shown,
        sight: LayersSight,
        *,
        role: Role,
        view: Box,
        marks: tuple[Mark, ...] = (),
        result_text: str = "",
        noted: bool = True,
    ) -> Grid:
        plane = self.plane(shown)
        written, done = self._written.mask(self._trace.at(sight.trace.level), plane, sight.arrived)
        rows, columns = self.size(shown)
        return Grid(
            key=key,
            plane=plane,
            title=shown.title,
            note=Message("{rows} × {columns}", {"rows": rows, "columns": columns})
            if noted
            else Message(""),
            role=role,
            view=view,
            written=written,
            marks=marks,
            editable=shown.array in self._editable and not key.startswith(("map ", "channel ")),
            edited=self._edited(plane),
            result_text=result_text,
            state_key=(done,),
        )

    def _edited(self, plane: Plane) -> frozenset[Cell]:
        positions = (plane.position(index) for index in self._edits.get(plane.array, ()))
        return frozenset(position for position in positions if position is not None)

    def _whole(self, shown: Shown) -> Box:
        return Box(0, 0, *self.size(shown))

    def _cell(self, sight: LayersSight, attribute: str) -> Box | None:
        """Return the cell of a view, on its way from the one that is left."""
        after, before = _box(sight.after, attribute), _box(sight.before, attribute)
        if after is None or before is None or sight.blend == 1:
            return _box(sight.view, attribute)
        return before.towards(after, sight.blend)

    def _cells(self, sight: LayersSight, attribute: str, role: Role) -> tuple[Mark, ...]:
        cell = self._cell(sight, attribute) if sight.fine else None
        return () if cell is None else (Mark(MarkKind.CELL, role, cell),)

    def _around(self, sight: LayersSight, attribute: str, whole: Box, room: tuple[int, int]) -> Box:
        if fits(whole, room):
            return whole
        return view_of(self._cell(sight, attribute) or Box(0, 0, 1, 1), whole, room)

    def _part(self, sight: LayersSight, attribute: str, whole: Box) -> Box:
        cell = self._cell(sight, attribute) or Box(whole.height // 2, whole.width // 2, 1, 1)
        return view_of(cell, whole, PART_OF_TERMS)

    def _overview(
        self, key: str, shown: Shown, sight: LayersSight, role: Role, attribute: str
    ) -> Grid | None:
        reads = key == "input"
        whole = self.reached(sight.view) if reads else self._whole(shown)
        room = sight.room.input if reads else sight.room.output
        if fits(whole, room):
            return None
        part = (
            self._input_part(sight, whole) if reads else self._around(sight, attribute, whole, room)
        )
        marks = [Mark(MarkKind.VIEW, role, part)]
        if reads:
            marks.append(self._window(sight, whole))
        marks += self._cells(sight, attribute, role)
        grid = self._grid(
            f"{key}_overview", shown, sight, role=role, view=whole, marks=tuple(marks)
        )
        return replace(grid, padding=sight.view.reach) if reads else grid

    def _result(self, sight: LayersSight) -> str:
        """Return what the current unit has come to, until it is whole and has its own number."""
        part = self._trace.parts[sight.spot.part]
        if sight.trace.level != "product" or sight.spot.at == part.steps_per_unit - 1:
            return ""
        value = self._trace.read(part.result(sight.spot.unit, sight.spot.at)).item()
        return number(float(np.round(value, 4)), self.plane(sight.view.output).decimals)


def _box_of(span: Span | None) -> Box | None:
    return None if span is None else Box(span.row, span.column, span.rows, span.columns)


def _window_box(view: PartView) -> Box | None:
    return _box_of(view.window)


def _box(view: PartView, attribute: str) -> Box | None:
    cell: Cell | None = getattr(view, attribute)
    return None if cell is None else Box(cell[0], cell[1], 1, 1)
