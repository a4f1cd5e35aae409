"""The trace of an autoencoder: encoder, code, decoder, and how far the picture is off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.activations import Activation
from simulator.engine.layers import Dense
from simulator.engine.losses import MeanSquaredError
from simulator.engine.model import Model
from simulator.traces.dense_names import DenseNames
from simulator.traces.dense_part import DensePart
from simulator.traces.formula import Fact, Message, Piece, Tone
from simulator.traces.model import Role, TraceArray, given
from simulator.traces.numbers import factor, number
from simulator.traces.part import Part
from simulator.traces.staged import StagedTrace, layout_of
from simulator.traces.staged_formulas import SquaredError
from simulator.traces.sum_part import SumNames, SumPart

Array = NDArray[Any]

KERNEL_AXES = ("input row", "input column", "row", "column")
GREEK = {"sigmoid": "σ", "linear": "linear"}


@dataclass(frozen=True, slots=True)
class LayerNames:
    """The names of the given and written arrays of one layer, which count from 1."""

    kernel: str
    bias: str
    sums: str
    output: str
    products: str
    running: str

    @classmethod
    def of(cls, layer: int) -> LayerNames:
        """Return the names of a layer, counted from 1."""
        return cls(
            *(
                f"{kind}_{layer}"
                for kind in ("kernel", "bias", "sums", "output", "products", "running")
            )
        )


def shapes_of(units: Sequence[int], picture: tuple[int, int]) -> list[tuple[int, int]]:
    """Return how the input and each layer of units are laid out: the last as the picture is."""
    return [picture, *(layout_of(count) for count in units[:-1]), picture]


def autoencoder_trace(
    model: Model, x: Array, *, code: int, target: Array | None = None
) -> StagedTrace:
    """Return the trace of a picture (R, C) through a model of dense layers, and of its error.

    ``code`` counts the layers up to the one whose output is the code. The arrays are those of the
    engine's own pass; the loss is that of ``MeanSquaredError`` with the input as the target, or
    with another ``target`` (R, C) where noise is to be taken away.

    Raises:
        ValueError: a layer isn't dense, or the last doesn't give the input's number of values.
    """
    layers = model.layers
    if not all(isinstance(layer, Dense) for layer in layers):
        raise ValueError("Only a network of dense layers can be gone through unit by unit.")
    values = np.ascontiguousarray(x, dtype=model.dtype)
    _, cache = model.forward(values.reshape(1, -1), model.context(training=False))
    units = [int(cache[f"{layer.name}/output"].size) for layer in layers]
    if units[-1] != values.size:
        raise ValueError(f"The last layer gives {units[-1]} values for {values.size} pixels.")
    shapes = shapes_of(units, (int(values.shape[0]), int(values.shape[1])))
    arrays: list[TraceArray] = [given("input", ("row", "column"), Role.READS, values)]
    titles = {"input": Message("Input"), "target": Message("Target")}
    goal, goal_title = values, ("input", Message("Target: the input"))
    if target is not None:
        goal = np.ascontiguousarray(target, dtype=model.dtype)
        goal_title = "target", Message("Target: the clean picture")
        arrays.append(given("target", ("row", "column"), Role.WEIGHTS, goal))
    parts: list[Part] = []
    source, source_title, x_of_layer = "input", Message("Input"), values
    for at, layer in enumerate(layers, start=1):
        assert isinstance(layer, Dense)
        names = LayerNames.of(at)
        before, after = shapes[at - 1], shapes[at]
        kernel = layer.weights["kernel"].reshape(*before, *after)
        bias = layer.weights["bias"].reshape(after)
        arrays += [
            given(names.kernel, KERNEL_AXES, Role.WEIGHTS, kernel),
            given(names.bias, ("row", "column"), Role.WEIGHTS, bias),
        ]
        title = _layer_title(at, code, len(layers))
        output_title = _output_title(at, code, len(layers))
        titles |= {
            names.kernel: Message("Weights of {layer}", {"layer": title}),
            names.bias: Message("Bias of {layer}", {"layer": title}),
            names.products: Message("Product"),
            names.running: Message("Running sum"),
            names.sums: Message("Sum"),
            names.output: output_title,
        }
        parts.append(
            DensePart(
                f"layer_{at}",
                title,
                names=DenseNames(
                    source=source,
                    kernel=names.kernel,
                    bias=names.bias,
                    products=names.products,
                    running=names.running,
                    sums=names.sums,
                    output=names.output,
                    symbols=dense_symbols(layer.activation, units=int(np.prod(before))),
                    source_title=source_title,
                    kernel_title=Message("Weights"),
                    output_title=output_title,
                ),
                x=x_of_layer,
                kernel=kernel,
                bias=bias,
                sums=cache[f"{layer.name}/pre_activation"].reshape(after),
                output=cache[f"{layer.name}/output"].reshape(after),
                activation=layer.activation,
                function=function_name(layer.activation),
            )
        )
        source, source_title = names.output, output_title
        x_of_layer = cache[f"{layer.name}/output"].reshape(after)
    parts.append(_loss((source, source_title), goal_title, x_of_layer, goal))
    titles |= {
        "squared_error": Message("Squared error"),
        "error_so_far": Message("Sum of the squared errors"),
        "loss": Message("Mean squared error"),
    }
    return StagedTrace(
        arrays,
        parts,
        titles=titles,
        finest="Product",
        fact=compression_fact(values.size, units[code - 1]),
        stations=(
            ("input", Message("Input")),
            *(
                (LayerNames.of(at).output, _label(at, code, len(layers)))
                for at in range(1, len(layers) + 1)
            ),
        ),
        pictures=("input", "target", source),
        closing=(
            (
                Piece(str(values.size), Tone.READS),
                Piece("→"),
                Piece(str(units[code - 1]), Tone.WEIGHTS),
                Piece("→"),
                Piece(str(values.size), Tone.WRITES),
            ),
            Message(
                "The whole autoencoder: {inputs} values become {code}, and {inputs} are made of "
                "these again.",
                {"inputs": values.size, "code": units[code - 1]},
            ),
        ),
    )


def _loss(
    source: tuple[str, Message], target: tuple[str, Message], made: Array, x: Array
) -> SumPart:
    loss = MeanSquaredError()(x.reshape(1, -1), made.reshape(1, -1))
    return SumPart(
        "loss",
        Message("Reconstruction error"),
        names=SumNames(
            sources=(source[0], target[0]),
            titles=(source[1], target[1]),
            terms="squared_error",
            terms_title=Message("Squared errors"),
            running="error_so_far",
            total="loss",
            total_title=Message("Mean squared error"),
            symbols=(
                rf"\writes{{L}} = \frac{{1}}{{{x.size}}}\sum_{{i=0}}^{{{x.size - 1}}}"
                r"(\reads{\hat{x}_i} - \weights{x_i})^2"
            ),
            term_word=Message("Squared error"),
            node="mean",
        ),
        terms=np.square(made - x),
        total=float(loss),
        formula=SquaredError(r"\writes{e_i} = (\reads{\hat{x}_i} - \weights{x_i})^2"),
        told=_told_error,
        divisor=int(x.size),
    )


def _told_error(values: Sequence[float]) -> tuple[Piece, ...]:
    made, target = values
    return (
        Piece("("),
        Piece(number(made), Tone.READS, glued=True),
        Piece("−"),
        Piece(factor(target), Tone.WEIGHTS),
        Piece(")²", glued=True),
    )


def function_name(activation: Activation) -> str:
    """Return what an activation is called in a formula."""
    name = activation.name
    return GREEK.get(name, name)


def dense_symbols(activation: Activation, *, units: int) -> str:
    """Return the formula of a unit of a dense layer with so many inputs."""
    total = rf"b_j + \sum_{{i=0}}^{{{units - 1}}} \reads{{x_i}} \cdot \weights{{w_{{i,j}}}}"
    name = activation.name
    if name == "linear":
        return rf"\writes{{y_j}} = {total}"
    function = r"\sigma" if name == "sigmoid" else rf"\mathrm{{{name}}}"
    return rf"\writes{{y_j}} = {function}({total})"


def compression_fact(inputs: int, code: int) -> Fact:
    """Return how much smaller the code is than the input."""
    ratio = inputs / code
    shown = f"{inputs // code}" if inputs % code == 0 else f"{ratio:.1f}"
    equals = "=" if inputs % code == 0 else r"\approx"
    if code > inputs:
        remark = Message(
            "The code is larger than the input: nothing is compressed, and the network could "
            "copy its input."
        )
        return Fact("Compression", rf"\frac{{{inputs}}}{{{code}}}\approx{ratio:.2f}", remark)
    if code == inputs:
        remark = Message("The code is as large as the input: nothing has to be left out.")
        return Fact("Compression", rf"\frac{{{inputs}}}{{{code}}}=\mathbf{{1}}", remark)
    return Fact(
        "Compression",
        rf"\frac{{{inputs}}}{{{code}}}{equals}\mathbf{{{shown}}}",
        Message(
            "{inputs} values go through {code}: all that the decoder knows of the picture.",
            {"inputs": inputs, "code": code},
        ),
    )


def _layer_title(at: int, code: int, layers: int) -> Message:
    if at == layers:
        return Message("Decoder, last layer")
    if at == code:
        return Message("Encoder, last layer")
    if at < code:
        return Message("Encoder, layer {number}", {"number": at})
    return Message("Decoder, layer {number}", {"number": at - code})


def _output_title(at: int, code: int, layers: int) -> Message:
    if at == layers:
        return Message("Reconstruction")
    if at == code:
        return Message("Code")
    if at < code:
        return Message("Encoder {number}", {"number": at})
    return Message("Decoder {number}", {"number": at - code})


def _label(at: int, code: int, layers: int) -> Message:
    if at == layers:
        return Message("Output")
    if at == code:
        return Message("Code")
    if at < code:
        return Message("Enc. {number}", {"number": at})
    return Message("Dec. {number}", {"number": at - code})
