"""A convolution or a pooling as a part of a trace: the steps are those of its own trace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.activations import Activation
from simulator.traces.convolution import ConvolutionTrace
from simulator.traces.formula import Explanation, Formula, Message, Piece, Tone
from simulator.traces.laid_layers import LayerNames
from simulator.traces.model import Role, TraceArray, Write
from simulator.traces.numbers import exact, number, relation, stated
from simulator.traces.part import MapsPart, PartView, Shown, Span, capitalised
from simulator.traces.places import Place
from simulator.traces.region import Axis, Region, one
from simulator.traces.staged_formulas import Activated, OfPlanes
from simulator.traces.window import WindowTrace

Array = NDArray[Any]

PLANAR = ("input", "output")
"""Arrays of a window's trace that have a channel axis at the end, which here only several have."""


class WindowPart(MapsPart):
    """A window slides over an array (R, C) or (R, C, channels), map after map, cell after cell.

    The steps of a cell are those of ``window``, the trace of the operation alone, and one more for
    an activation that makes something else of its sum. An array of one channel has no axis for it.
    """

    def __init__(
        self,
        name: str,
        title: Message,
        *,
        window: WindowTrace,
        names: LayerNames,
        source: tuple[str, Message],
        source_shape: tuple[int, ...],
        output_title: Message,
        output: Array,
        sums: Array | None = None,
        activation: Activation | None = None,
        function: str = "",
    ) -> None:
        """Take the trace and the engine's ``output``; where an ``activation``, called ``function``,
        comes after the window, its ``sums`` as well. ``source`` is an array's name and title.
        """
        self.window = window
        self.names = names
        self.activation = activation
        self.function = function
        self._products = window.at("product")
        self._cells = window.at("cell")
        self._layer = window.at("layer")
        self._source, self._source_title = source
        self._output_title = output_title
        result = names.sums if activation is not None else names.output
        self._outer = {
            "input": self._source,
            "kernel": names.kernel,
            "bias": names.bias,
            window.term_array: names.products,
            window.running_array: names.running,
            "channel_maps": names.channels,
            "output": result,
        }
        more = (name for name in window.arrays if name not in self._outer)
        self._outer |= {name: f"{names.products}_{name}" for name in more}
        self._inner = {outer: inner for inner, outer in self._outer.items()}
        rows, columns = window.geometry.output_size
        self._flat = {
            "input": len(source_shape) == 2,
            "output": window.maps == 1,
        }
        shape = (rows, columns) if window.maps == 1 else (rows, columns, window.maps)
        self._plain_steps = window.terms_per_cell
        values = {"output": (output if sums is None else sums).reshape(shape)}
        arrays = [
            TraceArray(
                self._outer[array.name],
                array.axes[: len(shape)] if array.name == "output" else array.axes,
                Role.WRITES,
                values.get(array.name, array.values),
            )
            for array in window.arrays.values()
            if not array.given
        ]
        if activation is not None:
            axes = window.arrays["output"].axes[: len(shape)]
            arrays.append(
                TraceArray(names.output, axes, Role.WRITES, np.asarray(output).reshape(shape))
            )
        super().__init__(
            name,
            title,
            shape=shape,
            steps_per_unit=self._plain_steps + (activation is not None),
            arrays=arrays,
            output=names.output,
            operands=[self._outer[each.name] for each in window.arrays.values() if each.given],
        )

    @property
    def padding(self) -> float | None:
        """What is read outside of the input."""
        return self.window.arrays["input"].padding

    def unit_name(self, unit: int) -> Message:
        """Return how a unit is called: an output cell, of its filter or channel."""
        return self.window.cell_name(self.place(unit, 0))

    def place(self, unit: int, at: int) -> Place:
        """Return where a step of a unit stands; of its activation, where the last term does."""
        return self.window.place(unit * self._plain_steps + min(at, self._plain_steps - 1))

    def _bends(self, at: int) -> bool:
        return at == self._plain_steps

    # From the window's own trace to this one

    def _renamed(self, region: Region) -> Region:
        axes = region.axes[:-1] if self._flat.get(region.array) else region.axes
        return Region(self._outer[region.array], axes)

    def _write(self, write: Write) -> Write:
        formula: Formula = write.formula
        flat = tuple(self._flat.get(source.array, False) for source in write.sources)
        made_flat = self._flat.get(write.target.array, False)
        if made_flat or any(flat):
            formula = OfPlanes(formula.symbols, formula, flat, made_flat)
        sources = tuple(self._renamed(source) for source in write.sources)
        return Write(self._renamed(write.target), sources, formula)

    def _index_there(self, name: str, index: tuple[int, ...]) -> tuple[int, ...]:
        return (*index, 0) if self._flat.get(name) else index

    def _there(self, regions: Sequence[Region]) -> tuple[Region, ...]:
        """Return regions of the window's trace by this one's names, without padding."""
        found = []
        for region in regions:
            shape = self.window.arrays[region.array].shape
            inside = region.inside(shape) if region.array == "input" else region
            if all(inside.axes):
                found.append(self._renamed(inside))
        return tuple(found)

    # Steps

    def writes(self, unit: int, at: int) -> tuple[Write, ...]:
        """Return what the window's own step assigns; or the activation of the sum."""
        if self._bends(at):
            return (self._bent(self._unit_axes(unit)),)
        step = self._products.step(unit * self._plain_steps + at)
        return tuple(map(self._write, step.writes))

    def writes_of_unit(self, unit: int) -> tuple[Write, ...]:
        """Return what all steps of an output cell assign."""
        found = tuple(map(self._write, self._cells.step(unit).writes))
        return found if self.activation is None else (*found, self._bent(self._unit_axes(unit)))

    def writes_of_all(self) -> tuple[Write, ...]:
        """Return what the whole layer assigns."""
        found = tuple(map(self._write, self._layer.step(0).writes))
        every = tuple(range(length) for length in self.shape)
        return found if self.activation is None else (*found, self._bent(every))

    def _unit_axes(self, unit: int) -> tuple[Axis, ...]:
        return tuple(one(at) for at in self.index_of(unit))

    def _bent(self, axes: tuple[Axis, ...]) -> Write:
        assert self.activation is not None
        return Write(
            Region(self.names.output, axes),
            (Region(self.names.sums, axes),),
            Activated(self._bent_symbols, self.activation),
        )

    @property
    def _bent_symbols(self) -> str:
        function = r"\sigma" if self.function == "σ" else rf"\mathrm{{{self.function}}}"
        return rf"\writes{{y_{{r,c}}}} = {function}(\reads{{z_{{r,c}}}})"

    def finest_writing(self, name: str, *positions: Array) -> NDArray[np.int64]:
        """Return the finest step of this part that writes each cell."""
        if self.activation is not None and name == self.names.output:
            return self.unit_of(*positions) * self.steps_per_unit + self._plain_steps
        inner = self._inner[name]
        axes = [tuple(at.ravel().tolist()) for at in positions]
        if self._flat.get(inner):
            axes.append((0,))
        found = self._products.written_at(Region(inner, tuple(axes)))
        found = found + found // self._plain_steps * (self.steps_per_unit - self._plain_steps)
        return found[..., 0] if self._flat.get(inner) else found

    def result(self, unit: int, at: int) -> Region:
        """Return the running value, the sum, or the output once it is there."""
        if self._bends(at):
            return self.cell(self.names.output, unit)
        return self._renamed(self._products.told_cell(unit * self._plain_steps + at))

    # Provenance

    def sources(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the inputs and weights that a cell was computed from."""
        inner = "output" if name == self.names.output else self._inner[name]
        return self._there(self.window.sources(inner, self._index_there(inner, index)))

    def dependants(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the output cells that a cell has a part in."""
        if name == self.names.output:
            return ()
        inner = self._inner[name]
        if inner == "output":
            return (Region.cell(self.names.output, *index),)
        regions = self.window.dependants(inner, self._index_there(inner, index))
        return tuple(
            Region(self.names.output, region.axes[: len(self.shape)])
            for region in regions
            if all(region.axes)
        )

    def step_of(self, name: str, index: tuple[int, ...], unit: int) -> tuple[int, int] | None:
        """Return the output cell and the step in which an operand's cell has a part.

        It is the one on view, if it can be.
        """
        place, inner = self.place(unit, 0), self._inner[name]
        if inner == "bias":
            return self._unit(place.row, place.column, index[0]), 0
        if inner == "kernel":
            row, column, channel, filter_index = index
            at = self._term(channel, row, column)
            return self._unit(place.row, place.column, filter_index), at
        row, column, channel = self._index_there(inner, index)
        geometry = self.window.geometry
        rows, columns = geometry.rows_reading(row), geometry.columns_reading(column)
        if not rows or not columns:
            return None
        over = place.row if place.row in rows else rows[0]
        across = place.column if place.column in columns else columns[0]
        deep = self.convolves
        at = self._term(
            channel if deep else 0,
            geometry.window_rows(over).index(row),
            geometry.window_columns(across).index(column),
        )
        return self._unit(over, across, place.map if deep else channel), at

    def _unit(self, row: int, column: int, map_index: int) -> int:
        return (map_index * self.shape[0] + row) * self.shape[1] + column

    def _term(self, channel: int, down: int, across: int) -> int:
        _, height, width = self.window.term_shape
        return (channel * height + down) * width + across

    @property
    def convolves(self) -> bool:
        """Whether there are weights: then each map is made of all channels of the input."""
        return isinstance(self.window, ConvolutionTrace)

    # Telling

    def step_title(self, unit: int, at: int) -> Message:
        """Return how a step is called."""
        if not self._bends(at):
            return self.window.term_name(self.place(unit, at))
        return Message(
            "{function} of {unit}", {"function": self.function, "unit": self.unit_name(unit)}
        )

    def told_terms(self, unit: int, numbers: range) -> list[tuple[Piece, ...]]:
        """Return some terms of an output cell, with their numbers put in."""
        return self.window.told_terms(self.place(unit, 0), numbers)

    def explain(self, unit: int, at: int, *, whole: bool) -> Explanation:
        """Return the arithmetic of one term, of the activation, or of the whole output cell."""
        if not whole and not self._bends(at):
            told = self._products.explain(unit * self._plain_steps + at)
            done, total = told.progress
            return replace(told, progress=(done, total + (self.activation is not None)))
        told = self._cells.explain(unit)
        return told if self.activation is None else self._told_bent(unit, told)

    def _told_bent(self, unit: int, told: Explanation) -> Explanation:
        z = float(self.read(self.cell(self.names.sums, unit)).item())
        y = float(self.read(self.cell(self.names.output, unit)).item())
        sign = "=" if exact(z, number(z)) and exact(y, number(y)) else "≈"
        place = self.place(unit, 0)
        bias = float(self.read(Region.cell(self.names.bias, place.map)).item())
        equal = relation((bias, number(bias)))
        return replace(
            told,
            headline=(
                Piece(f"{self.function}("),
                Piece(number(z), Tone.READS, glued=True),
                Piece(")", glued=True),
                Piece(sign),
                Piece(number(y), Tone.WRITES),
            ),
            sentence=Message(
                "{cell}: its {count} products and the bias add up to {sum}, and {function} makes "
                "{output} of it.",
                {
                    "cell": capitalised(self.unit_name(unit)),
                    "count": self._plain_steps,
                    "sum": stated(z),
                    "function": self.function,
                    "output": stated(y),
                },
            ),
            symbols=self._bent_symbols,
            caption=Message("b {relation} {bias}", {"relation": equal, "bias": number(bias)}),
            relation=f"→ {self.function} =",
            result=Piece(number(y), Tone.WRITES),
            progress=(self.steps_per_unit, self.steps_per_unit),
            progress_caption=self.step_title(unit, self._plain_steps),
        )

    def view(self, unit: int, at: int, *, whole: bool) -> PartView:
        """Return the window on its input, the weights and terms of a channel, and the map."""
        place, words = self.place(unit, at), self.window.scene_words
        ended = whole or self._bends(at)
        channel = 0 if ended and self.convolves else place.channel
        seen = channel if self.convolves else place.map
        cell = None if ended else (place.kernel_row, place.kernel_column)
        geometry = self.window.geometry
        rows, columns = geometry.window_rows(place.row), geometry.window_columns(place.column)
        bends = self.activation is not None and ended
        kernel = Shown(self.names.kernel, Message("Weights"), (channel, place.map))
        return PartView(
            input=Shown(self._source, self._source_title, () if self._flat["input"] else (seen,)),
            weights=kernel if self.convolves else None,
            terms=Shown(
                self.names.products,
                words.terms,
                (place.map, place.row, place.column, channel),
                first=True,
            ),
            output=Shown(
                self.names.output, self._output_title, () if self._flat["output"] else (place.map,)
            ),
            node=self.function if bends else words.sign,
            input_cell=None if cell is None else (rows[cell[0]], columns[cell[1]]),
            weights_cell=cell,
            terms_cell=cell,
            output_cell=(place.row, place.column),
            running=self.names.running,
            rule=words.rule,
            window=Span(rows.start, columns.start, *geometry.effective_kernel_size),
            reach=_reach(self.window),
        )


def _reach(window: WindowTrace) -> tuple[int, int, int, int]:
    """Return how far windows reach beyond their input: above, left, below and right."""
    rows, columns, _ = window.covered_input(one(0)).axes
    height, width = window.geometry.input_size
    return (
        max(0, -rows[0]),
        max(0, -columns[0]),
        max(0, rows[-1] + 1 - height),
        max(0, columns[-1] + 1 - width),
    )
