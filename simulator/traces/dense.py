"""The trace of dense layers that follow one another, and of what their answer costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.layers import Dense
from simulator.engine.losses import Loss
from simulator.engine.model import Model
from simulator.traces.formula import Fact, Message, Piece, Tone
from simulator.traces.laid_layers import LaidLayer, laid_weights, lay_out
from simulator.traces.layer_arrays import given_arrays, layer_titles, padded
from simulator.traces.layer_parts import LayerParts
from simulator.traces.layer_words import named_words
from simulator.traces.loss_parts import Answer, LossParts, loss_parts
from simulator.traces.model import Role, given
from simulator.traces.numbers import count
from simulator.traces.part import Part, UnitWords
from simulator.traces.staged import StagedTrace

Array = NDArray[Any]


MOST_TOLD = 3
"""Layers whose weights are counted one by one: more would not fit the card."""
IN_A_ROW = 4
"""Of so many units there is room in a row: their columns are their numbers."""


def dense_layers(model: Model, shape: tuple[int, ...]) -> list[LaidLayer]:
    """Return how the layers of a model are laid out that reads numbers (R, C)."""
    return lay_out(model, (int(shape[0]), int(shape[1])), in_a_row=IN_A_ROW)


def dense_trace(
    model: Model,
    x: Array,
    *,
    loss: Loss | None = None,
    target: Array | None = None,
    classes: Sequence[str] = (),
    picture: bool = False,
) -> StagedTrace:
    """Return the trace of numbers, laid out as (R, C), through a model, and of the loss if any.

    The model's layers follow one another: the first is dense, the others are dense too, activations
    or normalizations. The arrays are those of the engine's own pass. ``classes`` names the units of
    the last layer, and ``picture`` tells that the numbers are brightness from 0 to 1.

    Raises:
        ValueError: a layer can't be gone through; the message names it.
    """
    values = np.ascontiguousarray(x, dtype=model.dtype)
    layers = dense_layers(model, values.shape)
    sample = values.reshape(1, *model.graph.inputs[0].sample_shape)
    _, cache = model.forward(sample, model.context(training=False))
    weights = laid_weights(layers)
    named = named_words(layers)
    units = {each.number: UnitWords() for each in layers}
    units[len(layers)] = UnitWords(tuple(classes))
    makes = LayerParts(layers, weights, cache, model.backend, units)
    arrays = [given("input", ("row", "column"), Role.READS, values)]
    titles = {"input": Message("Input")}
    stations = [("input", Message("Input"))]
    parts: list[Part] = []
    source, read = ("input", Message("Input")), values
    for each, words in zip(layers, named, strict=True):
        made = makes.made(each, words, source, read)
        parts += made
        arrays += given_arrays(each, weights)
        titles |= layer_titles(each, words.title, words.output)
        if any(part.output == each.names.scores for part in made):
            stations.append((each.names.scores, Message("Scores")))
        stations.append((each.names.output, words.label))
        source, read = (each.names.output, words.output), makes.output(each)
    end = LossParts()
    if loss is not None and target is not None:
        answer = Answer(*source, read, units[len(layers)], len(layers))
        end = loss_parts(loss, target, answer)
    sizes = [values.size, *(int(np.prod(each.shape)) for each in layers)]
    return StagedTrace(
        padded([*arrays, *end.given], [*parts, *end.parts]),
        [*parts, *end.parts],
        titles={**titles, **end.titles},
        finest="Product",
        fact=weights_fact(layers),
        stations=(*stations, *end.stations),
        pictures=("input",) if picture else (),
        closing=closing_of(sizes),
    )


def weights_fact(layers: Sequence[LaidLayer]) -> Fact:
    """Return how many weights there are between all layers, of which the first is dense."""
    dense = [each for each in layers if isinstance(each.layer, Dense)]
    sides = [(int(np.prod(each.source)), int(np.prod(each.shape))) for each in dense]
    if len(sides) > 1:
        total = sum(inputs * units for inputs, units in sides)
        told = "+".join(rf"{inputs} \cdot {units}" for inputs, units in sides[:MOST_TOLD])
        told += r"+\ldots" if len(sides) > MOST_TOLD else ""
        return Fact(
            "Weights",
            rf"{told} = \mathbf{{{total}}}",
            Message(
                "Of each dense layer: every unit weighs all that its layer reads, and adds a bias "
                "of its own."
            ),
        )
    inputs, units = sides[0]
    return Fact(
        "Weights",
        rf"{inputs} \cdot {units} = \mathbf{{{inputs * units}}}",
        Message(
            "Each of the {units} units weighs each of the {inputs} inputs, and adds a bias of "
            "its own."
            if units > 1
            else "The unit weighs each of the {inputs} inputs, and adds its bias.",
            {"units": count(units), "inputs": count(inputs)},
        ),
    )


def closing_of(sizes: Sequence[int], *, back: bool = False) -> tuple[tuple[Piece, ...], Message]:
    """Return what is said of all layers, of these sizes in the order of the way."""
    pieces = [Piece(count(sizes[0]), Tone.READS)]
    for at, size in enumerate(sizes[1:], start=1):
        tone = Tone.WRITES if at == len(sizes) - 1 else Tone.WEIGHTS
        pieces += [Piece("→"), Piece(count(size), tone)]
    return tuple(pieces), Message(
        "All the way back: {inputs} gradients of the answer, and {outputs} of the input."
        if back
        else "All of it: {inputs} numbers go in, {outputs} come out.",
        {"inputs": count(sizes[0]), "outputs": count(sizes[-1])},
    )
