"""The trace of an autoencoder: encoder, code, decoder, and how far the picture is off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.losses import MeanSquaredError
from simulator.engine.model import Model
from simulator.traces.formula import Fact, Message, Piece, Tone
from simulator.traces.laid_layers import laid_weights, lay_out
from simulator.traces.layer_arrays import given_arrays, layer_titles, padded
from simulator.traces.layer_parts import LayerParts
from simulator.traces.layer_words import words_of
from simulator.traces.model import Role, TraceArray, given
from simulator.traces.numbers import factor, number
from simulator.traces.part import Part
from simulator.traces.staged import StagedTrace
from simulator.traces.staged_formulas import SquaredError
from simulator.traces.sum_part import SumNames, SumPart

Array = NDArray[Any]


def autoencoder_trace(
    model: Model, x: Array, *, code: int, target: Array | None = None
) -> StagedTrace:
    """Return the trace of a picture (R, C) through a model, and of its error.

    The model's layers follow one another: dense (also with shared weights), convolutions, poolings,
    what moves numbers or bends each by itself, and batch normalizations. ``code`` counts those that
    are gone through, up to the one whose output is the code. The arrays are those of the engine's
    own pass; the loss is that of ``MeanSquaredError`` with the input as the target, or with another
    ``target`` (R, C) where noise is to be taken away.

    Raises:
        ValueError: a layer can't be gone through, or the last doesn't give a picture of that size.
    """
    values = np.ascontiguousarray(x, dtype=model.dtype)
    picture = int(values.shape[0]), int(values.shape[1])
    layers = lay_out(model, picture)
    sample = values.reshape(1, *model.graph.inputs[0].sample_shape)
    _, cache = model.forward(sample, model.context(training=False))
    size = int(np.prod(layers[-1].shape))
    if size != values.size:
        raise ValueError(f"The last layer gives {size} values for {values.size} pixels.")
    if layers[-1].shape != picture:
        raise ValueError(
            f"The last layer gives {layers[-1].shape}, and a picture has the shape {picture}."
        )
    weights = laid_weights(layers)
    words = words_of(layers, code)
    arrays: list[TraceArray] = [given("input", ("row", "column"), Role.READS, values)]
    titles = {"input": Message("Input"), "target": Message("Target")}
    goal, goal_title = values, ("input", Message("Target: the input"))
    if target is not None:
        goal = np.ascontiguousarray(target, dtype=model.dtype)
        goal_title = "target", Message("Target: the clean picture")
        arrays.append(given("target", ("row", "column"), Role.WEIGHTS, goal))
    makes = LayerParts(layers, weights, cache, model.backend)
    parts: list[Part] = []
    source, x_of_layer = ("input", Message("Input")), values
    for each, named in zip(layers, words, strict=True):
        parts += makes.made(each, named, source, x_of_layer)
        arrays += given_arrays(each, weights)
        titles |= layer_titles(each, named.title, named.output)
        source, x_of_layer = (each.names.output, named.output), makes.output(each)
    parts.append(_loss(source, goal_title, x_of_layer, goal))
    titles |= {
        "squared_error": Message("Squared error"),
        "error_so_far": Message("Sum of the squared errors"),
        "loss": Message("Mean squared error"),
    }
    code_size = int(np.prod(layers[code - 1].shape))
    return StagedTrace(
        padded(arrays, parts),
        parts,
        titles=titles,
        finest="Product",
        fact=compression_fact(values.size, code_size),
        stations=(
            ("input", Message("Input")),
            *((each.names.output, named.label) for each, named in zip(layers, words, strict=True)),
        ),
        pictures=("input", "target", source[0]),
        closing=(
            (
                Piece(str(values.size), Tone.READS),
                Piece("→"),
                Piece(str(code_size), Tone.WEIGHTS),
                Piece("→"),
                Piece(str(values.size), Tone.WRITES),
            ),
            Message(
                "The whole autoencoder: {inputs} values become {code}, and {inputs} are made of "
                "these again.",
                {"inputs": values.size, "code": code_size},
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
