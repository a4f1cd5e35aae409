"""What becomes of the sums of a layer at work: an activation of each, or a softmax of several."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.activations import Activation
from simulator.traces.cell_part import Bent, CellPart
from simulator.traces.cell_telling import Bending
from simulator.traces.fold_part import FoldNames, FoldPart
from simulator.traces.folds import ADDED, LARGEST, Exponential, Itself, Share
from simulator.traces.formula import Message, Piece, Tone
from simulator.traces.layer_parts import bent_symbols, function_name
from simulator.traces.numbers import equation_sign, factor, number, stated
from simulator.traces.operands import Along, Operand
from simulator.traces.point_part import PointPart
from simulator.traces.work import OUTPUT, Named, Work

Array = NDArray[Any]

SOFTMAX = "softmax"


def is_linear(activation: Activation | None) -> bool:
    """Return whether an activation leaves each number as it is."""
    return activation is None or activation.name == "linear"


def bend(work: Work, source: Named, x: Array, activation: Activation, output: Array) -> None:
    """Add the activation of numbers (R, C) or (R, C, maps); of a softmax, over the last axis."""
    if activation.name == SOFTMAX:
        softmax_of(work, source, x, output, grouped={x.ndim - 1})
        return
    part = CellPart(
        "bent",
        Message("Activation"),
        source=source,
        source_shape=x.shape,
        origins=np.arange(x.size),
        taken="bent_value",
        output=OUTPUT,
        values=output,
        formula=Bent(bent_symbols(activation), activation),
        telling=Bending(function_name(activation)),
    )
    work.add(
        part,
        station=OUTPUT[1],
        output_1=OUTPUT[1],
        bent_value=Message("Value"),
    )


def of_group(shape: Sequence[int], grouped: Collection[int]) -> tuple[Along, ...]:
    """Return that a unit of a group reads all of the axes that the group has."""
    return tuple(
        Along.whole(length) if axis in grouped else Along(axis) for axis, length in enumerate(shape)
    )


def for_group(shape: Sequence[int], grouped: Collection[int]) -> tuple[Along, ...]:
    """Return that a unit reads the one number of its group."""
    return tuple(Along() if axis in grouped else Along(axis) for axis in range(len(shape)))


def grouped_shape(shape: Sequence[int], grouped: Collection[int]) -> tuple[int, ...]:
    """Return the shape of one number for each group."""
    return tuple(1 if axis in grouped else length for axis, length in enumerate(shape))


def rows_of_terms(shape: Sequence[int], grouped: Collection[int]) -> tuple[int, int]:
    """Return the rows and columns that the terms of a group are laid out in."""
    lengths = [shape[axis] for axis in sorted(grouped)]
    return (lengths[0], lengths[1]) if len(lengths) == 2 else (1, lengths[0])


def softmax_of(
    work: Work,
    source: Named,
    x: Array,
    output: Array,
    *,
    grouped: Collection[int],
    made: Named = OUTPUT,
) -> None:
    """Add the shares of numbers along some axes: e to their power, over the sum of these.

    The largest is taken away from each before, as the engine does it, so that no power overflows.
    """
    shape = grouped_shape(x.shape, grouped)
    largest = x.max(axis=tuple(grouped), keepdims=True)
    powers = np.exp(x - largest)
    total = powers.sum(axis=tuple(grouped), keepdims=True)
    names = {key: f"{made[0]}_{key}" for key in ("largest", "total")}
    z = Operand(*source, x.shape, of_group(x.shape, grouped))
    m = Operand(names["largest"], Message("Largest"), shape, _each(shape))
    _fold(work, names["largest"], Message("Largest"), (z, x), None, largest, grouped)
    _fold(work, names["total"], Message("Sum"), (z, x), (m, largest), total, grouped)
    every = _each(x.shape)
    part = PointPart(
        f"{made[0]}_shares",
        Message("Shares"),
        reading=(
            Operand(*source, x.shape, every),
            Operand(
                names["total"],
                Message("Sum"),
                shape,
                for_group(x.shape, grouped),
            ),
            Operand(names["largest"], Message("Largest"), shape, for_group(x.shape, grouped)),
        ),
        output=made,
        values=output,
        formula=Share(r"\writes{p} = \frac{\exp(\reads{z} - m)}{\weights{S}}"),
        telling=_told_share,
        node="÷",
    )
    work.add(part, station=made[1], **{made[0]: made[1]})


def _each(shape: Sequence[int]) -> tuple[Along, ...]:
    return tuple(Along(axis) for axis in range(len(shape)))


def _fold(
    work: Work,
    name: str,
    title: Message,
    x: tuple[Operand, Array],
    largest: tuple[Operand, Array] | None,
    values: Array,
    grouped: Collection[int],
) -> None:
    powers = largest is not None
    terms, running = f"{name}_terms", f"{name}_running"
    part = FoldPart(
        name,
        Message("Sum of the powers of e") if powers else Message("Largest"),
        names=FoldNames(
            terms=terms,
            running=running,
            output=name,
            output_title=title,
            term=Message("Power") if powers else Message("Value"),
            terms_title=Message("Powers of e") if powers else Message("Values"),
        ),
        operands=[x] if largest is None else [x, largest],
        term_shape=rows_of_terms(x[1].shape, grouped),
        combine=Exponential(r"\exp(\reads{z} - \weights{m})") if powers else Itself(r"\reads{z}"),
        told=_told_power if powers else _told_value,
        fold=ADDED if powers else LARGEST,
        symbols=r"\writes{S} = \sum_j \exp(\reads{z_j} - \weights{m})"
        if powers
        else r"\writes{m} = \max_j \reads{z_j}",
        values=values,
    )
    work.add(
        part,
        station=title,
        **{name: title, terms: Message("Term"), running: Message("So far")},
    )


def _told_value(values: Sequence[float]) -> tuple[Piece, ...]:
    return (Piece(number(values[0]), Tone.READS),)


def _told_power(values: Sequence[float]) -> tuple[Piece, ...]:
    z, largest = values
    return (
        Piece("exp("),
        Piece(number(z), Tone.READS, glued=True),
        Piece("−"),
        Piece(factor(largest), Tone.WEIGHTS),
        Piece(")", glued=True),
    )


def _told_share(values: Sequence[float], result: float) -> tuple[tuple[Piece, ...], Message]:
    z, total, largest = values
    power = number(float(np.exp(z - largest)))
    shown = number(total), number(result)
    headline = (
        Piece(power, Tone.READS),
        Piece("÷"),
        Piece(shown[0], Tone.WEIGHTS),
        Piece(equation_sign(power, "÷", *shown)),
        Piece(shown[1], Tone.WRITES),
    )
    return headline, Message(
        "e to the power of {z} − {largest} is {power}, and its share of the sum is {share}.",
        {
            "z": number(z),
            "largest": factor(largest),
            "power": power,
            "share": stated(result),
        },
    )
