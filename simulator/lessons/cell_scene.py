"""The picture of a recurrent cell: the chain of time steps, the cell opened, gates over time."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from simulator.lessons import recurrent_input
from simulator.lessons.cell_card import cell_card
from simulator.lessons.cell_frame import (
    ActivationCurve,
    CellExtents,
    CellFrame,
    Chain,
    ChainStep,
    Gate,
    InputPart,
    Opened,
    Strand,
    TimeRow,
)
from simulator.lessons.frame import (
    Attention,
    Box,
    Card,
    Grid,
    Mark,
    MarkKind,
    Pointer,
    Room,
    Scale,
    ScaleKind,
)
from simulator.lessons.lesson import Lesson, LessonState
from simulator.lessons.planes import Planes
from simulator.lessons.pointing import marked, pointed
from simulator.lessons.scene import Scene
from simulator.traces.dot_equation import Dot, DotInput
from simulator.traces.equations import Equation
from simulator.traces.formula import Explanation, Message, TermState, Tone
from simulator.traces.model import Role
from simulator.traces.numbers import number
from simulator.traces.recurrence import RecurrentPlace, RecurrentTrace
from simulator.traces.recurrence_told import activation_sign
from simulator.traces.recurrent_cells import GATES, TONES
from simulator.traces.region import Region
from simulator.traces.timeline import Moment

SHOWN_VALUES = 4
"""So many values of a time step's input are shown at once."""
UNIT_SCALE = Scale(ScaleKind.SIGNED, 1.0)
NOTHING = Message("")


@dataclass(frozen=True, slots=True)
class _Sight:
    """What a frame looks at."""

    place: RecurrentPlace
    arrived: int
    attention: Attention
    steps: range
    units: range
    values: range


class CellScene(Scene):
    """Makes frames of one recurrent trace."""

    def __init__(self, lesson: Lesson, trace: RecurrentTrace, state: LessonState) -> None:
        """Take a lesson's trace and the state it was made from."""
        self._trace = trace
        self._lesson = lesson
        self._state = state
        self._planes = Planes(trace)
        self._told: tuple[tuple[object, ...], Explanation] | None = None
        arrays = trace.arrays
        self.length, self.units = arrays["h"].shape
        self.values = arrays["x"].shape[1]
        self.kind = _kind(trace)
        self.states = ("c", "h") if "c" in arrays else ("h",)
        self._labels = recurrent_input.labels(state, arrays["x"].values)

    @property
    def trace(self) -> RecurrentTrace:
        """The trace, at the level that steps are counted in."""
        return self._trace

    def set_level(self, level: str) -> None:
        """Count steps in another level."""
        self._trace = self._trace.at(level)

    def place(self, step: int, attention: Attention) -> RecurrentPlace:
        """Return where the picture of a step stands: above single units, at the one picked."""
        place = self._trace.focus(step)
        if self._trace.level in ("product", "unit"):
            return place
        equation = self._trace.equation_at(place)
        return replace(place, unit=min(attention.map, equation.units - 1))

    def explanation(self, step: int, attention: Attention) -> Explanation:
        """Return the arithmetic of a step: at the coarse levels, of the unit that is looked at."""
        place = self.place(step, attention)
        key = (self._trace.level, step, place)
        if self._told is None or self._told[0] != key:
            self._told = (key, self._trace.explain_at(place, step))
        return self._told[1]

    def extents(self, step: int, attention: Attention) -> Hashable:
        """Return what the layout depends on."""
        del step, attention
        return CellExtents(
            self.kind, self.units, self.values, self.length, len(self.states), self.kind == "rnn"
        )

    def card(self, pointer: Pointer, arrived: int, *, pinned: bool) -> Card:
        """Return what there is to say of a cell once step ``arrived`` is done."""
        return cell_card(self._trace, pointer, arrived, pinned=pinned)

    # The frame

    def frame(self, moment: Moment, room: Room, attention: Attention) -> CellFrame:
        """Return what to paint at a moment. ``room.input`` is for units and time steps."""
        place = self.place(moment.arrived, attention)
        most_units, most_steps = room.input
        sight = _Sight(
            place=place,
            arrived=moment.arrived,
            attention=attention,
            steps=_around(self._time(place), self.length, most_steps),
            units=_around(self._unit(place, attention), self.units, most_units),
            values=self._values_on_view(place, room.output[0]),
        )
        return CellFrame(
            explanation=self.explanation(moment.arrived, attention),
            chain=self._chain(sight),
            opened=self._opened(sight),
            rows_title=Message("Unit {unit} over time", {"unit": self._unit(place, attention) + 1})
            if self.kind != "rnn"
            else Message("Hidden state over time"),
            rows_note=self._rows_note(),
            rows=self._rows(sight) if self.kind != "rnn" else (),
            map=self._map(sight) if self.kind == "rnn" else None,
            answer=self._answer(sight),
            target=self._labels.target(),
        )

    def _time(self, place: RecurrentPlace) -> int:
        """Return the time step that is looked at: the last one while the answer is made."""
        return place.time if place.segment == 0 else self.length - 1

    def _unit(self, place: RecurrentPlace, attention: Attention) -> int:
        """Return the unit that is looked at: of an answer, which has others, the one picked."""
        if self._trace.equation_at(place).name == "y":
            return min(attention.map, self.units - 1)
        return place.unit

    def _values_on_view(self, place: RecurrentPlace, most: int) -> range:
        """Return the values of the input on view: the one that is multiplied is among them."""
        equation = self._trace.equation_at(place)
        at = 0
        if isinstance(equation, Dot) and place.move < equation.terms:
            part, term = equation.input_of(place.move)
            at = term if part.source.array == "x" else 0
        elif recurrent_input.is_one_hot(self._state):
            time = self._time(place)
            row = Region("x", (range(time, time + 1), range(self.values)))
            at = int(np.argmax(self._trace.read(row)))
        return _around(at, self.values, most)

    # Grids

    def _grid(
        self,
        key: str,
        array: str,
        view: Box,
        sight: _Sight,
        *,
        upright: bool,
        role: Role = Role.READS,
        scale: Scale | None = None,
        current: tuple[int, int] | None = None,
        editable: bool = False,
    ) -> Grid:
        """Return a grid of an array (time or value, unit or column); ``upright`` turns it."""
        axes = (1, 0) if upright else (0, 1)
        plane = self._planes.plane(
            array,
            {},
            axes=axes,
            scale=(lambda _: scale) if scale else _signed,
        )
        if upright:
            plane = replace(plane, values=plane.values.T)
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
            edited=frozenset(
                (i[1], i[0]) if upright else (i[0], i[1]) for i in edits if len(i) == 2
            ),
        )
        cells = pointed(self._trace, sight.attention)
        return marked(self._trace, grid, cells) if cells else grid

    def _strand(self, grid: Grid, region: Region, arrived: int) -> Strand:
        written = self._trace.written(region, arrived).reshape(-1)
        return Strand(grid, tuple(bool(there) for there in written))

    def _state_row(
        self, key: str, name: str, time: int, sight: _Sight, current: int | None = None
    ) -> Strand:
        """Return a state at a time step as a row; before the first it is an array of its own."""
        units = sight.units
        array, row = (name, time) if time >= 0 else (f"initial_{name}", 0)
        writes = time >= 0 and time == self._time(sight.place)
        grid = self._grid(
            key,
            array,
            Box(row, units.start, 1, len(units)),
            sight,
            upright=False,
            role=Role.WRITES if writes else Role.READS,
            current=None if current is None else (row, current),
            editable=time < 0,
        )
        return self._strand(grid, Region(array, (range(row, row + 1), units)), sight.arrived)

    def _column(
        self,
        key: str,
        array: str,
        at: int,
        rows: range,
        sight: _Sight,
        *,
        role: Role = Role.READS,
        current: int | None = None,
        editable: bool = False,
        scale: Scale | None = None,
    ) -> Strand:
        """Return a run of an array's second axis (units, values) at one of its first, upright."""
        grid = self._grid(
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
        return self._strand(grid, Region(array, (range(at, at + 1), rows)), sight.arrived)

    def _weights(
        self, key: str, array: str, rows: range, column: int, sight: _Sight, current: int | None
    ) -> Strand:
        grid = self._grid(
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

    # The parts of the picture

    def _chain(self, sight: _Sight) -> Chain:
        now = self._time(sight.place)
        steps = []
        for time in sight.steps:
            state = TermState.CURRENT
            if time != now:
                state = TermState.DONE if time < now else TermState.PENDING
            label, marks = self._labels.of(time)
            values = range(min(self.values, 1))
            steps.append(
                ChainStep(
                    time=time,
                    state=state,
                    states=tuple(
                        self._state_row(f"chain {name} {time}", name, time, sight)
                        for name in self.states
                    ),
                    reads=self._column(f"chain x {time}", "x", time, values, sight, editable=True),
                    label=label,
                    marked=marks,
                )
            )
        return Chain(tuple(steps), self.length, self.states)

    def _opened(self, sight: _Sight) -> Opened:
        place, trace = sight.place, self._trace
        time, equation = self._time(place), trace.equation_at(place)
        single = trace.level in ("product", "unit") and equation.name != "y"
        unit = self._unit(place, sight.attention)
        active = equation.name if trace.level in ("product", "unit", "gate") else ""
        current = unit if single else None
        state = self.states[0]
        reads_before = active == state or (active == "h" and self.kind.startswith("gru"))
        return Opened(
            kind=self.kind,
            active=active,
            inputs=self._inputs(sight),
            gates=tuple(self._gates(sight)),
            before=self._state_row(
                "before", state, time - 1, sight, current if reads_before else None
            ),
            after=self._after(state, time, sight, current if active == state else None),
            hidden_before=self._state_row("hidden before", "h", time - 1, sight),
            hidden=self._state_row("hidden", "h", time, sight, current if active == "h" else None),
            amounts=self._amounts(sight, unit),
            units=sight.units,
            unit=unit,
            current=current,
            activation=self._curve(sight, unit) if self.kind == "rnn" else None,
        )

    def _after(self, name: str, time: int, sight: _Sight, current: int | None) -> Strand:
        """Return the state that the cell makes; a simple cell's stands upright."""
        if self.kind != "rnn":
            return self._state_row("after", name, time, sight, current)
        role = Role.WRITES
        return self._column("after", name, time, sight.units, sight, role=role, current=current)

    def _amounts(self, sight: _Sight, unit: int) -> tuple[str, str]:
        """Return what is kept and what is added of the unit, once they are there."""
        if "kept" not in self._trace.arrays:
            return "", ""
        time = self._time(sight.place)
        found = []
        for name in ("kept", "added"):
            cell = Region.cell(name, time, unit)
            there = bool(self._trace.written(cell, sight.arrived).all())
            found.append(number(float(self._trace.read(cell).item()), 3) if there else "")
        return found[0], found[1]

    def _inputs(self, sight: _Sight) -> tuple[InputPart, ...]:
        """Return what goes into the sums: the state before, the input, and the bias."""
        time, place = self._time(sight.place), sight.place
        equation = self._trace.equation_at(place)
        dot = self._sum_on_view(equation)
        unit = self._unit(place, sight.attention)
        at = None
        if dot is not None and dot is equation and place.move < dot.terms:
            at = dot.input_of(place.move)
        parts = []
        reads_reset = dot is not None and dot.inputs[-1].source.array == "reset_h"
        hidden = ("reset_h", time) if reads_reset else ("h", time - 1)
        array, row = hidden if hidden[1] >= 0 else ("initial_h", 0)
        for values, rows, source, letter in (
            (("x", time), sight.values, "kernel", "x"),
            ((array, row), sight.units, "recurrent_kernel", "h"),
        ):
            own = next((p for p in dot.inputs if p.weights == source), None) if dot else None
            here = at[1] if at and own is at[0] else None
            strand = self._column(
                f"input {letter}",
                values[0],
                values[1],
                rows,
                sight,
                current=here,
                editable=values[0] in ("x", "initial_h"),
            )
            weights: Strand | None = None
            products: tuple[float | None, ...] = ()
            if own is not None and dot is not None:
                column = own.column + unit
                weights = self._weights(f"weights {letter}", source, rows, column, sight, here)
                products = self._products(dot, own, rows, unit, sight)
            names = tuple(self._value_name(letter, number) for number in rows)
            parts.append(InputPart(strand, weights, names, products))
        if dot is not None:
            for bias in dot.biases:
                column = bias.column + unit
                rows = range(bias.row, bias.row + 1)
                key = f"weights bias {bias.row}"
                strand = self._weights(key, "bias", rows, column, sight, None)
                parts.append(InputPart(None, strand, ("1",), (strand.value(0),)))
        return tuple(parts)

    def _sum_on_view(self, equation: Equation) -> Dot | None:
        """Return the sum whose weights are on view: that of the step, or a simple cell's only."""
        if self.kind == "rnn":
            equation = self._trace.segments[0].equations[0]
        elif self._trace.level not in ("product", "unit") or equation.name == "y":
            return None
        return equation if isinstance(equation, Dot) else None

    def _products(
        self, dot: Dot, own: DotInput, rows: range, unit: int, sight: _Sight
    ) -> tuple[float | None, ...]:
        """Return the products of some values with their weights, None where they are to come."""
        before = sum(part.size for part in dot.inputs[: dot.inputs.index(own)])
        time = self._time(sight.place)
        terms = range(before + rows.start, before + rows.stop)
        at = range(time, time + 1), range(unit, unit + 1)
        region = Region(dot.products, (*at, terms))
        values = self._trace.read(region).reshape(-1)
        written = self._trace.written(region, sight.arrived).reshape(-1)
        return tuple(
            float(value) if there else None for value, there in zip(values, written, strict=True)
        )

    def _curve(self, sight: _Sight, unit: int) -> ActivationCurve:
        """Return the activation of a simple cell, with the point of the unit on view."""
        dot = self._trace.segments[0].equations[0]
        assert isinstance(dot, Dot)
        assert dot.activation is not None
        x = np.linspace(-3, 3, 49)
        y = dot.activation.value(x)
        cell = Region.cell(dot.total, self._time(sight.place), unit)
        at = None
        if bool(self._trace.written(cell, sight.arrived).all()):
            total = float(self._trace.read(cell).item())
            at = (total, float(dot.activation.value(np.array([total]))[0]))
        points = tuple(zip(x.tolist(), y.tolist(), strict=True))
        return ActivationCurve(activation_sign(dot.activation.name), points, at)

    def _value_name(self, letter: str, number_from_0: int) -> str:
        if letter == "x":
            return self._labels.value_name(number_from_0, self.values)
        return f"h{_subscript(number_from_0 + 1)}"

    def _gates(self, sight: _Sight) -> Sequence[Gate]:
        time = self._time(sight.place)
        place, trace = sight.place, self._trace
        equation = trace.equation_at(place)
        single = trace.level in ("product", "unit")
        found = []
        for each in trace.segments[0].equations:
            if each.name not in GATES and each.name != "recurrent":
                continue
            assert isinstance(each, Dot)
            active = place.segment == 0 and each is equation and trace.level != "step"
            feeds = _feeds(equation.name, each.name, self.kind) and single
            current = place.unit if single and (active or feeds) else None
            scale = UNIT_SCALE if each.activation else None
            values = self._column(
                f"gate {each.name}",
                each.name,
                time,
                sight.units,
                sight,
                role=Role.WRITES,
                scale=scale,
                editable=each.name in GATES,
            )
            written = all(values.written)
            state = TermState.DONE if written else TermState.PENDING
            if active and trace.level != "sequence":
                state = TermState.CURRENT
            title = GATES[each.name][0] if each.name in GATES else each.wording.name
            sign = activation_sign(each.activation.name) if each.activation else ""
            held = self._state.edits.get(each.name, {})
            clamps = recurrent_input.holds(self._state, each.name)
            found.append(
                Gate(
                    name=each.name,
                    letter=each.wording.letter,
                    title=Message(title.removesuffix(" gate")),
                    sign=sign,
                    tone=TONES.get(each.name, Tone.READS),
                    signed=sign != "σ",
                    values=values,
                    state=state,
                    current=current,
                    held=tuple(clamps or (time, unit) in held for unit in sight.units),
                )
            )
        return found

    def _rows(self, sight: _Sight) -> tuple[TimeRow, ...]:
        unit = self._unit(sight.place, sight.attention)
        found = []
        order = "fizrgo"
        gates = [e for e in self._trace.segments[0].equations if e.name in GATES]
        gates.sort(key=lambda equation: order.index(equation.name))
        kinds = [(each.name, _is_signed(each)) for each in gates]
        for name, signed in (*kinds, (self.states[0], True)):
            values = self._planes.plane(name, {}, axes=(1, 0)).values
            limit = max(1.0, float(np.abs(values[:, unit]).max())) if name == "c" else 1.0
            grid = self._grid(
                f"row {name}",
                name,
                Box(unit, sight.steps.start, 1, len(sight.steps)),
                sight,
                upright=True,
                role=Role.WRITES,
                editable=name in GATES,
            )
            region = Region(name, (sight.steps, range(unit, unit + 1)))
            strand = self._strand(grid, region, sight.arrived)
            tone = TONES.get(name, Tone.WRITES)
            found.append(TimeRow(name, tone, strand, signed, limit))
        return tuple(found)

    def _rows_note(self) -> Message:
        return (
            NOTHING if self.kind == "rnn" else Message("Page Up and Page Down go to another unit")
        )

    def _map(self, sight: _Sight) -> Strand:
        """Return the hidden state as a picture: a row for each unit, a column for each step."""
        grid = self._grid(
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

    def _answer(self, sight: _Sight) -> Strand | None:
        if "y" not in self._trace.arrays:
            return None
        times, outputs = self._trace.arrays["y"].shape
        row = min(self._time(sight.place), times - 1)
        current = sight.place.unit if self._trace.equation_at(sight.place).name == "y" else None
        grid = self._grid(
            "answer",
            "y",
            Box(row, 0, 1, min(outputs, 4)),
            sight,
            upright=False,
            role=Role.WRITES,
            current=None if current is None else (row, current),
        )
        region = Region("y", (range(row, row + 1), range(min(outputs, 4))))
        return self._strand(grid, region, sight.arrived)


def _signed(values: np.ndarray) -> Scale:
    largest = float(np.abs(values[np.isfinite(values)]).max(initial=0.0))
    return Scale(ScaleKind.SIGNED, max(largest, 1e-6))


def _kind(trace: RecurrentTrace) -> str:
    if "c" in trace.arrays:
        return "lstm"
    if "z" not in trace.arrays:
        return "rnn"
    return "gru before" if "reset_h" in trace.arrays else "gru"


def _feeds(active: str, gate: str, kind: str) -> bool:
    """Return whether the equation that is worked on reads a gate."""
    reads = {
        ("lstm", "c"): "fig",
        ("lstm", "h"): "o",
        ("gru", "h"): "zg",
        ("gru before", "h"): "zg",
        ("gru", "g"): ("r", "recurrent"),
        ("gru before", "g"): ("recurrent",),
        ("gru before", "reset_h"): "r",
    }
    return gate in reads.get((kind, active), ())


def _is_signed(equation: Equation) -> bool:
    activation = equation.activation if isinstance(equation, Dot) else None
    return activation is None or activation.name != "sigmoid"


def _around(at: int, total: int, most: int) -> range:
    """Return up to ``most`` of ``total`` numbers, ``at`` in the middle where it can be."""
    most = max(1, min(most, total))
    first = max(0, min(at - most // 2, total - most))
    return range(first, first + most)


def _subscript(value: int) -> str:
    return "".join("₀₁₂₃₄₅₆₇₈₉"[int(digit)] for digit in str(value))
