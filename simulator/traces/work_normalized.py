"""A layer at work that normalizes: by what training has left, or by each sample's own mean."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.layers import BatchNormalization, LayerNormalization
from simulator.traces.fold_part import FoldNames, FoldPart
from simulator.traces.folds import (
    ADDED,
    Itself,
    ScaledAndShifted,
    SquaredDistance,
    Standardized,
)
from simulator.traces.formula import Formula, Message, Piece, Tone
from simulator.traces.numbers import factor, number, stated
from simulator.traces.operands import Along, Operand
from simulator.traces.point_part import PointPart, Telling
from simulator.traces.work import OUTPUT, Named, Work
from simulator.traces.work_ends import for_group, grouped_shape, of_group, rows_of_terms

Array = NDArray[Any]

STANDARDIZED = r"\writes{\hat{x}} = \frac{\reads{x} - \weights{\mu}}{\sqrt{\sigma^2 + \varepsilon}}"
SCALED, SHIFTED = r"\weights{\gamma} \cdot \reads{\hat{x}}", r" + \beta"
MEAN = ("mean_1", Message("Mean"))
VARIANCE = ("variance_1", Message("Variance"))
HAT = ("normalized_1", Message("Normalized"))
STATISTICS = ("mean_1", "variance_1", "gamma_1", "beta_1")


def normalize(work: Work) -> None:
    """Add the parts of a BatchNormalization or LayerNormalization along the last axis."""
    layer, x = work.layer, work.inputs[0]
    assert isinstance(layer, BatchNormalization | LayerNormalization)
    rank = len(work.sample_shapes[0])
    if layer.axes not in ((-1,), (rank,)):
        raise ValueError("It normalizes along another axis than the last, which can't be shown.")
    if isinstance(layer, BatchNormalization):
        for name, title in (MEAN, VARIANCE):
            work.give(name, title, work.weights[name])
        read = channelwise(x.shape, rank)
        mean, variance = (
            Operand(name, title, work.weights[name].shape, read) for name, title in (MEAN, VARIANCE)
        )
    else:
        grouped = {0, 1} if rank == 1 else {x.ndim - 1}
        if rank > 1 and x.ndim != rank:
            raise ValueError("It normalizes one number by itself, which always comes to 0.")
        _own_statistics(work, x, grouped)
        shape = grouped_shape(x.shape, grouped)
        mean, variance = (
            Operand(name, title, shape, for_group(x.shape, grouped))
            for name, title in (MEAN, VARIANCE)
        )
    plain = not (layer.scale or layer.center)
    target = OUTPUT if plain else HAT
    every = tuple(Along(axis) for axis in range(x.ndim))
    part = PointPart(
        "standardized",
        Message("Normalized"),
        reading=(Operand(*work.input_name(0), x.shape, every), mean, variance),
        output=target,
        values=work.output if plain else work.cache["normalized"].reshape(x.shape),
        formula=Standardized(STANDARDIZED, layer.epsilon),
        telling=_standardizing(layer.epsilon),
        node="norm",
    )
    work.add(part, station=target[1], **{target[0]: target[1]})
    if not plain:
        _scale(work, x.shape, rank, scaled=layer.scale, shifted=layer.center)


def channelwise(shape: Sequence[int], rank: int) -> tuple[Along, ...]:
    """Return how a unit reads the number of its channel: of a row, that of its own cell."""
    if rank == 1:
        return Along(0), Along(1)
    return Along(), Along(len(shape) - 1 if len(shape) == rank else None)


def laid_statistic(weight: Array, x: Sequence[int], rank: int) -> Array:
    """Return a weight for each channel (C,) as it is shown beside an input laid out as ``x``."""
    return weight.reshape(tuple(x) if rank == 1 else (1, -1))


def _own_statistics(work: Work, x: Array, grouped: Collection[int]) -> None:
    shape = grouped_shape(x.shape, grouped)
    source = Operand(*work.input_name(0), x.shape, of_group(x.shape, grouped))
    mean = work.cache["mean"].reshape(shape)
    every = tuple(Along(axis) for axis in range(len(shape)))
    _fold(
        work,
        MEAN,
        [(source, x)],
        mean,
        grouped,
        Itself(r"\reads{x}"),
        r"\writes{\mu} = \frac{1}{n}\sum_i \reads{x_i}",
    )
    _fold(
        work,
        VARIANCE,
        [(source, x), (Operand(*MEAN, shape, every), mean)],
        work.cache["variance"].reshape(shape),
        grouped,
        SquaredDistance(r"(\reads{x} - \weights{\mu})^2"),
        r"\writes{\sigma^2} = \frac{1}{n}\sum_i (\reads{x_i} - \weights{\mu})^2",
    )


def _fold(
    work: Work,
    made: Named,
    operands: Sequence[tuple[Operand, Array]],
    values: Array,
    grouped: Collection[int],
    combine: Formula,
    symbols: str,
) -> None:
    terms, running = f"{made[0]}_terms", f"{made[0]}_running"
    squares = len(operands) > 1
    part = FoldPart(
        made[0],
        made[1],
        names=FoldNames(
            terms=terms,
            running=running,
            output=made[0],
            output_title=made[1],
            term=Message("Square") if squares else Message("Value"),
            terms_title=Message("Squares") if squares else Message("Values"),
        ),
        operands=operands,
        term_shape=rows_of_terms(operands[0][1].shape, grouped),
        combine=combine,
        told=_told_square if squares else _told_value,
        fold=ADDED,
        symbols=symbols,
        values=values,
        divisor=operands[0][0].count,
    )
    work.add(
        part,
        station=made[1],
        **{made[0]: made[1], terms: Message("Term"), running: Message("Sum so far")},
    )


def _scale(work: Work, shape: Sequence[int], rank: int, *, scaled: bool, shifted: bool) -> None:
    every = tuple(Along(axis) for axis in range(len(shape)))
    reading = [Operand(*HAT, shape, every)]
    read = channelwise(shape, rank)
    for name, title, there in (
        ("gamma_1", Message("Scale γ"), scaled),
        ("beta_1", Message("Shift β"), shifted),
    ):
        if there:
            weight = work.weights[name]
            work.give(name, title, weight)
            reading.append(Operand(name, title, weight.shape, read))
    symbols = SCALED if scaled else r"\reads{\hat{x}}"
    symbols += SHIFTED if shifted and scaled else r" + \weights{\beta}" if shifted else ""
    part = PointPart(
        "scaled",
        Message("Scaled and shifted"),
        reading=reading,
        output=OUTPUT,
        values=work.output,
        formula=ScaledAndShifted(rf"\writes{{y}} = {symbols}", scaled, shifted),
        telling=_scaling(scaled=scaled, shifted=shifted),
        node="γ·x+β" if scaled and shifted else "γ·x" if scaled else "x+β",
    )
    work.add(part, station=OUTPUT[1], output_1=OUTPUT[1])


def _told_value(values: Sequence[float]) -> tuple[Piece, ...]:
    return (Piece(factor(values[0]), Tone.READS),)


def _told_square(values: Sequence[float]) -> tuple[Piece, ...]:
    x, mean = values
    return (
        Piece("("),
        Piece(number(x), Tone.READS, glued=True),
        Piece("−"),
        Piece(factor(mean), Tone.WEIGHTS),
        Piece(")²", glued=True),
    )


def _standardizing(epsilon: float) -> Telling:
    def told(values: Sequence[float], result: float) -> tuple[tuple[Piece, ...], Message]:
        x, mean, variance = values
        deviation = float(np.sqrt(variance + epsilon))
        headline = (
            Piece("("),
            Piece(number(x), Tone.READS, glued=True),
            Piece("−"),
            Piece(factor(mean), Tone.WEIGHTS),
            Piece(")", glued=True),
            Piece("÷"),
            Piece(number(deviation)),
            Piece("≈"),
            Piece(number(result), Tone.WRITES),
        )
        return headline, Message(
            "less the mean {mean}, divided by the deviation {deviation}.",
            {"mean": stated(mean), "deviation": stated(deviation)},
        )

    return told


def _scaling(*, scaled: bool, shifted: bool) -> Telling:
    def told(values: Sequence[float], result: float) -> tuple[tuple[Piece, ...], Message]:
        hat, *rest = values
        pieces = [Piece(factor(hat), Tone.READS)]
        if scaled:
            pieces += [Piece("×"), Piece(factor(rest[0]), Tone.WEIGHTS)]
        if shifted:
            pieces += [Piece("+"), Piece(factor(rest[-1]))]
        pieces += [Piece("≈"), Piece(number(result), Tone.WRITES)]
        sentence = (
            "a scale and a shift of its channel, which are learned."
            if scaled and shifted
            else "a scale of its channel, which is learned."
            if scaled
            else "a shift of its channel, which is learned."
        )
        return tuple(pieces), Message(sentence)

    return told
