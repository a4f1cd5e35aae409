"""The picture of a recurrent cell: the chain of time steps, the cell opened, gates over time."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

import numpy as np

from simulator.lessons import recurrent_input
from simulator.lessons.cell_frame import (
    BesideRows,
    CellExtents,
    CellFrame,
    Chain,
    ChainStep,
    Strand,
    TimeRow,
)
from simulator.lessons.cell_inside import CellInside
from simulator.lessons.cell_strands import NOTHING, UNIT_SCALE, CellSight, CellStrands
from simulator.lessons.frame import (
    Attention,
    Box,
    Room,
)
from simulator.lessons.lesson import Lesson, LessonState
from simulator.lessons.recurrence_scene import RecurrenceScene, page
from simulator.traces.cell_names import GATES, TONES
from simulator.traces.dot_equation import Dot
from simulator.traces.equations import Equation
from simulator.traces.formula import Message, TermState, Tone
from simulator.traces.model import Role
from simulator.traces.numbers import number
from simulator.traces.recurrence import RecurrentPlace, RecurrentTrace
from simulator.traces.region import Region
from simulator.traces.timeline import Moment

ROW_ORDER = "fizrgo"


class CellScene(RecurrenceScene):
    """Makes frames of one recurrent trace."""

    def __init__(self, lesson: Lesson, trace: RecurrentTrace, state: LessonState) -> None:
        """Take a lesson's trace and the state it was made from."""
        super().__init__(lesson, trace, state)
        arrays = trace.arrays
        self._end = self.length - 1
        self.values = arrays["x"].shape[1]
        self.kind = _kind(trace)
        self._labels = recurrent_input.labels(state, arrays["x"].values)
        self._inside = CellInside(self._strands, state, self.kind, self._labels)
        self._made: tuple[object, CellFrame] | None = None
        self._steps: dict[object, ChainStep] = {}
        self._steps_under: object = None
        self._other: tuple[str, CellStrands] | None = None
        for name, other in trace.beside.items():
            self._other = name, CellStrands(other, LessonState(state.settings))

    def extents(self, step: int, attention: Attention) -> Hashable:
        """Return what the layout depends on."""
        del step, attention
        beside = len(_rows_of(self._other[1].trace)) if self._other else 0
        states, has_map = len(self.states), self.kind == "rnn"
        return CellExtents(self.kind, self.units, self.values, self.length, states, has_map, beside)

    # The frame

    def frame(self, moment: Moment, room: Room, attention: Attention) -> CellFrame:
        """Return what to paint at a moment. ``room.input`` is for units and time steps."""
        asked = (self._trace, moment.arrived, room, attention)
        if self._made is None or self._made[0] != asked:  # nothing of it moves during a glide
            self._made = asked, self._frame(moment, room, attention)
        return self._made[1]

    def _frame(self, moment: Moment, room: Room, attention: Attention) -> CellFrame:
        place = self.place(moment.arrived, attention)
        most_units, most_steps = room.input
        sight = CellSight(
            place=place,
            time=self.time_of(place),
            unit=self.unit_of(place, attention),
            arrived=moment.arrived,
            attention=attention,
            steps=page(self.time_of(place), self.length, most_steps, shared=2),
            units=page(self.unit_of(place, attention), self.units, most_units),
            values=self._values_on_view(place, room.output[0]),
        )
        return CellFrame(
            explanation=self.explanation(moment.arrived, attention),
            chain=self._chain(sight),
            opened=self._inside.opened(sight),
            rows_title=self._rows_title(sight),
            rows_note=self._rows_note(),
            rows=self._rows(sight) if self.kind != "rnn" else (),
            map=self._map(sight) if self.kind == "rnn" else None,
            answer=self._answer(sight),
            target=self._labels.target(),
            units=self.units,
            beside=self._beside(sight),
        )

    def _values_on_view(self, place: RecurrentPlace, most: int) -> range:
        """Return the values of the input on view: the one that is multiplied is among them."""
        equation = self._trace.equation_at(place)
        at = 0
        if isinstance(equation, Dot) and place.move < equation.terms:
            part, term = equation.input_of(place.move)
            at = term if part.source.array == "x" else 0
        elif recurrent_input.is_one_hot(self._state):
            time = self.time_of(place)
            row = Region("x", (range(time, time + 1), range(self.values)))
            at = int(np.argmax(self._trace.read(row)))
        return page(at, self.values, most)

    # Grids

    def _chain(self, sight: CellSight) -> Chain:
        under = (sight.units, sight.attention.hovered, sight.attention.pinned)
        if under != self._steps_under:
            self._steps_under = under
            self._steps.clear()
        written = {name: self._strands.rows_written(name, sight) for name in self.states}
        steps = []
        for at, time in enumerate(sight.steps):
            state = TermState.CURRENT
            if time != sight.time:
                state = TermState.DONE if time < sight.time else TermState.PENDING
            there = tuple(written[name][at] for name in self.states)
            step = self._steps.get((time, state, there))
            if step is None:
                step = self._steps[time, state, there] = self._step(time, state, there, sight)
            steps.append(step)
        return Chain(tuple(steps), self.length, self.states)

    def _step(
        self, time: int, state: TermState, there: tuple[tuple[bool, ...], ...], sight: CellSight
    ) -> ChainStep:
        """Return a time step, of whose states those cells exist that are ``there``."""
        label, marks = self._labels.of(time)
        values = range(min(self.values, 1))
        return ChainStep(
            time=time,
            state=state,
            states=tuple(
                self._strands.state_row(f"chain {name} {time}", name, time, sight, written=row)
                for name, row in zip(self.states, there, strict=True)
            ),
            reads=self._strands.column(f"chain x {time}", "x", time, values, sight, editable=True),
            label=label,
            marked=marks,
        )

    def _rows(self, sight: CellSight) -> tuple[TimeRow, ...]:
        found = []
        for name, signed in _rows_of(self._trace):
            grid = self._strands.grid(
                f"row {name}",
                name,
                Box(sight.unit, sight.steps.start, 1, len(sight.steps)),
                sight,
                upright=True,
                role=Role.WRITES,
                editable=name in GATES,
            )
            region = Region(name, (sight.steps, range(sight.unit, sight.unit + 1)))
            strand = self._strands.strand(grid, region, sight.arrived)
            found.append(self._row(name, strand, signed))
        return tuple(found)

    def _row(self, name: str, strand: Strand, signed: bool) -> TimeRow:
        """Return a row; a memory, which no activation holds within ±1, has a limit of its own."""
        unit = int(strand.grid.view.top)
        values = strand.grid.plane.values
        limit = max(1.0, float(np.abs(values[unit]).max())) if name == "c" else 1.0
        return TimeRow(name, TONES.get(name, Tone.WRITES), strand, signed, limit)

    def _beside(self, sight: CellSight) -> BesideRows | None:
        """Return the other cell's gates, as far as this one has come."""
        if self._other is None:
            return None
        name, strands = self._other
        nobody = replace(sight, attention=Attention())
        done = self._trace.written(
            Region("h", (sight.steps, range(sight.unit, sight.unit + 1))), sight.arrived
        ).reshape(-1)
        written = tuple(bool(there) for there in done)
        rows = []
        for each, signed in _rows_of(strands.trace):
            view = Box(sight.unit, sight.steps.start, 1, len(sight.steps))
            grid = strands.grid(f"beside {each}", each, view, nobody, upright=True)
            rows.append(self._row(each, Strand(grid, written), signed))
        note = Message("the same input: {weights} weights", {"weights": weights_of(strands.trace)})
        if "y" in strands.trace.arrays and self._is_answered(sight):
            answer = float(np.asarray(strands.trace.arrays["y"].values)[-1, 0])
            note = Message(
                "the same input: {weights} weights, answer {answer}",
                {"weights": weights_of(strands.trace), "answer": number(answer, 2)},
            )
        return BesideRows(Message("{name} beside it", {"name": name}), note, tuple(rows))

    def _is_answered(self, sight: CellSight) -> bool:
        if "y" not in self._trace.arrays:
            return False
        whole = Region.whole("y", self._trace.arrays["y"].shape)
        return bool(self._trace.written(whole, sight.arrived).all())

    def _rows_title(self, sight: CellSight) -> Message:
        units = {"unit": sight.unit + 1, "total": self.units}
        if self.kind != "rnn":
            return Message("Unit {unit} of {total} over time", units)
        if len(sight.units) == self.units:
            return Message("Hidden state over time")
        words = "Hidden state over time, units {first} to {last} of {total}"
        return Message(words, {**units, "first": sight.units.start + 1, "last": sight.units.stop})

    def _rows_note(self) -> Message:
        if self._other is None:
            return NOTHING
        return Message("{weights} weights", {"weights": weights_of(self._trace)})

    def _map(self, sight: CellSight) -> Strand:
        """Return the hidden state as a picture: a row for each unit, a column for each step."""
        grid = self._strands.grid(
            "map h",
            "h",
            Box(sight.units.start, sight.steps.start, len(sight.units), len(sight.steps)),
            sight,
            upright=True,
            role=Role.WRITES,
            scale=UNIT_SCALE,
        )
        region = Region("h", (sight.steps, sight.units))
        written = self._trace.written(region, sight.arrived).T.reshape(-1)
        return Strand(grid, tuple(bool(there) for there in written))

    def _answer(self, sight: CellSight) -> Strand | None:
        if "y" not in self._trace.arrays:
            return None
        times, outputs = self._trace.arrays["y"].shape
        row = min(sight.time, times - 1)
        current = sight.place.unit if self._trace.equation_at(sight.place).name == "y" else None
        grid = self._strands.grid(
            "answer",
            "y",
            Box(row, 0, 1, min(outputs, 4)),
            sight,
            upright=False,
            role=Role.WRITES,
            current=None if current is None else (row, current),
        )
        region = Region("y", (range(row, row + 1), range(min(outputs, 4))))
        return self._strands.strand(grid, region, sight.arrived)


def weights_of(trace: RecurrentTrace) -> int:
    """Return how many weights a cell has, without those of its answer."""
    names = ("kernel", "recurrent_kernel", "bias")
    return sum(int(np.prod(trace.arrays[name].shape)) for name in names if name in trace.arrays)


def _rows_of(trace: RecurrentTrace) -> list[tuple[str, bool]]:
    """Return what has a row over time, and whether it can be negative: gates, and the state."""
    gates = [each for each in trace.segments[0].equations if each.name in GATES]
    gates.sort(key=lambda equation: ROW_ORDER.index(equation.name))
    state = "c" if "c" in trace.arrays else "h"
    return [*((each.name, _is_signed(each)) for each in gates), (state, True)]


def _kind(trace: RecurrentTrace) -> str:
    if "c" in trace.arrays:
        return "lstm"
    if "z" not in trace.arrays:
        return "rnn"
    return "gru before" if "reset_h" in trace.arrays else "gru"


def _is_signed(equation: Equation) -> bool:
    activation = equation.activation if isinstance(equation, Dot) else None
    return activation is None or activation.name != "sigmoid"
