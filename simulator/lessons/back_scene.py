"""The picture of the way back through time: the chain, the step opened, the gradient's length."""

from __future__ import annotations

from collections.abc import Hashable
from math import floor, log10

import numpy as np

from simulator.lessons.back_frame import (
    BackExtents,
    BackFrame,
    BackGiven,
    BackStep,
    BackWeights,
    Lane,
    WeightTable,
)
from simulator.lessons.cell_frame import Gate
from simulator.lessons.cell_strands import CellSight
from simulator.lessons.frame import Attention, Box, Room, Scale, ScaleKind
from simulator.lessons.lesson import Lesson, LessonState
from simulator.lessons.recurrence_scene import RecurrenceScene, page
from simulator.lessons.recurrent_weights import CELL_NAMES
from simulator.traces.back_equations import PRIME
from simulator.traces.cell_names import GATES
from simulator.traces.dot_equation import Dot, DotInput
from simulator.traces.formula import Message, TermState, Tone
from simulator.traces.model import Role
from simulator.traces.numbers import count, number
from simulator.traces.recurrence import RecurrentTrace
from simulator.traces.region import Region
from simulator.traces.timeline import Moment

LEAST_NORM = 1e-12
"""Shorter gradients stand at the foot of the scale."""
MORE_ROWS, MOST_COLUMNS = 2, 8
"""So many more rows of the weights' gradient are on view than units, and so many columns."""
CARDS = {
    "d_h": ("∂h", "arrives"),
    "slope_h": (f"φ{PRIME}", "slope"),
    "d_a": ("∂a", "after slope"),
    "d_c": ("∂c", "at memory"),
    "da_i": ("∂i", "input"),
    "da_f": ("∂f", "forget"),
    "da_g": ("∂g", "candidate"),
    "da_o": ("∂o", "output"),
    "da_z": ("∂z", "update"),
    "da_r": ("∂r", "reset"),
    "inner": ("∂m", "old state"),
    "to_reset": ("∂s", "at reset"),
    "f": ("f", "keeps"),
    "z": ("z", "keeps"),
    "cell_carried": ("m", "kept"),
    "direct": ("q", "kept"),
    "carried": ("k", "handed back"),
}
"""The letter and the title of the card of each array."""
BEFORE = {"d_a": "slope_h", "cell_carried": "f", "direct": "z"}
"""The local derivative that has a card before that of an array: what the gradient is multiplied by
on its way along the state."""


class BackScene(RecurrenceScene):
    """Makes frames of the way back."""

    def __init__(self, lesson: Lesson, trace: RecurrentTrace, state: LessonState) -> None:
        """Take a lesson's trace and the state it was made from."""
        super().__init__(lesson, trace, state)
        self._equations = [each for each in trace.segments[0].equations if each.name != "norm"]
        self._parts = {
            _gate_of(part): part
            for each in self._equations
            if isinstance(each, Dot)
            for part in each.inputs
        }
        self._names = [
            name
            for each in self._equations
            for name in (BEFORE.get(each.name), each.name)
            if name is not None and name in trace.arrays
        ]
        self._norms = lengths_of(trace)
        self._lanes = {name: lengths_of(other) for name, other in trace.beside.items()}
        norms = np.concatenate([self._norms, *self._lanes.values()])
        known = norms[np.isfinite(norms) & (norms > LEAST_NORM)]
        low = floor(log10(known.min())) if known.size else -1
        high = log10(known.max()) if known.size else 0
        self._low, self._high = float(low), float(max(np.ceil(high), low + 1))

    def extents(self, step: int, attention: Attention) -> Hashable:
        """Return what the layout depends on."""
        del step, attention
        return BackExtents(len(self._names), self.units, self.length)

    def frame(self, moment: Moment, room: Room, attention: Attention) -> BackFrame:
        """Return what to paint at a moment. ``room.input`` is for units and time steps."""
        place = self.place(moment.arrived, attention)
        units, steps = room.input
        sight = CellSight(
            place=place,
            time=self.time_of(place),
            unit=self.unit_of(place, attention),
            arrived=moment.arrived,
            attention=attention,
            steps=page(self.time_of(place), self.length, steps, shared=2),
            units=page(self.unit_of(place, attention), self.units, units),
            values=page(0, self._trace.arrays["x"].shape[1], room.output[1]),
        )
        gradients = self._strands.rows_written("d_h", sight)
        lengths = self._trace.written(Region("norm", (sight.steps, range(1))), sight.arrived)
        return BackFrame(
            explanation=self.explanation(moment.arrived, attention),
            steps=tuple(
                self._step(time, sight, gradient, there=bool(length))
                for time, gradient, length in zip(sight.steps, gradients, lengths, strict=True)
            ),
            total=self.length,
            cards=tuple(self._card(name, sight) for name in self._names),
            units=sight.units,
            unit=sight.unit,
            of_units=self.units,
            given=self._given(sight, room.output[0]),
            arriving=self._strands.column(
                "arriving", "to_output", sight.time, sight.units, sight, editable=True
            ),
            rows_title=Message("Length of the gradient"),
            rows_note=Message("on a logarithmic scale")
            if self._lanes
            else Message("on a logarithmic scale: each line is ten times the one below"),
            ends=(f"1e{int(self._low)}", f"1e{int(self._high)}"),
            lanes=self._compared(sight, lengths[:, 0]),
            closing=self._closing(sight),
        )

    def _compared(self, sight: CellSight, there: np.ndarray) -> tuple[Lane, ...]:
        """Return the lengths of every cell's gradient, at the steps whose own is there."""
        if not self._lanes:
            return ()
        own = CELL_NAMES[str(self._state.settings["cell"])]
        found = []
        for place, name in enumerate(CELL_NAMES.values()):
            norms = self._norms if name == own else self._lanes[name]
            shares = tuple(
                self._share(float(norms[time])) if written else None
                for time, written in zip(sight.steps, there, strict=True)
            )
            now = bool(there[sight.time - sight.steps.start])
            length = _short(float(norms[sight.time])) if now else ""
            found.append(Lane(name, place, shares, length))
        return tuple(found)

    def _share(self, norm: float) -> float | None:
        """Return where a length stands on the scale; None where it is no number."""
        if not np.isfinite(norm):
            return None
        shown = log10(max(norm, LEAST_NORM))
        return min(max((shown - self._low) / (self._high - self._low), 0.0), 1.0)

    def _step(
        self, time: int, sight: CellSight, written: tuple[bool, ...], *, there: bool
    ) -> BackStep:
        state = TermState.CURRENT
        if time != sight.time or sight.place.segment > 0:
            state = TermState.DONE if time >= sight.time else TermState.PENDING
        if sight.place.segment > 0 and time == sight.time:
            state = TermState.CURRENT
        norm = float(self._norms[time])
        return BackStep(
            time=time,
            state=state,
            forward=self._strands.state_row(f"forward {time}", "h", time, sight),
            gradient=self._strands.state_row(
                f"gradient {time}", "d_h", time, sight, written=written
            ),
            norm=_short(norm) if there else "",
            share=self._share(norm) if there else None,
            factor=f"×{_short(norm / self._norms[time + 1])}" if there and self._has(time) else "",
            product=f"×{_short(norm / self._norms[-1])}" if there and self._norms[-1] else "",
            cut="passes" in self._trace.arrays and self._is_cut(time),
        )

    def _has(self, time: int) -> bool:
        """Return whether there is a step after a time step, with a gradient that has a length."""
        return time + 1 < self.length and bool(self._norms[time + 1] > 0)

    def _is_cut(self, time: int) -> bool:
        passes = self._trace.read(Region.cell("passes", time, 0)).item()
        return float(passes) == 0.0

    def _card(self, name: str, sight: CellSight) -> Gate:
        trace, place = self._trace, sight.place
        equation = trace.equation_at(place)
        local = name in BEFORE.values()
        active = (
            place.segment == 0
            and name in equation.filled
            and not (local and trace.arrays[name].given)
            and trace.level not in ("step", "sequence")
        )
        role = Role.READS if local else Role.WRITES
        values = self._strands.column(
            f"card {name}",
            name,
            sight.time,
            sight.units,
            sight,
            role=role,
            editable=name in GATES,
        )
        held = self._state.edits.get(name, {})
        state = TermState.DONE if all(values.written) else TermState.PENDING
        letter, title = CARDS[name]
        single = trace.level in ("product", "unit")
        return Gate(
            name=name,
            letter=letter,
            title=Message(title),
            sign="",
            tone=Tone.READS if local else Tone.GRADIENT,
            signed=True,
            values=values,
            state=TermState.CURRENT if active else state,
            current=place.unit if active and single else None,
            held=tuple((sight.time, unit) in held for unit in sight.units),
        )

    def _gate_on_view(self, sight: CellSight) -> str:
        """Return the gate whose weights are on view: that of the step, or the first; "" if none."""
        place = sight.place
        equation = self._trace.equation_at(place)
        if place.segment == 0 and isinstance(equation, Dot) and place.move < equation.terms:
            return _gate_of(equation.input_of(place.move)[0])
        gate = {"inner": "g"}.get(equation.name, equation.name.removeprefix("da_"))
        return gate if gate in self._parts else next(iter(self._parts))

    def _given(self, sight: CellSight, most: int) -> tuple[tuple[BackGiven, ...], ...]:
        """Return what the step was made from, in two lines: recurrent weights and first states,
        ``most`` of them; input, kernel and biases.
        """
        strands, place, unit = self._strands, sight.place, sight.unit
        gate = self._gate_on_view(sight)
        part = self._parts[gate]
        of = f"{{letter}}{' of {gate}' if gate else ''}"
        equation, current, units = self._trace.equation_at(place), None, sight.units
        if place.segment == 0 and isinstance(equation, Dot) and place.move < equation.terms:
            current = equation.input_of(place.move)[1]
        units = page(unit if current is None else current, self.units, min(most, len(units)))
        columns = range(part.column + units.start, part.column + units.stop)
        lit = None if current is None else part.column + current
        weights = strands.weights_row("weights", "recurrent_kernel", unit, columns, sight, lit)
        named = {"gate": gate, "unit": unit + 1}
        lines = [
            BackGiven(Message(f"{of}, row {{unit}}", {"letter": "U", **named}), "weights", weights)
        ]
        for name in self._trace.arrays:
            if name.startswith("initial_"):
                title = Message("{letter} before t = 1", {"letter": name.removeprefix("initial_")})
                state = strands.row(name, name, 0, units, sight)
                lines.append(BackGiven(title, "ink2", state))
        values = sight.values
        x = strands.row("x", "x", sight.time, values, sight)
        column = part.column + unit
        kernel = strands.weights_column("kernel", "kernel", values, column, sight)
        below = [
            BackGiven(Message("x at t = {time}", {"time": sight.time + 1}), "ink2", x),
            BackGiven(Message(f"{of} into {{unit}}", {"letter": "W", **named}), "weights", kernel),
        ]
        if "bias" in self._trace.arrays:
            rows = range(self._trace.arrays["bias"].shape[0])
            bias = strands.weights_column("bias", "bias", rows, column, sight)
            below.append(BackGiven(Message("b"), "weights", bias))
        if "after_c" in self._trace.arrays and sight.time == self.length - 1:
            above = strands.row("after_c", "after_c", 0, units, sight)
            below.append(BackGiven(Message("∂c from above"), "gradient", above))
        return tuple(lines), tuple(below)

    def _closing(self, sight: CellSight) -> BackWeights | None:
        """Return the gradient of the weights, once the way back is done: of the gate on view."""
        trace, place = self._trace, sight.place
        if place.segment == 0:
            return None
        equation = trace.equation_at(place)
        gate = equation.name.removeprefix("d_U").removeprefix("clipped").removeprefix("_norm")
        gates = [
            each.name.removeprefix("d_U")
            for each in trace.segments[1].equations
            if each.name.startswith("d_U")
        ]
        gate = gate if gate in gates else gates[0]
        single = equation.name in (f"d_U{gate}", f"clipped{gate}")
        # Weights are counted row by row: each row weighs a state, each column leads into a unit.
        state, unit = divmod(place.unit if single else 0, self.units)
        # Where a step's units stand there is room for some more rows, under no names.
        states = page(state, self.units, len(sight.units) + MORE_ROWS)
        units = page(unit, self.units, MOST_COLUMNS)
        values = np.asarray(trace.arrays[f"d_U{gate}"].values)
        scale = Scale(ScaleKind.SIGNED, max(float(np.abs(values).max(initial=0.0)), 1e-30))
        tables = []
        for name, words in ((f"d_U{gate}", "∂L/∂U"), (f"clipped{gate}", "clipped")):
            if name not in trace.arrays:
                continue
            lit = trace.level in ("product", "unit") and equation.name == name
            rows = []
            for row in states:
                shown = range(row * self.units + units.start, row * self.units + units.stop)
                grid = self._strands.grid(
                    f"closing {name} {row}",
                    name,
                    Box(0, shown.start, 1, len(shown)),
                    sight,
                    upright=False,
                    role=Role.WRITES,
                    scale=scale,
                    current=(0, place.unit) if lit and row == state else None,
                )
                region = Region(name, (range(1), shown))
                rows.append(self._strands.strand(grid, region, sight.arrived))
            tables.append(WeightTable(words, tuple(rows)))
        note = "a row for each state, a column for each unit"
        if len(units) < self.units:
            note = "states {first}–{last} into units {left}–{right} of {total}"
        counted = {
            "first": count(states.start + 1),
            "last": count(states.stop),
            "left": count(units.start + 1),
            "right": count(units.stop),
            "total": count(self.units),
            "gate": gate[1:],
        }
        return BackWeights(
            Message("Gradient of the recurrent weights"),
            Message(f"of gate {{gate}}: {note}" if gate else note, counted),
            tuple(tables),
            states,
            units,
            self._figures(sight),
        )

    def _figures(self, sight: CellSight) -> tuple[Message, ...]:
        """Return how long the gradient of all recurrent weights is, before clipping and after."""
        trace = self._trace
        clipped = [name for name in trace.arrays if name.split("_")[0] == "clipped"]
        found = []
        for names, words in (
            (["U_norm"], "‖∂L/∂U‖ = {value}"),
            (clipped, "clipped to {value}"),
        ):
            regions = [Region.whole(name, trace.arrays[name].shape) for name in names]
            if names and all(trace.written(each, sight.arrived).all() for each in regions):
                parts = [trace.read(each).reshape(-1) for each in regions]
                length = float(np.linalg.norm(np.concatenate(parts)))
                found.append(Message(words, {"value": number(length)}))
        return tuple(found)


def _gate_of(part: DotInput) -> str:
    """Return the gate whose recurrent weights take a gradient back; "" in a simple cell."""
    name = part.source.array.removeprefix("da_")
    return {"d_a": "", "inner": "g"}.get(name, name)


def lengths_of(trace: RecurrentTrace) -> np.ndarray:
    """Return the length of a trace's gradient at each time step."""
    return np.asarray(trace.arrays["norm"].values)[:, 0].astype(np.float64)


def _short(value: float) -> str:
    """Return a number in few signs."""
    if value and (abs(value) < 0.01 or abs(value) >= 1000):
        return number(value) if abs(value) < 1e-3 else number(float(f"{value:.2g}"))
    return number(value, 2)
