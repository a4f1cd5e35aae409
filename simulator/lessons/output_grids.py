"""The output on the stage: its enlarged part, and all of it where that is too large for numbers."""

from __future__ import annotations

from simulator.lessons.frame import Grid, Mark, MarkKind, Plane
from simulator.lessons.sight import Sight
from simulator.traces.formula import Message
from simulator.traces.model import Role
from simulator.traces.numbers import number


def output_grid(sight: Sight) -> Grid:
    """Return the part of the output around the current cell, or all of it if it is small."""
    plane = sight.planes.output(sight.place.map)
    written, done = sight.written.mask(sight.trace, plane, sight.arrived)
    return Grid(
        key="output",
        plane=plane,
        title=_title(sight),
        note=_note(sight),
        role=Role.WRITES,
        view=sight.views.output,
        written=written,
        marks=() if sight.enlarges_output and not sight.fine else (_mark(sight),),
        result_text=_result(sight, plane),
        state_key=(done,),
    )


def output_overview(sight: Sight) -> Grid | None:
    """Return the whole output where ``output_grid`` shows a part of it."""
    if not sight.enlarges_output:
        return None
    plane = sight.planes.output(sight.place.map)
    written, done = sight.written.mask(sight.trace, plane, sight.arrived)
    return Grid(
        key="output_overview",
        plane=plane,
        title=_title(sight),
        note=_note(sight),
        role=Role.WRITES,
        view=sight.finder.output,
        written=written,
        marks=(Mark(MarkKind.VIEW, Role.WRITES, sight.views.output), _mark(sight)),
        state_key=(done,),
    )


def _title(sight: Sight) -> Message:
    return Message("Feature map") if sight.planes.convolves else Message("Output")


def _note(sight: Sight) -> Message:
    rows, columns = sight.trace.geometry.output_size
    template = "{rows} × {columns}"
    if sight.trace.maps > 1:
        template = (
            "{rows} × {columns}, filter {map} of {maps}"
            if sight.planes.convolves
            else "{rows} × {columns}, channel {map} of {maps}"
        )
    return Message(
        template,
        {"rows": rows, "columns": columns, "map": sight.place.map + 1, "maps": sight.trace.maps},
    )


def _mark(sight: Sight) -> Mark:
    if sight.fine:
        return Mark(MarkKind.CELL, Role.WRITES, sight.views.cell)
    return Mark(MarkKind.WINDOW, Role.WRITES, sight.finder.output)


def _result(sight: Sight, plane: Plane) -> str:
    """Return what the current cell has come to, until it is whole and has its own number."""
    whole = sight.place.number == sight.trace.terms_per_cell - 1
    if not sight.single or whole or sight.trace.scene_words.finishes:
        return ""
    return number(sight.trace.value_at(sight.place), plane.decimals)
