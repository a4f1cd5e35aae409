"""A loss as the last parts of a trace: what a network's answer costs for one sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.activations import Sigmoid, Softmax
from simulator.engine.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    Loss,
    MeanAbsoluteError,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
)
from simulator.traces.cell_part import Bent, CellPart
from simulator.traces.cell_telling import Bending, CellTelling, Told
from simulator.traces.formula import Formula, Message, Piece, Tone
from simulator.traces.laid_layers import LayerNames
from simulator.traces.loss_formulas import (
    AbsoluteError,
    BinarySurprise,
    NegativeLogarithm,
    WeighedLogarithm,
)
from simulator.traces.model import Role, TraceArray, given
from simulator.traces.numbers import factor, number, stated
from simulator.traces.part import Part, UnitWords
from simulator.traces.softmax_parts import softmax_parts
from simulator.traces.staged_formulas import SquaredError
from simulator.traces.sum_part import SumNames, SumPart
from simulator.traces.sum_part import Told as TermTold

Array = NDArray[Any]

LOSS = "loss"
SURPRISE = r"\writes{L} = -\log \reads{p_t}"
TARGET = Message("Target")


@dataclass(frozen=True, slots=True)
class LossParts:
    """The parts of a loss, the arrays that are given for them, and what their arrays are called.

    ``stations`` are those of the arrays that an overview shows besides the network's own.
    """

    parts: tuple[Part, ...] = ()
    given: tuple[TraceArray, ...] = ()
    titles: Mapping[str, Message] = field(default_factory=dict)
    stations: tuple[tuple[str, Message], ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a network puts out: the array's name and title, its values (R, C), how units are called.

    ``number`` counts the layers up to it.
    """

    name: str
    title: Message
    values: Array
    words: UnitWords
    number: int


def loss_parts(loss: Loss, target: Array, answer: Answer) -> LossParts:
    """Return what the loss of one sample comes to, as the engine computes it.

    ``target`` is as the loss takes it: the number of a class, or a number for each output. Losses
    other than cross-entropies and mean squared or absolute errors have no parts, nor has a class
    that the loss ignores.
    """
    flat = answer.values.reshape(1, -1)
    if isinstance(loss, SparseCategoricalCrossentropy):
        label = int(np.asarray(target).reshape(-1)[0])
        if label == loss.ignore_class or not 0 <= label < flat.size:
            return LossParts()
        total = float(loss.value(np.array([label]), flat)[0])
        return _classified(label, total, answer, logits=loss.from_logits)
    if not isinstance(
        loss, CategoricalCrossentropy | BinaryCrossentropy | MeanSquaredError | MeanAbsoluteError
    ):
        return LossParts()
    goal = np.asarray(target, dtype=answer.values.dtype).reshape(-1)
    if goal.size != flat.size:
        return LossParts()
    total = float(loss.value(goal[None], flat)[0])
    if isinstance(loss, CategoricalCrossentropy | BinaryCrossentropy) and loss.label_smoothing:
        even = 0.5 if isinstance(loss, BinaryCrossentropy) else 1 / goal.size
        goal = goal * (1 - loss.label_smoothing) + even * loss.label_smoothing
        goal = goal.astype(answer.values.dtype)
    if isinstance(loss, CategoricalCrossentropy):
        if np.count_nonzero(goal) == 1 and goal.max() == 1:
            return _classified(int(goal.argmax()), total, answer, logits=loss.from_logits)
        return _summed(_CATEGORICAL, goal, total, answer, logits=loss.from_logits)
    if isinstance(loss, BinaryCrossentropy):
        return _summed(_BINARY, goal, total, answer, logits=loss.from_logits)
    return _summed(
        _SQUARED if isinstance(loss, MeanSquaredError) else _ABSOLUTE, goal, total, answer
    )


# Before the loss: what it makes of scores


def _as_shares(answer: Answer, *, logits: bool) -> tuple[Answer, LossParts]:
    """Return the probabilities that a cross-entropy is of, and what makes them of scores."""
    if not logits:
        return answer, LossParts()
    names = LayerNames.of(answer.number + 1)
    shares = Softmax().value(answer.values.reshape(1, -1)).reshape(answer.values.shape)
    parts = softmax_parts(
        f"{LOSS}_softmax",
        Message("Softmax, in the loss"),
        names=names,
        source=(answer.name, answer.title),
        scores=answer.values,
        output=Message("Probabilities"),
        shares=shares,
        words=answer.words,
    )
    titles = {
        names.taken: Message("Value"),
        names.moved: Message("Value"),
        names.largest: Message("Largest score"),
        names.exponentials: Message("Exponential"),
        names.so_far: Message("Sum of the exponentials so far"),
        names.total: Message("Sum of the exponentials"),
        names.output: Message("Probabilities"),
    }
    return _made_of(answer, names.output, shares), LossParts(
        tuple(parts), (), titles, ((names.output, Message("Softmax")),)
    )


def _as_chances(answer: Answer, *, logits: bool) -> tuple[Answer, LossParts]:
    """Return the probabilities that a binary cross-entropy is of, each made of its own score."""
    if not logits:
        return answer, LossParts()
    names = LayerNames.of(answer.number + 1)
    chances = Sigmoid().value(answer.values)
    part = CellPart(
        f"{LOSS}_sigmoid",
        Message("Sigmoid, in the loss"),
        source=(answer.name, answer.title),
        source_shape=answer.values.shape,
        origins=np.arange(chances.size),
        taken=names.taken,
        output=(names.output, Message("Probabilities")),
        values=chances,
        formula=Bent(r"\writes{p} = \sigma(\reads{z})", Sigmoid()),
        telling=Bending("σ"),
    )
    part.words = answer.words
    titles = {names.taken: Message("Value"), names.output: Message("Probabilities")}
    return _made_of(answer, names.output, chances), LossParts(
        (part,), (), titles, ((names.output, Message("Sigmoid")),)
    )


def _made_of(answer: Answer, name: str, values: Array) -> Answer:
    return Answer(name, Message("Probabilities"), values, answer.words, answer.number + 1)


# The loss of a class: one logarithm


def _classified(label: int, total: float, answer: Answer, *, logits: bool) -> LossParts:
    shares, before = _as_shares(answer, logits=logits)
    part = CellPart(
        LOSS,
        Message("Cross-entropy"),
        source=(shares.name, shares.title),
        source_shape=shares.values.shape,
        origins=np.array([label]),
        taken="loss_share",
        output=(LOSS, Message("Loss")),
        values=np.array([[total]], dtype=shares.values.dtype),
        formula=NegativeLogarithm(SURPRISE),
        telling=_Surprise(answer.words.of(label)),
    )
    titles = {"loss_share": Message("Probability of the true class"), LOSS: Message("Loss")}
    return _joined(before, part, titles, ())


class _Surprise(CellTelling):
    """Minus the logarithm of the probability of the true class."""

    node = "−log"
    rule = Message("")

    def __init__(self, unit: Message) -> None:
        """Take what the unit of the true class is called."""
        self._unit = unit

    def told(
        self,
        index: tuple[int, ...],
        origin: tuple[int, ...] | None,
        *,
        taken: float,
        result: float,
        statistics: Sequence[float] | None,
    ) -> Told:
        """Return the probability, and its logarithm with the other sign."""
        del index, origin, statistics
        headline = (
            Piece("−log("),
            Piece(number(taken), Tone.READS, glued=True),
            Piece(")", glued=True),
            Piece("≈"),
            Piece(number(result), Tone.WRITES),
        )
        return headline, Message(
            "The true class is {unit}, its probability is {share}: the less, the more it costs.",
            {"unit": self._unit, "share": stated(taken)},
        )


# Losses that add something up over all outputs


@dataclass(frozen=True, slots=True)
class _Kind:
    """A loss that adds up a term for each output."""

    title: str
    term: str
    symbols: str  # of the whole, with @ for how often there is a term
    formula: Formula
    told: TermTold
    mean: bool


def _summed(
    kind: _Kind, goal: Array, total: float, answer: Answer, *, logits: bool = False
) -> LossParts:
    source, before = answer, LossParts()
    if kind is _CATEGORICAL:
        source, before = _as_shares(answer, logits=logits)
    elif kind is _BINARY:
        source, before = _as_chances(answer, logits=logits)
    target = goal.reshape(source.values.shape)
    part = SumPart(
        LOSS,
        Message(kind.title),
        names=SumNames(
            sources=(source.name, "target"),
            titles=(source.title, TARGET),
            terms="loss_term",
            terms_title=Message(kind.term),
            running="loss_so_far",
            total=LOSS,
            total_title=Message("Loss"),
            symbols=kind.symbols.replace("@", str(goal.size)),
            term_word=Message("Term"),
            node="mean" if kind.mean and goal.size > 1 else "Σ",
        ),
        terms=kind.formula.value(source.values, target),
        total=total,
        formula=kind.formula,
        told=kind.told,
        divisor=int(goal.size) if kind.mean else 1,
    )
    titles = {
        "target": TARGET,
        "loss_term": Message(kind.term),
        "loss_so_far": Message("Sum of the terms so far"),
        LOSS: Message("Loss"),
    }
    return _joined(
        before, part, titles, (given("target", ("row", "column"), Role.WEIGHTS, target),)
    )


def _joined(
    before: LossParts, part: Part, titles: Mapping[str, Message], arrays: tuple[TraceArray, ...]
) -> LossParts:
    return LossParts(
        (*before.parts, part),
        arrays,
        {**before.titles, **titles},
        (*before.stations, (LOSS, Message("Loss"))),
    )


def _told_difference(before: str, after: str) -> TermTold:
    def told(values: Sequence[float]) -> tuple[Piece, ...]:
        made, target = values
        return (
            Piece(before),
            Piece(number(made), Tone.READS, glued=True),
            Piece("−"),
            Piece(factor(target), Tone.WEIGHTS),
            Piece(after, glued=True),
        )

    return told


def _told_categorical(values: Sequence[float]) -> tuple[Piece, ...]:
    share, target = values
    return (
        Piece("−"),
        Piece(number(target), Tone.WEIGHTS, glued=True),
        Piece("log("),
        Piece(number(share), Tone.READS, glued=True),
        Piece(")", glued=True),
    )


def _told_binary(values: Sequence[float]) -> tuple[Piece, ...]:
    """Return the logarithm that counts: of p where the target is 1, of 1 − p where it is 0."""
    share, target = values
    if target in (0.0, 1.0):
        inner: tuple[Piece, ...] = (Piece(number(share), Tone.READS, glued=True),)
        if target == 0:
            inner = (Piece("1", glued=True), Piece("−"), Piece(number(share), Tone.READS))
        return (Piece("−log("), *inner, Piece(")", glued=True))
    return (
        *_told_categorical((share, target)),
        Piece("−"),
        Piece(number(1 - target), Tone.WEIGHTS),
        Piece("log(1 −"),
        Piece(number(share), Tone.READS),
        Piece(")", glued=True),
    )


_CATEGORICAL = _Kind(
    "Cross-entropy",
    "−t · log p",
    r"\writes{L} = -\sum_{j} \weights{t_j} \log \reads{p_j}",
    WeighedLogarithm(r"\writes{l_j} = -\weights{t_j} \log \reads{p_j}"),
    _told_categorical,
    mean=False,
)
_BINARY = _Kind(
    "Binary cross-entropy",
    "Terms",
    r"\writes{L} = -\frac{1}{@}\sum_{j} \weights{t_j} \log \reads{p_j} + "
    r"(1 - \weights{t_j}) \log (1 - \reads{p_j})",
    BinarySurprise(
        r"\writes{l_j} = -\weights{t_j} \log \reads{p_j} - (1 - \weights{t_j}) "
        r"\log (1 - \reads{p_j})"
    ),
    _told_binary,
    mean=True,
)
_SQUARED = _Kind(
    "Mean squared error",
    "Squared errors",
    r"\writes{L} = \frac{1}{@}\sum_{j} (\reads{y_j} - \weights{t_j})^2",
    SquaredError(r"\writes{l_j} = (\reads{y_j} - \weights{t_j})^2"),
    _told_difference("(", ")²"),
    mean=True,
)
_ABSOLUTE = _Kind(
    "Mean absolute error",
    "Absolute errors",
    r"\writes{L} = \frac{1}{@}\sum_{j} |\reads{y_j} - \weights{t_j}|",
    AbsoluteError(r"\writes{l_j} = |\reads{y_j} - \weights{t_j}|"),
    _told_difference("|", "|"),
    mean=True,
)
