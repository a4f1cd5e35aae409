"""A layer at work that moves numbers, hands them on, bends, merges or looks them up."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.layers import (
    Add,
    Average,
    Concatenate,
    Dropout,
    Embedding,
    GaussianNoise,
    Layer,
    Masking,
    Maximum,
    Minimum,
    Multiply,
    RepeatVector,
    Softmax,
    Subtract,
)
from simulator.traces.cell_part import CellPart, Same
from simulator.traces.cell_telling import Moving
from simulator.traces.chosen_parts import JoinPart, LookupPart
from simulator.traces.folds import Merged
from simulator.traces.formula import Message, Piece, Tone
from simulator.traces.laid_layers import origins
from simulator.traces.layer_parts import MOVED
from simulator.traces.layer_words import moving_of
from simulator.traces.numbers import factor, number, relation, stated
from simulator.traces.operands import Along, Operand
from simulator.traces.point_part import PointPart, Telling
from simulator.traces.work import OUTPUT, Work
from simulator.traces.work_ends import bend, softmax_of

Array = NDArray[Any]

PASSING = (Dropout, GaussianNoise)
MERGING: tuple[tuple[type[Layer], np.ufunc, str, str], ...] = (
    (Add, np.add, "+", r"\writes{y} = \reads{a} + \weights{b}"),
    (Subtract, np.subtract, "−", r"\writes{y} = \reads{a} - \weights{b}"),
    (Multiply, np.multiply, "×", r"\writes{y} = \reads{a} \cdot \weights{b}"),
    (Average, np.add, "+", r"\writes{y} = \frac{\reads{a} + \weights{b}}{n}"),
    (Maximum, np.maximum, "max", r"\writes{y} = \max(\reads{a}, \weights{b})"),
    (Minimum, np.minimum, "min", r"\writes{y} = \min(\reads{a}, \weights{b})"),
)
"""The layers that merge, the function of two numbers, its sign and the formula of two inputs."""


def move(work: Work) -> None:
    """Add the part of a layer that moves numbers, or hands them on as they are."""
    layer, x = work.layer, work.inputs[0]
    found: NDArray[np.int64]
    if isinstance(layer, PASSING):
        found, telling = np.arange(x.size), _passing(layer)
    elif isinstance(layer, Masking):
        found = np.arange(x.size).reshape(x.shape)
        found[~work.cache["mask"].astype(np.bool_)] = -1
        telling = Moving(
            Message("Steps that are filling become 0, and are passed over from here on."),
            Message("This step is filling, and no data: 0."),
        )
    else:
        telling = (
            Moving(Message("The same numbers at every step."), Message(""))
            if isinstance(layer, RepeatVector)
            else moving_of(layer)
        )
        found = origins(layer, work.sample_shapes[0])
    part = CellPart(
        "layer_1",
        work.title,
        source=work.input_name(0),
        source_shape=x.shape,
        origins=found,
        taken="taken_1",
        output=OUTPUT,
        values=work.output,
        formula=Same(MOVED),
        telling=telling,
    )
    work.add(part, station=OUTPUT[1], output_1=OUTPUT[1], taken_1=Message("Value"))


def _passing(layer: Layer) -> Moving:
    if isinstance(layer, Dropout):
        rule = Message(
            "In training, {share} become 0, the rest are multiplied by {scale}. Here all go on.",
            {
                "share": f"{100 * layer.rate:g} %",
                "scale": number(1 / (1 - layer.rate)) if layer.rate < 1 else "0",
            },
        )
    else:
        assert isinstance(layer, GaussianNoise)
        rule = Message(
            "In training, noise with a deviation of {deviation} is added. Here all go on.",
            {"deviation": number(layer.stddev)},
        )
    return Moving(rule, Message(""))


def activate(work: Work) -> None:
    """Add the activation of each number, or a softmax along an axis."""
    layer, x = work.layer, work.inputs[0]
    if isinstance(layer, Softmax):
        axis = layer.axis % (len(work.sample_shapes[0]) + 1) - 1
        row = len(work.sample_shapes[0]) == 1
        grouped = {0, 1} if row else {axis}
        if max(grouped) >= x.ndim:
            raise ValueError("It takes shares of one number alone, which is always 1.")
        softmax_of(work, work.input_name(0), x, work.output, grouped=grouped)
        return
    activation = layer.activation  # type: ignore[attr-defined]
    if activation.name == "softmax" and len(work.sample_shapes[0]) == 1:
        softmax_of(work, work.input_name(0), x, work.output, grouped={0, 1})
        return
    bend(work, work.input_name(0), x, activation, work.output)


def merge(work: Work) -> None:
    """Add the part that makes one number of one of each input."""
    layer = work.layer
    function, sign, symbols = next(
        (function, sign, symbols)
        for kind, function, sign, symbols in MERGING
        if isinstance(layer, kind)
    )
    many = len(work.inputs)
    divisor = many if isinstance(layer, Average) else 1
    shape = work.output.shape
    reading = []
    for at, x in enumerate(work.inputs):
        along = tuple(
            Along(axis) if x.shape[axis] == shape[axis] else Along() for axis in range(len(shape))
        )
        reading.append(Operand(*work.input_name(at), x.shape, along))
    part = PointPart(
        "layer_1",
        work.title,
        reading=reading,
        output=OUTPUT,
        values=work.output,
        formula=Merged(symbols if many == 2 else _symbols(sign, many, divisor), function, divisor),
        telling=_merging(sign, divisor),
        node=sign if divisor == 1 else "mean",
        rule=Message("Cell by cell, of the same place in each input."),
    )
    work.add(part, station=OUTPUT[1], output_1=OUTPUT[1])


def _symbols(sign: str, many: int, divisor: int) -> str:
    if sign in ("max", "min"):
        return rf"\writes{{y}} = \{sign}(\reads{{x_1}}, \ldots, \reads{{x_{{{many}}}}})"
    written = {"+": "+", "−": "-", "×": r"\cdot"}[sign]
    row = rf"\reads{{x_1}} {written} \ldots {written} \reads{{x_{{{many}}}}}"
    return (
        rf"\writes{{y}} = \frac{{{row}}}{{{divisor}}}" if divisor > 1 else rf"\writes{{y}} = {row}"
    )


def _merging(sign: str, divisor: int) -> Telling:
    named = sign in ("max", "min")

    def told(values: Any, result: float) -> tuple[tuple[Piece, ...], Message]:
        pieces: list[Piece] = []
        opens = named or divisor > 1
        if opens:
            pieces.append(Piece(f"{sign}(" if named else "("))
        for at, value in enumerate(values):
            if at:
                pieces.append(Piece(",", glued=True) if named else Piece(sign))
            tone = Tone.WEIGHTS if at == 1 else Tone.READS
            pieces.append(Piece(factor(value), tone, glued=opens and at == 0))
        if opens:
            pieces.append(Piece(")", glued=True))
        if divisor > 1:
            pieces += [Piece("÷"), Piece(str(divisor))]
        shown = [(value, number(value)) for value in (*values, result)]
        pieces += [Piece(relation(*shown)), Piece(number(result), Tone.WRITES)]
        return tuple(pieces), Message(
            "the same place of the {count} inputs comes to {result}.",
            {"count": len(values), "result": stated(result)},
        )

    return told


def join(work: Work) -> None:
    """Add the part that lays inputs side by side."""
    layer = work.layer
    assert isinstance(layer, Concatenate)
    rank = len(work.sample_shapes[0])
    axis = layer.axis % (rank + 1) - 1
    if rank == 1:
        axis = 1  # numbers in a row, which are laid out so
    part = JoinPart(
        "layer_1",
        work.title,
        sources=[(*work.input_name(at), x.shape) for at, x in enumerate(work.inputs)],
        axis=axis,
        output=OUTPUT,
        values=work.output,
    )
    work.add(part, station=OUTPUT[1], output_1=OUTPUT[1])


def look_up(work: Work) -> None:
    """Add the part that takes a row of a table for each number."""
    assert isinstance(work.layer, Embedding)
    table = work.weights["table_1"]
    work.give("table_1", Message("Table"), table)
    part = LookupPart(
        "layer_1",
        work.title,
        indices=(*work.input_name(0), work.inputs[0]),
        table=("table_1", Message("Table"), table.shape),
        output=OUTPUT,
        values=work.output,
    )
    work.add(part, station=OUTPUT[1], output_1=OUTPUT[1])
