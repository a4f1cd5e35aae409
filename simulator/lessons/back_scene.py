"""The picture of the way back through time: the chain, the step opened, the gradient's length."""

from __future__ import annotations

from collections.abc import Hashable
from math import floor, log10

import numpy as np

from simulator.lessons.back_frame import BackExtents, BackFrame, BackStep
from simulator.lessons.cell_frame import Gate, Strand
from simulator.lessons.cell_strands import CellSight
from simulator.lessons.frame import Attention, Room
from simulator.lessons.lesson import Lesson, LessonState
from simulator.lessons.recurrence_scene import RecurrenceScene, page
from simulator.traces.dot_equation import Dot
from simulator.traces.equations import Equation
from simulator.traces.formula import Message, TermState, Tone
from simulator.traces.model import Role
from simulator.traces.numbers import number
from simulator.traces.recurrence import RecurrentTrace
from simulator.traces.region import Region
from simulator.traces.timeline import Moment

LEAST_NORM = 1e-12
"""Shorter gradients stand at the foot of the scale."""
_LETTERS = {"d_h": "h", "d_a": "a", "carried": "k", "d_c": "c", "cell_carried": "m"}
_TITLES = {
    "d_h": "arrives",
    "d_a": "after slope",
    "carried": "handed back",
    "d_c": "at memory",
    "cell_carried": "kept",
    "to_reset": "at reset",
    "inner": "at m",
    "direct": "kept",
}


class BackScene(RecurrenceScene):
    """Makes frames of the way back."""

    def __init__(self, lesson: Lesson, trace: RecurrentTrace, state: LessonState) -> None:
        """Take a lesson's trace and the state it was made from."""
        super().__init__(lesson, trace, state)
        self._equations = [each for each in trace.segments[0].equations if each.name != "norm"]
        norms = np.asarray(trace.arrays["norm"].values)[:, 0].astype(np.float64)
        self._norms = norms
        known = norms[np.isfinite(norms) & (norms > LEAST_NORM)]
        low = floor(log10(known.min())) if known.size else -1
        high = log10(known.max()) if known.size else 0
        self._low, self._high = float(low), float(max(np.ceil(high), low + 1))

    def extents(self, step: int, attention: Attention) -> Hashable:
        """Return what the layout depends on."""
        del step, attention
        return BackExtents(len(self._equations), self.units, self.length)

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
            values=range(0),
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
            cards=tuple(self._card(each, sight) for each in self._equations),
            units=sight.units,
            unit=sight.unit,
            weights=self._weights(sight),
            arriving=self._strands.column(
                "arriving", "to_output", sight.time, sight.units, sight, editable=True
            ),
            rows_title=Message("Length of the gradient"),
            rows_note=Message("on a logarithmic scale: each line is ten times the one below"),
            ends=(f"1e{int(self._low)}", f"1e{int(self._high)}"),
            last=self._last(sight),
        )

    def _step(
        self, time: int, sight: CellSight, written: tuple[bool, ...], *, there: bool
    ) -> BackStep:
        state = TermState.CURRENT
        if time != sight.time or sight.place.segment > 0:
            state = TermState.DONE if time >= sight.time else TermState.PENDING
        if sight.place.segment > 0 and time == sight.time:
            state = TermState.CURRENT
        norm = float(self._norms[time])
        share = None
        if there and np.isfinite(norm):
            shown = log10(max(norm, LEAST_NORM))
            share = min(max((shown - self._low) / (self._high - self._low), 0.0), 1.0)
        return BackStep(
            time=time,
            state=state,
            forward=self._strands.state_row(f"forward {time}", "h", time, sight),
            gradient=self._strands.state_row(
                f"gradient {time}", "d_h", time, sight, written=written
            ),
            norm=_short(norm) if there else "",
            share=share,
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

    def _card(self, equation: Equation, sight: CellSight) -> Gate:
        trace, place = self._trace, sight.place
        active = trace.equation_at(place) is equation and trace.level not in ("step", "sequence")
        values = self._strands.column(
            f"card {equation.name}",
            equation.name,
            sight.time,
            sight.units,
            sight,
            role=Role.WRITES,
        )
        state = TermState.DONE if all(values.written) else TermState.PENDING
        single = trace.level in ("product", "unit")
        name = equation.name
        gate = name.removeprefix("da_") if name.startswith("da_") else ""
        return Gate(
            name=name,
            letter=gate or _LETTERS.get(name, "q"),
            title=Message(f"gate {gate}" if gate else _TITLES.get(name, name)),
            sign="",
            tone=Tone.GRADIENT,
            signed=True,
            values=values,
            state=TermState.CURRENT if active else state,
            current=place.unit if active and single else None,
            held=(False,) * len(sight.units),
        )

    def _weights(self, sight: CellSight) -> Strand | None:
        """Return the row of recurrent weights that hands the gradient back to the unit on view."""
        equation = next(each for each in self._equations if each.name == "carried")
        assert isinstance(equation, Dot)
        place = sight.place
        current = None
        if self._trace.equation_at(place) is equation and place.move < equation.inputs[0].size:
            current = place.move
        start, row = equation.inputs[0].column, sight.unit
        columns = range(start + sight.units.start, start + sight.units.stop)
        return self._strands.weights_row(
            "weights", "recurrent_kernel", row, columns, sight, current
        )

    def _last(self, sight: CellSight) -> tuple[Message, ...]:
        """Return what the gradient of the weights comes to, once it is there."""
        found = []
        for name, words in (("U_norm", "‖∂L/∂U‖ = {value}"), ("clipped", "clipped to {value}")):
            if name not in self._trace.arrays:
                continue
            shape = self._trace.arrays[name].shape
            whole = Region.whole(name, shape)
            if bool(self._trace.written(whole, sight.arrived).all()):
                length = float(np.linalg.norm(self._trace.read(whole)))
                found.append(Message(words, {"value": number(length)}))
        return tuple(found)


def _short(value: float) -> str:
    """Return a number in few signs."""
    if value and (abs(value) < 0.01 or abs(value) >= 1000):
        return number(value) if abs(value) < 1e-3 else number(float(f"{value:.2g}"))
    return number(value, 2)
