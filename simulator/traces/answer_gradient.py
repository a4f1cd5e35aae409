"""What a loss says of an answer: the first step of the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.activations import Activation, Sigmoid, Softmax
from simulator.engine.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    Loss,
    MeanAbsoluteError,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
)
from simulator.traces.formula import Formula, Message
from simulator.traces.gradient_formulas import (
    GAP,
    GAPS,
    SIGN,
    SQUARED,
    Gap,
    SignOfGap,
    told_gap,
    told_sign,
)
from simulator.traces.laid_layers import LaidLayer
from simulator.traces.model import Role, TraceArray, given
from simulator.traces.pair_part import PairPart, PairTelling, Pieces
from simulator.traces.part import UnitWords

Array = NDArray[Any]

PLANE = ("row", "column")


@dataclass(frozen=True, slots=True)
class AnswerGradient:
    """The part that begins the way back, what it makes, and what is given for it.

    ``fused`` tells that it is the gradient at the sums before the last softmax or sigmoid.
    """

    part: PairPart
    output: tuple[str, Message]
    values: Array
    given: tuple[TraceArray, ...]
    titles: Mapping[str, Message]
    stations: tuple[tuple[str, Message], ...]
    fused: bool


@dataclass(frozen=True, slots=True)
class _Kind:
    """How the gradient by an answer is computed and told."""

    formula: Formula
    pieces: Pieces
    sentence: str


def answer_gradient(
    last: LaidLayer, made: Array, loss: Loss, target: Array, words: UnitWords, title: Message
) -> AnswerGradient:
    """Return how the way back begins at what the last layer made (R, C), called ``title``.

    Raises:
        ValueError: the gradient of this loss is not shown after such a layer.
    """
    activation: Activation | None = getattr(last.layer, "activation", None)
    logits = bool(getattr(loss, "from_logits", False))
    shown, name = made, last.names.output
    goal = _goal(loss, np.asarray(target), made)
    flat = made.reshape(1, -1)
    of_class = isinstance(loss, SparseCategoricalCrossentropy)
    rows = np.asarray(target).reshape((1,) if of_class else (1, -1))
    fused = False
    if isinstance(loss, MeanSquaredError | MeanAbsoluteError):
        kind = _difference(loss, made.size)
        expected = loss.gradient(rows, flat)
    else:
        kind = _cross_entropy(loss, made.size)
        through = Sigmoid() if isinstance(loss, BinaryCrossentropy) else Softmax()
        if logits:
            shown, name = through.value(flat).reshape(made.shape), "probabilities"
            title = Message("Probabilities, in the loss")
            expected = loss.gradient(rows, flat)
        else:
            found = None if activation is None else loss.gradient_through(activation, rows, flat)
            if found is None:
                raise ValueError(
                    "The way back from this loss is shown after a "
                    f"{through.name}, and the last layer has {activation and activation.name}."
                )
            expected, fused = found, True
    values = kind.formula.value(shown, goal)
    if not np.allclose(values, expected.reshape(made.shape), rtol=1e-4, atol=1e-6):
        raise ValueError(
            "The network holds what is true for all but impossible: there the loss is cut off, and "
            "nothing goes back from it."
        )
    output = "d_answer", Message("δ: gradient of the scores" if fused else "Gradient of the output")
    part = PairPart(
        "answer",
        Message("From the loss to the answer"),
        first=(name, title),
        second=("truth", Message("Target")),
        output=output,
        values=values,
        formula=kind.formula,
        telling=PairTelling(kind.pieces, kind.sentence, "−"),
        words=words,
    )
    arrays = (
        given(name, PLANE, Role.READS, shown),
        given("truth", PLANE, Role.WEIGHTS, goal),
    )
    return AnswerGradient(
        part,
        output,
        values,
        arrays,
        {name: title, "truth": Message("Target")},
        ((name, Message("Output")),),
        fused,
    )


def _goal(loss: Loss, target: Array, made: Array) -> Array:
    """Return what the answer should be, number by number, as the loss takes it."""
    if isinstance(loss, SparseCategoricalCrossentropy):
        label = int(target.reshape(-1)[0])
        if label == loss.ignore_class or not 0 <= label < made.size:
            raise ValueError("This sample doesn't count for the loss: nothing goes back from it.")
        one_hot = np.zeros(made.size, made.dtype)
        one_hot[label] = 1
        return one_hot.reshape(made.shape)
    if target.size != made.size:
        raise ValueError(f"The target has {target.size} numbers for the {made.size} put out.")
    told = target.reshape(made.shape).astype(made.dtype)
    smoothing = getattr(loss, "label_smoothing", 0.0)
    even = 0.5 if isinstance(loss, BinaryCrossentropy) else 1 / made.size
    smooth: Array = (told * (1 - smoothing) + even * smoothing).astype(made.dtype)
    return smooth


def _difference(loss: Loss, count: int) -> _Kind:
    sentence = "The output of {unit} should change the other way: the gradient is {result}."
    if isinstance(loss, MeanSquaredError):
        scale = 2 / count
        symbols = SQUARED.replace("@", str(count))
        return _Kind(Gap(symbols, scale), told_gap(scale), sentence)
    scale = 1 / count
    symbols = SIGN.replace("@", str(count))
    return _Kind(SignOfGap(symbols, scale), told_sign(scale), sentence)


def _cross_entropy(loss: Loss, count: int) -> _Kind:
    sentence = "The probability of {unit} less what it should be: so the loss changes with its sum."
    if isinstance(loss, CategoricalCrossentropy | SparseCategoricalCrossentropy) or count == 1:
        return _Kind(Gap(GAP), told_gap(1.0), sentence)
    if isinstance(loss, BinaryCrossentropy):
        symbols = GAPS.replace("@", str(count))
        return _Kind(Gap(symbols, 1 / count), told_gap(1 / count), sentence)
    raise ValueError(f"The way back from {type(loss).__name__} is not shown.")
