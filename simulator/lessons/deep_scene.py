"""The picture of stacked and bidirectional layers: a grid of cells in order of computation."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

import numpy as np

from simulator.lessons import recurrent_input
from simulator.lessons.cell_frame import InputPart, Strand
from simulator.lessons.cell_options import cell_settings
from simulator.lessons.cell_state import LESSONS, cell_state
from simulator.lessons.cell_strands import UNIT_SCALE, CellSight
from simulator.lessons.deep_frame import DeepExtents, DeepFrame, GridCell, GridGate, GridRow
from simulator.lessons.frame import Attention, Box, Pointer, Room
from simulator.lessons.lesson import Lesson, LessonState
from simulator.lessons.recurrence_scene import RecurrenceScene, page
from simulator.lessons.session import Lead
from simulator.traces.cell_names import GATES, TONES
from simulator.traces.dot_equation import Dot, DotInput
from simulator.traces.formula import Message, TermState, Tone
from simulator.traces.model import Role
from simulator.traces.recurrence import RecurrentPlace, RecurrentTrace
from simulator.traces.region import Region
from simulator.traces.timeline import Moment


class DeepScene(RecurrenceScene):
    """Makes frames of a grid of cells."""

    main = "h1"

    def __init__(self, lesson: Lesson, trace: RecurrentTrace, state: LessonState) -> None:
        """Take a lesson's trace and the state it was made from."""
        super().__init__(lesson, trace, state)
        self._labels = recurrent_input.labels(state, trace.arrays["x"].values)
        self._values = trace.arrays["x"].shape[1]
        self.kind = str(state.settings["cell"])
        self.states = ("c", "h") if self.kind == "lstm" else ("h",)
        self._gates = {"rnn": "", "lstm": "figoch", "gru": "zrgh"}[self.kind]
        self._rows_of_gates = len(self._gates) + (self.kind == "lstm")
        self._shown = [
            [each.name for each in segment.equations if each.name[0] in "hy"]
            for segment in trace.segments
        ]
        self.units = max(segment.equations[0].units for segment in trace.segments)

    def units_at(self, place: RecurrentPlace) -> int:
        """Return how many units the cell at a place has."""
        return self._trace.equation_at(place).units

    def time_of(self, place: RecurrentPlace) -> int:
        """Return the time step that is looked at."""
        return place.time

    def extents(self, step: int, attention: Attention) -> Hashable:
        """Return what the layout depends on."""
        del step, attention
        rows = sum(len(names) for names in self._shown)
        return DeepExtents(rows, len(self.states), self._rows_of_gates, self.units, self.length)

    def frame(self, moment: Moment, room: Room, attention: Attention) -> DeepFrame:
        """Return what to paint at a moment. ``room.input`` is for units and time steps."""
        place = self.place(moment.arrived, attention)
        units, steps = room.input
        total = self.units_at(place)
        sight = CellSight(
            place=place,
            time=place.time,
            unit=place.unit,
            arrived=moment.arrived,
            attention=attention,
            steps=page(place.time, self.length, steps, shared=2),
            units=page(place.unit, total, units),
            values=range(0),
        )
        return DeepFrame(
            explanation=self.explanation(moment.arrived, attention),
            inputs=tuple(self._input(time, sight) for time in sight.steps),
            labels=tuple(self._labels.of(time) for time in sight.steps),
            rows=tuple(self._rows(sight, units)),
            times=sight.steps,
            total=self.length,
            parts=self._parts(sight, room.output[0]),
            unit=sight.unit,
            units=sight.units,
            of_units=total,
            gates=self._gates_on_view(sight),
            leads=Message("Open in “{lesson}”", {"lesson": LESSONS[self.kind].entry.title}),
        )

    def _gates_on_view(self, sight: CellSight) -> tuple[GridGate, ...]:
        """Return the gates and states of the cell on view; a simple cell has none."""
        suffix = self.suffix(sight.place)
        place = sight.place
        found = [self._memory_before(sight, suffix)] if self.kind == "lstm" else []
        equation = self._trace.equation_at(place)
        for letter in self._gates:
            name = f"{letter}{suffix}"
            single = self._trace.level in ("product", "unit") and equation.name == name
            grid = self._strands.grid(
                f"gate {letter}",
                name,
                Box(place.time, sight.units.start, 1, len(sight.units)),
                sight,
                upright=False,
                role=Role.WRITES,
                scale=UNIT_SCALE if letter != "c" else None,
                current=(place.time, sight.unit) if single else None,
                editable=letter in GATES,
            )
            region = Region(name, (range(place.time, place.time + 1), sight.units))
            values = self._strands.strand(grid, region, sight.arrived)
            found.append(GridGate(letter, "", TONES.get(letter, Tone.WRITES), values))
        return tuple(found)

    def _memory_before(self, sight: CellSight, suffix: str) -> GridGate:
        """Return the memory that the cell on view goes on from."""
        reverse = self._trace.segments[sight.place.segment].reverse
        time = sight.place.time + (1 if reverse else -1)
        inside = 0 <= time < self.length
        array, row = (f"c{suffix}", time) if inside else (f"initial_c{suffix}", 0)
        grid = self._strands.grid(
            "memory before",
            array,
            Box(row, sight.units.start, 1, len(sight.units)),
            sight,
            upright=False,
            editable=not inside,
        )
        region = Region(array, (range(row, row + 1), sight.units))
        values = self._strands.strand(grid, region, sight.arrived)
        return GridGate("c", "t+1" if reverse else "t−1", Tone.READS, values)

    def lead(self, place: RecurrentPlace) -> Lead:
        """Return the lesson on the cell at a place, which reads what the cell reads."""
        trace, settings = self._trace, self._state.settings
        suffix, reverse = self.suffix(place), trace.segments[place.segment].reverse

        def values(name: str) -> np.ndarray:
            return np.asarray(trace.arrays[name].values)

        below = [part.source.array for part in self._reads(place)]
        order = slice(None, None, -1 if reverse else 1)
        given = {
            "kernel": np.concatenate([values(part.weights) for part in self._reads(place)]),
            "recurrent_kernel": values(f"recurrent_h{suffix}"),
            "bias": values(f"bias_h{suffix}"),
            **{f"initial_{name}": values(f"initial_{name}{suffix}") for name in self.states},
            **{
                gate: values(f"held_{gate}{suffix}")[order]
                for gate in GATES
                if f"held_{gate}{suffix}" in trace.arrays
            },
        }
        x = np.concatenate([values(name) for name in below], axis=-1)[order]
        time = int(trace.segments[place.segment].time(place.time))
        state = cell_state(self.kind, x, given, cell_settings(self.kind, settings))
        at = Pointer("h", (time, place.unit))
        return Lead(LESSONS[self.kind].id, state, at)

    def _reads(self, place: RecurrentPlace) -> tuple[DotInput, ...]:
        """Return what the cell at a place reads of the layer below, with the kernels."""
        first = self._trace.segments[place.segment].equations[0]
        assert isinstance(first, Dot)
        return first.inputs[:-1]

    def suffix(self, place: RecurrentPlace) -> str:
        """Return what stands after the names of the arrays of the cell at a place."""
        return self._shown[place.segment][0][1:]

    def _input(self, time: int, sight: CellSight) -> Strand:
        values = range(min(self._values, 1))
        return self._strands.column(f"x {time}", "x", time, values, sight, editable=True)

    def _rows(self, sight: CellSight, most: int) -> list[GridRow]:
        """Return the rows of cells, the lowest first, with ``most`` units of each on view."""
        trace, place = self._trace, sight.place
        now = trace.equation_at(place).name
        read = self._read_by(sight)
        found: list[GridRow] = []
        for segment, names in zip(trace.segments, self._shown, strict=True):
            for name in names:
                merged = name.startswith("y")
                letters = ("y",) if merged else self.states
                arrays = [f"{letter}{name[1:]}" for letter in letters]
                own = segment is trace.segments[place.segment] and merged == now.startswith("y")
                total = segment.equations[0].units
                units = page(min(sight.unit, total - 1), total, most)
                there_on_view, cells = replace(sight, units=units), []
                for time in sight.steps:
                    values = tuple(
                        self._strands.state_row(f"{array} {time}", array, time, there_on_view)
                        for array in arrays
                    )
                    there = all(all(strand.written) for strand in values)
                    state = TermState.DONE if there else TermState.PENDING
                    if own and time == place.time and trace.level != "sequence":
                        state = TermState.CURRENT
                    order = len(found) * self.length + int(segment.time(time)) + 1
                    cells.append(GridCell(values, state, order, (name, time) in read))
                way = -1 if segment.reverse else 1
                found.append(
                    GridRow(
                        title=_title(name),
                        letter=name[0],
                        way=0 if merged else way,
                        layer=int("".join(sign for sign in name if sign.isdigit())),
                        cells=tuple(cells),
                    )
                )
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

    def _letter(self, part: DotInput, place: RecurrentPlace) -> str:
        """Return the letter of what is read; an arrow tells it from the cell's own state."""
        array = part.source.array
        if array == "x" or array.startswith("y"):
            return array[0]
        own = part.weights == f"recurrent_h{self.suffix(place)}"
        return "h" if own else "←h" if array.endswith("_back") else "→h"

    def _parts(self, sight: CellSight, most: int) -> tuple[InputPart, ...]:
        """Return what goes into the sum on view, with its weights: ``most`` numbers of each."""
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
            here = current[1] if current is not None and current[0] is part else None
            first = 0 if source.array == "x" else sight.units.start
            rows = page(first if here is None else here, part.size, most)
            values = self._strands.column(
                f"part {source.array}",
                source.array,
                at,
                rows,
                sight,
                current=here,
                editable=source.array == "x" or source.array.startswith("initial_"),
            )
            column = part.column + sight.unit
            weights = self._strands.weights(
                f"weights {part.weights}", part.weights, rows, column, sight, here
            )
            letter = self._letter(part, place)
            names = tuple(f"{letter}{number + 1}" for number in rows)
            found.append(InputPart(values, weights, names))
        for bias in equation.biases:
            rows, column = range(bias.row, bias.row + 1), bias.column + sight.unit
            key = f"bias {bias.row}"
            weights = self._strands.weights(key, bias.array, rows, column, sight, None)
            found.append(InputPart(None, weights, ("1",)))
        return tuple(found)


def _title(name: str) -> Message:
    number = "".join(sign for sign in name if sign.isdigit())
    if name.startswith("y"):
        return Message("Layer {number}, both", {"number": number})
    template = "Layer {number}, backwards" if name.endswith("_back") else "Layer {number}, forwards"
    return Message(template, {"number": number})
