"""The inside of a recurrent cell, opened: inputs, sums, gates and states."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.lessons import recurrent_input
from simulator.lessons.cell_frame import (
    ActivationCurve,
    Gate,
    InputPart,
    Opened,
    Strand,
)
from simulator.lessons.cell_strands import UNIT_SCALE, CellSight, CellStrands
from simulator.lessons.lesson import LessonState
from simulator.lessons.recurrence_scene import page
from simulator.lessons.recurrent_input import Labels
from simulator.traces.cell_names import GATES, TONES
from simulator.traces.dot_equation import Dot, DotInput
from simulator.traces.equations import Equation
from simulator.traces.formula import Message, TermState, Tone
from simulator.traces.model import Role
from simulator.traces.numbers import number
from simulator.traces.recurrence import RecurrentTrace
from simulator.traces.recurrence_told import activation_sign
from simulator.traces.region import Region


class CellInside:
    """Makes the inside of a cell: what goes into it, its gates, and the states it hands on."""

    def __init__(self, strands: CellStrands, state: LessonState, kind: str, labels: Labels) -> None:
        """Take what makes runs of cells, the lesson's state, and the cell's kind."""
        self._strands = strands
        self._state = state
        self._kind = kind
        self._labels = labels
        self._states = ("c", "h") if kind == "lstm" else ("h",)

    @property
    def _trace(self) -> RecurrentTrace:
        return self._strands.trace

    def opened(self, sight: CellSight) -> Opened:
        """Return the inside at a moment."""
        place, trace = sight.place, self._trace
        time, equation = sight.time, trace.equation_at(place)
        single = trace.level in ("product", "unit") and equation.name != "y"
        unit = sight.unit
        active = equation.name if trace.level in ("product", "unit", "gate") else ""
        current = unit if single else None
        state = self._states[0]
        reads_before = active == state or (active == "h" and self._kind.startswith("gru"))
        return Opened(
            kind=self._kind,
            active=active,
            inputs=self._inputs(sight),
            gates=tuple(self._gates(sight)),
            before=self._strands.state_row(
                "before", state, time - 1, sight, current if reads_before else None
            ),
            after=self._answer(sight)
            if self._kind == "rnn" and self._answers(sight)
            else self._after(state, time, sight, current if active == state else None),
            hidden_before=self._strands.state_row("hidden before", "h", time - 1, sight),
            hidden=self._strands.state_row(
                "hidden", "h", time, sight, current if active == "h" else None
            ),
            amounts=self._amounts(sight, unit),
            units=sight.units,
            unit=unit,
            current=current,
            activation=self._curve(sight, unit) if self._kind == "rnn" else None,
            answers=self._answers(sight),
        )

    def _answers(self, sight: CellSight) -> bool:
        """Return whether it is the answer that is worked on, and not the cell."""
        dot = self._sum_on_view(self._trace.equation_at(sight.place))
        return dot is not None and dot.name == "y"

    def _answer(self, sight: CellSight) -> Strand:
        """Return the answer upright, where a simple cell's state stands else."""
        place, outputs = sight.place, range(self._trace.arrays["y"].shape[1])
        rows = page(place.unit, len(outputs), len(sight.units))
        role = Role.WRITES
        return self._strands.column(
            "after", "y", place.time, rows, sight, role=role, current=place.unit
        )

    def _after(self, name: str, time: int, sight: CellSight, current: int | None) -> Strand:
        """Return the state that the cell makes; a simple cell's stands upright."""
        if self._kind != "rnn":
            return self._strands.state_row("after", name, time, sight, current)
        role = Role.WRITES
        return self._strands.column(
            "after", name, time, sight.units, sight, role=role, current=current
        )

    def _amounts(self, sight: CellSight, unit: int) -> tuple[str, str]:
        """Return what is kept and what is added of the unit, once they are there."""
        if "kept" not in self._trace.arrays:
            return "", ""
        time = sight.time
        found = []
        for name in ("kept", "added"):
            cell = Region.cell(name, time, unit)
            there = bool(self._trace.written(cell, sight.arrived).all())
            found.append(number(float(self._trace.read(cell).item()), 3) if there else "")
        return found[0], found[1]

    def _inputs(self, sight: CellSight) -> tuple[InputPart, ...]:
        """Return what goes into the sums: the state before, the input, and the bias."""
        place = sight.place
        equation = self._trace.equation_at(place)
        dot = self._sum_on_view(equation)
        if dot is not None and dot.name == "y":
            return self._into_answer(dot, sight)
        at = None
        if dot is not None and dot is equation and place.move < dot.terms:
            at = dot.input_of(place.move)
        parts = []
        reads_reset = dot is not None and dot.inputs[-1].source.array == "reset_h"
        hidden = ("reset_h", sight.time) if reads_reset else ("h", sight.time - 1)
        if hidden[1] < 0:
            hidden = ("initial_h", 0)
        for (array, row), rows, source, letter in (
            (("x", sight.time), sight.values, "kernel", "x"),
            (hidden, sight.units, "recurrent_kernel", "h"),
        ):
            own = next((p for p in dot.inputs if p.weights == source), None) if dot else None
            here = at[1] if at and own is at[0] else None
            shown = rows if here is None or own is None else page(here, own.size, len(rows))
            parts.append(self._part(letter, (array, row), shown, (dot, own), here, sight))
        return (*parts, *self._biases(dot, sight.unit, sight))

    def _into_answer(self, dot: Dot, sight: CellSight) -> tuple[InputPart, ...]:
        """Return what the answer is made from: the hidden state, and the weights of the answer."""
        place, own = sight.place, dot.inputs[0]
        read = own.source.cell(place.time, 0, dot.length)
        here = dot.input_of(place.move)[1] if place.move < dot.terms else None
        rows = sight.units if here is None else page(here, own.size, len(sight.units))
        part = self._part("h", (read.array, read.first()[0]), rows, (dot, own), here, sight)
        return (part, *self._biases(dot, place.unit, sight))

    def _part(
        self,
        letter: str,
        read: tuple[str, int],
        rows: range,
        sums: tuple[Dot | None, DotInput | None],
        here: int | None,
        sight: CellSight,
    ) -> InputPart:
        """Return some values of an array at a time step, with their weights in a sum, if any."""
        array, time = read
        strand = self._strands.column(
            f"input {letter}",
            array,
            time,
            rows,
            sight,
            current=here,
            editable=self._trace.arrays[array].given,
        )
        names = tuple(self._value_name(letter, number) for number in rows)
        dot, own = sums
        if dot is None or own is None:
            return InputPart(strand, None, names)
        unit = sight.place.unit if dot.name == "y" else sight.unit
        weights = self._strands.weights(
            f"weights {letter}", own.weights, rows, own.column + unit, sight, here
        )
        return InputPart(strand, weights, names, self._products(dot, own, rows, unit, sight))

    def _biases(self, dot: Dot | None, unit: int, sight: CellSight) -> tuple[InputPart, ...]:
        """Return the biases of a sum, each a weight of a one."""
        found = []
        for bias in dot.biases if dot is not None else ():
            rows = range(bias.row, bias.row + 1)
            key = f"weights bias {bias.row}"
            column = bias.column + unit
            strand = self._strands.weights(key, bias.array, rows, column, sight, None)
            found.append(InputPart(None, strand, ("1",), (strand.value(0),)))
        return tuple(found)

    def _sum_on_view(self, equation: Equation) -> Dot | None:
        """Return the sum whose weights are on view: that of the step, or a simple cell's only."""
        if equation.name == "y" and self._trace.level in ("product", "unit", "gate"):
            assert isinstance(equation, Dot)
            return equation
        if self._kind == "rnn":
            equation = self._trace.segments[0].equations[0]
        elif self._trace.level not in ("product", "unit") or equation.name == "y":
            return None
        return equation if isinstance(equation, Dot) else None

    def _products(
        self, dot: Dot, own: DotInput, rows: range, unit: int, sight: CellSight
    ) -> tuple[float | None, ...]:
        """Return the products of some values with their weights, None where they are to come."""
        before = sum(part.size for part in dot.inputs[: dot.inputs.index(own)])
        time = sight.place.time if dot.name == "y" else sight.time
        terms = range(before + rows.start, before + rows.stop)
        at = range(time, time + 1), range(unit, unit + 1)
        region = Region(dot.products, (*at, terms))
        values = self._trace.read(region).reshape(-1)
        written = self._trace.written(region, sight.arrived).reshape(-1)
        return tuple(
            float(value) if there else None for value, there in zip(values, written, strict=True)
        )

    def _curve(self, sight: CellSight, unit: int) -> ActivationCurve | None:
        """Return the activation of a simple cell, with the point of the unit on view."""
        if self._answers(sight):
            return None  # an answer is a sum, and goes through no activation
        dot = self._trace.segments[0].equations[0]
        assert isinstance(dot, Dot)
        assert dot.activation is not None
        x = np.linspace(-3, 3, 49)
        y = dot.activation.value(x)
        cell = Region.cell(dot.total, sight.time, unit)
        at = None
        if bool(self._trace.written(cell, sight.arrived).all()):
            total = float(self._trace.read(cell).item())
            at = (total, float(dot.activation.value(np.array([total]))[0]))
        points = tuple(zip(x.tolist(), y.tolist(), strict=True))
        return ActivationCurve(activation_sign(dot.activation.name), points, at)

    def _value_name(self, letter: str, number_from_0: int) -> str:
        if letter == "x":
            return self._labels.value_name(number_from_0, self._strands.trace.arrays["x"].shape[1])
        unit = number_from_0 + 1
        return f"h{_subscript(unit)}" if unit < 10 else f"h{unit}"

    def _gates(self, sight: CellSight) -> Sequence[Gate]:
        time = sight.time
        place, trace = sight.place, self._trace
        equation = trace.equation_at(place)
        single = trace.level in ("product", "unit")
        found = []
        for each in trace.segments[0].equations:
            if each.name not in GATES and each.name != "recurrent":
                continue
            assert isinstance(each, Dot)
            active = place.segment == 0 and each is equation and trace.level != "step"
            feeds = _feeds(equation.name, each.name, self._kind) and single
            current = place.unit if single and (active or feeds) else None
            scale = UNIT_SCALE if each.activation else None
            values = self._strands.column(
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


def _subscript(value: int) -> str:
    return "".join("₀₁₂₃₄₅₆₇₈₉"[int(digit)] for digit in str(value))
