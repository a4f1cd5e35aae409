r"""The trace of the way back through dense layers: from the loss of one sample to every weight.

Source for the equations: Goodfellow, Bengio and Courville 2016, "Deep Learning", section 6.5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.activations import Activation, linear
from simulator.engine.layers import Dense
from simulator.engine.losses import Loss
from simulator.engine.model import Model
from simulator.traces.answer_gradient import AnswerGradient, answer_gradient
from simulator.traces.cell_part import CellPart, Same
from simulator.traces.cell_telling import Moving
from simulator.traces.dense import closing_of, dense_layers, weights_fact
from simulator.traces.dense_names import DenseNames
from simulator.traces.dense_part import DensePart
from simulator.traces.formula import Message
from simulator.traces.gradient_formulas import (
    BELOW,
    BIAS,
    PRODUCT,
    EveryProduct,
    Sloped,
    slope_of,
    slope_symbols,
    told_product,
    told_slope,
)
from simulator.traces.laid_layers import BENDING, LaidLayer, laid_weights
from simulator.traces.layer_arrays import given_arrays, layer_titles
from simulator.traces.layer_words import LayerWords, named_words
from simulator.traces.model import Role, TraceArray, given
from simulator.traces.pair_part import PairPart, PairTelling
from simulator.traces.part import Part, UnitWords
from simulator.traces.staged import StagedTrace

Array = NDArray[Any]

PLANE = ("row", "column")


def dense_back_trace(
    model: Model,
    x: Array,
    *,
    loss: Loss,
    target: Array,
    classes: Sequence[str] = (),
    picture: bool = False,
) -> StagedTrace:
    """Return the trace of the way back from the loss of one sample, as ``dense_trace`` shows it.

    What went forwards is given: numbers (R, C) that went in, each layer's sums and output. The
    gradients are those of the engine's own operations, in training as in use: with nothing random.

    Raises:
        ValueError: a layer or the loss can't be gone back through; the message says which and why.
    """
    values = np.ascontiguousarray(x, dtype=model.dtype)
    layers = dense_layers(model, values.shape)
    sample = values.reshape(1, *model.graph.inputs[0].sample_shape)
    _, cache = model.forward(sample, model.context(training=False))
    units = [UnitWords() for _ in layers[:-1]] + [UnitWords(tuple(classes))]
    back = _WayBack(model, layers, cache, units, values)
    begun = answer_gradient(
        layers[-1], back.output(len(layers)), loss, target, units[-1], back.words[-1].output
    )
    back.begin(begun)
    for number in range(len(layers), 0, -1):
        back.through(number, fused=begun.fused and number == len(layers))
    sizes = [int(np.prod(each.shape)) for each in reversed(layers)]
    return StagedTrace(
        back.given,
        back.parts,
        titles=back.titles,
        finest="Product",
        fact=weights_fact(layers),
        stations=back.stations,
        pictures=("input",) if picture else (),
        closing=closing_of([*sizes, values.size], back=True),
    )


class _WayBack:
    """Gathers the parts, layer after layer from the last one."""

    def __init__(
        self,
        model: Model,
        layers: Sequence[LaidLayer],
        cache: Mapping[str, Array],
        units: Sequence[UnitWords],
        x: Array,
    ) -> None:
        self._model = model
        self._layers = layers
        self._cache = cache
        self._units = units
        self._x = x
        self._weights = laid_weights(layers)
        self.words: list[LayerWords] = named_words(layers)
        self.parts: list[Part] = []
        self.given: list[TraceArray] = [given("input", PLANE, Role.READS, x)]
        self.titles: dict[str, Message] = {"input": Message("Input")}
        self.stations: list[tuple[str, Message]] = []
        self._arriving: tuple[str, Message, Array] = ("", Message(""), x)
        """The gradient by what the layer on the way gives: name, title, values."""

    def output(self, number: int) -> Array:
        """Return what a layer gives, as it is laid out; number 0 gives the input."""
        if number == 0:
            return self._x
        each = self._layers[number - 1]
        found: Array = self._cache[f"{each.layer.name}/output"].reshape(each.shape)
        return found

    def _read_by(self, number: int) -> tuple[str, Message]:
        """Return the name and the title of what a layer reads."""
        if number == 1:
            return "input", Message("Input")
        return self._layers[number - 2].names.output, self.words[number - 2].output

    def begin(self, begun: AnswerGradient) -> None:
        """Take what the loss says of the answer."""
        self.given += begun.given
        self.titles |= begun.titles
        self.stations += begun.stations
        self._add(begun.part, begun.output, Message("δ") if begun.fused else Message("∂L/∂y"))
        self._arriving = (*begun.output, begun.values)

    def _add(self, part: Part, output: tuple[str, Message], station: Message | None) -> None:
        self.parts.append(part)
        self.titles[output[0]] = output[1]
        if station is not None:
            self.stations.append((output[0], station))

    def _give(self, name: str, title: Message, values: Array) -> None:
        if name not in self.titles:
            self.given.append(given(name, PLANE, Role.READS, values))
            self.titles[name] = title

    def through(self, number: int, *, fused: bool) -> None:
        """Go back through a layer; where ``fused``, what arrives is past its softmax or sigmoid."""
        each = self._layers[number - 1]
        layer = each.layer
        if isinstance(layer, Dense):
            self._through_dense(each, number, fused=fused)
        elif isinstance(layer, BENDING) and fused:
            return
        elif isinstance(layer, BENDING) and layer.activation.name != "softmax":
            read = self._read_by(number)
            self._give(*read, self.output(number - 1))
            self._bent(number, layer.activation, read, self.output(number - 1))
        else:
            raise ValueError(
                f"The way back through {layer.name!r} is not shown: a {type(layer).__name__} "
                "there takes the numbers of a whole batch, or all units, together."
            )

    def _bent(self, number: int, activation: Activation, of: tuple[str, Message], z: Array) -> None:
        """Go back through an activation of the numbers ``z``."""
        name, title, arriving = self._arriving
        output = f"d_sums_{number}", Message("δ of “{name}”", {"name": self._name(number)})
        formula = Sloped(slope_symbols(activation), activation)
        slopes = formula.value(arriving, z)
        part = PairPart(
            f"bent_{number}",
            Message("Slope of {name}", {"name": activation.name}),
            first=(name, title),
            second=of,
            output=output,
            values=slopes,
            formula=formula,
            telling=PairTelling(
                told_slope(activation),
                "What arrives at {unit}, times the slope of the activation there, {slope}.",
                "×",
                slope_of(activation),
            ),
            words=self._units[number - 1],
        )
        self._add(part, output, Message("δ {number}", {"number": number}))
        self._arriving = (*output, slopes)

    def _name(self, number: int) -> str:
        return self._layers[number - 1].layer.name

    def _through_dense(self, each: LaidLayer, number: int, *, fused: bool) -> None:
        layer, names = each.layer, each.names
        assert isinstance(layer, Dense)
        assert layer.activation is not None
        weights = self._weights
        for array in given_arrays(each, weights):
            if array.name == names.kernel:
                self.given.append(array)
        told = layer_titles(each, self.words[number - 1].title, self.words[number - 1].output)
        self.titles[names.kernel] = told[names.kernel]
        if not fused and layer.activation.name == "softmax":
            raise ValueError(
                f"The way back through the softmax of {layer.name!r} is shown where the loss after "
                "it is a cross-entropy: they make one simple formula together."
            )
        if not fused and layer.activation.name != "linear":
            z = self._cache[f"{layer.name}/pre_activation"].reshape(each.shape)
            sums = names.sums, Message("Sums of “{name}”", {"name": layer.name})
            self._give(*sums, z)
            self._bent(number, layer.activation, sums, z)
        self._give(*self._read_by(number), self.output(number - 1))
        self._weights_of(each, number)
        self._below(each, number)

    def _weights_of(self, each: LaidLayer, number: int) -> None:
        """Add the gradients of a layer's weights and biases."""
        slopes = self._arriving
        rows = self._rows(number, slopes[2])
        kernel = self._model.backend.dense_kernel_gradient(*rows)
        gradient = f"d_kernel_{number}", Message("Gradient of the weights")
        words = self._units[number - 1]
        part = PairPart(
            f"weights_{number}",
            Message("Weights of “{name}”: gradient", {"name": self._name(number)}),
            first=self._read_by(number),
            second=slopes[:2],
            output=gradient,
            values=np.moveaxis(kernel.reshape(*each.source, *each.shape), (0, 1), (2, 3)),
            formula=EveryProduct(PRODUCT),
            telling=PairTelling(
                told_product,
                "Input {input}, times δ of {unit}: so much the loss changes with their weight.",
                "×",
            ),
            words=words,
            across=True,
        )
        self._add(part, gradient, None)
        if not getattr(each.layer, "use_bias", True):
            return
        bias = f"d_bias_{number}", Message("Gradient of the biases")
        taken = f"d_bias_value_{number}"
        moved = CellPart(
            f"biases_{number}",
            Message("Biases of “{name}”: gradient", {"name": self._name(number)}),
            source=slopes[:2],
            source_shape=each.shape,
            origins=np.arange(slopes[2].size),
            taken=taken,
            output=bias,
            values=self._model.backend.dense_bias_gradient(rows[1]).reshape(each.shape),
            formula=Same(BIAS),
            telling=Moving(
                Message("A bias counts for as much as its sum: its gradient is δ itself."),
                Message(""),
            ),
        )
        moved.words = words
        self.titles[taken] = Message("Value")
        self._add(moved, bias, None)

    def _below(self, each: LaidLayer, number: int) -> None:
        """Add what goes on to what the layer read."""
        name, title, slopes = self._arriving
        rows = self._rows(number, slopes)
        found = self._model.backend.dense_input_gradient(rows[1], each.layer.weights["kernel"])
        found = found.reshape(each.source)
        arrives = (
            Message("Gradient of the input")
            if number == 1
            else Message("Gradient of “{name}”", {"name": self._name(number - 1)})
        )
        output = f"d_output_{number - 1}", arrives
        products, running, sums = (
            f"back_{kind}_{number}" for kind in ("products", "running", "sums")
        )
        part = DensePart(
            f"below_{number}",
            Message("Back through “{name}”", {"name": self._name(number)}),
            names=DenseNames(
                source=name,
                kernel=each.names.kernel,
                bias=None,
                products=products,
                running=running,
                sums=sums,
                output=output[0],
                letters=("i", "j"),
                symbols=BELOW.replace("@", str(slopes.size - 1)),
                source_title=title,
                kernel_title=Message("Weights"),
                output_title=arrives,
            ),
            x=slopes,
            kernel=self._weights[each.names.kernel],
            bias=None,
            sums=found,
            output=found,
            activation=linear,
            function="linear",
            backwards=True,
        )
        part.words = UnitWords()
        self.titles |= {
            products: Message("Product"),
            running: Message("Running sum"),
            sums: Message("Sum"),
        }
        label = Message("∂L/∂x") if number == 1 else Message("Back {number}", {"number": number})
        self._add(part, output, label)
        self._arriving = (*output, found)

    def _rows(self, number: int, slopes: Array) -> tuple[Array, Array]:
        """Return what a layer read and the gradients at its sums, as batches of one sample."""
        return self.output(number - 1).reshape(1, -1), slopes.reshape(1, -1)
