"""The picture of stacked and bidirectional layers: a grid of cells in order of computation."""

from __future__ import annotations

from collections.abc import Hashable

from simulator.lessons import recurrent_input
from simulator.lessons.cell_frame import InputPart, Strand
from simulator.lessons.cell_strands import CellSight
from simulator.lessons.deep_frame import DeepExtents, DeepFrame, GridCell, GridRow
from simulator.lessons.frame import Attention, Room
from simulator.lessons.lesson import Lesson, LessonState
from simulator.lessons.recurrence_scene import RecurrenceScene, page
from simulator.traces.dot_equation import Dot
from simulator.traces.formula import Message, TermState
from simulator.traces.recurrence import RecurrentPlace, RecurrentTrace
from simulator.traces.timeline import Moment


class DeepScene(RecurrenceScene):
    """Makes frames of a grid of cells."""

    main = "h1"

    def __init__(self, lesson: Lesson, trace: RecurrentTrace, state: LessonState) -> None:
        """Take a lesson's trace and the state it was made from."""
        super().__init__(lesson, trace, state)
        self._labels = recurrent_input.labels(state, trace.arrays["x"].values)
        self._values = trace.arrays["x"].shape[1]

    def time_of(self, place: RecurrentPlace) -> int:
        """Return the time step that is looked at."""
        return place.time

    def extents(self, step: int, attention: Attention) -> Hashable:
        """Return what the layout depends on."""
        del step, attention
        rows = sum(len(segment.equations) for segment in self._trace.segments)
        return DeepExtents(rows, self.units, self.length)

    def frame(self, moment: Moment, room: Room, attention: Attention) -> DeepFrame:
        """Return what to paint at a moment. ``room.input`` is for units and time steps."""
        place = self.place(moment.arrived, attention)
        units, steps = room.input
        sight = CellSight(
            place=place,
            time=place.time,
            unit=min(place.unit, self.units - 1),
            arrived=moment.arrived,
            attention=attention,
            steps=page(place.time, self.length, steps, shared=2),
            units=page(min(place.unit, self.units - 1), self.units, units),
            values=page(0, self._values, room.output[0]),
        )
        return DeepFrame(
            explanation=self.explanation(moment.arrived, attention),
            inputs=tuple(self._input(time, sight) for time in sight.steps),
            labels=tuple(self._labels.of(time) for time in sight.steps),
            rows=tuple(self._rows(sight)),
            times=sight.steps,
            total=self.length,
            parts=self._parts(sight),
            unit=sight.unit,
        )

    def _input(self, time: int, sight: CellSight) -> Strand:
        values = range(min(self._values, 1))
        return self._strands.column(f"x {time}", "x", time, values, sight, editable=True)

    def _rows(self, sight: CellSight) -> list[GridRow]:
        trace, place = self._trace, sight.place
        current = trace.equation_at(place)
        read = self._read_by(sight)
        found = []
        number = 0
        for segment in trace.segments:
            for each in segment.equations:
                cells = []
                for time in sight.steps:
                    here = each is current and time == place.time
                    whole = trace.level == "sequence"
                    values = self._strands.state_row(f"{each.name} {time}", each.name, time, sight)
                    state = TermState.DONE if all(values.written) else TermState.PENDING
                    if here and not whole:
                        state = TermState.CURRENT
                    order = number * self.length + int(segment.time(time)) + 1
                    cells.append(GridCell(values, state, order, (each.name, time) in read))
                merged = not isinstance(each, Dot)
                way = -1 if segment.reverse else 1
                found.append(
                    GridRow(
                        title=_title(each.name),
                        letter=each.name[0],
                        way=0 if merged else way,
                        layer=int("".join(sign for sign in each.name if sign.isdigit())),
                        cells=tuple(cells),
                    )
                )
                number += 1
        return found

    def _read_by(self, sight: CellSight) -> set[tuple[str, int]]:
        """Return the arrays and time steps that the cell that is computed reads."""
        if self._trace.level == "sequence":
            return set()
        equation = self._trace.equation_at(sight.place)
        regions = equation.direct(sight.place.time, sight.unit)
        return {
            (region.array, region.axes[0][0])
            for region in regions
            if self._trace.arrays[region.array].axes[0] == "time"
        }

    def _parts(self, sight: CellSight) -> tuple[InputPart, ...]:
        """Return what goes into the sum on view, with its weights."""
        place = sight.place
        equation = self._trace.equation_at(place)
        if not isinstance(equation, Dot):
            return ()
        current = equation.input_of(place.move) if place.move < equation.terms else None
        found = []
        for part in equation.inputs:
            source = part.source.regions(
                range(place.time, place.time + 1), range(part.size), self.length
            )[0]
            at = source.axes[0][0]
            rows = sight.values if source.array == "x" else sight.units
            here = current[1] if current is not None and current[0] is part else None
            if here is not None and source.array == "x":
                rows = page(here, part.size, len(rows))
            values = self._strands.column(
                f"part {source.array}",
                source.array,
                at,
                rows,
                sight,
                current=here,
                editable=source.array == "x" or source.array.startswith("initial_"),
            )
            weights = self._strands.weights(
                f"weights {part.weights}", part.weights, rows, sight.unit, sight, here
            )
            letter = source.array.removeprefix("initial_")[0]
            names = tuple(f"{letter}{number + 1}" for number in rows)
            found.append(InputPart(values, weights, names))
        for bias in equation.biases:
            rows = range(1)
            weights = self._strands.weights("bias", bias.array, rows, sight.unit, sight, None)
            found.append(InputPart(None, weights, ("1",)))
        return tuple(found)


def _title(name: str) -> Message:
    number = "".join(sign for sign in name if sign.isdigit())
    if name.startswith("y"):
        return Message("Layer {number}, both", {"number": number})
    template = "Layer {number}, backwards" if name.endswith("_back") else "Layer {number}, forwards"
    return Message(template, {"number": number})
