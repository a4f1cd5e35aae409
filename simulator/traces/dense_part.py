"""A dense layer as a part of a trace: products, their running sum, the activation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.activations import Activation
from simulator.traces.dense_names import DenseNames
from simulator.traces.dense_telling import tell_activation, tell_product
from simulator.traces.dense_values import DenseValues
from simulator.traces.formula import Explanation, Message, Piece, Term, Tone
from simulator.traces.model import Computed, Role, TraceArray, Write
from simulator.traces.numbers import factor, number
from simulator.traces.part import Part, PartView, Shown
from simulator.traces.region import Axis, Region
from simulator.traces.staged_formulas import (
    Activated,
    Alone,
    LastSum,
    NextSum,
    SumsFrom,
    WeightedInput,
    WeightedSum,
)
from simulator.traces.told_terms import state_of, terms_around

Array = NDArray[Any]

AXES = ("row", "column")
LONG = 1000
"""So many terms are counted in so long words that they have little room."""
TERM_AXES = ("row", "column", "input row", "input column")


class DensePart(Part):
    """y = f(b + x · W): each unit takes one step for each product, and one for the activation.

    The input is (R, C), the weights (R, C, rows, columns) of units (rows, columns). ``backwards``
    takes the weights the other way: (rows, columns, R, C), as to go from hidden units back to
    visible ones.
    """

    def __init__(
        self,
        name: str,
        title: Message,
        *,
        names: DenseNames,
        x: Array,
        kernel: Array,
        bias: Array | None,
        sums: Array,
        output: Array,
        activation: Activation,
        function: str,
        backwards: bool = False,
    ) -> None:
        """Take the operands and what the engine made of them: ``sums`` and ``output``.

        ``function`` is what the activation is called: "relu", "σ".
        """
        self.names = names
        self.activation = activation
        self.function = function
        self.backwards = backwards
        self.values = DenseValues(x, kernel, bias, backwards=backwards)
        self.inputs = int(x.size)
        self.input_shape = (int(x.shape[0]), int(x.shape[1]))
        shape = (int(sums.shape[0]), int(sums.shape[1]))
        terms = (*shape, *self.input_shape)
        super().__init__(
            name,
            title,
            shape=shape,
            steps_per_unit=self.inputs + 1,
            arrays=(
                TraceArray(
                    names.products, TERM_AXES, Role.WRITES, Computed(terms, self.values.products)
                ),
                TraceArray(
                    names.running, TERM_AXES, Role.WRITES, Computed(terms, self.values.running)
                ),
                TraceArray(names.sums, AXES, Role.WRITES, sums),
                TraceArray(names.output, AXES, Role.WRITES, output),
            ),
            output=names.output,
            operands=(names.source, names.kernel, *((names.bias,) if names.bias else ())),
        )

    # Regions

    def term_cell(self, name: str, unit: int, term: int) -> Region:
        """Return the cell of ``name`` (products or running) of one of a unit's products."""
        return self.cell(name, unit, *divmod(term, self.input_shape[1]))

    def _terms(self, name: str, unit: int | None) -> Region:
        height, width = self.input_shape
        return Region(name, (*self._unit_axes(unit), range(height), range(width)))

    def _unit_axes(self, unit: int | None) -> tuple[Axis, Axis]:
        if unit is None:
            return range(self.shape[0]), range(self.shape[1])
        row, column = self.index_of(unit)
        return range(row, row + 1), range(column, column + 1)

    @property
    def output_is_hidden(self) -> bool:
        """Whether the units are those whose axes come first in the weights."""
        return self.backwards

    def _bias(self, unit: int) -> tuple[Region, ...]:
        """Return the cell that a unit's sum begins with, if there is one."""
        return () if self.names.bias is None else (self.cell(self.names.bias, unit),)

    def bias_of(self, unit: int) -> float | None:
        """Return what a unit's sum begins with, if there is anything."""
        return None if self.values.bias is None else float(self.values.bias[self.index_of(unit)])

    def _kernel_region(self, units: tuple[Axis, Axis], inputs: tuple[Axis, Axis]) -> Region:
        axes = (*units, *inputs) if self.backwards else (*inputs, *units)
        return Region(self.names.kernel, axes)

    def _all_inputs(self) -> tuple[Axis, Axis]:
        return range(self.input_shape[0]), range(self.input_shape[1])

    def input_cell(self, term: int) -> tuple[int, int]:
        """Return the row and column of the input of one of a unit's products."""
        return divmod(term, self.input_shape[1])

    def _one_input(self, term: int) -> tuple[Axis, Axis]:
        row, column = self.input_cell(term)
        return range(row, row + 1), range(column, column + 1)

    # Steps

    def writes(self, unit: int, at: int) -> tuple[Write, ...]:
        """Return a product and the sum so far; or the activation of the sum."""
        names = self.names
        if at == self.inputs:
            return (self._activation(unit),)
        product = self.term_cell(names.products, unit, at)
        so_far = (self.term_cell(names.running, unit, at - 1),) if at else self._bias(unit)
        weight = self._kernel_region(self._unit_axes(unit), self._one_input(at))
        found = [
            Write(
                product,
                (Region(names.source, self._one_input(at)), weight),
                WeightedInput(r"\writes{p} = \reads{x_i} \cdot \weights{w_i}", self.backwards),
            ),
            Write(
                self.term_cell(names.running, unit, at),
                (*so_far, product),
                NextSum(r"\writes{s} = s + p") if so_far else Alone(r"\writes{s} = p"),
            ),
        ]
        if at == self.inputs - 1:
            # The last of the running sums is the engine's sum.
            found.append(
                Write(
                    self.cell(names.sums, unit),
                    (self.term_cell(names.running, unit, at),),
                    LastSum(r"\writes{z} = s"),
                )
            )
        return tuple(found)

    def _activation(self, unit: int | None) -> Write:
        axes = self._unit_axes(unit)
        return Write(
            Region(self.names.output, axes),
            (Region(self.names.sums, axes),),
            Activated(self.names.symbols, self.activation),
        )

    def writes_of_unit(self, unit: int) -> tuple[Write, ...]:
        """Return all products of a unit, its sum and its activation."""
        return self._run(unit)

    def writes_of_all(self) -> tuple[Write, ...]:
        """Return what the whole layer assigns."""
        return self._run(None)

    def _run(self, unit: int | None) -> tuple[Write, ...]:
        names, units = self.names, self._unit_axes(unit)
        x = Region(names.source, self._all_inputs())
        kernel = self._kernel_region(units, self._all_inputs())
        bias = () if names.bias is None else (Region(names.bias, units),)
        products = self._terms(names.products, unit)
        return (
            Write(
                products,
                (x, kernel),
                WeightedInput(r"\writes{p} = \reads{x_i} \cdot \weights{w_i}", self.backwards),
            ),
            Write(self._terms(names.running, unit), (*bias, products), SumsFrom(r"\writes{s}")),
            Write(
                Region(names.sums, units),
                (x, kernel, *bias),
                WeightedSum(r"\writes{z} = b + \sum_i \reads{x_i} \weights{w_i}", self.backwards),
            ),
            self._activation(unit),
        )

    def finest_writing(self, name: str, *positions: Array) -> NDArray[np.int64]:
        """Return the finest step of this part that writes each cell."""
        first = self.unit_of(*positions[:2]) * self.steps_per_unit
        if name == self.names.output:
            return first + self.inputs
        if name == self.names.sums:
            return first + self.inputs - 1
        down, across = positions[2:]
        at: NDArray[np.int64] = first + down * self.input_shape[1] + across
        return at

    def result(self, unit: int, at: int) -> Region:
        """Return the running sum, or the output once it is there."""
        if at == self.inputs:
            return self.cell(self.names.output, unit)
        return self.term_cell(self.names.running, unit, at)

    # Provenance

    def sources(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the inputs, weights and bias of a unit; of one product, its own."""
        unit = int(np.ravel_multi_index(index[:2], self.shape))
        units = self._unit_axes(unit)
        bias = self._bias(unit)
        if name == self.names.products:
            inputs = self._one_input(index[2] * self.input_shape[1] + index[3])
            return Region(self.names.source, inputs), self._kernel_region(units, inputs)
        inputs = self._all_inputs()
        return Region(self.names.source, inputs), self._kernel_region(units, inputs), *bias

    def dependants(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the units that an input, weight or term goes into."""
        if name == self.names.output:
            return ()
        if name == self.names.source:
            return (Region(self.names.output, self._unit_axes(None)),)
        if name == self.names.kernel:
            return (Region.cell(self.names.output, *(index[:2] if self.backwards else index[2:])),)
        return (Region.cell(self.names.output, *index[:2]),)

    def step_of(self, name: str, index: tuple[int, ...], unit: int) -> tuple[int, int] | None:
        """Return the unit and the product that a cell has a part in."""
        if name == self.names.source:
            return unit, index[0] * self.input_shape[1] + index[1]
        if name == self.names.kernel:
            units, inputs = (index[:2], index[2:]) if self.backwards else (index[2:], index[:2])
            term = inputs[0] * self.input_shape[1] + inputs[1]
            return int(np.ravel_multi_index(units, self.shape)), term
        if name == self.names.bias:
            return int(np.ravel_multi_index(index, self.shape)), 0
        return None

    # Telling

    def step_title(self, unit: int, at: int) -> Message:
        """Return how a step is called."""
        if at == self.inputs:
            return Message(
                "{function} of {unit}",
                {"function": self.function, "unit": self.unit_name(unit)},
            )
        return Message(
            "Product {number} of {total} of {unit}",
            {"number": at + 1, "total": self.inputs, "unit": self.unit_name(unit)},
        )

    def factors(self, unit: int, terms: Sequence[int]) -> list[tuple[float, float]]:
        """Return the input and the weight of some of a unit's products."""
        row, column = self.index_of(unit)
        found = []
        for term in terms:
            down, across = self.input_cell(term)
            weight = self.values.weights(*map(np.asarray, (row, column, down, across)))
            found.append((float(self.values.x[down, across]), float(weight)))
        return found

    def told_terms(self, unit: int, numbers: range) -> list[tuple[Piece, ...]]:
        """Return some of a unit's products, with their numbers put in."""
        return [
            (
                Piece(factor(x), Tone.READS),
                Piece("·", Tone.QUIET, glued=True),
                Piece(factor(weight), Tone.WEIGHTS, glued=True),
            )
            for x, weight in self.factors(unit, numbers)
        ]

    def explain(self, unit: int, at: int, *, whole: bool) -> Explanation:
        """Return the arithmetic of one product, of the activation, or of the whole unit."""
        ends = whole or at == self.inputs
        bends = ends and self.function != "linear"
        current = self.inputs - 1 if ends else at
        numbers, columns = terms_around(
            0 if whole else current, self.inputs, width=self.input_shape[1]
        )
        told = self.told_terms(unit, numbers)
        terms = tuple(
            Term(pieces, state_of(term, current, whole=ends))
            for term, pieces in zip(numbers, told, strict=True)
        )
        region = self.result(unit, self.inputs if ends else at)
        result = float(self.read(region).item())
        headline, sentence = (
            tell_activation(self, unit) if ends else tell_product(self, unit, at, result)
        )
        index = self.index_of(unit)
        letters = self.names.letters
        where = [Piece(f"{letters[0]} = {unit}", Tone.WRITES)]
        if not ends:
            where.append(Piece(f"{letters[1]} = {at}", Tone.READS))
        return Explanation(
            headline=headline,
            sentence=sentence,
            symbols=self.names.symbols,
            where=tuple(where),
            terms=terms,
            columns=columns,
            elided=(numbers.start, self.inputs - numbers.stop),
            caption=self._caption(unit, current + 1, bends=bends),
            relation=f"→ {self.function} =" if bends else "≈",
            result=Piece(number(result), Tone.WRITES),
            progress=(min(at, self.inputs) + 1, self.steps_per_unit),
            progress_caption=Message(
                "step {done} of {total} of {unit}",
                {
                    "done": min(at, self.inputs) + 1,
                    "total": self.steps_per_unit,
                    "unit": self.unit_name(int(np.ravel_multi_index(index, self.shape))),
                },
            ),
        )

    def _caption(self, unit: int, done: int, *, bends: bool) -> Message:
        bias = self.bias_of(unit)
        counted: dict[str, object] = {"done": done, "total": self.inputs}
        if bias is None:
            return Message("{done} of {total} terms", counted)
        # Beside the name of a function there is no room for more, and beside long numbers little.
        template = "b = {bias}" if bends else "{done} of {total} terms, b = {bias}"
        if self.inputs >= LONG and not bends:
            template = "{done} of {total}, b = {bias}"
        return Message(template, {**counted, "bias": number(bias)})

    def view(self, unit: int, at: int, *, whole: bool) -> PartView:
        """Return the input, the unit's weights and products, and the layer's output."""
        names = self.names
        index = self.index_of(unit)
        cell = None if whole or at == self.inputs else self.input_cell(at)
        return PartView(
            input=Shown(names.source, names.source_title),
            weights=Shown(names.kernel, names.kernel_title, index, first=self.backwards),
            terms=Shown(names.products, Message("Products"), index, first=True),
            output=Shown(names.output, names.output_title),
            node="Σ" if cell is not None or self.function == "linear" else self.function,
            input_cell=cell,
            weights_cell=cell,
            terms_cell=cell,
            output_cell=(index[0], index[1]),
            running=names.running,
        )
