"""How the steps of a recurrence are told: headline, sentence, terms and result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

from simulator.traces.cellwise_equations import Cellwise
from simulator.traces.dot_equation import Dot
from simulator.traces.equations import Equation, Source, SumEquation
from simulator.traces.formula import Explanation, Listed, Message, Piece, Term, Tone
from simulator.traces.numbers import exact, factor, number, stated
from simulator.traces.region import Region
from simulator.traces.told_terms import MOST_TERMS, state_of, terms_around

if TYPE_CHECKING:
    from simulator.traces.recurrence import RecurrentPlace, RecurrentTrace

LEVEL_LABELS = ("Product", "Unit", "Gate", "Time step", "Sequence")

COLUMNS = 2
"""Terms in a row: each is two factors of four digits."""


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells the steps of a recurrence.

    ``tones`` are the colours of arrays that are neither read nor weighed with alone, such as gates;
    ``level_labels`` name the levels, from the finest on; ``when`` is what a time step is called.
    """

    tones: Mapping[str, Tone]
    level_labels: tuple[str, str, str, str, str] = LEVEL_LABELS
    when: str = "Time step {time}"

    def title(self, trace: RecurrentTrace, place: RecurrentPlace, level: str) -> Message:
        """Return what a step is called."""
        if level == "sequence":
            return Message("The whole sequence")
        if level == "step":
            return self._when(trace, place)
        wording = trace.equation_at(place).wording
        template = "{when}, {name}" if level == "gate" else "{when}, {cell} {unit}, {name}"
        values = {
            "when": self._when(trace, place),
            "name": wording.name,
            "cell": wording.cell,
            "unit": place.unit + 1,
        }
        return Message(template, values)

    def _when(self, trace: RecurrentTrace, place: RecurrentPlace) -> Message:
        if _is_after(trace, place):
            return Message("After the last time step")
        return Message(self.when, {"time": place.time + 1})

    @staticmethod
    def _time(trace: RecurrentTrace, place: RecurrentPlace) -> str:
        """Return the time step of a place in short; what follows them all is after the last."""
        if not _is_after(trace, place):
            return f"t = {place.time + 1}"
        steps = trace.segments[0]
        return f"after t = {steps.time(steps.times - 1) + 1}"

    def told_cell(self, trace: RecurrentTrace, place: RecurrentPlace) -> Region:
        """Return the cell whose value is told: the last that the step writes, or a running sum."""
        equation = trace.equation_at(place)
        if isinstance(equation, SumEquation) and place.move < equation.terms:
            return Region.cell(equation.sums, place.time, place.unit, place.move)
        name = equation.name
        if isinstance(equation, Cellwise):
            name = equation.operations[place.move].name
        return Region.cell(name, place.time, place.unit)

    def explain(self, trace: RecurrentTrace, place: RecurrentPlace, index: int) -> Explanation:
        """Return the arithmetic of a step at one of its places."""
        equation = trace.equation_at(place)
        value = float(trace.read(self.told_cell(trace, place)).item())
        headline, exactly = self._headline(trace, place, equation, value)
        terms, elided, sums = self._terms(trace, place, equation)
        progress, progress_caption = self._progress(trace, place, index)
        return Explanation(
            headline=headline,
            sentence=self._sentence(trace, place, equation, value),
            symbols=equation.wording.symbols,
            where=(
                Piece(self._time(trace, place), Tone.PLAIN),
                Piece(f"{equation.wording.cell} = {place.unit + 1}", Tone.WRITES),
            ),
            terms=terms,
            columns=COLUMNS if isinstance(equation, SumEquation) else 1,
            separator="+" if isinstance(equation, SumEquation) else "",
            elided=elided,
            caption=self._caption(trace, place, equation),
            relation="=" if exactly and not sums else "≈",
            result=Piece(number(value), Tone.WRITES),
            equations=self._equations(trace, place),
            progress=progress,
            progress_caption=progress_caption,
        )

    # The parts of it

    def _cell(self, trace: RecurrentTrace, source: Source, place: RecurrentPlace) -> Region:
        equation = trace.equation_at(place)
        return source.cell(place.time, place.unit, equation.length)

    def tone(self, trace: RecurrentTrace, name: str) -> Tone:
        """Return the colour of an array's numbers where they are read."""
        if name in self.tones:
            return self.tones[name]
        return Tone.WEIGHTS if trace.arrays[name].role == "weights" else Tone.READS

    def _number(
        self, trace: RecurrentTrace, region: Region, *, glued: bool = False, inside: bool = False
    ) -> Piece:
        """Return a number as a factor; ``inside`` parentheses it needs none of its own."""
        value = float(trace.read(region).item())
        text = number(value) if inside else factor(value)
        return Piece(text, self.tone(trace, region.array), glued=glued)

    def _headline(
        self, trace: RecurrentTrace, place: RecurrentPlace, equation: Equation, value: float
    ) -> tuple[tuple[Piece, ...], bool]:
        result = Piece(number(value), Tone.WRITES)
        if isinstance(equation, SumEquation):
            if place.move < equation.terms:
                return self._product(trace, place, equation)
            if not isinstance(equation, Dot) or equation.activation is None:
                return (Piece("Σ"), Piece("="), result), exact(value, result.text)
            total = float(trace.read(Region.cell(equation.total, place.time, place.unit)).item())
            held = self._held(trace, place, equation)
            if held is not None:
                return (Piece("held at"), Piece(number(held), Tone.WRITES)), True
            inner = number(total)
            name = activation_sign(equation.activation.name)
            exactly = exact(total, inner) and exact(value, result.text)
            sign = Piece("=" if exactly else "≈")
            if not name:
                return (Piece("Σ"), Piece("="), result), exactly
            return (
                Piece(f"{name}("), Piece(inner, glued=True), Piece(")", glued=True), sign, result
            ), exactly  # fmt: skip
        if not isinstance(equation, Cellwise):
            return (Piece("‖…‖"), Piece("="), result), exact(value, result.text)
        told = equation.told
        if trace.level == "product":
            told = equation.operations[place.move].told
        pieces: list[Piece] = []
        exactly = exact(value, result.text)
        after_open = False
        for part in told:
            if isinstance(part, str):
                opens = part.endswith("(")
                pieces.append(Piece(part, glued=part == ")" or after_open))
                after_open = opens
                continue
            region = self._cell(trace, part, place)
            pieces.append(self._number(trace, region, glued=after_open, inside=after_open))
            number_there = float(trace.read(region).item())
            exactly = exactly and exact(number_there, number(number_there))
            after_open = False
        return (*pieces, Piece("=" if exactly else "≈"), result), exactly

    def _product(
        self, trace: RecurrentTrace, place: RecurrentPlace, equation: SumEquation
    ) -> tuple[tuple[Piece, ...], bool]:
        pieces = self._factors(trace, place, equation, place.move)
        cell = Region.cell(equation.products, place.time, place.unit, place.move)
        product = float(trace.read(cell).item())
        text = number(product)
        shown = exact(product, text) and self._exact_term(trace, place, equation, place.move)
        first, times, second = pieces
        return (
            first,
            Piece(times.text),
            Piece(second.text, second.tone),
            Piece("=" if shown else "≈"),
            Piece(text, Tone.WRITES),
        ), shown

    def _factors(
        self, trace: RecurrentTrace, place: RecurrentPlace, equation: SumEquation, term: int
    ) -> tuple[Piece, Piece, Piece]:
        read, weight = equation.factors(place.time, place.unit, term)
        return (
            self._number(trace, read),
            Piece("·", glued=True),
            self._number(trace, weight, glued=True),
        )

    def _exact_term(
        self, trace: RecurrentTrace, place: RecurrentPlace, equation: SumEquation, term: int
    ) -> bool:
        cells = equation.factors(place.time, place.unit, term)
        values = (float(trace.read(cell).item()) for cell in cells)
        return all(exact(value, number(value)) for value in values)

    def _terms(
        self, trace: RecurrentTrace, place: RecurrentPlace, equation: Equation
    ) -> tuple[tuple[Term, ...], tuple[int, int], bool]:
        """Return the terms that are told, how many are left out, and whether any is rounded."""
        if isinstance(equation, Cellwise):
            return self._operations(trace, place, equation), (0, 0), False
        if not isinstance(equation, SumEquation):
            return (), (0, 0), False
        whole = place.move == equation.terms
        current = 0 if whole else place.move
        most = min(MOST_TERMS, 8)
        numbers, _ = terms_around(current, equation.terms, width=COLUMNS)
        if len(numbers) > most:
            start = max(0, min(current - most // 2, equation.terms - most)) // COLUMNS * COLUMNS
            numbers = range(start, min(start + most, equation.terms))
        told = tuple(
            Term(self._factors(trace, place, equation, term), state_of(term, current, whole=whole))
            for term in numbers
        )
        rounded = not all(self._exact_term(trace, place, equation, term) for term in numbers)
        return told, (numbers.start, equation.terms - numbers.stop), rounded

    def _operations(
        self, trace: RecurrentTrace, place: RecurrentPlace, equation: Cellwise
    ) -> tuple[Term, ...]:
        """Return the operations that lead to the last one, each with what it comes to."""
        whole = trace.level != "product"
        told = []
        for number_, operation in enumerate(equation.operations[:-1]):
            pieces: list[Piece] = []
            for part in operation.told:
                if isinstance(part, str):
                    pieces.append(Piece(part, glued=True))
                else:
                    cell = self._cell(trace, part, place)
                    inside = bool(pieces) and pieces[-1].text.endswith("(")
                    pieces.append(self._number(trace, cell, glued=True, inside=inside))
            value = trace.read(Region.cell(operation.name, place.time, place.unit)).item()
            pieces.append(Piece(f" ≈ {number(float(value))}", glued=True))
            told.append(Term(tuple(pieces), state_of(number_, place.move, whole=whole)))
        return tuple(told)

    def _equations(self, trace: RecurrentTrace, place: RecurrentPlace) -> tuple[Listed, ...]:
        """Return the equations of a time step, and how far they are."""
        equations = trace.segments[place.segment].equations
        if len(equations) < 2:
            return ()
        whole = trace.level in ("step", "sequence")
        return tuple(
            Listed(equation.wording.symbols, state_of(at, place.equation, whole=whole))
            for at, equation in enumerate(equations)
        )

    def _bias(self, trace: RecurrentTrace, place: RecurrentPlace, equation: Dot) -> float:
        unit = range(place.unit, place.unit + 1)
        return sum(float(trace.read(bias.region(unit)).item()) for bias in equation.biases)

    def _held(self, trace: RecurrentTrace, place: RecurrentPlace, equation: Dot) -> float | None:
        if not equation.held:
            return None
        value = float(trace.read(Region.cell(equation.held, place.time, place.unit)).item())
        return None if isnan(value) else value  # which means that the gate is free

    def _caption(self, trace: RecurrentTrace, place: RecurrentPlace, equation: Equation) -> Message:
        if not isinstance(equation, SumEquation):
            return Message("{letter}", {"letter": equation.wording.letter})
        if not isinstance(equation, Dot) or not equation.biases:
            return Message("sum of products")
        bias = number(self._bias(trace, place, equation))
        values = {"bias": bias, "letter": equation.wording.letter}
        if place.move < equation.terms:
            return Message("bias {bias} + products", values)
        if self._held(trace, place, equation) is not None:
            return Message("{letter}, held by hand", values)
        if equation.activation is None or not activation_sign(equation.activation.name):
            return Message("{letter} = bias {bias} + products", values)
        sign = activation_sign(equation.activation.name)
        return Message("{letter} = {sign}(bias {bias} + …)", {**values, "sign": sign})

    def _sentence(
        self, trace: RecurrentTrace, place: RecurrentPlace, equation: Equation, value: float
    ) -> Message:
        wording = equation.wording
        values: dict[str, object] = {
            "when": self._when(trace, place),
            "unit": place.unit + 1,
            "cell": wording.cell,
            "name": wording.name,
            "units": equation.units,
            "times": trace.segments[0].times,
            "tells": wording.tells,
        }
        if trace.level == "sequence":
            template = "The whole sequence: {times} time steps of the same equations."
            return Message(template, values)
        if trace.level == "step":
            return Message("{when}: everything in the cell, for every unit.", values)
        if trace.level == "gate":
            return Message("{when}: the {name} of all {units} {cell}s. {tells}", values)
        if (
            trace.level == "product"
            and isinstance(equation, SumEquation)
            and place.move < equation.terms
        ):
            values |= {
                "move": place.move + 1,
                "moves": equation.terms,
                "sum": stated(value),
            }
            return Message(
                "{when}, {cell} {unit}, {name}: product {move} of {moves}. "
                "The sum so far is {sum}.",
                values,
            )
        if str(wording.tells):
            return Message("{when}, {cell} {unit}, {name}: {tells}", values)
        return Message("{when}, {cell} {unit}: the {name}.", values)

    def _progress(
        self, trace: RecurrentTrace, place: RecurrentPlace, index: int
    ) -> tuple[tuple[int, int], Message]:
        segment = trace.segments[place.segment]
        equation = segment.equations[place.equation]
        done, total, caption = {
            "product": (place.move + 1, equation.moves, "operation {done} of {total}"),
            "unit": (place.unit + 1, equation.units, "{cell} {done} of {total}"),
            "gate": (place.equation + 1, len(segment.equations), "equation {done} of {total}"),
            "step": (index + 1, len(trace), "time step {done} of {total}"),
            "sequence": (1, 1, "the whole sequence"),
        }[trace.level]
        told = {"done": done, "total": total, "cell": equation.wording.cell}
        return (done, total), Message(caption, told)


def activation_sign(name: str) -> str:
    """Return how an activation is written before its argument."""
    return {"sigmoid": "σ", "linear": ""}.get(name, name)


def _is_after(trace: RecurrentTrace, place: RecurrentPlace) -> bool:
    """Return whether a place is one of those that follow all time steps, such as the answer."""
    return place.segment > 0 and trace.segments[place.segment].times == 1
