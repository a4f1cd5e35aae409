"""The trace of a two-dimensional convolution (in deep learning's sense: the kernel isn't flipped).

Goodfellow, Bengio and Courville, Deep Learning (2016), equation 9.6, with stride, padding,
dilation, channels and bias:

    y[r, c, f] = b[f] + sum over (d, i, j) of x[s r + l i - p, s c + l j - p, d] * k[i, j, d, f]
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.engine.geometry import WindowGeometry
from simulator.traces.convolution_formulas import (
    Accumulation,
    ChannelSums,
    Convolved,
    Products,
    RunningSums,
    SumOfChannels,
    SumOfProducts,
)
from simulator.traces.convolution_values import ChannelMaps, ConvolutionValues
from simulator.traces.formula import Explanation, Fact, Message, Piece, Tone
from simulator.traces.model import Computed, Role, TraceArray, Write, given
from simulator.traces.numbers import equation_sign, exact, factor, number, relation, stated
from simulator.traces.places import Place
from simulator.traces.region import Region, one
from simulator.traces.sizes import output_size_fact
from simulator.traces.symbols import convolution_symbols
from simulator.traces.told_terms import ToldTerm
from simulator.traces.window import WindowTrace
from simulator.traces.windows import Windows
from simulator.traces.wording import SceneWords, Wording

Array = NDArray[Any]

PRODUCT = r"\reads{x} \cdot \weights{k}"
SUM_SO_FAR = r"\Sigma + \reads{x} \cdot \weights{k}"
CHANNEL_SUM = r"\sum_{i,j} \reads{x} \cdot \weights{k}"
SUM_OF_CHANNELS = r"b + \sum_d m_d"

MANY_TERMS = 100
TERM_AXES = ("filter", "row", "column", "channel", "kernel row", "kernel column")


class ConvolutionTrace(WindowTrace):
    """Convolution of one sample, step by step.

    Arrays: ``input`` (H, W, C), ``kernel`` (kh, kw, C, F) and ``bias`` (F,) are given;
    ``products`` and ``running_sum`` have axes (filter, row, column, channel, kernel row, kernel
    column), ``channel_maps`` (OH, OW, F, C), ``output`` (OH, OW, F).
    """

    term_array = "products"
    running_array = "running_sum"
    wording = Wording(
        finest="Product",
        term="Product {number} of {total} for {cell}",
        terms="All {total} products for {cell}",
        cell="output cell ({row}, {column})",
        cell_of_map="output cell ({row}, {column}) of filter {map}",
        map="Feature map {map} of {maps}",
        term_progress="product {done} of {total}",
        map_index="f",
    )
    scene_words = SceneWords(
        sign="Σ",
        rule=Message("Multiply cell by cell, add the products up, add the bias."),
        terms=Message("Products"),
        running=Message("Running sum"),
    )

    def __init__(
        self,
        x: Array,
        kernel: Array,
        bias: Array,
        *,
        geometry: WindowGeometry,
        backend: Backend,
    ) -> None:
        """Run the forward pass of ``x`` (H, W, C) on ``backend`` and lay out its steps.

        Raises:
            GeometryError: the shapes don't go together.
        """
        output = backend.convolution2d(x[None], kernel, bias, geometry=geometry)[0]
        values = ConvolutionValues(x, kernel, bias, geometry)
        channel_maps = ChannelMaps(x, kernel, geometry=geometry, backend=backend)
        super().__init__(
            [
                given("input", ("row", "column", "channel"), Role.READS, x, padding=0.0),
                given("kernel", ("row", "column", "channel", "filter"), Role.WEIGHTS, kernel),
                given("bias", ("filter",), Role.WEIGHTS, bias),
                TraceArray(
                    "products", TERM_AXES, Role.WRITES, Computed(values.shape, values.terms)
                ),
                TraceArray(
                    "running_sum", TERM_AXES, Role.WRITES, Computed(values.shape, values.running)
                ),
                TraceArray(
                    "channel_maps",
                    ("row", "column", "filter", "channel"),
                    Role.WRITES,
                    Computed(channel_maps.shape, channel_maps.values),
                ),
                TraceArray("output", ("row", "column", "filter"), Role.WRITES, output),
            ],
            geometry=geometry,
            values=values,
        )
        self._kernel = kernel
        self._bias = bias
        self.symbols = convolution_symbols(geometry, kernel.shape[2])

    def _in_order(self, name: str, positions: tuple[Array, ...]) -> tuple[Array, ...]:
        if name != "channel_maps":
            return super()._in_order(name, positions)
        rows, columns, filters, channels = positions
        return filters, rows, columns, channels

    # Steps

    def _writes_of_term(self, place: Place) -> tuple[Write, ...]:
        x = self.input_cell(place, place.channel)
        row, column, _ = x.first()
        weight = Region.cell(
            "kernel", place.kernel_row, place.kernel_column, place.channel, place.map
        )
        product = self.term(place, "products")
        so_far = (
            self.term(self.order.term_of(place, place.number - 1), "running_sum")
            if place.number
            else Region.cell("bias", place.map)
        )
        window = Windows.cell(self.geometry, row, column)
        writes = [
            Write(product, (x, weight), Products(PRODUCT, window)),
            Write(self.term(place, "running_sum"), (so_far, product), Accumulation(SUM_SO_FAR)),
        ]
        _, height, width = self.term_shape
        if (place.kernel_row, place.kernel_column) == (height - 1, width - 1):
            writes.append(self._write_of_channel(place))
        if place.number == self.terms_per_cell - 1:
            writes.append(self._write_of_cell(place))
        return tuple(writes)

    def _write_of_channel(self, place: Place) -> Write:
        maps, rows, columns = one(place.map), one(place.row), one(place.column)
        channels = one(place.channel)
        return Write(
            Region("channel_maps", (rows, columns, maps, channels)),
            (self.terms("products", maps, rows, columns, channels),),
            SumOfProducts(CHANNEL_SUM),
        )

    def _write_of_cell(self, place: Place) -> Write:
        cell = Region.cell("output", place.row, place.column, place.map)
        channels = range(self.term_shape[0])
        return Write(
            cell,
            (Region("channel_maps", (*cell.axes, channels)), Region.cell("bias", place.map)),
            SumOfChannels(SUM_OF_CHANNELS),
        )

    def _writes_of_run(self, maps: range, rows: range, columns: range) -> tuple[Write, ...]:
        depth, height, width = self.term_shape
        channels = range(depth)
        x, windows = self._input_of_run(channels, rows, columns)
        kernel = Region("kernel", (range(height), range(width), channels, maps))
        bias = Region("bias", (maps,))
        return (
            Write(
                Region("output", (rows, columns, maps)),
                (x, kernel, bias),
                Convolved(self.symbols, windows),
            ),
            Write(
                self.terms("products", maps, rows, columns),
                (x, kernel),
                Products(PRODUCT, windows),
            ),
            Write(
                self.terms("running_sum", maps, rows, columns),
                (x, kernel, bias),
                RunningSums(SUM_SO_FAR, windows),
            ),
            Write(
                Region("channel_maps", (rows, columns, maps, channels)),
                (x, kernel),
                ChannelSums(CHANNEL_SUM, windows),
            ),
        )

    # Provenance

    def sources(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the input cells, weights and bias that one cell was computed from."""
        if name == "output":
            row, column, filter_index = index
            blocks = [self.whole_block()]
        elif name == "channel_maps":
            row, column, filter_index, channel = index
            blocks = [(one(channel), *self.whole_block()[1:])]
        elif name == "products":
            filter_index, row, column, channel, down, across = index
            blocks = [(one(channel), one(down), one(across))]
        elif name == "running_sum":
            filter_index, row, column, channel, down, across = index
            blocks = self.blocks_up_to(channel, down, across)
        else:
            return ()
        regions = []
        for block in blocks:
            channels, rows, columns = block
            regions.append(self.part_of_window(row, column, block))
            regions.append(Region("kernel", (rows, columns, channels, one(filter_index))))
        if name in ("output", "running_sum"):
            regions.append(Region.cell("bias", filter_index))
        return tuple(regions)

    def dependants(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the output cells in which an input cell, weight, bias or product has a part."""
        rows, columns = (range(length) for length in self.geometry.output_size)
        if name == "input":
            return (self.outputs_reading(index[0], index[1], range(self.maps)),)
        if name in ("kernel", "bias"):
            return (Region("output", (rows, columns, one(index[-1]))),)
        if name in ("products", "running_sum"):
            return (Region.cell("output", index[1], index[2], index[0]),)
        if name == "channel_maps":
            return (Region.cell("output", *index[:3]),)
        return ()

    # Telling

    def size_fact(self) -> Fact:
        """Return how the output's size follows from the input's."""
        return output_size_fact(self.geometry)

    def _factors(self, cell: Place, numbers: range) -> list[tuple[float, float]]:
        """Return the input value and the weight of some products of a cell."""
        channels, down, across = self.order.indices_of(numbers)
        rows, columns = np.asarray(cell.row), np.asarray(cell.column)
        x, _ = self._values.input.read(rows, columns, channels, down, across)
        weights = self._kernel[down, across, channels, cell.map]
        return list(zip(x.tolist(), weights.tolist(), strict=True))

    def _tell_terms(self, cell: Place, numbers: range) -> list[ToldTerm]:
        told = []
        for x, weight in self._factors(cell, numbers):
            texts = factor(x), factor(weight)
            pieces = (
                Piece(texts[0], Tone.READS),
                Piece("·", Tone.QUIET, glued=True),
                Piece(texts[1], Tone.WEIGHTS, glued=True),
            )
            told.append(ToldTerm(pieces, exact(x, texts[0]) and exact(weight, texts[1])))
        return told

    def _explain_cell(self, place: Place, *, whole: bool) -> Explanation:
        bias = float(self._bias[place.map])
        few = self.terms_per_cell < MANY_TERMS  # of more only the numbers have room
        caption = Message(
            "{done} of {total} terms, b {relation} {bias}"
            if few
            else "{done} of {total}, b {relation} {bias}",
            {
                "done": place.number + 1,
                "total": self.terms_per_cell,
                "relation": relation((bias, number(bias))),
                "bias": number(bias),
            },
        )
        headline, sentence = self._tell_sum(place, bias) if whole else self._tell_product(place)
        return self._explanation(
            place,
            whole=whole,
            headline=headline,
            sentence=sentence,
            symbols=self.symbols,
            caption=caption,
        )

    def _tell_product(self, place: Place) -> tuple[tuple[Piece, ...], Message]:
        """Return headline and sentence of one product."""
        ((x, weight),) = self._factors(place, one(place.number))
        product = x * weight
        texts = factor(x), factor(weight), number(product)
        headline = (
            Piece(texts[0], Tone.READS),
            Piece("×"),
            Piece(texts[1], Tone.WEIGHTS),
            Piece(equation_sign(texts[0], "×", texts[1], texts[2])),
            Piece(texts[2]),
        )
        finished = place.number + 1 == self.terms_per_cell
        sentence = Message(
            "{product}. The sum is {sum}." if finished else "{product}. The sum so far is {sum}.",
            {"product": self.term_name(place), "sum": stated(self.value_at(place))},
        )
        return headline, sentence

    def _tell_sum(self, place: Place, bias: float) -> tuple[tuple[Piece, ...], Message]:
        """Return headline and sentence of a whole output cell."""
        total = self.value_at(place)
        cell = self._values.running_of_cell(place.map, place.row, place.column)
        products = float(cell[-1]) - bias
        texts = number(products), factor(bias), number(total)
        headline = (
            Piece(texts[0], Tone.READS),
            Piece("+"),
            Piece(texts[1], Tone.WEIGHTS),
            Piece(equation_sign(texts[0], "+", texts[1], texts[2])),
            Piece(texts[2], Tone.WRITES),
        )
        sentence = Message(
            "The products of {cell} add up to {products}, and the bias is {bias}."
            if self.terms_per_cell > 1
            else "The product of {cell} is {products}, and the bias is {bias}.",
            {
                "cell": self.cell_name(place),
                "products": stated(products),
                "bias": stated(bias),
            },
        )
        return headline, sentence
